"""One-to-one: a young person of *before* is at most one young person of *after*.

Mutual best first, a few rounds: the pairs of what is left form tiny groups, where an optimal
assignment was measured to change nothing.
"""

import duckdb


def assign(connection: duckdb.DuckDBPyConnection, pairs: str, into: str) -> None:
    """Table `into`: the rows of `pairs` (b, a, weight, tie, and what comes with them) kept.

    A round keeps every pair that is the best of both its persons, then sets them aside; it ends
    when a round keeps nothing. `tie` comes from the content of the rows, so that the order of the
    files decides nothing. A pair (b, a) stands once in `pairs`.
    """
    connection.execute(f"CREATE TABLE {into} AS SELECT * FROM {pairs} WHERE false")
    connection.execute(f"CREATE TEMP TABLE open_pairs AS SELECT * FROM {pairs}")
    while True:
        kept = connection.execute(
            f"""INSERT INTO {into}
            SELECT o.* FROM open_pairs o
            JOIN (SELECT b, arg_max(a, (weight, tie)) AS a FROM open_pairs GROUP BY b) for_b
                ON for_b.b = o.b AND for_b.a = o.a
            JOIN (SELECT a, arg_max(b, (weight, tie)) AS b FROM open_pairs GROUP BY a) for_a
                ON for_a.a = o.a AND for_a.b = o.b"""
        ).fetchall()
        if not kept or not kept[0][0]:
            break
        connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE open_pairs AS
            SELECT o.* FROM open_pairs o
            ANTI JOIN {into} k ON k.b = o.b ANTI JOIN {into} m ON m.a = o.a"""
        )
    connection.execute("DROP TABLE open_pairs")


def assign_persons(connection: duckdb.DuckDBPyConnection, weighed: str, into: str) -> None:
    """One-to-one among the persons of the rows of `weighed` (l, r, pattern, weight).

    Table `into` (b, a, l, r, pattern, weight, tie): two persons, and their best pair of rows.
    """
    connection.execute(
        f"""CREATE TEMP TABLE best_pairs AS
        SELECT b, a, unnest(arg_max({{'l': l, 'r': r, 'pattern': pattern, 'weight': weight,
            'tie': tie}}, (weight, tie)))
        FROM (
            SELECT w.l, w.r, w.pattern, w.weight, coalesce(p.person, w.l) AS b,
                coalesce(q.person, w.r) AS a, hash(f.h, g.h) AS tie
            FROM {weighed} w
            JOIN before_features f ON f.id = w.l JOIN after_features g ON g.id = w.r
            LEFT JOIN before_persons p ON p.id = w.l LEFT JOIN after_persons q ON q.id = w.r
        ) GROUP BY b, a"""
    )
    assign(connection, "best_pairs", into)
    connection.execute("DROP TABLE best_pairs")
