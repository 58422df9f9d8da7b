"""Every answer that a test gets is read: see `html.py`."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, TestCase
from tests.harness import html
from tests.harness.findings import Findings


def watch(patch: pytest.MonkeyPatch, findings: Findings) -> None:
    send = Client.request

    def request(self: Any, **environ: Any) -> Any:
        # Nothing commits in a test: what waits for it runs as the server would run it.
        with TestCase.captureOnCommitCallbacks(execute=True):
            response = send(self, **environ)
        read(response, findings)
        findings.raise_any(f"{environ.get('REQUEST_METHOD')} {environ.get('PATH_INFO')}")
        return response

    patch.setattr(Client, "request", request)


def read(response: Any, findings: Findings) -> None:
    user = getattr(response.wsgi_request, "user", AnonymousUser())
    kind = response.get("Content-Type", "")
    signed_in = user.is_authenticated
    if signed_in and "no-store" not in response.get("Cache-Control", ""):
        findings.add("headers", f"Cache-Control: {response.get('Cache-Control', '(none)')}")
    if response.streaming or not kind.startswith("text/html") or not response.content:
        return
    policy = response.get("Content-Security-Policy", "")
    if "script-src 'self'" not in policy or "unsafe" in policy:
        findings.add("headers", f"Content-Security-Policy: {policy or '(none)'}")
    html.read(response.content.decode(response.charset), findings)
