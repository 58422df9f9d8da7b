"""Going to ProConnect, and coming back."""

import logging

import requests
from allauth.account.adapter import get_adapter
from allauth.account.internal import flows
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from raccord.accounts.admission import OTHER_FACTOR
from raccord.accounts.models import User
from raccord.accounts.proconnect import ProConnect, is_on

_log = logging.getLogger("raccord.accounts")


@login_not_required
def go(request: HttpRequest) -> HttpResponse:
    """Leave for ProConnect, with a state and a nonce kept in the session."""
    if not is_on():
        raise Http404
    answer: HttpResponse = OIDCAuthenticationRequestView.as_view()(request)
    return answer


@method_decorator(login_not_required, name="dispatch")
class CallbackView(OIDCAuthenticationCallbackView):  # type: ignore[misc]  # it has no types
    """The state is used once; the nonce ties the token to this very browser."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not is_on():
            raise Http404
        asked = request.session.get("oidc_states", {}).pop(request.GET.get("state", ""), None)
        request.session.modified = True
        if asked is None or "code" not in request.GET:
            return _refused(request)
        backend = ProConnect()
        try:
            user = backend.authenticate(
                request, nonce=asked["nonce"], code_verifier=asked.get("code_verifier")
            )
        except (SuspiciousOperation, requests.RequestException) as error:
            _log.warning("ProConnect: %s", error if isinstance(error, SuspiciousOperation) else "?")
            user = None
        if not isinstance(user, User):
            return _refused(request)
        return _enter(request, user, second_factor=backend.second_factor)


def _enter(request: HttpRequest, user: User, *, second_factor: bool) -> HttpResponse:
    """With a second factor at the provider ours is not asked; without, it is as usual."""
    login = Login(user=user, email=user.email, redirect_url="/")
    if not second_factor:
        usual: HttpResponse = flows.login.perform_login(request, login)
        return usual
    adapter = get_adapter()
    named = {
        "email_verification": login.email_verification,
        "signal_kwargs": None,
        "email": user.email,
        "signup": False,
        "redirect_url": "/",
    }
    refused: HttpResponse | None = adapter.pre_login(request, user, **named)
    if refused is not None:
        return refused
    adapter.login(request, user)
    request.session[OTHER_FACTOR] = True
    entered: HttpResponse = adapter.post_login(request, user, **named)
    return entered


def _refused(request: HttpRequest) -> HttpResponse:
    messages.error(
        request,
        "ProConnect ne vous a pas ouvert Raccord : aucune invitation n’est en cours à votre "
        "adresse, ou la réponse n’était pas valable. Recommencez, ou demandez une invitation.",
    )
    return HttpResponseRedirect(reverse("account_login"))


callback = CallbackView.as_view()
