"""What may be done with a case: one place decides, and sight agrees with the database's rule."""

import random
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests import cast

from raccord.accounts.actors import Actor
from raccord.accounts.models import Membership
from raccord.accounts.roles import Role
from raccord.followup.models import Case, Party, Person
from raccord.followup.rights import Act, abilities
from raccord.followup.vocabulary import Lane, PartyKind, Status
from raccord.territory.kinds import Kind

pytestmark = pytest.mark.django_db


def _world(seed: int) -> tuple[list[Case], list[Actor]]:
    """Schools, services, departements; cases of every state; people of every role and scope."""
    draw = random.Random(seed)
    today = timezone.localdate()
    places = [cast.departement("044"), cast.departement("049")]
    basins = [cast.basin("Bassin A"), cast.basin("Bassin B"), None]
    schools = [
        cast.structure(departement=draw.choice(places), basin=draw.choice(basins)) for _ in range(3)
    ]
    services = [
        cast.structure(kind, departement=draw.choice(places), basin=draw.choice(basins))
        for kind in (Kind.CIO, Kind.DSDEN, Kind.MISSION_LOCALE)
    ]
    cases = []
    for _ in range(12):
        status = draw.choice([Status.TO_CHECK, Status.TO_CONFIRM, Status.CLOSED])
        fields: dict[str, Any] = {
            "lane": draw.choice([Lane.UNDER_16, Lane.OBLIGATION_16_17, Lane.DROPOUT]),
            "status": status,
            "level": draw.choice(["1re ASSP", "2de MTNE"]),
            "untouched_until": draw.choice([None, today - timedelta(days=1), today]),
            "worked_on_at": draw.choice([None, timezone.now()]),
            "provisional": draw.random() < 0.2,
            "departement": draw.choice([*places, None]),
            "basin": draw.choice(basins),
        }
        if status == Status.CLOSED:
            fields |= {"outcome": "found", "closed_on": today}
        made = cast.case(draw.choice(schools), **fields)
        if draw.random() < 0.4:
            kind = draw.choice([PartyKind.RECEIVER, PartyKind.ASSOCIATED])
            ended = today if draw.random() < 0.3 else None
            Party.objects.create(case=made, structure=draw.choice(services), kind=kind, until=ended)
        Person.objects.filter(pk=made.person_id).update(hidden=draw.random() < 0.1)
        cases.append(made)
    people = []
    for role in Role:
        for _ in range(4):
            where = draw.choice(schools + services)
            narrow: dict[str, Any] = {}
            if role is Role.CORRESPONDENT:
                narrow = draw.choice(
                    [
                        {},
                        {"scope": "classes", "classes": ["1re ASSP"]},
                        {"scope": "pupils", "pupils": [draw.choice(cases).pk]},
                    ]
                )
            people.append(cast.member(where, role, **narrow))
    for user in draw.sample(people, 6):
        Membership.objects.create(
            user=user,
            structure=draw.choice(schools + services),
            role=draw.choice(list(Role)),
            starts_on=today + timedelta(days=draw.choice([-3, 0, 1])),
            ends_on=draw.choice([None, today + timedelta(days=1)]),
        )
    return cases, [Actor.of(user) for user in people]


@pytest.mark.parametrize("seed", range(4))
def test_what_is_visible_is_what_may_be_viewed(seed: int) -> None:
    """`case in visible_to(actor)` and `abilities(actor, case)["view"]` say the same."""
    cases, actors = _world(seed)
    ids = [case.pk for case in cases]
    known = list(
        Case.objects.filter(pk__in=ids)
        .select_related("person")
        .prefetch_related("parties", "departures")
        .order_by("pk")
    )
    seen_once = 0
    for actor in actors:
        visible = set(
            Case.objects.visible_to(actor).filter(pk__in=ids).values_list("pk", flat=True)
        )
        allowed = {case.pk for case in known if abilities(actor, case)[Act.VIEW]}
        assert allowed == visible, actor.memberships
        seen_once += len(visible)
    assert seen_once > 10


def test_nobody_signed_in_may_do_nothing() -> None:
    case = cast.case(cast.structure())
    assert not any(abilities(None, case).values())


def test_an_unseen_case_refuses_every_act_with_the_same_sentence() -> None:
    case = cast.case(cast.structure())
    stranger = cast.actor(cast.structure())
    refusals = abilities(stranger, case)
    assert not any(refusals.values())
    assert len({ability.refusal for ability in refusals.values()}) == 1


def test_a_secretariat_completes_details_and_prepares_letters_and_nothing_else() -> None:
    school = cast.structure()
    case = cast.case(school)
    allowed = {
        a for a, able in case.abilities(cast.actor(school, Role.SECRETARIAT)).items() if able
    }
    assert allowed == {Act.VIEW, Act.DETAILS, Act.LETTER}


def test_a_structure_that_was_only_asked_looks_on() -> None:
    """A receiver reads what it is offered; it writes once it has accepted."""
    case = cast.case(cast.structure())
    cio = cast.structure(Kind.CIO)
    Party.objects.create(case=case, structure=cio, kind=PartyKind.RECEIVER)
    able = case.abilities(cast.actor(cio, Role.AGENT))
    assert able[Act.VIEW]
    assert not able[Act.CALL]
    assert "sans le porter" in able[Act.CALL].refusal


def test_under_16_a_case_never_leaves_for_a_partner() -> None:
    school = cast.structure()
    able = cast.case(school, lane=Lane.UNDER_16).abilities(cast.actor(school))
    assert not able[Act.TRANSMIT]
    assert "DSDEN" in able[Act.TRANSMIT].refusal


def test_a_closed_case_is_reopened_first() -> None:
    school = cast.structure()
    today = timezone.localdate()
    case = cast.case(school, status=Status.CLOSED, outcome="found", closed_on=today)
    able = case.abilities(cast.actor(school))
    assert able[Act.REOPEN]
    assert not able[Act.CALL]
    assert able[Act.SITUATION]
