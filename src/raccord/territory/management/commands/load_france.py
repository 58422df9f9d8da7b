"""`raccord manage load_france`: académies, départements and communes."""

from typing import Any

from django.core.management.base import BaseCommand

from raccord.territory.france import load_france


class Command(BaseCommand):
    help = "Écrit ou rafraîchit les académies, les départements et les communes."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{load_france()} communes.")
