"""How fresh a list is: when the registers were compared, which are old, whether it is final."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from raccord.matching.wording import count, day, how_old, typeset

#: Names told in a sentence; the others are counted.
_NAMED = 3


@dataclass(frozen=True)
class Freshness:
    """What is true today of the registers of a territory."""

    compared_at: datetime | None = None
    next_at: datetime | None = None
    read_on: date | None = None
    registers: int = 0
    #: (school or label, days since it was read or None)
    stale: list[tuple[str, int | None]] = field(default_factory=list)
    stale_count: int = 0
    constat_on: date | None = None
    tally: tuple[int, int] | None = None

    @property
    def provisional(self) -> bool:
        """Before the constat de rentrée: nothing counts and no clock runs."""
        return self.constat_on is not None and timezone.localdate() < self.constat_on

    @property
    def comparison(self) -> str:
        """« Comparaison de cette nuit, 4 h 12. »"""
        if self.compared_at is None:
            if self.read_on is None:
                return "Les bases du territoire n’ont pas encore été comparées."
            return typeset(f"Bases lues au plus tard le {day(self.read_on)}.")
        at = timezone.localtime(self.compared_at)
        hour = f"{at.hour} h {at.minute:02}"
        days = (timezone.localdate() - at.date()).days
        if days == 0:
            when = f"de cette nuit, {hour}" if at.hour < 8 else f"d’aujourd’hui, {hour}"
        elif days == 1:
            when = f"d’hier, {hour}"
        else:
            when = f"du {day(at.date())}, {hour}"
        return f"Comparaison {when}."

    @property
    def next(self) -> str:
        """« Prochaine comparaison cette nuit à 4 h. »"""
        if self.next_at is None:
            return ""
        at = timezone.localtime(self.next_at)
        days = (at.date() - timezone.localdate()).days
        if days < 0:
            return ""
        when = "cette nuit" if days <= 1 and at.hour < 8 else f"le {day(at.date())}"
        minutes = f" {at.minute:02}" if at.minute else ""
        return f"Prochaine comparaison {when} à {at.hour} h{minutes}."

    @property
    def warning(self) -> str:
        """Which registers are old or missing, and what to expect of it; empty when none is."""
        if not self.stale:
            return ""
        named = [
            f"« {label} » ({how_old(age) if age is not None else 'jamais lue'})"
            for label, age in self.stale
        ]
        others = self.stale_count - len(named)
        if others > 0:
            named.append(count(others, "autre base", "autres bases"))
        told = named[0] if len(named) == 1 else ", ".join(named[:-1]) + " et " + named[-1]
        if self.stale_count > 1:
            said = f"Bases qui ne sont pas à jour : {told}. Attendez-vous à de fausses alertes."
        else:
            said = f"La base {told} n’est pas à jour : attendez-vous à de fausses alertes."
        return typeset(said)


_SQL = """
WITH registers AS (
    SELECT coalesce(s.name, r.label) AS label, read_on, %(today)s::date - read_on AS age,
        trouble <> '' OR read_on IS NULL
            OR %(today)s::date - read_on > expected_every + 2 AS stale
    FROM followup_registerstate r LEFT JOIN territory_structure s ON s.id = r.structure_id
    WHERE r.academie_id = ANY(%(academies)s) AND nature = 'inscription'
)
SELECT
    (SELECT min(finished_at) FROM followup_comparison WHERE academie_id = ANY(%(academies)s)),
    (SELECT min(next_at) FROM followup_comparison WHERE academie_id = ANY(%(academies)s)),
    (SELECT max(read_on) FROM registers),
    (SELECT count(*) FROM registers),
    (SELECT coalesce(json_agg(json_build_array(label, age)), '[]') FROM (
        SELECT label, age FROM registers WHERE stale
        ORDER BY age DESC NULLS FIRST, label LIMIT %(named)s) AS named),
    (SELECT count(*) FROM registers WHERE stale),
    (SELECT max(constat_on) FROM territory_schoolyear
        WHERE academie_id = ANY(%(academies)s) AND year = %(year)s),
    (SELECT sum(leavers) FROM followup_tally
        WHERE structure_id = ANY(%(schools)s) AND school_year = %(year)s),
    (SELECT sum(found) FROM followup_tally
        WHERE structure_id = ANY(%(schools)s) AND school_year = %(year)s)
"""


def campaign_year(on: date) -> int:
    """From 1 July to 30 June, named by its first year."""
    return on.year if on.month >= 7 else on.year - 1


def freshness(academies: Iterable[str | None], schools: Iterable[int] = ()) -> Freshness:
    """What is true of these territories, in one query."""
    today = timezone.localdate()
    asked: dict[str, Any] = {
        "academies": sorted({code for code in academies if code}),
        "schools": list(schools),
        "today": today,
        "year": campaign_year(today),
        "named": _NAMED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SQL, asked)
        row = cursor.fetchone()
    compared, following, read_on, registers, stale, stale_count, constat, leavers, found = row
    return Freshness(
        compared_at=compared,
        next_at=following,
        read_on=read_on,
        registers=registers,
        stale=[(label, age) for label, age in stale],
        stale_count=stale_count,
        constat_on=constat,
        tally=(leavers, found) if leavers else None,
    )
