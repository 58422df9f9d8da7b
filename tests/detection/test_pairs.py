"""What a human says of a pair, on the sheet, binds every following night."""

import pytest
from tests import cast
from tests.detection.nights import DAY, LAST_YEAR, Nights, moved, pupils, uai, without

from raccord.accounts.roles import Role
from raccord.detection.models import HumanVerdict
from raccord.followup import services
from raccord.followup.models import Case, Destination

pytestmark = pytest.mark.django_db


@pytest.fixture
def doubtful(nights: Nights) -> Case:
    """A case with a candidate elsewhere."""
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    other = moved(everybody[3], uai(9), "A1", ine="", prenom="Zoé-Lou", commune_naissance="")
    nights.deposit([*without(everybody, 3), other], DAY)
    nights.night()
    return nights.case_of(everybody[3])


def test_same_closes_as_found_and_holds_the_next_nights(doubtful: Case, nights: Nights) -> None:
    head = cast.actor(doubtful.holder, Role.HEAD)

    services.say_same_person(
        head, case=doubtful.pk, candidate=doubtful.candidates.get(local_id="A1").pk
    )

    doubtful.refresh_from_db()
    assert (doubtful.status, doubtful.outcome) == ("closed", "found")
    assert Destination.objects.get(case=doubtful).uai == uai(9)
    run = nights.night()
    assert not any(run.stats["acts"].values())
    assert run.stats["field"] == {"same": 1, "other": 0, "sure_and_wrong": 0}


def test_other_is_never_proposed_again(doubtful: Case, nights: Nights) -> None:
    head = cast.actor(doubtful.holder, Role.HEAD)

    services.say_other_person(
        head, case=doubtful.pk, candidate=doubtful.candidates.get(local_id="A1").pk
    )

    doubtful.refresh_from_db()
    assert doubtful.status == "to_check"
    assert doubtful.worked_on_at is not None
    nights.night()
    doubtful.refresh_from_db()
    assert doubtful.status == "to_check"
    assert doubtful.departures.get().verdict == "missing"
    assert doubtful.candidates.get(local_id="A1").said == "other"


def test_a_verdict_taken_back_binds_nobody(doubtful: Case, nights: Nights) -> None:
    head = cast.actor(doubtful.holder, Role.HEAD)
    candidate = doubtful.candidates.get(local_id="A1")
    event = services.say_other_person(head, case=doubtful.pk, candidate=candidate.pk)
    nights.night()
    assert HumanVerdict.objects.filter(withdrawn_at=None).count() == 1

    services.undo(head, event=event.pk)
    nights.night()

    assert not HumanVerdict.objects.filter(withdrawn_at=None).exists()
