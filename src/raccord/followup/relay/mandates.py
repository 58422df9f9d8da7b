"""What each kind of structure may be asked, and whom: its mandate.

Sources: code de l'éducation L.313-7, L.114-1, D.313-59; circulaire 2011-028 (PSAD); the Région and
the DRAAF receive figures, no names (minimisation); nobody but the school, the DASEN and the mayor
follows those under 16 (L.131-1).
"""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from raccord.followup.models.cases import Case
from raccord.followup.vocabulary import Lane
from raccord.territory.kinds import SCHOOLS, Kind
from raccord.territory.models import Structure


@dataclass(frozen=True)
class MandateOfKind:
    """What structures of a kind do with a case."""

    #: May carry a case.
    holds: bool = True
    youngest: int = 16
    #: Full years: missions locales follow until the 26th birthday.
    oldest: int = 25
    #: Only those who left with a diploma or from a terminal class.
    graduates_only: bool = False
    #: May recommend, and mandate others.
    recommends: bool = False
    #: Interviews, proposals, solutions.
    cares: bool = True


_PARTNER = MandateOfKind()
_SCHOOL = MandateOfKind()
_NONE = MandateOfKind(holds=False, cares=False)

MANDATES: dict[Kind, MandateOfKind] = {
    Kind.CIO: MandateOfKind(recommends=True),
    Kind.MLDS: MandateOfKind(),
    Kind.PSAD: MandateOfKind(recommends=True),
    Kind.MISSION_LOCALE: MandateOfKind(recommends=True),
    Kind.EMPLOYMENT_PLATFORM: MandateOfKind(graduates_only=True),
    Kind.FRANCE_TRAVAIL: MandateOfKind(),
    Kind.INFO_JEUNES: MandateOfKind(holds=False),
    Kind.E2C: _PARTNER,
    Kind.EPIDE: MandateOfKind(youngest=17),
    Kind.RSMA: MandateOfKind(youngest=18),
    Kind.GRETA: _PARTNER,
    Kind.SERVICE_CIVIQUE: _PARTNER,
    Kind.INSERTION: _PARTNER,
}

#: Lanes of those who left with a diploma, or may have.
_GRADUATES = frozenset({Lane.GRADUATE, Lane.YOUNG_GRADUATE, Lane.DIPLOMA_UNKNOWN})


def mandate_of(kind: str) -> MandateOfKind:
    """The mandate of a kind: schools take back their own, services without one receive nothing."""
    found = Kind(kind)
    if found in SCHOOLS:
        return _SCHOOL
    return MANDATES.get(found, _NONE)


def outside_mandate(
    structure: Structure, case: Case, on: date | None = None, *, carries: bool = True
) -> str:
    """Why this structure may not be handed this case (or, without `carries`, join those who
    follow it), in a sentence; empty when it may."""
    mandate = mandate_of(structure.kind)
    label = Kind(structure.kind).label
    if not (mandate.holds if carries else mandate.cares):
        return f"« {structure.name} » ({label}) ne suit pas de jeune en son nom."
    if structure.is_practice != case.person.training:
        return "Un jeune inventé ne se confie qu’à une structure d’entraînement."
    if structure.closed_on and structure.closed_on <= (on or timezone.localdate()):
        return f"« {structure.name} » a fermé le {structure.closed_on:%d/%m/%Y}."
    if case.lane == Lane.UNDER_16:
        return "Avant 16 ans, l’obligation d’instruction s’applique : saisissez la DSDEN."
    age = case.person.age(on)
    if age is not None and not mandate.youngest <= age <= mandate.oldest:
        return (
            f"« {structure.name} » ({label}) suit les jeunes de {mandate.youngest} à "
            f"{mandate.oldest} ans."
        )
    if mandate.graduates_only and case.lane not in _GRADUATES:
        return f"« {structure.name} » ({label}) suit ceux qui sortent d’une classe terminale."
    return ""
