"""France as shipped with Raccord: communes, départements, régions, académies, and distances.

Plain values, without Django: the models of this room are filled from them, and the readers of
directories check what they read against them. Built by `scripts/build_communes.py`; sources and
licences in `data/ATTRIBUTION.md`.
"""

import csv
import io
import lzma
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

#: Latitude, longitude, in degrees (WGS 84).
Point = tuple[float, float]

_EARTH_RADIUS_KM = 6371.0088


class CommuneKind(StrEnum):
    """What an INSEE code of commune stands for."""

    COMMUNE = "commune"
    ARRONDISSEMENT = "arrondissement"  # of Paris, Lyon and Marseille
    DELEGUEE = "deleguee"  # a former commune inside a commune nouvelle
    ASSOCIEE = "associee"  # a former commune, merged by the law of 1971


class Precision(StrEnum):
    """How good the coordinates of a commune are."""

    TOWN_HALL = "mairie"
    PLACE = "lieu"  # the place of that name
    NEIGHBOURS = "voisines"  # the middle of the neighbouring communes
    PARENT = "rattachement"  # the commune it belongs to


@dataclass(frozen=True, slots=True)
class Commune:
    """One INSEE code. `parent` is the commune an arrondissement or a former commune belongs to."""

    code: str
    name: str
    kind: CommuneKind
    parent: str
    departement: str
    region: str
    epci: str
    population: int | None
    postcodes: tuple[str, ...]
    latitude: float | None
    longitude: float | None
    precision: Precision | None

    @property
    def point(self) -> Point | None:
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude

    @property
    def is_current(self) -> bool:
        """False for the former communes, kept because old addresses still name them."""
        return self.kind in (CommuneKind.COMMUNE, CommuneKind.ARRONDISSEMENT)


@dataclass(frozen=True, slots=True)
class Region:
    """A région, or the collectivity that stands in for one."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Departement:
    """A département, or the collectivity that stands in for one. `academie`: its code, if any."""

    code: str
    name: str
    region: str
    seat: str
    academie: str | None


@dataclass(frozen=True, slots=True)
class Academie:
    """An académie (30), a vice-rectorat (3), or the education service of Saint-Pierre-et-Miquelon.

    `code` is the ministry's, on two digits. `nature` tells the three apart.
    """

    code: str
    name: str
    nature: str
    time_zone: str
    departements: tuple[str, ...]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


# --- the tables -----------------------------------------------------------------------------------


@cache
def communes() -> tuple[Commune, ...]:
    """Every INSEE code in force, with the former communes that still have one, in order of code.

    A former commune may share its code with the commune nouvelle: the present one comes first.
    """
    return tuple(
        Commune(
            code=row["code"],
            name=row["nom"],
            kind=CommuneKind(row["nature"]),
            parent=row["rattachee_a"],
            departement=row["departement"],
            region=row["region"],
            epci=row["epci"],
            population=int(row["population"]) if row["population"] else None,
            postcodes=tuple(row["codes_postaux"].split()),
            latitude=float(row["latitude"]) if row["latitude"] else None,
            longitude=float(row["longitude"]) if row["longitude"] else None,
            precision=Precision(row["precision"]) if row["precision"] else None,
        )
        for row in _table("communes.csv.xz")
    )


@cache
def regions() -> tuple[Region, ...]:
    return tuple(Region(row["code"], row["nom"]) for row in _table("regions.csv"))


@cache
def departements() -> tuple[Departement, ...]:
    of = {code: academie.code for academie in academies() for code in academie.departements}
    return tuple(
        Departement(row["code"], row["nom"], row["region"], row["chef_lieu"], of.get(row["code"]))
        for row in _table("departements.csv")
    )


@cache
def academies() -> tuple[Academie, ...]:
    return tuple(
        Academie(
            row["code"],
            row["nom"],
            row["nature"],
            row["fuseau"],
            tuple(row["departements"].split()),
        )
        for row in _table("academies.csv")
    )


@cache
def epci_names() -> Mapping[str, str]:
    """SIREN -> name of the EPCI à fiscalité propre."""
    return {row["code"]: row["nom"] for row in _table("epci.csv")}


# --- finding --------------------------------------------------------------------------------------


def commune(code: str) -> Commune | None:
    """The commune of an INSEE code; the one in force where a former commune had the same."""
    return _by_code().get(code)


def current_commune(code: str) -> Commune | None:
    """The commune in force today: the commune nouvelle for a former commune."""
    found = commune(code)
    if found is None or found.is_current:
        return found
    return commune(found.parent)


def communes_at(postcode: str) -> tuple[Commune, ...]:
    """The communes in force that a postcode serves; none for a CEDEX, which is no place.

    For Paris, Lyon and Marseille, the arrondissement rather than the city.
    """
    return _by_postcode().get(postcode, ())


def find_commune(name: str, *, postcode: str = "", departement: str = "") -> Commune | None:
    """The commune an address names, None when it is unknown or when several would do.

    The postcode narrows first; when it is a CEDEX, its département does.
    """
    wanted = folded_name(name)
    named = _by_name().get(wanted, ())
    if postcode:
        here = [one for one in named if postcode in one.postcodes]
        named = tuple(here) or tuple(one for one in named if _same_departement(one, postcode))
    if departement:
        named = tuple(one for one in named if one.departement == departement)
    held = {one.code if one.is_current else one.parent for one in named}
    if len(held) == 1:
        return commune(held.pop())
    if not named and postcode:
        return _of_postcode(wanted, postcode)
    return None


def _of_postcode(wanted: str, postcode: str) -> Commune | None:
    """The only commune of the postcode, or the only one there whose name begins alike.

    « Louhans » is Louhans-Châteaurenaud today, and people write Romans for Romans-sur-Isère.
    """
    here = communes_at(postcode)
    if len(here) == 1:
        return here[0]
    if not here:
        here = tuple(
            one for one in communes() if one.is_current and _same_departement(one, postcode)
        )
    alike = (
        [one for one in here if folded_name(one.name).startswith(f"{wanted} ")] if wanted else []
    )
    return alike[0] if len(alike) == 1 else None


def folded_name(name: str) -> str:
    """« ST-ÉTIENNE CEDEX 2 » → « saint etienne »: as addresses and INSEE write the same town."""
    text = name.replace("œ", "oe").replace("Œ", "Oe").replace("’", " ")
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    text = re.sub(r"[^a-z0-9]+", " ", text).strip()
    text = re.sub(r" cedex( \d+)?( france)?$", "", text)
    text = re.sub(r"\bst\b", "saint", text)
    text = re.sub(r"\bste\b", "sainte", text)
    # « PARIS 05 », « Lyon 3e », « Marseille 1er arrondissement » are the same thing
    if match := re.fullmatch(
        r"(paris|lyon|marseille) 0?(\d+)(?: ?er| ?e| ?eme)?(?: arrondissement)?", text
    ):
        return f"{match[1]} {match[2]}"
    return text


@cache
def _by_code() -> dict[str, Commune]:
    return {one.code: one for one in reversed(communes())}


@cache
def _by_postcode() -> dict[str, tuple[Commune, ...]]:
    split = {one.parent for one in communes() if one.kind is CommuneKind.ARRONDISSEMENT}
    found: defaultdict[str, list[Commune]] = defaultdict(list)
    for one in communes():
        if one.is_current and one.code not in split:
            for postcode in one.postcodes:
                found[postcode].append(one)
    return {postcode: tuple(several) for postcode, several in found.items()}


@cache
def _by_name() -> dict[str, tuple[Commune, ...]]:
    found: defaultdict[str, list[Commune]] = defaultdict(list)
    for one in communes():
        found[folded_name(one.name)].append(one)
    return {name: tuple(several) for name, several in found.items()}


def _same_departement(one: Commune, postcode: str) -> bool:
    # Corsica shares 20; overseas, three digits. A postcode may cross a border of département: rare
    # for a town that has a CEDEX.
    prefix = "20" if one.departement in ("2A", "2B") else one.departement
    return postcode.startswith(prefix)


# --- distances ------------------------------------------------------------------------------------


def distance_km(a: Point, b: Point) -> float:
    """As the crow flies, in kilometres (haversine)."""
    latitude_a, longitude_a, latitude_b, longitude_b = map(math.radians, (*a, *b))
    half_chord = (
        math.sin((latitude_b - latitude_a) / 2) ** 2
        + math.cos(latitude_a)
        * math.cos(latitude_b)
        * math.sin((longitude_b - longitude_a) / 2) ** 2
    )
    return 2 * _EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, half_chord)))


def box_around(point: Point, km: float) -> tuple[Point, Point]:
    """South-west and north-east corners of a box that holds every place within `km`.

    For a first look by index, before `distance_km`.
    """
    latitude, longitude = point
    height = math.degrees(km / _EARTH_RADIUS_KM)
    # The meridian that touches the circle, which it does a little nearer to the pole.
    reach = math.sin(km / _EARTH_RADIUS_KM) / max(math.cos(math.radians(latitude)), 1e-9)
    width = math.degrees(math.asin(min(1.0, reach)))
    return (latitude - height, longitude - width), (latitude + height, longitude + width)


def _table(name: str) -> Iterator[dict[str, str]]:
    raw = files("raccord.territory").joinpath("data", name).read_bytes()
    text = (lzma.decompress(raw) if name.endswith(".xz") else raw).decode("utf-8")
    return csv.DictReader(io.StringIO(text, newline=""), delimiter=";")
