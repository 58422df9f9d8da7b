"""Telling people that something waits, in the transaction of the act that caused it."""

from collections.abc import Iterable

from django.db import connection

from raccord.accounts.actors import Actor
from raccord.followup.identifiers import new_id
from raccord.followup.models.cases import Case
from raccord.followup.notifications.models import Notification, NotificationKind
from raccord.followup.vocabulary import Outcome, PartyKind
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure


def notify(
    kind: NotificationKind,
    *,
    case: Case,
    structure: Structure | None = None,
    users: Iterable[int] | None = None,
    but: int | None = None,
) -> int:
    """One line for each person: those of a structure who see the case there, or these very users;
    never `but`, who did it.

    Who works where is asked of the database itself (`raccord_people_of`), since whoever acts may
    not read the memberships of another structure. Returns how many were told.
    """
    if case.person.training:  # nothing is sent to anybody while practising
        return 0
    if users is None:
        users = _people_of(structure, case) if structure else []
    rows = [
        Notification(id=new_id(), user_id=user, kind=kind, case=case, structure=structure)
        for user in sorted(set(users) - {but})
    ]
    Notification.objects.bulk_create(rows)
    return len(rows)


def tell_departement(kind: NotificationKind, case: Case) -> int:
    """The same for those who answer by law for the département of a case (DASEN, IEN-IO) and see
    it there; nobody when its département is not known."""
    told = 0
    for dsden in Structure.objects.open().filter(kind=Kind.DSDEN, departement=case.departement_id):
        seeing = _who_see(case, _people_of(dsden, case))
        told += notify(kind, case=case, structure=dsden, users=seeing)
    return told


#: Ends that say nothing of what became of somebody.
_UNTOLD = frozenset({Outcome.FALSE_ALARM, Outcome.SILENT, Outcome.UNDONE, Outcome.MERGED})


def tell_outcome(actor: Actor, case: Case) -> int:
    """The school that was left, and those who followed or still do, learn that a case ended."""
    if case.outcome in _UNTOLD:
        return 0
    told = {
        party.structure_id
        for party in case.parties.all()
        if party.until is None and party.kind in _TOLD and party.structure_id != case.holder_id
    } - actor.structure_ids
    return sum(
        notify(NotificationKind.OUTCOME, case=case, structure=Structure(pk=structure))
        for structure in sorted(told)
    )


_TOLD = frozenset({PartyKind.ORIGIN, PartyKind.FORMER, PartyKind.ASSOCIATED})


def _people_of(structure: Structure, case: Case) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT raccord_people_of(%s, %s)", [structure.pk, case.pk])
        return [user for (user,) in cursor.fetchall()]


def _who_see(case: Case, users: list[int]) -> list[int]:
    """A line that its reader could not open would light their bell for ever."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT u FROM unnest(%s::bigint[]) u "
            "WHERE EXISTS (SELECT FROM raccord_find_visible_cases(u, ARRAY[%s]::uuid[]))",
            [users, case.pk],
        )
        return [user for (user,) in cursor.fetchall()]


__all__ = ["NotificationKind", "notify", "tell_departement", "tell_outcome"]
