"""Letters and messages: who is written to, what leaves, what is kept of it."""

import io
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from tests import cast

from raccord.accounts.middleware import acting_in_database
from raccord.accounts.roles import Role
from raccord.followup.letters import defaults, delivery, documents, sealing, services, tokens
from raccord.followup.letters.wording import check_text, filled
from raccord.followup.models import (
    AnswerLink,
    Case,
    ContactDetails,
    LegalRepresentative,
    LetterTemplate,
    Message,
    TimelineEvent,
)
from raccord.followup.services import record_contact, undo
from raccord.followup.vocabulary import ContactState, EventKind

pytestmark = pytest.mark.django_db

HOSTILE = '#panic("x") *_$ @ref <b> \\u{0} `let` {lien} "\'; =1+1 \x00\x0b é 李'


@pytest.fixture
def school() -> Any:
    return cast.structure(address="1 rue des Écoles", postcode="44000", phone="02 40 00 00 00")


@pytest.fixture
def head(school: Any) -> Any:
    return cast.actor(school)


def reachable(school: Any, *, age: int = 17, **fields: Any) -> Case:
    """A case whose young person can be written to by every channel, and whose mother too."""
    born = date(timezone.localdate().year - age, 1, 1)
    person = cast.person(academie=school.academie, birth_date=born, **fields)
    ContactDetails.objects.filter(person=person).update(
        address="3 rue des Lilas",
        postcode="44000",
        phone="06 11 11 11 11",
        email="lou@exemple.test",
    )
    LegalRepresentative.objects.create(
        person=person, name="Mme Exemple", phone="07 22 22 22 22", email="parent@exemple.test"
    )
    return cast.case(school, of=person)


def send(
    actor: Any, cases: list[Case], medium: str = "letter", purpose: str = "first_contact"
) -> Any:
    return services.send(actor, cases=[c.pk for c in cases], purpose=purpose, medium=medium)


def test_until_18_the_family_is_written_to_and_from_18_the_young_person_alone(
    school: Any, head: Any
) -> None:
    minor, adult = reachable(school, age=17), reachable(school, age=18)
    written = {w.case.pk: w for w in send(head, [minor, adult], "sms").written}
    assert written[minor.pk].recipient.name == "Mme Exemple"
    assert written[minor.pk].recipient.phone == "07 22 22 22 22"
    assert written[adult.pk].recipient.phone == "06 11 11 11 11"
    assert "Mme Exemple" not in str(written[adult.pk])
    assert written[adult.pk].body != written[minor.pk].body


def test_somebody_of_unknown_age_is_never_written_to_through_their_parents(
    school: Any, head: Any
) -> None:
    case = reachable(school)
    case.person.birth_date = None
    case.person.save()
    assert send(head, [case], "email").written[0].recipient.email == "lou@exemple.test"


def test_a_refused_channel_is_not_used_again(school: Any, head: Any) -> None:
    case = reachable(school)
    record_contact(
        head, case=case.pk, channel="sms", answerer="representative", result="refuses_channel"
    )
    batch = send(head, [case], "sms")
    assert not batch.written
    assert batch.left_out[0][1] == "ne souhaite plus être contacté ainsi"
    assert send(head, [case], "letter").written


def test_those_who_cannot_be_reached_are_left_out_and_told(school: Any, head: Any) -> None:
    reached, lost = reachable(school), cast.case(school)
    batch = send(head, [reached, lost])
    assert [w.case.pk for w in batch.written] == [reached.pk]
    assert batch.left_out == [(lost, "adresse incomplète")]
    assert not Message.objects.filter(case=lost).exists()


def test_a_protected_schooling_is_not_written_to(school: Any) -> None:
    other = cast.structure()
    case = reachable(school)
    case.person.protected_at, case.person.protected_by = timezone.now(), other
    case.person.save()
    batch = send(cast.actor(school), [case])
    assert not batch.written
    assert "protégée" in batch.left_out[0][1]


def test_what_is_not_mine_does_not_exist(school: Any) -> None:
    with pytest.raises(Case.DoesNotExist):
        send(cast.actor(cast.structure()), [reachable(school)])


def test_a_letter_is_told_by_the_timeline_counts_as_a_try_and_keeps_no_link(
    school: Any, head: Any
) -> None:
    case = reachable(school)
    written = send(head, [case]).written[0]
    case.refresh_from_db()
    assert (case.contact_state, case.attempts) == (ContactState.TRIED, 1)
    event = TimelineEvent.objects.get(case=case, kind=EventKind.LETTER)
    token = tokens.typed(written.link.rpartition("/")[2])
    link = AnswerLink.objects.get(case=case)
    assert bytes(link.digest) == tokens.digest(token)
    assert link.expires_on == timezone.localdate() + timedelta(days=60)
    message = Message.objects.get(case=case)
    assert (message.event, message.status, message.outgoing) == (event, "printed", "")
    assert token not in str(event.facts) + str(message.__dict__) + str(link.__dict__)


def test_a_notice_is_not_a_try_and_is_what_a_transmission_asks_for(school: Any, head: Any) -> None:
    case = reachable(school)
    assert not services.was_informed(case)
    batch = send(head, [case], purpose="transmission")
    case.refresh_from_db()
    assert (case.attempts, services.was_informed(case)) == (0, True)
    undo(head, event=batch.events[0].pk)
    assert not services.was_informed(case)


def test_bulk_letters_take_a_number_of_queries_that_does_not_grow(
    school: Any, head: Any, django_assert_max_num_queries: Any
) -> None:
    cases = [reachable(school) for _ in range(12)]
    with django_assert_max_num_queries(24):
        assert len(send(head, cases).written) == 12


def test_the_web_role_may_send_under_row_level_security(school: Any, head: Any) -> None:
    case = reachable(school)
    with acting_in_database(head.user.pk):
        assert len(send(head, [case], "sms").written) == 1
        assert Message.objects.count() == 1
    with acting_in_database(cast.member(cast.structure()).pk):
        assert Message.objects.count() == AnswerLink.objects.count() == 0


# --- Documents ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [HOSTILE, "O’Brien-Çelik", "Ælfrīc", "李", "\u202eabc"])
def test_a_hostile_name_is_printed_and_never_interpreted(school: Any, head: Any, name: str) -> None:
    case = reachable(school)
    case.person.first_name = name[:100].replace("\x00", "")
    case.person.save()
    written = send(head, [case]).written
    assert documents.pdf(written).startswith(b"%PDF")
    content = zipfile.ZipFile(io.BytesIO(documents.odt(written))).read("content.xml").decode()
    if name == HOSTILE:
        assert "#panic(&quot;x&quot;)" in content or '#panic("x")' in content
        assert "&lt;b&gt;" in content and "<b>" not in content


def test_a_pdf_declares_the_standard_of_accessible_documents(school: Any, head: Any) -> None:
    made = documents.pdf(send(head, [reachable(school), reachable(school)]).written)
    assert b"pdfuaid" in made
    assert b"/StructTreeRoot" in made or b"StructTreeRoot" in made
    assert made.count(b"/Type /Page\n") == 2 or made.count(b"/Type/Page") >= 2


def test_data_that_holds_a_field_is_not_filled_again() -> None:
    assert filled("{prenom} : {lien}", {"prenom": "{lien}", "lien": "x"}) == "{lien} : x"
    assert filled("{prenom.__class__}", {"prenom": "a"}) == "{prenom.__class__}"


# --- Texts ----------------------------------------------------------------------------------------


def test_every_national_text_is_in_the_database_and_is_well_formed() -> None:
    texts = defaults.national()
    assert LetterTemplate.objects.filter(structure=None).count() == len(texts)
    for text in texts:
        if text.medium == "sms":
            check_text(text.purpose, text.medium, text.subject, text.body)
        for field in ("{nom}", "{classe}"):
            assert text.medium == "letter" or field not in text.body + text.subject


@pytest.mark.parametrize(
    ("medium", "body", "said"),
    [
        ("letter", "Bonjour {prenoms} {lien}", "« {prenoms} » n’est pas un champ"),
        ("sms", "Bonjour {nom} {lien}", "rien de plus que le prénom"),
        ("letter", "Bonjour {prenom}", "Ajoutez {lien}"),
        ("sms", "a" * 300 + "{lien}", "restez sous 306"),
        ("letter", "Votre enfant est malade {lien}", "Retirez « malade »"),
    ],
)
def test_a_text_that_would_leave_wrong_is_refused_with_its_remedy(
    medium: str, body: str, said: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        check_text("first_contact", medium, "", body)
    assert said in " ".join(refused.value.messages).replace("\u00a0", " ")


def test_the_text_of_a_school_leaves_once_its_head_approved_it(school: Any, head: Any) -> None:
    office = cast.actor(school, Role.SECRETARIAT)
    case = reachable(school)
    wanted = {"purpose": "reminder", "medium": "letter", "audience": "family"}
    text = services.write_text(
        office, structure=school.pk, subject="Bonjour", body="Texte maison {lien}", **wanted
    )
    assert "maison" not in send(head, [case], purpose="reminder").written[0].body
    with pytest.raises(services.Refused):
        services.approve_text(office, text=text.pk)
    services.approve_text(head, text=text.pk)
    assert "maison" in send(head, [case], purpose="reminder").written[0].body
    # of another school, it is not even seen
    with pytest.raises(LetterTemplate.DoesNotExist):
        services.approve_text(cast.actor(cast.structure()), text=text.pk)


# --- Delivery -------------------------------------------------------------------------------------


def test_messages_of_the_demonstration_are_files_and_nothing_is_kept_in_the_database(
    school: Any, head: Any, settings: Any, tmp_path: Any
) -> None:
    settings.DEMO, settings.HOME = True, tmp_path
    case = reachable(school)
    send(head, [case], "sms")
    waiting = Message.objects.get()
    assert "07 22" not in waiting.outgoing
    assert sealing.opened(waiting.outgoing)["to"] == "07 22 22 22 22"
    assert delivery.deliver().sent == 1
    (path,) = (tmp_path / "messages").iterdir()
    text = path.read_text("utf-8")
    assert "Lou" in text and "/r/" in text and case.person.last_name not in text
    assert path.stat().st_mode & 0o077 == 0
    waiting.refresh_from_db()
    assert (waiting.status, waiting.outgoing) == ("sent", "")
    assert delivery.deliver().sent == 0


def test_an_email_leaves_with_a_first_name_only(
    school: Any, head: Any, settings: Any, mailoutbox: Any
) -> None:
    settings.EMAIL_HOST = "smtp.exemple.test"
    case = reachable(school)
    send(head, [case], "email")
    assert delivery.deliver().sent == 1
    (mail,) = mailoutbox
    assert mail.to == ["parent@exemple.test"]
    assert case.person.last_name not in mail.subject + mail.body
    assert "1re ASSP" not in mail.body


def test_without_a_provider_an_sms_is_said_not_to_have_left(school: Any, head: Any) -> None:
    send(head, [reachable(school)], "sms")
    assert delivery.deliver().failed == 1
    assert (Message.objects.get().status, Message.objects.get().outgoing) == ("failed", "")


def test_a_message_taken_back_before_it_left_does_not_leave(
    school: Any, head: Any, settings: Any, tmp_path: Any
) -> None:
    settings.DEMO, settings.HOME = True, tmp_path
    batch = send(head, [reachable(school)], "sms")
    undo(head, event=batch.events[0].pk)
    assert delivery.deliver().sent == 0
    assert Message.objects.get().status == "taken_back"
    assert not (tmp_path / "messages").exists()


# --- Pages ----------------------------------------------------------------------------------------


def test_from_the_list_to_a_pdf(school: Any, head: Any) -> None:
    client = cast.signed_in(head.user)
    cases = [reachable(school), cast.case(school)]
    ticked = [f"{case.pk}.{case.version}" for case in cases]
    page = client.post("/courriers/preparer/", {"case": ticked, "retour": "/?liste=a-verifier"})
    assert page.status_code == 200
    assert "adresse incomplète" in page.content.decode()
    sent = {"case": ticked, "purpose": "first_contact", "medium": "letter", "format": "pdf"}
    answer = client.post("/courriers/envoyer/", sent)
    assert answer["Content-Type"] == "application/pdf"
    assert "Martin" not in answer["Content-Disposition"]
    assert answer.content.startswith(b"%PDF")
    answer = client.post("/courriers/envoyer/", sent | {"format": "odt", "case": ticked[0]})
    assert zipfile.ZipFile(io.BytesIO(answer.content)).testzip() is None


def test_a_case_of_somebody_else_answers_404_and_nothing_leaves(school: Any, head: Any) -> None:
    client = cast.signed_in(head.user)
    mine, other = reachable(school), reachable(cast.structure())
    sent = {"case": [str(mine.pk), str(other.pk)], "purpose": "reminder", "medium": "letter"}
    assert client.post("/courriers/envoyer/", sent).status_code == 404
    assert client.post("/courriers/preparer/", sent).status_code == 404
    assert client.get(f"/dossiers/{other.pk}/courrier/").status_code == 404
    assert not Message.objects.exists()


def test_when_nobody_can_be_reached_so_the_page_says_why(school: Any, head: Any) -> None:
    client = cast.signed_in(head.user)
    sent = {"case": [str(cast.case(school).pk)], "purpose": "reminder", "medium": "letter"}
    page = client.post("/courriers/envoyer/", sent)
    assert "Personne ne peut être joint ainsi (adresse incomplète)" in page.content.decode()


def test_texts_are_read_and_written_by_the_people_of_a_structure(school: Any, head: Any) -> None:
    client = cast.signed_in(head.user)
    assert client.get("/courriers/modeles/").status_code == 200
    national = LetterTemplate.objects.filter(structure=None, medium="sms").first()
    assert national is not None
    address = f"/courriers/modeles/{national.pk}/"
    page = client.post(address, {"subject": "", "body": "{nom} oublié"})
    assert "{nom} oublié" in page.content.decode()
    assert "rien de plus que le prénom" in page.content.decode()
    assert client.post(address, {"body": "Bonjour {prenom} : {lien}"}).status_code == 302
    assert LetterTemplate.objects.filter(structure=school, approved_by=head.user).exists()
    national.refresh_from_db()
    assert national.structure_id is None
