"""Accounts themselves."""

from django.db import transaction

from raccord.accounts import sessions
from raccord.accounts.actors import Actor
from raccord.accounts.models import User


@transaction.atomic
def change_identity(actor: Actor, *, first_name: str, last_name: str, phone: str) -> None:
    """One's own name and telephone."""
    user = actor.user
    user.first_name, user.last_name, user.phone = first_name.strip(), last_name.strip(), phone
    user.save(update_fields=["first_name", "last_name", "phone"])


@transaction.atomic
def disable_user(actor: Actor | None, *, user: User) -> None:
    """Close an account: every session ends at once, and no right remains."""
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.is_active = False
    sessions.end_all(user)
