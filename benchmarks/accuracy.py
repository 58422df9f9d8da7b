"""How many are hidden, how many calls are useless: two populations, two levels of noise."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from benchmarks import independent
from benchmarks.measures import Measure, Report, shown
from benchmarks.measuring import Spread, forget
from benchmarks.speed import compare, simulate

from raccord.matching.evaluation import evaluate

#: population → how it is drawn.
POPULATIONS = ("simulateur", "indépendante")


@dataclass(frozen=True)
class Score:
    """Errors of one run; `clear_twins` and `close_twins` are (cases, hidden, review)."""

    population: str
    harder: bool
    seed: int
    rates: dict[str, Any]
    clear_twins: tuple[int, int, int]
    close_twins: tuple[int, int, int]
    strangers: tuple[int, int, int]


def territory(population: str, pupils: int, seed: int, harder: bool, out: Path, home: Path) -> Path:
    """A territory of this population; the one already there is kept."""
    if population == POPULATIONS[0]:
        return simulate(pupils, seed, out, home=home, harder=harder)
    if not (out / "simulation.json").is_file():
        independent.generate(pupils, seed, out, harder=harder)
    return out


def score(result: Path, truth: Path, population: str, harder: bool, seed: int) -> Score:
    """The errors of a result whose truth is known."""
    rates = evaluate(result, truth)
    with duckdb.connect() as connection:
        connection.execute(
            f"""CREATE TABLE judged AS SELECT v.verdict, t.*
            FROM '{result / "verdicts.parquet"}' v JOIN '{truth}' t
            ON t.uai IS NOT DISTINCT FROM v.uai AND t.source = v.source
            AND t.identifiant_local = v.identifiant_local"""
        )

        def counted(where: str) -> tuple[int, int, int]:
            row = connection.execute(
                f"""SELECT count(*), count(*) FILTER (truth = 'gone' AND verdict = 'found'),
                count(*) FILTER (verdict = 'review') FROM judged WHERE {where}"""
            ).fetchone()
            return row or (0, 0, 0)

        return Score(
            population, harder, seed, rates,
            counted("twin_left_alone AND NOT close_twin"), counted("close_twin"),
            counted("stranger_ine"),
        )  # fmt: skip


def measure(*, pupils: int, seeds: tuple[int, ...], work: Path, threads: int | None) -> list[Score]:
    """One comparison for each population, noise and seed."""
    scores = []
    home = work / "home"
    for population in POPULATIONS:
        for harder in (False, True):
            for seed in seeds:
                forget(home)
                name = f"{population}-{'bruit' if harder else 'courant'}-{pupils}-{seed}"
                drawn = territory(population, pupils, seed, harder, work / name, home)
                as_of = json.loads((drawn / "simulation.json").read_text("utf-8"))["as_of"]
                out = work / "result"
                compare(drawn, out, home=home, threads=threads, as_of=as_of)
                scores.append(score(out, drawn / "truth.parquet", population, harder, seed))
    return scores


def tell(scores: list[Score], report: Report) -> None:
    """The lines of the table, pooled over the seeds, and each run."""
    for population in POPULATIONS:
        for harder in (False, True):
            chosen = [s for s in scores if (s.population, s.harder) == (population, harder)]
            if chosen:
                _tell_population(population, harder, chosen, report)
    report.tables["Justesse, comparaison par comparaison"] = (
        ["population", "bruit", "graine", "partis", "cachés", "inutiles", "à confirmer", "F1",
         "jumeaux nets", "jumeaux proches", "INE d'un autre"],
        [
            [
                s.population, "fort" if s.harder else "courant", str(s.seed),
                str(s.rates["gone"]),
                f"{s.rates['hidden']} ({shown(s.rates['hidden_share'], '%')})",
                f"{s.rates['useless']} ({shown(s.rates['useless_share'], '%')})",
                f"{s.rates['review']} ({shown(s.rates['review_share'], '%')})",
                shown(s.rates["f1"], ""),
                *(" / ".join(map(str, t)) for t in (s.clear_twins, s.close_twins, s.strangers)),
            ]
            for s in scores
        ],
    )  # fmt: skip
    report.notes.append(
        "Jumeaux : chacun des jumeaux partis quand l'autre reste (cas / cachés / à confirmer), "
        "prénoms nettement différents puis proches. INE d'un autre : l'élève dont l'INE est porté "
        "par un autre."
    )


def _tell_population(population: str, harder: bool, scores: list[Score], report: Report) -> None:
    topic = f"Justesse, {population}, bruit {'fort' if harder else 'courant'}"

    def spread(name: str) -> Spread:
        return Spread([s.rates[name] for s in scores])

    report.add(
        Measure(topic, "F1 de la liste, sans humain", spread("f1"), "",
                0.992 if harder else 0.998, at_least=True),
        Measure(topic, "cachés, par jeune vraiment parti", spread("hidden_share"), "%",
                0.0008 if harder else 0.0003),
        Measure(topic, "appels inutiles, par jeune vraiment parti", spread("useless_share"), "%",
                None if harder else 0.0025),
        Measure(topic, "à confirmer, par inscription d'avant", spread("review_share"), "%",
                0.008 if harder else 0.003),
    )  # fmt: skip
    twins = [s.clear_twins for s in scores]
    both = [(a[0] + b[0], a[2] + b[2]) for a, b in ((s.clear_twins, s.close_twins) for s in scores)]
    report.add(
        Measure(topic, "jumeaux aux prénoms nets cachés (nombre)",
                Spread([float(hidden) for _, hidden, _ in twins]), "n", 0.0),
        Measure(topic, "jumeaux partis seuls à confirmer",
                Spread([review / max(1, cases) for cases, review in both]), "%", 0.03),
    )  # fmt: skip
