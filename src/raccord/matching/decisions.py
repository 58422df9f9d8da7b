"""What humans decided: this is, or this is not, the same person. Their word always wins.

The file is CSV (`;` or `,`, UTF-8) with the columns `uai`, `identifiant_local` (the enrolment of
*before*), `uai_trouve`, `identifiant_trouve` (the enrolment of *after*) and `decision`:
« oui » (same person) or « non »; `source` and `source_trouvee` may be added. « Parti »: whatever
its register says, nobody comes to this enrolment of *after* any more, and it finds nobody.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import duckdb

from raccord.matching.sides import Side, union
from raccord.registers.problems import RefusedFile

_REQUIRED = ("uai", "identifiant_local", "uai_trouve", "identifiant_trouve", "decision")
_YES = frozenset({"oui", "o", "meme", "même", "same", "1", "true", "vrai"})
_GONE = frozenset({"parti"})
_NO = frozenset({"non", "n", "different", "différent", "0", "false", "faux"})


@dataclass(frozen=True)
class Decision:
    """One human decision about two enrolments."""

    before: tuple[str, str, str]  # source ("" for any), UAI, local number
    after: tuple[str, str, str]
    same: bool
    gone: bool = False


def read_decisions(path: Path) -> list[Decision]:
    """Decisions of a file; the last one about a pair wins. Raises RefusedFile (in French)."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedFile(path, "fichier de décisions illisible (CSV en UTF-8 attendu)") from error
    header = text.partition("\n")[0]
    delimiter = ";" if ";" in header else ","
    reader = csv.DictReader(text.splitlines(), delimiter=delimiter)
    try:
        names, rows = reader.fieldnames or (), list(reader)
    except csv.Error as error:
        # A quote that is not closed swallows what follows: its row began after the last good one.
        raise RefusedFile(
            path,
            "champ trop long, sans doute un guillemet qui n'est pas refermé : corrigez cette ligne",
            reader.line_num + 1,
        ) from error
    missing = [c for c in _REQUIRED if c not in names]
    if missing:
        raise RefusedFile(path, f"colonnes absentes : {', '.join(missing)}", 1)
    found: dict[tuple[tuple[str, str, str], tuple[str, str, str]], Decision] = {}
    for line, row in enumerate(rows, start=2):
        said = (row["decision"] or "").strip().lower()
        if said not in _YES | _NO | _GONE:
            raise RefusedFile(path, f"decision « {said} » inconnue : écrivez oui ou non", line)
        before, after = (
            (
                (row.get(source) or "").strip(),
                (row[uai] or "").strip().upper(),
                (row[number] or "").strip(),
            )
            for source, uai, number in (
                ("source", "uai", "identifiant_local"),
                ("source_trouvee", "uai_trouve", "identifiant_trouve"),
            )
        )
        found[before, after] = Decision(before, after, said in _YES, said in _GONE)
    return list(found.values())


def load_decisions(
    connection: duckdb.DuckDBPyConnection, before: Side, after: Side, decisions: list[Decision]
) -> int:
    """Table `decisions` (l, r, same): decisions whose two enrolments are in the registers; table
    `disowned` (id): enrolments of *after* where nobody comes any more.

    Returns how many of the file are; the others wait for their register.
    """
    connection.execute(
        """CREATE TEMP TABLE decided_pairs (
        source_l VARCHAR, uai_l VARCHAR, number_l VARCHAR,
        source_r VARCHAR, uai_r VARCHAR, number_r VARCHAR, same BOOLEAN, gone BOOLEAN)"""
    )
    if decisions:
        connection.executemany(
            "INSERT INTO decided_pairs VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [[*d.before, *d.after, d.same, d.gone] for d in decisions],
        )

    def rows(side: Side) -> str:
        return union(
            side,
            "SELECT {id} AS id, source, coalesce(n_uai, '') AS n_uai, identifiant_local "
            "FROM {prepared} WHERE "
            "identifiant_local IN (SELECT number_l FROM decided_pairs "
            "UNION SELECT number_r FROM decided_pairs)",
        )

    connection.execute(
        f"""CREATE TABLE disowned AS SELECT DISTINCT a.id
        FROM (SELECT * FROM decided_pairs WHERE gone) d
        JOIN ({rows(after)}) a ON a.n_uai = d.uai_r AND a.identifiant_local = d.number_r
            AND (d.source_r = '' OR d.source_r = a.source)"""
    )
    connection.execute(
        f"""CREATE TABLE decisions AS
        SELECT DISTINCT b.id AS l, a.id AS r, d.same
        FROM (SELECT * FROM decided_pairs WHERE NOT gone) d
        JOIN ({rows(before)}) b ON b.n_uai = d.uai_l AND b.identifiant_local = d.number_l
            AND (d.source_l = '' OR d.source_l = b.source)
        JOIN ({rows(after)}) a ON a.n_uai = d.uai_r AND a.identifiant_local = d.number_r
            AND (d.source_r = '' OR d.source_r = a.source)"""
    )
    row = connection.execute("SELECT count(*) FROM decisions").fetchone()
    return int(row[0]) if row else 0
