"""`nightly`: compare the registers of every académie, then open, update and close cases."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from raccord.detection import night
from raccord.detection.models import Feed
from raccord.detection.reporting import index
from raccord.followup.reporting import duplicates
from raccord.matching.comparison import Refused
from raccord.territory.models import Academie


class Command(BaseCommand):
    """What the schedule runs; may be run by hand at any moment."""

    help = "Compare les bases déposées et met à jour les dossiers."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as-of", type=date.fromisoformat, help="AAAA-MM-JJ (aujourd’hui)")
        parser.add_argument("--academie", help="code ; toutes par défaut")
        parser.add_argument("--progress", action="store_true", help="dire où en est la comparaison")

    def handle(self, *args: Any, **options: Any) -> None:
        academies = Academie.objects.filter(pk__in=Feed.objects.values("academie"))
        if options["academie"]:
            academies = Academie.objects.filter(pk=options["academie"])
            if not academies:
                raise CommandError(f"--academie {options['academie']} : code inconnu.")
        failed = []
        for academie in academies:
            say = self.stderr.write if options["progress"] else lambda _: None
            try:
                run = night.run(
                    academie, options["as_of"], started_by="la ligne de commande", say=say
                )
            except (night.AlreadyRunning, night.NothingToCompare, Refused) as reason:
                failed.append(f"{academie} : {reason}")
                continue
            index.write(academie, options["as_of"])
            duplicates.write(academie)
            acts = ", ".join(f"{name} {n}" for name, n in run.stats["acts"].items() if n)
            self.stdout.write(f"{academie}, {run.as_of} : {acts or 'rien n’a changé'}")
        if failed:
            raise CommandError("\n".join(failed), returncode=2)
