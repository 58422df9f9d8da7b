"""What pages show of registers: their age, what is to correct in them, what a run did."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma

from raccord.detection.models import Deposit, Feed, Run
from raccord.detection.night import today
from raccord.registers import snapshots
from raccord.registers.quality import quality_of
from raccord.registers.quality_rules import IMPORTANCE_LABELS
from raccord.territory.models import Academie

#: Acts of a run, as they are told; others are details of the machine.
_ACTS = {
    "opened": "dossiers ouverts",
    "reopened": "dossiers rouverts",
    "found": "jeunes retrouvés, dossiers clos",
    "asked": "dossiers à confirmer par ceux qui les suivent",
    "updated": "dossiers mis à jour (âge, doute)",
}


@dataclass(frozen=True)
class Line:
    """A register in the list."""

    feed: Feed
    days: int | None
    late: bool

    @property
    def age(self) -> str:
        """How old its last state is."""
        if self.days is None:
            return "jamais déposée"
        if self.days <= 0:
            return "aujourd’hui"
        return "hier" if self.days == 1 else f"il y a {self.days} jours"


def lines(feeds: Iterable[Feed], academie: Academie) -> list[Line]:
    """Registers with their age; late ones first."""
    day = today(academie)
    made = []
    for feed in feeds:
        days = (day - feed.last_exported_on).days if feed.last_exported_on else None
        made.append(Line(feed, days, days is None or days > feed.expected_every + 1))
    return sorted(made, key=lambda line: (not line.late, line.feed.label))


def report(deposit: Deposit, *, named: bool) -> list[dict[str, Any]]:
    """What to correct, most costly first; examples name pupils for their own school only."""
    snapshot = snapshots.find(deposit.snapshot) if deposit.snapshot else None
    if snapshot is None:
        return []
    found = quality_of([snapshot], as_of=deposit.state_on).files[0].findings
    return [
        {
            "title": f.title,
            "count": f.count,
            "cost": f.cost,
            "remedy": f.remedy,
            "importance": IMPORTANCE_LABELS[f.importance],
            "examples": f.examples if named else (),
        }
        for f in found
    ]


def told(run: Run) -> str:
    """What a run did, in one line."""
    return ", ".join(f"{intcomma(count)} {label}" for label, count in acts(run))


def acts(run: Run) -> list[tuple[str, int]]:
    """What a run did, in words."""
    done = run.stats.get("acts", {})
    return [(label, done[name]) for name, label in _ACTS.items() if done.get(name)]
