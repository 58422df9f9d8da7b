"""allauth, our way: nobody signs up by themselves, no account without a membership."""

import base64
import hashlib
import time
from types import SimpleNamespace
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from raccord.accounts import admission, sessions
from raccord.accounts.models import User
from raccord.accounts.origin import client_address


class ByInvitation(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made from an invitation, never from a form open to all."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "Le courriel ou le mot de passe ne correspond pas. Vérifiez "
        "les deux, ou demandez un nouveau mot de passe.",
        "incorrect_password": "Ce mot de passe n’est pas le bon.",
        "enter_current_password": "Ce n’est pas votre mot de passe actuel.",
        "rate_limited": "Trop de demandes en peu de temps. Attendez une minute.",
        "too_many_login_attempts": "Trop d’essais. Attendez quelques minutes.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def add_message(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """« Connexion réussie » says nothing that the page does not show."""
        template = kwargs.get("message_template") or (args[1] if len(args) > 1 else None)
        if template not in {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}:
            super().add_message(request, *args, **kwargs)

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """Nobody enters without a membership in force, nor with a demonstration's account."""
        refused: HttpResponse | None = super().pre_login(request, user, **kwargs)
        if refused is None and not admission.may_enter(request, user):
            clear_login(request)
            refused = self.respond_user_inactive(request, user)
        return refused

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """A new session closes the oldest beyond the number allowed."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        sessions.keep_the_latest(user)
        return response

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whoever has just signed in need not prove again who they are to enrol a factor."""
        since: float = self.request.session.get(admission.SINCE, 0)
        return bool(time.time() - since > settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)

    def reauthenticate(self, user: User, password: str) -> bool:
        """By the address of the account: we keep no other table of addresses."""
        found = authenticate(self.request, email=user.email, password=password)
        return found is not None and found.pk == user.pk

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """The address of the service is a setting: what a request says of it proves nothing, and a
        mail may leave once the request is over."""
        host = settings.SITE_URL.partition("://")[2]
        site = SimpleNamespace(name=settings.SERVICE_NAME, domain=host)
        self.render_mail(
            template_prefix, email, {"email": email, "current_site": site} | context
        ).send()

    def get_reset_password_from_key_url(self, key: str) -> str:
        uid, _, token = key.partition("-")
        names = {"uidb36": uid, "key": token}
        return settings.SITE_URL + reverse("account_reset_password_from_key", kwargs=names)


class SealedFactors(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Secrets of second factors are sealed: a copy of the database opens no account."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "Ce code n’est pas le bon, a expiré ou a déjà servi. Attendez que "
        "l’application en affiche un autre, puis saisissez-le.",
        "too_many_codes": "Trop de codes faux. Attendez un quart d’heure, puis saisissez celui qui "
        "s’affiche alors.",
        "cannot_delete_authenticator": "Ce deuxième facteur ne peut pas être retiré.",
    }

    def encrypt(self, text: str) -> str:
        return _seal().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _seal().decrypt(encrypted_text.encode()).decode()


def _seal() -> MultiFernet:
    keys = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    digests = [hashlib.sha256(f"raccord.mfa{key}".encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
