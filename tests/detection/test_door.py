"""The door to registers: one's own pupils, and of others no more than needed."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from tests import cast
from tests.detection.nights import DAY, LAST_YEAR, Nights, moved, pupils, uai, without

from raccord.accounts.roles import Role
from raccord.detection import door, night
from raccord.followup.models import Case, Person
from raccord.followup.search import searchable
from raccord.privacy.models import Reading
from raccord.territory.models import Structure

pytestmark = pytest.mark.django_db


@pytest.fixture
def searched(nights: Nights) -> Nights:
    everybody = pupils()
    nights.deposit(everybody, LAST_YEAR)
    nights.deposit([*without(everybody, 3), moved(everybody[3], uai(9), "A1")], DAY)
    return nights


def test_a_school_learns_where_its_pupil_is_and_no_more(searched: Nights) -> None:
    row = pupils()[3]
    head = cast.actor(searched.schools[3], Role.HEAD)

    (pupil,) = door.own_pupils(head, named=f"{row['prenom']} {row['nom_famille'].lower()}", on=DAY)
    answer = door.where(head, pupil=pupil, on=DAY)

    assert (pupil.uai, pupil.enrolled) == (uai(3), False)
    (place,) = answer.places
    assert place.establishment == searched.cfa.name
    assert set(vars(place)) == {"last_name", "first_name", "birth_date", "establishment"}


def test_nobody_searches_the_pupils_of_others(searched: Nights) -> None:
    row = pupils()[3]
    stranger = cast.actor(searched.schools[0], Role.HEAD)
    head = cast.actor(searched.schools[3], Role.HEAD)
    (pupil,) = door.own_pupils(head, named=row["nom_famille"] + " " + row["prenom"], on=DAY)

    assert door.own_pupils(stranger, named=f"{row['nom_famille']} {row['prenom']}", on=DAY) == []
    with pytest.raises(Structure.DoesNotExist):
        door.where(stranger, pupil=pupil, on=DAY)


def test_of_a_protected_pupil_only_that_they_were_found(searched: Nights) -> None:
    row = pupils()[3]
    Person.objects.create(
        academie=searched.academie,
        last_name=row["nom_famille"],
        first_name=row["prenom"],
        birth_date=row["date_naissance"],
        search_name=searchable(row["nom_famille"], row["prenom"]),
        protected_by=searched.cfa,
        protected_at=timezone.now(),
    )
    head = cast.actor(searched.schools[3], Role.HEAD)
    (pupil,) = door.own_pupils(head, named=f"{row['nom_famille']} {row['prenom']}", on=DAY)

    answer = door.where(head, pupil=pupil, on=DAY)

    assert answer.protected
    assert answer.places == ()


def test_every_search_is_noted(searched: Nights) -> None:
    client = cast.signed_in(cast.member(searched.schools[3], Role.HEAD))

    answer = client.get(reverse("detection:where"), {"nom": pupils()[3]["nom_famille"]})

    assert answer.status_code == 200
    noted = Reading.objects.order_by("-id").first()
    assert noted is not None
    assert noted.act == "search"


def test_who_is_still_on_the_register_may_be_told_to_have_left(
    searched: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No name in the address: what the form is filled with is posted."""
    monkeypatch.setattr(night, "today", lambda _: DAY)
    school = searched.schools[0]
    row = next(r for r in pupils() if r["uai"] == school.uai and r is not pupils()[3])
    named = {"nom": f"{row['nom_famille']} {row['prenom']}"}
    client = cast.signed_in(cast.member(school, Role.HEAD))
    shown = client.get(reverse("detection:where"), named).content.decode()
    assert "Toujours inscrit chez vous" in shown
    assert "Ne vient plus\u00a0: signaler un départ" in shown
    given = dict(re.findall(r'name="(\w+)" value="([^"]*)"', shown))
    declared = client.post(reverse("followup:declare"), given | {"preparer": "oui"})
    page = declared.content.decode()
    assert f'value="{row["nom_famille"]}"' in page
    assert f'value="{row["date_naissance"]}"' in page
    assert "Rien n’est encore enregistré" not in page
    assert not Case.objects.exists()

    secretary = cast.signed_in(cast.member(school, Role.SECRETARIAT))
    shown = secretary.get(reverse("detection:where"), named).content.decode()
    assert "Toujours inscrit chez vous" in shown
    assert "Signaler un départ" not in shown


def test_the_classes_of_a_register_are_those_of_one_s_own_school(nights: Nights) -> None:
    rows = [row | {"formation": f"2de {row['uai'][-1]}"} for row in pupils()]
    nights.deposit(rows, DAY)
    head = cast.actor(nights.schools[3], Role.HEAD)
    assert door.levels(head, nights.schools[3]) == [f"2de {uai(3)[-1]}"]
    assert door.levels(head, nights.schools[0]) == []


def test_several_pupils_are_looked_for_in_one_reading_of_each_register(
    searched: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = cast.actor(searched.schools[3], Role.HEAD)
    row = pupils()[3]
    mine = door.own_pupils(head, named=row["nom_famille"][0], on=DAY)
    opened = []
    connect = door.duckdb.connect
    monkeypatch.setattr(door.duckdb, "connect", lambda: opened.append(1) or connect())

    answers = door.whereabouts(head, pupils=mine, on=DAY)

    assert len(mine) > 1
    assert [a.pupil for a in answers] == mine
    assert len(opened) == 1
    placed = {a.pupil.local_id: [p.establishment for p in a.places] for a in answers if a.places}
    assert placed == {row["identifiant_local"]: [searched.cfa.name]}
