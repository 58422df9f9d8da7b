"""Who is who: the passes of the comparison, from the surest proof to the most doubtful.

1. the same sound INE and the same identity;
2. the same INE, believed because two of family name, first name and birth date agree;
3. the same identity, alone of its kind on both sides and corroborated;
4. the probabilistic model on what is left, after the vetoes, one to one.

Each pass is one set operation on what the passes before left; every join meets ids or 64-bit keys.
"""

from dataclasses import dataclass
from datetime import date

import duckdb

from raccord.matching.assignment import assign
from raccord.matching.candidates import block
from raccord.matching.model.levels import COMPARISONS
from raccord.matching.model.pairs import compare, weigh
from raccord.matching.model.scoring import level_column
from raccord.matching.model.weights import Model
from raccord.matching.persons import find_shared_keys, merge_enrolments
from raccord.matching.sides import Side, load_features, load_keys
from raccord.matching.vetoes import IDENTITY_IS_CORROBORATED, INE_IS_BELIEVED, veto_sql

#: Below this weight a pair is not even a doubt: it is kept as "nearest" only.
REVIEW_FROM = -5.0
#: From this probability on nobody is asked (weight of about 5 bits).
FOUND_FROM = 0.97
#: A vetoed pair is never more likely than this.
VETOED_AT_MOST = 0.45
#: Bits between two enrolments of *after* under which the first is not clearly the right one.
_KEEP_FROM = -20.0

_LEVELS = ", ".join(level_column(c) for c in COMPARISONS)


@dataclass(frozen=True)
class Comparison:
    """What is compared with what. `decisions` says whether table `decisions` (l, r, same) exists:
    what humans said of pairs of rows; `only_before` is SQL for the ids of *before* that are sought
    (all of them by default)."""

    before: Side
    after: Side
    as_of: date
    model: Model
    decisions: bool = False
    only_before: str | None = None

    @property
    def prior(self) -> float:
        return self.model.prior(self.after.rows)


def load(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> None:
    """Keys of both sides, pass 1, and the features of every row that pass 1 does not settle.

    Table `linked` (b, a, matched_by, pattern): pairs of rows found so far.
    """
    load_keys(connection, comparison.before, None, comparison.only_before)
    load_keys(connection, comparison.after, comparison.as_of)
    for side in ("before", "after"):
        find_shared_keys(connection, side)
    refused = ""
    if comparison.decisions:
        refused = "ANTI JOIN (SELECT l AS b, r AS a FROM decisions) USING (b, a)"
    connection.execute(
        f"""CREATE TABLE linked AS
        SELECT b, a, 'ine' AS matched_by, NULL::BIGINT AS pattern FROM (
            SELECT b.id AS b, a.id AS a FROM before_keys b
            JOIN after_keys a ON a.k_ine = b.k_ine AND a.k_id = b.k_id) {refused}"""
    )
    for side, column in (("before", "b"), ("after", "a")):
        connection.execute(
            f"""CREATE TABLE {side}_open AS
            SELECT id FROM {side}_keys WHERE id NOT IN (SELECT {column} FROM linked)
            UNION SELECT id FROM {side}_shared"""
        )
    for side_ in (comparison.before, comparison.after):
        load_features(connection, side_, f"{side_.name}_open", comparison.model)
        merge_enrolments(connection, side_.name, comparison.model, side_.rows)


def link_exactly(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> None:
    """Human decisions and passes 2 and 3, into `linked`; then `before_residue`, `after_residue`."""
    if comparison.decisions:
        connection.execute(
            "INSERT INTO linked SELECT l, r, 'decision', NULL FROM decisions WHERE same"
        )
    _make_residues(connection)
    connection.execute(
        """CREATE TEMP TABLE same_ine AS
        WITH b AS (SELECT id, k_ine FROM before_residue WHERE k_ine IS NOT NULL
                   UNION SELECT o.id, o.k_ine FROM before_other_ine o
                   SEMI JOIN before_residue USING (id) WHERE o.k_ine IS NOT NULL),
        a AS (SELECT id, k_ine FROM after_residue WHERE k_ine IS NOT NULL
              UNION SELECT o.id, o.k_ine FROM after_other_ine o
              SEMI JOIN after_residue USING (id) WHERE o.k_ine IS NOT NULL)
        SELECT DISTINCT b.id AS l, a.id AS r FROM b JOIN a USING (k_ine)"""
    )
    _pass(connection, comparison, "same_ine", "ine", INE_IS_BELIEVED)
    _make_residues(connection)
    connection.execute(
        """CREATE TEMP TABLE same_identity AS
        SELECT b.id AS l, a.id AS r FROM before_residue b JOIN after_residue a USING (k_id)
        WHERE k_id NOT IN (SELECT k_id FROM before_homonyms)
          AND k_id NOT IN (SELECT k_id FROM after_homonyms)"""
    )
    _pass(connection, comparison, "same_identity", "identite", IDENTITY_IS_CORROBORATED)
    _make_residues(connection)


def _pass(
    connection: duckdb.DuckDBPyConnection,
    comparison: Comparison,
    pairs: str,
    name: str,
    believed: str,
) -> None:
    """Compare `pairs`, keep those that are `believed`, one person to one person, as `name`."""
    _forget_refused(connection, comparison, pairs)
    levels = f"{pairs}_levels"
    compare(connection, pairs, "before_residue", "after_residue", levels)
    weigh(
        connection,
        levels,
        "before_residue",
        "after_residue",
        comparison.model,
        comparison.prior,
        f"{pairs}_weights",
    )
    _assign_persons(connection, f"(FROM {pairs}_weights WHERE {believed})", f"{pairs}_kept")
    connection.execute(f"INSERT INTO linked SELECT l, r, '{name}', pattern FROM {pairs}_kept_rows")
    for table in (pairs, levels, f"{pairs}_weights", f"{pairs}_kept", f"{pairs}_kept_rows"):
        connection.execute(f"DROP TABLE {table}")


def _forget_refused(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, pairs: str
) -> None:
    if comparison.decisions:
        connection.execute(
            f"DELETE FROM {pairs} WHERE (l, r) IN (SELECT l, r FROM decisions WHERE NOT same)"
        )


def _assign_persons(connection: duckdb.DuckDBPyConnection, weighed: str, into: str) -> None:
    """One-to-one among the persons of the rows of `weighed`.

    Table `into` (b, a): persons; table `<into>_rows`: the best pair of rows of each, with its
    levels.
    """
    connection.execute(
        f"""CREATE TEMP TABLE person_pairs AS
        SELECT *, coalesce(pb.person, w.l) AS b, coalesce(pa.person, w.r) AS a,
            hash(fb.h, fa.h) AS tie
        FROM {weighed} w
        JOIN before_features fb ON fb.id = w.l JOIN after_features fa ON fa.id = w.r
        LEFT JOIN (SELECT id AS bid, person FROM before_persons) pb ON pb.bid = w.l
        LEFT JOIN (SELECT id AS aid, person FROM after_persons) pa ON pa.aid = w.r"""
    )
    connection.execute(
        """CREATE TEMP TABLE best_pairs AS SELECT * FROM (
            SELECT b, a, l, r, pattern, weight, tie,
                row_number() OVER (PARTITION BY b, a ORDER BY weight DESC, tie) AS rank
            FROM person_pairs) WHERE rank = 1"""
    )
    assign(connection, "best_pairs", into)
    connection.execute(
        f"CREATE TABLE {into}_rows AS SELECT p.* FROM best_pairs p SEMI JOIN {into} USING (b, a)"
    )
    connection.execute("DROP TABLE person_pairs")
    connection.execute("DROP TABLE best_pairs")


def _make_residues(connection: duckdb.DuckDBPyConnection) -> None:
    """The rows of persons that no pass has linked, on each side."""
    for side, column in (("before", "b"), ("after", "a")):
        connection.execute(
            f"""CREATE OR REPLACE TABLE {side}_residue AS
            WITH settled AS (
                SELECT {column} AS id FROM linked
                UNION
                SELECT p.id FROM {side}_persons p WHERE p.person IN (
                    SELECT q.person FROM {side}_persons q JOIN linked k ON k.{column} = q.id)
            )
            SELECT f.* FROM {side}_features f WHERE f.id NOT IN (FROM settled)"""
        )


def link_by_model(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> None:
    """Pass 4. Tables `pairs` (every weighed pair of the residues) and `modelled` (b, a persons,
    l, r rows, pattern, weight, veto, probability)."""
    block(connection, "before_residue", "after_residue", "candidates")
    _forget_refused(connection, comparison, "candidates")
    compare(connection, "candidates", "before_residue", "after_residue", "candidate_levels")
    weigh(
        connection,
        "candidate_levels",
        "before_residue",
        "after_residue",
        comparison.model,
        comparison.prior,
        "weighed",
    )
    _find_twins(connection)
    connection.execute(
        f"""CREATE TABLE pairs AS
        SELECT l, r, {_LEVELS}, pattern, weight, {veto_sql("t.id IS NOT NULL")} AS veto
        FROM weighed w LEFT JOIN before_twins t ON t.id = w.l
        WHERE weight >= {_KEEP_FROM}"""
    )
    for table in ("candidates", "candidate_levels", "weighed"):
        connection.execute(f"DROP TABLE {table}")
    decide(connection)


def _find_twins(connection: duckdb.DuckDBPyConnection) -> None:
    """Table `before_twins` (id): rows of the residue that share family name, birth date and birth
    place with another person of the residue. A twin already found elsewhere claims nobody."""
    connection.execute(
        """CREATE TABLE before_twins AS
        SELECT DISTINCT r.id FROM before_residue r JOIN before_residue s
            ON s.k_nom = r.k_nom AND s.d_naissance = r.d_naissance AND s.c_prenom <> r.c_prenom
        WHERE r.n_commune = s.n_commune OR r.n_commune IS NULL OR s.n_commune IS NULL"""
    )


def decide(connection: duckdb.DuckDBPyConnection) -> None:
    """From `pairs` to `modelled`: one person to one person, then the probability of each.

    Pairs without a veto are assigned first; a vetoed pair can only take whom nobody else claims.
    When another young person of *before*, left without anybody, has as good a claim on the same
    enrolment, the probability is shared: homonyms and close twins end in review.
    """
    connection.execute(
        f"""CREATE TEMP TABLE claims AS
        SELECT * FROM pairs WHERE weight >= {REVIEW_FROM} AND veto IS DISTINCT FROM 'siblings'"""
    )
    _assign_persons(connection, "(FROM claims WHERE veto IS NULL)", "clear")
    connection.execute(
        """CREATE TEMP TABLE person_of_before AS
        SELECT f.id, coalesce(p.person, f.id) AS person FROM before_residue f
        LEFT JOIN before_persons p USING (id)"""
    )
    connection.execute(
        """CREATE TEMP TABLE person_of_after AS
        SELECT f.id, coalesce(p.person, f.id) AS person FROM after_residue f
        LEFT JOIN after_persons p USING (id)"""
    )
    _assign_persons(
        connection,
        """(SELECT c.* FROM claims c
            JOIN person_of_before pb ON pb.id = c.l JOIN person_of_after pa ON pa.id = c.r
            WHERE c.veto IS NOT NULL AND pb.person NOT IN (SELECT b FROM clear)
              AND pa.person NOT IN (SELECT a FROM clear))""",
        "doubtful",
    )
    connection.execute(
        f"""CREATE OR REPLACE TABLE modelled AS
        WITH kept AS (
            SELECT b, a, l, r, pattern, weight FROM clear_rows
            UNION ALL SELECT b, a, l, r, pattern, weight FROM doubtful_rows
        ), rivals AS (
            SELECT k.b, max(c.weight) AS weight
            FROM kept k JOIN person_of_after pa ON pa.person = k.a
            JOIN claims c ON c.r = pa.id JOIN person_of_before pb ON pb.id = c.l
            WHERE pb.person NOT IN (SELECT b FROM kept) AND c.veto IS NULL
            GROUP BY k.b
        )
        SELECT k.*, v.veto,
            r.weight AS rival,
            CASE WHEN v.veto IS NOT NULL
                THEN least({VETOED_AT_MOST}, 1 / (1 + pow(2, -k.weight)))
                ELSE 1 / (1 + pow(2, -k.weight)
                    + CASE WHEN r.weight IS NULL THEN 0 ELSE pow(2, r.weight - k.weight) END)
            END AS probability
        FROM kept k LEFT JOIN rivals r USING (b)
        JOIN (SELECT l, r, veto FROM claims) v ON v.l = k.l AND v.r = k.r"""
    )
    for table in (
        "claims",
        "clear",
        "clear_rows",
        "doubtful",
        "doubtful_rows",
        "person_of_before",
        "person_of_after",
    ):
        connection.execute(f"DROP TABLE {table}")
