"""Delimited text files (CSV and its cousins), read by blocks: memory never follows the file.

Encoding, separator, quotes and line ends are found in the content. A line that cannot be read is
given to the caller as such, with its number; nothing is lost silently.
"""

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from raccord.registers.documents import HEAD_SIZE, Document
from raccord.registers.formats.cells import folded_label
from raccord.registers.problems import RefusedFile

#: Bytes of one line beyond which a file is no register; a real row is under 2 kB.
MAX_LINE = 1 << 20
#: Lines a quoted value may span: an address has six at most. Beyond, the quote was never closed.
MAX_RECORD_LINES = 20
#: Bytes read at once.
BLOCK = 1 << 22
#: Lines among which the header is looked for: some software writes a title or `sep=;` first.
HEADER_LINES = 20

QUOTE = '"'
_DELIMITERS = (";", ",", "\t", "|")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_NOT_TEXT = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"PAR1", b"%PDF", b"\x1f\x8b")
#: In ISO-8859-15 these bytes are € Š š Ž ž Œ œ Ÿ; in cp1252, signs no name holds.
_LATIN9 = frozenset(b"\xa4\xa6\xa8\xb4\xb8\xbc\xbd\xbe")
_C1 = frozenset(range(0x80, 0xA0))


@dataclass(frozen=True)
class Dialect:
    """How a delimited file is written: `columns` are its labels, `names` the same folded.

    `encoding` is a Python codec name; `header_line` is 1-based; `skip` is the number of bytes of
    the byte-order mark.
    """

    delimiter: str
    encoding: str
    columns: tuple[str, ...]
    names: tuple[str, ...]
    header_line: int
    quote: str = QUOTE
    skip: int = 0


@dataclass(slots=True)
class Record:
    """One row: `line` is where it begins; `broken` says its quotes could not be trusted."""

    line: int
    fields: list[str]
    broken: bool = False


@dataclass
class EncodingTally:
    """Lines that hold an accented character, by the way they are encoded."""

    utf8: int = 0
    single_byte: int = 0
    unreadable: int = 0
    lines: list[int] = field(default_factory=list)


def head_of(document: Document) -> bytes:
    """The first bytes of a document, read when the document does not carry them."""
    if document.head:
        return document.head
    with document.open() as stream:
        return stream.read(HEAD_SIZE)


def decoded(line: bytes) -> tuple[str, str]:
    """The text of a line and how it was encoded: "ascii", "utf-8", "cp1252" or "iso8859-15".

    Strict UTF-8 is almost never an accident; otherwise a single-byte encoding, which one being
    told by the bytes 0x80–0x9F (only cp1252 prints them). An unprintable byte becomes `?`, the
    sign SIECLE uses and the comparison knows.
    """
    if line.isascii():
        return line.decode("ascii"), "ascii"
    try:
        return line.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    present = set(line)
    encoding = "iso8859-15" if present & _LATIN9 and not present & _C1 else "cp1252"
    return line.decode(encoding, "replace").replace("\ufffd", "?"), encoding


def _is_text(head: bytes) -> bool:
    if head.startswith(_NOT_TEXT) or head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return False
    return b"\x00" not in head or head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def _cut(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return text.split(delimiter)


def sniff(document: Document, required: frozenset[str]) -> Dialect | None:
    """The dialect of a delimited file whose header holds the `required` folded labels, or null."""
    head = head_of(document)
    if not _is_text(head):
        return None
    encoding, skip = next(((e, len(b)) for b, e in _BOMS if head.startswith(b)), ("", 0))
    wide = encoding.startswith("utf-16")
    raw = head[skip:].decode(encoding, "ignore").encode("utf-8") if wide else head[skip:]
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    # The last line of a longer file may be cut in the middle.
    complete = lines if len(head) >= document.size else (lines[:-1] or lines)
    for number, line in enumerate(complete[:HEADER_LINES], start=1):
        text, _ = decoded(line)
        for delimiter in _DELIMITERS:
            columns = [c.strip() for c in _cut(text, delimiter)]
            while columns and not columns[-1]:
                columns.pop()
            names = tuple(folded_label(c) for c in columns)
            if required <= set(names):
                if not encoding:
                    kinds = {decoded(each)[1] for each in complete} - {"ascii"}
                    encoding = kinds.pop() if len(kinds) == 1 else "utf-8"
                return Dialect(delimiter, encoding, tuple(columns), names, number, QUOTE, skip)
    return None


def _raw_blocks(stream: BinaryIO, dialect: Dialect) -> Iterator[bytes]:
    """Blocks of single-byte or UTF-8 bytes with `\\n` line ends, the byte-order mark removed."""
    if dialect.skip:
        stream.read(dialect.skip)
    decoder = (
        codecs.getincrementaldecoder(dialect.encoding)("replace")
        if dialect.encoding.startswith("utf-16")
        else None
    )
    ends_with_return = False
    while data := stream.read(BLOCK):
        block = decoder.decode(data).encode("utf-8", "replace") if decoder else data
        if ends_with_return:
            block = b"\r" + block
        ends_with_return = block.endswith(b"\r")
        if ends_with_return:
            block = block[:-1]
        if b"\r" in block:
            block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        yield block
    if ends_with_return:
        yield b"\n"


def blocks(document: Document, dialect: Dialect) -> Iterator[tuple[int, bytes]]:
    """Whole lines by blocks, with the number of the first: the header and what precedes skipped.

    Raises RefusedFile when a line is longer than MAX_LINE, before it is in memory.
    """
    rest, line = b"", 1
    with document.open() as stream:
        for raw in _raw_blocks(stream, dialect):
            # A quoted label may hold a line end: real headers do not, and `sniff` refused it.
            data = rest + raw
            cut = data.rfind(b"\n") + 1
            rest = data[cut:]
            # One of these windows holds no line end when a line is twice as long as allowed.
            for start in range(0, cut - MAX_LINE, MAX_LINE):
                if data.find(b"\n", start, start + MAX_LINE) < 0:
                    raise _too_long(document, line + data.count(b"\n", 0, start))
            if len(rest) > MAX_LINE:
                raise _too_long(document, line + data.count(b"\n", 0, cut))
            if cut:
                yield from _after_header(line, data[:cut], dialect)
                line += data.count(b"\n", 0, cut)
    if rest:
        yield from _after_header(line, rest, dialect)


def _after_header(first: int, data: bytes, dialect: Dialect) -> Iterator[tuple[int, bytes]]:
    while first <= dialect.header_line and data:
        data = data[data.find(b"\n") + 1 :] if b"\n" in data else b""
        first += 1
    if data:
        yield first, data


def _too_long(document: Document, line: int) -> RefusedFile:
    return RefusedFile(
        document.label,
        f"une ligne dépasse {MAX_LINE // 1024} ko : ce n'est pas un export d'élèves ligne à ligne. "
        "Refaire l'export depuis le logiciel d'origine.",
        line,
    )


class RecordParser:
    """Lines to records, quoted line ends included; an unclosed quote swallows nothing."""

    def __init__(self, dialect: Dialect, tally: EncodingTally | None = None) -> None:
        self._delimiter = dialect.delimiter
        self._width = len(dialect.names)
        self._pending: list[tuple[int, str]] = []
        self.tally = tally or EncodingTally()

    @property
    def is_waiting(self) -> bool:
        """Whether a quoted value goes on in the next line."""
        return bool(self._pending)

    def feed_block(self, first: int, data: bytes) -> Iterator[Record]:
        """The records of whole lines; a record still open waits for the next block."""
        for offset, line in enumerate(data.removesuffix(b"\n").split(b"\n")):
            text, encoding = decoded(line)
            if encoding != "ascii":
                self._count(first + offset, encoding, text)
            yield from self._feed(first + offset, text)

    def close(self) -> Iterator[Record]:
        """The records of a file that ends inside a quoted value."""
        while self._pending:
            yield from self._recover()

    def _count(self, line: int, encoding: str, text: str) -> None:
        if encoding == "utf-8":
            self.tally.utf8 += 1
            self.tally.unreadable += "\ufffd" in text
        else:
            self.tally.single_byte += 1
            if len(self.tally.lines) < 5:
                self.tally.lines.append(line)

    def _feed(self, line: int, text: str) -> Iterator[Record]:
        if not self._pending and QUOTE not in text:
            yield Record(line, text.split(self._delimiter))
            return
        self._pending.append((line, text))
        whole = "\n".join(t for _, t in self._pending)
        record = self._parse(self._pending[0][0], whole)
        if record is not None:
            self._pending.clear()
            yield record
        elif len(self._pending) > MAX_RECORD_LINES or len(whole) > MAX_LINE:
            yield from self._recover()

    def _parse(self, line: int, text: str) -> Record | None:
        """The record, or null when a quoted value goes on in the next line."""
        try:
            return Record(
                line, next(csv.reader([text], delimiter=self._delimiter, strict=True), [])
            )
        except csv.Error as error:
            if "end of data" in str(error):
                return None
        # Something follows a closing quote: as csv forgives it, or as if quotes meant nothing,
        # whichever gives the right number of values.
        try:
            fields = next(csv.reader([text], delimiter=self._delimiter), [])
        except csv.Error:
            fields = []
        if len(fields) == self._width:
            return Record(line, fields)
        unquoted = self._unquoted(text)
        return Record(line, unquoted if len(unquoted) == self._width else fields or [text], True)

    def _unquoted(self, text: str) -> list[str]:
        return [f.strip(QUOTE) for f in text.split(self._delimiter)]

    def _recover(self) -> Iterator[Record]:
        """The first pending line read without quotes, the others read again."""
        (line, text), *others = self._pending
        self._pending = []
        yield Record(line, self._unquoted(text), broken=True)
        for number, other in others:
            yield from self._feed(number, other)


def records(
    document: Document, dialect: Dialect, tally: EncodingTally | None = None
) -> Iterator[Record]:
    """Every record after the header, whatever its number of fields."""
    parser = RecordParser(dialect, tally)
    for first, data in blocks(document, dialect):
        yield from parser.feed_block(first, data)
    yield from parser.close()


def same_header(fields: Sequence[str], dialect: Dialect) -> bool:
    """Whether a row is the header once more (two exports pasted together)."""
    return tuple(folded_label(f) for f in fields[: len(dialect.names)]) == dialect.names
