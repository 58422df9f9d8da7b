"""Who is alive, told by locks of the kernel: they end with their process, even one killed.

No number written in a file is believed, since the system gives numbers again. Four locks:
`start.lock` one start or stop at a time · `users.lock` shared by every process that started the
server · `guardian.lock` held by the guardian · `server.lock` opened by the guardian and inherited
by every process of PostgreSQL: free means that none is left, not even one orphan backend.
"""

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from raccord.config.postgres.errors import ServerError

STEP = 0.05


def open_lock(path: Path) -> int:
    """A descriptor on the lock file, created where missing."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_take(path: Path) -> int | None:
    """The descriptor that holds the lock until closed everywhere, or None where it is held."""
    descriptor = open_lock(path)
    if _flock(descriptor, fcntl.LOCK_EX):
        return descriptor
    os.close(descriptor)
    return None


def take(path: Path, timeout: float) -> int | None:
    """`try_take`, repeated until `timeout` seconds are over."""
    deadline = time.monotonic() + timeout
    while (descriptor := try_take(path)) is None and time.monotonic() < deadline:
        time.sleep(STEP)
    return descriptor


@contextmanager
def alone(path: Path, timeout: float) -> Iterator[None]:
    """Nobody else is between these lines, in this process or another."""
    descriptor = take(path, timeout)
    if descriptor is None:
        raise ServerError(
            f"Un autre démarrage de PostgreSQL tient {path} depuis plus de {timeout:.0f} secondes. "
            "Attendez qu’il finisse, ou arrêtez-le, puis recommencez."
        )
    try:
        yield
    finally:
        os.close(descriptor)


def take_from_survivors(path: Path, patience: float) -> int | None:
    """The server's lock, once the processes that hold it have ended; after `patience`, they must.

    A backend in the middle of a long computation does not notice that its postmaster is dead.
    """
    for number, wait in ((None, patience), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 10.0)):
        if number is not None:
            for pid in _holders(path):
                _send(pid, number, path)
        descriptor = take(path, wait)
        if descriptor is not None:
            return descriptor
    return None


def _holders(path: Path) -> list[int]:
    """The processes that have the file open, as the kernel shows them."""
    file = path.stat()
    pids = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in pids if pid != os.getpid() and _has_open(pid, file)]


def _has_open(pid: int, file: os.stat_result) -> bool:
    with suppress(OSError):  # ended meanwhile, or somebody else's
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                if os.path.samestat(link.stat(), file):
                    return True
    return False


def _send(pid: int, number: int, path: Path) -> None:
    with suppress(OSError):
        process = os.pidfd_open(pid)
        try:
            # Asked again once the process is held by a descriptor: its number cannot be reused now.
            if _has_open(pid, path.stat()):
                signal.pidfd_send_signal(process, number)
        finally:
            os.close(process)


class Users:
    """The users' lock, shared. A process forked from a user is none: it closes what it inherits.

    Not a record lock (`lockf`): a process loses it by merely opening and closing the file again.
    """

    def __init__(self) -> None:
        self._held: dict[Path, tuple[int, int]] = {}
        os.register_at_fork(after_in_child=self._forget)

    def join(self, path: Path, timeout: float) -> None:
        """Count this process among the users, once a server that is ending has ended."""
        descriptor, count = self._held.get(path, (-1, 0))
        if not count:
            descriptor = open_lock(path)
            deadline = time.monotonic() + timeout
            while not _flock(descriptor, fcntl.LOCK_SH):
                if time.monotonic() > deadline:
                    os.close(descriptor)
                    raise ServerError(
                        f"PostgreSQL est en train de s’arrêter ({path.parent}) et n’a pas fini en "
                        f"{timeout:.0f} secondes. Recommencez dans une minute."
                    )
                time.sleep(STEP)
        self._held[path] = (descriptor, count + 1)

    def leave(self, path: Path) -> bool:
        """One use less; True when this was the last use by the last process."""
        descriptor, count = self._held.pop(path)
        if count > 1:
            self._held[path] = (descriptor, count - 1)
            return False
        try:
            return _flock(descriptor, fcntl.LOCK_EX)
        finally:
            os.close(descriptor)

    def _forget(self) -> None:
        for descriptor, _ in self._held.values():
            os.close(descriptor)
        self._held.clear()


def _flock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def try_close_door(descriptor: int) -> bool:
    """For the guardian: True, and nobody can join any more, when no user is left."""
    return _flock(descriptor, fcntl.LOCK_EX)
