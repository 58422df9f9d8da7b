"""Proving the log of readings: no line altered, removed, inserted or moved.

The work is PostgreSQL's, a range of identifiers at a time; the sentences are ours.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from raccord.privacy import journal

#: Lines judged by one statement.
AT_ONCE = 50_000

#: Each line against the one before it; `lag` gives what the range before ended with to the first.
_RANGE = """
    WITH line AS (
        SELECT r.id, r.hash, r.former_hash, raccord_reading_hash(r) AS right_hash,
            lag(r.id, 1, %(id)s) OVER chain AS before_id,
            lag(r.hash, 1, %(hash)s) OVER chain AS before_hash
        FROM privacy_reading r WHERE r.id > %(id)s AND r.id <= %(id)s + %(size)s
        WINDOW chain AS (ORDER BY r.id)
    )
    SELECT count(*), max(id), min(id) FILTER (WHERE id <> before_id + 1
        OR hash <> right_hash OR former_hash <> before_hash)
    FROM line
"""


@dataclass(frozen=True)
class Proof:
    """What was found: how many lines hold, and the first that does not."""

    lines: int
    marks: int
    #: The first line at fault (altered, missing or moved), and a sentence that says what and when.
    fault_id: int | None = None
    fault: str = ""

    @property
    def holds(self) -> bool:
        """Whether the log is whole."""
        return not self.fault


@dataclass(frozen=True)
class _Point:
    """A line of the chain: where judging starts from."""

    id: int
    hash: bytes


def verify(progress: Callable[[int], None] = lambda lines: None) -> Proof:
    """Judge the whole log as it is at this moment. Writes nothing."""
    outermost = not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if outermost:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return _judge(progress)


def _judge(progress: Callable[[int], None]) -> Proof:
    start, now = _start()
    try:
        # After the snapshot, so that a purge that it shows is there; a line may be marked since.
        marks = [m for m in journal.marks() if m.kind == journal.PURGE or m.at <= now]
    except journal.Forged as forged:
        return Proof(0, 0, None, str(forged))
    removed = {(mark.id, mark.hash) for mark in marks if mark.kind == journal.PURGE}
    if start.id and (start.id, start.hash) not in removed:
        return Proof(
            0,
            len(marks),
            1,
            f"Les lignes 1 à {start.id} ont été retirées et la purge ne l’a pas noté hors de la "
            "base : ce n’est pas elle, ou le dossier « journal » a été perdu.",
        )
    added = _one("SELECT min(id), min(at) FROM privacy_reading WHERE id <= %s", start.id)
    if added[0] is not None:
        sentence = f"La ligne {added[0]}, du {_told(added[1])}, a été ajoutée avant le début."
        return Proof(0, len(marks), added[0], sentence)
    lines, last = 0, start
    while True:
        found, reached, wrong = _one(_RANGE, id=last.id, hash=last.hash, size=AT_ONCE)
        if wrong is not None:
            return _fault(lines, len(marks), wrong, start)
        if not found:
            break
        lines += found
        ended = _one("SELECT hash FROM privacy_reading WHERE id = %s", reached)
        last = _Point(reached, bytes(ended[0]))
        progress(lines)
    beyond = _one("SELECT min(id) FROM privacy_reading WHERE id > %s", last.id)[0]
    if beyond is not None:
        return _fault(lines, len(marks), beyond, start)
    return _against_marks(Proof(lines, len(marks)), marks, start, last)


def _start() -> tuple[_Point, datetime]:
    """The last line removed by the purge, or the start of everything; and the time it is."""
    now, last_id, last_hash = _one(
        """SELECT clock_timestamp(), c.last_id, c.last_hash FROM (SELECT) AS always
        LEFT JOIN (SELECT last_id, last_hash FROM privacy_logcheckpoint
            ORDER BY id DESC LIMIT 1) AS c ON true"""
    )
    return (_Point(last_id, bytes(last_hash)) if last_id else _Point(0, b"")), now


def _fault(lines: int, marks: int, wrong: int, start: _Point) -> Proof:
    """Say what is wrong with a line, or with the one before it."""
    at, own = _one(
        """SELECT r.at, r.hash = raccord_reading_hash(r)
        FROM privacy_reading r WHERE r.id = %s""",
        wrong,
    )
    former = _one(
        "SELECT id, at FROM privacy_reading WHERE id < %s ORDER BY id DESC LIMIT 1", wrong
    ) or (start.id, None)
    missing = wrong - former[0] - 1
    if missing:
        since = f"après celle du {_told(former[1])}" if former[1] else "au début du journal"
        what = "la ligne" if missing == 1 else f"{missing} lignes, la première étant la ligne"
        sentence = f"Il manque {what} {former[0] + 1}, {since} et avant celle du {_told(at)}."
        return Proof(lines, marks, former[0] + 1, sentence)
    if not own:
        sentence = f"La ligne {wrong}, du {_told(at)}, n’est plus celle qui a été écrite."
        return Proof(lines, marks, wrong, sentence)
    if former[1] is None:
        sentence = f"La ligne {wrong}, du {_told(at)}, n’est pas celle qui ouvrait le journal."
        return Proof(lines, marks, wrong, sentence)
    sentence = (
        f"La ligne {former[0]}, du {_told(former[1])}, n’est plus celle qui a été écrite : la "
        f"ligne {wrong} en suivait une autre."
    )
    return Proof(lines, marks, former[0], sentence)


def _against_marks(proof: Proof, marks: list[journal.Mark], start: _Point, last: _Point) -> Proof:
    """The chain holds: is it the one that was marked outside of the database?"""
    marks = [mark for mark in marks if mark.id > start.id]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, hash, at FROM privacy_reading WHERE id = ANY (%s)",
            [[mark.id for mark in marks]],
        )
        found = {identifier: (bytes(digest), at) for identifier, digest, at in cursor.fetchall()}
    for mark in sorted(marks, key=lambda mark: mark.id):
        if mark.id not in found:
            sentence = (
                f"Il manque la fin du journal, à partir de la ligne {last.id + 1} : la ligne "
                f"{mark.id} avait été notée hors de la base le {_told(mark.at)}."
            )
            return Proof(proof.lines, proof.marks, last.id + 1, sentence)
        digest, at = found[mark.id]
        if digest != mark.hash:
            sentence = (
                f"La ligne {mark.id}, du {_told(at)}, n’est pas celle qui avait été notée hors de "
                f"la base le {_told(mark.at)} : le journal a été réécrit, là ou avant."
            )
            return Proof(proof.lines, proof.marks, mark.id, sentence)
    return proof


def _one(statement: str, *values: Any, **named: Any) -> Any:
    """The first row, or None."""
    with connection.cursor() as cursor:
        cursor.execute(statement, named or list(values))
        return cursor.fetchone()


def _told(at: datetime) -> str:
    return f"{timezone.localtime(at):%d/%m/%Y à %H:%M:%S}"
