"""The one-time link: what a visitor learns and may say, and what the school does of it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.utils import DatabaseError
from django.test import Client
from django.utils import timezone
from tests import cast

from raccord.accounts.middleware import acting_in_database
from raccord.accounts.roles import Role
from raccord.followup.letters import answering, deciding, services, tokens
from raccord.followup.letters.vocabulary import AnswerKind
from raccord.followup.models import (
    Answer,
    AnswerLink,
    Case,
    ContactDetails,
    Destination,
    LegalRepresentative,
)
from raccord.followup.services import Refused, complete_details, undo
from raccord.followup.vocabulary import EventKind, Status
from raccord.territory.kinds import Kind

pytestmark = pytest.mark.django_db
#: The token of the address is the only key: without a cookie there is no other to check.
no_cookie = pytest.mark.allows("csrf")


@pytest.fixture(autouse=True)
def _no_memory_of_wrong_links() -> None:
    cache.clear()


@pytest.fixture
def school() -> Any:
    return cast.structure(name="Lycée Voltaire", phone="02 40 00 00 00")


@pytest.fixture
def head(school: Any) -> Any:
    return cast.actor(school)


def linked(head: Any, school: Any, *, age: int = 17, **fields: Any) -> tuple[Case, str]:
    """A case whose family was written to, and the address of its link."""
    born = date(timezone.localdate().year - age, 1, 1)
    person = cast.person(academie=school.academie, birth_date=born, last_name="Martinez")
    ContactDetails.objects.filter(person=person).update(address="3 rue X", postcode="44000")
    LegalRepresentative.objects.create(person=person, name="Mme Exemple", phone="07 22 22 22 22")
    case = cast.case(school, of=person, **fields)
    batch = services.send(head, cases=[case.pk], purpose="first_contact", medium="letter")
    return case, "/r/" + batch.written[0].link.rpartition("/r/")[2]


def token_of(address: str) -> str:
    return tokens.typed(address.rpartition("/")[2])


def say(address: str, said: str, **given: Any) -> Any:
    return Client().post(address, {"said": said} | given)


def test_a_visitor_learns_a_first_name_and_a_school_and_no_cookie_is_kept(
    school: Any, head: Any
) -> None:
    case, address = linked(head, school)
    page = Client().get(address)
    text = page.content.decode()
    assert page.status_code == 200
    assert "Où en est Lou" in text and "Lycée Voltaire" in text
    assert not page.cookies
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["Cache-Control"] == "no-store"
    for hidden in ("Martinez", "1re ASSP", "06 99", "rue X", str(case.pk)):
        assert hidden not in text
    assert not say(address, "looking").cookies


def test_from_18_the_page_speaks_to_the_young_person(school: Any, head: Any) -> None:
    _, address = linked(head, school, age=19)
    assert "Où en êtes-vous, Lou" in Client().get(address).content.decode()


def test_a_link_is_typed_with_or_without_hyphens_and_capitals(school: Any, head: Any) -> None:
    _, address = linked(head, school)
    for written in (address.upper().replace("/R/", "/r/"), address.replace("-", "")):
        assert Client().get(written).status_code == 200


@pytest.mark.parametrize(
    ("said", "given", "status", "next_in"),
    [
        ("looking", {}, Status.TO_CHECK, 0),
        ("not_now", {"weeks": "4"}, Status.PAUSED, 28),
        ("not_me", {}, Status.TO_CHECK, None),
        ("enrolled", {"place": "Entreprise Dupont, Rezé", "chosen": "typed"}, "to_confirm", None),
    ],
)
def test_an_answer_is_a_declaration_that_the_timeline_tells(
    school: Any, head: Any, said: str, given: dict[str, str], status: str, next_in: int | None
) -> None:
    case, address = linked(head, school)
    assert say(address, said, **given).status_code == 302
    case.refresh_from_db()
    today = timezone.localdate()
    expected = None if next_in is None else today + timedelta(days=next_in)
    assert (case.status, case.next_act_on) == (status, expected)
    assert case.closed_on is None and case.situation == "unknown"
    event = case.timeline.get(kind=EventKind.ANSWER)
    assert event.author == "la famille"
    assert "Dupont" not in str(event.facts) + event.note
    assert Answer.objects.get(case=case).kind == said


def test_a_stranger_is_not_written_to_again_until_the_details_are_corrected(
    school: Any, head: Any
) -> None:
    case, address = linked(head, school)
    say(address, "not_me")
    asked = {"cases": [case.pk], "purpose": "reminder", "medium": "letter"}
    (left_out,) = services.send(head, **asked).left_out
    assert "ne me concerne pas" in left_out[1]
    complete_details(head, case=case.pk, details={"address": "8 rue Juste", "postcode": "44000"})
    assert services.send(head, **asked).written


@no_cookie
def test_rappelez_moi_says_when_and_at_which_number(school: Any, head: Any) -> None:
    case, address = linked(head, school)
    day = answering.recall_days(timezone.localdate())[1]
    given = {"phone": "06 12 34", "recall_on": day.isoformat(), "moment": "noon"}
    page = say(address, "call_back", **given)
    assert "n’est pas un numéro complet" in page.content.decode()
    assert 'value="06 12 34"' in page.content.decode()
    say(address, "call_back", **given | {"phone": "06 12 34 56 78"})
    answer = Answer.objects.get()
    assert (answer.phone, answer.recall_on, answer.moment) == ("06 12 34 56 78", day, "noon")
    case.refresh_from_db()
    assert case.next_act_on == day


@no_cookie
def test_an_establishment_is_searched_then_chosen(school: Any, head: Any) -> None:
    cfa = cast.structure(Kind.CFA, name="CFA du bâtiment", name_normalised="cfa du batiment")
    _, address = linked(head, school)
    page = say(address, "enrolled", place="cfa BÂTIMENT")
    assert "CFA du bâtiment" in page.content.decode()
    assert not Answer.objects.exists()
    page = say(address, "enrolled", place="cfa BÂTIMENT", asked="1")
    assert "Choisissez une ligne" in page.content.decode()
    say(address, "enrolled", place="cfa BÂTIMENT", chosen=str(cfa.pk))
    assert Answer.objects.get().structure == cfa


@no_cookie
def test_only_what_was_proposed_can_be_chosen(school: Any, head: Any) -> None:
    other = cast.structure(Kind.DSDEN, name="DSDEN", name_normalised="dsden")
    _, address = linked(head, school)
    say(address, "enrolled", place="cfa", chosen=str(other.pk))
    assert not Answer.objects.exists()


@pytest.mark.parametrize(
    ("place", "kept"),
    [
        ("IME Les Lilas", "accompagnement par un partenaire"),
        ("Lycée catholique Saint-Joseph, Nantes", "Lycée catholique Saint-Joseph, Nantes"),
    ],
)
def test_a_place_that_tells_too_much_is_neutralised(
    school: Any, head: Any, place: str, kept: str
) -> None:
    _, address = linked(head, school)
    say(address, "enrolled", place=place, chosen="typed")
    say(address, "enrolled", place=kept, chosen="typed")
    assert Answer.objects.get().place == kept


@no_cookie
def test_what_is_not_a_place_is_refused_and_kept_on_screen(school: Any, head: Any) -> None:
    _, address = linked(head, school)
    for place in ("mes parents ont divorcé", "x" * 121, ""):
        page = say(address, "enrolled", place=place, chosen="typed")
        assert page.status_code == 200
        assert place in page.content.decode()
    assert not Answer.objects.exists()


def test_one_answer_per_link_and_the_second_visit_says_what_was_answered(
    school: Any, head: Any
) -> None:
    _, address = linked(head, school)
    say(address, "looking")
    say(address, "not_me")
    assert Answer.objects.get().kind == "looking"
    page = Client().get(address).content.decode()
    assert "nous avons votre réponse" in page and "Lou cherche une solution" in page
    assert not answering.answer(token_of(address), said=AnswerKind.NOT_ME)


def test_a_link_ends_after_60_days_or_when_its_message_is_taken_back(
    school: Any, head: Any
) -> None:
    case, address = linked(head, school)
    AnswerLink.objects.update(expires_on=timezone.localdate() - timedelta(days=1))
    assert Client().get(address).status_code == 410
    assert say(address, "looking").status_code == 410
    AnswerLink.objects.update(expires_on=timezone.localdate())
    undo(head, event=case.timeline.get(kind=EventKind.LETTER).pk)
    assert Client().get(address).status_code == 404
    assert not answering.answer(token_of(address), said=AnswerKind.LOOKING)


@pytest.mark.parametrize("fields", [{"hidden": True}, {"protected_at": timezone.now()}])
def test_a_death_or_a_protected_schooling_silences_the_link(
    school: Any, head: Any, fields: dict[str, Any]
) -> None:
    case, address = linked(head, school)
    for name, value in fields.items():
        setattr(case.person, name, value)
    if "protected_at" in fields:
        case.person.protected_by = school
    case.person.save()
    assert Client().get(address).status_code == 404
    assert not answering.answer(token_of(address), said=AnswerKind.LOOKING)


def test_guesses_are_bounded(school: Any, head: Any) -> None:
    _, address = linked(head, school)
    for _ in range(answering.WRONG):
        assert Client().get("/r/" + tokens.shown(tokens.draw())).status_code == 404
    assert Client().get(address).status_code == 429
    assert say(address, "looking").status_code == 429
    assert Client().get(address, REMOTE_ADDR="192.0.2.7").status_code == 200


def test_the_web_role_writes_an_answer_through_the_function_and_no_other_way(
    school: Any, head: Any
) -> None:
    _, address = linked(head, school)
    with acting_in_database(None):
        assert not Case.objects.exists() and not AnswerLink.objects.exists()
        found = answering.read(token_of(address))
        assert found is not None and found.first_name == "Lou"
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM raccord_link(%s)", ["a" * 16])
            assert cursor.fetchall() == []
            # the digest opens nothing, nor does the wider function
            digest = tokens.digest(token_of(address)).hex()
            cursor.execute("SELECT * FROM raccord_link(%s)", [digest])
            assert cursor.fetchall() == []
    with pytest.raises(DatabaseError), acting_in_database(None), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM raccord_live_link(%s)", [token_of(address)])


def test_the_web_role_cannot_forge_an_answer(school: Any, head: Any) -> None:
    case, _ = linked(head, school)
    event = case.timeline.first()
    assert event is not None
    with pytest.raises(DatabaseError), acting_in_database(head.user.pk):
        Answer.objects.create(link=AnswerLink.objects.get(), case=case, event=event, kind="looking")


# --- What the school does of it -------------------------------------------------------------------


def answered(head: Any, school: Any, said: str = "enrolled", **given: Any) -> Answer:
    _, address = linked(head, school)
    if said == "enrolled":
        given = {"place": "CFA inconnu, Rezé", "chosen": "typed"} | given
    say(address, said, **given)
    return Answer.objects.get()


def test_an_enrolment_confirmed_with_a_proof_closes_and_without_one_stays_to_confirm(
    school: Any, head: Any
) -> None:
    answer = answered(head, school)
    deciding.confirm(head, answer=answer.pk, kind="schooled", proof="declaration")
    case = Case.objects.get()
    assert (case.status, case.situation) == (Status.TO_CONFIRM, "schooled")
    assert Destination.objects.get(case=case).place == "CFA inconnu, Rezé"
    undo(head, event=case.timeline.get(kind=EventKind.SITUATION).pk)
    deciding.confirm(head, answer=answer.pk, kind="schooled", proof="certificate")
    case.refresh_from_db()
    assert (case.status, case.outcome) == (Status.CLOSED, "schooled")
    with pytest.raises(Answer.DoesNotExist):
        deciding.set_aside(head, answer=answer.pk)


def test_an_answer_set_aside_puts_the_case_back_and_this_can_be_undone(
    school: Any, head: Any
) -> None:
    answer = answered(head, school, "not_now", weeks="4")
    event = deciding.set_aside(head, answer=answer.pk)
    case = Case.objects.get()
    assert (case.status, case.next_act_on) == (Status.TO_CHECK, None)
    assert not Answer.objects.waiting().exists()
    undo(head, event=event.pk)
    case.refresh_from_db()
    assert case.status == Status.PAUSED
    assert Answer.objects.waiting().exists()


def test_a_secretariat_does_not_decide_nor_reads_what_was_answered(school: Any, head: Any) -> None:
    answer = answered(head, school)
    office = cast.actor(school, Role.SECRETARIAT)
    with pytest.raises(Refused):
        deciding.set_aside(office, answer=answer.pk)
    page = cast.signed_in(office.user).get(f"/dossiers/{answer.case_id}/")
    assert "CFA inconnu" not in page.content.decode()


def test_the_sheet_shows_the_answer_and_its_buttons(school: Any, head: Any) -> None:
    answer = answered(head, school)
    client = cast.signed_in(head.user)
    sheet = client.get(f"/dossiers/{answer.case_id}/").content.decode()
    assert "CFA inconnu, Rezé" in sheet and "Ne pas retenir" in sheet
    assert "La famille" in sheet
    page = client.get(f"/reponses/{answer.pk}/confirmer/")
    assert "Sur quoi cela repose" in page.content.decode()
    sent = {"kind": "apprentice", "proof": "contract"}
    assert client.post(f"/reponses/{answer.pk}/confirmer/", sent).status_code == 302
    assert Case.objects.get().outcome == "apprentice"
    assert client.post(f"/reponses/{answer.pk}/ecarter/").status_code == 404


def test_an_answer_of_somebody_elses_case_does_not_exist(school: Any, head: Any) -> None:
    answer = answered(head, school)
    client = cast.signed_in(cast.member(cast.structure()))
    assert client.get(f"/reponses/{answer.pk}/confirmer/").status_code == 404
    assert client.post(f"/reponses/{answer.pk}/ecarter/").status_code == 404
    with pytest.raises(Answer.DoesNotExist):
        deciding.set_aside(cast.actor(cast.structure()), answer=answer.pk)


def test_a_protected_schooling_hides_the_place_that_was_answered(school: Any, head: Any) -> None:
    answer = answered(head, school)
    person = Case.objects.get().person
    person.protected_at, person.protected_by = timezone.now(), cast.structure()
    person.save()
    with acting_in_database(head.user.pk):
        assert not Answer.objects.exists()
    page = cast.signed_in(head.user).get(f"/dossiers/{answer.case_id}/").content.decode()
    assert "CFA inconnu" not in page
