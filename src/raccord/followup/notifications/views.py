"""The page behind the bell."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from raccord.accounts.actors import Actor
from raccord.followup.models import Case
from raccord.followup.notifications.forms import RhythmForm
from raccord.followup.notifications.models import (
    Notification,
    NotificationKind,
    Preference,
    Rhythm,
)

#: Lines shown: what is older than a hundred others was seen elsewhere.
SHOWN = 100


def _visible(actor: Actor) -> Any:
    """Those about cases that they still see, and those about none."""
    found = Notification.objects.filter(user=actor.user)
    if actor.training:
        return found.none()
    return found.filter(Q(case__isnull=True) | Q(case__in=Case.objects.visible_to(actor)))


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """What is new first; a line says what waits and names nobody."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    lines = list(_visible(actor).select_related("structure").order_by("-at", "-pk")[:SHOWN])
    lines.sort(key=lambda line: line.read_at is not None)
    chosen = Preference.objects.filter(user=actor.user).first()
    context = {
        "lines": lines,
        "unread": sum(line.read_at is None for line in lines),
        "form": RhythmForm(initial={"rhythm": chosen.rhythm if chosen else Rhythm.DAILY}),
    }
    return render(request, "followup/notifications/page.html", context)


@require_GET
def follow(request: HttpRequest, notification: UUID) -> HttpResponse:
    """From a line to its case: the sheet marks it as read when it opens."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = _visible(actor).filter(pk=notification).first()
    if found is None:
        raise Http404
    if found.case_id is None:
        return redirect(_elsewhere(found.kind))
    return redirect("followup:sheet", case=found.case_id)


def _elsewhere(kind: str) -> str:
    """Where a line about no case leads."""
    if kind == NotificationKind.BEYOND:
        return reverse("followup:openings")
    return reverse("followup:notifications")


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """« Tout marquer comme lu », or these lines."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    waiting = Notification.objects.filter(user=actor.user, read_at__isnull=True)
    one = request.POST.get("ligne", "")
    if one:
        try:
            waiting = waiting.filter(pk=UUID(one))
        except ValueError:
            waiting = waiting.none()
    waiting.update(read_at=timezone.now())
    return redirect("followup:notifications")


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """How often e-mails leave."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    form = RhythmForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(map(str, form.errors["rhythm"])))
        return redirect("followup:notifications")
    Preference.objects.update_or_create(
        user=actor.user, defaults={"rhythm": form.cleaned_data["rhythm"]}
    )
    messages.success(request, f"C’est noté : {Rhythm(form.cleaned_data['rhythm']).label}.")
    return redirect("followup:notifications")
