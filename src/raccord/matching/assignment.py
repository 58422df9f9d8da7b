"""One-to-one: a young person of *before* is at most one young person of *after*.

Mutual best first, a few rounds: the pairs of what is left form tiny groups, where an optimal
assignment was measured to change nothing.
"""

import duckdb


def assign(connection: duckdb.DuckDBPyConnection, pairs: str, into: str) -> None:
    """Table `into` (b, a): the pairs of persons kept from `pairs` (b, a, weight, tie).

    A round keeps every pair that is the best of both its persons, then sets them aside; it ends
    when a round keeps nothing. `tie` comes from the content of the rows, so that the order of the
    files decides nothing.
    """
    connection.execute(f"CREATE TABLE {into} (b BIGINT, a BIGINT)")
    connection.execute(f"CREATE TEMP TABLE open_pairs AS SELECT b, a, weight, tie FROM {pairs}")
    while True:
        kept = connection.execute(
            f"""INSERT INTO {into}
            SELECT b, a FROM (
                SELECT b, a,
                    row_number() OVER (PARTITION BY b ORDER BY weight DESC, tie) AS for_b,
                    row_number() OVER (PARTITION BY a ORDER BY weight DESC, tie) AS for_a
                FROM open_pairs
            ) WHERE for_b = 1 AND for_a = 1"""
        ).fetchone()
        if not kept or not kept[0]:
            break
        connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE open_pairs AS
            SELECT * FROM open_pairs o
            WHERE NOT EXISTS (FROM {into} k WHERE k.b = o.b)
              AND NOT EXISTS (FROM {into} k WHERE k.a = o.a)"""
        )
    connection.execute("DROP TABLE open_pairs")
