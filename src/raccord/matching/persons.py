"""Several enrolments of one young person on one side are one person.

A lycée and a CFA both enrol an apprentice; a CFA sends the same learner as *formateur* and as
*responsable*; a transfer is a week long. Only rows that share an INE or an identity are examined.
"""

from collections.abc import Iterable

import duckdb

from raccord.matching.model.pairs import compare, weigh
from raccord.matching.model.weights import Model
from raccord.matching.stages import give_back, is_empty
from raccord.matching.vetoes import ENROLLED_TWICE, NOT_CONTRADICTED, at_level

#: A key held by more rows than this is a filler (INE of zeros, "INCONNU INCONNU"), not a person.
_LARGEST_GROUP = 20


def find_shared_keys(connection: duckdb.DuckDBPyConnection, side: str) -> None:
    """Table `<side>_shared` (id): rows whose INE or identity another row of the side has too; table
    `<side>_crowded` (k_ine): INE of too many rows, which prove nothing."""
    connection.execute(
        f"""CREATE TABLE {side}_shared AS
        WITH ines AS (SELECT id, k_ine FROM {side}_keys WHERE k_ine IS NOT NULL
                      UNION ALL SELECT id, k_ine FROM {side}_other_ine WHERE k_ine IS NOT NULL),
        shared_ine AS (SELECT k_ine FROM ines GROUP BY k_ine HAVING count(*) > 1),
        shared_id AS (SELECT k_id FROM {side}_keys WHERE k_id IS NOT NULL
                      GROUP BY k_id HAVING count(*) > 1)
        SELECT id FROM ines SEMI JOIN shared_ine USING (k_ine)
        UNION
        SELECT id FROM {side}_keys SEMI JOIN shared_id USING (k_id)"""
    )
    connection.execute(
        f"""CREATE TABLE {side}_crowded AS SELECT k_ine FROM {side}_keys
        SEMI JOIN {side}_shared USING (id) WHERE k_ine IS NOT NULL
        GROUP BY k_ine HAVING count(*) > {_LARGEST_GROUP}"""
    )
    give_back(connection)


#: Few young people are enrolled twice: a pair of rows of one side starts with this handicap, in
#: bits, beyond that of a pair across sides, and is one person from +5 bits on.
_DOUBLE_HANDICAP, _ONE_PERSON_FROM = -6.0, 5.0


def merge_enrolments(
    connection: duckdb.DuckDBPyConnection, side: str, model: Model, rows: int
) -> None:
    """Table `<side>_persons` (id, person) for the rows that are not alone; person is an id.

    Also table `<side>_homonyms` (k_id): identities that several persons of the side bear, which
    can therefore prove nothing.
    """
    features = f"{side}_features"
    sharing = not is_empty(connection, f"{side}_shared")
    edges = _edges(connection, side, model, rows) if sharing else []
    edges += connection.execute(
        f"""SELECT first, id FROM (SELECT id, min(id) OVER (PARTITION BY h) AS first
            FROM {features}) WHERE id <> first"""
    ).fetchall()  # the same row to the letter, however often, is one
    persons = connected(edges)
    connection.execute(f"CREATE TABLE {side}_persons (id BIGINT, person BIGINT)")
    if persons:
        connection.execute(
            f"INSERT INTO {side}_persons SELECT unnest($ids), unnest($persons)",
            {"ids": list(persons), "persons": list(persons.values())},
        )
    if not sharing:
        connection.execute(f"CREATE TABLE {side}_homonyms (k_id UBIGINT)")
        return
    connection.execute(
        f"""CREATE TABLE {side}_homonyms AS
        SELECT k_id FROM {features} f SEMI JOIN {side}_shared USING (id)
        LEFT JOIN {side}_persons p ON p.id = f.id
        WHERE k_id IS NOT NULL GROUP BY k_id
        HAVING count(DISTINCT coalesce(p.person, f.id)) > 1"""
    )


def _pair_sharers(connection: duckdb.DuckDBPyConnection, side: str) -> None:
    """Temporary table `same_side` (l, r): rows of one side that share an INE or an identity."""
    features = f"{side}_features"
    connection.execute(
        f"""CREATE TEMP TABLE same_side AS
        WITH shared AS (SELECT f.* FROM {features} f SEMI JOIN {side}_shared USING (id)),
        ines AS (SELECT id, k_ine FROM shared WHERE k_ine IS NOT NULL
                 UNION SELECT id, k_ine FROM {side}_other_ine),
        crowded_ine AS (SELECT k_ine FROM ines GROUP BY 1 HAVING count(*) > {_LARGEST_GROUP}),
        crowded_id AS (SELECT k_id FROM shared GROUP BY 1 HAVING count(*) > {_LARGEST_GROUP})
        SELECT DISTINCT least(a.id, b.id) AS l, greatest(a.id, b.id) AS r
        FROM (FROM ines ANTI JOIN crowded_ine USING (k_ine)) a
        JOIN (FROM ines ANTI JOIN crowded_ine USING (k_ine)) b
            ON a.k_ine = b.k_ine AND a.id <> b.id
        UNION
        SELECT a.id, b.id
        FROM (FROM shared ANTI JOIN crowded_id USING (k_id)) a
        JOIN (FROM shared ANTI JOIN crowded_id USING (k_id)) b
            ON a.k_id = b.k_id AND a.id < b.id"""
    )
    # « school of origin » looks from one row to the other: the content of the rows, not their
    # place, says from which.
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE same_side AS
        SELECT CASE WHEN f.h <= g.h THEN l ELSE r END AS l,
            CASE WHEN f.h <= g.h THEN r ELSE l END AS r
        FROM same_side p JOIN {features} f ON f.id = p.l JOIN {features} g ON g.id = p.r"""
    )


def _edges(
    connection: duckdb.DuckDBPyConnection, side: str, model: Model, rows: int
) -> list[tuple[int, int]]:
    """Pairs of rows of one side that share an INE or an identity and are one person."""
    _pair_sharers(connection, side)
    features = f"{side}_features"
    compare(connection, "same_side", features, features, "same_side_levels")
    prior = model.prior(rows) + _DOUBLE_HANDICAP
    weigh(connection, "same_side_levels", features, model, prior, "same_side_weights")
    context = "(SELECT *, true AS has_twin, false AS has_namesake FROM same_side_weights)"
    likely = f"weight >= {_ONE_PERSON_FROM} AND {NOT_CONTRADICTED}"
    # A second INE may be the one that is shared, which levels do not see.
    other_ine = f"{at_level('prenom', 'exact')} AND {at_level('date_naissance', 'exact')}"
    edges = connection.execute(
        f"""SELECT l, r FROM {context}
        WHERE ({ENROLLED_TWICE}) OR ({likely}) OR ({other_ine} AND (l, r) IN (
            SELECT a.id, b.id FROM {side}_other_ine a JOIN {side}_keys b USING (k_ine)
            UNION SELECT b.id, a.id FROM {side}_other_ine a JOIN {side}_keys b USING (k_ine)))"""
    ).fetchall()
    connection.execute("DROP TABLE same_side")
    connection.execute("DROP TABLE same_side_levels")
    connection.execute("DROP TABLE same_side_weights")
    return edges


def connected(edges: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Each node of the edges → the smallest node it is connected to."""
    parent: dict[int, int] = {}

    def root(node: int) -> int:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for left, right in edges:
        a, b = root(left), root(right)
        if a != b:
            parent[max(a, b)] = min(a, b)
    return {node: root(node) for node in list(parent)}
