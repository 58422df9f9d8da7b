"""`raccord access-log verify`: prove the log of readings."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from raccord.privacy import journal, verification


class Command(BaseCommand):
    """Exit status 1 when a line was altered, removed, inserted or moved."""

    help = "Vérifie qu’aucune ligne du journal des lectures n’a été changée ni retirée."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "action",
            choices=["verify", "pin"],
            help="verify : vérifier, puis noter la dernière ligne hors de la base ; pin : la noter",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["action"] == "verify":
            proof = verification.verify()
            if not proof.holds:
                self.stderr.write(f"Le journal des lectures ne se vérifie pas. {proof.fault}")
                sys.exit(1)
            if proof.lines and not proof.marks:
                self.stdout.write(
                    "Aucun repère n’avait été noté hors de la base : la fin du journal n’est "
                    "garantie qu’à partir de maintenant."
                )
            self.stdout.write(f"Le journal des lectures est intact : {proof.lines} lignes.")
        journal.pin()
