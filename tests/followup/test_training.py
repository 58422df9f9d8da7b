"""Practising on invented young people: acts work, nothing mixes, leaves or remains."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from tests import cast

from raccord.accounts.actors import Actor
from raccord.accounts.middleware import acting_in_database
from raccord.accounts.models import Membership, User
from raccord.accounts.roles import Role
from raccord.followup import training
from raccord.followup.care import vacancies
from raccord.followup.invented import CAST, PLACES
from raccord.followup.letters.delivery import deliver
from raccord.followup.letters.models import Message
from raccord.followup.letters.services import send
from raccord.followup.letters.vocabulary import MessageStatus
from raccord.followup.models import Case, Person, Proposal, Vacancy
from raccord.followup.tasks import clear_practices
from raccord.territory.kinds import Kind
from raccord.territory.models import PRACTICE, Structure

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Structure:
    return cast.structure(basin=cast.basin())


@pytest.fixture
def head(school: Structure) -> User:
    return cast.member(school)


@pytest.fixture
def client(head: User) -> Client:
    return cast.signed_in(head)


def act(client: Client, what: str) -> Any:
    return client.post("/entrainement/agir/", {"acte": what}, follow=True)


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


def names(client: Client, tab: str = "") -> set[str]:
    shown = client.get("/", {"liste": tab}).context["list"]
    return {case.person.last_name for case in shown.page.object_list}


def practice_cases() -> Any:
    return Case.objects.filter(person__training=True)


def test_the_practice_list_has_invented_people_only(school: Structure, client: Client) -> None:
    real = cast.case(school)
    page = text(act(client, "commencer"))
    assert "Entraînement : ces jeunes sont inventés." in page
    invented = {one.last_name for one in CAST}
    assert names(client) and names(client) <= invented
    assert practice_cases().count() == len(CAST)
    assert client.get(f"/dossiers/{real.pk}/").status_code == 404
    assert client.get("/", {"q": real.person.last_name}).context["rows"] == []


def test_back_to_real_files_nothing_invented_is_seen(school: Structure, client: Client) -> None:
    real = cast.case(school)
    act(client, "commencer")
    invented = practice_cases().order_by("pk")[0]
    page = text(act(client, "revenir"))
    assert "ces jeunes sont inventés" not in page
    assert names(client) == {real.person.last_name}
    for tab in ("a-confirmer", "transmis", "retrouves", "suivis"):
        assert not names(client, tab) & {one.last_name for one in CAST}
    assert client.get(f"/dossiers/{invented.pk}/").status_code == 404
    assert client.get("/", {"q": invented.person.last_name}).context["rows"] == []
    exported = b"".join(client.get("/liste/export/csv/", {"liste": "a-verifier"}))
    assert real.person.last_name.encode() in exported
    assert invented.person.last_name.encode() not in exported


def test_the_database_keeps_both_worlds_apart(school: Structure, head: User) -> None:
    real = cast.case(school)
    training.open_practice(Actor.of(head))
    for practising in (False, True):
        with acting_in_database(head.pk, training=practising):
            seen = set(Case.objects.values_list("pk", flat=True))
        assert seen == (
            set(practice_cases().values_list("pk", flat=True)) if practising else {real.pk}
        )


@pytest.mark.parametrize(
    ("role", "kind"),
    [(Role.DASEN, Kind.DSDEN), (Role.BASIN_REFERENT, Kind.CIO), (Role.HEAD, Kind.LYCEE)],
)
def test_nobody_else_sees_it(school: Structure, head: User, role: Role, kind: Kind) -> None:
    at = school if role is Role.HEAD else cast.structure(kind, basin=school.basin)
    other = cast.actor(at, role)
    training.open_practice(Actor.of(head))
    assert not Case.objects.visible_to(other).exists()
    training.open_practice(other)
    practising = Actor.of(other.user, training=True)
    with acting_in_database(other.user.pk, training=True):
        mine = list(Case.objects.visible_to(practising).values_list("holder", flat=True))
    assert set(mine) == {getattr(training.practice_of(other.user), "pk", 0)}


def test_an_act_works_as_in_reality(client: Client) -> None:
    act(client, "commencer")
    case = practice_cases().filter(person__last_name=CAST[0].last_name).get()
    for page in ("", "appel/", "situation/", "coordonnees/", "transmettre/", "courrier/"):
        client.get(f"/dossiers/{case.pk}/{page}")
    answer = client.post(
        f"/dossiers/{case.pk}/appel/",
        {
            "version": 1,
            "channel": "call",
            "answerer": "nobody",
            "result": "no_answer",
            "on": timezone.localdate().isoformat(),
        },
    )
    assert answer.status_code == 302
    case.refresh_from_db()
    assert case.attempts == 1


def test_every_sheet_is_told(client: Client) -> None:
    act(client, "commencer")
    for case in practice_cases().order_by("pk"):
        assert "inventés" in text(client.get(f"/dossiers/{case.pk}/"))


def test_a_declared_departure_is_invented_too(client: Client) -> None:
    act(client, "commencer")
    school = Structure.objects.get(source=PRACTICE, kind=Kind.LYCEE_PRO)
    declared = {
        "school": school.pk,
        "last_name": "Essai",
        "first_name": "Lou",
        "birth_date": "2009-05-04",
        "origin": "no_longer_comes",
        "left_on": "",
    }
    client.post("/signaler/", declared)
    assert Person.objects.get(last_name="Essai").training


@pytest.mark.parametrize("address", ["/personnes/", "/depots/", "/journal-des-lectures/"])
def test_what_touches_real_people_is_closed_meanwhile(client: Client, address: str) -> None:
    act(client, "commencer")
    school = Structure.objects.get(source=PRACTICE, kind=Kind.LYCEE_PRO)
    for closed in (address, f"/structures/{school.pk}/personnes/"):
        answer = client.get(closed)
        assert answer.status_code in {302, 404}
        assert answer.status_code == 404 or answer["Location"] == "/entrainement/"


def one_of_seventeen() -> Case:
    """Whom a partner may follow: another invented one is fifteen."""
    found = practice_cases().filter(status="to_check", lane="obligation_16_17")
    return found.order_by("pk")[0]


def hand_over(client: Client, case: Case) -> Structure:
    """To the one structure that is proposed."""
    cio = Structure.objects.get(source=PRACTICE, kind=Kind.CIO)
    page = client.get(f"/dossiers/{case.pk}/relais/")
    assert "CIO d’entraînement" in page.content.decode()
    given = {"to": cio.pk, "reason": "interview", "version": case.version}
    assert client.post(f"/dossiers/{case.pk}/relais/", given).status_code == 302
    return cio


def test_a_relay_is_no_dead_end(client: Client) -> None:
    act(client, "commencer")
    cio = hand_over(client, case := one_of_seventeen())
    case.refresh_from_db()
    assert (case.holder, case.status) == (cio, "to_check")
    page = client.get(f"/dossiers/{case.pk}/")
    assert "Accepté par le CIO d’entraînement" in page.content.decode()
    act(client, "quitter")
    assert not Structure.objects.filter(source=PRACTICE).exists()


def test_starting_again_puts_everything_back(client: Client) -> None:
    act(client, "commencer")
    hand_over(client, case := one_of_seventeen())
    act(client, "zero")
    assert not Case.objects.filter(pk=case.pk).exists()
    assert practice_cases().count() == len(CAST)
    assert Vacancy.objects.count() == len(PLACES)
    assert Structure.objects.filter(source=PRACTICE).count() == 3, "a school, its CIO, a CFA"


def test_leaving_removes_everything(school: Structure, client: Client, head: User) -> None:
    real = cast.case(school)
    before = _counted()
    act(client, "commencer")
    case = practice_cases().filter(status="to_check").order_by("pk")[0]
    client.post(f"/dossiers/{case.pk}/coordonnees/", {"version": 1, "phone": "06 39 98 22 22"})
    assert _counted() != before
    page = text(act(client, "quitter"))
    assert "il n’en reste rien" in page
    assert _counted() == before
    assert names(client) == {real.person.last_name}


def _counted() -> dict[str, int]:
    """Rows of every table of the rooms, but the log of readings, which keeps all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = "
            "'public'::regnamespace AND relname ~ '^(followup|detection|territory|accounts)_'"
        )
        tables = [row[0] for row in cursor.fetchall()]
        found = {}
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
    return found


def test_leaving_removes_nobody_elses_practice(head: User) -> None:
    other = cast.actor(cast.structure(Kind.MISSION_LOCALE), Role.AGENT)
    training.open_practice(other)
    training.open_practice(Actor.of(head))
    training.leave(Actor.of(head))
    assert practice_cases().count() == len(CAST)
    assert training.practice_of(other.user) is not None


def later(days: int) -> datetime:
    return timezone.now() + timedelta(days=days)


def test_an_abandoned_practice_is_cleared(school: Structure, client: Client) -> None:
    real = cast.case(school)
    before = _counted()
    act(client, "commencer")
    assert training.clear_abandoned(later(29)) == 0
    assert practice_cases().count() == len(CAST)
    assert training.clear_abandoned(later(31)) == 1
    assert _counted() == before
    assert names(client) == {real.person.last_name}  # the session does not practise any more


def test_a_practice_in_use_is_kept(client: Client, head: User) -> None:
    act(client, "commencer")
    held = practice_cases().order_by("pk")[0].timeline.order_by("pk")
    held.update(at=later(20), user=head)
    assert training.clear_abandoned(later(31)) == 0
    act(client, "zero")
    Person.objects.filter(training=True).update(created_at=later(20))
    assert training.clear_abandoned(later(31)) == 0
    assert training.clear_abandoned(later(51)) == 1


def test_the_practice_of_a_closed_account_is_cleared_too(head: User) -> None:
    training.open_practice(Actor.of(head))
    Membership.objects.filter(structure__source=PRACTICE).delete()
    Person.objects.filter(training=True).update(created_at=later(-31))
    clear_practices(timestamp=0)
    assert not Structure.objects.filter(source=PRACTICE).exists()
    assert not practice_cases().exists()


@pytest.mark.parametrize("function", ["raccord_empty_practices", "raccord_remove_practices"])
def test_no_page_clears_the_practice_of_others(head: User, function: str) -> None:
    school = training.open_practice(Actor.of(head))
    with (
        pytest.raises(DatabaseError),
        acting_in_database(cast.user().pk, training=True),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"SELECT {function}(%s)", [[school.pk]])


def test_it_ends_with_the_last_real_role(client: Client, head: User) -> None:
    act(client, "commencer")
    Membership.objects.filter(user=head).exclude(structure__source=PRACTICE).delete()
    assert client.get("/").status_code == 302
    assert not Actor.of(head, training=True).memberships


def test_steering_has_no_practice(client: Client) -> None:
    rectorat = cast.structure(Kind.RECTORAT)
    steering = cast.signed_in(cast.member(rectorat, Role.STEERING))
    assert steering.get("/entrainement/").status_code == 404
    assert steering.post("/entrainement/agir/", {"acte": "commencer"}).status_code == 404


def test_no_message_leaves(client: Client, head: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(medium: str) -> None:
        raise AssertionError(medium)

    monkeypatch.setattr("raccord.followup.letters.delivery.adapter_for", never)
    act(client, "commencer")
    case = practice_cases().filter(person__last_name=CAST[0].last_name).get()
    with acting_in_database(head.pk, training=True):
        send(Actor.of(head, training=True), cases=[case.pk], purpose="first_contact", medium="sms")
    assert Message.objects.get().status == MessageStatus.WAITING
    assert deliver().sent == 1
    assert Message.objects.get().outgoing == ""


def test_a_report_of_the_practice_never_names_a_real_school(
    school: Structure, client: Client
) -> None:
    """It would be told of somebody who does not exist."""
    act(client, "commencer")
    assert "last_school" not in text(client.get("/signalements/nouveau/"))
    own = Structure.objects.get(source=PRACTICE, kind=Kind.LYCEE_PRO)
    said = {
        "structure": own.pk,
        "last_name": "Petit",
        "first_name": "Hugo",
        "birth_date": "2009-03-12",
        "how": "walk_in",
        "last_school": school.uai,
        "acte": "ouvrir",
    }
    assert client.post("/signalements/nouveau/", said).status_code == 302
    assert not Case.objects.filter(parties__structure=school).exists()


def test_invented_places_are_found_for_invented_people_only(
    school: Structure, client: Client
) -> None:
    real = cast.case(school)
    place = {"academie": school.academie, "kind": "return", "course": "CAP Serrurier"}
    Vacancy.objects.create(structure=school, **place)
    act(client, "commencer")
    case = one_of_seventeen()
    found = vacancies.near(case)
    assert {one.structure for one in found} == {training.CFA_NAME}
    shown = text(client.get(f"/dossiers/{case.pk}/places/"))
    assert found[0].course in shown and "Serrurier" not in shown
    said = {"kind": "cfa", "course": found[0].course, "place": "", "vacancy": found[0].pk}
    assert client.post(f"/dossiers/{case.pk}/solution/", said).status_code == 302
    assert Proposal.objects.filter(case=case, structure__source=PRACTICE).exists()
    case.refresh_from_db()
    assert [one.course for one in vacancies.near(real)] == ["CAP Serrurier"]
    hand_over(client, case)
    case.refresh_from_db()
    assert vacancies.near(case), "whoever holds the case"
