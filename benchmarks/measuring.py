"""How things are measured: processes watched from outside, a reading to compare with, a machine.

Every measured command runs in a process of its own. Memory is that of the whole tree: the sum of
what its processes hold, sampled fifty times a second, and never less than the highest mark the
kernel kept for any of them.
"""

import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

#: Read in a process of its own, the clock starts when DuckDB is ready.
_READING = """
import json, sys, time
import duckdb
threads, sides = json.loads(sys.argv[1])
with duckdb.connect() as connection:
    connection.execute("SET enable_progress_bar = false")
    if threads:
        connection.execute(f"SET threads = {threads}")
    started, used = time.perf_counter(), time.process_time()
    for name, paths in sides.items():
        connection.execute(
            f"CREATE TABLE {name} AS SELECT * FROM read_parquet(?, union_by_name=true)", [paths])
    print(json.dumps([time.perf_counter() - started, time.process_time() - used]))
"""


@dataclass(frozen=True)
class Ran:
    """One run of a command: seconds on the clock and of processor, peak memory of its tree in MB,
    what it said."""

    seconds: float
    cpu: float
    peak_mb: float
    output: str


@dataclass
class Spread:
    """Repeated values of one quantity."""

    values: list[float] = field(default_factory=list)

    @property
    def middle(self) -> float:
        return statistics.median(self.values)

    @property
    def low(self) -> float:
        return min(self.values)

    @property
    def high(self) -> float:
        return max(self.values)

    def over(self, other: "Spread") -> "Spread":
        """Ratios, run by run: both lists were measured in turn."""
        return Spread([a / b for a, b in zip(self.values, other.values, strict=True)])


class _Watch(threading.Thread):
    """Samples the memory of a process and of its descendants until told to stop."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._over = threading.Event()
        self.peak_kb = 0

    def run(self) -> None:
        while not self._over.is_set():
            held = highest = 0
            for pid in _tree(self._pid):
                now, mark = _memory_kb(pid)
                held += now
                highest = max(highest, mark)
            self.peak_kb = max(self.peak_kb, held, highest)
            self._over.wait(0.02)

    def stop(self) -> None:
        self._over.set()
        self.join()


def _tree(pid: int) -> list[int]:
    found = [pid]
    for parent in found:
        try:
            for task in Path(f"/proc/{parent}/task").iterdir():
                found += [int(child) for child in (task / "children").read_text().split()]
        except OSError:
            continue
    return found


def _memory_kb(pid: int) -> tuple[int, int]:
    """Resident memory now, and its highest mark, of one process in kB."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("ascii", errors="replace").splitlines()
    except OSError:
        return 0, 0
    values = {line.partition(":")[0]: line.split()[1] for line in lines if line.startswith("Vm")}
    return int(values.get("VmRSS", 0)), int(values.get("VmHWM", 0))


def run(
    command: Sequence[str], *, home: Path, timeout: float = 3600, threads: int | None = None
) -> Ran:
    """Run a command of this project with its own RACCORD_HOME. Raises CalledProcessError."""
    environment = os.environ | {"RACCORD_HOME": str(home), "PYTHONPATH": _python_path()}
    if threads:
        environment["OMP_NUM_THREADS"] = str(threads)
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        started, before = time.perf_counter(), _children_cpu()
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=out, stderr=err, text=True
        )
        watch = _Watch(process.pid)
        watch.start()
        try:
            status = process.wait(timeout)
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            seconds, cpu = time.perf_counter() - started, _children_cpu() - before
            watch.stop()
        out.seek(0)
        err.seek(0)
        if status:
            sys.stderr.write(err.read())
            raise subprocess.CalledProcessError(status, command)
        return Ran(seconds, cpu, watch.peak_kb / 1024, out.read())


def _children_cpu() -> float:
    """Seconds of processor of the children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def raccord(
    *arguments: str | Path, home: Path, threads: int | None = None, timeout: float = 3600
) -> Ran:
    """Run `raccord` as a user does."""
    command = [sys.executable, "-m", "raccord.cli", *map(str, arguments)]
    return run(command, home=home, threads=threads, timeout=timeout)


def script(name: str, *arguments: str | Path, home: Path, threads: int | None = None) -> Ran:
    """Run one of the benchmark scripts in a process of its own."""
    command = [sys.executable, str(ROOT / "benchmarks" / name), *map(str, arguments)]
    return run(command, home=home, threads=threads)


def _python_path() -> str:
    """What PYTHONPATH says comes first: another version of the product can be measured."""
    known = os.environ.get("PYTHONPATH", "")
    return os.pathsep.join(filter(None, [known, str(ROOT / "src"), str(ROOT)]))


def summary(result: Path) -> dict[str, dict[str, float]]:
    """`summary.json` of a comparison."""
    read: dict[str, dict[str, float]] = json.loads((result / "summary.json").read_text("utf-8"))
    return read


def snapshots_of(result: Path, home: Path) -> dict[str, list[str]]:
    """Plain Parquet files of the snapshots a comparison used, per side."""
    inputs = json.loads((result / "summary.json").read_text("utf-8"))["inputs"]
    return {
        side: [
            str(home / "snapshots" / entry["snapshot"] / "plain.parquet")
            for entry in inputs
            if entry["side"] == side
        ]
        for side in ("before", "after")
    }


def reading(sides: Mapping[str, Sequence[str]], threads: int | None = None) -> tuple[float, float]:
    """Seconds, on the clock and of processor, for DuckDB in a new process to read these Parquet
    files into one table a side."""
    asked = json.dumps([threads, {side: list(paths) for side, paths in sides.items()}])
    done = subprocess.run(
        [sys.executable, "-c", _READING, asked], capture_output=True, text=True, check=True
    )
    seconds, cpu = json.loads(done.stdout)
    return float(seconds), float(cpu)


def forget(folder: Path) -> None:
    """An empty folder, as on a machine that has never run Raccord."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def machine() -> dict[str, str]:
    """What the figures depend on, without any name."""
    import duckdb
    import pyarrow
    import splink

    from raccord import __version__

    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": str(len(os.sched_getaffinity(0))),
        "memory_gb": f"{pages / 1024**3:.0f}",
        "architecture": platform.machine(),
        "system": platform.system(),
        "load": f"{os.getloadavg()[0]:.1f}",
        "python": platform.python_version(),
        "raccord": __version__,
        "duckdb": duckdb.__version__,
        "pyarrow": pyarrow.__version__,
        "splink": splink.__version__,
    }
