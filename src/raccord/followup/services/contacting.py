"""Reaching somebody: calls and attempts, contact details, pauses."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.followup.forbidden_matters import validate_note
from raccord.followup.models import (
    Case,
    ContactAttempt,
    ContactDetails,
    LegalRepresentative,
    TimelineEvent,
)
from raccord.followup.rights import Act
from raccord.followup.services.acting import Change, last_in_history, perform, perform_all
from raccord.followup.vocabulary import (
    Answerer,
    Channel,
    ContactResult,
    ContactState,
    EventKind,
    Status,
)

#: Results that say nothing of having reached somebody.
_UNREACHED = {ContactResult.NO_ANSWER, ContactResult.MESSAGE_LEFT}
#: A pause longer than this is a way of forgetting somebody.
LONGEST_PAUSE = timedelta(days=120)

#: What is proposed as « que faire ensuite », in days.
NEXT_IN_DAYS: dict[str, int] = {
    ContactResult.NO_ANSWER: 2,
    ContactResult.MESSAGE_LEFT: 3,
    ContactResult.CALL_BACK: 7,
    ContactResult.SAYS_ENROLLED: 7,
    ContactResult.LOOKING: 7,
    ContactResult.WANTS_APPOINTMENT: 7,
    ContactResult.NOT_NOW: 30,
}


def record_contact(
    actor: Actor,
    *,
    case: UUID,
    channel: str,
    answerer: str,
    result: str,
    on: date | None = None,
    next_on: date | None = None,
    note: str = "",
    version: int | None = None,
) -> TimelineEvent:
    """Somebody was called, written to or met. An answer « je suis inscrit » is a declaration:
    the case becomes « à confirmer », and nothing is closed."""
    validate_note(note)
    on = on or timezone.localdate()
    _check_contact(answerer, result, on, next_on)

    def decide(found: Case) -> Change:
        values: dict[str, Any] = {
            "attempts": found.attempts + 1,
            "contact_state": _state_after(found, answerer, result),
            "next_act_on": next_on,
        }
        if found.status == Status.PAUSED:
            values["status"] = Status.TO_CHECK
        if result == ContactResult.SAYS_ENROLLED and found.status != Status.TRANSMITTED:
            values["status"] = Status.TO_CONFIRM
        waits = found.status == Status.TRANSMITTED  # for the answer of another: it stays so
        if result == ContactResult.NOT_NOW and next_on and not waits:
            values["status"] = Status.PAUSED
        facts = {"channel": channel, "answerer": answerer, "result": result, "on": on.isoformat()}
        if next_on:
            facts["next_on"] = next_on.isoformat()
        return Change(EventKind.CONTACT, values, facts, note)

    def then(found: Case, event: TimelineEvent) -> None:
        ContactAttempt.objects.create(
            case=found,
            event=event,
            on=on,
            channel=Channel(channel),
            answerer=Answerer(answerer),
            result=ContactResult(result),
            next_on=next_on,
        )

    return perform(actor, Act.CALL, case=case, decide=decide, version=version, then=then)


def _check_contact(answerer: str, result: str, on: date, next_on: date | None) -> None:
    today = timezone.localdate()
    if on > today:
        raise ValidationError({"on": "Cette date est à venir : notez ce qui a eu lieu."})
    if next_on and next_on < today:
        raise ValidationError(
            {"next_on": f"Le {next_on:%d/%m/%Y} est passé : choisissez une date à venir."}
        )
    nobody, unreached = answerer == Answerer.NOBODY, result in _UNREACHED
    if nobody and not unreached and result != ContactResult.WRONG_NUMBER:
        raise ValidationError(
            {"answerer": "Avec ce résultat, quelqu’un a répondu : indiquez qui."},
        )
    if result == ContactResult.NOT_NOW and next_on is None:
        raise ValidationError(
            {"next_on": "« Pas maintenant » met le dossier en pause : dites jusqu’à quand."}
        )


def _state_after(case: Case, answerer: str, result: str) -> str:
    if result == ContactResult.REFUSES_CHANNEL:
        return ContactState.OPTED_OUT
    if result == ContactResult.WRONG_NUMBER:
        return ContactState.WRONG_DETAILS
    if result in _UNREACHED or answerer == Answerer.NOBODY:
        reached = case.contact_state == ContactState.REACHED
        return ContactState.REACHED if reached else ContactState.TRIED
    return ContactState.REACHED


def pause_until(
    actor: Actor, *, case: UUID, until: date, version: int | None = None
) -> TimelineEvent:
    """« Pas maintenant »: the case leaves the list until a day, then comes back by itself."""
    versions = {case: version} if version is not None else None
    return pause_together(actor, cases=[case], until=until, versions=versions)[0]


def pause_together(
    actor: Actor,
    *,
    cases: Iterable[UUID],
    until: date,
    versions: Mapping[UUID, int] | None = None,
) -> list[TimelineEvent]:
    """The same for several cases: all, or none."""
    today = timezone.localdate()
    if until <= today:
        raise ValidationError({"until": "Choisissez un jour à venir."})
    if until > today + LONGEST_PAUSE:
        longest = today + LONGEST_PAUSE
        raise ValidationError(
            {"until": f"Une pause dure quatre mois au plus : jusqu’au {longest:%d/%m/%Y}."}
        )

    def decide(found: Case) -> Change:
        return Change(
            EventKind.PAUSED,
            {"status": Status.PAUSED, "next_act_on": until},
            {"until": until.isoformat()},
        )

    return perform_all(actor, Act.PAUSE, cases=cases, decide=decide, versions=versions)


#: Fields of contact details, as `complete_details` receives them.
_DETAILS = ("phone", "email", "address", "postcode")


def complete_details(
    actor: Actor,
    *,
    case: UUID,
    details: Mapping[str, str],
    representatives: list[Mapping[str, str]] | None = None,
    version: int | None = None,
) -> TimelineEvent:
    """Correct how to reach a young person and who answers for them. What is completed here is
    kept by the nights that follow; the values replaced are kept by the history, out of the
    timeline, which never holds an address."""

    def decide(found: Case) -> Change:
        held = _held_details(found)
        touched = [n for n in _DETAILS if n in details and details[n] != getattr(held, n)]
        values = {}
        if found.contact_state == ContactState.WRONG_DETAILS and touched:
            values["contact_state"] = ContactState.TRIED
        facts: dict[str, Any] = {"fields": touched}
        if representatives is not None:
            facts["fields"] = [*touched, "representatives"]
        former = {
            model.__name__: last_in_history(model, person_id=found.person_id)
            for model in (ContactDetails, LegalRepresentative)
        }
        return Change(EventKind.DETAILS, values, facts, restores={"details": former})

    def then(found: Case, event: TimelineEvent) -> None:
        held = _held_details(found)
        for name in _DETAILS:
            if name in details:
                setattr(held, name, details[name].strip())
        held.completed_at = event.at
        held.save()
        if representatives is not None:
            _write_representatives(found, representatives)

    return perform(actor, Act.DETAILS, case=case, decide=decide, version=version, then=then)


def _held_details(case: Case) -> ContactDetails:
    found = ContactDetails.objects.filter(person_id=case.person_id).first()
    return found or ContactDetails(person_id=case.person_id)


def _write_representatives(case: Case, given: list[Mapping[str, str]]) -> None:
    held = {r.rank: r for r in LegalRepresentative.objects.filter(person_id=case.person_id)}
    for rank, row in enumerate(given, start=1):
        one = held.get(rank)
        if not row.get("name"):
            if one:
                one.delete()
            continue
        one = one or LegalRepresentative(person_id=case.person_id, rank=rank)
        one.name, one.phone, one.email = (row[key].strip() for key in ("name", "phone", "email"))
        one.save()
