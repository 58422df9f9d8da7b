"""« Pourquoi ce nom ? »: the evidence of a departure in sentences, and two identities face to face.

Of somebody else's pupil only the name, the birth date and the establishment are shown.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from raccord.followup.freshness import Freshness
from raccord.followup.models import Candidate, Case, Departure
from raccord.followup.search import searchable
from raccord.followup.telling import departed, where
from raccord.followup.vocabulary import DepartureOrigin
from raccord.matching import wording
from raccord.matching.sources import source_name

_NEAREST = (
    "Une inscription lui ressemble, trop peu pour conclure sans vous : comparez, puis dites ce "
    "qu’il en est."
)


def why(case: Case, fresh: Freshness) -> list[str]:
    """Why this name is on the list, one fact a sentence."""
    departure = departed(case)
    if departure is None:
        return []
    if departure.origin != DepartureOrigin.REGISTER:
        label = DepartureOrigin(departure.origin).label
        return [
            wording.typeset(
                f"Signalé par {label.replace('l’établissement : ', 'l’établissement, « ')} »."
                if " : " in label
                else f"{label}."
            ),
            "L’inscription qui reste dans la base ne clôt pas ce dossier.",
        ]
    place = _place(departure, case)
    said = wording.sentences(
        verdict=departure.verdict,
        evidence=departure.evidence,
        probability=departure.probability,
        lane=case.lane,
        followed_by=departure.followed_by or None,
        also_listed_by=_others(case, departure),
        searched=_searched(departure, fresh),
        **place,
    )
    if case.candidates.all() and departure.verdict == "missing":
        # The evidence kept says nothing of those near: they are rows of their own, shown above.
        said = [_NEAREST if sentence == wording.NOBODY_NEAR else sentence for sentence in said]
    names = {c.uai: c.structure.name for c in case.candidates.all() if c.uai and c.structure}
    return [_named(sentence, names) for sentence in said]


def _named(sentence: str, names: Mapping[str, str]) -> str:
    """A UAI says nothing to a reader: the name of the establishment in its stead."""
    for uai, name in names.items():
        sentence = sentence.replace(f"l’établissement {uai}", f"l’établissement « {name} »")
    return wording.typeset(sentence)


def _searched(departure: Departure, fresh: Freshness) -> str:
    registers = departure.evidence.get("registers") or fresh.registers
    if not registers:
        return ""
    said = wording.count(registers, "base d’inscription", "bases d’inscription")
    return f"Cherché dans {said}."


def _place(departure: Departure, case: Case) -> dict[str, Any]:
    nearest = min(case.candidates.all(), key=lambda c: (c.rank, c.pk), default=None)
    if departure.verdict != "review" or nearest is None:
        return {}
    return {"matched_source": nearest.source, "matched_uai": nearest.uai or None}


def _others(case: Case, departure: Departure) -> str | None:
    names = {d.structure.name for d in case.departures.all()} - {departure.structure.name}
    return ", ".join(sorted(names)) or None


def compared(case: Case, candidate: Candidate) -> dict[str, Any]:
    """The young person and one enrolment, field by field."""
    person = case.person
    rows = [
        _row("Nom de famille", person.last_name, candidate.last_name, "nom_famille", candidate),
        _row("Nom d’usage", person.usage_name, candidate.usage_name, "nom_usage", candidate),
        _row("Prénom", person.first_name, candidate.first_name, "prenom", candidate),
        _row(
            "Date de naissance",
            _day(person.birth_date),
            _day(candidate.birth_date),
            "date_naissance",
            candidate,
        ),
    ]
    named = {"nom_famille", "nom_usage", "prenom", "date_naissance"}
    others = {
        key: [field for field in getattr(candidate, key) if field not in named]
        for key in ("agree", "close", "differ")
    }
    return {
        "candidate": candidate,
        "where": where(candidate),
        "source": source_name(candidate.source),
        "chances": wording.chances(candidate.probability) if candidate.probability else "",
        "rows": [row for row in rows if row["ours"] or row["theirs"]],
        "also": wording.typeset(wording.comparison(others)),
        "kept_apart": wording.typeset(wording.kept_apart(candidate.kept_apart)),
    }


def _row(label: str, ours: str, theirs: str, field: str, candidate: Candidate) -> dict[str, Any]:
    same = searchable(ours) == searchable(theirs)
    state = "same" if same else "close" if field in candidate.close else "differ"
    if not theirs or not ours:
        state = "absent"
    return {"label": label, "ours": ours, "theirs": theirs, "state": state}


def _day(value: date | None) -> str:
    return value.strftime("%d/%m/%Y") if value else ""
