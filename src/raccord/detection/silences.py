"""Somebody who died: hidden everywhere, closed without a word, and told nowhere."""

from raccord.detection.rows import change

STATEMENTS: tuple[tuple[str, str], ...] = (
    (
        "",
        """CREATE TEMP TABLE night_silent AS
        SELECT c.id AS case_id, c.person_id, to_jsonb(c) - 'version' AS former
        FROM night_person p JOIN followup_case c ON c.person_id = p.person_id
        WHERE p.act = 'silence' AND c.status <> 'closed'""",
    ),
    (
        "",
        """UPDATE followup_case c SET status = 'closed', outcome = 'silent',
            closed_on = %(as_of)s::date, closed_by_run = %(run)s, next_act_on = NULL,
            version = c.version + 1
        FROM night_silent p WHERE p.case_id = c.id""",
    ),
    (
        "",
        """UPDATE followup_party q SET until = %(as_of)s::date FROM night_silent p
        WHERE q.case_id = p.case_id AND q.until IS NULL""",
    ),
    (
        "",
        """UPDATE followup_person q SET hidden = true FROM night_person p
        WHERE p.act = 'silence' AND q.id = p.person_id AND NOT q.hidden""",
    ),
    (
        "",
        change(
            "silent",
            "p.case_id",
            "p.case_id",
            "c.version",
            "p.former",
            "FROM night_silent p JOIN followup_case c ON c.id = p.case_id",
        ),
    ),
)
