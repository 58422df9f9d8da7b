"""The calendar of a campaign: 1 July to 30 June, with the territory's own dates inside."""

from dataclasses import dataclass
from datetime import date, timedelta

from raccord.territory.models import Academie, SchoolYear

#: Days a case may stay untouched once clocks run.
UNTOUCHED_DAYS = 15


@dataclass(frozen=True)
class Campaign:
    """One campaign of one académie. Before the *constat de rentrée* no clock runs."""

    year: int
    rollover_on: date
    constat_on: date

    @property
    def looks_back_to(self) -> date:
        """Those who left since then are looked for: the whole school year before."""
        return date(self.year - 1, 9, 1)

    def is_provisional(self, on: date) -> bool:
        """Whether lists of that day are provisional."""
        return on < self.constat_on

    def untouched_until(self, on: date) -> date | None:
        """When a case opened that day is shown as untouched; None: no clock runs yet."""
        if self.is_provisional(on):
            return None
        return max(on, self.constat_on) + timedelta(days=UNTOUCHED_DAYS)


def campaign_year(on: date) -> int:
    """The campaign of a day, named by its first year."""
    return on.year if on.month >= 7 else on.year - 1


def campaign(academie: Academie, on: date) -> Campaign:
    """The campaign of a day; a territory that stated no dates has those of most académies."""
    year = campaign_year(on)
    stated = SchoolYear.objects.filter(academie=academie, year=year).first()
    if stated is not None:
        return Campaign(year, stated.rollover_on, stated.constat_on)
    return Campaign(year, date(year, 7, 5), date(year, 9, 20))
