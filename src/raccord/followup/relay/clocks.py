"""The clocks of the relay: no silent structure can keep a young person. Run each day by the worker;
set-based, so that a September counts no more statements than a Sunday. Every step may be run again.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import connection, transaction

from raccord.followup.relay.vocabulary import HandoverReason, HandoverStatus
from raccord.followup.vocabulary import EventKind, Lane, PartyKind, Status
from raccord.territory.kinds import Kind
from raccord.territory.models import PRACTICE

#: Days without answer before the receiver is reminded, then before the case returns.
REMIND_DAYS = 10
RETURN_DAYS = 30
#: Who signs what no human did.
AUTHOR = "les délais de Raccord"


def run(today: date) -> dict[str, int]:
    """Everything due that day, each step in its own transaction; how many of each."""
    steps: dict[str, Callable[[date], int]] = {
        "reminded": remind,
        "returned": give_back,
        "offered": offer_untouched,
    }
    counted = {}
    for name, step in steps.items():
        with transaction.atomic():
            counted[name] = step(today)
    return counted


def remind(today: date) -> int:
    """After ten days, those who should answer are told once more."""
    return _run(
        """WITH late AS (
            UPDATE followup_handover SET reminded_at = now()
            WHERE status = %(waiting)s AND reminded_at IS NULL
                AND raccord_day(asked_at) < %(today)s::date - %(remind)s
            RETURNING case_id, receiver_id),
        told AS (
            INSERT INTO followup_notification (id, user_id, kind, case_id, structure_id, at)
            SELECT gen_random_uuid(), u, 'reminder', l.case_id, l.receiver_id, now()
            FROM late l, raccord_people_of(l.receiver_id, l.case_id) u)
        SELECT count(*) FROM late""",
        today,
    )


def give_back(today: date) -> int:
    """After thirty days the case returns to the sender's list, and the support group of the place
    is associated: it decides."""
    return _run(
        f"""WITH lapsed AS (
            UPDATE followup_handover SET status = %(lapsed)s, answered_at = now()
            WHERE status = %(waiting)s
                AND raccord_day(asked_at) < %(today)s::date - %(return)s
            RETURNING case_id, sender_id, receiver_id),
        back AS (
            UPDATE followup_case c SET status = %(to_check)s, version = c.version + 1
            FROM lapsed l WHERE c.id = l.case_id AND c.status = %(transmitted)s),
        gone AS (
            UPDATE followup_party p SET until = %(today)s FROM lapsed l
            WHERE p.case_id = l.case_id AND p.structure_id = l.receiver_id
                AND p.kind = %(receiver)s AND p.until IS NULL),
        grouped AS ({_NEAREST.format(cases="SELECT case_id FROM lapsed", kind="%(psad)s")}),
        joined AS (
            INSERT INTO followup_party (case_id, structure_id, kind, since)
            SELECT g.case_id, g.structure_id, %(associated)s, %(today)s FROM grouped g
            WHERE NOT EXISTS (SELECT FROM followup_party q WHERE q.case_id = g.case_id
                AND q.structure_id = g.structure_id AND q.until IS NULL)),
        said AS (
            INSERT INTO followup_timelineevent
                (id, case_id, at, kind, author, structure_id, facts, note)
            SELECT gen_random_uuid(), l.case_id, now(), %(event_lapsed)s, %(author)s,
                l.receiver_id, jsonb_build_object('by', r.name), ''
            FROM lapsed l JOIN territory_structure r ON r.id = l.receiver_id),
        told AS (
            INSERT INTO followup_notification (id, user_id, kind, case_id, structure_id, at)
            SELECT gen_random_uuid(), u, 'lapsed', l.case_id, l.sender_id, now()
            FROM lapsed l, raccord_people_of(l.sender_id, l.case_id) u
            UNION ALL
            SELECT gen_random_uuid(), u, 'group', g.case_id, g.structure_id, now()
            FROM grouped g, raccord_people_of(g.structure_id, g.case_id) u)
        SELECT count(*) FROM lapsed""",
        today,
    )


def offer_untouched(today: date) -> int:
    """Fifteen days without any act: offered to the CIO of the commune of residence. The IEN-IO sees
    it by the same date (`raccord_find_visible_cases`), and is told. Never the under-16s."""
    return _run(
        f"""WITH untouched AS (
            SELECT c.id AS case_id, c.holder_id, c.departement_id FROM followup_case c
            JOIN followup_person p ON p.id = c.person_id AND NOT p.hidden AND NOT p.training
                AND p.protected_at IS NULL
            WHERE c.status = %(to_check)s AND c.worked_on_at IS NULL AND NOT c.provisional
                AND c.untouched_until < %(today)s AND c.lane <> %(under_16)s
                AND NOT EXISTS (SELECT FROM followup_handover h WHERE h.case_id = c.id)),
        offered AS ({_NEAREST.format(cases="SELECT case_id FROM untouched", kind="%(cio)s")}),
        kept AS (
            SELECT o.case_id, o.structure_id, u.holder_id, u.departement_id
            FROM offered o JOIN untouched u USING (case_id) WHERE u.holder_id <> o.structure_id),
        made AS (
            INSERT INTO followup_handover
                (id, case_id, sender_id, receiver_id, reason, asked_at, youth_knows, note, status,
                 return_reason)
            SELECT gen_random_uuid(), case_id, holder_id, structure_id, %(silence)s, now(), false,
                '', %(waiting)s, '' FROM kept),
        joined AS (
            INSERT INTO followup_party (case_id, structure_id, kind, since)
            SELECT case_id, structure_id, %(receiver)s, %(today)s FROM kept
            ON CONFLICT DO NOTHING),
        said AS (
            INSERT INTO followup_timelineevent
                (id, case_id, at, kind, author, structure_id, facts, note)
            SELECT gen_random_uuid(), k.case_id, now(), %(event_transmitted)s, %(author)s,
                k.holder_id, jsonb_build_object('to', s.name, 'reason', %(silence)s::text), ''
            FROM kept k JOIN territory_structure s ON s.id = k.structure_id),
        told AS (
            INSERT INTO followup_notification (id, user_id, kind, case_id, structure_id, at)
            SELECT gen_random_uuid(), u, 'received', k.case_id, k.structure_id, now()
            FROM kept k, raccord_people_of(k.structure_id, k.case_id) u
            UNION ALL
            SELECT gen_random_uuid(), m.user_id, 'silence', k.case_id, m.structure_id, now()
            FROM kept k
            JOIN territory_structure d ON d.departement_id = k.departement_id
            JOIN accounts_membership m ON m.structure_id = d.id AND m.role = 'ien_io'
                AND m.revoked_at IS NULL AND m.starts_on <= %(today)s
                AND (m.ends_on IS NULL OR m.ends_on >= %(today)s)
                AND (m.confirm_before IS NULL OR m.confirm_before >= %(today)s))
        SELECT count(*) FROM kept""",
        today,
    )


#: The structure of a kind for each case: that which serves the commune of residence, else one of
#: the same basin, else of the département; the same order as `routing.suggested`.
_NEAREST = """SELECT DISTINCT ON (c.id) c.id AS case_id, s.id AS structure_id
    FROM followup_case c
    LEFT JOIN followup_contactdetails d ON d.person_id = c.person_id
    JOIN territory_structure s ON s.kind = {kind} AND s.academie_id = c.academie_id
        AND s.source <> %(practice)s
        AND (s.opened_on IS NULL OR s.opened_on <= %(today)s)
        AND (s.closed_on IS NULL OR s.closed_on > %(today)s)
    LEFT JOIN territory_areacommune a ON a.structure_id = s.id AND a.commune_id = d.commune_id
    WHERE c.id IN ({cases})
        AND (a.id IS NOT NULL OR s.basin_id = c.basin_id OR s.departement_id = c.departement_id)
    ORDER BY c.id, a.id IS NULL, s.basin_id IS DISTINCT FROM c.basin_id, s.name, s.id"""


def _run(statement: str, today: date) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, _VALUES | {"today": today})
        found = cursor.fetchone()
    return int(found[0]) if found else 0


_VALUES: dict[str, Any] = {
    "waiting": HandoverStatus.WAITING.value,
    "lapsed": HandoverStatus.LAPSED.value,
    "silence": HandoverReason.SILENCE.value,
    "to_check": Status.TO_CHECK.value,
    "transmitted": Status.TRANSMITTED.value,
    "receiver": PartyKind.RECEIVER.value,
    "associated": PartyKind.ASSOCIATED.value,
    "under_16": Lane.UNDER_16.value,
    "event_lapsed": EventKind.LAPSED.value,
    "event_transmitted": EventKind.TRANSMITTED.value,
    "author": AUTHOR,
    "psad": Kind.PSAD.value,
    "cio": Kind.CIO.value,
    "practice": PRACTICE,
    "remind": REMIND_DAYS,
    "return": RETURN_DAYS,
}
