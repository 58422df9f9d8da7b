"""`make demo`: simulate a territory once, compare it, print where the report is.

Usage: python3 scripts/demo.py TERRITORY RESULT [--pupils N]
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RACCORD = ROOT / ".venv/bin/raccord"


def main() -> int:
    parser = argparse.ArgumentParser(description="Simule un territoire et compare ses bases.")
    parser.add_argument("territory", type=Path)
    parser.add_argument("result", type=Path)
    parser.add_argument("--pupils", type=int, default=60_000)
    options = parser.parse_args()
    territory: Path = options.territory
    description = territory / "simulation.json"
    if not description.exists():
        # What an interrupted simulation left is no territory.
        shutil.rmtree(territory, ignore_errors=True)
        territory.parent.mkdir(parents=True, exist_ok=True)
        command = ["simulate", "--pupils", str(options.pupils), "--seed", "2026"]
        status = raccord(*command, "--format", "real", "--out", str(territory))
        if status != 0:
            return status
    as_of = json.loads(description.read_text(encoding="utf-8"))["as_of"]
    compare = ["compare", "--without-refused", "--as-of", as_of, "--out", str(options.result)]
    for side in ("before", "after", "diplomas", "followed"):
        if (territory / side).exists():
            compare += [f"--{side}", str(territory / side)]
    status = raccord(*compare)
    if status == 0:
        sys.stdout.write(f"\nLe rapport : {(options.result / 'report.html').resolve()}\n")
    return status


def raccord(*arguments: str) -> int:
    return subprocess.call([str(RACCORD), *arguments], cwd=ROOT)


if __name__ == "__main__":
    sys.exit(main())
