"""Somebody reads something: what the tests of the log start from."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

from django.test import RequestFactory

from raccord.accounts.actors import Actor
from raccord.privacy import readings
from raccord.privacy.models import Act


def request_of(actor: Actor | None, view_name: str = "followup:sheet", **kwargs: Any) -> Any:
    """A request as the middleware sees it once the page was found."""
    request = RequestFactory().get("/")
    request.actor = actor  # type: ignore[attr-defined]
    request.resolver_match = SimpleNamespace(view_name=view_name, kwargs=kwargs)  # type: ignore[assignment]
    return request


def read(actor: Actor | None, *subjects: UUID, act: str = Act.SHEET) -> None:
    """Somebody opens something."""
    request = request_of(actor)
    readings.note(request, act, subjects or [uuid4()])
    readings.write(request)
