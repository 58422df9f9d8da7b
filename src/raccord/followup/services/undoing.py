"""Taking back the last act: an UNDONE event says so, and what was there is there again."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from raccord.accounts.actors import Actor
from raccord.followup.care.vocabulary import ReviewStatus
from raccord.followup.models import (
    Candidate,
    Case,
    ContactDetails,
    Departure,
    Destination,
    LegalRepresentative,
    Person,
    Review,
    TimelineEvent,
)
from raccord.followup.rights import Act
from raccord.followup.services.acting import Change, Refused, perform, read_back
from raccord.followup.vocabulary import EventKind


def undo(actor: Actor, *, event: UUID) -> list[TimelineEvent]:
    """Take back an act, when nothing was done since; an act done on several cases at once is
    taken back on all of them."""
    with transaction.atomic():
        asked = TimelineEvent.objects.filter(
            pk=event, case__in=Case.objects.visible_to(actor)
        ).first()
        if asked is None:
            raise Case.DoesNotExist
        together = asked.facts.get("together")
        events = [asked]
        if together:
            events = list(
                TimelineEvent.objects.filter(
                    Q(facts__together=together), case__in=Case.objects.visible_to(actor)
                ).order_by("case_id")
            )
        return [_undo_one(actor, one) for one in events]


def _undo_one(actor: Actor, event: TimelineEvent) -> TimelineEvent:
    restores: dict[str, Any] = event.facts.get("restores", {})

    def decide(found: Case) -> Change:
        last = last_standing(found)
        if last is None or last.pk != event.pk or not restores:
            raise Refused(
                "Cet acte ne peut plus être annulé : autre chose a été fait depuis. Reprenez le "
                "dossier là où il en est."
            )
        values = {name: read_back(name, value) for name, value in restores.get("case", {}).items()}
        return Change(EventKind.UNDONE, values, {"what": event.kind}, undoes=event)

    def then(found: Case, undone: TimelineEvent) -> None:
        for name, back in _BACK.items():
            if name in restores:
                back(found, event, restores[name])

    return perform(actor, Act.UNDO, case=event.case_id, decide=decide, then=then)


def last_standing(case: Case) -> TimelineEvent | None:
    """The last event that was neither taken back nor a taking back."""
    found: TimelineEvent | None = (
        case.timeline.filter(undone_by__isnull=True).exclude(kind=EventKind.UNDONE).first()
    )
    return found


def _candidate_back(case: Case, event: TimelineEvent, former: list[Any]) -> None:
    Candidate.objects.filter(pk=former[0], case=case).update(said=former[1])


def _reasons_back(case: Case, event: TimelineEvent, former: dict[str, str]) -> None:
    for departure, reason in former.items():
        Departure.objects.filter(pk=departure, case=case).update(reason=reason)


def _handover_back(case: Case, event: TimelineEvent, handover: str) -> None:
    from raccord.followup.relay.services import end_waiting  # noqa: PLC0415 - they import us
    from raccord.followup.relay.vocabulary import HandoverStatus  # noqa: PLC0415

    end_waiting(case, HandoverStatus.WITHDRAWN)


def _care_back(case: Case, event: TimelineEvent, former: list[Any]) -> None:
    from raccord.followup.care.undoing import put_back  # noqa: PLC0415 - they import us

    put_back(case, event, former)


def _seat_back(case: Case, event: TimelineEvent, vacancy: str) -> None:
    from raccord.followup.care.vacancies import give_back  # noqa: PLC0415 - they import us

    give_back(vacancy)


def _reviews_back(case: Case, event: TimelineEvent, former: list[str]) -> None:
    """What was to be asked of a closed case is to be asked again."""
    overtaken = Review.objects.filter(pk__in=former, case=case, status=ReviewStatus.OVERTAKEN)
    overtaken.update(status=ReviewStatus.DUE)


def _protection_back(case: Case, event: TimelineEvent, former: int | None) -> None:
    Person.objects.filter(pk=case.person_id).update(
        protected_by=former, protected_at=event.at if former else None
    )


def _destination_back(case: Case, event: TimelineEvent, former: list[Any]) -> None:
    """The place that the act replaced, from the history: the timeline holds none."""
    existed, last = former
    history = Destination.pgh_event_model.objects  # type: ignore[attr-defined]
    replaced = history.filter(case=case, pgh_id__gt=last).order_by("pgh_id").first()
    if replaced or not existed:
        Destination.objects.filter(case=case).delete()
    if replaced:
        _put_back(Destination, replaced)


def _details_back(case: Case, event: TimelineEvent, former: dict[str, int]) -> None:
    models: tuple[Any, ...] = (ContactDetails, LegalRepresentative)
    for model in models:
        history = model.pgh_event_model.objects
        since = history.filter(person_id=case.person_id, pgh_id__gt=former[model.__name__])
        first: dict[Any, Any] = {}
        for row in since.order_by("pgh_id"):
            first.setdefault(row.pgh_obj_id, row)
        if model is LegalRepresentative:
            model.objects.filter(pk__in=_created_since(model, case, event)).delete()
        for key, row in first.items():
            model.objects.filter(pk=key).delete()
            _put_back(model, row)


def _created_since(model: Any, case: Case, event: TimelineEvent) -> list[UUID]:
    """Identifiers are in order of time (RFC 9562): those made after the act began."""
    start = int(event.at.timestamp() * 1000) - 1
    ids = model.objects.filter(person_id=case.person_id).values_list("pk", flat=True)
    return [one for one in ids if one.int >> 80 >= start]


def _put_back(model: Any, row: Any) -> None:
    names = [field.attname for field in model._meta.concrete_fields]  # noqa: SLF001 - documented
    model.objects.create(**{name: getattr(row, name) for name in names})


_BACK: dict[str, Callable[[Case, TimelineEvent, Any], None]] = {
    "candidate": _candidate_back,
    "handover": _handover_back,
    "care": _care_back,
    "seat": _seat_back,
    "reviews": _reviews_back,
    "reasons": _reasons_back,
    "protected_by": _protection_back,
    "destination": _destination_back,
    "details": _details_back,
}
