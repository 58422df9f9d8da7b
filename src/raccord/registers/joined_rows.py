"""The rows of snapshots with both their plain and their prepared columns, as one DuckDB table."""

from collections.abc import Sequence
from datetime import date

import duckdb

from raccord.registers import folding
from raccord.registers.snapshots import Snapshot, quoted

#: Plain columns the rules and the guards look at; a row also has `ligne` and the prepared columns.
TEXT_COLUMNS = (
    "nom_famille",
    "prenom",
    "ine",
    "date_naissance",
    "sexe",
    "commune_naissance",
    "pays_naissance",
    "commune_residence",
    "code_postal",
    "adresse",
    "telephone",
    "courriel",
    "representant_telephone",
    "mef",
    "classe",
    "date_entree",
    "date_sortie",
    "motif_sortie",
)


def make_rows(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    snapshots: Sequence[Snapshot],
    as_of: date,
) -> None:
    """A temporary table `name` of every row: `fichier` (rank of its snapshot), `ligne`, the columns
    above, the prepared ones (judging.py), `d_entree`, `etablissement` (never null) and `presente`
    (still enrolled on `as_of`)."""
    if not snapshots:
        raise ValueError("at least one snapshot")
    for rank, snapshot in enumerate(snapshots):
        action = f"INSERT INTO {name}" if rank else f"CREATE TEMP TABLE {name} AS"
        connection.execute(f"{action} {_select(connection, snapshot, rank, as_of)}")


def _select(
    connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, rank: int, as_of: date
) -> str:
    plain = f"read_parquet('{quoted(snapshot.plain)}', file_row_number=true)"
    described = connection.execute(f"DESCRIBE SELECT * FROM {plain}").fetchall()
    present = {str(row[0]) for row in described}
    line = "p.ligne, " if "ligne" in present else ""
    columns = [f"coalesce({line}p.file_row_number + 1)::INTEGER AS ligne"]
    for column in TEXT_COLUMNS:
        text = f"{folding.text(f'p.{column}')}" if column in present else "NULL::VARCHAR"
        columns.append(f"{text} AS {column}")
    return f"""
        SELECT *, {folding.day("date_entree")} AS d_entree, coalesce(n_uai, '') AS etablissement,
            coalesce(d_sortie > DATE '{as_of}', true) AS presente
        FROM (SELECT {rank} AS fichier, {", ".join(columns)}, q.*
            FROM {plain} p POSITIONAL JOIN read_parquet('{quoted(snapshot.prepared)}') q)"""


def absent(known: str, rows: str) -> str:
    """SQL: the `rowid` of the pupils of table `known` of whom table `rows` holds nothing in the
    same establishment: neither local number and birth, nor INE, nor names and birth."""
    here = "i.etablissement = a.etablissement"
    return (
        f"SELECT a.rowid FROM {known} a "
        f"ANTI JOIN {rows} i ON {here} AND i.identifiant_local = a.identifiant_local "
        "AND i.d_naissance IS NOT DISTINCT FROM a.d_naissance "
        f"ANTI JOIN {rows} i ON {here} AND i.k_ine = a.k_ine "
        f"ANTI JOIN {rows} i ON {here} AND i.k_nom = a.k_nom AND i.k_prenom = a.k_prenom "
        "AND i.d_naissance = a.d_naissance"
    )
