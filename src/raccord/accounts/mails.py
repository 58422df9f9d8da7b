"""Mails of accounts. They say what to do and name no young person; one link, used once."""

from collections.abc import Iterable

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.template.loader import render_to_string
from django.urls import reverse

from raccord.accounts.models import Invitation, Membership, User


def invitation_address(token: str) -> str:
    """The link of an invitation."""
    return settings.SITE_URL + reverse("accounts:invitation", kwargs={"token": token})


def invitation(sent: Invitation, token: str) -> EmailMessage:
    """« Une invitation vous attend »."""
    context = {"invitation": sent, "address": invitation_address(token), "site": settings.SITE_URL}
    name = "claim" if sent.is_claim else "invitation"
    return _message(f"accounts/mails/{name}", context, sent.email)


def to_confirm(membership: Membership) -> EmailMessage:
    """« Confirmez votre habilitation »."""
    context = {"membership": membership, "address": settings.SITE_URL + reverse("accounts:mine")}
    return _message("accounts/mails/to_confirm", context, membership.user.email)


def claimed(sent: Invitation, name: str, title: str) -> EmailMessage:
    """Told to the structure's mailbox: who said they head it, and how to object."""
    context = {"invitation": sent, "name": name, "title": title}
    return _message("accounts/mails/claimed", context, sent.email)


def factor_removed(user: User) -> EmailMessage:
    """« Votre deuxième facteur a été retiré »."""
    return _message("accounts/mails/factor_removed", {"site": settings.SITE_URL}, user.email)


def codes_tried(user: User) -> EmailMessage:
    """« Des codes faux ont été saisis » : whoever typed them knows the password."""
    address = settings.SITE_URL + reverse("account_change_password")
    return _message("accounts/mails/codes_tried", {"address": address}, user.email)


def send(messages: Iterable[EmailMessage]) -> None:
    """One connection for all of them."""
    get_connection().send_messages(list(messages))


def _message(template: str, context: dict[str, object], to: str) -> EmailMessage:
    text = render_to_string(f"{template}.txt", context)
    subject, _, body = text.partition("\n")
    return EmailMessage(subject.strip(), body.strip() + "\n", settings.DEFAULT_FROM_EMAIL, [to])
