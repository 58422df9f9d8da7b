"""What delimited files and workbooks have in common: a header with labels, then rows."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b

import pyarrow as pa

from raccord.registers import identifiers
from raccord.registers.documents import Document
from raccord.registers.enrolment import ENROLMENT_SCHEMA
from raccord.registers.forbidden import without_forbidden
from raccord.registers.formats import Reading, cells, delimited, workbooks
from raccord.registers.problems import Problem, RefusedFile, Severity

#: Rows of one batch (contract of `Format.read`).
BATCH_ROWS = 10_000

#: Labels of data Raccord has no right to keep, whatever the format (nationality, scholarship,
#: social category, health and handicap, boarding, social-security number).
FORBIDDEN_LABEL = re.compile(
    r"(^|_)(nir|rqth|handi|handicap|pcs|natio|nationalite|bourse|boursier|regime|sante|religion"
    r"|numero_securite_sociale|securite_sociale|profession|csp)(_|$)|pays_nat$|pays_nationalite"
)

_DATE_LIKE = re.compile(r"\s*[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}|\s*[0-9]{5,8}\s*$")


@dataclass(frozen=True)
class Table:
    """A table found in a document. `line` is the 1-based line or row of the header."""

    columns: tuple[str, ...]
    names: tuple[str, ...]
    line: int
    epoch: int = 1900
    changed_on: date | None = None
    dialect: delimited.Dialect | None = None
    heading: workbooks.SheetHeading | None = None


@dataclass(slots=True)
class Row:
    """One row by folded label: only the labels asked for, empty values absent."""

    line: int
    values: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str | None:
        return self.values.get(name)


def find_table(document: Document, required: frozenset[str]) -> Table | None:
    """The table whose header holds the `required` folded labels. Raises RefusedFile."""
    if workbooks.is_workbook(document):
        heading = workbooks.find_heading(document, required)
        if heading is None:
            return None
        return Table(
            heading.columns,
            heading.names,
            heading.row + 1,
            heading.epoch,
            heading.changed_on,
            heading=heading,
        )
    dialect = delimited.sniff(document, required)
    if dialect is None:
        return None
    return Table(dialect.columns, dialect.names, dialect.header_line, dialect=dialect)


def recognises(document: Document, required: frozenset[str]) -> bool:
    """Whether the document holds such a table; a workbook that cannot be opened holds none."""
    try:
        return find_table(document, required) is not None
    except RefusedFile:
        return False


def required_table(reading: Reading, required: frozenset[str], label: str) -> Table:
    """The table, or RefusedFile when the document does not hold it (any more)."""
    table = find_table(reading.document, required)
    if table is None:
        raise RefusedFile(
            reading.document.label,
            f"ce fichier n'a pas l'en-tête attendu ({label}) : "
            f"colonnes attendues {', '.join(sorted(required))}.",
        )
    return table


def report_columns(reading: Reading, table: Table, known: Iterable[str]) -> None:
    """Say once which columns are not read, and which appear twice."""
    known_names = set(known)
    seen: set[str] = set()
    for name, whole in zip(table.names, table.columns, strict=True):
        if not name:
            continue
        label, is_again = whole[:80], name in seen
        seen.add(name)
        if FORBIDDEN_LABEL.search(name) and name not in known_names:
            rule, message = (
                "donnee_interdite",
                f"colonne « {label} » : non lue, Raccord n'a pas le droit de la conserver.",
            )
        elif is_again:
            rule, message = (
                "colonne_double",
                f"colonne « {label} » présente deux fois : seule la première est lue.",
            )
        elif name not in known_names:
            rule, message = (
                "colonne_inconnue",
                f"colonne « {label} » inconnue de Raccord : ignorée.",
            )
        else:
            continue
        reading.problems.add(Problem(rule, Severity.NOTICE, message, line=table.line, field=label))


@dataclass(frozen=True)
class Identity:
    """Folded labels that name a row for a human, and the one which must hold a date."""

    local: str
    family_name: str
    first_name: str
    birth: str


def _identity(fields: list[str], names: tuple[str, ...], identity: Identity) -> str:
    """Local number and names of a row that may be shifted: only what looks like them."""
    found = []
    for name in (identity.local, identity.family_name, identity.first_name):
        position = names.index(name) if name in names else len(fields)
        value = cells.trimmed(fields[position]) if position < len(fields) else ""
        letters = name != identity.local
        if re.fullmatch(r"[^\W\d_][^\d;,|\t]{0,40}" if letters else r"[0-9A-Za-z_-]{1,12}", value):
            found.append(value)
    return " ".join(found)


def read_rows(
    reading: Reading, table: Table, wanted: Iterable[str], identity: Identity
) -> Iterator[Row]:
    """Rows with the wanted labels; what cannot be read is reported and the others go on.

    Raises RefusedFile when no row at all can be used.
    """
    positions = {name: table.names.index(name) for name in wanted if name in table.names}
    reader = RowReader(reading, table, identity)
    for record in reader.records():
        fields = record.fields
        values = {
            name: text
            for name, position in positions.items()
            if (written := fields[position]) and (text := cells.trimmed(written))
        }
        for name in [n for n, v in values.items() if "+" in v and cells.is_abbreviated(v)]:
            reader.report_abbreviated(record, name)
            del values[name]
        yield Row(record.line, values)
    reader.finish()


class RowReader:
    """Records brought to the width of the header; keeps count of what is set aside."""

    def __init__(self, reading: Reading, table: Table, identity: Identity) -> None:
        self._reading = reading
        self._table = table
        self._identity = identity
        self._width = len(table.names)
        self._birth = table.names.index(identity.birth) if identity.birth in table.names else -1
        self.kept = 0
        self.rejected = 0
        self._blank = 0
        self._beyond = 0
        self.tally = delimited.EncodingTally()

    def records(self) -> Iterator[delimited.Record]:
        """Usable records of the whole table."""
        table = self._table
        if table.dialect is not None:
            source = delimited.records(self._reading.document, table.dialect, self.tally)
        elif table.heading is not None:
            source = workbooks.records(self._reading.document, table.heading)
        else:
            raise TypeError("a table is delimited or a sheet")
        for record in source:
            if self.fits(record):
                yield record

    def fits(self, record: delimited.Record) -> bool:
        """Whether the record can be used; cuts or completes it to the width of the header."""
        fields = record.fields
        if not any(cells.trimmed(f) for f in fields):
            self._blank += 1
            return False
        if self._is_header(fields):
            self._say("entete_repete", Severity.NOTICE, record, "l'en-tête est répété : ignoré.")
            return False
        if len(fields) > self._width:
            beyond = any(map(cells.trimmed, fields[self._width :]))
            if not beyond or self._table.heading is not None:
                # In a sheet, what is typed to the right of the table cannot have shifted it.
                self._beyond += beyond
                del fields[self._width :]
        if len(fields) != self._width:
            has_birth = 0 <= self._birth < len(fields) and _DATE_LIKE.match(fields[self._birth])
            missing = self._width - len(fields)
            if missing < 0 or not (has_birth or self._table.heading is not None):
                self.rejected += 1
                self._say(
                    "ligne_illisible",
                    Severity.REJECTED,
                    record,
                    f"{len(fields)} valeurs pour {self._width} colonnes, ligne non lue : vérifier "
                    "les séparateurs et les guillemets dans cette ligne.",
                )
                return False
            fields.extend([""] * missing)
            if self._table.dialect is not None:
                self._say(
                    "ligne_incomplete",
                    Severity.WARNING,
                    record,
                    f"{missing} valeurs manquent en fin de ligne : lues comme vides.",
                )
        if record.broken:
            self._say(
                "guillemet_ouvert",
                Severity.WARNING,
                record,
                "un guillemet n'est jamais refermé : ligne lue sans en tenir compte.",
            )
        self.kept += 1
        return True

    def _is_header(self, fields: list[str]) -> bool:
        names = self._table.names
        if cells.folded_label(fields[0]) != names[0] or len(fields) < 2:
            return False
        return all(cells.folded_label(f) == n for f, n in zip(fields, names, strict=False))

    def _say(self, rule: str, severity: Severity, record: delimited.Record, message: str) -> None:
        identity = _identity(record.fields, self._table.names, self._identity)
        where = f"ligne {record.line}" + (f" ({identity})" if identity else "")
        self._reading.problems.add(
            Problem(rule, severity, f"{where} : {message}", record.line, identity)
        )

    def report_abbreviated(self, record: delimited.Record, name: str) -> None:
        """A number a spreadsheet wrote as 2,17103E+13: unrecoverable."""
        label = self._table.columns[self._table.names.index(name)]
        self._say(
            "nombre_abrege",
            Severity.WARNING,
            record,
            f"« {label} » a été abrégé par le tableur (2,17E+13) : valeur ignorée. "
            "Mettre la colonne au format Texte avant d'exporter.",
        )

    def finish(self) -> None:
        """Say what concerns the whole file. Raises RefusedFile when nothing could be read."""
        problems, document = self._reading.problems, self._reading.document
        tally = self.tally
        if tally.utf8 and tally.single_byte:
            problems.add(
                Problem(
                    "encodage_melange",
                    Severity.WARNING,
                    f"deux encodages dans le même fichier (lignes {tally.lines} en ISO-8859-15 ou "
                    "cp1252, les autres en UTF-8) : chaque ligne est lue dans le sien.",
                    line=tally.lines[0],
                )
            )
        if self._blank:
            problems.add(
                Problem("ligne_vide", Severity.NOTICE, f"{self._blank} lignes vides ignorées."),
                self._blank,
            )
        if self._beyond:
            problems.add(
                Problem(
                    "hors_tableau",
                    Severity.NOTICE,
                    f"{self._beyond} lignes ont des cellules à droite du tableau, sans titre de "
                    "colonne : ces cellules sont ignorées.",
                ),
                self._beyond,
            )
        if not self.kept:
            reason = (
                f"aucune des {self.rejected} lignes n'a pu être lue : vérifier le séparateur."
                if self.rejected
                else "le fichier ne contient aucun élève : refaire l'export."
            )
            raise RefusedFile(document.label, reason)


def batches(
    reading: Reading, rows: Iterable[Mapping[str, object]], source: str
) -> Iterator[pa.RecordBatch]:
    """Record batches of ENROLMENT_SCHEMA from rows by plain column; absent is null."""
    waiting: list[Mapping[str, object]] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) == BATCH_ROWS:
            yield _batch(reading, waiting, source)
            waiting = []
    if waiting:
        yield _batch(reading, waiting, source)


def _batch(reading: Reading, rows: list[Mapping[str, object]], source: str) -> pa.RecordBatch:
    stated = reading.stated_source or source
    arrays = []
    for column in ENROLMENT_SCHEMA:
        if column.name == "source":
            arrays.append(pa.array([stated] * len(rows), pa.string()))
        else:
            arrays.append(pa.array([r.get(column.name) for r in rows], column.type))
    batch = pa.RecordBatch.from_arrays(arrays, schema=ENROLMENT_SCHEMA)
    reading.header.uais.update(u for u in batch.column("uai").unique().to_pylist() if u)
    return without_forbidden(batch, reading.problems)


def stable_number(*parts: str | None) -> str:
    """A local number for a format that has none: the same names and birth give the same one."""
    text = "\x1f".join(cells.folded_label(p or "") for p in parts)
    return "x" + blake2b(text.encode(), digest_size=6).hexdigest()


def looks_like_ine(value: str | None) -> bool:
    """The shape of one of the INE families, spaces and case aside; no key is checked."""
    return value is not None and identifiers.ine(value).family is not None


def establishment(reading: Reading) -> str | None:
    """The UAI of a format that carries none: stated by the feed, else read in the file's name."""
    if reading.stated_uai:
        return reading.stated_uai
    path = reading.document.path
    hint = cells.uai_in_name(reading.document.member, path.name, path.parent.name)
    message = (
        f"le fichier ne dit pas son établissement : UAI {hint} lu dans son nom."
        if hint
        else "le fichier ne dit pas son établissement, et son nom non plus : mettre l'UAI dans le "
        "nom du fichier ou du dossier."
    )
    rule = "uai_du_nom" if hint else "uai_absent"
    reading.problems.add(Problem(rule, Severity.NOTICE, message, field="uai", value=hint or ""))
    return hint


def named(*values: str | None) -> str:
    """How a row is named to a human: number and names, each cut short."""
    return " ".join(value[:40] for value in values if value)


def joined(*values: str | None) -> str | None:
    """The non-empty values separated by a space, or null."""
    return " ".join(v for v in values if v) or None
