"""Pass 4: the probabilistic model on what the exact passes left, after the vetoes, one to one."""

import math
from collections.abc import Callable
from typing import TypeAlias

import duckdb

from raccord.matching.assignment import assign_persons
from raccord.matching.candidates import block
from raccord.matching.model.levels import COMPARISONS
from raccord.matching.model.pairs import weigh
from raccord.matching.model.scoring import level_column
from raccord.matching.passes import Comparison, compare_pairs, forget_parted, with_context
from raccord.matching.vetoes import veto_sql

#: Below this weight (bits) a pair is not even a doubt: it is kept as "nearest" only.
REVIEW_FROM = -5.0
#: From this probability on nobody is asked (weight of about 5 bits).
FOUND_FROM = 0.97
#: A vetoed pair is never more likely than this.
VETOED_AT_MOST = 0.45
#: A doubt worth a human's time is never told as less likely than this.
_LEAST_REVIEW = 0.05
#: Below this weight a pair is forgotten.
_KEEP_FROM = -40.0

#: The second look: from this weight on, when fewer than this share of the rows of *after* are left
#: to somebody, and registers have at least so many rows.
_LEFTOVER_FROM, _LEFTOVER_SHARE, _LEFTOVER_ROWS, _LOOKS = -20.0, 0.05, 1_000, 3

_LEVELS = ", ".join(level_column(c) for c in COMPARISONS)

#: What fills table `weighed` (l, r, level columns, pattern, weight) from the two residues: DuckDB
#: below, or Spark when a territory outgrows one machine.
Scorer: TypeAlias = Callable[[duckdb.DuckDBPyConnection, Comparison], None]


def score_residue(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> None:
    """Table `weighed`: every pair of the residues that shares a blocking key, compared."""
    block(connection, "before_residue", "after_residue", "candidates")
    forget_parted(connection, comparison, "candidates")
    compare_pairs(connection, "candidates", "candidate_levels")
    weigh(
        connection,
        "candidate_levels",
        "before_features",
        comparison.model,
        comparison.prior,
        "weighed",
    )
    for table in ("candidates", "candidate_levels"):
        connection.execute(f"DROP TABLE {table}")


def link_by_model(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, score: Scorer = score_residue
) -> None:
    """Tables `pairs` (every weighed pair worth keeping, with its veto) and `modelled` (b, a
    persons, l, r rows, pattern, weight, veto, rival, probability)."""
    score(connection, comparison)
    judge_pairs(connection, "weighed", "pairs")
    connection.execute("DROP TABLE weighed")
    decide(connection)
    look_again(connection)


def judge_pairs(connection: duckdb.DuckDBPyConnection, weighed: str, into: str) -> None:
    """Table `into`: the pairs of `weighed` that may count, with the veto that strikes them."""
    kept = f"(FROM {weighed} WHERE weight >= {_KEEP_FROM})"
    connection.execute(
        f"""CREATE TABLE {into} AS
        SELECT l, r, {_LEVELS}, pattern, weight, {veto_sql()} AS veto FROM {with_context(kept)}"""
    )


def decide(connection: duckdb.DuckDBPyConnection) -> None:
    """From `pairs` to `modelled`: one person to one person, then the probability of each.

    Pairs without a veto are assigned first; a vetoed pair can only take whom nobody else claims.
    When another young person of *before*, left without anybody, has as good a claim on the same
    enrolment, the probability is shared: homonyms and close twins end in review.
    """
    connection.execute(
        f"""CREATE TEMP TABLE claims AS
        SELECT c.*, coalesce(p.person, c.l) AS b, coalesce(q.person, c.r) AS a
        FROM pairs c LEFT JOIN before_persons p ON p.id = c.l
        LEFT JOIN after_persons q ON q.id = c.r
        WHERE weight >= {REVIEW_FROM} AND veto IS DISTINCT FROM 'siblings'"""
    )
    assign_persons(connection, "(FROM claims WHERE veto IS NULL)", "clear")
    assign_persons(
        connection,
        """(SELECT c.* FROM claims c ANTI JOIN clear k ON k.b = c.b ANTI JOIN clear m ON m.a = c.a
            WHERE c.veto IS NOT NULL)""",
        "doubtful",
    )
    connection.execute(
        f"""CREATE OR REPLACE TABLE modelled AS
        WITH kept AS (
            SELECT b, a, l, r, pattern, weight FROM clear
            UNION ALL SELECT b, a, l, r, pattern, weight FROM doubtful
        ), rivals AS (
            SELECT k.b, max(c.weight) AS weight FROM kept k JOIN claims c ON c.a = k.a
            ANTI JOIN kept m ON m.b = c.b WHERE c.veto IS NULL GROUP BY k.b
        )
        SELECT k.*, v.veto, r.weight AS rival,
            CASE WHEN v.veto IS NOT NULL
                THEN least({VETOED_AT_MOST}, 1 / (1 + pow(2, -k.weight)))
                ELSE 1 / (1 + pow(2, -k.weight)
                    + CASE WHEN r.weight IS NULL THEN 0 ELSE pow(2, r.weight - k.weight) END)
            END AS probability
        FROM kept k LEFT JOIN rivals r USING (b) JOIN claims v ON v.l = k.l AND v.r = k.r"""
    )
    for table in ("claims", "clear", "doubtful"):
        connection.execute(f"DROP TABLE {table}")


def look_again(connection: duckdb.DuckDBPyConnection) -> None:
    """When nearly everybody was found, two that are left and resemble may be one: into `modelled`,
    for review, with the veto `leftover`.

    One of the few rows of *after* that nobody claims is likelier to be somebody sought than one
    row of the whole register: the prior rises with log2(all / left), and again when fewer are
    left. In a school year newcomers are eight in a hundred and a look-alike is a newcomer, a
    sibling most often: nothing is done then.
    """
    for _ in range(_LOOKS):
        row = connection.execute(
            """SELECT (SELECT count(*) FROM after_keys),
                (SELECT count(*) FROM after_left) - (SELECT count(DISTINCT a) FROM modelled)"""
        ).fetchone()
        rows, left = row or (0, 0)
        if rows < _LEFTOVER_ROWS or not 0 < left < _LEFTOVER_SHARE * rows:
            return
        _pair_leftovers(connection, math.floor(math.log2(rows / left)))


def _pair_leftovers(connection: duckdb.DuckDBPyConnection, bits: int) -> None:
    """One to one among those left, with a prior raised by `bits`."""
    assign_persons(
        connection,
        f"""(SELECT c.* FROM pairs c LEFT JOIN before_persons p ON p.id = c.l
            LEFT JOIN after_persons q ON q.id = c.r
            ANTI JOIN modelled k ON k.b = coalesce(p.person, c.l)
            ANTI JOIN modelled m ON m.a = coalesce(q.person, c.r)
            WHERE c.weight + {bits} >= {_LEFTOVER_FROM})""",
        "leftovers",
    )
    connection.execute(
        f"""INSERT INTO modelled BY NAME
        SELECT b, a, l, r, pattern, weight, 'leftover' AS veto,
            greatest({_LEAST_REVIEW}, least({VETOED_AT_MOST}, 1 / (1 + pow(2, -(weight + {bits})))))
                AS probability
        FROM leftovers"""
    )
    connection.execute("DROP TABLE leftovers")
