"""E-mails that say nothing: « Un dossier vous attend », how many, and the address of Raccord.

Neither name, nor initials, nor school, nor the key of a case: safe on a locked screen. What was
read meanwhile, what somebody no longer sees and what is never to be sent is set aside, not sent.
"""

import logging
import smtplib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from raccord.accounts.models import User
from raccord.followup.notifications.models import NotificationKind, Rhythm
from raccord.matching.wording import count, typeset

logger = logging.getLogger(__name__)
#: The hour of the digest, where each person works.
DIGEST_HOUR = 7
#: People written to in one run; the others are written to a minute later.
LIMIT = 500


@dataclass
class Sent:
    """How many people were written to, and how many could not be."""

    sent: int = 0
    failed: int = 0


def send(rhythm: Rhythm, now: datetime | None = None) -> Sent:
    """Write to those who chose this rhythm; the digest only where it is seven in the morning.

    One transaction a person: their lines are marked and the e-mail leaves, or neither. Two workers
    share the people; run again, it sends nothing more.
    """
    now = now or timezone.now()
    told = Sent()
    _set_aside()
    mailbox = get_connection()
    for user, address in _waiting(rhythm, now):
        try:
            with transaction.atomic():
                lines = _take(user)
                if lines:
                    mailbox.send_messages([message(address, lines)])
                    told.sent += 1
        except (OSError, smtplib.SMTPException) as error:
            # Never the text of the error: it may quote an address.
            logger.warning("Une notification n’est pas partie (%s).", type(error).__name__)
            told.failed += 1
    return told


def message(address: str, lines: Iterable[tuple[str, int]]) -> EmailMessage:
    """The e-mail: one sentence for each kind, from the closed list, and one address."""
    told = [(NotificationKind(kind).label, number) for kind, number in lines]
    total = sum(number for _, number in told)
    subject = "Un dossier vous attend"
    if total > 1:
        subject = f"{count(total, 'nouvelle')} dans {settings.SERVICE_NAME}"
    page = settings.SITE_URL + reverse("followup:notifications")
    body = [
        "Bonjour,",
        "",
        *(f"– {label}{f' ({number} fois)' if number > 1 else ''}" for label, number in told),
        "",
        f"À lire dans {settings.SERVICE_NAME} : {page}",
        "",
        "Ce message ne contient aucun nom. La même page permet de choisir à quel rythme vous les "
        "recevez.",
        "",
    ]
    made = EmailMessage(typeset(subject), "\n".join(body), to=[address])
    made.extra_headers["Auto-Submitted"] = "auto-generated"
    return made


def _set_aside() -> None:
    """What will not be sent: read already, never wanted, or for an account that is closed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE followup_notification n SET emailed_at = now()
            WHERE n.emailed_at IS NULL AND (n.read_at IS NOT NULL
                OR EXISTS (SELECT FROM followup_preference p
                    WHERE p.user_id = n.user_id AND p.rhythm = %s)
                OR NOT EXISTS (SELECT FROM accounts_user u WHERE u.id = n.user_id AND u.is_active))
            """,
            [Rhythm.NEVER],
        )


def _waiting(rhythm: Rhythm, now: datetime) -> list[tuple[int, str]]:
    """Who has something to be told, with their address."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, _given(rhythm, now))
        return list(cursor.fetchall())


def _given(rhythm: Rhythm, now: datetime) -> dict[str, Any]:
    return {
        "rhythm": rhythm.value,
        "default": Rhythm.DAILY.value,
        "digest": rhythm is Rhythm.DAILY,
        "now": now,
        "hour": DIGEST_HOUR,
        "here": settings.TIME_ZONE,
        "limit": LIMIT,
    }


_WAITING = f"""
SELECT u.id, u.email FROM {User._meta.db_table} u
LEFT JOIN followup_preference p ON p.user_id = u.id
WHERE u.is_active AND coalesce(p.rhythm, %(default)s) = %(rhythm)s
    AND EXISTS (SELECT FROM followup_notification n
        WHERE n.user_id = u.id AND n.emailed_at IS NULL AND n.read_at IS NULL)
    AND (NOT %(digest)s OR extract(hour FROM %(now)s::timestamptz AT TIME ZONE coalesce(
        (SELECT a.time_zone FROM accounts_membership m
            JOIN territory_structure s ON s.id = m.structure_id
            JOIN territory_academie a ON a.code = s.academie_id
            WHERE m.user_id = u.id AND m.revoked_at IS NULL ORDER BY m.id LIMIT 1),
        %(here)s)) = %(hour)s)
ORDER BY u.id LIMIT %(limit)s
"""  # noqa: SLF001 - documented by Django

#: Marks what waits for one person; gives how many of each kind about cases that they still see.
_TAKE = """
WITH taken AS (
    UPDATE followup_notification SET emailed_at = now() WHERE id IN (
        SELECT id FROM followup_notification
        WHERE user_id = %(user)s AND emailed_at IS NULL AND read_at IS NULL
        ORDER BY id FOR UPDATE SKIP LOCKED)
    RETURNING kind, case_id, at)
SELECT kind, count(*) FROM taken
WHERE case_id IS NULL OR case_id IN (SELECT raccord_find_visible_cases(
    %(user)s, ARRAY(SELECT case_id FROM taken WHERE case_id IS NOT NULL)))
GROUP BY kind ORDER BY min(at), kind
"""


def _take(user: int) -> list[tuple[str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"user": user})
        return list(cursor.fetchall())
