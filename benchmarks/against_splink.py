"""The staged comparison against Splink on everything, on the same registers, in the same run.

Both have a model trained before; both start from normalised registers; both use the same cores.
Raccord's time is that of the whole command, report and start of Python included; Splink's is that
of a process that reads, pairs, predicts and assigns. Splink is trained here, on these registers,
which is more than Raccord's frozen model gets.
"""

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import splink_everything
from benchmarks.measures import Measure, Report, shown
from benchmarks.measuring import Spread, script
from benchmarks.speed import AS_OF, compare

from raccord.matching.evaluation import evaluate


@dataclass
class Duel:
    """Seconds and memory of both, run in turn, and the errors of each."""

    ours: Spread = field(default_factory=Spread)
    our_cpu: Spread = field(default_factory=Spread)
    our_peak: Spread = field(default_factory=Spread)
    theirs: Spread = field(default_factory=Spread)
    their_cpu: Spread = field(default_factory=Spread)
    their_peak: Spread = field(default_factory=Spread)
    training: float = 0.0
    our_errors: dict[str, float] = field(default_factory=dict)
    their_errors: dict[str, float] = field(default_factory=dict)
    steps: dict[str, float] = field(default_factory=dict)


def measure(
    territory: Path,
    work: Path,
    *,
    home: Path,
    runs: int,
    threads: int | None,
    sampled_pairs: int = 5_000_000,
) -> Duel:
    """`home` already holds the snapshots of the territory."""
    duel = Duel()
    side = work / "splink"
    shutil.rmtree(side, ignore_errors=True)
    name, truth = "splink_everything.py", territory / "truth.parquet"
    options = ["--threads", str(threads)] if threads else []
    script(
        name, "prepare", territory / "before", territory / "after", side, "--as-of", AS_OF,
        home=home,
    )  # fmt: skip
    trained = script(
        name, "train", side, "--sampled-pairs", str(sampled_pairs), *options, home=home
    )
    duel.training = json.loads(trained.output)["train"]
    out = work / "result"
    for _ in range(runs):
        ran = compare(territory, out, home=home, threads=threads)
        duel.ours.values.append(ran.seconds)
        duel.our_cpu.values.append(ran.cpu)
        duel.our_peak.values.append(ran.peak_mb)
        ran = script(name, "link", side, *options, home=home)
        duel.theirs.values.append(ran.seconds)
        duel.their_cpu.values.append(ran.cpu)
        duel.their_peak.values.append(ran.peak_mb)
        duel.steps = json.loads(ran.output)
    duel.our_errors = evaluate(out, truth)
    duel.their_errors = splink_everything.score(side, truth)
    return duel


def tell(duel: Duel, report: Report) -> None:
    """The lines of the table, and both tools side by side."""
    topic = "Face à Splink sur tout"
    ours, theirs = duel.our_errors, duel.their_errors
    report.add(
        Measure(topic, "fois plus rapide", duel.theirs.over(duel.ours), "×", 8.0, at_least=True),
        Measure(topic, "mémoire, part de la sienne", duel.our_peak.over(duel.their_peak),
                "%", 0.25),
        Measure(topic, "jeunes cachés, part des siens",
                Spread([ours["hidden"] / max(1, theirs["hidden"])]), "%", 0.20),
    )  # fmt: skip
    report.tables["Face à Splink sur tout, en un pour un au seuil 0,5"] = (
        ["", "Raccord", "Splink 5"],
        [
            ["secondes", shown(duel.ours.middle, "s"), shown(duel.theirs.middle, "s")],
            [
                "secondes de processeur",
                shown(duel.our_cpu.middle, "s"),
                shown(duel.their_cpu.middle, "s"),
            ],
            ["mémoire", shown(duel.our_peak.middle, "Mo"), shown(duel.their_peak.middle, "Mo")],
            ["cachés", f"{ours['hidden']:.0f}", f"{theirs['hidden']:.0f}"],
            ["appels inutiles", f"{ours['useless']:.0f}", f"{theirs['useless']:.0f}"],
            ["à confirmer par un humain", f"{ours['review']:.0f}", "—"],
            ["F1 de la liste, sans humain", shown(ours["f1"], ""), shown(theirs["f1"], "")],
            ["apprentissage (une fois)", "modèle livré", shown(duel.training, "s")],
        ],
    )
    better = []
    if theirs["useless"] < ours["useless"]:
        better.append("moins d'appels inutiles")
    if theirs["f1"] > ours["f1"]:
        better.append("une meilleure F1")
    if theirs["hidden"] < ours["hidden"]:
        better.append("moins de jeunes cachés")
    if better:
        report.notes.append(f"Splink sur tout fait mieux ici : {', '.join(better)}.")
