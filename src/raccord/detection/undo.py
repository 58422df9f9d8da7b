"""Taking back what a run did: set-based, exact, and never what somebody touched since."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection, models, transaction
from django.utils import timezone

from raccord.detection import night
from raccord.detection.models import Deposit, DepositStatus, Run, RunState
from raccord.detection.rows import insert_select
from raccord.detection.writing import AUTHOR
from raccord.followup.models import (
    Candidate,
    Case,
    ContactDetails,
    Departure,
    Destination,
    TimelineEvent,
)
from raccord.territory.models import Academie

#: Days during which a run can be taken back.
DAYS = 30


class CannotUndo(Exception):
    """Why a run cannot be taken back, in French."""


@dataclass(frozen=True)
class Undone:
    """What was taken back, and what could not be."""

    removed: int
    restored: int
    kept: int

    @property
    def sentence(self) -> str:
        """For the one who asked."""
        told = (
            f"{self.removed} dossier{_s(self.removed)} retiré{_s(self.removed)}, "
            f"{self.restored} remis comme avant."
        )
        if self.kept:
            told += (
                f" {self.kept} dossier{_s(self.kept)} n’{'ont' if self.kept > 1 else 'a'} pas "
                "changé : quelqu’un y a travaillé, ou une comparaison plus récente les a modifiés."
            )
        return told


def _s(count: int) -> str:
    return "s" if count > 1 else ""


def undo_run(run: Run, *, by: str) -> Undone:
    """Take back a run of the last 30 days. Raises CannotUndo.

    A case that somebody touched since, or that a later run changed, stays as it is and is counted:
    the latest run is to be taken back first.
    """
    with night.alone(run.academie), transaction.atomic():
        run = Run.objects.select_for_update().get(pk=run.pk)
        if run.state != RunState.DONE:
            raise CannotUndo(
                f"Cette comparaison est {run.get_state_display()} : il n’y a rien à annuler."
            )
        if run.finished_at and run.finished_at < timezone.now() - timedelta(days=DAYS):
            raise CannotUndo(
                f"Cette comparaison a plus de {DAYS} jours : elle ne peut plus être annulée. "
                "Corrigez la base, la prochaine comparaison mettra les dossiers à jour."
            )
        with connection.cursor() as cursor:
            undone = _take_back(cursor, {"run": run.pk, "now": timezone.now()})
        run.state, run.undone_at, run.undone_by = RunState.UNDONE, timezone.now(), by
        run.stats = {**run.stats, "undone": undone.__dict__}
        run.save()
        run.changes.all().delete()
    return undone


def undo_campaign(academie: Academie, year: int, *, by: str) -> list[Undone]:
    """Take back every run of a campaign that still can be, the latest first."""
    since = timezone.now() - timedelta(days=DAYS)
    runs = Run.objects.filter(
        academie=academie, school_year=year, state=RunState.DONE, finished_at__gte=since
    ).order_by("-id")
    return [undo_run(run, by=by) for run in runs]


def withdraw(deposit: Deposit, *, by: str, because: str = "") -> Deposit:
    """Take back a deposit: the state before it is in force again from the next run."""
    with transaction.atomic():
        held = Deposit.objects.select_for_update().get(pk=deposit.pk)
        if held.status != DepositStatus.ACCEPTED:
            raise CannotUndo(
                f"« {held.document} » est {held.get_status_display()} : elle ne compte déjà pas."
            )
        held.status = DepositStatus.WITHDRAWN
        held.reasons = [*held.reasons, f"Retirée par {by}." + (f" {because}" if because else "")]
        held.save(update_fields=["status", "reasons"])
        feed = held.feed
        if feed is not None:
            last = feed.deposits.accepted().order_by("-state_on", "-id").first()
            feed.last_exported_on = (last.exported_on or last.state_on) if last else None
            feed.last_accepted_at = last.received_at if last else None
            feed.save(update_fields=["last_exported_on", "last_accepted_at"])
    return held


def _columns(model: type[models.Model], *but: str) -> list[str]:
    meta = model._meta  # noqa: SLF001 - Django's documented way to a model's columns
    return [f.column for f in meta.concrete_fields if f.column and f.column not in but]


def _restored(model: type[models.Model], columns: list[str]) -> str:
    """SET of an UPDATE of `t` from its former values `x`."""
    return ", ".join(f"{c} = x.{c}" for c in columns)


def _take_back(cursor: Any, values: dict[str, Any]) -> Undone:
    def do(statement: str) -> int:
        cursor.execute(statement, values)
        return max(int(cursor.rowcount), 0)

    cursor.execute("DROP TABLE IF EXISTS undo_kept, undo_case, undo_opened")
    # Touched since: its version grew, or somebody worked on it, or a later run wrote about it.
    do(
        """CREATE TEMP TABLE undo_kept AS
        SELECT DISTINCT g.case_id FROM detection_change g
        LEFT JOIN followup_case c ON c.id = g.case_id
        LEFT JOIN detection_change v ON v.run_id = g.run_id AND v.case_id = g.case_id
            AND v.act IN ('opened', 'updated', 'reopened', 'found', 'silent')
        WHERE g.run_id = %(run)s AND (c.id IS NULL OR c.version <> coalesce(v.version, c.version)
            OR c.last_activity_at > (SELECT finished_at FROM detection_run WHERE id = %(run)s)
            OR EXISTS (SELECT FROM detection_change o JOIN detection_run r ON r.id = o.run_id
                WHERE o.case_id = g.case_id AND o.run_id > %(run)s AND r.state = 'done'))"""
    )
    do(
        """CREATE TEMP TABLE undo_case AS SELECT g.*, c.worked_on_at FROM detection_change g
        LEFT JOIN followup_case c ON c.id = g.case_id
        WHERE g.run_id = %(run)s AND g.case_id NOT IN (SELECT case_id FROM undo_kept)"""
    )
    removed = _remove_opened(do)
    restored = _restore_cases(do)
    _restore_parts(do)
    kept = do("SELECT DISTINCT case_id FROM undo_kept")
    return Undone(removed, restored, kept)


def _remove_opened(do: Any) -> int:
    """Cases this run opened: they should never have been. So go the persons it made."""
    do(
        """CREATE TEMP TABLE undo_opened AS
        SELECT row AS id, (former->>'person')::uuid AS person_id FROM undo_case
        WHERE act = 'opened'"""
    )
    for table, column in (
        ("followup_notification", "case_id"),
        ("followup_candidate", "case_id"),
        ("followup_destination", "case_id"),
        ("followup_timelineevent", "case_id"),
        ("followup_party", "case_id"),
        ("followup_departure", "case_id"),
    ):
        do(f"DELETE FROM {table} WHERE {column} IN (SELECT id FROM undo_opened)")
    removed = int(do("DELETE FROM followup_case WHERE id IN (SELECT id FROM undo_opened)"))
    alone = """SELECT person_id FROM undo_opened o WHERE person_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM followup_case c WHERE c.person_id = o.person_id)"""
    for table, column in (
        ("followup_legalrepresentative", "person_id"),
        ("followup_contactdetails", "person_id"),
        ("followup_person", "id"),
    ):
        do(f"DELETE FROM {table} WHERE {column} IN ({alone})")
    return removed


def _restore_cases(do: Any) -> int:
    columns = _columns(Case, "id", "person_id", "version")
    restored = int(
        do(
            f"""UPDATE followup_case t SET version = t.version + 1, {_restored(Case, columns)}
            FROM (SELECT g.row AS of, y.* FROM undo_case g JOIN followup_case c ON c.id = g.row,
                jsonb_populate_record(c, g.former - 'destination') y
                WHERE g.act IN ('updated', 'reopened', 'found', 'silent')) x
            WHERE t.id = x.of"""
        )
    )
    # what a former run left is again the last word: it can be taken back in its turn
    do(
        """UPDATE detection_change o SET version = c.version FROM undo_case g
        JOIN followup_case c ON c.id = g.row
        WHERE g.act IN ('updated', 'reopened', 'found', 'silent') AND o.case_id = g.row
            AND o.run_id < g.run_id AND o.version = g.version - 1
            AND o.act IN ('opened', 'updated', 'reopened', 'found', 'silent')"""
    )
    # found or reopened: the place that was, or was not, written
    acts = "('reopened', 'found', 'updated')"
    do(
        """DELETE FROM followup_destination d USING undo_case g
        WHERE g.row = d.case_id AND g.act IN ('reopened', 'found')"""
    )
    names = ", ".join(_columns(Destination, "id"))
    do(
        f"""INSERT INTO followup_destination ({names})
        SELECT {", ".join(f"x.{n}" for n in _columns(Destination, "id"))}
        FROM undo_case g, jsonb_populate_record(NULL::followup_destination,
            g.former->'destination') x
        WHERE g.act IN {acts} AND g.former->>'destination' IS NOT NULL
        ON CONFLICT (case_id) DO NOTHING"""
    )
    do(
        """UPDATE followup_party q SET until = NULL FROM undo_case g
        JOIN detection_run r ON r.id = g.run_id
        WHERE g.act = 'silent' AND q.case_id = g.case_id AND q.until = r.as_of"""
    )
    do(
        """UPDATE followup_person p SET hidden = false FROM undo_case g
        JOIN followup_case c ON c.id = g.case_id WHERE g.act = 'silent' AND p.id = c.person_id"""
    )
    do(
        insert_select(
            TimelineEvent,
            {
                "id": "gen_random_uuid()",
                "case_id": "g.case_id",
                "at": "%(now)s",
                "kind": "'undone'",
                "author": f"'{AUTHOR}'",
                "run_id": "%(run)s",
            },
            "FROM undo_case g WHERE g.act IN ('updated', 'reopened', 'found')",
        )
    )
    return restored


def _restore_parts(do: Any) -> None:
    """Departures, contact details and candidates of the cases that stay."""
    do(
        """DELETE FROM followup_candidate WHERE departure_id IN (
            SELECT row FROM undo_case WHERE act = 'departure')"""
    )
    do("DELETE FROM followup_departure WHERE id IN (SELECT row FROM undo_case "
       "WHERE act = 'departure')")  # fmt: skip
    do(
        """DELETE FROM followup_party q USING undo_case g
        WHERE g.act = 'departure' AND q.case_id = g.case_id
            AND q.kind IN ('origin', 'associated') AND NOT EXISTS (SELECT FROM followup_departure d
            WHERE d.case_id = q.case_id AND d.structure_id = q.structure_id)"""
    )
    for act, model, key in (
        ("evidence", Departure, "id"),
        ("details", ContactDetails, "person_id"),
    ):
        table = model._meta.db_table  # noqa: SLF001
        columns = _columns(model, "id", "person_id", "case_id")
        do(
            f"""UPDATE {table} t SET {_restored(model, columns)}
            FROM (SELECT g.row AS of, y.* FROM undo_case g JOIN {table} c ON c.{key} = g.row,
                jsonb_populate_record(c, g.former) y WHERE g.act = '{act}') x
            WHERE t.{key} = x.of"""
        )
    do(
        """DELETE FROM followup_candidate c USING undo_case g
        WHERE g.act = 'candidates' AND c.departure_id = g.row AND c.said = ''"""
    )
    names = _columns(Candidate, "id", "departure_id", "case_id", "said")
    do(
        f"""INSERT INTO followup_candidate (departure_id, case_id, said, {", ".join(names)})
        SELECT g.row, g.case_id, '', {", ".join(f"x.{n}" for n in names)}
        FROM undo_case g, jsonb_populate_recordset(NULL::followup_candidate, g.former->'list') x
        WHERE g.act = 'candidates' ON CONFLICT DO NOTHING"""
    )


def may_be_undone(run: Run) -> bool:
    """Whether the button is shown."""
    since = timezone.now() - timedelta(days=DAYS)
    return run.state == RunState.DONE and bool(run.finished_at and run.finished_at >= since)
