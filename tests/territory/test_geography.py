"""France as shipped: complete, located, and read the way addresses are written."""

import csv
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raccord.registers import identifiers
from raccord.territory import geography
from raccord.territory.geography import CommuneKind, Precision, distance_km

DATA = Path(geography.__file__).with_name("data")
RENNES, MARSEILLE = "35238", "13055"

points = st.tuples(st.floats(-85, 85), st.floats(-180, 180))


def test_every_insee_code_of_2026_is_there() -> None:
    """COG 2026: 34,969 communes, 45 arrondissements, and the former communes with a code."""
    assert Counter(one.kind for one in geography.communes()) == {
        CommuneKind.COMMUNE: 34_969,
        CommuneKind.ARRONDISSEMENT: 45,
        CommuneKind.DELEGUEE: 2_105,
        CommuneKind.ASSOCIEE: 471,
    }
    assert sum(one.population or 0 for one in geography.communes() if not one.parent) > 67_000_000


def test_only_thirty_far_communes_have_no_coordinates() -> None:
    """The figure of ATTRIBUTION.md: none in metropolitan France nor in the five départements."""
    nowhere = [one for one in geography.communes() if one.point is None]
    assert len(nowhere) == 30
    assert {one.departement for one in nowhere} == {"984", "987", "988", "989"}
    assert sum(one.population or 0 for one in nowhere) < 60_000


def test_the_coverage_written_in_the_attribution_is_the_real_one() -> None:
    text = (DATA / "ATTRIBUTION.md").read_text("utf-8")
    counts = Counter((one.kind, one.precision) for one in geography.communes())
    order = [*Precision, None]
    for kind in CommuneKind:
        row = [counts[kind, precision] for precision in order]
        figures = " | ".join(f"{number:,}" for number in [sum(row), *row])
        assert f"| {figures} |" in text, (kind, figures)


def test_places_are_inside_their_part_of_the_world() -> None:
    for one in geography.communes():
        if one.point is None:
            continue
        latitude, longitude = one.point
        if len(one.departement) == 2:
            assert 41.3 < latitude < 51.2 and -5.3 < longitude < 9.7, one
        assert -67.0 < latitude < 51.2 and -180.0 <= longitude <= 180.0, one


def test_the_shipped_file_is_small_and_each_code_is_once_per_kind() -> None:
    assert (DATA / "communes.csv.xz").stat().st_size < 1_500_000
    pairs = [(one.code, one.kind) for one in geography.communes()]
    assert len(pairs) == len(set(pairs))
    for one in geography.communes():
        assert one.is_current or geography.current_commune(one.code) is not None


def test_postcodes_and_codes_kept_their_leading_zero() -> None:
    ain = geography.commune("01004")
    assert ain is not None and ain.postcodes == ("01500",)
    assert all(len(one.code) == 5 for one in geography.communes())
    assert all(len(code) == 5 for one in geography.communes() for code in one.postcodes)


def test_a_former_commune_leads_to_the_one_in_force() -> None:
    belle = geography.current_commune("01033")  # Bellegarde, in Valserhône, which kept its code
    assert belle is not None and belle.is_current and belle.name == "Valserhône"
    former = next(one for one in geography.communes() if one.code == "01091")
    assert not former.is_current
    assert geography.current_commune("01091") == belle
    assert geography.current_commune("99100") is None


@pytest.mark.parametrize(
    ("name", "postcode", "code"),
    [
        ("RENNES CEDEX 7", "35706", RENNES),
        ("Rennes", "", RENNES),
        ("ST MALO", "35400", "35288"),
        ("MARSEILLE 08", "13008", "13208"),
        ("Marseille 8e", "13008", "13208"),
        ("Paris 1er arrondissement", "75001", "75101"),
        ("L HAY LES ROSES", "94240", "94038"),
        ("L’Haÿ-les-Roses", "94240", "94038"),
        ("LOUHANS", "71500", "71263"),
        ("ROMANS CEDEX", "26105", "26281"),
        ("Châtillon-en-Michaille", "01200", "01091"),
        ("Ajaccio", "20000", "2A004"),
        ("nulle part", "35400", "35288"),  # a postcode of one commune is enough
        ("Saint-Denis", "", None),  # there are several
        ("nulle part", "", None),
    ],
)
def test_the_commune_of_an_address(name: str, postcode: str, code: str | None) -> None:
    found = geography.find_commune(name, postcode=postcode)
    wanted = geography.current_commune(code) if code else None
    assert found == wanted


def test_a_postcode_of_paris_is_an_arrondissement() -> None:
    assert [one.code for one in geography.communes_at("13008")] == ["13208"]
    assert geography.communes_at("35706") == ()


def test_every_departement_has_its_academie() -> None:
    """Thirty académies, three vice-rectorats and one service; Clipperton and the TAAF have none."""
    assert Counter(one.nature for one in geography.academies()) == {
        "academie": 30,
        "vice_rectorat": 3,
        "service": 1,
    }
    alone = [one.code for one in geography.departements() if one.academie is None]
    assert alone == ["984", "989"]
    held = [code for one in geography.academies() for code in one.departements]
    assert len(held) == len(set(held)) == 107
    assert set(held) <= {one.code for one in geography.departements()}
    regions = {one.code for one in geography.regions()}
    assert all(one.region in regions for one in geography.departements())
    for one in geography.departements():
        assert identifiers.departement(one.code) == one.code


@pytest.mark.parametrize(
    ("academie", "hours"), [("14", 1), ("28", 4), ("32", -4), ("41", -10), ("44", -3), ("40", 11)]
)
def test_the_hour_of_an_academie(academie: str, hours: int) -> None:
    """In January: the night of La Réunion is not that of Rennes."""
    zone = next(one.zone for one in geography.academies() if one.code == academie)
    offset = datetime(2026, 1, 15, 12, tzinfo=zone).utcoffset()
    assert offset is not None and offset.total_seconds() == hours * 3600


def test_a_known_distance() -> None:
    assert distance_km((48.8566, 2.3522), (45.7640, 4.8357)) == pytest.approx(391.5, abs=0.5)


@given(points, points)
def test_a_distance_is_symmetrical_and_never_more_than_half_the_earth(
    a: tuple[float, float], b: tuple[float, float]
) -> None:
    assert 0 <= distance_km(a, b) <= 20_016
    assert distance_km(a, b) == pytest.approx(distance_km(b, a))
    assert distance_km(a, a) == 0


@given(st.tuples(st.floats(-60, 60), st.floats(-170, 170)), st.floats(0.5, 300), st.floats(0, 1))
def test_the_box_holds_the_circle(point: tuple[float, float], km: float, share: float) -> None:
    """A first look by index never loses a place that the distance would keep."""
    (south, west), (north, east) = geography.box_around(point, km)
    along, up = west + (east - west) * share, south + (north - south) * share
    for edge in ((north, along), (south, along), (up, east), (up, west)):
        assert distance_km(point, edge) >= km * (1 - 1e-6)


@pytest.mark.shared
def test_places_agree_with_those_of_la_poste(shared: Path) -> None:
    """Another producer, another year: nearly all within a few kilometres."""
    path = shared / "data/communes/laposte_hexasmal_2021.csv"
    with path.open(encoding="utf-8-sig", newline="") as stream:
        theirs = {
            row["Code_commune_INSEE"].zfill(5): tuple(map(float, row["coordonnees_gps"].split(",")))
            for row in csv.DictReader(stream, delimiter=";")
            if "," in row["coordonnees_gps"]
        }
    apart = sorted(
        distance_km(one.point, (theirs[one.code][0], theirs[one.code][1]))
        for one in geography.communes()
        if one.is_current and one.point and one.code in theirs
    )
    assert len(apart) == 34_774
    assert apart[len(apart) // 2] < 1
    assert apart[len(apart) * 99 // 100] < 7
    assert sum(km > 30 for km in apart) < 10


@pytest.mark.shared
def test_academies_agree_with_another_list(shared: Path) -> None:
    """Two differences, known: that list puts Clipperton under Polynésie and forgets 977."""
    ours = {one.code: one.academie for one in geography.departements()}
    with (shared / "data/geo/departements_academies.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream, delimiter=";"):
            code = row["code_departement"]
            if code not in ("984", "989", "00"):
                assert ours[code] == row["code_academie"], row
