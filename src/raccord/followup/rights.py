"""What somebody may do with a case. Templates, services, views and the programming interface ask
`abilities` and nothing else; `CaseQuerySet.visible_to` says the same of sight, in SQL."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.accounts.models import Membership, Scope
from raccord.accounts.roles import OF_DEPARTEMENT, OF_STRUCTURE, Role
from raccord.followup.vocabulary import Lane, Outcome, PartyKind, SituationKind, Status

if TYPE_CHECKING:
    from raccord.followup.models import Case, Person


class Act(StrEnum):
    """What can be done with a case: the keys of `abilities`."""

    VIEW = "view"
    NOTES = "notes"
    CALL = "call"
    SITUATION = "situation"
    DETAILS = "details"
    REASON = "reason"
    FALSE_ALARM = "false_alarm"
    TRANSMIT = "transmit"
    TELL_DSDEN = "tell_dsden"
    TAKE_BACK = "take_back"
    PAUSE = "pause"
    CONFIRM_SAME = "confirm_same"
    CONFIRM_OTHER = "confirm_other"
    PROTECT = "protect"
    LETTER = "letter"
    UNDO = "undo"
    REOPEN = "reopen"
    # the relay
    ACCEPT = "accept"
    SEND_BACK = "send_back"
    ASSOCIATE = "associate"
    LEAVE = "leave"
    ASSIGN = "assign"
    INFORM = "inform"
    ASK = "ask"
    REPLY = "reply"
    # diagnostic, prise en charge, devenir
    INTERVIEWS = "interviews"
    INTERVIEW = "interview"
    RECOMMEND = "recommend"
    MANDATE = "mandate"
    REPORT = "report"
    PROPOSE = "propose"
    STILL_TRUE = "still_true"
    REVIEW = "review"


@dataclass(frozen=True)
class Ability:
    """Whether an act is allowed now and, when it is not, why, in words for the screen."""

    allowed: bool
    refusal: str = ""

    def __bool__(self) -> bool:
        return self.allowed


YES = Ability(True)
UNSEEN = Ability(False, "Ce dossier n’existe pas, ou il ne vous est pas ouvert.")
_LOOKS_ON = Ability(
    False, "Vous suivez ce dossier sans le porter : seule la structure qui suit ce jeune y écrit."
)
_SECRETARIAT = Ability(
    False,
    "Le secrétariat complète les coordonnées et prépare les courriers ; demandez cet acte à la "
    "direction ou à un correspondant de l’établissement.",
)
_CLOSED = Ability(False, "Ce dossier est clos. Rouvrez-le d’abord.")
_HOLDER = Ability(False, "Seule la structure qui suit ce jeune le confie à une autre.")
_RECEIVER = Ability(False, "Aucun relais n’attend votre réponse sur ce dossier.")
_SERVICES = Ability(
    False,
    "Les entretiens et les solutions sont écrits par les structures qui suivent ce jeune, et ne "
    "sont pas transmis à l’établissement quitté.",
)
_GROUP = Ability(
    False, "Le groupe d’appui préconise et mandate : présentez-lui d’abord ce dossier."
)
_OPEN = Ability(False, "Ce dossier est ouvert : il n’y a rien à rouvrir.")
_HIDDEN = Ability(
    False,
    "La scolarité de ce jeune est protégée : adressez-vous à la direction ou à la DSDEN qui "
    "l’a demandé.",
)

#: What a secretariat does: identity, contacts and letters, never interviews nor situations.
_OF_SECRETARIAT = frozenset({Act.VIEW, Act.DETAILS, Act.LETTER})
#: What only makes sense while a case is open.
_WHILE_OPEN = frozenset(
    {
        Act.CALL,
        Act.FALSE_ALARM,
        Act.TRANSMIT,
        Act.TELL_DSDEN,
        Act.TAKE_BACK,
        Act.PAUSE,
        Act.CONFIRM_SAME,
        Act.CONFIRM_OTHER,
        Act.LETTER,
        Act.ASSOCIATE,
        Act.ASSIGN,
        Act.ACCEPT,
        Act.SEND_BACK,
        Act.INTERVIEW,
        Act.RECOMMEND,
        Act.MANDATE,
    }
)
#: For the structure that holds the case, and no other.
_OF_HOLDER = frozenset({Act.TRANSMIT, Act.TAKE_BACK, Act.ASSOCIATE, Act.ASSIGN, Act.REPLY})
#: For the structure to which a relay is proposed.
_OF_RECEIVER = frozenset({Act.ACCEPT, Act.SEND_BACK})
#: For the services that follow the young person, holding the case or associated.
_OF_SERVICES = frozenset(
    {Act.INTERVIEW, Act.PROPOSE, Act.RECOMMEND, Act.MANDATE, Act.REPORT, Act.LEAVE}
)
#: Parties that read and do not write: they reported somebody, followed them, or are offered them.
READING = frozenset({PartyKind.RECEIVER, PartyKind.REPORTER, PartyKind.FORMER})
#: What would use or show where a protected young person is.
_NEEDS_PLACE = frozenset(
    {
        Act.CALL,
        Act.DETAILS,
        Act.SITUATION,
        Act.LETTER,
        Act.CONFIRM_SAME,
        Act.CONFIRM_OTHER,
        Act.RECOMMEND,
        Act.MANDATE,
        Act.REPORT,
        Act.PROPOSE,
        Act.STILL_TRUE,
        Act.REVIEW,
    }
)
#: Those who may protect a schooling, beside lifting what they protected.
_PROTECTORS = frozenset({Role.HEAD, Role.DASEN})


def reaches(membership: Membership, case: "Case", on: date | None = None) -> bool:
    """Whether this membership shows this case: one line of sql/rights.sql, in Python.

    Reads `case.parties` and `case.departures`: prefetched, it costs no query.
    """
    role = Role(membership.role)
    if role in OF_STRUCTURE:
        if not any(
            party.structure_id == membership.structure_id
            and party.until is None
            and party.kind != PartyKind.REPORTER
            for party in case.parties.all()
        ):
            return False
        if role is not Role.CORRESPONDENT or membership.scope == Scope.WHOLE:
            return True
        if membership.scope == Scope.PUPILS:
            return case.pk in membership.pupils
        return any(
            departure.structure_id == membership.structure_id
            and departure.level in membership.classes
            for departure in case.departures.all()
        )
    if role in OF_DEPARTEMENT:
        same = case.departement_id == membership.structure.departement_id
        return same and case.departement_id is not None and _owed_to_departement(case, on)
    if role is Role.BASIN_REFERENT:
        same = case.basin_id == membership.structure.basin_id and case.basin_id is not None
        return same and case.lane != Lane.UNDER_16 and not case.provisional
    return False


def _owed_to_departement(case: "Case", on: date | None) -> bool:
    """L.131-1, and what nobody touched in time."""
    if case.status == Status.CLOSED:
        return False
    if case.lane == Lane.UNDER_16:
        return True
    return (
        case.worked_on_at is None
        and case.untouched_until is not None
        and case.untouched_until < (on or timezone.localdate())
    )


def hides(actor: Actor | None, person: "Person") -> bool:
    """Whether place, school and address are kept from this actor: scolarité protégée.

    Everybody sees « retrouvé », except the head or the DSDEN who set it.
    """
    if not person.is_protected:
        return False
    return actor is None or not actor.within(person.protected_by_id, _PROTECTORS)


def abilities(actor: Actor | None, case: "Case") -> dict[Act, Ability]:
    """Every act, and whether this actor may do it now."""
    reaching = [m for m in actor.memberships if reaches(m, case)] if actor else []
    if actor is None or case.person.hidden:
        return dict.fromkeys(Act, UNSEEN)
    if not reaching:
        return _beyond(actor, case)
    judge = partial(_judged, actor, case, reaching)
    return {act: judge(act) for act in Act}


def _beyond(actor: Actor, case: "Case") -> dict[Act, Ability]:
    """Somebody else's file, opened for three hours with a reason: to read, to ask its holder."""
    opened = case.openings.filter(user=actor.user, until__gt=timezone.now()).exists()
    found = dict.fromkeys(Act, _LOOKS_ON if opened else UNSEEN)
    if opened:
        found |= {Act.VIEW: YES, Act.NOTES: YES, Act.ASK: YES}
    return found


def ability(actor: Actor | None, case: "Case", act: Act) -> Ability:
    """One act only, where a list asks it of every row."""
    reaching = [m for m in actor.memberships if reaches(m, case)] if actor else []
    if actor is None or not reaching or case.person.hidden:
        return UNSEEN
    return _judged(actor, case, reaching, act)


def _judged(actor: Actor, case: "Case", reaching: list[Membership], act: Act) -> Ability:
    if act is Act.VIEW:
        return YES
    if act in _OF_RECEIVER:
        return _answers(case, reaching)
    if act is Act.ASK:
        return YES if case.holder_id not in actor.structure_ids else _LOOKS_ON
    if act is Act.INTERVIEWS:
        return YES if _reads_interviews(case, reaching) else _SERVICES
    carriers = _carriers(case, reaching)
    if act is Act.NOTES:
        return YES if any(m.role != Role.SECRETARIAT for m in reaching) else _SECRETARIAT
    if act is Act.PROTECT:
        return _may_protect(actor, case, reaching)
    if act is Act.RECOMMEND or act is Act.MANDATE:
        carriers = [m for m in reaching if m in carriers or m.role == Role.BASIN_REFERENT]
    if not carriers:
        return _LOOKS_ON
    if all(m.role == Role.SECRETARIAT for m in carriers) and act not in _OF_SECRETARIAT:
        return _SECRETARIAT
    if act in _OF_HOLDER and not any(m.structure_id == case.holder_id for m in carriers):
        return _HOLDER
    if act in _OF_SERVICES and not (refusal := _as_service(act, case, carriers)):
        return refusal
    if act in _NEEDS_PLACE and hides(actor, case.person):
        return _HIDDEN
    if act in _WHILE_OPEN and not case.is_open:
        return _CLOSED
    rule = _RULES.get(act)
    return rule(case) if rule else YES


def _carriers(case: "Case", reaching: Iterable[Membership]) -> list[Membership]:
    """Those whose structure left, holds or is associated: the others look on."""
    writers = {
        party.structure_id
        for party in case.parties.all()
        if party.until is None and party.kind not in READING
    }
    return [m for m in reaching if m.role in OF_STRUCTURE and m.structure_id in writers]


def _answers(case: "Case", reaching: Iterable[Membership]) -> Ability:
    """Whether a relay waits for the answer of one of their structures."""
    asked = {
        party.structure_id
        for party in case.parties.all()
        if party.until is None and party.kind == PartyKind.RECEIVER
    }
    mine = [m for m in reaching if m.structure_id in asked and m.role in OF_STRUCTURE]
    if not mine:
        return _RECEIVER
    if all(m.role == Role.SECRETARIAT for m in mine):
        return _SECRETARIAT
    return YES if case.is_open else _CLOSED


def _reads_interviews(case: "Case", reaching: Iterable[Membership]) -> bool:
    """The line of `raccord_interview_cases` (sql/holder.sql); one's own are read besides."""
    follows = {
        party.structure_id
        for party in case.parties.all()
        if party.until is None and party.kind in (PartyKind.HOLDER, PartyKind.ASSOCIATED)
    }
    return any(
        m.role == Role.BASIN_REFERENT
        or (m.role in (Role.LEAD, Role.AGENT) and m.structure_id in follows)
        for m in reaching
    )


def _as_service(act: Act, case: "Case", carriers: Iterable[Membership]) -> Ability:
    """Holding or associated, with the mandate of its kind; a school left the young person."""
    from raccord.followup.relay.mandates import mandate_of  # noqa: PLC0415 - it reads models

    follows = {
        party.structure_id
        for party in case.parties.all()
        if party.until is None and party.kind in (PartyKind.HOLDER, PartyKind.ASSOCIATED)
    }
    serving = [m for m in carriers if m.structure_id in follows or m.role == Role.BASIN_REFERENT]
    if not serving:
        return _SERVICES
    if act in (Act.RECOMMEND, Act.MANDATE):
        group = any(
            m.role == Role.BASIN_REFERENT or mandate_of(m.structure.kind).recommends
            for m in serving
        )
        return YES if group else _GROUP
    return YES


def _may_protect(actor: Actor, case: "Case", reaching: Iterable[Membership]) -> Ability:
    if case.person.is_protected and hides(actor, case.person):
        return _HIDDEN
    if any(m.role in _PROTECTORS for m in reaching):
        return YES
    return Ability(False, "Seuls un chef d’établissement ou la DSDEN protègent une scolarité.")


def _transmit(case: "Case") -> Ability:
    if case.lane == Lane.UNDER_16:
        return Ability(
            False,
            "Avant 16 ans, l’instruction est obligatoire (code de l’éducation, L. 131-1) : "
            "signalez ce jeune à la DSDEN. Ce dossier ne se transmet à aucun partenaire.",
        )
    if case.status == Status.TRANSMITTED:
        return Ability(False, "Ce dossier est déjà transmis.")
    if case.provisional:
        return Ability(False, "Avant le constat de rentrée, la liste est provisoire : patientez.")
    return YES


def _tell_dsden(case: "Case") -> Ability:
    if case.lane != Lane.UNDER_16:
        return Ability(
            False,
            "Seuls les moins de 16 ans se signalent à la DSDEN : à partir de 16 ans, passez le "
            "relais.",
        )
    if case.status == Status.TRANSMITTED:
        return Ability(False, "Ce jeune est déjà signalé à la DSDEN.")
    return YES


def _pause(case: "Case") -> Ability:
    if case.status == Status.TRANSMITTED:
        return Ability(False, "Ce dossier est transmis : reprenez-le avant de le mettre en pause.")
    return YES


def _take_back(case: "Case") -> Ability:
    if case.status == Status.TRANSMITTED:
        return YES
    return Ability(False, "Ce dossier n’est pas transmis : il n’y a rien à reprendre.")


def _reopen(case: "Case") -> Ability:
    if case.outcome == Outcome.MERGED:
        return Ability(
            False, "Ce dossier est réuni à un autre : séparez-les depuis la fiche de ce jeune."
        )
    return _OPEN if case.is_open else YES


def _review(case: "Case") -> Ability:
    if case.is_open:
        return Ability(False, "Le devenir se relève une fois le dossier clos.")
    return YES


def _still_true(case: "Case") -> Ability:
    if case.situation_confirmed_on is None or case.situation == SituationKind.UNKNOWN:
        return Ability(False, "Aucune situation n’est enregistrée : enregistrez-la d’abord.")
    return YES


_RULES: dict[Act, Callable[["Case"], Ability]] = {
    Act.TRANSMIT: _transmit,
    Act.TELL_DSDEN: _tell_dsden,
    Act.PAUSE: _pause,
    Act.TAKE_BACK: _take_back,
    Act.REOPEN: _reopen,
    Act.REVIEW: _review,
    Act.STILL_TRUE: _still_true,
}


def may_declare(actor: Actor | None, school_id: int | None = None) -> Ability:
    """Whether a pupil may be added from the school's own register (of one school, or of any)."""
    roles = {Role.HEAD, Role.CORRESPONDENT}
    for membership in actor.memberships if actor else ():
        if membership.role not in roles or membership.scope != Scope.WHOLE:
            continue
        if membership.structure.is_school and school_id in (None, membership.structure_id):
            return YES
    return Ability(
        False, "Un départ est signalé par la direction d’un établissement ou ses correspondants."
    )
