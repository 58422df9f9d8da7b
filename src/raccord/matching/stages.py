"""How long each stage of a run took, from the start of the process, and the memory it needed."""

import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

_LOADED_AT = time.time()


def process_started_at() -> float:
    """Seconds since the epoch when this process started (its import time where unknown)."""
    try:
        fields = Path("/proc/self/stat").read_text("ascii").rpartition(")")[2].split()
        ticks = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        uptime = float(Path("/proc/uptime").read_text("ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return _LOADED_AT
    return time.time() - (uptime - ticks)


class Stages:
    """Seconds of each named stage, in the order they ran."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {"start": time.time() - process_started_at()}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - started
            self.seconds[name] = self.seconds.get(name, 0.0) + spent

    def summary(self) -> dict[str, float]:
        """Rounded seconds, and `total` from the start of the process until now."""
        total = time.time() - process_started_at()
        return {name: round(s, 3) for name, s in self.seconds.items()} | {"total": round(total, 3)}


def peak_memory_mb() -> int:
    """Peak resident memory of this process and of its largest child, in MB."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return int((own + children) / 1024)


def give_back(connection: duckdb.DuckDBPyConnection) -> None:
    """Hand the memory of the tables that were dropped back to the system.

    The allocator of DuckDB keeps it for later, several hundred MB on a million pupils. Setting the
    limit, here to what it already is, is what makes it let go; it takes a few milliseconds.
    """
    connection.execute("RESET memory_limit").fetchall()


def is_empty(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether a table has no row: planning what would be done with them costs more than asking."""
    return connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() is None
