"""The acts of the relay. The sender holds the case until the receiver accepts: at no instant does
nobody hold it (`followup_case.holder_id` is not null, sql/holder.sql keeps the parties to it)."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.followup.forbidden_matters import validate_note
from raccord.followup.models import Case, Handover, Party, TimelineEvent
from raccord.followup.notifications.services import NotificationKind, notify
from raccord.followup.relay import linking
from raccord.followup.relay.informing import check_informed
from raccord.followup.relay.mandates import outside_mandate
from raccord.followup.relay.vocabulary import (
    AssociationReason,
    HandoverReason,
    HandoverStatus,
    ReturnReason,
)
from raccord.followup.rights import Act
from raccord.followup.services.acting import Change, Refused, Then, perform, perform_all
from raccord.followup.vocabulary import EventKind, PartyKind, Stage, Status
from raccord.matching.wording import typeset
from raccord.privacy import partners
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

#: Where a case stands once a structure of this kind carries it.
_STAGE_AT: dict[str, Stage] = {
    Kind.CIO: Stage.DIAGNOSIS,
    Kind.PSAD: Stage.DIAGNOSIS,
}


def hand_over(
    actor: Actor,
    *,
    receivers: Mapping[UUID, Structure],
    reason: str,
    youth_knows: bool = False,
    note: str = "",
    versions: Mapping[UUID, int] | None = None,
) -> list[TimelineEvent]:
    """Propose to each case (its key) the structure that should carry it; all or none. Nothing
    changes hands yet.

    Raises Refused when its mandate, a missing agreement, information not given or an objection
    forbids it, and says which.
    """
    wanted = HandoverReason(reason)
    if wanted is HandoverReason.SILENCE:
        raise ValidationError({"reason": "Choisissez ce que vous attendez de cette structure."})
    validate_note(note)
    made: dict[UUID, Handover] = {}

    def decide(found: Case) -> Change:
        to = receivers[found.pk]
        check_receiver(found, to)
        handover = Handover(
            case=found,
            sender=found.holder,
            receiver=to,
            reason=wanted,
            asked_by=actor.user,
            youth_knows=youth_knows,
            note=" ".join(note.split()),
        )
        made[found.pk] = handover
        return Change(
            EventKind.TRANSMITTED,
            {"status": Status.TRANSMITTED, "next_act_on": None},
            {"to": to.name, "reason": wanted.value},
            restores={"handover": str(handover.pk)},
        )

    def then(found: Case, event: TimelineEvent) -> None:
        propose(made[found.pk])
        if found.person.training:
            _accept_in_practice(made[found.pk])

    with transaction.atomic():
        return perform_all(
            actor, Act.TRANSMIT, cases=receivers, decide=decide, versions=versions, then=then
        )


def check_receiver(case: Case, to: Structure, *, carries: bool = True) -> None:
    """Refuse a structure that holds it already, whose mandate or agreements forbid it, or to which
    nothing may leave before the young person was told."""
    if to.pk == case.holder_id:
        raise Refused(f"« {to.name} » suit déjà ce jeune.")
    barred = outside_mandate(to, case, carries=carries) or partners.may_receive(
        to, departement=case.departement_id
    )
    if barred:
        raise Refused(typeset(barred))
    check_informed(case, to)


def propose(handover: Handover) -> None:
    """Store a handover, open the case to its receiver, and tell them."""
    handover.save(force_insert=True)
    join(handover.case, handover.receiver, PartyKind.RECEIVER)
    told = notify(NotificationKind.RECEIVED, case=handover.case, structure=handover.receiver)
    if not told:  # nobody has an account there: its mailbox answers by a dated link
        linking.offer(
            handover.receiver, case=handover.case, handover=handover, by=handover.asked_by
        )


def accept(actor: Actor, *, handover: UUID, version: int | None = None) -> TimelineEvent:
    """Take the baton: from this instant the receiver holds the case."""
    today = timezone.localdate()

    def decide(found: Case) -> Change:
        waiting = _waiting(found, handover)
        receiver = waiting.receiver
        values: dict[str, Any] = {
            "holder_id": receiver.pk,
            "held_since": today,
            "assigned_to_id": actor.user.pk,
            "status": Status.TO_CHECK,
            "stage": _STAGE_AT.get(receiver.kind, Stage.CARE),
            "next_act_on": None,
        }
        if receiver.academie_id and receiver.academie_id != found.academie_id:
            # Across the border: the other territory answers for this young person from now on.
            values |= {
                "academie_id": receiver.academie_id,
                "departement_id": receiver.departement_id,
                "basin_id": receiver.basin_id,
            }
        return Change(
            EventKind.ACCEPTED,
            values,
            {"from": waiting.sender.name, "to": receiver.name},
            undoable=False,
        )

    def then(found: Case, event: TimelineEvent) -> None:
        answered = _answer(actor, found, handover, HandoverStatus.ACCEPTED)
        notify(NotificationKind.ACCEPTED, case=found, structure=answered.sender)

    return _on_handover(actor, Act.ACCEPT, handover, decide, then, version)


def send_back(
    actor: Actor, *, handover: UUID, reason: str, version: int | None = None
) -> TimelineEvent:
    """The sender, who still holds the case, finds it again in its list, with why."""
    why = ReturnReason(reason)

    def decide(found: Case) -> Change:
        waiting = _waiting(found, handover)
        return Change(
            EventKind.SENT_BACK,
            {"status": Status.TO_CHECK},
            {"by": waiting.receiver.name, "why": why.value},
            undoable=False,
        )

    def then(found: Case, event: TimelineEvent) -> None:
        answered = _answer(actor, found, handover, HandoverStatus.SENT_BACK, why)
        notify(NotificationKind.SENT_BACK, case=found, structure=answered.sender)
        _leave(found, answered.receiver, PartyKind.RECEIVER)

    return _on_handover(actor, Act.SEND_BACK, handover, decide, then, version)


def redirect(
    actor: Actor, *, handover: UUID, to: Structure, reason: str, version: int | None = None
) -> TimelineEvent:
    """The receiver names a better one: a new handover, of the same sender, waits there."""
    why = ReturnReason(reason)
    made: list[Handover] = []

    def decide(found: Case) -> Change:
        waiting = _waiting(found, handover)
        if to.pk == waiting.receiver_id:
            raise Refused("Choisissez une autre structure que la vôtre.")
        check_receiver(found, to)
        made.append(
            Handover(
                case=found,
                sender=waiting.sender,
                receiver=to,
                reason=waiting.reason,
                asked_by=actor.user,
                youth_knows=waiting.youth_knows,
                note=waiting.note,
            )
        )
        facts = {"by": waiting.receiver.name, "to": to.name, "why": why.value}
        return Change(EventKind.REDIRECTED, {}, facts, undoable=False)

    def then(found: Case, event: TimelineEvent) -> None:
        answered = _answer(actor, found, handover, HandoverStatus.REDIRECTED, why)
        propose(made[0])
        Handover.objects.filter(pk=answered.pk).update(redirected_to=made[0])
        _leave(found, answered.receiver, PartyKind.RECEIVER)

    return _on_handover(actor, Act.SEND_BACK, handover, decide, then, version)


def _accept_in_practice(handover: Handover) -> None:
    """The invented CIO takes every relay at once: one sees what becomes of a case one passed on."""
    case, receiver = handover.case, handover.receiver
    TimelineEvent.objects.create(
        case=case,
        kind=EventKind.ACCEPTED,
        author=receiver.name,
        structure=receiver,
        facts={"from": handover.sender.name, "to": receiver.name},
    )
    handover.status, handover.answered_at = HandoverStatus.ACCEPTED, timezone.now()
    handover.save(update_fields=["status", "answered_at"])
    Case.objects.filter(pk=case.pk).update(
        holder=receiver,
        held_since=timezone.localdate(),
        assigned_to=None,
        status=Status.TO_CHECK,
        stage=Stage.DIAGNOSIS,
        version=F("version") + 1,
    )


def withdraw(actor: Actor, *, case: UUID, version: int | None = None) -> TimelineEvent:
    """The sender takes up again what it had proposed."""

    def decide(found: Case) -> Change:
        return Change(EventKind.TAKEN_BACK, {"status": Status.TO_CHECK}, undoable=False)

    def then(found: Case, event: TimelineEvent) -> None:
        end_waiting(found, HandoverStatus.WITHDRAWN, by=actor)

    return perform(actor, Act.TAKE_BACK, case=case, decide=decide, version=version, then=then)


def end_waiting(case: Case, status: HandoverStatus, *, by: Actor | None = None) -> None:
    """Whatever waits for an answer waits no more; the receiver no longer sees the case."""
    for waiting in Handover.objects.filter(case=case, status=HandoverStatus.WAITING):
        waiting.status, waiting.answered_at = status, timezone.now()
        waiting.answered_by = by.user if by else None
        waiting.save(update_fields=["status", "answered_at", "answered_by"])
        _leave(case, waiting.receiver, PartyKind.RECEIVER)


def associate(
    actor: Actor, *, case: UUID, structure: Structure, reason: str, version: int | None = None
) -> TimelineEvent:
    """Support without the baton: a structure joins the follow-up, another goes on holding."""
    versions = {case: version} if version is not None else None
    return associate_together(
        actor, cases=[case], structure=structure, reason=reason, versions=versions
    )[0]


def associate_together(
    actor: Actor,
    *,
    cases: Iterable[UUID],
    structure: Structure,
    reason: str,
    versions: Mapping[UUID, int] | None = None,
) -> list[TimelineEvent]:
    """The same for several cases: all, or none."""
    why = AssociationReason(reason)

    def decide(found: Case) -> Change:
        if _takes_part(found, structure):
            raise Refused(f"« {structure.name} » suit déjà ce jeune avec vous.")
        check_receiver(found, structure, carries=False)
        facts = {"structure": structure.name, "why": why.value}
        return Change(EventKind.ASSOCIATED, {}, facts, undoable=False)

    def then(found: Case, event: TimelineEvent) -> None:
        join(found, structure, PartyKind.ASSOCIATED)
        kind = (
            NotificationKind.GROUP
            if why is AssociationReason.GROUP
            else NotificationKind.ASSOCIATED
        )
        notify(kind, case=found, structure=structure)

    return perform_all(
        actor, Act.ASSOCIATE, cases=cases, decide=decide, versions=versions, then=then
    )


def leave(
    actor: Actor, *, case: UUID, structure: Structure, version: int | None = None
) -> TimelineEvent:
    """An associated structure stops following: by itself, or because the holder says so."""

    def decide(found: Case) -> Change:
        associated = {
            p.structure_id
            for p in found.parties.all()
            if p.until is None and p.kind == PartyKind.ASSOCIATED
        }
        if structure.pk not in associated:
            raise Refused(f"« {structure.name} » n’est pas associée à ce dossier.")
        if not (structure.pk in actor.structure_ids or found.holder_id in actor.structure_ids):
            raise Refused("Seule la structure qui suit ce jeune met fin à un suivi conjoint.")
        return Change(EventKind.LEFT_FOLLOWING, {}, {"structure": structure.name}, undoable=False)

    def then(found: Case, event: TimelineEvent) -> None:
        _leave(found, structure, PartyKind.ASSOCIATED)

    return perform(actor, Act.LEAVE, case=case, decide=decide, version=version, then=then)


def assign(
    actor: Actor, *, cases: Iterable[UUID], user: int, versions: Mapping[UUID, int] | None = None
) -> list[TimelineEvent]:
    """Entrust cases to a colleague of the structure that holds them (or to oneself)."""
    from raccord.accounts.models import Membership  # noqa: PLC0415 - a lower room, read here only

    def decide(found: Case) -> Change:
        colleague = (
            Membership.objects.in_force()
            .filter(user=user, structure=found.holder_id)
            .select_related("user")
            .order_by("pk")
            .first()
        )
        if colleague is None:
            raise Refused("Cette personne ne travaille pas dans la structure qui suit ce jeune.")
        return Change(EventKind.ASSIGNED, {"assigned_to_id": user}, {"to": str(colleague.user)})

    def then(found: Case, event: TimelineEvent) -> None:
        if user != actor.user.pk:
            notify(NotificationKind.ASSIGNED, case=found, users=[user])

    return perform_all(actor, Act.ASSIGN, cases=cases, decide=decide, versions=versions, then=then)


# --- What they share ------------------------------------------------------------------------------


def waiting_of(actor: Actor, handover: UUID) -> Handover:
    """A handover of a case that the actor sees, waiting or not; invisible: DoesNotExist."""
    found: Handover = Handover.objects.select_related("sender", "receiver", "case").get(
        pk=handover, case__in=Case.objects.visible_to(actor)
    )
    return found


def _on_handover(
    actor: Actor, act: Act, handover: UUID, decide: Any, then: Then, version: int | None
) -> TimelineEvent:
    found = waiting_of(actor, handover)
    return perform(actor, act, case=found.case_id, decide=decide, version=version, then=then)


def _waiting(case: Case, handover: UUID) -> Handover:
    """The handover as it stands now that the case is locked: one answer, whoever clicked first."""
    found: Handover = (
        Handover.objects.select_related("sender", "receiver").filter(case=case).get(pk=handover)
    )
    if not found.is_waiting:
        raise Refused(
            f"Ce relais n’attend plus de réponse : {found.get_status_display()}. Rien n’a changé."
        )
    return found


def _answer(
    actor: Actor,
    case: Case,
    handover: UUID,
    status: HandoverStatus,
    why: ReturnReason | None = None,
) -> Handover:
    found: Handover = Handover.objects.select_related("sender", "receiver").get(
        pk=handover, case=case
    )
    found.status, found.answered_at, found.answered_by = status, timezone.now(), actor.user
    found.return_reason = why or ""
    found.save(update_fields=["status", "answered_at", "answered_by", "return_reason"])
    return found


def _takes_part(case: Case, structure: Structure) -> bool:
    reading = {PartyKind.FORMER, PartyKind.REPORTER, PartyKind.RECEIVER}
    return any(
        p.structure_id == structure.pk and p.until is None and p.kind not in reading
        for p in case.parties.all()
    )


def join(case: Case, structure: Structure, kind: PartyKind) -> None:
    """Open a case to a structure, once."""
    if not Party.objects.filter(
        case=case, structure=structure, kind=kind, until__isnull=True
    ).exists():
        Party.objects.create(case=case, structure=structure, kind=kind)


def _leave(case: Case, structure: Structure, kind: PartyKind) -> None:
    """Last of all: from here on, its people may not see the case any more."""
    Party.objects.filter(case=case, structure=structure, kind=kind, until__isnull=True).update(
        until=timezone.localdate()
    )


__all__ = [
    "accept",
    "assign",
    "associate",
    "associate_together",
    "check_receiver",
    "end_waiting",
    "hand_over",
    "join",
    "leave",
    "propose",
    "redirect",
    "send_back",
    "waiting_of",
    "withdraw",
]
