"""A partner without account: one link, one answer, and nothing that names before the code."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from tests import cast

from raccord.accounts.actors import Actor
from raccord.accounts.middleware import acting_in_database
from raccord.accounts.roles import Role
from raccord.followup.models import (
    Case,
    Handover,
    Notification,
    PartnerLink,
    Party,
    Question,
    TimelineEvent,
)
from raccord.followup.relay import asking, informing, linking, services
from raccord.followup.services.acting import Refused
from raccord.matching.wording import day
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

pytestmark = pytest.mark.django_db
#: The link is the only key: without a cookie there is no other to check.
no_cookie = pytest.mark.allows("csrf")


@pytest.fixture(autouse=True)
def _no_memory_of_wrong_codes() -> None:
    cache.clear()


@pytest.fixture
def school() -> Structure:
    return cast.structure(name="Lycée Marguerite-Yourcenar", phone="02 40 00 00 01")


@pytest.fixture
def head(school: Structure) -> Actor:
    return cast.actor(school)


@pytest.fixture
def partner() -> Structure:
    return cast.structure(Kind.MLDS, name="MLDS de Nantes", email="mlds@exemple.test")


@pytest.fixture
def case(school: Structure) -> Case:
    return cast.case(school, of=cast.person(last_name="Quimperlé", first_name="Maëlys"))


@pytest.fixture
def written(
    head: Actor, case: Case, partner: Structure, django_capture_on_commit_callbacks: Any
) -> tuple[str, str]:
    """The address and the code of the e-mail that a proposed relay sends."""
    with django_capture_on_commit_callbacks(execute=True):
        services.hand_over(head, receivers={case.pk: partner}, reason="interview")
    return _written()


def _written() -> tuple[str, str]:
    [sent] = mail.outbox
    found = re.search(r"https?://[^/]+(/p/\S+)", sent.body)
    code = re.search(r"page : (\d{3} \d{3})", sent.body)
    assert found
    assert code
    return found[1], code[1]


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status
    return " ".join(answer.content.decode().replace("\u00a0", " ").replace("\u202f", " ").split())


def test_the_email_names_nobody(written: tuple[str, str], case: Case, school: Structure) -> None:
    [sent] = mail.outbox
    assert sent.to == ["mlds@exemple.test"]
    for hidden in ("Quimperlé", "Maëlys", str(case.pk), school.name):
        assert hidden not in sent.subject + sent.body


@no_cookie
def test_nothing_names_before_the_code_and_little_after(written: tuple[str, str]) -> None:
    address, code = written
    visitor = Client()
    page = text(visitor.get(address))
    assert "Maëlys" not in page
    assert "Yourcenar" not in page
    assert "Ce code n’est pas le bon" in text(visitor.post(address, {"code": "000 00"}))
    page = text(visitor.post(address, {"code": code}))
    assert "Maëlys Q., 17 ans" in page
    assert "Lycée Marguerite-Yourcenar" in page
    assert "Quimperlé" not in page
    assert not visitor.cookies


def test_accepting_moves_the_holder(
    written: tuple[str, str], case: Case, partner: Structure, head: Actor
) -> None:
    address, code = written
    page = text(Client().post(address, {"code": code, "said": "accept"}))
    assert "Votre structure suit maintenant Maëlys Q." in page
    case.refresh_from_db()
    assert (case.holder, case.status, case.stage) == (partner, "to_check", "care")
    assert Party.objects.get(case=case, kind="holder", until=None).structure == partner
    handover = Handover.objects.get(case=case)
    assert handover.status == "accepted"
    assert handover.answered_at is not None
    event = TimelineEvent.objects.filter(case=case, kind="accepted").get()
    assert (event.author, event.facts["to"]) == ("MLDS de Nantes", "MLDS de Nantes")
    assert Notification.objects.filter(user=head.user, kind="accepted").exists()
    assert "n’attend plus de réponse" in text(Client().get(address))


@no_cookie
def test_sending_back_says_why(
    written: tuple[str, str], case: Case, school: Structure, head: Actor
) -> None:
    address, code = written
    asked = text(Client().post(address, {"code": code, "said": "send_back"}))
    assert "Dites pourquoi" in asked
    Client().post(address, {"code": code, "said": "send_back", "reason": "no_room"})
    case.refresh_from_db()
    assert (case.holder, case.status) == (school, "to_check")
    assert Handover.objects.get(case=case).return_reason == "no_room"
    assert Notification.objects.filter(user=head.user, kind="sent_back").exists()
    assert not Party.objects.filter(case=case, kind="receiver", until=None).exists()


@no_cookie
def test_one_question_is_answered(
    case: Case, partner: Structure, head: Actor, django_capture_on_commit_callbacks: Any
) -> None:
    Case.objects.filter(pk=case.pk).update(holder=partner)
    with django_capture_on_commit_callbacks(execute=True):
        asking.ask(head, case=case.pk, text="A-t-il commencé ?")
    address, code = _written()
    assert "A-t-il commencé ?" in text(Client().post(address, {"code": code}))
    refused = Client().post(
        address, {"code": code, "said": "reply", "text": "Il est malade, hospitalisé."}
    )
    assert not Question.objects.filter(answered_at__isnull=False).exists(), text(refused)
    Client().post(address, {"code": code, "said": "reply", "text": "Oui, lundi."})
    question = Question.objects.get(case=case)
    assert (question.answer, question.answerer) == ("Oui, lundi.", partner)
    assert Notification.objects.filter(user=head.user, kind="answer").exists()


def test_once_and_before_a_day(written: tuple[str, str], case: Case) -> None:
    address, code = written
    PartnerLink.objects.update(
        made_at=timezone.now() - timedelta(days=9), expires_at=timezone.now() - timedelta(days=1)
    )
    assert "plus de huit jours" in text(
        Client().post(address, {"code": code, "said": "accept"}), 410
    )
    assert Handover.objects.get(case=case).is_waiting
    Handover.objects.update(reminded_at=timezone.now())
    assert linking.send_again() == 1
    assert linking.send_again() == 0


@no_cookie
def test_the_rules_of_the_relay_hold(
    head: Actor, case: Case, django_capture_on_commit_callbacks: Any
) -> None:
    """A mission locale: agreement and information were there, an objection came since."""
    away = cast.structure(Kind.MISSION_LOCALE, email="ml@exemple.test")
    cast.agreed(away)
    informing.inform(head, case=case.pk, by="call", who="both")
    with django_capture_on_commit_callbacks(execute=True):
        services.hand_over(head, receivers={case.pk: away}, reason="care")
    address, code = _written()
    informing.inform(head, case=case.pk, by="call", who="both", objects_to=True)
    page = text(Client().post(address, {"code": code, "said": "accept"}))
    assert "opposé à la transmission" in page
    case.refresh_from_db()
    assert case.holder != away


def test_a_link_taken_back_is_dead(written: tuple[str, str], head: Actor, case: Case) -> None:
    address, code = written
    services.withdraw(head, case=case.pk)
    page = text(Client().post(address, {"code": code, "said": "accept"}))
    assert "n’attend plus de réponse" in page
    case.refresh_from_db()
    assert case.holder == head.structures[0]


def test_a_made_up_link_opens_nothing(written: tuple[str, str]) -> None:
    address, _ = written
    assert "ne mène nulle part" in text(Client().get("/p/abc"), 404)
    changed = f"/p/x{address.removeprefix('/p/')}"
    assert "ne mène nulle part" in text(Client().get(changed), 404)


@no_cookie
def test_codes_are_not_guessed(written: tuple[str, str]) -> None:
    address, code = written
    for _ in range(20):
        Client().post(address, {"code": "1"})
    assert Client().post(address, {"code": code}).status_code == 429


def test_whoever_has_an_account_receives_no_link(
    head: Actor, case: Case, partner: Structure, django_capture_on_commit_callbacks: Any
) -> None:
    cast.member(partner, Role.AGENT)
    with django_capture_on_commit_callbacks(execute=True):
        services.hand_over(head, receivers={case.pk: partner}, reason="interview")
    assert not PartnerLink.objects.exists()
    assert not mail.outbox


def test_it_is_made_under_the_rights_of_a_page(head: Actor, case: Case, partner: Structure) -> None:
    with acting_in_database(head.user.pk):
        services.hand_over(head, receivers={case.pk: partner}, reason="interview")
    link = PartnerLink.objects.get()
    stranger = cast.actor(cast.structure())
    with acting_in_database(stranger.user.pk):
        assert not PartnerLink.objects.filter(pk=link.pk).exists()


# --- what the sender sees of it -------------------------------------------------------------------


def test_the_sheet_says_that_a_link_left_and_never_which(
    written: tuple[str, str], head: Actor, case: Case
) -> None:
    address, code = written
    today, until = timezone.localdate(), timezone.localdate() + timedelta(days=8)
    page = text(cast.signed_in(head.user).get(f"/dossiers/{case.pk}/"))
    assert (
        f"Personne n’a de compte à la MLDS de Nantes : un lien daté est parti le {day(today)} à sa "
        f"boîte, celle de l’annuaire. Il vaut jusqu’au {day(until)}."
    ) in page
    link = PartnerLink.objects.get()
    for hidden in (address, address.removeprefix("/p/"), code, link.token_hash, "mlds@exemple"):
        assert hidden not in page


def test_another_link_is_sent_from_the_sheet_once_a_day(
    written: tuple[str, str], head: Actor, case: Case
) -> None:
    client, button = cast.signed_in(head.user), f"/dossiers/{case.pk}/lien/"
    sheet = f"/dossiers/{case.pk}/"
    assert button not in text(client.get(sheet)), "it left today"
    assert "est déjà parti aujourd’hui" in text(client.post(button, follow=True))
    past = timezone.now() - timedelta(days=9)
    PartnerLink.objects.update(made_at=past, expires_at=past + timedelta(days=8))
    shown = text(client.get(sheet))
    assert "Sans réponse, il ne vaut plus depuis le" in shown
    assert f'action="{button}"' in shown
    mail.outbox.clear()
    assert "Un nouveau lien est parti" in text(client.post(button, follow=True))
    assert PartnerLink.objects.count() == 2
    address, code = _written()
    assert address != written[0]
    assert "Votre structure suit maintenant" in text(
        Client().post(address, {"code": code, "said": "accept"})
    )


def test_a_question_says_that_its_link_left_and_another_may(
    case: Case, partner: Structure, head: Actor, django_capture_on_commit_callbacks: Any
) -> None:
    Case.objects.filter(pk=case.pk).update(holder=partner)
    with django_capture_on_commit_callbacks(execute=True):
        asking.ask(head, case=case.pk, text="A-t-il commencé ?")
    client, sheet = cast.signed_in(head.user), f"/dossiers/{case.pk}/"
    hidden = f'name="question" value="{Question.objects.get().pk}"'
    shown = text(client.get(sheet))
    assert "En attente de réponse. Personne n’a de compte à la MLDS de Nantes" in shown
    assert hidden not in shown, "it left today"
    past = timezone.now() - timedelta(days=9)
    PartnerLink.objects.update(made_at=past, expires_at=past + timedelta(days=8))
    assert hidden in text(client.get(sheet))
    mail.outbox.clear()
    again = {"question": str(Question.objects.get().pk)}
    said = text(client.post(f"{sheet}lien/", again, follow=True))
    assert "Un nouveau lien est parti" in said
    assert client.post(f"{sheet}lien/", {"question": "x"}).status_code == 404
    other = cast.structure(Kind.CIO)
    Party.objects.create(case=case, structure=other, kind="associated", since=timezone.localdate())
    with pytest.raises(Case.DoesNotExist):
        linking.send_another(
            cast.actor(other, Role.AGENT), case=case.pk, question=Question.objects.get().pk
        )
    address, code = _written()
    Client().post(address, {"code": code, "said": "reply", "text": "Oui, lundi."})
    answered = text(client.get(sheet))
    assert "Personne n’a de compte" not in answered
    with pytest.raises(Refused, match="a déjà sa réponse"):
        linking.send_another(head, case=case.pk, question=Question.objects.get().pk)


def test_whom_no_link_is_sent_by_or_to(written: tuple[str, str], head: Actor, case: Case) -> None:
    past = timezone.now() - timedelta(days=9)
    PartnerLink.objects.update(made_at=past, expires_at=past + timedelta(days=8))
    partner = Structure.objects.get(name="MLDS de Nantes")
    secretary = cast.actor(head.structures[0], Role.SECRETARIAT)
    with pytest.raises(Refused, match="secrétariat"):
        linking.send_another(secretary, case=case.pk)
    with pytest.raises(Case.DoesNotExist):
        linking.send_another(cast.actor(cast.structure()), case=case.pk)
    Structure.objects.filter(pk=partner.pk).update(email="")
    with pytest.raises(Refused, match="n’a pas de boîte"):
        linking.send_another(head, case=case.pk)
    cast.member(partner, Role.AGENT)
    with pytest.raises(Refused, match="a maintenant un compte"):
        linking.send_another(head, case=case.pk)
    services.withdraw(head, case=case.pk)
    with pytest.raises(Refused):
        linking.send_another(head, case=case.pk)
    assert PartnerLink.objects.count() == 1


def test_who_can_answer_is_said_before_handing_over(
    head: Actor, case: Case, partner: Structure
) -> None:
    mute = cast.structure(Kind.CIO, name="CIO muet", phone="02 40 00 00 09")
    client, page = cast.signed_in(head.user), f"/dossiers/{case.pk}/relais/"
    shown = text(client.get(page))
    assert (
        "Personne ne pourra répondre dans Raccord : « CIO muet » n’a ni compte ni boîte dans "
        "l’annuaire. Appelez avant de passer le relais."
    ) in shown
    assert "Sans compte, « MLDS de Nantes » répondra par un lien daté, envoyé à sa boîte." in shown
    cast.member(mute, Role.LEAD)
    assert "Personne ne pourra répondre" not in text(client.get(page))
    Structure.objects.filter(pk=partner.pk).update(email="")
    together = {"case": f"{case.pk}.1", "retour": "/"}
    assert "personne ne pourra répondre" in text(client.post("/relais/ensemble/", together))
