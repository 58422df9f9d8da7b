"""What somebody types of a place: proposed while they type, recognised when it is sent."""

from typing import Any

import pytest
from django.urls import reverse
from tests import cast

from raccord.accounts.roles import Role
from raccord.territory import finding
from raccord.territory.kinds import Kind
from raccord.territory.models import PRACTICE, Commune, Structure

pytestmark = pytest.mark.django_db

PLACES = (
    ("44109", "Nantes", ["44000", "44100"], "044", 320_000),
    ("44215", "Vertou", ["44120"], "044", 25_000),
    ("44162", "Saint-Herblain", ["44800"], "044", 48_000),
    ("85234", "Saint-Hilaire", ["85240"], "085", 900),
    ("76615", "Saint-Hilaire", ["76780"], "076", 400),
    ("79200", "Nanteuil", ["79400"], "079", 1_700),
)


@pytest.fixture(autouse=True)
def communes() -> None:
    for insee, name, postcodes, departement, population in PLACES:
        Commune.objects.create(
            insee=insee,
            name=name,
            name_normalised=name.lower().replace("-", " "),
            postcodes=postcodes,
            population=population,
            departement=cast.departement(departement),
        )


def labels(found: Any) -> list[str]:
    return [finding.label_of(one) for one in found]


@pytest.mark.parametrize(
    ("typed", "proposed"),
    [
        ("nant", ["44000 Nantes", "79400 Nanteuil"]),
        ("st-herb", ["44800 Saint-Herblain"]),
        ("herblain", ["44800 Saint-Herblain"]),
        ("440", ["44000 Nantes"]),
        ("44100", ["44000 Nantes"]),
        ("44000 Nan", ["44000 Nantes"]),
        ("44109", ["44000 Nantes"]),
        ("n", []),
        ("", []),
        ("zzz", []),
    ],
)
def test_communes_are_proposed(typed: str, proposed: list[str]) -> None:
    assert labels(finding.communes_like(typed, ["044"])) == proposed


def test_what_is_proposed_is_recognised() -> None:
    for one in Commune.objects.all():
        assert finding.commune(finding.label_of(one)) == one
    for kind, uai in ((Kind.LYCEE, "0440001A"), (Kind.CFA, None)):
        made = cast.structure(kind, uai=uai, name="Simone-Veil", name_normalised="simone veil")
        made.commune = Commune.objects.get(insee="44109")
        made.save()
        assert finding.school(finding.label_of(made), [made.academie_id]) == made
        made.delete()


def test_of_two_communes_the_near_one() -> None:
    assert finding.commune("Saint-Hilaire", ["085"]).insee == "85234"
    with pytest.raises(finding.NotOne, match="Plusieurs communes répondent") as several:
        finding.commune("Saint-Hilaire", ["044"])
    assert several.value.close == ["76780 Saint-Hilaire", "85240 Saint-Hilaire"]


@pytest.mark.parametrize("typed", ["Vertout", "vetrou", "Saint Erblain"])
def test_close_names_of_a_commune_that_nobody_has(typed: str) -> None:
    with pytest.raises(finding.NotOne, match="n’est pas une commune connue : choisissez") as missed:
        finding.commune(typed, ["044"])
    assert missed.value.close[0] in {"44120 Vertou", "44800 Saint-Herblain"}


@pytest.mark.parametrize("typed", ["qqqqqq", "!!", "99999", "(44)"])
def test_nothing_is_close(typed: str) -> None:
    with pytest.raises(finding.NotOne, match="écrivez son nom entier") as missed:
        finding.commune(typed, ["044"])
    assert missed.value.close == []


@pytest.fixture
def lycee() -> Structure:
    return _school("0440777B", "Lycée Les Peupliers", Commune.objects.get(insee="44215"))


def _school(uai: str, name: str, town: Commune, **fields: Any) -> Structure:
    folded = name.lower().replace("é", "e").replace("-", " ")
    return cast.structure(uai=uai, name=name, name_normalised=folded, commune=town, **fields)


@pytest.mark.parametrize("typed", ["peupl vert", "LYCEE LES PEUPLIERS", "0440777b", "044077"])
def test_establishments_are_proposed(lycee: Structure, typed: str) -> None:
    assert labels(finding.schools_like(typed)) == ["Lycée Les Peupliers, Vertou (0440777B)"]


def test_an_establishment_is_recognised_or_close_ones_are_given(lycee: Structure) -> None:
    near = [lycee.academie_id]
    for typed in ("0440777B", "Lycée les peupliers", "peupliers vertou"):
        assert finding.school(typed, near) == lycee
    with pytest.raises(finding.NotOne, match="n’est pas dans l’annuaire : choisissez") as missed:
        finding.school("Lycée des Peuplier", near)
    assert missed.value.close == ["Lycée Les Peupliers, Vertou (0440777B)"]
    with pytest.raises(finding.NotOne, match="vérifiez son nom"):
        finding.school("zzzzzz", near)
    assert lycee.commune
    _school("0440778C", "Collège Les Peupliers", lycee.commune)
    with pytest.raises(finding.NotOne, match="Plusieurs établissements") as several:
        finding.school("peupliers", near)
    assert len(several.value.close) == 2


def test_practice_schools_are_nowhere() -> None:
    _school("0440779D", "Lycée des Peupliers", Commune.objects.all()[0], source=PRACTICE)
    assert finding.schools_like("peupliers") == []


def test_the_addresses_answer_whoever_is_signed_in(lycee: Structure) -> None:
    client = cast.signed_in(cast.member(cast.structure(Kind.INFO_JEUNES), Role.AGENT))
    for name, typed, first in (
        ("communes", "nant", "44000 Nantes"),
        ("schools", "peupl", "Lycée Les Peupliers, Vertou (0440777B)"),
    ):
        answer = client.get(reverse(f"territory:{name}"), {"q": typed})
        assert answer.json()["propositions"][0] == first
        assert client.get(reverse(f"territory:{name}"), {"q": "\0"}).json() == {"propositions": []}
