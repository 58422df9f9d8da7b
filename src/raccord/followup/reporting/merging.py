"""One young person with two files: make them one, take them apart, or say that they are two."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.followup.identifiers import new_id
from raccord.followup.models import Case, Merge, Person, PossibleDuplicate
from raccord.followup.notifications.services import NotificationKind, notify
from raccord.followup.reporting.models import PairStatus
from raccord.followup.services.acting import Refused
from raccord.territory.models import Structure

_REFUSALS = {
    "gone": "Ces dossiers ont changé depuis : rien n’a été fait. Relisez-les.",
    "holder": "Seule une structure qui suit l’un de ces deux jeunes en décide.",
    "protected": "La scolarité de ce jeune est protégée : voyez avec la direction ou la DSDEN qui "
    "l’a demandé avant de réunir ces dossiers.",
    "merged": "L’un de ces dossiers est déjà réuni à un autre : séparez-les d’abord.",
    "closed": "L’un de ces dossiers est clos : il n’y a qu’un dossier ouvert, rien à réunir.",
    "reopened": "Un nouveau dossier est ouvert pour ce jeune : il ne peut plus être séparé.",
}


@dataclass(frozen=True)
class File:
    """One side of a pair, as the function `raccord_pair` gives it."""

    person: UUID
    case_id: UUID
    last_name: str
    usage_name: str
    first_name: str
    birth_date: Any
    establishment: str
    holder: int
    holder_name: str
    holder_phone: str
    since: Any
    open: bool
    visible: bool
    sex: str
    commune: str
    phone: str
    ine: str


def files_of(actor: Actor, pair: UUID) -> list[File]:
    """Both sides; empty when the pair is none of their business, or hidden on a side."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM raccord_pair(%s, %s)", [actor.user.pk, pair])
        columns = [column.name for column in cursor.description or ()]
        found = [File(**dict(zip(columns, row, strict=True))) for row in cursor.fetchall()]
    return found if len(found) == 2 else []


def decides(actor: Actor, files: list[File]) -> bool:
    """Whether this person's structure holds one of them."""
    return any(one.holder in actor.structure_ids for one in files)


def merge(actor: Actor, *, pair: UUID, keep: UUID) -> Merge:
    """Keep one file; the other's departures join it, its structures are associated, and it is
    closed. Everything is kept to undo it."""
    with transaction.atomic():
        files = files_of(actor, pair)
        kept = next((one for one in files if one.person == keep), None)
        if kept is None:
            raise PossibleDuplicate.DoesNotExist
        absorbed = next(one for one in files if one.person != keep)
        key = new_id()
        _call("SELECT raccord_merge(%s, %s, %s, %s)", actor, key, kept.person, absorbed.person)
        _tell(actor, kept.case_id, {kept.holder, absorbed.holder})
        found: Merge = Merge.objects.get(pk=key)
        return found


def unmerge(actor: Actor, *, merge: UUID) -> None:
    """Both files are again what they were."""
    with transaction.atomic():
        found = Merge.objects.filter(pk=merge, undone_at__isnull=True).first()
        if found is None:
            raise Merge.DoesNotExist
        _call("SELECT raccord_unmerge(%s, %s)", actor, merge)


def keep_apart(actor: Actor, *, pair: UUID) -> None:
    """Two persons: kept, and never asked again."""
    with transaction.atomic():
        if not decides(actor, files_of(actor, pair)):
            raise Refused(_REFUSALS["holder"])
        PossibleDuplicate.objects.filter(pk=pair, status=PairStatus.OPEN).update(
            status=PairStatus.DIFFERENT, decided_by=actor.user, decided_at=timezone.now()
        )


def _call(statement: str, actor: Actor, *values: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [actor.user.pk, *values])
        refusal = cursor.fetchone()[0]
    if refusal:
        raise Refused(_REFUSALS[refusal])


def _tell(actor: Actor, case: UUID, holders: set[int]) -> None:
    """Both structures, colleagues of the author too: the list that they knew has one line fewer."""
    of = Case(pk=case, person=Person(training=actor.training))
    for holder in sorted(holders):
        structure = Structure(pk=holder)
        notify(NotificationKind.MERGED, case=of, structure=structure, but=actor.user.pk)
