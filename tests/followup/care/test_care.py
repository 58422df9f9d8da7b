"""From the interview to the solution: what each act does, refuses, and lets others read."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from tests import cast
from tests.followup.care.stories import held, interviewed, proposed

from raccord.accounts.actors import Actor
from raccord.accounts.middleware import acting_in_database
from raccord.accounts.roles import Role
from raccord.followup import services as acts
from raccord.followup.care import services
from raccord.followup.models import (
    Case,
    Destination,
    Interview,
    Mandate,
    Notification,
    Party,
    Proposal,
    Recommendation,
)
from raccord.followup.services.acting import Refused
from raccord.followup.vocabulary import ContactState, Outcome, PartyKind, Stage, Status
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Structure:
    return cast.structure(Kind.LYCEE)


@pytest.fixture
def cio() -> Structure:
    return cast.structure(Kind.CIO)


@pytest.fixture
def head(school: Structure) -> Actor:
    return cast.actor(school, Role.HEAD)


@pytest.fixture
def adviser(cio: Structure) -> Actor:
    return cast.actor(cio, Role.AGENT)


@pytest.fixture
def case(school: Structure, cio: Structure) -> Case:
    """Of somebody whom a CIO follows, their school reading on."""
    return held(school, cio)


# --- the interview --------------------------------------------------------------------------------


def test_an_interview_is_kept_and_the_timeline_says_nothing_of_it(
    adviser: Actor, case: Case
) -> None:
    event = interviewed(adviser, case, obstacles=["transport"], note="Revient jeudi")
    case.refresh_from_db()
    assert (case.contact_state, case.stage) == (ContactState.REACHED, Stage.DIAGNOSIS)
    told = Interview.objects.get(case=case)
    assert (told.wishes, told.obstacles, told.structure.kind) == (["work"], ["transport"], "cio")
    assert "ideas" not in str(event.facts)
    assert event.note == ""
    acts.undo(adviser, event=event.pk)
    assert not Interview.objects.filter(case=case).exists()


def test_the_school_that_was_left_reads_no_interview(
    head: Actor, adviser: Actor, case: Case, school: Structure
) -> None:
    interviewed(adviser, case)
    secretary = cast.member(school, Role.SECRETARIAT)
    for reader, expected in ((adviser.user, 1), (head.user, 0), (secretary, 0)):
        with acting_in_database(reader.pk):
            assert Interview.objects.filter(case=case).count() == expected
    assert not case.abilities(head)["interview"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"note": "Il est en dépression"},
        {"course": "CAP avec la PJJ"},
        {"on": cast.day(2)},  # written before midnight, perhaps played after
    ],
)
def test_what_must_not_be_written_is_not(adviser: Actor, case: Case, wrong: Any) -> None:
    with pytest.raises(ValidationError):
        interviewed(adviser, case, **wrong)
    assert not Interview.objects.exists()


# --- recommendation and mandate -------------------------------------------------------------------


def test_the_group_recommends_and_mandates(
    adviser: Actor, head: Actor, case: Case, cio: Structure
) -> None:
    services.recommend(adviser, case=case.pk, kind="e2c")
    recommended = Recommendation.objects.get(case=case)
    assert recommended.structure == cio
    mlds = cast.structure(Kind.MLDS)
    worker = cast.actor(mlds, Role.AGENT)
    due = timezone.localdate() + timedelta(days=30)
    services.mandate(
        adviser, case=case.pk, structure=mlds, report_by=due, recommendation=recommended.pk
    )
    given = Mandate.objects.get(case=case)
    assert (given.recommendation, given.given_by_structure) == (recommended, cio)
    assert Party.objects.filter(case=case, structure=mlds, kind=PartyKind.ASSOCIATED).exists()
    assert Notification.objects.filter(user=worker.user, kind="mandate").count() == 1
    with pytest.raises(Refused, match="déjà un mandat"):
        services.mandate(adviser, case=case.pk, structure=mlds, report_by=due)
    with pytest.raises(Refused, match="Ce mandat est celui"):
        services.report(adviser, mandate=given.pk, result="solution")
    with pytest.raises(Case.DoesNotExist):
        services.report(cast.actor(cast.structure()), mandate=given.pk, result="solution")
    services.report(worker, mandate=given.pk, result="solution")
    given.refresh_from_db()
    assert (given.status, given.result) == ("reported", "solution")
    assert Notification.objects.filter(user=adviser.user, kind="answer").count() == 1
    with pytest.raises(Refused, match="compte rendu fait"):
        services.report(worker, mandate=given.pk, result="solution")


def test_only_a_group_recommends(head: Actor, case: Case, school: Structure) -> None:
    mlds = cast.structure(Kind.MLDS)
    mine = held(school, mlds)
    with pytest.raises(Refused, match="groupe d’appui"):
        services.recommend(cast.actor(mlds, Role.LEAD), case=mine.pk, kind="e2c")
    with pytest.raises(Refused):
        services.recommend(head, case=case.pk, kind="e2c")


def test_a_mandate_asks_what_a_relay_asks(adviser: Actor, case: Case, cio: Structure) -> None:
    due = timezone.localdate() + timedelta(days=30)
    partner = cast.structure(Kind.MISSION_LOCALE)
    with pytest.raises(Refused, match="aucun accord"):
        services.mandate(adviser, case=case.pk, structure=partner, report_by=due)
    with pytest.raises(Refused, match="autre structure"):
        services.mandate(adviser, case=case.pk, structure=cio, report_by=due)
    late = timezone.localdate() + timedelta(days=400)
    with pytest.raises(ValidationError, match="compte rendu"):
        services.mandate(adviser, case=case.pk, structure=partner, report_by=late)


def test_a_mandate_may_be_withdrawn(adviser: Actor, case: Case) -> None:
    mlds = cast.structure(Kind.MLDS)
    due = timezone.localdate() + timedelta(days=30)
    services.mandate(adviser, case=case.pk, structure=mlds, report_by=due)
    given = Mandate.objects.get()
    services.withdraw_mandate(adviser, mandate=given.pk)
    given.refresh_from_db()
    assert given.status == "withdrawn"


def test_under_16_only_school_is_proposed(school: Structure, cio: Structure) -> None:
    young = cast.case(school, lane="under_16")
    head = cast.actor(school)
    with pytest.raises(Refused, match="Avant 16 ans"):
        services.propose(head, case=young.pk, kind="mission_locale")
    services.propose(head, case=young.pk, kind="return")


# --- the solution ---------------------------------------------------------------------------------


def test_not_now_pauses_the_case_too(adviser: Actor, case: Case) -> None:
    one = proposed(adviser, case)
    until = timezone.localdate() + timedelta(days=30)
    with pytest.raises(ValidationError, match="jusqu’à quand"):
        services.answer(adviser, proposal=one.pk, said="paused")
    event = services.answer(adviser, proposal=one.pk, said="paused", until=until)
    case.refresh_from_db()
    one.refresh_from_db()
    assert (case.status, case.next_act_on) == (Status.PAUSED, until)
    assert (one.status, one.paused_until) == ("paused", until)
    acts.undo(adviser, event=event.pk)
    case.refresh_from_db()
    one.refresh_from_db()
    assert (case.status, one.status, one.paused_until) == (Status.TO_CHECK, "made", None)
    services.answer(adviser, proposal=one.pk, said="refused")
    with pytest.raises(Refused, match="refusée"):
        services.answer(adviser, proposal=one.pk, said="accepted")


def test_starting_records_the_situation_and_closes_when_its_proof_does(
    adviser: Actor, case: Case
) -> None:
    cfa = cast.structure(Kind.CFA)
    one = proposed(adviser, case, structure=cfa)
    today = timezone.localdate()
    end = today + timedelta(days=600)
    with pytest.raises(ValidationError, match="sur quoi repose"):
        services.start(adviser, proposal=one.pk, starts_on=today, proof="")
    event = services.start(adviser, proposal=one.pk, starts_on=today, ends_on=end, proof="contract")
    case.refresh_from_db()
    assert (case.situation, case.status, case.outcome) == (
        "apprentice",
        Status.CLOSED,
        Outcome.APPRENTICE,
    )
    assert (case.situation_lapses_on, case.closed_by) == (end, adviser.user)
    assert Destination.objects.get(case=case).structure == cfa
    assert cfa.name not in str(event.facts), "no place in the timeline"
    services.still_true(adviser, case=case.pk)
    case.refresh_from_db()
    assert case.situation_lapses_on == end, "true until the expected end, not beyond"


def test_a_start_taken_back(adviser: Actor, case: Case) -> None:
    one = proposed(adviser, case, place="CFA du Gué")
    event = services.start(
        adviser, proposal=one.pk, starts_on=timezone.localdate(), proof="contract", place="Ailleurs"
    )
    acts.undo(adviser, event=event.pk)
    case.refresh_from_db()
    one.refresh_from_db()
    assert (case.status, case.outcome, case.situation) == (Status.TO_CHECK, "", "unknown")
    assert (one.status, one.starts_on, one.place) == ("made", None, "CFA du Gué")
    assert not Destination.objects.filter(case=case).exists()


def test_said_by_the_school_alone_it_is_to_confirm(adviser: Actor, case: Case) -> None:
    one = proposed(adviser, case, kind="return")
    services.start(adviser, proposal=one.pk, starts_on=timezone.localdate(), proof="structure")
    case.refresh_from_db()
    assert (case.situation, case.status, case.outcome) == ("schooled", Status.TO_CONFIRM, "")


def test_broken_off_the_case_lives_again_and_nothing_is_unknown(adviser: Actor, case: Case) -> None:
    one = proposed(adviser, case)
    today = timezone.localdate()
    services.start(adviser, proposal=one.pk, starts_on=today, proof="contract")
    services.end(adviser, proposal=one.pk, broken=True)
    case.refresh_from_db()
    one.refresh_from_db()
    assert (case.status, case.outcome, case.closed_on) == (Status.TO_CHECK, "", None)
    assert case.situation == "apprentice"
    assert case.situation_lapses_on < today
    assert one.status == "broken"


def test_over_it_is_to_confirm(adviser: Actor, case: Case) -> None:
    one = proposed(adviser, case)
    today = timezone.localdate()
    services.start(adviser, proposal=one.pk, starts_on=today, proof="contract")
    services.end(adviser, proposal=one.pk)
    case.refresh_from_db()
    assert case.status == Status.CLOSED
    assert case.situation_lapses_on < today


def test_a_protected_schooling_shows_no_solution(adviser: Actor, case: Case, head: Actor) -> None:
    one = proposed(adviser, case, place="Lycée de la Loire")
    acts.protect_schooling(head, case=case.pk)
    for reader, expected in ((adviser.user, 0), (head.user, 1)):
        with acting_in_database(reader.pk):
            assert Proposal.objects.filter(pk=one.pk).count() == expected
    with pytest.raises(Refused, match="protégée"):
        services.end(adviser, proposal=one.pk)


def test_a_place_that_tells_too_much_is_not_kept(adviser: Actor, case: Case) -> None:
    one = proposed(adviser, case, kind="other_partner", place="ITEP du Parc")
    assert one.place == "accompagnement par un partenaire"


# --- under the role of the pages ------------------------------------------------------------------


def test_every_act_under_row_level_security(adviser: Actor, case: Case) -> None:
    mlds = cast.structure(Kind.MLDS)
    worker = cast.actor(mlds, Role.AGENT)
    today = timezone.localdate()
    with acting_in_database(adviser.user.pk):
        interviewed(adviser, case)
        services.recommend(adviser, case=case.pk, kind="cfa")
        services.mandate(adviser, case=case.pk, structure=mlds, report_by=today + timedelta(days=9))
    with acting_in_database(worker.user.pk):
        interviewed(worker, case)
        services.report(worker, mandate=Mandate.objects.get().pk, result="under_way")
        one = proposed(worker, case)
        services.answer(worker, proposal=one.pk, said="accepted")
        services.start(worker, proposal=one.pk, starts_on=today, proof="contract")
        services.still_true(worker, case=case.pk)
        services.end(worker, proposal=one.pk, broken=True)
    case.refresh_from_db()
    assert case.is_open
