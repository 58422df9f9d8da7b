"""Reads of cases. `visible_to` is the only door to one."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import connection, models
from django.db.models import F, Func, Prefetch, Value

from raccord.accounts.actors import Actor
from raccord.followup.vocabulary import Lane, Status

if TYPE_CHECKING:
    from raccord.followup.models import Case

#: Lanes of those who are under 18: they come first.
MINORS = (Lane.UNDER_16, Lane.OBLIGATION_16_17, Lane.YOUNG_GRADUATE)


class AmongVisible(Func):
    """Whether a case is among those somebody sees: an array, by which the index is searched (as a
    subquery, PostgreSQL sometimes reads all the cases of the country instead)."""

    arity = 2
    arg_joiner = " = ANY ((SELECT raccord_case_array("
    template = "%(expressions)s))::uuid[])"
    output_field = models.BooleanField()


class CaseQuerySet(models.QuerySet["Case"]):
    """Scopes of cases."""

    def visible_to(self, actor: Actor | None) -> "CaseQuerySet":
        """The cases that this person may see today, whatever the reason.

        The rule is the SQL function `raccord_visible_cases` (sql/rights.sql), which row-level
        security asks too: there is one rule, and two places where nothing passes without it.
        """
        if actor is None:
            return self.none()
        found = self.filter(AmongVisible(F("pk"), Value(actor.user.pk)))
        return found.filter(person__training=True) if actor.training else found

    def open(self) -> "CaseQuerySet":
        """Those that are not closed."""
        return self.exclude(status="closed")

    def for_list(self, *, candidates: bool = True) -> "CaseQuerySet":
        """With what a sheet or an export shows, in a number of queries that does not grow."""
        from raccord.followup.models import (  # noqa: PLC0415 - they import us
            Candidate,
            Departure,
            Party,
        )

        found = self.select_related(
            "person", "holder", "destination", "destination__structure"
        ).prefetch_related(
            Prefetch("parties", Party.objects.select_related("structure").order_by("since", "pk")),
            Prefetch("departures", Departure.objects.select_related("structure").order_by("pk")),
        )
        nearest = Candidate.objects.select_related("structure").order_by("rank", "pk")
        return found.prefetch_related(Prefetch("candidates", nearest)) if candidates else found


def open_cases(actor: Actor, keys: Sequence[UUID]) -> list[UUID]:
    """Those of these cases that somebody sees, in their order. In a page that only reads, their
    other tables are then opened at once, without all that this person sees (sql/rights.sql)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT raccord_open_cases(%s, %s)", [actor.user.pk, list(keys)])
        seen = set(cursor.fetchone()[0])
    return [key for key in keys if key in seen]


def read_sheet(actor: Actor | None, key: UUID) -> "Case | None":
    """One case that is visible to this person, with what its sheet shows: the same rule as
    `visible_to`, worked out for this case only."""
    from raccord.followup.models import Candidate, Case  # noqa: PLC0415 - they import us

    keys = open_cases(actor, [key]) if actor else []
    if not actor or not keys:
        return None
    asked = Case.objects.filter(pk__in=keys, person__hidden=False).select_related(
        "destination", "destination__structure", "person__details__commune", "assigned_to"
    )
    if actor.training:
        asked = asked.filter(person__training=True)
    found = list(asked.prefetch_related("person__representatives"))
    _give_parts(found, schools=True, parties=True)
    candidates = Candidate.objects.filter(case__in=keys).select_related("structure")
    _give(found, "candidates", candidates if found else ())
    return found[0] if found else None


def read_rows(keys: Sequence[UUID], *, schools: bool, holders: bool = False) -> "list[Case]":
    """Cases that were found visible, in this order, with what a row shows and no more."""
    from raccord.followup.models import Candidate, Case  # noqa: PLC0415 - they import us

    related = ("person", "holder") if holders else ("person",)
    by_key = {case.pk: case for case in Case.objects.filter(pk__in=keys).select_related(*related)}
    found = [by_key[key] for key in keys if key in by_key]
    _give_parts(found, schools=schools)
    # A row tells the nearest enrolment of those that wait for an answer, and of nobody else.
    waiting = [case.pk for case in found if case.status == Status.TO_CONFIRM]
    candidates = Candidate.objects.filter(case__in=waiting).select_related("structure")
    _give(found, "candidates", candidates if waiting else ())
    return found


def _give_parts(cases: "list[Case]", *, schools: bool, parties: bool = False) -> None:
    """Parties and departures; with the names of their structures where they are told."""
    from raccord.followup.models import Departure, Party  # noqa: PLC0415 - they import us

    if not cases:
        return
    taking_part = Party.objects.filter(case__in=cases)
    _give(cases, "parties", taking_part.select_related("structure") if parties else taking_part)
    left = Departure.objects.filter(case__in=cases)
    _give(cases, "departures", left.select_related("structure") if schools else left)


def _give(cases: "Iterable[Case]", relation: str, rows: "Iterable[Any]") -> None:
    """As `prefetch_related`, which makes a queryset for each row of each relation, and without
    ORDER BY, which Django takes longer to write than PostgreSQL to obey: half the time of a list.
    In the order of their keys."""
    of_case = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.pk):
        of_case[row.case_id].append(row)
    for case in cases:
        case.__dict__.setdefault("_prefetched_objects_cache", {})[relation] = of_case[case.pk]
