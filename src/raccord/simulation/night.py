"""The next day of a territory: the few rows that change between two nights."""

import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from raccord.simulation import keys
from raccord.simulation.drawing import ROW_GROUP

#: Share of each kind of change among the rows that change. Estimate: contact details first, then
#: INE that arrive during the autumn, leavings, arrivals, corrections of names.
CHANGES = {"contact": 0.45, "ine": 0.15, "leaving": 0.15, "arrival": 0.10, "name": 0.15}


def next_day(
    folder: Path, out: Path, *, seed: int, as_of: str, share: float = 0.005
) -> dict[str, int]:
    """Copy the Parquet files of `folder` into `out` with `share` of the rows changed.

    Leavers get the leaving date `as_of` (AAAA-MM-JJ), arrivals are new persons with new numbers.
    Returns how many rows changed of each kind. Same arguments, same files.
    """
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    counts = dict.fromkeys(CHANGES, 0)
    for rank, path in enumerate(sorted(folder.glob("*.parquet"))):
        rng = np.random.default_rng([seed, rank, 365])
        table = _changed(rng, pq.read_table(path), seed, as_of, share, counts)
        pq.write_table(table, out / path.name, row_group_size=ROW_GROUP, compression="zstd")
    return counts


def _changed(
    rng: np.random.Generator,
    table: pa.Table,
    seed: int,
    as_of: str,
    share: float,
    counts: dict[str, int],
) -> pa.Table:
    rows = np.flatnonzero(rng.random(len(table)) < share)
    kind = rng.choice(len(CHANGES), len(rows), p=list(CHANGES.values()))
    picked = {name: rows[kind == rank] for rank, name in enumerate(CHANGES)}
    for name, found in picked.items():
        counts[name] += len(found)

    def written(name: str, where: np.ndarray, values: pa.Array) -> None:
        nonlocal table
        column = table[name].combine_chunks()
        mask = np.zeros(len(column), bool)
        mask[where] = True
        column = pc.replace_with_mask(column, pa.array(mask), values)
        table = table.set_column(table.schema.get_field_index(name), name, column)

    contact, leaving, renamed = picked["contact"], picked["leaving"], picked["name"]
    phones = keys.joined(
        pa.scalar("070"), keys.padded(rng.integers(0, 10_000_000, len(contact)), 7)
    )
    written("telephone", contact, phones)
    # Numbers of a range of their own: nobody else wears them.
    fresh = 800_000_000 + rng.integers(0, 100_000_000, len(picked["ine"]))
    written("ine", picked["ine"], keys.ine_rnie(keys.ine_numbers(fresh, seed)))
    written("date_sortie", leaving, pa.array([as_of] * len(leaving), pa.string()))
    written("motif_sortie", leaving, pa.array(["99"] * len(leaving), pa.string()))
    names = table["nom_famille"].combine_chunks().take(pa.array(renamed))
    others = table["nom_famille"].combine_chunks().take(pa.array(np.roll(renamed, 1)))
    written("nom_famille", renamed, pc.binary_join_element_wise(names, others, "-"))
    return pa.concat_tables([table, _arrivals(rng, table, picked["arrival"], seed, as_of)])


def _arrivals(
    rng: np.random.Generator, table: pa.Table, rows: np.ndarray, seed: int, as_of: str
) -> pa.Table:
    """New pupils: the establishment of one row, the name of a second, the birth of a third."""
    count = len(rows)
    new = table.take(pa.array(rows))
    fresh = 900_000_000 + rng.integers(0, 100_000_000, count)
    numbers = pc.cast(pa.array(90_000_000 + rng.permutation(9_999_999)[:count]), pa.string())
    values = {
        "identifiant_local": numbers,
        "ine": keys.ine_rnie(keys.ine_numbers(fresh, seed)),
        "date_entree": pa.array([as_of] * count, pa.string()),
        "date_sortie": pa.nulls(count, pa.string()),
        **{
            name: table[name].combine_chunks().take(pa.array(rng.integers(0, len(table), count)))
            for name in ("nom_famille", "prenom", "date_naissance", "adresse", "telephone")
        },
    }
    for name, column in values.items():
        new = new.set_column(new.schema.get_field_index(name), name, column)
    return new
