"""The clocks of the care: late reports, situations that lapse, appointments of the year after.
Set-based, and every step may be run again."""

from datetime import date
from typing import Any

from django.db import connection

from raccord.followup.care.reviewing import MONTHS, REVIEWED
from raccord.followup.care.vocabulary import MandateStatus, ReviewStatus
from raccord.followup.relay.clocks import AUTHOR
from raccord.followup.vocabulary import EventKind, Outcome, SituationKind, Status

#: An appointment found so long after its day (a service that stood still) is not made up for.
LATEST_DAYS = 60
#: An outcome is news for a week.
RECENT_DAYS = 7
#: What closed without anybody to ask after.
_SETTLED = (
    Outcome.FALSE_ALARM,
    Outcome.MERGED,
    Outcome.SILENT,
    Outcome.UNDONE,
    Outcome.AGE_LIMIT,
    Outcome.LEFT_TERRITORY,
)


def late_mandates(today: date) -> int:
    """Past its date, a mandate without report is told once, to both sides."""
    return _run(
        """WITH late AS (
            UPDATE followup_mandate m SET reminded_on = %(today)s
            FROM followup_case c
            WHERE c.id = m.case_id AND c.status <> %(closed)s AND m.status = %(given)s
                AND m.reminded_on IS NULL AND m.report_by < %(today)s
            RETURNING m.case_id, m.structure_id, m.given_by_structure_id),
        concerned AS (
            SELECT case_id, structure_id FROM late
            UNION SELECT case_id, given_by_structure_id FROM late),
        told AS (
            INSERT INTO followup_notification (id, user_id, kind, case_id, structure_id, at)
            SELECT gen_random_uuid(), u, 'mandate_late', c.case_id, c.structure_id, now()
            FROM concerned c, raccord_people_of(c.structure_id, c.case_id) u)
        SELECT count(*) FROM late""",
        today,
    )


def lapse(today: date) -> int:
    """A situation past its date is to be confirmed: said once in the timeline, and to the holder.
    It is kept: « à confirmer » is not « inconnue »."""
    return _run(
        """WITH lapsed AS (
            SELECT c.id AS case_id, c.holder_id, c.situation, c.situation_lapses_on AS lapsed_on
            FROM followup_case c
            JOIN followup_person p ON p.id = c.person_id AND NOT p.hidden AND NOT p.training
                AND p.protected_at IS NULL
            WHERE c.situation_lapses_on < %(today)s AND c.situation <> %(unknown)s
                AND c.outcome <> ALL (%(settled)s)
                AND NOT EXISTS (SELECT FROM followup_timelineevent e
                    WHERE e.case_id = c.id AND e.kind = %(lapsing)s
                        AND e.facts->>'lapsed_on' = c.situation_lapses_on::text)),
        said AS (
            INSERT INTO followup_timelineevent
                (id, case_id, at, kind, author, structure_id, facts, note)
            SELECT gen_random_uuid(), case_id, now(), %(lapsing)s, %(author)s, holder_id,
                jsonb_build_object('kind', situation, 'lapsed_on', lapsed_on), ''
            FROM lapsed),
        told AS (
            INSERT INTO followup_notification (id, user_id, kind, case_id, structure_id, at)
            SELECT gen_random_uuid(), u, 'lapsing', l.case_id, l.holder_id, now()
            FROM lapsed l, raccord_people_of(l.holder_id, l.case_id) u)
        SELECT count(*) FROM lapsed""",
        today,
    )


def call_reviews(today: date) -> int:
    """One, three, six and twelve months after it closed with a human outcome: somebody asks what
    became of them. The holder is told."""
    return _run(
        """WITH due AS (
            SELECT DISTINCT ON (c.id) c.id AS case_id, c.holder_id, m.months,
                (c.closed_on + make_interval(months => m.months))::date AS due_on
            FROM followup_case c
            JOIN followup_person p ON p.id = c.person_id AND NOT p.hidden AND NOT p.training
                AND p.protected_at IS NULL
            CROSS JOIN unnest(%(months)s) AS m (months)
            WHERE c.status = %(closed)s AND c.outcome = ANY (%(reviewed)s)
                AND c.closed_on + make_interval(months => m.months) <= %(today)s
                AND c.closed_on + make_interval(months => m.months) > %(today)s::date - %(latest)s
            ORDER BY c.id, m.months DESC),
        made AS (
            INSERT INTO followup_review (id, case_id, months, due_on, status, situation)
            SELECT gen_random_uuid(), case_id, months, due_on, %(due)s, '' FROM due
            ON CONFLICT (case_id, due_on) DO NOTHING RETURNING case_id),
        told AS (
            INSERT INTO followup_notification (id, user_id, kind, case_id, structure_id, at)
            SELECT gen_random_uuid(), u, 'review', d.case_id, d.holder_id, now()
            FROM made JOIN due d USING (case_id), raccord_people_of(d.holder_id, d.case_id) u)
        SELECT count(*) FROM made""",
        today,
    )


def announce(today: date) -> int:
    """Whatever closed a case with a human outcome, the school that was left and those who follow
    too are told, once: they read it on the sheet."""
    return _run(
        """WITH ended AS (
            SELECT c.id AS case_id, c.holder_id FROM followup_case c
            JOIN followup_person p ON p.id = c.person_id AND NOT p.hidden AND NOT p.training
            WHERE c.status = %(closed)s AND c.outcome = ANY (%(reviewed)s)
                AND c.closed_on BETWEEN %(today)s::date - %(recent)s AND %(today)s
                AND NOT EXISTS (SELECT FROM followup_notification n WHERE n.case_id = c.id
                    AND n.kind = 'outcome' AND raccord_day(n.at) >= c.closed_on)),
        concerned AS (
            SELECT DISTINCT e.case_id, p.structure_id FROM ended e
            JOIN followup_party p ON p.case_id = e.case_id AND p.until IS NULL
                AND p.kind IN ('origin', 'associated') AND p.structure_id <> e.holder_id),
        told AS (
            INSERT INTO followup_notification (id, user_id, kind, case_id, structure_id, at)
            SELECT gen_random_uuid(), u, 'outcome', c.case_id, c.structure_id, now()
            FROM concerned c, raccord_people_of(c.structure_id, c.case_id) u
            RETURNING case_id)
        SELECT count(DISTINCT case_id) FROM told""",
        today,
    )


def _run(statement: str, today: date) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, _VALUES | {"today": today})
        found = cursor.fetchone()
    return int(found[0]) if found else 0


_VALUES: dict[str, Any] = {
    "given": MandateStatus.GIVEN.value,
    "closed": Status.CLOSED.value,
    "unknown": SituationKind.UNKNOWN.value,
    "lapsing": EventKind.LAPSING.value,
    "due": ReviewStatus.DUE.value,
    "author": AUTHOR,
    "settled": [outcome.value for outcome in _SETTLED],
    "reviewed": [outcome.value for outcome in REVIEWED],
    "months": list(MONTHS),
    "latest": LATEST_DAYS,
    "recent": RECENT_DAYS,
}
