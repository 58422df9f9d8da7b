"""`simulate`: a territory of any size, its registers and the truth, in one call."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from raccord.simulation import truth
from raccord.simulation.drawing import (
    ROW_GROUP,
    Progress,
    Simulation,
    count,
    finish,
    parts,
    write_table,
)
from raccord.simulation.parameters import HARDER, STANDARD, Parameters
from raccord.simulation.real import write_real


def simulate(
    pupils: int,
    seed: int,
    out: Path,
    *,
    format: str = "parquet",
    harder: bool = False,
    as_of: date | None = None,
    parameters: Parameters | None = None,
    season: str = "autumn",
    progress: Progress | None = None,
) -> Simulation:
    """Write a simulated territory of about `pupils` enrolments on each side into `out`.

    `format` is "parquet" or "plain" (the plain columns) or "real" (the formats of each register).
    `progress` is called with (pupils done, pupils asked). The same arguments write the same truth.
    """
    if pupils < 1:
        raise ValueError("il faut au moins un élève")
    p = parameters or (HARDER if harder else STANDARD)
    if as_of is not None:
        p = replace(p, as_of=as_of)
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    if format == "real":
        return write_real(pupils, seed, out, p, season=season, progress=progress)
    if format not in ("parquet", "plain"):
        raise ValueError(f"format inconnu : {format} (parquet, plain ou real)")
    return _write_plain(pupils, seed, out, p, format, progress)


def _write_plain(
    pupils: int, seed: int, out: Path, p: Parameters, format: str, progress: Progress | None
) -> Simulation:
    for side in ("before", "after"):
        (out / side).mkdir(exist_ok=True)
        for old in (out / side).iterdir():
            old.unlink()
    counts: dict[str, int] = {}
    done = 0
    with (
        pq.ParquetWriter(out / "truth.parquet", truth.TRUTH_SCHEMA) as before_truth,
        pq.ParquetWriter(out / "truth_after.parquet", truth.TRUTH_AFTER_SCHEMA) as after_truth,
    ):
        for part in parts(pupils, seed, p):
            name = f"academie-{part.territory.number:03d}"
            write_table(part.rows_before.table, out / "before" / name, format)
            write_table(part.rows_after.table, out / "after" / name, format)
            before_truth.write_table(part.truth.before, row_group_size=ROW_GROUP)
            after_truth.write_table(part.truth.after, row_group_size=ROW_GROUP)
            count(counts, part)
            done += len(part.before)
            if progress is not None:
                progress(min(done, pupils), pupils)
    return finish(out, pupils, seed, p, format, counts)
