"""`watch_folder`: deposit what arrives in a folder, where another service puts its exports."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from raccord.detection import folder
from raccord.territory.models import Academie


class Command(BaseCommand):
    """Looks at the folder again and again, or once."""

    help = "Dépose les bases qui arrivent dans un dossier."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--academie", required=True)
        parser.add_argument("--every", type=int, default=60, help="secondes entre deux regards")
        parser.add_argument("--once", action="store_true", help="regarder une fois, puis finir")

    def handle(self, *args: Any, **options: Any) -> None:
        academie = Academie.objects.filter(pk=options["academie"]).first()
        if academie is None:
            raise CommandError(f"--academie {options['academie']} : code inconnu.")
        if not options["folder"].is_dir():
            raise CommandError(f"{options['folder']} : ce dossier n’existe pas.")
        while True:
            for deposit in folder.take(academie, options["folder"]):
                self.stdout.write(f"{deposit.document} : {deposit.get_status_display()}")
            if options["once"]:
                return
            time.sleep(options["every"])
