"""« Bris de glace »: a search that says little, an opening that all learn of, three hours."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.utils import timezone
from tests import cast

from raccord.accounts.actors import Actor
from raccord.accounts.middleware import acting_in_database
from raccord.accounts.models import User
from raccord.accounts.roles import Role
from raccord.followup.glass import services
from raccord.followup.models import (
    BeyondSearch,
    Case,
    Notification,
    Opening,
    Person,
    Question,
    TimelineEvent,
)
from raccord.followup.relay import asking
from raccord.followup.rights import Act
from raccord.followup.services import record_contact
from raccord.followup.services.acting import Refused
from raccord.privacy.models import Reading
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

pytestmark = pytest.mark.django_db

BORN = cast.aged(17)
REASON = "Ce jeune est à notre accueil et ne sait plus qui le suit."


@pytest.fixture
def school() -> Structure:
    return cast.structure(name="Lycée Simone-Veil", phone="0240000001")


@pytest.fixture
def young(school: Structure) -> Person:
    return cast.person(last_name="N’Diaye-Martin", first_name="Lou-Anne", birth_date=BORN)


@pytest.fixture
def case(school: Structure, young: Person) -> Case:
    return cast.case(school, of=young)


@pytest.fixture
def adviser() -> User:
    return cast.member(cast.structure(Kind.MLDS), Role.AGENT)


@pytest.fixture
def dpo() -> User:
    return cast.member(cast.structure(Kind.RECTORAT), Role.DPO)


def looked(who: User, **asked: Any) -> BeyondSearch:
    """A search as the page makes it: under its rights."""
    given = {"last_name": "N'DIAYE MARTIN", "first_name": "lou anne", "birth_date": BORN} | asked
    with acting_in_database(who.pk):
        return services.search(Actor.of(who), **given)


def opened(who: User, search: UUID, reason: str = REASON) -> Opening:
    with acting_in_database(who.pk):
        return services.open_beyond(Actor.of(who), search=search, reason=reason)


def sees(who: User, case: Case) -> bool:
    with acting_in_database(who.pk):
        return Case.objects.filter(pk=case.pk).exists()


def text(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().replace("\u00a0", " ").replace("\u202f", " ").split())


def test_it_tells_that_a_case_exists_and_who_to_ring(
    adviser: User, case: Case, school: Structure
) -> None:
    client = cast.signed_in(adviser)
    asked = {"last_name": "Dupont", "first_name": "Lou-Anne", "birth_date": BORN.isoformat()}
    page = client.post("/hors-perimetre/", asked, follow=True)
    assert "Aucun dossier à ce nom" in page.content.decode()
    asked["last_name"] = "N’Diaye Martin"
    page = client.post("/hors-perimetre/", asked, follow=True)
    text = page.content.decode().replace("\xa0", " ")
    assert "Un dossier existe" in text
    assert school.name in text
    assert "02 40 00 00 01" in text
    assert str(case.pk) not in text
    assert case.departures.get().level not in text
    assert not sees(adviser, case), "a search opens nothing"
    [line] = Reading.objects.filter(subjects=[case.pk], screen="followup:beyond")
    assert line.get_act_display() == "recherche"
    assert Reading.objects.filter(subjects=[], screen="followup:beyond").count() == 1


@pytest.mark.parametrize(
    "asked",
    [
        {"birth_date": BORN + timedelta(days=1)},
        {"first_name": "Lou"},
        {"last_name": "Martin"},
        {"last_name": "N Diaye Marti"},
        {"last_name": "Ndiaye-Martin", "first_name": "Louanne"},
    ],
)
def test_a_part_or_another_date_is_enough_only_where_it_is_somebody(
    adviser: User, case: Case, asked: dict[str, Any]
) -> None:
    found = looked(adviser, **asked)
    whole_words = "birth_date" not in asked and "Marti" not in asked.get("last_name", "").split()
    assert (found.case_id == case.pk) == whole_words


@pytest.mark.parametrize(
    "hide",
    [
        {"hidden": True},
        {"training": True},
        {"protected_at": timezone.now()},
        {"closed": True},
        {"far": True},
        {"lane": "under_16"},
    ],
)
def test_the_same_nothing(adviser: User, case: Case, hide: dict[str, Any]) -> None:
    """Protected, hidden, invented, closed, in another académie, or not for a service: nothing."""
    if "protected_at" in hide:
        hide |= {"protected_by": case.holder}
    if "far" in hide:
        Case.objects.filter(pk=case.pk).update(academie=cast.academie("22", "Limoges"))
    elif "closed" in hide:
        gone = {"status": "closed", "outcome": "schooled", "closed_on": timezone.localdate()}
        Case.objects.filter(pk=case.pk).update(**gone)
    elif "lane" in hide:
        Case.objects.filter(pk=case.pk).update(**hide)
    else:
        Person.objects.filter(pk=case.person_id).update(**hide)
    found = looked(adviser)
    assert (found.case_id, found.holder_id) == (None, None)
    with pytest.raises(Refused):
        opened(adviser, found.pk)


def test_before_16_a_school_is_told(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(lane="under_16")
    assert looked(cast.member(cast.structure())).case_id == case.pk


def test_twenty_a_day(adviser: User, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(services.A_DAY):
        looked(adviser)
    with pytest.raises(services.TooMany):
        looked(adviser)
    BeyondSearch.objects.update(at=timezone.now() - timedelta(days=1, minutes=1))
    looked(adviser)
    page = cast.signed_in(cast.member(adviser.memberships.get().structure, Role.AGENT))
    assert page.get("/hors-perimetre/").status_code == 200


def test_opening_tells_everybody_and_ends(
    adviser: User, dpo: User, case: Case, school: Structure
) -> None:
    head = cast.member(school)
    stranger = cast.member(cast.structure(Kind.CIO), Role.AGENT)
    made = opened(adviser, looked(adviser).pk)
    assert made.until - made.at == timedelta(hours=3)
    assert sees(adviser, case)
    assert not sees(stranger, case)
    event = TimelineEvent.objects.get(case=case, kind="opened_beyond")
    assert (event.author, event.note, event.user) == (str(adviser), REASON, adviser)
    told = dict(Notification.objects.values_list("user", "kind"))
    assert told == {head.pk: "opened", dpo.pk: "beyond"}
    assert Notification.objects.get(user=dpo).case is None

    client = cast.signed_in(adviser)
    page = client.get(f"/dossiers/{case.pk}/").content.decode()
    assert "hors de votre périmètre" in page
    assert REASON in page
    able = case.abilities(Actor.of(adviser))
    assert {act for act in Act if able[act]} == {Act.VIEW, Act.NOTES, Act.ASK}
    assert client.get(f"/dossiers/{case.pk}/appel/").status_code == 403
    with acting_in_database(adviser.pk):
        asking.ask(Actor.of(adviser), case=case.pk, text="Qui le reçoit cette semaine ?")
    assert Question.objects.filter(case=case).exists()
    with acting_in_database(adviser.pk), pytest.raises(Refused):
        record_contact(
            Actor.of(adviser), case=case.pk, answerer="nobody", result="no_answer", channel="call"
        )

    # the clock of the database is that of the transaction, which is the whole test here
    past = timezone.now() - timedelta(hours=4)
    Opening.objects.update(at=past, until=past + timedelta(hours=3))
    assert not sees(adviser, case)
    assert client.get(f"/dossiers/{case.pk}/").status_code == 404


def test_the_dpo_reads_why_and_no_name(adviser: User, dpo: User, case: Case, young: Person) -> None:
    opened(adviser, looked(adviser).pk)
    page = cast.signed_in(dpo).get("/hors-perimetre/ouvertures/").content.decode()
    assert REASON in page
    assert str(adviser) in page
    assert str(case.pk) in page
    assert young.last_name not in page
    far = cast.structure(Kind.RECTORAT, departement=cast.departement("087", of=cast.academie("22")))
    other = cast.signed_in(cast.member(far, Role.DPO))
    assert REASON not in other.get("/hors-perimetre/ouvertures/").content.decode()
    with acting_in_database(cast.member(far, Role.DPO).pk):
        assert not Opening.objects.exists()


def test_no_other_path_opens(adviser: User, case: Case) -> None:
    """Neither a search of somebody else, nor an old one, nor the table itself."""
    colleague = cast.member(cast.structure(Kind.MLDS), Role.AGENT)
    search = looked(colleague)
    with pytest.raises(BeyondSearch.DoesNotExist):
        opened(adviser, search.pk)
    with acting_in_database(adviser.pk), connection.cursor() as cursor:
        cursor.execute("SELECT raccord_break_glass(%s, %s)", [search.pk, REASON])
        assert cursor.fetchone() == (None,)
    BeyondSearch.objects.update(at=timezone.now() - timedelta(hours=1, minutes=30))
    with pytest.raises(BeyondSearch.DoesNotExist):
        opened(colleague, search.pk)
    row = {"case": case, "user": adviser, "author": "x", "reason": REASON}
    for attempt in (
        lambda: Opening.objects.create(**row, academie=case.academie),
        lambda: BeyondSearch.objects.create(user=adviser, case=case),
        lambda: Opening.objects.update(until=timezone.now() + timedelta(hours=1)),
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), acting_in_database(adviser.pk):
            attempt()
    assert not sees(adviser, case)


@pytest.mark.parametrize("reason", ["", "urgent", "x" * 30, "Son dossier médical est nécessaire"])
def test_a_reason_is_a_sentence_and_says_nothing_forbidden(
    adviser: User, case: Case, reason: str
) -> None:
    search = looked(adviser).pk
    with pytest.raises(ValidationError):
        opened(adviser, search, reason)
    assert not Opening.objects.exists()


@pytest.mark.parametrize("role", [Role.SECRETARIAT, Role.CORRESPONDENT, Role.STEERING, Role.DPO])
def test_who_may_not_search(case: Case, role: Role) -> None:
    kind = Kind.RECTORAT if role in (Role.STEERING, Role.DPO) else Kind.LYCEE
    who = cast.member(cast.structure(kind), role)
    assert cast.signed_in(who).get("/hors-perimetre/").status_code == 404
    with pytest.raises(BeyondSearch.DoesNotExist):
        looked(who)
    with pytest.raises(DatabaseError), transaction.atomic(), acting_in_database(who.pk):
        connection.cursor().execute(
            "SELECT raccord_search_beyond(%s, %s)", [["N", "DIAYE", "LOU"], BORN]
        )


def test_never_while_practising(adviser: User, case: Case) -> None:
    with (
        pytest.raises(DatabaseError),
        transaction.atomic(),
        acting_in_database(adviser.pk, training=True),
    ):
        connection.cursor().execute("SELECT raccord_search_beyond(%s, %s)", [["LOU"], BORN])


def test_ones_own_leads_to_the_sheet(case: Case, school: Structure) -> None:
    client: Client = cast.signed_in(cast.member(school))
    page = client.post(
        "/hors-perimetre/",
        {"last_name": "N'Diaye Martin", "first_name": "Lou Anne", "birth_date": BORN.isoformat()},
        follow=True,
    )
    assert f"/dossiers/{case.pk}/" in page.content.decode()
    assert "Ouvrir pour trois heures" not in page.content.decode()


def test_what_is_left_to_examine_and_who_examined_the_rest(
    adviser: User, dpo: User, case: Case, school: Structure
) -> None:
    first = opened(adviser, looked(adviser).pk)
    other = cast.member(cast.structure(Kind.CIO), Role.AGENT)
    second = opened(other, looked(other).pk)
    client, listed = cast.signed_in(dpo), "/hors-perimetre/ouvertures/"
    address = f"{listed}{first.pk}/"
    page = text(client.get(listed))
    assert "2 ouvertures à examiner, sur 2." in page
    assert f'href="{address}"' in page
    assert "Dites en un mot" in text(client.post(address, {"note": " "}))
    assert "santé" in text(client.post(address, {"note": "Dossier médical demandé"}))
    page = text(client.post(address, {"note": "Raison vérifiée auprès du CIO."}, follow=True))
    assert "Ouverture examinée." in page
    assert "1 ouverture à examiner, sur 2." in page
    assert "Raison vérifiée" not in page, "what is left comes first"
    every = text(client.get(f"{listed}?liste=toutes"))
    assert "« Raison vérifiée auprès du CIO. »" in every
    assert f"par {dpo}" in every
    first.refresh_from_db()
    assert (first.examined_by, first.examiner) == (dpo, str(dpo))
    client.post(f"{listed}{second.pk}/", {"note": "Rappel fait."})
    assert "Rien à examiner : les 2 ouvertures le sont." in text(client.get(listed))
    assert "Examinée le" in text(client.get(address))


def test_an_opening_is_examined_once_by_its_own_dpo(
    adviser: User, dpo: User, case: Case, school: Structure
) -> None:
    made = opened(adviser, looked(adviser).pk)
    far = cast.structure(Kind.RECTORAT, departement=cast.departement("087", of=cast.academie("22")))
    for stranger in (cast.member(far, Role.DPO), adviser, cast.member(school)):
        answer = cast.signed_in(stranger).get(f"/hors-perimetre/ouvertures/{made.pk}/")
        assert answer.status_code == 404
        with acting_in_database(stranger.pk):
            with pytest.raises(Opening.DoesNotExist):
                services.examine(Actor.of(stranger), opening=made.pk, note="Vu.")
            with connection.cursor() as cursor:
                cursor.execute("SELECT raccord_examine_opening(%s, 'Vu.')", [made.pk])
                assert cursor.fetchone() == (False,)
    colleague = cast.member(dpo.memberships.get().structure, Role.DPO)
    with acting_in_database(colleague.pk):
        services.examine(Actor.of(colleague), opening=made.pk, note="Vu.")
    with acting_in_database(dpo.pk), pytest.raises(Refused, match="déjà examiné"):
        services.examine(Actor.of(dpo), opening=made.pk, note="Vu aussi.")
    made.refresh_from_db()
    assert (made.examined_note, made.examined_by) == ("Vu.", colleague)


def test_nobody_examines_their_own_opening(case: Case, dpo: User) -> None:
    both = cast.member(cast.structure(Kind.MLDS), Role.AGENT)
    cast.member(dpo.memberships.get().structure, Role.DPO, both)
    made = opened(both, looked(both).pk)
    with acting_in_database(both.pk), pytest.raises(Refused, match="un autre délégué"):
        services.examine(Actor.of(both), opening=made.pk, note="Rien à dire.")
