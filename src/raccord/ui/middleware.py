"""What comes from the network, and the headers of every answer."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class BehindProxies:
    """REMOTE_ADDR as our own proxies saw it; what a client writes in the header counts for nothing.

    Without it everybody has the proxy's address, and one could lock another's account.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.PROXIES:
            passed = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
            if len(passed) >= settings.PROXIES and passed[-settings.PROXIES].strip():
                request.META["REMOTE_ADDR"] = passed[-settings.PROXIES].strip()
        return self.get_response(request)


class SafeResponses:
    """Nothing of a page stays in a browser: schools' computers are shared."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        response["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=()"
        response["Cross-Origin-Opener-Policy"] = "same-origin"
        return response
