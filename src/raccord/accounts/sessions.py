"""Sessions: how many, how long, and how they end at once."""

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import F

from raccord.accounts.models import User


def end_all(user: User, *, but: str | None = None) -> None:
    """Close every session of somebody, known or not; `but` is the key of one to keep.

    The epoch is part of what a session proves at each request: sessions opened on another epoch
    are refused even when nobody recorded them.
    """
    mine = UserSession.objects.filter(user=user)
    if but is None:
        User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
        user.refresh_from_db(fields=["session_epoch"])
    else:
        mine = mine.exclude(session_key=but)
    _delete(list(mine.values_list("session_key", flat=True)))


def end(user: User, identifier: int) -> bool:
    """Close one session of somebody (« déconnecter cet appareil »); whether there was one."""
    keys = list(
        UserSession.objects.filter(user=user, pk=identifier).values_list("session_key", flat=True)
    )
    _delete(keys)
    return bool(keys)


def keep_the_latest(user: User) -> None:
    """Close the oldest sessions beyond the number allowed in parallel."""
    mine = UserSession.objects.filter(user=user).order_by("-created_at", "-pk")
    _delete(list(mine.values_list("session_key", flat=True)[settings.SESSIONS_IN_PARALLEL :]))


def _delete(keys: list[str]) -> None:
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()
