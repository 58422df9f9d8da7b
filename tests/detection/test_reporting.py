"""A register tells whoever reports somebody where they are enrolled, and no more."""

import pytest
from django.urls import reverse
from django.utils import timezone
from tests import cast
from tests.detection.nights import DAY, LAST_YEAR, Nights, moved, pupils, uai

from raccord.accounts.roles import Role
from raccord.detection.reporting import index
from raccord.followup.models import Person
from raccord.followup.search import searchable
from raccord.territory.kinds import Kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def indexed(nights: Nights) -> Nights:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    nights.deposit([*everybody[:3], moved(everybody[3], uai(9), "A1"), *everybody[4:]], DAY)
    assert index.write(nights.academie, DAY) == len(everybody)
    return nights


def typed(**said: str) -> dict[str, str]:
    row = pupils()[3]
    return {
        "last_name": row["prenom"],  # both names exchanged
        "first_name": row["nom_famille"].lower(),
        "birth_date": row["date_naissance"],
        "how": "training",
    } | said


def test_enrolled_elsewhere_is_told_with_its_establishment(indexed: Nights) -> None:
    worker = cast.member(cast.structure(Kind.MISSION_LOCALE), Role.AGENT)
    page = cast.signed_in(worker).post(reverse("followup:report_seek"), typed())
    text = page.content.decode()
    assert f"Inscrit : {indexed.cfa.name}" in text
    assert pupils()[3]["nom_famille"] in text
    assert indexed.schools[3].name not in text, "where they were is not where they are"


def test_of_a_protected_pupil_nothing(indexed: Nights) -> None:
    row = pupils()[3]
    Person.objects.create(
        academie=indexed.academie,
        last_name=row["nom_famille"],
        first_name=row["prenom"],
        birth_date=row["date_naissance"],
        search_name=searchable(row["nom_famille"], row["prenom"]),
        protected_by=indexed.cfa,
        protected_at=timezone.now(),
    )
    worker = cast.member(cast.structure(Kind.MISSION_LOCALE), Role.AGENT)
    page = cast.signed_in(worker).post(reverse("followup:report_seek"), typed())
    assert "Personne de ce nom" in page.content.decode()


def test_an_index_of_another_version_is_left_alone(indexed: Nights) -> None:
    manifest = index.home() / indexed.academie.pk / "index.json"
    manifest.write_text(
        manifest.read_text("utf-8").replace('"version": 1', '"version": 0'), "utf-8"
    )
    assert index.of(indexed.academie.pk) is None


def test_the_index_is_for_the_service_alone(indexed: Nights) -> None:
    folder = index.home() / indexed.academie.pk
    assert index.home().stat().st_mode & 0o077 == 0
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
