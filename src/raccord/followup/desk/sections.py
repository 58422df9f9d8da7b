"""The sections of « Aujourd’hui »: each is SQL on a case `c`, so that one statement counts them all
and finds the first names of each. A list shows the rest of any of them under the same key."""

from dataclasses import dataclass

from raccord.matching.wording import count

#: Situations that lapse within so many days are told.
SOON_DAYS = 30
HELD = "c.holder_id = ANY (%(mine)s::bigint[])"
_WORKED = "c.status IN ('to_check', 'to_confirm')"


@dataclass(frozen=True)
class Section:
    """What waits, since when or until when, and how a sentence tells it."""

    key: str
    title: str
    #: A date, the order of the section. Of `s`, the row of `source`, where there is one.
    due: str
    #: On the case, beside having a row in `source`.
    condition: str
    #: The words of the due date before it: « reçu le », « pour le ».
    said: str
    empty: str
    #: What there is nothing of, in a list of such things.
    matter: str
    one: str
    many: str
    source: str = ""
    #: Past its date, it is late, and told apart.
    late: str = ""
    #: What to do with each of its cases; empty: what the case needs (`relay.stepping`).
    act: str = ""
    #: Only for support groups.
    of_group: bool = False

    @property
    def listed(self) -> str:
        """As the condition of a list."""
        if not self.source:
            return self.condition
        return f"({self.condition}) AND c.id IN (SELECT s.case_id FROM ({self.source}) s)"

    def sentence(self, number: int, late: int) -> str:
        """« 3 comptes rendus sont en retard », else « 2 entretiens à faire »."""
        if self.late and late:
            single, _, several = self.late.partition("|")
            return count(late, single, several)
        return count(number, self.one, self.many)


def _first(table: str, when: str, where: str) -> str:
    return f"SELECT case_id, min({when}) AS due FROM {table} WHERE {where} GROUP BY case_id"


SECTIONS = [
    Section(
        "recus",
        "Reçus : à accepter ou à renvoyer",
        due="s.due",
        condition="true",
        source=_first(
            "followup_handover",
            "raccord_day(asked_at)",
            "status = 'waiting' AND receiver_id = ANY (%(mine)s::bigint[])",
        ),
        said="proposé le",
        empty="Aucun dossier ne vous est proposé.",
        matter="relais reçus",
        one="dossier vous attend",
        many="dossiers vous attendent",
    ),
    Section(
        "groupe",
        "Dossiers du groupe, sans préconisation encore",
        due="s.due",
        condition="c.status <> 'closed' AND c.id NOT IN "
        "(SELECT case_id FROM followup_recommendation WHERE structure_id = ANY (%(groups)s))",
        source=_first(
            "followup_party",
            "since",
            "kind IN ('associated', 'holder') AND until IS NULL "
            "AND structure_id = ANY (%(groups)s)",
        ),
        said="présenté le",
        empty="Tous les dossiers du groupe ont leur préconisation.",
        matter="préconisations du groupe",
        act="À examiner en réunion",
        one="dossier à examiner par le groupe",
        many="dossiers à examiner par le groupe",
        of_group=True,
    ),
    Section(
        "a-reprendre",
        "À appeler, à reprendre aujourd’hui",
        due="coalesce(c.next_act_on, c.held_since)",
        condition=f"{HELD} AND ({_WORKED} AND (c.next_act_on <= %(today)s OR c.next_act_on IS NULL "
        "AND c.contact_state <> 'reached') OR c.status = 'paused' AND c.next_act_on <= %(today)s)",
        said="depuis le",
        empty="Personne à appeler aujourd’hui.",
        matter="appels",
        one="jeune à appeler ou à reprendre",
        many="jeunes à appeler ou à reprendre",
    ),
    Section(
        "entretiens",
        "Entretiens de situation à faire",
        due="c.held_since",
        condition=f"{HELD} AND {_WORKED} AND c.stage = 'diagnosis' AND c.id NOT IN "
        "(SELECT case_id FROM followup_interview)",
        said="suivi depuis le",
        empty="Chaque jeune que vous suivez a eu son entretien.",
        matter="entretiens",
        act="Faire l’entretien de situation",
        one="entretien à faire",
        many="entretiens à faire",
    ),
    Section(
        "mandats",
        "Comptes rendus de mandat à rendre",
        due="s.due",
        condition="true",
        source=_first(
            "followup_mandate",
            "report_by",
            "status = 'given' AND structure_id = ANY (%(mine)s::bigint[])",
        ),
        said="attendu le",
        empty="Aucun compte rendu n’est attendu de vous.",
        matter="comptes rendus",
        act="Rendre compte",
        one="compte rendu à rendre",
        many="comptes rendus à rendre",
        late="compte rendu est en retard|comptes rendus sont en retard",
    ),
    Section(
        "mandats-donnes",
        "Mandats que vous avez donnés, sans compte rendu à la date dite",
        due="s.due",
        condition="true",
        source=_first(
            "followup_mandate",
            "report_by",
            "status = 'given' AND report_by < %(today)s AND "
            "given_by_structure_id = ANY (%(mine)s::bigint[]) "
            "AND structure_id <> ALL (%(mine)s::bigint[])",
        ),
        said="attendu le",
        empty="Aucun mandat donné n’est en retard.",
        matter="mandats donnés",
        act="Demander où en est le mandat",
        one="mandat donné reste sans compte rendu",
        many="mandats donnés restent sans compte rendu",
    ),
    Section(
        "questions",
        "Questions posées, à vous de répondre",
        due="s.due",
        condition=HELD,
        source=_first("followup_question", "raccord_day(asked_at)", "answered_at IS NULL"),
        said="posée le",
        empty="Aucune question n’attend votre réponse.",
        matter="questions",
        act="Répondre",
        one="question vous est posée",
        many="questions vous sont posées",
    ),
    Section(
        "expirent",
        "Situations à confirmer dans les 30 jours",
        due="c.situation_lapses_on",
        condition=f"{HELD} AND c.situation <> 'unknown' AND c.situation_lapses_on <= %(soon)s "
        "AND (c.closed_on IS NULL OR c.closed_on >= %(year_ago)s) "
        "AND c.outcome NOT IN ('silent', 'undone', 'false_alarm', 'merged')",
        said="tenue pour vraie jusqu’au",
        empty="Aucune situation n’expire dans les 30 jours.",
        matter="situations à confirmer",
        act="Dire si c’est toujours exact",
        one="situation à confirmer",
        many="situations à confirmer",
    ),
    Section(
        "devenirs",
        "Devenirs à relever",
        due="s.due",
        condition=HELD,
        source=_first("followup_review", "due_on", "status = 'due' AND due_on <= %(today)s"),
        said="à relever depuis le",
        empty="Aucun devenir à relever aujourd’hui.",
        matter="devenirs",
        act="Relever le devenir",
        one="devenir à relever",
        many="devenirs à relever",
    ),
    Section(
        "attente",
        "Proposés à d’autres, en attente de réponse",
        due="s.due",
        condition="true",
        source=_first(
            "followup_handover",
            "raccord_day(asked_at)",
            "status = 'waiting' AND sender_id = ANY (%(mine)s::bigint[])",
        ),
        said="proposé le",
        empty="Aucun relais n’attend la réponse d’une autre structure.",
        matter="relais proposés",
        act="Garder le contact jusqu’à la réponse",
        one="relais attend une réponse",
        many="relais attendent une réponse",
    ),
    Section(
        "doublons",
        "Doublons possibles",
        due="c.opened_on",
        condition="c.person_id IN (SELECT one_id FROM followup_possibleduplicate WHERE status = "
        "'open' UNION SELECT other_id FROM followup_possibleduplicate WHERE status = 'open')",
        said="ouvert le",
        empty="Aucun doublon à examiner.",
        matter="doublons",
        act="Comparer les deux dossiers",
        one="doublon possible",
        many="doublons possibles",
    ),
]
BY_KEY = {section.key: section for section in SECTIONS}
