"""Servers in the tests: started by other processes, counted, killed, asked."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psycopg

#: A process that uses the server until its input ends.
USER = """
import sys
from pathlib import Path
from raccord.config.postgres import Server
server = Server(Path(sys.argv[1]))
server.start()
print("ready", flush=True)
sys.stdin.read()
server.stop()
"""


def use(home: Path, users: list[subprocess.Popen[str]], *, wait: bool = True) -> subprocess.Popen:
    user = subprocess.Popen(
        [sys.executable, "-c", USER, str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    users.append(user)
    if wait:
        assert user.stdout.readline() == "ready\n"
    return user


def processes(folder: Path) -> dict[int, str]:
    """The living processes of the servers below a folder, whatever our locks say: pid -> name."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().decode(errors="replace")
            where = str((entry / "cwd").readlink())
        except OSError:
            continue
        if not command or int(entry.name) == os.getpid():
            continue
        if where.startswith(f"{folder}/"):
            found[int(entry.name)] = "postmaster" if "-D" in command else "backend"
        elif str(folder) in command and "guardian" in command:
            found[int(entry.name)] = "guardian"
    return found


def eventually(condition, seconds: float = 40.0) -> bool:
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition() and time.monotonic() < deadline:
        pause.wait(0.05)
    return bool(condition())


def gone(folder: Path) -> bool:
    return eventually(lambda: not processes(folder))


def kill(folder: Path, *kinds: str) -> None:
    """All at once: a guardian killed alone takes its server with it."""
    found = processes(folder)
    pids = [pid for pid, name in found.items() if name in kinds]
    assert set(kinds) == {found[pid] for pid in pids}, f"not all of {kinds} are there to kill"
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    assert eventually(lambda: not set(pids) & set(processes(folder)))


def ask(url: str, question: str, *values: object):
    with psycopg.connect(url, autocommit=True) as connection:
        cursor = connection.execute(question, values)
        return cursor.fetchall() if cursor.description else None
