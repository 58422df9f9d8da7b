"""« Partenaires »: the administrator of a territory dates agreements and designations."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.privacy import services
from raccord.privacy.forms import AgreementForm, DesignationForm, EndForm
from raccord.privacy.models import Agreement, Designation
from raccord.privacy.partners import NAMED_BY_LAW, barred, needs_agreement
from raccord.territory.models import Structure

#: Names found by a search.
FOUND = 50


@require_GET
def partners(request: HttpRequest) -> HttpResponse:
    """Those for whom something was dated; a search finds the others."""
    actor = _administrator(request)
    asked = request.GET.get("q", "").strip()[:80]
    structures = services.partners_of(actor, looked_for=asked)[:FOUND]
    reasons = barred(structures)
    rows = [{"structure": s, "reason": reasons.get(s.pk, "")} for s in structures]
    return render(request, "privacy/partners.html", {"rows": rows, "asked": asked})


@require_http_methods(["GET", "POST"])
def partner(request: HttpRequest, structure: int) -> HttpResponse:
    """What is dated for one partner, and the two forms."""
    actor = _administrator(request)
    found = _partner(actor, structure)
    sent = request.POST if request.method == "POST" else None
    which = sent.get("quoi") if sent else ""
    agreement = AgreementForm(sent if which == "accord" else None)
    designation = DesignationForm(found, sent if which == "designation" else None)
    known: dict[str, tuple[Any, Any, str]] = {
        "accord": (agreement, services.record_agreement, "L’accord est enregistré."),
        "designation": (
            designation,
            services.record_designation,
            "La désignation est enregistrée.",
        ),
    }
    form, record, said = known.get(which or "", (None, None, ""))
    if form is not None and form.is_valid():
        try:
            record(actor, structure=found, **form.cleaned_data)
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
        else:
            messages.success(request, said)
            return HttpResponseRedirect(reverse("privacy:partner", args=[found.pk]))
    return _page(request, found, {"agreement": agreement, "designation": designation})


@require_POST
def end(request: HttpRequest, structure: int) -> HttpResponse:
    """The day an agreement or a designation ends."""
    actor = _administrator(request)
    found = _partner(actor, structure)
    kinds: dict[str, Any] = {"accord": Agreement, "designation": Designation}
    model = kinds.get(request.POST.get("quoi", ""))
    number = request.POST.get("numero", "")
    if model is None or not number.isdigit():
        raise Http404
    record = model.objects.visible_to(actor).filter(structure=found, pk=min(int(number), 2**62))
    record = record.first()
    if record is None:
        raise Http404
    form = EndForm(request.POST)
    try:
        if form.is_valid():
            services.end(actor, record=record, ends_on=form.cleaned_data["ends_on"])
            messages.success(request, "La date de fin est enregistrée.")
            return HttpResponseRedirect(reverse("privacy:partner", args=[found.pk]))
    except ValidationError as refusal:
        form.add_error("ends_on", refusal.messages)
    context: dict[str, Any] = {
        "agreement": AgreementForm(),
        "designation": DesignationForm(found),
    }
    context |= {"ending": record, "end_form": form, "end_kind": request.POST["quoi"]}
    return _page(request, found, context)


def _page(request: HttpRequest, found: Structure, context: dict[str, Any]) -> HttpResponse:
    context |= {
        "structure": found,
        "reason": barred([found]).get(found.pk, ""),
        "named_by_law": found.kind in NAMED_BY_LAW,
        "agreements": found.agreements.select_related("recorded_by"),
        "designations": found.designations.select_related(
            "recorded_by", "membership__user", "departement"
        ),
    }
    return render(request, "privacy/partner.html", context)


def _partner(actor: Actor, structure: int) -> Structure:
    """One of the territory's structures that need an agreement; 404 otherwise."""
    found: Structure | None = services.administered(actor).filter(pk=min(structure, 2**62)).first()
    if found is None or not needs_agreement(found):
        raise Http404
    return found


def _administrator(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.has(Role.TERRITORY_ADMIN):
        raise Http404
    return actor
