"""Writes of the room: dating agreements and designations."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from raccord.accounts.actors import Actor
from raccord.accounts.models import Membership
from raccord.accounts.roles import Role
from raccord.privacy.models import Agreement, Designation
from raccord.privacy.models.readings import academies
from raccord.privacy.partners import OF_EDUCATION, WITHIN_A_SCHOOL, needs_agreement
from raccord.territory.models import Academie, Departement, Structure


@transaction.atomic
def record_agreement(
    actor: Actor,
    *,
    structure: Structure,
    reference: str,
    signed_on: date,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Agreement:
    """Date an agreement signed with a partner. The day is the signature's."""
    made = Agreement(
        structure=structure,
        academie=_administered(actor, structure),
        reference=reference,
        signed_on=signed_on,
        starts_on=starts_on or signed_on,
        ends_on=ends_on,
        recorded_by=actor.user,
    )
    made.full_clean()
    made.save()
    return made


@transaction.atomic
def record_designation(
    actor: Actor,
    *,
    structure: Structure,
    reference: str,
    signed_on: date,
    starts_on: date | None = None,
    ends_on: date | None = None,
    membership: Membership | None = None,
    departement: Departement | None = None,
) -> Designation:
    """Date a designation by the prefect: of a structure, or of one of its people."""
    if membership is not None and membership.structure_id != structure.pk:
        raise ValidationError({"membership": "Cette personne n’est pas de ce partenaire."})
    made = Designation(
        structure=structure,
        academie=_administered(actor, structure),
        reference=reference,
        signed_on=signed_on,
        starts_on=starts_on or signed_on,
        ends_on=ends_on,
        membership=membership,
        departement=departement,
        recorded_by=actor.user,
    )
    made.full_clean()
    made.save()
    return made


@transaction.atomic
def end(actor: Actor, *, record: Agreement | Designation, ends_on: date) -> None:
    """Say when an agreement or a designation ends: nothing leaves any more on the next day."""
    _administered(actor, record.structure)
    if ends_on < record.starts_on:
        raise ValidationError(
            {
                "ends_on": f"La fin ({ends_on:%d/%m/%Y}) précède la prise d’effet "
                f"({record.starts_on:%d/%m/%Y}). Donnez une date postérieure."
            }
        )
    record.ends_on = ends_on
    record.save(update_fields=["ends_on"])


def administered(actor: Actor) -> Any:
    """The structures of the académies that somebody administers."""
    found = academies(actor, Role.TERRITORY_ADMIN)
    return Structure.objects.filter(academie__in=found).select_related("house")


def partners_of(actor: Actor, *, looked_for: str = "") -> Any:
    """Those that need an agreement: whose name, UAI or SIRET has what is looked for, or else those
    for whom something was dated."""
    found = administered(actor).exclude(kind__in=OF_EDUCATION)
    found = found.exclude(kind__in=WITHIN_A_SCHOOL, house__kind__in=OF_EDUCATION)
    if looked_for:
        found = found.filter(
            Q(name__icontains=looked_for) | Q(uai__iexact=looked_for) | Q(siret=looked_for)
        )
    else:
        found = found.filter(
            Exists(Agreement.objects.filter(structure=OuterRef("pk")))
            | Exists(Designation.objects.filter(structure=OuterRef("pk")))
        )
    return found.order_by("name", "id")


def _administered(actor: Actor, structure: Structure) -> Academie:
    if structure.academie is None or structure.academie_id not in academies(
        actor, Role.TERRITORY_ADMIN
    ):
        raise PermissionDenied
    if not needs_agreement(structure):
        raise ValidationError(
            f"« {structure.name} » est un service de l’Éducation nationale : rien à saisir."
        )
    return structure.academie
