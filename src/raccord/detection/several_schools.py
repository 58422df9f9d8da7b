"""One young person whom several schools list: one case, which the last school holds; the others are
associated and told. Statements of a night, over its temporary tables (see `writing`)."""

from raccord.detection.rows import insert_select
from raccord.followup.models import Notification, Party, TimelineEvent

AUTHOR = "la comparaison de la nuit"

#: A later leaving of another school came tonight: untouched, the case goes where they were last.
TAKEN = """CREATE TEMP TABLE night_taken AS
    SELECT p.case_id, p.structure_id, coalesce(p.left_on, p.seen_on) AS left_on
    FROM night_person p JOIN followup_case c ON c.id = p.case_id
    WHERE p.act = 'update' AND p.structure_id <> c.holder_id AND c.worked_on_at IS NULL
        AND EXISTS (SELECT FROM followup_departure d WHERE d.case_id = p.case_id
            AND d.structure_id = p.structure_id AND d.run_id = %(run)s)
        AND EXISTS (SELECT FROM followup_departure d WHERE d.case_id = p.case_id
            AND d.structure_id = c.holder_id)"""

#: Those of a case that got a departure tonight, other than who holds it, and not of the same house.
_OTHERS = """CREATE TEMP TABLE night_other AS
    SELECT o.*, gen_random_uuid() AS new_event FROM (
        SELECT DISTINCT c.id AS case_id, s.id AS structure_id, s.name
        FROM (SELECT DISTINCT case_id FROM followup_departure WHERE run_id = %(run)s) n
        JOIN followup_case c ON c.id = n.case_id
        JOIN followup_departure d ON d.case_id = c.id
        JOIN territory_structure s ON s.id = d.structure_id
        JOIN territory_structure h ON h.id = c.holder_id
        WHERE coalesce(s.house_id, s.id) <> coalesce(h.house_id, h.id) AND NOT EXISTS (
            SELECT FROM followup_party q WHERE q.case_id = c.id AND q.structure_id = s.id
                AND q.kind = 'associated')) o"""

#: Once the holder of tonight is written. Nobody is told of a provisional list.
STATEMENTS: tuple[tuple[str, str], ...] = (
    ("", _OTHERS),
    (
        "",
        insert_select(
            Party,
            {
                "case_id": "o.case_id",
                "structure_id": "o.structure_id",
                "kind": "'associated'",
                "since": "%(as_of)s::date",
            },
            "FROM night_other o",
        ),
    ),
    (
        "",
        insert_select(
            TimelineEvent,
            {
                "id": "o.new_event",
                "case_id": "o.case_id",
                "at": "%(now)s",
                "kind": "'associated'",
                "author": f"'{AUTHOR}'",
                "run_id": "%(run)s",
                "facts": "jsonb_build_object('structure', o.name, 'why', 'also_left')",
            },
            "FROM night_other o",
        ),
    ),
    (
        "",
        insert_select(
            Notification,
            {
                "id": "gen_random_uuid()",
                "user_id": "u.person",
                "kind": "'associated'",
                "case_id": "o.case_id",
                "structure_id": "o.structure_id",
                "at": "%(now)s",
            },
            "FROM night_other o, raccord_people_of(o.structure_id, o.case_id) u (person) "
            "WHERE NOT %(provisional)s",
        ),
    ),
)
