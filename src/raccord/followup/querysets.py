"""Reads of cases. `visible_to` is the only door to one."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Case as SqlCase
from django.db.models import F, Func, Prefetch, Q, Value, When
from django.db.models.functions import Coalesce

from raccord.accounts.actors import Actor
from raccord.followup.vocabulary import ContactState, Lane

if TYPE_CHECKING:
    from raccord.followup.models import Case  # noqa: F401 - named in quotes below

#: Lanes of those who are under 18: they come first.
MINORS = (Lane.UNDER_16, Lane.OBLIGATION_16_17, Lane.YOUNG_GRADUATE)


#: Days without news after which a minor is urgent.
URGENT_DAYS = 30


def urgent(today: date) -> Q:
    """A minor, not reached, gone for thirty days."""
    limit = today - timedelta(days=URGENT_DAYS)
    gone = Q(left_on__lte=limit) | Q(left_on__isnull=True, opened_on__lte=limit)
    return Q(lane__in=MINORS) & gone & ~Q(contact_state=ContactState.REACHED)


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

    def by_urgency(self, today: date) -> "CaseQuerySet":
        """What was promised for today, minors without news for a month, minors, the others, and
        last what is planned for another day; the oldest first, in a unique order."""
        gone = Coalesce("left_on", "opened_on")
        rank = SqlCase(
            When(next_act_on__gt=today, then=Value(4)),
            When(next_act_on__isnull=False, then=Value(0)),
            When(urgent(today), then=Value(1)),
            When(lane__in=MINORS, then=Value(2)),
            default=Value(3),
        )
        found = self.annotate(
            gone_on=gone,
            urgency=rank,
            is_urgent=SqlCase(When(urgent(today), then=Value(True)), default=Value(False)),
        )
        return found.order_by("urgency", "gone_on", "pk")

    def latest_first(self, today: date) -> "CaseQuerySet":
        """The last to move first: for lists of what is settled."""
        return self.by_urgency(today).order_by(
            F("closed_on").desc(nulls_first=True), "-last_activity_at", "pk"
        )

    def for_rows(self, *, candidates: bool, schools: bool) -> "CaseQuerySet":
        """With what a row of the screen shows and no more: a page is made of twenty-five."""
        from raccord.followup.models import (  # noqa: PLC0415 - they import us
            Candidate,
            Departure,
            Party,
        )

        departures = Departure.objects.order_by("pk")
        found = self.select_related("person").prefetch_related(
            Prefetch("parties", Party.objects.order_by("since", "pk")),
            Prefetch(
                "departures", departures.select_related("structure") if schools else departures
            ),
        )
        nearest = Candidate.objects.select_related("structure").order_by("rank", "pk")
        return found.prefetch_related(Prefetch("candidates", nearest)) if candidates else found

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

    def for_sheet(self) -> "CaseQuerySet":
        """With what the sheet shows."""
        return (
            self.for_list()
            .select_related("person__details", "person__details__commune")
            .prefetch_related("person__representatives")
        )
