"""« Aujourd’hui »: what each structure must do today, counted and begun in one statement."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup.desk.sections import SECTIONS, SOON_DAYS, Section
from raccord.followup.meetings.models import Meeting, MeetingStatus
from raccord.followup.models import Case
from raccord.followup.querysets import read_rows
from raccord.matching.wording import typeset
from raccord.territory.kinds import Kind

#: Names shown in each section; its list has the others.
SHOWN = 5
_SERVING = (Role.LEAD, Role.AGENT)


@dataclass(frozen=True)
class Shown:
    """A section with how many wait, how many are late, and the first ones."""

    section: Section
    number: int
    late: int
    rows: list[tuple[Case, date]]

    @property
    def others(self) -> int:
        """Those that only the list shows."""
        return self.number - len(self.rows)


@dataclass(frozen=True)
class Today:
    """Everything the page says."""

    sections: list[Shown]
    today: date

    @property
    def waiting(self) -> list[Shown]:
        """Those where something waits."""
        return [one for one in self.sections if one.number]

    @property
    def nothing(self) -> str:
        """The others, in one line: « relais reçus, appels et doublons »."""
        *names, last = [one.section.matter for one in self.sections if not one.number] or [""]
        return f"{', '.join(names)} et {last}" if names else last

    @property
    def sentence(self) -> str:
        """« 5 dossiers vous attendent, 3 comptes rendus sont en retard et 2 entretiens… »"""
        told = [one.section.sentence(one.number, one.late) for one in self.waiting[:4]]
        if not told:
            return "Rien ne vous attend aujourd’hui."
        said = told[0] if len(told) == 1 else ", ".join(told[:-1]) + " et " + told[-1]
        return typeset(f"{said}.")

    @property
    def cases(self) -> list[UUID]:
        """Those whose names are on the page."""
        return list(dict.fromkeys(case.pk for one in self.sections for case, _ in one.rows))


def serving(actor: Actor) -> list[int]:
    """The services (not schools) in whose name this person follows young people."""
    return [
        m.structure_id
        for m in actor.memberships
        if m.role in _SERVING and not m.structure.is_school
    ]


def groups(actor: Actor) -> list[int]:
    """The support groups among them."""
    return [m.structure_id for m in actor.memberships if m.structure.kind == Kind.PSAD]


def next_meeting(actor: Actor, today: date) -> Meeting | None:
    """Of their group: the first that is not over."""
    mine = groups(actor)
    coming = Meeting.objects.filter(group__in=mine, on__gte=today)
    coming = coming.exclude(status=MeetingStatus.CLOSED).order_by("on", "pk")
    return coming.first() if mine else None


def starts_here(actor: Actor) -> bool:
    """Whether « Aujourd’hui » is their home page: schools keep « Mes élèves sortis »."""
    return bool(serving(actor)) and not actor.schools


def today_of(actor: Actor, today: date) -> Today:
    """The sections of somebody: one statement, then the names that it found."""
    sections = [one for one in SECTIONS if not one.of_group or groups(actor)]
    with connection.cursor() as cursor:
        cursor.execute(_statement(sections, training=actor.training), given(actor, today))
        *found, _ = cursor.fetchone()
    per = [found[rank * 3 : rank * 3 + 3] for rank in range(len(sections))]
    first = [
        [(UUID(key), date.fromisoformat(on)) for key, on in json.loads(rows or "[]")]
        for *_, rows in per
    ]
    keys = list(dict.fromkeys(key for rows in first for key, _ in rows))
    by_key = {case.pk: case for case in read_rows(keys, schools=False, holders=True)}
    return Today(
        [
            Shown(section, number, late, [(by_key[k], on) for k, on in rows if k in by_key])
            for section, (number, late, _), rows in zip(sections, per, first, strict=True)
        ],
        today,
    )


def given(actor: Actor, today: date) -> dict[str, Any]:
    """What the sections ask about."""
    return {
        "user": actor.user.pk,
        "mine": serving(actor),
        "groups": groups(actor),
        "today": today,
        "soon": today + timedelta(days=SOON_DAYS),
        "year_ago": today - timedelta(days=365),
        "shown": SHOWN,
    }


def _statement(sections: Sequence[Section], *, training: bool) -> str:
    dues, joins, shown, told = [], [], [], []
    for rank, one in enumerate(sections):
        due, present = one.due, one.condition
        if one.source:
            joins.append(f"LEFT JOIN ({one.source}) s{rank} ON s{rank}.case_id = c.id")
            due = due.replace("s.due", f"s{rank}.due")
            present = f"s{rank}.case_id IS NOT NULL AND ({present})"
        dues.append(f"CASE WHEN {present} THEN {due} END AS due_{rank}")
        shown.append(
            f"shown_{rank} AS (SELECT id, due_{rank} AS due FROM seen "
            f"WHERE due_{rank} IS NOT NULL ORDER BY due_{rank}, id LIMIT %(shown)s)"
        )
        told.append(
            f"count(due_{rank}), count(*) FILTER (WHERE due_{rank} < %(today)s), "
            "(SELECT jsonb_agg(jsonb_build_array(id, due) ORDER BY due, id) "
            f"FROM shown_{rank})::text"
        )
    if training:
        joins.append("JOIN followup_person p ON p.id = c.person_id AND p.training")
    every = " UNION ".join(f"SELECT id FROM shown_{rank}" for rank in range(len(sections)))
    return f"""WITH seen AS (
        SELECT c.id, {", ".join(dues)} FROM followup_case c {" ".join(joins)}
        WHERE c.id = ANY ((SELECT raccord_case_array(%(user)s))::uuid[])
    ), {", ".join(shown)}
    SELECT {", ".join(told)}, raccord_open_cases(%(user)s, ARRAY({every})) FROM seen"""
