"""Two people, or two hundred, act on one case in the same second: one wins, the others are told."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections
from tests import cast

from raccord.accounts.actors import Actor
from raccord.accounts.middleware import acting_in_database
from raccord.accounts.roles import Role
from raccord.followup import services as acts
from raccord.followup.models import Case, Handover, Party, TimelineEvent
from raccord.followup.relay import services
from raccord.followup.services.acting import ChangedMeanwhile, Refused
from raccord.territory.kinds import Kind

#: At once, on a server that holds a hundred connections: twenty-five by turns.
ANSWERS, HANDS = 200, 25


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_two_hundred_acceptances_make_one() -> None:
    school, cio = cast.structure(), cast.structure(Kind.CIO)
    case = cast.case(school)
    head = cast.actor(school)
    services.hand_over(head, receivers={case.pk: cio}, reason="interview")
    handover = Handover.objects.get(case=case)
    advisers = [cast.actor(cio, Role.AGENT) for _ in range(5)]
    together = Barrier(HANDS)

    def accept(rank: int) -> str:
        actor: Actor = advisers[rank % len(advisers)]
        if rank < HANDS:
            together.wait()
        try:
            with acting_in_database(actor.user.pk):
                services.accept(actor, handover=handover.pk)
        except Refused as refused:
            return str(refused)
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(HANDS) as hands:
        said = list(hands.map(accept, range(ANSWERS)))
    assert said.count("") == 1
    assert {one.split(".")[0] for one in said if one} <= {
        "Aucun relais n’attend votre réponse sur ce dossier",
        "Ce relais n’attend plus de réponse : accepté",
    }
    assert TimelineEvent.objects.filter(case=case, kind="accepted").count() == 1
    assert Party.objects.filter(case=case, kind="holder", until=None).count() == 1
    assert Case.objects.get(pk=case.pk).holder == cio


@pytest.mark.django_db(transaction=True)
def test_the_second_of_two_is_told_and_overwrites_nothing() -> None:
    school = cast.structure()
    case = cast.case(school)
    actors = [cast.actor(school), cast.actor(school, Role.CORRESPONDENT)]
    together = Barrier(2)

    def say(rank: int) -> str:
        actor = actors[rank]
        together.wait()
        try:
            with acting_in_database(actor.user.pk):
                acts.record_situation(
                    actor,
                    case=case.pk,
                    kind=("job", "schooled")[rank],
                    proof="declaration",
                    version=case.version,
                )
        except ChangedMeanwhile as changed:
            return str(changed)
        finally:
            connections.close_all()
        return ""

    with ThreadPoolExecutor(2) as hands:
        said = sorted(hands.map(say, range(2)))
    assert said[0] == ""
    assert "a changé pendant que vous écriviez" in said[1]
    assert TimelineEvent.objects.filter(case=case, kind="situation").count() == 1
