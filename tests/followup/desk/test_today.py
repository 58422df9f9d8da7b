"""« Aujourd’hui »: what each kind of structure must do, counted in one statement."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from tests import cast
from tests.queries import recorded

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup.care.models import Mandate
from raccord.followup.models import Case, Party, Question
from raccord.followup.relay import services
from raccord.followup.vocabulary import PartyKind
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

pytestmark = pytest.mark.django_db

HERE = Path(__file__).parent


@pytest.fixture
def school() -> Structure:
    return cast.structure()


@pytest.fixture
def head(school: Structure) -> Actor:
    return cast.actor(school)


@pytest.fixture
def cio() -> Structure:
    return cast.structure(Kind.CIO, name="CIO de la Loire")


@pytest.fixture
def adviser(cio: Structure) -> Actor:
    return cast.actor(cio, Role.AGENT)


def held(by: Structure, school: Structure, **fields: Any) -> Case:
    """A case of this school that another structure carries."""
    case = cast.case(school)
    Case.objects.filter(pk=case.pk).update(holder=by, stage="diagnosis", **fields)
    case.refresh_from_db()
    return case


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\u00a0", " ").replace("\u202f", " ").split())


def fill(adviser: Actor, head: Actor, cio: Structure, school: Structure, number: int) -> None:
    """Something in each section."""
    today = timezone.localdate()
    for _ in range(number):
        offered = cast.case(school)
        services.hand_over(head, receivers={offered.pk: cio}, reason="interview")
        asked = held(cio, school, situation="job", situation_lapses_on=today + timedelta(days=9))
        Question.objects.create(case=asked, asker=school, text="Où en est-on ?")
        mandated = cast.case(school)
        Party.objects.create(case=mandated, structure=cio, kind=PartyKind.ASSOCIATED)
        Mandate.objects.create(
            case=mandated,
            structure=cio,
            given_by_structure=school,
            given_on=today - timedelta(days=30),
            report_by=today - timedelta(days=1),
        )


def test_a_service_opens_on_what_waits(
    adviser: Actor, head: Actor, cio: Structure, school: Structure
) -> None:
    fill(adviser, head, cio, school, 2)
    page = text(cast.signed_in(adviser.user).get("/"))
    assert "2 dossiers vous attendent, 2 jeunes à appeler ou à reprendre, 2 entretiens à faire" in (
        page
    )
    assert "2 comptes rendus sont en retard" in page
    for title in ("Reçus", "Entretiens de situation", "Questions posées", "Situations à confirmer"):
        assert title in page
    name = Case.objects.filter(holder=cio).first().person.last_name
    assert name in page


def test_nothing_waits(adviser: Actor) -> None:
    page = text(cast.signed_in(adviser.user).get("/"))
    assert "Rien ne vous attend aujourd’hui." in page
    assert "À jour : relais reçus, appels, entretiens, comptes rendus," in page


def test_a_school_keeps_its_list(head: Actor, school: Structure) -> None:
    cast.case(school)
    client = cast.signed_in(head.user)
    assert "Mes élèves sortis" in text(client.get("/"))
    assert client.get("/aujourdhui/").status_code == 404


def test_every_count_leads_to_its_names(
    adviser: Actor, head: Actor, cio: Structure, school: Structure
) -> None:
    fill(adviser, head, cio, school, 7)
    client = cast.signed_in(adviser.user)
    home = text(client.get("/"))
    for key, number in (("a-reprendre", 7), ("entretiens", 7), ("mandats", 7), ("questions", 7)):
        assert f"liste={key}" in home
        page = client.get(f"/liste/?liste={key}")
        assert page.content.count(b"<tr") == 1 + number, key
    assert client.get("/relais/recus/").content.count(b"<h2") == 7


@pytest.mark.parametrize(
    ("tab", "number"), [("a-suivre", 2), ("recus", 2), ("a-moi", 0), ("associes", 2), ("clos", 0)]
)
def test_the_lists_of_a_service(
    adviser: Actor, head: Actor, cio: Structure, school: Structure, tab: str, number: int
) -> None:
    fill(adviser, head, cio, school, 2)
    page = cast.signed_in(adviser.user).get(f"/liste/?liste={tab}")
    assert page.content.count(b"<tr") == (1 + number if number else 0)


def test_somebody_else_sees_nothing_of_it(
    adviser: Actor, head: Actor, cio: Structure, school: Structure
) -> None:
    fill(adviser, head, cio, school, 1)
    other = cast.actor(cast.structure(Kind.CIO), Role.AGENT)
    assert "Rien ne vous attend" in text(cast.signed_in(other.user).get("/"))


@pytest.mark.parametrize("number", [1, 6])
def test_what_the_page_asks(
    adviser: Actor, head: Actor, cio: Structure, school: Structure, number: int
) -> None:
    fill(adviser, head, cio, school, number)
    client = cast.signed_in(adviser.user)
    client.get("/mes-acces/")
    with recorded(HERE / "queries-today.txt", at_most=12):
        text(client.get("/"))
    with recorded(at_most=12):
        text(client.get("/liste/"))
