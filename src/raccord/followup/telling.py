"""The sentences of the screens: what to do next, what happened, where somebody is."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from raccord.followup import situations
from raccord.followup.care import telling as care
from raccord.followup.letters.vocabulary import AnswerKind, Medium, Purpose
from raccord.followup.models import Candidate, Case, Departure, TimelineEvent
from raccord.followup.relay import telling as relay
from raccord.followup.reporting.models import HowMet
from raccord.followup.rights import Act
from raccord.followup.vocabulary import (
    Answerer,
    Channel,
    ContactResult,
    ContactState,
    DepartureOrigin,
    EventKind,
    FalseAlarm,
    Lane,
    LeavingReason,
    Outcome,
    Proof,
    SituationKind,
    Status,
)
from raccord.matching.sources import source_name
from raccord.matching.wording import count, day, typeset


@dataclass(frozen=True)
class Step:
    """What to do next with a case, and the act that does it."""

    sentence: str
    act: Act | None = None
    label: str = ""


def next_step(case: Case, today: date, *, hidden: bool = False) -> Step:
    """What this case needs today, in a few words; one obvious act, or none."""
    if hidden:
        return Step("Retrouvé")
    if case.status == Status.CLOSED:
        return Step(
            standing(case, today), Act.SITUATION if _lapsed(case, today) else None, "Mettre à jour"
        )
    if case.status == Status.TRANSMITTED and case.lane == Lane.UNDER_16:
        return Step("Signalé à la DSDEN : gardez le contact", Act.CALL, "Noter un appel")
    if case.status == Status.TRANSMITTED:
        return Step("Transmis : gardez le contact jusqu’à la reprise", Act.CALL, "Noter un appel")
    if case.status == Status.PAUSED and case.next_act_on and case.next_act_on > today:
        return Step(f"En pause jusqu’au {short(case.next_act_on)}", Act.CALL, "Noter un appel")
    if case.status == Status.TO_CONFIRM:
        return _to_confirm(case)
    if case.next_act_on and case.next_act_on > today:
        return Step(f"Rappeler le {short(case.next_act_on)}", Act.CALL, "Noter un appel")
    if case.contact_state == ContactState.WRONG_DETAILS:
        return Step("Retrouver des coordonnées justes", Act.DETAILS, "Compléter")
    if case.lane == Lane.UNDER_16 and case.attempts and not case.next_act_on:
        return Step("Signaler à la DSDEN", Act.TELL_DSDEN, "Signaler")
    return Step(_to_check(case, today), Act.CALL, "Noter un appel")


def _to_confirm(case: Case) -> Step:
    candidate = nearest(case)
    if candidate:
        return Step(f"Peut-être inscrit : {where(candidate)}", Act.CONFIRM_SAME, "Comparer")
    if case.situation not in (SituationKind.UNKNOWN, SituationKind.NO_SOLUTION):
        kind = SituationKind(case.situation).label
        return Step(f"Dit : {kind}. Demander un justificatif", Act.SITUATION, "Noter sa situation")
    return Step("Dit être inscrit ailleurs. Demander où", Act.SITUATION, "Noter sa situation")


def _to_check(case: Case, today: date) -> str:
    if case.next_act_on == today:
        return "À reprendre aujourd’hui"
    if case.next_act_on:
        return f"À reprendre depuis le {short(case.next_act_on)}"
    tries = f" ({count(case.attempts, 'essai')})" if case.attempts else ""
    if case.contact_state == ContactState.REACHED:
        if case.situation == SituationKind.NO_SOLUTION:
            return "Sans solution : proposer, ou transmettre"
        return "Joint : enregistrer sa situation"
    by_lane = {
        Lane.UNDER_16: "Appeler, puis signaler à la DSDEN",
        Lane.LEFT_ACADEMIE: "Demander le certificat de scolarité",
        Lane.DIPLOMA_UNKNOWN: "Vérifier si le diplôme est obtenu",
        Lane.AGE_UNKNOWN: "Corriger la date de naissance",
    }
    if case.attempts:
        return f"Rappeler{tries}"
    if case.lane in by_lane:
        return by_lane[Lane(case.lane)]
    followed = departed(case)
    if followed and followed.followed_by:
        # « Mission locale depuis le 07/10/2026 »: who, not since when
        who = followed.followed_by.partition(" depuis ")[0]
        return f"Appeler d’abord qui suit ce jeune : {who}"
    return "Appeler"


def nearest(case: Case) -> Candidate | None:
    """The nearest enrolment that nobody has judged yet."""
    waiting = [c for c in case.candidates.all() if not c.said]
    return min(waiting, key=lambda c: (c.rank, c.pk)) if waiting else None


def where(candidate: Candidate) -> str:
    """The establishment of a candidate, or the register that has it."""
    if candidate.structure:
        return candidate.structure.name
    source = source_name(candidate.source)
    if candidate.uai:
        return f"établissement {candidate.uai}" + (f" (base {source})" if source else "")
    return f"base {source}"


def short(on: date) -> str:
    """`2026-11-03` -> `3 nov.`; with its year when it is not this one."""
    months = "janv. févr. mars avril mai juin juil. août sept. oct. nov. déc.".split()
    told = f"{'1er' if on.day == 1 else on.day} {months[on.month - 1]}"
    return told if on.year == timezone.localdate().year else f"{told} {on.year}"


def standing(case: Case, today: date, *, hidden: bool = False) -> str:
    """Where somebody is and how true it still is: a word and a date, never a colour alone."""
    if hidden:
        return "Retrouvé"
    if case.status == Status.CLOSED and case.outcome == Outcome.FALSE_ALARM:
        return f"Fausse alerte : {FalseAlarm(case.false_alarm).label}"
    if case.situation != SituationKind.UNKNOWN:
        kind = capital(SituationKind(case.situation).label)
        if _lapsed(case, today) and case.situation_lapses_on:
            return f"{kind}. À confirmer depuis le {short(case.situation_lapses_on)}"
        if case.situation_confirmed_on:
            said = "déclaré" if case.situation_proof == Proof.DECLARATION else "confirmé"
            return f"{kind}, {said} le {short(case.situation_confirmed_on)}"
        return kind
    if case.status == Status.CLOSED:
        on = f" le {short(case.closed_on)}" if case.closed_on else ""
        return f"{capital(Outcome(case.outcome).label)}{on}"
    if case.status == Status.TRANSMITTED and case.lane == Lane.UNDER_16:
        return "Signalé à la DSDEN"
    return capital(Status(case.status).label)


def _lapsed(case: Case, today: date) -> bool:
    return case.situation_lapses_on is not None and case.situation_lapses_on < today


def capital(text: str) -> str:
    """The first letter as a capital."""
    return text[:1].upper() + text[1:]


def departed(case: Case) -> Departure | None:
    """The latest departure of a case."""
    known = list(case.departures.all())
    return max(known, key=lambda d: (d.left_on or date.min, str(d.pk))) if known else None


# --- The timeline ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """One event as it is read."""

    event: TimelineEvent
    title: str
    detail: str
    undone: bool
    note: str


def told(event: TimelineEvent, *, undone: bool, notes: bool, hidden: bool) -> Line:
    """An event in words; without its facts for those who may not read them."""
    if hidden:
        plain = event.kind if event.kind in _PLAIN else EventKind.FOUND
        title = "retrouvé" if plain == EventKind.FOUND else EventKind(plain).label
        return Line(event, capital(title), "", undone, "")
    title, detail = _told(event, event.facts)
    if not notes and event.kind in _KEPT_FROM_SECRETARIATS:
        title, detail = capital(EventKind(event.kind).label), ""
    return Line(event, title, typeset(detail), undone, event.note if notes else "")


#: Told to everybody, even of a protected schooling: they say nothing of a place.
_PLAIN = {
    EventKind.OPENED,
    EventKind.DECLARED,
    EventKind.TRANSMITTED,
    EventKind.TAKEN_BACK,
    EventKind.OPENED_BEYOND,
    EventKind.FILE_GIVEN,
}


#: Of these, those who read no notes read what they are and no more.
_KEPT_FROM_SECRETARIATS = care.KEPT_FROM_SECRETARIATS | {
    EventKind.CONTACT,
    EventKind.SITUATION,
    EventKind.ANSWER,
}


def _told(event: TimelineEvent, facts: dict[str, Any]) -> tuple[str, str]:
    kind = EventKind(event.kind)
    title = capital(kind.label)
    teller = _TELLERS.get(kind)
    return teller(title, facts) if teller else (title, "")


def _date(facts: dict[str, Any], key: str) -> str:
    value = facts.get(key)
    return day(date.fromisoformat(value)) if value else ""


def _contact(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    result = ContactResult(facts["result"]).label
    detail = f"A répondu : {Answerer(facts['answerer']).label}."
    if following := _date(facts, "next_on"):
        detail += f" À reprendre le {following}."
    return f"{capital(Channel(facts['channel']).label)} : {result}", detail


def _situation(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    said = f"{capital(SituationKind(facts['kind']).label)}"
    parts = []
    if facts.get("proof"):
        parts.append(f"{capital(Proof(facts['proof']).label)}.")
    if facts.get("duty"):
        parts.append(f"{capital(situations.Duty(facts['duty']).label)}.")
    if facts.get("closes"):
        parts.append("Dossier clos.")
    if lapses := _date(facts, "lapses_on"):
        parts.append(f"Tenu pour vrai jusqu’au {lapses}.")
    return said, " ".join(parts)


def _transmitted(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    if not facts.get("dsden"):
        return relay.transmitted(title, facts)
    mayor = "Le maire est prévenu aussi." if facts.get("mayor") else ""
    return "Signalé à la DSDEN : obligation d’instruction", f"{facts['dsden']}. {mayor}".strip()


def _closed(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    if facts.get("which"):
        return "Clos : fausse alerte", f"{capital(FalseAlarm(facts['which']).label)}."
    if facts.get("outcome"):
        return "Clos", f"{capital(Outcome(facts['outcome']).label)}."
    return title, ""


def _reason(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    return title, f"{capital(LeavingReason(facts['reason']).label)}." if "reason" in facts else ""


def _paused(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    return title, f"Jusqu’au {_date(facts, 'until')}." if facts.get("until") else ""


def _declared(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    if "origin" not in facts:
        return title, ""
    return title, f"{capital(DepartureOrigin(facts['origin']).label)}."


def _protected(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    if facts.get("protected"):
        return title, "Les autres structures lisent « retrouvé », sans lieu ni adresse."
    return "Scolarité : protection levée", ""


def _opened_beyond(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    until = timezone.localtime(datetime.fromisoformat(facts["until"]))
    return title, (
        f"En lecture, jusqu’à {until.hour} h {until:%M}. La structure qui suit et le délégué à la "
        "protection des données ont été prévenus."
    )


def _file_given(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    adult_or_not = {"youth": "Au jeune.", "representative": "À un représentant légal."}
    return title, adult_or_not.get(facts.get("to", ""), "")


def _by_group(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    return title, f"{facts['group']}." if facts.get("group") else ""


def _undone(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    return title, f"{capital(EventKind(facts['what']).label)}." if "what" in facts else ""


def _letter(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    if "medium" not in facts:
        return title, ""
    to = "à la famille" if facts["audience"] == "family" else "au jeune"
    return f"{capital(Medium(facts['medium']).label)} {to}", (
        f"{capital(Purpose(facts['purpose']).label)}."
    )


def _answer(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    if "said" not in facts:
        return title, ""
    said = f"« {capital(AnswerKind(facts['said']).label)} »"
    if facts.get("decided"):
        kept = facts["decided"] == "confirmed"
        return "Réponse confirmée" if kept else "Réponse non retenue", f"{said}."
    recall = _date(facts, "recall_on")
    return f"Réponse : {said}", f"À reprendre le {recall}." if recall else "À confirmer."


def _reported(title: str, facts: dict[str, Any]) -> tuple[str, str]:
    if "structure" not in facts:
        return title, ""
    return f"Signalé par {facts['structure']}", f"{capital(HowMet(facts['how']).label)}."


_TELLERS = (
    relay.TELLERS
    | care.TELLERS
    | {
        EventKind.REPORTED: _reported,
        EventKind.LETTER: _letter,
        EventKind.ANSWER: _answer,
        EventKind.CONTACT: _contact,
        EventKind.SITUATION: _situation,
        EventKind.TRANSMITTED: _transmitted,
        EventKind.CLOSED: _closed,
        EventKind.REASON: _reason,
        EventKind.PAUSED: _paused,
        EventKind.DECLARED: _declared,
        EventKind.PROTECTED: _protected,
        EventKind.UNDONE: _undone,
        EventKind.OPENED_BEYOND: _opened_beyond,
        EventKind.FILE_GIVEN: _file_given,
        EventKind.POSTPONED: _by_group,
        EventKind.CONTINUED: _by_group,
    }
)
