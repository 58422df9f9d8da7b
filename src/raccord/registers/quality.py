"""The quality of registers, told to whoever can correct them.

Rules are evaluated set-based in DuckDB over the snapshots; nothing here changes a register, and
nothing is blamed on anybody: each finding says what it costs and where to correct it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa

from raccord.registers.joined_rows import TEXT_COLUMNS, absent, make_rows
from raccord.registers.problems import RefusedFile, Severity
from raccord.registers.quality_rules import (
    DEFAULT_SOFTWARE,
    READING_TITLES,
    RULES,
    SOFTWARE,
    VANISHED,
    Importance,
    ReadingTitle,
    Rule,
)
from raccord.registers.reading import open_registers
from raccord.registers.snapshots import Manifest, Snapshot

#: Rows shown for one finding of one file; the CSV holds them all.
EXAMPLES = 10

#: Columns of the rows to correct, in the order of the CSV.
CORRECTION_COLUMNS = (
    "fichier",
    "uai",
    "ligne",
    "identifiant_local",
    "nom_famille",
    "prenom",
    "anomalie",
    "champ",
    "valeur",
    "a_corriger",
)


@dataclass(frozen=True)
class Example:
    """One row to correct, as a person looks for it."""

    line: int | None
    identity: str
    value: str = ""


@dataclass(frozen=True)
class Finding:
    """One thing to correct in one file. `share` is out of the rows of the file, 0 to 1."""

    code: str
    importance: Importance
    count: int
    title: str
    cost: str
    remedy: str
    share: float | None = None
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True)
class FileQuality:
    """What is said of one file. `present` are the rows still enrolled on the day."""

    label: str
    format_label: str
    uais: tuple[str, ...]
    school_year: int | None
    exported_on: str | None
    rows: int
    present: int
    without_ine: int
    findings: tuple[Finding, ...]
    notices: tuple[str, ...] = ()

    @property
    def to_correct(self) -> int:
        """Findings that call for a correction."""
        return sum(f.count for f in self.findings if f.importance is not Importance.DETAIL)


@dataclass(frozen=True)
class QualityResult:
    """Everything found, on `as_of`. `corrections` has CORRECTION_COLUMNS, one row per defect."""

    as_of: date
    files: tuple[FileQuality, ...]
    corrections: pa.Table
    refused: tuple[RefusedFile, ...] = ()
    notices: tuple[str, ...] = ()
    compared: bool = False

    @property
    def rows(self) -> int:
        return sum(f.rows for f in self.files)

    @property
    def without_ine(self) -> int:
        return sum(f.without_ine for f in self.files)


@dataclass
class _Evaluation:
    connection: duckdb.DuckDBPyConnection
    snapshots: Sequence[Snapshot]
    as_of: date
    filled: list[set[str]] = field(default_factory=list)


def quality_of(
    snapshots: Sequence[Snapshot],
    *,
    as_of: date,
    earlier: Sequence[Snapshot] = (),
    refused: Sequence[RefusedFile] = (),
    notices: Sequence[str] = (),
) -> QualityResult:
    """The quality of registers already read. `earlier`: former states of the same feeds."""
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        evaluation = _Evaluation(connection, snapshots, as_of)
        _make_found_table(connection)
        if snapshots:
            make_rows(connection, "lignes", snapshots, as_of)
            _make_view(connection)
            evaluation.filled = _filled(connection, len(snapshots))
            _make_found(evaluation)
        if earlier and snapshots:
            _add_vanished(evaluation, earlier)
        files = tuple(_file(evaluation, n) for n in range(len(snapshots)))
        return QualityResult(
            as_of,
            files,
            _corrections(evaluation),
            tuple(refused),
            tuple(notices),
            compared=bool(earlier),
        )


def _make_view(connection: duckdb.DuckDBPyConnection) -> None:
    """`inscriptions`: the rows, each beside the others of its file that share its INE, or its
    establishment, names and birth. Such groups are few: they are found once, then joined."""
    connection.execute(
        """CREATE TEMP TABLE meme_ine AS
        SELECT fichier, k_ine, count(*) AS memes_ine, min(ligne) AS ine_premiere,
            max(ligne) AS ine_derniere,
            count(DISTINCT hash(k_nom, k_prenom, d_naissance)) = 1 AS meme_personne
        FROM lignes WHERE k_ine IS NOT NULL GROUP BY ALL HAVING count(*) > 1"""
    )
    connection.execute(
        """CREATE TEMP TABLE meme_identite AS
        SELECT fichier, etablissement, k_nom, k_prenom, d_naissance, count(*) AS memes_identites,
            min(ligne) AS identite_premiere, max(ligne) AS identite_derniere
        FROM lignes WHERE k_nom IS NOT NULL AND k_prenom IS NOT NULL AND d_naissance IS NOT NULL
        GROUP BY ALL HAVING count(*) > 1"""
    )
    connection.execute(
        """CREATE TEMP VIEW inscriptions AS
        SELECT * FROM lignes LEFT JOIN meme_ine USING (fichier, k_ine)
        LEFT JOIN meme_identite USING (fichier, etablissement, k_nom, k_prenom, d_naissance)"""
    )


def _filled(connection: duckdb.DuckDBPyConnection, files: int) -> list[set[str]]:
    """Columns that hold something somewhere, file by file."""
    counts = ", ".join(f"count({name})" for name in TEXT_COLUMNS)
    rows = connection.execute(f"SELECT fichier, {counts} FROM lignes GROUP BY ALL").fetchall()
    found: list[set[str]] = [set() for _ in range(files)]
    for number, *filled in rows:
        found[number] = {n for n, count in zip(TEXT_COLUMNS, filled, strict=True) if count}
    return found


def _concerned(evaluation: _Evaluation, rule: Rule) -> list[int]:
    return [
        number
        for number, snapshot in enumerate(evaluation.snapshots)
        if (not rule.formats or snapshot.manifest.format in rule.formats)
        and (not rule.needs or evaluation.filled[number] & set(rule.needs))
    ]


def _make_found_table(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """CREATE TEMP TABLE trouves (rang INTEGER, fichier INTEGER, uai VARCHAR, ligne INTEGER,
        identifiant_local VARCHAR, nom_famille VARCHAR, prenom VARCHAR, valeur VARCHAR)"""
    )


def _make_found(evaluation: _Evaluation) -> None:
    for rank, rule in enumerate(RULES):
        files = _concerned(evaluation, rule)
        if files:
            predicate = rule.predicate.replace("JOUR", evaluation.as_of.isoformat())
            evaluation.connection.execute(
                f"""INSERT INTO trouves SELECT {rank}, fichier, uai, ligne, identifiant_local,
                nom_famille, prenom, {rule.value} FROM inscriptions
                WHERE usable AND ({predicate}) AND fichier IN ({", ".join(map(str, files))})"""
            )


def _add_vanished(evaluation: _Evaluation, earlier: Sequence[Snapshot]) -> None:
    """Pupils of `earlier` whom no row of the same establishment holds today (guards.py)."""
    connection = evaluation.connection
    make_rows(connection, "avant", earlier, evaluation.as_of)
    connection.execute(
        f"""INSERT INTO trouves
        SELECT {len(RULES)}, n.fichier, a.uai, NULL, a.identifiant_local, a.nom_famille, a.prenom,
            NULL
        FROM avant a
        JOIN (SELECT etablissement, min(fichier) AS fichier FROM lignes GROUP BY ALL) n
            USING (etablissement)
        WHERE a.presente AND a.usable AND a.rowid IN ({absent("avant", "lignes")})"""
    )


def _file(evaluation: _Evaluation, number: int) -> FileQuality:
    manifest = evaluation.snapshots[number].manifest
    row = evaluation.connection.execute(
        "SELECT count(*), count(*) FILTER (presente), "
        "count(*) FILTER (presente AND n_ine IS NULL) FROM lignes WHERE fichier = ?",
        [number],
    ).fetchone()
    rows, present, without_ine = row or (0, 0, 0)
    counts = evaluation.connection.execute(
        "SELECT rang, count(*) FROM trouves WHERE fichier = ? GROUP BY ALL", [number]
    ).fetchall()
    software = SOFTWARE.get(manifest.format, DEFAULT_SOFTWARE)
    findings = [
        Finding(
            rule.code,
            rule.importance,
            count,
            rule.title(count),
            rule.cost,
            rule.remedy.format(logiciel=software),
            count / rows if rows else None,
            _examples(evaluation.connection, number, rank),
        )
        for rank, count in counts
        for rule in [_rule(rank)]
    ]
    reading, notices = _of_the_reading(manifest, software)
    order = {rule.code: n for n, rule in enumerate((VANISHED, *RULES))}
    findings = sorted(
        [*reading, *findings], key=lambda f: (f.importance, order.get(f.code, -1), f.code)
    )
    return FileQuality(
        manifest.document,
        manifest.label,
        tuple(sorted(manifest.uais)),
        manifest.school_year,
        manifest.exported_on,
        rows,
        present,
        without_ine,
        tuple(findings),
        notices,
    )


def _rule(rank: int) -> Rule:
    return RULES[rank] if rank < len(RULES) else VANISHED


def _examples(connection: duckdb.DuckDBPyConnection, number: int, rank: int) -> tuple[Example, ...]:
    rows = connection.execute(
        """SELECT ligne, identifiant_local, nom_famille, prenom, valeur FROM trouves
        WHERE fichier = ? AND rang = ? ORDER BY ligne, nom_famille, prenom, identifiant_local
        LIMIT ?""",
        [number, rank, EXAMPLES],
    ).fetchall()
    return tuple(
        Example(line, " ".join(v for v in names if v), (value or "")[:80])
        for line, *names, value in rows
    )


def _of_the_reading(manifest: Manifest, software: str) -> tuple[list[Finding], tuple[str, ...]]:
    """Problems met while reading: rows set aside, doubtful values, and notices about the file."""
    examples: dict[tuple[str, str], list[Mapping[str, object]]] = {}
    for problem in manifest.problems:
        examples.setdefault((str(problem["rule"]), str(problem["severity"])), []).append(problem)
    findings: list[Finding] = []
    notices: list[str] = []
    for key, count in manifest.problem_counts.items():
        rule, _, severity = key.rpartition(":")
        found = examples.get((rule, severity), [])
        first = str(found[0]["message"]) if found else rule
        if severity == Severity.NOTICE:
            notices.extend(dict.fromkeys(str(p["message"]) for p in found))
            continue
        rejected = severity == Severity.REJECTED
        title = READING_TITLES.get(rule) or ReadingTitle(
            Importance.FIRST if rejected else Importance.NEXT,
            first,
            first,
            "corriger dans {logiciel}",
        )
        findings.append(
            Finding(
                rule,
                title.importance,
                count,
                title.title(count),
                "ces élèves ne sont pas comparés" if rejected else "",
                title.remedy.format(logiciel=software),
                examples=tuple(_example(p) for p in found[:EXAMPLES]),
            )
        )
    return findings, tuple(notices)


def _example(problem: Mapping[str, object]) -> Example:
    line = problem["line"]
    return Example(
        line if isinstance(line, int) else None,
        str(problem["identity"] or ""),
        str(problem["value"] or ""),
    )


def _corrections(evaluation: _Evaluation) -> pa.Table:
    """Every row to correct, the dearest first within a file."""
    connection = evaluation.connection
    connection.execute(
        "CREATE TEMP TABLE regles (rang INTEGER, ordre INTEGER, fichier INTEGER, document VARCHAR, "
        "anomalie VARCHAR, champ VARCHAR, a_corriger VARCHAR)"
    )
    declared = []
    for number, snapshot in enumerate(evaluation.snapshots):
        manifest = snapshot.manifest
        software = SOFTWARE.get(manifest.format, DEFAULT_SOFTWARE)
        for rank, rule in enumerate((*RULES, VANISHED)):
            remedy = rule.remedy.format(logiciel=software)
            declared.append(
                (rank, rule.importance, number, manifest.document, rule.one, rule.field, remedy)
            )
    if declared:
        connection.executemany("INSERT INTO regles VALUES (?, ?, ?, ?, ?, ?, ?)", declared)
    found: pa.Table = connection.sql(
        """SELECT document AS fichier, uai, ligne, identifiant_local, nom_famille, prenom, anomalie,
            champ, valeur, a_corriger
        FROM trouves JOIN regles USING (rang, fichier)
        ORDER BY fichier, ordre, rang, ligne, nom_famille, prenom, identifiant_local"""
    ).to_arrow_table()
    return pa.concat_tables([_unread(evaluation.snapshots, found.schema), found])


def _unread(snapshots: Iterable[Snapshot], schema: pa.Schema) -> pa.Table:
    """The rows a reader set aside, or read with a doubt, as rows to correct."""
    rows = []
    for snapshot in snapshots:
        software = SOFTWARE.get(snapshot.manifest.format, DEFAULT_SOFTWARE)
        for problem in snapshot.manifest.problems:
            if problem["severity"] == Severity.NOTICE:
                continue
            title = READING_TITLES.get(str(problem["rule"]))
            rows.append(
                {
                    "fichier": snapshot.manifest.document,
                    "ligne": problem["line"],
                    "nom_famille": problem["identity"],
                    "anomalie": problem["message"],
                    "champ": problem["field"],
                    "valeur": problem["value"],
                    "a_corriger": title.remedy.format(logiciel=software) if title else "",
                }
            )
    return pa.Table.from_pylist(rows, schema)


def quality(paths: Sequence[Path], *, as_of: date, earlier: Sequence[Path] = ()) -> QualityResult:
    """Read the registers under `paths` and say what to correct in them.

    `earlier` are former states of the same feeds: pupils known there and absent today are listed.
    A file that cannot be read is in `refused`; the others go on.
    """
    opened = open_registers(paths)
    before = open_registers(earlier) if earlier else None
    return quality_of(
        opened.snapshots,
        as_of=as_of,
        earlier=before.snapshots if before else (),
        refused=[*opened.refused, *(before.refused if before else ())],
        notices=opened.notices,
    )
