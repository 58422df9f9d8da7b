"""« Toujours exact », and what became of somebody after their case ended."""

from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.followup import situations
from raccord.followup.care.models import Review
from raccord.followup.care.proposing import reopened
from raccord.followup.care.undoing import changed
from raccord.followup.care.vocabulary import ProposalStatus, ReviewStatus, SolutionKind
from raccord.followup.models import Case, TimelineEvent
from raccord.followup.rights import Act
from raccord.followup.services.acting import Change, Refused, destination_before, perform
from raccord.followup.services.settling import check_situation, keep_place
from raccord.followup.vocabulary import EventKind, Outcome, SituationKind

#: Months after closing.
MONTHS = (1, 3, 6, 12)
#: Outcomes with a human being to ask after: whoever a register found is not rung up again.
REVIEWED = (
    Outcome.SCHOOLED,
    Outcome.APPRENTICE,
    Outcome.TRAINEE,
    Outcome.JOB,
    Outcome.CIVIC_SERVICE,
    Outcome.ACCOMPANIED,
    Outcome.ABROAD,
    Outcome.EXEMPT,
)


def still_true(actor: Actor, *, case: UUID, version: int | None = None) -> TimelineEvent:
    """One click: the situation is confirmed today, and held true for as long again."""
    today = timezone.localdate()

    def decide(found: Case) -> Change:
        lapses = _expected_end(found, today) or situations.lapses_on(found.situation, today)
        values = {"situation_confirmed_on": today, "situation_lapses_on": lapses}
        facts = {"kind": found.situation, "lapses_on": lapses.isoformat()}
        return Change(EventKind.STILL_TRUE, values, facts)

    return perform(actor, Act.STILL_TRUE, case=case, decide=decide, version=version)


def _expected_end(case: Case, today: date) -> date | None:
    """When the solution that runs is due to end."""
    running = case.proposals.filter(status=ProposalStatus.STARTED, ends_on__gte=today)
    for one in running:
        if SolutionKind(one.kind).situation == case.situation:
            return one.ends_on
    return None


def record_review(
    actor: Actor,
    *,
    review: UUID,
    situation: str,
    proof: str = "",
    place: str = "",
    version: int | None = None,
) -> TimelineEvent:
    """Where they are, months later. How the case ended stays; without solution, it lives again."""
    today = timezone.localdate()
    kind = SituationKind(situation)
    check_situation(kind, proof, None, today)
    known = kind is not SituationKind.UNKNOWN
    asked = Review.objects.filter(pk=review, case__in=Case.objects.visible_to(actor)).first()
    if asked is None:
        raise Case.DoesNotExist

    def decide(found: Case) -> Change:
        one = _due(found, review)
        values: dict[str, Any] = {}
        if known:
            lapses = situations.lapses_on(kind, today)
            since = found.situation_since if kind == found.situation else None
            values = {
                "situation": kind,
                "situation_proof": proof,
                "situation_since": since,
                "situation_confirmed_on": today,
                "situation_lapses_on": lapses,
            }
        if kind is SituationKind.NO_SOLUTION:
            values |= reopened(found)
        facts = {
            "kind": kind.value,
            "proof": proof,
            "months": one.months,
            "reopened": "outcome" in values,
        }
        restores = changed(one, "status", "done_on", "done_by", "situation")
        overtaken = found.reviews.filter(status=ReviewStatus.DUE, due_on__lt=one.due_on)
        restores["reviews"] = [str(pk) for pk in overtaken.values_list("pk", flat=True)]
        return Change(
            EventKind.REVIEWED,
            values,
            facts,
            restores=restores | {"destination": destination_before(found)},
        )

    def then(found: Case, event: TimelineEvent) -> None:
        # Reopening has just overtaken what was due: this one was done.
        Review.objects.filter(pk=review).update(
            status=ReviewStatus.DONE, done_on=today, done_by=actor.user, situation=kind
        )
        former = Review.objects.filter(case=found, status=ReviewStatus.DUE)
        former.filter(due_on__lt=asked.due_on).update(status=ReviewStatus.OVERTAKEN)
        # Nothing new is known of the place: it is where they were, if they still do the same.
        if known and (place or kind != asked_kind):
            keep_place(found, place, today)

    asked_kind = asked.case.situation
    return perform(actor, Act.REVIEW, case=asked.case_id, decide=decide, version=version, then=then)


def _due(case: Case, review: UUID) -> Review:
    found: Review = case.reviews.get(pk=review)
    if found.status != ReviewStatus.DUE:
        raise Refused(f"Ce devenir n’est plus à relever : {found.get_status_display()}.")
    return found


def next_review(case: Case, today: date) -> tuple[int, date] | None:
    """Months after closing, and the day, of the next one to come."""
    if case.closed_on is None or case.outcome not in REVIEWED:
        return None
    for months in MONTHS:
        on = situations.months_after(case.closed_on, months)
        if on > today:
            return months, on
    return None
