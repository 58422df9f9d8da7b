"""The two roles of the database: the owner, and the web role that owns nothing.

After every migration the web role is granted what pages need, and each room puts its row-level
security in force. The web server refuses to start under a role that row-level security cannot hold.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.db import OperationalError, connection

#: Who is asking and what they are today: the guards of every room lean on it.
MEMBERSHIPS = Path(__file__).parent / "sql" / "memberships.sql"
Statements = Callable[[str], list[str]]
_guards: dict[str, Statements] = {}


def guard(room: str, statements: Statements) -> None:
    """Register the SQL a room wants run after migrations; it receives the name of the web role."""
    _guards[room] = statements


def secure(**_: Any) -> None:
    """Grant the web role what it needs and put every guard in force. May be run again."""
    role = connection.ops.quote_name(settings.WEB_ROLE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.WEB_ROLE])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {role} NOLOGIN")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
        )
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}")
        cursor.execute(MEMBERSHIPS.read_text("utf-8"))
        # Rooms start from the highest: a guard leans on functions of the rooms below it.
        for statements in reversed(_guards.values()):
            for statement in statements(role):
                cursor.execute(statement)


def secure_after_migrations(sender: Any, **options: Any) -> None:
    """`post_migrate` comes once a room: the last one does it, when every table is there."""
    from django.apps import apps  # noqa: PLC0415

    last = [config for config in apps.get_app_configs() if config.models_module][-1]
    if sender.name == last.name and connection.vendor == "postgresql":
        secure()


@register("database", deploy=False)
def web_role_is_held(**_: Any) -> list[CheckMessage]:
    """The web server never runs as a superuser, an owner or a role exempt from row security."""
    if settings.DATABASE_ROLE != "web":
        return []
    return [Error(reason, id="raccord.E001") for reason in unheld()]


def unheld() -> list[str]:
    """Why row-level security would not hold the role that is connected; empty when it does."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                """SELECT current_user, rolsuper, rolbypassrls, EXISTS (
                    SELECT FROM pg_class WHERE relowner = pg_roles.oid AND relnamespace =
                        'public'::regnamespace) FROM pg_roles WHERE rolname = current_user"""
            )
            role, superuser, exempt, owner = cursor.fetchone()
    except OperationalError as error:
        return [f"Base de données injoignable : {error}"]
    advice = "Donnez dans DATABASE_WEB_URL le rôle raccord_web, qui ne possède rien."
    reasons = []
    if superuser:
        reasons.append(f"Le serveur web se connecte en superutilisateur ({role}). {advice}")
    if exempt:
        reasons.append(f"Le rôle {role} échappe aux droits par ligne (BYPASSRLS). {advice}")
    if owner:
        reasons.append(f"Le rôle {role} possède des tables. {advice}")
    return reasons
