"""What the pages of the room show: meetings, the agenda, who should come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Prefetch, Q

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup.meetings.models import (
    AgendaItem,
    Attendance,
    Decision,
    Meeting,
    MeetingStatus,
    Why,
)
from raccord.followup.meetings.services import groups_of
from raccord.followup.models import Case, Departure
from raccord.followup.rights import hides
from raccord.followup.search import searchable
from raccord.followup.telling import capital, departed
from raccord.followup.vocabulary import Lane
from raccord.matching.wording import count, day, typeset
from raccord.territory.geography import folded_name
from raccord.territory.models import PRACTICE, Structure
from raccord.ui.naming import called

#: Those whose structure was invited read the minutes of what they see.
_INVITED = (Role.HEAD, Role.CORRESPONDENT, Role.LEAD, Role.AGENT, Role.BASIN_REFERENT)


def meetings_of(actor: Actor) -> list[Meeting]:
    """Those of one's groups, and those to which one's structure came; latest first."""
    invited = [m.structure_id for m in actor.memberships if m.role in _INVITED]
    return list(
        Meeting.objects.filter(
            Q(group__in=groups_of(actor)) | Q(attendances__structure__in=invited)
        )
        .distinct()
        .select_related("group")
        .annotate(cases=Count("items", distinct=True))
        .order_by("-on", "-pk")[:60]
    )


def meeting_of(actor: Actor, key: UUID) -> Meeting | None:
    """One of them."""
    invited = [m.structure_id for m in actor.memberships if m.role in _INVITED]
    found: Meeting | None = (
        Meeting.objects.filter(
            Q(group__in=groups_of(actor)) | Q(attendances__structure__in=invited), pk=key
        )
        .select_related("group", "called_by")
        .distinct()
        .first()
    )
    return found


@dataclass(frozen=True)
class Line:
    """A case of the agenda."""

    item: AgendaItem
    rank: int
    age: int | None
    level: str
    school: str
    why: str
    #: In a sentence; empty as long as nothing is.
    decision: str
    hidden: bool

    @property
    def case(self) -> Case:
        """Which."""
        return self.item.case

    @property
    def name(self) -> str:
        """As people of the room call somebody."""
        return f"{self.case.person.first_name} {self.case.person.last_name}"

    @property
    def initials(self) -> str:
        """As minutes call somebody: they travel by e-mail, names do not."""
        return f"{self.case.person.first_name} {self.case.person.last_name[:1]}."


def agenda(actor: Actor, meeting: Meeting, today: date) -> list[Line]:
    """Every case of a meeting that this person sees, in order; two queries."""
    items = (
        AgendaItem.objects.filter(meeting=meeting, case__in=Case.objects.visible_to(actor))
        .select_related("case__person", "case__holder", "recommendation", "mandate__structure")
        .prefetch_related(
            Prefetch("case__departures", Departure.objects.select_related("structure"))
        )
        .order_by("rank", "pk")
    )
    return [_line(actor, item, rank, today) for rank, item in enumerate(items, start=1)]


def _line(actor: Actor, item: AgendaItem, rank: int, today: date) -> Line:
    left = departed(item.case)
    hidden = hides(actor, item.case.person)
    return Line(
        item,
        rank,
        item.case.person.age(today),
        left.level if left else "",
        left.structure.name if left and not hidden else "",
        capital(Why(item.why).label),
        "" if hidden else told(item),
        hidden,
    )


def told(item: AgendaItem) -> str:
    """The decision in a sentence."""
    if not item.decision:
        return ""
    decision = Decision(item.decision)
    if decision is not Decision.RECOMMENDED or item.recommendation is None:
        return f"{capital(decision.label)}."
    said = capital(item.recommendation.get_kind_display())
    if item.recommendation.course:
        said += f" ({item.recommendation.course})"
    if item.mandate is None:
        return typeset(f"{said}.")
    return typeset(
        f"{said}. Mandat {called(item.mandate.structure.name, 'à')}, compte rendu attendu le "
        f"{day(item.mandate.report_by)}."
    )


def in_words(meeting: Meeting, lines: Iterable[Line]) -> str:
    """The first line of the page, true today."""
    lines = list(lines)
    left = [line for line in lines if not line.item.decision]
    if not lines:
        return "Aucun dossier n’attend le groupe : l’ordre du jour est vide."
    if meeting.status == MeetingStatus.CLOSED:
        return typeset(f"Réunion terminée : {count(len(lines), 'dossier')}, {_undecided(left)}.")
    return typeset(f"{count(len(lines), 'dossier')} à l’ordre du jour, {_undecided(left)}.")


def _undecided(left: list[Line]) -> str:
    return f"{len(left)} sans décision" if left else "tous avec une décision"


def expected(meeting: Meeting, lines: Iterable[Line]) -> list[Attendance]:
    """The sheet of attendance: what was written, else the group and those who hold the cases."""
    kept = list(
        Attendance.objects.filter(meeting=meeting)
        .select_related("structure")
        .order_by("structure__name", "pk")
    )
    known = {one.structure_id for one in kept}
    others: dict[int, Structure] = {meeting.group_id: meeting.group}
    for line in lines:
        others.setdefault(line.case.holder_id, line.case.holder)
    proposed = [
        Attendance(meeting=meeting, structure=s, present=False)
        for s in sorted(others.values(), key=lambda s: s.name)
        if s.pk not in known
    ]
    return [*kept, *proposed]


def around(lines: list[Line], item: UUID) -> dict[str, Any]:
    """Where a case stands in the agenda, and its neighbours."""
    place = next((n for n, line in enumerate(lines) if line.item.pk == item), None)
    if place is None:
        return {}
    return {
        "line": lines[place],
        "place": place + 1,
        "total": len(lines),
        "previous": lines[place - 1] if place else None,
        "next": lines[place + 1] if place + 1 < len(lines) else None,
    }


def addable(actor: Actor, meeting: Meeting, words: str) -> list[Case]:
    """Cases that this person sees and that are not on the agenda, by words of their name."""
    wanted = searchable(words).split()
    if not wanted:
        return []
    found = (
        Case.objects.visible_to(actor)
        .open()
        .exclude(lane=Lane.UNDER_16)
        .exclude(agenda_items__meeting=meeting)
        .filter(person__hidden=False, person__protected_at=None)
    )
    for word in wanted:
        found = found.filter(person__search_name__contains=word)
    return list(found.select_related("person", "holder").order_by("person__search_name", "pk")[:8])


def structures(words: str) -> list[Structure]:
    """Structures that may come, by words of their name."""
    wanted = folded_name(words).split()
    found = Structure.objects.open().exclude(source=PRACTICE)
    for word in wanted:
        found = found.filter(name_normalised__contains=word)
    return list(found.order_by("name", "pk")[:8]) if wanted else []
