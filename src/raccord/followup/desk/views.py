"""The pages of the desk: « Aujourd’hui »."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from raccord.accounts.actors import Actor
from raccord.followup.desk import reading
from raccord.followup.desk.reading import Shown
from raccord.followup.relay.stepping import step_of
from raccord.followup.rights import hides
from raccord.followup.telling import short
from raccord.matching.wording import typeset
from raccord.privacy import readings
from raccord.ui.templatetags.raccord import years


@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """What waits for this person today; schools have their own list."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not reading.serving(actor):
        raise Http404
    found = reading.today_of(actor, timezone.localdate())
    readings.note(request, "list", found.cases)
    context = {
        "found": found,
        "sections": [_section(actor, one, found) for one in found.waiting],
        "structures": [m.structure for m in actor.memberships if not m.structure.is_school],
        "meetings": address_of("meetings") if reading.groups(actor) else "",
    }
    return render(request, "followup/desk/today.html", context)


def _section(actor: Actor, shown: Shown, found: reading.Today) -> dict[str, Any]:
    section = shown.section
    rows = []
    for case, on in shown.rows:
        step = step_of(actor, case, found.today, hidden=hides(actor, case.person))
        late = bool(section.late) and on < found.today
        rows.append(
            {
                "name": f"{case.person.last_name} {case.person.first_name}",
                "age": years(case.person.age(found.today)),
                "when": typeset(f"{section.said} {short(on)}"),
                "late": late,
                "said": step.sentence,
                "sheet": reverse("followup:sheet", args=[case.pk]),
            }
        )
    return {
        "key": section.key,
        "title": section.title,
        "number": shown.number,
        "late": shown.late if section.late else 0,
        "others": shown.others,
        "address": address_of_list(section.key),
        "rows": rows,
    }


def address_of_list(key: str) -> str:
    """Where all the names of a section are; relays received are cards to answer."""
    if key == "recus":
        return reverse("followup:received")
    return f"{reverse('followup:list')}?liste={key}"


def address_of(name: str) -> str:
    """A page of the follow-up that may not be there."""
    try:
        return reverse(f"followup:{name}")
    except NoReverseMatch:
        return ""
