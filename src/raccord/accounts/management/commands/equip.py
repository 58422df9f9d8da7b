"""`equip`: every structure of an académie invited at its mailbox."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from raccord.accounts import deposit, services
from raccord.territory.models import Academie


class Command(BaseCommand):
    """Equip a territory, from one file or from the directory."""

    help = "Invite chaque structure d’une académie à sa boîte : equip 17 [--fichier etab.xlsx]"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("academie", help="code de l’académie")
        parser.add_argument("--fichier", type=Path, help="CSV ou XLSX : uai (ou siret), courriel")

    def handle(self, *args: Any, **options: Any) -> None:
        academie = Academie.objects.filter(pk=options["academie"]).first()
        if academie is None:
            raise CommandError(f"Aucune académie « {options['academie']} ».")
        rows = None
        if options["fichier"]:
            try:
                with options["fichier"].open("rb") as file:
                    rows = deposit.read(file)
            except (OSError, deposit.Unreadable) as refusal:
                raise CommandError(str(refusal)) from refusal
        report = services.equip_territory(None, academie=academie, rows=rows)
        self.stdout.write(
            f"{len(report.sent)} invitations parties, {len(report.waiting)} déjà en attente, "
            f"{len(report.claimed)} structures déjà prises en main."
        )
        for structure in report.without_mailbox:
            self.stdout.write(f"Sans boîte : {structure} {structure.uai or ''}".rstrip())
        for line in report.unknown:
            self.stdout.write(f"Inconnue : {line}")
