"""« S’exercer »: a practice school of one's own."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from raccord.accounts.actors import Actor
from raccord.accounts.middleware import TRAINING
from raccord.followup import training
from raccord.followup.invented import CAST
from raccord.followup.services import Refused


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.sees_names:
        raise Http404
    return actor


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """What it is, and the ways in and out."""
    actor = _actor(request)
    opened = training.practice_of(actor.user) is not None
    context: dict[str, Any] = {"opened": opened, "young": len(CAST)}
    return render(request, "followup/training.html", context)


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Begin or go on, go back to real files, start again, leave for good."""
    actor, wanted = _actor(request), request.POST.get("acte", "")
    try:
        if wanted == "commencer":
            training.open_practice(actor)
            request.session[TRAINING] = True
            return redirect("followup:home")
        if wanted == "zero":
            training.start_again(actor)
            request.session[TRAINING] = True
            messages.success(request, "Les jeunes inventés sont de nouveau comme au premier jour.")
            return redirect("followup:home")
    except Refused as error:
        messages.error(request, str(error))
        return redirect("followup:training")
    if wanted == "revenir":
        request.session.pop(TRAINING, None)
        messages.success(request, "Vous êtes revenu à vos vrais dossiers.")
        return redirect("followup:home")
    if wanted == "quitter":
        training.leave(actor)
        request.session.pop(TRAINING, None)
        messages.success(request, "L’entraînement est terminé : il n’en reste rien.")
        return redirect("followup:home")
    messages.warning(request, "Choisissez ce que vous voulez faire.")
    return redirect("followup:training")
