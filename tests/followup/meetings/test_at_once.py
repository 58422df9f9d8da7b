"""Two secretaries of one meeting write what is said of one case in the same second: one of them is
told that the other did, and what was decided is whole."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from tests import cast

from raccord.accounts.actors import Actor
from raccord.accounts.middleware import acting_in_database
from raccord.accounts.roles import Role
from raccord.followup.meetings import services
from raccord.followup.meetings.models import AgendaItem
from raccord.followup.models import Mandate, Party, Recommendation, TimelineEvent
from raccord.followup.services.acting import ChangedMeanwhile
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

Say = Callable[[Actor, Any, int], Any]
_SAID = {"recommended", "postponed", "continued", "mandated"}


def _recommends(kind: str, mandated: Structure | None = None) -> Say:
    def say(actor: Actor, item: Any, version: int) -> Any:
        return services.decide(actor, item=item, kind=kind, structure=mandated, version=version)

    return say


def _postpones(actor: Actor, item: Any, version: int) -> Any:
    return services.postpone(actor, item=item, version=version)


def _goes_on(actor: Actor, item: Any, version: int) -> Any:
    return services.carry_on(actor, item=item, version=version)


@pytest.mark.django_db(transaction=True)
def test_one_of_two_secretaries_wins_and_the_other_is_told() -> None:
    school = cast.structure(basin=cast.basin())
    group = cast.structure(Kind.PSAD, basin=cast.basin())
    mlds, cio = cast.structure(Kind.MLDS), cast.structure(Kind.CIO)
    secretaries = [cast.actor(group, Role.LEAD), cast.actor(group, Role.AGENT)]
    pairs: list[tuple[Say, Say]] = [
        (_recommends("return"), _recommends("cfa")),
        (_recommends("return", mlds), _recommends("cfa", cio)),
        (_recommends("cfa"), _postpones),
        (_postpones, _goes_on),
    ]
    cases = [cast.case(school) for _ in pairs]
    for case in cases:
        Party.objects.create(case=case, structure=group, kind="associated")
    meeting = services.plan(secretaries[0], group=group.pk, on=timezone.localdate())
    items = dict(meeting.items.values_list("case", "pk"))
    together = Barrier(2, timeout=60)

    def write(rank: int) -> list[str]:
        actor, said = secretaries[rank], []
        try:
            for case, pair in zip(cases, pairs, strict=True):
                together.wait()
                try:
                    with acting_in_database(actor.user.pk):
                        pair[rank](actor, items[case.pk], case.version)
                except ChangedMeanwhile as changed:
                    said.append(str(changed))
                else:
                    said.append("")
        finally:
            connections.close_all()
        return said

    with ThreadPoolExecutor(2) as hands:
        first, second = hands.map(write, range(2))

    for case, told in zip(cases, zip(first, second, strict=True), strict=True):
        assert sorted(map(bool, told)) == [False, True], "one, and only one, is told"
        assert "a changé pendant que vous écriviez" in max(told)
        item = AgendaItem.objects.get(case=case)
        kinds = list(
            TimelineEvent.objects.filter(case=case, kind__in=_SAID)
            .order_by("at", "pk")
            .values_list("kind", flat=True)
        )
        made = Recommendation.objects.filter(case=case)
        given = Mandate.objects.filter(case=case)
        assert [one.pk for one in made] == ([item.recommendation_id] if made else [])
        assert [one.pk for one in given] == ([item.mandate_id] if given else [])
        assert bool(made) == (item.decision == "recommended")
        assert len(kinds) == 1 + given.count(), kinds
