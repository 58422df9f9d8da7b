"""The agenda: what is promised for which day, this week and the next; one statement."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.urls import reverse

from raccord.accounts.actors import Actor
from raccord.accounts.roles import OF_STRUCTURE
from raccord.followup.meetings.models import Meeting
from raccord.followup.models import Case
from raccord.followup.querysets import read_rows

#: Days shown from a Monday on.
DAYS = 14
#: Beyond it, the list is the better page.
MOST = 400

#: Why a case is in the agenda; a line of the statement each: SQL giving (case_id, on).
KINDS: dict[str, tuple[str, str]] = {
    "act": (
        "À reprendre",
        "SELECT c.id, c.next_act_on FROM mine c WHERE c.status <> 'closed'",
    ),
    "mandate": (
        "Compte rendu de mandat attendu",
        "SELECT m.case_id, m.report_by FROM followup_mandate m "
        "WHERE m.status = 'given' AND m.structure_id = ANY (%(mine)s::bigint[])",
    ),
    "review": (
        "Devenir à relever",
        "SELECT r.case_id, r.due_on FROM followup_review r JOIN mine c ON c.id = r.case_id "
        "WHERE r.status = 'due'",
    ),
    "lapses": (
        "Situation à confirmer",
        "SELECT c.id, c.situation_lapses_on FROM mine c WHERE c.situation <> 'unknown'",
    ),
    "solution": (
        "En reparler : solution remise à plus tard",
        "SELECT p.case_id, p.paused_until FROM followup_proposal p JOIN mine c ON c.id = p.case_id "
        "WHERE p.status = 'paused'",
    ),
    "relay": (
        "Dernier jour pour répondre au relais",
        "SELECT h.case_id, raccord_day(h.asked_at) + 30 FROM followup_handover h "
        "WHERE h.status = 'waiting' AND h.receiver_id = ANY (%(mine)s::bigint[])",
    ),
}

_SQL = f"""
WITH mine AS (
    SELECT c.* FROM followup_case c
    WHERE c.id = ANY ((SELECT raccord_case_array(%(user)s))::uuid[])
        AND c.holder_id = ANY (%(mine)s::bigint[])
        AND (NOT %(own)s OR c.assigned_to_id = %(user)s)
), found (kind, id, "on") AS (
    {" UNION ALL ".join(f"SELECT '{kind}', x.* FROM ({sql}) x" for kind, (_, sql) in KINDS.items())}
), shown AS (
    SELECT DISTINCT kind, id, "on" FROM found
    WHERE "on" BETWEEN %(first)s AND %(last)s ORDER BY "on", kind, id LIMIT %(most)s
)
SELECT coalesce(jsonb_agg(jsonb_build_array(kind, id, "on") ORDER BY "on", kind, id), '[]')::text,
    raccord_open_cases(%(user)s, array_agg(DISTINCT id))
FROM shown
"""


@dataclass(frozen=True)
class Entry:
    """One case on one day."""

    kind: str
    case: Case
    on: date

    @property
    def why(self) -> str:
        """« À reprendre »."""
        return KINDS[self.kind][0]


@dataclass(frozen=True)
class Day:
    """A day with what it holds."""

    on: date
    entries: list[Entry]
    meetings: list[Meeting]

    @property
    def free(self) -> bool:
        """Whether nothing is promised."""
        return not self.entries and not self.meetings


def first_day(today: date) -> date:
    """The Monday of this week."""
    return today - timedelta(days=today.weekday())


def days(actor: Actor, first: date, *, own: bool = False) -> list[Day]:
    """Two weeks; only what is assigned to this person when `own`."""
    last = first + timedelta(days=DAYS - 1)
    found = _found(actor, first, last, own=own)
    keys = list(dict.fromkeys(key for _, key, _ in found))
    cases = {case.pk: case for case in read_rows(keys, schools=False, holders=True)}
    meetings = list(
        Meeting.objects.filter(on__range=(first, last)).select_related("group").order_by("on", "pk")
    )
    every = (first + timedelta(days=rank) for rank in range(DAYS))
    return [
        Day(
            on,
            [Entry(kind, cases[key], on) for kind, key, due in found if due == on and key in cases],
            [meeting for meeting in meetings if meeting.on == on],
        )
        for on in every
    ]


def _found(actor: Actor, first: date, last: date, *, own: bool) -> list[tuple[str, UUID, date]]:
    given: dict[str, Any] = {
        "user": actor.user.pk,
        "mine": [m.structure_id for m in actor.memberships if m.role in OF_STRUCTURE],
        "first": first,
        "last": last,
        "own": own,
        "most": MOST,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL, given)
        rows = json.loads(cursor.fetchone()[0])
    return [(kind, UUID(key), date.fromisoformat(on)) for kind, key, on in rows]


def calendar(found: list[Day], now: datetime) -> str:
    """The same as iCalendar (RFC 5545), for a calendar that others may see: no name, no school,
    only « dossier à reprendre » and a link that asks who one is."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//{settings.SERVICE_NAME}//FR",
        *(line for day in found for line in _events(day, now)),
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(_folded(line) for line in lines)


def _events(day: Day, now: datetime) -> Iterator[str]:
    for entry in day.entries:
        address = reverse("followup:sheet", args=[entry.case.pk])
        yield from _event(f"{entry.kind}-{entry.case.pk.hex}", day.on, now, _PLAIN, address)
    for meeting in day.meetings:
        address = reverse("followup:agenda")
        yield from _event(f"meeting-{meeting.pk.hex}", day.on, now, "Groupe d’appui", address)


#: Whatever the reason.
_PLAIN = "Dossier à reprendre"


def _event(key: str, on: date, now: datetime, summary: str, address: str) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{key}-{on:%Y%m%d}@raccord"
    yield f"DTSTAMP:{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;VALUE=DATE:{on:%Y%m%d}"
    yield f"SUMMARY:{summary}"
    yield f"URL:{settings.SITE_URL}{address}"
    yield "TRANSP:TRANSPARENT"
    yield "CLASS:PRIVATE"
    yield "END:VEVENT"


def _folded(line: str) -> str:
    """Lines of 75 octets at most, continued by a space."""
    parts, size, part = [], 0, ""
    for sign in line:
        width = len(sign.encode())
        if size + width > 74:
            parts.append(part)
            part, size = " ", 1
        part, size = part + sign, size + width
    return "\r\n".join([*parts, part])
