"""`invite`: an invitation from the server's command line."""

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from raccord.accounts import services
from raccord.accounts.roles import Role
from raccord.territory.models import Structure


class Command(BaseCommand):
    """Send an invitation."""

    help = "Invite une personne dans une structure : invite 0440001A head ce.0440001a@exemple.fr"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("structure", help="UAI, ou numéro de la structure")
        parser.add_argument("role", choices=[role.value for role in Role])
        parser.add_argument("courriel")
        parser.add_argument("--fonction", default="")
        parser.add_argument("--fin", type=date.fromisoformat, help="dernier jour, AAAA-MM-JJ")

    def handle(self, *args: Any, **options: Any) -> None:
        made = services_invite(
            options["structure"], options["role"], options["courriel"], options["fonction"],
            options["fin"],
        )  # fmt: skip
        self.stdout.write(f"Invitation partie à {made.email} pour {made.structure}.")


def services_invite(named: str, role: str, email: str, title: str, ends_on: date | None) -> Any:
    """Find the structure, send; a refusal is a sentence and status 1."""
    found = Structure.objects.filter(uai=named.upper()).first()
    if found is None and named.isdigit():
        found = Structure.objects.filter(pk=int(named)).first()
    if found is None:
        raise CommandError(f"Aucune structure « {named} ».")
    try:
        return services.invite(
            None, structure=found, role=Role(role), email=email, title=title, ends_on=ends_on
        )
    except services.Refused as refusal:
        raise CommandError(str(refusal)) from refusal
