"""Who steers sees no name, and reads on their home where figures and vacant places are."""

from typing import Any

import pytest
from django.utils import timezone
from tests import cast

from raccord.accounts.roles import Role
from raccord.followup.freshness import campaign_year
from raccord.followup.models import Tally, Vacancy
from raccord.territory.kinds import Kind

pytestmark = pytest.mark.django_db


def home(kind: Kind, role: Role = Role.STEERING) -> tuple[Any, str]:
    client = cast.signed_in(cast.member(cast.structure(kind), role))
    text = client.get("/").content.decode()
    return client, " ".join(text.replace("\u00a0", " ").replace("\u202f", " ").split())


@pytest.fixture(autouse=True)
def territory() -> None:
    year = campaign_year(timezone.localdate())
    for kind, course, leavers in (
        (Kind.LYCEE, "Bac pro Vente", 200),
        (Kind.LYCEE_AGRICOLE, "CAPa Jardinier", 30),
    ):
        where = cast.structure(kind)
        Tally.objects.create(
            structure=where, school_year=year, leavers=leavers, found=20, as_of=timezone.localdate()
        )
        Vacancy.objects.create(
            structure=where, academie=where.academie, kind="return", course=course
        )


@pytest.mark.parametrize(
    ("kind", "said", "places"),
    [
        (Kind.REGION, "230 sorties des établissements depuis juillet, 40 retrouvées", 2),
        (Kind.RECTORAT, "230 sorties des établissements depuis juillet, 40 retrouvées", 2),
        (Kind.DRAAF, "30 sorties des établissements agricoles depuis juillet, 20 retrouvées", 1),
    ],
)
def test_home_says_figures_and_where_places_are(kind: Kind, said: str, places: int) -> None:
    client, text = home(kind)
    assert said in text
    assert f"{places} formation{'s' if places > 1 else ''} avec une place libre" in text
    assert "/places/" in text
    shown = client.get("/places/").content.decode()
    assert "CAPa Jardinier" in shown
    assert ("Bac pro Vente" in shown) is (places == 2)
    assert "Saisir une place" not in shown and "Retirer" not in shown
    assert client.get("/places/nouvelle/").status_code == 404


def test_too_few_are_not_counted() -> None:
    Tally.objects.update(leavers=4, found=1)
    _, text = home(Kind.DRAAF)
    assert "aucune sortie n’est encore comptée" in text


def test_those_who_only_have_a_menu_read_what_is_in_it() -> None:
    _, text = home(Kind.RECTORAT, Role.TERRITORY_ADMIN)
    assert "Les accords signés" in text
    assert "Ce que chaque établissement a déposé" in text
