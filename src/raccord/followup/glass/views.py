"""The pages of what lies beyond one's own scope, and what its DPO reads of it."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from raccord.accounts.actors import Actor
from raccord.followup.glass import services
from raccord.followup.glass.forms import ExamineForm, OpenForm, SearchForm
from raccord.followup.glass.models import BeyondSearch, Opening
from raccord.followup.services.acting import Refused
from raccord.privacy import readings

PER_PAGE = 50


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not services.may_look_beyond(actor):
        raise Http404
    return actor


@require_http_methods(["GET", "POST"])
def beyond(request: HttpRequest) -> HttpResponse:
    """« Chercher hors de mon périmètre »."""
    actor = _actor(request)
    form = SearchForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            found = services.search(actor, **form.cleaned_data)
        except services.TooMany as refused:
            form.add_error(None, str(refused))
            readings.note(request, "search", [])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            readings.note(request, "search", [found.case_id] if found.case_id else [])
            return redirect("followup:beyond_found", found.pk)
    return render(request, "followup/glass/search.html", {"form": form, "a_day": services.A_DAY})


@require_http_methods(["GET", "POST"])
def found(request: HttpRequest, search: UUID) -> HttpResponse:
    """A case exists, and who to ring; or nothing. Opening it is below, with a reason."""
    actor = _actor(request)
    try:
        searched = services.find(actor, search)
    except BeyondSearch.DoesNotExist as error:
        raise Http404 from error
    form = OpenForm(request.POST or None)
    mine = services.within_scope(actor, searched)
    if form.is_bound and searched.case_id and not mine and form.is_valid():
        try:
            opened = services.open_beyond(actor, search=search, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error(None, error)
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            readings.note(request, "opening", [opened.case_id])
            messages.warning(request, "Dossier ouvert pour trois heures. Son suivi est prévenu.")
            return redirect("followup:sheet", opened.case_id)
    context = {"searched": searched, "mine": mine, "form": form}
    return render(request, "followup/glass/found.html", context)


@require_GET
def openings(request: HttpRequest) -> HttpResponse:
    """What was opened beyond a scope in the territory of a DPO: who, when, why; no name of anybody
    followed. What is left to examine first."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    territory = services.territory_of(actor)
    if not territory:
        raise Http404
    every = Opening.objects.filter(academie__in=territory)
    counted = every.aggregate(total=Count("pk"), left=Count("pk", filter=_LEFT))
    only_left = request.GET.get("liste") != "toutes" and counted["left"] > 0
    shown = every.filter(_LEFT) if only_left else every
    shown = shown.select_related("structure").order_by("-at", "-pk")
    page = Paginator(shown, PER_PAGE).get_page(request.GET.get("page"))
    readings.note(request, "journal", [one.case_id for one in page])
    context = {"page": page, "only_left": only_left, **counted}
    return render(request, "followup/glass/openings.html", context)


_LEFT = Q(examined_at__isnull=True)


@require_http_methods(["GET", "POST"])
def examine(request: HttpRequest, opening: UUID) -> HttpResponse:
    """One opening, and what its DPO says of it."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    seen = Opening.objects.filter(pk=opening, academie__in=services.territory_of(actor))
    one = seen.select_related("structure").first()
    if one is None:
        raise Http404
    form = ExamineForm(request.POST or None)
    readings.note(request, "journal", [one.case_id])
    if form.is_bound and form.is_valid():
        try:
            services.examine(actor, opening=opening, note=form.cleaned_data["note"])
        except (ValidationError, Refused) as error:
            form.add_error(None, error if isinstance(error, ValidationError) else str(error))
        else:
            messages.success(request, "Ouverture examinée.")
            return redirect("followup:openings")
    return render(request, "followup/glass/opening.html", {"one": one, "form": form})
