"""What a visitor does with a one-time link: through the functions of answers.sql, nothing else."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection

from raccord.followup.forbidden_matters import Matter, found, partner_name
from raccord.followup.identifiers import new_id
from raccord.followup.letters.vocabulary import AnswerKind
from raccord.territory import finding
from raccord.territory.models import Structure

#: Wrong links from one address in ten minutes, after which none is looked at.
WRONG, DURING = 20, 600
_OF_NO_PLACE = {Matter.ORIGIN, Matter.FAMILY, Matter.NUMBER, Matter.OFFENCE}


@dataclass(frozen=True)
class Link:
    """All that a visitor learns: a first name, a school, and what was answered."""

    first_name: str
    school: str
    school_phone: str
    academie: str
    audience: str
    expired: bool
    answered: str
    answered_at: datetime | None
    recall_on: date | None


def read(token: str) -> Link | None:
    """What the link is about; None when it says nothing (any more)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM raccord_link(%s)", [token])
        row = cursor.fetchone()
    return Link(*row) if row else None


def answer(
    token: str,
    *,
    said: AnswerKind,
    structure: int | None = None,
    place: str = "",
    phone: str = "",
    moment: str = "",
    recall_on: date | None = None,
) -> bool:
    """Answer once; False when the link cannot be answered."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT raccord_answer(%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [
                token,
                new_id(),
                new_id(),
                said.value,
                structure,
                clean_place(place),
                phone,
                moment,
                recall_on,
            ],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def clean_place(place: str) -> str:
    """A place as it may be kept: a body whose name tells too much becomes « un partenaire »."""
    kept = " ".join(place.split())[:120]
    if any(hit.matter in _OF_NO_PLACE for hit in found(kept)):
        raise ValidationError(
            "Écrivez seulement le nom de l’établissement et sa ville, par exemple « CFA du "
            "bâtiment, Rezé »."
        )
    return partner_name(kept)


def places(text: str, academie: str) -> list[Structure]:
    """The establishments whose name or town has every word typed; those near first."""
    return finding.schools_like(text, [academie])


def recall_days(today: date) -> list[date]:
    """The next five working days."""
    days = (today + timedelta(days=n) for n in range(9))
    return [one for one in days if one.weekday() < 5][:5]


def too_many_wrong(address: str) -> bool:
    """Whether this address tried too many links that do not exist."""
    return int(cache.get(_key(address), 0)) >= WRONG


def note_wrong(address: str) -> None:
    """One more. Kept in memory, for ten minutes, and nowhere else."""
    cache.add(_key(address), 0, DURING)
    cache.incr(_key(address))


def _key(address: str) -> str:
    return f"raccord.links.{address}"
