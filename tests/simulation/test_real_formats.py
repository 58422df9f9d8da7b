"""The registers written in the real formats: what the readers get back is what was drawn."""

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pytest
from lxml import etree

from raccord.registers.containers import expand
from raccord.registers.formats import Reading
from raccord.registers.problems import ProblemLog
from raccord.registers.recognition import pair_companions
from raccord.simulation import Simulation, simulate

Draw = Callable[..., Simulation]
SHARED = Path(os.environ.get("RACCORD_SHARED", Path(__file__).parents[2].parent / "shared"))

_DAY = (
    "coalesce(try_strptime(date_sortie, '%d/%m/%Y'), try_strptime(date_sortie, '%Y-%m-%d'))::DATE"
)


def read_all(folder: Path) -> pa.Table:
    sorting = pair_companions(expand(folder))
    assert not sorting.refused
    assert not sorting.orphans
    batches = []
    for register in sorting.registers:
        reading = Reading(register.document, ProblemLog(), companions=register.companions)
        batches += list(register.format.read(reading))
    return pa.Table.from_batches(batches)


@pytest.mark.slow
@pytest.mark.parametrize("season", ["autumn", "summer"])
def test_readers_give_back_every_enrolment(territory: Draw, season: str) -> None:
    simulation = territory(6_000, 2, format="real", season=season)
    found = duckdb.connect()
    key = "source, uai, identifiant_local"
    sources = set()
    for side, truth in (("before", "truth"), ("after", "truth_after")):
        table = read_all(simulation.folder / side)
        found.register("read", table)
        found.execute(f"CREATE OR REPLACE TABLE {side} AS FROM read")
        path = f"'{simulation.folder}/{truth}.parquet'"
        lost = f"SELECT count(*) FROM (SELECT {key} FROM {path} EXCEPT SELECT {key} FROM {side})"
        assert found.execute(lost).fetchall() == [(0,)]
        sources |= set(table["source"].unique().to_pylist())
        if season == "autumn":
            more = (
                f"SELECT count(*) FROM (SELECT {key} FROM {side} EXCEPT SELECT {key} FROM {path})"
            )
            assert found.execute(more).fetchall() == [(0,)]
            assert len(table) == found.execute(f"SELECT count(*) FROM {path}").fetchall()[0][0]
    assert sources == {"siecle", "prive", "fregata", "dossier_apprenant", "plain"}
    if season == "autumn":
        query = f"""SELECT count(*) FROM after JOIN '{simulation.folder}/truth_after.parquet'
            USING ({key}) WHERE active = coalesce({_DAY} <= DATE '{simulation.as_of}', false)"""
        assert found.execute(query).fetchall() == [(0,)]
        fragile = "SELECT count(*) FROM after WHERE fragile_du IS NOT NULL AND statut <> 'apprenti'"
        [(count,)] = found.execute(fragile).fetchall()
        assert count > 3


@pytest.mark.slow
def test_values_survive_the_round_trip(territory: Draw) -> None:
    simulation = territory(6_000, 2, format="real", season="autumn")
    parquet = territory(6_000, 2)
    found = duckdb.connect()
    found.register("read", read_all(simulation.folder / "after"))
    query = f"""SELECT r.source, count(*),
        avg((r.nom_famille = p.nom_famille)::INT), avg((r.prenom = p.prenom)::INT),
        avg((r.ine IS NOT DISTINCT FROM p.ine)::INT),
        avg((coalesce(try_strptime(r.date_naissance, '%d/%m/%Y'),
             try_strptime(r.date_naissance, '%Y-%m-%d')) = p.date_naissance::DATE)::INT),
        avg((r.uai_precedent IS NOT DISTINCT FROM p.uai_precedent)::INT),
        avg((r.adresse IS NOT DISTINCT FROM p.adresse)::INT),
        avg((r.representant_telephone IS NOT DISTINCT FROM p.representant_telephone)::INT)
        FROM read r JOIN '{parquet.folder}/after/*.parquet' p
        USING (uai, identifiant_local) WHERE r.source IN ('siecle', 'plain') GROUP BY ALL"""
    for _, count, *shares in found.execute(query).fetchall():
        assert count > 50
        assert min(shares) > 0.99, shares


@pytest.mark.shared
def test_private_imports_obey_the_schema_of_the_ministry(territory: Draw) -> None:
    schema = etree.XMLSchema(etree.parse(SHARED / "data/siecle/schema_Import_3.1.xsd"))
    folder = territory(6_000, 2, format="real", season="autumn").folder
    for archive in sorted((folder / "before" / "prive").iterdir()):
        with zipfile.ZipFile(archive) as opened:
            [name] = opened.namelist()
            assert name == f"{archive.stem}.xml"
            assert schema.validate(etree.fromstring(opened.read(name))), schema.error_log[:3]


def test_diplomas_support_and_incidents_come_with_it(territory: Draw) -> None:
    simulation = territory(6_000, 2, format="real", season="autumn")
    assert simulation.diplomas is not None
    assert simulation.followed is not None
    told = json.loads((simulation.folder / "simulation.json").read_text(encoding="utf-8"))
    assert "--diplomas diplomas --followed followed" in told["command"]
    incidents = told["incidents"]
    assert incidents["partial"]["missing"] > 5
    assert incidents["wrong_year"]["year"] == 2025
    admitted = simulation.diplomas / "admis_2026.csv"
    lines = admitted.read_text(encoding="utf-8").splitlines()
    assert lines[0].endswith("diplome_obtenu;niveau_diplome;date_diplome")
    assert len(lines) > 400
    wrong = next((simulation.folder / "incidents" / "mauvaise-annee").rglob("*.zip"))
    with zipfile.ZipFile(wrong) as opened:
        head = opened.read("ElevesAvecAdresses.xml")[:600].decode("iso-8859-15")
    assert "<ANNEE_SCOLAIRE>2025</ANNEE_SCOLAIRE>" in head


def test_summer_holds_both_years(territory: Draw) -> None:
    simulation = territory(6_000, 2, format="real", season="summer")
    told = json.loads((simulation.folder / "simulation.json").read_text(encoding="utf-8"))
    assert told["as_of"] == "2026-07-10"
    names = [path.name for path in (simulation.folder / "after" / "siecle").iterdir()]
    for uai in told["incidents"]["both_years"]:
        assert f"{uai}-2025.zip" in names
        assert f"{uai}-2026.zip" in names


def test_the_same_seed_writes_the_same_files(tmp_path: Path) -> None:
    files: list[dict[str, bytes]] = []
    for name in ("one", "two"):
        simulate(800, 5, tmp_path / name, format="real")
        root = tmp_path / name
        files.append(
            {
                str(path.relative_to(root)): path.read_bytes()
                for path in sorted(root.rglob("*"))
                if path.is_file()
            }
        )
    assert files[0] == files[1]


@pytest.mark.slow
def test_a_simulated_workbook_opens_elsewhere(territory: Draw) -> None:
    """openpyxl is as strict as the spreadsheets people have."""
    folder = territory(6_000, 2, format="real", season="autumn").folder
    path = next((folder / "after/cfa").glob("*.xlsx"))
    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    assert sum(1 for _ in sheet.iter_rows()) > 10
