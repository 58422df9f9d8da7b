"""A solution: proposed, accepted, refused or put off; then started, over or broken."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.followup.care.mandating import check_age
from raccord.followup.care.models import Proposal, Vacancy
from raccord.followup.care.undoing import changed, made
from raccord.followup.care.vacancies import seat_of, take
from raccord.followup.care.vocabulary import ProposalStatus, SolutionKind
from raccord.followup.forbidden_matters import partner_name, validate_note
from raccord.followup.models import Case, TimelineEvent
from raccord.followup.rights import Act
from raccord.followup.services.acting import (
    Change,
    Refused,
    destination_before,
    perform,
    speaking_for,
)
from raccord.followup.services.contacting import LONGEST_PAUSE
from raccord.followup.services.settling import check_situation, keep_place, settled
from raccord.followup.vocabulary import EventKind, Stage, Status
from raccord.territory.models import Structure

#: What still waits for something.
LIVE = (ProposalStatus.MADE, ProposalStatus.ACCEPTED, ProposalStatus.PAUSED)
_CLOSED = "Ce dossier est clos. Rouvrez-le d’abord."


def propose(
    actor: Actor,
    *,
    case: UUID,
    kind: str,
    course: str = "",
    structure: Structure | None = None,
    place: str = "",
    vacancy: Vacancy | None = None,
    version: int | None = None,
) -> TimelineEvent:
    """A solution is put to a young person; nothing is sent to the structure named."""
    validate_note(course)
    wanted = SolutionKind(kind)
    told = Proposal(
        kind=wanted,
        course=" ".join(course.split()),
        structure=structure,
        place=partner_name(place),
        vacancy=vacancy,
        made_by=actor.user,
    )

    def decide(found: Case) -> Change:
        _check_open(found)
        check_age(found, wanted)
        if structure and structure.is_practice != found.person.training:
            raise Refused("Un jeune inventé ne se confie qu’à une structure d’entraînement.")
        values: dict[str, Any] = {"next_act_on": None}
        if found.status == Status.PAUSED:
            values["status"] = Status.TO_CHECK
        facts = {"kind": wanted.value, "proposal": str(told.pk)}
        return Change(EventKind.PROPOSED, values, facts, restores=made(told))

    def then(found: Case, event: TimelineEvent) -> None:
        told.case, told.made_by_structure = found, speaking_for(actor, found)
        told.save(force_insert=True)

    return perform(actor, Act.PROPOSE, case=case, decide=decide, version=version, then=then)


def answer(
    actor: Actor,
    *,
    proposal: UUID,
    said: str,
    until: date | None = None,
    version: int | None = None,
) -> TimelineEvent:
    """What the young person says. « Pas maintenant »: the case pauses until that day too, since
    some need to catch their breath."""
    status = ProposalStatus(said)
    today = timezone.localdate()
    if status not in (ProposalStatus.ACCEPTED, ProposalStatus.REFUSED, ProposalStatus.PAUSED):
        raise ValidationError({"said": f"« {status.label} » n’est pas une réponse."})
    if status is ProposalStatus.PAUSED:
        _check_pause(until, today)

    def decide(found: Case) -> Change:
        _check_open(found)
        one = _of(found, proposal, LIVE)
        values: dict[str, Any] = {}
        if found.status != Status.TRANSMITTED:
            if status is ProposalStatus.PAUSED:
                values = {"status": Status.PAUSED, "next_act_on": until}
            elif found.status == Status.PAUSED:
                values = {"status": Status.TO_CHECK, "next_act_on": None}
        facts = {"kind": one.kind, "said": status.value}
        if status is ProposalStatus.PAUSED and until:
            facts["until"] = until.isoformat()
        return Change(
            EventKind.PROPOSAL_ANSWERED,
            values,
            facts,
            restores=changed(one, "status", "answered_on", "paused_until"),
        )

    def then(found: Case, event: TimelineEvent) -> None:
        paused = until if status is ProposalStatus.PAUSED else None
        found.proposals.filter(pk=proposal).update(
            status=status, answered_on=today, paused_until=paused
        )

    return _on(actor, proposal, decide, then, version)


def start(
    actor: Actor,
    *,
    proposal: UUID,
    starts_on: date,
    proof: str,
    ends_on: date | None = None,
    structure: Structure | None = None,
    place: str = "",
    version: int | None = None,
) -> TimelineEvent:
    """It has begun: the situation is recorded by the rules of any situation, closes the case when
    its proof does, and is held true until the expected end when it is known. The vacant place it
    was proposed on, if any, has one seat fewer."""
    today = timezone.localdate()
    if starts_on > today:
        raise ValidationError(
            {"starts_on": f"Le {starts_on:%d/%m/%Y} est à venir : enregistrez ce début ce jour-là."}
        )
    if ends_on and ends_on < max(starts_on, today):
        raise ValidationError(
            {"ends_on": f"Le {ends_on:%d/%m/%Y} est passé : donnez une fin à venir, ou aucune."}
        )

    seats: list[Vacancy] = []

    def decide(found: Case) -> Change:
        _check_open(found)
        one = _of(found, proposal, LIVE)
        situation = SolutionKind(one.kind).situation
        check_situation(situation, proof, starts_on, today)
        values, facts = settled(
            actor, found, situation, proof, since=starts_on, confirmed_on=today, lapses=ends_on
        )
        values = {"next_act_on": None} | values | {"stage": Stage.CARE}
        facts |= {"solution": one.kind}
        fields = ("status", "starts_on", "ends_on", "structure", "place", "paused_until")
        restores = changed(one, *fields) | {"destination": destination_before(found)}
        # A place typed over the one proposed is somewhere else.
        seat = seat_of(found, one, structure) if structure or not place else None
        if seat:
            seats.append(seat)
            restores["seat"] = str(seat.pk)
        return Change(EventKind.STARTED, values, facts, restores=restores)

    def then(found: Case, event: TimelineEvent) -> None:
        one = _of(found, proposal, LIVE)
        one.status = ProposalStatus.STARTED
        one.starts_on, one.ends_on, one.paused_until = starts_on, ends_on, None
        one.structure = structure or one.structure
        one.place = partner_name(place) or one.place
        one.save()
        for seat in seats:
            take(seat)
        keep_place(found, one.place, today, structure=one.structure)

    return _on(actor, proposal, decide, then, version)


def end(
    actor: Actor,
    *,
    proposal: UUID,
    on: date | None = None,
    broken: bool = False,
    version: int | None = None,
) -> TimelineEvent:
    """It is over, as expected: the situation is to be confirmed. Broken off: the case lives again,
    and somebody rings."""
    today = timezone.localdate()
    on = on or today
    if on > today:
        raise ValidationError({"on": f"Le {on:%d/%m/%Y} est à venir : notez ce qui a eu lieu."})

    def decide(found: Case) -> Change:
        one = _of(found, proposal, (ProposalStatus.STARTED,))
        if one.starts_on and on < one.starts_on:
            raise ValidationError(
                {"on": f"Le {on:%d/%m/%Y} est avant le début, le {one.starts_on:%d/%m/%Y}."}
            )
        values: dict[str, Any] = {}
        if found.situation == SolutionKind(one.kind).situation and found.situation_lapses_on:
            # Kept, never « inconnue »: what was true until that day is to be confirmed.
            values["situation_lapses_on"] = min(found.situation_lapses_on, on - timedelta(days=1))
        if broken and found.status != Status.TRANSMITTED:
            values |= _lives_again(found, today)
        facts = {"kind": one.kind, "on": on.isoformat(), "broken": broken}
        facts["reopened"] = broken and not found.is_open and "outcome" in values
        return Change(EventKind.ENDED, values, facts, restores=changed(one, "status", "ends_on"))

    def then(found: Case, event: TimelineEvent) -> None:
        status = ProposalStatus.BROKEN if broken else ProposalStatus.OVER
        found.proposals.filter(pk=proposal).update(status=status, ends_on=on)

    return _on(actor, proposal, decide, then, version)


def _lives_again(case: Case, today: date) -> dict[str, Any]:
    """To check today; a closed case is open again unless another is."""
    again: dict[str, Any] = {"status": Status.TO_CHECK, "next_act_on": today}
    if case.is_open:
        return again
    back = reopened(case)
    return again | back if back else {}


def reopened(case: Case) -> dict[str, Any]:
    """What makes a closed case live again; empty when another one of this person is open."""
    if Case.objects.filter(person_id=case.person_id).exclude(pk=case.pk).open().exists():
        return {}
    return {
        "status": Status.TO_CHECK,
        "outcome": "",
        "false_alarm": "",
        "closed_on": None,
        "closed_by_id": None,
        "closed_by_run": None,
    }


def _check_open(case: Case) -> None:
    if not case.is_open:
        raise Refused(_CLOSED)


def _check_pause(until: date | None, today: date) -> None:
    if until is None:
        raise ValidationError(
            {"until": "« Pas maintenant » met le dossier en pause : dites jusqu’à quand."}
        )
    if not today < until <= today + LONGEST_PAUSE:
        longest = today + LONGEST_PAUSE
        raise ValidationError(
            {"until": f"Choisissez un jour à venir, le {longest:%d/%m/%Y} au plus tard."}
        )


def _of(case: Case, proposal: UUID, among: tuple[ProposalStatus, ...]) -> Proposal:
    found: Proposal = (
        Proposal.objects.select_related("structure").filter(case=case).get(pk=proposal)
    )
    if found.status not in among:
        raise Refused(f"Cette solution est déjà {found.get_status_display()}. Rien n’a changé.")
    return found


def _on(actor: Actor, proposal: UUID, decide: Any, then: Any, version: int | None) -> TimelineEvent:
    found = Proposal.objects.filter(pk=proposal, case__in=Case.objects.visible_to(actor)).first()
    if found is None:
        raise Case.DoesNotExist
    return perform(
        actor, Act.PROPOSE, case=found.case_id, decide=decide, version=version, then=then
    )
