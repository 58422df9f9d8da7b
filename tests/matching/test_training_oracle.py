"""Training finds the parameters that made the data, and Splink's estimates of the same data."""

import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest
from splink import Linker
from splink.backends.duckdb import DuckDBAPI
from tests.matching.scored_pairs import load_rows

from raccord.matching.model import training
from raccord.matching.model.levels import COLUMNS
from raccord.matching.model.splink_settings import splink_settings
from raccord.matching.model.weights import Model
from raccord.matching.sides import Side
from raccord.registers.reading import open_registers
from raccord.simulation.keys import ine_numbers, ine_rnie

pytestmark = pytest.mark.slow

_PERSONS = 6_000
_FAMILY_NAMES, _FIRST_NAMES = 300, 120
#: What happens, independently, to each field of a person between the two registers.
_RATES = {
    ("nom_famille", "different"): 0.03,
    ("prenom", "part"): 0.04,
    ("date_naissance", "day_month_swapped"): 0.03,
    ("sexe", "different"): 0.02,
    ("commune_naissance", "same_departement"): 0.05,
    ("commune_naissance", "different"): 0.03,
}

Rows = list[dict[str, Any]]
#: (field, level) → m and u; None where no pair reached the level.
Estimates = dict[tuple[str, str], tuple[float | None, float | None]]


@dataclass(frozen=True)
class Generated:
    """Rows of each side, in the same order of persons, and what training learns from them."""

    before: Rows
    after: Rows
    learnt: Model


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Generated:
    folder = tmp_path_factory.mktemp("connus")
    before = _people(np.random.default_rng(1789))
    after = _with_mistakes(before, np.random.default_rng(1901))
    sides = []
    for name, rows in (("before", before), ("after", after)):
        _write(rows, folder / f"{name}.csv")
        sides.append(Side(name, open_registers([folder / f"{name}.csv"]).snapshots))
    with duckdb.connect() as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(training, "_RANDOM_PAIRS", 1_000_000, raising=False)  # enough, and quicker
        learnt = training.train(connection, *sides, {"name": "connu"})
    assert learnt.labels > 0.98 * _PERSONS
    return Generated(before, after, learnt.model)


def _words(rng: np.random.Generator, number: int, length: int) -> list[str]:
    """Distinct words without likeness: syllables drawn at random."""
    words: dict[str, None] = {}
    while len(words) < number:
        words["".join(rng.choice(list("BCDFGKLMPRTVZ")) + rng.choice(list("AEIOU"))
                      for _ in range(length))] = None  # fmt: skip
    return list(words)


def _people(rng: np.random.Generator) -> Rows:
    family, first = _words(rng, _FAMILY_NAMES, 4), _words(rng, _FIRST_NAMES, 4)
    ines = ine_rnie(ine_numbers(np.arange(_PERSONS), 7)).to_pylist()
    rows = []
    for rank in range(_PERSONS):
        month = int(rng.integers(1, 13))
        day = int(rng.choice([d for d in range(1, 13) if d != month]))
        rows.append({
            "n_nom": (nom := str(rng.choice(family))), "c_nom": nom,
            "n_prenom": (prenom := str(rng.choice(first))), "c_prenom": prenom,
            "naissance": f"{rng.integers(2005, 2010)}{month:02d}{day:02d}",
            "s": int(rng.integers(1, 3)),
            "n_commune": f"{rng.integers(10, 20)}{rng.integers(1, 21):03d}",
            "n_ine": ines[rank], "ine_family": "rnie",
        })  # fmt: skip
    return rows


def _with_mistakes(rows: Rows, rng: np.random.Generator) -> Rows:
    def happens(field: str, level: str) -> bool:
        return bool(rng.random() < _RATES[field, level])

    others = [row["c_nom"] for row in rows]
    mistaken = []
    for row in rows:
        new = dict(row)
        if happens("nom_famille", "different"):
            new["n_nom"] = new["c_nom"] = str(rng.choice(others))
        if happens("prenom", "part"):
            new["n_prenom"] = new["c_prenom"] = row["c_prenom"][:4]
        if happens("date_naissance", "day_month_swapped"):
            date = row["naissance"]
            new["naissance"] = date[:4] + date[6:] + date[4:6]
        if happens("sexe", "different"):
            new["s"] = 3 - row["s"]
        if happens("commune_naissance", "same_departement"):
            new["n_commune"] = row["n_commune"][:2] + "999"
        elif happens("commune_naissance", "different"):
            new["n_commune"] = "56" + row["n_commune"][2:]
        mistaken.append(new)
    return mistaken


def _write(rows: Rows, path: Path) -> None:
    """As a plain register file."""
    table = pa.table({
        "uai": ["0350001X"] * len(rows),
        "identifiant_local": [str(rank) for rank in range(len(rows))],
        "ine": [row["n_ine"] for row in rows],
        "nom_famille": [row["n_nom"] for row in rows],
        "prenom": [row["n_prenom"] for row in rows],
        "date_naissance": [
            f"{row['naissance'][:4]}-{row['naissance'][4:6]}-{row['naissance'][6:]}" for row in rows
        ],
        "sexe": ["MF"[row["s"] - 1] for row in rows],
        "commune_naissance": [row["n_commune"] for row in rows],
    })  # fmt: skip
    pyarrow.csv.write_csv(table, path, pyarrow.csv.WriteOptions(delimiter=";"))


def _near(share: float, pairs: int) -> Any:
    """Within four standard errors of a share counted on so many pairs."""
    return pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / pairs) + 1e-4)


@pytest.mark.parametrize(("field", "level"), list(_RATES))
def test_training_recovers_the_rate_of_each_mistake(
    generated: Generated, field: str, level: str
) -> None:
    rate = _RATES[field, level]
    if (field, level) == ("nom_famille", "different"):
        rate *= 1 - 1 / _FAMILY_NAMES  # now and then the other name is the same
    if (field, level) == ("commune_naissance", "different"):
        rate *= 1 - _RATES[field, "same_departement"]
    # Two unlike names may be "similar" by chance: a few of the 3 % are counted there.
    slack = 0.004 if field == "nom_famille" else 0.0
    learnt = generated.learnt.levels[field, level].m
    assert learnt == _near(rate, _PERSONS) or abs(learnt - rate) <= slack


@pytest.mark.parametrize(
    ("field", "share"),
    [
        ("nom_famille", 1 / _FAMILY_NAMES),
        ("prenom", 1 / _FIRST_NAMES),
        ("sexe", 1 / 2),
        ("commune_naissance", 1 / 200),
        ("date_naissance", 1 / (5 * 12 * 11)),
    ],
)
def test_training_recovers_the_share_of_chance_agreements(
    generated: Generated, field: str, share: float
) -> None:
    agreeing = {"nom_famille": 0.97, "prenom": 0.96, "commune_naissance": 0.92}.get(field, 1.0)
    if field == "date_naissance":  # a swap undone by chance is as rare as it is
        agreeing = 0.97
    learnt = generated.learnt.levels[field, "exact"].u
    assert learnt == pytest.approx(share * agreeing, rel=0.12)


@pytest.fixture(scope="module")
def estimated(generated: Generated) -> Iterator[Estimates]:
    """(field, level) → Splink's m (from labels) and u (from random pairs) on the same rows."""
    logging.getLogger("splink").setLevel(logging.ERROR)
    with duckdb.connect() as connection:
        api = DuckDBAPI(connection=connection)
        blank = Model("", 0.0, {}, {c: {} for c in ("c_nom", "c_prenom", "n_commune")},
                      dict.fromkeys(("c_nom", "c_prenom", "n_commune"), 1.0))  # fmt: skip
        tables = []
        for name, rows in (("a_before", generated.before), ("b_after", generated.after)):
            load_rows(connection, f"{name}_rows", rows, blank)
            connection.execute(
                f"CREATE TABLE {name} AS SELECT id, {', '.join(COLUMNS)} FROM {name}_rows"
            )
            tables.append(api.register(name, dataset_display_name=name))
        linker = Linker(tables, splink_settings(None), log_level=None)
        connection.execute(
            f"""CREATE TABLE labels AS SELECT 'a_before' AS source_dataset_l, i AS id_l,
            'b_after' AS source_dataset_r, i AS id_r FROM range(1, {_PERSONS + 1}) t(i)"""
        )
        linker.training.estimate_m_from_pairwise_labels(api.register("labels"))
        linker.training.estimate_u_using_random_sampling(max_pairs=1_000_000, seed=3)
        yield {
            (comparison.output_column_name, level.label_for_charts): (
                level._trained_m_median,
                level._trained_u_median,
            )
            for comparison in linker._settings_obj.comparisons
            for level in comparison._comparison_levels_excluding_null
        }


@pytest.mark.parametrize("field", ["nom_famille", "prenom", "date_naissance", "sexe",
                                   "commune_naissance"])  # fmt: skip
def test_splink_estimates_the_same_shares(
    generated: Generated, estimated: Estimates, field: str
) -> None:
    compared = 0
    for (name, level), learnt in generated.learnt.levels.items():
        m, u = estimated[name, level]
        if name != field:
            continue
        # Below 1 % ours has a floor: a territory that never saw an error must not exclude it.
        if m is not None and m > 0.01:
            assert learnt.m == pytest.approx(m, rel=0.08), level
            compared += 1
        # Counted on fewer than a few thousand random pairs, a share is mostly chance.
        if u is not None and u > 2e-3:
            assert learnt.u == pytest.approx(u, rel=0.2), level
            compared += 1
    assert compared >= 2
