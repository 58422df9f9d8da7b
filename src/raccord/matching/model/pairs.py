"""Compared pairs: from two feature tables and a list of ids to levels, vetoes and weights."""

import duckdb

from raccord.matching.model.levels import COLUMNS, COMPARISONS
from raccord.matching.model.scoring import level_column, levels_sql, pattern_sql, weight_sql
from raccord.matching.model.weights import Model

_LEVEL_COLUMNS = ", ".join(level_column(comparison) for comparison in COMPARISONS)


def compare(
    connection: duckdb.DuckDBPyConnection, pairs: str, left: str, right: str, into: str
) -> None:
    """Table `into`: l, r and one level column a comparison, for each row of the table `pairs`."""
    columns = ", ".join(f"f.{c} AS {c}_l, g.{c} AS {c}_r" for c in COLUMNS)
    connection.execute(
        f"""CREATE TABLE {into} AS
        WITH sided AS (
            SELECT p.l, p.r, {columns}
            FROM {pairs} p JOIN {left} f ON f.id = p.l JOIN {right} g ON g.id = p.r
        )
        SELECT l, r, {levels_sql()} FROM sided"""
    )


def weigh(
    connection: duckdb.DuckDBPyConnection,
    compared: str,
    left: str,
    model: Model,
    prior: float,
    into: str,
) -> None:
    """Table `into`: l, r, the level columns, `pattern` and `weight` (bits, prior included).

    `left` is the feature table of the l rows: it holds the frequencies of their values.
    """
    connection.execute(
        f"""CREATE TABLE {into} AS
        WITH valued AS (
            SELECT c.*, f.tf_c_nom, f.tf_c_prenom, f.tf_n_commune
            FROM {compared} c JOIN {left} f ON f.id = c.l
        )
        SELECT l, r, {_LEVEL_COLUMNS}, {pattern_sql()} AS pattern,
            round({weight_sql(model)} + {prior}, 6) AS weight
        FROM valued"""
    )
