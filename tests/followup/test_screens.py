"""Pages as a browser without script gets them: what they say, and that nothing typed is lost."""

import re
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from tests import cast

from raccord.accounts.models import User
from raccord.accounts.roles import Role
from raccord.followup.models import (
    Candidate,
    Case,
    Comparison,
    Destination,
    Person,
    RegisterState,
    TimelineEvent,
)
from raccord.followup.vocabulary import Lane, Status
from raccord.privacy.models import Reading
from raccord.territory.kinds import Kind
from raccord.territory.models import SchoolYear, Structure

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Structure:
    return cast.structure()


@pytest.fixture
def user(school: Structure) -> User:
    return cast.member(school)


@pytest.fixture
def client(user: User) -> Client:
    return cast.signed_in(user)


def text(answer: Any) -> str:
    """The page, with ordinary spaces."""
    return " ".join(answer.content.decode().replace("\u00a0", " ").replace("\u202f", " ").split())


def days_ago(days: int) -> Any:
    return timezone.localdate() - timedelta(days=days)


# --- the list -------------------------------------------------------------------------------------


def test_the_first_sentence_is_true_today(client: Client, school: Structure) -> None:
    cast.case(school, left_on=days_ago(3))
    Case.objects.update(left_on=days_ago(3))
    old = cast.case(school)
    Case.objects.filter(pk=old.pk).update(left_on=days_ago(40))
    page = text(client.get("/"))
    assert "2 jeunes à vérifier, dont 1 urgent (moins de 18 ans" in page


def test_an_old_register_is_told_where_the_list_is(client: Client, school: Structure) -> None:
    cast.case(school)
    RegisterState.objects.create(academie=school.academie, label="CFA d’ici", read_on=days_ago(35))
    RegisterState.objects.create(academie=school.academie, label="SIECLE", read_on=days_ago(0))
    page = text(client.get("/"))
    assert "La base « CFA d’ici » (5 semaines) n’est pas à jour" in page
    assert "« SIECLE »" not in page


def test_an_empty_list_says_what_is_true_and_when_it_changes(
    client: Client, school: Structure
) -> None:
    now = timezone.localtime()
    tomorrow = datetime.combine(now.date() + timedelta(days=1), now.time().replace(4, 0))
    Comparison.objects.create(
        academie=school.academie, finished_at=now, next_at=timezone.make_aware(tomorrow)
    )
    page = text(client.get("/"))
    assert "Personne à vérifier." in page
    assert "Prochaine comparaison cette nuit à 4 h." in page


def test_before_the_constat_the_list_is_provisional(client: Client, school: Structure) -> None:
    today = timezone.localdate()
    SchoolYear.objects.create(
        academie=school.academie,
        year=today.year if today.month >= 7 else today.year - 1,
        rollover_on=days_ago(90),
        rentree_on=days_ago(60),
        constat_on=today + timedelta(days=1),
    )
    assert "Liste provisoire" in text(client.get("/"))
    SchoolYear.objects.update(constat_on=today)
    assert "Liste provisoire" not in text(client.get("/"))


def test_the_most_urgent_comes_first(client: Client, school: Structure) -> None:
    plans = [
        ("planifie", {"next_act_on": days_ago(-5)}, 90),
        ("majeur", {"lane": Lane.DROPOUT}, 90),
        ("recent", {}, 2),
        ("urgent", {}, 45),
        ("promis", {"next_act_on": days_ago(0)}, 2),
    ]
    for name, fields, days in plans:
        case = cast.case(school, of=cast.person(last_name=name), **fields)
        Case.objects.filter(pk=case.pk).update(left_on=days_ago(days))
    page = text(client.get("/"))
    order = sorted((page.index(f">{name} Lou<"), name) for name, _, _ in plans)
    assert [name for _, name in order] == ["promis", "urgent", "recent", "majeur", "planifie"]


def test_a_pause_comes_back_by_itself(client: Client, school: Structure) -> None:
    cast.case(school, of=cast.person(last_name="Bientôt"), status=Status.PAUSED,
              next_act_on=days_ago(-3))  # fmt: skip
    cast.case(school, of=cast.person(last_name="Revenu"), status=Status.PAUSED,
              next_act_on=days_ago(0))  # fmt: skip
    page = text(client.get("/"))
    assert "Revenu Lou" in page
    assert "Bientôt Lou" not in page
    assert "Bientôt Lou" in text(client.get("/?liste=en-pause"))


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("/?q=d’haene", True),
        ("/?q=Maëlys+dhae", False),
        ("/?q=maelys+d", True),
        ("/?q=%25", True),
        ("/?circuit=18-plus", False),
        ("/?classe=1re+ASSP", True),
        ("/?classe=autre", False),
        ("/?circuit=n-existe-pas&page=zut&liste=rien", True),
    ],
)
def test_search_and_filters(client: Client, school: Structure, address: str, seen: bool) -> None:
    cast.case(school, of=cast.person(last_name="D’Haene", first_name="Maëlys"))
    page = text(client.get(address))
    assert ("D’Haene Maëlys" in page or "D&#x27;Haene Maëlys" in page) is seen


def test_the_pupil_of_another_school_is_not_found_by_name(client: Client) -> None:
    cast.case(cast.structure(), of=cast.person(last_name="Ailleurs"))
    assert "Ailleurs Lou" not in text(client.get("/?q=ailleurs"))


def test_several_schools_make_one_list(client: Client, user: User, school: Structure) -> None:
    second = cast.structure(Kind.SEP, name="SEP du Port")
    cast.member(second, who=user)
    cast.case(school)
    cast.case(second)
    page = text(client.get("/"))
    assert "2 jeunes à vérifier" in page
    assert "SEP du Port" in page


def test_every_name_shown_is_in_the_log(client: Client, school: Structure) -> None:
    case = cast.case(school)
    client.get("/")
    client.get("/?q=lou")
    client.get(f"/dossiers/{case.pk}/")
    acts = list(Reading.objects.order_by("id").values_list("act", "subjects"))
    assert acts == [("list", [case.pk]), ("search", [case.pk]), ("sheet", [case.pk])]


@pytest.mark.parametrize("role", [Role.STEERING, Role.DPO])
def test_those_without_names_are_told_so(role: Role) -> None:
    someone = cast.member(cast.structure(Kind.DSDEN), role)
    assert "n’ouvre aucun nom" in text(cast.signed_in(someone).get("/"))


def test_a_dasen_sees_the_under_16s_and_what_nobody_touched(school: Structure) -> None:
    dasen = cast.member(cast.structure(Kind.DSDEN), Role.DASEN)
    cast.case(school, of=cast.person(last_name="Jeune"), lane=Lane.UNDER_16)
    cast.case(school, of=cast.person(last_name="Retard"), untouched_until=days_ago(1))
    cast.case(school, of=cast.person(last_name="Autre"))
    visitor = cast.signed_in(dasen)
    first, second = text(visitor.get("/")), text(visitor.get("/?liste=sans-acte"))
    assert "1 jeune de moins de 16 ans à suivre dans le département, 1 dossier sans acte" in first
    assert "Jeune Lou" in first
    assert "Retard Lou" in second
    assert "Autre Lou" not in first + second


def test_the_tour_is_shown_once(client: Client) -> None:
    assert "première campagne" in text(client.get("/"))
    client.post("/visite/vue/")
    assert "première campagne" not in text(client.get("/"))


# --- acts -----------------------------------------------------------------------------------------


def test_ticked_lines_are_transmitted_and_taken_back(client: Client, school: Structure) -> None:
    cases = [cast.case(school) for _ in range(2)]
    ticked = [f"{case.pk}.{case.version}" for case in cases]
    cio = cast.structure(Kind.CIO)
    sent: dict[str, Any] = {"case": ticked, "retour": "/"}
    asked = client.post("/relais/ensemble/", sent)
    assert "Passer le relais de 2 dossiers" in text(asked)
    sent |= {"reason": "interview"} | {f"to-{case.pk}": str(cio.pk) for case in cases}
    answer = client.post("/relais/ensemble/", sent, follow=True)
    assert "2 relais proposés." in text(answer)
    assert "Annuler cet acte" in text(answer)
    event = TimelineEvent.objects.filter(kind="transmitted").order_by("pk")[0]
    client.post(f"/actes/{event.pk}/annuler/", {"retour": "/"})
    assert set(Case.objects.values_list("status", flat=True)) == {Status.TO_CHECK}


def test_false_alarms_ask_which_kind_before_they_close(client: Client, school: Structure) -> None:
    case = cast.case(school)
    sent = {"case": [f"{case.pk}.1"], "acte": "fausse-alerte", "retour": "/?liste=a-verifier"}
    assert "n’aurait-il pas dû" in text(client.post("/liste/ensemble/", sent))
    answer = client.post("/liste/ensemble/", sent | {"which": "still_here"})
    assert answer["Location"] == "/?liste=a-verifier"
    assert Case.objects.get().false_alarm == "still_here"


@pytest.mark.parametrize("back", ["https://ailleurs.test/", "//ailleurs.test", "/\\ailleurs.test"])
def test_nobody_is_sent_to_another_site(client: Client, back: str) -> None:
    answer = client.post("/liste/ensemble/", {"retour": back})
    assert answer["Location"] == "/"


def test_a_call_is_three_choices(client: Client, school: Structure) -> None:
    case = cast.case(school)
    address = f"/dossiers/{case.pk}/appel/"
    page = client.get(address)
    assert "Un représentant légal" in text(page)
    sent = {
        "version": case.version,
        "answerer": "nobody",
        "result": "no_answer",
        "channel": "call",
        "on": timezone.localdate().isoformat(),
        "next_on": days_ago(-2).isoformat(),
    }
    answer = client.post(address, sent, follow=True)
    assert "Appel enregistré." in text(answer)
    assert "Appel : pas de réponse" in text(answer)


def test_from_18_the_parents_are_not_called(client: Client, school: Structure) -> None:
    birth = timezone.localdate().replace(day=1, year=timezone.localdate().year - 19)
    case = cast.case(school, of=cast.person(birth_date=birth))
    page = text(client.get(f"/dossiers/{case.pk}/appel/"))
    assert "Un représentant légal" not in page
    assert "on appelle d’abord Lou" in page


def test_a_wrong_form_keeps_all_that_was_typed(client: Client, school: Structure) -> None:
    case = cast.case(school)
    answer = client.post(
        f"/dossiers/{case.pk}/appel/",
        {
            "answerer": "youth",
            "result": "looking",
            "channel": "visit",
            "on": "31/31/2026",
            "note": "est hospitalisé, rappeler",
        },
    )
    page = text(answer)
    assert "Retirez « hospitalisé »" in page
    assert "est hospitalisé, rappeler" in page
    assert "Cette date ne se lit pas" in page
    assert 'value="youth"' in page
    assert "checked" in page
    assert not TimelineEvent.objects.filter(kind="contact").exists()


def test_what_somebody_did_meanwhile_is_told(client: Client, school: Structure) -> None:
    case = cast.case(school)
    address = f"/dossiers/{case.pk}/motif/"
    assert client.post(address, {"version": 1, "reason": "work"}).status_code == 302
    page = text(client.post(address, {"version": 1, "reason": "moved"}))
    assert "a changé pendant que vous écriviez" in page
    assert "Motif de sortie enregistré" in page
    assert client.post(address, {"version": 2, "reason": "moved"}).status_code == 302


def test_details_say_what_is_wrong_with_a_number(client: Client, school: Structure) -> None:
    case = cast.case(school)
    page = text(
        client.post(f"/dossiers/{case.pk}/coordonnees/", {"phone": "appeler", "postcode": "4400"})
    )
    assert "ne peut pas être composé" in page
    assert "cinq chiffres" in page
    assert 'value="appeler"' in page


def test_an_act_that_is_refused_says_why(school: Structure) -> None:
    secretary = cast.signed_in(cast.member(school, Role.SECRETARIAT))
    case = cast.case(school)
    answer = secretary.get(f"/dossiers/{case.pk}/appel/")
    assert answer.status_code == 403
    assert "Le secrétariat complète les coordonnées" in text(answer)


@pytest.mark.parametrize("page", ["", "appel/", "situation/", "protection/", "rouvrir/"])
def test_what_is_not_yours_answers_like_what_does_not_exist(client: Client, page: str) -> None:
    theirs = cast.case(cast.structure())
    nobody = cast.case(cast.structure())
    nobody_key = nobody.pk
    Person.objects.filter(pk=nobody.person_id).update(hidden=True)
    answers = [client.get(f"/dossiers/{key}/{page}") for key in (theirs.pk, nobody_key)]
    assert [a.status_code for a in answers] == [404, 404]
    pages = [re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text(a)) for a in answers]
    assert pages[0] == pages[1]


# --- the sheet ------------------------------------------------------------------------------------


def test_two_identities_face_to_face(client: Client, school: Structure) -> None:
    case = cast.case(school, status=Status.TO_CONFIRM)
    candidate = Candidate.objects.create(
        case=case,
        departure=case.departures.get(),
        rank=1,
        source="dossier_apprenant",
        structure=cast.structure(Kind.CFA, name="CFA du Port"),
        local_id="1",
        last_name="Delaunay",
        first_name="Lou",
        birth_date=case.person.birth_date,
        probability=0.8,
        differ=["nom_famille"],
    )
    page = text(client.get(f"/dossiers/{case.pk}/"))
    assert "<ins>Delaunay</ins>" in page
    assert "<ins>Lou</ins>" not in page
    assert "CFA du Port" in page
    client.post(f"/dossiers/{case.pk}/candidats/{candidate.pk}/meme/")
    page = text(client.get(f"/dossiers/{case.pk}/"))
    assert "Retrouvé dans une base" in page
    assert Destination.objects.get(case=case).structure == candidate.structure


def test_a_protected_schooling_shows_found_and_nothing_else(school: Structure) -> None:
    case = cast.case(school)
    Destination.objects.create(case=case, place="Lycée du Secret", seen_on=days_ago(1))
    head, colleague = cast.member(school), cast.member(school, Role.CORRESPONDENT)
    cast.signed_in(head).post(f"/dossiers/{case.pk}/protection/", {"version": case.version})
    assert "Lycée du Secret" in text(cast.signed_in(head).get(f"/dossiers/{case.pk}/"))
    visitor = cast.signed_in(colleague)
    for address in (f"/dossiers/{case.pk}/", "/?liste=retrouves", "/?q=lou"):
        page = text(visitor.get(address))
        assert "Retrouvé" in page
        assert "Secret" not in page
        assert "06 99" not in page


def test_a_secretariat_reads_that_there_was_a_call_and_not_what_was_said(
    client: Client, school: Structure
) -> None:
    case = cast.case(school)
    client.post(
        f"/dossiers/{case.pk}/appel/",
        {
            "answerer": "youth",
            "result": "looking",
            "channel": "call",
            "on": timezone.localdate().isoformat(),
            "note": "souhaite la restauration",
        },
    )
    secretary = cast.signed_in(cast.member(school, Role.SECRETARIAT))
    page = text(secretary.get(f"/dossiers/{case.pk}/"))
    assert "Prise de contact" in page
    assert "restauration" not in page
    assert "cherche une solution" not in page.lower()


def test_a_school_adds_somebody_from_its_own_register(client: Client, school: Structure) -> None:
    page = text(client.post("/signaler/", {"last_name": "Morel"}))
    assert "Donnez une date." in page
    assert 'value="Morel"' in page
    sent = {
        "origin": "never_came",
        "school": str(school.pk),
        "last_name": "Morel",
        "first_name": "Zoé",
        "birth_date": days_ago(365 * 17).isoformat(),
    }
    answer = client.post("/signaler/", sent, follow=True)
    assert "Départ signalé" in text(answer)
    assert "n’est jamais venu" in text(answer)
    again = client.post("/signaler/", sent, follow=True)
    assert "déjà ouvert" in text(again)
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    ("constat", "wave"),
    [(date(2025, 9, 10), ["Tôt"]), (date(2025, 10, 2), ["Tôt", "Tard"]), (None, ["Tôt"])],
)
def test_the_wave_of_the_rentree_ends_at_the_constat_of_the_territory(
    client: Client, school: Structure, constat: date | None, wave: list[str]
) -> None:
    if constat:
        SchoolYear.objects.create(
            academie=school.academie,
            year=2025,
            rollover_on=date(2025, 7, 5),
            rentree_on=date(2025, 9, 1),
            constat_on=constat,
        )
    for name, left_on in (("Tôt", date(2025, 9, 2)), ("Tard", date(2025, 9, 28))):
        case = cast.case(school, of=cast.person(last_name=name), school_year=2025)
        Case.objects.filter(pk=case.pk).update(left_on=left_on)
    seen = text(client.get("/", {"vague": "rentree"}))
    others = text(client.get("/", {"vague": "annee"}))
    for name in ("Tôt", "Tard"):
        assert (f">{name} Lou<" in seen) is (name in wave)
        assert (f">{name} Lou<" in others) is (name not in wave)


def test_a_declaration_is_told_as_one_and_proves_no_duty(client: Client, school: Structure) -> None:
    today = timezone.localdate()
    said = {"situation": "schooled", "situation_proof": "declaration"}
    case = cast.case(school, status=Status.TO_CONFIRM, situation_confirmed_on=today, **said)
    page = text(client.get(f"/dossiers/{case.pk}/"))
    assert "déclaré le" in page
    assert "obligation de formation : à confirmer avec un justificatif" in page.lower()


def test_who_follows_already_is_called_first(client: Client, school: Structure) -> None:
    case = cast.case(school)
    case.departures.update(followed_by="Mission locale depuis le 07/10/2026")
    assert "Appeler d’abord qui suit ce jeune : Mission locale." in text(
        client.get(f"/dossiers/{case.pk}/")
    )


def test_the_explanation_does_not_deny_the_candidate_above_it(
    client: Client, school: Structure
) -> None:
    case = cast.case(school)
    address = f"/dossiers/{case.pk}/"
    assert "Aucune inscription ne lui ressemble." in text(client.get(address))
    Candidate.objects.create(
        case=case, departure=case.departures.get(), rank=1, source="siecle", uai="0440001A",
        local_id="12", last_name="Martin", first_name="Lou",
    )  # fmt: skip
    page = text(client.get(address))
    assert "Une inscription lui ressemble, trop peu pour conclure sans vous" in page
    assert "Aucune inscription ne lui ressemble" not in page
