"""Compared rows without any register: hand-made ones that reach every level, and simulated ones."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from raccord.matching import passes
from raccord.matching.model.levels import COLUMNS, COMPARISONS
from raccord.matching.model.scoring import level_column
from raccord.matching.model.weights import Model
from raccord.matching.sides import Side
from raccord.registers.reading import open_registers
from raccord.simulation import Simulation, simulate

_TYPES = {"s": pa.int8(), "telephone": pa.int64(), "representant": pa.int64()}
#: Columns whose frequent values are worth less.
FREQUENT = ("c_nom", "c_prenom", "n_commune")

#: Nobody: every value is made up.
_PERSON: dict[str, Any] = {
    "n_nom": "LE GOFFREC MARZIN",
    "c_nom": "LEGOFFRECMARZIN",
    "c_usage": None,
    "n_prenom": "MARTINE",
    "c_prenom": "MARTINE",
    "n_suite": "ANNE SOPHIE LOUISE",
    "naissance": "20080312",
    "s": 2,
    "n_commune": "35238",
    "n_uai": "0350001A",
    "n_uai_precedent": None,
    "n_ine": "123456789AB",
    "ine_family": "rnie",
    "telephone": 612345678,
    "representant": 612345679,
    "courriel": "martine@exemple.invalid",
    "adresse": "12 RUE DES FICTIONS",
    "code_postal": "35000",
    "n_residence": "35238",
}
#: What changes on the other side, one level or another of every comparison.
_CHANGES: tuple[dict[str, Any], ...] = (
    {},
    {"n_uai": "0350002B", "n_uai_precedent": "0350001A"},
    {"n_uai": "0350002B", "n_uai_precedent": "0350009Z"},
    {"n_uai": "0350002B"},
    {"n_nom": None, "c_nom": None},
    {"n_prenom": None, "c_prenom": None},
    {"naissance": None, "s": None, "n_commune": None, "n_suite": None},
    {"n_nom": "DUVALLOT", "c_nom": "DUVALLOT", "c_usage": "LEGOFFRECMARZIN"},
    {"n_nom": "MARTINE", "c_nom": "MARTINE", "n_prenom": "LE GOFFREC MARZIN",
     "c_prenom": "LEGOFFRECMARZIN"},
    {"n_nom": "MARZIN", "c_nom": "MARZIN"},
    {"n_nom": "LE GOFREC MARZIN", "c_nom": "LEGOFRECMARZIN"},
    {"n_nom": "LEGOFRAC", "c_nom": "LEGOFRAC"},
    # Of LEGOFRECMARZIN, an odd number of letters is out of place: see test_spark.
    {"n_nom": "LEGOFEECMARIN", "c_nom": "LEGOFEECMARIN"},
    {"n_nom": "DUVALLOT", "c_nom": "DUVALLOT"},
    {"n_prenom": "LOUISE", "c_prenom": "LOUISE"},
    {"n_prenom": "MART", "c_prenom": "MART"},
    {"n_prenom": "MARTNIE", "c_prenom": "MARTNIE"},
    {"n_prenom": "MARINETTE", "c_prenom": "MARINETTE"},
    {"n_prenom": "MARILYNE", "c_prenom": "MARILYNE"},
    {"n_prenom": "ZOUBIDA", "c_prenom": "ZOUBIDA"},
    {"naissance": "20081203"},
    {"naissance": "20080313"},
    {"naissance": "20080329"},
    {"naissance": "20050412"},
    {"naissance": "19991127"},
    {"s": 1},
    {"n_commune": "35047"},
    {"n_commune": "29019"},
    {"n_suite": "ANNE SOPHIE"},
    {"n_suite": "ANNES SOPHIE LOUISE"},
    {"n_suite": "JULES"},
    {"n_ine": None, "ine_family": None},
    {"n_ine": "1234567890B", "ine_family": "bea"},
    {"n_ine": "123456798AB"},
    {"n_ine": "987654321CD"},
    {"telephone": None, "representant": None, "courriel": None},
    {"telephone": 799999999, "representant": 799999998, "courriel": "autre@exemple.invalid"},
    {"telephone": 612345679, "representant": None, "courriel": None},
    {"telephone": 612345679, "n_nom": "DUVALLOT", "c_nom": "DUVALLOT"},
    {"adresse": "12 RUE DES FICTIOSN"},
    {"adresse": "3 IMPASSE DU ROMAN"},
    {"adresse": "3 IMPASSE DU ROMAN", "code_postal": "29000", "n_residence": "29019"},
    {"adresse": None, "code_postal": None, "n_residence": None},
)  # fmt: skip


def hand_made() -> list[dict[str, Any]]:
    """Rows to compare with one another: one person, and what may become of it in a register."""
    return [{**_PERSON, **change} for change in _CHANGES]


def load_hand_made(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Tables `before_features` and `after_features` (the same rows), and `candidates` (l, r):
    each row against each, so that each level of one comparison meets several of the others."""
    rows = hand_made()
    for side in ("before", "after"):
        load_rows(connection, f"{side}_features", rows, model)
    connection.execute(
        """CREATE TABLE candidates AS
        SELECT b.id AS l, a.id AS r FROM before_features b CROSS JOIN after_features a"""
    )


def load_rows(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    rows: Iterable[Mapping[str, Any]],
    model: Model,
) -> None:
    """Feature table of rows given as mappings of COLUMNS."""
    fields = [("id", pa.int64())]
    fields += [(column, _TYPES.get(column, pa.string())) for column in COLUMNS]
    fields += [(f"tf_{column}", pa.float64()) for column in FREQUENT]
    numbered = [
        {
            **row,
            "id": number,
            **{
                f"tf_{column}": model.frequencies[column].get(
                    row.get(column) or "", model.floors[column]
                )
                for column in FREQUENT
            },
        }
        for number, row in enumerate(rows, start=1)
    ]
    given = pa.Table.from_pylist(numbered, schema=pa.schema(fields))
    connection.register("given_rows", given)
    connection.execute(f"CREATE TABLE {table} AS FROM given_rows")
    connection.unregister("given_rows")


def load_simulated(
    connection: duckdb.DuckDBPyConnection, folder: Path, model: Model, pupils: int, seed: int
) -> passes.Comparison:
    """Draw a territory, then `link_simulated`."""
    return link_simulated(connection, simulate(pupils, seed, folder), model)


def link_simulated(
    connection: duckdb.DuckDBPyConnection, simulation: Simulation, model: Model
) -> passes.Comparison:
    """Everything the exact passes of a simulated territory leave to the model: see `passes`."""
    folder = simulation.folder
    sides = [Side(name, open_registers([folder / name]).snapshots) for name in ("before", "after")]
    comparison = passes.Comparison(*sides, as_of=simulation.as_of, model=model)
    passes.load(connection, comparison)
    passes.link_exactly(connection, comparison)
    return comparison


def levels_met(connection: duckdb.DuckDBPyConnection, table: str) -> set[tuple[str, str]]:
    """(field, level) of every level some pair of `table` is at."""
    met = set()
    for comparison in COMPARISONS:
        column = level_column(comparison)
        for (rank,) in connection.execute(f"SELECT DISTINCT {column} FROM {table}").fetchall():
            met.add((comparison.field, comparison.levels[rank].code))
    return met


def every_level() -> set[tuple[str, str]]:
    return {(c.field, level.code) for c in COMPARISONS for level in c.levels}
