"""The log of readings: who writes it, who reads it, and what nobody may do with it."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from tests import cast
from tests.privacy.readings_of import read, request_of

from raccord.accounts.actors import Actor
from raccord.accounts.middleware import acting_in_database
from raccord.accounts.roles import Role
from raccord.privacy import readings
from raccord.privacy.middleware import KeepReadings
from raccord.privacy.models import Act, LogCheckpoint, Reading
from raccord.territory.kinds import Kind

pytestmark = pytest.mark.django_db


def test_a_line_says_who_as_what_when_and_from_which_screen() -> None:
    school = cast.structure(name="Lycée des Tilleuls")
    head, subject = cast.actor(school), uuid4()
    read(head, subject)
    line = Reading.objects.get()
    assert (line.user_id, line.reader) == (head.user.pk, str(head.user))
    assert line.functions == ["Chef d’établissement, Lycée des Tilleuls"]
    assert (line.structures, line.academies) == ([school.pk], ["17"])
    assert (line.act, line.screen, line.subjects) == ("sheet", "followup:sheet", [subject])


def test_one_statement_for_everything_a_page_noted(django_assert_num_queries: Any) -> None:
    actor = cast.actor(cast.structure())
    request = request_of(actor)
    readings.note(request, Act.LIST, [uuid4() for _ in range(300)])
    readings.note(request, Act.SEARCH, [])
    with django_assert_num_queries(1):
        readings.write(request)
    with django_assert_num_queries(0):
        readings.write(request)  # said once
    assert [len(line.subjects) for line in Reading.objects.order_by("id")] == [300, 0]


def test_an_empty_list_is_not_a_reading() -> None:
    request = request_of(cast.actor(cast.structure()))
    readings.note(request, Act.LIST, [])
    readings.write(request)
    assert not Reading.objects.exists()


def test_each_line_holds_the_hash_of_the_one_before() -> None:
    actor = cast.actor(cast.structure())
    for _ in range(3):
        read(actor)
    first, second, third = Reading.objects.order_by("id")
    assert (second.pk, third.pk) == (first.pk + 1, first.pk + 2)
    assert bytes(first.former_hash) == b""
    assert (bytes(second.former_hash), bytes(third.former_hash)) == (
        bytes(first.hash),
        bytes(second.hash),
    )
    assert len({bytes(line.hash) for line in (first, second, third)}) == 3


def test_every_column_is_in_the_hash() -> None:
    """A column added to the table and not to the canonical text could be altered unseen."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'raccord_reading_hash'")
        text = cursor.fetchone()[0]
    columns = {field.column for field in Reading._meta.concrete_fields} - {"hash"}
    assert {column for column in columns if f"line.{column}" not in text} == set()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE privacy_reading SET reader = 'Personne'",
        "DELETE FROM privacy_reading",
        "TRUNCATE privacy_reading",
        "UPDATE privacy_logcheckpoint SET removed = 0",
        "DELETE FROM privacy_logcheckpoint",
        "TRUNCATE privacy_logcheckpoint",
    ],
)
@pytest.mark.parametrize("as_web", [False, True])
def test_nobody_changes_the_log(statement: str, as_web: bool) -> None:
    actor = cast.actor(cast.structure())
    read(actor)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        if as_web:
            cursor.execute("SET LOCAL ROLE raccord_web")
        cursor.execute(statement)
    assert Reading.objects.count() == 1


@pytest.mark.parametrize("column", ["id", "at", "hash", "former_hash"])
def test_a_page_chooses_neither_place_nor_time_nor_seal(column: str) -> None:
    value = {"id": "7", "at": "'2020-01-01'"}.get(column, "'\\x00'")
    with (
        acting_in_database(None),
        pytest.raises(DatabaseError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"INSERT INTO privacy_reading (reader, functions, structures, academies, act, screen, "
            f"subjects, {column}) VALUES ('', '{{}}', '{{}}', '{{}}', 'sheet', '', '{{}}', {value})"
        )


def test_the_log_is_read_by_the_dpo_of_the_academie_and_nobody_else() -> None:
    nantes = cast.structure(Kind.RECTORAT, uai="0440001A")
    rennes = cast.departement("035", cast.academie("14", "Rennes"))
    head = cast.actor(cast.structure())
    read(head)
    elsewhere = cast.actor(cast.structure(departement=rennes))
    read(elsewhere)
    nowhere = cast.actor(cast.structure(Kind.REGION, academie=None, departement=None))
    Actor.of(nowhere.user)
    read(nowhere)
    dpo = cast.actor(nantes, Role.DPO)
    ended = cast.actor(nantes, Role.DPO, ends_on=date.today() - timedelta(days=1))
    admin = cast.actor(nantes, Role.TERRITORY_ADMIN)
    for actor, seen in [(dpo, {head, nowhere}), (ended, set()), (admin, set()), (head, set())]:
        expected = {other.user.pk for other in seen}
        assert set(_readers(Reading.objects.visible_to(actor))) == expected
        with acting_in_database(actor.user.pk):
            assert set(_readers(Reading.objects.all())) == expected
    with acting_in_database(None):
        assert not Reading.objects.exists()
        assert not Reading.objects.visible_to(None).exists()


def _readers(lines: Any) -> list[int]:
    return list(lines.values_list("user_id", flat=True))


def test_what_is_not_found_is_noted_as_a_refusal_whatever_it_is() -> None:
    actor, asked = cast.actor(cast.structure()), uuid4()
    request = request_of(actor, case=asked, rank=3)

    def page(request: Any) -> HttpResponse:
        readings.note(request, Act.SHEET, [uuid4()])
        return HttpResponse("absent", status=404)

    answer = KeepReadings(page)(request)
    assert (answer.status_code, answer.content) == (404, b"absent")
    line = Reading.objects.get()
    assert (line.act, line.subjects) == ("refusal", [asked])


def test_a_stranger_at_the_door_writes_nothing() -> None:
    KeepReadings(lambda _: HttpResponse(status=404))(request_of(None, case=uuid4()))
    assert not Reading.objects.exists()


@pytest.fixture
def unwritable(transactional_db: None) -> Iterator[None]:
    """The log refuses to be written, as the web server meets it."""
    columns = "user_id, reader, functions, structures, academies, act, screen, subjects"
    with connection.cursor() as cursor:
        cursor.execute(f"REVOKE INSERT ({columns}) ON privacy_reading FROM raccord_web")
        cursor.execute("SET ROLE raccord_web")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
        cursor.execute(f"GRANT INSERT ({columns}) ON privacy_reading TO raccord_web")


@pytest.mark.django_db(transaction=True)
def test_a_page_that_cannot_be_logged_is_not_shown(
    unwritable: None, caplog: pytest.LogCaptureFixture
) -> None:
    def page(request: Any) -> HttpResponse:
        readings.note(request, Act.SHEET, [uuid4()])
        return HttpResponse("Nom du jeune")

    answer = KeepReadings(page)(request_of(None))
    assert answer.status_code == 503
    assert "Nom du jeune" not in answer.content.decode()
    assert "n’est pas montrée" in answer.content.decode()
    assert "ne s’écrit pas" in caplog.text


def test_checkpoints_are_out_of_reach_of_pages() -> None:
    refused = pytest.raises(DatabaseError, match="permission denied")
    with acting_in_database(None), refused, transaction.atomic():
        LogCheckpoint.objects.count()
