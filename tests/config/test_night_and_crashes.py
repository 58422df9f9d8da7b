"""PostgreSQL itself killed in the middle of a night: nothing lost, nothing twice."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dj_database_url
import pytest
from django.core.management import call_command
from django.db import Error, connection
from tests.config.servers import eventually, kill
from tests.detection.nights import DAY, LAST_YEAR, Nights, pupils, without

from raccord.config.postgres import Server
from raccord.detection import night, register_states, staging
from raccord.detection.models import Phase, Run, RunState
from raccord.followup.models import Case, TimelineEvent

pytestmark = [pytest.mark.database, pytest.mark.slow]


@pytest.fixture
def nights(
    server: Server, tmp_path: Path, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Nights]:
    """Nights on a server that may be killed: the one of the other tests may not."""
    monkeypatch.setenv("RACCORD_HOME", str(tmp_path / "home"))
    former = dict(connection.settings_dict)
    with django_db_blocker.unblock():
        connection.close()
        there = dj_database_url.parse(server.urls.owner)
        for name in ("HOST", "PORT", "USER", "PASSWORD", "NAME"):
            connection.settings_dict[name] = there[name]
        try:
            call_command("migrate", verbosity=0, interactive=False)
            yield Nights(tmp_path / "bases")
        finally:
            connection.close()
            connection.settings_dict.update(former)


def test_postgresql_killed_during_a_night(
    nights: Nights, server: Server, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    nights.deposit(without(everybody, 3, 10), DAY)

    def crash_before(module: Any, name: str) -> None:
        """Run a night whose server dies, all its processes at once, when it comes there."""
        go_on: Callable[..., Any] = getattr(module, name)

        def crash(*arguments: Any, **options: Any) -> Any:
            kill(home, "postmaster", "backend")
            return go_on(*arguments, **options)

        with monkeypatch.context() as patch, pytest.raises(Error):
            patch.setattr(module, name, crash)
            # Its guardian may start the server again before the night tells of its end: never here.
            patch.setattr(night, "_fail", lambda this, failure: None)
            nights.night()
        connection.close()  # the process that ran it is gone
        assert eventually(server.is_running)

    def told() -> list[tuple[Any, ...]]:
        events = TimelineEvent.objects.order_by("case_id", "kind")
        return list(events.values_list("case_id", "kind", "at"))

    crash_before(staging, "copy_into")
    stopped = Run.objects.get()
    assert (stopped.state, stopped.phase) == (RunState.RUNNING, Phase.STAGING)

    crash_before(register_states, "write")  # everything is written, nothing is committed
    assert [(run.pk, run.state, run.phase) for run in Run.objects.all()] == [
        (stopped.pk, RunState.RUNNING, Phase.WRITING)
    ]
    assert not Case.objects.exists()
    assert told() == []

    crash_before(night, "_forget_folders")  # committed, and the night was not told
    assert [(run.pk, run.state) for run in Run.objects.all()] == [(stopped.pk, RunState.DONE)]
    assert Case.objects.count() == 2
    written = told()
    assert [kind for _, kind, _ in written] == ["opened", "opened"]

    again = nights.night()
    assert again.state == RunState.DONE
    assert Case.objects.count() == 2
    assert told() == written
