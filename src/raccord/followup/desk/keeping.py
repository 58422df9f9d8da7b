"""Filters that somebody keeps under a name: never the search, which names a young person."""

from collections.abc import Mapping
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from raccord.accounts.actors import Actor
from raccord.followup.desk.models import SavedFilter
from raccord.followup.forbidden_matters import found as forbidden

#: What a filter is made of, in the address; the search and the page are left out.
_KEPT = ("liste", "vague", "circuit", "classe", "etablissement")
#: Beyond it, they are no longer a help.
MOST = 20


def kept(asked: Mapping[str, str]) -> str:
    """The part of an address that may be kept; empty when it asks for nothing."""
    return urlencode({name: asked[name][:60] for name in _KEPT if asked.get(name)})


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Under a name of one’s own; the same name again replaces it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    query = kept(QueryDict(request.POST.get("filtre", "")[:400]))[:300]
    name = " ".join(request.POST.get("nom", "").split())[:60]
    back = f"{reverse('followup:list')}?{query}"
    if not query or not name:
        messages.error(request, "Donnez un nom à ce filtre, par exemple « Mes 1re ASSP ».")
    elif forbidden(name):
        messages.error(
            request, "Ce nom parle de ce qui ne s’écrit pas dans Raccord : choisissez-en un autre."
        )
    elif SavedFilter.objects.filter(user=actor.user).exclude(name=name).count() >= MOST:
        messages.error(request, f"Vous gardez déjà {MOST} filtres : oubliez-en un d’abord.")
    else:
        SavedFilter.objects.update_or_create(user=actor.user, name=name, defaults={"query": query})
        messages.success(request, f"Filtre gardé : « {name} ».")
    return redirect(back)


@require_POST
def forget(request: HttpRequest, saved: UUID) -> HttpResponse:
    """One’s own, and nobody else’s."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    SavedFilter.objects.filter(user=actor.user, pk=saved).delete()
    return redirect("followup:list")
