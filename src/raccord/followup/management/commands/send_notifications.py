"""`raccord manage send_notifications`: what the worker does with notifications."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from raccord.followup.notifications import sending
from raccord.followup.notifications.models import Rhythm


class Command(BaseCommand):
    """Send the e-mails that wait, at once or as a digest."""

    help = "Envoie les notifications par courriel : celles de la minute, ou le résumé du jour."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which."""
        parser.add_argument(
            "--resume", action="store_true", help="le résumé quotidien, là où il est 7 h"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Send, and say how many."""
        told = sending.send(Rhythm.DAILY if options["resume"] else Rhythm.EACH)
        self.stdout.write(f"Personnes prévenues : {told.sent}. À réessayer : {told.failed}.")
