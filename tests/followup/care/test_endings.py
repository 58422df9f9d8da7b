"""No closing without an outcome, a day and an author, whatever is done, in whatever order."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import cast
from tests.followup.care.stories import held, interviewed

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup import clocks
from raccord.followup import services as acts
from raccord.followup.care import services
from raccord.followup.models import Case, Proposal, Review, TimelineEvent
from raccord.followup.services.acting import Refused
from raccord.followup.vocabulary import EventKind, Proof, SituationKind
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

pytestmark = pytest.mark.django_db

#: What closes a case is one of these, by somebody.
CLOSING = {EventKind.SITUATION, EventKind.STARTED, EventKind.CLOSED, EventKind.UNDONE}

SITUATIONS = st.sampled_from(SituationKind.values)
PROOFS = st.sampled_from(["", *(p for p in Proof.values if p != Proof.REGISTER)])


class Story:
    """One case, those who follow it, and the days that pass."""

    def __init__(self, adviser: Actor, case: Case) -> None:
        self.adviser, self.case, self.day = adviser, case, timezone.localdate()

    def latest(self) -> Any:
        """The proposal spoken of."""
        found = Proposal.objects.filter(case=self.case).order_by("-pk").first()
        return found.pk if found else self.case.pk

    def review(self) -> Any:
        """The appointment that is due."""
        found = Review.objects.filter(case=self.case).order_by("-due_on").first()
        return found.pk if found else self.case.pk

    def pass_days(self, days: int) -> None:
        """The clocks of a later day."""
        self.day += timedelta(days=days)
        clocks.run(self.day)

    def undo(self) -> None:
        """The last act."""
        event = TimelineEvent.objects.filter(case=self.case).order_by("-at", "-pk").first()
        assert event is not None
        acts.undo(self.adviser, event=event.pk)


Play = Callable[[Story], Any]


def steps() -> st.SearchStrategy[Play]:
    """Anything somebody may try, in any order, sensible or not."""
    today = timezone.localdate()
    return st.one_of(
        st.sampled_from(["cfa", "return", "e2c", "job"]).map(
            lambda kind: lambda s: services.propose(s.adviser, case=s.case.pk, kind=kind)
        ),
        st.sampled_from(["accepted", "refused", "paused"]).map(
            lambda said: (
                lambda s: services.answer(
                    s.adviser, proposal=s.latest(), said=said, until=today + timedelta(days=9)
                )
            )
        ),
        st.tuples(PROOFS, st.booleans()).map(
            lambda drawn: (
                lambda s: services.start(
                    s.adviser,
                    proposal=s.latest(),
                    starts_on=today,
                    proof=drawn[0],
                    ends_on=today + timedelta(days=90) if drawn[1] else None,
                )
            )
        ),
        st.booleans().map(
            lambda broken: lambda s: services.end(s.adviser, proposal=s.latest(), broken=broken)
        ),
        st.tuples(SITUATIONS, PROOFS).map(
            lambda drawn: (
                lambda s: acts.record_situation(
                    s.adviser, case=s.case.pk, kind=drawn[0], proof=drawn[1]
                )
            )
        ),
        st.tuples(SITUATIONS, PROOFS).map(
            lambda drawn: (
                lambda s: services.record_review(
                    s.adviser, review=s.review(), situation=drawn[0], proof=drawn[1]
                )
            )
        ),
        st.just(lambda s: interviewed(s.adviser, s.case)),
        st.just(lambda s: services.still_true(s.adviser, case=s.case.pk)),
        st.just(lambda s: acts.reopen(s.adviser, case=s.case.pk)),
        st.just(lambda s: s.undo()),
        st.sampled_from([1, 31, 100]).map(lambda days: lambda s: s.pass_days(days)),
    )


def check(story: Story) -> None:
    """What never breaks."""
    case = Case.objects.get(pk=story.case.pk)
    assert (case.closed_on is not None) == (not case.is_open) == bool(case.outcome)
    if not case.is_open:
        assert case.closed_by is not None
        closing = TimelineEvent.objects.filter(case=case, kind__in=CLOSING)
        assert closing.exclude(author="").exists()
    if case.situation != SituationKind.UNKNOWN:
        assert case.situation_confirmed_on is not None
        assert case.situation_lapses_on is not None
    for one in Proposal.objects.filter(case=case, status="started"):
        assert one.starts_on is not None


@pytest.fixture
def places() -> tuple[Structure, Actor]:
    return cast.structure(Kind.LYCEE), cast.actor(cast.structure(Kind.CIO), Role.LEAD)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(played=st.lists(steps(), min_size=4, max_size=12))
def test_no_closing_without_outcome_date_and_author(
    places: tuple[Structure, Actor], played: list[Play]
) -> None:
    school, adviser = places
    point = transaction.savepoint()
    try:
        story = Story(adviser, held(school, adviser.structures[0]))
        for play in played:
            try:
                with transaction.atomic():
                    play(story)
            except (Refused, ValidationError, Case.DoesNotExist, Review.DoesNotExist):
                pass
            check(story)
    finally:
        transaction.savepoint_rollback(point)
