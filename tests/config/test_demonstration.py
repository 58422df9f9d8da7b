"""The story of the demonstration: every chapter is played, and its past holds together."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Count, F, Q
from django.utils import timezone
from tests import cast

from raccord.accounts.actors import Actor
from raccord.accounts.models import User
from raccord.config.demonstration import accounts, partners, story
from raccord.followup.models import Case, Handover, Mandate, Meeting, Party, TimelineEvent
from raccord.followup.vocabulary import Lane, PartyKind
from raccord.territory.kinds import Kind

pytestmark = pytest.mark.django_db

_KINDS = (
    Kind.COLLEGE, Kind.LYCEE_PRO, Kind.CFA, Kind.LYCEE_AGRICOLE, Kind.CIO, Kind.MLDS, Kind.PSAD,
    Kind.MISSION_LOCALE, Kind.EMPLOYMENT_PLATFORM, Kind.FRANCE_TRAVAIL,
    Kind.INFO_JEUNES, Kind.E2C, Kind.EPIDE, Kind.GRETA, Kind.DSDEN, Kind.RECTORAT, Kind.REGION,
    Kind.DRAAF,
)  # fmt: skip


@pytest.fixture
def played() -> Iterator[list[str]]:
    """A small territory after its night, then the story; what was left out of it."""
    today = timezone.localdate()
    basin = cast.basin()
    found: dict[Kind, Any] = {}
    for kind in _KINDS:
        found.setdefault(kind, cast.structure(kind, basin=basin))
    cast.structure(Kind.MISSION_LOCALE, name="Mission locale sans accord")
    school, other = found[Kind.LYCEE_PRO], cast.structure(Kind.LYCEE, basin=basin)
    wanted = (
        (school, Lane.DROPOUT, 19, 4), (school, Lane.OBLIGATION_16_17, 17, 5),
        (school, Lane.GRADUATE, 19, 20), (other, Lane.DROPOUT, 19, 30),
        (other, Lane.OBLIGATION_16_17, 17, 22), (found[Kind.CFA], Lane.DROPOUT, 18, 4),
        (found[Kind.CFA], Lane.GRADUATE, 20, 4), (found[Kind.LYCEE_AGRICOLE], Lane.DROPOUT, 18, 3),
        (found[Kind.COLLEGE], Lane.UNDER_16, 14, 2),
    )  # fmt: skip
    for place, lane, years, number in wanted:
        for _ in range(number):
            who = cast.person(birth_date=today - timedelta(days=365 * years + 100))
            cast.case(place, of=who, lane=lane, untouched_until=today + timedelta(days=15))
    Case.objects.update(left_on=today - timedelta(days=90))
    accounts.create_accounts("17", today)
    admin = Actor.of(User.objects.get(email="rectorat@demo.test"))
    assert partners.agree(admin, "17", today) == "Mission locale sans accord"
    yield story.play("17", today, print)


def test_every_chapter_is_played_and_the_past_holds(played: list[str]) -> None:
    assert not played, played
    now, today = timezone.now(), timezone.localdate()

    # Cases at every stage, of every answer.
    statuses = set(Handover.objects.values_list("status", flat=True))
    assert statuses >= {"waiting", "accepted", "sent_back", "redirected"}
    asked = {(today - at.date()).days for at in _waiting("asked_at")}
    assert asked >= {2, 12, 29}
    assert set(Case.objects.values_list("stage", flat=True)) == {"spotted", "diagnosis", "care"}
    late = Mandate.objects.filter(status="given", report_by__lt=today)
    assert late.exists()
    assert Mandate.objects.filter(status="reported").exists()
    assert set(Meeting.objects.values_list("status", flat=True)) == {"planned", "closed"}

    # One holder, as everywhere; nothing from the future; an answer after its question.
    holders = Count("parties", Q(parties__kind=PartyKind.HOLDER, parties__until=None))
    assert not Case.objects.annotate(n=holders).exclude(n=1).exists()
    assert not TimelineEvent.objects.filter(at__gt=now).exists()
    assert not Handover.objects.filter(answered_at__lt=F("asked_at")).exists()
    assert not Mandate.objects.filter(reported_on__lt=F("given_on")).exists()
    assert not Party.objects.filter(since__gt=today).exists()
    first = TimelineEvent.objects.order_by("case", "at").distinct("case")
    assert set(first.values_list("kind", flat=True)) == {"opened", "reported"}


def _waiting(field: str) -> Any:
    return Handover.objects.filter(status="waiting").values_list(field, flat=True)


def test_each_account_has_something_to_open(played: list[str]) -> None:
    empty = []
    for user in User.objects.filter(demo=True):
        actor = Actor.of(user)
        if actor.sees_names and not Case.objects.visible_to(actor).exists():
            empty.append(user.email)
    assert not empty, empty
