"""What a night tells at the head of every list: when it ran, and the calls it spared."""

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
from django.utils import timezone

from raccord.detection.schedule import FROM
from raccord.followup.models import Comparison, Tally
from raccord.registers.snapshots import quoted
from raccord.territory.models import Academie, Structure


def write(academie: Academie, folder: Path, *, year: int, as_of: date) -> None:
    """The last comparison of the académie and, for each of its schools, who left and who of them
    was found elsewhere without a call. Figures only."""
    Comparison.objects.update_or_create(
        academie=academie,
        defaults={"finished_at": timezone.now(), "next_at": _next(academie, timezone.now())},
    )
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        counts = connection.execute(
            f"""SELECT uai, count(DISTINCT person),
                count(DISTINCT person) FILTER (verdict = 'found')
            FROM read_parquet('{quoted(folder / "resultat" / "verdicts.parquet")}')
            WHERE verdict IN ('missing', 'review')
                OR (verdict = 'found' AND uai IS DISTINCT FROM matched_uai)
            GROUP BY uai"""
        ).fetchall()
    ids = dict(
        Structure.objects.filter(uai__in=[uai for uai, *_ in counts if uai]).values_list(
            "uai", "id"
        )
    )
    Tally.objects.bulk_create(
        (
            Tally(
                structure_id=ids[uai], school_year=year, leavers=leavers, found=found, as_of=as_of
            )
            for uai, leavers, found in counts
            if uai in ids
        ),
        update_conflicts=True,
        unique_fields=["structure", "school_year"],
        update_fields=["leavers", "found", "as_of"],
    )


def _next(academie: Academie, now: datetime) -> datetime:
    """Four in the morning, where the territory is."""
    zone = ZoneInfo(academie.time_zone)
    local = now.astimezone(zone)
    day = local.date() if local.time() < FROM else local.date() + timedelta(days=1)
    return datetime.combine(day, FROM, zone)
