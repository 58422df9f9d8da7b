"""The pages of the desk: « Aujourd’hui »."""

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from raccord.accounts.actors import Actor
from raccord.accounts.roles import OF_STRUCTURE
from raccord.followup.desk import agenda, reading
from raccord.followup.desk.reading import Shown
from raccord.followup.desk.sections import Section
from raccord.followup.relay.clocks import RETURN_DAYS
from raccord.followup.relay.stepping import step_of
from raccord.followup.reporting import seeking
from raccord.followup.rights import hides
from raccord.followup.telling import short
from raccord.matching.wording import count, typeset
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
        "may_report": seeking.may_report(actor),
        "next_meeting": reading.next_meeting(actor, found.today),
    }
    return render(request, "followup/desk/today.html", context)


@require_GET
def agenda_page(request: HttpRequest) -> HttpResponse:
    """This week and the next, or any two weeks; of the structure, or one’s own."""
    actor, first, own = _asked(request)
    today = timezone.localdate()
    found = agenda.days(actor, first, own=own)
    entries = [entry for day in found for entry in day.entries]
    readings.note(request, "list", dict.fromkeys(entry.case.pk for entry in entries))
    tail = "&a_moi=1" if own else ""
    context = {
        "days": found,
        "number": len(entries),
        "first": first,
        "last": first + timedelta(days=agenda.DAYS - 1),
        "today": today,
        "own": own,
        "before": f"?du={first - timedelta(days=agenda.DAYS)}{tail}",
        "after": f"?du={first + timedelta(days=agenda.DAYS)}{tail}",
        "whose": f"?du={first}" + ("" if own else "&a_moi=1"),
        "file": f"{reverse('followup:agenda_file')}?du={first}{tail}",
    }
    return render(request, "followup/desk/agenda.html", context)


@require_GET
def agenda_file(request: HttpRequest) -> HttpResponse:
    """The same without any name, for a calendar."""
    actor, first, own = _asked(request)
    found = agenda.days(actor, first, own=own)
    told = agenda.calendar(found, timezone.now())
    response = HttpResponse(told, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="agenda-raccord.ics"'
    return response


def _asked(request: HttpRequest) -> tuple[Actor, date, bool]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.has(*OF_STRUCTURE):
        raise Http404
    try:
        first = date.fromisoformat(request.GET.get("du", ""))
    except ValueError:
        first = timezone.localdate()
    if not date(2000, 1, 1) < first < date(2100, 1, 1):
        first = timezone.localdate()
    return actor, agenda.first_day(first), request.GET.get("a_moi") == "1"


def _section(actor: Actor, shown: Shown, found: reading.Today) -> dict[str, Any]:
    section = shown.section
    rows = []
    for case, on in shown.rows:
        hidden = hides(actor, case.person)
        step = step_of(actor, case, found.today, hidden=hidden)
        late = bool(section.late) and on < found.today
        rows.append(
            {
                "name": f"{case.person.last_name} {case.person.first_name}",
                "age": years(case.person.age(found.today)),
                "when": _when(section, on, found.today),
                "late": late,
                "said": step.sentence if hidden or not section.act else section.act,
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


def _when(section: Section, on: date, today: date) -> str:
    """The date of a section; of a relay received, its clock too."""
    said = f"{section.said} {short(on)}"
    if section.key == "recus":
        left = RETURN_DAYS - (today - on).days
        said += f", encore {count(left, 'jour')}" if left > 0 else ", dernier jour pour répondre"
    return typeset(said)


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
