"""What the worker does: messages that wait leave, one transaction each, and keep nothing."""

import logging
import smtplib
from dataclasses import dataclass

from cryptography.fernet import InvalidToken
from django.db import transaction
from django.utils import timezone

from raccord.followup.letters import sealing
from raccord.followup.letters.adapters import NotSent, adapter_for
from raccord.followup.letters.models import Message
from raccord.followup.letters.vocabulary import MessageStatus

logger = logging.getLogger(__name__)
#: After so many tries the message is said not to have left, on the sheet.
TRIES = 5


@dataclass
class Delivered:
    """How many left, failed for good, or wait for another try."""

    sent: int = 0
    failed: int = 0
    waiting: int = 0


def deliver(limit: int = 500) -> Delivered:
    """Send what waits, the oldest first. Two workers share the work; one that dies loses at most
    the mark of one message, which its key lets a provider recognise."""
    told = Delivered()
    waiting = Message.objects.filter(status=MessageStatus.WAITING).order_by("made_at", "pk")
    for key in list(waiting.values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            message = (
                Message.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(pk=key, status=MessageStatus.WAITING)
                .first()
            )
            if message is not None:
                _deliver(message, told)
    return told


def _deliver(message: Message, told: Delivered) -> None:
    if message.event.undone_by.exists():
        _ended(message, MessageStatus.TAKEN_BACK)
        return
    if message.case.person.training:  # an invented number may be somebody's
        message.sent_at = timezone.now()
        _ended(message, MessageStatus.SENT)
        told.sent += 1
        return
    adapter = adapter_for(message.medium)
    try:
        if adapter is None:
            raise NotSent("aucun moyen d’envoi n’est réglé")
        content = sealing.opened(message.outgoing)
        adapter.send(
            key=message.pk.hex,
            to=content["to"],
            subject=content["subject"],
            body=content["body"],
        )
    except (NotSent, smtplib.SMTPException, InvalidToken) as error:
        message.tries += 1
        # Never the text of an error of a provider: it may quote the number.
        logger.warning("Un message n’est pas parti (%s).", type(error).__name__)
        if message.tries >= TRIES or adapter is None or isinstance(error, InvalidToken):
            _ended(message, MessageStatus.FAILED)
            told.failed += 1
        else:
            message.save(update_fields=["tries"])
            told.waiting += 1
        return
    message.sent_at = timezone.now()
    _ended(message, MessageStatus.SENT)
    told.sent += 1


def _ended(message: Message, status: MessageStatus) -> None:
    message.status, message.outgoing = status, ""
    message.save(update_fields=["status", "outgoing", "sent_at", "tries"])
