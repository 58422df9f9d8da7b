"""« Signaler un jeune », and « Mes signalements »."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from raccord.accounts.actors import Actor
from raccord.followup.models import Case, Question
from raccord.followup.reporting import seeking, services
from raccord.followup.reporting.forms import AskForm, ReportForm
from raccord.followup.reporting.models import HowMet
from raccord.followup.reporting.seeking import Found, TooMany
from raccord.followup.services.acting import Refused
from raccord.followup.vocabulary import Outcome
from raccord.privacy import readings
from raccord.territory.fields import with_choice
from raccord.ui.naming import called

#: What a button of the page asks, before the person it is about.
JOIN = "rejoindre-"
_NOTHING: dict[str, Any] = {"found": None, "too_many": "", "join": JOIN}


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not seeking.may_report(actor):
        raise Http404
    return actor


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Who, then what is known of them, then join or open. Works without JavaScript."""
    actor = _actor(request)
    if request.method == "GET":
        return _page(request, ReportForm(actor=actor), _NOTHING)
    form = ReportForm(with_choice(request.POST), actor=actor)
    asked = request.POST.get("acte", "")
    context = _sought(request, actor, form)
    if not (form.is_valid() and asked and context["found"]):
        return _page(request, form, context)
    try:
        if asked.startswith(JOIN):
            return _join(request, actor, form, context["found"], asked.removeprefix(JOIN))
        if asked == "ouvrir":
            return _open(request, actor, form)
    except ValidationError as error:
        form.add_error(None, error)
    except Refused as refused:
        form.add_error(None, str(refused))
    return _page(request, form, context)


@require_POST
def seek(request: HttpRequest) -> HttpResponse:
    """What is known of them, while they are typed: a part of the page."""
    actor = _actor(request)
    form = ReportForm(request.POST, actor=actor)
    return render(request, "followup/reporting/found.html", _sought(request, actor, form))


def _sought(request: HttpRequest, actor: Actor, form: ReportForm) -> dict[str, Any]:
    sought = form.sought()
    if sought is None or "birth_date" in form.errors:
        return _NOTHING
    school = form.cleaned_data.get("last_school")
    try:
        found = seeking.find(actor, sought, school=school.pk if school else None)
    except TooMany as refused:
        readings.note(request, "search", [])
        return _NOTHING | {"too_many": str(refused)}
    readings.note(request, "search", found.subjects)
    return _NOTHING | {"found": found}


def _page(request: HttpRequest, form: ReportForm, context: dict[str, Any]) -> HttpResponse:
    status = 422 if form.is_bound and form.errors and request.POST.get("acte") else 200
    return render(
        request, "followup/reporting/report.html", context | {"form": form}, status=status
    )


def _join(
    request: HttpRequest, actor: Actor, form: ReportForm, found: Found, key: str
) -> HttpResponse:
    """Only somebody whom this very search shows."""
    chosen = next((one for one in found.followed if str(one.person) == key), None)
    if chosen is None:
        raise Refused("Ce dossier ne répond plus à cette identité : cherchez de nouveau.")
    services.join(
        actor,
        structure=form.chosen(),
        person=chosen.person,
        how=form.cleaned_data["how"],
        birth_date=form.cleaned_data["birth_date"],
    )
    messages.success(
        request,
        f"Signalement transmis {called(chosen.holder_name, 'à')}, qui suit ce jeune et est "
        "prévenu.",
    )
    return redirect("followup:reports")


def _open(request: HttpRequest, actor: Actor, form: ReportForm) -> HttpResponse:
    case, holder = services.open_case(
        actor,
        structure=form.chosen(),
        described=form.described(),
        how=form.cleaned_data["how"],
    )
    if holder.pk in actor.structure_ids:
        messages.success(request, "Dossier ouvert : votre structure suit ce jeune.")
        return redirect("followup:sheet", case.pk)
    told = f"Dossier ouvert : {called(holder.name)} suit ce jeune et en est prévenu."
    messages.success(request, told)
    return redirect("followup:reports")


@require_GET
def reports(request: HttpRequest) -> HttpResponse:
    """Who follows those one reported, and how it ended."""
    actor = _actor(request)
    lines = services.reports(actor)
    cases = [line["case_id"] for line in lines]
    readings.note(request, "list", cases)
    asked: dict[UUID, list[Question]] = {}
    own = Question.objects.filter(case__in=cases, asker__in=actor.structure_ids)
    for question in own.order_by("asked_at", "pk"):
        asked.setdefault(question.case_id, []).append(question)
    for line in lines:
        line["questions"] = asked.get(line["case_id"], [])
        line["met"] = HowMet(line["how"]).label
        line["ended"] = Outcome(line["outcome"]).label if line["outcome"] else ""
    return render(request, "followup/reporting/reports.html", {"lines": lines})


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, case: UUID) -> HttpResponse:
    """A question to whoever follows somebody one reported."""
    actor = _actor(request)
    line = next(iter(services.reports(actor, only=case)), None)
    if line is None:
        raise Http404
    readings.note(request, "list", [case])
    form = AskForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.ask(actor, case=case, text=form.cleaned_data["text"])
        except Case.DoesNotExist as error:
            raise Http404 from error
        except Refused as refused:
            form.add_error(None, str(refused))
        except ValidationError as error:
            form.add_error("text", error)
        else:
            messages.success(request, f"Question envoyée {called(line['holder_name'], 'à')}.")
            return redirect(reverse("followup:reports"))
    status = 422 if form.is_bound else 200
    context = {"form": form, "line": line}
    return render(request, "followup/reporting/ask.html", context, status=status)
