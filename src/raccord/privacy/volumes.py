"""Unusual volumes, told as sentences: what a DPO looks at first."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Func, IntegerField, Max, Q, QuerySet, Sum
from django.db.models.functions import ExtractHour, TruncDate
from django.utils import timezone

from raccord.privacy.models import Act, Reading

#: In one day, by one person: more than this is told.
SHEETS, NIGHT_SHEETS, EXPORTED, REFUSALS = 60, 5, 300, 10
#: Hours of the night, in the time zone of the territory.
NIGHT_FROM, NIGHT_TO = 22, 6
#: Days looked at.
DAYS = 30


@dataclass(frozen=True)
class Unusual:
    """A sentence about what one person did on one day."""

    day: date
    reader: str
    sentence: str


def unusual(lines: "QuerySet[Reading]", until: date, zone: ZoneInfo) -> list[Unusual]:
    """What goes beyond the thresholds over the last days, latest first: one query."""
    since = datetime.combine(until - timedelta(days=DAYS), time.min, zone)
    found = (
        lines.filter(at__gte=since, user_id__isnull=False)
        .annotate(day=TruncDate("at", tzinfo=zone), hour=ExtractHour("at", tzinfo=zone))
        .order_by()
        .values("day", "user_id")
        .annotate(
            reader=Max("reader"),
            functions=Max("functions"),
            # an act opens its sheet again: each file counts once a day
            sheets=Count("subjects", filter=Q(act=Act.SHEET), distinct=True),
            by_night=Count(
                "subjects",
                distinct=True,
                filter=Q(act=Act.SHEET) & (Q(hour__gte=NIGHT_FROM) | Q(hour__lt=NIGHT_TO)),
            ),
            exported=Sum(
                Func(F("subjects"), function="cardinality", output_field=IntegerField()),
                filter=Q(act=Act.EXPORT),
                default=0,
            ),
            refusals=Count("id", filter=Q(act=Act.REFUSAL)),
        )
        .filter(
            Q(sheets__gt=SHEETS)
            | Q(by_night__gt=NIGHT_SHEETS)
            | Q(exported__gt=EXPORTED)
            | Q(refusals__gt=REFUSALS)
        )
        .order_by("-day", "reader", "user_id")[:50]
    )
    return [
        Unusual(row["day"], row["reader"], sentence)
        for row in found
        for sentence in _told(dict(row))
    ]


def _told(row: dict[str, Any]) -> list[str]:
    function = f" ({row['functions'][0]})" if row["functions"] else ""
    who = f"Le {row['day']:%d/%m/%Y}, {row['reader']}{function}"
    told = [
        (row["sheets"] > SHEETS, f"a ouvert {row['sheets']} fiches dans la journée."),
        (
            row["by_night"] > NIGHT_SHEETS,
            f"a ouvert {row['by_night']} fiches entre {NIGHT_FROM} h et {NIGHT_TO} h.",
        ),
        (row["exported"] > EXPORTED, f"a exporté {row['exported']} dossiers."),
        (
            row["refusals"] > REFUSALS,
            f"a demandé {row['refusals']} fois un dossier qui ne lui est pas ouvert.",
        ),
    ]
    return [f"{who} {sentence}" for beyond, sentence in told if beyond]


def today(zone: ZoneInfo) -> date:
    """The day it is in the territory."""
    return timezone.localdate(timezone=zone)
