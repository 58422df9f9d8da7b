"""Chapters of the support group, and of those who report a young person."""

from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from raccord.followup.meetings import services as room
from raccord.followup.meetings.services import Present
from raccord.followup.models import AgendaItem, Case, PossibleDuplicate
from raccord.followup.reporting import duplicates, merging
from raccord.followup.reporting import services as reporting
from raccord.followup.reporting.models import PairStatus
from raccord.followup.reporting.services import Described
from raccord.territory.models import Academie, Commune

if TYPE_CHECKING:
    from raccord.config.demonstration.story import Story


def a_meeting_was_held(story: "Story") -> None:
    """What the group recommended, to whom it gave a mandate, and the minutes of it."""
    cio, others, mlds = (story.cases[name] for name in ("cio", "cio_others", "mlds"))
    lead, group = story.cast["psad"], story.cast.structure("psad")
    held = room.plan(
        lead, group=group.pk, on=timezone.localdate(), starts_at=time(14), place="Salle du CIO"
    )
    room.start(lead, meeting=held.pk)
    items = {one.case_id: one.pk for one in AgendaItem.objects.filter(meeting=held)}
    decided: tuple[tuple[Any, str, str, int], ...] = (
        (cio[0:1], "mlds_action", "mlds", 10),
        (cio[1:2], "cfa", "", 0),
        (cio[4:5], "e2c", "e2c", 45),
        (others[0:1], "mission_locale", "missionlocale", 25),
        (others[1:2], "return", "mlds", 50),
        (mlds[0:1], "return_structure", "cio", 12),
    )
    for cases, kind, to, days in decided:
        for case in (one for one in cases if one in items):
            given: dict[str, Any] = {"item": items[case], "kind": kind}
            if to:
                by = timezone.localdate() + timedelta(days=days)
                given |= {"structure": story.cast.structure(to), "report_by": by}
            story.tries(room.decide, lead, **given)
    for case in (one for one in others[2:3] if one in items):
        story.tries(room.postpone, lead, item=items[case])
    for case in (one for one in mlds[1:2] if one in items):
        story.tries(room.carry_on, lead, item=items[case])
    came = [
        Present(story.cast.structure(key).pk, str(story.cast[key].user), present)
        for key, present in (
            ("psad", True), ("cio", True), ("mlds", True), ("missionlocale", True), ("e2c", False),
        )
    ]  # fmt: skip
    room.attend(lead, meeting=held.pk, present=came)
    room.close(lead, meeting=held.pk)


def a_meeting_is_planned(story: "Story") -> None:
    """The next one, with an agenda that made itself."""
    group, on = story.cast.structure("psad"), timezone.localdate() + timedelta(days=9)
    given = {"group": group.pk, "on": on, "starts_at": time(14), "place": "Salle du CIO"}
    story.tries(room.plan, story.cast["psad"], **given)


#: Who reports whom; aged so many years. Nobody of this name is in a register.
_REPORTED = (
    ("e2c", "Kerdalan", "Timéo", "M", 19, "training"),
    ("cio", "Ombredieu", "Nolan", "M", 17, "walk_in"),
    ("missionlocale", "Kerdalan", "Timéo", "M", 19, "walk_in"),
    ("e2c", "Vasseline", "Inaya", "F", 18, "training"),
    ("greta", "Ombredieu", "Nolan", "M", 17, "partner"),
)


def partners_report_young_people(story: "Story") -> None:
    """Somebody opens a case, somebody joins one that the CIO follows already."""
    for who, last, first, sex, years, how in _REPORTED:
        structure = story.cast.structure(who)
        where = Commune.objects.filter(pk=structure.commune_id).first()
        born = date(timezone.localdate().year - years, 1, 15)
        described = Described(last, first, born, sex=sex, commune=where)
        given = {"structure": structure, "described": described, "how": how}
        story.tries(reporting.open_case, story.cast[who], **given)
    known = Case.objects.select_related("person").filter(pk__in=story.cases["cio"][:2])
    for case, who in zip(known.order_by("pk"), ("infojeunes", "cfa"), strict=False):
        given = {"structure": story.cast.structure(who), "person": case.person_id}
        given |= {"how": "training", "birth_date": case.person.birth_date}
        story.tries(reporting.join, story.cast[who], **given)


def two_files_look_alike(story: "Story") -> None:
    """Pairs to decide, and one that was made one file."""
    duplicates.write(Academie.objects.get(pk=story.cast.structure("cio").academie_id))
    lead = story.cast["cio"]
    twice = {"status": PairStatus.OPEN, "one__last_name": "OMBREDIEU"}
    for pair in PossibleDuplicate.objects.filter(**twice)[:1]:
        files = merging.files_of(lead, pair.pk)
        own = next((one.person for one in files if one.holder in lead.structure_ids), None)
        if own:
            story.tries(merging.merge, lead, pair=pair.pk, keep=own)
