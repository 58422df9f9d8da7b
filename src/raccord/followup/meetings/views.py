"""The pages of the support group's room."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from raccord.accounts.actors import Actor
from raccord.followup.forbidden_matters import validate_note
from raccord.followup.meetings import forms, minutes, reading, services
from raccord.followup.meetings.models import Meeting, MeetingStatus
from raccord.followup.models import Case
from raccord.followup.panels import panels_of
from raccord.followup.services.acting import ChangedMeanwhile, Refused
from raccord.followup.telling import standing
from raccord.followup.views.sheets import visible
from raccord.privacy import readings

_REFUSALS = (Refused, ChangedMeanwhile, services.MeetingChanged)


def _actor(request: HttpRequest) -> Actor:
    return request.actor  # type: ignore[attr-defined,no-any-return]


def _meeting(request: HttpRequest, key: UUID) -> Meeting:
    found = reading.meeting_of(_actor(request), key)
    if found is None:
        raise Http404
    return found


def _held(request: HttpRequest, meeting: Meeting) -> bool:
    return meeting.group_id in {one.pk for one in services.groups_of(_actor(request))}


def _holder_only(request: HttpRequest, key: UUID) -> Meeting:
    found = _meeting(request, key)
    if not _held(request, found):
        raise Http404
    return found


@require_http_methods(["GET", "POST"])
def meetings(request: HttpRequest) -> HttpResponse:
    """Those of one's groups, and how to plan the next."""
    actor = _actor(request)
    groups = services.groups_of(actor)
    shown = reading.meetings_of(actor)
    if not groups and not shown:
        raise Http404
    form = None
    if groups:
        first = {"on": forms.proposed_day()}
        form = forms.PlanForm(request.POST or None, groups=groups, initial=first)
        if form.is_bound and form.is_valid():
            try:
                made = services.plan(actor, **form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, "Réunion prévue : son ordre du jour est prêt.")
                return redirect("followup:meeting", made.pk)
    context = {
        "form": form,
        "coming": [m for m in shown if m.status != MeetingStatus.CLOSED],
        "past": [m for m in shown if m.status == MeetingStatus.CLOSED],
    }
    return render(request, "followup/meetings/meetings.html", context)


@require_GET
def meeting(request: HttpRequest, meeting: UUID) -> HttpResponse:
    """The agenda."""
    found = _meeting(request, meeting)
    lines = reading.agenda(_actor(request), found, timezone.localdate())
    readings.note(request, "list", [line.case.pk for line in lines])
    words = " ".join(request.GET.get("chercher", "").split())[:80]
    mine = _held(request, found)
    context = {
        "meeting": found,
        "lines": lines,
        "sentence": reading.in_words(found, lines),
        "held": mine,
        "open": mine and found.status != MeetingStatus.CLOSED,
        "starts": mine
        and found.status == MeetingStatus.PLANNED
        and found.on <= timezone.localdate(),
        "ends": mine and found.status != MeetingStatus.CLOSED and found.on <= timezone.localdate(),
        "first": next((one for one in lines if not one.item.decision), lines[0] if lines else None),
        "words": words,
        "addable": reading.addable(_actor(request), found, words) if mine and words else [],
    }
    return render(request, "followup/meetings/meeting.html", context)


@require_POST
def order(request: HttpRequest, meeting: UUID) -> HttpResponse:
    """Move, remove, add, renew or start: one button each."""
    found = _holder_only(request, meeting)
    act, about = request.POST.get("acte", ""), request.POST.get("dossier", "")
    version = int(v) if (v := request.POST.get("version", "")).isdigit() else None
    try:
        said = _ordered(_actor(request), found, act, about, request.POST.get("place", ""), version)
    except _REFUSALS as refused:
        messages.error(request, str(refused))
    else:
        if said:
            messages.success(request, said)
    return redirect("followup:meeting", found.pk)


def _ordered(
    actor: Actor, meeting: Meeting, act: str, about: str, place: str, version: int | None
) -> str:
    """Do it; what to say of it."""
    if act == "refaire":
        added = services.renew(actor, meeting=meeting.pk, version=version)
        return f"{added} dossier{'s' * (added > 1)} de plus." if added else "Rien de nouveau."
    if act == "ouvrir":
        services.start(actor, meeting=meeting.pk, version=version)
        return "La réunion est ouverte, son ordre du jour est à jour."
    try:
        key = UUID(about)
        if act == "ajouter":
            services.add(actor, meeting=meeting.pk, case=key, version=version)
            return "Dossier ajouté à la fin de l’ordre du jour."
        if act == "retirer":
            services.remove(actor, item=key, version=version)
            return "Dossier retiré de l’ordre du jour."
        services.move(actor, item=key, to=int(place), version=version)
    except (ValueError, Case.DoesNotExist, Meeting.DoesNotExist) as error:
        raise Http404 from error
    return ""


@require_http_methods(["GET", "POST"])
def room(request: HttpRequest, meeting: UUID, item: UUID) -> HttpResponse:
    """One case, on a screen that everybody sees: no address, no telephone, no birth date."""
    actor, found = _actor(request), _holder_only(request, meeting)
    today = timezone.localdate()
    lines = reading.agenda(actor, found, today)
    place = reading.around(lines, item)
    if not place:
        raise Http404
    case = visible(actor, place["line"].case.pk)
    able = case.abilities(actor)
    words = request.GET.get("chercher", "")[:80]
    given: dict[str, Any] = {"case": case, "group": found.group, "words": words}
    form = forms.DecisionForm(initial={"version": case.version}, **given)
    refusal: str | None = ""
    if request.method == "POST":
        form = forms.DecisionForm(request.POST, **given)
        refusal = _recorded(actor, item, request, form)
        if refusal is None:
            after = place["next"] or place["line"]
            return redirect("followup:meeting_case", found.pk, after.item.pk)
        form.data = form.data.copy()
        form.data["version"] = case.version
    readings.note(request, "sheet", [case.pk])
    context = place | {
        "meeting": found,
        "case": case,
        "person": case.person,
        "departures": list(case.departures.all()),
        "standing": standing(case, today, hidden=place["line"].hidden),
        "panels": panels_of(case.pk, case.person_id),
        "path": sorted(
            (p for p in case.parties.all() if p.kind == "holder"), key=lambda p: (p.since, p.pk)
        ),
        "able": able,
        "form": form,
        "refusal": refusal,
        "open": found.status != MeetingStatus.CLOSED,
    }
    return render(request, "followup/meetings/room.html", context)


def _recorded(
    actor: Actor, item: UUID, request: HttpRequest, form: forms.DecisionForm
) -> str | None:
    """Record what was said; why not, else None."""
    said = request.POST.get("decision", "")
    version = int(v) if (v := request.POST.get("version", "")).isdigit() else None
    try:
        if said == "postponed":
            services.postpone(actor, item=item, version=version)
        elif said == "nothing":
            services.carry_on(actor, item=item, version=version)
        elif not form.is_valid():
            return ""
        else:
            services.decide(
                actor,
                item=item,
                kind=form.cleaned_data["kind"],
                course=form.cleaned_data["course"],
                structure=form.mandated(),
                report_by=form.cleaned_data["report_by"],
                version=version,
            )
    except ValidationError as error:
        form.is_valid()
        form.add_error(None, error.messages)
        return ""
    except _REFUSALS as refused:
        return str(refused)
    messages.success(request, "C’est noté.")
    return None


@require_http_methods(["GET", "POST"])
def attendance(request: HttpRequest, meeting: UUID) -> HttpResponse:
    """Who came, for which structure."""
    actor, found = _actor(request), _holder_only(request, meeting)
    lines = reading.agenda(actor, found, timezone.localdate())
    rows = reading.expected(found, lines)
    words = " ".join(request.GET.get("chercher", "").split())[:80]
    others = reading.structures(words) if words else []
    errors: list[str] = []
    if request.method == "POST":
        present, errors = _present(request)
        version = int(v) if (v := request.POST.get("version", "")).isdigit() else None
        if not errors:
            try:
                services.attend(actor, meeting=found.pk, present=present, version=version)
            except _REFUSALS as refused:
                errors = [str(refused)]
            else:
                messages.success(request, "Présences enregistrées.")
                return redirect("followup:meeting", found.pk)
    known = {row.structure_id for row in rows}
    context = {
        "meeting": found,
        "rows": rows,
        "others": [s for s in others if s.pk not in known],
        "words": words,
        "errors": errors,
        "open": found.status != MeetingStatus.CLOSED,
    }
    return render(request, "followup/meetings/attendance.html", context)


def _present(request: HttpRequest) -> tuple[list[services.Present], list[str]]:
    found, errors = [], []
    for raw in dict.fromkeys(request.POST.getlist("structure")):
        if not raw.isdigit():
            continue
        name = " ".join(request.POST.get(f"nom-{raw}", "").split())[:120]
        came = request.POST.get(f"present-{raw}") == "oui"
        try:
            validate_note(name)
        except ValidationError as error:
            errors += error.messages
        if came or name:
            found.append(services.Present(int(raw), name, came))
    return found, errors


@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, meeting: UUID) -> HttpResponse:
    """The end, and the minutes."""
    actor, found = _actor(request), _holder_only(request, meeting)
    if found.status == MeetingStatus.CLOSED:
        return redirect("followup:meeting", found.pk)
    lines = reading.agenda(actor, found, timezone.localdate())
    if request.method == "POST":
        version = int(v) if (v := request.POST.get("version", "")).isdigit() else None
        try:
            services.close(actor, meeting=found.pk, version=version)
        except _REFUSALS as refused:
            messages.error(request, str(refused))
        else:
            messages.success(request, "Réunion terminée : le compte rendu est prêt.")
        return redirect("followup:meeting", found.pk)
    context = {
        "meeting": found,
        "left": [line for line in lines if not line.item.decision],
        "lines": lines,
    }
    readings.note(request, "list", [line.case.pk for line in lines])
    return render(request, "followup/meetings/close.html", context)


@require_GET
def minutes_file(request: HttpRequest, meeting: UUID, form: str) -> HttpResponse:
    """The minutes, as PDF or ODT: for who held the meeting or came to it, of the cases they see."""
    if form not in minutes.TYPES:
        raise Http404
    found = _meeting(request, meeting)
    lines = reading.agenda(_actor(request), found, timezone.localdate())
    present = [one for one in reading.expected(found, []) if one.pk]
    readings.note(request, "print", [line.case.pk for line in lines])
    made = minutes.WRITERS[form](minutes.as_data(found, lines, present))
    response = HttpResponse(made, content_type=minutes.TYPES[form])
    name = f"compte-rendu-{found.on:%Y-%m-%d}.{form}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
