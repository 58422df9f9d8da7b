"""`make demo`: simulate a territory once, compare it, print where the report is and what to try.

Usage: python3 scripts/demo.py TERRITORY RESULT [--pupils N]

Somebody has sent last year's export of one school again, beside this year's: it is refused, said,
and the comparison goes on without it (`--without-refused`). Some exports are weeks late.
"""

import argparse
import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RACCORD = ROOT / ".venv/bin/raccord"
SEED = 2026


def main() -> int:
    parser = argparse.ArgumentParser(description="Simule un territoire et compare ses bases.")
    parser.add_argument("territory", type=Path)
    parser.add_argument("result", type=Path)
    parser.add_argument("--pupils", type=int, default=58_000)
    options = parser.parse_args()
    territory: Path = options.territory
    description = territory / "simulation.json"
    status = 0 if is_ready(description, options.pupils) else simulate(territory, options.pupils)
    if status:
        return status
    as_of = json.loads(description.read_text(encoding="utf-8"))["as_of"]
    say(f"Comparaison au {as_of[8:]}/{as_of[5:7]}/{as_of[:4]}, environ une minute…", "")
    status = raccord(*comparison(territory, options.result, as_of))
    if status == 0:
        say("", *to_try(territory, options.result))
    return status


def is_ready(description: Path, pupils: int) -> bool:
    """Whether the same territory was written to its end by a former run."""
    try:
        found = json.loads(description.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(found.get("pupils") == pupils and found.get("seed") == SEED)


def simulate(territory: Path, pupils: int) -> int:
    # What an interrupted simulation left is no territory.
    shutil.rmtree(territory, ignore_errors=True)
    territory.parent.mkdir(parents=True, exist_ok=True)
    said = f"{pupils:,}".replace(",", "\u202f")
    say(f"Un territoire inventé d'environ {said} élèves (personne n'est réel), 20 secondes…")
    size = ["--pupils", str(pupils), "--seed", str(SEED)]
    return raccord("simulate", *size, "--format", "real", "--out", str(territory), quiet=True)


def comparison(territory: Path, result: Path, as_of: str) -> list[str]:
    """The arguments of `raccord compare`."""
    command = ["compare", "--without-refused", "--as-of", as_of, "--out", str(result)]
    for side in ("before", "after", "diplomas", "followed"):
        if (territory / side).exists():
            command += [f"--{side}", str(territory / side)]
    sent_again = territory / "incidents/mauvaise-annee"
    return [*command, "--after", str(sent_again)] if sent_again.exists() else command


def to_try(territory: Path, result: Path) -> list[str]:
    """What a newcomer may type next, with a name that is really on the list."""
    shown = RACCORD.relative_to(ROOT)
    lines = [f"Ouvrez le rapport : {(result / 'report.html').resolve()}"]
    with (result / "missing.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    row = next((row for row in rows if "diplômé" not in (row["circuit"] or "")), None)
    if row:
        who = f"--uai {row['uai']} --id {row['identifiant_local']}"
        lines.append(f"Pourquoi ce nom ?   {shown} explain {result} {who}")
    register = next(iter(sorted((territory / "after/siecle").glob("*.zip"))), None)
    if register:
        lines.append(f"Que corriger ?      {shown} quality {register}")
    return lines


def raccord(*arguments: str, quiet: bool = False) -> int:
    output = subprocess.DEVNULL if quiet else None
    return subprocess.call([str(RACCORD), *arguments], cwd=ROOT, stdout=output)


def say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
