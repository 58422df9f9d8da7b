"""What the worker does for detection; each is a plain command too."""

import logging
from datetime import date

from django.db import transaction
from django.utils import timezone
from procrastinate import exceptions
from procrastinate.contrib.django import app

from raccord.detection import night, schedule, undo
from raccord.detection.models import Run
from raccord.matching.comparison import Refused
from raccord.territory.models import Academie

logger = logging.getLogger(__name__)

#: Seconds after which a job whose worker gave no sign is taken up again.
_STALLED_AFTER = 900


@app.periodic(cron="*/10 * * * *")
@app.task(name="detection.start_nights", queueing_lock="detection.start_nights")
def start_nights(timestamp: int) -> None:
    """Queue the night of every académie where it is due."""
    for academie, day in schedule.all_due(timezone.now()):
        ask(academie, day, by="la comparaison de la nuit")


def ask(academie: Academie, day: date | None, *, by: str) -> bool:
    """Queue one night; False when one already waits or runs."""
    key = f"detection.night.{academie.pk}"
    try:
        with transaction.atomic():  # a refusal of PostgreSQL must not break the page's own
            compare.configure(lock=key, queueing_lock=key).defer(
                academie=academie.pk, day=day.isoformat() if day else None, by=by
            )
    except exceptions.AlreadyEnqueued:
        return False
    return True


@app.task(name="detection.night")
def compare(academie: str, day: str | None, by: str) -> None:
    """One night of one académie; killed, it is taken up where it was."""
    place = Academie.objects.get(pk=academie)
    try:
        night.run(place, date.fromisoformat(day) if day else None, started_by=by)
    except (night.AlreadyRunning, night.NothingToCompare, Refused) as reason:
        logger.warning("nuit %s : %s", academie, reason)


@app.task(name="detection.undo")
def take_back(run: int, by: str) -> None:
    """Take back a run, asked for on its page."""
    try:
        undone = undo.undo_run(Run.objects.get(pk=run), by=by)
    except (undo.CannotUndo, night.AlreadyRunning) as reason:
        logger.warning("annulation %s : %s", run, reason)
    else:
        logger.info("annulation %s : %s", run, undone.sentence)


@app.periodic(cron="*/10 * * * *")
@app.task(
    name="detection.retry_stalled", queueing_lock="detection.retry_stalled", pass_context=True
)
async def retry_stalled(context: object, timestamp: int) -> None:
    """Jobs of a worker that was killed go back in the queue."""
    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_AFTER):
        await manager.retry_job(job)
