"""Obligation d'instruction: before 16 a school tells the DSDEN and the mayor, and no partner."""

from uuid import UUID

from raccord.accounts.actors import Actor
from raccord.followup.models import Case, TimelineEvent
from raccord.followup.notifications.services import NotificationKind, tell_departement
from raccord.followup.rights import Act
from raccord.followup.services.acting import Change, perform
from raccord.followup.vocabulary import EventKind, Status
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure


def tell_dsden(
    actor: Actor, *, case: UUID, mayor_told: bool = False, version: int | None = None
) -> TimelineEvent:
    """The DASEN, who sees those under 16 of the département (L. 131-1), is told of this one. The
    case leaves the school's to-do; its holder does not change. With the IEN-IO they get a line
    that names nobody. The mayor has no account here: that they were told is written, no more."""

    def decide(found: Case) -> Change:
        facts = {"dsden": _dsden_of(found), "mayor": mayor_told}
        return Change(EventKind.TRANSMITTED, {"status": Status.TRANSMITTED}, facts)

    def then(found: Case, event: TimelineEvent) -> None:
        tell_departement(NotificationKind.INSTRUCTION, found)

    return perform(actor, Act.TELL_DSDEN, case=case, decide=decide, version=version, then=then)


def _dsden_of(case: Case) -> str:
    """Its name; a case of no known département still goes to the one of the school."""
    place = case.departement_id or case.holder.departement_id
    mine = Structure.objects.open().filter(kind=Kind.DSDEN, departement=place)
    name = mine.order_by("pk").values_list("name", flat=True).first()
    return str(name) if name and place else "DSDEN"
