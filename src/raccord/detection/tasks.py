"""What the worker does for detection; each is a plain command too."""

import logging
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone
from procrastinate import exceptions
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from raccord.detection import night, pulling, schedule, undo
from raccord.detection.models import Run
from raccord.detection.register_service import NotConfigured
from raccord.detection.reporting import index
from raccord.followup.reporting import duplicates
from raccord.matching.comparison import Refused
from raccord.territory.models import Academie

logger = logging.getLogger(__name__)

#: Seconds after which a job whose worker gave no sign is taken up again.
_STALLED_AFTER = 900


@app.periodic(cron="*/10 * * * *")
@app.task(name="detection.start_nights", queueing_lock="detection.start_nights")
def start_nights(timestamp: int) -> None:
    """Ask for the registers that are pulled, then queue the night of every académie due."""
    now = timezone.now()
    for academie in schedule.pulls_due(now):
        key = f"detection.pull.{academie.pk}"
        _queue(pull_registers.configure(lock=key, queueing_lock=key), academie=academie.pk)
    for academie, day in schedule.all_due(now):
        ask(academie, day, by="la comparaison de la nuit")


def ask(academie: Academie, day: date | None, *, by: str) -> bool:
    """Queue one night; False when one already waits or runs."""
    key = f"detection.night.{academie.pk}"
    return _queue(
        compare.configure(lock=key, queueing_lock=key),
        academie=academie.pk, day=day.isoformat() if day else None, by=by,
    )  # fmt: skip


def _queue(job: Any, **arguments: Any) -> bool:
    """Put a job in the queue; False when the same one already waits there."""
    try:
        with transaction.atomic():  # a refusal of PostgreSQL must not break the page's own
            job.defer(**arguments)
    except exceptions.AlreadyEnqueued:
        return False
    return True


@app.task(name="detection.pull_registers")
def pull_registers(academie: str) -> None:
    """Ask for the registers of one académie that are still due."""
    feeds = pulling.due(Academie.objects.get(pk=academie), timezone.now())
    try:
        service = pulling.service()
    except NotConfigured as reason:
        logger.error("bases à demander : %s", reason)
        # without a deposit they would stay due, and the night would wait for them
        pulling.fail(feeds, f"Le service des bases est mal réglé. {reason}")
        return
    if service is None:
        return
    for deposit in pulling.pull(feeds, service):
        logger.info("base %s demandée : %s", deposit.feed_id, deposit.status)


@app.task(name="detection.night")
def compare(academie: str, day: str | None, by: str) -> None:
    """One night of one académie; killed, it is taken up where it was."""
    place = Academie.objects.get(pk=academie)
    try:
        night.run(place, date.fromisoformat(day) if day else None, started_by=by)
    except (night.AlreadyRunning, night.NothingToCompare, Refused) as reason:
        logger.warning("nuit %s : %s", academie, reason)
    index.write(place, date.fromisoformat(day) if day else None)
    duplicates.write(place)


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
        key = job.queueing_lock
        if job.id and key and await manager.list_jobs_async(queueing_lock=key, status="todo"):
            # Asked for again meanwhile: that one goes on from where this one was. Left as it is,
            # its lock would hold the other for ever.
            await manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=False)
        else:
            await manager.retry_job(job)
