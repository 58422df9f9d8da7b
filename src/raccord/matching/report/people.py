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
from functools import cached_property
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from raccord.matching import wording
from raccord.matching.report.sections import PAGE_ORDER, SECTIONS
from raccord.matching.sources import NAMED, source_name
from raccord.registers import folding

#: Slots in a cached sentence: private-use characters, which no register holds.
_UAI, _SOURCE, _FOLLOWED, _ALSO, _NEAREST_UAI = "\ue000\ue001\ue002\ue003\ue004"
_SEPARATOR = "\x1f"

Coverage = Sequence[Mapping[str, Any]]

_TEXT_COLUMNS = (
    "verdict lane followed_by source uai nom_famille nom_usage prenom sexe statut formation classe "
    "motif_sortie telephone courriel representant_nom representant_telephone commune_residence "
    "code_postal date_entree date_sortie also_listed_by matched_source matched_uai matched_by"
).split()
#: `evidence` is parsed, never shown.
_OTHER_COLUMNS = {
    "person": pa.int64(),
    "fragile": pa.bool_(),
    "date_naissance": pa.date32(),
    "age": pa.int32(),
    "probability": pa.float64(),
    "evidence": pa.string(),
}
#: Needed to choose the sentences, no longer to write the row.
_KEY_COLUMNS = ["evidence", "fragile", "probability", "matched_by", "statut", "date_entree",
                "motif_sortie", "section"]  # fmt: skip


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


def _named(sources: pa.ChunkedArray) -> pa.ChunkedArray:
    """The words of the screen for a column of sources."""
    for source in NAMED:
        sources = pc.if_else(pc.equal(sources, source), source_name(source), sources)
    return sources


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
    columns["matched_source"] = _named(columns["matched_source"])
    # A page per school needs one name for « no school ».
    columns["uai"] = pc.if_else(pc.equal(columns["uai"], ""), None, columns["uai"])
    return pa.table(columns)


_BY_RULE = " ".join(f"WHEN {section.rule} THEN '{section.key}'" for section in SECTIONS)
_RANK = " ".join(f"WHEN '{key}' THEN {rank}" for rank, key in enumerate(PAGE_ORDER))

# One pass over the people: which list each belongs to, and the text that identifies what is to be
# said of them. What is proper to one person is taken out of that text so that few remain.
# Motive 43 is a death (SIECLE nomenclature): closed for everyone before any list.
_KEYED = f"""
WITH parsed AS (
    SELECT *, json_extract_string(evidence, ['$.nearest.uai', '$.nearest.probability']) AS nearest,
           CASE WHEN verdict IN ('found', 'review', 'missing')
                 AND lane IS DISTINCT FROM 'deceased' AND motif_sortie IS DISTINCT FROM '43'
                THEN CASE {_BY_RULE} END END AS section
    FROM person
)
SELECT section, CASE section {_RANK} END AS rank, nearest[1] AS nearest_uai,
       concat_ws('{_SEPARATOR}', verdict, coalesce(lane, ''), coalesce(fragile, false)::INT,
           coalesce(matched_by, ''), coalesce(round(100 * probability)::INT, -1),
           (matched_uai IS NOT NULL)::INT + 2 * (matched_source IS NOT NULL)::INT
               + 4 * (followed_by IS NOT NULL)::INT + 8 * (also_listed_by IS NOT NULL)::INT,
           CASE WHEN nearest[1] IS NULL AND nearest[2] IS NULL THEN coalesce(evidence, '')
                ELSE replace(replace(evidence, '"' || coalesce(nearest[1], '') || '"',
                                     '"{_NEAREST_UAI}"'),
                             coalesce(nearest[2], ''),
                             round(TRY_CAST(nearest[2] AS DOUBLE), 2)::VARCHAR) END
       ) AS said
FROM parsed
"""


def _pieces(sentence: str, slots: str) -> list[str | None]:
    """Cut a sentence at its slots, in order: text between them, `None` past an absent slot."""
    pieces: list[str | None] = []
    for slot in slots:
        before, found, after = sentence.partition(slot)
        pieces.append(before if found else "")
        sentence = after if found else sentence
    return [*pieces, sentence]


def _explained(said: pa.Array, searched: str) -> pa.Table:
    """The sentences of each distinct text of `_KEYED`, as HTML cut at the slots to fill."""
    leads: list[list[str | None]] = []
    bodies: list[list[str | None]] = []
    for text in said.to_pylist():
        verdict, lane, fragile, by, chance, slots, evidence = text.split(_SEPARATOR, 6)
        present = int(slots)
        lines = wording.sentences(
            verdict=verdict,
            evidence=json.loads(evidence) if evidence else {},
            matched_by=by or None,
            matched_source=_SOURCE if present & 2 else None,
            matched_uai=_UAI if present & 1 else None,
            probability=None if chance == "-1" else int(chance) / 100,
            lane=lane or None,
            fragile=fragile == "1",
            followed_by=_FOLLOWED if present & 4 else None,
            also_listed_by=_ALSO if present & 8 else None,
            searched=searched,
        )
        lines = [f"<p>{html.escape(line, quote=False)}</p>" for line in lines]
        # Where an enrolment is known, it is said without opening anything.
        lead = lines.pop(0) if verdict != "missing" and lines else ""
        leads.append(_pieces(lead, _UAI + _SOURCE))
        bodies.append(_pieces("".join(lines), _NEAREST_UAI + _FOLLOWED + _ALSO))
    columns = {f"lead_{rank}": [lead[rank] for lead in leads] for rank in range(3)}
    columns |= {f"body_{rank}": [body[rank] for body in bodies] for rank in range(4)}
    return pa.table({name: pa.array(texts, pa.string()) for name, texts in columns.items()})


def _tel(column: str) -> str:
    # Separators other than the space are lawful in a telephone address (RFC 3966).
    digits = f"replace({column}, ' ', '')"
    return f"""'<a class="tel" href="tel:' || {digits} || '">' || {column} || '</a>'"""


#: Registers export dates in one order or the other.
_LEFT_ON = folding.day("date_sortie")
_LEFT_ON_IN_TEMPLATE = _LEFT_ON.replace("{", "{{").replace("}", "}}")
_TAG = '<span class="tag">'
# `concat` leaves out what is null, `||` is null when one side is: that is how a missing value
# takes its markup away with it.
_ROW = f"""
SELECT place, concat(
    '<tbody data-l="', lane, {{school_key}} '" data-a="', age, '"><tr><th scope="row"><b>',
    coalesce(nom_famille, nom_usage, 'Nom absent'), '</b> ', prenom,
    CASE WHEN nom_usage <> nom_famille THEN ' <i>(' || nom_usage || ')</i>' END,
    '<small>', age || ' ans, ',
    CASE sexe WHEN 'F' THEN 'née le ' WHEN 'M' THEN 'né le ' ELSE 'naissance : ' END,
    coalesce(strftime(date_naissance, '%d/%m/%Y'), 'date inconnue'), '</small>',
    '{_TAG}Suivi par ' || followed_by || '</span>',
    '{_TAG}Aussi listé par ' || also_listed_by || '</span>',
    '<td>', {{school_name}} coalesce(classe, formation, 'Classe non indiquée'),
    CASE WHEN classe IS NOT NULL THEN '<small>' || formation || '</small>' END, '<td>',
    coalesce(strftime(left_on, '%d/%m/%Y'), date_sortie, 'Date non indiquée'),
    CASE WHEN left_on <= $today THEN concat('<small>depuis ',
        CASE WHEN $today - left_on < 2 THEN ($today - left_on) || ' jour'
             WHEN $today - left_on < 70 THEN ($today - left_on) || ' jours'
             ELSE ($today - left_on) // 30 || ' mois' END, '</small>') END,
    '<td class="call">',
    {_tel("telephone")},
    CASE WHEN age >= 18 THEN NULL ELSE {_tel("representant_telephone")}
        || '<small>' || coalesce(representant_nom, 'Représentant légal') || '</small>' END,
    '<a href="mailto:' || courriel || '">' || courriel || '</a>',
    '<small>Domicile : ' || coalesce(code_postal, 'commune ' || commune_residence) || '</small>',
    '<tr><td colspan="4">', lead_0, CASE WHEN lead_0 <> '' THEN matched_uai END, lead_1,
    CASE WHEN lead_1 <> '' THEN matched_source END, lead_2,
    '<details><summary>', CASE verdict WHEN 'missing' THEN 'Pourquoi ce nom' WHEN 'review'
        THEN 'Ce qu’il faut comparer' ELSE 'Pourquoi cette inscription' END, ' ?</summary>',
    body_0, CASE WHEN body_0 <> '' THEN nearest_uai END,
    body_1, CASE WHEN body_1 <> '' THEN followed_by END,
    body_2, CASE WHEN body_2 <> '' THEN also_listed_by END, body_3, '</details></tbody>
') AS html
FROM (SELECT *, {_LEFT_ON_IN_TEMPLATE} AS left_on FROM listed)
    JOIN explained USING (explanation) {{school}}
"""


class Group(NamedTuple):
    """The young people of one section of one page: counts, and which rows are theirs."""

    uai: str
    section: str
    rows: int
    persons: int
    minors: int
    start: int
    stop: int


@dataclass(frozen=True)
class Listing:
    """Every row of the report as HTML, in page order, and what the pages say about them.

    `totals` counts each section as (rows, persons, minors); `by_school` counts persons,
    `minors_by_school` the minors of the main list; `ages` and `months` count the persons of the
    main list, months as `AAAA-MM`.
    """

    groups: list[Group]
    markup: pa.ChunkedArray
    totals: dict[str, tuple[int, int, int]]
    lanes: list[str]
    ages: list[tuple[int | None, int]]
    months: list[tuple[str | None, int]]
    by_school: dict[str, dict[str, int]]
    minors_by_school: dict[str, int]

    def rows(self, start: int, stop: int) -> list[memoryview]:
        """The UTF-8 bytes of rows `start` to `stop` (excluded), not copied."""
        found: list[memoryview] = []
        for first, size, bounds, text in self._chunks:
            low, high = max(start - first, 0), min(stop - first, size)
            if low < high:
                found.append(text[bounds[low] : bounds[high]])
        return found

    @cached_property
    def _chunks(self) -> list[tuple[int, int, memoryview, memoryview]]:
        chunks = []
        first = 0
        for chunk in self.markup.chunks:
            _, bounds, text = chunk.buffers()
            if len(chunk):
                offsets = memoryview(bounds).cast("q" if chunk.type == pa.large_string() else "i")
                chunks.append((first, len(chunk), offsets[chunk.offset :], memoryview(text)))
            first += len(chunk)
        return chunks


_MONTHS = f"""
SELECT strftime(month, '%Y-%m'), persons FROM (
    SELECT date_trunc('month', {_LEFT_ON}) AS month,
           count(DISTINCT person) AS persons
    FROM listed WHERE rank = 0 GROUP BY ALL) ORDER BY month
"""


def _in_batches(table: pa.Table) -> pa.Table:
    """The same table in small batches: DuckDB gives each thread one batch at a time."""
    return pa.Table.from_batches(table.to_batches(max_chunksize=4096), schema=table.schema)


def _in_order(
    database: duckdb.DuckDBPyConnection, person: pa.Table, page: Sequence[str]
) -> pa.Table:
    """The rows of a list, sorted by page then by name."""
    order = [*page, "nom_famille", "prenom", "date_naissance", "person"]
    rows = pa.array(np.arange(person.num_rows, dtype=np.int32))
    database.register("unsorted", person.select([*order, "section"]).append_column("row", rows))
    kept = database.sql(
        f"SELECT row FROM unsorted WHERE section IS NOT NULL ORDER BY {', '.join(order)}, row"
    ).to_arrow_table()
    return person.drop_columns(_KEY_COLUMNS).take(kept["row"])


def _in_place(written: pa.Table) -> pa.ChunkedArray:
    """The rows in page order: a join keeps the order of a side or of the other, as it likes, and a
    row out of its place is somebody on another school's page."""
    places = written["place"].to_numpy()
    markup = written["html"].cast(pa.large_string())
    return markup if (np.diff(places) == 1).all() else markup.take(pa.array(np.argsort(places)))


_SHORT_LIST = 5_000


def list_people(people: pa.Table, schools: pa.Table, coverage: Coverage,
                today: date, max_on_one_page: int) -> tuple[Listing, bool]:  # fmt: skip
    """Build every row; the second value says whether the report is split into one page a school."""
    # Threads of its own would cost a short list more than they bring.
    threads: dict[str, Any] = {"threads": 1} if people.num_rows < _SHORT_LIST else {}
    with duckdb.connect(":memory:", config=threads) as database:
        person = _prepared(people)
        database.register("person", _in_batches(person))
        keyed = database.sql(_KEYED).to_arrow_table()
        said = keyed["said"].combine_chunks().dictionary_encode()
        person = (
            person.append_column("section", keyed["section"])
            .append_column("rank", keyed["rank"])
            .append_column("nearest_uai", _strings(keyed["nearest_uai"]))
            .append_column("explanation", said.indices)
        )
        split = keyed.num_rows - keyed["section"].null_count > max_on_one_page
        listed = _in_order(database, person, ["uai", "rank"] if split else ["rank", "uai"])
        places = pa.array(np.arange(listed.num_rows, dtype=np.int32))
        database.register("listed", _in_batches(listed.append_column("place", places)))
        names = pa.table({name: _strings(schools[name]) for name in ("uai", "name")})
        database.register("school", names)
        explained = _explained(said.dictionary, wording.coverage_sentence(coverage, brief=True))
        numbers = pa.array(np.arange(len(explained), dtype=np.int32))
        database.register("explained", explained.append_column("explanation", numbers))
        query = _ROW.format(
            school_key="" if split else """ '" data-u="', uai,""",
            school_name="" if split else "coalesce(name, uai, 'Établissement inconnu'), '<br>',",
            school="" if split else "LEFT JOIN school USING (uai)",
        )
        written = database.sql(query, params={"today": today}).to_arrow_table()
        return _listing(database, listed, _in_place(written), split), split
    raise AssertionError


class _Tally(NamedTuple):
    """Rows, persons and minors of each distinct key, keys in ascending order."""

    keys: list[int]
    rows: list[int]
    persons: list[int]
    minors: list[int]


def _distinct(values: np.ndarray) -> np.ndarray:
    ordered = np.sort(values)
    kept: np.ndarray = ordered[np.diff(ordered, prepend=-1) != 0]
    return kept


def _tally(key: np.ndarray, person: np.ndarray, minor: np.ndarray) -> _Tally:
    """Count per key. Persons, not rows: one listed by two schools counts once."""
    rows = np.bincount(key)
    keys = np.flatnonzero(rows)
    span = int(person.max(initial=0)) + 1
    pairs = key * span + person
    persons = np.bincount(_distinct(pairs) // span, minlength=len(rows))
    minors = np.bincount(_distinct(pairs[minor]) // span, minlength=len(rows))
    return _Tally(keys.tolist(), rows[keys].tolist(), persons[keys].tolist(), minors[keys].tolist())


def _listing(
    database: duckdb.DuckDBPyConnection, listed: pa.Table, markup: pa.ChunkedArray, split: bool
) -> Listing:
    def codes(name: str) -> tuple[np.ndarray, list[Any]]:
        encoded = listed[name].combine_chunks().dictionary_encode(null_encoding="encode")
        return encoded.indices.to_numpy().astype(np.int64), encoded.dictionary.to_pylist()

    person, _ = codes("person")
    # Sorted by school, then numbered in order of appearance: the numbers are in page order.
    school, schools = codes("uai")
    rank = listed["rank"].to_numpy().astype(np.int64)
    minor = pc.less(listed["age"], 18).fill_null(False).to_numpy()
    size = len(PAGE_ORDER)
    by_section = _tally(rank, person, minor)
    by_school = _tally(school * size + rank, person, minor)

    groups: list[Group] = []
    counted: dict[str, dict[str, int]] = {}
    young: dict[str, int] = {}
    start = 0
    for key, rows, persons, minors in zip(
        by_school.keys, by_school.rows, by_school.persons, by_school.minors, strict=True
    ):
        uai, section = schools[key // size] or "", PAGE_ORDER[key % size]
        counted.setdefault(uai, {})[section] = persons
        if section == "verifier":
            young[uai] = minors
        if split:
            groups.append(Group(uai, section, rows, persons, minors, start, start + rows))
            start += rows
    totals: dict[str, tuple[int, int, int]] = {}
    for key, rows, persons, minors in zip(
        by_section.keys, by_section.rows, by_section.persons, by_section.minors, strict=True
    ):
        section = PAGE_ORDER[key]
        totals[section] = (rows, persons, minors)
        if not split:
            groups.append(Group("", section, rows, persons, minors, start, start + rows))
            start += rows
    return Listing(
        groups=groups,
        markup=markup,
        totals=totals,
        lanes=[lane for lane in pc.unique(listed["lane"]).to_pylist() if lane],
        ages=database.execute("SELECT age, count(DISTINCT person) FROM listed "
                              "WHERE rank = 0 GROUP BY 1 ORDER BY 1").fetchall(),
        months=database.execute(_MONTHS).fetchall(),
        by_school=counted,
        minors_by_school=young,
    )  # fmt: skip
