"""A territory drawn by académie, so that memory stays bounded, and what is told of it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import csv

from raccord.simulation import columns, enrolments, levels, places, population, truth
from raccord.simulation.parameters import Parameters

ROW_GROUP = 120_000
#: Pupils of one académie of the simulation.
ACADEMIE = 200_000

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Simulation:
    """What was written: folder, paths to compare, counts, the command to run."""

    folder: Path
    before: Path
    after: Path
    truth: Path
    as_of: date
    counts: dict[str, int]
    command: str
    diplomas: Path | None = None
    followed: Path | None = None


@dataclass
class Part:
    """One académie: who is in it, both sides, the truth."""

    people: population.Population
    territory: places.Territory
    schools: places.Schools
    before: enrolments.Enrolments
    after: enrolments.Enrolments
    rows_before: columns.Rows
    rows_after: columns.Rows
    truth: truth.Truth


def sizes(pupils: int) -> list[int]:
    """Pupils of each académie."""
    count = max(1, round(pupils / ACADEMIE))
    return [pupils // count + (1 if rank < pupils % count else 0) for rank in range(count)]


def parts(pupils: int, seed: int, p: Parameters) -> Iterator[Part]:
    """The académies, one after the other."""
    all_sizes = sizes(pupils)
    territories, schools = places.build(all_sizes, levels.shares_by_kind(p.private))
    offset = 0
    for size, territory in zip(all_sizes, territories, strict=True):
        rng = np.random.default_rng([seed, territory.number])
        people = population.draw(rng, territory, size, offset, p)
        before, after = enrolments.draw(rng, people, territory, schools, p)
        writer = columns.Writer(people, territory, schools, p, seed)
        rows_before = writer.rows(rng, before, after=False)
        rows_after = writer.rows(rng, after, after=True)
        facts = truth.build(people, before, after, rows_before, rows_after)
        offset += len(people)
        yield Part(people, territory, schools, before, after, rows_before, rows_after, facts)


def write_table(table: pa.Table, path: Path, format: str) -> None:
    """A table of plain columns, as Parquet or as CSV with `;`."""
    if format == "plain":
        options = csv.WriteOptions(delimiter=";", quoting_style="needed")
        csv.write_csv(table, path.with_suffix(".csv"), options)
    else:
        pq.write_table(
            table, path.with_suffix(".parquet"), row_group_size=ROW_GROUP, compression="zstd"
        )


def count(counts: dict[str, int], part: Part) -> None:
    """Adds one académie to the counts."""
    gone = np.asarray(part.truth.before["truth"]) == "gone"
    fates = part.people.fate[part.before.person]
    flagged = part.people.flagged[part.before.person] & ~part.before.twice
    new = {
        "before": len(part.before),
        "after": len(part.after),
        "young_people": len(part.people),
        "gone": int(gone.sum()),
        "flagged": int(flagged.sum()),
        "flagged_in_training": int((flagged & (fates == population.Fate.ENROLLED)).sum()),
        "flagged_dropout": int((flagged & (fates == population.Fate.DROPOUT)).sum()),
        "flagged_untraceable": int((flagged & (fates == population.Fate.UNTRACEABLE)).sum()),
        "graduates_gone": int((fates == population.Fate.GRADUATE).sum()),
        **{
            name: int(np.asarray(part.truth.before[name]).sum())
            for name in ("twin_left_alone", "close_twin", "stranger_ine", "duplicate_before")
        },
    }
    for name, value in new.items():
        counts[name] = counts.get(name, 0) + value


def finish(
    out: Path,
    pupils: int,
    seed: int,
    p: Parameters,
    format: str,
    counts: dict[str, int],
    extra: dict[str, Any] | None = None,
) -> Simulation:
    """`simulation.json` and what the caller needs to go on."""
    options = "".join(
        f" --{name} {name}" for name in ("diplomas", "followed") if (out / name).is_dir()
    )
    command = (
        f"raccord compare --before before --after after{options} --out resultat "
        f"--as-of {p.as_of.isoformat()}"
    )
    description = {
        "pupils": pupils,
        "seed": seed,
        "format": format,
        "as_of": p.as_of.isoformat(),
        "command": command,
        "counts": counts,
        "parameters": asdict(p) | {"as_of": p.as_of.isoformat()},
        **(extra or {}),
    }
    (out / "simulation.json").write_text(
        json.dumps(description, ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
    )
    return Simulation(
        out,
        out / "before",
        out / "after",
        out / "truth.parquet",
        p.as_of,
        counts,
        command,
        out / "diplomas" if (out / "diplomas").is_dir() else None,
        out / "followed" if (out / "followed").is_dir() else None,
    )
