"""`undo_run`: take back what a comparison did."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from raccord.detection import undo
from raccord.detection.models import Run
from raccord.detection.night import AlreadyRunning


class Command(BaseCommand):
    """What the button of the page does."""

    help = "Annule une comparaison des 30 derniers jours."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", type=int, help="numéro de la comparaison")

    def handle(self, *args: Any, **options: Any) -> None:
        run = Run.objects.filter(pk=options["run"]).first()
        if run is None:
            raise CommandError(f"Aucune comparaison n’a le numéro {options['run']}.")
        try:
            undone = undo.undo_run(run, by="la ligne de commande")
        except (undo.CannotUndo, AlreadyRunning) as reason:
            raise CommandError(str(reason), returncode=2) from reason
        self.stdout.write(undone.sentence)
