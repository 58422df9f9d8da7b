"""Where a request comes from."""

import ipaddress

from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104 - an address nobody has, where there must be one


def client_address(request: HttpRequest) -> str:
    """The client's address, as `ui.middleware.BehindProxies` left it."""
    try:
        return str(ipaddress.ip_address(request.META.get("REMOTE_ADDR") or ""))
    except ValueError:
        return UNKNOWN


def is_on_this_machine(request: HttpRequest) -> bool:
    """Whether the browser runs on the machine of the server, with no proxy between."""
    if any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP")):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR") or "").is_loopback
    except ValueError:
        return False


def attempted_address(request: HttpRequest, credentials: dict[str, str] | None) -> str:
    """The account somebody tries to enter, as axes counts it; the same with other capitals."""
    given = credentials or {}
    found = given.get("email") or given.get("username") or request.POST.get("login") or ""
    return found.strip().lower()[:255]
