"""What the sheet says of openings beyond a scope."""

from collections.abc import Iterable

from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.followup.glass.models import Opening


def opened_by(actor: Actor, openings: Iterable[Opening]) -> Opening | None:
    """The opening by which this person reads the case, while it lasts."""
    now = timezone.now()
    mine = [one for one in openings if one.user_id == actor.user.pk and one.until > now]
    return mine[0] if mine else None
