"""`raccord manage deliver_messages`: what the worker does every minute."""

from typing import Any

from django.core.management.base import BaseCommand

from raccord.followup.letters.delivery import deliver


class Command(BaseCommand):
    """Send the SMS and e-mails that wait."""

    help = "Envoie les SMS et les courriels en attente."

    def handle(self, *args: Any, **options: Any) -> None:
        told = deliver()
        self.stdout.write(
            f"Partis : {told.sent}. À réessayer : {told.waiting}. Abandonnés : {told.failed}."
        )
