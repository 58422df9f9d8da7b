import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raccord.registers import identifiers
from raccord.registers.identifiers import IneFamily

digit_positions = st.integers(0, 8)


@pytest.mark.parametrize(
    ("value", "family", "key_ok"),
    [
        ("990000001EB", IneFamily.RNIE, True),
        ("990000097EC", IneFamily.RNIE, True),
        ("990000098EB", IneFamily.RNIE, True),
        ("991234567KB", IneFamily.RNIE, True),
        ("250000000EA", IneFamily.RNIE, True),
        ("080000012FK", IneFamily.RNIE, True),
        ("990000001AA", IneFamily.RNIE, False),  # AA would be 00: impossible
        ("990000001II", None, None),  # no I among the ten letters
        ("1708000001R", IneFamily.BEA, True),
        ("0908123456N", IneFamily.BEA, True),
        ("0503999999L", IneFamily.BEA, True),
        ("0494004062M", IneFamily.BEA, True),
        ("1001001211U", IneFamily.BEA, False),
        ("1001001211O", None, None),  # no O among the 23 letters
        ("1234A12345F", IneFamily.APPRENTICE, None),
        ("1234D12345F", IneFamily.PROVISIONAL, None),
        ("1234B12345F", None, None),
        ("12345", None, None),
        ("", None, None),
        ("٩٩٠٠٠٠٠٠١EB", None, None),  # digits, but not ours
    ],
)
def test_ine_families(value: str, family: IneFamily | None, key_ok: bool | None) -> None:
    found = identifiers.ine(value)
    assert (found.family, found.key_ok) == (family, key_ok)


def test_ine_is_normalised_before_it_is_judged() -> None:
    assert identifiers.ine(" 990 000 001\u00a0eb ") == identifiers.ine("990000001EB")


def test_only_a_known_shape_without_a_wrong_key_is_trusted() -> None:
    assert identifiers.ine("990000001EB").trusted
    assert identifiers.ine("1234A12345F").trusted  # no known key: the shape is all there is
    assert not identifiers.ine("990000001AA").trusted
    assert not identifiers.ine("PAS D'INE").trusted


def test_base_36() -> None:
    value = identifiers.base36("0A9Z00BC1D")
    # 6 x (0+10+9+35+0+0+11+12+1) + 13 = 481
    assert value == "0A9Z00BC1D1"
    assert identifiers.ine(value) == identifiers.Ine(value, IneFamily.BASE36, True)
    assert identifiers.ine("0A9Z00BC1D2").key_ok is False
    with pytest.raises(ValueError, match="ten characters"):
        identifiers.base36("0A9")


@given(st.integers(0, 10**9 - 1))
def test_a_made_rnie_is_valid(number: int) -> None:
    value = identifiers.rnie(number)
    assert identifiers.ine(value) == identifiers.Ine(value, IneFamily.RNIE, True)
    assert not value.endswith("AA")


@given(st.integers(0, 10**10 - 1))
def test_a_made_bea_is_valid(number: int) -> None:
    value = identifiers.bea(number)
    assert identifiers.ine(value) == identifiers.Ine(value, IneFamily.BEA, True)


@given(st.integers(0, 10**9 - 1), digit_positions, st.integers(1, 9))
def test_rnie_catches_every_single_digit_error(number: int, position: int, shift: int) -> None:
    value = identifiers.rnie(number)
    wrong = str((int(value[position]) + shift) % 10)
    assert identifiers.ine(value[:position] + wrong + value[position + 1 :]).key_ok is False


@given(st.integers(0, 10**10 - 1), digit_positions)
def test_bea_catches_every_swap_of_neighbours(number: int, position: int) -> None:
    value = identifiers.bea(number)
    left, right = value[position], value[position + 1]
    swapped = value[:position] + right + left + value[position + 2 :]
    assert identifiers.ine(swapped).key_ok is (left == right)


@pytest.mark.parametrize("number", [-1, 10**9])
def test_rnie_refuses_what_has_not_nine_digits(number: int) -> None:
    with pytest.raises(ValueError, match="9 digits"):
        identifiers.rnie(number)


@pytest.mark.parametrize(
    "value", ["0440001M", "0750680G", "0931434D", "0540001H", "0540002J", "0442286W"]
)
def test_real_uais_are_valid(value: str) -> None:
    assert identifiers.read_uai(value) == identifiers.Uai(value, True, True)


def test_uai_errors() -> None:
    assert identifiers.read_uai("0440001A") == identifiers.Uai("0440001A", True, False)
    # Seen in real lists: a lower-case key, and wrong keys.
    assert identifiers.read_uai("0694442d").value == "0694442D"
    assert identifiers.read_uai("0146867D").key_ok is False
    assert identifiers.read_uai("0251542K").key_ok is False
    assert identifiers.read_uai("440001M").well_formed is False


@given(st.sampled_from(["44", "044", 44, "620", "720", "974"]), st.integers(0, 9999))
def test_a_made_uai_is_valid(prefix: str | int, number: int) -> None:
    found = identifiers.read_uai(identifiers.uai(prefix, number))
    assert found.well_formed
    assert found.key_ok


def test_siret() -> None:
    assert identifiers.siret("732 829 320 00074").key_ok
    assert identifiers.siret("732.829.320-00074").value == "73282932000074"
    assert not identifiers.siret("73282932000079").key_ok
    assert identifiers.siret("35600000000048").key_ok  # La Poste, head office: Luhn
    assert identifiers.siret("35600000049837").key_ok  # another: sum multiple of 5 (55)
    assert not identifiers.siret("35600000049838").key_ok
    # Thirteen digits may have lost their zero or have been mistyped: never padded.
    assert identifiers.siret("3282932000074") == identifiers.Siret("3282932000074", False, False)


def test_mef() -> None:
    assert identifiers.mef("24733404431") == identifiers.Mef(
        "24733404431", True, dispositif="247", duration=4, year=3, variant="1"
    )
    assert identifiers.mef("1031001911").well_formed
    assert identifiers.mef("10310019117").variant == "7"
    assert not identifiers.mef("103").well_formed


@pytest.mark.parametrize(
    ("text", "value", "well_formed", "departement"),
    [
        ("44109", "44109", True, "44"),
        ("1004", "01004", True, "01"),
        ("2a004", "2A004", True, "2A"),
        ("2B033", "2B033", True, "2B"),
        ("97411", "97411", True, "974"),
        ("98818", "98818", True, "988"),
        ("75117", "75117", True, "75"),
        ("20004", "20004", False, None),
        ("NANTES", "NANTES", False, None),
        ("4410", "04410", True, "04"),
    ],
)
def test_communes(text: str, value: str, well_formed: bool, departement: str | None) -> None:
    found = identifiers.commune(text)
    assert (found.value, found.well_formed, found.departement) == (value, well_formed, departement)
    assert found.repaired is (len(text) == 4)


@pytest.mark.parametrize(
    ("text", "insee", "ministry", "prefix"),
    [
        ("44", "44", "044", "044"),
        ("044", "44", "044", "044"),
        ("4", "04", "004", "004"),
        ("02A", "2A", "02A", "620"),
        ("2a", "2A", "02A", "620"),
        ("2B", "2B", "02B", "720"),
        ("974", "974", "974", "974"),
        ("988", "988", "988", "983"),
        ("987", "987", "987", "984"),
        ("978", "978", "978", "971"),
        ("20", None, None, None),  # Corsica before 1976: which one?
        ("000", None, None, None),
        ("", None, None, None),
        ("1234", None, None, None),
    ],
)
def test_departements(
    text: str, insee: str | None, ministry: str | None, prefix: str | None
) -> None:
    assert identifiers.departement(text) == insee
    assert identifiers.ministry_departement(text) == ministry
    assert identifiers.uai_prefix(text) == prefix


@pytest.mark.parametrize(
    ("prefix", "insee"),
    [("620", "2A"), ("720", "2B"), ("983", "988"), ("984", "987"), ("987", "986"), ("044", "44")],
)
def test_the_prefix_of_a_uai_is_not_always_its_departement(prefix: str, insee: str) -> None:
    assert identifiers.read_uai(identifiers.uai(prefix, 1)).departement == insee


# Invented numbers with a valid key: 2000 and 2005, months and communes at random.
NIRS = ["200012A00412345", "105071331500127", "2 05 07 13 315 001 27", "205-07-13-315-001-27"]


@pytest.mark.parametrize("text", [*NIRS, "1050713315001", f"chez sa mère {NIRS[1]} apt 3"])
def test_a_nir_is_seen(text: str) -> None:
    assert identifiers.has_nir(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "990000001EB",
        "0494004062M",
        "73282932000074",
        "+33199000000",
        "0033199000000",
        "+225 07 07 07 07 07",
        "12 rue du 8 mai 1945",
        "13 place de la Nation 75012 PARIS",
        "1051313315001",  # no month 13
        "1712345678901234",  # a clock of 16 digits
    ],
)
def test_what_is_not_a_nir(text: str) -> None:
    assert not identifiers.has_nir(text)


def test_nir_key_of_corsica() -> None:
    # 97 - (n mod 97), 2A counted as 19 and 2B as 18
    assert identifiers.nir_key("205072A315001") == 97 - 2050719315001 % 97
    assert identifiers.nir_key("205072B315001") == 97 - 2050718315001 % 97


@given(st.text(max_size=40))
def test_nothing_crashes(text: str) -> None:
    identifiers.ine(text)
    identifiers.read_uai(text)
    identifiers.siret(text)
    identifiers.mef(text)
    identifiers.commune(text)
    identifiers.departement(text)
    identifiers.uai_departement(text)
    identifiers.has_nir(text)


@pytest.mark.shared
def test_published_vectors(shared: Path) -> None:
    checks = {
        "INE_RNIE": lambda value: identifiers.ine(value).trusted,
        "INE_BEA": lambda value: identifiers.ine(value).trusted,
        "UAI": lambda value: identifiers.read_uai(value).key_ok,
        "SIRET": lambda value: identifiers.siret(value).key_ok,
    }
    with (shared / "data/siecle/cles_controle_vecteurs.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream, delimiter=";"):
            assert checks[row["type"]](row["valeur"]) is (row["valide"] == "1"), row


@pytest.mark.shared
def test_every_college_of_france_has_a_valid_uai(shared: Path) -> None:
    path = shared / "data/etablissements/geoloc-colleges-france_2024-11.csv"
    values = set(re.findall(r"\b\d{7}[A-Z]\b", path.read_text("utf-8-sig")))
    assert len(values) > 7_000
    wrong = [value for value in values if not identifiers.read_uai(value).key_ok]
    assert wrong == []
