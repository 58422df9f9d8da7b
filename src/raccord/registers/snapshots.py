"""A register read once: `plain.parquet`, `prepared.parquet` and a manifest, in a private folder.

The cache is keyed by the content of the files and the version of what reads them, so that reading
the same file twice changes nothing, and a new version never trusts an old reading.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from raccord.registers import judging
from raccord.registers.enrolment import ALL_COLUMNS, ENROLMENT_SCHEMA, Nature
from raccord.registers.problems import Problem, ProblemLog, RefusedFile, Severity

#: Days after which a reading that no run has used is removed: minors' data are not kept idle.
UNUSED_FOR_DAYS = 62

_COMPRESSION = "(FORMAT parquet, DICTIONARY_SIZE_LIMIT 20000)"


@dataclass(frozen=True)
class Manifest:
    """What a reading found. `school_years` and `uais` count rows; `problems` keeps examples."""

    key: str
    document: str
    format: str
    label: str
    nature: Nature
    source: str
    rows: int
    unusable: int
    school_year: int | None
    exported_on: str | None
    uais: dict[str, int]
    problems: list[dict[str, object]] = field(default_factory=list)
    problem_counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Snapshot:
    """`plain` holds ALL_COLUMNS (or a part of them), `prepared` judging.PREPARED_COLUMNS."""

    folder: Path
    manifest: Manifest

    @property
    def plain(self) -> Path:
        return self.folder / "plain.parquet"

    @property
    def prepared(self) -> Path:
        return self.folder / "prepared.parquet"


def home() -> Path:
    """The only folder written at run time: RACCORD_HOME, or `var` where the command is run."""
    return Path(os.environ.get("RACCORD_HOME", "var"))


def find(key: str) -> Snapshot | None:
    """The reading kept under this key, marked as used today; None when there is none, or when it is
    damaged or was written by another version: the register is then read again."""
    folder = home() / "snapshots" / key
    try:
        kept = json.loads((folder / "manifest.json").read_text("utf-8"))
        snapshot = Snapshot(folder, Manifest(**kept | {"nature": Nature(kept["nature"])}))
        if not (_is_whole(snapshot.plain) and _is_whole(snapshot.prepared)):
            return None
        os.utime(folder)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return snapshot


def _is_whole(path: Path) -> bool:
    """A Parquet file ends with its magic word: one that was cut short does not."""
    with path.open("rb") as stream:
        stream.seek(-4, os.SEEK_END)
        return stream.read(4) == b"PAR1"


def forget_unused(now: float | None = None) -> None:
    """Remove the readings that no run has used for UNUSED_FOR_DAYS, and those left half made."""
    root = home() / "snapshots"
    if not root.is_dir():
        return
    limit = (now or time.time()) - UNUSED_FOR_DAYS * 86_400
    for folder in root.iterdir():
        try:
            used = folder.stat().st_mtime
        except FileNotFoundError:  # another run has just finished with it
            continue
        half_made = folder.name.startswith(".") and used < time.time() - 86_400
        if half_made or used < limit:
            shutil.rmtree(folder, ignore_errors=True)


class Keeping:
    """One reading being written: into a private folder beside the others, renamed when complete.

    A reader killed half-way leaves a folder that nobody opens; two readers of the same file write
    apart and the first to finish wins.
    """

    def __init__(self, key: str) -> None:
        self._key = key
        root = home() / "snapshots"
        root.mkdir(parents=True, exist_ok=True)
        root.chmod(0o700)
        self.folder = root / f".{key}.{os.getpid()}.{time.time_ns()}"
        self.folder.mkdir(mode=0o700)
        self.plain = self.folder / "plain.parquet"
        self.prepared = self.folder / "prepared.parquet"

    def spool(self, batches: Iterator[pa.RecordBatch]) -> None:
        """Write the batches of a reader as they come: memory does not grow with the file."""
        with pq.ParquetWriter(self.plain, ENROLMENT_SCHEMA, compression="snappy") as writer:
            for batch in batches:
                if batch.num_rows:
                    writer.write_batch(batch)

    def borrow(self, path: Path) -> None:
        """Take a plain Parquet file as it is."""
        shutil.copyfile(path, self.plain)

    def prepare(self, connection: duckdb.DuckDBPyConnection, source: str) -> None:
        """Write prepared.parquet; rewrite plain.parquet when it holds what may not be kept."""
        relation = f"read_parquet('{quoted(self.plain)}')"
        present = _columns(connection, relation)
        if not set(present) <= set(ALL_COLUMNS):
            self._sanitise(connection, present, source)
            present = list(ALL_COLUMNS)
        filled = filled_columns(self.plain)
        several = (
            "ine" in filled
            and connection.execute(
                f"SELECT 1 FROM {relation} WHERE contains(ine::VARCHAR, '|') LIMIT 1"
            ).fetchone()
        )
        select = judging.prepared_select(
            relation, present, source, filled, several_ine=bool(several)
        )
        connection.execute(f"COPY ({select}) TO '{quoted(self.prepared)}' {_COMPRESSION}")
        row = connection.execute(
            f"SELECT coalesce(bool_or(holds_nir), false) FROM '{quoted(self.prepared)}'"
        ).fetchone()
        if row and row[0]:
            self._sanitise(connection, present, source)

    def _sanitise(
        self, connection: duckdb.DuckDBPyConnection, present: list[str], source: str
    ) -> None:
        clean = self.folder / "clean.parquet"
        relation = f"read_parquet('{quoted(self.plain)}', file_row_number=true)"
        select = judging.sanitised_select(relation, present, source)
        connection.execute(f"COPY ({select}) TO '{quoted(clean)}' (FORMAT parquet)")
        clean.replace(self.plain)

    def keep(self, manifest: Manifest) -> Snapshot:
        """Publish the reading under its key."""
        for path in (self.plain, self.prepared):
            path.chmod(0o600)
        kept = self.folder / "manifest.json"
        kept.write_text(json.dumps(asdict(manifest), ensure_ascii=False), "utf-8")
        kept.chmod(0o600)
        final = self.folder.parent / self._key
        if final.exists() and find(self._key) is None:  # damaged: nobody can use it
            shutil.rmtree(final, ignore_errors=True)
        try:
            self.folder.rename(final)
        except OSError:  # somebody read the same file meanwhile: theirs is as good
            self.discard()
        return Snapshot(final, manifest)

    def discard(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def bundle(members: Sequence[Snapshot]) -> Snapshot:
    """One snapshot with the rows of several, in their order: a query over a hundred small files
    costs more to plan than to run. Kept and forgotten like any reading."""
    digest = hashlib.sha256("\n".join(m.manifest.key for m in members).encode()).hexdigest()
    key = f"lot-{digest[:36]}"
    found = find(key)
    if found is not None:
        return found
    keeping = Keeping(key)
    try:
        with duckdb.connect() as connection:
            connection.execute("SET enable_progress_bar = false")
            for name in ("plain", "prepared"):
                files = ", ".join(f"'{quoted(getattr(m, name))}'" for m in members)
                connection.execute(
                    f"COPY (FROM read_parquet([{files}], union_by_name=true)) "
                    f"TO '{quoted(getattr(keeping, name))}' {_COMPRESSION}"
                )
        first = members[0].manifest
        return keeping.keep(
            replace(
                first,
                key=key,
                document=f"{len(members)} fichiers",
                rows=sum(m.manifest.rows for m in members),
                unusable=sum(m.manifest.unusable for m in members),
                uais={},
                problems=[],
                problem_counts={},
            )
        )
    except (OSError, duckdb.IOException) as error:
        raise refuse_full_disk(error) from error
    finally:
        if keeping.folder.exists():
            keeping.discard()


def describe(
    keeping: Keeping, connection: duckdb.DuckDBPyConnection, problems: ProblemLog
) -> tuple[int, int, int | None, dict[str, int]]:
    """Rows, unusable rows, school year and rows per UAI; unusable rows go into `problems`."""
    prepared, plain = quoted(keeping.prepared), quoted(keeping.plain)
    counted = connection.execute(
        f"SELECT n_uai, count(*), count(*) FILTER (NOT usable) FROM '{prepared}' GROUP BY ALL "
        "ORDER BY n_uai"
    ).fetchall()
    rows = sum(n for _, n, _ in counted)
    unusable = sum(n for _, _, n in counted)
    present = filled_columns(keeping.plain)
    year = None
    if "annee_scolaire" in present:
        found = connection.execute(f"SELECT mode(annee_scolaire) FROM '{plain}'").fetchone()
        year = found[0] if found else None
    if unusable:
        _report_unusable(connection, prepared, plain, present, problems, unusable)
    return rows, unusable, year, {uai: n for uai, n, _ in counted if uai}


def _report_unusable(
    connection: duckdb.DuckDBPyConnection,
    prepared: str,
    plain: str,
    present: Collection[str],
    problems: ProblemLog,
    unusable: int,
) -> None:
    line = "p.file_row_number + 1"
    if "ligne" in present:
        line = f"coalesce(p.ligne, {line})"
    bad = connection.execute(
        f"""SELECT {line}, q.identifiant_local, q.n_nom, q.n_prenom
        FROM read_parquet('{plain}', file_row_number=true) p
        POSITIONAL JOIN read_parquet('{prepared}') q WHERE NOT q.usable ORDER BY 1 LIMIT 500"""
    ).fetchall()
    message = (
        "ligne inutilisable : il faut au moins le nom, le prénom ou la date de naissance, et un "
        "autre renseignement. Complétez-la dans votre logiciel puis refaites l'export."
    )
    for line_number, identifier, family, first in bad:
        identity = " ".join(v for v in (identifier, family, first) if v)
        problems.add(
            Problem("ligne_inutilisable", Severity.REJECTED, message, line_number, identity)
        )
    rest = unusable - len(bad)
    if rest > 0:
        problems.add(Problem("ligne_inutilisable", Severity.REJECTED, message), times=rest)


def manifest_problems(problems: ProblemLog) -> tuple[list[dict[str, object]], dict[str, int]]:
    """Problems as JSON: the examples, and the count of each rule."""
    return (
        [asdict(problem) for problem in problems.examples()],
        {f"{rule}:{severity}": n for (rule, severity), n in sorted(problems.counts.items())},
    )


def _columns(connection: duckdb.DuckDBPyConnection, relation: str) -> list[str]:
    return [str(r[0]) for r in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()]


def filled_columns(path: Path) -> set[str]:
    """Columns of a Parquet file that are not null in every row, as its statistics tell: half the
    columns of most registers hold nothing, and to plan what is done with them is most of the cost
    of a small one."""
    metadata = pq.read_metadata(path)
    filled: set[str] = set()
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group)
        for rank in range(metadata.num_columns):
            column = rows.column(rank)
            known = column.statistics
            if known is None or not known.has_null_count or known.null_count < column.num_values:
                filled.add(column.path_in_schema)
    return filled


def quoted(path: Path) -> str:
    """A path inside a SQL string."""
    return str(path).replace("'", "''")


def refuse_full_disk(error: Exception) -> RefusedFile:
    """A full disk is not a fault of the file: say where there is no room."""
    return RefusedFile(
        home(),
        f"écriture impossible ({error}). Libérez de la place, ou indiquez un autre dossier avec "
        "RACCORD_HOME, puis recommencez : rien n'a été modifié.",
    )


def feed(manifest: Manifest) -> str:
    """What names the same register from one night to the next: its format, its source and its
    establishments; a register of a whole territory, whose establishments come and go, its name."""
    where = ",".join(sorted(manifest.uais)) if 0 < len(manifest.uais) <= 3 else manifest.document
    return f"{manifest.format}/{manifest.source}/{where}"


def age_in_days(manifest: Manifest, as_of: date) -> int | None:
    """Days between the export and `as_of`; None when the register does not say its date."""
    if manifest.exported_on is None:
        return None
    return (as_of - date.fromisoformat(manifest.exported_on)).days
