"""Vacant places: what leaves a file is no longer offered, and a seat taken is free no more."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests import cast
from tests.followup.care.stories import held, proposed

from raccord.accounts.actors import Actor
from raccord.accounts.middleware import acting_in_database
from raccord.accounts.roles import Role
from raccord.followup import services as acts
from raccord.followup.care import services, vacancies
from raccord.followup.models import Case, Vacancy
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

pytestmark = pytest.mark.django_db

HEAD = "reference;uai;formation;places\n"


@pytest.fixture
def cio() -> Structure:
    return cast.structure(Kind.CIO)


@pytest.fixture
def adviser(cio: Structure) -> Actor:
    return cast.actor(cio, Role.AGENT)


@pytest.fixture
def client(adviser: Actor) -> Client:
    return cast.signed_in(adviser.user)


@pytest.fixture
def case(cio: Structure) -> Case:
    return held(cast.structure(Kind.LYCEE), cio)


@pytest.fixture
def cfa() -> Structure:
    return cast.structure(Kind.CFA, name="CFA du Gué")


def bring(client: Client, text: str) -> str:
    file = SimpleUploadedFile("places.csv", text.encode("utf-8"), "text/csv")
    answer = client.post("/places/importer/", {"file": file}, follow=True)
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def offered(case: Case) -> list[str]:
    return sorted(one.course for one in vacancies.near(case))


# --- a file ---------------------------------------------------------------------------------------


def test_a_place_that_left_the_file_is_withdrawn_and_comes_back(
    client: Client, case: Case, cfa: Structure
) -> None:
    cook, bake = f"A1;{cfa.uai};CAP Cuisine;2\n", f"A2;{cfa.uai};CAP Boulanger;1\n"
    assert "retirée" not in bring(client, HEAD + cook + bake)
    assert offered(case) == ["CAP Boulanger", "CAP Cuisine"]

    said = bring(client, HEAD + cook)

    assert "1 inchangée, 1 retirée : elle n’est plus dans le fichier." in said
    assert offered(case) == ["CAP Cuisine"]
    kept = Vacancy.objects.get(reference="A2")
    assert kept.withdrawn_on == timezone.localdate(), "kept, and found no more"
    assert Vacancy.pgh_event_model.objects.filter(pgh_obj_id=kept.pk).exists()
    assert "retirée" not in bring(client, HEAD + cook), "told once"
    assert "1 mise à jour" in bring(client, HEAD + cook + bake)
    assert offered(case) == ["CAP Boulanger", "CAP Cuisine"]


def test_a_file_withdraws_what_its_importer_brought_for_its_establishments_only(
    client: Client, case: Case, cfa: Structure, cio: Structure
) -> None:
    other = cast.structure(Kind.CFA)
    bring(client, HEAD + f"A1;{cfa.uai};CAP Cuisine;2\nB1;{other.uai};CAP Coiffure;1\n")
    own = cast.signed_in(cast.member(cfa, Role.HEAD))
    bring(own, HEAD + f"X1;{cfa.uai};CAP Service;1\n")
    Vacancy.objects.create(
        academie=cfa.academie, structure=cfa, kind="cfa", course="CAP Boucher", level=3
    )

    said = bring(client, HEAD + f"A2;{cfa.uai};CAP Boulanger;1\n")

    assert "1 place ajoutée, 0 mise à jour, 0 inchangée, 1 retirée" in said
    assert offered(case) == ["CAP Boucher", "CAP Boulanger", "CAP Coiffure", "CAP Service"]


def test_a_refused_file_withdraws_nothing(client: Client, case: Case, cfa: Structure) -> None:
    bring(client, HEAD + f"A1;{cfa.uai};CAP Cuisine;2\n")
    bring(client, HEAD + f"A2;{cfa.uai};CAP Boulanger;beaucoup\n")
    bring(client, HEAD)
    assert offered(case) == ["CAP Cuisine"]


# --- seats ----------------------------------------------------------------------------------------


def vacant(cfa: Structure, places: int) -> Vacancy:
    return Vacancy.objects.create(
        academie=cfa.academie, structure=cfa, kind="cfa", course="CAP Cuisine", places=places
    )


def begun(adviser: Actor, case: Case, seat: Vacancy, **given: Any) -> Any:
    one = proposed(adviser, case, structure=seat.structure, vacancy=seat)
    services.answer(adviser, proposal=one.pk, said="accepted")
    today = timezone.localdate()
    return services.start(adviser, proposal=one.pk, starts_on=today, proof="contract", **given)


def left(seat: Vacancy) -> int:
    seat.refresh_from_db()
    return seat.places


def test_a_start_takes_a_seat_and_undoing_gives_it_back(
    adviser: Actor, case: Case, cfa: Structure
) -> None:
    seat = vacant(cfa, 2)
    with acting_in_database(adviser.user.pk):
        one = proposed(adviser, case, structure=cfa, vacancy=seat)
        services.answer(adviser, proposal=one.pk, said="accepted")
        assert left(seat) == 2, "accepted by somebody, who has not begun"
        today = timezone.localdate()
        event = services.start(adviser, proposal=one.pk, starts_on=today, proof="contract")
        assert left(seat) == 1
        acts.undo(adviser, event=event.pk)
        assert left(seat) == 2
        services.start(adviser, proposal=one.pk, starts_on=today, proof="contract")
        assert left(seat) == 1


def test_the_last_seat_is_found_no_more(
    adviser: Actor, case: Case, cfa: Structure, cio: Structure
) -> None:
    seat = vacant(cfa, 1)
    begun(adviser, case, seat)
    assert left(seat) == 0
    assert offered(case) == []
    second = held(cast.structure(Kind.LYCEE), cio)
    event = begun(adviser, second, seat)
    assert left(seat) == 0, "never below zero, and nobody is refused for a figure"
    acts.undo(adviser, event=event.pk)
    assert left(seat) == 0, "what was not taken is not given back"


def test_begun_elsewhere_no_seat_is_taken(adviser: Actor, case: Case, cfa: Structure) -> None:
    seat, other = vacant(cfa, 1), held(cast.structure(Kind.LYCEE), case.holder)
    begun(adviser, case, seat, structure=cast.structure(Kind.CFA))
    begun(adviser, other, seat, place="CFA de la Loire")
    assert left(seat) == 1


def test_a_course_without_a_seat_says_so(client: Client, cfa: Structure) -> None:
    vacant(cfa, 0)
    shown = client.get("/places/").content.decode()
    assert "Plus de place libre" in shown
    assert "Toujours exact :" not in shown
