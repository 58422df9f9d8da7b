"""The statement of diligence: what a school did for its leavers of a year, on a day.

For the board and the DASEN: figures and acts by date; names only in an annexe that is asked for.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.accounts.models import Scope
from raccord.accounts.roles import Role
from raccord.followup.exports.rows import CHUNK
from raccord.followup.freshness import campaign_year
from raccord.followup.models import Case, Departure
from raccord.followup.rights import Act, hides
from raccord.followup.telling import departed, standing
from raccord.followup.vocabulary import Status
from raccord.territory.models import Structure

#: Those who may state for the whole of their school.
_ROLES = (Role.HEAD, Role.SECRETARIAT, Role.CORRESPONDENT)


@dataclass(frozen=True)
class Figure:
    """A number, and what it counts."""

    label: str
    value: int
    meaning: str


@dataclass
class Statement:
    """Everything the page and the paper show."""

    school: Structure
    year: int
    on: date
    figures: list[Figure]
    #: (day, act, number), the latest first.
    acts: list[tuple[date, str, int]]
    names: list[dict[str, Any]] = field(default_factory=list)

    @property
    def period(self) -> str:
        """« 2026-2027 »."""
        return f"{self.year}-{self.year + 1}"


def schools_of(actor: Actor) -> list[Structure]:
    """The schools for which somebody may state: as a whole, never for some classes."""
    found = {
        m.structure_id: m.structure
        for m in actor.memberships
        if m.role in _ROLES and m.structure.is_school and m.scope == Scope.WHOLE
    }
    return list(found.values())


# The acts that count: not taken back, and made by somebody (the night does nothing for anybody).
_ACTS = """
WITH wanted AS (
    SELECT c.id, c.status, c.outcome, c.contact_state FROM followup_case c
    WHERE c.id = ANY (ARRAY(SELECT raccord_visible_cases(%(user)s)))
        AND c.outcome NOT IN ('silent', 'undone')
        AND EXISTS (SELECT FROM followup_departure d WHERE d.case_id = c.id
            AND d.structure_id = %(school)s AND d.school_year = %(year)s)
), acts AS (
    SELECT e.case_id, e.kind, (e.at AT TIME ZONE %(zone)s)::date AS "on", e.facts
    FROM followup_timelineevent e JOIN wanted w ON w.id = e.case_id
    WHERE e.kind IN ('contact', 'letter', 'answer', 'situation', 'transmitted', 'closed')
        AND (e.user_id IS NOT NULL OR e.kind = 'answer')
        AND NOT EXISTS (SELECT FROM followup_timelineevent u WHERE u.undoes_id = e.id)
        AND NOT (e.kind = 'answer' AND e.facts ? 'decided')
), by_case AS (
    SELECT w.id, w.status, w.contact_state, w.outcome,
        coalesce(bool_or(a.kind IN ('contact', 'letter')), false) AS contacted,
        coalesce(bool_or(a.kind = 'answer' OR (a.kind = 'contact'
            AND a.facts ->> 'result' NOT IN ('no_answer', 'message_left', 'wrong_number'))), false)
            AS reached,
        coalesce(bool_or(a.kind = 'transmitted' OR (a.kind = 'contact'
            AND a.facts ->> 'result' IN ('looking', 'wants_appointment'))), false) AS proposed
    FROM wanted w LEFT JOIN acts a ON a.case_id = w.id GROUP BY w.id, w.status, w.contact_state,
        w.outcome
)
SELECT
    (SELECT json_build_array(count(*), count(*) FILTER (WHERE contacted),
        count(*) FILTER (WHERE reached), count(*) FILTER (WHERE proposed),
        count(*) FILTER (WHERE contacted AND NOT reached),
        count(*) FILTER (WHERE status = 'closed'),
        count(*) FILTER (WHERE NOT contacted AND NOT reached AND status <> 'closed'))
        FROM by_case),
    (SELECT coalesce(json_agg(json_build_array("on", act, n) ORDER BY "on" DESC, act), '[]') FROM (
        SELECT "on", CASE kind
            WHEN 'contact' THEN 'contact ' || coalesce(facts ->> 'channel', 'call')
            WHEN 'letter' THEN 'letter ' || coalesce(facts ->> 'medium', 'letter')
            ELSE kind END AS act, count(*) AS n
        FROM acts GROUP BY 1, 2) AS days)
"""
_SAID = {
    "contact call": "Appel",
    "contact sms": "SMS noté",
    "contact email": "Courriel noté",
    "contact letter": "Courrier noté",
    "contact visit": "Rencontre",
    "letter letter": "Courrier imprimé",
    "letter sms": "SMS envoyé",
    "letter email": "Courriel envoyé",
    "answer": "Réponse reçue par un lien",
    "situation": "Situation enregistrée",
    "transmitted": "Transmission",
    "closed": "Dossier clos",
}


def state(actor: Actor, school: Structure, *, names: bool = False) -> Statement:
    """Today's statement of a school, in one query (and a few more with the annexe)."""
    today = timezone.localdate()
    year = campaign_year(today)
    with connection.cursor() as cursor:
        cursor.execute(
            _ACTS,
            {
                "user": actor.user.pk,
                "school": school.pk,
                "year": year,
                "zone": timezone.get_current_timezone_name(),
            },
        )
        counts, acts = cursor.fetchone()
    listed, contacted, reached, proposed, silent, closed, untouched = counts
    figures = [
        Figure(
            "Jeunes sortis à vérifier",
            listed,
            "sortis cette année, inscrits nulle part au moment où ils ont été signalés",
        ),
        Figure(
            "Contactés", contacted, "au moins un appel, un message, un courrier ou une rencontre"
        ),
        Figure("Joints", reached, "quelqu’un a répondu, de vive voix ou par le lien d’un message"),
        Figure(
            "À qui une suite a été proposée",
            proposed,
            "rendez-vous demandé, recherche d’une solution, ou dossier transmis",
        ),
        Figure("Sans réponse", silent, "contactés, et personne n’a encore répondu"),
        Figure("Pas encore contactés", untouched, "dossier ouvert, aucun acte"),
        Figure("Dossiers clos", closed, "situation connue et prouvée, retrouvés, ou fausse alerte"),
    ]
    return Statement(
        school=school,
        year=year,
        on=today,
        figures=figures,
        acts=[(date.fromisoformat(on), _SAID.get(act, act), number) for on, act, number in acts],
        names=_names(actor, school, year, today) if names else [],
    )


def _names(actor: Actor, school: Structure, year: int, today: date) -> list[dict[str, Any]]:
    """The annexe: who, since when, how many tries; protected schoolings without anything else."""
    left = Departure.objects.filter(structure=school, school_year=year).values("case")
    cases = (
        Case.objects.visible_to(actor)
        .filter(pk__in=left)
        .exclude(outcome__in=["silent", "undone"])
        .for_list()
        .order_by("person__search_name", "pk")
    )
    found = []
    for case in cases.iterator(chunk_size=CHUNK):
        hidden = hides(actor, case.person)
        departure = departed(case)
        notes = bool(case.abilities(actor)[Act.NOTES])
        found.append(
            {
                "case": case.pk,
                "name": f"{case.person.last_name} {case.person.first_name}",
                "level": "" if hidden or not departure else departure.level,
                "left_on": None if hidden else case.left_on,
                "attempts": None if hidden else case.attempts,
                "standing": "Retrouvé"
                if hidden
                else standing(case, today)
                if notes
                else Status(case.status).label,
            }
        )
    return found
