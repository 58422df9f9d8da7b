"""What the pages of reports ask of the database: no more for three young people than for one."""

from datetime import date
from pathlib import Path

import pytest
from django.urls import reverse
from tests import cast
from tests.queries import recorded

from raccord.accounts.roles import Role
from raccord.followup.models import Party, PossibleDuplicate, Report
from raccord.territory.kinds import Kind

pytestmark = pytest.mark.django_db
HERE = Path(__file__).parent


@pytest.mark.parametrize("how_many", [1, 3])
def test_mes_signalements(how_many: int) -> None:
    place = cast.structure(Kind.INFO_JEUNES)
    client = cast.signed_in(cast.member(place, Role.AGENT))
    for _ in range(how_many):
        case = cast.case(cast.structure())
        Party.objects.create(case=case, structure=place, kind="reporter")
        Report.objects.create(case=case, structure=place, how="walk_in")
    with recorded(HERE / "queries-reports.txt", at_most=10):
        assert client.get(reverse("followup:reports")).status_code == 200


@pytest.mark.parametrize("how_many", [1, 3])
def test_seeking(how_many: int) -> None:
    place = cast.structure(Kind.INFO_JEUNES)
    client = cast.signed_in(cast.member(place, Role.AGENT))
    named = {"last_name": "Le Goff", "first_name": "Anaïs", "birth_date": date(2009, 3, 12)}
    for _ in range(how_many):
        cast.case(cast.structure(), of=cast.person(**named))
    said = {"last_name": "Le Goff", "first_name": "Anaïs", "birth_date": "2009-03-12"}
    with recorded(HERE / "queries-seek.txt", at_most=12):
        page = client.post(reverse("followup:report_seek"), said)
    assert page.content.decode().count("Déjà suivi par") == how_many


@pytest.mark.parametrize("how_many", [1, 3])
def test_doublons(how_many: int) -> None:
    place = cast.structure()
    client = cast.signed_in(cast.member(place, Role.HEAD))
    for _ in range(how_many):
        persons = [cast.case(where).person_id for where in (place, cast.structure())]
        one, other = sorted(persons)
        PossibleDuplicate.objects.create(one_id=one, other_id=other, probability=0.9)
    with recorded(HERE / "queries-pairs.txt", at_most=12):
        assert client.get(reverse("followup:pairs")).status_code == 200
