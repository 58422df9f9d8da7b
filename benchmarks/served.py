"""A PostgreSQL for the benchmarks of the service: the one of DATABASE_URL, else our own."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def server(work: Path) -> Iterator[None]:
    """The environment that the settings read; launches the embedded server where none is given."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "raccord.config.settings")
    os.environ.setdefault("RACCORD_HOME", str(work / "home"))
    if "DATABASE_URL" in os.environ:
        yield
        return
    from raccord.config.postgres import Server

    home = work / "postgres"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with Server(home) as launched:
        os.environ["DATABASE_URL"] = launched.urls.owner
        try:
            yield
        finally:
            from django.db import connections

            connections.close_all()
            del os.environ["DATABASE_URL"]


@contextmanager
def database(name: str) -> Iterator[Any]:
    """Django on an empty, migrated database of its own, dropped at the end."""
    import django

    django.setup()
    from django.db import connection

    connection.settings_dict["TEST"]["NAME"] = f"bench_{name}_{os.getpid()}"
    former = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield connection
    finally:
        connection.creation.destroy_test_db(former, verbosity=0)
