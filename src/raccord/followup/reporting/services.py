"""Reporting a young person: join the case that exists, or open one.

Whoever reports is a party « reporter »: told who follows and how it ends, and no more.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from raccord.accounts.actors import Actor
from raccord.followup.forbidden_matters import validate_note
from raccord.followup.freshness import campaign_year
from raccord.followup.identifiers import new_id
from raccord.followup.models import (
    Case,
    ContactDetails,
    Departure,
    Person,
    Question,
    Report,
    TimelineEvent,
)
from raccord.followup.notifications.services import NotificationKind, notify
from raccord.followup.relay.mandates import outside_mandate
from raccord.followup.relay.routing import cio_of
from raccord.followup.reporting.models import HowMet
from raccord.followup.reporting.seeking import follows_under_16, reporting_structures
from raccord.followup.search import searchable
from raccord.followup.services.acting import Refused
from raccord.followup.services.declaring import OLDEST, SAID, lane_of
from raccord.followup.vocabulary import DepartureOrigin, EventKind, Lane, PartyKind
from raccord.territory.models import Commune, Structure


@dataclass(frozen=True)
class Described:
    """Who is reported, as typed."""

    last_name: str
    first_name: str
    birth_date: date
    sex: str = ""
    commune: Commune | None = None
    phone: str = ""
    last_school: Structure | None = None


def check_age(structure: Structure, birth_date: date) -> None:
    """Refuse who is too old to be followed, and under 16s to whoever the law keeps apart."""
    age = Person(birth_date=birth_date).age()
    assert age is not None  # noqa: S101 - a birth date gives one
    if age < 3 or age > OLDEST:
        raise ValidationError(
            {
                "birth_date": f"Cette date donne {age} ans : un jeune suivi a {OLDEST} ans au "
                "plus. Vérifiez l’année."
            }
        )
    if age < 16 and not follows_under_16(structure):
        raise ValidationError(
            {
                "birth_date": "Ce jeune a moins de 16 ans : l’instruction est obligatoire (code de "
                "l’éducation, L. 131-1) et aucun partenaire ne le suit. Prévenez son établissement "
                "ou la DSDEN du département ; ne l’enregistrez pas ici."
            }
        )


def join(actor: Actor, *, structure: Structure, person: UUID, how: str, birth_date: date) -> UUID:
    """« C’est lui »: this structure has reported somebody who is followed already; the holder is
    told, and associates it if they wish. Returns the case, which does not open."""
    met = HowMet(how)
    _check_structure(actor, structure)
    check_age(structure, birth_date)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT case_id, holder FROM raccord_join_reported(%s, %s, %s)",
                [actor.user.pk, structure.pk, person],
            )
            row = cursor.fetchone()
        if row is None:
            raise Refused(
                "Ce dossier vient d’être clos ou réuni à un autre : cherchez de nouveau ce jeune."
            )
        case = Case(pk=row[0], holder_id=row[1], person=Person(training=actor.training))
        _tell(actor, case, structure, met, joined=True)
        if case.holder_id != structure.pk:
            notify(NotificationKind.REPORTED, case=case, structure=Structure(pk=case.holder_id))
    return case.pk


def open_case(
    actor: Actor, *, structure: Structure, described: Described, how: str
) -> tuple[Case, Structure]:
    """Nobody follows them: a case opens, held by this structure where its mandate lets it, else by
    the CIO of where they live. Returns the case and who holds it."""
    met = HowMet(how)
    _check_structure(actor, structure)
    check_age(structure, described.birth_date)
    person, details = _person(structure, described)
    case = _case(person, structure, described)
    case.holder = _holder(case, structure)
    kinds = {case.holder_id: [PartyKind.HOLDER]}
    kinds.setdefault(structure.pk, []).append(PartyKind.REPORTER)
    school = described.last_school
    if school is not None and school.is_practice != structure.is_practice:
        raise Refused(f"« {school.name} » n’est pas un établissement d’entraînement.")
    if school is not None:
        kinds.setdefault(school.pk, []).append(PartyKind.ORIGIN)
    with transaction.atomic():
        person.save(force_insert=True)
        details.save(force_insert=True)
        case.save(force_insert=True)
        _take_part(case, kinds)
        if school is not None:
            Departure(
                case=case,
                person=person,
                structure=school,
                school_year=case.school_year,
                source=SAID,
                origin=DepartureOrigin.REPORTED,
            ).save(force_insert=True)
        _tell(actor, case, structure, met, joined=False)
        if case.holder_id != structure.pk:
            notify(NotificationKind.REPORTED, case=case, structure=case.holder)
        if school is not None and school.pk not in (structure.pk, case.holder_id):
            notify(NotificationKind.REPORTED, case=case, structure=school)
    return case, case.holder


def ask(actor: Actor, *, case: UUID, text: str) -> None:
    """A question to whoever holds a case one reported, which stays closed to who asks."""
    validate_note(text)
    with transaction.atomic():
        reported = next((r for r in reports(actor, only=case)), None)
        if reported is None:
            raise Case.DoesNotExist
        if reported["closed_on"]:
            raise Refused("Ce dossier est clos : son issue est sur cette page.")
        structure = Structure(pk=_own_reporter(actor, case))
        of = Case(pk=case, person=Person(training=actor.training))
        question = new_id()
        Question(
            id=question, case=of, asker=structure, asked_by=actor.user, text=" ".join(text.split())
        ).save(force_insert=True)
        TimelineEvent(
            case=of,
            kind=EventKind.QUESTION,
            user=actor.user,
            author=str(actor.user),
            structure=structure,
            facts={"question": str(question)},
        ).save(force_insert=True)
        notify(NotificationKind.QUESTION, case=of, structure=Structure(pk=reported["holder"]))


def reports(actor: Actor, *, only: UUID | None = None) -> list[dict[str, Any]]:
    """What one's structures reported: who follows, since when, how it ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM raccord_reports(%s, %s)", [actor.user.pk, only])
        columns = [column.name for column in cursor.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]


# --- What they share ------------------------------------------------------------------------------


def _check_structure(actor: Actor, structure: Structure) -> None:
    if structure.pk not in {s.pk for s in reporting_structures(actor)}:
        raise Refused("Votre fonction dans cette structure ne permet pas de signaler un jeune.")


def _own_reporter(actor: Actor, case: UUID) -> int:
    own = [s.pk for s in reporting_structures(actor)]
    found: int = Report.objects.filter(case=case, structure__in=own).values_list(
        "structure_id", flat=True
    )[0]
    return found


def _person(structure: Structure, described: Described) -> tuple[Person, ContactDetails]:
    academie = structure.academie_id
    if structure.is_practice:  # of no académie: it imitates the registers of its user's
        academie = structure.source_reference.partition(":")[0]
    if described.commune and described.commune.departement.academie_id:
        academie = described.commune.departement.academie_id
    if not academie:
        raise Refused("Votre structure n’est rattachée à aucune académie : prévenez votre DSDEN.")
    last, first = (" ".join(n.split()) for n in (described.last_name, described.first_name))
    person = Person(
        academie_id=academie,
        last_name=last.upper(),  # as registers write it
        first_name=first,
        birth_date=described.birth_date,
        sex=described.sex,
        search_name=searchable(last, first),
        training=structure.is_practice,
    )
    details = ContactDetails(
        person=person, commune=described.commune, phone=described.phone.strip()
    )
    return person, details


def _case(person: Person, structure: Structure, described: Described) -> Case:
    commune, today = described.commune, timezone.localdate()
    return Case(
        id=new_id(),
        person=person,
        academie_id=person.academie_id,
        departement_id=commune.departement_id if commune else structure.departement_id,
        basin_id=commune.basin_id if commune else structure.basin_id,
        school_year=campaign_year(today),
        lane=lane_of(person.age(today) or 0),
        holder=structure,
        worked_on_at=timezone.now(),
    )


def _holder(case: Case, structure: Structure) -> Structure:
    if case.lane == Lane.UNDER_16 or not outside_mandate(structure, case):
        return structure
    found = cio_of(case)
    if found is None:
        raise Refused(
            f"{outside_mandate(structure, case)} Aucun CIO n’est connu pour cette commune : "
            "indiquez la commune où ce jeune habite, ou prévenez votre DSDEN."
        )
    return found


def _take_part(case: Case, kinds: dict[int, list[PartyKind]]) -> None:
    """In SQL and at once: until then the case is new, and row-level security lets its first
    parties be added (see `declaring.take_part`)."""
    pairs = [(structure, kind.value) for structure, found in kinds.items() for kind in found]
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO followup_party (case_id, structure_id, kind, since)
            SELECT %s, structure, kind, %s
            FROM unnest(%s::bigint[], %s::text[]) p (structure, kind)""",
            [case.pk, timezone.localdate(), [s for s, _ in pairs], [k for _, k in pairs]],
        )


def _tell(actor: Actor, case: Case, structure: Structure, how: HowMet, *, joined: bool) -> None:
    """The report and its line in the timeline."""
    Report(case=case, structure=structure, by=actor.user, how=how, joined=joined).save(
        force_insert=True
    )
    TimelineEvent(
        case=case,
        kind=EventKind.REPORTED,
        user=actor.user,
        author=str(actor.user),
        structure=structure,
        facts={"structure": structure.name, "how": how.value, "joined": joined},
    ).save(force_insert=True)


__all__ = ["Described", "ask", "check_age", "join", "open_case", "reports"]
