"""A document is one thing to read: a file, or one member of a zip. Opened as often as needed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

#: Bytes a format may look at to recognise itself.
HEAD_SIZE = 65_536


@dataclass(frozen=True)
class Document:
    """`path` is the file on disk, `member` the name inside the zip ("" for a bare file)."""

    path: Path
    member: str
    size: int
    open: Callable[[], BinaryIO] = field(compare=False, repr=False)
    head: bytes = field(compare=False, repr=False, default=b"")

    @property
    def label(self) -> str:
        """The name shown to people."""
        return f"{self.path.name} ({self.member})" if self.member else self.path.name
