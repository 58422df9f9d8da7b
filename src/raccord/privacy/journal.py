"""Marks of the log kept outside of the database, sealed with the secret of the service.

A chain proves each line by the next one, and its last line by nothing: whoever rules the database
could cut its end, or write all of it again. A mark, one an hour, says what a line was at that time.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.crypto import constant_time_compare, salted_hmac

LINE, PURGE = "ligne", "purge"


class Forged(Exception):
    """A mark that the service did not write; a French sentence."""


@dataclass(frozen=True)
class Mark:
    """What line `id` of the log was at this time: the last one, or the last one removed."""

    kind: str
    at: datetime
    id: int
    hash: bytes

    @property
    def text(self) -> str:
        """What the seal covers."""
        at = self.at.astimezone(UTC).isoformat()
        return f"{self.kind};{at};{self.id};{self.hash.hex()}"


def path() -> Path:
    """The file: one mark a line."""
    return Path(settings.HOME) / "journal" / "lectures.txt"


def marks() -> Iterator[Mark]:
    """Every mark, oldest first. Raises Forged at the first that is not ours."""
    try:
        content = path().read_text("utf-8")
    except FileNotFoundError:
        return
    for rank, line in enumerate(content.splitlines(), 1):
        text, _, seal = line.rpartition(";")
        if not _is_ours(text, seal):
            raise Forged(
                f"Le repère de la ligne {rank} de {path().name} (dossier « journal ») ne porte pas "
                "le sceau du service : le fichier a été modifié, ou SECRET_KEY a changé (gardez "
                "l’ancienne dans SECRET_KEY_FALLBACKS)."
            )
        kind, at, identifier, digest = text.split(";")
        yield Mark(kind, datetime.fromisoformat(at), int(identifier), bytes.fromhex(digest))


def add(mark: Mark) -> None:
    """Write a mark at the end of the file, and wait until it is on the disk."""
    path().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a", encoding="utf-8") as file:
        file.write(f"{mark.text};{_seal(mark.text, settings.SECRET_KEY)}\n")
        file.flush()
        os.fsync(file.fileno())


def pin() -> Mark | None:
    """Mark the last line of the log; None when the last mark already says it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, hash, clock_timestamp() FROM privacy_reading ORDER BY id DESC LIMIT 1"
        )
        last = cursor.fetchone()
    if last is None:
        return None
    mark = Mark(LINE, last[2], last[0], bytes(last[1]))
    if any((known.id, known.hash) == (mark.id, mark.hash) for known in marks()):
        return None
    add(mark)
    return mark


def _seal(text: str, secret: str) -> str:
    salt = "raccord.privacy.journal"
    return salted_hmac(salt, text, secret=secret, algorithm="sha256").hexdigest()


def _is_ours(text: str, seal: str) -> bool:
    secrets = [settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS)]
    return any(constant_time_compare(_seal(text, secret), seal) for secret in secrets)
