"""« Doublons possibles »: two files side by side, decided once; merged, or taken apart."""

from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from raccord.accounts.actors import Actor
from raccord.followup.models import Case, Merge, Person, PossibleDuplicate
from raccord.followup.reporting import merging
from raccord.followup.reporting.merging import File
from raccord.followup.reporting.models import PairStatus
from raccord.followup.search import searchable
from raccord.followup.services.acting import Refused
from raccord.privacy import readings

#: A queue is short, or something is wrong with the registers.
_SHOWN = 100


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.sees_names:
        raise Http404
    return actor


@require_GET
def pairs(request: HttpRequest) -> HttpResponse:
    """What waits for a decision, the likeliest first. Of each, only that there is a pair: names
    are on its own page."""
    actor = _actor(request)
    lines = _lines(actor, PairStatus.OPEN)
    merged = _lines(actor, PairStatus.SAME)
    readings.note(request, "list", [line.person.pk for line in (*lines, *merged)])
    context = {"lines": lines, "merged": merged}
    return render(request, "followup/reporting/pairs.html", context)


@dataclass(frozen=True)
class Line:
    """A pair, named by the file one sees."""

    pair: PossibleDuplicate
    person: Person


def _lines(actor: Actor, status: PairStatus) -> list[Line]:
    mine = Case.objects.visible_to(actor).open().values("person")
    found = (
        PossibleDuplicate.objects.filter(Q(one__in=mine) | Q(other__in=mine))
        .filter(status=status)
        .order_by("-probability", "pk")[:_SHOWN]
    )
    keys = {key for pair in found for key in (pair.one_id, pair.other_id)}
    # of the other file nothing is read here: row-level security hides it
    seen = Person.objects.filter(pk__in=keys, protected_at=None, hidden=False).in_bulk()
    named = ((pair, seen.get(pair.one_id) or seen.get(pair.other_id)) for pair in found)
    return [Line(pair, person) for pair, person in named if person]


@dataclass(frozen=True)
class Row:
    """One field of both files."""

    label: str
    ours: str
    theirs: str
    same: bool


def _rows(one: File, other: File) -> list[Row]:
    fields = [("Nom", "last_name"), ("Nom d’usage", "usage_name"), ("Prénom", "first_name")]
    found = [_row(label, getattr(one, name), getattr(other, name)) for label, name in fields]
    born = [f"{f.birth_date:%d/%m/%Y}" if f.birth_date else "" for f in (one, other)]
    found.append(_row("Né(e) le", *born))
    found.append(_row("A quitté", one.establishment, other.establishment))
    if one.visible and other.visible:
        more = [("Sexe", "sex"), ("Commune", "commune"), ("Téléphone", "phone"), ("INE", "ine")]
        found += [_row(label, getattr(one, name), getattr(other, name)) for label, name in more]
    return [row for row in found if row.ours or row.theirs]


def _row(label: str, ours: str, theirs: str) -> Row:
    return Row(label, ours, theirs, searchable(ours) == searchable(theirs))


@require_http_methods(["GET", "POST"])
def pair(request: HttpRequest, pair: UUID) -> HttpResponse:
    """Side by side: differences underlined, what is identical quiet."""
    actor = _actor(request)
    files = merging.files_of(actor, pair)
    asked = PossibleDuplicate.objects.filter(pk=pair).first()
    if not files or asked is None:
        raise Http404
    readings.note(request, "sheet", [one.case_id for one in files])
    refusal = ""
    if request.method == "POST":
        try:
            return _decide(request, actor, pair, files)
        except Refused as refused:
            refusal = str(refused)
    one, other = sorted(files, key=lambda f: (not f.visible, f.since, str(f.person)))
    merged = Merge.objects.filter(
        undone_at=None, kept__in=[f.person for f in files], absorbed__in=[f.person for f in files]
    ).first()
    context = {
        "pair": asked,
        "one": one,
        "other": other,
        "rows": _rows(one, other),
        "files": [one, other],
        "may": merging.decides(actor, files),
        "waiting": asked.status == PairStatus.OPEN,
        "merged": merged,
        "refusal": refusal,
    }
    status = 422 if refusal else 200
    return render(request, "followup/reporting/pair.html", context, status=status)


def _decide(request: HttpRequest, actor: Actor, pair: UUID, files: list[File]) -> HttpResponse:
    asked = request.POST.get("acte", "")
    if asked == "autre":
        merging.keep_apart(actor, pair=pair)
        messages.success(request, "Deux personnes : noté, la question ne sera plus posée.")
        return redirect("followup:pairs")
    kept = next((one for one in files if asked == f"garder-{one.person}"), None)
    if kept is None:
        raise Refused("Dites si c’est la même personne, et quel dossier vous gardez.")
    merging.merge(actor, pair=pair, keep=kept.person)
    messages.success(request, "Dossiers réunis. Vous pouvez les séparer à tout moment.")
    return redirect(reverse("followup:pair", args=[pair]))


@require_POST
def unmerge(request: HttpRequest, pair: UUID) -> HttpResponse:
    """As they were."""
    actor = _actor(request)
    files = merging.files_of(actor, pair)
    keys = [one.person for one in files]
    found = Merge.objects.filter(undone_at=None, kept__in=keys, absorbed__in=keys).first()
    if found is None:
        raise Http404
    try:
        merging.unmerge(actor, merge=found.pk)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "Dossiers séparés : chacun est tel qu’il était.")
    return redirect("followup:pair", pair)
