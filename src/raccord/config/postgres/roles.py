"""The two accounts of Raccord in its database: the owner, and the web that owns nothing."""

import psycopg
from psycopg import sql

from raccord.config.postgres.place import OWNER, WEB

DATABASE = "raccord"
_NOTHING = "NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS"


def state(url: str) -> psycopg.pq.Ping:
    """OK, REJECT (starting, replaying its journal or stopping) or NO_RESPONSE. No password."""
    return psycopg.pq.Ping(psycopg.pq.PGconn.ping(url.encode()))


def can_sign_in(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=10).close()
    except psycopg.OperationalError:
        return False
    return True


def prepare(admin_url: str, passwords: dict[str, str]) -> None:
    """Make or mend the accounts and the database. The owner can sign in only once all is there."""
    with psycopg.connect(admin_url, connect_timeout=10, autocommit=True) as connection:
        for role in (OWNER, WEB):
            if not _is_there(connection, "pg_roles", "rolname", role):
                _run(connection, "CREATE ROLE {} NOLOGIN", role)
        _set(connection, WEB, f"LOGIN NOCREATEDB {_NOTHING}", passwords[WEB])
        # The owner may act as the web (SET ROLE), to check what it sees; it inherits nothing.
        modern = connection.info.server_version >= 160000
        options = " WITH INHERIT FALSE, SET TRUE" if modern else ""
        _run(connection, "GRANT {} TO {}" + options, WEB, OWNER)
        if not _is_there(connection, "pg_database", "datname", DATABASE):
            _run(connection, "CREATE DATABASE {} OWNER {}", DATABASE, OWNER)
        _run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", DATABASE)
        _run(connection, "GRANT CONNECT ON DATABASE {} TO {}", DATABASE, WEB)
        # « postgres » is where one stands to create the databases of the tests.
        _run(connection, "REVOKE ALL ON DATABASE postgres FROM PUBLIC")
        _run(connection, "GRANT CONNECT ON DATABASE postgres TO {}", OWNER)
        _set(connection, OWNER, f"LOGIN CREATEDB {_NOTHING}", passwords[OWNER])


def _set(
    connection: psycopg.Connection[tuple[object, ...]], role: str, options: str, password: str
) -> None:
    # Hashed here: the server never sees the password itself.
    hashed = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    ).decode()
    connection.execute(
        sql.SQL("ALTER ROLE {} WITH {} PASSWORD {}").format(
            sql.Identifier(role),
            sql.SQL(options),
            sql.Literal(hashed),
        )
    )


def _is_there(
    connection: psycopg.Connection[tuple[object, ...]], table: str, column: str, name: str
) -> bool:
    query = sql.SQL("SELECT 1 FROM {} WHERE {} = {}").format(
        sql.Identifier(table), sql.Identifier(column), sql.Literal(name)
    )
    return connection.execute(query).fetchone() is not None


def _run(connection: psycopg.Connection[tuple[object, ...]], statement: str, *names: str) -> None:
    identifiers = [sql.Identifier(name) for name in names]
    connection.execute(sql.SQL(statement).format(*identifiers))
