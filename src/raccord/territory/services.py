"""Writing a directory into the table of structures: idempotent, and it says what changed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils import timezone

from raccord.territory import geography
from raccord.territory.directories import Reading, StructureRow
from raccord.territory.models import AreaCommune, Basin, Commune, Departement, Structure, Succession

#: What a directory may change of a structure it knows; an empty value never erases a known one.
_FIELDS = (
    "kind", "siret", "name", "sector", "address", "postcode", "commune_id", "departement_id",
    "academie_id", "basin_id", "latitude", "longitude", "phone", "email", "website", "opened_on",
    "closed_on",
)  # fmt: skip


@dataclass
class Report:
    """What the delivery of a directory changed, in structures."""

    added: list[Structure] = field(default_factory=list)
    changed: list[tuple[Structure, dict[str, tuple[Any, Any]]]] = field(default_factory=list)
    closed: list[Structure] = field(default_factory=list)
    same: int = 0
    #: Known from this source before, absent from this delivery: told, never deleted.
    absent: list[Structure] = field(default_factory=list)

    def sentence(self) -> str:
        """One line of French."""
        return (
            f"{len(self.added)} structures ajoutées, {len(self.changed)} modifiées, "
            f"{len(self.closed)} fermées, {self.same} inchangées"
            + (f", {len(self.absent)} absentes de cette livraison" if self.absent else "")
            + "."
        )


@transaction.atomic
def apply_directory(reading: Reading, *, on: date | None = None, new: bool = True) -> Report:
    """Add and refresh the structures of a directory.

    A structure is recognised by what its source calls it, else its UAI, else its SIRET with the
    same kind, else its name, kind and commune. The source that brought it rules; another one only
    fills its blanks. Nothing is ever deleted: a closure is a date, so that the past keeps its
    schools. With `new=False` (a patch of coordinates), unknown structures are left out.
    """
    on = on or timezone.localdate()
    report = Report()
    place = _Places(reading.rows)
    known = _Known()
    to_change: list[Structure] = []
    seen: set[int] = set()
    areas: list[tuple[Structure, Sequence[str]]] = []
    for row in reading.rows:
        values = place.values(row, on)
        found = known.find(reading.source, row, values)
        if found is None:
            if reading.is_patch or not new:
                continue
            found = Structure(
                uai=row.uai,
                source=reading.source,
                source_reference=row.reference[:255],
                source_date=row.source_date,
                name_normalised=geography.folded_name(values["name"]),
                **values,
            )
            report.added.append(found)
            known.add(found)
        else:
            if found.pk:
                seen.add(found.pk)
            if found.source != reading.source:
                values = {k: v for k, v in values.items() if getattr(found, k) in (None, "")}
            _change(found, values, report, to_change)
        if row.area:
            areas.append((found, row.area))
    Structure.objects.bulk_create(report.added, batch_size=2_000)
    Structure.objects.bulk_update(
        to_change, [*_FIELDS_OF_MODEL, "name_normalised"], batch_size=1_000
    )
    _set_areas(areas)
    _attach(reading.source, reading.rows, known)
    former = {s.pk for s in known.of_source(reading.source)} - seen - {s.pk for s in report.added}
    report.absent = [s for s in known.of_source(reading.source) if s.pk in former]
    return report


_FIELDS_OF_MODEL = [name.removesuffix("_id") for name in _FIELDS]


def _change(
    found: Structure, values: dict[str, Any], report: Report, to_change: list[Structure]
) -> None:
    differences = {
        name: (getattr(found, name), value)
        for name, value in values.items()
        if value not in (None, "") and getattr(found, name) != value
    }
    if not differences:
        report.same += 1
        return
    for name, (_, value) in differences.items():
        setattr(found, name, value)
    found.name_normalised = geography.folded_name(found.name)
    if not found.pk:
        return  # a second row of the same delivery completes the first
    to_change.append(found)
    if "closed_on" in differences and differences["closed_on"][0] is None:
        report.closed.append(found)
    else:
        report.changed.append((found, differences))


class _Known:
    """The structures known already, by what recognises one."""

    def __init__(self) -> None:
        self._by_uai: dict[str, Structure] = {}
        self._by_siret: dict[tuple[str, str], Structure] = {}
        self._by_name: dict[tuple[str, str, str | None], Structure] = {}
        self._by_reference: dict[tuple[str, str], Structure] = {}
        self._all: list[Structure] = []
        for structure in Structure.objects.order_by("pk"):
            self.add(structure)

    def add(self, structure: Structure) -> None:
        self._all.append(structure)
        if structure.uai:
            self._by_uai[structure.uai] = structure
        if structure.siret:
            self._by_siret.setdefault((structure.siret, structure.kind), structure)
        if structure.source_reference:
            self._by_reference[structure.source, structure.source_reference] = structure
        name = geography.folded_name(structure.name)
        self._by_name.setdefault((name, structure.kind, structure.commune_id), structure)

    def find(self, source: str, row: StructureRow, values: dict[str, Any]) -> Structure | None:
        same = self.by_reference(source, row)
        if same is not None or row.annex_of:
            return same  # another site has its school's name, and is not its school
        if row.uai:
            # Two schools may share a SIRET (a cité scolaire): a UAI that differs is another school.
            return self._by_uai.get(row.uai) or self._without_uai(row, values)
        found = self._by_siret.get((row.siret, row.kind)) if row.siret else None
        name = (geography.folded_name(values["name"]), str(row.kind), values["commune_id"])
        return found or self._by_name.get(name)

    def _without_uai(self, row: StructureRow, values: dict[str, Any]) -> Structure | None:
        name = (geography.folded_name(values["name"]), str(row.kind), values["commune_id"])
        found = self._by_name.get(name)
        if found is None or found.uai:
            return None
        found.uai = row.uai
        return found

    def by_uai(self, uai: str | None) -> Structure | None:
        return self._by_uai.get(uai) if uai else None

    def by_reference(self, source: str, row: StructureRow) -> Structure | None:
        return self._by_reference.get((source, row.reference[:255]))

    def of_source(self, source: str) -> list[Structure]:
        return [s for s in self._all if s.source == source and s.closed_on is None]


class _Places:
    """Communes, départements and basins of the rows, read once."""

    def __init__(self, rows: Sequence[StructureRow]) -> None:
        self._communes = dict(
            Commune.objects.filter(insee__in={r.insee for r in rows}).values_list(
                "insee", "departement_id"
            )
        )
        self._departements = {d.code: d for d in Departement.objects.all()}
        self._basins = {(b.academie_id, b.code): b for b in Basin.objects.all()}

    def values(self, row: StructureRow, on: date) -> dict[str, Any]:
        code = self._communes.get(row.insee) or row.departement or _departement_of(row.insee)
        departement = self._departements.get(code)
        academie_id = departement.academie_id if departement else None
        closed_on = row.closes_on or (None if row.is_open else row.source_date or on)
        return {
            "kind": str(row.kind),
            "siret": row.siret,
            "name": row.name[:160],
            "sector": row.sector,
            "address": row.address,
            "postcode": row.postcode,
            "commune_id": row.insee if row.insee in self._communes else None,
            "departement_id": departement.code if departement else None,
            "academie_id": academie_id,
            "basin_id": self._basin(row, academie_id),
            "latitude": row.latitude,
            "longitude": row.longitude,
            "phone": row.phone[:20],
            "email": row.email,
            "website": row.website[:200],
            "opened_on": row.opens_on,
            "closed_on": closed_on,
        }

    def _basin(self, row: StructureRow, academie_id: str | None) -> int | None:
        code = (row.basin_code or row.basin_name)[:20]
        if not code or academie_id is None:
            return None
        found = self._basins.get((academie_id, code))
        if found is None:
            name = (row.basin_name or code)[:80]
            found = Basin.objects.create(academie_id=academie_id, code=code, name=name)
            self._basins[academie_id, code] = found
        return found.pk


def _departement_of(insee: str) -> str:
    """Overseas, a département has three characters (INSEE)."""
    return insee[:3] if insee.startswith(("97", "98")) else insee[:2]


def _set_areas(areas: list[tuple[Structure, Sequence[str]]]) -> None:
    if not areas:
        return
    known = set(Commune.objects.values_list("insee", flat=True))
    AreaCommune.objects.filter(structure__in=[s for s, _ in areas]).delete()
    AreaCommune.objects.bulk_create(
        (
            AreaCommune(structure=structure, commune_id=insee)
            for structure, codes in areas
            for insee in dict.fromkeys(codes)
            if insee in known
        ),
        batch_size=5_000,
        ignore_conflicts=True,
    )


def _attach(source: str, rows: Sequence[StructureRow], known: _Known) -> None:
    """SEP, SEGPA, UFA and annexes belong to the house of their parent."""
    houses: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        parent = known.by_uai(row.parent_uai or row.annex_of)
        part = known.by_uai(row.uai) or known.by_reference(source, row)
        if parent and part and parent.pk not in {part.pk, part.house_id}:
            houses[parent.pk].append(part.pk)
    for parent_id, parts in houses.items():
        Structure.objects.filter(pk__in=parts).update(house_id=parent_id)


@transaction.atomic
def merge(*, former: Structure, successor: Structure, on: date) -> None:
    """A structure closes and another takes over: its past keeps its name, its future is there."""
    if former.pk == successor.pk:
        raise ValueError("une structure ne se succède pas à elle-même")
    Succession.objects.get_or_create(former=former, successor=successor, defaults={"on": on})
    if former.closed_on is None:
        former.closed_on = on
        former.save(update_fields=["closed_on"])
