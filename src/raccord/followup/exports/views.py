"""A list as a file, and the statement of diligence; each is noted in the log of readings."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from raccord.accounts.actors import Actor
from raccord.accounts.middleware import acting_in_database
from raccord.followup import lists
from raccord.followup.exports import diligence, files
from raccord.followup.exports.rows import rows
from raccord.followup.letters.documents import typst_pdf
from raccord.matching.wording import day
from raccord.privacy import readings
from raccord.territory.models import Structure

_SHEET = Path(__file__).parent / "diligence.typ"
_FORMATS = (
    ("ods", "ODS", "LibreOffice, et tous les tableurs"),
    ("xlsx", "XLSX", "Excel"),
    ("csv", "CSV", "un autre logiciel : point-virgule, UTF-8"),
)


def _list(request: HttpRequest) -> lists.CaseList:
    shown = lists.build(request.actor, request.GET)  # type: ignore[attr-defined]
    if shown is None:
        raise Http404
    return shown


def _named(shown: lists.CaseList, kind: str) -> str:
    """Never the name of anybody, nor what was searched."""
    which = shown.tab.key if shown.tab else "recherche"
    return f"raccord-{which}-{timezone.localdate():%Y-%m-%d}.{kind}"


@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """Which format, and what is about to leave."""
    shown = _list(request)
    kept = _kept(request.GET)
    context = {
        "list": shown,
        "count": shown.page.paginator.count,
        "kept": kept,
        "formats": _FORMATS,
        "back": "/" + (f"?{kept}" if kept else ""),
    }
    return render(request, "followup/exports/choose.html", context)


def _kept(asked: QueryDict) -> str:
    return urlencode([(k, v) for k, v in asked.items() if k != "page" and v])


@require_GET
def download(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The very list of the screen, all its pages, in the same order."""
    if kind not in files.TYPES:
        raise Http404
    shown = _list(request)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    keys = lists.keys_of(actor, request.GET)
    readings.note(request, "export", keys)
    response: StreamingHttpResponse | FileResponse
    if kind == "csv":
        pieces = files.as_csv(rows(actor, keys, shown.today))
        response = StreamingHttpResponse(_under_rights(actor, pieces))
    else:
        write = files.as_xlsx if kind == "xlsx" else files.as_ods
        title = shown.tab.label if shown.tab else "Recherche"
        response = FileResponse(write(rows(actor, keys, shown.today), title))
    response["Content-Type"] = files.TYPES[kind]
    response["Content-Disposition"] = f'attachment; filename="{_named(shown, kind)}"'
    return response


def _under_rights(actor: Actor, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """What is read while it leaves is read after the transaction of the page: under the same role
    and the same name."""
    with acting_in_database(actor.user.pk, read_only=True):
        yield from pieces


# --- Statement of diligence -----------------------------------------------------------------------


def _statement(request: HttpRequest) -> tuple[diligence.Statement, list[Structure], bool]:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    schools = diligence.schools_of(actor)
    asked = request.GET.get("etablissement", "")
    school = next((s for s in schools if str(s.pk) == asked), schools[0] if schools else None)
    if school is None:
        raise Http404
    names = request.GET.get("annexe") == "oui" and actor.sees_names
    made = diligence.state(actor, school, names=names)
    readings.note(request, "print", [line["case"] for line in made.names])
    return made, schools, names


@require_GET
def statement(request: HttpRequest) -> HttpResponse:
    """What was done for the leavers of a school, to read or to print."""
    made, schools, names = _statement(request)
    context = {
        "statement": made,
        "schools": schools,
        "names": names,
        "asked": request.GET.urlencode(),
    }
    return render(request, "followup/exports/statement.html", context)


@require_GET
def statement_pdf(request: HttpRequest) -> HttpResponse:
    """The same on paper."""
    made, _, _ = _statement(request)
    response = HttpResponse(typst_pdf(_SHEET, _as_data(made)), content_type="application/pdf")
    name = f"releve-de-diligence-{made.school.uai or made.school.pk}-{made.on:%Y-%m-%d}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _as_data(made: diligence.Statement) -> dict[str, Any]:
    return {
        "title": f"Relevé de diligence {made.period}",
        "school": f"{made.school.name}{f' ({made.school.uai})' if made.school.uai else ''}",
        "when": f"État au {day(made.on)}, année du 1er juillet au 30 juin.",
        "footer": f"{made.school.name}, {day(made.on)}",
        "figures": [
            {"label": one.label, "value": one.value, "meaning": one.meaning} for one in made.figures
        ],
        "acts": [[day(on), act, str(number)] for on, act, number in made.acts],
        "names": [
            [
                line["name"],
                line["level"],
                f"{line['left_on']:%d/%m/%Y}" if line["left_on"] else "",
                "" if line["attempts"] is None else str(line["attempts"]),
                line["standing"],
            ]
            for line in made.names
        ],
    }
