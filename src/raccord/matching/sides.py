"""The two sides of a comparison, *before* and *after*, as DuckDB tables over their snapshots.

A row of a side is named by one BIGINT, `id`: the rank of its snapshot and its line. Everything
wide stays in Parquet; a table holds 64-bit keys for all rows and the compared fields only for the
rows that need them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from raccord.matching.model.weights import Model
from raccord.matching.stages import give_back
from raccord.registers import folding, snapshots
from raccord.registers.snapshots import Snapshot, quoted

#: Rows of one snapshot have ids from `rank << ID_SHIFT`.
ID_SHIFT = 33

#: Fields compared beyond the prepared ones, with the SQL that makes them comparable.
_FROM_PLAIN = {
    "telephone": folding.phone("telephone"),
    "representant": folding.phone("representant_telephone"),
    "courriel": "nullif(lower(trim(courriel::VARCHAR)), '')",
    "adresse": folding.folded("adresse"),
    "code_postal": folding.establishment("code_postal"),
    "n_residence": folding.commune("commune_residence"),
}
#: Where nobody has any.
_NOTHING = dict.fromkeys(_FROM_PLAIN, "NULL::VARCHAR") | {
    "telephone": "NULL::BIGINT",
    "representant": "NULL::BIGINT",
}
_PLAIN_SOURCE = {"representant": "representant_telephone", "n_residence": "commune_residence"}


#: Comparable columns of the prepared file; `h` is a hash of the content of the row.
_PREPARED = """row_hash AS h, n_nom, replace(n_nom, ' ', '') AS c_nom,
    replace(n_usage, ' ', '') AS c_usage, n_prenom, replace(n_prenom, ' ', '') AS c_prenom,
    n_suite, d_naissance, strftime(d_naissance, '%Y%m%d') AS naissance, s, n_commune, n_uai,
    n_uai_precedent, n_ine, k_ine, k_nom, k_prenom,
    CASE WHEN k_nom IS NOT NULL AND k_prenom IS NOT NULL AND d_naissance IS NOT NULL
        THEN hash(k_nom, k_prenom, d_naissance) END AS k_id,
    CASE WHEN n_ine IS NULL THEN NULL WHEN length(n_ine) <> 11 THEN 'other'
        WHEN substr(n_ine, 10, 1) >= 'A' AND right(n_ine, 1) >= 'A' THEN 'rnie'
        WHEN substr(n_ine, 5, 1) >= 'A' THEN 'apprenti'
        WHEN right(n_ine, 1) >= 'A' THEN 'bea' ELSE 'nne' END AS ine_family"""


@dataclass(frozen=True)
class Side:
    """Registers of one side. `name` is "before" or "after" and prefixes its tables."""

    name: str
    snapshots: Sequence[Snapshot]

    @property
    def rows(self) -> int:
        return sum(s.manifest.rows - s.manifest.unusable for s in self.snapshots)


#: Snapshots of a side from which one bundle is made of them.
_MANY = 8


def side_of(name: str, members: Sequence[Snapshot]) -> Side:
    """The side of these snapshots; many small ones are bundled."""
    return Side(name, [snapshots.bundle(members)] if len(members) > _MANY else list(members))


def union(side: Side, select: str) -> str:
    """UNION ALL of `select` over the snapshots; `{id}` and `{prepared}` are filled for each."""
    parts = [
        select.format(
            id=f"({rank << ID_SHIFT} + file_row_number)",
            prepared=f"read_parquet('{quoted(snapshot.prepared)}', file_row_number=true)",
        )
        for rank, snapshot in enumerate(side.snapshots)
    ]
    return "\nUNION ALL\n".join(parts)


def plain_columns(snapshot: Snapshot) -> set[str]:
    """Columns of the plain file of a snapshot in which something is written."""
    return snapshots.filled_columns(snapshot.plain)


def load_keys(
    connection: duckdb.DuckDBPyConnection,
    side: Side,
    as_of: date | None,
    only: str | None = None,
    without: str | None = None,
) -> None:
    """Table `<side>_keys`: id, h (hash of the row), k_ine, k_id (both names and birth date).

    `only` is SQL for the ids to keep, `without` for those to leave out. With `as_of`, rows whose
    exit is not later are former enrolments and are left out: they can find nobody. Table
    `<side>_other_ine` holds the second and third INE of the few rows with some.
    """
    present = "usable"
    if as_of is not None:
        present += f" AND (d_sortie IS NULL OR d_sortie > DATE '{as_of.isoformat()}')"
    if only is not None:
        present += f" AND {{id}} IN ({only})"
    if without is not None:
        present += f" AND {{id}} NOT IN ({without})"
    connection.execute(
        f"CREATE TABLE {side.name}_keys AS "
        + union(
            side,
            """SELECT {id} AS id, row_hash AS h, k_ine,
            CASE WHEN k_nom IS NOT NULL AND k_prenom IS NOT NULL AND d_naissance IS NOT NULL
                 THEN hash(k_nom, k_prenom, d_naissance) END AS k_id
            FROM {prepared} WHERE """
            + present,
        )
    )
    connection.execute(
        f"CREATE TABLE {side.name}_other_ine AS "
        + union(
            side,
            """SELECT {id} AS id, unnest([k_ine2, k_ine3]) AS k_ine FROM {prepared}
            WHERE k_ine2 IS NOT NULL AND """
            + present,
        )
    )


def load_features(
    connection: duckdb.DuckDBPyConnection,
    side: Side,
    ids: str,
    model: Model,
    known: Path | None = None,
) -> None:
    """Table `<side>_features`: every compared column for the rows of the table `ids` (id).

    `h` is a hash of the content of the row: ties are broken by it, never by the place of a row in
    its file. `tf_*` are the frozen frequencies of the values. `known` is a file of features of a
    former run: a row of the same content is taken from it.
    """
    _load_frequencies(connection, model)
    remembered = ""
    if known is not None:
        connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE {side.name}_remembered AS
            SELECT i.id, k.* EXCLUDE (id) FROM {ids} i JOIN {side.name}_keys y USING (id)
            JOIN '{quoted(known)}' k ON k.h = y.h
            QUALIFY row_number() OVER (PARTITION BY i.id) = 1"""
        )
        connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE {side.name}_unknown AS
            SELECT id FROM {ids} ANTI JOIN {side.name}_remembered USING (id)"""
        )
        ids = f"{side.name}_unknown"
        remembered = f" UNION ALL BY NAME FROM {side.name}_remembered"
    wanted_ranks = {
        int(r[0])
        for r in connection.execute(f"SELECT DISTINCT id >> {ID_SHIFT} FROM {ids}").fetchall()
    } or {0}
    parts = []
    for rank, snapshot in enumerate(side.snapshots):
        if rank not in wanted_ranks:
            continue
        base = rank << ID_SHIFT
        plain = f"read_parquet('{quoted(snapshot.plain)}', file_row_number=true)"
        present = plain_columns(snapshot)
        wide = ", ".join(
            f"{_FROM_PLAIN[name] if _PLAIN_SOURCE.get(name, name) in present else nothing}"
            f" AS {name}"
            for name, nothing in _NOTHING.items()
        )
        prepared = f"read_parquet('{quoted(snapshot.prepared)}', file_row_number=true)"
        # Only the ids of this register: every branch builds two hash tables of them.
        own = f"SELECT id FROM {ids} WHERE id BETWEEN {base} AND {base + (1 << ID_SHIFT) - 1}"
        wanted = f"SEMI JOIN ({own}) i ON i.id = {base} + file_row_number"
        parts.append(
            f"""SELECT p.*, w.* EXCLUDE (id)
            FROM (SELECT {base} + file_row_number AS id, {_PREPARED} FROM {prepared} {wanted}) p
            JOIN (SELECT {base} + file_row_number AS id, {wide} FROM {plain} {wanted}) w
            USING (id)"""
        )
    connection.execute(
        f"""CREATE TABLE {side.name}_features AS
        SELECT f.*,
            coalesce(tn.share, {model.floors["c_nom"]}) AS tf_c_nom,
            coalesce(tp.share, {model.floors["c_prenom"]}) AS tf_c_prenom,
            coalesce(tc.share, {model.floors["n_commune"]}) AS tf_n_commune
        FROM ({" UNION ALL ".join(parts)}) f
        LEFT JOIN frequency_c_nom tn ON tn.value = f.c_nom
        LEFT JOIN frequency_c_prenom tp ON tp.value = f.c_prenom
        LEFT JOIN frequency_n_commune tc ON tc.value = f.n_commune {remembered}"""
    )
    give_back(connection)


def _load_frequencies(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    for column, shares in model.frequencies.items():
        connection.execute(
            f"CREATE TABLE IF NOT EXISTS frequency_{column} (value VARCHAR, share DOUBLE)"
        )
        counted = connection.execute(f"SELECT count(*) FROM frequency_{column}").fetchone()
        if shares and counted and not counted[0]:
            connection.execute(
                f"INSERT INTO frequency_{column} SELECT unnest($values), unnest($shares)",
                {"values": list(shares), "shares": list(shares.values())},
            )
