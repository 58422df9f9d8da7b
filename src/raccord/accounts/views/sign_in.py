"""Leaving, and what protects an account."""

from typing import Any

from allauth.account.views import LogoutView
from allauth.mfa.base.views import IndexView
from django.http import HttpRequest, HttpResponse


class SignOutView(LogoutView):  # type: ignore[misc]  # allauth has no types
    """Signing out empties what the browser kept: schools' computers are shared (ASVS 14.3.1)."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return response


class FactorsView(IndexView):  # type: ignore[misc]  # allauth has no types
    """What is set up, each under a name of its own."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        found = context["authenticators"]
        codes = found.get("recovery_codes")
        return context | {
            "application": found.get("totp"),
            "keys": found.get("webauthn", []),
            "codes": codes,
            "codes_left": len(codes.get_unused_codes()) if codes else 0,
        }


factors = FactorsView.as_view()
sign_out = SignOutView.as_view()
