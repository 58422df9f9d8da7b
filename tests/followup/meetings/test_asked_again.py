"""A group that follows somebody already is asked to look at their case once more."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests import cast

from raccord.accounts.actors import Actor
from raccord.accounts.middleware import acting_in_database
from raccord.accounts.roles import Role
from raccord.followup.meetings import services
from raccord.followup.meetings.models import AgendaItem, Meeting
from raccord.followup.models import Case, Notification, Party, TimelineEvent
from raccord.followup.relay import services as relay
from raccord.followup.relay.grouping import ask_group
from raccord.followup.services.acting import Refused
from raccord.followup.vocabulary import Lane
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Structure:
    return cast.structure(Kind.LYCEE, basin=cast.basin())


@pytest.fixture
def head(school: Structure) -> Actor:
    return cast.actor(school)


@pytest.fixture
def group() -> Structure:
    return cast.structure(Kind.PSAD, basin=cast.basin(), name="PSAD du Pays de Retz")


@pytest.fixture
def leader(group: Structure) -> Actor:
    return cast.actor(group, Role.LEAD)


@pytest.fixture
def case(school: Structure, head: Actor, group: Structure) -> Case:
    made = cast.case(school)
    relay.associate(head, case=made.pk, structure=group, reason="group")
    return made


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\u00a0", " ").replace("\u202f", " ").split())


def planned(leader: Actor) -> Meeting:
    today = timezone.localdate()
    return services.plan(leader, group=leader.structures[0].pk, on=today)


def on_agenda(meeting: Meeting, case: Case) -> str:
    found = AgendaItem.objects.filter(meeting=meeting, case=case).values_list("why", flat=True)
    return found.first() or ""


def looked_at(leader: Actor, case: Case) -> Meeting:
    """The group said that the follow-up goes on: nothing calls it back by itself."""
    meeting = planned(leader)
    services.carry_on(leader, item=AgendaItem.objects.get(meeting=meeting, case=case).pk)
    return meeting


def test_it_comes_back_on_the_next_agenda(leader: Actor, head: Actor, case: Case) -> None:
    services.close(leader, meeting=looked_at(leader, case).pk)
    assert on_agenda(planned(leader), case) == ""
    Notification.objects.all().delete()
    client, sheet = cast.signed_in(head.user), f"/dossiers/{case.pk}/"
    assert f'action="{sheet}groupe/"' in text(client.get(sheet))

    page = text(client.post(f"{sheet}groupe/", follow=True))

    assert "« PSAD du Pays de Retz » verra ce dossier à sa prochaine réunion." in page
    assert "Demandé de nouveau" in page
    assert set(Notification.objects.values_list("user", "kind")) == {(leader.user.pk, "group")}
    assert on_agenda(planned(leader), case) == "asked"
    assert Party.objects.filter(case=case, kind="associated", until=None).count() == 1


def test_asked_while_the_group_sits_it_is_not_lost(leader: Actor, head: Actor, case: Case) -> None:
    meeting = looked_at(leader, case)
    ask_group(head, case=case.pk)
    services.close(leader, meeting=meeting.pk)
    assert on_agenda(planned(leader), case) == "asked"


def test_it_is_not_asked_twice(leader: Actor, head: Actor, case: Case) -> None:
    with pytest.raises(Refused, match="est déjà saisi"):
        ask_group(head, case=case.pk)
    meeting = planned(leader)
    with pytest.raises(Refused, match="déjà à l’ordre du jour"):
        ask_group(head, case=case.pk)
    services.postpone(leader, item=AgendaItem.objects.get(meeting=meeting, case=case).pk)
    with pytest.raises(Refused, match="déjà à l’ordre du jour"):
        ask_group(head, case=case.pk)
    services.carry_on(leader, item=AgendaItem.objects.get(meeting=meeting, case=case).pk)
    ask_group(head, case=case.pk)
    with pytest.raises(Refused, match="est déjà saisi"):
        ask_group(head, case=case.pk)


def test_who_asks_and_for_whom(leader: Actor, head: Actor, case: Case, school: Structure) -> None:
    looked_at(leader, case)
    mlds = cast.structure(Kind.MLDS)
    worker = cast.actor(mlds, Role.AGENT)
    with pytest.raises(Case.DoesNotExist):
        ask_group(worker, case=case.pk)
    with pytest.raises(Refused, match="secrétariat"):
        ask_group(cast.actor(school, Role.SECRETARIAT), case=case.pk)
    relay.associate(head, case=case.pk, structure=mlds, reason="joint")
    with acting_in_database(worker.user.pk):
        event = ask_group(worker, case=case.pk)
    assert event.structure == mlds
    alone = cast.case(school)
    with pytest.raises(Refused, match="Aucun groupe d’appui ne suit"):
        ask_group(head, case=alone.pk)


@pytest.mark.parametrize(
    "fields",
    [
        {"lane": Lane.UNDER_16},
        {"provisional": True},
        {"status": "closed", "outcome": "schooled", "closed_on": timezone.localdate()},
    ],
)
def test_never_for_whom_a_group_does_not_look_at(
    leader: Actor, head: Actor, case: Case, fields: dict[str, Any]
) -> None:
    looked_at(leader, case)
    Case.objects.filter(pk=case.pk).update(**fields)
    with pytest.raises(Refused):
        ask_group(head, case=case.pk)
    assert TimelineEvent.objects.filter(kind="associated").count() == 1
    assert "groupe/" not in text(cast.signed_in(head.user).get(f"/dossiers/{case.pk}/"))


def test_a_meeting_of_long_ago_is_behind(leader: Actor, head: Actor, case: Case) -> None:
    """What was asked before the group spoke was answered by it."""
    meeting = looked_at(leader, case)
    services.close(leader, meeting=meeting.pk)
    AgendaItem.objects.update(decided_at=timezone.now() + timedelta(minutes=1))
    assert on_agenda(planned(leader), case) == ""
