"""The sheet of a young person: who, how to reach them, what to do next, what happened, why."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup import situations, telling
from raccord.followup.care import on_sheet as care
from raccord.followup.desk.reading import starts_here
from raccord.followup.explaining import compared, why
from raccord.followup.freshness import freshness
from raccord.followup.glass.reading import opened_by
from raccord.followup.models import Case, TimelineEvent
from raccord.followup.panels import panels_of
from raccord.followup.querysets import read_sheet
from raccord.followup.relay.on_sheet import followers
from raccord.followup.relay.stepping import step_of
from raccord.followup.reporting.reading import absorbed
from raccord.followup.rights import Act, hides
from raccord.followup.vocabulary import EventKind, SituationKind, Status
from raccord.privacy import readings


def visible(actor: Actor | None, case: UUID) -> Case:
    """A case with what a sheet shows; what is not yours answers like what does not exist."""
    found = read_sheet(actor, case)
    if found is None:
        raise Http404
    return found


@require_GET
def sheet(request: HttpRequest, case: UUID) -> HttpResponse:
    """Everything about one case, on one page."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = visible(actor, case)
    readings.note(request, "sheet", [found.pk])
    return render(request, "followup/sheet.html", context_of(actor, found))


def context_of(actor: Actor, case: Case) -> dict[str, Any]:
    """What the sheet shows."""
    today = timezone.localdate()
    able = case.abilities(actor)
    hidden = hides(actor, case.person)
    fresh = freshness([case.academie_id])
    age = case.person.age(today)
    panels = panels_of(case.pk, case.person_id)
    step = step_of(actor, case, today, hidden=hidden, panels=panels)
    lapsed = case.situation_lapses_on is not None and case.situation_lapses_on < today
    known = case.situation != SituationKind.UNKNOWN
    care.tell_moments(case, fresh)
    return {
        "case": case,
        "person": case.person,
        "age": age,
        "adult": age is not None and age >= 18,
        "details": None if hidden else getattr(case.person, "details", None),
        "representatives": [] if hidden else list(case.person.representatives.all()),
        "departures": list(case.departures.all()),
        "destination": None if hidden else getattr(case, "destination", None),
        "number": "" if hidden else _number(case, adult=age is not None and age >= 18),
        "hidden": hidden,
        "able": able,
        "step": step,
        "step_address": _step_address(case, step) if step.act and able[step.act] else "",
        "standing": telling.standing(case, today, hidden=hidden),
        "duty": situations.duty(case.situation, case.situation_proof, lapsed=lapsed).label
        if known and not hidden and age is not None and age < 18
        else "",
        "timeline": _timeline(case, able, absorbed(case, panels["merges"]), hidden=hidden),
        "answered": any(event.kind == EventKind.ANSWER for event in _events(case)),
        "undoable": _undoable(case) if able[Act.UNDO] else None,
        "why": [] if hidden else why(case, fresh),
        "candidates": [] if hidden else _candidates(case, able),
        "fresh": fresh,
        "path": _path(case),
        "panels": panels,
        "glass": opened_by(actor, panels["openings"]),
        "may_copy": actor.within(case.holder_id, {Role.HEAD, Role.LEAD}),
        "followers": followers(actor, case, panels, today),
        "starts_here": starts_here(actor),
        "today": today,
        "days": max((today - (case.left_on or case.opened_on)).days, 0),
    } | ({} if hidden else care.context(actor, case, able, panels, _undone(case), today))


def _number(case: Case, *, adult: bool) -> str:
    """Whom to call first: the young person from 18, a legal representative before."""
    own = getattr(getattr(case.person, "details", None), "phone", "")
    others = [one.phone for one in case.person.representatives.all() if one.phone]
    found = [own, *others] if adult else [*others, own]
    return next((number for number in found if number), "")


def _step_address(case: Case, step: telling.Step) -> str:
    if step.act is Act.CONFIRM_SAME:
        return "#comparer"
    try:
        return reverse(f"followup:{step.act}", args=[case.pk])
    except NoReverseMatch:  # an act on something of the case: its panel has the button
        return ""


def _events(case: Case) -> list[TimelineEvent]:
    if not hasattr(case, "told_events"):
        case.told_events = list(  # type: ignore[attr-defined]
            case.timeline.select_related("structure")
        )
    return case.told_events  # type: ignore[attr-defined,no-any-return]


def _undone(case: Case) -> set[UUID | None]:
    """The events that another one takes back."""
    return {event.undoes_id for event in _events(case) if event.undoes_id}


def _timeline(case: Case, able: Any, others: list[UUID], *, hidden: bool) -> list[telling.Line]:
    events, undone = _events(case), _undone(case)
    if others:  # merged into this one: what happened in both, in order
        more = TimelineEvent.objects.filter(case__person__in=others).select_related("structure")
        events = sorted([*events, *more], key=lambda e: (e.at, str(e.pk)), reverse=True)
        undone |= {event.undoes_id for event in events if event.undoes_id}
    notes = bool(able[Act.NOTES])
    return [
        telling.told(event, undone=event.pk in undone, notes=notes, hidden=hidden)
        for event in events
    ]


def _undoable(case: Case) -> TimelineEvent | None:
    """The last act that still stands, when it was somebody's."""
    events, undone = _events(case), _undone(case)
    for event in events:
        if event.kind == EventKind.UNDONE or event.pk in undone:
            continue
        return event if event.facts.get("restores") else None
    return None


def _candidates(case: Case, able: Any) -> list[dict[str, Any]]:
    found = sorted(case.candidates.all(), key=lambda c: (bool(c.said), c.rank, c.pk))
    open_ = case.status != Status.CLOSED
    return [
        compared(case, candidate)
        | {
            "may": open_ and not candidate.said and bool(able[Act.CONFIRM_SAME]),
            "same": _said_address("same", case, candidate.pk),
            "other": _said_address("other", case, candidate.pk),
        }
        for candidate in found
    ]


def _said_address(said: str, case: Case, candidate: int) -> str:
    """The room above may bind the nights by itself; without it, ours is the one that writes."""
    try:
        return reverse(f"detection:{said}", args=[candidate])
    except NoReverseMatch:
        return reverse(f"followup:{said}", args=[case.pk, candidate])


def _path(case: Case) -> list[dict[str, Any]]:
    """The baton: who carried this case, and since when."""
    steps: list[dict[str, Any]] = []
    for party in sorted(case.parties.all(), key=lambda p: (p.since, p.pk)):
        if party.kind == "holder":
            steps.append(
                {"name": party.structure.name, "since": party.since, "now": party.until is None}
            )
    return steps
