"""Night after night: what yesterday computed of rows that have not changed is not computed again.

The features of a row and the levels of a pair depend on their content alone, and the frozen model
carries its frequencies: yesterday's are taken back by content hash, and everything else of the
comparison runs as on a first day. The verdicts are therefore those of a full run, by construction.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from raccord.matching.model.levels import COMPARISONS
from raccord.matching.model.scoring import level_column
from raccord.registers.snapshots import quoted

_FOLDER = "etat"
_LEVELS = ", ".join(level_column(c) for c in COMPARISONS)


@dataclass(frozen=True)
class Memory:
    """Yesterday's computed rows and pairs; `folder` is None on a first day."""

    folder: Path | None = None

    def features(self, side: str) -> Path | None:
        """Parquet file of the features known of a side."""
        return self._existing(f"{side}.parquet")

    def levels(self) -> Path | None:
        """Parquet file of the pairs compared: hl, hr and the level columns."""
        return self._existing("pairs.parquet")

    def _existing(self, name: str) -> Path | None:
        path = self.folder / name if self.folder else None
        return path if path is not None and path.is_file() else None


def remember(since: Path | None, former: dict[str, object], versions: dict[str, str]) -> Memory:
    """The memory of a former run, if its versions (of the reading, the engine and the model) are
    today's: nothing is trusted across versions."""
    if since is None or former.get("versions") != versions:
        return Memory()
    return Memory(since / _FOLDER)


def keep(connection: duckdb.DuckDBPyConnection, out: Path) -> None:
    """Write what tomorrow may take back, into the output folder."""
    folder = out / _FOLDER
    folder.mkdir(mode=0o700)
    for name, query in (
        ("before", "FROM before_features ORDER BY id"),
        ("after", "FROM after_features ORDER BY id"),
        ("pairs", "SELECT DISTINCT * FROM compared ORDER BY hl, hr"),
    ):
        path = folder / f"{name}.parquet"
        connection.execute(f"COPY ({query}) TO '{quoted(path)}' (FORMAT parquet)")
        path.chmod(0o600)


def start(connection: duckdb.DuckDBPyConnection, memory: Memory) -> None:
    """Tables `known_pairs` and `compared` (hl, hr, level columns): yesterday's, and today's."""
    columns = ", ".join(f"{level_column(c)} TINYINT" for c in COMPARISONS)
    levels = memory.levels()
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS main.compared (hl UBIGINT, hr UBIGINT, {columns})"
    )
    connection.execute(
        "CREATE TABLE IF NOT EXISTS main.known_pairs AS "
        + (f"FROM '{quoted(levels)}'" if levels else "FROM main.compared WHERE false")
    )


def recall(
    connection: duckdb.DuckDBPyConnection, pairs: str, left: str, right: str, into: str
) -> str:
    """Table `into` with the pairs of `pairs` whose levels are known; returns the table (l, r) of
    those that must be compared."""
    connection.execute(
        f"""CREATE TABLE {into} AS
        SELECT p.l, p.r, {_LEVELS} FROM {pairs} p
        JOIN {left} f ON f.id = p.l JOIN {right} g ON g.id = p.r
        JOIN main.known_pairs k ON k.hl = f.h AND k.hr = g.h"""
    )
    new = f"{pairs}_new"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {new} AS SELECT l, r FROM {pairs} "
        f"ANTI JOIN {into} USING (l, r)"
    )
    return new


def note(connection: duckdb.DuckDBPyConnection, levels: str, left: str, right: str) -> None:
    """Add the compared pairs of the table `levels` to today's."""
    connection.execute(
        f"""INSERT INTO main.compared SELECT f.h, g.h, {_LEVELS} FROM {levels} p
        JOIN {left} f ON f.id = p.l JOIN {right} g ON g.id = p.r"""
    )
