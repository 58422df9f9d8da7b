"""Twins, strangers and their INE: the two ways a comparison hides somebody who is gone.

Each case stands in one territory, compared once. "Never found" is asked of whoever is gone.
"""

import pytest
from tests.matching.territory import Result, Row, compared, crowd, ine, moved, pupil, uai

from raccord.matching import doubts
from raccord.matching.vetoes import VETOES

pytestmark = pytest.mark.xdist_group("vetoes")

FOUND, REVIEW, MISSING = {"found"}, {"review"}, {"missing"}
NOT_FOUND = {"review", "missing"}
#: Somebody still enrolled whom a doubt may send to review; never to the list.
KEPT = {"found", "review"}

Case = tuple[str, list[Row], list[Row], list[set[str]], str]


def twins(rank: int, first: str, second: str, **common: str) -> tuple[Row, Row]:
    """Two sisters: everything the same but the first name, the number and the INE."""
    shared = pupil(rank) | {"sexe": "F", **common}
    return (
        shared | {"prenom": first, "ine": ine(3000 + rank), "identifiant_local": f"{rank}a"},
        shared | {"prenom": second, "ine": ine(4000 + rank), "identifiant_local": f"{rank}b"},
    )


def _twin_cases() -> list[Case]:
    cases: list[Case] = []
    rank = 0
    for kind, first, second in (("distinct", "LUCIE", "MARION"), ("close", "LUCIE", "LUCILE")):
        sure = kind == "distinct"
        for what, before_ine, changed in (
            ("with INE", True, {}),
            ("no INE at all", False, {"ine": ""}),
            ("no INE today", True, {"ine": ""}),
            ("no INE, typo in the family name", False, {"ine": "", "nom_famille": "?x"}),
            ("no INE, day and month swapped", False, {"ine": "", "date_naissance": "?"}),
            ("no INE, no sex, no birth place", False,
             {"ine": "", "sexe": "", "commune_naissance": ""}),
            ("INE, first name with an edit", True, {"prenom": second[:-1] + "A"}),
        ):  # fmt: skip
            rank += 1
            gone, stays = twins(rank, first, second, date_naissance="2008-03-05")
            if not before_ine:
                gone, stays = gone | {"ine": ""}, stays | {"ine": ""}
            change = dict(changed)
            if change.get("nom_famille"):
                change["nom_famille"] = stays["nom_famille"][:-1] + "K"
            if change.get("date_naissance"):
                change["date_naissance"] = "2008-05-03"
            cases.append((
                f"{kind} first names, {what}", [gone, stays], [moved(stays, **change)],
                [MISSING if sure and "typo" not in what and "edit" not in what else NOT_FOUND,
                 KEPT], "",
            ))  # fmt: skip
    return cases


def _odd_twin_cases() -> list[Case]:
    cases: list[Case] = []
    gone, stays = twins(21, "LUCIE", "MARION")
    cases.append(("stayer bears the leaver's INE, distinct", [gone, stays],
                  [moved(stays, ine=gone["ine"])], [NOT_FOUND, KEPT], ""))  # fmt: skip
    gone, stays = twins(22, "LUCIE", "LUCILE")
    cases.append(("stayer bears the leaver's INE, close", [gone, stays],
                  [moved(stays, ine=gone["ine"])], [NOT_FOUND, KEPT], ""))  # fmt: skip
    gone, stays = twins(23, "LUCIE", "LUCILE")
    cases.append(("both bear the stayer's INE, close", [gone | {"ine": stays["ine"]}, stays],
                  [moved(stays)], [NOT_FOUND, KEPT], "B3"))  # fmt: skip
    gone, stays = twins(24, "LUCIE", "MARION")
    cases.append(("both bear the stayer's INE, distinct", [gone | {"ine": stays["ine"]}, stays],
                  [moved(stays)], [NOT_FOUND, KEPT], ""))  # fmt: skip
    gone, stays = twins(25, "LUCIE", "LUCILE")
    gone, stays = gone | {"ine": stays["ine"]}, stays | {"ine": gone["ine"]}
    cases.append(("INE exchanged before, close", [gone, stays], [moved(stays)],
                  [NOT_FOUND, KEPT], ""))  # fmt: skip
    gone, stays = twins(26, "LUCIE", "MARION")
    cases.append(("the twin is known today only, distinct", [gone], [moved(stays)],
                  [NOT_FOUND], ""))  # fmt: skip
    gone, stays = twins(27, "LUCIE", "LUCILE")
    cases.append(("the twin is known today only, close, two INE", [gone], [moved(stays)],
                  [NOT_FOUND], ""))  # fmt: skip
    gone, stays = twins(28, "JEAN", "JEANNE")
    cases.append(("Jean and Jeanne", [gone | {"sexe": "M"}, stays], [moved(stays, ine="")],
                  [NOT_FOUND, KEPT], ""))  # fmt: skip
    gone, stays = twins(29, "MARIE", "LUCIE")
    gone, stays = gone | {"prenoms_suivants": "LUCIE"}, stays | {"prenoms_suivants": "MARIE"}
    cases.append(("each has the other's first name as a second one", [gone, stays],
                  [moved(stays, ine="")], [NOT_FOUND, KEPT], ""))  # fmt: skip
    gone, stays = twins(30, "LEA", "LENA")
    cases.append(("three letters, the stayer remains in the school", [gone, stays], [stays],
                  [NOT_FOUND, KEPT], ""))  # fmt: skip
    one, two = twins(31, "LUCIE", "LUCILE")
    cases.append(("both stay", [one, two], [moved(one), moved(two)], [FOUND, FOUND], ""))
    one, two = twins(32, "LUCIE", "LUCILE", ine="")
    one, two = one | {"ine": ""}, two | {"ine": ""}
    cases.append(("both stay without INE", [one, two], [moved(one), moved(two)],
                  [FOUND, FOUND], ""))  # fmt: skip
    one, two = twins(33, "LUCIE", "MARION")
    cases.append(("both are gone", [one, two], [], [MISSING, MISSING], ""))
    return cases


def _stranger_cases() -> list[Case]:
    cases: list[Case] = []
    x, y = pupil(40), pupil(41)
    cases.append(("a stayer bears the INE of one who is gone", [x, y], [moved(y, ine=x["ine"])],
                  [NOT_FOUND, KEPT], ""))  # fmt: skip
    x, y = pupil(42), pupil(43)
    cases.append(("a newcomer bears the INE of one who is gone", [x], [moved(y, ine=x["ine"])],
                  [NOT_FOUND], ""))  # fmt: skip
    x, y = pupil(44), pupil(45)
    cases.append(("one who is gone bears the INE of a stayer", [x | {"ine": y["ine"]}, y],
                  [moved(y)], [NOT_FOUND, KEPT], ""))  # fmt: skip
    x, y = pupil(46), pupil(47)
    cases.append(("one who is gone bears the INE of a newcomer", [x], [moved(y, ine=x["ine"]),
                  ], [NOT_FOUND], ""))  # fmt: skip
    x, y = pupil(48), pupil(49)
    y |= {n: x[n] for n in ("date_naissance", "commune_naissance", "sexe")}
    cases.append(("INE of a stranger born the same day in the same town", [x],
                  [moved(y, ine=x["ine"], uai_precedent="")], [NOT_FOUND], ""))  # fmt: skip
    x, y = pupil(50), pupil(51)
    y |= {n: x[n] for n in ("date_naissance", "commune_naissance", "sexe")}
    cases.append(("a stranger born the same day in the same town", [x | {"ine": ""}],
                  [moved(y, ine="", uai_precedent="")], [NOT_FOUND], ""))  # fmt: skip
    x, y = pupil(52), pupil(53)
    y |= {n: x[n] for n in ("date_naissance", "commune_naissance", "sexe", "prenom")}
    cases.append(("a stranger with the same first name, day and town", [x | {"ine": ""}],
                  [moved(y, ine="", uai_precedent="")], [NOT_FOUND], ""))  # fmt: skip
    x, y = pupil(54), pupil(55)
    y |= {n: x[n] for n in ("nom_famille", "commune_naissance", "sexe")}
    cases.append(("a cousin of the same name and town", [x], [moved(y, uai_precedent="")],
                  [NOT_FOUND], ""))  # fmt: skip
    x = pupil(56)
    sibling = moved(x, ine=ine(5056), prenom="GWENAELLE", date_naissance="2006-05-06",
                    telephone="0612345678", adresse="1 RUE DES LILAS")  # fmt: skip
    cases.append(("a sibling with the same telephone and address",
                  [x | {"telephone": "0612345678", "adresse": "1 RUE DES LILAS"}], [sibling],
                  [NOT_FOUND], ""))  # fmt: skip
    x = pupil(57)
    homonym = moved(x, ine="", uai_precedent="", commune_naissance="13055",
                    sexe="M" if x["sexe"] == "F" else "F")  # fmt: skip
    cases.append(("a homonym born the same day elsewhere, of the other sex",
                  [x | {"ine": ""}], [homonym], [NOT_FOUND], ""))  # fmt: skip
    x = pupil(58)
    cases.append(("two sound INE far apart and nothing local",
                  [x], [moved(x, ine=ine(5058), uai_precedent="", commune_naissance="")],
                  [REVIEW], ""))  # fmt: skip
    x, y = pupil(61), pupil(62)
    y |= {n: x[n] for n in ("date_naissance", "commune_naissance", "sexe", "uai")}
    cases.append(("a stranger of the same school, day and town", [x | {"ine": ""}],
                  [moved(y, ine="")], [NOT_FOUND], ""))  # fmt: skip
    x = pupil(60)
    homonym = moved(x, ine="", uai_precedent="", commune_naissance="",
                    date_naissance="2006-12-30")  # fmt: skip
    cases.append(("a homonym born another year", [x | {"ine": ""}], [homonym],
                  [NOT_FOUND], ""))  # fmt: skip
    x = pupil(59)
    other = x | {"uai": uai(7), "identifiant_local": "h", "commune_naissance": "13055", "ine": ""}
    cases.append(("two homonyms born the same day in two towns, one stays",
                  [x | {"ine": ""}, other], [moved(other, ine="", uai_precedent="")],
                  [NOT_FOUND, KEPT], ""))  # fmt: skip
    return cases


CASES = [*_twin_cases(), *_odd_twin_cases(), *_stranger_cases()]


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    others = crowd(80)
    before = [row for case in CASES for row in case[1]]
    after = [row for case in CASES for row in case[2]]
    return compared(tmp_path_factory.mktemp("vetoes"), before + others, after + others)


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=case[0].replace(" ", "-")) for case in CASES],
)
def test_nobody_who_is_gone_is_found(result: Result, case: Case) -> None:
    name, before, _, expected, _ = case
    verdicts = [result.of(row) for row in before]
    for verdict, allowed in zip(verdicts, expected, strict=True):
        assert verdict["verdict"] in allowed, f"{name}: {verdict}"
        if verdict["verdict"] == "review" and verdict["evidence"]["vetoes"]:
            assert verdict["probability"] < 0.5
            assert set(verdict["evidence"]["vetoes"]) <= {*VETOES, "ambiguous"}


def test_a_doubt_never_hides_behind_another_person(result: Result) -> None:
    """Nobody of today is shown for two young people of before."""
    seen: dict[tuple[str, str], int] = {}
    for row in result.rows:
        if row["matched_identifiant_local"] and row["verdict"] in ("found", "review"):
            key = (row["matched_uai"], row["matched_identifiant_local"])
            assert seen.setdefault(key, row["person"]) == row["person"]


def test_whoever_stays_under_the_same_identity_is_found(result: Result) -> None:
    crowd_rows = [result.of(row)["verdict"] for row in crowd(80)]
    assert crowd_rows == ["found"] * 80


def test_every_veto_has_words_for_people() -> None:
    assert set(VETOES) <= set(doubts.KEPT_APART)
