"""Taking back a run: exactly as it was, and never what somebody touched."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from tests.detection.nights import DAY, LAST_YEAR, Nights, moved, pupils, uai, without

from raccord.detection import undo
from raccord.followup.models import (
    Candidate,
    Case,
    ContactDetails,
    Departure,
    Destination,
    Party,
    Person,
)

pytestmark = pytest.mark.django_db

#: Grows at every act, taken back ones too: a form sent meanwhile must be told.
_MOVES = {"version"}


def _everything() -> dict[str, list[dict[str, Any]]]:
    found = {}
    for model in (Person, ContactDetails, Case, Departure, Party, Destination, Candidate):
        rows = [
            {
                k: v
                for k, v in row.items()
                if k not in _MOVES | {"id"} or (k == "id" and model in (Person, Case, Departure))
            }
            for row in model.objects.values()
        ]
        found[model.__name__] = sorted(rows, key=str)
    return found  # fmt: skip


def test_a_first_night_taken_back_leaves_nothing(nights: Nights) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    nights.deposit(without(everybody, 3, 10), DAY)
    before = _everything()
    run = nights.night()
    assert Case.objects.count() == 2

    undone = undo.undo_run(run, by="Ada")

    assert (undone.removed, undone.kept) == (2, 0)
    assert _everything() == before
    run.refresh_from_db()
    assert (run.state, run.undone_by) == ("undone", "Ada")


def test_what_a_night_closed_reopened_or_changed_is_as_it_was(nights: Nights) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    rest = without(everybody, 3, 10, 12)
    near = moved(everybody[12], uai(9), "A9", ine="", prenom="Zoé-Lou", commune_naissance="")
    nights.deposit([*rest, near, moved(everybody[10], uai(9), "A2")], DAY)
    nights.night()
    nights.deposit([*rest, near], DAY)
    nights.night()
    before = _everything()
    # 3 is found, 12 has nobody near any more, 5 leaves
    now = [row for row in rest if row is not everybody[5]]
    nights.deposit([*now, moved(everybody[3], uai(9), "A1")], DAY)
    run = nights.night()
    assert _everything() != before

    undo.undo_run(run, by="Ada")

    assert _everything() == before


def test_a_case_that_somebody_touched_stays_and_is_told(nights: Nights) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    nights.deposit(without(everybody, 3, 10), DAY)
    run = nights.night()
    touched = nights.case_of(everybody[3])
    Case.objects.filter(pk=touched.pk).update(worked_on_at=timezone.now(), version=2)

    undone = undo.undo_run(run, by="Ada")

    assert list(Case.objects.all()) == [touched]
    assert (undone.removed, undone.kept) == (1, 1)
    assert "quelqu’un y a travaillé" in undone.sentence


def test_after_thirty_days_it_is_too_late(nights: Nights) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    nights.deposit(without(everybody, 3), DAY)
    run = nights.night()
    run.finished_at = timezone.now() - timedelta(days=31)
    run.save()

    with pytest.raises(undo.CannotUndo, match="30 jours"):
        undo.undo_run(run, by="Ada")
    assert Case.objects.count() == 1


def test_a_deposit_taken_back_puts_the_former_state_in_force(nights: Nights) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    nights.deposit(everybody, DAY)
    wrong = nights.deposit(without(everybody, *range(20)), DAY)

    undo.withdraw(wrong, by="Ada", because="mauvais fichier")

    assert nights.night().stats["acts"]["opened"] == 0
    with pytest.raises(undo.CannotUndo):
        undo.withdraw(wrong, by="Ada")


def test_nights_are_taken_back_one_after_the_other(nights: Nights) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    before = _everything()
    rest = without(everybody, 3)
    nights.deposit(rest, DAY)
    nights.night()
    nights.deposit([*rest, moved(everybody[3], uai(9), "A1")], DAY)
    nights.night()

    undone = undo.undo_campaign(nights.academie, 2026, by="Ada")

    assert [(u.removed, u.restored, u.kept) for u in undone] == [(0, 1, 0), (1, 0, 0)]
    assert _everything() == before
