"""Scolarité protégée: everybody else sees « retrouvé », without place, school or address."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup.models import Case, Person, PossibleDuplicate, TimelineEvent
from raccord.followup.reporting.models import PairStatus
from raccord.followup.rights import Act
from raccord.followup.services.acting import Change, Refused, perform
from raccord.followup.vocabulary import EventKind, Outcome, Status


def protect_schooling(actor: Actor, *, case: UUID, version: int | None = None) -> TimelineEvent:
    """Hide where a young person is from everybody but the head or the DSDEN who asks for it.

    An open case is closed as « retrouvé »: nobody looks for somebody who is safe at school; and it
    leaves the queue of duplicates.
    """
    protector = _protecting_structure(actor)

    def decide(found: Case) -> Change:
        if found.person.is_protected:
            raise Refused("La scolarité de ce jeune est déjà protégée.")
        values: dict[str, Any] = {}
        if found.is_open:
            values = {
                "status": Status.CLOSED,
                "outcome": Outcome.FOUND,
                "closed_on": timezone.localdate(),
                "closed_by_id": actor.user.pk,
                "next_act_on": None,
            }
        return Change(
            EventKind.PROTECTED, values, {"protected": True}, restores={"protected_by": None}
        )

    def then(found: Case, event: TimelineEvent) -> None:
        Person.objects.filter(pk=found.person_id).update(
            protected_by=protector, protected_at=event.at
        )
        # That a pair exists tells its other holder too much (docs/adr/0016).
        pairs = PossibleDuplicate.objects.filter(status=PairStatus.OPEN)
        pairs.filter(Q(one=found.person_id) | Q(other=found.person_id)).delete()

    return perform(actor, Act.PROTECT, case=case, decide=decide, version=version, then=then)


def end_protection(actor: Actor, *, case: UUID, version: int | None = None) -> TimelineEvent:
    """Those who protected a schooling lift it; the case stays as it is."""

    def decide(found: Case) -> Change:
        person = found.person
        if not person.is_protected:
            raise Refused("La scolarité de ce jeune n’est pas protégée.")
        restores = {"protected_by": person.protected_by_id}
        return Change(EventKind.PROTECTED, {}, {"protected": False}, restores=restores)

    def then(found: Case, event: TimelineEvent) -> None:
        Person.objects.filter(pk=found.person_id).update(protected_by=None, protected_at=None)

    return perform(actor, Act.PROTECT, case=case, decide=decide, version=version, then=then)


def _protecting_structure(actor: Actor) -> int:
    for role in (Role.HEAD, Role.DASEN):
        for membership in actor.memberships:
            if membership.role == role:
                return membership.structure_id
    raise Refused("Seuls un chef d’établissement ou la DSDEN protègent une scolarité.")
