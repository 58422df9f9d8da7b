"""Same input, same output: whatever the order of rows and files, the threads, the cache; and the
invariants that hold for any registers at all."""

import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from tests.matching.territory import DAY, Row, compared, csv_file, ine, parquet_file, uai

from raccord.simulation import simulate

pytestmark = pytest.mark.xdist_group("determinism")


def rows_of(path: Path) -> list[Row]:
    """Every row of the plain files of a folder."""
    import csv

    found: list[Row] = []
    for file in sorted(path.rglob("*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as stream:
            found += list(csv.DictReader(stream, delimiter=";"))
    return found


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Row], list[Row]]:
    """A territory of the simulator, with the harder noise: twins, homonyms, wrong INE."""
    folder = tmp_path_factory.mktemp("population")
    simulate(700, 5, folder, format="plain", harder=True)
    return rows_of(folder / "before"), rows_of(folder / "after")


Population = tuple[list[Row], list[Row]]


@pytest.fixture(scope="module")
def reference(
    tmp_path_factory: pytest.TempPathFactory, population: Population
) -> list[dict[str, Any]]:
    return compared(tmp_path_factory.mktemp("reference"), *population).rows


def test_the_population_is_not_trivial(
    population: Population, reference: list[dict[str, Any]]
) -> None:
    assert len(population[0]) > 500
    means = {row["matched_by"] for row in reference}
    assert {"ine", "identite", "model", None} <= means


def cut(rows: list[Row], parts: int, draw: random.Random) -> list[list[Row]]:
    shuffled = draw.sample(rows, len(rows))
    size = -(-len(rows) // parts)
    return [shuffled[i : i + size] for i in range(0, len(rows), size)]


@pytest.mark.parametrize(
    ("seed", "parts", "threads", "form"),
    [(1, 1, 1, "csv"), (2, 1, 4, "csv"), (3, 5, 2, "csv"), (4, 3, 3, "parquet")],
)
def test_neither_rows_nor_files_nor_threads_decide(
    tmp_path: Path,
    population: Population,
    reference: list[dict[str, Any]],
    seed: int,
    parts: int,
    threads: int,
    form: str,
) -> None:
    """The same verdicts, labels of persons included, in the same sorted rows."""
    draw = random.Random(seed)
    write = csv_file if form == "csv" else parquet_file
    sides = []
    for side, rows in zip(("before", "after"), population, strict=True):
        columns = {column: "" for row in rows for column in row}
        sides.append(
            [
                write(tmp_path / f"{side}{rank}.{form}", [columns | row for row in piece])
                for rank, piece in enumerate(cut(rows, parts, draw))
            ]
        )
    found = compared(tmp_path, *sides, threads=threads).rows
    if form == "parquet":  # the label of a person is a hash of the columns that a file has
        found, expected = (
            [{k: v for k, v in row.items() if k != "person"} for row in rows]
            for rows in (found, reference)
        )
        assert found == expected
    else:
        assert found == reference


def test_a_register_compared_with_itself(tmp_path: Path, population: Population) -> None:
    """Everybody who is known well enough is found, and nobody is anywhere else."""
    rows = [row | {"date_sortie": ""} for row in population[0]]
    result = compared(tmp_path, rows, rows, all_ages=True)
    missing = [row for row in result.rows if row["verdict"] == "missing"]
    assert missing == []
    found = [row for row in result.rows if row["verdict"] == "found"]
    assert len(found) > 0.97 * len(result.rows)
    check(result.rows)


def test_nobody_today(tmp_path: Path, population: Population) -> None:
    one = [{"source": "x", "uai": uai(1), "identifiant_local": "1", "nom_famille": "ZZYZX",
            "prenom": "QWERTZ", "date_naissance": "1999-12-31", "ine": ""}]  # fmt: skip
    result = compared(tmp_path, population[0], one)
    assert {row["verdict"] for row in result.rows} <= {"missing", "excluded"}


def test_invariants_of_the_reference(reference: list[dict[str, Any]]) -> None:
    check(reference)


# --- any registers at all ------------------------------------------------------------------------


def check(rows: list[dict[str, Any]]) -> None:
    """What no register can break."""
    verdicts: dict[int, set[str]] = {}
    taken: dict[tuple[Any, ...], set[int]] = {}
    for row in rows:
        verdicts.setdefault(row["person"], set()).add(row["verdict"])
        if row["verdict"] in ("found", "review"):
            place = (row["matched_source"], row["matched_uai"], row["matched_identifiant_local"])
            taken.setdefault(place, set()).add(row["person"])
            assert row["matched_source"] is not None
        if row["probability"] is None and row["verdict"] != "excluded":
            assert row["verdict"] == "found" and row["matched_by"] in ("ine", "identite")
    assert all(len(found) == 1 for found in verdicts.values()), "a person has two verdicts"
    shared = {place for place, persons in taken.items() if len(persons) > 1}
    assert shared == set(), "two young people share one enrolment"


def optional(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(["", *values])


#: A dozen identities, close enough to be mistaken for each other.
ENROLMENT = st.fixed_dictionaries(
    {
        "nom_famille": optional("LE GOFF", "LEGOFF", "MARTIN", "MARTIN-LE GOFF", "?", "N'DIAYE"),
        "prenom": optional("LUCIE", "LUCILE", "MARION", "Léa", "LE GOFF", "X"),
        "date_naissance": optional(
            "2008-03-05", "2008-05-03", "2008-03-06", "05/03/2008", "2011-01-01", "2008-02-30"),
        "sexe": optional("F", "M"),
        "ine": optional(ine(1), ine(2), ine(1) + "|" + ine(2), "INCONNU", "00000000000"),
        "commune_naissance": optional("44109", "35238"),
        "uai": optional(uai(1), uai(2)),
        "uai_precedent": optional(uai(1)),
        "nom_usage": optional("MARTIN"),
        "prenoms_suivants": optional("MARION LUCIE"),
        "telephone": optional("0612345678"),
        "motif_sortie": st.sampled_from(["", "", "", "43"]),
        "date_sortie": st.sampled_from(["", "", "", "2026-11-16", "2026-11-17"]),
    }
)  # fmt: skip
REGISTER = st.lists(ENROLMENT, min_size=3, max_size=16)
ANCHOR = {"nom_famille": "ANCRE", "prenom": "ANNA", "date_naissance": "2008-08-08"}


@pytest.mark.slow
@given(REGISTER, REGISTER, st.randoms(use_true_random=False))
@settings(
    max_examples=6,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking would take minutes
)
def test_any_registers(
    tmp_path_factory: pytest.TempPathFactory, before: list[Row], after: list[Row], draw: Any
) -> None:
    folder = tmp_path_factory.mktemp("any")
    before = [row | {"identifiant_local": f"b{i}"} for i, row in enumerate([ANCHOR, *before])]
    after = [row | {"identifiant_local": f"a{i}"} for i, row in enumerate([ANCHOR, *after])]
    # With the ages left out, an exclusion cannot hide what is wrong with a verdict.
    result = compared(folder / "one", before, after, all_ages=True)
    check(result.rows)
    draw.shuffle(before)
    draw.shuffle(after)
    other = compared(folder / "other", before, after, all_ages=True)
    assert other.rows == result.rows


def test_many_rows_of_nobody(tmp_path: Path) -> None:
    """Fillers (« INCONNU INCONNU ») are not one person, and are not a square of pairs either."""
    filler = {"nom_famille": "INCONNU", "prenom": "INCONNU", "date_naissance": "2000-01-01",
              "ine": "00000000000", "commune_naissance": "99999", "sexe": "M"}  # fmt: skip
    rows = [filler | {"identifiant_local": str(i), "uai": uai(i % 5)} for i in range(600)]
    result = compared(tmp_path, rows, rows[:300], as_of=DAY)
    check(result.rows)
    assert sum(row["verdict"] == "found" for row in result.rows) <= 300


def test_rows_identical_to_the_letter(tmp_path: Path) -> None:
    """Thirty times the same line, without a number: whatever they are, they agree."""
    row = {"nom_famille": "DOUBLE", "prenom": "LINE", "date_naissance": "2008-01-01"}
    others = [ANCHOR | {"date_naissance": date(2008, 1, d).isoformat()} for d in range(2, 9)]
    result = compared(tmp_path, [row] * 30 + others, [row, *others])
    check(result.rows)


def test_a_person_with_two_birth_dates(tmp_path: Path) -> None:
    """One enrolment has no birth date: the person is found, both of their rows are."""
    row = {"nom_famille": "LE GOFF", "prenom": "Léa", "ine": ine(2), "identifiant_local": "1",
           "commune_naissance": "44109", "date_naissance": "2008-05-03"}  # fmt: skip
    undated = row | {"date_naissance": "", "identifiant_local": "2"}
    result = compared(tmp_path, [row, undated, ANCHOR], [row, ANCHOR])
    assert len({r["person"] for r in result.rows}) == 2
    check(result.rows)
