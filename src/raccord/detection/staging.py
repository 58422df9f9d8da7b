"""From the folder of a comparison to a temporary table of PostgreSQL, by COPY, in batches."""

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.csv as pacsv

from raccord.detection import nearest
from raccord.registers import folding
from raccord.registers.snapshots import quoted


#: name → (type in PostgreSQL, SQL over `v` (verdict), `p` (enrolment) and `s` (when seen)).
def _text(column: str, longest: int) -> str:
    return f"coalesce(left(trim(p.{column}), {longest}), '')"


def _said(name: str) -> str:
    """« Anne-Lou » for « ANNE-LOU », as SIECLE writes it: letters and sheets call people by it."""
    capital = "lambda part: upper(left(part, 1)) || lower(substr(part, 2))"
    word = f"array_to_string(list_transform(string_split(word, '-'), {capital}), '-')"
    words = f"list_transform(string_split({name}, ' '), lambda word: {word})"
    return f"CASE WHEN {name} = upper({name}) THEN array_to_string({words}, ' ') ELSE {name} END"


def _searchable() -> str:
    """The same letters as `followup.search.searchable`."""
    bare = "upper(strip_accents(concat_ws(' ', p.nom_famille, p.prenom)))"
    for letter, letters in (("Œ", "OE"), ("Æ", "AE"), ("ß", "SS"), ("ẞ", "SS")):
        bare = f"replace({bare}, '{letter}', '{letters}')"
    return f"left(trim(regexp_replace({bare}, '[^A-Z0-9]+', ' ', 'g')), 320)"


#: A class or a course may name what must not be known (handicap, SEGPA): level and stream only.
_LEVEL = (
    "trim(regexp_replace(coalesce(p.formation, ''), "
    "'(?i)\\b(u\\.?l\\.?i\\.?s|segpa|upi|clis|ime|itep|upe2a|allophone)\\b', '', 'g'))"
)

LEVEL = f"left({_LEVEL}, 60)"

COLUMNS: dict[str, tuple[str, str]] = {
    "grp": ("bigint", "v.person"),
    "source": ("text", "left(v.source, 60)"),
    "uai": ("text", "v.uai"),
    "local_id": ("text", "left(v.identifiant_local, 60)"),
    "verdict": ("text", "v.verdict"),
    "lane": ("text", "v.lane"),
    "probability": ("float8", "v.probability"),
    "found_source": ("text", "v.matched_source"),
    "found_uai": ("text", "v.matched_uai"),
    "found_local_id": ("text", "left(v.matched_identifiant_local, 60)"),
    "found_by": ("text", "v.matched_by"),
    "followed_by": ("text", "coalesce(left(v.followed_by, 160), '')"),
    "evidence": ("jsonb", "v.evidence"),
    "last_name": ("text", _text("nom_famille", 100)),
    "usage_name": ("text", _text("nom_usage", 100)),
    "first_name": ("text", _said(_text("prenom", 100))),
    "other_names": ("text", _text("prenoms_suivants", 200)),
    "birth_date": ("date", folding.day("p.date_naissance")),
    "sex": (
        "text",
        f"CASE {folding.sex('p.sexe')} WHEN 1 THEN 'M' WHEN 2 THEN 'F' ELSE '' END",
    ),
    "birth_commune": ("text", _text("commune_naissance", 5)),
    "ine": (
        "text[]",
        "CASE WHEN p.ine IS NULL OR NOT regexp_matches(p.ine, '^[A-Za-z0-9| ]+$') THEN '{}' "
        "ELSE '{' || replace(replace(upper(p.ine), ' ', ''), '|', ',') || '}' END",
    ),
    "search_name": ("text", _searchable()),
    "address": ("text", _text("adresse", 240)),
    "postcode": ("text", _text("code_postal", 10)),
    "residence": ("text", "left(trim(p.commune_residence), 5)"),
    "phone": ("text", _text("telephone", 30)),
    "email": ("text", _text("courriel", 120)),
    "guardian": ("text", _text("representant_nom", 160)),
    "guardian_phone": ("text", _text("representant_telephone", 30)),
    "school_status": ("text", _text("statut", 20)),
    "mef": ("text", _text("mef", 15)),
    "level": ("text", LEVEL),
    "course": ("text", f"left({_LEVEL}, 120)"),
    "entered_on": ("date", folding.day("p.date_entree")),
    "left_on": ("date", folding.day("p.date_sortie")),
    "seen_on": ("date", "p.seen_on"),
    # drawn here, so that children are written before anything is stored
    "new_person": ("uuid", "uuidv7()::VARCHAR"),
    "new_case": ("uuid", "uuidv7()::VARCHAR"),
    "new_departure": ("uuid", "uuidv7()::VARCHAR"),
    "new_event": ("uuid", "uuidv7()::VARCHAR"),
    "new_guardian": ("uuid", "uuidv7()::VARCHAR"),
}


def copy_into(cursor: Any, table: str, columns: Sequence[str], relation: Any) -> int:
    """COPY an Arrow stream into a table; returns the rows."""
    rows = 0
    names = ", ".join(columns)
    options = pacsv.WriteOptions(include_header=False)
    with cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT csv)") as copy:
        for batch in relation:
            rows += batch.num_rows
            buffer = pa.BufferOutputStream()
            pacsv.write_csv(batch, buffer, write_options=options)
            copy.write(buffer.getvalue().to_pybytes())
    return rows


def known_enrolments(cursor: Any, academie: str) -> list[tuple[str, str, str, bool]]:
    """(source, UAI, local number, worked on) of what cases already say: their news is wanted even
    when they are found."""
    cursor.execute(
        """SELECT DISTINCT d.source, s.uai, d.local_id,
            c.status <> 'closed' AND c.worked_on_at IS NOT NULL
        FROM followup_departure d JOIN territory_structure s ON s.id = d.structure_id
        JOIN followup_case c ON c.id = d.case_id
        WHERE c.academie_id = %s AND d.local_id <> '' AND s.uai IS NOT NULL
            AND (c.status <> 'closed' OR c.closed_by_run IS NOT NULL)
        ORDER BY 1, 2, 3""",
        [academie],
    )
    return list(cursor.fetchall())


def stage(cursor: Any, folder: Path, academie: str, as_of: date) -> int:
    """Temporary tables `night_row` (everybody missing or to confirm, and news of who has a case)
    and `night_candidate`."""
    known = known_enrolments(cursor, academie)
    near = _candidates(folder, known, as_of)
    for table, columns in (
        ("night_row", {name: kind for name, (kind, _) in COLUMNS.items()}),
        ("night_candidate", nearest.COLUMNS),
    ):
        kept = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        cursor.execute(f"DROP TABLE IF EXISTS {table}; CREATE TEMP TABLE {table} ({kept})")
    selected = ", ".join(f"{sql} AS {name}" for name, (_, sql) in COLUMNS.items())
    everybody = f"read_parquet('{quoted(folder / 'tous.parquet')}')"
    compared = f"read_parquet('{quoted(folder / 'resultat' / 'verdicts.parquet')}')"
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.register("known", nearest.enrolments(known))
        connection.execute(
            f"""CREATE TABLE verdicts AS SELECT * FROM {compared}
            WHERE verdict <> 'found' OR (source, uai, identifiant_local) IN (FROM known)"""
        )
        # every enrolment of somebody whose news is wanted, so that they stay one person
        connection.execute(
            f"""INSERT INTO verdicts BY NAME SELECT * FROM {compared}
            WHERE verdict = 'found' AND person IN (SELECT person FROM verdicts)
                AND (source, uai, identifiant_local) NOT IN (FROM known)"""
        )
        # back in the very register they had left
        connection.execute(
            f"""INSERT INTO verdicts BY NAME
            SELECT source, uai, identifiant_local, -row_number() OVER () AS person,
                'found' AS verdict, source AS matched_source, uai AS matched_uai,
                identifiant_local AS matched_identifiant_local, 'identite' AS matched_by,
                '{{}}' AS evidence
            FROM {everybody} WHERE today AND (source, uai, identifiant_local) IN (FROM known)"""
        )
        stream = connection.sql(
            f"""SELECT {selected} FROM verdicts v
            JOIN {everybody} p USING (source, uai, identifiant_local)"""
        ).to_arrow_reader(50_000)
        rows = copy_into(cursor, "night_row", list(COLUMNS), stream)
        listed = ", ".join(nearest.COLUMNS)
        stream = connection.sql(
            f"SELECT {listed} FROM read_parquet('{quoted(near)}')"
        ).to_arrow_reader(50_000)
        copy_into(cursor, "night_candidate", list(nearest.COLUMNS), stream)
    cursor.execute("CREATE INDEX ON night_row (grp); ANALYZE night_row; ANALYZE night_candidate")
    return rows


def _candidates(folder: Path, known: list[tuple[str, str, str, bool]], as_of: date) -> Path:
    """The file of candidates; who is found but was worked on is shown where, to be confirmed."""
    worked = [row for row in known if row[3]]
    digest = hashlib.sha256(repr(worked).encode()).hexdigest()[:12]
    path = folder / f"proches-{digest}.parquet"
    if not path.exists():
        part = path.with_suffix(".part")
        nearest.write(folder / "resultat", part, as_of, worked)
        part.rename(path)
    return path
