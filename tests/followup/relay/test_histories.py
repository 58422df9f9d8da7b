"""Random histories of relays, played on the real database: what never breaks, whatever happens.

Each history is a score of acts by anybody, allowed or not, in any order, with the clocks of any
day. `RACCORD_HISTORIES` plays more of them (thousands: `make bench` does).
"""

import os
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from tests import cast

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup import services as acts
from raccord.followup.models import Case, Handover
from raccord.followup.relay import clocks, services
from raccord.followup.relay.vocabulary import ReturnReason
from raccord.followup.services.acting import Refused
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

HISTORIES = int(os.environ.get("RACCORD_HISTORIES", "25"))
ACTORS = st.integers(0, 5)
CASES = st.integers(0, 1)


class Relays(RuleBasedStateMachine):
    """Two cases, six structures, one person in each, and time that passes."""

    places: list[Structure]
    actors: list[Actor]

    @initialize()
    def begin(self) -> None:
        """Each history starts from two cases of the school, and from nothing else."""
        self.point = transaction.savepoint()
        self.cases = [cast.case(self.places[0], basin=cast.basin()) for _ in range(2)]
        self.day = timezone.localdate()
        self.told: dict[Any, tuple[int, int]] = {}

    def teardown(self) -> None:
        """Nothing is left for the next one."""
        if hasattr(self, "point"):
            transaction.savepoint_rollback(self.point)

    def _try(self, act: Any) -> None:
        """An act is done, or refused in words and nothing changed."""
        before = self._state()
        try:
            with transaction.atomic():
                act()
        except (Refused, ValidationError, Case.DoesNotExist, Handover.DoesNotExist):
            assert self._state() == before

    def _state(self) -> list[Any]:
        cases = list(
            Case.objects.filter(pk__in=[c.pk for c in self.cases])
            .order_by("pk")
            .values_list("pk", "holder", "status", "stage", "version")
        )
        handovers = list(Handover.objects.order_by("pk").values_list("pk", "status"))
        return [cases, handovers]

    def _waiting(self, which: int) -> Any:
        found = Handover.objects.filter(case=self.cases[which]).order_by("asked_at", "pk").last()
        return found.pk if found else self.cases[which].pk

    @rule(who=ACTORS, which=CASES, to=ACTORS)
    def propose(self, who: int, which: int, to: int) -> None:
        receivers = {self.cases[which].pk: self.places[to]}
        self._try(lambda: services.hand_over(self.actors[who], receivers=receivers, reason="care"))

    @rule(who=ACTORS, which=CASES)
    def accept(self, who: int, which: int) -> None:
        self._try(lambda: services.accept(self.actors[who], handover=self._waiting(which)))

    @rule(who=ACTORS, which=CASES, why=st.sampled_from(ReturnReason.values))
    def send_back(self, who: int, which: int, why: str) -> None:
        sender = Handover.objects.filter(pk=self._waiting(which)).first()
        self._try(
            lambda: services.send_back(self.actors[who], handover=self._waiting(which), reason=why)
        )
        if sender and Handover.objects.get(pk=sender.pk).status == "sent_back":
            case = Case.objects.get(pk=self.cases[which].pk)
            assert case.holder_id == sender.sender_id, "a returned case finds its sender"

    @rule(who=ACTORS, which=CASES, to=ACTORS)
    def redirect(self, who: int, which: int, to: int) -> None:
        self._try(
            lambda: services.redirect(
                self.actors[who],
                handover=self._waiting(which),
                to=self.places[to],
                reason="no_room",
            )
        )

    @rule(who=ACTORS, which=CASES)
    def withdraw(self, who: int, which: int) -> None:
        self._try(lambda: services.withdraw(self.actors[who], case=self.cases[which].pk))

    @rule(who=ACTORS, which=CASES, to=ACTORS)
    def associate(self, who: int, which: int, to: int) -> None:
        self._try(
            lambda: services.associate(
                self.actors[who],
                case=self.cases[which].pk,
                structure=self.places[to],
                reason="joint",
            )
        )

    @rule(who=ACTORS, which=CASES)
    def leave(self, who: int, which: int) -> None:
        place = self.places[who]
        self._try(
            lambda: services.leave(self.actors[who], case=self.cases[which].pk, structure=place)
        )

    @rule(who=ACTORS, which=CASES)
    def close(self, who: int, which: int) -> None:
        self._try(
            lambda: acts.record_situation(
                self.actors[who], case=self.cases[which].pk, kind="job", proof="contract"
            )
        )

    @rule(who=ACTORS, which=CASES)
    def reopen(self, who: int, which: int) -> None:
        self._try(lambda: acts.reopen(self.actors[who], case=self.cases[which].pk))

    @rule(who=ACTORS, which=CASES)
    def undo(self, who: int, which: int) -> None:
        last = self.cases[which].timeline.order_by("-at", "-pk").first()
        if last is not None:
            self._try(lambda: acts.undo(self.actors[who], event=last.pk))

    @rule(days=st.integers(1, 40))
    def time_passes(self, days: int) -> None:
        Handover.objects.filter(status="waiting").update(
            asked_at=timezone.now() - timedelta(days=days)
        )
        clocks.run(self.day)

    @invariant()
    def one_holder_and_what_follows(self) -> None:
        if not hasattr(self, "cases"):
            return
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            cursor.execute(_WHAT_IS_WRONG, {"cases": [c.pk for c in self.cases]})
            assert cursor.fetchall() == []

    @invariant()
    def no_transition_without_history(self) -> None:
        if not hasattr(self, "cases"):
            return
        for case in Case.objects.filter(pk__in=[c.pk for c in self.cases]):
            told = case.timeline.count()
            known, version = self.told.get(case.pk, (0, 0))
            if case.version != version:
                assert told > known
            self.told[case.pk] = (told, case.version)


#: Every sentence here must stay false.
_WHAT_IS_WRONG = """
    SELECT 'not one holder', c.id::text FROM followup_case c WHERE c.id = ANY (%(cases)s)
        AND (SELECT array_agg(p.structure_id) FROM followup_party p WHERE p.case_id = c.id
            AND p.kind = 'holder' AND p.until IS NULL) IS DISTINCT FROM ARRAY[c.holder_id]
    UNION ALL
    SELECT 'two wait', h.case_id::text FROM followup_handover h WHERE h.case_id = ANY (%(cases)s)
        AND h.status = 'waiting' GROUP BY 2 HAVING count(*) > 1
    UNION ALL
    SELECT 'waits of a closed case', c.id::text FROM followup_case c
        JOIN followup_handover h ON h.case_id = c.id AND h.status = 'waiting'
        WHERE c.id = ANY (%(cases)s) AND c.status = 'closed'
    UNION ALL
    SELECT 'waits of another holder', c.id::text FROM followup_case c
        JOIN followup_handover h ON h.case_id = c.id AND h.status = 'waiting'
        WHERE c.id = ANY (%(cases)s) AND h.sender_id <> c.holder_id
    UNION ALL
    SELECT 'transmitted, and nobody answers', c.id::text FROM followup_case c
        WHERE c.id = ANY (%(cases)s) AND c.status = 'transmitted' AND NOT EXISTS (
            SELECT FROM followup_handover h WHERE h.case_id = c.id AND h.status = 'waiting')
    UNION ALL
    SELECT 'offered without seeing', h.case_id::text FROM followup_handover h
        WHERE h.case_id = ANY (%(cases)s) AND h.status = 'waiting' AND NOT EXISTS (
            SELECT FROM followup_party p WHERE p.case_id = h.case_id AND p.kind = 'receiver'
                AND p.structure_id = h.receiver_id AND p.until IS NULL)
    UNION ALL
    SELECT 'sees without being offered', p.case_id::text FROM followup_party p
        WHERE p.case_id = ANY (%(cases)s) AND p.kind = 'receiver' AND p.until IS NULL
            AND NOT EXISTS (SELECT FROM followup_handover h WHERE h.case_id = p.case_id
                AND h.receiver_id = p.structure_id AND h.status = 'waiting')
    UNION ALL
    SELECT 'closed without an author', c.id::text FROM followup_case c
        WHERE c.id = ANY (%(cases)s) AND c.status = 'closed' AND (c.outcome = ''
            OR c.closed_on IS NULL OR c.closed_by_id IS NULL AND c.closed_by_run IS NULL)
"""


@pytest.mark.slow
@pytest.mark.django_db
def test_whatever_happens_one_structure_holds() -> None:
    kinds = (Kind.LYCEE, Kind.CIO, Kind.CIO, Kind.MLDS, Kind.PSAD, Kind.MISSION_LOCALE)
    Relays.places = [cast.structure(kind, basin=cast.basin()) for kind in kinds]
    cast.agreed(Relays.places[5])
    roles = (Role.HEAD, *[Role.AGENT] * 5)
    Relays.actors = [cast.actor(p, r) for p, r in zip(Relays.places, roles, strict=True)]
    run_state_machine_as_test(
        Relays,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
