"""From a request to an actor, and to a transaction held by the actor's rights."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from raccord.accounts.actors import Actor
from raccord.accounts.models import User

GetResponse = Callable[[HttpRequest], HttpResponse]

#: Of the session: this browser is practising on invented pupils.
TRAINING = "raccord.training"
#: What stays open meanwhile: the follow-up, names of places, signing in and out, one's own account.
#: Closed by default, so that a room to come is.
_OPEN_ROOMS = frozenset({"", "followup", "territory"})
_OPEN_PAGES = frozenset({"accounts:mine", "accounts:opinion", "accounts:confirm"})


class SignInRequired(LoginRequiredMiddleware):
    """Every page wants somebody signed in, unless its view says otherwise."""


class WhoIsActing:
    """`request.actor`: the user and their memberships of today; None when nobody is signed in.

    Memberships are read at every request: one that ended takes its rights away at once.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user, training = request.user, bool(request.session.get(TRAINING))
        actor = Actor.of(user, training=training) if isinstance(user, User) else None
        request.actor = actor  # type: ignore[attr-defined]
        if training and not (actor and actor.training):
            del request.session[TRAINING]
        return self.get_response(request)

    @staticmethod
    def process_view(
        request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponse | None:
        """While practising, what would touch real people or real files is closed."""
        actor, match = request.actor, request.resolver_match  # type: ignore[attr-defined]
        if actor is None or not actor.training or match is None:
            return None
        if match.app_name in _OPEN_ROOMS or match.view_name in _OPEN_PAGES:
            return None
        messages.info(
            request,
            "Cette page est fermée pendant l’entraînement : revenez d’abord à vos vrais dossiers.",
        )
        return redirect("followup:training")


class UnderTheirRights:
    """One transaction a request, under the web role and in the name of its user.

    Row-level security reads `raccord.user`; a GET runs READ ONLY. What a view forgets to filter,
    PostgreSQL does not show. Sessions, sign-in and the log of readings live outside of it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        actor = request.actor  # type: ignore[attr-defined]
        read_only = request.method in {"GET", "HEAD", "OPTIONS"} and not writes(request)
        with acting_in_database(
            actor.user.pk if actor else None,
            read_only=read_only,
            training=bool(actor and actor.training),
        ):
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
            return response


def writes(request: HttpRequest) -> bool:
    """The three GETs that write. The way back from ProConnect opens a session; state and nonce
    protect it. Recovery codes are marked as read by allauth when their owner reads them."""
    return request.path in {
        reverse("accounts:proconnect_callback"),
        reverse("mfa_view_recovery_codes"),
        reverse("mfa_download_recovery_codes"),
    }


class acting_in_database:  # noqa: N801 - reads as a statement
    """Context manager: a transaction under the web role, for one user (None: nobody).

    The role and the user are put back at the end even inside a larger transaction (the tests').
    """

    def __init__(
        self, user_id: int | None, *, read_only: bool = False, training: bool = False
    ) -> None:
        self.user_id = user_id
        self.read_only = read_only
        self.training = training

    def __enter__(self) -> "acting_in_database":
        self._outermost = not connection.in_atomic_block
        self._atomic = transaction.atomic()
        self._atomic.__enter__()
        with connection.cursor() as cursor:
            if self.read_only and self._outermost:
                cursor.execute("SET TRANSACTION READ ONLY")
            cursor.execute(
                "SELECT set_config('raccord.user', %s, true), "
                "set_config('raccord.training', %s, true), set_config('role', %s, true)",
                [str(self.user_id or ""), "on" if self.training else "", settings.WEB_ROLE],
            )
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            if not self._outermost and not connection.needs_rollback:
                self._reset()
        finally:
            self._atomic.__exit__(*exception)  # type: ignore[arg-type]

    @staticmethod
    def _reset() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('role', 'none', true), set_config('raccord.user', '', true), "
                "set_config('raccord.training', '', true)"
            )
