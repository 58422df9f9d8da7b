"""Thousands of random histories: one holder, nothing without its trace, merged then apart.

    python -m benchmarks.histories [--relays N] [--merges N]

The tests of the suite, which plays a few of them at each change, with more examples.
"""

import argparse
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.measures import Measure, Report  # noqa: E402
from benchmarks.measuring import Spread  # noqa: E402

RELAYS = "tests/followup/relay/test_histories.py"
MERGES = "tests/followup/reporting/test_merging.py"


@dataclass(frozen=True)
class Played:
    """How many histories were played, in how many seconds, and what pytest said when one broke."""

    relays: int
    merges: int
    seconds: float
    broken: tuple[str, ...]


def measure(*, relays: int, merges: int) -> Played:
    """Play them; a broken one is told by the shortest history that breaks it."""
    started = time.perf_counter()
    said = [_play(RELAYS, relays), _play(MERGES, merges)]
    return Played(relays, merges, time.perf_counter() - started, tuple(s for s in said if s))


def _play(tests: str, how_many: int) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", tests],
        cwd=ROOT,
        env=os.environ | {"RACCORD_HISTORIES": str(how_many)},
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if ran.returncode == 0 else ran.stdout[-4000:]


def tell(played: Played, report: Report) -> None:
    """The lines of the table."""
    topic = (
        f"Histoires au hasard ({played.relays} de relais, {played.merges} de dossiers réunis puis "
        "séparés)"
    )
    report.add(
        Measure(topic, "invariants rompus", Spread([float(len(played.broken))]), "n", 0.0),
        Measure(topic, "durée", Spread([played.seconds]), "s"),
    )
    report.notes += list(played.broken)


def main() -> int:
    """By itself: prints what was played, and what broke."""
    parser = argparse.ArgumentParser(description="histoires au hasard")
    parser.add_argument("--relays", type=int, default=2000)
    parser.add_argument("--merges", type=int, default=300)
    asked = parser.parse_args()
    played = measure(relays=asked.relays, merges=asked.merges)
    print(*played.broken, sep="\n")
    print(
        f"{played.relays} histoires de relais et {played.merges} de dossiers réunis en "
        f"{played.seconds:.0f} s : {len(played.broken)} rompue(s)"
    )
    return 1 if played.broken else 0


if __name__ == "__main__":
    sys.exit(main())
