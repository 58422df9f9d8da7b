"""`raccord manage clear_practices`: what the worker does each night with abandoned practices."""

from typing import Any

from django.core.management.base import BaseCommand

from raccord.followup import training


class Command(BaseCommand):
    """Remove the practice schools that nobody uses any more."""

    help = "Retire les établissements d’entraînement dont personne ne se sert plus."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Entraînements retirés : {training.clear_abandoned()}.")
