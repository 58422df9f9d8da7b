"""« Journal des lectures »: what a DPO sees of who read what."""

import csv
import io
from typing import Any
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.privacy import readings, volumes
from raccord.privacy.forms import LogFilters
from raccord.privacy.models import Act, Reading

PER_PAGE = 50
#: Lines of one file: beyond, the page asks to narrow the search.
AT_MOST = 50_000


@require_GET
def log(request: HttpRequest) -> HttpResponse:
    """The latest lines, narrowed by what is looked for; unusual volumes first."""
    actor, zone = _dpo(request)
    form = LogFilters(request.GET)
    visible = Reading.objects.visible_to(actor)
    lines = form.applied_to(visible, zone) if form.is_valid() else visible.none()
    before = request.GET.get("avant", "")
    if before.isdigit():
        lines = lines.filter(id__lt=min(int(before), 2**62))
    page = list(lines.order_by("-id")[: PER_PAGE + 1])
    kept = request.GET.copy()
    kept.pop("avant", None)
    context: dict[str, Any] = {
        "form": form,
        "narrowed": any(form.data.get(name) for name in form.fields),
        "lines": page[:PER_PAGE],
        "older": page[PER_PAGE - 1].pk if len(page) > PER_PAGE else None,
        "latest": not before,
        "query": kept.urlencode(),
        "unusual": [],
    }
    if not before and not context["narrowed"]:
        context["unusual"] = volumes.unusual(visible, volumes.today(zone), zone)
    readings.note(request, Act.JOURNAL, _looked_for(form))
    with timezone.override(zone):
        return render(request, "privacy/log.html", context)


@require_GET
def export(request: HttpRequest) -> HttpResponse:
    """The same lines in a file, all of them."""
    actor, zone = _dpo(request)
    form = LogFilters(request.GET)
    if not form.is_valid():
        return log(request)
    lines = form.applied_to(Reading.objects.visible_to(actor), zone).order_by("-id")
    found = list(lines.defer("former_hash", "hash")[: AT_MOST + 1])
    if len(found) > AT_MOST:
        form.add_error(
            "jour",
            "Plus de 50 000 lignes : choisissez un jour, un lecteur ou un acte, puis exportez.",
        )
        return render(request, "privacy/log.html", {"form": form, "narrowed": True, "lines": []})
    readings.note(request, Act.JOURNAL_EXPORT, _looked_for(form))
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(["ligne", "quand", "qui", "fonctions", "acte", "ecran", "dossiers"])
    for line in found:
        writer.writerow(
            [
                line.pk,
                f"{timezone.localtime(line.at, zone):%Y-%m-%d %H:%M:%S%z}",
                _harmless(line.reader),
                _harmless(" | ".join(line.functions)),
                line.get_act_display(),
                line.screen,
                " ".join(map(str, line.subjects)),
            ]
        )
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="journal-des-lectures.csv"'
    return answer


def _looked_for(form: LogFilters) -> list[Any]:
    """The file whose readers were looked for, if any."""
    found = form.cleaned_data.get("dossier")
    return [found] if found else []


def _dpo(request: HttpRequest) -> tuple[Actor, ZoneInfo]:
    """Who asks, and the time zone of their territory. For anybody else the page does not exist."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    for membership in actor.memberships:
        academie = membership.structure.academie
        if membership.role == Role.DPO and academie is not None:
            return actor, ZoneInfo(academie.time_zone)
    raise Http404


def _harmless(text: str) -> str:
    """A cell that a spreadsheet shows and never computes (« =… » typed as a name)."""
    return f"'{text}" if text[:1] in set("=+-@\t\r") else text
