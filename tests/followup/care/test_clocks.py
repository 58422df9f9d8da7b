"""What a day brings: late reports, situations that lapse, appointments of the year after."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import F
from django.utils import timezone
from tests import cast
from tests.followup.care.stories import held, proposed

from raccord.accounts.actors import Actor
from raccord.accounts.middleware import acting_in_database
from raccord.accounts.roles import Role
from raccord.followup import clocks
from raccord.followup import services as acts
from raccord.followup.care import services
from raccord.followup.models import Case, Mandate, Notification, Review, TimelineEvent
from raccord.followup.services.acting import Refused
from raccord.followup.situations import months_after
from raccord.followup.vocabulary import EventKind, Outcome, Status
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Structure:
    return cast.structure(Kind.LYCEE)


@pytest.fixture
def head(school: Structure) -> Actor:
    return cast.actor(school, Role.HEAD)


@pytest.fixture
def cio() -> Structure:
    return cast.structure(Kind.CIO)


@pytest.fixture
def adviser(cio: Structure) -> Actor:
    return cast.actor(cio, Role.AGENT)


@pytest.fixture
def case(school: Structure, cio: Structure) -> Case:
    return held(school, cio)


def told(actor: Actor, kind: str) -> int:
    return Notification.objects.filter(user=actor.user, kind=kind).count()


def test_a_late_mandate_is_said_once_to_both_sides(adviser: Actor, case: Case) -> None:
    mlds = cast.structure(Kind.MLDS)
    worker = cast.actor(mlds)
    today = timezone.localdate()
    services.mandate(adviser, case=case.pk, structure=mlds, report_by=today)
    assert clocks.run(today)["late"] == 0
    tomorrow = today + timedelta(days=1)
    assert clocks.run(tomorrow)["late"] == 1
    assert clocks.run(tomorrow)["late"] == 0
    assert (told(adviser, "mandate_late"), told(worker, "mandate_late")) == (1, 1)
    Mandate.objects.update(status="reported", result="solution", reported_on=tomorrow)
    assert clocks.run(tomorrow)["late"] == 0


def test_a_situation_lapses_once_and_is_kept(adviser: Actor, case: Case) -> None:
    acts.record_situation(adviser, case=case.pk, kind="job", proof="contract")
    case.refresh_from_db()
    day = case.situation_lapses_on
    assert clocks.run(day)["lapsed"] == 0
    after = day + timedelta(days=1)
    assert clocks.run(after)["lapsed"] == 1
    assert clocks.run(after)["lapsed"] == 0
    event = TimelineEvent.objects.get(case=case, kind=EventKind.LAPSING)
    assert event.facts == {"kind": "job", "lapsed_on": day.isoformat()}
    assert told(adviser, "lapsing") == 1
    case.refresh_from_db()
    assert case.situation == "job"
    services.still_true(adviser, case=case.pk)
    assert clocks.run(after)["lapsed"] == 0


def test_what_is_unknown_or_a_false_alarm_does_not_lapse(
    adviser: Actor, case: Case, school: Structure
) -> None:
    acts.record_situation(adviser, case=case.pk, kind="unknown")
    other = cast.case(school)
    head = cast.actor(school)
    acts.record_situation(head, case=other.pk, kind="job", proof="structure")
    acts.close_false_alarm(head, cases=[other.pk], which="still_here")
    assert clocks.run(timezone.localdate() + timedelta(days=400))["lapsed"] == 0
    case.refresh_from_db()
    assert not case.abilities(adviser)["still_true"]


def closed(case: Case, adviser: Actor, months_ago: int) -> None:
    """A contract that began so long ago closed it."""
    one = proposed(adviser, case)
    today = timezone.localdate()
    services.start(adviser, proposal=one.pk, starts_on=today, proof="contract")
    Case.objects.filter(pk=case.pk).update(closed_on=months_after(today, -months_ago))


def test_one_three_six_and_twelve_months_after(adviser: Actor, case: Case) -> None:
    closed(case, adviser, 0)
    case.refresh_from_db()
    asked = []
    for months in range(15):
        day = months_after(case.closed_on, months) + timedelta(days=2)
        if clocks.run(day)["reviews"]:
            asked.append(months)
        assert clocks.run(day)["reviews"] == 0
    assert asked == [1, 3, 6, 12]
    assert told(adviser, "review") == 4


def test_a_service_that_stood_still_asks_once(adviser: Actor, case: Case) -> None:
    closed(case, adviser, 5)
    # a few days more: three months after it is sixty days ago, even over a February
    Case.objects.filter(pk=case.pk).update(closed_on=F("closed_on") - timedelta(days=5))
    assert clocks.run(timezone.localdate())["reviews"] == 0
    closed_for_a_year = timezone.localdate() + timedelta(days=31)
    assert clocks.run(closed_for_a_year)["reviews"] == 1
    assert Review.objects.get().months == 6


def test_the_school_that_was_left_is_told_how_it_ended(
    adviser: Actor, head: Actor, case: Case
) -> None:
    today = timezone.localdate()
    assert clocks.run(today)["outcomes"] == 0
    closed(case, adviser, 0)
    assert (told(head, "outcome"), told(adviser, "outcome")) == (1, 0), "at once, by the act"
    Notification.objects.filter(kind="outcome").update(at=cast.after_midnight())
    assert clocks.run(today)["outcomes"] == 0
    Notification.objects.filter(kind="outcome").delete()  # as a night, which closes without an act
    assert clocks.run(today)["outcomes"] == 1
    assert clocks.run(today)["outcomes"] == 0
    assert (told(head, "outcome"), told(adviser, "outcome")) == (1, 0)


def test_who_a_register_found_is_not_rung_up_again(school: Structure) -> None:
    today = timezone.localdate()
    for outcome in (Outcome.FOUND, Outcome.MERGED):
        cast.case(
            school,
            status=Status.CLOSED,
            outcome=outcome,
            closed_on=months_after(today, -1),
        )
    assert clocks.run(today)["reviews"] == 0


def due(case: Case, adviser: Actor) -> Review:
    closed(case, adviser, 1)
    assert clocks.run(timezone.localdate())["reviews"] == 1
    return Review.objects.get(case=case)


def test_recording_what_became_of_them(adviser: Actor, head: Actor, case: Case) -> None:
    review = due(case, adviser)
    services.record_review(head, review=review.pk, situation="job", proof="declaration")
    case.refresh_from_db()
    review.refresh_from_db()
    assert (review.status, review.situation, review.done_by) == ("done", "job", head.user)
    assert (case.situation, case.outcome) == ("job", Outcome.APPRENTICE), "how it ended stays"
    with pytest.raises(Refused, match="fait"):
        services.record_review(head, review=review.pk, situation="job", proof="declaration")


def test_unknown_says_nothing_of_what_was_known(adviser: Actor, case: Case) -> None:
    review = due(case, adviser)
    before = Case.objects.get(pk=case.pk).situation_confirmed_on
    services.record_review(adviser, review=review.pk, situation="unknown")
    case.refresh_from_db()
    assert (case.situation, case.situation_confirmed_on) == ("apprentice", before)


def test_without_solution_it_lives_again(adviser: Actor, case: Case) -> None:
    review = due(case, adviser)
    event = services.record_review(
        adviser, review=review.pk, situation="no_solution", proof="declaration"
    )
    case.refresh_from_db()
    review.refresh_from_db()
    assert (case.status, case.outcome) == (Status.TO_CHECK, "")
    assert review.status == "done"
    acts.undo(adviser, event=event.pk)
    case.refresh_from_db()
    review.refresh_from_db()
    assert (case.status, case.outcome, review.status) == (
        Status.CLOSED,
        Outcome.APPRENTICE,
        "due",
    )


def test_a_case_that_lives_again_is_not_reviewed(adviser: Actor, case: Case) -> None:
    review = due(case, adviser)
    acts.reopen(adviser, case=case.pk)
    review.refresh_from_db()
    assert review.status == "overtaken"


def reviews(case: Case) -> list[tuple[int, str]]:
    return list(Review.objects.filter(case=case).values_list("months", "status"))


def test_undoing_a_reopening_brings_back_what_was_to_be_asked(adviser: Actor, case: Case) -> None:
    closed(case, adviser, 3)
    day = timezone.localdate()
    case.refresh_from_db()
    Review.objects.create(case=case, months=1, due_on=months_after(case.closed_on, 1))
    clocks.run(day)
    before = [(1, "due"), (3, "due")]
    assert reviews(case) == before
    with acting_in_database(adviser.user.pk):
        event = acts.reopen(adviser, case=case.pk)
        assert reviews(case) == [(1, "overtaken"), (3, "overtaken")]
        acts.undo(adviser, event=event.pk)
        assert reviews(case) == before
        assert Case.objects.get(pk=case.pk).outcome == Outcome.APPRENTICE
    assert clocks.run(day)["reviews"] == 0, "asked already"
    case.refresh_from_db()
    assert clocks.run(months_after(case.closed_on, 6))["reviews"] == 1


def test_undoing_brings_back_only_what_the_act_overtook(adviser: Actor, case: Case) -> None:
    closed(case, adviser, 3)
    case.refresh_from_db()
    first = Review.objects.create(
        case=case, months=1, due_on=months_after(case.closed_on, 1), status="overtaken"
    )
    clocks.run(timezone.localdate())
    event = acts.reopen(adviser, case=case.pk)
    acts.undo(adviser, event=event.pk)
    assert reviews(case) == [(1, "overtaken"), (3, "due")]
    Review.objects.filter(pk=first.pk).update(status="due")
    last = Review.objects.get(case=case, months=3)
    event = services.record_review(adviser, review=last.pk, situation="job", proof="declaration")
    assert reviews(case) == [(1, "overtaken"), (3, "done")]
    acts.undo(adviser, event=event.pk)
    assert reviews(case) == [(1, "due"), (3, "due")]


def test_the_command_tells_how_many() -> None:
    said = StringIO()
    call_command("run_clocks", stdout=said)
    assert said.getvalue().count(",") == len(clocks.WORDS) - 1
    assert "situation à confirmer" in said.getvalue()
