"""CSV, XLSX and ODS. No cell of a list is ever a formula, whatever somebody is called."""

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date
from typing import IO
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from raccord.followup.exports.rows import HEADERS, Cell

#: A spreadsheet runs what starts so (OWASP, CSV injection).
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
}


def safe(text: str) -> str:
    """A text of a CSV, which has no types: an apostrophe keeps it a text."""
    return f"'{text}" if text.lstrip(" \u00a0\u202f").startswith(_DANGEROUS) else text


def printable(text: str) -> str:
    """Without the signs that XML refuses."""
    return "".join(
        c for c in text if c in "\n\t" or (ord(c) >= 32 and ord(c) not in (0xFFFE, 0xFFFF))
    )


def _said(cell: Cell) -> str | int:
    if cell is None:
        return ""
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    return safe(cell) if isinstance(cell, str) else cell


def as_csv(rows: Iterable[list[Cell]]) -> Iterator[bytes]:
    """For a French spreadsheet: semicolons, and the mark that says UTF-8. In pieces."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    buffer.write("\ufeff")
    writer.writerow(HEADERS)
    for rank, cells in enumerate(rows):
        writer.writerow([_said(cell) for cell in cells])
        if rank % 200 == 199:
            yield _taken(buffer)
    yield _taken(buffer)


def _taken(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode("utf-8")
    buffer.seek(0)
    buffer.truncate()
    return piece


def as_xlsx(rows: Iterable[list[Cell]], title: str) -> IO[bytes]:
    """Written row by row in a temporary file without a name."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    bold = Font(bold=True)
    heads = []
    for header in HEADERS:
        head = WriteOnlyCell(sheet, header)
        head.font = bold
        heads.append(head)
    sheet.append(heads)
    for cells in rows:
        sheet.append([_typed(sheet, cell) for cell in cells])
    found = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the response
    book.save(found)
    found.seek(0)
    return found


def _typed(sheet: object, cell: Cell) -> object:
    if not isinstance(cell, str):
        made = WriteOnlyCell(sheet, cell)
        if isinstance(cell, date):
            made.number_format = "DD/MM/YYYY"
        return made
    made = WriteOnlyCell(sheet, printable(cell))
    made.data_type = "s"  # openpyxl makes a formula of what starts with « = »
    return made


_NAMESPACES = " ".join(
    f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for short, name in (
        ("office", "office"),
        ("table", "table"),
        ("text", "text"),
        ("style", "style"),
        ("number", "datastyle"),
        ("fo", "xsl-fo-compatible"),
    )
)
_MANIFEST = """<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" \
manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:version="1.3" \
manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/><manifest:file-entry \
manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>"""
_STYLES = """<office:automatic-styles><number:date-style style:name="day"><number:day \
number:style="long"/><number:text>/</number:text><number:month number:style="long"/><number:text>/\
</number:text><number:year number:style="long"/></number:date-style><style:style style:name="date" \
style:family="table-cell" style:data-style-name="day"/><style:style style:name="head" \
style:family="table-cell"><style:text-properties fo:font-weight="bold"/></style:style>\
</office:automatic-styles>"""


def as_ods(rows: Iterable[list[Cell]], title: str) -> IO[bytes]:
    """OpenDocument 1.3, row by row: a library would hold the whole tree in memory."""
    found = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the response
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        kind = zipfile.ZipInfo("mimetype")
        archive.writestr(kind, TYPES["ods"], zipfile.ZIP_STORED)
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
        with archive.open("content.xml", "w") as content:
            for piece in _content(rows, title):
                content.write(piece.encode("utf-8"))
    found.seek(0)
    return found


def _content(rows: Iterable[list[Cell]], title: str) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<office:document-content {_NAMESPACES} office:version="1.3">{_STYLES}'
    name = escape(printable(title), {'"': "&quot;"})
    yield f'<office:body><office:spreadsheet><table:table table:name="{name}">'
    heads = "".join(_text(header, "head") for header in HEADERS)
    yield f"<table:table-header-rows><table:table-row>{heads}</table:table-row>"
    yield "</table:table-header-rows>"
    for cells in rows:
        yield f"<table:table-row>{''.join(_ods(cell) for cell in cells)}</table:table-row>"
    yield "</table:table></office:spreadsheet></office:body></office:document-content>"


def _ods(cell: Cell) -> str:
    if cell is None or cell == "":
        return "<table:table-cell/>"
    if isinstance(cell, date):
        return (
            f'<table:table-cell table:style-name="date" office:value-type="date" '
            f'office:date-value="{cell.isoformat()}"><text:p>{cell:%d/%m/%Y}</text:p>'
            "</table:table-cell>"
        )
    if isinstance(cell, int):
        return (
            f'<table:table-cell office:value-type="float" office:value="{cell}">'
            f"<text:p>{cell}</text:p></table:table-cell>"
        )
    return _text(cell)


def _text(cell: str, style: str = "") -> str:
    named = f' table:style-name="{style}"' if style else ""
    return (
        f'<table:table-cell{named} office:value-type="string">'
        f"<text:p>{escape(printable(cell))}</text:p></table:table-cell>"
    )
