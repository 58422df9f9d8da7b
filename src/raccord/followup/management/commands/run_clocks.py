"""The clocks of the follow-up, by hand."""

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from raccord.followup import clocks
from raccord.followup.relay import linking
from raccord.matching.wording import count, typeset


class Command(BaseCommand):
    """`raccord manage run_clocks`."""

    help = (
        "Relances, retours, retards, situations à confirmer : ce que le service fait chaque jour."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """The day."""
        parser.add_argument("--jour", type=date.fromisoformat, help="AAAA-MM-JJ, aujourd’hui sinon")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run them, and say how many of each."""
        done = clocks.run(options["jour"] or timezone.localdate())
        linking.send_again()
        told = [count(done[name], *words) for name, words in clocks.WORDS.items()]
        self.stdout.write(typeset(", ".join(told)) + ".")
