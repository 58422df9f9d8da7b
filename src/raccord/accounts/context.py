"""What every template knows of who is acting."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def acting(request: HttpRequest) -> dict[str, Any]:
    """`actor`: None when nobody is signed in."""
    return {"actor": getattr(request, "actor", None), "PROCONNECT": settings.PROCONNECT}
