"""The service on one machine: PostgreSQL, migrations, the web server and the worker.

Everything a process needs to know travels by the environment, so that `raccord serve`, a systemd
unit and a test all start the same way.
"""

import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING

from raccord.config.environment import home

if TYPE_CHECKING:
    from collections.abc import Iterator

    from raccord.config.postgres import Server

Say = Callable[[str], None]

#: Seconds left to a process to end by itself, and before one that fell is started again.
_PATIENCE, _PAUSE = 10.0, 1.0
_PR_SET_PDEATHSIG = 1


class ServiceError(Exception):
    """The service cannot start; a French sentence that says what to do."""


@contextmanager
def database(role: str = "owner") -> "Iterator[Server]":
    """PostgreSQL running, and the environment of this process and its children set to reach it."""
    from raccord.config.postgres import Server  # noqa: PLC0415 - psycopg is slow to import

    with Server(home() / "postgres") as server:
        urls = server.urls
        os.environ["DATABASE_URL"] = urls.owner
        os.environ["DATABASE_WEB_URL"] = urls.web
        os.environ["RACCORD_DATABASE_ROLE"] = role
        os.environ["RACCORD_HOME"] = str(home())
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "raccord.config.settings")
        yield server


def manage(arguments: Sequence[str]) -> int:
    """Run a command of Django as the owner of the database."""
    with database():
        from django.core.management import execute_from_command_line  # noqa: PLC0415

        execute_from_command_line(["raccord manage", *arguments])
    return 0


def migrate() -> bool:
    """Bring the database to this version; whether anything had to be done."""
    import django  # noqa: PLC0415 - settings want the environment above

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    call_command("migrate", verbosity=0, interactive=False)
    return True


@dataclass
class Service:
    """The web server and the worker, watched: one that falls is started again."""

    host: str = "127.0.0.1"
    port: int = 8000
    environment: dict[str, str] = field(default_factory=dict)
    say: Say = print
    _children: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    _stopping: bool = False

    @property
    def url(self) -> str:
        """Where to point a browser."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{shown}:{self.port}/"

    def start(self) -> None:
        """Start both and return once the site answers. Raises ServiceError."""
        self._refuse_a_taken_port()
        for name in ("web", "worker"):
            self._start(name)
        deadline = time.monotonic() + 60
        while not self._answers():
            if self._children["web"].poll() is not None:
                raise ServiceError("Le serveur web s’est arrêté en démarrant : voyez ci-dessus.")
            if time.monotonic() > deadline:
                raise ServiceError("Le serveur web ne répond pas après une minute.")
            time.sleep(0.1)

    def watch(self) -> None:
        """Stay until Ctrl-C or SIGTERM."""
        signal.signal(signal.SIGTERM, self._ask_to_stop)
        signal.signal(signal.SIGINT, self._ask_to_stop)
        while not self._stopping:
            for name, child in self._children.items():
                if child.poll() is not None and not self._stopping:
                    self.say(f"« {name} » s’est arrêté (code {child.returncode}) : il repart.")
                    time.sleep(_PAUSE)
                    self._start(name)
                    break
            time.sleep(0.2)

    def stop(self) -> None:
        """End both, politely first."""
        self._stopping = True
        for child in self._children.values():
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + _PATIENCE
        for child in self._children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._children.clear()

    def _ask_to_stop(self, signum: int, frame: FrameType | None) -> None:
        self._stopping = True

    def _start(self, name: str) -> None:
        web = name == "web"
        command = [sys.executable, "-m", *(_gunicorn(self.host, self.port) if web else _WORKER)]
        role = {"RACCORD_DATABASE_ROLE": "web" if web else "owner"}
        self._children[name] = subprocess.Popen(  # noqa: S603 - our own programs
            command,
            env=os.environ | self.environment | role,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is ours to pass on, in order
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - no thread is running yet
        )

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            connection.close()

    def _refuse_a_taken_port(self) -> None:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((self.host, self.port))
            except OSError as error:
                raise ServiceError(
                    f"Le port {self.port} est déjà pris ({error.strerror}) : arrêtez ce qui "
                    "l’occupe, ou choisissez-en un autre avec --port."
                ) from error


def _gunicorn(host: str, port: int) -> list[str]:
    shown = f"[{host}]" if ":" in host else host
    options = "--preload --workers 2 --threads 4 --graceful-timeout 8 --log-level warning".split()
    # What a killed arbiter leaves must not outlive it; the home is the only place written.
    control = ["--no-control-socket"]
    application = "raccord.config.wsgi:application"
    return ["gunicorn", *options, *control, "--bind", f"{shown}:{port}", application]


_WORKER = ["django", "procrastinate", "worker", "--concurrency", "2"]


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def serve(host: str, port: int, say: Say = print) -> int:
    """`raccord serve`: everything on this machine, until Ctrl-C."""
    with database():
        if migrate():
            say("La base de données est à jour.")
        service = Service(host, port, _addressed(host, port), say)
        try:
            service.start()
            say(f"Raccord est ouvert : {service.url}  (Ctrl-C pour arrêter)")
            service.watch()
        finally:
            say("Arrêt…")
            service.stop()
    return 0


def _addressed(host: str, port: int) -> dict[str, str]:
    """The address that mails and links give, unless the environment has one."""
    if "RACCORD_URL" in os.environ:
        return {}
    return {"RACCORD_URL": f"http://{host}:{port}"}
