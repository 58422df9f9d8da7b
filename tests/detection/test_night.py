"""Nights over small registers: who is opened, updated, closed; and who is left alone."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from tests import cast
from tests.detection.nights import DAY, LAST_YEAR, Nights, moved, pupils, uai, without

from raccord.detection import night
from raccord.detection.models import Run, RunState
from raccord.followup.models import (
    Case,
    ContactDetails,
    Departure,
    Destination,
    Party,
    Person,
    TimelineEvent,
)
from raccord.followup.services.instructing import tell_dsden
from raccord.territory.kinds import Kind

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


def _worked_on(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(worked_on_at=timezone.now(), status="to_check")


def test_a_case_somebody_worked_on_is_never_closed_by_a_night(nights: Nights) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    rest = without(everybody, 3)
    nights.deposit(rest, DAY)
    nights.night()
    case = nights.case_of(everybody[3])
    _worked_on(case)
    nights.deposit([*rest, moved(everybody[3], uai(9), "A1")], DAY)

    nights.night()
    case.refresh_from_db()
    assert (case.status, case.outcome) == ("to_confirm", "")
    assert Destination.objects.get(case=case).uai == uai(9)
    assert case.timeline.filter(kind="asked_to_confirm").count() == 1
    assert case.candidates.first().local_id == "A1"  # what « c’est lui » will be said of

    assert not any(nights.night().stats["acts"].values())
    nights.deposit(rest, DAY)
    nights.night()
    case.refresh_from_db()
    assert case.status == "to_check"
    assert case.timeline.filter(kind="listed_again").count() == 1
    assert not Destination.objects.exists()


def test_a_case_closed_by_a_human_is_never_opened_again_for_the_same_leaving(
    nights: Nights,
) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    nights.deposit(without(everybody, 3), DAY)
    nights.night()
    Case.objects.update(status="closed", outcome="job", closed_on=DAY, worked_on_at=timezone.now())

    run = nights.night(DAY + timedelta(days=20))

    assert not any(run.stats["acts"].values())
    assert Case.objects.count() == 1


def test_two_schools_one_young_person_one_case_the_last_school_holds(nights: Nights) -> None:
    everybody = pupils()
    first = everybody[3] | {"date_sortie": "2026-01-12"}
    last = moved(everybody[3], uai(9), "A1", date_entree="2026-01-13")
    nights.deposit([*without(everybody, 3), first, last], LAST_YEAR)
    nights.deposit(without(everybody, 3), DAY)

    nights.night()

    case = Case.objects.get()
    assert case.holder == nights.cfa
    assert Departure.objects.filter(case=case).count() == 2
    assert set(Party.objects.filter(case=case).values_list("kind", "structure__uai")) == {
        ("holder", uai(9)),
        ("origin", uai(9)),
        ("origin", uai(3)),
        ("associated", uai(3)),
    }


def test_a_move_inside_one_house_is_silent(nights: Nights) -> None:
    part = nights.school(8, Kind.SEP, house=nights.schools[3])
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    inside = moved(everybody[3], part.uai, "S1", ine="", nom_usage="Autre")
    nights.deposit([*without(everybody, 3), inside], DAY)

    nights.night()

    assert not Case.objects.exists()


def test_on_their_sixteenth_birthday_the_lane_changes(nights: Nights) -> None:
    everybody = pupils()
    everybody[3] = everybody[3] | {"date_naissance": "2010-11-17"}
    nights.deposit(everybody, LAST_YEAR)
    nights.deposit(without(everybody, 3), DAY)
    nights.night()
    case = nights.case_of(everybody[3])
    assert case.lane == "under_16"

    nights.night(DAY + timedelta(days=1))

    case.refresh_from_db()
    assert case.lane == "obligation_16_17"
    assert case.version == 2


def test_told_to_the_dsden_then_sixteen_is_to_check_again(nights: Nights) -> None:
    everybody = pupils()
    everybody[3] = everybody[3] | {"date_naissance": "2010-11-17"}
    nights.deposit(everybody, LAST_YEAR)
    nights.deposit(without(everybody, 3), DAY)
    nights.night()
    tell_dsden(cast.actor(nights.schools[3]), case=nights.case_of(everybody[3]).pk)
    assert not any(nights.night().stats["acts"].values())

    nights.night(DAY + timedelta(days=1))

    case = nights.case_of(everybody[3])
    assert (case.lane, case.status) == ("obligation_16_17", "to_check")


def test_who_died_is_hidden_and_told_nowhere(nights: Nights) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    nights.deposit(without(everybody, 3, 10), DAY)
    nights.night()
    case = nights.case_of(everybody[3])
    events = TimelineEvent.objects.count()

    dead = [everybody[n] | {"date_sortie": "2026-11-10", "motif_sortie": "43"} for n in (3, 12)]
    nights.deposit([*without(everybody, 3, 10, 12), *dead], DAY)
    nights.night()

    case.refresh_from_db()
    assert (case.status, case.outcome) == ("closed", "silent")
    assert case.person.hidden
    assert not case.parties.filter(until=None).exists()
    assert TimelineEvent.objects.count() == events
    assert Case.objects.count() == 2  # the second one never had a case
    assert not any(nights.night().stats["acts"].values())


def test_before_the_constat_nothing_counts_then_the_clock_starts(nights: Nights) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    nights.deposit(without(everybody, 3), date(2026, 9, 10))
    nights.night(date(2026, 9, 10))
    case = Case.objects.get()
    assert (case.provisional, case.untouched_until) == (True, None)

    nights.night(date(2026, 9, 21))

    case.refresh_from_db()
    assert (case.provisional, case.untouched_until) == (False, date(2026, 10, 6))


def test_what_a_human_completed_is_not_overwritten(nights: Nights) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    gone = [everybody[n] | {"date_sortie": "2026-11-01", "telephone": "0699000001"} for n in (3, 5)]
    nights.deposit([*without(everybody, 3, 5), *gone], DAY)
    nights.night()
    kept = nights.case_of(everybody[3]).person.details
    ContactDetails.objects.filter(pk=kept.pk).update(
        phone="06 99 00 00 99", completed_at=timezone.now()
    )

    gone = [row | {"telephone": "0699000002"} for row in gone]
    nights.deposit([*without(everybody, 3, 5), *gone], DAY)
    nights.night()

    kept.refresh_from_db()
    assert kept.phone == "06 99 00 00 99"
    assert nights.case_of(everybody[5]).person.details.phone == "0699000002"


def test_a_skipped_day_and_an_earlier_state_change_nothing_else(nights: Nights) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    nights.deposit(without(everybody, 3), DAY)
    nights.night()

    nights.deposit(everybody, DAY - timedelta(days=9))  # an old state, given late
    run = nights.night(DAY + timedelta(days=4))

    assert run.stats["acts"]["opened"] == 0
    assert Case.objects.get().status == "to_check"


def test_a_school_unknown_to_the_directory_is_told(nights: Nights) -> None:
    everybody = pupils()
    stranger = everybody[3] | {
        "uai": uai(77),
        "identifiant_local": "Z1",
        "ine": "",
        "nom_famille": "Inconnue",
        "date_naissance": "2009-02-03",
    }
    nights.deposit([*everybody, stranger], LAST_YEAR)
    nights.deposit(everybody, DAY)

    run = nights.night()

    assert run.stats["unknown_structures"] == {uai(77): 1}
    assert uai(77) in " ".join(run.troubles)
    assert not Case.objects.exists()


def test_who_is_back_in_the_register_they_had_left_is_found(nights: Nights) -> None:
    everybody = pupils()
    nights.deposit(without(everybody, 3), LAST_YEAR)
    nights.deposit(everybody, DAY - timedelta(days=30))
    nights.deposit(without(everybody, 3), DAY)
    nights.night()
    case = nights.case_of(everybody[3])  # came in October, left in November

    nights.deposit(everybody, DAY + timedelta(days=1))
    nights.night(DAY + timedelta(days=1))

    case.refresh_from_db()
    assert (case.status, case.outcome) == ("closed", "found")


def test_a_night_that_breaks_says_so_and_quotes_nobody(
    nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message of a library may quote a value of a register."""
    nights.deposit(pupils(), LAST_YEAR)
    nights.deposit(without(pupils(), 3), DAY)

    def broken(*_: object) -> None:
        raise ValueError("LEMARCHAND Lou")

    monkeypatch.setattr(night, "_write", broken)
    with pytest.raises(ValueError, match="LEMARCHAND"):
        nights.night()
    (stopped,) = Run.objects.all()
    assert stopped.state == RunState.FAILED
    assert "Relancez la comparaison" in stopped.troubles[-1]
    assert "LEMARCHAND" not in str(stopped.troubles)
    assert not Case.objects.exists()
