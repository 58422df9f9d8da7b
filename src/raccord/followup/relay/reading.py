"""What the pages of the relay show: what waits, for whom, since when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.accounts.models import Membership
from raccord.accounts.roles import OF_STRUCTURE, Role
from raccord.followup.models import Case, Handover
from raccord.followup.relay.clocks import RETURN_DAYS
from raccord.followup.relay.routing import Suggestion, suggested
from raccord.followup.relay.vocabulary import HandoverReason, HandoverStatus
from raccord.matching.wording import count, typeset


@dataclass(frozen=True)
class Received:
    """A card: just enough to accept. Interviews and addresses come with the baton."""

    handover: Handover
    case: Case
    age: int | None
    waiting_days: int
    days_left: int

    @property
    def by_the_clock(self) -> bool:
        """Nobody sent it: a school left it untouched."""
        return self.handover.reason == HandoverReason.SILENCE

    @property
    def reason(self) -> str:
        """What is asked."""
        return HandoverReason(self.handover.reason).label


def _receiving(actor: Actor) -> list[int]:
    """Structures in whose name this person answers."""
    return [
        m.structure_id
        for m in actor.memberships
        if m.role in OF_STRUCTURE and m.role != Role.SECRETARIAT
    ]


def may_receive_any(actor: Actor) -> bool:
    """Whether relays can wait for this person at all."""
    return bool(_receiving(actor))


def received(actor: Actor, today: date) -> list[Received]:
    """What waits for their answer, the oldest first; three queries."""
    waiting = (
        Handover.objects.filter(
            receiver__in=_receiving(actor),
            status=HandoverStatus.WAITING,
            case__in=Case.objects.visible_to(actor),
            case__person__hidden=False,
        )
        .select_related("sender", "receiver", "case", "case__person", "asked_by")
        .order_by("asked_at", "pk")
    )
    return [_card(handover, today) for handover in waiting]


def _card(handover: Handover, today: date) -> Received:
    days = (today - timezone.localtime(handover.asked_at).date()).days
    return Received(
        handover,
        handover.case,
        handover.case.person.age(today),
        max(days, 0),
        max(RETURN_DAYS - days, 0),
    )


def waiting_for(actor: Actor, case: Case) -> Handover | None:
    """The relay of this case that waits for one of their structures."""
    found: Handover | None = (
        Handover.objects.filter(
            case=case, status=HandoverStatus.WAITING, receiver__in=_receiving(actor)
        )
        .select_related("sender", "receiver")
        .first()
    )
    return found


def colleagues(structure: int) -> list[tuple[int, str]]:
    """Who works in a structure today, by name."""
    found = (
        Membership.objects.in_force()
        .filter(structure=structure)
        .exclude(role=Role.SECRETARIAT)
        .select_related("user")
        .order_by("user__last_name", "user__first_name", "pk")
    )
    return list({m.user_id: str(m.user) for m in found}.items())


@dataclass(frozen=True)
class ToHandOver:
    """A ticked case and where it could go."""

    case: Case
    suggestions: list[Suggestion]


def to_hand_over(actor: Actor, cases: Iterable[UUID]) -> list[ToHandOver]:
    """The ticked cases that this person sees, with what suits each."""
    found = (
        Case.objects.visible_to(actor)
        .filter(pk__in=list(cases))
        .select_related("person", "person__details", "person__details__commune", "holder")
        .order_by("person__search_name", "pk")
    )
    return [ToHandOver(case, suggested(case)) for case in found]


def proposed_in_words(number: int) -> str:
    """« 3 relais proposés. »"""
    return typeset(f"{count(number, 'relais proposé', 'relais proposés')}.")
