"""Leaving."""

from typing import Any

from allauth.account.views import LogoutView
from django.http import HttpRequest, HttpResponse


class SignOutView(LogoutView):  # type: ignore[misc]  # allauth has no types
    """Signing out empties what the browser kept: schools' computers are shared (ASVS 14.3.1)."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        return response


sign_out = SignOutView.as_view()
