"""Every address of the service and who gets through: ONE LINE A ROUTE, sorted by room.

A new route without a line is red. `EVERYBODY` needs nobody signed in, `SIGNED_IN` any account;
otherwise the set names who gets through, as `role@place`:

- place `own`: the school of the young person (Lycée A), the CIO of their basin, the DSDEN of their
  département, the rectorat of their académie;
- `neighbour`: the same, one département further in the same académie;
- `far`: another académie.

Everybody else gets the 404 of what does not exist. `about` names what stands in the address (see
`test_routes.Cast`); `post` the acts. An optional way through (a redirect, a refused form) counts.
"""

from dataclasses import dataclass, field

EVERYBODY = "everybody"
SIGNED_IN = "signed in"


@dataclass(frozen=True)
class Route:
    """A line of the table."""

    to: str | frozenset[str]
    about: dict[str, str] = field(default_factory=dict)
    post: bool = False


def route(to: str, post: bool = False, **about: str) -> Route:
    """`to` is EVERYBODY, SIGNED_IN, or names separated by spaces."""
    return Route(to if to in {EVERYBODY, SIGNED_IN} else frozenset(to.split()), about, post)


def anywhere(*roles: str) -> str:
    """These roles in every place: the page shows one's own."""
    return " ".join(f"{role}@{place}" for role in roles for place in ("own", "neighbour", "far"))


ADMIN = "territory_admin@own territory_admin@neighbour"
#: Who has the young person's case before their eyes.
HOLDERS = "head@own correspondent@own"
CASE = f"{HOLDERS} secretariat@own basin_referent@own"
SEE_NAMES = anywhere(
    *"head correspondent secretariat lead agent basin_referent dasen ien_io".split()
)
DEPOSITS = f"head@own secretariat@own {ADMIN}"
#: Those to whom a relay can be proposed.
RECEIVE = anywhere(*"head correspondent lead agent".split())
OF_SCHOOL = "head@own correspondent@own secretariat@own"
#: Who says vacant places: their own, or those of their territory.
SAY_PLACES = anywhere(*"head correspondent secretariat lead agent territory_admin".split())
SAY_THIS_PLACE = f"{OF_SCHOOL} lead@own agent@own {ADMIN}"

ROUTES: dict[str, Route] = {
    # ui
    "healthz": route(EVERYBODY),
    # accounts: signing in
    "account_login": route(EVERYBODY),
    "account_logout": route(EVERYBODY),
    "account_inactive": route(EVERYBODY),
    "account_reset_password": route(EVERYBODY),
    "account_reset_password_done": route(EVERYBODY),
    "account_reset_password_from_key": route(EVERYBODY, uidb36="word", key="word"),
    "account_reset_password_from_key_done": route(EVERYBODY),
    "account_reauthenticate": route(SIGNED_IN),
    "account_change_password": route(SIGNED_IN),
    "account_set_password": route(SIGNED_IN),
    "mfa_index": route(SIGNED_IN),
    "mfa_authenticate": route(EVERYBODY),
    "mfa_login_webauthn": route(EVERYBODY),
    "mfa_reauthenticate": route(SIGNED_IN),
    "mfa_reauthenticate_webauthn": route(SIGNED_IN),
    "mfa_activate_totp": route(SIGNED_IN),
    "mfa_deactivate_totp": route(SIGNED_IN),
    "mfa_view_recovery_codes": route(""),  # nobody here has any yet
    "mfa_generate_recovery_codes": route(SIGNED_IN),
    "mfa_download_recovery_codes": route(""),
    "mfa_list_webauthn": route(SIGNED_IN),
    "mfa_add_webauthn": route(SIGNED_IN),
    "mfa_edit_webauthn": route("", pk="passkey"),  # somebody else's key
    "mfa_remove_webauthn": route("", pk="passkey"),
    "accounts:proconnect": route(""),  # off
    "accounts:proconnect_callback": route(""),
    # accounts: one's own
    "accounts:mine": route(SIGNED_IN),
    "accounts:close_device": route("", post=True, session="device"),
    "accounts:confirm": route("", post=True, membership="membership"),
    "accounts:invitation": route(EVERYBODY, token="token"),
    "accounts:welcome": route(SIGNED_IN),
    "accounts:opinion": route(SIGNED_IN),
    # accounts: the people of a structure
    "accounts:people_home": route(SIGNED_IN),
    "accounts:people": route(f"{OF_SCHOOL} {ADMIN}", structure="school"),
    "accounts:take_back": route(f"head@own {ADMIN}", post=True, membership="membership"),
    "accounts:cancel": route(f"head@own {ADMIN}", post=True, invitation="invitation"),
    "accounts:resend": route(f"{OF_SCHOOL} {ADMIN}", post=True, invitation="invitation"),
    # accounts: the territory
    "accounts:close_account": route(ADMIN, post=True, user="colleague"),
    "accounts:remove_factor": route(ADMIN, post=True, user="colleague"),
    "accounts:territory": route(anywhere("territory_admin")),
    "accounts:equip": route(anywhere("territory_admin")),
    "accounts:opinions": route(anywhere("territory_admin")),
    "accounts:answered": route(ADMIN, post=True, opinion="opinion"),
    # privacy
    "privacy:log": route(anywhere("dpo")),
    "privacy:log_export": route(anywhere("dpo")),
    "privacy:partners": route(anywhere("territory_admin")),
    "privacy:partner": route(ADMIN, structure="partner"),
    "privacy:end": route("", post=True, structure="partner"),  # nothing dated here to end
    # detection
    "detection:feeds": route(anywhere("head", "secretariat", "territory_admin")),
    "detection:upload": route(anywhere("head", "secretariat", "territory_admin")),
    "detection:feed": route(DEPOSITS, pk="feed"),
    "detection:deposit": route(DEPOSITS, pk="deposit"),
    "detection:withdraw": route(DEPOSITS, post=True, pk="deposit"),
    "detection:where": route(anywhere("head", "secretariat")),
    "detection:runs": route(anywhere("territory_admin")),
    "detection:start": route(anywhere("territory_admin"), post=True),
    "detection:run": route(ADMIN, pk="run"),
    "detection:undo_run": route(ADMIN, post=True, pk="run"),
    # followup: lists
    "followup:home": route(SIGNED_IN),
    "followup:list": route(SIGNED_IN),
    "followup:today": route(anywhere("lead", "agent")),
    "followup:agenda": route(anywhere("head", "correspondent", "secretariat", "lead", "agent")),
    "followup:agenda_file": route(
        anywhere("head", "correspondent", "secretariat", "lead", "agent")
    ),
    "followup:filter_keep": route(SIGNED_IN, post=True),
    "followup:filter_forget": route(SIGNED_IN, post=True, saved="case"),
    "followup:together": route(SIGNED_IN, post=True),
    "followup:tour_seen": route(SIGNED_IN, post=True),
    "followup:declare": route(anywhere("head", "correspondent")),
    "followup:training": route(SEE_NAMES),
    "followup:training_act": route(SEE_NAMES, post=True),
    "followup:export": route(SEE_NAMES),
    "followup:export_file": route(SEE_NAMES, kind="format"),
    "followup:person_file": route("head@own", case="case"),
    "followup:person_file_request": route(anywhere("dpo")),
    "followup:statement": route(anywhere("head", "correspondent", "secretariat")),
    "followup:statement_pdf": route(anywhere("head", "correspondent", "secretariat")),
    "followup:notifications": route(SIGNED_IN),
    "followup:notifications_read": route(SIGNED_IN, post=True),
    "followup:notifications_rhythm": route(SIGNED_IN, post=True),
    "followup:notification": route("", notification="notification"),  # somebody else's line
    # followup: letters and answers
    "followup:answer": route(EVERYBODY, token="word"),
    "followup:letters_prepare": route(SIGNED_IN, post=True),  # nobody ticked: back to the list
    "followup:letters_send": route(SIGNED_IN, post=True),
    "followup:texts": route(anywhere("head", "correspondent", "secretariat", "lead", "agent")),
    "followup:text": route(OF_SCHOOL, text="text"),
    "followup:approve_text": route(OF_SCHOOL, post=True, text="text"),
    "followup:letter": route(CASE, case="case"),
    "followup:answer_confirm": route(CASE, post=True, answer="answer"),
    "followup:answer_set_aside": route(CASE, post=True, answer="answer"),
    # followup: one case (a refusal said to somebody who sees it counts as getting through)
    "followup:sheet": route(CASE, case="case"),
    "followup:undo": route(CASE, post=True, event="event"),
    "followup:call": route(CASE, case="case"),
    "followup:situation": route(CASE, case="case"),
    "followup:details": route(CASE, case="case"),
    "followup:reason": route(CASE, case="case"),
    "followup:false_alarm": route(CASE, case="case"),
    "followup:pause": route(CASE, case="case"),
    # territory: names proposed while a place is typed
    "territory:communes": route(SIGNED_IN),
    "territory:schools": route(SIGNED_IN),
    # followup: reporting
    "followup:reports": route(RECEIVE),
    "followup:report_youth": route(RECEIVE),
    "followup:report_seek": route(RECEIVE, post=True),
    "followup:pairs": route(SEE_NAMES),
    "followup:pair": route(CASE, pair="pair"),
    "followup:unmerge": route("", post=True, pair="pair"),
    "followup:report_ask": route("", case="case"),  # who reported them, and nobody else
    # followup: beyond one's own scope
    "followup:beyond": route(anywhere(*"head lead agent basin_referent dasen ien_io".split())),
    "followup:beyond_found": route("", search="search"),  # somebody else's search
    "followup:openings": route(anywhere("dpo")),
    "followup:opening": route("dpo@own dpo@neighbour", opening="opening"),
    # followup: the support group's room
    "followup:meetings": route(anywhere("basin_referent")),
    "followup:meeting": route("basin_referent@own", meeting="meeting"),
    "followup:meeting_order": route("", post=True, meeting="meeting"),  # nothing said to do
    "followup:meeting_case": route("basin_referent@own", meeting="meeting", item="item"),
    "followup:meeting_attendance": route("basin_referent@own", meeting="meeting"),
    "followup:meeting_close": route("basin_referent@own", meeting="meeting"),
    "followup:meeting_minutes": route("basin_referent@own", meeting="meeting", form="paper"),
    # followup: the relay
    "followup:received": route(RECEIVE),
    "followup:partner": route(EVERYBODY, token="word"),
    "followup:hand_over_together": route(SEE_NAMES, post=True),
    "followup:transmit": route(CASE, case="case"),
    "followup:link_again": route(CASE, post=True, case="case"),
    "followup:accept": route(CASE, case="case"),
    "followup:send_back": route(CASE, case="case"),
    "followup:redirect": route(CASE, case="case"),
    "followup:associate": route(CASE, case="case"),
    "followup:group_again": route(CASE, post=True, case="case"),
    "followup:leave": route(CASE, case="case"),
    "followup:lift_objection": route(CASE, case="case"),
    "followup:inform": route(CASE, case="case"),
    "followup:ask": route(CASE, case="case"),
    "followup:reply": route(CASE, case="case", question="question"),
    "followup:assign": route(CASE, case="case"),
    "followup:tell_dsden": route(CASE, case="case"),
    "followup:take_back": route(CASE, case="case"),
    "followup:reopen": route(CASE, case="case"),
    "followup:protect": route(CASE, case="case"),
    # followup: from the interview to what became of somebody
    "followup:interview": route(CASE, case="case"),
    "followup:recommend": route(CASE, case="case"),
    "followup:mandate": route(CASE, case="case"),
    "followup:report": route(CASE, case="case", mandate="mandate"),
    "followup:withdraw_mandate": route(CASE, case="case", mandate="mandate"),
    "followup:find_places": route(CASE, case="case"),
    "followup:propose": route(CASE, case="case"),
    "followup:answer_proposal": route(CASE, case="case", proposal="proposal"),
    "followup:start": route(CASE, case="case", proposal="proposal"),
    "followup:end": route(CASE, case="case", proposal="proposal"),
    "followup:still_true": route(CASE, case="case"),
    "followup:review": route(CASE, case="case", review="review"),
    "followup:vacancies": route(f"{SAY_PLACES} {anywhere('steering')}"),
    "followup:vacancy_new": route(SAY_PLACES),
    "followup:vacancy_import": route(SAY_PLACES),
    "followup:vacancy_confirm": route(SAY_THIS_PLACE, post=True, vacancy="vacancy"),
    "followup:vacancy_withdraw": route(SAY_THIS_PLACE, post=True, vacancy="vacancy"),
    "followup:same": route(CASE, post=True, case="case", candidate="candidate"),
    "followup:other": route(CASE, post=True, case="case", candidate="candidate"),
}
