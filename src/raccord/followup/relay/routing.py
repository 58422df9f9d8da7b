"""To whom a case should go: by commune of residence, age, stage and mandate.

School basin, CIO district, mission locale area and PSAD differ: the area is the structure's own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

from django.db.models import QuerySet

from raccord.followup.models.cases import Case
from raccord.followup.relay.mandates import outside_mandate
from raccord.followup.vocabulary import Lane, Stage
from raccord.matching.wording import typeset
from raccord.privacy import partners
from raccord.territory.geography import distance_km
from raccord.territory.kinds import Kind
from raccord.territory.models import PRACTICE, AreaCommune, Commune, Structure

#: Whom to think of first, by where the young person stands. A graduate looks for work; somebody
#: without diploma is first received by a CIO, then followed by the MLDS or the mission locale.
_TO_WORK = (Kind.EMPLOYMENT_PLATFORM, Kind.MISSION_LOCALE, Kind.FRANCE_TRAVAIL, Kind.CIO)
_BY_STAGE: dict[str, tuple[Kind, ...]] = {
    Stage.SPOTTED: (Kind.CIO, Kind.MISSION_LOCALE, Kind.MLDS, Kind.PSAD),
    Stage.DIAGNOSIS: (Kind.MLDS, Kind.MISSION_LOCALE, Kind.PSAD, Kind.CIO),
    Stage.CARE: (Kind.MLDS, Kind.MISSION_LOCALE, Kind.CIO, Kind.E2C),
}
#: Beyond this distance, a structure that says nothing of its area is not proposed.
_FAR_KM = 80.0


@dataclass(frozen=True)
class Suggestion:
    """A structure, why it is proposed, and what stands in the way (empty: nothing)."""

    structure: Structure
    why: str
    barred: str = ""
    km: float | None = None
    #: How it would answer, when nobody has an account there (`linking.reach`).
    reach: str = ""


def kinds_for(case: Case) -> tuple[Kind, ...]:
    """The kinds to think of, the first one first; none for those under 16."""
    if case.lane == Lane.UNDER_16:
        return ()
    if case.lane == Lane.GRADUATE:
        return _TO_WORK
    return _BY_STAGE[case.stage]


def suggested(
    case: Case, kinds: Sequence[Kind] | None = None, *, carries: bool = True
) -> list[Suggestion]:
    """The nearest suitable structure of each kind, in order; five queries whatever the territory.

    Reads `case.person.details.commune`: of residence, else nothing but the département is known.
    """
    if case.person.training:
        return with_bars(
            case, [Suggestion(s, "CIO inventé, pour s’exercer") for s in _invented(case)]
        )
    wanted = list(kinds or kinds_for(case))
    commune = _residence(case)
    pool = list(
        Structure.objects.open()
        .filter(kind__in=wanted, academie=case.academie_id)
        .exclude(pk=case.holder_id)
        .select_related("commune", "departement", "house")
        .order_by("name", "pk")
    )
    serving = _serving(pool, commune)
    with_area = set(
        AreaCommune.objects.filter(structure__in=pool).values_list("structure_id", flat=True)
    )
    found = []
    for kind in wanted:
        ranked = sorted(
            (_ranked(s, case, commune, serving, with_area) for s in pool if s.kind == kind),
            key=lambda one: (one[0], one[1], one[2].pk),
        )
        if ranked:
            found.append(_told(*ranked[0], case, commune))
    return with_bars(case, found, carries=carries)


def _invented(case: Case) -> "QuerySet[Structure]":
    """The practice CIO of the practice school: invented young people meet no other structure."""
    house = {"source": PRACTICE, "source_reference": case.holder.source_reference}
    return Structure.objects.filter(kind=Kind.CIO, **house).exclude(pk=case.holder_id)


def with_bars(case: Case, found: Iterable[Suggestion], *, carries: bool = True) -> list[Suggestion]:
    """The same, saying of each what its mandate or the missing agreements forbid."""
    found = list(found)
    bars = partners.barred((s.structure for s in found), departement=case.departement_id)
    told = []
    for one in found:
        barred = outside_mandate(one.structure, case, carries=carries)
        barred = barred or bars.get(one.structure.pk, "")
        told.append(Suggestion(one.structure, one.why, typeset(barred), one.km))
    return told


def cio_of(case: Case) -> Structure | None:
    """The CIO of the commune of residence: who is offered what a school left untouched."""
    return next((s.structure for s in suggested(case, [Kind.CIO]) if not s.barred), None)


def group_of(case: Case) -> Structure | None:
    """The support group of the place."""
    return next((s.structure for s in suggested(case, [Kind.PSAD]) if not s.barred), None)


def _residence(case: Case) -> Commune | None:
    details = getattr(case.person, "details", None)
    return details.commune if details else None


def _serving(pool: Iterable[Structure], commune: Commune | None) -> set[int]:
    if commune is None:
        return set()
    found = AreaCommune.objects.filter(commune=commune, structure__in=list(pool))
    return set(found.values_list("structure_id", flat=True))


def _ranked(
    structure: Structure,
    case: Case,
    commune: Commune | None,
    serving: set[int],
    with_area: set[int],
) -> tuple[int, float, Structure]:
    """0: serves the commune; 1: says nothing of its area, and is near; 2: the same basin or
    département; 3: elsewhere."""
    km = _km(structure, commune)
    if structure.pk in serving:
        return 0, km, structure
    if structure.pk not in with_area and km <= _FAR_KM:
        return 1, km, structure
    if structure.basin_id and structure.basin_id == case.basin_id:
        return 2, km, structure
    if structure.departement_id and structure.departement_id == case.departement_id:
        return 2, km, structure
    return 3, km, structure


def _km(structure: Structure, commune: Commune | None) -> float:
    here = (commune.latitude, commune.longitude) if commune else (None, None)
    there = (structure.latitude, structure.longitude)
    if there == (None, None) and structure.commune:
        there = (structure.commune.latitude, structure.commune.longitude)
    if None in here or None in there:
        return inf
    return distance_km(here, there)  # type: ignore[arg-type]


def _told(
    rank: int, km: float, structure: Structure, case: Case, commune: Commune | None
) -> Suggestion:
    label = Kind(structure.kind).label
    distance = None if km == inf else km
    if rank == 0 and commune:
        return Suggestion(structure, f"{label} qui couvre {commune.name}", km=distance)
    if rank == 1 and commune:
        return Suggestion(
            structure, f"{label} le plus proche de {commune.name} ({round(km)} km)", km=distance
        )
    if rank == 2:
        return Suggestion(structure, f"{label} du même secteur", km=distance)
    return Suggestion(structure, f"{label} de l’académie", km=distance)
