"""The formats Raccord reads, each recognised from its content, never from its name.

A format is a module with the attributes of `Format`. `FORMATS` lists them, most specific first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import pyarrow as pa

from raccord.registers.documents import Document
from raccord.registers.enrolment import Nature
from raccord.registers.problems import ProblemLog


@dataclass
class Header:
    """What a register says of itself. The reader fills it before or while it reads."""

    school_year: int | None = None  # year of the September start: 2025 is 2025-2026
    exported_on: date | None = None
    uais: set[str] = field(default_factory=set)


@dataclass
class Reading:
    """One reading of one document: what is stated about it, and what it is found to hold.

    `companions` are the other documents that describe the same pupils (SIECLE nomenclature,
    representatives, structures); `stated_uai` is the establishment its feed states, for formats
    that carry none.
    """

    document: Document
    problems: ProblemLog
    header: Header = field(default_factory=Header)
    companions: Sequence[Document] = ()
    stated_uai: str | None = None
    stated_source: str | None = None


class Format(Protocol):
    """A module of this package. Bump `VERSION` when the same bytes give other rows."""

    NAME: str  # default value of the column `source`
    LABEL: str  # on screen, in French
    NATURE: Nature
    VERSION: int

    def recognises(self, document: Document) -> bool:
        """From `document.head` (and, for containers, the content); never from its name."""

    def read(self, reading: Reading) -> Iterator[pa.RecordBatch]:
        """Batches of ENROLMENT_SCHEMA, at most 10,000 rows each. Raises RefusedFile."""
