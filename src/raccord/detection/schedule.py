"""When nights are due: once a day, from four in the morning, where the territory is."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from raccord.detection import pulling
from raccord.detection.models import Feed, Run, RunState
from raccord.territory.models import Academie

FROM = time(4)
#: A night that failed is tried again; after that, somebody must look.
ATTEMPTS = 3


def due(academie: Academie, now: datetime) -> date | None:
    """The day to compare; None when it is too early, done, or has failed too often.

    It asks for a wall clock past four and a day not done yet: an hour that does not exist, or
    comes twice, neither skips a night nor doubles it.
    """
    local = now.astimezone(ZoneInfo(academie.time_zone))
    if local.time() < FROM:
        return None
    today = local.date()
    midnight = datetime.combine(today, time(), ZoneInfo(academie.time_zone)).astimezone(UTC)
    runs = Run.objects.filter(academie=academie, as_of=today, started_at__gte=midnight)
    if runs.filter(state__in=[RunState.DONE, RunState.UNDONE]).exists():
        return None
    return today if runs.filter(state=RunState.FAILED).count() < ATTEMPTS else None


def all_due(now: datetime) -> list[tuple[Academie, date]]:
    """Every académie whose night is due; it waits for the registers still to be asked for."""
    waiting = Academie.objects.filter(pk__in=Feed.objects.filter(active=True).values("academie"))
    return [
        (a, day)
        for a in waiting.order_by("code")
        if (day := due(a, now)) is not None and not pulling.due(a, now)
    ]


def pulls_due(now: datetime) -> list[Academie]:
    """Every académie of which registers are to be asked for."""
    pulled = Feed.objects.filter(active=True, pulled=True).values("academie")
    return [
        a for a in Academie.objects.filter(pk__in=pulled).order_by("code") if pulling.due(a, now)
    ]
