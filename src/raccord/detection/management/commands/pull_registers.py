"""`pull_registers`: ask the service SIECLE for the registers of the schools set up for it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from raccord.detection import pulling
from raccord.detection.models import DepositStatus, Feed
from raccord.detection.register_service import NotConfigured
from raccord.territory.kinds import Kind
from raccord.territory.models import Academie, Structure

#: Second degree of the ministry: what that service holds.
_SECOND_DEGREE = (Kind.COLLEGE, Kind.LYCEE, Kind.LYCEE_PRO, Kind.EREA, Kind.SEP, Kind.SEGPA)


class Command(BaseCommand):
    """What the schedule does before the night; may be run by hand at any moment."""

    help = "Demande au service SIECLE la base de chaque établissement, et la dépose."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--academie", help="code ; toutes par défaut")
        parser.add_argument("--uai", nargs="+", default=[], help="seulement ces établissements")
        parser.add_argument(
            "--add", action="store_true",
            help="les demander désormais chaque nuit : ceux de --uai, sinon le second degré public "
            "de --academie",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            service = pulling.service()
        except NotConfigured as reason:
            raise CommandError(str(reason)) from None
        if options["academie"] and not Academie.objects.filter(pk=options["academie"]).exists():
            raise CommandError(f"--academie {options['academie']} : code inconnu.")
        if options["add"]:
            self._add(options)
            return
        if service is None:
            raise CommandError("RACCORD_SIECLE_URL n’est pas réglée : aucun service à interroger.")
        feeds = Feed.objects.filter(pulled=True, active=True).select_related(
            "structure", "academie"
        )
        if options["academie"]:
            feeds = feeds.filter(academie=options["academie"])
        if options["uai"]:
            feeds = feeds.filter(structure__uai__in=options["uai"])
        wrong = 0
        for deposit in pulling.pull(feeds.order_by("label", "id"), service):
            wrong += deposit.status != DepositStatus.ACCEPTED
            self.stdout.write(f"{deposit.feed} : {deposit.get_status_display()}")
            for told in deposit.reasons:
                self.stdout.write(f"  {told}")
        if wrong:
            raise CommandError(f"{wrong} base(s) refusée(s) ou mise(s) de côté.", returncode=2)

    def _add(self, options: dict[str, Any]) -> None:
        schools = Structure.objects.filter(uai__isnull=False).order_by("uai")
        if options["uai"]:
            schools = schools.filter(uai__in=options["uai"])
            unknown = set(options["uai"]) - set(schools.values_list("uai", flat=True))
            if unknown:
                raise CommandError(f"--uai {', '.join(sorted(unknown))} : établissement inconnu.")
        elif options["academie"]:
            schools = schools.filter(
                academie=options["academie"], kind__in=_SECOND_DEGREE, sector="public"
            )
        else:
            raise CommandError("--add demande --uai ou --academie.")
        added = pulling.pull_from(schools.select_related("academie"))
        self.stdout.write(f"{len(added)} bases seront demandées chaque nuit à partir de 2 heures.")
