"""The list: only what needs an act, sorted by urgency."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from raccord.accounts.actors import Actor
from raccord.followup import lists, services
from raccord.followup.forms import FalseAlarmForm
from raccord.followup.models import Case, Departure
from raccord.followup.rights import Act, ability, hides, may_declare
from raccord.followup.telling import Step, departed, next_step, short, standing
from raccord.followup.vocabulary import Status
from raccord.matching.wording import count, typeset
from raccord.privacy import readings

_WAITING = (Status.TO_CHECK, Status.TO_CONFIRM)


@dataclass(frozen=True)
class Row:
    """A line of the list."""

    case: Case
    departure: Departure | None
    days: int
    step: Step
    allowed: bool
    standing: str
    hidden: bool
    urgent: bool
    gone: str
    address: str


def _row(actor: Actor, case: Case, shown: lists.CaseList) -> Row:
    hidden = hides(actor, case.person)
    step = next_step(case, shown.today, hidden=hidden)
    allowed = step.act is not None and bool(ability(actor, case, step.act))
    since = case.left_on or case.opened_on
    return Row(
        case=case,
        departure=departed(case),
        days=max((shown.today - since).days, 0),
        step=step,
        allowed=allowed,
        standing=standing(case, shown.today, hidden=hidden),
        hidden=hidden,
        urgent=case.is_urgent and case.status in _WAITING and not hidden,  # type: ignore[attr-defined]
        gone=short(case.left_on) if case.left_on else "",
        address=_address(case, step.act) if allowed and step.act else "",
    )


def _address(case: Case, act: Act) -> str:
    if act is Act.CONFIRM_SAME:
        return reverse("followup:sheet", args=[case.pk]) + "#comparer"
    return reverse(f"followup:{act}", args=[case.pk])


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Where each role starts: the list of those who see names, a sentence for the others."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    shown = lists.build(actor, request.GET)
    if shown is None:
        return render(request, "followup/no_names.html", {})
    cases = list(shown.page.object_list)
    if cases:
        act = "search" if shown.filters.search else "list"
        readings.note(request, act, [case.pk for case in cases])
    context: dict[str, Any] = {
        "list": shown,
        "rows": [_row(actor, case, shown) for case in cases],
        "tabs": [_tab(request, shown, tab) for tab in shown.tabs],
        "waves": lists.WAVES,
        "lanes": {key: label for key, (label, _) in lists.LANES.items()},
        "pages": _pages(request, shown),
        "may_declare": may_declare(actor),
        "tour": actor.user.tour_seen_at is None and shown.of_school and shown.tab is shown.tabs[0],
        "bulk": shown.tab is not None and shown.tab.key in {"a-verifier", "a-confirmer"},
        "here": request.get_full_path(),
    }
    return render(request, "followup/list.html", context)


def _tab(request: HttpRequest, shown: lists.CaseList, tab: lists.Tab) -> dict[str, Any]:
    kept = {k: v for k, v in request.GET.items() if k in {"vague", "circuit", "classe",
                                                          "etablissement"} and v}  # fmt: skip
    total = shown.counts[tab.key]
    return {
        "label": tab.label,
        "count": shown.counts[f"{tab.key} shown"] if shown.filters.narrow else total,
        "here": tab is shown.tab,
        "address": "?" + urlencode({"liste": tab.key} | kept),
    }


def _pages(request: HttpRequest, shown: lists.CaseList) -> list[dict[str, Any]]:
    paginator = shown.page.paginator
    kept = {k: v for k, v in request.GET.items() if k != "page" and v}
    return [
        {
            "number": number,
            "here": number == shown.page.number,
            "address": "?" + urlencode(kept | {"page": number}) if isinstance(number, int) else "",
        }
        for number in paginator.get_elided_page_range(shown.page.number, on_each_side=1, on_ends=1)
    ]


@require_POST
def tour_seen(request: HttpRequest) -> HttpResponse:
    """The tour was read: it is not shown again."""
    user = request.actor.user  # type: ignore[attr-defined]
    user.tour_seen_at = timezone.now()
    user.save(update_fields=["tour_seen_at"])
    return redirect("followup:home")


def _ticked(request: HttpRequest) -> dict[UUID, int]:
    """The cases ticked and the versions that were on screen; what is not one is left out."""
    found = {}
    for value in request.POST.getlist("case"):
        key, _, version = value.partition(".")
        try:
            found[UUID(key)] = int(version)
        except ValueError:
            continue
    return found


@require_POST
def together(request: HttpRequest) -> HttpResponse:
    """An act on the lines that are ticked: all, or none."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    back = safe_address(request.POST.get("retour", ""))
    ticked = _ticked(request)
    act = request.POST.get("acte", "")
    if not ticked:
        messages.warning(request, "Cochez d’abord un ou plusieurs jeunes.")
        return redirect(back)
    try:
        if act == "transmettre":
            events = services.transmit(actor, cases=ticked, versions=ticked)
            said = count(len(events), "dossier transmis", "dossiers transmis")
        elif act == "fausse-alerte":
            form = FalseAlarmForm(request.POST)
            if not form.is_valid():
                return _which_false_alarm(request, form, ticked, back)
            events = services.close_false_alarm(
                actor, cases=ticked, versions=ticked, which=form.cleaned_data["which"]
            )
            said = count(len(events), "fausse alerte enregistrée", "fausses alertes enregistrées")
        else:
            messages.warning(request, "Choisissez ce qu’il faut faire des jeunes cochés.")
            return redirect(back)
    except (services.Refused, services.ChangedMeanwhile) as error:
        messages.error(request, str(error))
        return redirect(back)
    undo = reverse("followup:undo", args=[events[0].pk])
    messages.success(request, typeset(f"{said}."), extra_tags=undo)
    return redirect(back)


def _which_false_alarm(
    request: HttpRequest, form: FalseAlarmForm, ticked: dict[UUID, int], back: str
) -> HttpResponse:
    asked = "which" in request.POST
    if not asked:
        form = FalseAlarmForm()
    visible = Case.objects.visible_to(request.actor)  # type: ignore[attr-defined]
    named = visible.filter(pk__in=ticked).select_related("person")
    cases = list(named.order_by("person__search_name", "pk"))
    readings.note(request, "list", [case.pk for case in cases])
    context = {"form": form, "cases": cases, "ticked": ticked, "back": back}
    return render(request, "followup/false_alarms.html", context)


def safe_address(address: str) -> str:
    """An address of this site, or the home page: nobody is sent elsewhere."""
    inside = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if inside else "/"
