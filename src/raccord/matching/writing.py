"""Writes verdicts.parquet: one row for every enrolment of *before*, in the order of its registers.

Four in five were found by the surest pass and have nothing else to tell: their row is put together
by position, the place of an enrolment in its register being its id. The others (`special`) are
described by SQL. Rows go by batches: memory hardly grows with the registers.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from raccord.matching import evidence, lanes
from raccord.matching.sides import ID_SHIFT, Side
from raccord.matching.stages import give_back
from raccord.matching.verdicts import verdicts_select

_CODED = pa.dictionary(pa.int32(), pa.string())
#: Columns of verdicts.parquet, a contract (docs/formats.md). Few values come again and again: they
#: are handled as codes, and written as the text they are.
SCHEMA = pa.schema(
    [
        ("source", _CODED),
        ("uai", _CODED),
        ("identifiant_local", pa.string()),
        ("person", pa.int64()),
        ("verdict", _CODED),
        ("matched_source", _CODED),
        ("matched_uai", _CODED),
        ("matched_identifiant_local", pa.string()),
        ("matched_by", _CODED),
        ("probability", pa.float64()),
        ("lane", _CODED),
        ("fragile", pa.bool_()),
        ("followed_by", _CODED),
        ("evidence", _CODED),
    ]
)

_PLACE = ("source", "uai", "identifiant_local")
#: Lanes of those who are found and in no list; what `plain.lane` counts from 1.
_EXCLUDED_LANES = (lanes.UNDER_16, lanes.AGE_UNKNOWN)
_BATCH = 100_000


def write_verdicts(
    connection: duckdb.DuckDBPyConnection,
    before: Side,
    after: Side,
    path: Path,
    absent: Sequence[str] = (),
) -> None:
    """verdicts.parquet, readable by its owner only."""
    _set_apart(connection)
    _write(connection, before, after, path, absent)
    for table in ("outcomes", "judged"):
        connection.execute(f"DROP TABLE special_{table}")
    path.chmod(0o600)
    pa.default_memory_pool().release_unused()


def _write(
    connection: duckdb.DuckDBPyConnection,
    before: Side,
    after: Side,
    path: Path,
    absent: Sequence[str],
) -> None:
    plain = connection.sql("SELECT id, a, lane FROM plain ORDER BY id").fetchnumpy()
    ids, lane = _values(plain, "id"), _values(plain, "lane")
    places, at = _places(after, _values(plain, "a"))
    described = connection.sql(
        f"FROM ({verdicts_select(before, after, absent)}) ORDER BY id"
    ).to_arrow_table()
    told = described["id"].to_numpy()
    connection.execute("DROP TABLE plain")
    give_back(connection)
    with pq.ParquetWriter(path, SCHEMA, compression="snappy", store_schema=False) as writer:
        for numbers, rows in _rows(before):
            span = [numbers[0], numbers[-1] + 1]
            p, d = (slice(*np.searchsorted(known, span)) for known in (ids, told))
            columns = _plain_columns(places, at[p], lane[p])
            batch = described.slice(d.start, d.stop - d.start)
            # where each row of the register is among the plain ones, then the described ones
            order = np.empty(len(numbers), np.int64)
            order[np.searchsorted(numbers, np.concatenate([ids[p], told[d]]))] = np.arange(
                len(numbers)
            )
            taken = pa.array(order)
            person = rows["row_hash"].to_numpy() >> 1
            person[np.searchsorted(numbers, told[d])] = batch["person"].to_numpy()
            columns |= {name: rows[name] for name in _PLACE}
            columns["person"] = pa.array(person.astype(np.int64))
            arrays = [
                columns[field.name]
                if field.name in (*_PLACE, "person")
                else _joined(columns[field.name], batch[field.name]).take(taken)
                for field in SCHEMA
            ]
            writer.write_batch(pa.record_batch(arrays, schema=SCHEMA))


def _set_apart(connection: duckdb.DuckDBPyConnection) -> None:
    """Table `plain` (id, a, lane): rows found by the surest pass of which there is nothing else to
    say than whether they are too young. `special_outcomes`, `special_judged`: the others."""
    numbers = " ".join(f"WHEN '{lane}' THEN {n}" for n, lane in enumerate(_EXCLUDED_LANES, 1))
    connection.execute(
        f"""CREATE TEMP TABLE plain AS
        SELECT o.id, o.a,
            (CASE WHEN j.id IS NULL THEN 0 ELSE CASE j.lane {numbers} END END)::TINYINT AS lane
        FROM outcomes o LEFT JOIN judged j ON j.id = o.id
        ANTI JOIN fragile f ON f.a = o.a ANTI JOIN person_labels p ON p.id = o.id
        ANTI JOIN deceased d ON d.id = o.id ANTI JOIN followers s ON s.id = o.id
        WHERE o.matched_by = 'ine' AND o.pattern IS NULL AND o.verdict = 'found'
            AND (j.id IS NULL OR (j.verdict = 'excluded' AND j.lane IN {_EXCLUDED_LANES}))"""
    )
    for table in ("outcomes", "judged"):
        connection.execute(
            f"CREATE TEMP TABLE special_{table} AS FROM {table} ANTI JOIN plain USING (id)"
        )


def _values(columns: dict[str, Any], name: str) -> np.ndarray:
    found: np.ndarray = np.asarray(columns[name])
    return found


def _places(after: Side, ids: np.ndarray) -> tuple[dict[str, pa.Array], np.ndarray]:
    """Columns of all the rows of *after*, its registers following one another, and where in them
    the rows of these ids are."""
    tables = [
        pq.ParquetFile(s.prepared, read_dictionary=["source", "uai"]).read(list(_PLACE))
        for s in after.snapshots
    ]
    starts = np.cumsum([0, *(table.num_rows for table in tables)])
    whole = pa.concat_tables(tables).unify_dictionaries()
    columns = {name: whole[name].combine_chunks() for name in _PLACE}
    return columns, starts[ids >> ID_SHIFT] + (ids & ((1 << ID_SHIFT) - 1))


def _rows(before: Side) -> Iterator[tuple[np.ndarray, pa.RecordBatch]]:
    """Ids of the usable rows of *before*, in order, and what each has of its own."""
    for rank, snapshot in enumerate(before.snapshots):
        file = pq.ParquetFile(snapshot.prepared, read_dictionary=["source", "uai"])
        start = rank << ID_SHIFT
        for batch in file.iter_batches(_BATCH, columns=[*_PLACE, "row_hash", "usable"]):
            usable = batch["usable"].fill_null(False)
            numbers = start + np.flatnonzero(usable.to_numpy(zero_copy_only=False))
            start += batch.num_rows
            if len(numbers):
                yield numbers, batch.filter(usable)


def _plain_columns(
    places: dict[str, pa.Array], at: np.ndarray, lane: np.ndarray
) -> dict[str, pa.Array]:
    """The columns of rows found by the surest pass."""
    where, excluded = pa.array(at), lane > 0

    def coded(codes: np.ndarray, *values: str) -> pa.Array:
        numbers = pa.array(codes.astype(np.int32), mask=codes < 0)
        return pa.DictionaryArray.from_arrays(numbers, pa.array(values, pa.string()))

    same = np.zeros(len(at), np.int32)
    return {
        "verdict": coded(excluded.astype(int), "found", "excluded"),
        **{f"matched_{name}": places[name].take(where) for name in _PLACE},
        "matched_by": coded(same, "ine"),
        "probability": pa.array(np.ones(len(at)), mask=~excluded),
        "lane": coded(lane - 1, *_EXCLUDED_LANES),
        "fragile": pa.array(same.astype(bool)),
        "followed_by": pa.nulls(len(at), _CODED),
        "evidence": coded(same, evidence.EXACT),
    }


def _joined(plain: pa.Array, described: pa.ChunkedArray) -> pa.Array:
    """The plain rows, then the described ones."""
    if plain.type == _CODED:
        described = described.cast(pa.string()).dictionary_encode().unify_dictionaries()
    return pa.concat_arrays([plain, *described.chunks])
