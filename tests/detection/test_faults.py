"""Nights that meet trouble: killed at each phase, two at once, a full disk."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.db import connection
from tests.config.servers import ask, eventually
from tests.detection.nights import DAY, LAST_YEAR, Nights, pupils, without

from raccord.detection import night, services
from raccord.detection.models import Deposit, Feed, Phase, Run, RunState
from raccord.followup.models import Case, TimelineEvent
from raccord.registers.snapshots import Keeping

_NIGHT = """
import os, signal, sys
from datetime import date
import django
django.setup()
os.environ["RACCORD_HOME"] = sys.argv[1]
from importlib import import_module
from django.db import connection
from raccord.detection import night
from raccord.territory.models import Academie
module, name = sys.argv[2].rsplit(".", 1)
module = import_module(module)
def trouble(*_, **__):
    {trouble}
setattr(module, name, trouble)
night.run(Academie.objects.get(pk=sys.argv[3]), date.fromisoformat(sys.argv[4]))
"""
_DIE = "os.kill(os.getpid(), signal.SIGKILL)"
_LONG = "SELECT pg_sleep(3600)"
_COMPUTE = f"connection.cursor().execute({_LONG!r})"


@contextmanager
def _night(nights: Nights, where: str, trouble: str) -> Iterator[subprocess.Popen[str]]:
    """A night in a process of its own, which meets trouble in this function."""
    told = (os.environ["RACCORD_HOME"], where, nights.academie.pk, DAY.isoformat())
    with subprocess.Popen(
        [sys.executable, "-c", _NIGHT.format(trouble=trouble), *told],
        env=os.environ | {"DATABASE_URL": _url(), "DJANGO_SETTINGS_MODULE": "tests.settings"},
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _url() -> str:
    chosen = {k: quote(str(v), safe="") for k, v in connection.settings_dict.items()}
    return "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**chosen)


def _ask(question: str, *values: object) -> object:
    """Outside of Django's transaction."""
    ((answer,),) = ask(_url(), question, *values)
    return answer


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("where", "phase"),
    [
        ("raccord.detection.states.write_before", Phase.COMPARING),
        ("raccord.detection.staging.copy_into", Phase.STAGING),
        # everything is written, nothing is committed
        ("raccord.detection.register_states.write", Phase.WRITING),
    ],
)
def test_a_night_killed_is_taken_up_where_it_was(nights: Nights, where: str, phase: str) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    nights.deposit(without(everybody, 3, 10), DAY)

    with _night(nights, where, _DIE) as killed:
        _, said = killed.communicate()

    assert killed.returncode == -9, said
    stopped = Run.objects.get()
    assert (stopped.state, stopped.phase) == (RunState.RUNNING, phase)
    assert not Case.objects.exists()
    assert not TimelineEvent.objects.exists()

    run = nights.night()

    assert run.pk == stopped.pk
    assert (run.state, run.phase) == (RunState.DONE, Phase.DONE)
    assert Case.objects.count() == 2
    assert [p.name for p in night.home().iterdir()] == [run.folder]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_night_killed_during_a_long_statement_does_not_bar_the_next(nights: Nights) -> None:
    """PostgreSQL looks after its client meanwhile too, and the next night waits a little."""
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    nights.deposit(without(everybody, 3, 10), DAY)
    computing = "SELECT count(*) FROM pg_stat_activity WHERE query = %s AND state = 'active'"

    with _night(nights, "raccord.detection.staging.copy_into", _COMPUTE) as killed:
        assert eventually(lambda: _ask(computing, _LONG) == 1)
        killed.kill()

    assert nights.night().state == RunState.DONE
    assert Case.objects.count() == 2


@pytest.mark.django_db
def test_of_two_nights_at_once_the_second_is_told_who_runs(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    nights.deposit(without(everybody, 3), DAY)
    Run.objects.create(
        academie=nights.academie, school_year=2026, as_of=DAY, started_by="Ada Lefèvre"
    )
    monkeypatch.setattr(night, "PATIENCE", "1ms")
    with psycopg.connect(_url()) as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", night.lock_of(nights.academie))

        with pytest.raises(night.AlreadyRunning, match="Ada Lefèvre"):
            nights.night()

    assert not Case.objects.exists()
    nights.night()
    assert Case.objects.count() == 1


@pytest.mark.django_db
def test_a_full_disk_leaves_the_former_state_in_force(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    kept = nights.deposit(without(everybody, 3), DAY)

    def full(self: Keeping, batches: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Keeping, "spool", full)
    path = nights.folder / "demain.csv"
    path.write_text(Path(nights.folder / "base-0.csv").read_text() + "\n")
    made = services.receive(
        None, academie=nights.academie, paths=[path], how="command", feed=Feed.objects.get()
    )

    assert made[0].status == "refused"
    assert "Libérez de la place" in made[0].reasons[0]
    assert Deposit.objects.accepted().order_by("-state_on", "-id").first() == kept
    assert nights.night().stats["acts"]["opened"] == 1


@pytest.mark.django_db
def test_nothing_deposited_says_what_to_deposit(nights: Nights) -> None:
    with pytest.raises(night.NothingToCompare, match="déposez d’abord"):
        nights.night()
    nights.deposit(pupils(), LAST_YEAR)
    assert nights.night().stats["acts"]["opened"] == 0
