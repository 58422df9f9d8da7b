"""What settles a case, or passes it on: situation, reason, false alarm, transmission."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.followup import situations
from raccord.followup.forbidden_matters import PARTNER, partner_name
from raccord.followup.models import Case, Departure, Destination, TimelineEvent
from raccord.followup.rights import Act
from raccord.followup.services.acting import Change, destination_before, perform, perform_all
from raccord.followup.vocabulary import (
    EventKind,
    FalseAlarm,
    LeavingReason,
    Outcome,
    Proof,
    SituationKind,
    Status,
)
from raccord.territory.models import Structure


def record_situation(
    actor: Actor,
    *,
    case: UUID,
    kind: str,
    proof: str = "",
    since: date | None = None,
    confirmed_on: date | None = None,
    place: str = "",
    version: int | None = None,
) -> TimelineEvent:
    """Where a young person is now. A proof that closes closes the case; a declaration makes it
    « à confirmer ». The place goes to `Destination`, which a protected schooling hides."""
    confirmed_on = confirmed_on or timezone.localdate()
    found_kind = SituationKind(kind)
    check_situation(found_kind, proof, since, confirmed_on)

    def decide(found: Case) -> Change:
        values, facts = settled(
            actor, found, found_kind, proof, since=since, confirmed_on=confirmed_on
        )
        return Change(
            EventKind.SITUATION, values, facts, restores={"destination": destination_before(found)}
        )

    def then(found: Case, event: TimelineEvent) -> None:
        keep_place(found, place, confirmed_on)

    return perform(actor, Act.SITUATION, case=case, decide=decide, version=version, then=then)


def settled(
    actor: Actor,
    case: Case,
    kind: SituationKind,
    proof: str,
    *,
    since: date | None,
    confirmed_on: date,
    lapses: date | None = None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a situation with its proof does to a case, and what the timeline says of it."""
    outcome = situations.closes(kind, proof)
    lapses = lapses or situations.lapses_on(kind, confirmed_on)
    values: dict[str, Any] = {
        "situation": kind,
        "situation_proof": proof,
        "situation_since": since,
        "situation_confirmed_on": confirmed_on,
        "situation_lapses_on": lapses,
    }
    if outcome:
        values |= _closed(actor, outcome, timezone.localdate(), case)
    elif case.is_open and case.status != Status.TRANSMITTED:
        declared = kind not in (SituationKind.NO_SOLUTION, SituationKind.UNKNOWN)
        values["status"] = Status.TO_CONFIRM if declared else Status.TO_CHECK
    facts = {
        "kind": kind.value,
        "proof": proof,
        "confirmed_on": confirmed_on.isoformat(),
        "lapses_on": lapses.isoformat(),
        "duty": situations.duty(kind, proof).value,
        "closes": bool(outcome),
    }
    if since:
        facts["since"] = since.isoformat()
    return values, facts


def keep_place(
    case: Case, place: str, seen_on: date, *, structure: Structure | None = None
) -> None:
    """Where they are, out of the timeline; a former place is not where they are now."""
    kept = place.strip()
    if kept and partner_name(kept) == PARTNER:
        kept = PARTNER
    if not (kept or structure):
        Destination.objects.filter(case=case).delete()
        return
    Destination.objects.update_or_create(
        case=case,
        defaults={
            "place": kept,
            "seen_on": seen_on,
            "source": "",
            "uai": (structure.uai or "") if structure else "",
            "structure": structure,
            "local_id": "",
            "matched_by": "declared",
        },
    )


def check_situation(
    kind: SituationKind, proof: str, since: date | None, confirmed_on: date
) -> None:
    """Refuse what cannot be true, or says nothing."""
    today = timezone.localdate()
    if confirmed_on > today:
        raise ValidationError({"confirmed_on": "Cette date est à venir."})
    if kind is SituationKind.UNKNOWN:
        return
    if not proof:
        raise ValidationError({"proof": "Dites sur quoi repose cette situation."})
    if proof not in Proof.values:
        raise ValidationError({"proof": f"« {proof} » n’est pas un justificatif connu."})
    if since and since.year < today.year - 5:
        raise ValidationError({"since": f"Le {since:%d/%m/%Y} est bien ancien : vérifiez l’année."})


def _closed(actor: Actor, outcome: Outcome, on: date, case: Case) -> dict[str, Any]:
    if not case.is_open:
        return {"outcome": outcome}
    return {
        "status": Status.CLOSED,
        "outcome": outcome,
        "closed_on": on,
        "closed_by_id": actor.user.pk,
        "next_act_on": None,
    }


def record_reason(
    actor: Actor, *, case: UUID, reason: str, version: int | None = None
) -> TimelineEvent:
    """Why they left, from a closed list and never in free text."""
    wanted = LeavingReason(reason)

    def decide(found: Case) -> Change:
        former = {str(d.pk): d.reason for d in found.departures.all()}
        return Change(EventKind.REASON, {}, {"reason": wanted.value}, restores={"reasons": former})

    def then(found: Case, event: TimelineEvent) -> None:
        Departure.objects.filter(case=found).update(reason=wanted)

    return perform(actor, Act.REASON, case=case, decide=decide, version=version, then=then)


def close_false_alarm(
    actor: Actor,
    *,
    cases: Iterable[UUID],
    which: str,
    versions: Mapping[UUID, int] | None = None,
) -> list[TimelineEvent]:
    """This name should not have been on the list; which kind of error it was teaches the
    comparison."""
    kind = FalseAlarm(which)
    today = timezone.localdate()

    def decide(found: Case) -> Change:
        values = _closed(actor, Outcome.FALSE_ALARM, today, found) | {"false_alarm": kind}
        facts = {"outcome": Outcome.FALSE_ALARM.value, "which": kind.value}
        return Change(EventKind.CLOSED, values, facts)

    return perform_all(actor, Act.FALSE_ALARM, cases=cases, decide=decide, versions=versions)


def reopen(actor: Actor, *, case: UUID, version: int | None = None) -> TimelineEvent:
    """A closed case lives again: somebody was not where we thought."""

    def decide(found: Case) -> Change:
        if Case.objects.filter(person_id=found.person_id).exclude(pk=found.pk).open().exists():
            raise ValidationError("Un autre dossier est déjà ouvert pour ce jeune : suivez-le.")
        return Change(
            EventKind.REOPENED,
            {
                "status": Status.TO_CHECK,
                "outcome": "",
                "false_alarm": "",
                "closed_on": None,
                "closed_by_id": None,
                "closed_by_run": None,
            },
        )

    return perform(actor, Act.REOPEN, case=case, decide=decide, version=version)
