"""Walking through an XML register safely, in constant memory, with errors said in French.

What is refused: any document type or entity declaration (XML bombs, external files), an element
that never ends, a file that is not well-formed. What is forgiven: a byte order mark or blank lines
before the prolog, and a declared encoding that lies (files saved again by hand).
"""

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO

from lxml import etree

from raccord.registers.documents import Document
from raccord.registers.problems import Problem, ProblemLog, RefusedFile, Severity

#: A record of a register is a few kilobytes, a whole block of scholarships a few hundred: beyond
#: this many bytes without any known record, somebody is attacking or the file is not a register.
MOST_BYTES_BETWEEN_RECORDS = 8 * 2**20

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


class WrongEncoding(Exception):
    """The bytes are not what the head promised: read again from the start in `retry_in`."""

    def __init__(self, retry_in: str) -> None:
        self.retry_in = retry_in
        super().__init__(retry_in)


def encoding_of(document: Document, problems: ProblemLog | None = None) -> str | None:
    """The encoding to impose on the parser, None to trust the declaration.

    A declaration lies when bytes beyond ASCII are valid UTF-8 under a Latin declaration (chance
    agreement is excluded in French: it would take "Ã©") or invalid under a UTF-8 one. When the
    head is pure ASCII, the whole document is read once to find out.
    """
    head = document.head
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return encoding
    declared = _DECLARED.search(head[:512])
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    truth: str | None = None
    if name.startswith(("iso-8859", "windows-125", "cp125", "latin")):
        if _has_high_bytes(head):
            truth = "utf-8" if _looks_utf8(head) else None
        elif document.size > len(head):
            truth = "utf-8" if _whole_is_utf8(document) else None
    elif name in {"utf-8", "utf8", "us-ascii", "ascii"} and not _looks_utf8(head):
        truth = _ISO
    if truth and problems is not None:
        problems.add(
            Problem(
                rule="encodage",
                severity=Severity.NOTICE,
                message=(
                    f"le fichier se dit en {name} mais il est écrit en {truth} : il a été lu en "
                    f"{truth} ; il a sans doute été réenregistré à la main"
                ),
            )
        )
    return truth


def _has_high_bytes(data: bytes) -> bool:
    return not data.isascii()


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

    def __init__(self, stream: BinaryIO, document: Document) -> None:
        self._stream = stream
        self._document = document
        self._started = False
        self._tail = b""
        self.since_record = 0
        self.in_prolog = True
        self.skipped_lines = 0

    def read(self, size: int = _CHUNK) -> bytes:
        chunk = self._stream.read(size)
        if not self._started:
            self._started = True
            # A blank line or a mark before the prolog is not XML, but it is how editors save.
            body = chunk.removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n")
            self.skipped_lines = chunk[: len(chunk) - len(body)].count(b"\n")
            chunk = body
        if self.in_prolog:
            window = (self._tail + chunk).replace(b"\0", b"")
            if b"<!DOCTYPE" in window or b"<!ENTITY" in window:
                raise RefusedFile(self._document.label, _DOCTYPE_REFUSAL)
            self._tail = window[-16:]
        self.since_record += len(chunk)
        if self.since_record > MOST_BYTES_BETWEEN_RECORDS:
            raise RefusedFile(
                self._document.label,
                "plus de 8 Mo sans aucun enregistrement connu : ce n'est pas un export d'élèves, "
                "ou il est endommagé ; refaites l'export",
            )
        return chunk


def records(
    document: Document, tags: Sequence[str], encoding: str | None = None
) -> Iterator[etree._Element]:
    """Each element whose name is in `tags`, complete, in document order.

    An element is emptied when the next one is asked for: take what you need at once. Raises
    RefusedFile (with the line) when the document is not well-formed, and WrongEncoding when a
    byte contradicts `encoding` or the declaration: nothing read so far may be kept.
    """
    with document.open() as stream:
        source = _Source(stream, document)
        parser = etree.iterparse(
            source,
            events=("end",),
            tag=tags,
            encoding=encoding,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
            huge_tree=False,
            chunk_size=_CHUNK,
        )
        sweep = 0
        try:
            for _, element in parser:
                if source.in_prolog:
                    source.in_prolog = False
                    if element.getroottree().docinfo.internalDTD is not None:
                        raise RefusedFile(document.label, _DOCTYPE_REFUSAL)
                source.since_record = 0
                yield element
                element.clear()
                sweep += 1
                if sweep == _RECORDS_BETWEEN_SWEEPS:
                    sweep = 0
                    _forget_before(element)
        except etree.XMLSyntaxError as error:
            if encoding != _ISO and _is_encoding_error(error):
                raise WrongEncoding(_ISO) from error
            raise RefusedFile(
                document.label, _in_french(error), (error.lineno or 0) + source.skipped_lines
            ) from error
        except LookupError as error:
            raise RefusedFile(document.label, "encodage inconnu dans le prolog XML") from error


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
    else:
        why = f"erreur de syntaxe XML n° {_code(error)}"
    return f"XML mal formé : {why} ; rien n'a été lu, refaites l'export sans modifier le fichier"
