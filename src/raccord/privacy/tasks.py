"""What the worker does for the log of readings; each is a plain command too."""

import logging

from django.core.mail import send_mail
from procrastinate.contrib.django import app

from raccord.accounts.models import Membership
from raccord.accounts.roles import Role
from raccord.privacy import journal, retention, verification

logger = logging.getLogger(__name__)


@app.periodic(cron="7 * * * *")
@app.task(name="privacy.pin_log", queueing_lock="privacy.pin_log")
def pin_log(timestamp: int) -> None:
    """Every hour, note the last line outside of the database."""
    journal.pin()


@app.periodic(cron="40 3 * * *")
@app.task(name="privacy.keep_log", queueing_lock="privacy.keep_log")
def keep_log(timestamp: int) -> None:
    """Every night, prove the log, tell the DPO when it does not hold, then apply retention."""
    proof = verification.verify()
    if not proof.holds:
        # Nothing is removed from a log that somebody altered: it is evidence.
        logger.error("Le journal des lectures ne se vérifie pas. %s", proof.fault)
        tell(proof.fault)
        return
    retention.forget_old_readings()
    journal.pin()


def tell(fault: str) -> None:
    """Write to every DPO in force (CNIL 2021-122: an alert when a log is altered)."""
    addresses = Membership.objects.in_force().filter(role=Role.DPO).values_list("user__email")
    for (address,) in addresses.order_by("user__email").distinct():
        send_mail(
            "Le journal des lectures de Raccord ne se vérifie plus",
            f"{fault}\n\nPrévenez l’administrateur technique et conservez la base en l’état.",
            None,
            [address],
        )
