"""The rows of snapshots with both their plain and their prepared columns, as one DuckDB table."""

from collections.abc import Sequence
from datetime import date

import duckdb
import pyarrow as pa

from raccord.registers import folding
from raccord.registers.enrolment import ALL_COLUMNS, ENROLMENT_SCHEMA
from raccord.registers.snapshots import Snapshot, quoted


def row_view(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, number: int) -> str:
    """SQL: every row of a snapshot with its plain and prepared columns and its number of file."""
    plain = f"read_parquet('{quoted(snapshot.plain)}', file_row_number=true)"
    described = connection.execute(f"DESCRIBE SELECT * FROM {plain}").fetchall()
    present = {str(row[0]) for row in described}
    selected = []
    for column in ALL_COLUMNS:
        kind = "VARCHAR" if ENROLMENT_SCHEMA.field(column).type == pa.string() else "INTEGER"
        if column == "ligne":
            line = "p.ligne, " if "ligne" in present else ""
            selected.append(f"coalesce({line}p.file_row_number + 1)::INTEGER AS ligne")
        elif column in ("source", "uai", "identifiant_local"):
            selected.append(f"q.{column}")
        elif column not in present:
            selected.append(f"NULL::{kind} AS {column}")
        elif kind == "VARCHAR":
            selected.append(f"nullif(trim(p.{column}::VARCHAR), '') AS {column}")
        else:
            selected.append(f"p.{column}::{kind} AS {column}")
    return (
        f"SELECT {number} AS fichier, {', '.join(selected)}, "
        "q.* EXCLUDE (source, uai, identifiant_local) "
        f"FROM {plain} p POSITIONAL JOIN read_parquet('{quoted(snapshot.prepared)}') q"
    )


def make_view(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    snapshots: Sequence[Snapshot],
    as_of: date,
) -> None:
    """A temporary table of every row of `snapshots`: see `quality_rules.py` for its columns."""
    rows = " UNION ALL ".join(f"({row_view(connection, s, n)})" for n, s in enumerate(snapshots))
    # A day in the year 0 or 9999 of a broken file must not stop the arithmetic of dates.
    connection.execute(
        f"""CREATE TEMP TABLE {name} AS
        WITH rows AS (
            SELECT *, {folding.day("date_entree")} AS d_entree,
                coalesce(d_sortie > DATE '{as_of}', true) AS presente,
                coalesce(n_uai, '') AS etablissement
            FROM ({rows})
        )
        SELECT *,
            count(*) OVER ine AS memes_ine,
            min(ligne) OVER ine AS ine_premiere, max(ligne) OVER ine AS ine_derniere,
            min((k_nom, k_prenom, d_naissance)) OVER ine
                = max((k_nom, k_prenom, d_naissance)) OVER ine AS meme_personne,
            CASE WHEN n_nom IS NULL OR n_prenom IS NULL OR d_naissance IS NULL THEN 1
                 ELSE count(*) OVER identite END AS memes_identites,
            min(ligne) OVER identite AS identite_premiere,
            max(ligne) OVER identite AS identite_derniere
        FROM rows
        WINDOW ine AS (PARTITION BY fichier, coalesce(k_ine, hash(fichier, ligne))),
            identite AS (PARTITION BY fichier, n_uai, n_nom, n_prenom, d_naissance)"""
        if snapshots
        else f"CREATE TEMP TABLE {name} (fichier INTEGER)"
    )


def absent(known: str, rows: str) -> str:
    """SQL: no row of `rows` is the pupil `known` of the same establishment: neither by local
    number and birth, nor by INE, nor by names and birth."""
    k = known
    here = f"i.etablissement = {k}.etablissement"
    same = (
        f"{here} AND i.identifiant_local = {k}.identifiant_local "
        f"AND i.d_naissance IS NOT DISTINCT FROM {k}.d_naissance",
        f"{here} AND i.k_ine = {k}.k_ine",
        f"{here} AND i.k_nom = {k}.k_nom AND i.k_prenom = {k}.k_prenom "
        f"AND i.d_naissance = {k}.d_naissance",
    )
    return " AND ".join(f"NOT EXISTS (FROM {rows} i WHERE {condition})" for condition in same)
