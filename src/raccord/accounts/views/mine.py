"""« Mon compte »: who I am, what protects my account, where I am signed in, what I may see."""

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.sessions.models import Session
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from raccord.accounts import services, sessions
from raccord.accounts.devices import said
from raccord.accounts.forms import Identity


def mine(request: HttpRequest) -> HttpResponse:
    """One's own account; nobody else's page exists."""
    actor = request.actor  # type: ignore[attr-defined]
    form = Identity(request.POST or None, instance=actor.user)
    if request.method == "POST" and form.is_valid():
        services.change_identity(actor, **form.cleaned_data)
        messages.success(request, "Vos coordonnées sont enregistrées.")
        return HttpResponseRedirect(reverse("accounts:mine"))
    actor.user.refresh_from_db(fields=["first_name", "last_name", "phone"])
    alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    devices = [
        {"id": one.pk, "since": one.created_at, "what": said(one.user_agent), "address": one.ip,
         "here": one.session_key == request.session.session_key}
        for one in UserSession.objects.filter(user=actor.user, session_key__in=alive).order_by(
            "-created_at", "-pk"
        )
    ]  # fmt: skip
    memberships = actor.user.memberships.in_force().select_related("structure", "granted_by")
    return render(
        request,
        "accounts/mine.html",
        {"form": form, "devices": devices, "memberships": memberships.order_by("starts_on", "pk")},
    )


@require_POST
def close_device(request: HttpRequest, session: int) -> HttpResponse:
    """« Déconnecter cet appareil »."""
    if not sessions.end(request.actor.user, session):  # type: ignore[attr-defined]
        raise Http404
    messages.success(request, "Cet appareil est déconnecté.")
    return HttpResponseRedirect(reverse("accounts:mine") + "#appareils")


@require_POST
def confirm(request: HttpRequest, membership: int) -> HttpResponse:
    """« Je dirige toujours cet établissement »."""
    kept = services.confirm(request.actor, membership_id=membership)  # type: ignore[attr-defined]
    messages.success(request, f"C’est confirmé : vous dirigez toujours {kept.structure}.")
    return HttpResponseRedirect(reverse("accounts:mine"))
