"""`confirm_memberships`: each 1 September heads confirm that they still head their school."""

from typing import Any

from django.core.management.base import BaseCommand

from raccord.accounts import services


class Command(BaseCommand):
    """Ask heads to confirm; may be run every day, asks once a year."""

    help = "Demande aux chefs d’établissement de confirmer leur habilitation (en septembre)"

    def handle(self, *args: Any, **options: Any) -> None:
        asked = services.confirm_memberships()
        self.stdout.write(f"{asked} confirmations demandées.")
