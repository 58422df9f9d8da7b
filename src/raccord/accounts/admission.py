"""Who goes through the door at each request: a membership in force, a session neither too old nor
left idle, and a second factor for those who see names."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from raccord.accounts.actors import Actor
from raccord.accounts.models import Membership, User
from raccord.accounts.origin import is_on_this_machine

#: Kept in the session, which is written outside of the READ ONLY transaction of a page.
SINCE, SEEN, OTHER_FACTOR = "raccord.since", "raccord.seen", "raccord.other_factor"

ENDED = (
    "Votre habilitation a pris fin : vous avez été déconnecté. Demandez une nouvelle "
    "invitation si c’est une erreur."
)
TOO_LONG = "Votre session a duré {} heures : reconnectez-vous pour continuer."
IDLE = (
    "Sans activité depuis {} minutes, votre session a été fermée. Reconnectez-vous pour continuer."
)


def is_exempt(request: HttpRequest, user: User) -> bool:
    """Accounts of the demonstration, on the loopback only, have no second factor."""
    return user.demo and settings.DEMO and is_on_this_machine(request)


def may_enter(request: HttpRequest, user: User) -> bool:
    """Whether signing in leads anywhere."""
    if user.demo and not is_exempt(request, user):
        return False
    return Membership.objects.in_force().filter(user=user).exists()


class Admission:
    """Middleware, after `WhoIsActing` and before the page's transaction."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor: Actor | None = request.actor  # type: ignore[attr-defined]
        if actor is None:
            return self.get_response(request)
        reason = _why_out(request, actor)
        if reason:
            logout(request)
            request.actor = None  # type: ignore[attr-defined]
            messages.warning(request, reason)
            return _sent_to(request, reverse("account_login"))
        if _lacks_factor(request, actor):
            return _sent_to(request, reverse("mfa_index"))
        return self.get_response(request)


def _why_out(request: HttpRequest, actor: Actor) -> str:
    """The sentence said to somebody who has to sign in again; empty when they may go on."""
    if not actor.memberships or (actor.user.demo and not is_exempt(request, actor.user)):
        return ENDED
    now, session = int(time.time()), request.session
    since = session.setdefault(SINCE, now)
    seen = session.get(SEEN, now)
    if now - since > settings.SESSION_COOKIE_AGE:
        return TOO_LONG.format(settings.SESSION_COOKIE_AGE // 3600)
    if actor.sees_names and now - seen > settings.SESSION_IDLE:
        return IDLE.format(settings.SESSION_IDLE // 60)
    if SEEN not in session or now - seen >= 60:
        session[SEEN] = now
    return ""


def _lacks_factor(request: HttpRequest, actor: Actor) -> bool:
    if not actor.sees_names or actor.second_factor or request.session.get(OTHER_FACTOR):
        return False
    return not is_exempt(request, actor.user) and not _is_open_without_factor(request.path)


def _is_open_without_factor(path: str) -> bool:
    """Enrolling, proving who one is, leaving: nothing else."""
    if path.startswith(reverse("mfa_index")):
        return True
    names = ("account_logout", "account_reauthenticate", "account_set_password", "healthz")
    return path in {reverse(name) for name in names}


def _sent_to(request: HttpRequest, address: str) -> HttpResponse:
    """A redirection; a part of a page asked by htmx moves the whole page."""
    if request.method == "GET" and request.path != "/":
        address = f"{address}?{urlencode({'next': request.path})}"
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = address
        return answer
    return HttpResponseRedirect(address)
