"""The two errors of a comparison, counted against a truth that is known by hand."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.matching.territory import Result, compared, crowd, ine, moved, pupil

from raccord.matching.evaluation import evaluate, told
from raccord.registers.problems import RefusedFile

pytestmark = pytest.mark.xdist_group("evaluation")

GONE, USELESS, DOUBT, YOUNG = pupil(1), pupil(2), pupil(3), pupil(4)
HIDDEN = pupil(5)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    others = crowd(20)
    young = YOUNG | {"date_naissance": "2012-01-01"}
    return compared(
        tmp_path_factory.mktemp("evaluation"),
        [GONE, USELESS, DOUBT, young, HIDDEN, *others],
        [moved(DOUBT, ine=ine(500), uai_precedent="", commune_naissance=""), moved(HIDDEN),
         *others],
    )  # fmt: skip


def truth(folder: Path, **said: str) -> Path:
    rows = [GONE, USELESS, DOUBT, YOUNG, HIDDEN, *crowd(20)]
    default = {"gone": [GONE, HIDDEN, YOUNG]}
    table = {
        "source": [r["source"] for r in rows],
        "uai": [r["uai"] for r in rows],
        "identifiant_local": [r["identifiant_local"] for r in rows],
        "truth": ["gone" if r in default["gone"] else "enrolled" for r in rows],
    }
    path = folder / "truth.parquet"
    pq.write_table(pa.table(table | {k: [v] * len(rows) for k, v in said.items()}), path)
    return path


def test_errors_are_counted_one_by_one(result: Result, tmp_path: Path) -> None:
    """Two are gone, without the one under sixteen: one hidden, one useless call, one doubt."""
    rates = evaluate(result.out, truth(tmp_path))
    assert (rates["hidden"], rates["useless"], rates["review"]) == (1, 1, 1)
    assert rates["gone"] == 2
    assert rates["rows"] == 24
    assert rates["hidden_share"] == pytest.approx(1 / 2)
    assert rates["recall"] == pytest.approx(1 / 2)


def test_told_in_french(result: Result, tmp_path: Path) -> None:
    text = told(evaluate(result.out, truth(tmp_path)))
    assert "1" in text and "\n" in text


def test_a_truth_of_another_territory_is_refused(result: Result, tmp_path: Path) -> None:
    path = tmp_path / "truth.parquet"
    other = {"source": ["x"], "uai": ["x"], "identifiant_local": ["x"], "truth": ["gone"]}
    pq.write_table(pa.table(other), path)
    with pytest.raises(RefusedFile):
        evaluate(result.out, path)


def test_a_truth_of_less_than_half_of_the_rows_is_refused(result: Result, tmp_path: Path) -> None:
    path = truth(tmp_path)
    whole = pq.read_table(path)
    pq.write_table(whole.slice(0, 12), path)
    with pytest.raises(RefusedFile, match="12 des 25 inscriptions"):
        evaluate(result.out, path)
    pq.write_table(whole.slice(0, 13), path)
    assert evaluate(result.out, path)["rows"] == 12
