"""Jobs of the worker: a killed one goes back in the queue; daily ones are in the schedule."""

from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from tests import cast

from raccord.accounts import tasks as accounts_tasks
from raccord.accounts.models import Membership
from raccord.accounts.roles import Role
from raccord.detection import tasks


def test_what_must_run_every_day_is_in_the_schedule() -> None:
    app.perform_import_paths()
    planned = {periodic.task.name for periodic in app.periodic_registry.periodic_tasks.values()}
    assert planned >= {
        "accounts.clear_sessions",
        "accounts.confirm_memberships",
        "followup.clear_practices",
        "detection.start_nights",
        "detection.retry_stalled",
    }


def _killed(minutes: int) -> int:
    """A night whose worker was killed: it gave no sign for so many minutes."""
    academie = cast.academie()
    assert tasks.ask(academie, None, by="essai")
    seen = timezone.now() - timedelta(minutes=minutes)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (%s) RETURNING id", [seen]
        )
        (worker,) = cursor.fetchone()
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s RETURNING id", [worker]
        )
        (job,) = cursor.fetchone()
    return int(job)


def _states() -> dict[int, str]:
    return dict(ProcrastinateJob.objects.order_by("id").values_list("id", "status"))


def _retry() -> None:
    async_to_sync(tasks.retry_stalled.func)(None, 0)


@pytest.mark.django_db
def test_the_job_of_a_killed_worker_goes_back_in_the_queue() -> None:
    job = _killed(minutes=16)
    _retry()
    assert _states() == {job: "todo"}


@pytest.mark.django_db
def test_the_job_of_a_worker_alive_is_left_alone() -> None:
    job = _killed(minutes=1)
    _retry()
    assert _states() == {job: "doing"}


@pytest.mark.django_db
def test_a_killed_night_already_asked_for_again_gives_way() -> None:
    """Back in the queue it would be there twice; left as it is, its lock would hold the other."""
    killed = _killed(minutes=16)
    assert tasks.ask(cast.academie(), None, by="la nuit suivante")

    _retry()

    states = _states()
    assert states.pop(killed) == "failed"
    assert list(states.values()) == ["todo"]


@pytest.mark.django_db
def test_heads_are_asked_to_confirm_in_september_only(monkeypatch: pytest.MonkeyPatch) -> None:
    cast.member(cast.structure(), Role.HEAD)
    asked: list[Any] = []
    for month, expected in ((8, 0), (9, 1)):
        day = timezone.localdate().replace(month=month, day=2)
        monkeypatch.setattr(timezone, "localdate", lambda day=day: day)
        Membership.objects.update(starts_on=day - timedelta(days=30))
        accounts_tasks.confirm_memberships(timestamp=0)
        asked.append(Membership.objects.filter(confirm_before__isnull=False).count())
        assert asked[-1] == expected


@pytest.mark.django_db
def test_sessions_that_are_over_are_forgotten() -> None:
    from django.contrib.sessions.models import Session

    for key, days in (("finie", -1), ("en-cours", 1)):
        Session.objects.create(
            session_key=key, session_data="", expire_date=timezone.now() + timedelta(days=days)
        )
    accounts_tasks.clear_sessions(timestamp=0)
    assert list(Session.objects.values_list("session_key", flat=True)) == ["en-cours"]
