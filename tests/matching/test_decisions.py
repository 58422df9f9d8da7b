"""What humans decided wins, in both directions; and their file is read with care."""

from pathlib import Path

import pytest
from tests.matching.territory import (
    Result,
    Row,
    compared,
    crowd,
    csv_file,
    decision,
    ine,
    moved,
    pupil,
    uai,
)

from raccord.matching.decisions import Decision, read_decisions
from raccord.registers.problems import RefusedFile

pytestmark = pytest.mark.xdist_group("decisions")


class Territory:
    """Cases that stand side by side in one comparison."""

    def __init__(self) -> None:
        self.before: list[Row] = []
        self.after: list[Row] = []
        self.decisions: list[Row] = []
        self.cases: dict[str, list[Row]] = {}

    def add(self, name: str, before: list[Row], after: list[Row], *said: Row) -> None:
        self.cases[name] = before
        self.before += before
        self.after += after
        self.decisions += said


def _territory() -> Territory:
    t = Territory()
    x = pupil(1)
    a = moved(pupil(2), ine="", uai_precedent="")
    t.add("oui between strangers", [x], [a], decision(x, a, "oui"))
    x = pupil(3)
    a = moved(x, prenom="ALBERTINE", ine="")
    t.add("oui against a veto", [x], [a], decision(x, a, "Oui"))
    for rank, name, change in (
        (4, "non against the INE", {}),
        (5, "non against the identity", {"ine": ""}),
        (6, "non against the model", {"ine": "", "date_naissance": "2008-12-30"}),
    ):
        x = pupil(rank)
        a = moved(x, **change)
        t.add(name, [x], [a], decision(x, a, "non"))
    x = pupil(7)
    a, o = moved(x), moved(pupil(8), ine="", school=8)
    t.add("oui elsewhere than the INE", [x], [a, o], decision(x, o, "oui"))
    x, y = pupil(9), pupil(10)
    a = moved(y)
    t.add("oui takes what another had", [x, y], [a], decision(x, a, "oui"))
    x = pupil(11)
    x2 = x | {"uai": uai(8), "identifiant_local": "x2"}
    a = moved(x)
    t.add("non for one enrolment is for the person", [x, x2], [a], decision(x, a, "non"))
    x = pupil(12)
    a = moved(x)
    a2 = moved(x, school=8, identifiant_local="a2", source="cfa")
    t.add("non for one enrolment of today is for the person", [x], [a, a2], decision(x, a, "non"))
    x = pupil(13)
    x2 = x | {"uai": uai(8), "identifiant_local": "x3"}
    a = moved(pupil(14))
    t.add("oui for one enrolment is for the person", [x, x2], [a], decision(x, a, "oui"))
    x = pupil(15)
    a = moved(x, date_sortie="2026-10-01")
    t.add("oui and gone since", [x], [a], decision(x, a, "oui"))
    x = pupil(16) | {"uai": ""}
    a = moved(x, uai_precedent="")
    t.add("non without a UAI", [x], [a], decision(x, a, "non"))
    x = pupil(17)
    a = moved(x) | {"uai": uai(9).lower()}
    t.add("non, UAI in small letters", [x], [a], decision(x, a, "non"))
    x = pupil(18)
    a = moved(x)
    t.add("non then oui", [x], [a], decision(x, a, "non"), decision(x, a, "oui"))
    x = pupil(19)
    t.add("gone from where they are", [x], [x], decision(x, x, "parti"))
    x = pupil(20)
    t.add("gone, and elsewhere", [x], [x, moved(x)], decision(x, x, "Parti"))
    x = pupil(21)
    t.add("a decision about nobody known", [x], [moved(x)],
          decision(pupil(599), pupil(598), "oui"))  # fmt: skip
    return t


TERRITORY = _territory()


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    others = crowd(60)
    return compared(
        tmp_path_factory.mktemp("decisions"),
        TERRITORY.before + others,
        TERRITORY.after + others,
        decisions=TERRITORY.decisions,
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("oui between strangers", [("found", "decision", "n1002")]),
        ("oui against a veto", [("found", "decision", "n1003")]),
        ("non against the INE", [("missing", None, None)]),
        ("non against the identity", [("missing", None, None)]),
        ("non against the model", [("missing", None, None)]),
        ("oui elsewhere than the INE", [("found", "decision", "n1008")]),
        ("oui takes what another had", [("found", "decision", "n1010"), ("missing", None, None)]),
        ("non for one enrolment is for the person", [("missing", None, None)] * 2),
        ("non for one enrolment of today is for the person", [("missing", None, None)]),
        ("oui for one enrolment is for the person", [("found", "decision", "n1014")] * 2),
        ("oui and gone since", [("missing", None, None)]),
        ("non without a UAI", [("missing", None, None)]),
        ("non, UAI in small letters", [("missing", None, None)]),
        ("non then oui", [("found", "decision", "n1018")]),
        ("gone from where they are", [("missing", None, None)]),
        ("gone, and elsewhere", [("found", "ine", "n1020")]),
        ("a decision about nobody known", [("found", "ine", "n1021")]),
    ],
)
def test_the_word_of_a_human_wins(
    result: Result, name: str, expected: list[tuple[str, str | None, str | None]]
) -> None:
    found = [result.of(row) for row in TERRITORY.cases[name]]
    assert [
        (v["verdict"], v["matched_by"], v["matched_identifiant_local"]) for v in found
    ] == expected


def test_a_decision_does_not_claim_that_fields_agree(result: Result) -> None:
    (row,) = TERRITORY.cases["oui between strangers"]
    assert not {"ine", "nom_famille", "prenom"} & set(result.of(row)["evidence"]["agree"])


def test_a_decision_is_certain(result: Result) -> None:
    decided = [row for row in result.rows if row["matched_by"] == "decision"]
    assert decided
    assert {row["probability"] for row in decided} == {1.0}


HEADER = "uai;identifiant_local;uai_trouve;identifiant_trouve;decision\n"


def file_of(folder: Path, content: str | bytes) -> Path:
    path = folder / "decisions.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("said", "same"),
    [("oui", True), (" OUI ", True), ("o", True), ("même", True), ("1", True), ("true", True),
     ("non", False), ("N", False), ("différent", False), ("0", False)],
)  # fmt: skip
def test_yes_and_no_as_people_write_them(tmp_path: Path, said: str, same: bool) -> None:
    (found,) = read_decisions(file_of(tmp_path, f"{HEADER}0990001n;1;0990002P;2;{said}\n"))
    assert found == Decision(("", "0990001N", "1"), ("", "0990002P", "2"), same)


@pytest.mark.parametrize(
    "content",
    [
        HEADER.replace(";", ",") + "0990001N,1,0990002P,2,oui\n",
        "\ufeff" + HEADER + "0990001N;1;0990002P;2;oui\r\n",
        "decision;uai;identifiant_local;uai_trouve;identifiant_trouve;note\n"
        "oui;0990001N;1;0990002P;2;vu avec la CPE\n",
    ],
    ids=["commas", "bom", "other-order"],
)
def test_files_as_spreadsheets_write_them(tmp_path: Path, content: str) -> None:
    (found,) = read_decisions(file_of(tmp_path, content))
    assert found.before == ("", "0990001N", "1")


def test_the_last_word_about_a_pair_wins(tmp_path: Path) -> None:
    row = "0990001N;1;0990002P;2;"
    (found,) = read_decisions(file_of(tmp_path, f"{HEADER}{row}non\n{row}oui\n"))
    assert found.same


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("uai;identifiant_local;decision\n", "uai_trouve, identifiant_trouve"),
        (HEADER + "0990001N;1;0990002P;2;peut-être\n", "ligne 2 : decision « peut-être »"),
        (HEADER + "0990001N;1;0990002P;2\n", "ligne 2"),
        (b"\xff\xfe\x00\x01", "illisible"),
        ("", "colonnes absentes"),
    ],
)
def test_a_broken_file_is_refused_in_one_line(
    tmp_path: Path, content: str | bytes, words: str
) -> None:
    with pytest.raises(RefusedFile) as refused:
        read_decisions(file_of(tmp_path, content))
    assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_field_without_end_is_refused(tmp_path: Path) -> None:
    good = "0990001N;1;0990002P;2;oui\n"
    with pytest.raises(RefusedFile, match=r"ligne 3 : .*guillemet"):
        read_decisions(file_of(tmp_path, HEADER + good + '"' + "x" * 200_000 + "\n"))


def test_decisions_from_rows_of_another_source_do_not_apply(tmp_path: Path) -> None:
    before, after = pupil(1), moved(pupil(1))
    said = decision(before, after, "non") | {"source": "cfa", "source_trouvee": ""}
    path = csv_file(tmp_path / "d.csv", [said])
    result = compared(tmp_path, [before, *crowd(20)], [after, *crowd(20)], decisions=path)
    assert result.verdict(before) == "found"
    assert ine(1) not in result.report
