"""The real directories, with the counts their producers announce."""

from collections import Counter
from pathlib import Path

import pytest

from raccord.registers.problems import RefusedFile
from raccord.territory.directories import Accuracy, Reading, read_directory
from raccord.territory.kinds import Kind

pytestmark = pytest.mark.shared


def kinds(reading: Reading) -> Counter[Kind]:
    return Counter(row.kind for row in reading.rows)


def found(reading: Reading) -> Counter[str]:
    return Counter(problem.rule for problem in reading.problems)


def test_ille_et_vilaine_in_the_layout_of_2023(shared: Path) -> None:
    """996 rows: 42 offices of which a rectorat and a DSDEN, 39 bodies of care, 3 UAI twice."""
    reading = read_directory(shared / "data/etablissements/annuaire-education_35_2023-06.csv")
    assert len(reading.rows) + sum(reading.left_out.values()) == 996
    assert sorted(reading.left_out.values()) == [39, 40]
    counts = kinds(reading)
    assert counts[Kind.ECOLE] == 685
    assert counts[Kind.CIO] == 5
    assert counts[Kind.EREA] == 2
    assert counts[Kind.MFR] == 11
    assert counts[Kind.RECTORAT] == counts[Kind.DSDEN] == 1
    assert sum(row.annex_of is not None for row in reading.rows) == 3
    assert found(reading)["uai_twice"] == 3
    assert found(reading)["to_close"] == 1
    assert {row.departement for row in reading.rows} == {"35"}
    assert all(row.insee and row.latitude for row in reading.rows)
    assert len({row.reference for row in reading.rows}) == len(reading.rows)
    main = next(row for row in reading.rows if row.uai == "0350852L")
    assert main.name == "Collège Saint-Joseph"


def test_val_de_marne_in_the_layout_of_2026(shared: Path) -> None:
    reading = read_directory(
        shared / "data/etablissements/annuaire-education_94-ecoles_2026-07.csv"
    )
    assert len(reading.rows) == 613
    assert found(reading)["to_close"] == 2
    assert sum(row.closing_announced for row in reading.rows) == 2


def test_a_row_destroyed_by_a_spreadsheet(shared: Path) -> None:
    reading = read_directory(shared / "data/etablissements/annuaire_education_entete_extrait.csv")
    (row,) = reading.rows
    assert (row.uai, row.siret, row.phone, row.departement) == (
        "0711989B",
        "",
        "03 85 38 36 06",
        "71",
    )
    assert found(reading) == {"siret_spreadsheet": 1, "phone_zero": 1}


def test_all_the_colleges_of_france(shared: Path) -> None:
    """7,654 of which 7,507 have coordinates, 13 not open yet."""
    reading = read_directory(shared / "data/etablissements/geoloc-colleges-france_2024-11.csv")
    assert len(reading.rows) == 7_654
    assert sum(not row.is_open for row in reading.rows) == 13
    assert all(row.insee for row in reading.rows)
    nowhere = {row.departement for row in reading.rows if row.latitude is None}
    assert nowhere <= {"987", "988"}  # islands whose town hall has no coordinates either
    assert sum(row.latitude is None for row in reading.rows) < 20
    assert sum(row.accuracy is Accuracy.DOUBTFUL for row in reading.rows) == 100
    assert found(reading)["coordinates_far"] == 1
    departements = Counter(row.departement for row in reading.rows)
    assert departements["2A"] and departements["2B"] and departements["974"]


def test_the_training_bodies_of_france(shared: Path) -> None:
    """6,059, one UAI in small letters, two names with an @, every SIRET right."""
    reading = read_directory(shared / "data/cfa/organismes-prepa-apprentissage.csv")
    assert len(reading.rows) == 6_059
    assert all(row.siret for row in reading.rows)
    counts = found(reading)
    assert (counts["uai_case"], counts["name_at"], counts["siret_key"]) == (1, 2, 0)
    assert sum(not row.insee for row in reading.rows) < 10
    assert len({row.uai for row in reading.rows if row.uai}) == 5_708


NETWORKS = {
    "agri": 754, "cfa-ec": 532, "mfr": 420, "cci": 268, "en": 227, "cma": 149, "afpa": 148,
    "uimm": 88, "greta": 68, "compagnons-du-devoir": 51, "compagnons-du-tour-de-france": 14,
}  # fmt: skip


@pytest.mark.parametrize("network", NETWORKS)
def test_the_lists_of_the_networks(shared: Path, network: str) -> None:
    reading = read_directory(shared / f"data/cfa/reseau-{network}.csv")
    assert len(reading.rows) == NETWORKS[network]
    assert all(row.name for row in reading.rows)
    assert len({row.reference for row in reading.rows}) == len(reading.rows)


def test_the_false_identifiers_of_the_networks(shared: Path) -> None:
    wrong: Counter[str] = Counter()
    for network in NETWORKS:
        for problem in read_directory(shared / f"data/cfa/reseau-{network}.csv").problems:
            if problem.rule in ("uai_key", "siret_key"):
                wrong[problem.value] += 1
    assert {value for value in wrong if len(value) == 8} == {"0146867D", "0251542K"}
    assert len([value for value in wrong if len(value) == 14]) == 2


def test_three_academies_merged(shared: Path) -> None:
    reading = read_directory(shared / "data/etablissements/cfa_reseaux_nantes_lille_normandie.csv")
    assert len(reading.rows) == 519
    assert found(reading)["uai_key"] == 1


def test_missions_locales(shared: Path) -> None:
    """1,003 prescribers of which 31 missions locales; ten whose name would tell are left out."""
    folder = shared / "data/missions_locales"
    reading = read_directory(folder / "prescripteurs_fixture.json")
    assert len(reading.rows) + sum(reading.left_out.values()) == 1_003
    assert kinds(reading)[Kind.MISSION_LOCALE] == 31
    assert sum(reading.left_out.values()) == 10
    assert len(read_directory(folder / "ml-rdv-url.csv").rows) == 32
    patch = read_directory(folder / "geopoints_mission_locale.csv")
    assert patch.is_patch and len(patch.rows) == 8


def test_a_file_without_a_header_is_refused(shared: Path) -> None:
    with pytest.raises(RefusedFile):
        read_directory(shared / "data/etablissements/gepi_ac17_Nantes.csv")
