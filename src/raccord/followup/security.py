"""Row-level security: which tables are guarded, and by which rule of sql/rights.sql.

The policies are written again after every migration (`accounts.database`), so that a table added
without a rule is found by a test, and a rule changed here is in force at the next start.
"""

from dataclasses import dataclass
from pathlib import Path

from raccord.followup import panels
from raccord.followup.exports import person_file_sql

RIGHTS = Path(__file__).parent / "sql" / "rights.sql"
#: One holder, always; and who reads interviews.
HOLDER = Path(__file__).parent / "sql" / "holder.sql"
#: What opening a case again does to what was due.
REVIEWS = Path(__file__).parent / "care" / "reviews.sql"
#: What a visitor without account may do with a one-time link.
ANSWERS = Path(__file__).parent / "letters" / "answers.sql"
#: Searching and opening beyond one's own scope.
GLASS = Path(__file__).parent / "glass" / "glass.sql"
#: Reporting somebody who is, or is not, followed.
REPORTING = Path(__file__).parent / "sql" / "reporting.sql"
#: Two files of one young person.
MERGING = Path(__file__).parent / "sql" / "merging.sql"
#: What a partner without account may do with a dated link.
LINKS = Path(__file__).parent / "relay" / "links.sql"
#: How many lines wait for somebody, and which wait no more.
NOTIFIED = Path(__file__).parent / "notifications" / "unread.sql"
#: What clears a practice school.
TRAINING = Path(__file__).parent / "sql" / "training.sql"


def _case(column: str) -> str:
    """Row by row: among the few the page is about (`raccord_open_cases`), else in a hash of what
    its user sees, made once a statement and only then."""
    return (
        f"({column} = ANY ((SELECT raccord_on_page('raccord.page_cases'))::uuid[])"
        f" OR {column} IN (SELECT raccord_find_visible_cases(raccord_user(), NULL)))"
    )


def _person(column: str) -> str:
    return (
        f"({column} = ANY ((SELECT raccord_on_page('raccord.page_persons'))::uuid[])"
        f" OR {column} IN (SELECT raccord_visible_persons(raccord_user())))"
    )


_CASE, _PERSON = _case("case_id"), _person("person_id")
_HIDDEN = "(SELECT raccord_hidden_persons(raccord_user()))"


@dataclass(frozen=True)
class Guard:
    """What a web role may see of a table, and what it may add."""

    table: str
    sees: str
    adds: str


def _of_case(table: str, column: str = "case_id") -> Guard:
    return Guard(table, _case(column), _case(column))


def _corrected(table: str) -> Guard:
    """What a correction replaced (pghistory): as visible as what it corrects."""
    return Guard(f"{table}event", _CASE, "true")


_OWN = "IN (SELECT raccord_own_structures(raccord_user()))"
_HELD = f"IN (SELECT id FROM followup_meeting WHERE group_id {_OWN})"
_ATTENDED = "IN (SELECT raccord_attended_meetings(raccord_user()))"
_MINE = "user_id = raccord_user()"
_EITHER = f"{_person('one_id')} OR {_person('other_id')}"
#: To what one's structures reported something is added, never read.
_REPORTED = f"{_CASE} OR case_id IN (SELECT raccord_reported_cases(raccord_user()))"
#: By the services that follow the young person, and by who wrote it.
_INTERVIEWS = f"""{_CASE} AND (structure_id {_OWN}
        OR case_id IN (SELECT raccord_interview_cases(raccord_user())))"""

_PLACED = f"""{_CASE} AND case_id NOT IN (
        SELECT id FROM followup_case WHERE person_id IN {_HIDDEN})"""


def _placed(table: str) -> Guard:
    return Guard(table, _PLACED, _CASE)


def _reached(table: str, column: str = "person_id") -> Guard:
    return Guard(
        table,
        f"{_person(column)} AND {column} NOT IN {_HIDDEN}",
        f"{_person(column)} OR raccord_person_is_new({column})",
    )


#: Every table of the room that holds something about somebody.
GUARDS: list[Guard] = [
    Guard("followup_person", _person("id"), "true"),
    Guard("followup_case", _case("id"), "true"),
    Guard(
        "followup_party",
        _CASE,
        f"{_CASE} OR raccord_case_is_new(case_id)",
    ),
    _reached("followup_contactdetails"),
    _reached("followup_legalrepresentative"),
    Guard("followup_departure", _CASE, _REPORTED),
    Guard("followup_timelineevent", _CASE, _REPORTED),
    _of_case("followup_contactattempt"),
    _placed("followup_candidate"),
    _placed("followup_destination"),
    # what a correction replaced (pghistory): as visible as what it corrects
    Guard("followup_personevent", _person("pgh_obj_id"), "true"),
    Guard("followup_caseevent", _case("pgh_obj_id"), "true"),
    Guard(
        "followup_contactdetailsevent",
        f"{_PERSON} AND person_id NOT IN {_HIDDEN}",
        "true",
    ),
    Guard(
        "followup_legalrepresentativeevent",
        f"{_PERSON} AND person_id NOT IN {_HIDDEN}",
        "true",
    ),
    Guard("followup_departureevent", _CASE, "true"),
    Guard("followup_destinationevent", _PLACED, "true"),
    # letters and answers: numbers, addresses and places are hidden like those of the sheet
    _placed("followup_message"),
    _placed("followup_answerlink"),
    # written by raccord_answer and by nothing else
    Guard("followup_answer", _PLACED, "false"),
    # the relay
    *map(_of_case, ["followup_handover", "followup_information"]),
    Guard("followup_question", f"{_CASE} OR asker_id {_OWN}", _REPORTED),
    *map(_corrected, ["followup_handover", "followup_information", "followup_question"]),
    _of_case("followup_partnerlink"),
    # what is said in an interview is read by few; where a solution takes place may be hidden
    Guard("followup_interview", _INTERVIEWS, f"{_CASE} AND structure_id {_OWN}"),
    Guard("followup_interviewevent", _INTERVIEWS, "true"),
    *map(_placed, ["followup_recommendation", "followup_mandate", "followup_proposal"]),
    Guard("followup_recommendationevent", _PLACED, "true"),
    Guard("followup_mandateevent", _PLACED, "true"),
    Guard("followup_proposalevent", _PLACED, "true"),
    _of_case("followup_review"),
    _corrected("followup_review"),
    # the group's room, and who came
    Guard("followup_meeting", f"group_id {_OWN} OR id {_ATTENDED}", f"group_id {_OWN}"),
    Guard(
        "followup_attendance", f"structure_id {_OWN} OR meeting_id {_HELD}", f"meeting_id {_HELD}"
    ),
    _of_case("followup_agendaitem"),
    # reports, and two files that may be one
    Guard("followup_report", f"{_CASE} OR structure_id {_OWN}", _REPORTED),
    Guard("followup_possibleduplicate", _EITHER, _EITHER),
    Guard("followup_possibleduplicateevent", _EITHER, "true"),
    Guard(
        "followup_merge", f"{_person('kept_id')} OR {_person('absorbed_id')}", _person("kept_id")
    ),
    # written by raccord_break_glass and by nothing else
    Guard(
        "followup_opening",
        f"{_MINE} OR {_CASE} OR academie_id IN (SELECT raccord_academies_as('dpo'))",
        "false",
    ),
    # written by raccord_search_beyond and by nothing else
    Guard("followup_beyondsearch", _MINE, "false"),
    # one's own
    Guard("followup_notification", _MINE, "true"),
    Guard("followup_preference", _MINE, _MINE),
    Guard("followup_savedfilter", _MINE, _MINE),
]

_ANSWER = "raccord_answer(text, uuid, uuid, text, bigint, text, text, text, date)"
#: For these functions themselves.
_INSIDE = (
    "raccord_live_link(text)",
    "raccord_live_partner_link(text)",
    "raccord_file_rows(uuid[])",
)
#: For pages and for nobody else.
_FOR_PAGES = (
    "raccord_cases_named(bigint, text[])",
    "raccord_link(text)",
    "raccord_partner_link(text)",
    "raccord_partner_answer(text, text, text, uuid)",
    _ANSWER,
    "raccord_search_beyond(text[], date)",
    "raccord_break_glass(uuid, text)",
    "raccord_examine_opening(uuid, text)",
    person_file_sql.SIGNATURE,
    "raccord_seek_followed(bigint, text[], text[], date, date[], text, text, bigint)",
    "raccord_join_reported(bigint, bigint, uuid)",
    "raccord_merge(bigint, uuid, uuid, uuid)",
    "raccord_unmerge(bigint, uuid)",
    "raccord_pair(bigint, uuid)",
)

#: Tables a web role may add to and never change: the timeline tells what happened.
APPEND_ONLY = [
    "followup_timelineevent",
    "followup_contactattempt",
    "followup_report",
    "followup_opening",
    "followup_beyondsearch",
]


def statements(role: str) -> list[str]:
    """SQL that puts every guard in force for the web role; may be run again and again."""
    found = [
        path.read_text("utf-8")
        for path in (
            RIGHTS,
            HOLDER,
            REVIEWS,
            ANSWERS,
            GLASS,
            REPORTING,
            MERGING,
            LINKS,
            NOTIFIED,
            TRAINING,
        )
    ]
    found += [person_file_sql.function(), panels.function()]
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
    for name in (*_INSIDE, *_FOR_PAGES):
        found += [f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC"]
    found += [f"GRANT EXECUTE ON FUNCTION {name} TO {role}" for name in _FOR_PAGES]
    found += [f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}" for table in APPEND_ONLY]
    return found
