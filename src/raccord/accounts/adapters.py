"""allauth, our way: nobody signs up by themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ByInvitation(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made from an invitation, never from a form open to all."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
