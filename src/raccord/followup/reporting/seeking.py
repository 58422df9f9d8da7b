"""« Déjà suivi par le CIO de… »: somebody typed, against open cases and registers.

Cases are asked of the database by a narrow function (sql/reporting.sql), registers of the room
above; both are weighed by the engine of the comparison (`matching.lookup`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, ClassVar, TypeVar
from uuid import NAMESPACE_OID, UUID, uuid5

import pyarrow as pa
from django.db import connection

from raccord.accounts.actors import Actor
from raccord.accounts.roles import Role
from raccord.followup.models import Case
from raccord.followup.search import searchable
from raccord.matching import evidence, lookup
from raccord.matching.lookup import Sought, Typed
from raccord.matching.wording import count
from raccord.privacy.partners import OF_EDUCATION
from raccord.territory.kinds import SCHOOLS, Kind
from raccord.territory.models import Structure

#: Structures that may report somebody.
REPORTERS = SCHOOLS | {
    Kind.CIO,
    Kind.MLDS,
    Kind.PSAD,
    Kind.MISSION_LOCALE,
    Kind.EMPLOYMENT_PLATFORM,
    Kind.FRANCE_TRAVAIL,
    Kind.INFO_JEUNES,
    Kind.E2C,
    Kind.EPIDE,
    Kind.RSMA,
    Kind.GRETA,
    Kind.SERVICE_CIVIQUE,
    Kind.INSERTION,
}
_ROLES = frozenset({Role.HEAD, Role.CORRESPONDENT, Role.LEAD, Role.AGENT})
#: Searches an hour: a dozen reports, typed letter by letter, and no register read name by name.
HOURLY = 200
#: What `lookup` weighs a chance resemblance with: that of a territory's registers, so that a case
#: and an enrolment are weighed alike.
_CASES_BEHIND = 1_000_000


class TooMany(Exception):
    """More searches within the hour than reporting needs; the message is for the screen."""


@dataclass(frozen=True)
class Followed:
    """Somebody with an open case: that it exists, who holds it, and nothing of what is in it."""

    silent: ClassVar[bool] = False

    person: UUID
    holder: int
    holder_name: str
    holder_kind: str
    holder_phone: str
    since: date
    lane: str
    weight: float
    #: Which of the fields typed agree or nearly, in words; never the other's values.
    alike: str
    #: The case, for who may open it anyway.
    case: UUID | None = None
    mine: bool = False
    chance: float = 0.0

    @property
    def doubtful(self) -> bool:
        """Likely enough to ring the holder, not to say « déjà suivi »."""
        return self.chance < lookup.SURE_FROM

    @property
    def subject(self) -> UUID:
        """What the log of readings names."""
        return self.person


@dataclass(frozen=True)
class Enrolled:
    """Somebody in a register: name, birth date, establishment, and no more."""

    last_name: str
    first_name: str
    birth_date: date | None
    establishment: str
    uai: str
    weight: float
    reference: str
    chance: float = 0.0
    #: Never shown (a protected schooling, somebody dead), and weighed all the same: without them,
    #: whoever comes next would be said to be the one.
    silent: bool = False

    @property
    def doubtful(self) -> bool:
        """Likely enough to ask the establishment, not to name its pupil."""
        return self.chance < lookup.SURE_FROM

    @property
    def subject(self) -> UUID:
        """The enrolment, never who it is."""
        return uuid5(NAMESPACE_OID, self.reference)


@dataclass(frozen=True)
class Found:
    """The answer to a search."""

    followed: tuple[Followed, ...] = ()
    enrolled: tuple[Enrolled, ...] = ()

    @property
    def nobody(self) -> bool:
        """Nothing near what was typed."""
        return not (self.followed or self.enrolled)

    @property
    def subjects(self) -> list[UUID]:
        """Whom the log names."""
        return [*(one.subject for one in self.followed), *(one.subject for one in self.enrolled)]


_One = TypeVar("_One", Followed, Enrolled)
#: Who is enrolled today: the room above says how registers are asked.
SeekEnrolled = Callable[[Actor, Sought, Typed], list[Enrolled]]
_registers: list[SeekEnrolled] = []


def seek_registers_with(seek: SeekEnrolled) -> None:
    """Registers belong to the room above."""
    _registers[:] = [seek]


def reporting_structures(actor: Actor | None) -> list[Structure]:
    """In whose name this person may report."""
    return [
        m.structure
        for m in (actor.memberships if actor else ())
        if m.role in _ROLES and m.structure.kind in REPORTERS
    ]


def may_report(actor: Actor | None) -> bool:
    """Whether the page is for them."""
    return bool(reporting_structures(actor))


def follows_under_16(structure: Structure) -> bool:
    """Before 16 the school and the DSDEN, nobody else (code de l'éducation, L.131-1)."""
    return structure.is_school and structure.kind in OF_EDUCATION | {
        Kind.LYCEE_AGRICOLE,
        Kind.MFR,
        Kind.HORS_CONTRAT,
        Kind.CFA,
        Kind.UFA,
    }


def find(actor: Actor, sought: Sought, *, school: int | None = None) -> Found:
    """Open cases and enrolments of whoever is likely the one typed. Raises TooMany."""
    _check_rate(actor)
    asked = lookup.typed(sought)
    followed = _followed(actor, sought, asked, school)
    enrolled = (
        [] if actor.training else [e for seek in _registers for e in seek(actor, sought, asked)]
    )
    chances = lookup.chances([*(f.weight for f in followed), *(e.weight for e in enrolled)])
    return Found(
        _worth_showing(followed, chances), _worth_showing(enrolled, chances[len(followed) :])
    )


def _worth_showing(found: Sequence[_One], chances: Sequence[float]) -> tuple[_One, ...]:
    """Likely enough, each with its chance among all that were found, the likeliest first."""
    pairs = zip(found, chances, strict=False)
    kept = [
        replace(one, chance=chance)
        for one, chance in pairs
        if chance >= lookup.FROM and not one.silent
    ]
    return tuple(sorted(kept, key=lambda one: -one.chance)[: lookup.SHOWN])


def _check_rate(actor: Actor) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT raccord_searches_of(%s)", [actor.user.pk])
        made = cursor.fetchone()[0]
    if made >= HOURLY:
        raise TooMany(
            f"Vous avez fait {count(made, 'recherche')} en une heure : attendez un peu. Si vous "
            "signalez vraiment autant de jeunes, prévenez votre administrateur."
        )


_NAMES = ("last_name", "usage_name", "first_name", "other_names", "sex")


def _followed(actor: Actor, sought: Sought, asked: Typed, school: int | None) -> list[Followed]:
    rows = {str(row["person"]): row for row in _close_cases(actor, sought, asked, school)}
    if not rows:
        return []
    weighed = lookup.among(asked, sought.birth_date, _table(rows, asked), behind=_CASES_BEHIND)
    likely = lookup.considered(weighed)
    own = _own_cases(actor, [UUID(one.key) for one in likely])
    return [_told(rows[one.key], one, own, actor) for one in likely]


def _close_cases(
    actor: Actor, sought: Sought, asked: Typed, school: int | None
) -> list[dict[str, Any]]:
    names = searchable(sought.last_name), searchable(sought.first_name)
    digits = asked.folded["telephone"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM raccord_seek_followed(%s, %s, %s, %s, %s, %s, %s, %s)",
            [
                actor.user.pk,
                [" ".join(names), " ".join(reversed(names))],
                sorted({word for name in names for word in name.split()} | set(asked.words)),
                sought.birth_date,
                list(asked.dates),
                sought.commune or None,
                f"{digits:09d}" if digits else None,
                school,
            ],
        )
        columns = [column.name for column in cursor.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _table(rows: dict[str, dict[str, Any]], asked: Typed) -> pa.Table:
    """The rows as `lookup.ROW`. What the database only said « same » or « not » of is given the
    value typed, or another one."""
    found = list(rows.values())
    given: dict[str, list[Any]] = {"key": list(rows)}
    given |= {name: [row[name] or None for row in found] for name in _NAMES}
    given["birth_date"] = [row["birth_date"] for row in found]
    nothing = dict.fromkeys(set(lookup.RAW.names) - given.keys(), [None] * len(found))
    folded = lookup.folded(pa.table(given | nothing, schema=lookup.RAW))
    compared: dict[str, list[Any]] = {
        "n_residence": [
            _as_typed(row["same_commune"], asked.folded["n_residence"], "-") for row in found
        ],
        "telephone": [_as_typed(row["same_phone"], asked.folded["telephone"], 0) for row in found],
        "n_uai": [asked.folded["n_uai"] if row["same_school"] else None for row in found],
        # another school than the one typed says something too; no school at all says nothing
        "n_uai_precedent": ["-" if row["same_school"] is False else None for row in found],
    }
    for name, values in compared.items():
        place = folded.schema.get_field_index(name)
        kind = folded.schema.field(name)
        folded = folded.set_column(place, kind, pa.array(values, kind.type))
    return folded


def _as_typed(same: bool | None, value: Any, other: Any) -> Any:
    return None if same is None or value is None else value if same else other


def _own_cases(actor: Actor, persons: list[UUID]) -> dict[UUID, UUID]:
    visible = Case.objects.visible_to(actor).open().filter(person__in=persons)
    return dict(visible.values_list("person_id", "pk"))


def _told(row: dict[str, Any], one: lookup.Likely, own: dict[UUID, UUID], actor: Actor) -> Followed:
    return Followed(
        person=row["person"],
        holder=row["holder"],
        holder_name=row["holder_name"],
        holder_kind=Kind(row["holder_kind"]).label,
        holder_phone=row["holder_phone"],
        since=row["since"],
        lane=row["lane"],
        weight=one.weight,
        alike=alike(one.pattern),
        case=own.get(row["person"]),
        mine=row["holder"] in actor.structure_ids,
    )


_FIELDS = {
    "nom_famille": "nom",
    "prenom": "prénom",
    "date_naissance": "date de naissance",
    "adresse": "commune",
    "telephone": "téléphone",
    "uai_precedent": "établissement quitté",
}


def alike(pattern: int) -> str:
    """« même nom, même date de naissance, prénom proche »."""
    found = evidence.fields_by_meaning(pattern)
    said = [f"même {_FIELDS[f]}" for f in found["agree"] if f in _FIELDS]
    said += [f"{_FIELDS[f]} proche" for f in found["close"] if f in _FIELDS]
    return ", ".join(said)


__all__ = ["Enrolled", "Followed", "Found", "Sought", "TooMany", "find", "may_report"]
