"""The rows of the young people, built as HTML by DuckDB: 80,000 rows in a fraction of a second.

Nothing loops over young people here. Sentences are written once per distinct evidence, and the
values which are proper to one young person (the establishment of a candidate, who follows them)
are left as slots that the database fills.
"""

import html
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from raccord.matching import wording
from raccord.matching.report.sections import PAGE_ORDER, SECTIONS

#: Slots in a cached sentence: private-use characters, which no register holds.
_UAI, _SOURCE, _FOLLOWED, _ALSO, _NEAREST_UAI = "\ue000\ue001\ue002\ue003\ue004"

_TEXT_COLUMNS = (
    "verdict lane followed_by source uai nom_famille nom_usage prenom sexe statut formation classe "
    "motif_sortie telephone courriel representant_nom representant_telephone commune_residence "
    "code_postal also_listed_by matched_source matched_uai matched_by"
).split()
#: `evidence` is parsed, never shown.
_OTHER_COLUMNS = {
    "person": pa.int64(),
    "fragile": pa.bool_(),
    "date_naissance": pa.date32(),
    "date_entree": pa.string(),
    "date_sortie": pa.string(),
    "age": pa.int32(),
    "probability": pa.float64(),
    "evidence": pa.string(),
}


def _strings(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text, escaped for HTML. The three scans are skipped where the character is absent."""
    text = column.cast(pa.string())
    raw = [chunk.buffers()[2] for chunk in text.chunks if len(chunk)]
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        needle = character.encode()
        if any(buffer is not None and needle in buffer.to_pybytes() for buffer in raw):
            text = pc.replace_substring(text, character, entity)
    return text


def escaped(text: object) -> str:
    """Text for an element or a double-quoted attribute; `None` is empty."""
    return html.escape(str(text)) if text is not None else ""


def _prepared(people: pa.Table) -> pa.Table:
    """The columns the rows need, of one type whatever the caller has, text already escaped."""
    rows = people.num_rows
    columns: dict[str, pa.ChunkedArray] = {}
    for name in _TEXT_COLUMNS:
        present = name in people.column_names
        column = people[name] if present else pa.chunked_array([pa.nulls(rows, pa.string())])
        columns[name] = _strings(column)
    for name, kind in _OTHER_COLUMNS.items():
        present = name in people.column_names
        column = people[name] if present else pa.chunked_array([pa.nulls(rows, kind)])
        columns[name] = column if name == "person" else column.cast(kind)
    return pa.table(columns)



def _page_rank() -> str:
    return " ".join(f"WHEN '{key}' THEN {rank}" for rank, key in enumerate(PAGE_ORDER))


# Motive 43 is a death (SIECLE nomenclature): closed for everyone before any list.
_LISTED = f"""
CREATE TEMP TABLE listed AS
SELECT p.*,
       json_extract(evidence, ['$.agree', '$.close', '$.differ', '$.vetoes', '$.nearest.source',
           '$.nearest.agree', '$.nearest.close', '$.nearest.differ', '$.nearest.kept_apart',
           '$.nearest.uai', '$.nearest.probability'])::VARCHAR[] AS parts,
       TRY_CAST(date_sortie AS DATE) AS left_on,
       CASE {" ".join(f"WHEN {section.rule} THEN '{section.key}'" for section in SECTIONS)} END
           AS section
FROM person AS p
WHERE verdict IN ('found', 'review', 'missing')
  AND lane IS DISTINCT FROM 'deceased' AND motif_sortie IS DISTINCT FROM '43'
"""

_SHAPED = f"""
CREATE TEMP TABLE shaped AS
SELECT * EXCLUDE (parts, evidence), parts[:9] AS shape,
       round(coalesce(probability, TRY_CAST(parts[11] AS DOUBLE)), 2) AS chance,
       parts[10] IS NOT NULL AS nearest_placed,
       replace(replace(replace(trim(parts[10], '"'), '&', ''), '<', ''), '"', '') AS nearest_uai,
       CASE section {_page_rank()} END AS rank,
       (matched_uai IS NOT NULL)::INT + 2 * (matched_source IS NOT NULL)::INT
           + 4 * (followed_by IS NOT NULL)::INT + 8 * (also_listed_by IS NOT NULL)::INT AS slots
FROM listed
"""

_KEY = "verdict, lane, fragile, matched_by, shape, chance, nearest_placed, slots"


def _evidence(shape: Sequence[str | None] | None, chance: float | None,
              placed: bool) -> dict[str, Any]:  # fmt: skip
    """The evidence again, from its parts, with a slot for the nearest establishment."""
    values = [json.loads(part) if part else None for part in shape or [None] * 9]
    found: dict[str, Any] = dict(zip(("agree", "close", "differ", "vetoes"), values, strict=False))
    if any(value is not None for value in values[4:]):
        names = ("source", "agree", "close", "differ", "kept_apart")
        found["nearest"] = {
            **dict(zip(names, values[4:], strict=True)),
            "probability": chance,
            "uai": _NEAREST_UAI if placed else None,
        }
    return found


def _explanations(database: duckdb.DuckDBPyConnection,
                  coverage: Sequence[Mapping[str, Any]]) -> pa.Table:  # fmt: skip
    """One row per distinct evidence: `explanation` is HTML with slots, `lead` its first line."""
    distinct = database.sql(f"SELECT DISTINCT {_KEY} FROM shaped").to_arrow_table()
    leads: list[str | None] = []
    bodies: list[str] = []
    for key in distinct.to_pylist():
        slots = key["slots"]
        said = wording.sentences(
            verdict=key["verdict"],
            evidence=_evidence(key["shape"], key["chance"], key["nearest_placed"]),
            matched_by=key["matched_by"],
            matched_source=_SOURCE if slots & 2 else None,
            matched_uai=_UAI if slots & 1 else None,
            probability=key["chance"],
            lane=key["lane"],
            fragile=bool(key["fragile"]),
            followed_by=_FOLLOWED if slots & 4 else None,
            also_listed_by=_ALSO if slots & 8 else None,
            coverage=coverage,
        )
        said = [html.escape(sentence, quote=False) for sentence in said]
        shown_first = key["verdict"] != "missing"
        leads.append(said.pop(0) if shown_first and said else None)
        bodies.append("".join(f"<p>{sentence}</p>" for sentence in said))
    return distinct.append_column("lead", pa.array(leads, pa.string())).append_column(
        "explanation", pa.array(bodies, pa.string())
    )


def _filled(column: str) -> str:
    filled = column
    for slot, value in (
        (_UAI, "matched_uai"),
        (_SOURCE, "matched_source"),
        (_FOLLOWED, "followed_by"),
        (_ALSO, "also_listed_by"),
        (_NEAREST_UAI, "nearest_uai"),
    ):
        filled = f"replace({filled}, '{slot}', coalesce({value}, ''))"
    return filled


def _tel(column: str, who: str) -> str:
    digits = f"translate({column}, ' .-/()', '')"
    pairs = " || ' ' || ".join(f"substr({digits}, {start}, 2)" for start in (1, 3, 5, 7, 9))
    shown = f"CASE WHEN length({digits}) = 10 THEN {pairs} ELSE {column} END"
    return f"""'<a class="tel" href="tel:' || {digits} || '">' || {shown} || '</a>' || {who}"""


_ROW = f"""
SELECT concat(
    '<tbody data-l="', lane, '" data-u="', s.uai, '" data-a="', age, '"><tr><th scope="row"><b>',
    coalesce(nom_famille, nom_usage, 'Nom absent'), '</b> ', prenom,
    CASE WHEN nom_usage <> nom_famille THEN ' <i>(' || nom_usage || ')</i>' END,
    '<small>', age || ' ans, ',
    CASE sexe WHEN 'F' THEN 'née le ' WHEN 'M' THEN 'né le ' ELSE 'naissance : ' END,
    coalesce(strftime(date_naissance, '%d/%m/%Y'), 'date inconnue'), '</small>',
    CASE WHEN followed_by IS NOT NULL
        THEN '<span class="tag">Suivi par ' || followed_by || '</span>' END,
    CASE WHEN also_listed_by IS NOT NULL
        THEN '<span class="tag">Aussi listé par ' || also_listed_by || '</span>' END,
    '</th><td>', {{school}} coalesce(classe, formation, 'Classe non indiquée'),
    '<small>' || CASE WHEN classe IS NOT NULL THEN formation END || '</small>',
    '</td><td>', coalesce(strftime(left_on, '%d/%m/%Y'), date_sortie, 'Date non indiquée'),
    '<small>depuis ' || CASE WHEN left_on <= $today THEN
        CASE WHEN $today - left_on < 70 THEN ($today - left_on) || ' jours'
             ELSE ($today - left_on) // 30 || ' mois' END END || '</small>',
    '</td><td class="call">',
    {_tel("telephone", "''")},
    CASE WHEN age >= 18 THEN NULL ELSE {_tel(
        "representant_telephone",
        "'<small>' || coalesce(representant_nom, 'Représentant légal') || '</small>'",
    )} END,
    '<a href="mailto:' || courriel || '">' || courriel || '</a>',
    '<small>' || nullif(concat_ws(' ', code_postal, commune_residence), '') || '</small>',
    '</td></tr><tr><td colspan="4">', '<p>' || {_filled("lead")} || '</p>',
    '<details><summary>', CASE verdict WHEN 'missing' THEN 'Pourquoi ce nom' WHEN 'review'
        THEN 'Ce qu’il faut comparer' ELSE 'Pourquoi cette inscription' END, ' ?</summary>',
    {_filled("explanation")}, '</details></td></tr></tbody>
') AS html
FROM ordered AS s ORDER BY position
"""


@dataclass(frozen=True, slots=True)
class Group:
    """The young people of one section of one page: counts, and where their HTML lies."""

    uai: str
    section: str
    rows: int
    persons: int
    minors: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Listing:
    """Every row of the report as UTF-8 HTML, in page order, and what the pages say about them.

    `bounds[i]:bounds[i + 1]` delimits row i in `markup`. `totals` counts each section as (rows,
    persons, minors); `ages` and `months` count the persons of the main list, months as `AAAA-MM`.
    """

    groups: list[Group]
    markup: memoryview
    bounds: memoryview
    totals: dict[str, tuple[int, int, int]]
    lanes: list[str]
    ages: list[tuple[int | None, int]]
    months: list[tuple[str | None, int]]
    by_school: dict[str, dict[str, int]]

    def rows(self, start: int, stop: int) -> memoryview:
        """The bytes of rows `start` to `stop` (excluded)."""
        return self.markup[self.bounds[start] : self.bounds[stop]]


_COUNTS = "count(*), count(DISTINCT person), count(DISTINCT person) FILTER (age < 18)"


def list_people(people: pa.Table, schools: pa.Table, coverage: Sequence[Mapping[str, Any]],
                today: date, max_on_one_page: int) -> tuple[Listing, bool]:  # fmt: skip
    """Build every row; the second value says whether the report is split into one page a school."""
    with duckdb.connect(":memory:") as database:
        database.register("person", _prepared(people))
        names = schools.select(["uai", "name"]).cast(
            pa.schema([("uai", pa.string()), ("name", pa.string())])
        )
        database.register(
            "school", pa.table({name: _strings(names[name]) for name in names.column_names})
        )
        database.execute(_LISTED)
        database.execute(_SHAPED)
        total = database.execute("SELECT count(*) FROM shaped").fetchall()[0][0]
        split = total > max_on_one_page
        database.register("explained", _explanations(database, coverage))
        page = "coalesce(s.uai, '')" if split else "''"
        joined = " AND ".join(
            f"s.{name} IS NOT DISTINCT FROM e.{name}" for name in _KEY.split(", ")
        )
        database.execute(
            f"""
            CREATE TEMP TABLE ordered AS
            SELECT s.*, e.lead, e.explanation, school.name AS school_name, {page} AS page,
                   row_number() OVER (ORDER BY {page}, rank, s.uai, nom_famille, prenom,
                                      date_naissance, person) AS position
            FROM shaped AS s JOIN explained AS e ON {joined} LEFT JOIN school USING (uai)
            """
        )
        school = "" if split else (
            "coalesce(school_name, uai, 'Établissement inconnu'), '<br>', "
        )  # fmt: skip
        rows = database.sql(
            _ROW.format(school=school), params={"today": today}
        ).to_arrow_table()
        column = rows["html"].combine_chunks().cast(pa.large_string())
        column = column.chunks[0] if isinstance(column, pa.ChunkedArray) else column
        _, offsets, markup = column.buffers()
        groups, start = [], 0
        for uai, section, size, persons, minors in database.execute(
            f"SELECT page, section, {_COUNTS} FROM ordered GROUP BY page, section, rank "
            "ORDER BY page, rank"
        ).fetchall():
            groups.append(Group(uai, section, size, persons, minors, start, start + size))
            start += size
        totals = {
            section: (size, persons, minors)
            for section, size, persons, minors in database.execute(
                f"SELECT section, {_COUNTS} FROM ordered GROUP BY section"
            ).fetchall()
        }
        by_school: dict[str, dict[str, int]] = {}
        for uai, section, persons in database.execute(
            "SELECT uai, section, count(DISTINCT person) FROM ordered GROUP BY uai, section"
        ).fetchall():
            by_school.setdefault(uai, {})[section] = persons
        main = "FROM ordered WHERE section = 'verifier' GROUP BY 1 ORDER BY 1"
        listing = Listing(
            groups=groups,
            markup=memoryview(markup or b""),
            bounds=memoryview(offsets).cast("q") if total else memoryview(bytes(8)).cast("q"),
            totals=totals,
            lanes=[lane for (lane,) in database.execute(
                "SELECT DISTINCT lane FROM ordered WHERE lane IS NOT NULL").fetchall()],
            ages=database.execute(f"SELECT age, count(DISTINCT person) {main}").fetchall(),
            by_school=by_school,
            months=database.execute(
                f"SELECT strftime(left_on, '%Y-%m'), count(DISTINCT person) {main}"
            ).fetchall(),
        )  # fmt: skip
        return listing, split
