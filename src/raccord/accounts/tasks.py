"""What the worker does for accounts; each is a plain command too."""

import logging

from django.core.management import call_command
from procrastinate.contrib.django import app

from raccord.accounts import services

logger = logging.getLogger(__name__)


@app.periodic(cron="15 5 * * *")
@app.task(name="accounts.confirm_memberships", queueing_lock="accounts.confirm_memberships")
def confirm_memberships(timestamp: int) -> None:
    """Each day of September, ask the heads not asked yet to confirm; nothing on other days."""
    asked = services.confirm_memberships()
    if asked:
        logger.info("%s habilitations à confirmer", asked)


@app.periodic(cron="25 5 * * *")
@app.task(name="accounts.clear_sessions", queueing_lock="accounts.clear_sessions")
def clear_sessions(timestamp: int) -> None:
    """Each day, forget the sessions that are over."""
    call_command("clearsessions")
