"""Every clock of the follow-up: the worker runs them each day, `run_clocks` by hand."""

from collections.abc import Callable
from datetime import date

from django.db import transaction

from raccord.followup.care import clocks as care
from raccord.followup.relay import clocks as relay

#: What each counts, as it is told: singular, plural.
WORDS: dict[str, tuple[str, str]] = {
    "reminded": ("relance", "relances"),
    "returned": ("dossier revenu à l’envoyeur", "dossiers revenus à l’envoyeur"),
    "offered": ("dossier proposé à un CIO", "dossiers proposés à un CIO"),
    "late": ("mandat en retard", "mandats en retard"),
    "lapsed": ("situation à confirmer", "situations à confirmer"),
    "reviews": ("devenir à relever", "devenirs à relever"),
    "outcomes": ("issue annoncée", "issues annoncées"),
}

_CARE: dict[str, Callable[[date], int]] = {
    "late": care.late_mandates,
    "lapsed": care.lapse,
    "reviews": care.call_reviews,
    "outcomes": care.announce,
}


def run(today: date) -> dict[str, int]:
    """Everything due that day, each step in its own transaction; how many of each."""
    counted = relay.run(today)
    for name, step in _CARE.items():
        with transaction.atomic():
            counted[name] = step(today)
    return counted
