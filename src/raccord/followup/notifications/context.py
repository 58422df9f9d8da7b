"""What every template knows of what waits to be read."""

from typing import Any

from django.db.models import F, Func, IntegerField
from django.http import HttpRequest

#: Read with the memberships of whoever acts (`accounts.actors.read_too`).
UNREAD = Func(F("user"), function="raccord_unread", output_field=IntegerField())


def unread(request: HttpRequest) -> dict[str, Any]:
    """`UNREAD`: the number of the bell. Practising, nothing waits."""
    actor = getattr(request, "actor", None)
    waiting = actor.known("unread") if actor and not actor.training else 0
    return {"UNREAD": waiting or 0}
