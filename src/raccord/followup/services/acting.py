"""What every act shares: load through `visible_to` and lock, check, apply, tell, in one go."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.followup.care.vocabulary import ReviewStatus
from raccord.followup.identifiers import new_id
from raccord.followup.models import Case, Destination, Review, TimelineEvent
from raccord.followup.notifications.services import tell_outcome
from raccord.followup.rights import Act, abilities
from raccord.followup.vocabulary import EventKind, Status


class Refused(Exception):
    """The act is not allowed now; the message is the French sentence for the screen."""


class ChangedMeanwhile(Exception):
    """Somebody else acted since the page was shown: nothing was written. Of several cases, it
    says which one (`named`)."""

    def __init__(self, case: Case, *, named: bool = False) -> None:
        which = f"{case.person} : ce dossier" if named else "Ce dossier"
        super().__init__(
            f"{which} a changé pendant que vous écriviez. Rien n’a été enregistré : relisez ce "
            "qui s’est passé, puis validez de nouveau."
        )
        self.case = case


@dataclass
class Change:
    """What an act does to one case, and what the timeline says of it."""

    kind: EventKind
    values: Mapping[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    note: str = ""
    #: How to put back what is not a field of the case: read by `undoing`.
    restores: dict[str, Any] = field(default_factory=dict)
    undoes: TimelineEvent | None = None
    #: What others answered, or what several structures now rely on, is not taken back by a click.
    undoable: bool = True


Decide = Callable[[Case], Change]
#: Once the event is there: rows that point at it, or that hold a place.
Then = Callable[[Case, TimelineEvent], None]

#: Written at every act, hence never part of what a timeline tells.
_KEPT_APART = ("version", "last_activity_at")


def locked(actor: Actor, cases: Iterable[UUID]) -> list[Case]:
    """Those of these cases that the actor sees, locked in a stable order, then read.

    Read after the lock, and not with it: whoever waited for another act must find what it left
    (PostgreSQL would look for the new row among the joined rows of the old one, and find none).
    """
    wanted = sorted(set(cases))
    visible = Case.objects.visible_to(actor).filter(pk__in=wanted).order_by("pk")
    if len(visible.select_for_update(of=("self",)).only("pk")) < len(wanted):
        raise Case.DoesNotExist
    found = visible.select_related("person", "holder").prefetch_related("parties", "departures")
    return list(found)


def perform(
    actor: Actor,
    act: Act,
    *,
    case: UUID,
    decide: Decide,
    version: int | None = None,
    then: Then | None = None,
) -> TimelineEvent:
    """One act on one case."""
    versions = {case: version} if version is not None else {}
    return perform_all(actor, act, cases=[case], decide=decide, versions=versions, then=then)[0]


def perform_all(
    actor: Actor,
    act: Act,
    *,
    cases: Iterable[UUID],
    decide: Decide,
    versions: Mapping[UUID, int] | None = None,
    then: Then | None = None,
) -> list[TimelineEvent]:
    """The same act on several cases: all or none, in a number of queries that does not grow.

    Raises Refused when no case is given, or when one of them refuses it: its person is named.
    """
    with transaction.atomic():
        found = locked(actor, cases)
        if not found:
            raise Refused("Aucun jeune n’est choisi : cochez-en au moins un.")
        together = str(new_id()) if len(found) > 1 else ""
        followed = [case for case in found if case.is_open]
        awaited = _awaited(found)
        events, touched = [], set[str]()
        for case in found:
            if versions and case.pk in versions and versions[case.pk] != case.version:
                raise ChangedMeanwhile(case, named=bool(together))
            try:
                ability = abilities(actor, case)[act]
                if not ability:
                    raise Refused(ability.refusal)
                change = decide(case)
            except Refused as refused:
                if together:  # of several, which one
                    raise Refused(f"{case.person} : {refused}") from refused
                raise
            if reviews := awaited.get(case.pk):
                _keep_reviews(case, change, reviews)
            touched |= _apply(case, change)
            events.append(_told(actor, case, change, together))
        Case.objects.bulk_update(found, sorted(touched))
        TimelineEvent.objects.bulk_create(events)
        for case, event in zip(found, events, strict=True):
            if then:
                then(case, event)
        for case in followed:
            if not case.is_open:
                tell_outcome(actor, case)
    return events


def _awaited(cases: Iterable[Case]) -> dict[UUID, list[str]]:
    """Of the closed ones: the reviews that opening them again overtakes (care/reviews.sql)."""
    closed = [case.pk for case in cases if not case.is_open]
    found: dict[UUID, list[str]] = {}
    if closed:
        due = Review.objects.filter(case__in=closed, status=ReviewStatus.DUE)
        for case, review in due.values_list("case_id", "pk"):
            found.setdefault(case, []).append(str(review))
    return found


def _keep_reviews(case: Case, change: Change, reviews: list[str]) -> None:
    """An act that opens a case again gives them back when it is undone."""
    opens = change.values.get("status", case.status) != Status.CLOSED
    if opens and change.undoable and change.undoes is None:
        change.restores["reviews"] = reviews


def _apply(case: Case, change: Change) -> set[str]:
    """Set the values, remembering what was there in `change.restores`."""
    now = timezone.now()
    values: dict[str, Any] = dict(change.values)
    if case.worked_on_at is None and "worked_on_at" not in values:
        values["worked_on_at"] = now
    before = {name: stored(getattr(case, name)) for name in values}
    after = {name: stored(value) for name, value in values.items()}
    if change.undoes is None and change.undoable:
        change.restores["case"] = {n: before[n] for n in before if before[n] != after[n]}
    for name, value in values.items():
        setattr(case, name, value)
    case.version += 1
    case.last_activity_at = now
    return {*values, *_KEPT_APART}


def _told(actor: Actor, case: Case, change: Change, together: str) -> TimelineEvent:
    facts = change.facts | ({"together": together} if together else {})
    if change.restores:
        facts["restores"] = change.restores
    return TimelineEvent(
        case=case,
        kind=change.kind,
        user=actor.user,
        author=str(actor.user),
        structure=speaking_for(actor, case),
        facts=facts,
        note=" ".join(change.note.split()),
        undoes=change.undoes,
    )


def speaking_for(actor: Actor, case: Case) -> Any:
    """The structure in whose name they act: one that takes part, else their first."""
    taking_part = {p.structure_id for p in case.parties.all() if p.until is None}
    mine = [s for s in actor.structures if s.pk in taking_part] or list(actor.structures)
    return mine[0] if mine else None


def last_in_history(model: Any, **owner: Any) -> int:
    """Where the history of these rows stands: what an act replaces comes after."""
    newest = model.pgh_event_model.objects.filter(**owner).order_by("-pgh_id")
    return newest.values_list("pgh_id", flat=True).first() or 0


def destination_before(case: Case) -> list[Any]:
    """Whether a place is known, and where its history stands: what undoing needs."""
    existed = Destination.objects.filter(case=case).exists()
    return [existed, last_in_history(Destination, case=case)]


def stored(value: Any) -> Any:
    """A value as JSON keeps it; `read_back` is its inverse."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return getattr(value, "pk", value)


def read_back(name: str, value: Any) -> Any:
    """What `stored` wrote of a field of a case."""
    if value is None:
        return None
    field: Any = Case._meta.get_field(name)  # noqa: SLF001 - documented by Django
    return field.to_python(value)
