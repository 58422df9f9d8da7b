"""What may leave for whom: nothing without a dated agreement and a dated designation.

ESPADON stopped for want of it. Between services of the Éducation nationale nothing is asked: the
agreement is the law's (L.313-7) and the académie answers for them.
"""

from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from raccord.privacy.models import Agreement, Designation
from raccord.territory.kinds import Kind
from raccord.territory.models import Structure

#: The académie's own, and the schools, public or under contract, that report to it.
OF_EDUCATION = frozenset(
    {
        Kind.COLLEGE,
        Kind.LYCEE,
        Kind.LYCEE_PRO,
        Kind.EREA,
        Kind.ECOLE,
        Kind.SEP,
        Kind.SEGPA,
        Kind.CIO,
        Kind.MLDS,
        Kind.PSAD,
        Kind.GRETA,
        Kind.RECTORAT,
        Kind.DSDEN,
        Kind.DRAIO,
    }
)

#: Apprenticeship inside a school of the ministry is the school's own.
WITHIN_A_SCHOOL = frozenset({Kind.CFA, Kind.UFA})

#: L.313-7 names the mayor: an agreement (the signed note), no designation by the prefect.
NAMED_BY_LAW = frozenset({Kind.MAIRIE})


def needs_agreement(structure: Structure) -> bool:
    """Whether something leaves the Éducation nationale when it leaves for this structure."""
    if structure.kind in OF_EDUCATION:
        return False
    if structure.kind in WITHIN_A_SCHOOL and structure.house is not None:
        return structure.house.kind not in OF_EDUCATION
    return True


def may_receive(
    structure: Structure, on: date | None = None, *, departement: str | None = None
) -> str | None:
    """Why nothing may leave for this structure on this day; None when something may.

    `departement` is where the young person lives: a designation may hold for one only.
    """
    return barred([structure], on, departement=departement).get(structure.pk)


def barred(
    structures: Iterable[Structure], on: date | None = None, *, departement: str | None = None
) -> dict[int, str]:
    """The same for many, in two queries: the reason of each one that may not receive."""
    on = on or timezone.localdate()
    asked = {s.pk: s for s in structures if needs_agreement(s)}
    if not asked:
        return {}
    agreements = Agreement.objects.in_force(on).filter(structure__in=asked)
    agreed = set(agreements.values_list("structure_id", flat=True))
    designated: dict[int, set[str | None]] = {}
    for structure_id, area in (
        Designation.objects.in_force(on)
        .filter(structure__in=asked)
        .values_list("structure_id", "departement_id")
    ):
        designated.setdefault(structure_id, set()).add(area)
    found = {
        pk: _reason(s, pk in agreed, designated.get(pk, set()), departement)
        for pk, s in asked.items()
    }
    return {pk: reason for pk, reason in found.items() if reason}


def _reason(
    structure: Structure, agreed: bool, areas: set[str | None], departement: str | None
) -> str:
    missing = [] if agreed else ["aucun accord en cours"]
    if structure.kind not in NAMED_BY_LAW:
        if not areas:
            missing.append("aucune désignation par le préfet en cours")
        elif departement is not None and not areas & {None, departement}:
            missing.append(f"aucune désignation pour le département {departement}")
    if not missing:
        return ""
    return (
        f"Rien ne peut partir vers « {structure.name} » : {' et '.join(missing)} dans Raccord. "
        "Demandez à l’administrateur du territoire de les saisir dans « Partenaires »."
    )
