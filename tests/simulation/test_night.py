"""The next day of a territory."""

from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from raccord.simulation import Simulation
from raccord.simulation.night import next_day


def test_half_a_percent_of_rows_change(
    tmp_path: Path, territory: Callable[..., Simulation]
) -> None:
    after = territory(20_000, 1).folder / "after"
    counts = [next_day(after, tmp_path / n, seed=1, as_of="2026-10-16") for n in ("a", "b")]
    assert counts[0] == counts[1]
    old, new, again = (pq.read_table(f) for f in (after, tmp_path / "a", tmp_path / "b"))
    assert new.equals(again)
    assert len(new) == len(old) + counts[0]["arrival"]
    assert sum(counts[0].values()) == pytest.approx(0.005 * len(old), rel=0.35)
    kept = new.slice(0, len(old))
    before = old.to_pylist()
    different = sum(a != b for a, b in zip(before, kept.to_pylist(), strict=True))
    assert different == pytest.approx(0.0045 * len(old), rel=0.35)
