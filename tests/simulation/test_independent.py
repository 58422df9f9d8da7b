"""The second population of the benchmarks: same layout of the truth, other names and mistakes."""

from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from benchmarks.independent import generate

from raccord.registers.enrolment import PLAIN_COLUMNS


@pytest.mark.parametrize(("harder", "without", "altered"), [(False, 0.06, 0.04), (True, 0.2, 0.13)])
def test_has_the_rates_of_the_measured_population(
    tmp_path: Path, harder: bool, without: float, altered: float
) -> None:
    generate(12_000, 3, tmp_path, harder=harder)
    found = duckdb.connect()
    truth = f"'{tmp_path}/truth.parquet'"
    before, after = (f"'{tmp_path}/{side}/*.parquet'" for side in ("before", "after"))
    joined = f"""{truth} t JOIN {before} b USING (source, uai, identifiant_local)
        JOIN {after} a ON t.after_source = a.source AND t.after_uai = a.uai
        AND t.after_identifiant_local = a.identifiant_local"""
    [(rows, gone)] = found.execute(
        f"SELECT count(*), avg((truth = 'gone')::INT) FROM {truth}"
    ).fetchall()
    assert rows == pytest.approx(12_000, rel=0.03)
    assert gone == pytest.approx(0.08, abs=0.01)
    [(none,)] = found.execute(f"SELECT avg((ine IS NULL)::INT) FROM {after}").fetchall()
    assert none == pytest.approx(without, abs=0.01)
    [(changed, wrong, enrolled)] = found.execute(
        f"""SELECT avg((b.nom_famille <> a.nom_famille OR b.prenom <> a.prenom
        OR b.date_naissance <> a.date_naissance)::INT),
        avg(coalesce(b.ine <> a.ine, false)::INT), count(*) FROM {joined}"""
    ).fetchall()
    assert changed == pytest.approx(altered, abs=0.012)
    assert wrong == pytest.approx(0.015, abs=0.005)
    assert enrolled == round(rows * (1 - gone))


def test_the_same_seed_draws_the_same_and_only_the_columns_promised(tmp_path: Path) -> None:
    for name in ("one", "two"):
        generate(3_000, 8, tmp_path / name)
    for name in ("truth.parquet", "truth_after.parquet", "simulation.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    tables = [pq.read_table(tmp_path / name / "after") for name in ("one", "two")]
    assert tables[0].equals(tables[1])
    names = set(tables[0].schema.names)
    assert names <= set(PLAIN_COLUMNS)
    assert not names & {"adresse", "telephone", "courriel", "representant_nom", "code_postal"}
    keys = tables[0].select(["source", "uai", "identifiant_local"])
    assert keys.group_by(keys.schema.names).aggregate([]).num_rows == len(keys)
