"""« Qui suit ce jeune »: the path of the baton with its dates, who is with whom, who was told."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.followup.models import Case, Handover, Information, PartnerLink, Question
from raccord.followup.relay.clocks import AUTHOR, RETURN_DAYS
from raccord.followup.relay.vocabulary import HandoverReason, HandoverStatus, InformedWho
from raccord.followup.vocabulary import Lane, PartyKind
from raccord.matching.wording import count, day, typeset
from raccord.territory.kinds import Kind
from raccord.ui.naming import called


@dataclass(frozen=True)
class Leg:
    """One hop of the baton, in a sentence."""

    sentence: str
    detail: str
    waiting: bool = False
    #: The dated links that left for it, in a sentence; and whether another may leave.
    link: str = ""
    again: bool = False


@dataclass(frozen=True)
class Asked:
    """A question, and what is said of the dated links that left for it."""

    question: Question
    link: str = ""
    again: bool = False


@dataclass(frozen=True)
class Followers:
    """What the panel shows."""

    legs: list[Leg]
    associated: list[tuple[str, date]]
    informed: str
    objects: bool
    questions: list[Asked]
    #: Whether one of the reader's structures follows without holding.
    with_us: bool
    #: The support group that follows or holds, if any: it may be asked again.
    group: str = ""

    @property
    def to_answer(self) -> list[Question]:
        """Questions without an answer yet."""
        asked = [one.question for one in self.questions]
        return [question for question in asked if question.answered_at is None]


def followers(actor: Actor, case: Case, panels: dict[str, list[Any]], today: date) -> Followers:
    """From the rows of the sheet: no query."""
    told: list[Information] = panels["informations"]
    return Followers(
        legs=[_leg(one, panels["links"], today) for one in reversed(panels["handovers"])],
        associated=[
            (party.structure.name, party.since)
            for party in case.parties.all()
            if party.until is None and party.kind == PartyKind.ASSOCIATED
        ],
        informed=_informed(told),
        objects=any(one.objects_to and one.lifted_on is None for one in told),
        questions=[_asked(actor, one, panels["links"], today) for one in panels["questions"]],
        with_us=any(
            party.structure_id in actor.structure_ids
            for party in case.parties.all()
            if party.until is None and party.kind == PartyKind.ASSOCIATED
        ),
        group=_group(case),
    )


def _group(case: Case) -> str:
    """As `grouping` asks it: before 16 no group looks at anything (L. 131-1)."""
    if not case.is_open or case.lane == Lane.UNDER_16:
        return ""
    if case.provisional or case.person.is_protected:
        return ""
    follow = (PartyKind.HOLDER, PartyKind.ASSOCIATED)
    return next(
        (
            party.structure.name
            for party in case.parties.all()
            if party.until is None and party.kind in follow and party.structure.kind == Kind.PSAD
        ),
        "",
    )


def _leg(handover: Handover, links: list[PartnerLink], today: date) -> Leg:
    asked = timezone.localtime(handover.asked_at).date()
    by = str(handover.asked_by) if handover.asked_by else AUTHOR
    detail = f"{_reason(handover)}. Proposé le {day(asked)} par {by}"
    if handover.is_waiting:
        left = (asked + timedelta(days=RETURN_DAYS) - today).days
        clock = f"{count(left, 'jour')} pour répondre" if left > 0 else "délai passé"
        sent = [one for one in links if one.handover_id == handover.pk]
        return Leg(
            f"Proposé {called(handover.receiver.name, 'à')}",
            typeset(f"{detail}. {clock}."),
            waiting=True,
            link=_link(sent[0]) if sent else "",
            again=_may_leave(sent, today),
        )
    on = day(timezone.localtime(handover.answered_at).date()) if handover.answered_at else ""
    who = f" par {handover.answered_by}" if handover.answered_by else ""
    said = {
        HandoverStatus.ACCEPTED: f"Accepté {called(handover.receiver.name, 'par')}",
        HandoverStatus.SENT_BACK: f"Renvoyé {called(handover.receiver.name, 'par')}",
        HandoverStatus.REDIRECTED: f"Orienté ailleurs {called(handover.receiver.name, 'par')}",
        HandoverStatus.WITHDRAWN: f"Repris avant la réponse {called(handover.receiver.name, 'de')}",
        HandoverStatus.LAPSED: f"Resté sans réponse {called(handover.receiver.name, 'de')}",
        HandoverStatus.OVERTAKEN: f"Clos avant la réponse {called(handover.receiver.name, 'de')}",
    }[HandoverStatus(handover.status)]
    why = f" : {handover.get_return_reason_display()}" if handover.return_reason else ""
    return Leg(f"{said}{why}", typeset(f"{detail}. Le {on}{who}."))


def _asked(actor: Actor, question: Question, links: list[PartnerLink], today: date) -> Asked:
    sent = [one for one in links if one.question_id == question.pk]
    if question.answered_at is not None or not sent:
        return Asked(question)
    mine = question.asker_id in actor.structure_ids
    return Asked(question, _link(sent[0]), mine and _may_leave(sent, today))


def _may_leave(sent: list[PartnerLink], today: date) -> bool:
    """One a day, where one left already."""
    return bool(sent) and timezone.localtime(sent[0].made_at).date() < today


def _link(last: PartnerLink) -> str:
    """The last one that left: when, to which mailbox, until when; never its address."""
    on = day(timezone.localtime(last.made_at).date())
    until = timezone.localtime(last.expires_at).date()
    still = f"Il vaut jusqu’au {day(until)}"
    if last.expires_at <= timezone.now():
        still = f"Sans réponse, il ne vaut plus depuis le {day(until)}"
    return typeset(
        f"Personne n’a de compte {called(last.structure.name, 'à')} : un lien daté est parti "
        f"le {on} à sa boîte, celle de l’annuaire. {still}."
    )


def _reason(handover: Handover) -> str:
    label = HandoverReason(handover.reason).label
    return label[:1].upper() + label[1:]


def _informed(told: list[Information]) -> str:
    """The latest information, in a sentence; empty when nobody was told."""
    if not told:
        return ""
    last = told[0]
    who, by = last.get_who_display(), last.get_by_display()
    been = "informés" if last.who == InformedWho.BOTH else "informé"
    return typeset(f"{who[:1].upper()}{who[1:]} : {been} {by}, le {day(last.on)}.")
