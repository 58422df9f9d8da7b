"""What the timeline says of interviews, mandates, solutions and what became of somebody."""

from collections.abc import Callable
from datetime import date
from typing import Any

from raccord.followup.care.vocabulary import MandateResult, ProposalStatus, SolutionKind
from raccord.followup.situations import Duty
from raccord.followup.vocabulary import EventKind, Proof, SituationKind
from raccord.matching.wording import day

Facts = dict[str, Any]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _on(facts: Facts, key: str) -> str:
    return day(date.fromisoformat(facts[key])) if facts.get(key) else ""


def _solution(facts: Facts, key: str = "kind") -> str:
    return SolutionKind(facts[key]).label if facts.get(key) else ""


def _situation(facts: Facts) -> str:
    return SituationKind(facts["kind"]).label if facts.get("kind") else ""


def _interview(title: str, facts: Facts) -> tuple[str, str]:
    on = _on(facts, "on")
    return title, f"Tenu le {on}." if on else ""


def _recommended(title: str, facts: Facts) -> tuple[str, str]:
    what = _solution(facts)
    return f"{title} : {what}" if what else title, ""


def _mandated(title: str, facts: Facts) -> tuple[str, str]:
    if not facts.get("to"):
        return title, ""
    if facts.get("withdrawn"):
        return f"Mandat retiré à {facts['to']}", ""
    return f"Mandat donné à {facts['to']}", f"Compte rendu attendu le {_on(facts, 'report_by')}."


def _reported(title: str, facts: Facts) -> tuple[str, str]:
    if not facts.get("result"):
        return title, ""
    result = _capital(MandateResult(facts["result"]).label)
    return f"{title}, {facts['by']}", f"{result}."


def _proposed(title: str, facts: Facts) -> tuple[str, str]:
    what = _solution(facts)
    return f"{title} : {what}" if what else title, ""


def _answered(title: str, facts: Facts) -> tuple[str, str]:
    if not facts.get("said"):
        return title, ""
    until = _on(facts, "until")
    said = ProposalStatus(facts["said"]).label
    return f"{_capital(_solution(facts))} : {said}", f"On en reparle le {until}." if until else ""


def _started(title: str, facts: Facts) -> tuple[str, str]:
    if not facts.get("solution"):
        return title, ""
    parts = [f"Depuis le {_on(facts, 'since')}."] if facts.get("since") else []
    if facts.get("proof"):
        parts.append(f"{_capital(Proof(facts['proof']).label)}.")
    if facts.get("duty"):
        parts.append(f"{_capital(Duty(facts['duty']).label)}.")
    if facts.get("closes"):
        parts.append("Dossier clos.")
    if facts.get("lapses_on"):
        parts.append(f"Tenu pour vrai jusqu’au {_on(facts, 'lapses_on')}.")
    return f"{title} : {_solution(facts, 'solution')}", " ".join(parts)


def _ended(title: str, facts: Facts) -> tuple[str, str]:
    if not facts.get("kind"):
        return title, ""
    how = "interrompue" if facts.get("broken") else "terminée"
    again = " Le dossier est rouvert." if facts.get("reopened") else " Situation à confirmer."
    return f"Solution {how} : {_solution(facts)}", f"Le {_on(facts, 'on')}.{again}"


def _still_true(title: str, facts: Facts) -> tuple[str, str]:
    if not facts.get("kind"):
        return title, ""
    until = _on(facts, "lapses_on")
    return f"Toujours exact : {_situation(facts)}", f"Tenu pour vrai jusqu’au {until}."


def _lapsing(title: str, facts: Facts) -> tuple[str, str]:
    if not facts.get("kind"):
        return title, ""
    return f"{title} : {_situation(facts)}", f"Tenu pour vrai jusqu’au {_on(facts, 'lapsed_on')}."


def _reviewed(title: str, facts: Facts) -> tuple[str, str]:
    if not facts.get("kind"):
        return title, ""
    parts = [f"{_capital(Proof(facts['proof']).label)}."] if facts.get("proof") else []
    if facts.get("reopened"):
        parts.append("Le dossier est rouvert.")
    when = "à un an" if facts["months"] == 12 else f"à {facts['months']} mois"
    return f"Devenir {when} : {_situation(facts)}", " ".join(parts)


TELLERS: dict[EventKind, Callable[[str, Facts], tuple[str, str]]] = {
    EventKind.INTERVIEW: _interview,
    EventKind.RECOMMENDED: _recommended,
    EventKind.MANDATED: _mandated,
    EventKind.MANDATE_REPORTED: _reported,
    EventKind.PROPOSED: _proposed,
    EventKind.PROPOSAL_ANSWERED: _answered,
    EventKind.STARTED: _started,
    EventKind.ENDED: _ended,
    EventKind.STILL_TRUE: _still_true,
    EventKind.LAPSING: _lapsing,
    EventKind.REVIEWED: _reviewed,
}
#: Of which those who read no notes read the title only.
KEPT_FROM_SECRETARIATS = frozenset(
    {EventKind.PROPOSED, EventKind.PROPOSAL_ANSWERED, EventKind.RECOMMENDED, EventKind.STARTED}
)
