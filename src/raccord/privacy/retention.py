"""How long a line of the log is kept, and its removal."""

from datetime import datetime, time

from django.db import connection, transaction
from django.utils import timezone

from raccord.privacy import journal
from raccord.privacy.models import LogCheckpoint

#: CNIL, recommandation 2021-122: six months to one year.
KEPT_YEARS = 1


def limit() -> datetime:
    """The start of the oldest day that is kept."""
    today = timezone.localdate()
    try:
        first = today.replace(year=today.year - KEPT_YEARS)
    except ValueError:  # 29 February
        first = today.replace(year=today.year - KEPT_YEARS, day=28)
    return timezone.make_aware(datetime.combine(first, time.min))


def forget_old_readings() -> LogCheckpoint | None:
    """Remove the lines older than the limit; what the last of them was is kept, here and outside.

    None when no line is that old. The mark is written before the end of the transaction: one too
    many proves nothing wrong, a missing one would.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM raccord_forget_readings(%s)", [limit()])
            found = cursor.fetchone()
        if found is None:
            return None
        checkpoint = LogCheckpoint.objects.get(pk=found[0])
        journal.add(
            journal.Mark(
                journal.PURGE, checkpoint.at, checkpoint.last_id, bytes(checkpoint.last_hash)
            )
        )
        return checkpoint
