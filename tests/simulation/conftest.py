"""Small territories, drawn once for all the tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from raccord.simulation import Simulation, simulate


@pytest.fixture(scope="session")
def territory(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Simulation]:
    """`territory(pupils, seed, **options)`: the same arguments give the same folder."""
    done: dict[str, Simulation] = {}
    root: Path = tmp_path_factory.mktemp("territoire")

    def draw(pupils: int, seed: int, **options: object) -> Simulation:
        key = f"{pupils}-{seed}-" + "-".join(f"{k}={v}" for k, v in sorted(options.items()))
        if key not in done:
            folder = root / str(len(done))
            done[key] = simulate(pupils, seed, folder, **options)  # type: ignore[arg-type]
        return done[key]

    return draw
