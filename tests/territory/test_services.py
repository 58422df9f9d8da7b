"""Directories in the table of structures: idempotent, and nothing is ever deleted."""

from datetime import date
from pathlib import Path

import pytest
from tests import cast

from raccord.simulation import keys
from raccord.territory.directories import read_directory
from raccord.territory.france import load_france
from raccord.territory.models import Academie, AreaCommune, Commune, Departement, Structure
from raccord.territory.services import Report, apply_directory, merge

pytestmark = pytest.mark.django_db

LYCEE, COLLEGE, SEP = (keys.uai("035", number) for number in (9001, 9002, 9003))
HEADER = "nom;type;uai;siret;code_insee;code_postal;courriel;bassin;communes_desservies;rattachee_a"


def delivered(folder: Path, *lines: str) -> Report:
    path = folder / "annuaire.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n", "utf-8")
    return apply_directory(read_directory(path), on=date(2026, 9, 1))


@pytest.fixture(autouse=True)
def rennes() -> None:
    academie = Academie.objects.create(code="14", name="Rennes")
    departement = Departement.objects.create(code="35", name="Ille-et-Vilaine", academie=academie)
    for insee, name in (("35238", "Rennes"), ("35047", "Bruz")):
        Commune.objects.create(insee=insee, name=name, departement=departement)


def test_the_same_directory_twice_changes_nothing(tmp_path: Path) -> None:
    lines = (
        f"Lycée du Gué;lycee;{LYCEE};;35238;35000;lycee@exemple.test;Bassin du Gué;;",
        "CIO du Gué;cio;;;35238;35000;cio@exemple.test;Bassin du Gué;35238|35047;",
    )
    first = delivered(tmp_path, *lines)
    assert (len(first.added), first.same) == (2, 0)
    second = delivered(tmp_path, *lines)
    assert (len(second.added), len(second.changed), second.same) == (0, 0, 2)
    assert AreaCommune.objects.count() == 2


def test_a_structure_finds_its_place_by_its_commune(tmp_path: Path) -> None:
    delivered(tmp_path, "CIO du Gué;cio;;;35238;35000;;Bassin du Gué;;")
    cio = Structure.objects.get()
    assert (cio.departement_id, cio.academie_id, cio.basin.name) == ("35", "14", "Bassin du Gué")


def test_an_empty_value_never_erases_a_known_one(tmp_path: Path) -> None:
    delivered(tmp_path, f"Lycée du Gué;lycee;{LYCEE};;35238;35000;lycee@exemple.test;;;")
    delivered(tmp_path, f"Lycée du Grand Gué;lycee;{LYCEE};;;;;;;")
    school = Structure.objects.get()
    assert (school.name, school.email) == ("Lycée du Grand Gué", "lycee@exemple.test")


def test_what_a_delivery_forgets_is_told_and_kept(tmp_path: Path) -> None:
    college = f"Collège du Gué;college;{COLLEGE};;;;;;;"
    delivered(tmp_path, f"Lycée du Gué;lycee;{LYCEE};;;;;;;", college)
    report = delivered(tmp_path, f"Lycée du Gué;lycee;{LYCEE};;;;;;;")
    assert [s.uai for s in report.absent] == [COLLEGE]
    assert Structure.objects.count() == 2


def test_a_part_joins_the_house_of_its_school(tmp_path: Path) -> None:
    delivered(
        tmp_path,
        f"Lycée du Gué;lycee;{LYCEE};;35238;;;;;",
        f"SEP du Gué;sep;{SEP};;35238;;;;;{LYCEE}",
    )
    assert Structure.objects.get(uai=SEP).house.uai == LYCEE


def test_a_merger_keeps_the_history_of_both() -> None:
    former, successor = cast.structure(), cast.structure()
    merge(former=former, successor=successor, on=date(2026, 9, 1))
    merge(former=former, successor=successor, on=date(2026, 9, 1))
    former.refresh_from_db()
    assert former.closed_on == date(2026, 9, 1)
    assert [s.successor for s in former.successors.all()] == [successor]
    assert former not in Structure.objects.open(date(2026, 9, 1))
    assert former in Structure.objects.open(date(2026, 8, 31))


@pytest.mark.slow
def test_france_is_loaded_whole_and_may_be_loaded_again() -> None:
    assert load_france() == load_france() > 34_900
    assert Commune.objects.filter(departement__academie=None).count() < 200
    assert Academie.objects.get(code="28").time_zone == "Indian/Reunion"
