"""`raccord access-log verify`: what it finds, and what it says of it."""

from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import cast
from tests.privacy.readings_of import read

from raccord.accounts.middleware import acting_in_database
from raccord.privacy import journal, retention, verification
from raccord.privacy.models import LogCheckpoint, Reading

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> Path:
    """A journal of its own."""
    settings.HOME = tmp_path
    return tmp_path


@pytest.fixture
def lines() -> list[int]:
    """Twelve readings, by two people; their identifiers in order."""
    people = [cast.actor(cast.structure()), cast.actor(cast.structure())]
    for rank in range(12):
        read(people[rank % 2])
    return list(Reading.objects.order_by("id").values_list("id", flat=True))


def as_superuser(statement: str, *values: Any) -> None:
    """What somebody who rules the database could do: the triggers are off."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE privacy_reading DISABLE TRIGGER ALL")
        cursor.execute(statement, values)
        cursor.execute("ALTER TABLE privacy_reading ENABLE TRIGGER ALL")


def chained_again(since: int) -> None:
    """Write all the hashes again from a line on, as they would have been."""
    for identifier in Reading.objects.filter(id__gte=since).order_by("id").values_list("id"):
        as_superuser(
            """UPDATE privacy_reading r SET former_hash = coalesce((SELECT b.hash
                FROM privacy_reading b WHERE b.id = r.id - 1), '') WHERE r.id = %s""",
            *identifier,
        )
        as_superuser(
            "UPDATE privacy_reading r SET hash = raccord_reading_hash(r) WHERE r.id = %s",
            *identifier,
        )


def test_a_whole_log_is_told_whole(lines: list[int], capsys: Any) -> None:
    proof = verification.verify()
    assert proof.holds and proof.lines == 12
    call_command("access_log", "verify")
    assert "intact : 12 lignes" in capsys.readouterr().out


def test_an_empty_log_is_whole() -> None:
    assert verification.verify() == verification.Proof(0, 0)


def test_the_size_of_a_range_changes_nothing(
    lines: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verification, "AT_ONCE", 5)
    assert verification.verify().lines == 12
    as_superuser("DELETE FROM privacy_reading WHERE id BETWEEN %s AND %s", lines[4], lines[10])
    assert verification.verify().fault_id == lines[4]


ALTERATIONS = {
    "at": "at + interval '1 second'",
    "user_id": "coalesce(user_id, 0) + 1",
    "reader": "reader || ' '",
    "functions": "functions || '{x}'::varchar[]",
    "structures": "'{}'",
    "academies": "'{99}'",
    "act": "'letter'",
    "screen": "'ailleurs'",
    "subjects": "subjects || gen_random_uuid()",
    "former_hash": "'\\x00'",
    "hash": "'\\x00'",
}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rank=st.integers(0, 11), column=st.sampled_from(sorted(ALTERATIONS)))
def test_any_altered_line_is_found(lines: list[int], rank: int, column: str) -> None:
    """Whatever the line and the column; the sentence says which one."""
    altered = lines[rank]
    with transaction.atomic():
        as_superuser(
            f"UPDATE privacy_reading SET {column} = {ALTERATIONS[column]} WHERE id = %s", altered
        )
        proof = verification.verify()
        assert proof.fault_id == altered
        at = timezone.localtime(Reading.objects.get(pk=altered).at)
        assert f"La ligne {altered}, du {at:%d/%m/%Y à %H:%M:%S}" in proof.fault
        transaction.set_rollback(True)
    assert verification.verify().holds


@pytest.mark.parametrize("rank", [0, 5, 11])
def test_a_removed_line_is_found(lines: list[int], rank: int) -> None:
    """The first, one in the middle, and the last, which only the mark outside knows."""
    journal.pin()
    as_superuser("DELETE FROM privacy_reading WHERE id = %s", lines[rank])
    proof = verification.verify()
    assert proof.fault_id == lines[rank]
    assert "Il manque" in proof.fault and f"ligne {lines[rank]}" in proof.fault


def test_everything_removed_is_found(lines: list[int]) -> None:
    journal.pin()
    as_superuser("TRUNCATE privacy_reading")
    assert verification.verify().fault_id == lines[0]


def test_a_line_slipped_in_is_found(lines: list[int]) -> None:
    """Even sealed by itself, it does not follow the one before."""
    as_superuser("UPDATE privacy_reading SET id = id + 1000 WHERE id >= %s", lines[6])
    as_superuser(
        """INSERT INTO privacy_reading (id, at, reader, functions, structures, academies, act,
            screen, subjects, former_hash, hash) SELECT %s, at, 'Personne', '{}', '{}', '{}', act,
            screen, subjects, former_hash, hash FROM privacy_reading WHERE id = %s""",
        lines[6],
        lines[5],
    )
    as_superuser("UPDATE privacy_reading SET id = id - 999 WHERE id >= 1000")
    assert verification.verify().fault_id == lines[6]


def test_a_line_slipped_in_before_the_first_is_found(lines: list[int]) -> None:
    as_superuser("UPDATE privacy_reading SET id = -5 WHERE id = %s", lines[3])
    assert verification.verify().fault_id == -5


def test_two_lines_exchanged_are_found(lines: list[int]) -> None:
    as_superuser("UPDATE privacy_reading SET id = -1 WHERE id = %s", lines[3])
    as_superuser("UPDATE privacy_reading SET id = %s WHERE id = %s", lines[3], lines[7])
    as_superuser("UPDATE privacy_reading SET id = %s WHERE id = -1", lines[7])
    assert verification.verify().fault_id == lines[3]


def test_a_line_altered_and_sealed_again_betrays_itself_by_the_next(lines: list[int]) -> None:
    as_superuser("UPDATE privacy_reading SET reader = 'Personne' WHERE id = %s", lines[4])
    as_superuser(
        "UPDATE privacy_reading r SET hash = raccord_reading_hash(r) WHERE id = %s", lines[4]
    )
    assert verification.verify().fault_id == lines[4]


def test_a_chain_written_again_is_not_the_one_that_was_marked(lines: list[int]) -> None:
    journal.pin()
    as_superuser("UPDATE privacy_reading SET reader = 'Personne' WHERE id = %s", lines[4])
    chained_again(lines[4])
    proof = verification.verify()
    assert proof.fault_id == lines[11]
    assert "réécrit" in proof.fault


def test_a_forged_mark_is_refused(lines: list[int]) -> None:
    journal.pin()
    text = journal.path().read_text()
    journal.path().write_text(text.replace(f";{lines[11]};", f";{lines[10]};"))
    assert "sceau" in verification.verify().fault


def test_the_journal_is_out_of_sight_and_says_each_line_once(lines: list[int]) -> None:
    assert journal.pin() is not None
    assert journal.pin() is None
    assert len(list(journal.marks())) == 1
    assert journal.path().stat().st_mode & 0o777 == 0o600
    assert journal.path().parent.stat().st_mode & 0o777 == 0o700


def test_the_command_fails_and_says_it_in_french(lines: list[int], capsys: Any) -> None:
    as_superuser("UPDATE privacy_reading SET act = 'list' WHERE id = %s", lines[2])
    with pytest.raises(SystemExit) as ended:
        call_command("access_log", "verify")
    assert ended.value.code == 1
    assert f"La ligne {lines[2]}, du " in capsys.readouterr().err
    assert list(journal.marks()) == []  # what does not hold is not marked


# --- retention -----------------------------------------------------------------------------------


@pytest.fixture
def over_two_years() -> list[Any]:
    """A reading every hundred days, the oldest first."""
    now = timezone.now()
    for days in (700, 600, 500, 400, 300, 200, 100, 0):
        Reading.objects.create(at=now - timedelta(days=days), reader="Camille", act="sheet")
    return list(Reading.objects.order_by("id"))


def test_what_is_older_than_a_year_goes_and_the_rest_still_holds(
    over_two_years: list[Any], capsys: Any
) -> None:
    journal.pin()
    call_command("purge_readings")
    assert "4 lectures d’avant le" in capsys.readouterr().out
    assert list(Reading.objects.order_by("id")) == over_two_years[4:]
    checkpoint = LogCheckpoint.objects.get()
    assert (checkpoint.last_id, checkpoint.removed) == (over_two_years[3].pk, 4)
    assert verification.verify() == verification.Proof(4, 2)
    call_command("purge_readings")
    assert "rien à retirer" in capsys.readouterr().out
    read(cast.actor(cast.structure()))
    assert verification.verify().lines == 5


def test_the_clock_decides(over_two_years: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred days ago only three were too old; in a hundred days five will be."""
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now - timedelta(days=100))
    assert retention.forget_old_readings().removed == 3
    monkeypatch.setattr(timezone, "now", lambda: now + timedelta(days=100))
    assert retention.forget_old_readings().removed == 2
    assert verification.verify().holds


def test_the_log_goes_on_from_a_purge_that_left_nothing(home: Path) -> None:
    old = timezone.now() - timedelta(days=500)
    last = Reading.objects.create(at=old, reader="Camille", act="sheet")
    retention.forget_old_readings()
    read(cast.actor(cast.structure()))
    following = Reading.objects.get()
    assert following.pk == last.pk + 1
    assert bytes(following.former_hash) == bytes(LogCheckpoint.objects.get().last_hash)
    assert verification.verify().holds


def test_a_clock_gone_mad_removes_nothing_recent(
    over_two_years: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    later = timezone.now() + timedelta(days=300)
    monkeypatch.setattr(timezone, "now", lambda: later)
    with pytest.raises(IntegrityError, match="six mois"), transaction.atomic():
        retention.forget_old_readings()
    assert Reading.objects.count() == 8


def test_the_oldest_lines_removed_by_another_hand_are_missed(over_two_years: list[Any]) -> None:
    """A checkpoint that the purge did not note outside of the database proves nothing."""
    third = over_two_years[2]
    as_superuser("DELETE FROM privacy_reading WHERE id <= %s", third.pk)
    LogCheckpoint.objects.create(
        last_id=third.pk, last_hash=third.hash, removed=3, before=timezone.now()
    )
    assert "retirées" in verification.verify().fault


def test_the_web_role_does_not_purge() -> None:
    refused = pytest.raises(DatabaseError, match="permission denied")
    with acting_in_database(None), refused, transaction.atomic():
        retention.forget_old_readings()


# --- many at once --------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_make_one_chain() -> None:
    """Twenty connections write at the same time: no deadlock, no fork, no gap."""
    actors = [cast.actor(cast.structure()) for _ in range(20)]
    wrong: list[Exception] = []

    def opens(actor: Any) -> None:
        try:
            for _ in range(10):
                read(actor, uuid4(), uuid4())
        except Exception as error:  # noqa: BLE001 - told by the test
            wrong.append(error)
        finally:
            connection.close()

    threads = [Thread(target=opens, args=[actor]) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert Reading.objects.count() == 200
    proof = verification.verify()
    assert proof.holds and proof.lines == 200
