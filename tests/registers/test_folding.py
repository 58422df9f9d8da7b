"""How a written value becomes a comparable one: the SQL, checked against Python and against the
rule."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from raccord.registers import folding, identifiers


@pytest.fixture(scope="module")
def sql() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as connection:
        yield connection
    PREPARED.clear()


#: The statements prepared in the connection of this module: planned once, not once a value.
PREPARED: dict[str, str] = {}


def value(connection: duckdb.DuckDBPyConnection, expression: str, text: str | None) -> object:
    if expression not in PREPARED:
        name = f"value_{len(PREPARED)}"
        connection.execute(f"PREPARE {name} AS SELECT {expression} FROM (SELECT $1::VARCHAR AS t)")
        PREPARED[expression] = name
    written = "NULL" if text is None else "'" + text.replace("'", "''") + "'"
    found = connection.execute(f"EXECUTE {PREPARED[expression]}({written}::VARCHAR)").fetchone()
    assert found is not None
    return found[0]


#: What stands in names: French letters, ligatures, punctuation, and the ? of SIECLE.
NAMES = st.text("abcdeéèêëàâäçîïôöùûüÿœæñ ABCDEÉÈÀÇŒÆ '’-.?/", max_size=24)


@given(NAMES)
def test_folding_is_idempotent(sql: duckdb.DuckDBPyConnection, name: str) -> None:
    once = value(sql, folding.folded("t"), name)
    assert once == value(sql, folding.folded("t"), once if once is None else str(once))


@given(NAMES)
def test_folding_forgets_case_accents_and_punctuation(
    sql: duckdb.DuckDBPyConnection, name: str
) -> None:
    once = value(sql, folding.folded("t"), name)
    plain = unicodedata.normalize("NFD", name)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    for other in (
        name.upper(),
        name.lower(),
        plain,
        unicodedata.normalize("NFD", name),
        f"  {name} ",
        re.sub(r"[-'’. /]", "  ", name),
        re.sub(r"[-'’. /]", "-", name),
    ):
        assert value(sql, folding.folded("t"), other) == once, (name, other)


@given(NAMES)
def test_a_folded_name_holds_only_capitals(sql: duckdb.DuckDBPyConnection, name: str) -> None:
    folded = value(sql, folding.folded("t"), name)
    assert folded is None or re.fullmatch(r"[A-Z0-9?]+( [A-Z0-9?]+)*", str(folded))


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("D'HAENE", "D HAENE"),
        ("D’Haene-Œuf", "D HAENE OEUF"),
        ("n'diaye", "N DIAYE"),
        ("Ÿvonne", "YVONNE"),
        ("B?N?DICTE", "B?N?DICTE"),
        ("ST-PIERRE", "SAINT PIERRE"),
        ("Ste Marie", "SAINTE MARIE"),
        ("LEST", "LEST"),
        ("STEPHANE", "STEPHANE"),
        ("Núñez  García", "NUNEZ GARCIA"),
        ("Strauß", "STRAUSS"),
        ("Łukasz", "LUKASZ"),
        ("Søren", "SOREN"),
        ("Đặng", "DANG"),
        ("—", None),
        ("", None),
        (None, None),
    ],
)
def test_names_met_in_registers(
    sql: duckdb.DuckDBPyConnection, written: str | None, folded: str | None
) -> None:
    assert value(sql, folding.folded("t"), written) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [("LE GOFF", "LEGOFF"), ("Jean-Pierre", "JEAN PIERRE"), ("Ste-Anne", "SAINTE ANNE")],
)
def test_a_key_does_not_see_spaces(sql: duckdb.DuckDBPyConnection, one: str, other: str) -> None:
    keys = [
        value(sql, folding.key("n"), None)
        if text is None
        else sql.execute(
            f"SELECT {folding.key('n')} FROM (SELECT {folding.folded('t')} AS n "
            "FROM (SELECT $t::VARCHAR AS t))",
            {"t": text},
        ).fetchone()
        for text in (one, other)
    ]
    assert keys[0] == keys[1] != (None,)


def test_an_unknown_letter_is_no_exact_key(sql: duckdb.DuckDBPyConnection) -> None:
    assert sql.execute(f"SELECT {folding.key('n')} FROM (SELECT 'B?N' AS n)").fetchone() == (None,)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_the_same_day_in_every_way_to_write_it(sql: duckdb.DuckDBPyConnection, day: date) -> None:
    for written in (
        day.isoformat(),
        f"{day.isoformat()} 00:00:00",
        f"{day.isoformat()}T22:00:00Z",
        day.strftime("%d/%m/%Y"),
        f"{day.day}/{day.month}/{day.year}",
        day.strftime("%d-%m-%Y"),
        day.strftime("%d.%m.%Y"),
        day.strftime("%Y%m%d"),
        f"  {day.isoformat()} ",
    ):
        assert value(sql, folding.day("t"), written) == day, written


@pytest.mark.parametrize(
    "written",
    ["2008-02-30", "30/02/2008", "2008-13-01", "00/00/0000", "20081301", "hier", "2008", "",
     "2008-2-3x", "01/02/08", None, "9" * 400, "0000-00-00"],
)  # fmt: skip
def test_what_is_no_day_is_null(sql: duckdb.DuckDBPyConnection, written: str | None) -> None:
    assert value(sql, folding.day("t"), written) is None


@pytest.mark.parametrize(
    ("written", "sex"),
    [("M", 1), ("m", 1), ("H", 1), ("1", 1), ("Masculin", 1), ("G", 1), ("F", 2), ("f", 2),
     ("2", 2), ("Féminin", 2), ("", None), ("X", None), (None, None), ("0", None)],
)  # fmt: skip
def test_sex(sql: duckdb.DuckDBPyConnection, written: str | None, sex: int | None) -> None:
    assert value(sql, folding.sex("t"), written) == sex


@pytest.mark.parametrize(
    ("written", "commune"),
    [
        ("44109", "44109"), ("2a004", "2A004"), ("1004", "01004"), ("75112", "75056"),
        ("75056", "75056"), ("69384", "69123"), ("13208", "13055"), (" 97209 ", "97209"),
        ("Porto Alegre", "PORTO ALEGRE"), ("", None), (None, None),
    ],
)  # fmt: skip
def test_communes(sql: duckdb.DuckDBPyConnection, written: str | None, commune: str | None) -> None:
    assert value(sql, folding.commune("t"), written) == commune


@pytest.mark.parametrize(
    "written",
    ["0612345678", "06 12 34 56 78", "06.12.34.56.78", "+33612345678", "0033 6 12 34 56 78",
     "612345678", "+33 (0)6 12 34 56 78"],
)  # fmt: skip
def test_phones(sql: duckdb.DuckDBPyConnection, written: str) -> None:
    assert value(sql, folding.phone("t"), written) == 612345678


@pytest.mark.parametrize("written", ["12345678", "inconnu", "", None])
def test_what_is_no_phone(sql: duckdb.DuckDBPyConnection, written: str | None) -> None:
    assert value(sql, folding.phone("t"), written) is None


# --- identifiers: the SQL agrees with identifiers.py ---------------------------------------------


def rnie(number: int) -> str:
    key = 97 - number % 97
    return f"{number:09d}{'ABCDEFGHJK'[key // 10]}{'ABCDEFGHJK'[key % 10]}"


def bea(number: int) -> str:
    return f"{number:010d}{'ABCDEFGHJKLMNPRSTUVWXYZ'[number % 23]}"


@given(st.integers(0, 999_999_999))
def test_a_sound_rnie(sql: duckdb.DuckDBPyConnection, number: int) -> None:
    assert value(sql, folding.ine_is_sound("t"), rnie(number)) is True


@given(st.integers(0, 9_999_999_999))
def test_a_sound_bea(sql: duckdb.DuckDBPyConnection, number: int) -> None:
    assert value(sql, folding.ine_is_sound("t"), bea(number)) is True


@given(st.integers(0, 999_999_999), st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_seen(
    sql: duckdb.DuckDBPyConnection, number: int, place: int, shift: int
) -> None:
    written = list(rnie(number))
    written[place] = str((int(written[place]) + shift) % 10)
    assert value(sql, folding.ine_is_sound("t"), "".join(written)) is False


@given(
    st.one_of(
        st.text("0123456789ABCDEFGHJKLMNPRSTUVWXYZIOQ", min_size=10, max_size=12),
        st.from_regex(r"[0-9]{9}[A-K]{2}|[0-9]{10}[A-Z]|[0-9]{4}[AD][0-9]{5}[A-Z]", fullmatch=True),
        st.from_regex(r"[0-9A-Z]{10}[0-9]", fullmatch=True),
    )
)
@example("0999A000000")
@example("1234D12345O")
def test_sql_and_python_agree(sql: duckdb.DuckDBPyConnection, written: str) -> None:
    """`identifiers.py` explains a value to a person; the SQL decides for a million."""
    assert value(sql, folding.ine_is_sound("t"), written) is identifiers.ine(written).trusted


@pytest.mark.parametrize(
    "written", [" 990 000 001eb ", "990000001-EB", "990.000.001.EB", "990000001eb"]
)
def test_an_ine_however_it_is_spaced(sql: duckdb.DuckDBPyConnection, written: str) -> None:
    assert value(sql, folding.ine("t"), written) == "990000001EB"


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("1 08 05 44 109 123 45", True),
        ("108054410912345", True),
        ("2080544109123", True),
        ("1 08 05 2A 109 123 45", True),
        ("rue du 2080544109123", True),
        ("0612345678", False),
        ("990000001EB", False),
        ("2008-05-04", False),
        ("3 rue des Lilas 44000 Nantes", False),
        ("24720020330", False),
        (None, None),
    ],
)
def test_a_nir_is_seen(
    sql: duckdb.DuckDBPyConnection, written: str | None, found: bool | None
) -> None:
    assert value(sql, folding.nir("t"), written) is found
