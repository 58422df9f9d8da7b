"""Nights start once a day, from four in the morning, where the territory is."""

from datetime import UTC, date, datetime

import pytest
from tests import cast

from raccord.detection import schedule
from raccord.detection.models import Run, RunState

pytestmark = pytest.mark.django_db


def _run(academie: object, at: datetime, day: date, state: str) -> None:
    Run.objects.create(academie=academie, school_year=2026, as_of=day, started_at=at, state=state)


@pytest.mark.parametrize(
    ("zone", "now", "expected"),
    [
        ("Europe/Paris", datetime(2026, 11, 16, 2, 59, tzinfo=UTC), None),
        ("Europe/Paris", datetime(2026, 11, 16, 3, 0, tzinfo=UTC), date(2026, 11, 16)),
        ("Europe/Paris", datetime(2026, 7, 16, 2, 0, tzinfo=UTC), date(2026, 7, 16)),
        # the night when three o'clock comes twice, and the one when two o'clock does not exist
        ("Europe/Paris", datetime(2026, 10, 25, 2, 30, tzinfo=UTC), None),
        ("Europe/Paris", datetime(2026, 10, 25, 3, 0, tzinfo=UTC), date(2026, 10, 25)),
        ("Europe/Paris", datetime(2027, 3, 28, 2, 0, tzinfo=UTC), date(2027, 3, 28)),
        ("Pacific/Noumea", datetime(2026, 11, 15, 17, 0, tzinfo=UTC), date(2026, 11, 16)),
        ("America/Martinique", datetime(2026, 11, 16, 7, 0, tzinfo=UTC), None),
    ],
)
def test_four_in_the_morning_is_that_of_the_territory(
    zone: str, now: datetime, expected: date | None
) -> None:
    academie = cast.academie()
    academie.time_zone = zone
    assert schedule.due(academie, now) == expected


def test_a_day_is_done_once_and_a_failure_is_tried_again_three_times() -> None:
    academie = cast.academie()
    now, day = datetime(2026, 11, 16, 5, 0, tzinfo=UTC), date(2026, 11, 16)
    for _ in range(schedule.ATTEMPTS):
        assert schedule.due(academie, now) == day
        _run(academie, now, day, RunState.FAILED)
    assert schedule.due(academie, now) is None

    tomorrow = datetime(2026, 11, 17, 5, 0, tzinfo=UTC)
    assert schedule.due(academie, tomorrow) == date(2026, 11, 17)
    _run(academie, tomorrow, date(2026, 11, 17), RunState.DONE)
    assert schedule.due(academie, tomorrow) is None
