"""« Donner mon avis », from every screen."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from raccord.accounts import services
from raccord.accounts.forms import Opinion


def opinion(request: HttpRequest) -> HttpResponse:
    """The screen one came from is kept without what was searched in it."""
    came_from = urlsplit(request.headers.get("Referer", "")).path[:120]
    form = Opinion(request.POST or None, initial={"screen": came_from})
    if request.method == "POST" and form.is_valid():
        services.give_feedback(request.actor, **form.cleaned_data)  # type: ignore[attr-defined]
        messages.success(
            request, "Merci. Votre avis est transmis à l’administrateur du territoire."
        )
        return HttpResponseRedirect("/")
    return render(request, "accounts/opinion.html", {"form": form})
