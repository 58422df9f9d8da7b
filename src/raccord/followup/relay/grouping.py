"""Asking a support group that follows somebody already to look at their case once more."""

from uuid import UUID

from raccord.accounts.actors import Actor
from raccord.followup.meetings.models import AgendaItem, Decision
from raccord.followup.models import Case, TimelineEvent
from raccord.followup.notifications.services import NotificationKind, notify
from raccord.followup.relay.vocabulary import AssociationReason
from raccord.followup.rights import Act, abilities
from raccord.followup.services.acting import Change, Refused, perform
from raccord.followup.vocabulary import EventKind, Lane, PartyKind
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

_FOLLOW = (PartyKind.HOLDER, PartyKind.ASSOCIATED)


def ask_group(actor: Actor, *, case: UUID) -> TimelineEvent:
    """Put a case on the next agenda of the support group that follows it: by who holds the case,
    or follows it too. The agenda takes it up by itself (meetings/agenda.sql), the group is told.

    Raises Refused when no group follows, or when the case is on its way to the group already.
    """
    seen = Case.objects.visible_to(actor).filter(pk=case)
    found = seen.select_related("person").prefetch_related("parties", "departures").first()
    if found is None:
        raise Case.DoesNotExist
    # The holder may associate; who is associated may leave: nobody else carries anything here.
    act = Act.ASSOCIATE if abilities(actor, found)[Act.ASSOCIATE] else Act.LEAVE
    asked: list[Structure] = []

    def decide(found: Case) -> Change:
        group = _group_of(found)
        _check(found, group)
        asked.append(group)
        facts = {"structure": group.name, "why": AssociationReason.GROUP.value, "again": True}
        return Change(EventKind.ASSOCIATED, {}, facts, undoable=False)

    def then(found: Case, event: TimelineEvent) -> None:
        for group in asked:
            if group.pk not in actor.structure_ids:
                notify(NotificationKind.GROUP, case=found, structure=group)

    return perform(actor, act, case=case, decide=decide, then=then)


def _group_of(case: Case) -> Structure:
    following = [
        party.structure_id
        for party in case.parties.all()
        if party.until is None and party.kind in _FOLLOW
    ]
    found = Structure.objects.filter(pk__in=following, kind=Kind.PSAD).order_by("pk").first()
    if found is None:
        raise Refused("Aucun groupe d’appui ne suit ce jeune : associez-le d’abord.")
    return found


def _check(case: Case, group: Structure) -> None:
    if not case.is_open:
        raise Refused("Ce dossier est clos. Rouvrez-le d’abord.")
    if case.lane == Lane.UNDER_16:
        raise Refused("Avant 16 ans, l’obligation d’instruction s’applique : saisissez la DSDEN.")
    if case.person.is_protected or case.person.training or case.provisional:
        raise Refused("Ce dossier est protégé ou encore provisoire : le groupe ne l’examine pas.")
    last = AgendaItem.objects.filter(case=case).order_by("-added_at", "-pk").first()
    if last and last.decision in ("", Decision.POSTPONED):
        raise Refused(f"Ce dossier est déjà à l’ordre du jour de « {group.name} ».")
    told = case.timeline.filter(
        kind=EventKind.ASSOCIATED,
        facts__why=AssociationReason.GROUP.value,
        facts__structure=group.name,
    )
    if last and last.decided_at:
        told = told.filter(at__gt=last.decided_at)
    if told.exists():
        raise Refused(f"« {group.name} » est déjà saisi : il verra ce dossier à sa réunion.")
