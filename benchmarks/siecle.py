"""Reading SIECLE XML into Arrow, against an lxml iterparse that only walks through the same files.

    python benchmarks/siecle.py FOLDER [--rounds 5]

prints both times as JSON: seconds of processor, which other jobs change less than the clock.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

from benchmarks.measures import Measure, Report, shown
from benchmarks.measuring import Spread, raccord, script
from lxml import etree

from raccord.registers.containers import expand
from raccord.registers.formats import Reading, siecle
from raccord.registers.problems import ProblemLog, RefusedFile
from raccord.registers.recognition import Register, pair_companions


def registers(folder: Path) -> list[Register]:
    """The SIECLE registers under a folder."""
    refused: list[RefusedFile] = []
    found = pair_companions(expand(folder, refused)).registers
    return [register for register in found if register.format is siecle]


def walk(found: list[Register]) -> int:
    """Walk through every file of the registers and do nothing; returns the elements met."""
    met = 0
    for register in found:
        for document in (register.document, *register.companions):
            with document.open() as stream:
                for _, element in etree.iterparse(stream, events=("end",)):
                    met += 1
                    element.clear()
    return met


def read(found: list[Register]) -> int:
    """Read the registers as Raccord does; returns the pupils."""
    pupils = 0
    for register in found:
        reading = Reading(register.document, ProblemLog(), companions=register.companions)
        pupils += sum(batch.num_rows for batch in siecle.read(reading))
    return pupils


def measure(*, pupils: int, work: Path, rounds: int) -> dict[str, Any]:
    """Simulated schools in the real formats, read and walked in turn in a process of its own."""
    territory, home = work / f"reel-{pupils}", work / "home"
    if not (territory / "simulation.json").is_file():
        raccord(
            "simulate", "--pupils", str(pupils), "--seed", "5", "--out", territory,
            "--format", "real", home=home,
        )  # fmt: skip
    ran = script("siecle.py", territory, "--rounds", str(rounds), home=home)
    seconds: dict[str, Any] = json.loads(ran.output)
    return seconds


def tell(seconds: dict[str, Any], report: Report) -> None:
    """The line of the table."""
    read_, walked = Spread(seconds["read"]), Spread(seconds["walk"])
    report.add(
        Measure(
            "Lecture de SIECLE", "lire le XML dans Arrow, en temps de simple parcours",
            read_.over(walked), "×", 2.0,
            note=f"{seconds['pupils']:.0f} élèves, {shown(read_.middle, 's')} de processeur",
        )
    )  # fmt: skip


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="lire SIECLE ou seulement le parcourir")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    found = registers(asked.folder)
    times: dict[str, list[float]] = {"walk": [], "read": []}
    pupils = 0
    for _ in range(asked.rounds):
        for name, action in (("walk", walk), ("read", read)):
            started = time.process_time()
            done = action(found)
            times[name].append(time.process_time() - started)
            pupils = done if name == "read" else pupils
    print(json.dumps(times | {"pupils": pupils}))


if __name__ == "__main__":
    main()
