"""Who stays out of the lists and under which rule the others fall; a lane never moves a verdict."""

from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.matching.territory import DAY, Result, Row, compared, crowd, ine, moved, pupil, uai

from raccord.matching import lanes

pytestmark = pytest.mark.xdist_group("lanes")


# --- ages ----------------------------------------------------------------------------------------


def years_between(born: date, day: date) -> int:
    """The age a human counts: one year more on the birthday, on 1 March for a 29 February."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


@given(
    st.dates(date(1990, 1, 1), date(2020, 12, 31)),
    st.dates(date(2024, 1, 1), date(2032, 12, 31)),
    st.sampled_from([16, 18]),
)
def test_the_limit_is_the_birthday(born: date, day: date, age: int) -> None:
    assert (born <= lanes.birthday_limit(day, age)) == (years_between(born, day) >= age)


@pytest.mark.parametrize(
    ("born", "day", "old_enough"),
    [
        ("2010-11-16", "2026-11-16", True),  # sixteen today
        ("2010-11-17", "2026-11-16", False),  # tomorrow
        ("2012-02-29", "2028-02-28", False),
        ("2012-02-29", "2028-02-29", True),
        ("2008-02-29", "2024-02-29", True),
        ("2009-02-28", "2025-02-28", True),
        ("2012-03-01", "2028-02-29", False),
    ],
)
def test_sixteen(born: str, day: str, old_enough: bool) -> None:
    limit = lanes.birthday_limit(date.fromisoformat(day), 16)
    assert (date.fromisoformat(born) <= limit) is old_enough


@pytest.mark.parametrize(("day", "adult"), [("2026-02-28", False), ("2026-03-01", True)])
def test_eighteen_for_a_birth_on_29_february(day: str, adult: bool) -> None:
    limit = lanes.birthday_limit(date.fromisoformat(day), 18)
    assert (date(2008, 2, 29) <= limit) is adult


# --- lanes ---------------------------------------------------------------------------------------


def born(rank: int, day: str, **changes: str) -> Row:
    return pupil(rank) | {"date_naissance": day} | changes


UNDER, SEVENTEEN, ADULT = "2011-03-03", "2009-05-05", "2008-05-05"
GONE: dict[str, tuple[Row, str | None]] = {
    "sixteen today": (born(1, "2010-11-16"), "obligation_16_17"),
    "sixteen tomorrow": (born(2, "2010-11-17"), "under_16"),
    "seventeen until tomorrow": (born(3, "2008-11-17"), "obligation_16_17"),
    "eighteen today": (born(4, "2008-11-16"), "dropout"),
    "no birth date": (born(5, ""), "age_unknown"),
    "impossible birth date": (born(6, "2008-02-30"), "age_unknown"),
    "French birth date": (born(7, "16/11/2010"), "obligation_16_17"),
    "adult in Terminale": (born(8, ADULT, formation="TERMINALE GENERALE"), "diploma_unknown"),
    "adult in a last vocational year": (born(9, ADULT, mef="24720020330"), "diploma_unknown"),
    "adult in a first vocational year": (born(10, ADULT, mef="24720020310"), "dropout"),
    "adult with a CAP": (born(11, ADULT, diplome_obtenu="CAP CUISINE"), "graduate"),
    "seventeen with a CAP": (born(12, SEVENTEEN, diplome_obtenu="CAP"), "young_graduate"),
    "adult with the brevet": (born(13, ADULT, diplome_obtenu="DNB"), "dropout"),
    "adult who failed": (born(14, ADULT, diplome_obtenu="non"), "dropout"),
    "adult who leaves the académie": (
        born(15, ADULT, motif_sortie="DEPART HORS ACADEMIE"), "left_academie"),
    "dead": (born(16, ADULT, motif_sortie="43"), "deceased"),
    "dead, in words": (born(17, SEVENTEEN, motif_sortie="Décès"), "deceased"),
    "dead under sixteen": (born(18, UNDER, motif_sortie="43"), "deceased"),
    "under sixteen with a CAP": (born(19, UNDER, diplome_obtenu="CAP"), "under_16"),
}  # fmt: skip
STAYS = [born(31, UNDER), born(32, ADULT, formation="TERMINALE GENERALE"), born(33, ADULT)]
EXCLUDED = {"under_16", "age_unknown", "deceased"}


@pytest.fixture(scope="module")
def registers() -> tuple[list[Row], list[Row]]:
    others = crowd(40)
    before = [row for row, _ in GONE.values()] + STAYS + others
    return before, [moved(row) for row in STAYS] + others


@pytest.fixture(scope="module")
def result(
    tmp_path_factory: pytest.TempPathFactory, registers: tuple[list[Row], list[Row]]
) -> Result:
    return compared(tmp_path_factory.mktemp("lanes"), *registers)


@pytest.fixture(scope="module")
def all_ages(
    tmp_path_factory: pytest.TempPathFactory, registers: tuple[list[Row], list[Row]]
) -> Result:
    return compared(tmp_path_factory.mktemp("all-ages"), *registers, all_ages=True)


@pytest.mark.parametrize("name", GONE)
def test_each_lane(result: Result, name: str) -> None:
    row, lane = GONE[name]
    verdict = result.of(row)
    assert verdict["lane"] == lane
    assert verdict["verdict"] == ("excluded" if lane in EXCLUDED else "missing")


@pytest.mark.parametrize("name", GONE)
def test_each_lane_with_all_ages(all_ages: Result, name: str) -> None:
    """Ages no longer exclude; death always does."""
    row, lane = GONE[name]
    verdict = all_ages.of(row)
    assert verdict["lane"] == lane
    assert verdict["verdict"] == ("excluded" if lane == "deceased" else "missing")


def test_whoever_is_found_has_no_lane_unless_excluded(result: Result) -> None:
    young, terminal, other = (result.of(row) for row in STAYS)
    assert young["verdict"] == "excluded" and young["lane"] == "under_16"
    assert (terminal["verdict"], other["verdict"]) == ("found", "found")


def test_lists_hold_nobody_excluded(result: Result, all_ages: Result) -> None:
    listed = {row["identifiant_local"] for row in result.missing()}
    assert listed == {r["identifiant_local"] for r, lane in GONE.values() if lane not in EXCLUDED}
    everybody = {row["identifiant_local"] for row in all_ages.missing()}
    assert everybody == {r["identifiant_local"] for r, lane in GONE.values() if lane != "deceased"}


def test_the_report_names_nobody_excluded(result: Result) -> None:
    for row, lane in GONE.values():
        if lane in EXCLUDED:
            assert row["nom_famille"] not in result.report, row["nom_famille"]


def test_counts_of_lanes(result: Result) -> None:
    counts = result.summary["counts"]
    assert counts["excluded_by"] == {"under_16": 3, "age_unknown": 2}
    assert counts["lanes"]["diploma_unknown"] == 2
    assert counts["lanes"]["obligation_16_17"] == 3
    assert counts["excluded"] == 5 + 3  # the dead are excluded and counted nowhere else
    assert counts["missing"] == len(result.missing())


# --- death ---------------------------------------------------------------------------------------


def _dead_cases() -> dict[str, tuple[list[Row], list[Row], str]]:
    dead = {"motif_sortie": "43", "date_sortie": "2026-10-10"}
    x = [pupil(rank) for rank in range(60, 75)]
    return {
        "known by a leaver of today": ([x[0]], [moved(x[0], **dead)], "deceased"),
        "known in the school, name mistyped": (
            [x[2]], [x[2] | dead | {"ine": "", "nom_famille": x[2]["nom_famille"] + "E"}],
            "deceased"),
        "one of two enrolments says so": (
            [x[3] | {"motif_sortie": "43"}, x[3] | {"uai": uai(8), "identifiant_local": "q"}], [],
            "deceased"),
        "known elsewhere, name mistyped, no INE": (
            [x[4]], [moved(x[4], ine="", nom_famille=x[4]["nom_famille"] + "E", **dead)],
            "deceased"),
        "a dead stranger bears the INE": (
            [x[5]], [moved(x[6], ine=x[5]["ine"], **dead)], "dropout"),
        "a dead homonym of the other sex, born elsewhere": (
            [x[7]], [moved(x[7], ine=ine(7007), uai_precedent="", commune_naissance="13055",
                           sexe="M" if x[7]["sexe"] == "F" else "F", **dead)], "dropout"),
        "motive 430": ([x[8] | {"motif_sortie": "430"}], [], "dropout"),
    }  # fmt: skip


DEAD = _dead_cases()


@pytest.fixture(scope="module")
def deaths(tmp_path_factory: pytest.TempPathFactory) -> Result:
    others = crowd(40)
    before = [row for case in DEAD.values() for row in case[0]]
    after = [row for c in DEAD.values() for row in c[1]]
    return compared(
        tmp_path_factory.mktemp("deaths"), before + others, after + others, as_of=date(2028, 1, 1)
    )


@pytest.mark.parametrize("name", DEAD)
def test_death_is_believed_and_silent(deaths: Result, name: str) -> None:
    before, _, lane = DEAD[name]
    for row in before:
        verdict = deaths.of(row)
        assert verdict["lane"] == lane
        listed = any(m["identifiant_local"] == row["identifiant_local"] for m in deaths.missing())
        assert listed == (lane != "deceased")
        if lane == "deceased":
            assert verdict["verdict"] == "excluded"
            assert verdict["matched_uai"] is None
            assert not verdict["evidence"]
            assert row["nom_famille"] not in deaths.report


# --- the SQL itself ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mef", "course", "terminal"),
    [
        ("20210010110", "TERMINALE GENERALE", True),
        ("20110010110", "1ERE GENERALE", False),
        (None, "TLE PRO MELEC", True),
        (None, "Terminale STMG", True),
        (None, "DETERMINE", False),
        ("24720020330", None, True),
        ("24720020320", None, False),
        ("24122010220", "CAP 2 CUISINE", True),
        ("24122010210", None, False),
        (None, None, False),
    ],
)
def test_terminal_classes(mef: str | None, course: str | None, terminal: bool) -> None:
    with duckdb.connect() as connection:
        row = connection.execute(
            f"SELECT {lanes.is_terminal_class('m', 'c')} FROM (SELECT $m::VARCHAR AS m, "
            "$c::VARCHAR AS c)",
            {"m": mef, "c": course},
        ).fetchone()
    assert row == (terminal,)


@pytest.mark.parametrize("day", [None, DAY])
def test_the_day_of_the_comparison_is_today_by_default(
    tmp_path: Path, day: date | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    from raccord.matching.comparison import Request

    asked = {"as_of": day} if day else {}
    assert Request([], [], tmp_path, **asked).as_of == (day or date.today())
