"""Giving roles and taking them back."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from raccord.accounts import mails, rights, sessions
from raccord.accounts.actors import Actor
from raccord.accounts.models import Invitation, Membership, Scope, User
from raccord.accounts.roles import Role
from raccord.accounts.services.invitations import invite
from raccord.accounts.services.refusals import NotYours, Refused
from raccord.territory.models import Structure


def authorise_correspondent(
    actor: Actor,
    *,
    school: Structure,
    email: str,
    title: str = "",
    role: Role = Role.CORRESPONDENT,
    scope: str = Scope.WHOLE,
    classes: Iterable[str] = (),
    pupils: Iterable[UUID] = (),
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Invitation:
    """A head authorises somebody of their own school: CPE, référent décrochage, DDFPT, professeur
    principal, secretariat; for the whole school, some classes or some pupils (ids of their cases).
    """
    if role not in {Role.CORRESPONDENT, Role.SECRETARIAT}:
        raise Refused("Choisissez correspondant ou secrétariat.", "role")
    return invite(
        actor,
        structure=school,
        role=role,
        email=email,
        title=title,
        scope=scope,
        classes=classes,
        pupils=pupils,
        starts_on=starts_on,
        ends_on=ends_on,
    )


def designate_basin_referent(
    actor: Actor, *, structure: Structure, email: str, starts_on: date | None, ends_on: date | None
) -> Invitation:
    """A dated designation, by the territory's administrator: the basin is the structure's."""
    return invite(
        actor,
        structure=structure,
        role=Role.BASIN_REFERENT,
        email=email,
        starts_on=starts_on,
        ends_on=ends_on,
    )


@transaction.atomic
def take_back(actor: Actor, *, membership: Membership) -> None:
    """Take a role back, at once: the next request of that person finds nothing."""
    if not rights.may_take_back(actor, membership):
        raise NotYours
    _revoke(membership)


def _revoke(membership: Membership) -> None:
    now, today = timezone.now(), timezone.localdate()
    membership.revoked_at = now
    membership.ends_on = max(today, membership.starts_on)
    membership.save(update_fields=["revoked_at", "ends_on"])
    leave_if_nothing_remains(membership.user)


@transaction.atomic
def end_membership(actor: Actor | None, *, membership: Membership, on: date) -> None:
    """Set the last day of a role (None: the server's command line); a past day ends it now."""
    if actor is not None and not rights.may_take_back(actor, membership):
        raise NotYours
    if on < timezone.localdate():
        _revoke(membership)
        return
    if on < membership.starts_on:
        raise Refused("La fin précède le début. Choisissez une date plus tardive.", "ends_on")
    membership.ends_on = on
    membership.save(update_fields=["ends_on"])


def leave_if_nothing_remains(user: User) -> None:
    """Sessions end with the last role."""
    if not Membership.objects.in_force().filter(user=user).exists():
        sessions.end_all(user)


@transaction.atomic
def confirm_memberships(on: date | None = None) -> int:
    """Each 1 September heads confirm within the month that they still head their school.

    May be run again on any day of September; on another day it does nothing. How many were asked.
    """
    on = on or timezone.localdate()
    if on.month != 9:
        return 0
    first, last = date(on.year, 9, 1), date(on.year, 9, 30)
    asked = list(
        Membership.objects.in_force(on)
        .select_for_update(of=("self",))
        .select_related("user", "structure")
        .filter(role=Role.HEAD, starts_on__lt=first, confirm_before__isnull=True)
        .exclude(confirmed_on__gte=first)
        .order_by("pk")
    )
    Membership.objects.filter(pk__in=[m.pk for m in asked]).update(confirm_before=last)
    for membership in asked:
        membership.confirm_before = last
    mails.send(mails.to_confirm(membership) for membership in asked)
    return len(asked)


@transaction.atomic
def confirm(actor: Actor, *, membership_id: int) -> Membership:
    """« Oui, je dirige toujours cet établissement »: one click."""
    mine = Membership.objects.in_force().filter(user=actor.user, confirm_before__isnull=False)
    membership = mine.select_for_update(of=("self",)).filter(pk=membership_id).first()
    if membership is None:
        raise NotYours
    membership.confirm_before, membership.confirmed_on = None, timezone.localdate()
    membership.save(update_fields=["confirm_before", "confirmed_on"])
    return membership
