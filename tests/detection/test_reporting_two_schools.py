"""Listed by two schools: one young person, one case; the last school holds, the other is told."""

from datetime import date

import pytest
from tests import cast
from tests.detection.nights import DAY, LAST_YEAR, Nights, moved, pupils, uai, without

from raccord.accounts.roles import Role
from raccord.detection import undo
from raccord.followup.models import Case, Departure, Notification, Party, TimelineEvent

pytestmark = pytest.mark.django_db

OCTOBER = date(2026, 10, 10)


def parties(case: Case) -> set[tuple[str, str]]:
    """(UAI, kind) of those who take part."""
    found = Party.objects.filter(case=case, until=None)
    return set(found.values_list("structure__uai", "kind"))


def test_in_one_night_the_other_is_associated_and_told(nights: Nights) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    rest = without(everybody, 3)
    nights.deposit([*rest, moved(everybody[3], uai(1), "B1")], OCTOBER)
    nights.deposit(rest, DAY)
    head = cast.member(nights.schools[3], Role.HEAD)
    last = cast.member(nights.schools[1], Role.HEAD)

    nights.night()

    case = Case.objects.get(person__ine=[everybody[3]["ine"]])
    assert case.holder.uai == uai(1)
    assert Departure.objects.filter(case=case).count() == 2
    assert parties(case) == {
        (uai(1), "holder"),
        (uai(1), "origin"),
        (uai(3), "origin"),
        (uai(3), "associated"),
    }
    told = Notification.objects.filter(case=case, kind="associated")
    assert list(told.values_list("user", flat=True)) == [head.pk]
    assert not Notification.objects.filter(user=last).exists()
    event = TimelineEvent.objects.get(case=case, kind="associated")
    assert event.facts == {"structure": nights.schools[3].name, "why": "also_left"}
    again = nights.night()
    assert not any(again.stats["acts"].values())
    assert told.count() == 1


@pytest.mark.parametrize("worked", [False, True], ids=["untouched", "worked on"])
def test_from_one_night_to_the_next_the_baton_follows_the_last_school(
    nights: Nights, worked: bool
) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    rest = without(everybody, 3)
    nights.deposit(rest, OCTOBER)
    nights.night(OCTOBER)
    case = nights.case_of(everybody[3])
    assert case.holder.uai == uai(3)
    if worked:
        Case.objects.filter(pk=case.pk).update(worked_on_at=case.last_activity_at)
    # they come to another school, whose own list never says it found them, and leave it too
    Case.objects.filter(pk=case.pk).update(worked_on_at=case.last_activity_at)
    nights.deposit([*rest, moved(everybody[3], uai(1), "B1")], date(2026, 11, 2))
    nights.night(date(2026, 11, 2))
    if not worked:
        Case.objects.filter(pk=case.pk).update(worked_on_at=None)
    nights.deposit(rest, DAY)

    run = nights.night()

    case.refresh_from_db()
    assert Departure.objects.filter(case=case).count() == 2
    holder, other = (uai(3), uai(1)) if worked else (uai(1), uai(3))
    assert case.holder.uai == holder
    assert parties(case) == {
        (holder, "holder"),
        (uai(1), "origin"),
        (uai(3), "origin"),
        (other, "associated"),
    }

    undo.undo_run(run, by="essai")
    case.refresh_from_db()
    assert case.holder.uai == uai(3)
    assert {kind for where, kind in parties(case) if where == uai(1)} == set()


def test_what_a_night_told_goes_with_it(nights: Nights) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    rest = without(everybody, 3)
    nights.deposit([*rest, moved(everybody[3], uai(1), "B1")], OCTOBER)
    nights.deposit(rest, DAY)
    cast.member(nights.schools[3], Role.HEAD)
    run = nights.night()
    assert Notification.objects.exists()
    undo.undo_run(run, by="essai")
    assert not Case.objects.exists()
    assert not Notification.objects.exists()
