"""Registers that are asked for, school by school, before the night: nobody deposits them."""

import logging
import tempfile
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Max, Q

from raccord.detection import night, services
from raccord.detection.calendars import campaign
from raccord.detection.models import Deposit, DepositStatus, Feed, How
from raccord.detection.register_service import COMPANIONS, PUPILS, NotGiven, RegisterService
from raccord.registers.formats import siecle
from raccord.territory.models import Academie, Structure

logger = logging.getLogger(__name__)

#: From when registers are asked for, where the territory is: two hours before the night.
FROM = time(2)
#: Refusals of one school in one day, and how long between them.
ATTEMPTS, PAUSE = 2, timedelta(hours=1)
#: Schools in a row without an answer after which the others are not asked: the service is down.
DOWN_AFTER = 3
_AUTHOR = "le service SIECLE"


def service() -> RegisterService | None:
    """The service of the settings, None when there is none. Raises NotConfigured."""
    return RegisterService.configured(settings.SIECLE)


def pull_from(schools: Iterable[Structure]) -> list[Feed]:
    """From now on, ask for the registers of these schools. Those without a UAI are left out."""
    return [
        services.feed_to_pull(school, siecle.NAME, siecle.LABEL)
        for school in schools
        if school.uai and school.academie_id
    ]


def due(academie: Academie, now: datetime) -> list[Feed]:
    """Feeds to ask for: from two in the morning, once a day, a second time after a failure."""
    local = now.astimezone(ZoneInfo(academie.time_zone))
    if local.time() < FROM or not settings.SIECLE["url"]:
        return []
    midnight = datetime.combine(local.date(), time(), local.tzinfo).astimezone(UTC)
    today = Q(deposits__how=How.PULL, deposits__received_at__gte=midnight)
    waiting = (
        Feed.objects.filter(academie=academie, pulled=True, active=True)
        .select_related("structure", "academie")
        .annotate(
            answered=Count("deposits", filter=today & ~Q(deposits__status=DepositStatus.REFUSED)),
            refused=Count("deposits", filter=today & Q(deposits__status=DepositStatus.REFUSED)),
            asked_at=Max("deposits__received_at", filter=today),
        )
        .filter(answered=0, refused__lt=ATTEMPTS)
        .filter(Q(asked_at=None) | Q(asked_at__lte=now - PAUSE))
    )
    return list(waiting.order_by("label", "id"))


def pull(feeds: Iterable[Feed], asked: RegisterService) -> Iterator[Deposit]:
    """Ask for each register and deposit it. What fails becomes a refused deposit: the state that
    was in force stays in force, and the page of the school says why."""
    silent = 0
    for feed in feeds:
        if silent >= DOWN_AFTER:
            yield _refused(
                feed,
                f"Le service des bases n’a répondu pour aucun des {DOWN_AFTER} établissements "
                "précédents : celui-ci n’a pas été demandé. Raccord réessaiera.",
            )
            continue
        try:
            deposits = _one(feed, asked)
        except NotGiven as reason:
            silent = 0 if reason.alone else silent + 1
            yield _refused(feed, str(reason))
        except Exception as fault:  # noqa: BLE001 - one school must not cost the others their night
            logger.error("base %s : %s", feed.pk, type(fault).__name__)  # its text may name pupils
            yield _refused(
                feed, "La base reçue n’a pas pu être lue : prévenez l’administrateur technique."
            )
        else:
            silent = 0
            yield from deposits


def fail(feeds: Iterable[Feed], reason: str) -> list[Deposit]:
    """Say to each school why its register was not asked for."""
    return [_refused(feed, reason) for feed in feeds]


def _one(feed: Feed, asked: RegisterService) -> list[Deposit]:
    school = feed.structure
    assert school is not None  # noqa: S101 - a feed that is pulled has one (constraint)
    uai, year = school.uai or "", school_year(feed.academie, night.today(feed.academie))
    with tempfile.TemporaryDirectory(dir=services.drop()) as folder:
        paths, missing = [asked.fetch(PUPILS, uai, year, Path(folder))], []
        for flow in COMPANIONS:
            try:
                paths.append(asked.fetch(flow, uai, year, Path(folder)))
            except NotGiven as reason:
                missing.append(f"{flow} manque (la base des élèves est lue sans lui) : {reason}")
                if not reason.alone:
                    break
        deposits = services.receive(
            None, academie=feed.academie, paths=paths, how=How.PULL, feed=feed, author=_AUTHOR
        )
    for deposit in deposits if missing else ():
        deposit.reasons = [*deposit.reasons, *missing]
        deposit.save(update_fields=["reasons"])
    return deposits


def school_year(academie: Academie, on: date) -> int:
    """The year whose base is asked for: the new one from the roll-over of the territory on."""
    year = campaign(academie, on)
    return year.year if on >= year.rollover_on else year.year - 1


def _refused(feed: Feed, reason: str) -> Deposit:
    made: Deposit = Deposit.objects.create(
        feed=feed,
        academie=feed.academie,
        author=_AUTHOR,
        how=How.PULL,
        document=f"{feed.structure.uai if feed.structure else ''}-{PUPILS}",
        status=DepositStatus.REFUSED,
        reasons=[reason],
        state_on=night.today(feed.academie),
    )
    return made
