"""The clocks of the relay, by hand."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from raccord.followup.relay import clocks


class Command(BaseCommand):
    """`raccord manage run_clocks`."""

    help = "Relances, retours, dossiers restés sans démarche : ce que le service fait chaque jour."

    def add_arguments(self, parser: CommandParser) -> None:
        """The day."""
        parser.add_argument("--jour", type=date.fromisoformat, help="AAAA-MM-JJ, aujourd’hui sinon")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run them, and say how many of each."""
        done = clocks.run(options["jour"] or timezone.localdate())
        self.stdout.write(
            f"{done['reminded']} relances, {done['returned']} dossiers revenus à l’envoyeur, "
            f"{done['offered']} dossiers proposés à un CIO."
        )
