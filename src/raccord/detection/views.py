"""Pages of registers, deposits and comparisons."""

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from raccord.detection import door, quality_pages, services, tasks, undo
from raccord.detection.forms import UploadForm
from raccord.detection.models import Deposit, DepositStatus, Feed, Run, RunState
from raccord.detection.querysets import administered, own_schools
from raccord.followup.rights import may_declare
from raccord.privacy import readings
from raccord.territory.models import Academie, Structure


def _actor(request: HttpRequest) -> Any:
    """The actor, when registers are any of their business; nothing is there otherwise."""
    actor = request.actor  # type: ignore[attr-defined]
    if not (administered(actor) or own_schools(actor)):
        raise Http404
    return actor


def _academie(request: HttpRequest) -> Academie:
    actor = _actor(request)
    found = Academie.objects.filter(pk__in=administered(actor)).order_by("code").first()
    if found is None:
        school = next(s for s in actor.structures if s.pk in own_schools(actor))
        found = school.academie
    if found is None:
        raise Http404
    return found


@require_GET
def feeds(request: HttpRequest) -> HttpResponse:
    """Every register one looks after, with its age and what is wrong."""
    actor = _actor(request)
    academie = _academie(request)
    shown = Feed.objects.visible_to(actor).select_related("structure").order_by("label", "id")
    return render(
        request,
        "detection/feeds.html",
        {
            "lines": quality_pages.lines(shown, academie),
            "academie": academie,
            "administers": bool(administered(actor)),
            "deposits": Deposit.objects.visible_to(actor).select_related("feed")[:15],
        },
    )


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Deposit one or several files; each one is answered."""
    actor = _actor(request)
    academie = _academie(request)
    form = UploadForm(
        request.POST or None,
        request.FILES or None,
        bases=_bases(actor),
        recognise=bool(administered(actor)),
    )
    if request.method == "POST" and form.is_valid():
        made = _receive(actor, academie, form.cleaned_data)
        wrong = [d for d in made if d.status != DepositStatus.ACCEPTED]
        if not wrong:
            count = len(made)
            messages.success(
                request,
                f"{count} base{'s' if count > 1 else ''} acceptée{'s' if count > 1 else ''} : "
                "la prochaine comparaison en tiendra compte.",
            )
            if count == 1:
                return redirect("detection:deposit", made[0].pk)
            return redirect("detection:feeds")
        for one in wrong:
            form.add_error("files", f"{one.document} : {' '.join(one.reasons)}")
        for one in made:
            if one not in wrong:
                messages.success(request, f"{one.document} : acceptée, rien à refaire.")
    status = 422 if request.method == "POST" else 200
    return render(
        request,
        "detection/upload.html",
        {"form": form},
        status=status,
    )


def _bases(actor: Any) -> dict[str, Feed | Structure]:
    """What somebody may deposit, by what the form calls it: registers, and their own schools that
    have none yet. A cité scolaire has several UAI, and a register for each."""
    feeds = list(Feed.objects.visible_to(actor).select_related("academie").order_by("label", "id"))
    fed, mine = {feed.structure_id for feed in feeds}, own_schools(actor)
    found: dict[str, Feed | Structure] = {str(feed.pk): feed for feed in feeds if feed.active}
    for school in actor.structures:
        if school.pk in mine and school.academie_id and school.pk not in fed:
            found[f"ecole-{school.pk}"] = school
    return found


def _receive(actor: Any, academie: Academie, data: dict[str, Any]) -> list[Deposit]:
    """Files under their own names: some formats tell their establishment in it."""
    with tempfile.TemporaryDirectory(dir=services.drop()) as folder:
        paths = []
        for rank, file in enumerate(data["files"]):
            path = Path(folder) / str(rank) / Path(file.name).name
            path.parent.mkdir()
            with path.open("wb") as target:
                for chunk in file.chunks():
                    target.write(chunk)
            paths.append(path)
        feed = data["feed"]
        if isinstance(feed, Structure):
            feed = services.feed_to_deposit(actor, school=feed)
        return services.receive(
            actor,
            academie=feed.academie if feed else academie,
            paths=paths,
            how="upload",
            feed=feed,
            forced_because=data["because"],
        )


@require_GET
def feed(request: HttpRequest, pk: int) -> HttpResponse:
    """One register and what was deposited of it."""
    shown = get_object_or_404(Feed.objects.visible_to(_actor(request)), pk=pk)
    return render(
        request,
        "detection/feed.html",
        {"feed": shown, "deposits": shown.deposits.order_by("-received_at", "-id")[:50]},
    )


@require_GET
def deposit(request: HttpRequest, pk: int) -> HttpResponse:
    """What is to correct in a register, and how."""
    actor = _actor(request)
    shown = get_object_or_404(
        Deposit.objects.visible_to(actor).select_related("feed", "feed__structure"), pk=pk
    )
    # names of pupils are for their own school; an administrator reads counts
    named = bool(shown.feed and shown.feed.structure_id in own_schools(actor))
    return render(
        request,
        "detection/deposit.html",
        {
            "deposit": shown,
            "quality": quality_pages.report(shown, named=named),
            "may_withdraw": shown.status == DepositStatus.ACCEPTED,
        },
    )


@require_POST
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a deposit."""
    actor = _actor(request)
    shown = get_object_or_404(Deposit.objects.visible_to(actor), pk=pk)
    try:
        undo.withdraw(shown, by=str(actor.user))
    except undo.CannotUndo as reason:
        messages.error(request, str(reason))
    else:
        messages.success(
            request, "Dépôt retiré : l’état précédent est de nouveau en vigueur dès la prochaine "
            "comparaison."
        )  # fmt: skip
    return redirect("detection:deposit", pk)


@require_GET
def runs(request: HttpRequest) -> HttpResponse:
    """The comparisons of the territories one administers."""
    actor = _actor(request)
    shown = Run.objects.visible_to(actor).select_related("academie")[:30]
    if not administered(actor):
        raise Http404
    return render(
        request,
        "detection/runs.html",
        {
            "lines": [(r, quality_pages.told(r)) for r in shown],
            "running": any(r.state == RunState.RUNNING for r in shown),
        },
    )


@require_GET
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One comparison: where it is, what it did, what it could not do."""
    shown = get_object_or_404(
        Run.objects.visible_to(_actor(request)).select_related("academie"), pk=pk
    )
    return render(
        request,
        "detection/run.html",
        {"run": shown, "acts": quality_pages.acts(shown), "may_undo": undo.may_be_undone(shown)},
    )


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Ask for a comparison now."""
    actor = _actor(request)
    if not administered(actor):
        raise Http404
    if tasks.ask(_academie(request), None, by=str(actor.user)):
        messages.success(request, "Comparaison demandée : elle commence dans un instant.")
    else:
        messages.info(request, "Une comparaison attend déjà son tour.")
    return redirect("detection:runs")


@require_POST
def undo_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a comparison to be taken back: it needs more rights than a page has."""
    actor = _actor(request)
    shown = get_object_or_404(Run.objects.visible_to(actor), pk=pk)
    if not undo.may_be_undone(shown):
        messages.error(request, f"Cette comparaison ne peut plus être annulée ({undo.DAYS} jours).")
    else:
        tasks.take_back.defer(run=shown.pk, by=str(actor.user))
        messages.success(request, "Annulation demandée : rechargez cette page dans un instant.")
    return redirect("detection:run", pk)


@require_GET
def where(request: HttpRequest) -> HttpResponse:
    """Where one of one's own pupils is enrolled today."""
    actor = _actor(request)
    if not door.schools(actor):
        raise Http404
    named = request.GET.get("nom", "").strip()[:80]
    found = door.own_pupils(actor, named=named)
    answers = door.whereabouts(actor, pupils=found)
    if named:
        readings.note(request, "search", [pupil.subject for pupil in found])
    # who is still on the register may have left all the same
    declared = {s.uai: s.pk for s in door.schools(actor) if may_declare(actor, s.pk)}
    rows = [(answer, declared.get(answer.pupil.uai)) for answer in answers]
    return render(request, "detection/where.html", {"named": named, "rows": rows})
