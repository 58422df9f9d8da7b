"""What each situation means: L.114-1, the proof that closes, and how long it is held true.

A truth has a date: past it, a situation becomes « à confirmer », never silently « inconnue ».
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from raccord.followup.vocabulary import Outcome, Proof, SituationKind


class Duty(StrEnum):
    """Whether the obligation de formation of the 16-17 is met (code de l'éducation, L.114-1)."""

    MET = "met"
    NOT_MET = "not_met"
    TO_CONFIRM = "to_confirm"
    EXEMPT = "exempt"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The words on screen."""
        return _DUTIES[self]


_DUTIES = {
    Duty.MET: "obligation de formation remplie",
    Duty.NOT_MET: "obligation de formation non remplie",
    Duty.TO_CONFIRM: "obligation de formation : à confirmer avec un justificatif",
    Duty.EXEMPT: "exempté de l’obligation de formation",
    Duty.UNKNOWN: "obligation de formation : on ne sait pas",
}


@dataclass(frozen=True)
class Rule:
    """What follows from a situation."""

    duty: Duty
    months: int
    outcome: Outcome | None = None
    closed_by: frozenset[Proof] = frozenset()


_SEEN = frozenset({Proof.REGISTER, Proof.CERTIFICATE})
_PAPER = frozenset({Proof.CERTIFICATE})

#: R.114-1 and R.114-2 for the proofs; the delays are ours, and shown beside the situation.
RULES: dict[SituationKind, Rule] = {
    SituationKind.SCHOOLED: Rule(Duty.MET, 12, Outcome.SCHOOLED, _SEEN),
    SituationKind.AGRICULTURE: Rule(Duty.MET, 12, Outcome.SCHOOLED, _SEEN),
    SituationKind.HORS_CONTRAT: Rule(Duty.MET, 12, Outcome.SCHOOLED, _PAPER),
    SituationKind.ABROAD: Rule(Duty.TO_CONFIRM, 6, Outcome.ABROAD, _PAPER),
    # Distance schooling counts with proof of enrolment and attendance (R.114-1).
    SituationKind.DISTANCE: Rule(Duty.TO_CONFIRM, 6, Outcome.SCHOOLED, _PAPER),
    SituationKind.HOME: Rule(Duty.TO_CONFIRM, 6, Outcome.SCHOOLED, _PAPER),
    SituationKind.APPRENTICE: Rule(
        Duty.MET, 12, Outcome.APPRENTICE, _SEEN | {Proof.CONTRACT, Proof.STRUCTURE}
    ),
    SituationKind.TRAINEE: Rule(Duty.MET, 6, Outcome.TRAINEE, _PAPER | {Proof.STRUCTURE}),
    SituationKind.JOB: Rule(Duty.MET, 6, Outcome.JOB, _PAPER | {Proof.CONTRACT, Proof.DECLARATION}),
    SituationKind.CIVIC_SERVICE: Rule(
        Duty.MET, 8, Outcome.CIVIC_SERVICE, _PAPER | {Proof.CONTRACT, Proof.STRUCTURE}
    ),
    SituationKind.ACCOMPANIED: Rule(Duty.MET, 3, Outcome.ACCOMPANIED, frozenset({Proof.STRUCTURE})),
    # The fact only, never the reason.
    SituationKind.EXEMPT: Rule(Duty.EXEMPT, 12, Outcome.EXEMPT, _PAPER),
    SituationKind.NO_SOLUTION: Rule(Duty.NOT_MET, 1),
    SituationKind.LEFT_TERRITORY: Rule(Duty.UNKNOWN, 3, Outcome.LEFT_TERRITORY, _PAPER),
    SituationKind.UNKNOWN: Rule(Duty.UNKNOWN, 1),
}

#: Where naming a place helps the next person: not for a situation without one.
PLACED = frozenset(SituationKind) - {
    SituationKind.HOME,
    SituationKind.EXEMPT,
    SituationKind.NO_SOLUTION,
    SituationKind.UNKNOWN,
}


def rule(kind: str) -> Rule:
    """What follows from a situation."""
    return RULES[SituationKind(kind)]


def duty(kind: str, proof: str, *, lapsed: bool = False) -> Duty:
    """Whether L.114-1 is met: with a proof, what was to confirm is met; on a word that does not
    close the case, or past its date, it is to confirm."""
    found = rule(kind).duty
    if found is Duty.MET and proof != Proof.REGISTER and proof not in rule(kind).closed_by:
        found = Duty.TO_CONFIRM
    if found is Duty.TO_CONFIRM and proof == Proof.CERTIFICATE:
        found = Duty.MET
    return Duty.TO_CONFIRM if lapsed and found is Duty.MET else found


def closes(kind: str, proof: str) -> Outcome | None:
    """How the case ends when this proof was seen; None when something remains to be done."""
    found = rule(kind)
    return found.outcome if proof in found.closed_by else None


def lapses_on(kind: str, since: date) -> date:
    """The day after which a situation is to be confirmed again."""
    return months_after(since, rule(kind).months)


def months_after(since: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    month = since.month - 1 + months
    year, month = since.year + month // 12, month % 12 + 1
    return date(year, month, min(since.day, monthrange(year, month)[1]))
