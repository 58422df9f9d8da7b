"""Equipping a territory: every structure that counts is invited at its own mailbox."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from raccord.accounts import mails, rights
from raccord.accounts.actors import Actor
from raccord.accounts.deposit import Row
from raccord.accounts.models import Invitation, Membership
from raccord.accounts.roles import Role
from raccord.accounts.services.invitations import prepare
from raccord.accounts.services.refusals import NotYours
from raccord.territory.kinds import SCHOOLS, Kind
from raccord.territory.models import Academie, Structure

#: Beside the schools, those who follow young people.
EQUIPPED = SCHOOLS | {Kind.CIO, Kind.MLDS, Kind.PSAD, Kind.MISSION_LOCALE}


@dataclass
class Report:
    """What was done, structure by structure."""

    sent: list[Structure] = field(default_factory=list)
    waiting: list[Structure] = field(default_factory=list)
    claimed: list[Structure] = field(default_factory=list)
    without_mailbox: list[Structure] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    mailboxes_set: int = 0
    left: int = 0


@transaction.atomic
def equip_territory(
    actor: Actor | None,
    *,
    academie: Academie,
    rows: Iterable[Row] | None = None,
    at_most: int | None = None,
) -> Report:
    """Invite the head or the lead of every structure at its institutional mailbox.

    `rows` is a file (UAI or SIRET, mailbox), None the directory itself. Run again, it sends nothing
    to who has claimed or still holds an open invitation. A page sends `at_most` so many at once.
    """
    if actor is not None and not rights.administers(actor, academie.pk):
        raise NotYours
    report = Report()
    wanted = Structure.objects.open().filter(academie=academie, kind__in=EQUIPPED)
    if rows is not None:
        wanted = wanted.filter(pk__in=_set_mailboxes(wanted, list(rows), report))
    structures = list(wanted.order_by("name", "pk"))
    ids = [s.pk for s in structures]
    answers = [Role.HEAD, Role.LEAD]
    claimed = set(
        Membership.objects.in_force()
        .filter(structure__in=ids, role__in=answers)
        .values_list("structure", flat=True)
    )
    waiting = set(
        Invitation.objects.open()
        .filter(structure__in=ids, role__in=answers)
        .values_list("structure", flat=True)
    )
    to_send = []
    for one in structures:
        if one.pk in claimed:
            report.claimed.append(one)
        elif one.pk in waiting:
            report.waiting.append(one)
        elif not one.email:
            report.without_mailbox.append(one)
        else:
            to_send.append(one)
    report.sent = to_send if at_most is None else to_send[:at_most]
    report.left = len(to_send) - len(report.sent)
    made = [
        prepare(
            actor,
            structure=one,
            role=Role.HEAD if one.kind in SCHOOLS else Role.LEAD,
            email=one.email.strip().lower(),
        )
        for one in report.sent
    ]
    Invitation.objects.bulk_create([invitation for invitation, _ in made])
    mails.send(mails.invitation(invitation, token) for invitation, token in made)
    return report


def _set_mailboxes(known: object, rows: list[Row], report: Report) -> list[int]:
    """Write the mailboxes of the file where they are new; the structures it names."""
    found = list(known)  # type: ignore[call-overload]
    by_key = {s.uai: s for s in found if s.uai} | {s.siret: s for s in found if s.siret}
    named, changed = [], []
    for row in rows:
        structure = by_key.get(row.key)
        if structure is None:
            report.unknown.append(f"ligne {row.line} : {row.key or 'sans UAI'}")
            continue
        named.append(structure.pk)
        if row.email and row.email != structure.email:
            structure.email = row.email
            changed.append(structure)
    Structure.objects.bulk_update(changed, ["email"])
    report.mailboxes_set = len(changed)
    return named
