"""Missions locales and other partners: prescribers, appointment pages, data.inclusion v1."""

import re
from typing import Any

from raccord.registers import identifiers
from raccord.territory.directories import sensitive
from raccord.territory.directories.cells import Cells, point_of_text
from raccord.territory.directories.rows import Accuracy, StructureRow
from raccord.territory.kinds import Kind

PRESCRIBERS_SOURCE = "prescripteurs"
PRESCRIBERS_LABEL = "prescripteurs des emplois de l’inclusion"
APPOINTMENTS_SOURCE = "missions-locales-rendez-vous"
APPOINTMENTS_LABEL = "pages de rendez-vous des missions locales"
POINTS_SOURCE = "missions-locales-points"
POINTS_LABEL = "coordonnées de missions locales"
INCLUSION_SOURCE = "data-inclusion"
INCLUSION_LABEL = "structures de data.inclusion (v1)"

_PRESCRIBERS = {
    "ML": Kind.MISSION_LOCALE,
    "FT": Kind.FRANCE_TRAVAIL,
    "PE": Kind.FRANCE_TRAVAIL,
    "E2C": Kind.E2C,
    "EPIDE": Kind.EPIDE,
    "DEPT": Kind.CONSEIL_DEPARTEMENTAL,
}

#: data.inclusion, `reseaux_porteurs`, in order: the first that fits says the kind.
_NETWORKS = {
    "mission-locale": Kind.MISSION_LOCALE,
    "ecoles-de-la-deuxieme-chance": Kind.E2C,
    "epide": Kind.EPIDE,
    "france-travail": Kind.FRANCE_TRAVAIL,
    "reseau-information-jeunesse": Kind.INFO_JEUNES,
    "unis-cite": Kind.SERVICE_CIVIQUE,
    "departements": Kind.CONSEIL_DEPARTEMENTAL,
    "regions": Kind.REGION,
}


def recognise_prescribers(columns: tuple[str, ...]) -> str | None:
    wanted = {"kind", "name", "post_code", "city", "coords"}
    return PRESCRIBERS_LABEL if wanted <= set(columns) else None


def prescriber_row(cells: Cells) -> StructureRow | str:
    name = cells.name("name")
    if cells.text("kind") in sensitive.KINDS or sensitive.is_sensitive_name(name):
        return sensitive.REASON
    place = cells.place(
        postcode=cells.text("post_code"),
        town=cells.text("city"),
        departement=identifiers.departement(cells.text("department")) or "",
        point=point_of_text(cells.text("coords")),
        accuracy=Accuracy.STREET,
        columns={"postcode": "post_code", "insee": "city", "point": "coords"},
    )
    return StructureRow(
        kind=_PRESCRIBERS.get(cells.text("kind"), Kind.INSERTION),
        name=name,
        source=PRESCRIBERS_SOURCE,
        line=cells.line,
        siret=cells.siret("siret"),
        address=cells.text("address_line_1")[:200],
        postcode=place.postcode,
        town=place.town,
        insee=place.insee,
        departement=place.departement,
        latitude=place.latitude,
        longitude=place.longitude,
        accuracy=place.accuracy,
        phone=cells.phone("phone"),
        email=cells.email("email"),
        website=cells.website("website"),
    )


def recognise_appointments(columns: tuple[str, ...]) -> str | None:
    return APPOINTMENTS_LABEL if {"nom", "siret", "rdv_url"} <= set(columns) else None


def appointment_row(cells: Cells) -> StructureRow | str:
    """« Mission locale pour l'insertion… (16-25 ans) - Roanne »: the town ends the name."""
    name = cells.name("nom")
    _, _, town = name.partition(" - ")
    place = cells.place(town=re.split(r" - |, \(", town)[0])
    return StructureRow(
        kind=Kind.MISSION_LOCALE,
        name=f"Mission locale – {town}" if town else name,
        source=APPOINTMENTS_SOURCE,
        line=cells.line,
        siret=cells.siret("siret"),
        town=place.town,
        insee=place.insee,
        departement=place.departement,
        latitude=place.latitude,
        longitude=place.longitude,
        accuracy=place.accuracy,
        appointment_url=cells.website("rdv_url"),
    )


def recognise_points(columns: tuple[str, ...]) -> str | None:
    return POINTS_LABEL if {"nom", "lat", "lng", "siret"} <= set(columns) else None


def point_row(cells: Cells) -> StructureRow | str:
    """« 50-ML GRANVILLE »: a patch to the coordinates of a mission locale known by its SIRET."""
    departement, _, name = cells.name("nom").partition("-")
    code = identifiers.departement(departement) or ""
    town = name.removeprefix("ML ").strip()
    place = cells.place(
        town=town,
        departement=code,
        point=cells.coordinates("lat", "lng"),
        accuracy=Accuracy.STREET,
        columns={"point": "lat"},
    )
    return StructureRow(
        kind=Kind.MISSION_LOCALE,
        name=f"Mission locale – {town}",
        source=POINTS_SOURCE,
        line=cells.line,
        siret=cells.siret("siret"),
        town=place.town,
        insee=place.insee,
        departement=place.departement or code,
        latitude=place.latitude,
        longitude=place.longitude,
        accuracy=place.accuracy,
    )


def recognise_inclusion(columns: tuple[str, ...]) -> str | None:
    """The four required fields of the schema; a file of services has `structure_id` besides."""
    if "structure_id" in columns:
        return None
    return INCLUSION_LABEL if {"source", "id", "nom", "date_maj"} <= set(columns) else None


def inclusion_row(cells: Cells) -> StructureRow | str:
    networks = tuple(name for name in cells.text("reseaux_porteurs").split("|") if name)
    name = cells.name("nom")
    if sensitive.NETWORKS & set(networks) or sensitive.is_sensitive_name(name):
        return sensitive.REASON
    place = cells.place(
        postcode=cells.text("code_postal"),
        town=cells.text("commune"),
        insee=cells.text("code_insee"),
        point=cells.coordinates("latitude", "longitude"),
        accuracy=Accuracy.STREET,
        columns={"postcode": "code_postal", "insee": "code_insee", "point": "latitude"},
    )
    lines = (cells.text("adresse"), cells.text("complement_adresse"))
    return StructureRow(
        kind=next((kind for key, kind in _NETWORKS.items() if key in networks), Kind.INSERTION),
        name=name,
        source=INCLUSION_SOURCE,
        line=cells.line,
        siret=cells.siret("siret"),
        address=", ".join(line for line in lines if line)[:200],
        postcode=place.postcode,
        town=place.town,
        insee=place.insee,
        departement=place.departement,
        latitude=place.latitude,
        longitude=place.longitude,
        accuracy=place.accuracy,
        phone=cells.phone("telephone"),
        email=cells.email("courriel"),
        website=cells.website("site_web"),
        networks=networks,
        source_id=cells.text("id"),
        source_date=cells.day("date_maj"),
    )


def flat(record: dict[str, Any]) -> dict[str, str]:
    """A JSON or Parquet record as text: lists joined by |, null empty."""
    return {
        key: "|".join(map(str, value))
        if isinstance(value, list)
        else ("" if value is None else str(value))
        for key, value in record.items()
    }
