"""Several enrolments of one young person are one person; two young people never are."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.matching.territory import Result, Row, compared, crowd, ine, moved, pupil, uai

from raccord.matching.persons import connected

pytestmark = pytest.mark.xdist_group("persons")


def second(row: Row, **changes: str) -> Row:
    """The same young person in another register of the same day."""
    return row | {"uai": uai(30), "identifiant_local": row["identifiant_local"] + "bis",
                  "source": "cfa"} | changes  # fmt: skip


#: name → (first enrolment, second enrolment, one person?)
PAIRS: dict[str, tuple[Row, Row, bool]] = {
    "a lycée and a CFA": (pupil(1), second(pupil(1)), True),
    "the CFA has no INE": (pupil(2), second(pupil(2), ine=""), True),
    "the CFA mistypes the name": (
        pupil(3), second(pupil(3), nom_famille=pupil(3)["nom_famille"] + "E"), True),
    "the CFA swaps day and month": (
        pupil(4) | {"date_naissance": "2008-03-04"},
        second(pupil(4), date_naissance="2008-04-03"), True),
    "two INE, one shared": (
        pupil(5) | {"ine": ine(5) + "|" + ine(905)}, second(pupil(5), ine=ine(905)), True),
    "same INE, two birth dates, two names": (
        pupil(6), second(pupil(7), ine=ine(6)), False),
    "homonyms of two towns": (
        pupil(8) | {"ine": ""},
        second(pupil(8), ine="", commune_naissance="13055"), False),
    "homonyms with two INE": (pupil(9), second(pupil(9), ine=ine(909)), False),
    "homonyms of two sexes": (
        pupil(10) | {"sexe": "F", "ine": ""},
        second(pupil(10), sexe="M", ine="", commune_naissance=""), False),
    "twins": (
        pupil(11) | {"prenom": "LUCIE"},
        pupil(11) | {"prenom": "MARION", "ine": ine(911), "identifiant_local": "t"}, False),
}  # fmt: skip


NAMES = list(PAIRS)


@pytest.fixture(scope="module")
def gone(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """All of them left: both sides of each pair are listed."""
    rows = [row for pair in PAIRS.values() for row in pair[:2]]
    others = crowd(60)
    return compared(tmp_path_factory.mktemp("gone"), [*rows, *others], others)


@pytest.fixture(scope="module")
def stayed(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """Only the second of each pair is enrolled today."""
    rows = [row for pair in PAIRS.values() for row in pair[:2]]
    after = [moved(pair[1]) for pair in PAIRS.values()]
    others = crowd(60)
    return compared(tmp_path_factory.mktemp("stayed"), [*rows, *others], [*after, *others])


@pytest.mark.parametrize("name", NAMES)
def test_who_is_one_person(gone: Result, name: str) -> None:
    first, other, same = PAIRS[name]
    assert (gone.of(first)["person"] == gone.of(other)["person"]) is same
    assert gone.verdict(first) == gone.verdict(other) == "missing"


@pytest.mark.parametrize("name", NAMES)
def test_one_person_is_found_or_missing_as_a_whole(stayed: Result, name: str) -> None:
    first, other, same = PAIRS[name]
    assert stayed.verdict(other) == "found"
    if same:
        assert stayed.verdict(first) == "found"
    else:
        assert stayed.verdict(first) in ("missing", "review")


def test_a_person_listed_by_two_schools_says_so(gone: Result) -> None:
    lines = {line["identifiant_local"]: line for line in gone.missing()}
    first, other, _ = PAIRS["a lycée and a CFA"]
    assert lines[first["identifiant_local"]]["aussi_inscrit_dans"] == other["uai"]
    assert lines[other["identifiant_local"]]["aussi_inscrit_dans"] == first["uai"]


def test_several_registers_of_today_are_all_searched(tmp_path: Path) -> None:
    rows = [pupil(rank) for rank in range(40, 46)]
    registers = [[moved(row, source=f"base{n}")] for n, row in enumerate(rows[:5])]
    result = compared(tmp_path, [*rows, *crowd(30)], [*registers, crowd(30)])
    assert [result.of(row)["matched_source"] for row in rows] == [
        "base0", "base1", "base2", "base3", "base4", None]  # fmt: skip


def test_a_learner_sent_twice_is_found_once(tmp_path: Path) -> None:
    """A CFA sends the same learner as formateur and as responsable: nobody else is touched."""
    row, other = pupil(50), pupil(51)
    twice = [moved(row, source="cfa"), moved(row, school=31, source="cfa", ine="")]
    result = compared(tmp_path, [row, other, *crowd(30)], [*twice, *crowd(30)])
    assert (result.verdict(row), result.verdict(other)) == ("found", "missing")


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=20), st.randoms())
def test_groups_do_not_depend_on_the_order_of_pairs(edges: list[tuple[int, int]], draw) -> None:  # type: ignore[no-untyped-def]
    groups = connected(edges)
    shuffled = [(b, a) for a, b in edges]
    draw.shuffle(shuffled)
    assert connected(shuffled) == groups
    assert set(groups) == {node for edge in edges for node in edge}
    for a, b in edges:
        assert groups[a] == groups[b] <= min(a, b)
