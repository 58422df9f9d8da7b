"""`create_administrator`: the first person of a territory; everybody else comes by invitation."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from raccord.accounts import mails
from raccord.accounts.roles import Role
from raccord.accounts.services.invitations import prepare
from raccord.territory.kinds import Kind
from raccord.territory.models import Academie, Structure


class Command(BaseCommand):
    """Print a one-time link, to be given by hand: the mail may not be set up yet."""

    help = "Crée le premier administrateur : create_administrator 17 admin@exemple.fr"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("academie", help="code de l’académie")
        parser.add_argument("courriel")
        parser.add_argument(
            "--technique", action="store_true", help="administrateur technique, sans le territoire"
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        academie = Academie.objects.filter(pk=options["academie"]).first()
        if academie is None:
            raise CommandError(f"Aucune académie « {options['academie']} ».")
        rectorat, _ = Structure.objects.get_or_create(
            kind=Kind.RECTORAT, academie=academie, defaults={"name": f"Rectorat de {academie}"}
        )
        role = Role.TECHNICAL if options["technique"] else Role.TERRITORY_ADMIN
        made, token = prepare(
            None, structure=rectorat, role=role, email=options["courriel"].strip().lower()
        )
        made.save()
        self.stdout.write("Lien à usage unique, valable quinze jours :")
        self.stdout.write(mails.invitation_address(token))
