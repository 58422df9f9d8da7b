"""Homes of PostgreSQL, short enough for a socket, and the processes that use them."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.config.servers import gone

from raccord.config.postgres import Server


@pytest.fixture(autouse=True)
def no_address(monkeypatch):
    for name in ("DATABASE_URL", "DATABASE_WEB_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def short() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="rp", dir="/tmp"))
    yield folder
    assert gone(folder), "a server outlived its test"
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def made() -> Iterator[Path]:
    """A home whose database exists already: its copies start faster than a new one."""
    folder = Path(tempfile.mkdtemp(prefix="rp", dir="/tmp"))
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        patch.delenv("DATABASE_WEB_URL", raising=False)
        with Server(folder / "home"):
            pass
    yield folder / "home"
    shutil.rmtree(folder)


@pytest.fixture
def home(short: Path, made: Path) -> Path:
    shutil.copytree(made, short / "home")
    # Processes are killed here, not the machine: what the system holds is not lost.
    (short / "home" / "data" / "local.conf").write_text("fsync = off\n")
    return short / "home"


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    with Server(home) as server:
        yield server


@pytest.fixture
def users(short: Path) -> Iterator[list[subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []
    yield started
    for user in started:
        user.kill()
        user.communicate()
