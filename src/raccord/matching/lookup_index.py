"""Everybody enrolled today, to be looked for in milliseconds: two files, mapped and never loaded.

`lignes.arrow` holds the folded identity of each enrolment, `cles.arrow` 64-bit keys in order and
the line each is of. A key joins two pieces of identity (a word of a name and a birth date...), so
that a misspelt one leaves another. Made once a night from the prepared snapshots; a search is a few
hundred bisections in pages that all processes share.
"""

import json
import os
import shutil
import time
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa

from raccord import __version__
from raccord.matching.lookup import ROW, Sought, Typed, engine
from raccord.matching.sides import plain_columns
from raccord.registers import folding, judging
from raccord.registers.snapshots import Snapshot, quoted

#: Bump when the same registers give other keys.
VERSION = 1
#: A key that so many share says nothing of anybody.
_CROWD = 600
#: Lines weighed at most: the likeliest keys are looked up first.
_WEIGHED = 3000

_WORDS = """list_distinct(list_filter(flatten([
    string_split(coalesce(n_nom, ''), ' '), [replace(coalesce(n_nom, ''), ' ', '')],
    string_split(coalesce(n_usage, ''), ' '), [replace(coalesce(n_usage, ''), ' ', '')],
    string_split(coalesce(n_prenom, ''), ' '), [replace(coalesce(n_prenom, ''), ' ', '')],
    string_split(coalesce(n_suite, ''), ' ')]), lambda w: length(w) > 1))"""
_NOM, _PRENOM = "replace(n_nom, ' ', '')", "replace(n_prenom, ' ', '')"
_SURNAMES = f"""list_distinct(list_filter([{_NOM}, replace(n_usage, ' ', '')]
    || string_split(coalesce(n_nom, ''), ' ') || string_split(coalesce(n_usage, ''), ' '),
    lambda w: length(w) > 2))"""
#: Of a line and of what was typed alike: how names begin, for who misspelt both.
_STARTS = f"""[hash('s', left({_NOM}, 4), left({_PRENOM}, 1), year(d_naissance)),
     hash('s', left({_PRENOM}, 4), left({_NOM}, 1), year(d_naissance))]"""
_KEYS = f"""list_filter(flatten([
    [hash('d', d_naissance)],
    list_transform({_WORDS}, lambda w: hash('w', w, d_naissance)),
    list_transform({_SURNAMES},
        lambda w: hash('n', least(w, {_PRENOM}), greatest(w, {_PRENOM}))),
    [hash('y', {_NOM}, year(d_naissance)),
     hash('p', {_PRENOM}, year(d_naissance), n_residence),
     hash('t', telephone), hash('t', representant)],
    {_STARTS}]), lambda k: k IS NOT NULL)"""


@dataclass(frozen=True)
class Place:
    """An enrolment: what a search may show of it, and no more."""

    source: str
    uai: str
    local_id: str
    last_name: str
    first_name: str
    birth_date: date | None


def build(snapshots: Sequence[Snapshot], into: Path, as_of: date) -> int:
    """Write the index of who is enrolled on `as_of`; the former one serves until it is whole."""
    into.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = into.with_name(f".{into.name}.{os.getpid()}.{time.time_ns()}")
    part.mkdir(mode=0o700)
    try:
        with duckdb.connect() as connection:
            connection.execute("SET enable_progress_bar = false")
            connection.execute(f"SET temp_directory = '{quoted(part / 'tmp')}'")
            lines = _write(connection, snapshots, part, as_of)
        shutil.rmtree(part / "tmp", ignore_errors=True)
        (part / "index.json").write_text(
            json.dumps(stamp() | {"lines": lines, "as_of": as_of.isoformat()}), "utf-8"
        )
        for path in part.iterdir():
            path.chmod(0o600)
        former = into.with_name(f".{into.name}.former")
        shutil.rmtree(former, ignore_errors=True)
        if into.exists():
            into.rename(former)
        part.rename(into)
        shutil.rmtree(former, ignore_errors=True)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return lines


def stamp() -> dict[str, object]:
    """What an index must have been written by to be read: hashes change with DuckDB."""
    return {
        "version": VERSION,
        "judging": judging.VERSION,
        "duckdb": duckdb.__version__,
        "raccord": __version__,
    }


def _write(
    connection: duckdb.DuckDBPyConnection,
    snapshots: Sequence[Snapshot],
    part: Path,
    as_of: date,
) -> int:
    selects = []
    for snapshot in snapshots:
        present = plain_columns(snapshot)

        def wide(name: str, expression: str, present: set[str] = present) -> str:
            return expression if name in present else "NULL"

        selects.append(
            f"""SELECT q.n_nom, q.n_usage, q.n_prenom, q.n_suite, q.d_naissance, q.s, q.n_uai,
                q.n_uai_precedent, q.source, coalesce(q.identifiant_local, '') AS local_id,
                {wide("commune_residence", folding.commune("p.commune_residence"))}::VARCHAR
                    AS n_residence,
                {wide("code_postal", folding.establishment("p.code_postal"))}::VARCHAR
                    AS code_postal,
                {wide("telephone", folding.phone("p.telephone"))}::BIGINT AS telephone,
                {wide("representant_telephone", folding.phone("p.representant_telephone"))}::BIGINT
                    AS representant,
                coalesce(left(trim(p.nom_famille), 100), '') AS last_name,
                coalesce(left(trim(p.prenom), 100), '') AS first_name
            FROM read_parquet('{quoted(snapshot.plain)}') p
            POSITIONAL JOIN read_parquet('{quoted(snapshot.prepared)}') q
            WHERE q.usable AND (q.d_sortie IS NULL OR q.d_sortie > DATE '{as_of.isoformat()}')"""
        )
    connection.execute(
        f"""CREATE TABLE lines AS SELECT row_number() OVER () - 1 AS line, * FROM (
            {" UNION ALL ".join(selects)}
            ORDER BY d_naissance, n_nom, n_prenom, source, local_id)"""
    )
    lines = int(connection.execute("SELECT count(*) FROM lines").fetchall()[0][0])
    _to_file(connection, "SELECT * EXCLUDE (line) FROM lines ORDER BY line", part / "lignes.arrow")
    connection.execute(
        f"CREATE TABLE keyed AS SELECT unnest({_KEYS}) AS key, line::UINTEGER AS line FROM lines"
    )
    connection.execute("DROP TABLE lines")
    _to_file(
        connection,
        f"""SELECT key, line FROM keyed
        ANTI JOIN (SELECT key FROM keyed GROUP BY key HAVING count(*) > {_CROWD}) USING (key)
        ORDER BY key, line""",
        part / "cles.arrow",
    )
    return lines


def _to_file(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    """One record batch, so that a column is one piece of memory."""
    table = connection.sql(query).to_arrow_table().combine_chunks()
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=max(table.num_rows, 1))


class Index:
    """An index opened: nothing is read before it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.manifest = json.loads((folder / "index.json").read_text("utf-8"))
        self.lines: int = self.manifest["lines"]
        self._rows = _mapped(folder / "lignes.arrow")
        keys = _mapped(folder / "cles.arrow").combine_chunks()
        self._count = keys.num_rows
        self._keys = _numbers(keys["key"], "Q") if self._count else memoryview(b"")
        self._lines = _numbers(keys["line"], "I") if self._count else memoryview(b"")

    def around(self, asked: Typed) -> list[int]:
        """Lines that share a key with what was typed, the likeliest keys first."""
        found: dict[int, None] = {}
        for key in _keys_of(asked):
            at = bisect_left(self._keys, key)
            while at < self._count and self._keys[at] == key:
                found[self._lines[at]] = None
                at += 1
            if len(found) >= _WEIGHED:
                break
        return list(found)

    def rows(self, lines: Sequence[int]) -> pa.Table:
        """These lines as `lookup.among` weighs them; the key is the line."""
        taken = self._rows.take(pa.array(lines, pa.int64()))
        columns = [pa.array([str(line) for line in lines], pa.string())]
        columns += [taken[field.name].cast(field.type) for field in list(ROW)[1:]]
        return pa.Table.from_arrays(columns, schema=ROW)

    def places(self, lines: Iterable[int]) -> list[Place]:
        """What may be shown of these lines."""
        taken = self._rows.take(pa.array(list(lines), pa.int64())).to_pylist()
        return [
            Place(
                r["source"],
                r["n_uai"] or "",
                r["local_id"],
                r["last_name"],
                r["first_name"],
                r["d_naissance"],
            )
            for r in taken
        ]


def _mapped(path: Path) -> pa.Table:
    return pa.ipc.open_file(pa.memory_map(str(path))).read_all()


def _numbers(column: pa.ChunkedArray, kind: Literal["Q", "I"]) -> "memoryview[int]":
    chunk = column.chunk(0) if isinstance(column, pa.ChunkedArray) else column
    found: memoryview[int] = memoryview(chunk.buffers()[1]).cast("B").cast(kind)
    return found[: len(chunk)]


_ASKED = f"""WITH asked AS (
    SELECT $nom AS n_nom, $prenom AS n_prenom, NULL AS n_usage, $said::DATE AS d_naissance,
        $residence AS n_residence, $telephone::BIGINT AS telephone)
SELECT flatten([
    list_transform({_SURNAMES}, lambda w: hash('n', least(w, {_PRENOM}), greatest(w, {_PRENOM}))),
    [hash('t', telephone), hash('d', d_naissance)],
    [hash('d', d) FOR d IN $swapped::DATE[]],
    flatten([[hash('w', w, d) FOR w IN $words::VARCHAR[]] FOR d IN $dates::DATE[]]),
    {_STARTS},
    [hash('y', {_NOM}, year(d_naissance)), hash('y', {_PRENOM}, year(d_naissance)),
     hash('p', {_PRENOM}, year(d_naissance), n_residence)]]) FROM asked"""


def _keys_of(asked: Typed) -> list[int]:
    said = asked.dates[0]
    swapped = [d for d in asked.dates[1:2] if (d.month, d.day) == (said.day, said.month)]
    [row] = (
        engine()
        .execute(
            _ASKED,
            {
                "nom": asked.folded["n_nom"],
                "prenom": asked.folded["n_prenom"],
                "said": said,
                "residence": asked.folded["n_residence"],
                "telephone": asked.folded["telephone"],
                "swapped": swapped,
                "words": list(asked.words),
                "dates": list(asked.dates),
            },
        )
        .fetchall()
    )
    return [k for k in row[0] if k is not None]


@lru_cache(maxsize=64)
def _opened(folder: Path, inode: int, modified: int) -> Index | None:
    found = Index(folder)
    written = {name: found.manifest.get(name) for name in stamp()}
    return found if written == stamp() else None


def opened(folder: Path) -> Index | None:
    """The index of this folder, opened once a process; None when there is none, or when another
    version wrote it: the next night makes it again."""
    try:
        state = (folder / "index.json").stat()
        return _opened(folder, state.st_ino, state.st_mtime_ns)
    except (OSError, ValueError, KeyError):
        return None


__all__ = ["Index", "Place", "Sought", "build", "opened"]
