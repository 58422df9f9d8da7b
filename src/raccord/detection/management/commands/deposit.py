"""`deposit`: hand over registers from a terminal."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from raccord.detection import services
from raccord.detection.models import DepositStatus, Feed, Nature
from raccord.territory.models import Academie


class Command(BaseCommand):
    """Reads files as the upload page does."""

    help = "Dépose une ou plusieurs bases (fichiers ou dossiers)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path)
        parser.add_argument("--academie", help="code de l’académie")
        parser.add_argument("--feed", type=int, help="numéro de la base ; reconnue sinon")
        parser.add_argument("--nature", choices=Nature.values)
        parser.add_argument("--state-on", type=date.fromisoformat, help="jour que dit la base")
        parser.add_argument("--because", default="", help="accepter malgré un doute, et pourquoi")

    def handle(self, *args: Any, **options: Any) -> None:
        feed = None
        if options["feed"]:
            feed = Feed.objects.filter(pk=options["feed"]).first()
            if feed is None:
                raise CommandError(f"--feed {options['feed']} : aucune base n’a ce numéro.")
        academie = feed.academie if feed else Academie.objects.filter(
            pk=options["academie"] or ""
        ).first()  # fmt: skip
        if academie is None:
            raise CommandError("Indiquez --feed, ou --academie avec un code connu.")
        refused = 0
        for deposit in services.receive(
            None,
            academie=academie,
            paths=options["paths"],
            how="command",
            feed=feed,
            nature=options["nature"],
            state_on=options["state_on"],
            forced_because=options["because"],
        ):
            refused += deposit.status != DepositStatus.ACCEPTED
            self.stdout.write(
                f"{deposit.document} : {deposit.get_status_display()}, {deposit.rows} inscriptions"
            )
            for reason in deposit.reasons:
                self.stdout.write(f"  {reason}")
        if refused:
            raise CommandError(f"{refused} base(s) refusée(s) ou mise(s) de côté.", returncode=2)
