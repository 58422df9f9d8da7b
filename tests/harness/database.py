"""One database migrated once, copied for each process of the tests in a fraction of a second.

The template is named after everything that makes it: when a migration or a rule changes, another
one is made and the oldest are dropped. Where no server is given, ours is launched and shared.
"""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from psycopg import errors, sql

from raccord.config.postgres.place import ADMIN, recall
from raccord.config.postgres.server import _url

ROOT = Path(__file__).resolve().parents[2]
_PREFIX = "raccord_template_"
#: Another checkout, or another branch, may use the same server.
_KEPT = 4
_TRIES = 4
#: Held while a template is made, copied or dropped, by whichever suite of the server.
_LOCK = 0x7261_6363


def fingerprint() -> str:
    """Of what `migrate` runs."""
    digest = hashlib.sha256(settings.WEB_ROLE.encode())
    rooms = ROOT / "src" / "raccord"
    made_of = {
        *rooms.glob("*/migrations/*.py"),
        *rooms.glob("*/**/*.sql"),
        *rooms.glob("followup/exports/person_file_*.py"),
        rooms / "followup" / "panels.py",
        *rooms.glob("*/security.py"),
        rooms / "accounts" / "database.py",
        rooms / "accounts" / "management" / "commands" / "migrate.py",
    }
    for path in sorted(made_of):
        digest.update(path.name.encode() + path.read_bytes())
    for package in ("django", "django-allauth", "procrastinate", "django-axes", "django-pghistory"):
        digest.update(version(package).encode())
    return digest.hexdigest()[:16]


def _server(database: str = "postgres") -> "psycopg.Connection[tuple[Any, ...]]":
    parameters = connection.get_connection_params() | {"dbname": database}
    wanted = {k: v for k, v in parameters.items() if k in {"host", "port", "user", "password"}}
    return psycopg.connect(**wanted, dbname=database, autocommit=True)


def _names(server: "psycopg.Connection[tuple[Any, ...]]", prefix: str) -> list[str]:
    query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid DESC"
    return [row[0] for row in server.execute(query, [prefix])]


def drop(name: str) -> None:
    """Whoever is in it: our sessions, and the automatic vacuum, which is a superuser's."""
    gone = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    with _server() as server:
        for _ in range(_TRIES - 1):
            with suppress(errors.InsufficientPrivilege):
                server.execute(gone + sql.SQL(" WITH (FORCE)"))
                return
            # Without FORCE, PostgreSQL ends the vacuum itself, then waits five seconds for others.
            with suppress(errors.ObjectInUse):
                server.execute(gone)
                return
        server.execute(gone + sql.SQL(" WITH (FORCE)"))


def create(name: str) -> None:
    """A database of this name, migrated and empty; what had the name is dropped."""
    template = _PREFIX + fingerprint()
    drop(name)
    with _server() as server:
        server.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        existing = _names(server, _PREFIX)
        if template not in existing:
            for stale in existing[_KEPT - 1 :]:
                drop(stale)
            _migrate(server, template)
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        server.execute(copy.format(sql.Identifier(name), sql.Identifier(template)))


def _migrate(server: "psycopg.Connection[tuple[Any, ...]]", template: str) -> None:
    """Under another name until it is whole: a process killed here leaves no half template."""
    half = template + "_half"
    drop(half)
    server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(half)))
    with using(half):
        call_command("migrate", verbosity=0, interactive=False)
    server.execute(
        sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
            sql.Identifier(half), sql.Identifier(template)
        )
    )


@contextmanager
def using(name: str) -> Iterator[None]:
    """Django works on this database; then on the former one."""
    former = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = former


def test_name(suffix: str = "") -> str:
    """Of this process of this suite: RACCORD_TEST_DB when several suites share a server."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    return os.environ.get("RACCORD_TEST_DB", "test_raccord") + worker + suffix


def hurry(home: Path) -> None:
    """The embedded server of this home waits for no disk, and for no vacuum: what a power cut would
    take from the tests is made again. Never done where PostgreSQL itself is tested."""
    memory = recall(home)
    assert memory is not None
    with psycopg.connect(_url(memory, ADMIN, "postgres"), autocommit=True) as admin:
        for name in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
            admin.execute(sql.SQL("ALTER SYSTEM SET {} = off").format(sql.Identifier(name)))
        admin.execute("SELECT pg_reload_conf()")


def let_sign_in(role: str) -> None:
    """A server given to us may have made the web role without the right to connect."""
    with _server() as server:
        known = server.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", [role])
        if known.fetchone() != (True,):
            server.execute(sql.SQL("ALTER ROLE {} LOGIN").format(sql.Identifier(role)))
