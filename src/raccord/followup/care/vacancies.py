"""Vacant places: who says them, how long they are believed, and where the nearest ones are.

A structure says its own. The Région, the DRAIO and the rectorat say those of their académie, the
DRAAF those of the agricultural courses, a CIO those of its département: they are told by telephone
of places that nobody enters. Whoever may enter a place may confirm or withdraw it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.accounts.models import Membership
from raccord.accounts.roles import OF_STRUCTURE, Role
from raccord.followup.care.models import Proposal, Vacancy
from raccord.followup.care.vocabulary import SolutionKind
from raccord.followup.forbidden_matters import validate_note
from raccord.followup.models import Case
from raccord.followup.services.acting import Refused
from raccord.territory.geography import box_around
from raccord.territory.kinds import SCHOOLS, Kind
from raccord.territory.models import PRACTICE, Structure

#: Believed without a question for so long; then shown as to be confirmed.
FRESH_DAYS = 30
#: Shown in a search at most.
SHOWN = 40

#: Those that have somebody sit down somewhere.
HOSTS = SCHOOLS | {
    Kind.MLDS,
    Kind.MISSION_LOCALE,
    Kind.EMPLOYMENT_PLATFORM,
    Kind.E2C,
    Kind.EPIDE,
    Kind.RSMA,
    Kind.GRETA,
    Kind.SERVICE_CIVIQUE,
    Kind.INSERTION,
}
_AGRICULTURE = frozenset({Kind.LYCEE_AGRICOLE, Kind.MFR, Kind.CFA, Kind.UFA})
#: Who speaks for the structures of a whole académie.
_OF_ACADEMIE = frozenset({Kind.REGION, Kind.DRAIO, Kind.RECTORAT, Kind.DRAAF})

#: What a place is, when a file does not say it.
_KIND_AT: dict[str, SolutionKind] = {
    Kind.CFA: SolutionKind.CFA,
    Kind.UFA: SolutionKind.CFA,
    Kind.LYCEE_AGRICOLE: SolutionKind.AGRICULTURE,
    Kind.MFR: SolutionKind.AGRICULTURE,
    Kind.MLDS: SolutionKind.MLDS_ACTION,
    Kind.MISSION_LOCALE: SolutionKind.MISSION_LOCALE,
    Kind.EMPLOYMENT_PLATFORM: SolutionKind.EMPLOYMENT_PLATFORM,
    Kind.E2C: SolutionKind.E2C,
    Kind.EPIDE: SolutionKind.EPIDE,
    Kind.RSMA: SolutionKind.RSMA,
    Kind.GRETA: SolutionKind.TRAINING,
    Kind.SERVICE_CIVIQUE: SolutionKind.CIVIC_SERVICE,
    Kind.INSERTION: SolutionKind.OTHER_PARTNER,
}


def kind_at(structure: Structure) -> SolutionKind:
    """What a place there is, unless it is said otherwise."""
    return _KIND_AT.get(structure.kind, SolutionKind.RETURN)


# --- who says them --------------------------------------------------------------------------------


def may_enter(actor: Actor | None) -> bool:
    """Whether this person says places at all; no query."""
    if actor is None or actor.training:
        return False
    return any(speaks_for(membership) for membership in actor.memberships)


def may_read(actor: Actor | None) -> bool:
    """Whether this person reads the places of a territory, or says some; no query."""
    if actor is None or actor.training:
        return False
    return any(_scope(m) is not None or _read_scope(m) is not None for m in actor.memberships)


def speaks_for(membership: Membership) -> bool:
    """Whether this membership says places."""
    return _scope(membership) is not None


def entered_by(actor: Actor) -> Q:
    """Of structures: those whose places this person says."""
    if actor.training:
        return Q(pk__in=[])
    found = Q(pk__in=[])
    for membership in actor.memberships:
        if (scope := _scope(membership)) is not None:
            found |= scope
    return found


def read_by(actor: Actor) -> Q:
    """Of structures: those whose places this person says, or reads."""
    found = entered_by(actor)
    for membership in () if actor.training else actor.memberships:
        if (scope := _read_scope(membership)) is not None:
            found |= scope
    return found


def _read_scope(membership: Membership) -> Q | None:
    """Who steers reads the places of an académie, and says none."""
    of = membership.structure
    if membership.role != Role.STEERING or of.kind not in _OF_ACADEMIE or not of.academie_id:
        return None
    kinds = _AGRICULTURE if of.kind == Kind.DRAAF else HOSTS
    return Q(academie=of.academie_id, kind__in=kinds)


def _scope(membership: Membership) -> Q | None:
    of, role = membership.structure, membership.role
    if of.kind in _OF_ACADEMIE and role == Role.TERRITORY_ADMIN and of.academie_id:
        kinds = _AGRICULTURE if of.kind == Kind.DRAAF else HOSTS
        return Q(academie=of.academie_id, kind__in=kinds)
    if of.kind == Kind.CIO and role in (Role.LEAD, Role.AGENT) and of.departement_id:
        return Q(departement=of.departement_id, kind__in=HOSTS)
    if of.kind in HOSTS and role in OF_STRUCTURE:
        return Q(pk=of.pk)
    return None


def of_actor(actor: Actor, words: str = "") -> list[Vacancy]:
    """The places this person says or reads, the oldest confirmation first: what is to be
    confirmed."""
    structures = Structure.objects.open().filter(read_by(actor))
    found = Vacancy.objects.filter(structure__in=structures, withdrawn_on=None)
    for word in words.split():
        found = found.filter(
            Q(course__icontains=word)
            | Q(stream__icontains=word)
            | Q(structure__name__icontains=word)
        )
    ordered = found.select_related("structure").order_by("confirmed_on", "structure__name", "pk")
    return list(ordered[:200])


@dataclass(frozen=True)
class Counted:
    """Courses with a vacant place, and those of them that nobody confirmed for a month."""

    courses: int
    stale: int


def counted(actor: Actor) -> Counted:
    """How many places this person says or reads; one query."""
    structures = Structure.objects.open().filter(read_by(actor))
    old = Q(confirmed_on__lt=stale_since(timezone.localdate()))
    found = Vacancy.objects.filter(
        structure__in=structures, withdrawn_on=None, places__gt=0
    ).aggregate(courses=Count("pk"), stale=Count("pk", filter=old))
    return Counted(**found)


# --- saying them ----------------------------------------------------------------------------------


def enter(
    actor: Actor,
    *,
    structure: Structure,
    kind: str,
    course: str,
    level: int = 0,
    stream: str = "",
    places: int = 1,
    starts_on: date | None = None,
) -> Vacancy:
    """A place is free, as of today."""
    academie = _academie(actor, structure)
    validate_note(course)
    if not 1 <= places <= 500:
        raise ValidationError({"places": f"« {places} » : entre 1 et 500 places."})
    return Vacancy.objects.create(
        academie_id=academie,
        structure=structure,
        commune=structure.commune,
        kind=SolutionKind(kind),
        course=" ".join(course.split()),
        level=level,
        stream=" ".join(stream.split()),
        places=places,
        starts_on=starts_on,
        confirmed_on=timezone.localdate(),
        entered_by=actor.user,
    )


def confirm(actor: Actor, *, vacancy: UUID) -> Vacancy:
    """« Toujours exact »: believed for thirty days more."""
    with transaction.atomic():
        found = _theirs(actor, vacancy)
        found.confirmed_on, found.withdrawn_on = timezone.localdate(), None
        found.entered_by = actor.user
        found.save(update_fields=["confirmed_on", "withdrawn_on", "entered_by"])
    return found


def withdraw(actor: Actor, *, vacancy: UUID) -> Vacancy:
    """Taken, or no longer offered; `confirm` brings it back."""
    with transaction.atomic():
        found = _theirs(actor, vacancy)
        found.withdrawn_on = timezone.localdate()
        found.save(update_fields=["withdrawn_on"])
    return found


def seat_of(case: Case, proposal: Proposal, at: Structure | None = None) -> Vacancy | None:
    """The vacant place that a solution takes as it starts, `at` the structure where it does when
    that is not the one proposed. Locked until the act is written, the case being locked already;
    None when no place was meant, or none is left."""
    where = at.pk if at else proposal.structure_id
    if proposal.vacancy_id is None or case.person.training:
        return None
    seats = Vacancy.objects.select_for_update().filter(pk=proposal.vacancy_id, places__gt=0)
    return seats.filter(structure=where).first()


def take(seat: Vacancy) -> None:
    """One seat fewer; at none, the place is found no more."""
    Vacancy.objects.filter(pk=seat.pk, places__gt=0).update(places=F("places") - 1)


def give_back(vacancy: str) -> None:
    """The start was taken back: its seat is free again, if the place still exists."""
    Vacancy.objects.filter(pk=vacancy).update(places=F("places") + 1)


def _theirs(actor: Actor, vacancy: UUID) -> Vacancy:
    """A place that this person says; any other answers like what does not exist."""
    structures = Structure.objects.filter(entered_by(actor))
    found: Vacancy = (
        Vacancy.objects.select_for_update(of=("self",))
        .select_related("structure")
        .get(pk=vacancy, structure__in=structures)
    )
    return found


def _academie(actor: Actor, structure: Structure) -> str:
    """Of a structure whose places this person says."""
    if not Structure.objects.open().filter(entered_by(actor), pk=structure.pk).exists():
        raise Refused(f"Les places de « {structure.name} » ne se saisissent pas d’ici.")
    if structure.academie_id is None:
        raise Refused(f"« {structure.name} » n’est d’aucune académie : complétez l’annuaire.")
    return structure.academie_id


# --- finding them ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """A place, how far, and how true."""

    pk: UUID
    course: str
    kind: str
    level: int
    stream: str
    places: int
    starts_on: date | None
    confirmed_on: date
    structure: str
    commune: str
    phone: str
    km: float | None
    fresh: bool

    @property
    def kind_label(self) -> str:
        """In words."""
        return SolutionKind(self.kind).label

    @property
    def distance(self) -> str:
        """« 12 km »; empty when it is not known."""
        return "" if self.km is None else f"{round(self.km)}\u00a0km"


def near(
    case: Case, *, level: int = 0, words: str = "", kind: str = "", km: int = 50
) -> list[Found]:
    """Vacant places for this young person: the fresh ones first, then the nearest, from the commune
    of residence; where it is not known, those of the académie; for an invented young person, those
    of the same practice. One query.

    Reads `case.person.details.commune`, and nothing of the person goes anywhere.
    """
    details = getattr(case.person, "details", None)
    home = details.commune if details else None
    point = (home.latitude, home.longitude) if home and home.latitude is not None else None
    values: dict[str, Any] = {
        "today": timezone.localdate(),
        "fresh": FRESH_DAYS,
        "academie": case.academie_id,
        "holder": case.holder_id,
        "practice": PRACTICE,
        "shown": SHOWN,
        "level": level,
        "kind": kind,
        "km": km,
    }
    where = _AROUND if point else "v.academie_id = %(academie)s"
    if point:
        (south, west), (north, east) = box_around(point, km)
        values |= {"latitude": point[0], "longitude": point[1]}
        values |= {"south": south, "west": west, "north": north, "east": east}
    where += f" AND {_OF_PRACTICE if case.person.training else _OF_REALITY}"
    for rank, word in enumerate(words.split()[:5]):
        values[f"word{rank}"] = f"%{word.lower().translate(_PLAIN)}%"
        where += f" AND {_TEXT} LIKE %(word{rank})s"
    statement = _NEAR.format(km=_KM if point else "NULL::float", where=where)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(_found(cursor))


def _found(cursor: Any) -> Iterator[Found]:
    for row in cursor.fetchall():
        yield Found(*row)


_ACCENTS, _LETTERS = "àâäéèêëîïôöùûüç", "aaaeeeeiioouuuc"
_PLAIN = str.maketrans(_ACCENTS, _LETTERS)
_TEXT = f"translate(lower(v.course || ' ' || v.stream), '{_ACCENTS}', '{_LETTERS}')"
_KM = """2 * 6371.0088 * asin(sqrt(least(1,
    sin(radians(p.lat - %(latitude)s) / 2) ^ 2 + cos(radians(p.lat))
    * cos(radians(%(latitude)s)) * sin(radians(p.lon - %(longitude)s) / 2) ^ 2)))"""
_AROUND = f"""p.lat BETWEEN %(south)s AND %(north)s AND p.lon BETWEEN %(west)s AND %(east)s
    AND {_KM} <= %(km)s"""
_OF_REALITY = "s.source <> %(practice)s"
_OF_PRACTICE = """s.source = %(practice)s AND s.source_reference = (
    SELECT source_reference FROM territory_structure WHERE id = %(holder)s)"""
_NEAR = """SELECT v.id, v.course, v.kind, v.level, v.stream, v.places, v.starts_on, v.confirmed_on,
        s.name, COALESCE(vc.name, sc.name, ''), s.phone, {km} AS km,
        v.confirmed_on >= %(today)s::date - %(fresh)s AS fresh
    FROM followup_vacancy v
    JOIN territory_structure s ON s.id = v.structure_id
        AND (s.closed_on IS NULL OR s.closed_on > %(today)s)
    LEFT JOIN territory_commune vc ON vc.insee = v.commune_id
    LEFT JOIN territory_commune sc ON sc.insee = s.commune_id
    CROSS JOIN LATERAL (SELECT COALESCE(s.latitude, vc.latitude, sc.latitude) AS lat,
        COALESCE(s.longitude, vc.longitude, sc.longitude) AS lon) p
    WHERE v.withdrawn_on IS NULL AND v.places > 0
        AND (v.starts_on IS NULL OR v.starts_on >= %(today)s::date - 60)
        AND (%(level)s = 0 OR v.level = %(level)s) AND (%(kind)s = '' OR v.kind = %(kind)s)
        AND {where}
    ORDER BY fresh DESC, km NULLS LAST, v.course, v.id LIMIT %(shown)s"""


def stale_since(today: date) -> date:
    """A place confirmed before that day is to be confirmed."""
    return today - timedelta(days=FRESH_DAYS)
