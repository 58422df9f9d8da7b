"""From a path given by somebody to the documents to read: files, folders, zips, gzip.

Nothing is ever extracted to the disk. A zip is refused as a whole when one of its members cannot be
trusted: a register half read is worse than none.
"""

import contextlib
import gzip
import io
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import BinaryIO, cast

from raccord.registers.documents import HEAD_SIZE, Document
from raccord.registers.problems import RefusedFile

#: A whole académie zipped school by school is some 600 members.
MOST_MEMBERS = 20_000

#: Bytes once decompressed: the largest real register, a national one in CSV, is below 4 GB.
MOST_BYTES = 8 * 2**30

#: XML of registers shrinks 15 to 40 times; deflate cannot do better than 1,032.
MOST_RATIO = 200

#: Below this size a ratio proves nothing (a page of blanks).
RATIO_MATTERS_FROM = 16 * 2**20

#: A zip inside a zip is held in memory.
MOST_NESTED_BYTES = 128 * 2**20

_WORKBOOKS = (".xlsx", ".xlsm", ".ods")
_ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_GZIP_MAGIC = b"\x1f\x8b"
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    struct.error,
    NotImplementedError,
    ValueError,
    RuntimeError,
    OSError,
)

#: Left beside registers by systems and by ourselves (simulation, outputs): never a register.
_IGNORED_NAMES = frozenset(
    {"thumbs.db", "desktop.ini", "simulation.json", "summary.json", "demo.json", "manifest.json"}
)
_IGNORED_STEMS = frozenset(
    {"readme", "lisezmoi", "lisez-moi", "truth", "truth_after", "licence", "license"}
)
_IGNORED_SUFFIXES = (".md", ".html", ".xsd", ".log", ".tmp", ".part", ".bak")


def refusal(document: Document, reason: str, line: int | None = None) -> RefusedFile:
    """The RefusedFile of a document: names the file and, inside an archive, the member."""
    return RefusedFile(_shown(document.path, document.member), reason, line)


def _shown(path: Path, member: str) -> Path:
    """A path whose last part reads "export.zip (dossier › Eleves.xml)"."""
    inner = member.replace("/", " › ")
    return path.with_name(f"{path.name} ({inner})") if inner else path


def expand(path: Path, refused: list[RefusedFile] | None = None) -> Iterator[Document]:
    """Every document under `path`, sorted by name: a file, the members of a zip, a folder's files.

    A file given by name is always yielded; in a folder, hidden files and what is visibly not a
    register (README, our own simulation.json and truth) are passed over. What cannot be opened is
    added to `refused` when it is given, so that every reason is listed at once, else raised.
    """
    try:
        if path.is_dir():
            files = sorted(_files_of(path))
            if not files:
                raise RefusedFile(path, "le dossier ne contient aucun fichier à lire")
        else:
            files = [path]
    except (OSError, ValueError) as error:
        files = []
        _refuse(_unreadable(path, error), refused)
    except RefusedFile as error:
        files = []
        _refuse(error, refused)
    for file in files:
        try:
            yield from _expand_file(file)
        except RefusedFile as error:
            _refuse(error, refused)


def _refuse(error: RefusedFile, refused: list[RefusedFile] | None) -> None:
    if refused is None:
        raise error
    refused.append(error)


def _unreadable(path: Path, error: Exception) -> RefusedFile:
    if isinstance(error, FileNotFoundError):
        return RefusedFile(path, "fichier introuvable")
    if isinstance(error, PermissionError):
        return RefusedFile(path, "lecture interdite : vérifiez les droits du fichier")
    return RefusedFile(path, "fichier illisible sur le disque")


def _files_of(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        if is_ignored(entry.name):
            continue
        if entry.is_dir():
            if not entry.is_symlink():  # a link may loop
                yield from _files_of(entry)
        elif entry.is_file():
            yield entry


def is_ignored(name: str) -> bool:
    """True for a name (without folder) that is visibly not a register."""
    lower = name.lower()
    return (
        lower.startswith((".", "~$", "__macosx"))
        or lower in _IGNORED_NAMES
        or lower.split(".", 1)[0] in _IGNORED_STEMS
        or lower.endswith(_IGNORED_SUFFIXES)
    )


def _expand_file(path: Path) -> Iterator[Document]:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):  # a pipe would wait for ever
            raise RefusedFile(path, "ce n'est pas un fichier ordinaire")
        with path.open("rb") as stream:
            head = stream.read(HEAD_SIZE)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    size = status.st_size
    if head.startswith(_ZIP_MAGIC):
        yield from _expand_zip(path, status, head)
    elif head.startswith(_GZIP_MAGIC):
        yield _gzip_document(path, size)
    else:
        yield Document(path, "", size, partial(_open_file, path), head)


def _open_file(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from error


# --- gzip ----------------------------------------------------------------------------------------


def _gzip_document(path: Path, compressed: int) -> Document:
    opener = partial(_open_gzip, path, compressed)
    with opener() as stream:
        head = stream.read(HEAD_SIZE)
    with path.open("rb") as raw:
        raw.seek(-4, io.SEEK_END)
        size = int.from_bytes(raw.read(4), "little")  # modulo 4 GiB: an estimate, for progress
    return Document(path, path.name.removesuffix(".gz"), max(size, len(head)), opener, head)


def _open_gzip(path: Path, compressed: int) -> BinaryIO:
    ceiling = min(MOST_BYTES, max(RATIO_MATTERS_FROM, compressed * MOST_RATIO))
    try:
        return _guarded(cast(BinaryIO, gzip.open(path, "rb")), path, ceiling)
    except OSError as error:
        raise _unreadable(path, error) from error


# --- zip -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Archive:
    """A zip on the disk, or a zip inside it (`member`). `stamp` tells one content from another."""

    path: Path
    stamp: tuple[int, int, int]
    member: str = ""

    @property
    def shown(self) -> Path:
        return _shown(self.path, self.member)


def _expand_zip(path: Path, status: os.stat_result, head: bytes) -> Iterator[Document]:
    archive = _Archive(path, (status.st_ino, status.st_mtime_ns, status.st_size))
    if _is_workbook(_opened(archive)):
        yield Document(path, "", status.st_size, partial(_open_file, path), head)
        return
    documents = 0
    for info in _trusted_members(archive, status.st_size):
        for document in _member_documents(archive, info):
            documents += 1
            yield document
    if not documents:
        raise RefusedFile(path, "l'archive ne contient aucun fichier à lire")


def _member_documents(archive: _Archive, info: zipfile.ZipInfo) -> Iterator[Document]:
    opener = partial(_open_member, archive, info.filename)
    with opener() as stream:
        head = stream.read(HEAD_SIZE)
    if not head.startswith(_ZIP_MAGIC):
        yield Document(archive.path, info.filename, info.file_size, opener, head)
        return
    # A zip in the zip: one level only, since no export has two.
    nested = _Archive(archive.path, archive.stamp, info.filename)
    if _is_workbook(_opened(nested)):
        yield Document(archive.path, info.filename, info.file_size, opener, head)
        return
    for inner in _trusted_members(nested, info.file_size):
        inner_opener = partial(_open_member, nested, inner.filename)
        with inner_opener() as stream:
            inner_head = stream.read(HEAD_SIZE)
        name = f"{info.filename}/{inner.filename}"
        if inner_head.startswith(_ZIP_MAGIC) and not inner.filename.lower().endswith(_WORKBOOKS):
            raise RefusedFile(
                _shown(archive.path, name), "archives emboîtées sur plus de deux niveaux"
            )
        yield Document(archive.path, name, inner.file_size, inner_opener, inner_head)


@lru_cache(maxsize=4)
def _opened(archive: _Archive) -> zipfile.ZipFile:
    """The zip, its directory read once: an académie is hundreds of members of one file."""
    try:
        if not archive.member:
            return zipfile.ZipFile(archive.path)
        with _open_member(replace(archive, member=""), archive.member) as stream:
            content = stream.read(MOST_NESTED_BYTES + 1)
        if len(content) > MOST_NESTED_BYTES:
            raise RefusedFile(archive.shown, "archive emboîtée trop grande : décompressez-la")
        return zipfile.ZipFile(io.BytesIO(content))
    except _BROKEN as error:
        raise RefusedFile(
            archive.shown, "archive zip endommagée ou incomplète : téléchargez-la de nouveau"
        ) from error


def _is_workbook(archive: zipfile.ZipFile) -> bool:
    """xlsx and ods are zips: they are one document, not a container."""
    names = set(archive.namelist())
    return "[Content_Types].xml" in names or {"mimetype", "content.xml"} <= names


def _trusted_members(archive: _Archive, archive_size: int) -> list[zipfile.ZipInfo]:
    infos = [info for info in _opened(archive).infolist() if not info.is_dir()]
    if len(infos) > MOST_MEMBERS:
        raise RefusedFile(archive.shown, f"l'archive contient plus de {MOST_MEMBERS} fichiers")
    kept: dict[str, zipfile.ZipInfo] = {}
    for info in infos:
        parts = info.filename.replace("\\", "/").split("/")
        if ".." in parts or parts[0] == "" or parts[0].endswith(":"):
            raise RefusedFile(
                archive.shown,
                "l'archive contient un nom de fichier dangereux (« .. » ou chemin absolu)",
            )
        if any(is_ignored(part) for part in parts):
            continue
        if info.flag_bits & 1:
            raise RefusedFile(
                archive.shown, "archive protégée par un mot de passe : envoyez-la sans mot de passe"
            )
        if info.filename in kept:
            raise RefusedFile(archive.shown, "deux fichiers portent le même nom dans l'archive")
        kept[info.filename] = info
    total = sum(info.file_size for info in kept.values())
    # Members that overlap announce more than the file holds: only its real size counts.
    packed = min(archive_size, sum(info.compress_size for info in kept.values()))
    if total > MOST_BYTES or (total > RATIO_MATTERS_FROM and total > MOST_RATIO * packed):
        raise RefusedFile(
            archive.shown,
            f"archive démesurée une fois décompressée ({total // 2**20} Mo) : refusée par sécurité",
        )
    return [kept[name] for name in sorted(kept)]


def _open_member(archive: _Archive, name: str) -> BinaryIO:
    shown = _shown(archive.path, f"{archive.member}/{name}" if archive.member else name)
    try:
        opened = _opened(archive)
        info = opened.getinfo(name)
        stream = cast(BinaryIO, opened.open(info))
    except (*_BROKEN, KeyError) as error:
        raise RefusedFile(
            shown, "fichier illisible dans l'archive : téléchargez-la de nouveau"
        ) from error
    return _guarded(stream, shown, info.file_size)


# --- Reading what is compressed ------------------------------------------------------------------


def _guarded(stream: BinaryIO, shown: Path, ceiling: int) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(_Guard(stream, shown, ceiling), 256 * 1024))


class _Guard(io.RawIOBase):
    """A decompressed stream that never gives more than promised and speaks French when broken."""

    def __init__(self, stream: BinaryIO, shown: Path, ceiling: int) -> None:
        self._stream = stream
        self._shown = shown
        self._ceiling = ceiling

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._stream.seekable()

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            chunk = self._stream.read(len(buffer))
            position = self._stream.tell()
        except _BROKEN as error:
            raise RefusedFile(
                self._shown, "contenu compressé endommagé ou incomplet : téléchargez-le de nouveau"
            ) from error
        if position > self._ceiling:
            raise RefusedFile(
                self._shown, "contenu démesuré une fois décompressé : refusé par sécurité"
            )
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        try:
            return self._stream.seek(offset, whence)
        except _BROKEN as error:
            raise RefusedFile(self._shown, "contenu compressé endommagé ou incomplet") from error

    def tell(self) -> int:
        return self._stream.tell()

    def close(self) -> None:
        if not self.closed:
            with contextlib.suppress(*_BROKEN):
                self._stream.close()
        super().close()
