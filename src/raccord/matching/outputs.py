"""What a comparison writes: the contract's files, into a folder replaced as a whole at the end."""

import errno
import json
import os
import re
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from raccord.matching.lanes import LANES
from raccord.matching.sides import ID_SHIFT, Side, plain_columns, union
from raccord.matching.stages import give_back
from raccord.registers.problems import RefusedFile
from raccord.registers.snapshots import quoted

#: Columns of the lists of people, besides the verdict: as exported.
_SHOWN = (
    "nom_famille",
    "nom_usage",
    "prenom",
    "date_naissance",
    "sexe",
    "statut",
    "mef",
    "formation",
    "classe",
    "date_entree",
    "date_sortie",
    "motif_sortie",
    "telephone",
    "courriel",
    "representant_nom",
    "representant_telephone",
    "commune_residence",
    "code_postal",
)

_LANE_LABELS = {
    "obligation_16_17": "16-17 ans, obligation de formation",
    "dropout": "18 ans et plus, sans diplôme connu",
    "diploma_unknown": "diplôme inconnu (classe terminale)",
    "graduate": "diplômé sans solution",
    "young_graduate": "16-17 ans, diplômé",
    "left_academie": "départ annoncé hors académie",
    "under_16": "moins de 16 ans",
    "age_unknown": "âge inconnu",
}


#: Lanes whose young people are in no list, unless all ages are asked for.
_NEVER_LISTED = frozenset({"age_unknown", "deceased"})

#: What a rename says when two runs publish to one folder at the same time.
_RACES = frozenset({errno.ENOENT, errno.EEXIST, errno.ENOTEMPTY})
_ATTEMPTS = 10


class Folder:
    """The output folder being written beside its final place: nothing half made is ever seen.

    Raises RefusedFile when *out* exists and is neither empty nor the result of a comparison.
    """

    def __init__(self, out: Path) -> None:
        # Resolved: « . » has no name to write beside, and a link must go on being a link.
        self.out = out = out.resolve()
        if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not _is_ours(out))):
            raise RefusedFile(
                out,
                "ce dossier existe et n'a pas été écrit par Raccord : indiquez-en un autre (--out)",
            )
        out.parent.mkdir(parents=True, exist_ok=True)
        self.path = out.with_name(f".{out.name}.{os.getpid()}")
        self._former = out.with_name(f"{self.path.name}.former")
        self._clear_killed_runs()
        self.path.mkdir(mode=0o700)

    def publish(self) -> None:
        """Replace the former output by this one; of two runs at once, the last one stays."""
        try:
            for attempt in range(_ATTEMPTS):
                try:
                    self._replace()
                    break
                except OSError as error:
                    # Another run published, or took the former output away, between two steps.
                    if error.errno not in _RACES or attempt == _ATTEMPTS - 1:
                        raise
        finally:
            if self._former.exists() and not self.out.exists():
                self._former.rename(self.out)  # this output failed: the former one stays
            shutil.rmtree(self._former, ignore_errors=True)

    def discard(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def _replace(self) -> None:
        if self.out.exists():
            shutil.rmtree(self._former, ignore_errors=True)
            self.out.rename(self._former)
        self.path.rename(self.out)

    def _clear_killed_runs(self) -> None:
        """Remove what killed runs left beside: it holds names of minors, and no one looks there."""
        pattern = re.compile(rf"\.{re.escape(self.out.name)}\.([1-9][0-9]*)(\.former)?")
        for path in sorted(self.out.parent.iterdir(), reverse=True):
            found = pattern.fullmatch(path.name)
            if not found or path.is_symlink() or not path.is_dir() or _is_running(int(found[1])):
                continue
            if found[2] and not self.out.exists() and _is_ours(path):
                path.rename(self.out)  # killed between the two renames: the only result there is
            else:
                shutil.rmtree(path, ignore_errors=True)


def _is_ours(folder: Path) -> bool:
    """Whether a comparison wrote this folder: many tools write a summary.json."""
    try:
        found = json.loads((folder / "summary.json").read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    versions = found.get("versions") if isinstance(found, dict) else None
    return isinstance(versions, dict) and "raccord" in versions


def _is_running(pid: int) -> bool:
    """Whether another process has this number; what bears our own number is of a dead one."""
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # somebody else's process
        return True
    return True


def count(connection: duckdb.DuckDBPyConnection, verdicts: Path) -> dict[str, Any]:
    """Figures of a comparison. `counts` are enrolments; `counts["persons"]` are young people."""
    source = f"read_parquet('{quoted(verdicts)}')"
    dimensions = "verdict, lane, matched_by, same, fragile, followed"
    connection.execute(
        f"""CREATE TEMP TABLE figures AS
        WITH repeated AS (
            SELECT (min(row_hash) >> 1)::BIGINT AS person FROM person_labels GROUP BY label
        ), rows AS (
            SELECT person, verdict, lane, matched_by, coalesce(uai = matched_uai, false) AS same,
                fragile, followed_by IS NOT NULL AS followed,
                person IN (SELECT person FROM repeated) AS several FROM {source}
        ), alone AS (
            SELECT {dimensions}, several, count(*) AS n FROM rows GROUP BY ALL
        ), of_person AS (
            SELECT any_value(verdict) AS verdict, any_value(lane) AS lane,
                min(matched_by) AS matched_by, bool_or(same) AS same, bool_or(fragile) AS fragile,
                bool_or(followed) AS followed FROM rows WHERE several GROUP BY person
        )
        SELECT 'rows' AS of, {dimensions}, n FROM alone
        UNION ALL SELECT 'persons', {dimensions}, n FROM alone WHERE NOT several
        UNION ALL SELECT 'persons', {dimensions}, count(*) FROM of_person GROUP BY ALL"""
    )

    def figures(by: str, of: str, where: str = "true") -> dict[Any, int]:
        rows = connection.execute(
            f"SELECT {by}, sum(n)::BIGINT FROM figures WHERE of = '{of}' AND {where} GROUP BY 1"
        ).fetchall()
        return dict(rows)

    rows, persons = figures("verdict", "rows"), figures("verdict", "persons")
    people = {v: persons.get(v, 0) for v in ("found", "review", "missing", "excluded")}
    elsewhere = figures("matched_by", "persons", "verdict = 'found' AND NOT same")
    lanes = figures("lane", "persons", "verdict IN ('missing', 'review')")
    excluded_by = figures("lane", "persons", "verdict = 'excluded'")
    return {
        "before_enrolments": sum(rows.values()),
        **{v: rows.get(v, 0) for v in ("found", "review", "missing", "excluded")},
        # those who died are told nowhere, not even as the remainder of a sum
        "before_persons": sum(people.values()) - excluded_by.get("deceased", 0),
        "persons": people,
        "found_same_school": figures("verdict", "persons", "same").get("found", 0),
        "found_elsewhere_by": {
            by: elsewhere.get(by, 0) for by in ("ine", "identite", "model", "decision")
        },
        "left": sum(elsewhere.values()) + people["review"] + people["missing"],
        "fragile": figures("fragile", "persons").get(True, 0),
        "already_followed": figures("followed", "persons", "verdict <> 'found'").get(True, 0),
        "lanes": {name: lanes.get(name, 0) for name in LANES if name not in _NEVER_LISTED},
        "excluded_by": {k: n for k, n in excluded_by.items() if k != "deceased"},
    }


def load_people(
    connection: duckdb.DuckDBPyConnection, before: Side, after: Side, as_of: date
) -> None:
    """Table `people`: the rows of *before* that lists show, with how to reach them.

    Missing, to confirm, and found by a thread. Never those under 16 or deceased.
    """
    parts = []
    for rank, snapshot in enumerate(before.snapshots):
        present = plain_columns(snapshot)
        base = rank << ID_SHIFT
        shown = ", ".join(
            f"{name}::VARCHAR AS {name}" if name in present else f"NULL::VARCHAR AS {name}"
            for name in _SHOWN
            if name != "date_naissance"
        )
        parts.append(
            f"""SELECT {base} + file_row_number AS id, {shown}
            FROM read_parquet('{quoted(snapshot.plain)}', file_row_number=true)
            SEMI JOIN (SELECT id FROM shown_ids
                WHERE id BETWEEN {base} AND {base + (1 << ID_SHIFT) - 1}) i
                ON i.id = {base} + file_row_number"""
        )
    rows = union(
        before,
        "SELECT {id} AS id, source, uai, identifiant_local, d_naissance, usable FROM {prepared}",
    )
    connection.execute(
        """CREATE TEMP TABLE shown_ids AS
        SELECT id, verdict, lane, NULL::VARCHAR AS fragile FROM judged
        WHERE verdict IN ('missing', 'review')
        UNION ALL
        SELECT o.id, 'found', NULL, f.reason FROM outcomes o JOIN fragile f ON f.a = o.a
        WHERE o.verdict = 'found' AND o.id NOT IN (
            SELECT id FROM judged WHERE verdict <> 'found')"""
    )
    places = union(
        after,
        "SELECT {id} AS a, source AS matched_source, uai AS matched_uai FROM {prepared}",
    )
    connection.execute(
        "CREATE TEMP TABLE shown_outcomes AS FROM outcomes SEMI JOIN shown_ids USING (id)"
    )
    connection.execute(
        f"""CREATE TABLE people AS
        WITH identified AS (
            SELECT r.*, coalesce(p.person, r.id) AS person
            FROM ({rows}) r SEMI JOIN shown_ids USING (id)
            LEFT JOIN before_persons p ON p.id = r.id WHERE r.usable
        ), schools AS (
            SELECT person, list(DISTINCT uai ORDER BY uai) AS uais FROM identified
            GROUP BY person HAVING count(DISTINCT uai) > 1
        )
        SELECT r.person, i.verdict, i.lane, i.fragile IS NOT NULL AS fragile,
            s.followed_by, r.source, r.uai,
            r.identifiant_local, w.* EXCLUDE (id) REPLACE (coalesce(i.fragile, w.statut) AS statut),
            r.d_naissance AS date_naissance,
            date_diff('year', r.d_naissance, DATE '{as_of.isoformat()}')
                - CASE WHEN strftime(r.d_naissance, '%m%d')
                    > '{as_of.strftime("%m%d")}' THEN 1 ELSE 0 END AS age,
            array_to_string(list_filter(c.uais, lambda u: u <> r.uai), ', ') AS also_listed_by,
            p.matched_source, p.matched_uai, o.matched_by,
            coalesce(o.probability, n.probability) AS probability,
            CASE WHEN o.id IS NOT NULL THEN t.evidence ELSE n.evidence END AS evidence
        FROM identified r JOIN shown_ids i USING (id)
        JOIN ({" UNION ALL ".join(parts)}) w USING (id)
        LEFT JOIN schools c ON c.person = r.person
        LEFT JOIN followers s ON s.id = r.id LEFT JOIN shown_outcomes o ON o.id = r.id
        LEFT JOIN (FROM ({places}) SEMI JOIN shown_outcomes USING (a)) p ON p.a = o.a
        LEFT JOIN nearest_texts n ON n.id = r.id
        LEFT JOIN evidence_texts t ON t.pattern = o.pattern
            AND t.veto IS NOT DISTINCT FROM o.veto AND t.ambiguous = o.ambiguous
        ORDER BY r.uai, w.nom_famille, w.prenom, r.identifiant_local"""
    )
    give_back(connection)


def take_people(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """The table `people` for the report, which is the last to need one: all tables are dropped."""
    people = connection.sql("FROM people").to_arrow_table()
    tables = connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal"
    ).fetchall()
    for schema, table in tables:
        connection.execute(f'DROP TABLE {schema}."{table}"')
    give_back(connection)
    return people


def schools_table(connection: duckdb.DuckDBPyConnection, verdicts: Path) -> pa.Table:
    """uai, name (null: registers of pupils do not name schools), left, found, review, missing,
    fragile and missing_minors, in enrolments of each school."""
    return connection.sql(
        f"""SELECT uai, NULL::VARCHAR AS name,
            count(*) FILTER (verdict IN ('missing', 'review')
                OR (verdict = 'found' AND uai IS DISTINCT FROM matched_uai)) AS "left",
            count(*) FILTER (verdict = 'found' AND uai IS DISTINCT FROM matched_uai) AS found,
            count(*) FILTER (verdict = 'review') AS review,
            count(*) FILTER (verdict = 'missing') AS missing,
            count(*) FILTER (fragile) AS fragile,
            count(*) FILTER (verdict = 'missing'
                AND lane IN ('obligation_16_17', 'young_graduate')) AS missing_minors
        FROM read_parquet('{quoted(verdicts)}') GROUP BY uai
        HAVING "left" > 0 OR fragile > 0 ORDER BY uai"""
    ).to_arrow_table()


def write_missing(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """missing.csv, for people: opens in a spreadsheet, one line for each enrolment to look for."""
    labels = " ".join(f"WHEN '{lane}' THEN '{label}'" for lane, label in _LANE_LABELS.items())
    body = path.with_suffix(".part")
    connection.execute(
        f"""COPY (
        SELECT {_safe("uai")} AS uai, {_safe("nom_famille")} AS nom_famille,
            {_safe("nom_usage")} AS nom_usage, {_safe("prenom")} AS prenom,
            strftime(date_naissance, '%d/%m/%Y') AS date_naissance, age,
            CASE lane {labels} END AS circuit, {_safe("classe")} AS classe,
            {_safe("formation")} AS formation, {_safe("date_sortie")} AS date_sortie,
            {_safe("motif_sortie")} AS motif_sortie, {_safe("telephone")} AS telephone,
            {_safe("courriel")} AS courriel,
            CASE WHEN age < 18 THEN {_safe("representant_nom")} END AS representant_nom,
            CASE WHEN age < 18 THEN {_safe("representant_telephone")} END
                AS representant_telephone,
            {_safe("code_postal")} AS code_postal, {_safe("followed_by")} AS suivi_par,
            nullif(also_listed_by, '') AS aussi_inscrit_dans,
            {_safe("identifiant_local")} AS identifiant_local, {_safe("source")} AS source
        FROM people WHERE verdict = 'missing'
        ORDER BY uai, nom_famille, prenom, identifiant_local
        ) TO '{quoted(body)}' (FORMAT csv, DELIMITER ';', HEADER)"""
    )
    with path.open("wb") as target, body.open("rb") as source:
        target.write(b"\xef\xbb\xbf")  # so that a spreadsheet reads the accents
        shutil.copyfileobj(source, target)
    body.unlink()
    path.chmod(0o600)


def _safe(column: str) -> str:
    """SQL: a text no spreadsheet takes for a formula; +33 6… is a phone, not a formula."""
    return (
        f"CASE WHEN regexp_matches({column}, '^[=@\\t\\r]|^[-+][^0-9]') "
        f"THEN '''' || {column} ELSE {column} END"
    )


def write_summary(path: Path, summary: dict[str, Any]) -> None:
    """summary.json, readable."""
    path.write_text(json.dumps(summary, ensure_ascii=False, indent=2) + "\n", "utf-8")
    path.chmod(0o600)


def read_summary(folder: Path) -> dict[str, Any]:
    """The summary of a former comparison. Raises RefusedFile when the folder holds none."""
    try:
        found = json.loads((folder / "summary.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise RefusedFile(
            folder, "ce dossier ne contient pas le résultat d'un « raccord compare »"
        ) from error
    return dict(found)


def reasons(refused: Sequence[RefusedFile]) -> str:
    """One line a reason."""
    return "\n".join(str(refusal) for refusal in refused)
