"""Who may give which role, and see whose. Every service and page of this room asks here."""

from enum import StrEnum

from django.db.models import Q, QuerySet

from raccord.accounts.actors import Actor
from raccord.accounts.models import Membership
from raccord.accounts.roles import SEES_NAMES, Role, roles_in
from raccord.territory.models import Academie, Structure


class Ability(StrEnum):
    """What one may do about the people of a structure."""

    SEE_PEOPLE = "see_people"
    INVITE = "invite"
    TAKE_BACK = "take_back"
    RESEND = "resend"
    DESIGNATE = "designate"
    EQUIP = "equip"
    DISABLE = "disable"


#: Who answers for a structure: the head of a school, the lead of a service.
_ANSWERS = frozenset({Role.HEAD, Role.LEAD})
_GIVEN_BY_DASEN = frozenset({Role.IEN_IO, Role.AGENT})
#: What they may give in it: their deputies, and those who work by their delegation.
_GIVEN_BY_HEAD = frozenset({Role.HEAD, Role.CORRESPONDENT, Role.SECRETARIAT})
_GIVEN_BY_LEAD = frozenset({Role.LEAD, Role.AGENT, Role.SECRETARIAT})
_NOTHING: frozenset[Ability] = frozenset()


def abilities(actor: Actor | None, structure: Structure) -> frozenset[Ability]:
    """The acts allowed today on the people of this structure."""
    if actor is None:
        return _NOTHING
    found: set[Ability] = set()
    if actor.within(structure.pk, SEES_NAMES):
        found.add(Ability.SEE_PEOPLE)
    if actor.within(structure.pk, _ANSWERS | {Role.DASEN}):
        found |= {Ability.INVITE, Ability.TAKE_BACK}
    if administers(actor, structure.academie_id):
        found |= set(Ability)
    return frozenset(found)


def administers(actor: Actor | None, academie: str | None) -> bool:
    """Whether this person administers this territory."""
    return academie is not None and academie in administered(actor)


def administered(actor: Actor | None) -> frozenset[str]:
    """Codes of the académies this person administers."""
    if actor is None:
        return frozenset()
    return frozenset(
        m.structure.academie_id
        for m in actor.memberships
        if m.role == Role.TERRITORY_ADMIN and m.structure.academie_id is not None
    )


def academies(actor: Actor | None) -> QuerySet[Academie]:
    """The territories this person administers."""
    return Academie.objects.filter(pk__in=administered(actor)).order_by("name")


def may_give(actor: Actor | None, structure: Structure) -> frozenset[Role]:
    """The roles this person may give in this structure.

    An administrator gives none of a school or a service but its head's or lead's, at the mailbox
    of the structure: whoever sets up the rights must not be able to open the files.
    """
    if actor is None:
        return frozenset()
    possible, given = roles_in(structure.kind), set[Role]()
    if actor.within(structure.pk, {Role.HEAD}):
        given |= _GIVEN_BY_HEAD
    if actor.within(structure.pk, {Role.LEAD}):
        given |= _GIVEN_BY_LEAD
    if actor.within(structure.pk, {Role.DASEN}):
        given |= _GIVEN_BY_DASEN
    if administers(actor, structure.academie_id):
        given |= possible - _GIVEN_BY_HEAD - _GIVEN_BY_LEAD | _ANSWERS
    return frozenset(given) & possible


def visible_structures(actor: Actor | None) -> QuerySet[Structure]:
    """The structures whose people this person may see."""
    if actor is None:
        return Structure.objects.none()
    own = [m.structure_id for m in actor.memberships if m.role in SEES_NAMES]
    found: QuerySet[Structure] = Structure.objects.filter(
        Q(pk__in=own) | Q(academie__in=administered(actor))
    )
    return found


def may_take_back(actor: Actor | None, membership: Membership) -> bool:
    """Whether this person may take this role back: what they could give, and never their own."""
    if actor is None or membership.user_id == actor.user.pk:
        return False
    structure = membership.structure
    if administers(actor, structure.academie_id):
        return True
    given = may_give(actor, structure)
    return Ability.TAKE_BACK in abilities(actor, structure) and membership.role in given
