"""What the room asks of the database does not grow with the agenda, of 300 cases for one."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from tests import cast
from tests.followup.test_queries import fill
from tests.queries import recorded

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup.meetings import services
from raccord.followup.models import Case, Mandate, Meeting, Party, Person, Recommendation
from raccord.territory.kinds import Kind

pytestmark = pytest.mark.django_db
HERE = Path(__file__).parent


@pytest.fixture
def room(request: Any) -> tuple[Any, Meeting]:
    """Somebody of a group, and a meeting of so many cases, half of them decided."""
    school = cast.structure()
    group, cio = cast.structure(Kind.PSAD), cast.structure(Kind.CIO)
    lead = cast.member(group, Role.LEAD)
    fill(school, request.param)
    Person.objects.update(training=False)
    Party.objects.bulk_create(
        Party(case=case, structure=group, kind="associated") for case in Case.objects.all()
    )
    made = services.plan(Actor.of(lead), group=group.pk, on=timezone.localdate())
    half = list(made.items.all()[::2])
    said = [
        Recommendation(case_id=item.case_id, structure=group, kind="cfa", course="CAP")
        for item in half
    ]
    given = [
        Mandate(
            case_id=one.case_id,
            structure=cio,
            given_by_structure=group,
            recommendation=one,
            report_by=timezone.localdate() + timedelta(days=30),
        )
        for one in said
    ]
    Recommendation.objects.bulk_create(said)
    Mandate.objects.bulk_create(given)
    for item, one, mandate in zip(half, said, given, strict=True):
        item.recommendation, item.mandate = one, mandate
        item.decision, item.decided_at = "recommended", timezone.now()
    made.items.bulk_update(half, ["recommendation", "mandate", "decision", "decided_at"])
    client = cast.signed_in(lead)
    client.get("/hors-perimetre/")
    return client, made


few_or_many = pytest.mark.parametrize("room", [3, 20], indirect=True)


@pytest.mark.parametrize("room", [3, 300], indirect=True)
def test_an_agenda_of_three_hundred_cases(room: tuple[Any, Meeting]) -> None:
    client, made = room
    with recorded(HERE / "queries-agenda.txt", at_most=15):
        page = client.get(f"/reunions/{made.pk}/").content
    assert page.count(b"<tr") == 1 + made.items.count()
    assert b"Mandat au " in page


@few_or_many
def test_one_case_of_it(room: tuple[Any, Meeting]) -> None:
    client, made = room
    item = made.items.order_by("rank")[1]
    with recorded(HERE / "queries-room.txt", at_most=26):
        client.get(f"/reunions/{made.pk}/dossiers/{item.pk}/")


@few_or_many
def test_the_minutes(room: tuple[Any, Meeting]) -> None:
    client, made = room
    with recorded(HERE / "queries-minutes.txt", at_most=15):
        client.get(f"/reunions/{made.pk}/compte-rendu.odt")


@few_or_many
def test_planning(room: tuple[Any, Meeting]) -> None:
    client, made = room
    asked = {"group": made.group_id, "on": made.on.isoformat()}
    with recorded(HERE / "queries-plan.txt", at_most=15):
        assert client.post("/reunions/", asked).status_code == 302
    assert Meeting.objects.exclude(pk=made.pk).get().items.exists()
