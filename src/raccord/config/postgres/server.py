"""The embedded PostgreSQL: started when somebody needs it, stopped when nobody does."""

import os
import shutil
import subprocess
import sys
import threading
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg.pq import Ping

from raccord.config.postgres import locks, roles
from raccord.config.postgres.binaries import Binaries, locate_binaries
from raccord.config.postgres.errors import ServerError, explain
from raccord.config.postgres.guardian import START_GUARDIAN, Task, remove_leftovers
from raccord.config.postgres.identity import environment
from raccord.config.postgres.place import (
    ADMIN,
    OWNER,
    PORT,
    WEB,
    Memory,
    Place,
    find_place,
    prepare_home,
    recall,
    tail,
    write_private,
)
from raccord.config.postgres.settings import entrance_text, settings_text

#: Replaying the journal after a brutal stop takes time, and is no reason to give up.
_RECOVERY = 600.0
_users = locks.Users()
_in_this_process = threading.RLock()


@dataclass(frozen=True)
class Urls:
    """How to sign in: `owner` for migrations and jobs, `web` for the pages (it owns nothing)."""

    owner: str
    web: str


def database_urls(home: Path) -> Urls:
    """The addresses given by the environment, else those of the embedded server of this home.

    Launches nothing. Without a server yet, its passwords are drawn and kept for its first start.
    """
    return Server(home).urls


def _from_environment() -> Urls | None:
    owner, web = os.environ.get("DATABASE_URL", ""), os.environ.get("DATABASE_WEB_URL", "")
    if owner and web:
        return Urls(owner, web)
    if owner or web:
        missing = "DATABASE_WEB_URL" if owner else "DATABASE_URL"
        raise ServerError(
            f"{missing} manque. DATABASE_URL est l’adresse du propriétaire de la base (migrations, "
            "nuit), DATABASE_WEB_URL celle d’un compte sans droits, qui ne possède rien (pages). "
            "Indiquez les deux, ou aucune des deux pour utiliser le PostgreSQL de Raccord."
        )
    return None


class Server:
    """One embedded server, shared by every process that starts it; gone with the last of them.

    Processes are counted by locks of the kernel, so that one killed with -9 counts no more. With
    DATABASE_URL set, nothing is launched and `start` and `stop` do nothing.
    """

    def __init__(
        self, home: Path, *, timeout: float = 60.0, loopback_port: int | None = None
    ) -> None:
        self.home = Path(home).absolute()
        self._timeout = timeout
        self._loopback_port = loopback_port
        #: The process that counts as a user through this object: one forked from it does not.
        self._joined_by: int | None = None

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def urls(self) -> Urls:
        """The two addresses. They hold passwords: never print them."""
        given = _from_environment()
        if given:
            return given
        memory = recall(self.home)
        if memory is None:
            prepare_home(self.home)
            with self._alone():
                memory = recall(self.home) or find_place(self.home).memory
        return Urls(_url(memory, OWNER), _url(memory, WEB))

    def is_running(self) -> bool:
        """Whether the server takes connections now."""
        given = _from_environment()
        if given:
            return roles.state(given.owner) == Ping.OK
        memory = recall(self.home)
        return memory is not None and roles.state(_knock(memory)) == Ping.OK

    def start(self) -> None:
        """Have the server running and ready; count this process among its users."""
        if _from_environment():
            return
        with _in_this_process:
            prepare_home(self.home)
            with self._alone():
                users = self.home / "users.lock"
                joins = self._joined_by != os.getpid()
                if joins:
                    _users.join(users, self._timeout)
                try:
                    self._ensure()
                except BaseException:
                    if joins:
                        _users.leave(users)
                    raise
                self._joined_by = os.getpid()

    def stop(self) -> None:
        """Count this process no more; after the last one, return once the server has ended."""
        if self._joined_by != os.getpid():
            return
        with _in_this_process, self._alone():
            self._joined_by = None
            if _users.leave(self.home / "users.lock"):
                # Its guardian now sees that nobody is left.
                descriptor = locks.take(self.home / "guardian.lock", self._timeout)
                if descriptor is not None:
                    os.close(descriptor)

    def _alone(self) -> AbstractContextManager[None]:
        return locks.alone(self.home / "start.lock", self._timeout + _RECOVERY)

    # --- starting --------------------------------------------------------------------------------

    def _ensure(self) -> None:
        begun = time.monotonic()
        began_at = time.time()
        place: Place | None = None
        while True:
            guardian = locks.try_take(self.home / "guardian.lock")
            if guardian is not None:
                try:
                    if place is not None:
                        raise self._failure(place, began_at)
                    place = self._launch(guardian)
                except OSError as error:
                    raise explain(error, self.home) from error
                finally:
                    os.close(guardian)  # the guardian has inherited it
            memory = place.memory if place else recall(self.home)
            said = roles.state(_knock(memory)) if memory else Ping.NO_RESPONSE
            if memory and said == Ping.OK and self._is_ready(memory, fresh=place is not None):
                return
            waited = time.monotonic() - begun
            if waited > (_RECOVERY if said == Ping.REJECT else self._timeout):
                raise ServerError(
                    f"PostgreSQL ({self.home}) ne répond pas depuis {waited:.0f} secondes. Voyez "
                    f"{(place.logs if place else self.home / 'log')}, puis recommencez."
                )
            time.sleep(locks.STEP)

    def _is_ready(self, memory: Memory, *, fresh: bool) -> bool:
        if self._loopback_port not in (None, memory.port):
            raise ServerError(
                f"PostgreSQL ({self.home}) tourne déjà sans écouter sur le port "
                f"{self._loopback_port}. Arrêtez les programmes qui l’utilisent, puis recommencez."
            )
        if fresh or not roles.can_sign_in(_url(memory, OWNER)):
            try:
                roles.prepare(_url(memory, ADMIN, "postgres"), memory.passwords)
            except psycopg.OperationalError:
                return False  # stopped under our feet: the loop sees why
            except psycopg.Error as error:
                raise explain(str(error), self.home) from error
        return True

    def _launch(self, guardian: int) -> Place:
        """Make what is missing, clear what a dead server left, and hand over to a guardian."""
        server_lock = locks.take_from_survivors(self.home / "server.lock", 10.0)
        if server_lock is None:
            raise ServerError(
                f"Un ancien PostgreSQL de {self.home} ne s’arrête pas, même tué : le disque ne lui "
                "répond sans doute plus. Redémarrez la machine, puis recommencez."
            )
        try:
            place = find_place(self.home)
            place = place.remember(port=self._loopback_port or PORT)
            binaries = self._binaries(place)
            remove_leftovers([str(path) for path in place.leftovers])
            if not place.data.exists():
                place = _initialise(place, binaries)
            elif not place.memory.applied:
                place = _set_admin_password(place, binaries)
            loopback = self._loopback_port is not None
            for name, text in (
                ("raccord.conf", settings_text(place, loopback=loopback)),
                ("pg_hba.conf", entrance_text(loopback=loopback)),
            ):
                write_private(place.data / name, text, place.home)
                place.give(place.data / name)
            self._start_guardian(place, binaries, guardian, server_lock)
        finally:
            os.close(server_lock)
        return place

    def _binaries(self, place: Place) -> Binaries:
        version = place.data / "PG_VERSION"
        major = int(version.read_text("ascii").strip().split(".")[0]) if version.exists() else None
        try:
            binaries = locate_binaries(major)
        except ServerError as error:
            if major is None:
                raise
            present = locate_binaries()
            raise ServerError(
                f"Les données de {place.data} sont de PostgreSQL {major}, et cette machine a "
                f"PostgreSQL {present.major}. Rien n’a été modifié. Pour les garder : "
                f"« apt-get install postgresql-{major} » et relancez (Raccord prendra ces "
                "programmes), ou reprenez votre dernière sauvegarde dans une base neuve. Pour "
                f"repartir à neuf : renommez {place.data} et relancez."
            ) from error
        command = [str(binaries.postgres), "--version"]
        if place.identity.kind == "self" or place.identity.run(command).returncode == 0:
            return binaries
        copied = binaries.copied_to(place.base)
        place.identity.run([str(copied.postgres), "--version"]).check_returncode()
        return copied

    def _start_guardian(
        self, place: Place, binaries: Binaries, guardian: int, server_lock: int
    ) -> None:
        task = Task(
            command=[str(binaries.postgres), "-D", str(place.data)],
            identity=place.identity.as_json(),
            home=str(self.home),
            leftovers=[str(path) for path in place.leftovers],
            guardian_lock=guardian,
            server_lock=server_lock,
        )
        with (place.logs / "start.log").open("w") as log:
            place.give(place.logs / "start.log")
            subprocess.run(  # noqa: S603
                [sys.executable, "-P", "-c", START_GUARDIAN, task.as_json()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(guardian, server_lock),
                start_new_session=True,
                cwd="/",
                env=environment(),
                check=True,
            )

    def _failure(self, place: Place, since: float) -> ServerError:
        # What comes before the collector of logs is at the end: it says why nothing else was said.
        start = place.logs / "start.log"
        others = [path for path in place.logs.glob("*.log") if path != start]
        return explain(tail([*others, start], since), place.base)


def _initialise(place: Place, binaries: Binaries) -> Place:
    """initdb beside, then one renaming: killed at any moment, it leaves no half of a database."""
    fresh = place.base / "data.new"
    shutil.rmtree(fresh, ignore_errors=True)
    password = place.base / "initdb.password"
    write_private(password, place.memory.passwords[ADMIN], place.home)
    place.give(password)
    try:
        # Sorted by code point, folded by Unicode, the same on every machine. Before 17, by libc.
        locale = (
            ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            if binaries.major >= 17
            else ["--locale=C.UTF-8"]
        )
        made = place.identity.run(
            [
                *(str(binaries.initdb), "-D", str(fresh), "--username", ADMIN),
                *("--pwfile", str(password), "--auth=scram-sha-256", "--encoding=UTF8"),
                *(*locale, "--no-instructions"),
            ]
        )
    finally:
        password.unlink()
    if made.returncode:
        shutil.rmtree(fresh, ignore_errors=True)
        raise explain(made.stderr or made.stdout, place.base)
    with (fresh / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("\ninclude = 'raccord.conf'\n")
    fresh.rename(place.data)
    return place.remember(applied=True)


def _set_admin_password(place: Place, binaries: Binaries) -> Place:
    """The data outlived `server.json`, hence its passwords: give them those just drawn."""
    done = place.identity.run(
        [str(binaries.postgres), "--single", "-D", str(place.data), "postgres"],
        given=f"ALTER ROLE {ADMIN} PASSWORD '{place.memory.passwords[ADMIN]}'\n",
    )
    if done.returncode:
        raise explain(done.stderr, place.base)
    return place.remember(applied=True)


def _url(memory: Memory, role: str, database: str = roles.DATABASE) -> str:
    return f"postgresql://{role}:{memory.passwords[role]}@{_address(memory)}/{database}"


def _knock(memory: Memory) -> str:
    """Enough to ask whether the server answers, without signing in."""
    return f"postgresql://{OWNER}@{_address(memory)}/{roles.DATABASE}"


def _address(memory: Memory) -> str:
    return f"{quote(memory.socket, safe='')}:{memory.port}"
