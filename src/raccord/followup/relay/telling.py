"""The events of the relay as the timeline tells them."""

from collections.abc import Callable
from datetime import date
from typing import Any

from raccord.followup.relay.vocabulary import (
    AssociationReason,
    HandoverReason,
    InformedBy,
    InformedWho,
    ReturnReason,
)
from raccord.followup.vocabulary import EventKind
from raccord.matching.wording import day
from raccord.ui.naming import called

Teller = Callable[[str, dict[str, Any]], tuple[str, str]]


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def transmitted(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    """« Relais proposé à CIO de la Loire »."""
    if "to" not in facts:
        return title, ""
    reason = HandoverReason(facts["reason"]).label if facts.get("reason") else ""
    return f"Relais proposé {called(facts['to'], 'à')}", _sentence(reason)


def _accepted(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    if "to" not in facts:
        return title, ""
    return f"Relais accepté {called(facts['to'], 'par')}", f"Envoyé {called(facts['from'], 'par')}."


def _sent_back(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    if "by" not in facts:
        return title, ""
    return f"Relais renvoyé {called(facts['by'], 'par')}", _sentence(
        ReturnReason(facts["why"]).label
    )


def _redirected(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    if "to" not in facts:
        return title, ""
    why = ReturnReason(facts["why"]).label
    return f"{facts['by']} propose {facts['to']}", _sentence(why)


def _lapsed(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    if "by" not in facts:
        return title, ""
    return title, f"{facts['by']} n’a pas répondu en trente jours."


def _associated(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    if "structure" not in facts:
        return title, ""
    if facts.get("again"):
        return f"Demandé de nouveau {called(facts['structure'], 'à')}", "À sa prochaine réunion."
    return f"{facts['structure']} rejoint le suivi", _sentence(
        AssociationReason(facts["why"]).label
    )


def _left(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    if "structure" not in facts:
        return title, ""
    return f"{facts['structure']} n’est plus associée au suivi", ""


def _informed(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    if "who" not in facts:
        return title, ""
    on = day(date.fromisoformat(facts["on"]))
    who, by = InformedWho(facts["who"]).label, InformedBy(facts["by"]).label
    objects = " S’oppose à la transmission." if facts.get("objects_to") else ""
    return title, f"{_sentence(f'{who}, {by}, le {on}')}{objects}"


def _assigned(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    return (f"Confié à {facts['to']}", "") if "to" in facts else (title, "")


TELLERS: dict[EventKind, Teller] = {
    EventKind.ACCEPTED: _accepted,
    EventKind.SENT_BACK: _sent_back,
    EventKind.REDIRECTED: _redirected,
    EventKind.LAPSED: _lapsed,
    EventKind.ASSOCIATED: _associated,
    EventKind.LEFT_FOLLOWING: _left,
    EventKind.INFORMED: _informed,
    EventKind.ASSIGNED: _assigned,
}
