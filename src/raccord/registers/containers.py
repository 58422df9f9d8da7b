"""From a path given by somebody to the documents to read: files, folders, zips, gzip.

Nothing is ever extracted to the disk. A zip is refused as a whole when one of its members cannot be
trusted: a register half read is worse than none.
"""

import contextlib
import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
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
MOST_NESTED_BYTES = 256 * 2**20

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
_IGNORED_STEMS = frozenset({"readme", "lisezmoi", "lisez-moi", "truth", "licence", "license"})
_IGNORED_SUFFIXES = (".md", ".html", ".xsd", ".log", ".tmp", ".part", ".bak")


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
        size = path.stat().st_size
        with path.open("rb") as stream:
            head = stream.read(HEAD_SIZE)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from error
    if head.startswith(_ZIP_MAGIC):
        yield from _expand_zip(path)
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
    def open_() -> BinaryIO:
        ceiling = min(MOST_BYTES, max(RATIO_MATTERS_FROM, compressed * MOST_RATIO))
        return _guarded(cast(BinaryIO, gzip.open(path, "rb")), path.name, ceiling)

    with open_() as stream:
        head = stream.read(HEAD_SIZE)
    with path.open("rb") as raw:
        raw.seek(-4, io.SEEK_END)
        size = int.from_bytes(raw.read(4), "little")  # modulo 4 GiB: an estimate, for progress
    return Document(path, path.name.removesuffix(".gz"), max(size, len(head)), open_, head)


# --- zip -----------------------------------------------------------------------------------------


def _expand_zip(path: Path) -> Iterator[Document]:
    with _opened_zip(path, path.name) as archive:
        if _is_workbook(archive):
            size = path.stat().st_size
            with path.open("rb") as stream:
                head = stream.read(HEAD_SIZE)
            yield Document(path, "", size, partial(_open_file, path), head)
            return
        members = _trusted_members(archive, path.name)
    documents = 0
    for member in members:
        opener = partial(_open_member, path, member.filename)
        for document in _member_documents(path, member, opener):
            documents += 1
            yield document
    if not documents:
        raise RefusedFile(path, "l'archive est vide")


def _member_documents(
    path: Path, member: zipfile.ZipInfo, opener: Callable[[], BinaryIO]
) -> Iterator[Document]:
    with opener() as stream:
        head = stream.read(HEAD_SIZE)
    if not head.startswith(_ZIP_MAGIC):
        yield Document(path, member.filename, member.file_size, opener, head)
        return
    # A zip in the zip: one level only, since no export has two.
    label = f"{path.name} ({member.filename})"
    with _opened_zip(_nested_bytes(opener, label), label) as nested:
        if _is_workbook(nested):
            yield Document(path, member.filename, member.file_size, opener, head)
            return
        inner_members = _trusted_members(nested, label)
    for inner in inner_members:
        inner_opener = partial(_open_nested, opener, label, inner.filename)
        with inner_opener() as stream:
            inner_head = stream.read(HEAD_SIZE)
        if inner_head.startswith(_ZIP_MAGIC):
            with _opened_zip(_nested_bytes(inner_opener, label), label) as deepest:
                if not _is_workbook(deepest):
                    raise RefusedFile(
                        label, "archives emboîtées sur plus de deux niveaux : décompressez-les"
                    )
        name = f"{member.filename}/{inner.filename}"
        yield Document(path, name, inner.file_size, inner_opener, inner_head)


def _opened_zip(source: Path | BinaryIO, label: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except _BROKEN as error:
        raise RefusedFile(
            label, "archive zip endommagée ou incomplète : téléchargez-la de nouveau"
        ) from error


def _is_workbook(archive: zipfile.ZipFile) -> bool:
    """xlsx and ods are zips: they are one document, not a container."""
    names = set(archive.namelist())
    return "[Content_Types].xml" in names or {"mimetype", "content.xml"} <= names


def _trusted_members(archive: zipfile.ZipFile, label: str) -> list[zipfile.ZipInfo]:
    infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > MOST_MEMBERS:
        raise RefusedFile(label, f"l'archive contient plus de {MOST_MEMBERS} fichiers")
    kept: list[zipfile.ZipInfo] = []
    seen: set[str] = set()
    for info in infos:
        parts = info.filename.replace("\\", "/").split("/")
        if ".." in parts or parts[0] == "" or parts[0].endswith(":") or "\0" in info.filename:
            raise RefusedFile(
                label, "l'archive contient un nom de fichier dangereux (« .. » ou chemin absolu)"
            )
        if any(is_ignored(part) for part in parts):
            continue
        if info.flag_bits & 1:
            raise RefusedFile(
                label, "archive protégée par un mot de passe : envoyez-la sans mot de passe"
            )
        if info.filename in seen:
            raise RefusedFile(label, "deux fichiers portent le même nom dans l'archive")
        seen.add(info.filename)
        kept.append(info)
    total = sum(info.file_size for info in kept)
    packed = sum(info.compress_size for info in kept)
    if total > MOST_BYTES or (total > RATIO_MATTERS_FROM and total > MOST_RATIO * packed):
        raise RefusedFile(
            label,
            f"archive démesurée une fois décompressée ({total // 2**20} Mo) : refusée par sécurité",
        )
    return sorted(kept, key=lambda info: info.filename)


def _open_member(path: Path, member: str) -> BinaryIO:
    return _open_in(path, path.name, member)


def _open_nested(outer: Callable[[], BinaryIO], label: str, member: str) -> BinaryIO:
    return _open_in(_nested_bytes(outer, label), label, member)


def _open_in(source: Path | BinaryIO, label: str, member: str) -> BinaryIO:
    archive = _opened_zip(source, label)
    try:
        info = archive.getinfo(member)
        stream = cast(BinaryIO, archive.open(info))
    except (*_BROKEN, KeyError) as error:
        archive.close()
        raise RefusedFile(
            f"{label} ({member})", "fichier illisible dans l'archive (compression ou en-tête)"
        ) from error
    return _guarded(stream, f"{label} ({member})", info.file_size, archive)


def _nested_bytes(opener: Callable[[], BinaryIO], label: str) -> BinaryIO:
    with opener() as stream:
        content = stream.read(MOST_NESTED_BYTES + 1)
    if len(content) > MOST_NESTED_BYTES:
        raise RefusedFile(label, "archive emboîtée trop grande : décompressez-la")
    return io.BytesIO(content)


# --- Reading what is compressed ------------------------------------------------------------------


def _guarded(
    stream: BinaryIO, label: str, ceiling: int, owner: zipfile.ZipFile | None = None
) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(_Guard(stream, label, ceiling, owner), 256 * 1024))


class _Guard(io.RawIOBase):
    """A decompressed stream that never gives more than promised and speaks French when broken."""

    def __init__(
        self, stream: BinaryIO, label: str, ceiling: int, owner: zipfile.ZipFile | None
    ) -> None:
        self._stream = stream
        self._label = label
        self._ceiling = ceiling
        self._owner = owner

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return self._stream.seekable()

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            chunk = self._stream.read(len(buffer))
        except _BROKEN as error:
            raise RefusedFile(
                self._label, "contenu compressé endommagé ou incomplet : téléchargez-le de nouveau"
            ) from error
        if self._stream.tell() > self._ceiling:
            raise RefusedFile(
                self._label, "contenu démesuré une fois décompressé : refusé par sécurité"
            )
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def close(self) -> None:
        if not self.closed:
            with contextlib.suppress(*_BROKEN):
                self._stream.close()
            if self._owner is not None:
                self._owner.close()
        super().close()
