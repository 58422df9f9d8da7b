"""The process that holds PostgreSQL by the hand, and ends it when its last user is gone.

A child of nobody, in a session of its own: Ctrl-C in the terminal does not reach it. It looks four
times a second whether a user is left. PostgreSQL is its child and asked the kernel to be stopped,
should the guardian itself be killed: in no order of deaths does a server remain.
"""

import json
import os
import signal
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn

from raccord.config.postgres.identity import (
    die_with_parent,
    environment,
    read_identity,
)
from raccord.config.postgres.locks import open_lock, take_from_survivors, try_close_door

START_GUARDIAN = "from raccord.config.postgres.guardian import main; main()"

_WATCHED = (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_LOOK_EVERY = 0.25
#: Fast shutdown (SIGINT) ends sessions; what does not end by then is stopped the hard way, which
#: loses nothing. PostgreSQL 18.4 never ends when asked in the second after the crash of a session.
_GRACE = ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))
#: A postmaster killed from outside is started again, but not without end.
_RESTARTS, _WITHIN = 5, 60.0


@dataclass(frozen=True)
class Task:
    """All that the guardian is told."""

    command: list[str]
    identity: str
    home: str
    leftovers: list[str]
    guardian_lock: int
    server_lock: int

    def as_json(self) -> str:
        return json.dumps(asdict(self))


def main() -> None:
    """Leave the launcher's family at once, then guard."""
    task = Task(**json.loads(sys.argv[1]))
    if os.fork():
        os._exit(0)
    try:
        _guard(task)
    except BaseException:  # noqa: BLE001 - the last door: into the file that the launcher reads
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(1)


def _guard(task: Task) -> NoReturn:
    os.set_inheritable(task.guardian_lock, False)
    signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)
    home = Path(task.home)
    users = open_lock(home / "users.lock")
    lock: int | None = task.server_lock
    restarts: list[float] = []
    while lock is not None:
        postmaster = _spawn(task, lock)
        asked, status = _watch(postmaster, users)
        # Whatever is left of it ends here, whether we stop or start again.
        lock = take_from_survivors(home / "server.lock", 0.0 if os.WIFSIGNALED(status) else 10.0)
        now = time.monotonic()
        restarts = [moment for moment in restarts if now - moment < _WITHIN] + [now]
        # An exit of its own accord (no room left, wrong setting) would only happen again.
        if asked or not os.WIFSIGNALED(status) or len(restarts) > _RESTARTS:
            break
        remove_leftovers(task.leftovers)
    os._exit(0)


def _spawn(task: Task, lock: int) -> int:
    guardian = os.getpid()
    postmaster = os.fork()
    if postmaster:
        os.close(lock)  # from now on held by PostgreSQL's processes alone
        return postmaster
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        read_identity(task.identity).enter()
        die_with_parent(signal.SIGINT)
        if os.getppid() == guardian:
            os.set_inheritable(lock, True)
            os.execve(task.command[0], task.command, environment())  # noqa: S606
    except OSError as error:
        os.write(2, f"{error}\n".encode())
    os._exit(1)


def _watch(postmaster: int, users: int) -> tuple[bool, int]:
    """Until it has ended: whether we asked for it, and its exit status."""
    steps = iter(_GRACE)
    deadline: float | None = None
    asked = False
    while True:
        came = signal.sigtimedwait(_WATCHED, _LOOK_EVERY)
        ended, status = os.waitpid(postmaster, os.WNOHANG)
        if ended:
            return asked, status
        told = came is not None and came.si_signo != signal.SIGCHLD
        if not asked and (told or try_close_door(users)):
            asked, deadline = True, 0.0
        if deadline is not None and time.monotonic() > deadline:
            step = next(steps, None)
            if step is None:
                return asked, signal.SIGKILL
            os.kill(postmaster, step[0])
            deadline = time.monotonic() + step[1]


def remove_leftovers(paths: list[str]) -> None:
    """The files by which a dead server would pass for a living one."""
    for path in paths:
        with suppress(FileNotFoundError):
            Path(path).unlink()
