"""A document from bytes and what a format reads in it: for the tests of every table."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl

from raccord.registers.documents import HEAD_SIZE, Document
from raccord.registers.enrolment import ENROLMENT_SCHEMA
from raccord.registers.formats import Format, Header, Reading
from raccord.registers.problems import Problem, ProblemLog


@dataclass
class Found:
    """What one reading gave."""

    rows: list[dict[str, Any]]
    problems: list[Problem]
    header: Header

    def rules(self) -> set[str]:
        return {p.rule for p in self.problems}


def document(content: bytes | str, name: str = "export.csv", encoding: str = "utf-8") -> Document:
    """A document held in memory."""
    data = content.encode(encoding) if isinstance(content, str) else content
    return Document(Path(name), "membre", len(data), lambda: io.BytesIO(data), data[:HEAD_SIZE])


def reading_of(
    format_: Format, content: bytes | str, *, encoding: str = "utf-8", **stated: Any
) -> Found:
    """Everything read, empty values left out of the rows."""
    name = stated.pop("name", "export.csv")
    reading = Reading(document(content, name, encoding), ProblemLog(), **stated)
    rows = []
    for batch in format_.read(reading):
        assert batch.schema == ENROLMENT_SCHEMA
        assert 0 < batch.num_rows <= 10_000
        batch.validate(full=True)
        rows += [{k: v for k, v in r.items() if v is not None} for r in batch.to_pylist()]
    return Found(rows, list(reading.problems.examples()), reading.header)


def workbook(rows: Sequence[Sequence[object]], *, epoch_1904: bool = False) -> bytes:
    """An .xlsx that holds these rows."""
    book = openpyxl.Workbook()
    if epoch_1904:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    for row in rows:
        book.active.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()
