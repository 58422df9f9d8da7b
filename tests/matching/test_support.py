"""Registers that find nobody: exam results, who follows whom; and enrolments that are fragile."""

from datetime import date

import pytest
from tests.matching.territory import Result, Row, compared, crowd, ine, moved, pupil, uai

pytestmark = pytest.mark.xdist_group("support")

ADULT, SEVENTEEN = "2008-05-05", "2009-05-05"


def adult(rank: int, **changes: str) -> Row:
    return pupil(rank) | {"date_naissance": ADULT, "formation": "TERMINALE GENERALE"} | changes


def diploma(row: Row, name: str, level: str = "", **changes: str) -> Row:
    """A line of exam results: no school number, no class."""
    kept = ("ine", "nom_famille", "prenom", "date_naissance", "sexe", "commune_naissance", "uai")
    return (
        {n: row[n] for n in kept}
        | {
            "source": "examens",
            "diplome_obtenu": name,
            "niveau_diplome": level,
            "date_diplome": "2026-07-07",
        }
        | changes
    )


def followed(row: Row, by: str, **changes: str) -> Row:
    kept = ("nom_famille", "prenom", "date_naissance", "sexe", "commune_naissance")
    return (
        {n: row[n] for n in kept}
        | {
            "source": "mission-locale",
            "identifiant_local": "ml" + row["identifiant_local"],
            "suivi_par": by,
            "suivi_depuis": "2026-09-15",
        }
        | changes
    )


GONE = {
    "bac": adult(1),
    "bac by name only": adult(2),
    "level 2": adult(3),
    "nothing in the results": adult(4),
    "seventeen with a bac": adult(5, date_naissance=SEVENTEEN),
    "without INE": adult(6),
    "typo": adult(7),
    "followed": adult(8, formation="1ERE"),
    "followed twice": adult(9, formation="1ERE"),
    "followed and mistyped": adult(10, formation="1ERE"),
    "two enrolments": adult(11),
    "refused": adult(12),
    "followed homonym": adult(13, formation="1ERE"),
}
SECOND = GONE["two enrolments"] | {"uai": uai(8), "identifiant_local": "second", "ine": ""}
STAYS = adult(30)


@pytest.fixture(scope="module")
def sides() -> tuple[list[Row], list[Row]]:
    others = crowd(40)
    return [*GONE.values(), SECOND, STAYS, *others], [moved(STAYS), *others]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory, sides: tuple[list[Row], list[Row]]) -> Result:
    g = GONE
    results = [
        diploma(g["bac"], "BACCALAUREAT GENERAL", "4"),
        diploma(g["bac by name only"], "Bac général"),
        diploma(g["level 2"], "CFG", "2"),
        diploma(g["seventeen with a bac"], "BACCALAUREAT", "4"),
        diploma(g["without INE"], "CAP", "3", ine=""),
        diploma(g["typo"], "CAP", "3", ine="", nom_famille=g["typo"]["nom_famille"] + "E"),
        diploma(g["two enrolments"], "CAP", "3"),
        diploma(g["refused"], "refusé", ""),
        diploma(STAYS, "BACCALAUREAT", "4"),
        *(diploma(row, "BACCALAUREAT", "4") for row in crowd(20, first=300)),
    ]
    support = [
        followed(g["followed"], "Mission locale du Fictif"),
        followed(g["followed twice"], "Mission locale du Fictif"),
        followed(g["followed twice"], "MLDS Fictive", source="mlds", suivi_depuis=""),
        followed(
            g["followed and mistyped"],
            "Mission locale du Fictif",
            prenom=g["followed and mistyped"]["prenom"] + "E",
            ine=g["followed and mistyped"]["ine"],
        ),
        followed(g["followed homonym"], "Mission locale du Fictif", date_naissance="2006-01-30",
                 commune_naissance="13055"),
        followed(STAYS, "Mission locale du Fictif"),
    ]  # fmt: skip
    return compared(tmp_path_factory.mktemp("support"), *sides, diplomas=results, followed=support)


@pytest.mark.parametrize(
    ("name", "lane"),
    [
        ("bac", "graduate"),
        ("bac by name only", "graduate"),
        ("level 2", "dropout"),
        ("nothing in the results", "dropout"),
        ("seventeen with a bac", "young_graduate"),
        ("without INE", "graduate"),
        ("typo", "graduate"),
        ("two enrolments", "graduate"),
        ("refused", "dropout"),
    ],
)
def test_results_separate_the_graduates(result: Result, name: str, lane: str) -> None:
    verdict = result.of(GONE[name])
    assert (verdict["verdict"], verdict["lane"]) == ("missing", lane)


def test_all_enrolments_of_a_person_share_the_lane(result: Result) -> None:
    first, second = result.of(GONE["two enrolments"]), result.of(SECOND)
    assert first["person"] == second["person"]
    assert first["lane"] == second["lane"] == "graduate"


def test_with_results_nobody_is_of_unknown_diploma(result: Result) -> None:
    assert {row["lane"] for row in result.rows} & {"diploma_unknown"} == set()


def test_accompaniment_never_finds(result: Result) -> None:
    mission = "Mission locale du Fictif depuis le 15/09/2026"
    assert result.of(GONE["followed"])["verdict"] == "missing"
    assert result.of(GONE["followed"])["followed_by"] == mission
    assert result.of(GONE["followed twice"])["followed_by"] == f"MLDS Fictive ; {mission}"
    assert result.of(GONE["followed and mistyped"])["followed_by"] == mission
    assert result.of(STAYS)["verdict"] == "found"


def test_a_homonym_is_not_the_one_who_is_followed(result: Result) -> None:
    """Born two years apart in two towns."""
    assert result.of(GONE["followed homonym"])["followed_by"] is None


def test_who_follows_is_on_the_list(result: Result) -> None:
    (line,) = [m for m in result.missing() if m["identifiant_local"] == "1008"]
    assert line["suivi_par"].startswith("Mission locale du Fictif")


def test_such_a_register_never_moves_a_verdict(
    tmp_path_factory: pytest.TempPathFactory,
    sides: tuple[list[Row], list[Row]],
    result: Result,
) -> None:
    without = compared(tmp_path_factory.mktemp("without"), *sides)
    keep = ("uai", "identifiant_local", "verdict", "matched_uai", "matched_by", "person")
    assert [[r[k] for k in keep] for r in without.rows] == [
        [r[k] for k in keep] for r in result.rows
    ]
    assert without.of(GONE["bac"])["lane"] == "diploma_unknown"


# --- fragile -------------------------------------------------------------------------------------


def cfa(row: Row, **changes: str) -> Row:
    return moved(row, source="cfa", uai=uai(20)) | changes


FRAGILE: dict[str, tuple[list[Row], bool]] = {
    "without a contract": ([cfa(pupil(40), statut="sans contrat")], True),
    "after a rupture": ([cfa(pupil(41), statut="rupture")], True),
    "never came": ([moved(pupil(42), statut="jamais venu")], True),
    "an apprentice with a contract": ([cfa(pupil(43), statut="apprenti")], False),
    "in a fragile period": ([cfa(pupil(44), fragile_du="2026-10-01")], True),
    "a period that ends today": (
        [cfa(pupil(45), fragile_du="2026-10-01", fragile_au="2026-11-16")], False),
    "a period that ends tomorrow": (
        [cfa(pupil(46), fragile_du="2026-10-01", fragile_au="2026-11-17")], True),
    "a period that starts tomorrow": ([cfa(pupil(47), fragile_du="2026-11-17")], False),
    "also soundly enrolled": (
        [cfa(pupil(48), statut="sans contrat"), moved(pupil(48), school=5)], False),
}  # fmt: skip


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Result:
    others = crowd(40)
    before = [pupil(rank) for rank in range(40, 49)]
    after = [row for rows, _ in FRAGILE.values() for row in rows]
    return compared(tmp_path_factory.mktemp("fragile"), before + others, after + others)


@pytest.mark.parametrize(("rank", "name"), list(enumerate(FRAGILE, start=40)))
def test_fragile_enrolments_are_found_and_marked(fragile: Result, rank: int, name: str) -> None:
    verdict = fragile.of(pupil(rank))
    assert (verdict["verdict"], verdict["fragile"]) == ("found", FRAGILE[name][1])


def test_fragile_is_counted(fragile: Result) -> None:
    assert fragile.summary["counts"]["fragile"] == sum(f for _, f in FRAGILE.values())


# --- exits ---------------------------------------------------------------------------------------


EXITS = [("2026-11-15", False), ("2026-11-16", False), ("2026-11-17", True), ("", True),
         ("9999-12-31", True), ("17/11/2026", True), ("16/11/2026", False),
         ("pas une date", True)]  # fmt: skip


@pytest.fixture(scope="module")
def exits(tmp_path_factory: pytest.TempPathFactory) -> Result:
    others = crowd(40)
    before = [pupil(rank) for rank in range(60, 60 + len(EXITS))]
    after = [moved(row, date_sortie=day) for row, (day, _) in zip(before, EXITS, strict=True)]
    return compared(tmp_path_factory.mktemp("exits"), before + others, after + others)


@pytest.mark.parametrize(("rank", "day", "here"), [(60 + i, *e) for i, e in enumerate(EXITS)])
def test_a_former_enrolment_finds_nobody(exits: Result, rank: int, day: str, here: bool) -> None:
    assert exits.verdict(pupil(rank)) == ("found" if here else "missing")
    assert exits.of(pupil(rank))["matched_uai"] == (uai(9) if here else None)


def test_an_exit_before_today_does_not_hide_the_next_enrolment(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    row, others = pupil(80), crowd(30)
    left = row | {"date_sortie": "2026-09-30"}
    result = compared(
        tmp_path_factory.mktemp("next"),
        [row, *others],
        [[left, *others], [moved(row, source="cfa", ine=ine(80))]],
        as_of=date(2026, 10, 1),
    )
    assert result.of(row)["matched_source"] == "cfa"
