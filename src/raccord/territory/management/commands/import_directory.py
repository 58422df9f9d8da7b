"""`raccord manage import_directory FICHIER...`: the structures of real directories."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from raccord.registers.problems import RefusedFile, Severity
from raccord.territory.directories import read_directory
from raccord.territory.services import apply_directory


class Command(BaseCommand):
    help = "Lit un annuaire (reconnu à son contenu), ajoute et met à jour les structures."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="FICHIER")
        parser.add_argument("--detail", action="store_true", help="nommer ce qui a changé")

    def handle(self, *args: Any, **options: Any) -> None:
        for path in options["paths"]:
            try:
                reading = read_directory(path)
            except RefusedFile as refusal:
                raise CommandError(str(refusal)) from refusal
            report = apply_directory(reading)
            self.stdout.write(f"{path.name} ({reading.label}) : {report.sentence()}")
            for reason, count in reading.left_out.most_common():
                self.stdout.write(f"  {count} lignes laissées de côté : {reason}")
            serious = [p for p in reading.problems if p.severity is not Severity.NOTICE]
            self.stdout.write(f"  {len(serious)} remarques sur le fichier")
            if options["detail"]:
                for problem in serious:
                    self.stdout.write(f"  ligne {problem.line} : {problem.message}")
                for structure, differences in report.changed:
                    names = ", ".join(sorted(differences))
                    self.stdout.write(f"  {structure} : {names}")
                for structure in report.absent:
                    self.stdout.write(f"  absente : {structure}")
