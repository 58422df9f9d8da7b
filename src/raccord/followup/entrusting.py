"""Whom a head entrusts to a correspondent: the classes and the open cases of their own school."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest

from raccord.accounts.actors import Actor
from raccord.followup.models import Case, Departure
from raccord.followup.search import searchable
from raccord.followup.telling import departed
from raccord.matching.wording import typeset
from raccord.privacy import readings
from raccord.territory.models import Structure

#: Found by a name, beside those already chosen.
FOUND = 20


def classes(request: HttpRequest, school: Structure) -> list[str]:
    """Classes that somebody of this school left."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    left = Departure.objects.filter(case__in=Case.objects.visible_to(actor), structure=school)
    return list(left.exclude(level="").values_list("level", flat=True).distinct())


def pupils(
    request: HttpRequest, school: Structure, search: str, ids: Sequence[UUID]
) -> list[tuple[UUID, str]]:
    """Those chosen, then those of this name; the reading is noted."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    mine = Case.objects.visible_to(actor).open().filter(departures__structure=school)
    shown = mine.select_related("person").prefetch_related("departures").distinct()
    shown = shown.order_by("person__search_name", "pk")
    found = list(shown.filter(pk__in=ids)) if ids else []
    if words := searchable(search).split():
        named = Q()
        for word in words:
            name = "person__search_name"
            named &= Q(**{f"{name}__startswith": word}) | Q(**{f"{name}__contains": f" {word}"})
        found += list(shown.filter(named).exclude(pk__in=ids)[:FOUND])
    if found:
        readings.note(request, "search", [case.pk for case in found])
    return [(case.pk, _who(case)) for case in found]


def _who(case: Case) -> str:
    departure, age = departed(case), case.person.age()
    said = [f"{case.person.last_name} {case.person.first_name}"]
    said += [f"{age} ans"] if age is not None else []
    said += [departure.level] if departure and departure.level else []
    return typeset(", ".join(said))
