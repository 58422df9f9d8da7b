"""`raccord manage purge_readings`: remove the lines of the log that are too old to be kept."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from raccord.privacy import retention


class Command(BaseCommand):
    """Played every night by the worker; may be played by hand as often as one likes."""

    help = "Retire du journal des lectures les lignes de plus d’un an (CNIL 2021-122)."

    def handle(self, *args: Any, **options: Any) -> None:
        done = retention.forget_old_readings()
        day = timezone.localdate(retention.limit())
        if done is None:
            self.stdout.write(f"Aucune lecture d’avant le {day:%d/%m/%Y} : rien à retirer.")
        else:
            self.stdout.write(f"{done.removed} lectures d’avant le {day:%d/%m/%Y} retirées.")
