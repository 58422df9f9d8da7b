"""The young people of a practice school: invented, one for each thing there is to learn.

Numbers are of the ranges that ARCEP keeps for fiction, addresses of the domain kept for examples.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from raccord.followup.vocabulary import (
    Answerer,
    Channel,
    ContactResult,
    ContactState,
    FalseAlarm,
    Lane,
    Outcome,
    Proof,
    SituationKind,
    Status,
)


@dataclass(frozen=True)
class Invented:
    """One young person and where their case stands; days are counted back from today."""

    last_name: str
    first_name: str
    sex: str
    age: int
    level: str
    gone: int
    lane: Lane = Lane.OBLIGATION_16_17
    #: Fields of the case beside these.
    case: dict[str, Any] = field(default_factory=dict)
    #: Unanswered calls, so many days ago.
    calls: tuple[int, ...] = ()
    #: First name, days of difference of birth, and what agrees, of the enrolment that resembles.
    candidate: tuple[str, int, tuple[str, ...], tuple[str, ...]] | None = None
    #: Where they were found.
    place: str = ""
    phone: str = "06 39 98 10 00"

    def born(self, today: date) -> date:
        """A birthday six weeks past, whatever the day of the practice."""
        ordinal = date(today.year - self.age, today.month, 1).toordinal() - 42
        return date.fromordinal(ordinal)


#: Values that are days from today: made dates when the practice school opens.
DAYS = frozenset(
    {"next_act_on", "closed_on", "situation_since", "situation_confirmed_on", "situation_lapses_on"}
)

_TRIED = {"contact_state": ContactState.TRIED}

CAST: tuple[Invented, ...] = (
    Invented("Arbelot", "Maëlle", "F", 17, "1re ASSP", 41),
    Invented(
        "Bessac", "Ilyès", "M", 16, "2de MTNE", 75, case={**_TRIED, "attempts": 2}, calls=(20, 6)
    ),
    Invented("Corvaisier", "Noa", "F", 18, "TERM MCV", 60, Lane.DROPOUT),
    Invented(
        "Delaporte",
        "Louane",
        "F",
        17,
        "1re CUISINE",
        33,
        case={"status": Status.TO_CONFIRM},
        candidate=("Louane", 0, ("prenom", "date_naissance"), ("nom_famille",)),
    ),
    Invented(
        "Estrade",
        "Hugo",
        "M",
        16,
        "2de GT",
        25,
        case={"status": Status.TO_CONFIRM},
        candidate=("Théo", 0, ("nom_famille", "date_naissance"), ("prenom",)),
    ),
    Invented(
        "Fauvel",
        "Sarah",
        "F",
        17,
        "1re GENERALE",
        90,
        case={
            "status": Status.PAUSED,
            "next_act_on": 10,
            "contact_state": ContactState.REACHED,
            "attempts": 1,
        },
    ),
    Invented(
        "Garrigue",
        "Enzo",
        "M",
        17,
        "CAP MENUISIER",
        48,
        case={**_TRIED, "attempts": 1, "next_act_on": 0},
        calls=(3,),
    ),
    Invented(
        "Hamelin",
        "Yanis",
        "M",
        16,
        "2de MRC",
        55,
        case={"contact_state": ContactState.WRONG_DETAILS, "attempts": 1},
        phone="",
    ),
    Invented("Iribarne", "Chloé", "F", 15, "3e PREPA METIERS", 14, Lane.UNDER_16),
    Invented("Jolivet", "Adam", "M", 19, "TERM MELEC", 140, Lane.DIPLOMA_UNKNOWN),
    Invented(
        "Kermadec",
        "Lina",
        "F",
        17,
        "1re MCV",
        80,
        case={"status": Status.TRANSMITTED, "contact_state": ContactState.REACHED, "attempts": 2},
    ),
    Invented(
        "Lascombe",
        "Tom",
        "M",
        17,
        "2de GT",
        38,
        case={
            "status": Status.CLOSED,
            "outcome": Outcome.FOUND,
            "closed_on": -2,
            "situation": SituationKind.SCHOOLED,
            "situation_since": -2,
            "situation_confirmed_on": -2,
            "situation_proof": Proof.REGISTER,
        },
        place="Lycée des Trois-Chênes",
    ),
    Invented(
        "Montauban",
        "Inès",
        "F",
        18,
        "TERM ASSP",
        120,
        Lane.DROPOUT,
        case={
            "status": Status.CLOSED,
            "outcome": Outcome.APPRENTICE,
            "closed_on": -30,
            "contact_state": ContactState.REACHED,
            "situation": SituationKind.APPRENTICE,
            "situation_since": -30,
            "situation_confirmed_on": -30,
            "situation_lapses_on": 150,
            "situation_proof": Proof.DECLARATION,
        },
    ),
    Invented(
        "Nogaret",
        "Paul",
        "M",
        17,
        "1re GENERALE",
        22,
        case={
            "status": Status.CLOSED,
            "outcome": Outcome.FALSE_ALARM,
            "false_alarm": FalseAlarm.STILL_HERE,
            "closed_on": -15,
        },
    ),
)

#: What an unanswered call is told as.
UNANSWERED = {
    "channel": Channel.CALL.value,
    "answerer": Answerer.NOBODY.value,
    "result": ContactResult.NO_ANSWER.value,
}

#: Vacant places of the practice CFA: fields of `Vacancy`.
PLACES: tuple[dict[str, Any], ...] = (
    {"kind": "cfa", "course": "CAP Cuisine", "level": 3, "stream": "Restauration", "places": 3},
    {"kind": "cfa", "course": "CAP Électricien", "level": 3, "stream": "Bâtiment", "places": 2},
    {"kind": "cfa", "course": "CAP Équipier polyvalent du commerce", "level": 3, "places": 4},
    {"kind": "cfa", "course": "Bac pro Maintenance des véhicules", "level": 4, "places": 1},
)
