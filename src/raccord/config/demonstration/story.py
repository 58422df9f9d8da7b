"""What happened to some of the young people since the rentrée, played by the services themselves.

Each chapter is a function that knows its own day; one that cannot be played (a school that has
nobody to play with) is left out, and said.
"""

import logging
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction

from raccord.config.demonstration import beyond, care, groups, past, relay
from raccord.config.demonstration.cast import Cast, gather
from raccord.followup.models import Handover
from raccord.followup.services.acting import Refused

Say = Callable[[str], None]
_log = logging.getLogger("raccord.demonstration")

#: Days before today, and what happens that day: the oldest first.
CHAPTERS: tuple[tuple[int, Callable[["Story"], None]], ...] = (
    (75, care.places_were_vacant),
    (45, relay.schools_call),
    (42, relay.schools_tell_families),
    (40, relay.schools_pass_the_baton),
    (37, relay.batons_are_taken),
    (35, relay.others_come_back),
    (34, care.services_meet_young_people),
    (33, care.first_solutions_start),
    (29, relay.one_stays_unanswered),
    (28, relay.the_cio_passes_on),
    (27, relay.the_group_is_asked),
    (21, groups.a_meeting_was_held),
    (16, care.mandates_are_reported),
    (14, care.solutions_are_proposed),
    (12, relay.some_wait_for_twelve_days),
    (10, care.young_people_answer),
    (9, care.places_are_vacant),
    (8, relay.questions_are_asked),
    (6, care.solutions_start),
    (5, groups.partners_report_young_people),
    (3, care.later_on),
    (2, relay.the_latest),
    (0, beyond.a_file_is_opened_in_emergency),
    (0, groups.a_meeting_is_planned),
    (0, groups.two_files_look_alike),
    (0, relay.schools_that_did_nothing),
)


class Story:
    """The cast, and the cases of each thread, named."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.cases: dict[str, list[Any]] = {}
        self.left_out: list[str] = []

    def tries(self, act: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """One act; where the day or the territory refuse it, the story goes on without."""
        try:
            with transaction.atomic():
                return act(*given, **named)
        except (Refused, ValidationError, ObjectDoesNotExist) as refused:
            name = getattr(act, "__name__", str(act))
            self.left_out.append(f"{name} : {type(refused).__name__} {refused}")
            return None


def play(academie: str, as_of: date, say: Say) -> list[str]:
    """Every chapter, in one transaction; what could not be played."""
    if Handover.objects.exists():
        return []
    say("Deux mois d’histoires : relais, entretiens, préconisations, retours…")
    with transaction.atomic():
        story = Story(gather(academie, as_of))
        relay.choose(story)
        for days, chapter in CHAPTERS:
            try:
                with transaction.atomic(), past.days_ago(days):
                    chapter(story)
            except Exception as error:  # noqa: BLE001 - one chapter less is better than no demonstration
                story.left_out.append(f"{chapter.__name__} : {type(error).__name__} {error}")
    for line in story.left_out:
        _log.info("histoire écourtée : %s", line)
    return story.left_out
