"""Practising: a school of one's own, with invented young people, where every act works as it does.

The school is a structure of no territory (`PRACTICE`), open to one user by a membership that counts
only while they practise. The database keeps both worlds apart: `raccord_memberships` gives the real
memberships or the practice ones, never both.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.accounts.models import Membership, User
from raccord.accounts.roles import Role
from raccord.followup.freshness import campaign_year
from raccord.followup.identifiers import new_id
from raccord.followup.invented import CAST, DAYS, PLACES, UNANSWERED, Invented
from raccord.followup.models import (
    Candidate,
    Case,
    ContactAttempt,
    ContactDetails,
    Departure,
    Destination,
    LegalRepresentative,
    Party,
    Person,
    TimelineEvent,
    Vacancy,
)
from raccord.followup.search import searchable
from raccord.followup.services.acting import Refused
from raccord.followup.services.declaring import take_part
from raccord.followup.vocabulary import EventKind, Status
from raccord.territory.kinds import Kind
from raccord.territory.models import PRACTICE, Structure

NAME = "Lycée d’entraînement"
CIO_NAME = "CIO d’entraînement"
CFA_NAME = "CFA d’entraînement"
#: Without an act for so long, a practice is over: it is opened again in one click.
UNUSED = timedelta(days=30)
_AS_IN_REALITY = (Role.HEAD, Role.CORRESPONDENT, Role.SECRETARIAT)


def practice_of(user: User) -> Structure | None:
    """The practice school of somebody, if they opened one."""
    return Structure.objects.filter(source=PRACTICE, memberships__user=user).order_by("pk").first()


def academie_of(school: Structure) -> str | None:
    """A practice school is of no académie; it remembers whose registers it imitates."""
    return school.source_reference.partition(":")[0] if school.is_practice else school.academie_id


def open_practice(actor: Actor) -> Structure:
    """The practice school of this user, made and filled the first time."""
    if not actor.sees_names:
        raise Refused("L’entraînement est ouvert à ceux qui suivent des jeunes.")
    found = practice_of(actor.user)
    if found is not None:
        return found
    academie = _academie(actor)
    if academie is None:
        raise Refused("Votre structure n’est rattachée à aucune académie : prévenez votre DSDEN.")
    with transaction.atomic(), _practising():
        school = Structure.objects.create(
            kind=Kind.LYCEE_PRO,
            name=NAME,
            source=PRACTICE,
            source_reference=f"{academie}:{actor.user.pk}",
            phone="02 61 91 00 00",
        )
        Membership.objects.create(
            user=actor.user, structure=school, role=_role(actor), granted_by=actor.user
        )
        _fill(school, academie)
        practice_cio(school)
    return school


def practice_cio(school: Structure) -> Structure:
    """Who a relay goes to while practising: a CIO that nobody works in, and that accepts at once.
    Made the first time it is wanted."""
    found: Structure | None = Structure.objects.filter(
        source=PRACTICE, kind=Kind.CIO, source_reference=school.source_reference
    ).first()
    return found or Structure.objects.create(
        kind=Kind.CIO,
        name=CIO_NAME,
        source=PRACTICE,
        source_reference=school.source_reference,
        phone="02 61 91 00 01",
    )


def start_again(actor: Actor) -> Structure:
    """« Repartir de zéro »: the same young people, as on the first day."""
    school = practice_of(actor.user)
    if school is None:
        return open_practice(actor)
    with transaction.atomic(), _practising():
        _do("raccord_empty_practice", actor.user)
        _fill(school, academie_of(school) or "")
    return school


def leave(actor: Actor) -> None:
    """« Quitter l’entraînement »: nothing of it remains."""
    with transaction.atomic():
        _do("raccord_leave_practice", actor.user)


def clear_abandoned(now: datetime | None = None) -> int:
    """Remove the practice schools where nobody did anything for a month, or that nobody has any
    more. Under the owner of the database. How many."""
    since = (now or timezone.now()) - UNUSED
    there = {"structure": OuterRef("pk")}
    opened = Membership.objects.filter(**there, created_at__gte=since)
    filled = Party.objects.filter(**there, case__person__created_at__gte=since)
    acted = TimelineEvent.objects.filter(
        case__parties__structure=OuterRef("pk"), user__isnull=False, at__gte=since
    )
    unused = Structure.objects.filter(
        ~Exists(opened), ~Exists(filled), ~Exists(acted), source=PRACTICE
    ).filter(kind=Kind.LYCEE_PRO)  # its CIO and its CFA go with a school
    with transaction.atomic(), connection.cursor() as cursor:
        schools = list(unused.values_list("pk", flat=True))
        cursor.execute("SELECT raccord_remove_practices(raccord_practice_houses(%s))", [schools])
    return len(schools)


def _do(function: str, user: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [user.pk])


@contextmanager
def _practising() -> Iterator[None]:
    """What is written here is seen under the rights of the practice."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('raccord.training', true)")
        former = cursor.fetchone()[0] or ""
        cursor.execute("SELECT set_config('raccord.training', 'on', true)")
        yield
        cursor.execute("SELECT set_config('raccord.training', %s, true)", [former])


def _academie(actor: Actor) -> str | None:
    for structure in actor.structures:
        found = structure.academie_id
        if found is None and structure.departement:
            found = structure.departement.academie_id
        if found:
            return found
    return None


def _role(actor: Actor) -> Role:
    """The role they have in their school; elsewhere they practise as its head."""
    return next((role for role in _AS_IN_REALITY if actor.has(role)), Role.HEAD)


# --- The invented young people -------------------------------------------------------------------


def _places(school: Structure, academie: str) -> None:
    """Vacant places of an invented CFA, so that the search finds some."""
    practice = {"source": PRACTICE, "source_reference": school.source_reference}
    cfa, _ = Structure.objects.get_or_create(
        kind=Kind.CFA, **practice, defaults={"name": CFA_NAME, "phone": "02 61 91 00 02"}
    )
    Vacancy.objects.filter(structure=cfa).delete()
    Vacancy.objects.bulk_create(
        Vacancy(structure=cfa, academie_id=academie, **place) for place in PLACES
    )


def _fill(school: Structure, academie: str) -> None:
    """In the order that row-level security wants: who, then the case, then who takes part."""
    today = timezone.localdate()
    _places(school, academie)
    pairs = [(one, _person(one, academie, today)) for one in CAST]
    Person.objects.bulk_create(person for _, person in pairs)
    ContactDetails.objects.bulk_create(_details(one, person) for one, person in pairs)
    LegalRepresentative.objects.bulk_create(_parent(one, person) for one, person in pairs)
    cases = [_case(one, person, school, today) for one, person in pairs]
    Case.objects.bulk_create(cases)
    for case in cases:
        take_part(case, school, since=case.opened_on)
    made = list(zip(CAST, cases, strict=True))
    departures = {case.pk: _departure(one, case, school) for one, case in made}
    Departure.objects.bulk_create(departures.values())
    Candidate.objects.bulk_create(
        _candidate(one, departures[case.pk], today) for one, case in made if one.candidate
    )
    Destination.objects.bulk_create(
        Destination(
            case=case,
            source="siecle",
            place=one.place,
            seen_on=case.closed_on or today,
            matched_by="ine",
        )
        for one, case in made
        if one.place
    )
    _tell(made, school, today)


def _person(one: Invented, academie: str, today: date) -> Person:
    return Person(
        id=new_id(),
        academie_id=academie,
        last_name=one.last_name,
        first_name=one.first_name,
        birth_date=one.born(today),
        sex=one.sex,
        search_name=searchable(one.last_name, one.first_name),
        training=True,
    )


def _details(one: Invented, person: Person) -> ContactDetails:
    return ContactDetails(
        person=person,
        address="12 rue de l’Exemple",
        postcode="44000",
        phone=one.phone,
        email=f"{searchable(one.first_name).lower()}@exemple.test",
    )


def _parent(one: Invented, person: Person) -> LegalRepresentative:
    phone = one.phone and one.phone[:-2] + "01"
    return LegalRepresentative(person=person, name=f"{one.last_name} Dominique", phone=phone)


def _case(one: Invented, person: Person, school: Structure, today: date) -> Case:
    left_on = today - timedelta(days=one.gone)
    values: dict[str, Any] = {
        name: today + timedelta(days=value) if name in DAYS else value
        for name, value in one.case.items()
    }
    worked = one.calls or values.get("status", Status.TO_CHECK) not in (
        Status.TO_CHECK,
        Status.TO_CONFIRM,
    )
    return Case(
        id=new_id(),
        person=person,
        academie_id=person.academie_id,
        school_year=campaign_year(today),
        lane=one.lane,
        holder=school,
        held_since=left_on,
        opened_on=left_on,
        left_on=left_on,
        worked_on_at=timezone.now() if worked else None,
        **values,
    )


def _departure(one: Invented, case: Case, school: Structure) -> Departure:
    return Departure(
        case=case,
        person=case.person,
        structure=school,
        school_year=case.school_year,
        source="siecle",
        local_id=f"E{case.pk.hex[-8:]}",
        level=one.level,
        course=one.level,
        left_on=case.left_on,
    )


def _candidate(one: Invented, departure: Departure, today: date) -> Candidate:
    first_name, days, agree, differ = one.candidate or ("", 0, (), ())
    alike = "nom_famille" in agree
    return Candidate(
        departure=departure,
        case=departure.case,
        rank=1,
        source="cfa",
        local_id=departure.local_id,
        last_name=one.last_name if alike else f"{one.last_name}-Roche",
        first_name=first_name,
        birth_date=one.born(today) + timedelta(days=days),
        probability=0.6,
        agree=list(agree),
        differ=list(differ),
    )


def _tell(made: list[tuple[Invented, Case]], school: Structure, today: date) -> None:
    events, attempts = [], []
    for one, case in made:
        events.append(_event(case, EventKind.OPENED, case.opened_on, school))
        for days in one.calls:
            on = today - timedelta(days=days)
            facts = UNANSWERED | {"on": on.isoformat()}
            call = _event(case, EventKind.CONTACT, on, school, facts)
            events.append(call)
            attempts.append(ContactAttempt(case=case, event=call, on=on, **UNANSWERED))
        if case.closed_on and one.place:
            events.append(_event(case, EventKind.FOUND, case.closed_on, school))
        elif case.closed_on:
            facts = {"outcome": case.outcome}
            if case.false_alarm:
                facts["which"] = case.false_alarm
            events.append(_event(case, EventKind.CLOSED, case.closed_on, school, facts))
        elif case.status == Status.TRANSMITTED:
            on = today - timedelta(days=9)
            events.append(_event(case, EventKind.TRANSMITTED, on, school))
    TimelineEvent.objects.bulk_create(events)
    ContactAttempt.objects.bulk_create(attempts)


def _event(
    case: Case, kind: EventKind, on: date, school: Structure, facts: dict[str, Any] | None = None
) -> TimelineEvent:
    machine = kind in (EventKind.OPENED, EventKind.FOUND)
    return TimelineEvent(
        case=case,
        at=timezone.make_aware(datetime.combine(on, time(10))),
        kind=kind,
        author="La comparaison" if machine else "Une collègue inventée",
        structure=None if machine else school,
        facts=facts or {},
    )
