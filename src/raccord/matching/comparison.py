"""`raccord compare`: from paths to the output folder."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from raccord import __version__
from raccord.matching import decisions as human
from raccord.matching import nights, outputs, passes, residue, support, verdicts, writing
from raccord.matching.coverage import coverage, is_weakened
from raccord.matching.model import weights
from raccord.matching.sides import Side, side_of
from raccord.matching.stages import Stages, give_back, peak_memory_mb
from raccord.registers import guards, judging, snapshots
from raccord.registers.enrolment import Nature
from raccord.registers.problems import RefusedFile
from raccord.registers.reading import Opened, Progress, Stated, open_registers
from raccord.registers.snapshots import Snapshot

SIDES = ("before", "after", "diplomas", "followed")


@dataclass(frozen=True)
class Request:
    """What is asked of a comparison; the fields are the options of the command."""

    before: Sequence[Path]
    after: Sequence[Path]
    out: Path
    diplomas: Sequence[Path] = ()
    followed: Sequence[Path] = ()
    decisions: Path | None = None
    since: Path | None = None
    as_of: date = field(default_factory=date.today)
    all_ages: bool = False
    year: int | None = None
    without_refused: bool = False
    engine: str = "duckdb"
    threads: int | None = None
    model: Path | None = None
    #: Readings already made, by side, beside the paths: the service keeps no file it was sent.
    kept: Mapping[str, Sequence[Snapshot]] = field(default_factory=dict)


class Refused(Exception):
    """The input cannot be used; `reasons` are French sentences, one a line."""

    def __init__(self, reasons: Sequence[RefusedFile]) -> None:
        self.reasons = list(reasons)
        super().__init__(outputs.reasons(self.reasons))


@dataclass
class Registers:
    """The registers of the four sides, what was refused and what was set aside."""

    opened: dict[str, Opened]
    quarantined: list[tuple[str, Snapshot, str]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _sides: dict[str, Side] = field(default_factory=dict)

    def side(self, name: str) -> Side:
        return self._sides.setdefault(name, side_of(name, self.opened[name].snapshots))

    @property
    def absent(self) -> list[str]:
        """Registers of *after* whose pupils of today are not searched."""
        refused = [refusal.path.name for refusal in self.opened["after"].refused]
        return refused + [s.manifest.document for n, s, _ in self.quarantined if n == "after"]

    @property
    def refused(self) -> list[RefusedFile]:
        return [refusal for opened in self.opened.values() for refusal in opened.refused]


Say = Callable[[str], None]


def compare(
    request: Request, progress: Progress | None = None, say: Say = lambda _: None
) -> dict[str, Any]:
    """Run a comparison and write its folder; returns the summary.

    Raises Refused when the input cannot be used: nothing is then written.
    """
    stages = Stages()
    folder = _folder(request.out)
    try:
        with _connect(request.threads) as connection:
            with stages.stage("reading"):
                registers = open_sides(connection, request, progress)
            model = weights.load(request.model)
            say("Rapprochement…")
            _settle_in(connection, request, registers)
            summary = _run(connection, request, registers, model, folder, stages, say)
        folder.publish()
    except RefusedFile as refusal:
        raise Refused([refusal]) from refusal
    finally:
        folder.discard()
    snapshots.forget_unused()
    return summary


def _folder(out: Path) -> outputs.Folder:
    try:
        return outputs.Folder(out)
    except RefusedFile as refusal:
        raise Refused([refusal]) from refusal
    except OSError as error:
        raise Refused([RefusedFile(out, f"écriture impossible : {error.strerror}")]) from error


def _connect(threads: int | None) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    # A database in memory needs no checkpoint; its automatic ones stop every writer.
    connection.execute("SET wal_autocheckpoint = '1TB'")
    if threads:
        connection.execute(f"SET threads = {threads}")
    return connection


#: Rows of all the registers under which a second thread costs more than it brings.
_FEW_ROWS = 20_000


def _settle_in(
    connection: duckdb.DuckDBPyConnection, request: Request, registers: Registers
) -> None:
    """What the size of the registers says of the memory and of the threads to use."""
    spill = snapshots.home() / "tmp"
    spill.mkdir(parents=True, exist_ok=True, mode=0o700)
    connection.execute(f"SET temp_directory = '{snapshots.quoted(spill)}'")
    give_back(connection)
    rows = sum(
        snapshot.manifest.rows
        for opened in registers.opened.values()
        for snapshot in opened.snapshots
    )
    if request.threads is None and rows < _FEW_ROWS:
        connection.execute("SET threads = 1")


def open_sides(
    connection: duckdb.DuckDBPyConnection, request: Request, progress: Progress | None = None
) -> Registers:
    """Read the registers of every side and apply the guards. Raises Refused."""
    natures = {"diplomas": Nature.DIPLOME, "followed": Nature.ACCOMPAGNEMENT}
    paths = {name: list(getattr(request, name)) for name in SIDES}
    registers = Registers(
        {
            name: open_registers(
                paths[name], Stated(nature=natures.get(name)), progress, connection
            )
            for name in SIDES
        }
    )
    for name, kept in request.kept.items():
        registers.opened[name].snapshots.extend(kept)
    _sort_by_nature(registers)
    _guard_years(registers, request)
    if request.since is not None:
        _guard_partial_files(registers, request)
    for name in ("before", "after"):
        opened = registers.opened[name]
        if not opened.snapshots and not opened.refused:
            opened.refused.append(
                RefusedFile(Path(name), f"aucun registre d'inscriptions du côté « {name} »")
            )
    unreadable = _check_decisions(request)
    if unreadable or (
        registers.refused
        and (
            not request.without_refused
            or not registers.opened["before"].snapshots
            or not registers.opened["after"].snapshots
        )
    ):
        raise Refused([*registers.refused, *unreadable])
    return registers


def _check_decisions(request: Request) -> list[RefusedFile]:
    """A file of decisions that cannot be read is told with the registers that cannot."""
    try:
        if request.decisions is not None:
            human.read_decisions(request.decisions)
    except RefusedFile as refusal:
        return [refusal]
    return []


def _sort_by_nature(registers: Registers) -> None:
    """Only an *inscription* register can find a pupil: another one given with --after, and
    recognised by its format, goes where it belongs."""
    belongs = {Nature.DIPLOME: "diplomas", Nature.ACCOMPAGNEMENT: "followed"}
    for name in ("before", "after"):
        opened = registers.opened[name]
        for snapshot in list(opened.snapshots):
            other = belongs.get(snapshot.manifest.nature)
            if other:
                opened.snapshots.remove(snapshot)
                registers.opened[other].snapshots.append(snapshot)


def _guard_years(registers: Registers, request: Request) -> None:
    """A file of another school year than the others of its side, or than --year, is refused."""
    for name in ("before", "after"):
        opened = registers.opened[name]
        stated = request.year if name == "after" else None
        doubts = guards.wrong_year(opened.snapshots, as_of=request.as_of, stated=stated)
        refused = {d.snapshot: d for d in doubts if d.decision is guards.Decision.REFUSE}
        for snapshot in list(opened.snapshots):
            doubt = refused.get(snapshot.manifest.key)
            if doubt is not None and not (stated is None and _coexists(snapshot, opened, request)):
                opened.snapshots.remove(snapshot)
                opened.refused.append(RefusedFile(doubt.document, doubt.sentence))
        # Registers of *before* are old by nature.
        registers.warnings += [
            f"{d.document} : {d.sentence}"
            for d in doubts
            if name == "after" and d.decision is not guards.Decision.REFUSE
        ]


def _coexists(snapshot: Snapshot, opened: Opened, request: Request) -> bool:
    """From the roll-over in June to September an establishment has two bases, last year's and next
    year's: given together, both are right."""
    return request.as_of.month in (6, 7, 8, 9) and any(
        other.manifest.uais.keys() & snapshot.manifest.uais.keys()
        and other.manifest.school_year != snapshot.manifest.school_year
        for other in opened.snapshots
    )


def _guard_partial_files(registers: Registers, request: Request) -> None:
    """Against the state of the same feeds in the former run: a file where an abnormal share of
    yesterday's pupils vanished is set aside, yesterday's state stays in force."""
    if request.since is None:
        return
    former = outputs.read_summary(request.since)
    for name in ("before", "after"):
        earlier = {i["feed"]: i["snapshot"] for i in former.get("inputs", []) if i["side"] == name}
        current = registers.opened[name].snapshots
        for rank, snapshot in enumerate(list(current)):
            key = earlier.get(snapshots.feed(snapshot.manifest))
            yesterday = snapshots.find(key) if key and key != snapshot.manifest.key else None
            if yesterday is None or not guards.may_be_partial(yesterday, snapshot):
                continue
            for partial in guards.partial_file(yesterday, snapshot, as_of=request.as_of):
                if partial.decision is None:
                    continue
                registers.quarantined.append((name, snapshot, partial.sentence))
                current[rank] = yesterday
                break


def _scorer(engine: str) -> residue.Scorer:
    if engine == "spark":
        from raccord.matching import spark  # noqa: PLC0415 - an optional extra

        return spark.score_residue
    return residue.score_residue


def _run(
    connection: duckdb.DuckDBPyConnection,
    request: Request,
    registers: Registers,
    model: weights.Model,
    folder: outputs.Folder,
    stages: Stages,
    say: Say,
) -> dict[str, Any]:
    before, after = registers.side("before"), registers.side("after")
    known, disowned = 0, None
    if request.decisions is not None:
        disowned = "FROM disowned"
        known = human.load_decisions(
            connection, before, after, human.read_decisions(request.decisions)
        )
    versions = _versions(model)
    former = outputs.read_summary(request.since) if request.since else {}
    memory = nights.remember(request.since, former, versions)
    comparison = passes.Comparison(
        before,
        after,
        request.as_of,
        model,
        decisions=known > 0,
        disowned=disowned,
        memory=memory,
    )
    with stages.stage("exact"):
        passes.load(connection, comparison)
        passes.link_exactly(connection, comparison)
    with stages.stage("model"):
        residue.link_by_model(connection, comparison, _scorer(request.engine))
    with stages.stage("judging"):
        verdicts.settle(connection)
        verdicts.find_nearest(connection)
        connection.execute(
            """CREATE TABLE sought AS SELECT id FROM before_residue
            WHERE id NOT IN (SELECT id FROM outcomes WHERE verdict = 'found')"""
        )
        for find, name in (
            (support.find_diplomas, "diplomas"),
            (support.find_followers, "followed"),
        ):
            find(connection, before, registers.side(name).snapshots, request.as_of, model)
        support.find_deceased(connection, before, after, request.as_of, model)
        rules = verdicts.Rules(
            request.as_of, request.all_ages, bool(registers.opened["diplomas"].snapshots)
        )
        verdicts.judge(connection, before, after, rules)
    verdicts.forget_passes(connection)
    nights.keep(connection, folder.path)
    verdicts.forget_pairs(connection)
    path = folder.path / "verdicts.parquet"
    with stages.stage("writing verdicts"):
        writing.write_verdicts(connection, before, after, path, registers.absent)
    say("Rapport…")
    with stages.stage("report"):
        summary = _report(connection, request, registers, model, folder, path)
    summary["seconds"] = stages.summary()
    summary["peak_memory_mb"] = peak_memory_mb()
    outputs.write_summary(folder.path / "summary.json", summary)
    return summary


def _versions(model: weights.Model) -> dict[str, str]:
    return {
        "raccord": __version__,
        "duckdb": duckdb.__version__,
        "reading": str(judging.VERSION),
        "model": model.version,
        "model_digest": model.digest,
    }


def _report(
    connection: duckdb.DuckDBPyConnection,
    request: Request,
    registers: Registers,
    model: weights.Model,
    folder: outputs.Folder,
    verdicts_path: Path,
) -> dict[str, Any]:
    from raccord.matching.report import write_report  # noqa: PLC0415 - slow to import

    before, after = registers.side("before"), registers.side("after")
    entries = coverage(
        {name: opened.snapshots for name, opened in registers.opened.items()},
        {name: opened.refused for name, opened in registers.opened.items()},
        registers.quarantined,
        request.as_of,
    )
    counts = outputs.count(connection, verdicts_path)
    outputs.load_people(connection, before, after, request.as_of)
    outputs.write_missing(connection, folder.path / "missing.csv")
    summary: dict[str, Any] = {
        "as_of": request.as_of.isoformat(),
        "all_ages": request.all_ages,
        "provisional": is_weakened(entries),
        "counts": counts,
        "coverage": entries,
        "warnings": registers.warnings
        + [notice for opened in registers.opened.values() for notice in opened.notices],
        "inputs": [
            {
                "side": name,
                "document": s.manifest.document,
                "format": s.manifest.format,
                "source": s.manifest.source,
                "feed": snapshots.feed(s.manifest),
                "snapshot": s.manifest.key,
                "rows": s.manifest.rows,
            }
            for name, opened in registers.opened.items()
            for s in opened.snapshots
        ],
        "versions": _versions(model),
    }
    write_report(
        folder.path,
        summary={**summary, "counts": {**counts, **counts["persons"]}},
        coverage=entries,
        schools=outputs.schools_table(connection, verdicts_path),
        people=outputs.take_people(connection),
        generated_for=request.as_of,
    )
    return summary
