"""Noting who reads what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.http import HttpRequest

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.privacy.models import Act, Reading

#: Where nothing was shown nothing was read; other acts are told even with no file in them.
_NEEDS_SUBJECTS = frozenset({Act.LIST, Act.SHEET})

_COLUMNS = (
    ("user_id", "bigint"),
    ("reader", "varchar"),
    ("functions", "varchar[]"),
    ("structures", "bigint[]"),
    ("academies", "varchar[]"),
    ("act", "varchar"),
    ("screen", "varchar"),
    ("subjects", "uuid[]"),
)


def note(request: HttpRequest, act: str, subjects: Iterable[UUID]) -> None:
    """A page says what it is about to show: `act` is one of `Act`, the subjects are the cases or
    the persons. One call a page: a list is one line with all its cases."""
    noted = request.__dict__.setdefault("noted_readings", [])
    noted.append((act, list(dict.fromkeys(subjects))))


def refused(request: HttpRequest, subject: UUID) -> None:
    """Somebody asked for a file that is not theirs, or that does not exist.

    Both are noted, so that neither the answer nor its delay tells one from the other. A page that
    answers 404 to an address with an identifier in it is noted without asking (the middleware).
    """
    note(request, Act.REFUSAL, [subject])


def write(request: HttpRequest) -> None:
    """Write what was noted during the request: one statement, which is its own transaction, since
    it holds the lock of the log until that transaction ends."""
    noted = [
        (act, subjects)
        for act, subjects in request.__dict__.pop("noted_readings", [])
        if subjects or act not in _NEEDS_SUBJECTS
    ]
    if not noted:
        return
    match = request.resolver_match
    screen = match.view_name[:60] if match and match.view_name else ""
    reader = _reader(getattr(request, "actor", None))
    line = ", ".join(f"%s::{kind}" for _, kind in _COLUMNS)
    names = ", ".join(name for name, _ in _COLUMNS)
    values: list[Any] = []
    for act, subjects in noted:
        values += [*reader, str(act), screen, subjects]
    # Not through the ORM: it asks for the identifier back, which the web role may not read.
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO privacy_reading ({names}) VALUES "
            + ", ".join([f"({line})"] * len(noted)),
            values,
        )


def _reader(actor: Actor | None) -> tuple[int | None, str, list[str], list[int], list[str]]:
    """Who, as what, where: as it is at this moment."""
    if actor is None:
        return None, "", [], [], []
    functions = [f"{m.title or Role(m.role).label}, {m.structure.name}" for m in actor.memberships]
    academies = {
        s.academie_id or (s.departement.academie_id if s.departement else None)
        for s in actor.structures
    }
    return (
        actor.user.pk,
        str(actor.user)[:200],
        list(dict.fromkeys(functions)),
        sorted(actor.structure_ids),
        sorted(code for code in academies if code),
    )


@dataclass(frozen=True)
class Read:
    """What is told to the young person: a function and a structure, never a name."""

    at: datetime
    functions: tuple[str, ...]
    act: str


def who_read(*subjects: UUID) -> list[Read]:
    """Who read the file of a young person, and when, latest first.

    Give the person and each of their cases: a list notes the cases, a search the person. Refusals
    are left out: nothing was read. Under the rights of a page, only a DPO gets an answer.
    """
    lines = Reading.objects.filter(subjects__overlap=list(subjects)).exclude(act=Act.REFUSAL)
    return [
        Read(line.at, tuple(line.functions), line.get_act_display())
        for line in lines.only("at", "functions", "act").order_by("-id")
    ]
