"""From the staged verdicts to cases: a handful of statements, in one transaction.

What is done to each young person is decided once (`night_person.act`), then written act by act.
What a human did or completed is never undone by a night.
"""

from typing import Any

from raccord.detection import candidates, people, several_schools, silences
from raccord.detection.rows import change as _change
from raccord.detection.rows import insert_select
from raccord.followup.models import (
    Case,
    ContactDetails,
    Departure,
    LegalRepresentative,
    Party,
    Person,
    TimelineEvent,
)

AUTHOR = "la comparaison de la nuit"

_EVIDENCE = """(r.evidence - 'nearest' - 'absent') || jsonb_build_object(
    'searched', %(searched)s::int, 'absent', %(absent)s::int)"""
_DEPARTURE = {
    "verdict": "r.verdict",
    "probability": "r.probability",
    "evidence": _EVIDENCE,
    "followed_by": "r.followed_by",
    "school_status": "r.school_status",
    "mef": "r.mef",
    "level": "r.level",
    "course": "r.course",
    "entered_on": "r.entered_on",
    "left_on": "r.left_on",
}
_TEMPORARY = """night_known night_touched night_unknown night_group night_place night_person
    night_departure night_update night_details night_reopened night_found
    night_silent night_nearest night_listed night_taken night_other""".split()
_DETAILS = ("address", "postcode", "phone", "email")


def write(cursor: Any, values: dict[str, Any]) -> dict[str, int]:
    """Write everything; returns how many of each act. `values` are named in the statements."""
    forget(cursor)
    for statement in people.STATEMENTS:
        cursor.execute(statement, values)
    counts: dict[str, int] = {}
    for name, statement in _statements():
        cursor.execute(statement, values)
        if name:
            counts[name] = counts.get(name, 0) + max(cursor.rowcount, 0)
    return counts


def forget(cursor: Any) -> None:
    """Drop the temporary tables of a former night of this session."""
    cursor.execute(f"DROP TABLE IF EXISTS {', '.join(_TEMPORARY)}")


def _event(kind: str, source: str, facts: str = "'{}'::jsonb") -> str:
    return insert_select(
        TimelineEvent,
        {
            "id": "p.new_event",
            "case_id": "p.case_id",
            "at": "%(now)s",
            "kind": f"'{kind}'",
            "author": f"'{AUTHOR}'",
            "run_id": "%(run)s",
            "facts": facts,
        },
        source,
    )


def _statements() -> list[tuple[str, str]]:
    return [
        *_openings(),
        *_departures(),
        *candidates.STATEMENTS,
        ("", several_schools.TAKEN),
        *_updates(),
        *several_schools.STATEMENTS,
        *_completions(),
        *_reopenings(),
        *_findings(),
        *silences.STATEMENTS,
    ]


def _openings() -> list[tuple[str, str]]:
    new = "FROM night_person p WHERE p.act = 'open'"
    person = (
        "last_name usage_name first_name other_names birth_date sex birth_commune ine search_name"
    ).split()
    return [
        (
            "persons",
            insert_select(
                Person,
                {"id": "p.person_id", "academie_id": "%(academie)s"}
                | {name: f"p.{name}" for name in person},
                f"{new} AND p.is_new",
            ),
        ),
        (
            "",
            insert_select(
                ContactDetails,
                {"person_id": "p.person_id", "commune_id": "p.commune_id"}
                | {name: f"p.{name}" for name in _DETAILS},
                f"{new} AND p.is_new",
            ),
        ),
        (
            "",  # who answers for them until 18 (code civil, 371-1), and not a day after
            insert_select(
                LegalRepresentative,
                {
                    "id": "p.new_guardian",
                    "person_id": "p.person_id",
                    "name": "p.guardian",
                    "phone": "p.guardian_phone",
                },
                f"{new} AND p.is_new AND p.guardian <> '' AND (p.birth_date IS NULL "
                "OR p.birth_date > %(as_of)s::date - interval '18 years')",
            ),
        ),
        (
            "opened",
            insert_select(
                Case,
                {
                    "id": "p.case_id",
                    "person_id": "p.person_id",
                    "academie_id": "%(academie)s",
                    "departement_id": "p.departement_id",
                    "basin_id": "p.basin_id",
                    "school_year": "%(year)s",
                    "lane": "p.lane",
                    "status": "CASE p.verdict WHEN 'review' THEN 'to_confirm' ELSE 'to_check' END",
                    "holder_id": "p.structure_id",
                    "held_since": "%(as_of)s::date",
                    "opened_on": "%(as_of)s::date",
                    # who vanished without an exit date left after the last state that had them
                    "left_on": "coalesce(p.left_on, p.seen_on)",
                    "opened_by_run": "%(run)s",
                    "provisional": "%(provisional)s",
                    "untouched_until": "%(untouched_until)s::date",
                },
                new,
            ),
        ),
        (
            "",
            insert_select(
                Party,
                {
                    "case_id": "p.case_id",
                    "structure_id": "p.structure_id",
                    "kind": "'holder'",
                    "since": "%(as_of)s::date",
                },
                new,
            ),
        ),
        (
            "",
            _event("opened", new, "jsonb_build_object('lane', p.lane, 'verdict', p.verdict)"),
        ),
        (
            "",
            _change(
                "opened",
                "p.case_id",
                "p.case_id",
                "1",
                "jsonb_build_object('person', CASE WHEN p.is_new THEN p.person_id END)",
                new,
            ),
        ),
    ]


def _departures() -> list[tuple[str, str]]:
    added = """FROM night_row r JOIN night_person p USING (person_id)
        WHERE p.act IN ('open', 'update', 'reopen') AND r.departure_id IS NULL
            AND r.verdict IN ('missing', 'review') AND r.rank_of_key = 1"""
    changed = " OR ".join(f"d.{c} IS DISTINCT FROM r.{c}" for c in _DEPARTURE)
    current = ", ".join(f"{sql} AS {name}" for name, sql in _DEPARTURE.items())
    former = ", ".join(f"'{name}', d.{name}" for name in _DEPARTURE)
    updates = ", ".join(f"{name} = r.{name}" for name in _DEPARTURE)
    return [
        (
            "departures",
            insert_select(
                Departure,
                {
                    "id": "r.new_departure",
                    "case_id": "p.case_id",
                    "person_id": "p.person_id",
                    "structure_id": "r.structure_id",
                    "school_year": "%(year)s",
                    "source": "r.source",
                    "local_id": "r.local_id",
                    "run_id": "%(run)s",
                }
                | _DEPARTURE,
                added,
            ),
        ),
        (
            "",
            _change("departure", "r.new_departure", "p.case_id", "1", "'{}'", added)
            + " AND p.act <> 'open'",
        ),
        (
            "",
            insert_select(
                Party,
                {
                    "case_id": "o.case_id",
                    "structure_id": "o.structure_id",
                    "kind": "'origin'",
                    "since": "%(as_of)s::date",
                },
                f"""FROM (SELECT DISTINCT p.case_id, r.structure_id {added}) o
                WHERE NOT EXISTS (SELECT FROM followup_party q WHERE q.case_id = o.case_id
                    AND q.structure_id = o.structure_id AND q.kind = 'origin'
                    AND q.until IS NULL)""",
            ),
        ),
        (
            "",
            f"""CREATE TEMP TABLE night_departure AS
            SELECT d.id, d.case_id, jsonb_build_object({former}) AS former, {", ".join(
                f"r.{name}" for name in _DEPARTURE)}
            FROM (SELECT r.departure_id, {current} FROM night_row r
                JOIN night_person p USING (person_id)
                WHERE p.act IN ('update', 'reopen') AND r.rank_of_key = 1) r
            JOIN followup_departure d ON d.id = r.departure_id
            WHERE d.origin = 'register' AND ({changed})""",
        ),
        (
            "departures_updated",
            f"UPDATE followup_departure d SET {updates} FROM night_departure r WHERE r.id = d.id",
        ),
        ("", _change("evidence", "id", "case_id", "1", "former", "FROM night_departure")),
    ]  # fmt: skip


def _updates() -> list[tuple[str, str]]:
    """Lane of the day (a birthday passes), doubt of the day, end of the provisional lists."""
    return [
        (
            "",
            """CREATE TEMP TABLE night_update AS
            SELECT * FROM (
                SELECT c.id, p.new_event, p.case_id,
                    coalesce(p.lane, c.lane) AS lane,
                    CASE WHEN c.status = 'to_check' AND c.worked_on_at IS NULL
                            AND p.verdict = 'review' THEN 'to_confirm'
                        WHEN c.status = 'transmitted' AND c.lane = 'under_16' AND p.lane <> c.lane
                            THEN 'to_check'  -- told to the DSDEN: from 16 on a partner may follow
                        WHEN c.status = 'to_confirm' AND p.verdict = 'missing'
                            AND (c.worked_on_at IS NULL OR d.matched_by <> '') THEN 'to_check'
                        ELSE c.status END AS status,
                    c.provisional AND %(provisional)s AS provisional,
                    CASE WHEN c.provisional AND NOT %(provisional)s
                        THEN %(untouched_until)s::date ELSE c.untouched_until END
                        AS untouched_until,
                    d.matched_by IS NOT NULL AND d.matched_by <> '' AS was_asked,
                    t.structure_id AS taken_by, coalesce(t.left_on, c.left_on) AS left_on,
                    jsonb_build_object('lane', c.lane, 'status', c.status, 'provisional',
                        c.provisional, 'untouched_until', c.untouched_until, 'holder_id',
                        c.holder_id, 'held_since', c.held_since, 'left_on', c.left_on,
                        'destination', CASE WHEN d.matched_by <> '' THEN to_jsonb(d) END) AS former,
                    c.lane AS old_lane, c.status AS old_status, c.provisional AS old_provisional
                FROM night_person p JOIN followup_case c ON c.id = p.case_id
                LEFT JOIN followup_destination d ON d.case_id = c.id
                LEFT JOIN night_taken t ON t.case_id = c.id
                WHERE p.act = 'update') x
            WHERE lane <> old_lane OR status <> old_status OR provisional <> old_provisional
                OR taken_by IS NOT NULL""",
        ),
        (
            "updated",
            """UPDATE followup_case c SET lane = u.lane, status = u.status,
                provisional = u.provisional, untouched_until = u.untouched_until,
                holder_id = coalesce(u.taken_by, c.holder_id), left_on = u.left_on, held_since =
                    CASE WHEN u.taken_by IS NULL THEN c.held_since ELSE %(as_of)s::date END,
                version = c.version + 1
            FROM night_update u WHERE u.id = c.id""",
        ),
        (
            "",
            _change(
                "updated",
                "u.id",
                "u.id",
                "c.version",
                "u.former",
                "FROM night_update u JOIN followup_case c ON c.id = u.id",
            ),
        ),
        (
            "",  # a register no longer gives them: the question is withdrawn
            _event(
                "listed_again",
                "FROM night_update p WHERE p.was_asked AND p.old_status = 'to_confirm' "
                "AND p.status = 'to_check'",
            ),
        ),
        (
            "",
            """DELETE FROM followup_destination d USING night_update p
            WHERE d.case_id = p.case_id AND p.was_asked AND p.old_status = 'to_confirm'
                AND p.status = 'to_check' AND d.matched_by <> ''""",
        ),
    ]


def _completions() -> list[tuple[str, str]]:
    """Contact details follow the register, until a human completed them."""
    values = ", ".join(f"coalesce(nullif(p.{n}, ''), d.{n}) AS {n}" for n in _DETAILS)
    changed = " OR ".join(f"x.{n} <> x.old_{n}" for n in _DETAILS)
    old = ", ".join(f"d.{n} AS old_{n}" for n in _DETAILS)
    former = ", ".join(f"'{n}', x.old_{n}" for n in _DETAILS)
    return [
        (
            "",
            f"""CREATE TEMP TABLE night_details AS
            SELECT x.*, jsonb_build_object({former}) AS former FROM (
                SELECT d.person_id, p.case_id, {values}, {old}
                FROM night_person p JOIN followup_contactdetails d USING (person_id)
                WHERE p.act IN ('update', 'reopen') AND NOT p.is_new
                    AND d.completed_at IS NULL) x WHERE {changed}""",
        ),
        (
            "details",
            f"""UPDATE followup_contactdetails d SET {", ".join(f"{n} = x.{n}" for n in _DETAILS)}
            FROM night_details x WHERE x.person_id = d.person_id""",
        ),
        ("", _change("details", "person_id", "case_id", "1", "former", "FROM night_details")),
        (
            "",
            """UPDATE followup_person q SET birth_date = coalesce(q.birth_date, p.birth_date),
                ine = CASE WHEN q.ine = '{}' THEN p.ine ELSE q.ine END
            FROM night_person p WHERE p.person_id = q.id AND p.act IN ('update', 'reopen')
                AND (q.birth_date IS NULL AND p.birth_date IS NOT NULL
                    OR q.ine = '{}' AND p.ine <> '{}')""",
        ),
    ]


def _reopenings() -> list[tuple[str, str]]:
    again = "FROM night_reopened p"
    return [
        (
            "",
            """CREATE TEMP TABLE night_reopened AS
            SELECT p.case_id, p.new_event, p.verdict, p.lane,
                to_jsonb(c) - 'version' || jsonb_build_object('destination', to_jsonb(d)) AS former
            FROM night_person p JOIN followup_case c ON c.id = p.case_id
            LEFT JOIN followup_destination d ON d.case_id = c.id WHERE p.act = 'reopen'""",
        ),
        (
            "reopened",
            """UPDATE followup_case c SET outcome = '', closed_on = NULL, closed_by_run = NULL,
                status = CASE p.verdict WHEN 'review' THEN 'to_confirm' ELSE 'to_check' END,
                lane = coalesce(p.lane, c.lane), provisional = %(provisional)s,
                untouched_until = %(untouched_until)s::date, situation = 'unknown',
                situation_since = NULL, situation_confirmed_on = NULL, situation_proof = '',
                last_activity_at = %(now)s, version = c.version + 1
            FROM night_reopened p WHERE p.case_id = c.id""",
        ),
        ("", f"DELETE FROM followup_destination d USING {again[5:]} WHERE d.case_id = p.case_id"),
        ("", _event("listed_again", again)),
        (
            "",
            _change(
                "reopened",
                "p.case_id",
                "p.case_id",
                "c.version",
                "p.former",
                f"{again} JOIN followup_case c ON c.id = p.case_id",
            ),
        ),
    ]


def _findings() -> list[tuple[str, str]]:
    """Found: closed when nobody worked on it; else somebody is asked. Never both, never twice."""
    news = "FROM night_found p"
    return [
        (
            "",
            """CREATE TEMP TABLE night_found AS
            SELECT p.case_id, p.new_event, f.*, c.worked_on_at IS NULL AS closes,
                CASE s.kind WHEN 'cfa' THEN 'apprentice' WHEN 'ufa' THEN 'apprentice'
                    WHEN 'lycee_agricole' THEN 'agriculture' WHEN 'mfr' THEN 'agriculture'
                    WHEN 'hors_contrat' THEN 'hors_contrat' ELSE 'schooled' END AS situation,
                to_jsonb(c) - 'version' || jsonb_build_object('destination', to_jsonb(d)) AS former
            FROM night_person p JOIN followup_case c ON c.id = p.case_id
            JOIN night_place f ON f.person_id = p.person_id
            LEFT JOIN territory_structure s ON s.id = f.found_structure_id
            LEFT JOIN followup_destination d ON d.case_id = c.id
            WHERE p.act = 'found' AND (c.worked_on_at IS NULL OR (
                d.case_id IS NULL OR (d.matched_by <> '' AND (d.source, d.uai, d.local_id)
                    IS DISTINCT FROM (f.found_source, f.found_uai, f.found_local_id))))""",
        ),
        (
            "found",
            """UPDATE followup_case c SET status = 'closed', outcome = 'found',
                closed_on = %(as_of)s::date, closed_by_run = %(run)s, situation = p.situation,
                situation_since = %(as_of)s::date, situation_confirmed_on = %(as_of)s::date,
                situation_proof = 'register', last_activity_at = %(now)s,
                version = c.version + 1
            FROM night_found p WHERE p.case_id = c.id AND p.closes""",
        ),
        (
            "asked",
            """UPDATE followup_case c SET status = CASE WHEN c.status = 'transmitted'
                THEN c.status ELSE 'to_confirm' END, last_activity_at = %(now)s,
                version = c.version + 1
            FROM night_found p WHERE p.case_id = c.id AND NOT p.closes""",
        ),
        (
            "",
            """INSERT INTO followup_destination
                (case_id, source, uai, structure_id, local_id, place, seen_on, matched_by)
            SELECT p.case_id, p.found_source, p.found_uai, p.found_structure_id, p.found_local_id,
                '', %(as_of)s::date, p.found_by FROM night_found p
            ON CONFLICT (case_id) DO UPDATE SET source = EXCLUDED.source, uai = EXCLUDED.uai,
                structure_id = EXCLUDED.structure_id, local_id = EXCLUDED.local_id,
                place = '', seen_on = EXCLUDED.seen_on, matched_by = EXCLUDED.matched_by""",
        ),
        ("", _event("found", f"{news} WHERE p.closes", "jsonb_build_object('by', p.found_by)")),
        (
            "",
            _event(
                "asked_to_confirm",
                f"{news} WHERE NOT p.closes",
                "jsonb_build_object('by', p.found_by)",
            ),
        ),
        (
            "",
            _change(
                "found",
                "p.case_id",
                "p.case_id",
                "c.version",
                "p.former",
                f"{news} JOIN followup_case c ON c.id = p.case_id",
            ),
        ),
    ]
