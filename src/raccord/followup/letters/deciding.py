"""What the school does of an answer: a declaration is true once somebody has confirmed it."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from raccord.accounts.actors import Actor
from raccord.followup.letters.models import Answer
from raccord.followup.letters.vocabulary import AnswerKind
from raccord.followup.models import Case, Destination, TimelineEvent
from raccord.followup.rights import Act
from raccord.followup.services.acting import Change, perform
from raccord.followup.services.settling import record_situation
from raccord.followup.vocabulary import EventKind, Status


def _waiting(actor: Actor, answer: UUID) -> Answer:
    found = Answer.objects.visible_to(actor).waiting()
    one = found.filter(pk=answer).select_related("structure").first()
    if one is None:
        raise Answer.DoesNotExist
    return one


def confirm(actor: Actor, *, answer: UUID, kind: str = "", proof: str = "") -> TimelineEvent:
    """It is true. « Je suis inscrit à… » becomes a situation, which closes with a proof only."""
    with transaction.atomic():
        said = _waiting(actor, answer)
        if said.kind == AnswerKind.ENROLLED:
            if not kind:
                raise ValidationError({"kind": "Dites de quelle situation il s’agit."})
            event = record_situation(
                actor, case=said.case_id, kind=kind, proof=proof, place=said.where
            )
            if said.structure:
                placed = Destination.objects.filter(case=said.case_id)
                placed.update(structure=said.structure, uai=said.structure.uai or "")
        else:
            event = _decided(actor, said, "confirmed", lambda case: {})
        Answer.objects.filter(pk=said.pk).update(decision=event)
    return event


def set_aside(actor: Actor, *, answer: UUID) -> TimelineEvent:
    """It is not kept: the case is where it was, to check."""

    def back(case: Case) -> dict[str, Any]:
        if said.kind == AnswerKind.ENROLLED and case.status == Status.TO_CONFIRM:
            return {"status": Status.TO_CHECK}
        if said.kind == AnswerKind.NOT_NOW and case.status == Status.PAUSED:
            return {"status": Status.TO_CHECK, "next_act_on": None}
        return {}

    with transaction.atomic():
        said = _waiting(actor, answer)
        event = _decided(actor, said, "set_aside", back)
        Answer.objects.filter(pk=said.pk).update(decision=event)
    return event


def _decided(actor: Actor, said: Answer, decided: str, values: Any) -> TimelineEvent:
    def decide(case: Case) -> Change:
        return Change(EventKind.ANSWER, values(case), {"said": said.kind, "decided": decided})

    return perform(actor, Act.SITUATION, case=said.case_id, decide=decide)
