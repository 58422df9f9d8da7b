"""Chapters of the support group and of those who report a young person."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from raccord.followup.care import services as care
from raccord.followup.models import Recommendation
from raccord.territory.models import Structure

if TYPE_CHECKING:
    from raccord.config.demonstration.story import Story


def a_meeting_was_held(story: "Story") -> None:
    """What the group recommended, and to whom it gave a mandate."""
    cio, others, mlds = (story.cases[name] for name in ("cio", "cio_others", "mlds"))
    decided = (
        (cio[0:1], "mlds_action", "mlds", 10),
        (cio[1:2], "cfa", "", 0),
        (cio[4:5], "e2c", "e2c", 45),
        (others[0:1], "mission_locale", "missionlocale", 25),
        (others[1:2], "return", "mlds", 50),
        (mlds[0:1], "return_structure", "cio", 12),
    )
    for cases, kind, to, days in decided:
        for case in cases:
            _decide(story, case, kind, story.cast.structure(to) if to else None, days)


def _decide(story: "Story", case: UUID, kind: str, to: Structure | None, days: int) -> None:
    lead = story.cast["psad"]
    story.tries(care.recommend, lead, case=case, kind=kind)
    if to is None:
        return
    said = Recommendation.objects.filter(case=case).order_by("-pk").first()
    given = {"structure": to, "report_by": timezone.localdate() + timedelta(days=days)}
    about = said.pk if said else None
    story.tries(care.mandate, lead, case=case, recommendation=about, **given)


def a_meeting_is_planned(story: "Story") -> None:
    """The next one, with an agenda that made itself."""


def partners_report_young_people(story: "Story") -> None:
    """A CFA, a mission locale: somebody joins a case, somebody opens one."""


def two_files_look_alike(story: "Story") -> None:
    """One pair to decide, and one that was made one file."""
