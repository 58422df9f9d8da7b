"""Walking through an XML register safely, in constant memory, with errors said in French.

What is refused: any document type or entity declaration (XML bombs, external files), an element
that never ends, a file that is not well-formed. What is forgiven: a byte order mark or blank lines
before the prolog, and a declared encoding that lies (files saved again by hand).
"""

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, TypeVar

from lxml import etree

from raccord.registers.containers import refusal
from raccord.registers.documents import Document
from raccord.registers.problems import Problem, ProblemLog, Severity

T = TypeVar("T")

#: A record of a register is a few kilobytes, a whole block of scholarships a few hundred: beyond
#: this many bytes without any known record, somebody is attacking or the file is not a register.
MOST_BYTES_BETWEEN_RECORDS = 8 * 2**20

#: Characters of one field; the longest of the specification, an e-mail, has 254.
LONGEST_TEXT = 300

_CHUNK = 64 * 1024
_RECORDS_BETWEEN_SWEEPS = 64
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._\-]{1,40})[\"']")
_ROOT = re.compile(
    r"\s*(?:<\?xml.*?\?>\s*)?(?:<!--.*?-->\s*|<\?.*?\?>\s*|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>\s*)*"
    r"<([A-Za-z_][\w.\-]*)(?::([A-Za-z_][\w.\-]*))?",
    re.DOTALL | re.ASCII,
)
_MISMATCH = re.compile(r"tag mismatch: (\S{1,60}) line (\d+) and ([^\s,]{1,60})")
_ISO = "iso-8859-15"
_LATIN = frozenset("iso-8859-1 iso-8859-15 iso8859-1 iso8859-15 latin1 latin-1 latin9".split())
_UNICODE = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})

#: Bytes 80 to 9F are control characters in ISO 8859-15: where they occur, the file was written by
#: Windows. œ Œ š Š ž Ž Ÿ € go to their place, quotes and dashes to ASCII, the rest to "?".
_FROM_WINDOWS = bytes.maketrans(
    bytes(range(0x80, 0xA0)), "€?'f'.??^?Š'Œ?Ž??''''.--~?š'œ?žŸ".encode(_ISO)
)

_DOCTYPE_REFUSAL = (
    "le fichier déclare un DOCTYPE ou des entités XML, ce qu'aucun export ne fait : refusé par "
    "sécurité ; refaites l'export depuis le logiciel d'origine"
)


@dataclass(frozen=True)
class Parameters:
    """The block PARAMETRES at the top of every SIECLE file."""

    uai: str | None = None
    school_year: int | None = None
    exported_on: date | None = None
    exported_at: str = ""  # HORODATAGE, sortable form, "" when absent


def head_text(head: bytes) -> str:
    """The beginning of a document as text, whatever its encoding, without byte order mark."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return head.decode(encoding, "replace").lstrip("\ufeff")
    return head.decode("utf-8" if _looks_utf8(head) else _ISO, "replace")


def root_name(head: bytes) -> str | None:
    """Local name of the root element, None when `head` does not begin like XML."""
    match = _ROOT.match(head_text(head))
    return (match[2] or match[1]) if match else None


def parameters_in_head(head: bytes) -> Parameters:
    """PARAMETRES read without parsing, to pair files before reading any of them."""
    block = re.search(r"<PARAMETRES>(.*?)</PARAMETRES>", head_text(head), re.DOTALL)
    if block is None:
        return Parameters()
    found = dict(re.findall(r"<([A-Z_]+)>([^<]{0,60})</\1>", block[1]))
    return read_parameters(found)


def read_parameters(values: dict[str, str]) -> Parameters:
    """PARAMETRES from its tags; dates are JJ/MM/AAAA, exports (DATE_EXPORT) and imports alike."""
    year = re.match(r"\s*((?:19|20)\d{2})", values.get("ANNEE_SCOLAIRE", ""))
    exported_on = french_date(values.get("DATE_EXPORT") or values.get("DATE_IMPORT") or "")
    clock = re.search(r"\d{1,2}:\d{2}:\d{2}", values.get("HORODATAGE", ""))
    stamp_date = french_date(values.get("HORODATAGE", "")) or exported_on
    return Parameters(
        uai=re.sub(r"\s", "", values.get("UAJ", "")).upper() or None,
        school_year=int(year[1]) if year else None,
        exported_on=exported_on,
        exported_at=f"{stamp_date or ''} {clock[0] if clock else ''}".strip(),
    )


def french_date(text: str) -> date | None:
    """The JJ/MM/AAAA (or AAAA-MM-JJ) at the beginning of `text`, None when there is none."""
    if match := re.match(r"\s*(\d{2})/(\d{2})/(\d{4})", text):
        day, month, year = (int(part) for part in match.groups())
    elif match := re.match(r"\s*(\d{4})-(\d{2})-(\d{2})", text):
        year, month, day = (int(part) for part in match.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


class _WrongEncoding(Exception):
    """A byte that the encoding of the head does not know: read again from the start."""


def walk_document(
    document: Document, problems: ProblemLog, walk: Callable[["Records"], T], tags: Sequence[str]
) -> T:
    """`walk` applied to the records of `document`, started again if its encoding lied.

    `walk` must therefore build its result from nothing and give nothing away before it ends.
    Raises RefusedFile.
    """
    encoding, said = _encoding_of(document)
    if said:
        problems.add(_encoding_notice(said, encoding or ""))
    try:
        return walk(Records(document, tags, encoding))
    except _WrongEncoding:
        problems.add(_encoding_notice(encoding or "utf-8", _ISO))
        return walk(Records(document, tags, _ISO))


def _encoding_notice(said: str, truth: str) -> Problem:
    return Problem(
        rule="encodage",
        severity=Severity.NOTICE,
        message=(
            f"le fichier se dit en {said} mais il est écrit en {truth} : il a été lu en {truth} ; "
            "il a sans doute été réenregistré à la main"
        ),
    )


def _encoding_of(document: Document) -> tuple[str | None, str]:
    """The encoding to impose (None: the declared one), and the declared one when it lies, else "".

    A declaration lies when bytes beyond ASCII are valid UTF-8 under a Latin declaration (an
    accident in French: it would take "Ã©") or invalid under a UTF-8 one. When the head is pure
    ASCII, a document declared Latin is read once to find out; one declared UTF-8 is trusted until
    the parser meets a wrong byte.
    """
    head = document.head
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding, ""
    declared = _DECLARED.search(head[:512])
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    if name in _LATIN:
        if head.isascii():
            is_utf8 = document.size > len(head) and _whole_is_utf8(document)
        else:
            is_utf8 = _looks_utf8(head)
        return ("utf-8", name) if is_utf8 else (_ISO, "")
    if name in _UNICODE and not _looks_utf8(head):
        return _ISO, name
    return None, ""


def _looks_utf8(data: bytes) -> bool:
    """Valid UTF-8, a character cut by the end of `data` excepted."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def _whole_is_utf8(document: Document) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    high = False
    with document.open() as stream:
        try:
            while chunk := stream.read(2**20):
                high = high or not chunk.isascii()
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return high


class _Source:
    """What the parser reads from: watches for declarations and for elements that never end."""

    def __init__(self, stream: BinaryIO, document: Document, encoding: str | None) -> None:
        self._stream = stream
        self._document = document
        self._table = _FROM_WINDOWS if encoding == _ISO else None
        self._started = False
        self._tail = b""
        self.bytes_read = 0
        self.since_record = 0
        self.in_prolog = True
        self.skipped_lines = 0

    def read(self, size: int = _CHUNK) -> bytes:
        chunk = self._stream.read(size)
        self.bytes_read += len(chunk)
        if not self._started:
            self._started = True
            # A blank line or a mark before the prolog is not XML, but it is how editors save.
            body = chunk.removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n")
            self.skipped_lines = chunk[: len(chunk) - len(body)].count(b"\n")
            chunk = body
        if self.in_prolog:
            window = (self._tail + chunk).replace(b"\0", b"")
            if b"<!DOCTYPE" in window or b"<!ENTITY" in window:
                raise refusal(self._document, _DOCTYPE_REFUSAL)
            self._tail = window[-16:]
        self.since_record += len(chunk)
        if self.since_record > MOST_BYTES_BETWEEN_RECORDS:
            raise refusal(
                self._document,
                "plus de 8 Mo sans aucun enregistrement connu : ce n'est pas un export d'élèves, "
                "ou il est endommagé ; refaites l'export",
            )
        return chunk.translate(self._table) if self._table else chunk


class Records:
    """Each element whose name is in `tags`, complete, in document order; iterable once.

    An element is emptied when the next one is asked for: take what you need at once.
    `bytes_read` says how far the document has been read.
    """

    def __init__(self, document: Document, tags: Sequence[str], encoding: str | None) -> None:
        self._document = document
        self._tags = tags
        self._encoding = encoding
        self._source: _Source | None = None

    @property
    def bytes_read(self) -> int:
        return self._source.bytes_read if self._source else 0

    def __iter__(self) -> Iterator[etree._Element]:
        document, encoding = self._document, self._encoding
        with document.open() as stream:
            self._source = source = _Source(stream, document, encoding)
            try:
                yield from self._elements(source)
            except etree.XMLSyntaxError as error:
                if encoding != _ISO and _is_encoding_error(error):
                    raise _WrongEncoding from error
                line = (error.lineno or 0) + source.skipped_lines
                raise refusal(document, _in_french(error), line) from error
            except LookupError as error:
                raise refusal(document, "encodage inconnu dans le prolog XML") from error

    def _elements(self, source: _Source) -> Iterator[etree._Element]:
        parser = etree.iterparse(
            source,
            events=("end",),
            tag=self._tags,
            encoding=self._encoding,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
            remove_blank_text=True,
            huge_tree=False,
            chunk_size=_CHUNK,
        )
        since_sweep = 0
        for _, element in parser:
            if source.in_prolog:
                source.in_prolog = False
                if element.getroottree().docinfo.internalDTD is not None:
                    raise refusal(self._document, _DOCTYPE_REFUSAL)
            if source.since_record > 2 * _CHUNK:
                _shorten(element)
            source.since_record = 0
            yield element
            element.clear()
            since_sweep += 1
            if since_sweep == _RECORDS_BETWEEN_SWEEPS:
                since_sweep = 0
                _forget_before(element)


def _shorten(element: etree._Element) -> None:
    """Cut the texts of a record that took more than one chunk: no field is that long."""
    for node in element.iter():
        if node.text and len(node.text) > LONGEST_TEXT:
            node.text = node.text[:LONGEST_TEXT]


def _forget_before(element: etree._Element) -> None:
    """Drop everything parsed before `element`: its elder siblings and those of its ancestors."""
    node = element
    while (parent := node.getparent()) is not None:
        while parent[0] is not node:
            del parent[0]
        node = parent


_ENCODING_ERRORS = frozenset(
    {
        etree.ErrorTypes.ERR_INVALID_ENCODING,
        etree.ErrorTypes.I18N_CONV_FAILED,
        etree.ErrorTypes.ERR_INVALID_CHAR,
    }
)
_RESOURCE_LIMIT = 114  # XML_ERR_RESOURCE_LIMIT, too recent for lxml to name it
_TRUNCATED = frozenset(
    {
        etree.ErrorTypes.ERR_DOCUMENT_END,
        etree.ErrorTypes.ERR_TAG_NOT_FINISHED,
        etree.ErrorTypes.ERR_DOCUMENT_EMPTY,
        etree.ErrorTypes.ERR_LTSLASH_REQUIRED,
        etree.ErrorTypes.ERR_GT_REQUIRED,
    }
)


def _code(error: etree.XMLSyntaxError) -> int:
    return int(getattr(error, "code", 0) or 0)  # not in the published types


def _is_encoding_error(error: etree.XMLSyntaxError) -> bool:
    text = str(error)
    return _code(error) in _ENCODING_ERRORS and (
        "not proper UTF-8" in text or "conver" in text or "encod" in text or "Invalid bytes" in text
    )


def _in_french(error: etree.XMLSyntaxError) -> str:
    """The reason, without quoting the content (it may be personal)."""
    if match := _MISMATCH.search(str(error)):
        why = f"la balise « {match[1]} » (ligne {match[2]}) est fermée par « {match[3]} »"
    elif _code(error) in _TRUNCATED:
        why = "le fichier s'arrête avant la fin ou n'est pas du XML"
    elif _code(error) in _ENCODING_ERRORS:
        why = "un caractère est interdit ou mal encodé"
    elif _code(error) == etree.ErrorTypes.ERR_UNDECLARED_ENTITY:
        why = "une entité (&…;) n'est pas définie"
    elif _code(error) == _RESOURCE_LIMIT:
        why = "des balises emboîtées sans fin ou un texte démesuré"
    else:
        why = f"erreur de syntaxe XML n° {_code(error)}"
    return f"XML mal formé : {why} ; rien n'a été lu, refaites l'export sans modifier le fichier"
