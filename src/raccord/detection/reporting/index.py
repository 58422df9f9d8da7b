"""The index of who is enrolled today, one an académie, made again after each night."""

import logging
from datetime import date
from pathlib import Path

from raccord.detection import night, states
from raccord.detection.calendars import campaign
from raccord.matching import lookup_index
from raccord.matching.lookup_index import Index
from raccord.registers import snapshots
from raccord.territory.models import Academie

log = logging.getLogger("raccord.detection")


def home() -> Path:
    """Where indexes are kept, for the service's own eyes (0700)."""
    return snapshots.home() / "reperage"


def write(academie: Academie, on: date | None = None) -> int:
    """Make the index of an académie again; how many enrolments it has."""
    day = on or night.today(academie)
    chosen = states.choose(academie, campaign(academie, day), day)
    lines = lookup_index.build(
        [state.snapshot for state in chosen.enrolled], home() / academie.pk, day
    )
    log.info("index de %s : %s inscriptions", academie.pk, lines)
    return lines


def of(academie: str) -> Index | None:
    """The index of an académie; None before its first night."""
    return lookup_index.opened(home() / academie)
