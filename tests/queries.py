"""What a page asks of the database: how many queries, which, and from where.

`recorded(...)` compares with a text file beside the test, written again when UPDATE_QUERIES=1: a
new query shows in the review as a line, with the function it comes from.
"""

import os
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection

ROOT = Path(__file__).resolve().parents[1]
_OURS = str(ROOT / "src" / "raccord")
#: Left out, like `_reset`: they exist because a test lives inside a larger transaction.
_OF_TESTS = re.compile(r"^(SAVEPOINT|RELEASE SAVEPOINT|ROLLBACK TO SAVEPOINT)\b")


@dataclass
class Query:
    """One query and the function of ours that asked it."""

    sql: str
    origin: str

    @property
    def line(self) -> str:
        """Without values, aliases of savepoints and long lists of columns."""
        sql = " ".join(self.sql.split())
        sql = re.sub(r"SELECT (DISTINCT )?\".*? FROM", r"SELECT \1... FROM", sql)
        sql = sql.replace("ORDER BY RANDOM() ASC", "")
        sql = re.sub(r"IN \((%s(, )?)+\)", "IN (...)", sql)
        sql = re.sub(r"VALUES \(.*\)", "VALUES (...)", sql)
        return f"{self.origin}\n    {sql[:400]}"


@dataclass
class Recorder:
    """The queries of a block, in their order."""

    queries: list[Query] = field(default_factory=list)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        origin = _origin()
        if not _OF_TESTS.match(sql) and not origin.endswith(":_reset"):
            self.queries.append(Query(sql, origin))
        return execute(sql, params, many, context)

    def __len__(self) -> int:
        return len(self.queries)

    @property
    def text(self) -> str:
        """As the snapshot keeps it."""
        lines = [f"{rank}. {query.line}" for rank, query in enumerate(self.queries, start=1)]
        return f"{len(self)} requêtes\n" + "\n".join(lines) + "\n"


def _origin() -> str:
    """The nearest function of the service; a library of Django's otherwise."""
    frames = [f for f in traceback.extract_stack() if f.filename.startswith(_OURS)]
    if not frames:
        return "django"
    nearest = frames[-1]
    return f"{Path(nearest.filename).relative_to(ROOT / 'src' / 'raccord')}:{nearest.name}"


@contextmanager
def recorded(snapshot: Path | None = None, *, at_most: int | None = None) -> Iterator[Recorder]:
    """Record what the block asks; fail when there is more than promised, or when it changed."""
    recorder = Recorder()
    with connection.execute_wrapper(recorder):
        yield recorder
    if at_most is not None:
        assert len(recorder) <= at_most, f"{at_most} requêtes promises :\n{recorder.text}"
    if snapshot is None:
        return
    if os.environ.get("UPDATE_QUERIES"):
        snapshot.write_text(recorder.text, "utf-8")
    assert recorder.text == snapshot.read_text("utf-8"), (
        f"Les requêtes ont changé : relisez-les, puis UPDATE_QUERIES=1 pour récrire {snapshot.name}"
    )
