"""Splink as an oracle: the same levels, the same weights, the same estimates, pair by pair."""

import logging
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from splink import Linker
from splink.backends.duckdb import DuckDBAPI
from tests.matching.scored_pairs import every_level, levels_met, load_hand_made, load_simulated

from raccord.matching.model import weights
from raccord.matching.model.levels import COLUMNS, COMPARISONS, SILENT
from raccord.matching.model.scoring import level_column, levels_sql, weight_sql
from raccord.matching.model.splink_settings import (
    FREQUENCY_COLUMNS,
    frequency_table_sql,
    probability,
    splink_settings,
)
from raccord.matching.model.weights import Model

#: Names of the two tables in Splink. It orders the two sides of a label by these names.
_BEFORE, _AFTER = "a_before", "b_after"
_ROWS = 50_000
#: Ours is rounded at 6 decimals, its terms at 9.
_TOLERANCE = 1e-6


@pytest.fixture(autouse=True)
def quiet_splink() -> Iterator[None]:
    logging.getLogger("splink").setLevel(logging.ERROR)
    yield


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


@pytest.fixture(scope="module")
def frozen() -> Model:
    return weights.load()


def _score(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Table `ours` (l, r, levels, weight) of the pairs of `candidates`."""
    columns = ", ".join(f"b.{c} AS {c}_l, a.{c} AS {c}_r" for c in COLUMNS)
    frequencies = ", ".join(f"b.tf_{c}" for c in FREQUENCY_COLUMNS)
    connection.execute(
        f"""CREATE TABLE ours AS
        WITH sided AS (SELECT l, r, {frequencies}, {columns} FROM candidates
            JOIN before_features b ON b.id = l JOIN after_features a ON a.id = r),
        compared AS (SELECT l, r, {levels_sql()}, COLUMNS('tf_.*') FROM sided)
        SELECT *, round({weight_sql(model)} + {model.prior(_ROWS)}, 6) AS weight FROM compared"""
    )


def _linker(connection: duckdb.DuckDBPyConnection, settings: Any) -> Linker:
    api = DuckDBAPI(connection=connection)
    for side, name in (("before", _BEFORE), ("after", _AFTER)):
        connection.execute(
            f"CREATE TABLE {name} AS SELECT id, {', '.join(COLUMNS)} FROM {side}_features"
        )
    tables = [api.register(name, dataset_display_name=name) for name in (_BEFORE, _AFTER)]
    return Linker(tables, settings, log_level=None)


def _score_with_splink(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Table `theirs` (l, r, gamma_*, weight) of the same pairs."""
    linker = _linker(connection, splink_settings(model, _ROWS, keep_levels=True))
    api = linker._db_api
    for column in FREQUENCY_COLUMNS:
        sql = frequency_table_sql(model, column, ["before_features", "after_features"])
        connection.execute(f"CREATE TABLE shares_of_{column} AS {sql}")
        linker.table_management.register_term_frequency_lookup(
            api.register(f"shares_of_{column}"), column
        )
    connection.execute(
        f"""CREATE TABLE blocked AS SELECT '0' AS match_key,
        '{_BEFORE}-__-' || l AS join_key_l, '{_AFTER}-__-' || r AS join_key_r FROM candidates"""
    )
    linker.table_management.register_blocked_pairs_for_predict(api.register("blocked"))
    scored = linker.inference.predict()
    connection.execute(
        f"""CREATE TABLE theirs AS
        SELECT id_l AS l, id_r AS r, match_weight AS weight, COLUMNS('gamma_.*')
        FROM {scored.physical_name}"""
    )


def _differences(connection: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return connection.execute(
        f"""SELECT l, r, ours.weight, theirs.weight FROM ours JOIN theirs USING (l, r)
        WHERE NOT abs(ours.weight - theirs.weight) <= {_TOLERANCE}"""
    ).fetchall()


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {relation}").fetchone()
    assert row is not None
    return int(row[0])


def test_hand_made_pairs_reach_every_level_and_splink_weighs_them_alike(
    connection: duckdb.DuckDBPyConnection, frozen: Model
) -> None:
    load_hand_made(connection, frozen)
    _score(connection, frozen)
    assert levels_met(connection, "ours") == every_level()
    _score_with_splink(connection, frozen)
    assert _count(connection, "ours JOIN theirs USING (l, r)") == _count(connection, "candidates")
    assert _differences(connection) == []


def test_splink_puts_hand_made_pairs_at_the_same_levels(
    connection: duckdb.DuckDBPyConnection, frozen: Model
) -> None:
    load_hand_made(connection, frozen)
    _score(connection, frozen)
    _score_with_splink(connection, frozen)
    for comparison in COMPARISONS:
        # Splink counts from "else" (0) up, and −1 says that a side is silent.
        speaking = [rank for rank, x in enumerate(comparison.levels) if x.meaning != SILENT]
        cases = " ".join(
            f"WHEN {rank} THEN {len(speaking) - 1 - place}" for place, rank in enumerate(speaking)
        )
        expected = f"CASE {level_column(comparison)} {cases} ELSE -1 END"
        wrong = _count(
            connection,
            f"ours JOIN theirs USING (l, r) WHERE theirs.gamma_{comparison.field} <> {expected}",
        )
        assert wrong == 0, comparison.field


def test_splink_weighs_thousands_of_simulated_pairs_alike(
    connection: duckdb.DuckDBPyConnection, frozen: Model, tmp_path: Path
) -> None:
    load_simulated(connection, tmp_path, frozen, pupils=12_000, seed=11)
    connection.execute(
        """CREATE TABLE candidates AS
        SELECT b.id AS l, a.id AS r FROM before_features b JOIN after_features a
            ON b.naissance = a.naissance OR b.c_nom = a.c_nom OR b.c_prenom = a.c_prenom
        ORDER BY hash(l, r) LIMIT 8000"""
    )
    _score(connection, frozen)
    _score_with_splink(connection, frozen)
    assert _count(connection, "ours JOIN theirs USING (l, r)") >= 4_000
    # Values too rare to be listed are there: their floor is what would differ.
    floor = frozen.floors["c_nom"]
    assert _count(connection, f"ours WHERE g_nom_famille = 1 AND tf_c_nom = {floor}") > 10
    assert _differences(connection) == []


def test_splink_ignores_the_frequency_of_a_value_its_table_does_not_name(
    connection: duckdb.DuckDBPyConnection, frozen: Model
) -> None:
    """Where Splink differs: without the rows that hold the floor, it takes u in its place."""
    load_hand_made(connection, frozen)
    _score(connection, frozen)
    connection.execute("UPDATE before_features SET tf_c_nom = NULL")
    connection.execute("UPDATE after_features SET tf_c_nom = NULL")
    _score_with_splink(connection, frozen)
    u = frozen.levels["nom_famille", "exact"].u
    bits = math.log2(u) - math.log2(frozen.floors["c_nom"])
    differences = [theirs - ours for _, _, ours, theirs in _differences(connection)]
    assert len(differences) > 20
    assert all(difference == pytest.approx(-bits, abs=1e-5) for difference in differences)


def test_the_prior_is_the_same_odds(frozen: Model) -> None:
    for rows in (2, 1_000, 15_000_000):
        p = probability(frozen.prior(rows))
        assert math.log2(p / (1 - p)) == pytest.approx(frozen.prior(rows), abs=1e-9)
