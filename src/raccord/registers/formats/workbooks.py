"""Workbooks (xlsx, xls, ods) read without ever evaluating anything.

python-calamine gives the values stored in the cells: a formula is only the last result its author's
software saved. Size and extent are checked before the file is opened, since one cell at XFD1048576
or a zip bomb would otherwise take all the memory.
"""

import io
import re
import zipfile
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date
from typing import IO, BinaryIO
from xml.parsers import expat

from python_calamine import CalamineSheet, CalamineWorkbook

from raccord.registers.documents import Document
from raccord.registers.formats.cells import folded_label, written
from raccord.registers.formats.delimited import HEADER_LINES, Record, head_of
from raccord.registers.problems import RefusedFile

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

#: A workbook of 100,000 pupils with 62 columns is about 300 MB once unzipped.
MAX_UNZIPPED = 600 << 20
#: Deflate cannot do better than 1,032; spreadsheets stay under 60, save for tiny parts.
MAX_RATIO = 250
#: Size of an .xls file: its own limit of 65,536 rows keeps real ones far below.
MAX_XLS = 150 << 20
MAX_MEMBERS = 2_000
#: Rows × columns of one sheet, empty cells included: they all take memory.
MAX_CELLS = 20_000_000
_CHUNK = 1 << 20

_CELL = re.compile(rb'\sr="([A-Z]{1,3})([0-9]{1,7})"')
#: Workbooks looked at lately: each format asks for the header in its turn.
_PEEKS = 8


@dataclass(frozen=True)
class SheetHeading:
    """Where the table is: sheet, header row (0-based), labels, calendar and day of last change."""

    sheet: str
    row: int
    columns: tuple[str, ...]
    names: tuple[str, ...]
    epoch: int = 1900
    changed_on: date | None = None


@dataclass(frozen=True)
class _Peek:
    """The first rows of every sheet, the calendar and the day of last change."""

    sheets: dict[str, list[list[str]]]
    epoch: int
    changed_on: date | None


_peeks: OrderedDict[tuple[object, ...], _Peek] = OrderedDict()


def is_workbook(document: Document) -> bool:
    """From the first bytes: a zip that holds a workbook, or an OLE file."""
    head = head_of(document)
    if head.startswith(_OLE):
        return True
    if not head.startswith(_ZIP):
        return False
    if b"xl/" in head or b"opendocument.spreadsheet" in head:
        return True
    if b"[Content_Types].xml" not in head or len(head) >= document.size:
        return False
    try:
        with document.open() as stream, zipfile.ZipFile(stream) as archive:
            return any(name.startswith("xl/") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def _refused(document: Document, reason: str) -> RefusedFile:
    return RefusedFile(document.label, reason)


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    """Chunks that overlap by 200 bytes: no attribute is cut in two."""
    tail = b""
    while data := stream.read(_CHUNK):
        yield tail + data
        tail = data[-200:]


def _check_extent(document: Document, archive: zipfile.ZipFile, name: str) -> None:
    """Refuse a sheet whose bounding rectangle would not fit in memory."""
    with archive.open(name) as stream:
        columns, rows = (
            _xlsx_extent(stream) if name.startswith("xl/") else _OdsExtent(document).of(stream)
        )
    if rows * columns > MAX_CELLS:
        raise _too_wide(document, rows, columns)


def _too_wide(document: Document, rows: int, columns: int) -> RefusedFile:
    return _refused(
        document,
        f"une feuille s'étend sur {rows} lignes et {columns} colonnes, presque toutes vides : "
        "supprimer les cellules isolées loin du tableau, puis enregistrer à nouveau.",
    )


def _xlsx_extent(stream: IO[bytes]) -> tuple[int, int]:
    columns = rows = 1
    for chunk in _chunks(stream):
        found = _CELL.findall(chunk)
        if found:
            rows = max(rows, *(int(row) for _, row in found))
            columns = max(columns, *(_column_number(c) for c in {c for c, _ in found}))
    return columns, rows


class _OdsExtent:
    """Rectangle of the filled cells of an .ods: a repeated filled cell takes its whole place.

    Read with expat, which keeps nothing; a document type is refused, as no spreadsheet has one.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._columns = self._rows = self._row = self._column = self._times = 0
        self._is_filled = False

    def of(self, stream: IO[bytes]) -> tuple[int, int]:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._refuse
        try:
            parser.ParseFile(stream)
        except expat.ExpatError:
            raise _unreadable(self._document) from None
        return self._columns, self._rows

    def _refuse(self, *_: object) -> None:
        raise _unreadable(self._document)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(":")[2]
        if kind == "table":
            self._row = 0
        elif kind == "table-row":
            self._column, self._is_filled = 0, False
            self._times = self._repeated(attributes, "table:number-rows-repeated")
        elif kind in ("table-cell", "covered-table-cell"):
            self._column += self._repeated(attributes, "table:number-columns-repeated")
            if any(a.endswith(":value-type") for a in attributes):
                self._is_filled = True
                self._columns = max(self._columns, self._column)
                self._check(self._row + self._times)

    def _end(self, name: str) -> None:
        if name.endswith(":table-row"):
            self._row += self._times
            if self._is_filled:
                self._rows = max(self._rows, self._row)

    def _check(self, rows: int) -> None:
        if self._columns * rows > MAX_CELLS:
            raise _too_wide(self._document, rows, self._columns)

    def _repeated(self, attributes: dict[str, str], name: str) -> int:
        text = attributes.get(name, "1")
        if not text.isdecimal() or len(text) > 9:
            raise _unreadable(self._document)
        return int(text)


def _check_archive(document: Document, stream: BinaryIO) -> tuple[int, date | None]:
    """Refuse bombs; return the calendar (1900 or 1904) and the day of last change when written."""
    epoch, changed_on = 1900, None
    with zipfile.ZipFile(stream) as archive:
        members = archive.infolist()
        total = sum(m.file_size for m in members)
        packed = sum(m.compress_size for m in members) or 1
        if (
            len(members) > MAX_MEMBERS
            or total > MAX_UNZIPPED
            or (total > (1 << 20) and total / packed > MAX_RATIO)
        ):
            raise _refused(
                document,
                f"le classeur occuperait {total >> 20} Mo une fois décompressé, il n'est pas lu. "
                "Refaire l'export, ou l'enregistrer en CSV.",
            )
        if any(m.flag_bits & 1 for m in members):
            raise _refused(document, "le classeur est protégé par un mot de passe : le retirer.")
        for member in members:
            name = member.filename
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml|content\.xml", name):
                _check_extent(document, archive, name)
            elif name == "xl/workbook.xml" and member.file_size < _CHUNK:
                if re.search(rb'date1904="(1|true)"', archive.read(name)):
                    epoch = 1904
            elif name in ("docProps/core.xml", "meta.xml") and member.file_size < _CHUNK:
                found = re.search(
                    rb"<(?:dcterms:modified|dc:date)[^>]*>([0-9]{4}-[0-9]{2}-[0-9]{2})",
                    archive.read(name),
                )
                with suppress(ValueError):
                    changed_on = date.fromisoformat(found.group(1).decode()) if found else None
    return epoch, changed_on


def _opened(document: Document) -> tuple[CalamineWorkbook, int, date | None]:
    """The workbook, its calendar, its day of last change. Raises RefusedFile."""
    epoch, changed_on = 1900, None
    try:
        with document.open() as stream:
            if head_of(document).startswith(_ZIP):
                source: BinaryIO = stream
                if not stream.seekable():
                    if document.size > MAX_UNZIPPED:
                        raise _refused(document, "le classeur est trop volumineux.")
                    source = io.BytesIO(stream.read())
                epoch, changed_on = _check_archive(document, source)
                source.seek(0)
            elif document.size > MAX_XLS:
                raise _refused(document, "le classeur est trop volumineux : l'enregistrer en CSV.")
            else:
                source = stream
            content = io.BytesIO(source.read(MAX_UNZIPPED))
        return CalamineWorkbook.from_filelike(content), epoch, changed_on
    except RefusedFile:
        raise
    except BaseException as error:  # noqa: BLE001 - see _broken
        raise _broken(document, error) from None


def _broken(document: Document, error: BaseException) -> BaseException:
    """A RefusedFile for any fault of the file; Rust panics derive from BaseException only."""
    if isinstance(error, (KeyboardInterrupt, SystemExit, GeneratorExit)):
        return error
    if "assword" in type(error).__name__ + str(error):
        return _refused(document, "le classeur est protégé par un mot de passe : le retirer.")
    return _unreadable(document)


def _unreadable(document: Document) -> RefusedFile:
    return _refused(
        document, "le classeur est abîmé ou incomplet : refaire l'export, ou l'enregistrer en CSV."
    )


def find_heading(document: Document, required: frozenset[str]) -> SheetHeading | None:
    """The first sheet and row whose folded labels hold all of `required`. Raises RefusedFile."""
    peek = _peek(document)
    for sheet, rows in peek.sheets.items():
        for number, cells in enumerate(rows):
            columns = list(cells)
            while columns and not columns[-1]:
                columns.pop()
            names = tuple(folded_label(c) for c in columns)
            if required <= set(names):
                return SheetHeading(
                    sheet, number, tuple(columns), names, peek.epoch, peek.changed_on
                )
    return None


def _peek(document: Document) -> _Peek:
    modified = 0
    if not document.member:
        with suppress(OSError):
            modified = document.path.stat().st_mtime_ns
    key = (document.path, document.member, document.size, modified, hash(head_of(document)))
    if key not in _peeks:
        workbook, epoch, changed_on = _opened(document)
        with closing(workbook):
            sheets = {
                name: [cells for _, cells in _rows(document, workbook, name, HEADER_LINES)]
                for name in workbook.sheet_names
            }
        _peeks[key] = _Peek(sheets, epoch, changed_on)
        if len(_peeks) > _PEEKS:
            _peeks.popitem(last=False)
    return _peeks[key]


def _rows(
    document: Document, workbook: CalamineWorkbook, name: str, limit: int | None = None
) -> Iterator[tuple[int, list[str]]]:
    try:
        sheet: CalamineSheet = workbook.get_sheet_by_name(name)
        for number, cells in enumerate(sheet.iter_rows()):
            if limit is not None and number >= limit:
                return
            yield number, [written(c) for c in cells]
    except BaseException as error:  # noqa: BLE001 - see _broken
        raise _broken(document, error) from None


def records(document: Document, heading: SheetHeading) -> Iterator[Record]:
    """Every row after the header; `line` is the row number a person sees in the spreadsheet."""
    workbook, _, _ = _opened(document)
    with closing(workbook):
        for number, cells in _rows(document, workbook, heading.sheet):
            if number > heading.row:
                yield Record(number + 1, cells)
