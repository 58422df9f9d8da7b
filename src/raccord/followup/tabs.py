"""The lists of each kind of structure: a school's leavers, what a service follows, what the law
shows of a département."""

from dataclasses import dataclass

from raccord.accounts.actors import Actor
from raccord.accounts.roles import OF_DEPARTEMENT, OF_STRUCTURE, Role
from raccord.followup.desk.sections import BY_KEY, HELD, Section


@dataclass(frozen=True)
class Tab:
    """One list of the page. Its condition is SQL on a case `c`, with the parameters of `_asked`:
    one statement counts every list and finds the rows of one."""

    key: str
    label: str
    condition: str
    empty: str
    optional: bool = False
    #: What is settled is read by date, what waits by urgency.
    settled: bool = False


def tabs_of(actor: Actor, asked: str = "") -> list[Tab]:
    """The lists of somebody, the one that waits for an act first; and the section of
    « Aujourd’hui » that is asked, where it is not among them."""
    found: list[Tab] = []
    taking_part = [m for m in actor.memberships if m.role in OF_STRUCTURE]
    if any(m.structure.is_school for m in taking_part):
        found += _OF_STRUCTURES
    elif taking_part:
        found += _OF_SERVICES
        if asked in BY_KEY and asked not in {tab.key for tab in found}:
            found.append(_of_section(BY_KEY[asked]))
    if actor.has(*OF_DEPARTEMENT):
        found += _OF_DEPARTEMENTS
    if actor.has(Role.BASIN_REFERENT):
        found.append(_OF_BASINS)
    return found


_HELD = HELD
_ELSEWHERE = f"NOT {_HELD} AND c.status NOT IN ('closed', 'transmitted')"
_BACK = "c.status = 'paused' AND c.next_act_on <= %(today)s"
_WAITING = f"{_HELD} AND (c.status = 'to_check' OR {_BACK})"
#: Some ends of a case say nothing of what became of somebody.
_ENDED = """c.status = 'closed' AND c.closed_on >= %(year_ago)s
    AND c.outcome NOT IN ('silent', 'undone', 'false_alarm')"""


def _of_section(section: Section, label: str = "") -> Tab:
    return Tab(section.key, label or section.title, section.listed, section.empty, optional=True)


_OF_STRUCTURES = [
    # Ten graduates for one who left without anything: together, these would be lost from sight.
    Tab("a-verifier", "À vérifier", f"{_WAITING} AND c.lane <> 'graduate'", "Personne à vérifier."),
    Tab(
        "a-confirmer",
        "À confirmer",
        f"{_HELD} AND c.status = 'to_confirm'",
        "Personne à confirmer : aucune inscription ressemblante n’attend votre avis.",
    ),
    Tab(
        "diplomes",
        "Diplômés sans solution",
        f"{_WAITING} AND c.lane = 'graduate'",
        "Aucun diplômé sans solution connue.",
        optional=True,
    ),
    Tab(
        "en-pause",
        "En pause",
        f"{_HELD} AND c.status = 'paused' AND ({_BACK}) IS NOT TRUE",
        "Aucun dossier en pause.",
        optional=True,
    ),
    Tab("transmis", "Transmis", "c.status = 'transmitted'", "Aucun dossier transmis."),
    _of_section(BY_KEY["recus"], label="Reçus"),
    _of_section(BY_KEY["questions"], label="Questions"),
    Tab(
        "retrouves",
        "Retrouvés cette semaine",
        "c.status = 'closed' AND c.outcome = 'found' AND c.closed_on >= %(week_ago)s",
        "Personne n’a été retrouvé dans une base ces sept derniers jours.",
        settled=True,
    ),
    Tab(
        "suivis",
        "Suivis depuis leur départ",
        f"({_ENDED}) OR ({_ELSEWHERE})",
        "Personne encore : ceux dont le dossier se termine restent visibles ici un an.",
        settled=True,
    ),
]
#: A structure that follows: what it is offered, what it carries, what it follows with others.
_OF_SERVICES = [
    Tab(
        "a-suivre",
        "À suivre",
        f"{_HELD} AND c.status IN ('to_check', 'to_confirm') OR {_HELD} AND {_BACK}",
        "Aucun dossier à suivre : un relais accepté apparaît ici.",
    ),
    _of_section(BY_KEY["recus"], label="Reçus"),
    Tab(
        "a-moi",
        "À moi",
        f"{_HELD} AND c.assigned_to_id = %(user)s AND c.status <> 'closed'",
        "Aucun dossier ne vous est confié en propre.",
    ),
    Tab(
        "associes",
        "Associés",
        f"NOT {_HELD} AND c.status <> 'closed' AND c.id IN (SELECT a.case_id FROM followup_party a"
        " WHERE a.structure_id = ANY (%(mine)s::bigint[]) AND a.until IS NULL"
        " AND a.kind = 'associated')",
        "Vous n’êtes associé à aucun dossier porté par une autre structure.",
    ),
    Tab(
        "en-pause",
        "En pause",
        f"{_HELD} AND c.status = 'paused' AND ({_BACK}) IS NOT TRUE",
        "Aucun dossier en pause.",
        optional=True,
    ),
    Tab(
        "transmis",
        "Transmis",
        f"{_HELD} AND c.status = 'transmitted' OR NOT {_HELD} AND c.status <> 'closed' AND c.id IN "
        "(SELECT a.case_id FROM followup_party a WHERE a.structure_id = ANY (%(mine)s::bigint[])"
        " AND a.until IS NULL AND a.kind = 'former')",
        "Aucun dossier transmis à une autre structure.",
    ),
    Tab(
        "clos",
        "Clos",
        "c.status = 'closed' AND c.closed_on >= %(year_ago)s"
        " AND c.outcome NOT IN ('silent', 'undone')",
        "Aucun dossier clos depuis un an.",
        settled=True,
    ),
]
_OF_DEPARTEMENTS = [
    Tab(
        "moins-de-16",
        "Moins de 16 ans",
        "c.lane = 'under_16'",
        "Aucun jeune de moins de 16 ans signalé dans le département.",
    ),
    Tab(
        "signales",
        "Signalés par un établissement",
        "c.lane = 'under_16' AND c.status = 'transmitted'",
        "Aucun établissement du département n’a signalé de jeune de moins de 16 ans.",
    ),
    Tab(
        "sans-acte",
        "Sans acte dans le délai",
        "c.lane <> 'under_16' AND c.worked_on_at IS NULL AND c.untouched_until < %(today)s",
        "Aucun dossier en retard : les établissements du département ont agi.",
    ),
]
_OF_BASINS = Tab(
    "bassin",
    "Mon bassin",
    "c.basin_id = ANY (%(basins)s::bigint[]) AND c.status <> 'closed'",
    "Aucun dossier ouvert sur le bassin.",
)

#: Those whose lines say what is to be done, and may be ticked.
OF_ACTS = frozenset({"a-verifier", "a-confirmer", "a-suivre", "a-moi", *BY_KEY})
