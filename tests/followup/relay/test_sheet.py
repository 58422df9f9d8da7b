"""The sheet: who carries the baton, who is with whom, what is asked, and one obvious next act."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests import cast

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup.models import Case, Party, Question
from raccord.followup.relay import informing, services
from raccord.followup.relay.stepping import step_of
from raccord.followup.rights import Act
from raccord.followup.services.instructing import tell_dsden
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Structure:
    return cast.structure(name="Lycée Voltaire")


@pytest.fixture
def head(school: Structure) -> Actor:
    return cast.actor(school)


@pytest.fixture
def cio() -> Structure:
    return cast.structure(Kind.CIO, name="CIO de la Loire")


@pytest.fixture
def adviser(cio: Structure) -> Actor:
    return cast.actor(cio, Role.AGENT)


@pytest.fixture
def case(school: Structure) -> Case:
    return cast.case(school)


@pytest.fixture
def client(adviser: Actor) -> Client:
    return cast.signed_in(adviser.user)


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\u00a0", " ").replace("\u202f", " ").split())


def sheet(of: Actor, case: Case) -> str:
    return text(cast.signed_in(of.user).get(f"/dossiers/{case.pk}/"))


def test_the_receiver_reads_one_obvious_act(
    head: Actor, adviser: Actor, case: Case, cio: Structure
) -> None:
    services.hand_over(head, receivers={case.pk: cio}, reason="interview")
    page = sheet(adviser, case)
    assert "Accepter ou renvoyer." in page
    assert f'href="/dossiers/{case.pk}/accepter/">Accepter' in page
    assert "Proposé au CIO de la Loire" in page
    assert "30 jours pour répondre" in page
    waiting = sheet(head, case)
    assert f'href="/dossiers/{case.pk}/accepter/"' not in waiting
    assert "Reprendre" in waiting


def test_the_path_of_the_baton_has_its_dates_and_reasons(
    head: Actor, adviser: Actor, case: Case, cio: Structure
) -> None:
    services.hand_over(head, receivers={case.pk: cio}, reason="interview")
    services.send_back(adviser, handover=case.handovers.get().pk, reason="no_room")
    page = sheet(head, case)
    assert "Renvoyé par le CIO de la Loire : plus de place pour le moment" in page
    assert f"par {adviser.user}" in page
    assert "Relais renvoyé par le CIO de la Loire" in page
    services.hand_over(head, receivers={case.pk: cio}, reason="interview")
    again = case.handovers.get(status="waiting")
    services.accept(adviser, handover=again.pk)
    page = sheet(adviser, case)
    assert "Accepté par le CIO de la Loire" in page
    assert "<strong>CIO de la Loire</strong>" in page


def test_a_question_is_answered_where_it_is_read(
    head: Actor, adviser: Actor, client: Client, case: Case, cio: Structure, school: Structure
) -> None:
    Case.objects.filter(pk=case.pk).update(holder=cio)
    question = Question.objects.create(case=case, asker=school, text="Où en est-on ?")
    address = f"/dossiers/{case.pk}/question/{question.pk}/"
    assert f'href="{address}"' in sheet(adviser, case)
    assert "En attente de réponse." in sheet(head, case)
    client.post(address, {"text": "Un entretien est pris."})
    assert "« Un entretien est pris. »" in sheet(head, case)
    assert "En attente de réponse." not in sheet(head, case)


def test_an_objection_is_shown_to_all_and_lifted(
    head: Actor, adviser: Actor, case: Case, cio: Structure
) -> None:
    services.associate(head, case=case.pk, structure=cio, reason="joint")
    informing.inform(head, case=case.pk, by="call", who="both", objects_to=True)
    for who in (head, adviser):
        assert "s’oppose à la transmission" in sheet(who, case)
    cast.signed_in(head.user).post(f"/dossiers/{case.pk}/opposition/")
    page = sheet(adviser, case)
    assert "s’oppose à la transmission : rien ne part" not in page
    assert "informés au téléphone" in page


def test_an_associated_structure_leaves(
    head: Actor, adviser: Actor, client: Client, case: Case, cio: Structure
) -> None:
    services.associate(head, case=case.pk, structure=cio, reason="joint")
    assert "Suivi par le Lycée Voltaire, avec vous." in sheet(adviser, case)
    assert f'href="/dossiers/{case.pk}/ne-plus-suivre/"' not in sheet(head, case)
    answer = client.post(f"/dossiers/{case.pk}/ne-plus-suivre/", follow=True)
    assert "Suivi conjoint terminé." in text(answer)
    assert client.get(f"/dossiers/{case.pk}/").status_code == 404
    assert not Party.objects.filter(case=case, structure=cio, until=None).exists()


def test_what_is_done_for_others_has_no_button_to_take_it_back(
    head: Actor, adviser: Actor, client: Client, case: Case, cio: Structure
) -> None:
    services.hand_over(head, receivers={case.pk: cio}, reason="interview")
    page = text(client.post(f"/dossiers/{case.pk}/accepter/", follow=True))
    assert "Relais accepté : vous suivez ce jeune." in page
    assert "Annuler cet acte" not in page


@pytest.mark.parametrize(
    ("fields", "act"),
    [
        ({}, Act.CALL),
        ({"contact_state": "reached"}, Act.INTERVIEW),
        ({"contact_state": "reached", "stage": "care"}, Act.CALL),
        ({"contact_state": "reached", "status": "to_confirm", "situation": "job"}, Act.INTERVIEW),
    ],
)
def test_a_service_calls_then_meets(
    adviser: Actor, case: Case, cio: Structure, fields: dict[str, Any], act: Act
) -> None:
    given = {"holder": cio, "stage": "diagnosis", "held_since": timezone.localdate()} | fields
    Case.objects.filter(pk=case.pk).update(**given)
    case.refresh_from_db()
    assert step_of(adviser, case, timezone.localdate()).act is act


def test_an_office_reads_what_the_school_did_and_is_not_told_to_call(
    school: Structure, head: Actor
) -> None:
    today = timezone.localdate()
    dasen = cast.actor(cast.structure(Kind.DSDEN), Role.DASEN)
    case = cast.case(school, lane="under_16", of=cast.person(birth_date=today - timedelta(5400)))
    said = step_of(dasen, case, today)
    assert (said.sentence, said.act) == ("L’établissement n’a encore rien fait", None)
    tell_dsden(head, case=case.pk, mayor_told=True)
    case = Case.objects.get(pk=case.pk)
    assert step_of(dasen, case, today).sentence == "Signalé par l’établissement : à traiter"
