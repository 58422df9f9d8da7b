"""Acts: each writes its line of the timeline in the same transaction, and can be taken back."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.forms.models import model_to_dict
from django.utils import timezone
from tests import cast

from raccord.accounts.actors import Actor
from raccord.accounts.middleware import acting_in_database
from raccord.accounts.roles import Role
from raccord.followup import services
from raccord.followup.models import (
    Candidate,
    Case,
    ContactAttempt,
    ContactDetails,
    Departure,
    Destination,
    LegalRepresentative,
    Person,
    TimelineEvent,
)
from raccord.followup.relay import services as relay
from raccord.followup.vocabulary import (
    ContactState,
    EventKind,
    Lane,
    Outcome,
    SituationKind,
    Status,
)
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

pytestmark = pytest.mark.django_db


@pytest.fixture
def head() -> Any:
    """The head of a school, under the rights of a web request."""
    user = cast.member(cast.structure())
    with acting_in_database(user.pk):
        yield Actor.of(user)


@contextmanager
def as_the_night() -> Iterator[None]:
    """Prepare something that the web role could not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('role', 'none', true)")
        yield
        cursor.execute("SELECT set_config('role', %s, true)", [settings.WEB_ROLE])


def a_case(of: Structure, **fields: Any) -> Case:
    with as_the_night():
        return cast.case(of, **fields)


@pytest.fixture
def case(head: Actor) -> Case:
    """A case of that school."""
    return a_case(head.schools[0])


def again(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def last(case: Case) -> TimelineEvent:
    event = case.timeline.first()
    assert event is not None
    return event


def call(head: Actor, case: Case, **given: Any) -> TimelineEvent:
    values = {"channel": "call", "answerer": "nobody", "result": "no_answer"} | given
    return services.record_contact(head, case=case.pk, **values)


def test_a_call_without_answer_counts_and_keeps_the_case_to_check(head: Actor, case: Case) -> None:
    event = call(head, case)
    found = again(case)
    assert (found.attempts, found.contact_state) == (1, ContactState.TRIED)
    assert found.status == Status.TO_CHECK
    assert found.worked_on_at is not None
    assert found.version == case.version + 1
    assert event.user_id == head.user.pk
    assert event.structure == head.schools[0]
    assert ContactAttempt.objects.get(event=event).result == "no_answer"


def test_an_answer_that_says_enrolled_is_a_declaration_to_confirm(head: Actor, case: Case) -> None:
    call(head, case, answerer="youth", result="says_enrolled")
    found = again(case)
    assert found.status == Status.TO_CONFIRM
    assert found.contact_state == ContactState.REACHED


def test_not_now_is_a_pause_with_a_day_to_take_up_again(head: Actor, case: Case) -> None:
    with pytest.raises(ValidationError) as wrong:
        call(head, case, answerer="youth", result="not_now")
    assert "next_on" in wrong.value.message_dict
    later = timezone.localdate() + timedelta(days=20)
    call(head, case, answerer="youth", result="not_now", next_on=later)
    assert (again(case).status, again(case).next_act_on) == (Status.PAUSED, later)


def test_nobody_cannot_have_said_something(head: Actor, case: Case) -> None:
    with pytest.raises(ValidationError) as wrong:
        call(head, case, result="looking")
    assert "answerer" in wrong.value.message_dict


@pytest.mark.parametrize(
    ("note", "word"),
    [
        ("Hospitalisé depuis lundi", "Hospitalisé"),
        ("suivi par la PJJ", "PJJ"),
        ("Parents en instance de divorce", "divorce"),
        ("Sans-papiers ?", "Sans-papiers"),
        ("vit en FOYER", "FOYER"),
        ("va à la mosquée", "mosquée"),
    ],
)
def test_a_forbidden_matter_is_refused_with_its_word(
    head: Actor, case: Case, note: str, word: str
) -> None:
    with pytest.raises(ValidationError) as wrong:
        call(head, case, note=note)
    assert word in wrong.value.messages[0]
    assert not ContactAttempt.objects.filter(case=case).exists()


def test_a_proof_closes_and_a_declaration_does_not(head: Actor, case: Case) -> None:
    services.record_situation(head, case=case.pk, kind="schooled", proof="declaration")
    assert again(case).status == Status.TO_CONFIRM
    services.record_situation(head, case=case.pk, kind="schooled", proof="certificate")
    found = again(case)
    assert (found.status, found.outcome) == (Status.CLOSED, Outcome.SCHOOLED)
    assert found.closed_by == head.user
    assert found.situation_lapses_on is not None
    assert found.situation_lapses_on > timezone.localdate()


def test_a_place_is_written_in_the_destination_and_nowhere_else(head: Actor, case: Case) -> None:
    services.record_situation(
        head, case=case.pk, kind="apprentice", proof="contract", place="Boulangerie Lambert"
    )
    assert Destination.objects.get(case=case).place == "Boulangerie Lambert"
    told = TimelineEvent.objects.filter(case=case).values_list("facts", "note")
    assert "Lambert" not in str(list(told))


def test_the_name_of_a_partner_that_tells_too_much_is_made_neutral(head: Actor, case: Case) -> None:
    services.record_situation(
        head, case=case.pk, kind="accompanied", proof="structure", place="ITEP Les Cèdres"
    )
    assert Destination.objects.get(case=case).place == "accompagnement par un partenaire"


def test_an_old_page_writes_nothing_over_what_was_done_since(head: Actor, case: Case) -> None:
    call(head, case, version=case.version)
    with pytest.raises(services.ChangedMeanwhile):
        call(head, case, version=case.version)
    assert again(case).attempts == 1


def test_false_alarms_are_closed_together_and_taken_back_together(head: Actor) -> None:
    cases = [a_case(head.schools[0]) for _ in range(3)]
    ids = [case.pk for case in cases]
    events = services.close_false_alarm(head, cases=ids, which="still_here")
    assert {again(case).outcome for case in cases} == {Outcome.FALSE_ALARM}
    services.undo(head, event=events[0].pk)
    assert {again(case).status for case in cases} == {Status.TO_CHECK}


def test_all_or_none_of_what_is_ticked(head: Actor) -> None:
    """One case that cannot be transmitted, and no other is."""
    school = head.schools[0]
    ok, young = a_case(school), a_case(school, lane=Lane.UNDER_16)
    with pytest.raises(services.Refused, match=f"^{young.person} : "):
        relay.hand_over(head, receivers={ok.pk: cio(), young.pk: cio()}, reason="interview")
    assert again(ok).status == Status.TO_CHECK


def test_what_is_not_yours_does_not_exist(head: Actor) -> None:
    with as_the_night():
        elsewhere = cast.case(cast.structure())
    with pytest.raises(Case.DoesNotExist):
        call(head, elsewhere)


# --- taking back ----------------------------------------------------------------------------------


def _state(case: Case) -> dict[str, Any]:
    """Everything that an act may change, without what counts the acts."""
    found = again(case)
    kept = model_to_dict(found)
    for name in ("version", "last_activity_at"):
        kept.pop(name, None)
    destination = Destination.objects.filter(case=case).values("place", "uai", "seen_on").first()
    details = ContactDetails.objects.filter(person=found.person_id).values().first()
    people = list(
        LegalRepresentative.objects.filter(person=found.person_id).values("name", "phone")
    )
    reasons = list(Departure.objects.filter(case=case).values_list("reason", flat=True))
    said = list(Candidate.objects.filter(case=case).order_by("pk").values_list("said", flat=True))
    person = Person.objects.values("protected_by", "protected_at").get(pk=found.person_id)
    return kept | {
        "d": destination,
        "c": details,
        "r": people,
        "m": reasons,
        "s": said,
        "p": person,
    }


def cio() -> Structure:
    with as_the_night():
        return cast.structure(Kind.CIO)


def _candidate(case: Case) -> Candidate:
    with as_the_night():
        return Candidate.objects.create(
            case=case,
            departure=case.departures.get(),
            rank=1,
            source="siecle",
            uai="0440001A",
            local_id="12",
            last_name="Martin",
            first_name="Lou",
        )


ACTS = {
    "call": lambda h, c: call(h, c, answerer="youth", result="looking"),
    "situation": lambda h, c: services.record_situation(
        h, case=c.pk, kind="job", proof="contract", place="Garage Martin"
    ),
    "reason": lambda h, c: services.record_reason(h, case=c.pk, reason="work"),
    "details": lambda h, c: services.complete_details(
        h,
        case=c.pk,
        details={"phone": "07 00 00 00 00", "address": "2 rue Neuve"},
        representatives=[{"name": "Dominique", "phone": "01", "email": ""}],
    ),
    "false_alarm": lambda h, c: services.close_false_alarm(h, cases=[c.pk], which="duplicate")[0],
    "transmit": lambda h, c: relay.hand_over(h, receivers={c.pk: cio()}, reason="interview")[0],
    "pause": lambda h, c: services.pause_until(
        h, case=c.pk, until=timezone.localdate() + timedelta(days=9)
    ),
    "same": lambda h, c: services.say_same_person(
        h, case=c.pk, candidate=Candidate.objects.get(case=c).pk
    ),
    "other": lambda h, c: services.say_other_person(
        h, case=c.pk, candidate=Candidate.objects.get(case=c).pk
    ),
    "protect": lambda h, c: services.protect_schooling(h, case=c.pk),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("placed", [False, True])
def test_an_act_taken_back_leaves_everything_as_it_was(
    head: Actor, case: Case, act: str, placed: bool
) -> None:
    _candidate(case)
    if placed:
        services.record_situation(
            head, case=case.pk, kind="trainee", proof="declaration", place="Centre de formation"
        )
    before = _state(case)
    event = ACTS[act](head, case)
    assert _state(case) != before
    services.undo(head, event=event.pk)
    assert _state(case) == before
    assert last(case).undoes == event


def test_only_the_last_act_is_taken_back(head: Actor, case: Case) -> None:
    first = call(head, case)
    second = call(head, case)
    with pytest.raises(services.Refused):
        services.undo(head, event=first.pk)
    services.undo(head, event=second.pk)
    services.undo(head, event=first.pk)
    assert again(case).attempts == 0
    assert again(case).worked_on_at is None


def test_what_the_night_did_since_is_not_overwritten(head: Actor, case: Case) -> None:
    event = call(head, case)
    TimelineEvent.objects.create(case=case, kind=EventKind.ASKED_TO_CONFIRM, author="La nuit")
    with pytest.raises(services.Refused):
        services.undo(head, event=event.pk)


# --- candidates, protection, departures declared --------------------------------------------------


def test_the_same_person_is_found_and_the_place_is_kept_apart(head: Actor, case: Case) -> None:
    candidate = _candidate(case)
    services.say_same_person(head, case=case.pk, candidate=candidate.pk)
    assert again(case).outcome == Outcome.FOUND
    assert Destination.objects.get(case=case).uai == "0440001A"
    assert Candidate.objects.get(pk=candidate.pk).said == "same"


def test_when_no_candidate_is_left_there_is_somebody_to_call(head: Actor) -> None:
    case = a_case(head.schools[0], status=Status.TO_CONFIRM)
    candidate = _candidate(case)
    services.say_other_person(head, case=case.pk, candidate=candidate.pk)
    assert again(case).status == Status.TO_CHECK


def test_the_place_of_somebody_else_does_not_stay_behind(head: Actor, case: Case) -> None:
    candidate = _candidate(case)
    with as_the_night():
        placed = Destination.objects.create(
            case=case, source="siecle", uai="0440001A", local_id="12", matched_by="identite",
            seen_on=date(2026, 9, 1),
        )  # fmt: skip
    event = services.say_other_person(head, case=case.pk, candidate=candidate.pk)
    assert not Destination.objects.filter(case=case).exists()
    services.undo(head, event=event.pk)
    assert Destination.objects.get(case=case).local_id == placed.local_id


@pytest.mark.parametrize("other", [{"local_id": "13"}, {"source": "", "matched_by": "declared"}])
def test_another_place_stays(head: Actor, case: Case, other: dict[str, str]) -> None:
    candidate = _candidate(case)
    with as_the_night():
        values = {"source": "siecle", "uai": "0440001A", "local_id": "12", "matched_by": "ine"}
        Destination.objects.create(case=case, seen_on=date(2026, 9, 1), **values | other)
    services.say_other_person(head, case=case.pk, candidate=candidate.pk)
    assert Destination.objects.filter(case=case).exists()


def test_a_candidate_of_another_case_is_no_candidate(head: Actor, case: Case) -> None:
    other = _candidate(a_case(head.schools[0]))
    with pytest.raises(Candidate.DoesNotExist):
        services.say_same_person(head, case=case.pk, candidate=other.pk)


def test_a_protected_schooling_is_hidden_from_the_others_by_the_database() -> None:
    school = cast.structure()
    user, colleague = cast.member(school), cast.member(school, Role.CORRESPONDENT)
    case = cast.case(school)
    Destination.objects.create(case=case, place="Lycée du Parc", seen_on=date(2026, 9, 1))
    with acting_in_database(user.pk):
        services.protect_schooling(Actor.of(user), case=case.pk)
        assert Destination.objects.filter(case=case).exists()
    with acting_in_database(colleague.pk):
        assert Case.objects.get(pk=case.pk).outcome == Outcome.FOUND
        assert not Destination.objects.exists()
        assert not ContactDetails.objects.exists()


def _declared(head: Actor, **given: Any) -> Case:
    values: dict[str, Any] = {
        "school": head.schools[0],
        "last_name": "Le  Goff",
        "first_name": "Maëlys",
        "birth_date": date(timezone.localdate().year - 17, 1, 2),
        "origin": "no_longer_comes",
        "level": "1re ASSP ULIS",
    } | given
    return services.declare_departure(head, **values)


def test_a_departure_declared_by_the_school_lives_under_row_level_security(head: Actor) -> None:
    case = _declared(head)
    assert again(case).lane == Lane.OBLIGATION_16_17
    assert again(case).worked_on_at is not None
    assert case.departures.get().level == "1re ASSP"
    assert last(case).kind == EventKind.DECLARED
    assert again(case).person.search_name == "LE GOFF MAELYS"


def test_nobody_has_two_open_cases(head: Actor) -> None:
    case = _declared(head)
    with pytest.raises(services.AlreadyFollowed) as already:
        _declared(head, last_name="LE GOFF", first_name="Maelys")
    assert already.value.case == case


def test_an_improbable_birth_date_is_told(head: Actor) -> None:
    with pytest.raises(ValidationError) as wrong:
        _declared(head, birth_date=date(1980, 1, 2))
    assert "birth_date" in wrong.value.message_dict


def test_a_school_declares_for_itself_only(head: Actor) -> None:
    with as_the_night():
        other = cast.structure()
    with pytest.raises(services.Refused):
        _declared(head, school=other)


def test_a_situation_that_is_no_longer_sure_is_to_confirm_not_unknown(head: Actor) -> None:
    from raccord.followup.situations import Duty, duty

    assert duty(SituationKind.APPRENTICE, "contract") is Duty.MET
    assert duty(SituationKind.APPRENTICE, "contract", lapsed=True) is Duty.TO_CONFIRM
    assert duty(SituationKind.SCHOOLED, "declaration") is Duty.TO_CONFIRM
    assert duty(SituationKind.SCHOOLED, "register") is Duty.MET
    assert duty(SituationKind.JOB, "declaration") is Duty.MET
    assert duty(SituationKind.DISTANCE, "declaration") is Duty.TO_CONFIRM
    assert duty(SituationKind.DISTANCE, "certificate") is Duty.MET
