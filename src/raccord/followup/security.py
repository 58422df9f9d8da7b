"""Row-level security: which tables are guarded, and by which rule of sql/rights.sql.

The policies are written again after every migration (`accounts.database`), so that a table added
without a rule is found by a test, and a rule changed here is in force at the next start.
"""

from dataclasses import dataclass
from pathlib import Path

RIGHTS = Path(__file__).parent / "sql" / "rights.sql"
#: What a visitor without account may do with a one-time link.
ANSWERS = Path(__file__).parent / "letters" / "answers.sql"
#: What clears a practice school.
TRAINING = Path(__file__).parent / "sql" / "training.sql"

#: Checked row by row against a hash, made once a statement: the statement itself says where to
#: look, through `visible_to` or an identifier.
_CASES = "IN (SELECT raccord_visible_cases(raccord_user()))"
_PERSONS = "IN (SELECT raccord_visible_persons(raccord_user()))"
_HIDDEN = "(SELECT raccord_hidden_persons(raccord_user()))"


@dataclass(frozen=True)
class Guard:
    """What a web role may see of a table, and what it may add."""

    table: str
    sees: str
    adds: str


def _of_case(table: str, column: str = "case_id") -> Guard:
    return Guard(table, f"{column} {_CASES}", f"{column} {_CASES}")


_PLACED = f"""case_id {_CASES} AND case_id NOT IN (
        SELECT id FROM followup_case WHERE person_id IN {_HIDDEN})"""


def _placed(table: str) -> Guard:
    return Guard(table, _PLACED, f"case_id {_CASES}")


def _reached(table: str, column: str = "person_id") -> Guard:
    return Guard(
        table,
        f"{column} {_PERSONS} AND {column} NOT IN {_HIDDEN}",
        f"{column} {_PERSONS} OR raccord_person_is_new({column})",
    )


#: Every table of the room that holds something about somebody.
GUARDS: list[Guard] = [
    Guard("followup_person", f"id {_PERSONS}", "true"),
    Guard("followup_case", f"id {_CASES}", "true"),
    Guard(
        "followup_party",
        f"case_id {_CASES}",
        f"case_id {_CASES} OR raccord_case_is_new(case_id)",
    ),
    _reached("followup_contactdetails"),
    _reached("followup_legalrepresentative"),
    _of_case("followup_departure"),
    _of_case("followup_timelineevent"),
    _of_case("followup_contactattempt"),
    _placed("followup_candidate"),
    _placed("followup_destination"),
    # what a correction replaced (pghistory): as visible as what it corrects
    Guard("followup_personevent", f"pgh_obj_id {_PERSONS}", "true"),
    Guard("followup_caseevent", f"pgh_obj_id {_CASES}", "true"),
    Guard(
        "followup_contactdetailsevent",
        f"person_id {_PERSONS} AND person_id NOT IN {_HIDDEN}",
        "true",
    ),
    Guard(
        "followup_legalrepresentativeevent",
        f"person_id {_PERSONS} AND person_id NOT IN {_HIDDEN}",
        "true",
    ),
    Guard("followup_departureevent", f"case_id {_CASES}", "true"),
    Guard("followup_destinationevent", _PLACED, "true"),
    # letters and answers: numbers, addresses and places are hidden like those of the sheet
    _placed("followup_message"),
    _placed("followup_answerlink"),
    # written by raccord_answer and by nothing else
    Guard("followup_answer", _PLACED, "false"),
]

_ANSWER = "raccord_answer(text, uuid, uuid, text, bigint, text, text, text, date)"

#: Tables a web role may add to and never change: the timeline tells what happened.
APPEND_ONLY = ["followup_timelineevent", "followup_contactattempt"]


def statements(role: str) -> list[str]:
    """SQL that puts every guard in force for the web role; may be run again and again."""
    found = [path.read_text("utf-8") for path in (RIGHTS, ANSWERS, TRAINING)]
    for guard in GUARDS:
        table = guard.table
        found += [
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            *(
                f"DROP POLICY IF EXISTS raccord_{act} ON {table}"
                for act in ("sees", "adds", "changes", "removes")
            ),
            f"CREATE POLICY raccord_sees ON {table} FOR SELECT TO {role} USING ({guard.sees})",
            f"CREATE POLICY raccord_adds ON {table} FOR INSERT TO {role} WITH CHECK ({guard.adds})",
            f"CREATE POLICY raccord_changes ON {table} FOR UPDATE TO {role} "
            f"USING ({guard.sees}) WITH CHECK (true)",
            f"CREATE POLICY raccord_removes ON {table} FOR DELETE TO {role} USING ({guard.sees})",
        ]
    for name in ("raccord_live_link(text)", "raccord_link(text)", _ANSWER):
        found += [f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC"]
    found += [
        f"GRANT EXECUTE ON FUNCTION {name} TO {role}" for name in ("raccord_link(text)", _ANSWER)
    ]
    found += [f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}" for table in APPEND_ONLY]
    return found
