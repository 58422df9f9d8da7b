"""Who a school declares gone from its own register: looked for elsewhere, asked about, never closed
alone."""

from datetime import date
from typing import Any

import pytest
from tests import cast
from tests.detection.nights import DAY, LAST_YEAR, Nights, moved, pupils, uai, without
from tests.matching.territory import Row

from raccord.followup import services
from raccord.followup.models import Case, Departure, Destination

pytestmark = pytest.mark.django_db


def declare(nights: Nights, row: Row, **given: Any) -> Case:
    school = nights.schools[3]
    values: dict[str, Any] = {
        "school": school,
        "last_name": row["nom_famille"].title(),
        "first_name": row["prenom"],
        "birth_date": date.fromisoformat(row["date_naissance"]),
        "origin": "no_longer_comes",
    }
    return services.declare_departure(cast.actor(school), **values | given)


@pytest.fixture(params=["there last year", "new this year"])
def told(request: pytest.FixtureRequest, nights: Nights) -> tuple[Nights, list[Row], Case]:
    """Somebody whose school says they do not come any more; its register says they do."""
    everybody = pupils()
    new = request.param == "new this year"
    nights.deposit(without(everybody, 3) if new else everybody, LAST_YEAR)
    nights.deposit(everybody, DAY)
    return nights, everybody, declare(nights, everybody[3])


def test_a_declared_departure_keeps_the_enrolment_it_is_of(
    told: tuple[Nights, list[Row], Case],
) -> None:
    _, everybody, case = told
    departure = Departure.objects.get(case=case)
    assert (departure.source, departure.local_id) == ("siecle", everybody[3]["identifiant_local"])
    assert departure.origin == "no_longer_comes"


def test_their_own_register_proves_nothing_another_one_asks(
    told: tuple[Nights, list[Row], Case],
) -> None:
    nights, everybody, case = told
    nights.night()
    case.refresh_from_db()
    assert case.status == "to_check"
    assert not case.candidates.filter(uai=uai(3)).exists()

    nights.deposit([*everybody, moved(everybody[3], uai(9), "A1")], DAY)
    nights.night()
    case.refresh_from_db()
    assert (case.status, case.outcome) == ("to_confirm", "")
    assert Destination.objects.get(case=case).uai == uai(9)
    assert case.candidates.get(rank=1).local_id == "A1"
    assert not any(nights.night().stats["acts"].values())

    nights.deposit(everybody, DAY)
    nights.night()
    case.refresh_from_db()
    assert case.status == "to_check"
    assert Case.objects.count() == 1


def test_gone_from_their_own_register_they_stay_one_case(nights: Nights) -> None:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    nights.deposit(everybody, DAY)
    case = declare(nights, everybody[3])
    nights.deposit(without(everybody, 3), DAY)
    nights.night()
    assert Case.objects.get() == case
    assert Departure.objects.get().origin == "no_longer_comes"


def test_two_of_the_same_identity_are_nobody_for_certain(nights: Nights) -> None:
    everybody = pupils()
    nights.deposit([*everybody, everybody[3] | {"identifiant_local": "9", "ine": ""}], DAY)
    case = declare(nights, everybody[3])
    assert Departure.objects.get(case=case).local_id == ""


def test_a_case_closed_for_the_same_enrolment_is_shown_instead(nights: Nights) -> None:
    everybody = pupils()
    nights.deposit(everybody, DAY)
    case = declare(nights, everybody[3])
    head = cast.actor(nights.schools[3])
    services.close_false_alarm(head, cases=[case.pk], which="still_here")
    with pytest.raises(services.AlreadyFollowed) as told:
        declare(nights, everybody[3])
    assert told.value.case == case
    assert "Rouvrez-le" in str(told.value)


def test_without_register_the_declaration_stands_alone(nights: Nights) -> None:
    case = declare(nights, pupils()[3])
    departure = Departure.objects.get(case=case)
    assert (departure.source, departure.local_id) == ("signalement", "")
