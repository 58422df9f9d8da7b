"""The pages of the care: what each shows, to whom, in how many queries."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from tests import cast
from tests.followup.care.stories import held, interviewed, proposed
from tests.queries import recorded

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup.care import services, vacancies
from raccord.followup.models import (
    Case,
    ContactAttempt,
    Interview,
    Mandate,
    Proposal,
    Review,
    TimelineEvent,
    Vacancy,
)
from raccord.territory.kinds import Kind
from raccord.territory.models import Commune, Structure

pytestmark = pytest.mark.django_db

HERE = Path(__file__).parent


@pytest.fixture
def school() -> Structure:
    return cast.structure(Kind.LYCEE)


@pytest.fixture
def cio() -> Structure:
    return cast.structure(Kind.CIO)


@pytest.fixture
def adviser(cio: Structure) -> Actor:
    return cast.actor(cio, Role.AGENT)


@pytest.fixture
def case(school: Structure, cio: Structure) -> Case:
    return held(school, cio, contact_state="reached")


@pytest.fixture
def client(adviser: Actor) -> Client:
    return cast.signed_in(adviser.user)


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def test_from_the_interview_to_the_start_by_the_pages(client: Client, case: Case) -> None:
    sheet = f"/dossiers/{case.pk}/"
    today = timezone.localdate()
    assert "faire l’entretien de situation" in page(client, sheet)
    client.post(
        f"{sheet}entretien/",
        {
            "schooling": "stopped",
            "project": "ideas",
            "wishes": ["work", "exam"],
            "obstacles": ["transport"],
            "on": today.isoformat(),
            "note": "",
        },
    )
    shown = page(client, sheet)
    assert "Travailler, repasser l’examen" in shown
    assert "Proposer une solution." in shown
    client.post(f"{sheet}preconisation/", {"kind": "cfa"})
    client.post(f"{sheet}solution/", {"kind": "cfa", "course": "CAP Cuisine", "place": ""})
    one = Proposal.objects.get()
    assert "Réponse attendue : apprentissage (CFA)" in page(client, sheet)
    of_it = f"{sheet}solution/{one.pk}/"
    refused = client.post(f"{of_it}reponse/", {"said": "paused"})
    assert "jusqu’à quand" in refused.content.decode()
    client.post(f"{of_it}reponse/", {"said": "accepted"})
    assert "Vérifier que cela a commencé" in page(client, sheet)
    begun = {"starts_on": today.isoformat(), "proof": "contract", "place": "CFA du Gué"}
    client.post(f"{of_it}debut/", begun)
    shown = page(client, sheet)
    assert "CFA du Gué" in shown
    assert "Solution commencée : apprentissage (CFA)" in shown
    assert "Prochain relevé" in shown
    client.post(f"{of_it}fin/", {"broken": "oui", "on": today.isoformat()})
    case.refresh_from_db()
    assert case.is_open


def test_a_mandate_by_the_pages(client: Client, case: Case, cio: Structure) -> None:
    mlds = cast.structure(Kind.MLDS, name="MLDS de la Loire")
    worker = cast.signed_in(cast.member(mlds, Role.AGENT))
    due = timezone.localdate() + timedelta(days=5)
    asked = page(client, f"/dossiers/{case.pk}/mandat/?chercher=mlds")
    assert "MLDS de la Loire" in asked
    assert cio.name not in asked[asked.index("À qui") :], "nobody mandates themselves"
    given = {"to": mlds.pk, "report_by": due.isoformat(), "chercher": "mlds"}
    client.post(f"/dossiers/{case.pk}/mandat/", given)
    one = Mandate.objects.get()
    assert "Compte rendu de mandat attendu" in page(worker, f"/dossiers/{case.pk}/")
    address = f"/dossiers/{case.pk}/mandat/{one.pk}/compte-rendu/"
    assert cio.name in page(worker, address)
    worker.post(address, {"result": "not_reached"})
    assert "jeune non joint" in page(client, f"/dossiers/{case.pk}/")
    other = cast.case(cast.structure())
    page(worker, f"/dossiers/{other.pk}/mandat/{one.pk}/compte-rendu/", 404)


def test_the_school_that_was_left(adviser: Actor, case: Case, school: Structure) -> None:
    """It reads the solution and what became of its pupil, and no interview."""
    interviewed(adviser, case, note="Revient jeudi")
    proposed(adviser, case)
    head = cast.signed_in(cast.member(school, Role.HEAD))
    shown = page(head, f"/dossiers/{case.pk}/")
    assert "Revient jeudi" not in shown
    assert "Travailler" not in shown
    assert "Apprentissage (CFA)" in shown
    page(head, f"/dossiers/{case.pk}/entretien/", 403)


def test_one_click_still_true(client: Client, adviser: Actor, case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(
        situation="job",
        situation_proof="contract",
        situation_confirmed_on=timezone.localdate() - timedelta(days=300),
        situation_lapses_on=timezone.localdate() - timedelta(days=100),
    )
    assert "est-ce toujours exact ?" in page(client, f"/dossiers/{case.pk}/")
    client.post(f"/dossiers/{case.pk}/toujours-exact/")
    case.refresh_from_db()
    assert case.situation_confirmed_on == timezone.localdate()


def test_the_checklist_says_what_was_tried(client: Client, case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(contact_state="tried")
    today = timezone.localdate()
    for days, result in ((3, "no_answer"), (1, "message_left")):
        client.post(
            f"/dossiers/{case.pk}/appel/",
            {
                "answerer": "nobody",
                "result": result,
                "channel": "call",
                "on": (today - timedelta(days=days)).isoformat(),
            },
        )
    shown = page(client, f"/dossiers/{case.pk}/")
    assert "2 démarches sur 6" in shown
    assert "Nouvel appel, un autre jour : message laissé" in shown
    assert "Courriel : aucun courriel connu" in shown
    assert "Courrier : aucune adresse connue" in shown
    event = TimelineEvent.objects.filter(case=case).latest("at")
    client.post(f"/actes/{event.pk}/annuler/")
    assert ContactAttempt.objects.count() == 2, "kept, and counted no more"
    assert "1 démarche sur 6" in page(client, f"/dossiers/{case.pk}/")


@pytest.mark.parametrize(
    ("month", "moment"), [(11, "en cours d’année"), (7, "entre deux années scolaires")]
)
def test_a_service_says_why_they_left_and_the_sheet_when(
    client: Client, case: Case, month: int, moment: str
) -> None:
    case.departures.update(left_on=date(case.school_year, month, 5))
    client.post(f"/dossiers/{case.pk}/motif/", {"reason": "no_place"})
    shown = page(client, f"/dossiers/{case.pk}/")
    assert f"Départ {moment}" in shown
    assert "pas d’affectation ou de place" in shown


def test_the_sheet_asks_no_more_when_it_is_full(client: Client, adviser: Actor, case: Case) -> None:
    page(client, f"/dossiers/{case.pk}/")
    with recorded() as before:
        page(client, f"/dossiers/{case.pk}/")
    for _ in range(5):
        interviewed(adviser, case)
        proposed(adviser, case)
        services.recommend(adviser, case=case.pk, kind="e2c")
    for months in (1, 3):
        Review.objects.create(
            case=case, months=months, due_on=timezone.localdate() + timedelta(days=months)
        )
    assert Interview.objects.count() == 5
    with recorded(at_most=18) as after:
        page(client, f"/dossiers/{case.pk}/")
    assert len(after) <= len(before)


# --- vacant places --------------------------------------------------------------------------------


@pytest.fixture
def nantes(case: Case) -> Commune:
    made = Commune.objects.create(
        insee="44109",
        name="Nantes",
        name_normalised="NANTES",
        departement=cast.departement(),
        latitude=47.2184,
        longitude=-1.5536,
    )
    case.person.details.commune = made
    case.person.details.save()
    return made


def cfa(name: str, latitude: float, longitude: float = -1.55, **fields: Any) -> Structure:
    return cast.structure(Kind.CFA, name=name, latitude=latitude, longitude=longitude, **fields)


def place(structure: Structure, course: str = "CAP Cuisine", **fields: Any) -> Vacancy:
    return Vacancy.objects.create(
        academie=structure.academie,
        structure=structure,
        **{"kind": "cfa", "course": course, "level": 3} | fields,
    )


def test_the_nearest_places_first_and_the_old_ones_last(case: Case, nantes: Commune) -> None:
    today = timezone.localdate()
    far, near = cfa("CFA loin", 47.5), cfa("CFA près", 47.25)
    place(far)
    place(near)
    place(near, "CAP Boulanger", confirmed_on=today - timedelta(days=31))
    place(cfa("CFA d’ailleurs", 49.9))
    place(near, "Retirée", withdrawn_on=today)
    found = vacancies.near(case)
    assert [(one.course, one.structure, one.fresh) for one in found] == [
        ("CAP Cuisine", "CFA près", True),
        ("CAP Cuisine", "CFA loin", True),
        ("CAP Boulanger", "CFA près", False),
    ]
    assert found[0].km == pytest.approx(3.5, abs=0.2)
    assert len(vacancies.near(case, km=10)) == 2
    assert [one.course for one in vacancies.near(case, words="boulanger")] == ["CAP Boulanger"]
    assert vacancies.near(case, level=4) == []


def test_choosing_a_place_prepares_a_proposal(client: Client, case: Case, nantes: Commune) -> None:
    vacant = place(cfa("CFA près", 47.25), "CAP Métallier")
    address = f"/dossiers/{case.pk}/places/"
    shown = page(client, address + "?mots=metallier&niveau=3&km=20")
    assert "à moins de 20 km de Nantes" in shown
    assert f"/dossiers/{case.pk}/solution/?place={vacant.pk}" in shown
    assert "CAP Métallier" in page(client, f"/dossiers/{case.pk}/solution/?place={vacant.pk}")
    client.post(
        f"/dossiers/{case.pk}/solution/",
        {"kind": "cfa", "course": "CAP Métallier", "place": "CFA près", "vacancy": vacant.pk},
    )
    one = Proposal.objects.get()
    assert (one.structure, one.vacancy, one.place) == (vacant.structure, vacant, "")
    assert "Aucune place connue" in page(client, address + "?mots=plongeur")
    page(client, address + "?niveau=99&km=x")


def test_without_a_commune_those_of_the_academie(client: Client, case: Case) -> None:
    place(cfa("CFA quelque part", 10.0))
    shown = page(client, f"/dossiers/{case.pk}/places/")
    assert "la commune de ce jeune n’est pas connue" in shown
    assert "CFA quelque part" in shown


def test_the_search_asks_once(client: Client, case: Case, nantes: Commune) -> None:
    page(client, f"/dossiers/{case.pk}/places/")
    near = cfa("CFA près", 47.25)
    for rank in range(60):
        place(near, f"CAP {rank}")
    with recorded(HERE / "queries-find.txt", at_most=12):
        assert page(client, f"/dossiers/{case.pk}/places/").count("Proposer cette place") == 40


def test_who_says_which_places(case: Case, cio: Structure) -> None:
    here = cast.structure(Kind.CFA)
    farm = cast.structure(Kind.LYCEE_AGRICOLE)
    there = cast.structure(Kind.CFA, departement=cast.departement("049"))
    elsewhere = cast.structure(
        Kind.CFA, departement=cast.departement("087", of=cast.academie("22", "Limoges"))
    )

    def says(actor: Actor) -> set[Structure]:
        found = Structure.objects.filter(vacancies.entered_by(actor))
        return set(found) & {here, farm, there, elsewhere}

    assert says(cast.actor(here, Role.SECRETARIAT)) == {here}
    assert says(cast.actor(cio, Role.AGENT)) == {here, farm}
    assert says(cast.actor(cast.structure(Kind.REGION), Role.TERRITORY_ADMIN)) == {
        here,
        farm,
        there,
    }
    assert says(cast.actor(cast.structure(Kind.DRAAF), Role.TERRITORY_ADMIN)) == {
        here,
        farm,
        there,
    }
    assert says(cast.actor(cast.structure(Kind.DRAAF), Role.STEERING)) == set()
    assert says(cast.actor(cast.structure(Kind.DSDEN), Role.DASEN)) == set()


def test_saying_confirming_and_withdrawing(client: Client) -> None:
    here = cast.structure(Kind.CFA, name="CFA du Gué")
    client.post(
        "/places/nouvelle/",
        {
            "structure": here.pk,
            "kind": "cfa",
            "course": "CAP Cuisine",
            "level": "3",
            "places": "4",
        },
    )
    one = Vacancy.objects.get()
    assert (one.places, one.level, one.structure) == (4, 3, here)
    Vacancy.objects.update(confirmed_on=timezone.localdate() - timedelta(days=40))
    assert "1 à confirmer" in page(client, "/places/")
    client.post(f"/places/{one.pk}/exacte/")
    one.refresh_from_db()
    assert one.confirmed_on == timezone.localdate()
    client.post(f"/places/{one.pk}/retirer/")
    assert "Aucune place saisie" in page(client, "/places/")
    stranger = cast.signed_in(cast.member(cast.structure(Kind.CFA)))
    assert stranger.post(f"/places/{one.pk}/exacte/").status_code == 404
    wrong = client.post("/places/nouvelle/", {"structure": here.pk, "course": "", "places": "0"})
    assert "Écrivez l’intitulé" in wrong.content.decode()


def bring(client: Client, text: str) -> str:
    file = SimpleUploadedFile("places.csv", text.encode("utf-8"), "text/csv")
    answer = client.post("/places/importer/", {"file": file}, follow=True)
    return " ".join(answer.content.decode().replace("\u00a0", " ").split())


def test_a_file_twice_changes_nothing(client: Client) -> None:
    here = cast.structure(Kind.CFA)
    head = "reference;uai;formation;niveau;domaine;places;entree_le\n"
    row = f"A1;{here.uai};CAP Cuisine;3;hôtellerie;2;04/01/2027\n"
    assert "1 place ajoutée" in bring(client, head + row)
    assert "1 inchangée" in bring(client, head + row)
    assert "1 mise à jour" in bring(client, head + row.replace(";2;", ";5;"))
    one = Vacancy.objects.get()
    assert (one.places, one.kind, one.starts_on.isoformat()) == (5, "cfa", "2027-01-04")
    bring(client, head + row.replace(";2;", ";0;"))
    one.refresh_from_db()
    assert one.withdrawn_on == timezone.localdate()


def test_a_wrong_file_says_where_and_imports_nothing(client: Client) -> None:
    here = cast.structure(Kind.CFA)
    said = bring(
        client,
        "reference;uai;formation;type;niveau;places;confirmee_le\n"
        f"A1;{here.uai};CAP Cuisine;cfa;3;2;\n"
        f"A1;9999999Z;;fusée;bac+12;beaucoup;2999-01-01\n",
    )
    assert not Vacancy.objects.exists()
    for expected in (
        "Ligne 3, niveau « bac+12 » : écrivez 3 (CAP)",
        "Ligne 3, uai « 9999999Z » : aucune structure",
        "Ligne 3, formation « » : remplissez cette case.",
        "Ligne 3, type « fusée » : écrivez l’un de ces codes",
        "Ligne 3, places « beaucoup » : écrivez un nombre",
        "Ligne 3, confirmee_le « 2999-01-01 » : cette date est à venir",
        "Ligne 3, reference « A1 » : cette référence est déjà ligne 2",
    ):
        assert expected in said
    assert "il manque « reference »" in bring(client, "a;b\n1;2\n")
    assert "Ce fichier est vide." in bring(client, "")


def test_the_list_of_places_asks_once(client: Client) -> None:
    page(client, "/places/")
    here = cast.structure(Kind.CFA)
    for rank in range(30):
        place(here, f"CAP {rank}")
    with recorded(HERE / "queries-places.txt", at_most=10):
        assert page(client, "/places/").count("Toujours exact :") == 30
