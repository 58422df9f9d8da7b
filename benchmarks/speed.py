"""How long a comparison takes, in times of reading its registers, and the memory it holds."""

from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measures import Measure, Report, shown
from benchmarks.measuring import Ran, Spread, forget, raccord, reading, snapshots_of, summary

from raccord.simulation import parameters

AS_OF = parameters.STANDARD.as_of.isoformat()


@dataclass
class Timing:
    """Runs of one kind: seconds in all, seconds of each stage, peak memory."""

    total: Spread = field(default_factory=Spread)
    cpu: Spread = field(default_factory=Spread)
    peak: Spread = field(default_factory=Spread)
    stages: dict[str, Spread] = field(default_factory=dict)

    def add(self, result: Path, ran: Ran) -> None:
        seconds = summary(result)["seconds"]
        self.total.values.append(seconds["total"])
        self.cpu.values.append(ran.cpu)
        self.peak.values.append(ran.peak_mb)
        for name, spent in seconds.items():
            if name != "total":
                self.stages.setdefault(name, Spread()).values.append(spent)


@dataclass
class Speed:
    """Runs from snapshots, runs from files never seen, and the reading each is compared with."""

    seen: Timing = field(default_factory=Timing)
    never_seen: Timing = field(default_factory=Timing)
    reading: Spread = field(default_factory=Spread)
    reading_never_seen: Spread = field(default_factory=Spread)
    reading_cpu: Spread = field(default_factory=Spread)


def simulate(pupils: int, seed: int, out: Path, *, home: Path, harder: bool = False) -> Path:
    """A simulated territory in Parquet; the one already there is kept."""
    if not (out / "simulation.json").is_file():
        options = ["--harder"] if harder else []
        raccord(
            "simulate", "--pupils", str(pupils), "--seed", str(seed), "--out", out,
            "--format", "parquet", *options, home=home,
        )  # fmt: skip
    return out


def compare(
    territory: Path,
    out: Path,
    *,
    home: Path,
    threads: int | None,
    after: Path | None = None,
    since: Path | None = None,
    as_of: str = AS_OF,
) -> Ran:
    """`raccord compare --all-ages`, as a user runs it."""
    options = ["--threads", str(threads)] if threads else []
    if since is not None:
        options += ["--since", str(since)]
    return raccord(
        "compare", "--before", territory / "before", "--after", after or territory / "after",
        "--out", out, "--as-of", as_of, "--all-ages", *options, home=home,
    )  # fmt: skip


def measure(territory: Path, work: Path, *, runs: int, threads: int | None) -> Speed:
    """Each run: an empty RACCORD_HOME, then the same again from its snapshots; between the two,
    DuckDB reads what was kept into tables. Everything is read once before, so that the disk counts
    for nobody. The last result stays in `work`/result."""
    speed = Speed()
    home, out = work / "home", work / "result"
    for _ in range(runs):
        forget(home)
        speed.never_seen.add(out, compare(territory, out, home=home, threads=threads))
        kept = snapshots_of(out, home)
        speed.reading_never_seen.values.append(reading(kept, threads)[0])
        speed.seen.add(out, compare(territory, out, home=home, threads=threads))
        seconds, cpu = reading(kept, threads)
        speed.reading.values.append(seconds)
        speed.reading_cpu.values.append(cpu)
    return speed


def tell(speed: Speed, report: Report, *, pupils: int) -> None:
    """The lines of the table, and the stages."""
    if pupils >= 10_000_000:
        topic, asked, stretch, memory = f"{pupils / 1e6:g} M × {pupils / 1e6:g} M", 10.0, 6.0, 10e3
    else:
        topic, asked, stretch, memory = "Vitesse", 8.0, 5.0, 1_500.0
    large = pupils >= 10_000_000
    ratio = speed.seen.total.over(speed.reading)
    report.add(
        Measure(topic, "comparer depuis les versions du jour, en temps de lecture",
                ratio, "×", asked, stretch),
    )  # fmt: skip
    report.add(
        Measure(topic, "la même, en temps de processeur",
                speed.seen.cpu.over(speed.reading_cpu), "×"),
    )  # fmt: skip
    if not large:
        writing = speed.seen.stages.get("writing verdicts", Spread([0.0] * len(ratio.values)))
        report.add(
            Measure(topic, "dont l'écriture des résultats", writing.over(speed.reading), "×", 4.0),
            Measure(topic, "depuis des fichiers jamais vus (normalisation comprise)",
                    speed.never_seen.total.over(speed.reading_never_seen), "×", 11.0),
        )  # fmt: skip
    else:
        report.add(
            Measure(topic, "depuis des fichiers jamais vus (normalisation comprise)",
                    speed.never_seen.total.over(speed.reading_never_seen), "×"),
        )  # fmt: skip
    report.add(
        Measure(topic, "mémoire de tous les processus, fichiers jamais vus",
                speed.never_seen.peak, "Mo", memory),
        Measure(topic, "mémoire de tous les processus, depuis les versions du jour",
                speed.seen.peak, "Mo", memory if large else None),
    )  # fmt: skip
    base = speed.reading.middle
    rows = [
        ["lire les deux côtés dans des tables (DuckDB)", shown(base, "s"), "× 1"],
        *(
            [name, shown(spent.middle, "s"), shown(spent.middle / base, "×")]
            for name, spent in speed.seen.stages.items()
        ),
        ["en tout", shown(speed.seen.total.middle, "s"), shown(ratio.middle, "×")],
        [
            "en tout, fichiers jamais vus",
            shown(speed.never_seen.total.middle, "s"),
            shown(speed.never_seen.total.middle / speed.reading_never_seen.middle, "×"),
        ],
    ]
    report.tables[f"Étapes ({topic})"] = (["étape", "secondes", "en temps de lecture"], rows)
