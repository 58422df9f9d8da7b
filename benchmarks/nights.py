"""Night after night: half a percent of the rows of today's registers changed."""

import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from benchmarks.measures import Measure, Report, shown
from benchmarks.measuring import Spread, forget
from benchmarks.speed import AS_OF, Timing, compare

from raccord.simulation.night import next_day

#: Hash of every column of every row of the two days, and what is only in one of them.
_DIFFERENCE = """
import sys, time
import duckdb
threads, old, new = sys.argv[1:]
with duckdb.connect() as connection:
    connection.execute("SET enable_progress_bar = false")
    if threads != "0":
        connection.execute(f"SET threads = {threads}")
    started = time.perf_counter()
    for name, folder in (("old", old), ("new", new)):
        connection.execute(f"CREATE TABLE {name} AS SELECT hash(*COLUMNS(*)) AS h "
                           f"FROM read_parquet('{folder}/*.parquet')")
    connection.execute('''CREATE TABLE changed AS
        SELECT h, false AS is_new FROM old ANTI JOIN new USING (h)
        UNION ALL SELECT h, true FROM new ANTI JOIN old USING (h)''')
    print(time.perf_counter() - started)
"""


@dataclass
class Nights:
    """Seconds of the nights, of the full run and of the difference of the two days' rows."""

    seen: Timing = field(default_factory=Timing)
    never_seen: Timing = field(default_factory=Timing)
    full: Timing = field(default_factory=Timing)
    difference: Spread = field(default_factory=Spread)
    difference_never_seen: Spread = field(default_factory=Spread)
    differing_verdicts: int = 0
    changed_rows: int = 0


def difference(old: Path, new: Path, threads: int | None) -> float:
    """Seconds of the row-hash difference of two folders of Parquet, in a new process."""
    done = subprocess.run(
        [sys.executable, "-c", _DIFFERENCE, str(threads or 0), str(old), str(new)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return float(done.stdout)


def differing(one: Path, other: Path) -> int:
    """Rows of `verdicts.parquet` (every column but `person`, valid inside one run) in one only."""
    with duckdb.connect() as connection:
        row = connection.execute(
            f"""WITH a AS (SELECT * EXCLUDE (person) FROM '{one / "verdicts.parquet"}'),
                b AS (SELECT * EXCLUDE (person) FROM '{other / "verdicts.parquet"}')
            SELECT (SELECT count(*) FROM (FROM a EXCEPT ALL FROM b))
                + (SELECT count(*) FROM (FROM b EXCEPT ALL FROM a))"""
        ).fetchone()
    return int(row[0]) if row else 0


def measure(territory: Path, work: Path, *, runs: int, threads: int | None, seed: int) -> Nights:
    """Yesterday is compared in full; then, `runs` times, today from a register never seen and
    from one already kept; then today in full, whose verdicts must be the same."""
    nights = Nights()
    home, today = work / "home", work / "today"
    counts = next_day(territory / "after", today, seed=seed, as_of=AS_OF)
    nights.changed_rows = sum(counts.values())
    forget(home)
    yesterday, result, full = work / "yesterday", work / "tonight", work / "full"
    compare(territory, yesterday, home=home, threads=threads)
    known = {folder.name for folder in (home / "snapshots").iterdir()}
    for _ in range(runs):
        for folder in (home / "snapshots").iterdir():
            if folder.name not in known:
                shutil.rmtree(folder)
        ran = compare(territory, result, home=home, threads=threads, after=today, since=yesterday)
        nights.never_seen.add(result, ran)
        nights.difference_never_seen.values.append(difference(territory / "after", today, threads))
        ran = compare(territory, result, home=home, threads=threads, after=today, since=yesterday)
        nights.seen.add(result, ran)
        nights.difference.values.append(difference(territory / "after", today, threads))
    nights.full.add(full, compare(territory, full, home=home, threads=threads, after=today))
    nights.differing_verdicts = differing(result, full)
    return nights


def tell(nights: Nights, report: Report) -> None:
    """The lines of the table."""
    topic = "Nuit après nuit (0,5 % de lignes changées)"
    report.add(
        Measure(topic, "base du jour déjà lue, en temps de différence des deux jours",
                nights.seen.total.over(nights.difference), "×", 2.5),
        Measure(topic, "base du jour jamais vue (lecture et normalisation comprises)",
                nights.never_seen.total.over(nights.difference_never_seen), "×", 2.5),
        Measure(topic, "résultats différents d'une comparaison complète (nombre)",
                Spread([float(nights.differing_verdicts)]), "n", 0.0),
    )  # fmt: skip
    report.tables["Une nuit"] = (
        ["", "secondes"],
        [
            [f"différence des lignes des deux jours ({nights.changed_rows} changées)",
             shown(nights.difference.middle, "s")],
            ["nuit, base du jour déjà lue", shown(nights.seen.total.middle, "s")],
            ["nuit, base du jour jamais vue", shown(nights.never_seen.total.middle, "s")],
            ["comparaison complète", shown(nights.full.total.middle, "s")],
            *([f"nuit, étape « {name} »", shown(s.middle, "s")]
              for name, s in nights.seen.stages.items()),
        ],
    )  # fmt: skip
