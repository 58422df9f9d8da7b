"""Nights over small registers: who is opened, updated, closed; and who is left alone."""

import pytest
from tests.detection.nights import DAY, LAST_YEAR, Nights, moved, pupils, uai, without

from raccord.followup.models import Case, Departure, Destination, Party, Person, TimelineEvent

pytestmark = pytest.mark.django_db


def test_who_is_nowhere_has_a_case_held_by_the_school_they_left(nights: Nights) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    nights.deposit(without(everybody, 3, 10), DAY)

    run = nights.night()

    assert run.stats["acts"]["opened"] == 2
    assert Case.objects.count() == 2
    case = nights.case_of(everybody[3])
    assert case.holder.uai == everybody[3]["uai"]
    assert case.status == "to_check"
    assert case.opened_by_run == run.pk
    assert sorted(Party.objects.filter(case=case).values_list("kind", flat=True)) == [
        "holder",
        "origin",
    ]
    assert list(TimelineEvent.objects.filter(case=case).values_list("kind", flat=True)) == [
        "opened"
    ]
    person = case.person
    assert person.last_name.upper() == everybody[3]["nom_famille"].upper()
    assert person.ine == [everybody[3]["ine"]]
    departure = Departure.objects.get(case=case)
    assert departure.verdict == "missing"
    assert "nearest" not in departure.evidence


def test_the_same_night_twice_changes_nothing(nights: Nights) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    nights.deposit(without(everybody, 3, 10), DAY)
    nights.night()
    before = list(Case.objects.order_by("id").values())

    second = nights.night()

    assert not any(second.stats["acts"].values())
    assert list(Case.objects.order_by("id").values()) == before
    assert second.changes.count() == 0


def test_who_is_found_later_is_closed_with_the_place_apart(nights: Nights) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    rest = without(everybody, 3)
    nights.deposit(rest, DAY)
    nights.night()
    case = nights.case_of(everybody[3])

    nights.deposit([*rest, moved(everybody[3], uai(9), "A1")], DAY)
    run = nights.night()

    case.refresh_from_db()
    assert (case.status, case.outcome) == ("closed", "found")
    assert case.closed_by_run == run.pk
    assert Destination.objects.get(case=case).uai == uai(9)
    told = TimelineEvent.objects.get(case=case, kind="found")
    assert uai(9) not in str(told.facts) + told.note


def test_who_leaves_again_is_listed_again(nights: Nights) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    rest = without(everybody, 3)
    nights.deposit(rest, DAY)
    nights.night()
    nights.deposit([*rest, moved(everybody[3], uai(9), "A1")], DAY)
    nights.night()

    nights.deposit(rest, DAY)
    nights.night()

    case = Case.objects.get()
    assert (case.status, case.outcome, case.closed_on) == ("to_check", "", None)
    assert not Destination.objects.exists()
    assert Person.objects.count() == 1


def test_who_looks_like_somebody_enrolled_is_to_confirm_with_the_candidate_first(
    nights: Nights,
) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    other = moved(everybody[3], uai(9), "A1", ine="", prenom="Zoé-Lou", commune_naissance="")
    nights.deposit([*without(everybody, 3), other], DAY)

    nights.night()

    case = nights.case_of(everybody[3])
    nearest = case.candidates.first()
    assert (nearest.uai, nearest.local_id, nearest.rank) == (uai(9), "A1", 1)
    assert nearest.structure == nights.cfa
    assert "date_naissance" in nearest.agree
    assert case.candidates.count() <= 3
