"""A school adds a pupil from its own register: a real departure that the comparison cannot see."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.followup.forbidden_matters import class_label
from raccord.followup.freshness import campaign_year
from raccord.followup.identifiers import new_id
from raccord.followup.models import (
    Case,
    ContactDetails,
    Departure,
    LegalRepresentative,
    Person,
    TimelineEvent,
)
from raccord.followup.rights import may_declare
from raccord.followup.search import searchable
from raccord.followup.services.acting import Refused
from raccord.followup.vocabulary import DepartureOrigin, EventKind, Lane, LeavingReason, PartyKind
from raccord.territory.models import Structure


class AlreadyFollowed(Exception):
    """A case exists for this young person; it is shown instead of a second one."""

    def __init__(self, case: Case) -> None:
        super().__init__(
            "Un dossier est déjà ouvert pour ce jeune : le voici."
            if case.is_open
            else "Un dossier clos existe déjà pour cette sortie : le voici. Rouvrez-le si ce jeune "
            "ne vient plus."
        )
        self.case = case


#: Which enrolment of a school's register an identity is: (source, local number), or None.
Lookup = Callable[[Actor, Structure, str, str, date], tuple[str, str] | None]
_lookups: list[Lookup] = []
#: The source of a departure that no register tells.
SAID = "signalement"


def read_registers_with(lookup: Lookup) -> None:
    """Registers belong to the room above: it says here how they are asked."""
    _lookups[:] = [lookup]


#: Beyond this age nobody is followed (missions locales: under 26).
OLDEST = 25


def declare_departure(
    actor: Actor,
    *,
    school: Structure,
    last_name: str,
    first_name: str,
    birth_date: date,
    origin: str,
    left_on: date | None = None,
    level: str = "",
    sex: str = "",
    phone: str = "",
    representative_name: str = "",
    representative_phone: str = "",
) -> Case:
    """Open a case although the register still says enrolled. The machine asks before it closes
    one: somebody of the school knows better than a file."""
    ability = may_declare(actor, school.pk)
    if not ability:
        raise Refused(ability.refusal)
    academie = school.academie_id
    if school.is_practice:  # of no académie: it imitates the registers of its user's
        academie = school.source_reference.partition(":")[0]
    if not academie:
        raise Refused("Cet établissement n’est rattaché à aucune académie : prévenez votre DSDEN.")
    why = DepartureOrigin(origin)
    today = timezone.localdate()
    person = Person(
        academie_id=academie,
        last_name=" ".join(last_name.split()),
        first_name=" ".join(first_name.split()),
        birth_date=birth_date,
        sex=sex,
        search_name=searchable(last_name, first_name),
        training=school.is_practice,
    )
    _check_declaration(person, why, left_on, today)
    names = (person.last_name, person.first_name)
    asked = (lookup(actor, school, *names, birth_date) for lookup in _lookups)
    source, local_id = next((found for found in asked if found), (SAID, ""))
    with transaction.atomic():
        _check_not_followed(actor, person, school, source, local_id)
        person.save(force_insert=True)
        ContactDetails.objects.create(person=person, phone=phone.strip())
        if representative_name:
            LegalRepresentative.objects.create(
                person=person, name=representative_name.strip(), phone=representative_phone.strip()
            )
        case = _opened(actor, person, school, why, left_on or today)
        failed = why is DepartureOrigin.FAILED_EXAM
        departure = Departure(
            case=case,
            person=person,
            structure=school,
            school_year=case.school_year,
            level=class_label(level)[:60],
            left_on=case.left_on,
            origin=why,
            reason=LeavingReason.FAILED_EXAM if failed else "",
            source=source,
            local_id=local_id,
        )
        _keep(departure)
        return case


def _check_not_followed(
    actor: Actor, person: Person, school: Structure, source: str, local_id: str
) -> None:
    visible = Case.objects.visible_to(actor)
    same = {"person__search_name": person.search_name, "person__birth_date": person.birth_date}
    found = visible.open().filter(**same).order_by("pk").first()
    if found is None and local_id:
        found = visible.filter(
            departures__structure=school,
            departures__school_year=campaign_year(timezone.localdate()),
            departures__source=source,
            departures__local_id=local_id,
        ).first()
    if found:
        raise AlreadyFollowed(found)


def _keep(departure: Departure) -> None:
    """With the enrolment it is of, which nights then look for elsewhere; without it when a case
    that this school may not see has that enrolment already."""
    try:
        with transaction.atomic():
            departure.save(force_insert=True)
    except IntegrityError:
        departure.source, departure.local_id = SAID, ""
        departure.save(force_insert=True)


def take_part(case: Case, school: Structure, *, since: date | None = None) -> None:
    """The school left and holds: this is what makes the rest visible to row-level security.

    In SQL, since the ORM asks for the key back (RETURNING), which no policy lets it read yet.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO followup_party (case_id, structure_id, kind, since)
            SELECT %(case)s, %(school)s, unnest(%(kinds)s::text[]), %(today)s""",
            {
                "case": case.pk,
                "school": school.pk,
                "kinds": [PartyKind.ORIGIN.value, PartyKind.HOLDER.value],
                "today": since or timezone.localdate(),
            },
        )


def _check_declaration(
    person: Person, why: DepartureOrigin, left_on: date | None, today: date
) -> None:
    age = person.age(today)
    if why is DepartureOrigin.REGISTER:
        raise ValidationError({"origin": "Dites ce qui vous fait signaler ce jeune."})
    if age is None or age < 3 or age > OLDEST:
        raise ValidationError(
            {
                "birth_date": f"Cette date donne {age} ans : un jeune suivi a 25 ans au plus. "
                "Vérifiez l’année."
            }
        )
    announced = why is DepartureOrigin.ANNOUNCED
    if left_on and left_on > today and not announced:
        raise ValidationError(
            {"left_on": "Cette date est à venir : choisissez « annonce son départ »."}
        )


def lane_of(age: int) -> Lane:
    """The lane of somebody declared: no diploma is known of them."""
    if age < 16:
        return Lane.UNDER_16
    return Lane.OBLIGATION_16_17 if age < 18 else Lane.DROPOUT


def _opened(
    actor: Actor, person: Person, school: Structure, why: DepartureOrigin, left_on: date
) -> Case:
    now, today = timezone.now(), timezone.localdate()
    fields: dict[str, Any] = {
        "departement_id": school.departement_id,
        "basin_id": school.basin_id,
        "school_year": campaign_year(today),
        "lane": lane_of(person.age(today) or 0),
        "left_on": left_on,
        "worked_on_at": now,
    }
    case: Case = Case.objects.create(
        id=new_id(), person=person, academie=person.academie, holder=school, **fields
    )
    take_part(case, school)
    TimelineEvent.objects.create(
        case=case,
        kind=EventKind.DECLARED,
        user=actor.user,
        author=str(actor.user),
        structure=school,
        facts={"origin": why.value},
    )
    return case
