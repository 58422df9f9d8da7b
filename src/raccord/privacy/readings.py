"""Noting who reads what."""

from collections.abc import Iterable
from uuid import UUID

from django.http import HttpRequest

from raccord.privacy.models import Reading


def note(request: HttpRequest, act: str, subjects: Iterable[UUID]) -> None:
    """A page says what it is about to show: `act` is sheet, list, search, export, letter..."""
    noted = request.__dict__.setdefault("noted_readings", [])
    noted.append((act, list(subjects)))


def write(request: HttpRequest) -> None:
    """Write what was noted during the request."""
    noted = request.__dict__.pop("noted_readings", [])
    if not noted:
        return
    actor = getattr(request, "actor", None)
    match = request.resolver_match
    Reading.objects.bulk_create(
        Reading(
            user_id=actor.user.pk if actor else None,
            reader=str(actor.user) if actor else "",
            structures=sorted(actor.structure_ids) if actor else [],
            act=act,
            screen=match.view_name if match else "",
            subjects=subjects,
        )
        for act, subjects in noted
    )
