"""« C’est la même personne », « ce n’est pas elle »: what a human says binds the nights."""

from typing import Any
from uuid import UUID

from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.followup.models import Candidate, Case, Destination, TimelineEvent
from raccord.followup.rights import Act
from raccord.followup.services.acting import Change, destination_before, perform
from raccord.followup.vocabulary import EventKind, Outcome, Status


def say_same_person(
    actor: Actor, *, case: UUID, candidate: int, version: int | None = None
) -> TimelineEvent:
    """The enrolment is this young person's: found, and closed."""
    today = timezone.localdate()

    def decide(found: Case) -> Change:
        one = _candidate(found, candidate)
        values: dict[str, Any] = {
            "status": Status.CLOSED,
            "outcome": Outcome.FOUND,
            "closed_on": today,
            "closed_by_id": actor.user.pk,
            "next_act_on": None,
        }
        return _said(EventKind.SAME_PERSON, values, one, found)

    def then(found: Case, event: TimelineEvent) -> None:
        one = _candidate(found, candidate)
        Candidate.objects.filter(pk=one.pk).update(said="same")
        Destination.objects.update_or_create(
            case=found,
            defaults={
                "source": one.source,
                "uai": one.uai,
                "structure_id": one.structure_id,
                "local_id": one.local_id,
                "place": "",
                "seen_on": today,
                "matched_by": "decision",
            },
        )

    return perform(actor, Act.CONFIRM_SAME, case=case, decide=decide, version=version, then=then)


def say_other_person(
    actor: Actor, *, case: UUID, candidate: int, version: int | None = None
) -> TimelineEvent:
    """The enrolment is somebody else's, and so is its place. When no other candidate is left, there
    is somebody to call."""

    def decide(found: Case) -> Change:
        one = _candidate(found, candidate)
        left = found.candidates.filter(said="").exclude(pk=one.pk).exists()
        values = {}
        if found.status == Status.TO_CONFIRM and not left:
            values["status"] = Status.TO_CHECK
        return _said(EventKind.OTHER_PERSON, values, one, found)

    def then(found: Case, event: TimelineEvent) -> None:
        one = _candidate(found, candidate)
        Candidate.objects.filter(pk=one.pk).update(said="other")
        # Where a register put them is where somebody else is; the history keeps it for undoing.
        Destination.objects.filter(
            case=found, source=one.source, uai=one.uai, local_id=one.local_id
        ).exclude(matched_by__in=["", "declared"]).delete()

    return perform(actor, Act.CONFIRM_OTHER, case=case, decide=decide, version=version, then=then)


def _candidate(case: Case, candidate: int) -> Candidate:
    found: Candidate = case.candidates.get(pk=candidate)
    return found


def _said(kind: EventKind, values: dict[str, Any], one: Candidate, case: Case) -> Change:
    restores = {"candidate": [one.pk, one.said], "destination": destination_before(case)}
    return Change(kind, values, {"candidate": one.pk}, restores=restores)
