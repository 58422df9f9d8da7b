"""Registers that find nobody: diplomas obtained, and who already follows whom.

Being accompanied is not being enrolled: these registers leave the verdict as it is. They are
searched with the same passes, for the few young people that the enrolment registers did not find.
"""

from collections.abc import Sequence
from datetime import date

import duckdb

from raccord.matching import lanes, passes, residue
from raccord.matching.model.weights import Model
from raccord.matching.sides import ID_SHIFT, Side, plain_columns
from raccord.registers import folding
from raccord.registers.snapshots import Snapshot, quoted

#: Diplomas whose level a register may leave out: name as written → level (RNCP, 3 to 8).
_LEVELS = (
    ("(^| )(CAP|BEP|CAPA|BEPA)( |$)", 3),
    ("(^| )(BAC|BACCALAUREAT|BP|BREVET PROFESSIONNEL|BREVET DE TECHNICIEN)( |$)", 4),
    ("(^| )(BTS|BTSA|DUT|DEUG)( |$)", 5),
    ("(^| )(LICENCE|BUT)( |$)", 6),
)


def find_diplomas(
    connection: duckdb.DuckDBPyConnection,
    before: Side,
    registers: Sequence[Snapshot],
    as_of: date,
    model: Model,
) -> None:
    """Table `diploma_levels` (id, level): the best diploma held by rows that are not found.

    From the registers of diplomas, and from `diplome_obtenu` of the registers of *before*.
    """
    connection.execute("CREATE TABLE diploma_levels (id BIGINT, level INTEGER)")
    found = _search(connection, before, registers, as_of, model, "diplomes", former=True)
    side = Side("after", registers)
    for search, rows in (
        (found, _levels(connection, side)),
        (None, _levels(connection, before)),
    ):
        if not rows:
            continue
        joined = (
            f"SELECT f.id, r.level FROM {search} f JOIN ({rows}) r ON r.id = f.r"
            if search
            else f"SELECT id, level FROM ({rows})"
        )
        connection.execute(
            f"INSERT INTO diploma_levels SELECT * FROM ({joined}) WHERE level IS NOT NULL"
        )
    connection.execute(
        """CREATE OR REPLACE TABLE diploma_levels AS
        SELECT id, max(level) AS level FROM diploma_levels GROUP BY id"""
    )


def find_followers(
    connection: duckdb.DuckDBPyConnection,
    before: Side,
    registers: Sequence[Snapshot],
    as_of: date,
    model: Model,
) -> None:
    """Table `followers` (id, followed_by): who already follows rows that are not found."""
    connection.execute("CREATE TABLE followers (id BIGINT, followed_by VARCHAR)")
    found = _search(connection, before, registers, as_of, model, "suivis")
    if found is None:
        return
    parts = []
    for rank, snapshot in enumerate(registers):
        present = plain_columns(snapshot)
        name = folding.text("suivi_par") if "suivi_par" in present else "NULL"
        since = folding.day("suivi_depuis") if "suivi_depuis" in present else "NULL::DATE"
        parts.append(
            f"""SELECT {rank << ID_SHIFT} + file_row_number AS id,
                coalesce({name}, source, 'accompagnement')
                || coalesce(' depuis le ' || strftime({since}, '%d/%m/%Y'), '') AS said
            FROM read_parquet('{quoted(snapshot.plain)}', file_row_number=true)"""
        )
    connection.execute(
        f"""INSERT INTO followers
        SELECT f.id, string_agg(DISTINCT r.said, ' ; ' ORDER BY r.said)
        FROM {found} f JOIN ({" UNION ALL ".join(parts)}) r ON r.id = f.r GROUP BY f.id"""
    )


def find_deceased(
    connection: duckdb.DuckDBPyConnection, before: Side, after: Side, as_of: date, model: Model
) -> None:
    """Table `deceased` (id): rows of *before* that say so, or whom a row of *after* that says so
    is, more likely than not. Nothing more is ever written of them: no list, no message.

    A death is mostly known by the exit reason of a former enrolment: those are searched as well.
    """
    for side in (before, after):
        parts = [
            f"""SELECT {rank << ID_SHIFT} + file_row_number AS id
            FROM read_parquet('{quoted(s.plain)}', file_row_number=true)
            WHERE {lanes.is_deceased("motif_sortie")}"""
            for rank, s in enumerate(side.snapshots)
            if "motif_sortie" in plain_columns(s)
        ] or ["SELECT 0::BIGINT AS id WHERE false"]
        connection.execute(f"CREATE TABLE {side.name}_deaths AS {' UNION ALL '.join(parts)}")
    connection.execute("CREATE TABLE deceased AS SELECT id FROM before_deaths")
    counted = connection.execute("SELECT count(*) FROM after_deaths").fetchone()
    if counted and counted[0]:
        found = _search(
            connection,
            before,
            after.snapshots,
            as_of,
            model,
            "deces",
            only_after="FROM main.after_deaths",
            former=True,
            believed_from=0.5,
        )
        connection.execute(f"INSERT INTO deceased SELECT id FROM {found}")
    connection.execute(
        """INSERT INTO deceased SELECT q.id FROM before_persons p JOIN deceased USING (id)
        JOIN before_persons q ON q.person = p.person"""
    )


def _search(
    connection: duckdb.DuckDBPyConnection,
    before: Side,
    registers: Sequence[Snapshot],
    as_of: date,
    model: Model,
    schema: str,
    *,
    only_after: str | None = None,
    former: bool = False,
    believed_from: float = residue.FOUND_FROM,
) -> str | None:
    """Compare the rows of *before* that are not found with `registers`, in tables of their own.

    Returns the name of a table (id, r) of the links of at least `believed_from`, or None when
    there is nothing to search.
    """
    if not registers:
        return None
    connection.execute(f"CREATE SCHEMA {schema}")
    connection.execute(f"SET schema = '{schema}'")
    comparison = passes.Comparison(
        before,
        Side("after", registers),
        as_of,
        model,
        only_before="FROM main.sought",
        only_after=only_after,
        former=former,
    )
    try:
        passes.load(connection, comparison)
        passes.link_exactly(connection, comparison)
        residue.link_by_model(connection, comparison)
        connection.execute(
            f"""CREATE TABLE found AS
            WITH linked_rows AS (
                SELECT b AS id, a AS r FROM linked
                UNION SELECT l, r FROM modelled
                WHERE veto IS NULL AND probability >= {believed_from})
            SELECT coalesce(q.id, k.id) AS id, coalesce(s.id, k.r) AS r FROM linked_rows k
            LEFT JOIN before_persons p ON p.id = k.id
            LEFT JOIN before_persons q ON q.person = p.person
            LEFT JOIN after_persons t ON t.id = k.r
            LEFT JOIN after_persons s ON s.person = t.person"""
        )
    finally:
        connection.execute("SET schema = 'main'")
    return f"{schema}.found"


def _levels(connection: duckdb.DuckDBPyConnection, side: Side) -> str:
    """SELECT id, level of the rows of a side that say a diploma was obtained; "" when none can."""
    parts = []
    for rank, snapshot in enumerate(side.snapshots):
        present = plain_columns(snapshot)
        if "diplome_obtenu" not in present:
            continue
        name = folding.folded("diplome_obtenu")
        by_name = " ".join(
            f"WHEN regexp_matches({name}, '{pattern}') THEN {level}" for pattern, level in _LEVELS
        )
        stated = (
            "try_cast(regexp_extract(niveau_diplome::VARCHAR, '[0-9]') AS INTEGER)"
            if "niveau_diplome" in present
            else "NULL::INTEGER"
        )
        parts.append(
            f"""SELECT {rank << ID_SHIFT} + file_row_number AS id,
                coalesce({stated}, CASE {by_name} END) AS level
            FROM read_parquet('{quoted(snapshot.plain)}', file_row_number=true)
            WHERE diplome_obtenu IS NOT NULL
                AND coalesce({name}, '') NOT IN ('NON', 'N', '0', 'FAUX', 'FALSE', 'REFUSE')"""
        )
    return " UNION ALL ".join(parts)
