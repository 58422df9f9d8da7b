"""What happens in the support group's room: plan, order, decide as it is said, close.

Two people may write at once: the order is held by the version of the meeting, a decision by that of
its case; whoever comes second is told, and nothing is overwritten.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F, Max
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup.care import services as care
from raccord.followup.forbidden_matters import validate_note
from raccord.followup.meetings.models import (
    AgendaItem,
    Attendance,
    Decision,
    Meeting,
    MeetingStatus,
    Why,
)
from raccord.followup.models import Case, TimelineEvent
from raccord.followup.rights import Act, abilities
from raccord.followup.services.acting import Change, Refused, perform
from raccord.followup.vocabulary import EventKind, Lane
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

_AGENDA = Path(__file__).parent / "agenda.sql"
#: A meeting further away than this is a mistake of the year.
_FURTHEST = timedelta(days=365)
#: PSAD meet each month or two (law-and-follow-up): a report is awaited before the next one.
REPORT_IN = timedelta(days=30)


class MeetingChanged(Exception):
    """Somebody else wrote in the meeting since the page was shown: nothing was written."""

    def __init__(self) -> None:
        super().__init__(
            "Quelqu’un d’autre a modifié cette réunion entre-temps. Rien n’a été enregistré : "
            "relisez, puis recommencez."
        )


def groups_of(actor: Actor | None) -> list[Structure]:
    """The groups in whose name this person holds meetings: their PSAD, or the structure that makes
    them the referent of a basin."""
    found = {
        m.structure_id: m.structure
        for m in (actor.memberships if actor else ())
        if m.role == Role.BASIN_REFERENT
        or (m.structure.kind == Kind.PSAD and m.role in (Role.LEAD, Role.AGENT))
    }
    return list(found.values())


def plan(
    actor: Actor, *, group: int, on: date, starts_at: time | None = None, place: str = ""
) -> Meeting:
    """A meeting, and the agenda that the cases make."""
    if group not in {one.pk for one in groups_of(actor)}:
        raise Meeting.DoesNotExist
    validate_note(place)
    today = timezone.localdate()
    if not today <= on <= today + _FURTHEST:
        raise ValidationError(
            {"on": f"Le {on:%d/%m/%Y} ne convient pas : une réunion se prévoit dans l’année."}
        )
    with transaction.atomic():
        made = Meeting(
            group_id=group,
            on=on,
            starts_at=starts_at,
            place=" ".join(place.split()),
            called_by=actor.user,
        )
        made.save(force_insert=True)
        _fill(actor, made)
    return made


def renew(actor: Actor, *, meeting: UUID, version: int | None = None) -> int:
    """Add what calls for the group since the agenda was made; how many."""
    with transaction.atomic():
        found = _locked(actor, meeting, version)
        added = _fill(actor, found)
        _touched(found)
    return added


def start(actor: Actor, *, meeting: UUID, version: int | None = None) -> Meeting:
    """The meeting begins, its agenda up to date."""
    with transaction.atomic():
        found = _locked(actor, meeting, version)
        if found.status == MeetingStatus.PLANNED:
            _fill(actor, found)
            found.status = MeetingStatus.OPEN
            found.save(update_fields=["status"])
            _touched(found)
    return found


def add(actor: Actor, *, meeting: UUID, case: UUID, version: int | None = None) -> None:
    """A case that the actor sees, at the end of the agenda."""
    with transaction.atomic():
        found = _locked(actor, meeting, version)
        one = Case.objects.visible_to(actor).select_related("person").get(pk=case)
        age = one.person.age()
        if one.lane == Lane.UNDER_16 or (age is not None and age < 16):
            raise Refused(
                "Avant 16 ans, l’obligation d’instruction s’applique : saisissez la DSDEN. Ce "
                "dossier ne passe pas en groupe d’appui."
            )
        kept_away = one.person.is_protected or one.person.training or one.provisional
        if kept_away:
            raise Refused(
                "Ce dossier est protégé ou encore provisoire : le groupe ne l’examine pas."
            )
        if not (able := abilities(actor, one)[Act.RECOMMEND]):
            raise Refused(able.refusal)
        last = AgendaItem.objects.filter(meeting=found).aggregate(last=Max("rank"))["last"] or 0
        AgendaItem.objects.bulk_create(
            [AgendaItem(meeting=found, case=one, rank=last + 1, why=Why.ASKED)],
            ignore_conflicts=True,
        )
        _touched(found)


def remove(actor: Actor, *, item: UUID, version: int | None = None) -> None:
    """Off the agenda, as long as nothing was decided."""
    with transaction.atomic():
        one, found = _locked_item(actor, item, version)
        if one.decision:
            raise Refused(
                "Une décision est déjà notée pour ce dossier : il reste à l’ordre du jour."
            )
        one.delete()
        _touched(found)


def move(actor: Actor, *, item: UUID, to: int, version: int | None = None) -> None:
    """Give a case its place in the order (the first is 1); the others make room."""
    with transaction.atomic():
        one, found = _locked_item(actor, item, version)
        keys = list(found.items.exclude(pk=one.pk).values_list("pk", flat=True))
        keys.insert(max(to - 1, 0), one.pk)
        items = {i.pk: i for i in found.items.all()}
        for rank, key in enumerate(keys, start=1):
            items[key].rank = rank
        AgendaItem.objects.bulk_update(items.values(), ["rank"])
        _touched(found)


def decide(
    actor: Actor,
    *,
    item: UUID,
    kind: str,
    course: str = "",
    note: str = "",
    structure: Structure | None = None,
    report_by: date | None = None,
    version: int | None = None,
) -> TimelineEvent:
    """The préconisation, and the mandate when a structure is named, in one go."""
    with transaction.atomic():
        one, _ = _locked_item(actor, item)
        event = care.recommend(
            actor, case=one.case_id, kind=kind, course=course, note=note, version=version
        )
        recommendation = UUID(event.facts["recommendation"])
        if structure is not None:
            care.mandate(
                actor,
                case=one.case_id,
                structure=structure,
                report_by=report_by or timezone.localdate() + REPORT_IN,
                recommendation=recommendation,
            )
            given = one.case.mandates.filter(recommendation=recommendation)
            one.mandate_id = given.values_list("pk", flat=True).first()
        one.recommendation_id = recommendation
        _decided(one, Decision.RECOMMENDED)
    return event


def postpone(actor: Actor, *, item: UUID, version: int | None = None) -> TimelineEvent:
    """Seen again at the next meeting, whose agenda takes it up by itself."""
    return _said(actor, item, Decision.POSTPONED, EventKind.POSTPONED, version)


def carry_on(actor: Actor, *, item: UUID, version: int | None = None) -> TimelineEvent:
    """« Le suivi continue »: nothing new is asked of anybody."""
    return _said(actor, item, Decision.NOTHING, EventKind.CONTINUED, version)


def _said(
    actor: Actor, item: UUID, decision: Decision, kind: EventKind, version: int | None
) -> TimelineEvent:
    with transaction.atomic():
        one, meeting = _locked_item(actor, item)
        facts = {"group": meeting.group.name}
        event = perform(
            actor,
            Act.RECOMMEND,
            case=one.case_id,
            decide=lambda _: Change(kind, {}, facts, undoable=False),
            version=version,
        )
        one.recommendation_id = one.mandate_id = None
        _decided(one, decision)
    return event


@dataclass(frozen=True)
class Present:
    """A structure of the room, who came for it, and whether it did."""

    structure: int
    name: str = ""
    present: bool = True


def attend(
    actor: Actor, *, meeting: UUID, present: Iterable[Present], version: int | None = None
) -> None:
    """The sheet of attendance, written again whole."""
    with transaction.atomic():
        found = _locked(actor, meeting, version)
        Attendance.objects.filter(meeting=found).delete()
        Attendance.objects.bulk_create(
            Attendance(
                meeting=found,
                structure_id=one.structure,
                name=" ".join(one.name.split()),
                present=one.present,
            )
            for one in present
        )
        _touched(found)


def close(actor: Actor, *, meeting: UUID, version: int | None = None) -> Meeting:
    """The meeting ends: what was not decided comes back at the next one."""
    with transaction.atomic():
        found = _locked(actor, meeting, version)
        if found.on > timezone.localdate():
            raise Refused(
                f"Cette réunion est prévue le {found.on:%d/%m/%Y} : elle se termine ce jour-là, "
                "pas avant."
            )
        found.status, found.closed_at = MeetingStatus.CLOSED, timezone.now()
        found.save(update_fields=["status", "closed_at"])
        _touched(found)
    return found


# --- What they share ------------------------------------------------------------------------------


def _fill(actor: Actor, meeting: Meeting) -> int:
    basins = [
        m.structure.basin_id
        for m in actor.memberships
        if m.role == Role.BASIN_REFERENT
        and m.structure_id == meeting.group_id
        and m.structure.basin_id
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            _AGENDA.read_text("utf-8"),
            {
                "meeting": meeting.pk,
                "group": meeting.group_id,
                "name": meeting.group.name,
                "user": actor.user.pk,
                "on": meeting.on,
                "today": timezone.localdate(),
                "basins": basins,
            },
        )
        return int(cursor.rowcount)


def _locked(actor: Actor, meeting: UUID, version: int | None = None) -> Meeting:
    """A meeting that the actor holds and that goes on, locked; somebody else's: DoesNotExist."""
    mine = [one.pk for one in groups_of(actor)]
    found: Meeting = (
        Meeting.objects.select_for_update(of=("self",))
        .select_related("group")
        .get(pk=meeting, group__in=mine)
    )
    if found.status == MeetingStatus.CLOSED:
        raise Refused("Cette réunion est terminée : son compte rendu ne change plus.")
    if version is not None and version != found.version:
        raise MeetingChanged
    return found


def _locked_item(
    actor: Actor, item: UUID, version: int | None = None
) -> tuple[AgendaItem, Meeting]:
    one = AgendaItem.objects.select_related("case").filter(pk=item).first()
    if one is None:
        raise Meeting.DoesNotExist
    return one, _locked(actor, one.meeting_id, version)


def _touched(meeting: Meeting) -> None:
    Meeting.objects.filter(pk=meeting.pk).update(version=F("version") + 1)


def _decided(item: AgendaItem, decision: Decision) -> None:
    item.decision, item.decided_at = decision, timezone.now()
    fields: list[Any] = ["decision", "decided_at", "recommendation", "mandate"]
    item.save(update_fields=fields)
