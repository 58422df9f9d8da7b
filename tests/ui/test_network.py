"""What comes from the network, and what is logged of it."""

import logging
import sys

import pytest
from django.http import HttpRequest, HttpResponse

from raccord.ui.logs import WithoutValues
from raccord.ui.middleware import BehindProxies


def address_seen(forwarded: str) -> str:
    seen = []
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": "", "HTTP_X_FORWARDED_FOR": forwarded}

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request.META["REMOTE_ADDR"])
        return HttpResponse()

    BehindProxies(view)(request)
    return seen[0]


def test_only_what_our_own_proxy_wrote_is_an_address(settings: pytest.FixtureRequest) -> None:
    settings.PROXIES = 1  # type: ignore[attr-defined]
    assert address_seen("203.0.113.7") == "203.0.113.7"
    assert address_seen("10.0.0.1, 203.0.113.7") == "203.0.113.7"
    settings.PROXIES = 0  # type: ignore[attr-defined]
    assert address_seen("10.0.0.1") == ""


def test_a_logged_exception_tells_where_and_never_whom() -> None:
    try:
        raise ValueError("Key (email)=(lou.martin@exemple.test) already exists")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "panne", None, sys.exc_info())
    told = WithoutValues("%(message)s").format(record)
    assert "lou.martin" not in told
    assert "ValueError" in told
    assert "test_network.py" in told
