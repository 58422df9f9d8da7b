"""The plain register file, the contract other people's scripts rely on: CSV, Parquet, workbook.

Columns `nom_famille`, `prenom` and `date_naissance` must exist; any other column of the contract
may be missing or empty; unknown ones are reported and ignored. An empty `source` is the one
stated, else "plain"; an empty `uai` is the one stated. `identifiant_local` is taken as written.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet as pq

from raccord.registers.documents import Document
from raccord.registers.enrolment import (
    ALL_COLUMNS,
    DATE_COLUMNS,
    ENROLMENT_SCHEMA,
    REQUIRED_COLUMNS,
    Nature,
)
from raccord.registers.forbidden import without_forbidden
from raccord.registers.formats import Reading, cells, delimited, tables
from raccord.registers.problems import Problem, RefusedFile, Severity

NAME = "plain"
LABEL = "Fichier simple (contrat Raccord)"
NATURE = Nature.INSCRIPTION
VERSION = 1

#: Everything a plain file may hold; `ligne` is ours.
_READ = tuple(column for column in ALL_COLUMNS if column != "ligne")
_IDENTITY = tables.Identity("identifiant_local", "nom_famille", "prenom", "date_naissance")
#: Two of the three required columns make a plain file, the third being missing refuses it.
_SIGNS = (
    frozenset({"nom_famille", "prenom"}),
    frozenset({"nom_famille", "date_naissance"}),
    frozenset({"prenom", "date_naissance", "identifiant_local"}),
)
_PARQUET = b"PAR1"
#: What Arrow raises on damaged metadata; names in it may not even be text.
_DAMAGE = (pa.ArrowException, OSError, ValueError)
_CODES = ("code_postal", "commune_naissance", "commune_residence")
#: A spreadsheet abbreviates long numbers only; names hold no `E+`.
_LONG_NUMBERS = ("ine", "identifiant_local", "telephone", "representant_telephone", "mef")
_SEXES = {value: cells.sex(value) for value in ("M", "F", "m", "f", "H", "h", "1", "2")}

#: An Arrow array of strings; like pyarrow.compute, more than its published types say.
Column: TypeAlias = Any
Columns = dict[str, Column]

pc: Any = pyarrow.compute


def recognises(document: Document) -> bool:
    """From the header: at least two of the three required columns, exactly named.

    A workbook that no one can open is taken here, the last format tried, so that `read` refuses it
    with the real reason (password, bomb, damage) rather than « unknown format ».
    """
    if delimited.head_of(document).startswith(_PARQUET):
        try:
            names = set(_parquet_names(_parquet_file(document)))
        except RefusedFile:
            return False
        return any(signs <= names for signs in _SIGNS)
    try:
        return any(tables.find_table(document, signs) is not None for signs in _SIGNS)
    except RefusedFile:
        return True


def csv_dialect(document: Document) -> delimited.Dialect:
    """Delimiter, encoding, quote and columns of a plain delimited file. Raises RefusedFile."""
    for signs in _SIGNS:
        if dialect := delimited.sniff(document, signs):
            _require(document, dialect.names)
            return dialect
    raise RefusedFile(document.label, "ce fichier n'est pas un fichier simple délimité.")


def parquet_columns(path: Path) -> dict[str, str]:
    """Name → Arrow type of the columns of a Parquet file. Raises RefusedFile."""
    try:
        schema = pq.read_schema(path)
    except _DAMAGE as error:
        raise _broken_parquet(path) from error
    return {field.name: str(field.type) for field in schema}


def read(reading: Reading) -> Iterator[pa.RecordBatch]:
    """Batches of ENROLMENT_SCHEMA. Raises RefusedFile."""
    document = reading.document
    if delimited.head_of(document).startswith(_PARQUET):
        yield from _read_parquet(reading)
        return
    table = next(filter(None, (tables.find_table(document, signs) for signs in _SIGNS)), None)
    if table is None:
        raise RefusedFile(
            document.label,
            f"les colonnes {', '.join(REQUIRED_COLUMNS)} doivent exister dans un fichier simple.",
        )
    _require(document, table.names)
    tables.report_columns(reading, table, _READ)
    if table.dialect is not None:
        yield from _read_delimited(reading, table, table.dialect)
        return
    wanted = {name: table.names.index(name) for name in _READ if name in table.names}
    reader = tables.RowReader(reading, table, _IDENTITY)
    slow = _Slow(reading, wanted, table.epoch)
    for record in reader.records():
        yield from slow.add(record)
    yield from slow.flush()
    reader.finish()


def _require(document: Document, names: tuple[str, ...]) -> None:
    missing = [column for column in REQUIRED_COLUMNS if column not in names]
    if missing:
        raise RefusedFile(
            document.label,
            f"la colonne {', '.join(missing)} manque : un fichier simple doit avoir "
            f"{', '.join(REQUIRED_COLUMNS)}.",
        )


class _Slow:
    """Records one by one into columns: for workbooks, and for blocks Arrow cannot parse."""

    def __init__(self, reading: Reading, wanted: dict[str, int], epoch: int = 1900) -> None:
        self._reading, self._wanted, self._epoch = reading, wanted, epoch
        self._records: list[delimited.Record] = []

    def add(self, record: delimited.Record) -> Iterator[pa.RecordBatch]:
        self._records.append(record)
        if len(self._records) == tables.BATCH_ROWS:
            yield from self.flush()

    def flush(self) -> Iterator[pa.RecordBatch]:
        records, self._records = self._records, []
        if records:
            columns: Columns = {
                name: pa.array([r.fields[position] for r in records], pa.string())
                for name, position in self._wanted.items()
            }
            lines = pa.array([r.line for r in records], pa.int32())
            yield _finished(self._reading, columns, lines, self._epoch)


def _read_delimited(
    reading: Reading, table: tables.Table, dialect: delimited.Dialect
) -> Iterator[pa.RecordBatch]:
    wanted = {name: table.names.index(name) for name in _READ if name in table.names}
    reader = tables.RowReader(reading, table, _IDENTITY)
    parser = delimited.RecordParser(dialect, reader.tally)
    slow = _Slow(reading, wanted)
    for first, data in delimited.blocks(reading.document, dialect):
        found = None if parser.is_waiting else _fast(data, dialect, wanted, reader.tally, first)
        if found is None:
            for record in parser.feed_block(first, data):
                if reader.fits(record):
                    yield from slow.add(record)
            continue
        yield from slow.flush()
        reader.kept += found.num_rows
        for start in range(0, found.num_rows, tables.BATCH_ROWS):
            piece = found.slice(start, tables.BATCH_ROWS).combine_chunks()
            columns = {name: piece.column(name).combine_chunks() for name in wanted}
            lines = pa.array(range(first + start, first + start + piece.num_rows), pa.int32())
            yield _finished(reading, columns, lines, 1900)
    for record in parser.close():
        if reader.fits(record):
            yield from slow.add(record)
    yield from slow.flush()
    reader.finish()


def _fast(
    data: bytes,
    dialect: delimited.Dialect,
    wanted: dict[str, int],
    tally: delimited.EncodingTally,
    first: int,
) -> pa.Table | None:
    """The block parsed by Arrow, or null when a row, a quote or a blank line asks for more care."""
    rows = data.count(b"\n") + (not data.endswith(b"\n"))
    if data.count(b'"') % 2 or b"\n\n" in data or data.startswith(b"\n"):
        return None
    if not data.isascii():
        try:
            data.decode("utf-8")
            tally.utf8 += 1
        except UnicodeDecodeError:
            if dialect.encoding == "utf-8":
                return None
            # The lines of a single-byte file are told apart by their bytes, one by one.
            lines = [delimited.decoded(line) for line in data.split(b"\n")]
            if any(encoding == "utf-8" for _, encoding in lines):
                return None
            data = "\n".join(text for text, _ in lines).encode("utf-8")
            tally.single_byte += 1
            tally.lines[:] = tally.lines or [first]
    names = [f"c{position}" for position in range(len(dialect.names))]
    try:
        found = pyarrow.csv.read_csv(
            io.BytesIO(data),
            read_options=pyarrow.csv.ReadOptions(
                column_names=names, use_threads=False, block_size=len(data) + 1
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=dialect.delimiter, ignore_empty_lines=False
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                include_columns=[names[position] for position in wanted.values()],
                strings_can_be_null=False,
                check_utf8=False,
            ),
        )
    except pa.ArrowException:
        return None
    found = found.rename_columns(list(wanted))
    repeated = pc.any(pc.equal(pc.utf8_lower(found.column("nom_famille")), "nom_famille")).as_py()
    return None if found.num_rows != rows or repeated else found


def _parquet_file(document: Document) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(document.open() if document.member else document.path)
    except _DAMAGE as error:
        raise _broken_parquet(document.label) from error


def _broken_parquet(name: Path | str) -> RefusedFile:
    return RefusedFile(name, "le fichier Parquet est abîmé ou incomplet : le produire à nouveau.")


def _parquet_names(file: pq.ParquetFile) -> tuple[str, ...]:
    return tuple(cells.folded_label(name) for name in file.schema_arrow.names)


def _read_parquet(reading: Reading) -> Iterator[pa.RecordBatch]:
    document = reading.document
    with _parquet_file(document) as file:
        labels = tuple(file.schema_arrow.names)
        names = _parquet_names(file)
        _require(document, names)
        tables.report_columns(reading, tables.Table(labels, names, 1), _READ)
        wanted = {name: labels[names.index(name)] for name in _READ if name in names}
        if not file.metadata.num_rows:
            raise RefusedFile(document.label, "le fichier ne contient aucun élève.")
        line = 1
        batches = file.iter_batches(tables.BATCH_ROWS, columns=list(wanted.values()))
        while True:
            try:
                batch = next(batches, None)
            except _DAMAGE as error:
                raise _broken_parquet(document.label) from error
            if batch is None:
                return
            columns = {name: _as_text(batch.column(label)) for name, label in wanted.items()}
            lines = pa.array(range(line, line + batch.num_rows), pa.int32())
            line += batch.num_rows
            yield _finished(reading, columns, lines, 1900)


def _as_text(values: Column) -> Column:
    """Any sane type as text: dates ISO, whole numbers without `.0`, lists joined with `|`."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return _as_text(values.dictionary_decode())
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        joined = pc.binary_join(values.cast(pa.list_(pa.string())), "|")
        return joined.cast(pa.string())
    if pa.types.is_timestamp(kind):
        return pc.strftime(pc.cast(values, pa.timestamp("s")), "%Y-%m-%d %H:%M:%S").cast(
            pa.string()
        )
    if pa.types.is_floating(kind):
        whole = pc.all(pc.equal(pc.floor(values), values)).as_py()
        return values.cast(pa.int64() if whole else pa.string(), safe=False).cast(pa.string())
    with suppress(pa.ArrowException):
        return values.cast(pa.string())
    return pa.array([None if v is None else str(v) for v in values.to_pylist()], pa.string())


def _finished(reading: Reading, columns: Columns, lines: Column, epoch: int) -> pa.RecordBatch:
    rows = len(lines)
    arrays = []
    for field in ENROLMENT_SCHEMA:
        if field.name == "ligne":
            arrays.append(lines)
        elif field.name in columns:
            arrays.append(_value(reading, field, columns[field.name], lines, epoch))
        else:
            arrays.append(pa.nulls(rows, field.type))
    batch = pa.RecordBatch.from_arrays(arrays, schema=ENROLMENT_SCHEMA)
    batch = _filled(batch, "source", reading.stated_source or NAME)
    if reading.stated_uai:
        batch = _filled(batch, "uai", reading.stated_uai)
    found = pc.unique(pc.utf8_upper(batch.column("uai"))).to_pylist()
    reading.header.uais.update(u for u in found if u)
    years = pc.max(batch.column("annee_scolaire")).as_py()
    if years is not None:
        reading.header.school_year = max(years, reading.header.school_year or years)
    return without_forbidden(batch, reading.problems)


def _filled(batch: pa.RecordBatch, name: str, value: str) -> pa.RecordBatch:
    index = batch.schema.get_field_index(name)
    return batch.set_column(
        index, batch.schema.field(index), pc.fill_null(batch.column(index), value)
    )


def _value(
    reading: Reading,
    field: Any,
    written: Column,
    lines: Column,
    epoch: int,
) -> Column:
    text = pc.utf8_trim(written, characters=cells.BLANKS)
    text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    name = field.name
    if name in _LONG_NUMBERS:
        text = _without_abbreviated(reading, name, text, lines)
    if name in DATE_COLUMNS:
        iso = pc.all(pc.match_substring_regex(text, r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")).as_py()
        return text if iso else _mapped(text, lambda value: cells.iso_day(value, epoch=epoch))
    if name == "sexe":
        return _mapped(text, lambda value: _SEXES.get(value, cells.sex(value)))
    if name in _CODES:
        return _padded(reading, name, text)
    if name == "annee_scolaire":
        years = [cells.school_year(value) for value in text.to_pylist()]
        return pa.array(years, field.type)
    return text


def _mapped(text: Column, function: Callable[[str], str | None]) -> Column:
    """Each different value through a Python function, once."""
    encoded = text.dictionary_encode()
    values = [function(v) for v in encoded.dictionary.to_pylist()]
    return pc.take(pa.array(values, pa.string()), encoded.indices)


def _padded(reading: Reading, name: str, text: Column) -> Column:
    short = pc.match_substring_regex(text, r"^[0-9]{4}$")
    count = pc.sum(short).as_py() or 0
    if not count:
        return text
    reading.problems.add(
        Problem(
            "zero_perdu",
            Severity.NOTICE,
            f"« {name} » : le zéro de tête, perdu par un tableur, est remis.",
            field=name,
        ),
        count,
    )
    return pc.if_else(short, pc.binary_join_element_wise("0", text, ""), text)


def _without_abbreviated(reading: Reading, name: str, text: Column, lines: Column) -> Column:
    lost = pc.fill_null(pc.match_substring_regex(text, r"^[0-9]([.,][0-9]+)?[eE]\+[0-9]+$"), False)
    if not pc.any(lost).as_py():
        return text
    for line in lines.filter(lost).to_pylist():
        reading.problems.add(
            Problem(
                "nombre_abrege",
                Severity.WARNING,
                f"ligne {line} : « {name} » a été abrégé par le tableur (2,17E+13) : valeur "
                "ignorée. Mettre la colonne au format Texte avant d'exporter.",
                line=line,
                field=name,
            )
        )
    return pc.if_else(lost, pa.scalar(None, pa.string()), text)
