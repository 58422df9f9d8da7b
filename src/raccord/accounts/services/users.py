"""Accounts themselves."""

from allauth.mfa.models import Authenticator
from django.db import transaction

from raccord.accounts import mails, rights, sessions
from raccord.accounts.actors import Actor
from raccord.accounts.models import Feedback, User
from raccord.accounts.services.refusals import NotYours


@transaction.atomic
def change_identity(actor: Actor, *, first_name: str, last_name: str, phone: str) -> None:
    """One's own name and telephone."""
    user = actor.user
    user.first_name, user.last_name, user.phone = first_name.strip(), last_name.strip(), phone
    user.save(update_fields=["first_name", "last_name", "phone"])


@transaction.atomic
def disable_user(actor: Actor | None, *, user: User) -> None:
    """Close an account: every session ends at once, and no right remains.

    By an administrator of a territory where they have a role; None is the server's command line.
    """
    if actor is not None:
        _check_administers(actor, user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.is_active = False
    sessions.end_all(user)


@transaction.atomic
def remove_second_factor(actor: Actor | None, *, user: User) -> None:
    """A telephone is lost and the recovery codes too: enrolling starts again at the next sign-in,
    which still asks for the password. Sessions end, and the person is told by mail."""
    if actor is not None:
        _check_administers(actor, user)
    Authenticator.objects.filter(user=user).delete()
    sessions.end_all(user)
    mails.send([mails.factor_removed(user)])


def _check_administers(actor: Actor, user: User) -> None:
    """An administrator of a territory where they have a role; nobody acts on themselves."""
    theirs = user.memberships.values_list("structure__academie", flat=True)
    if user.pk == actor.user.pk or not rights.administered(actor) & set(theirs):
        raise NotYours


@transaction.atomic
def give_feedback(actor: Actor, *, screen: str, text: str) -> Feedback:
    """« Donner mon avis »: kept for the administrator of the territory."""
    territory = next((s.academie for s in actor.structures if s.academie_id), None)
    path = screen.partition("?")[0][:120]
    if path.startswith("/invitation/"):
        path = "/invitation/"  # what follows is a secret
    return Feedback.objects.create(user=actor.user, academie=territory, screen=path, text=text)
