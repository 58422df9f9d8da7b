"""The list: only what needs an act, sorted by urgency."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_GET, require_POST

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup import lists
from raccord.followup.desk import keeping
from raccord.followup.desk import reading as desk
from raccord.followup.desk.figures import figures
from raccord.followup.desk.views import today
from raccord.followup.models import Case
from raccord.followup.relay.stepping import step_of
from raccord.followup.rights import Act, ability, hides, may_declare
from raccord.followup.tabs import Tab
from raccord.followup.telling import departed, short, standing
from raccord.followup.vocabulary import Status
from raccord.privacy import readings
from raccord.ui import navigation
from raccord.ui.templatetags.raccord import years

_ANY = UUID(int=0)
_WAITING = (Status.TO_CHECK, Status.TO_CONFIRM)


class _Addresses:
    """Those of every row of a page: each is looked up once, then written for each case."""

    def __init__(self) -> None:
        self._of: dict[str, str] = {}

    def __call__(self, name: str, case: Case) -> SafeString:
        if name not in self._of:
            self._of[name] = reverse(f"followup:{name}", args=[_ANY])
        # Nothing of it was written by anybody: it has nothing to escape.
        return SafeString(self._of[name].replace(str(_ANY), str(case.pk)))


def _row(actor: Actor, case: Case, shown: lists.CaseList, addresses: _Addresses) -> dict[str, Any]:
    """What a line says, as text: a template that looks up and formats costs more than the rest."""
    person, today = case.person, shown.today
    hidden = hides(actor, person)
    step = step_of(actor, case, today, hidden=hidden)
    allowed = step.act is not None and bool(ability(actor, case, step.act))
    left = departed(case)
    return {
        "tick": SafeString(f"{case.pk}.{case.version}"),
        "name": f"{person.last_name} {person.first_name}",
        "called": f"{person.first_name} {person.last_name}",
        "age": years(person.age(today)),
        "level": left.level if left else "",
        "school": left.structure.name if left and shown.several_schools else "",
        "gone": short(case.left_on) if case.left_on else "",
        "days": str(max((today - (case.left_on or case.opened_on)).days, 0)),
        "urgent": case.pk in shown.urgent and case.status in _WAITING and not hidden,
        "said": step.sentence if shown.of_acts else standing(case, today, hidden=hidden),
        "sheet": addresses("sheet", case),
        "address": _address(case, step.act, addresses) if allowed and step.act else "",
        "label": step.label,
    }


def _address(case: Case, act: Act, addresses: _Addresses) -> str:
    if act is Act.CONFIRM_SAME:
        return SafeString(f"{addresses('sheet', case)}#comparer")
    try:
        return addresses(act, case)
    except NoReverseMatch:  # an act on something of the case: its sheet has the button
        return addresses("sheet", case)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Where each role starts: what a service must do today, the list of a school, a sentence for
    those who see no names."""
    if not request.GET and desk.starts_here(request.actor):  # type: ignore[attr-defined]
        return today(request)
    return listed(request)


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """The list, with its filters."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    shown = lists.build(actor, request.GET)
    if shown is None:
        lines = navigation.menu(request, actor)
        pages = [page for line in lines for page in line["pages"] or [line]]
        seen = {
            "figures": figures(actor),
            "pages": pages,
            "administers": actor.has(Role.TERRITORY_ADMIN),
        }
        return render(request, "followup/no_names.html", seen)
    cases = list(shown.page.object_list)
    if cases:
        act = "search" if shown.filters.search else "list"
        readings.note(request, act, [case.pk for case in cases])
    addresses = _Addresses()
    context: dict[str, Any] = {
        "list": shown,
        "rows": [_row(actor, case, shown, addresses) for case in cases],
        "tabs": [_tab(request, shown, tab) for tab in shown.tabs],
        "waves": lists.WAVES,
        "lanes": {key: label for key, (label, _) in lists.LANES.items()},
        "pages": _pages(request, shown),
        "may_declare": may_declare(actor),
        "tour": actor.user.tour_seen_at is None and shown.of_school and shown.tab is shown.tabs[0],
        "bulk": shown.of_acts,
        "here": request.get_full_path(),
        "schoolish": shown.tabs[0].key == "a-verifier",
        "saved": shown.saved,
        "to_keep": keeping.kept(request.GET),
    }
    return render(request, "followup/list.html", context)


def _tab(request: HttpRequest, shown: lists.CaseList, tab: Tab) -> dict[str, Any]:
    kept = {k: v for k, v in request.GET.items() if k in {"vague", "circuit", "classe",
                                                          "etablissement"} and v}  # fmt: skip
    return {
        "label": tab.label,
        "count": shown.counts.get(f"{tab.key} shown"),
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


def ticked_versions(request: HttpRequest) -> dict[UUID, int]:
    """The cases ticked and the versions that were on screen; what is not one is left out."""
    found = {}
    for value in request.POST.getlist("case"):
        key, _, version = value.partition(".")
        try:
            found[UUID(key)] = int(version)
        except ValueError:
            continue
    return found


def safe_address(address: str) -> str:
    """An address of this site, or the home page: nobody is sent elsewhere."""
    inside = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if inside else "/"
