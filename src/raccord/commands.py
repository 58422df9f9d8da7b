"""What each command does, and how it speaks: progress and errors on standard error."""

import argparse
import json
import sys
import time
import traceback
from datetime import date
from pathlib import Path
from typing import Any

from raccord.registers.problems import RefusedFile

DONE, OUR_FAULT, REFUSED = 0, 1, 2


class _Progress:
    """A line that rewrites itself on a terminal, after two seconds; silent in a script."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._shown = False

    def __call__(self, done: int, total: int, name: str) -> None:
        if total > 1 and sys.stderr.isatty() and time.monotonic() - self._started > 2:
            filled = 24 * done // total
            bar = "█" * filled + "░" * (24 - filled)
            sys.stderr.write(f"\r\x1b[2K{bar} {done}/{total} {name[:60]}")
            sys.stderr.flush()
            self._shown = True

    def say(self, text: str) -> None:
        if sys.stderr.isatty() and time.monotonic() - self._started > 2:
            sys.stderr.write(f"\r\x1b[2K{text}")
            sys.stderr.flush()
            self._shown = True

    def close(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[2K")


def _print(text: str = "") -> None:
    sys.stdout.write(text + "\n")


def _complain(text: str) -> None:
    sys.stderr.write(text + "\n")


def run(options: argparse.Namespace) -> int:
    """Dispatch to the command; a fault of ours says so and keeps its trace for the report."""
    command = {
        "compare": _compare,
        "quality": _quality,
        "explain": _explain,
        "simulate": _simulate,
        "evaluate": _evaluate,
        "train": _train,
    }[options.command]
    try:
        return command(options)
    except RefusedFile as refusal:
        _complain(str(refusal))
        return REFUSED
    except Exception as fault:  # noqa: BLE001 - the last door: say whose fault it is
        # The message of a library may quote a value of a register: only where it failed is said.
        sys.stderr.writelines(traceback.format_tb(fault.__traceback__))
        _complain(type(fault).__name__)
        _complain(
            "Raccord s'est arrêté sur une erreur qui vient de lui, pas de vos fichiers : rien n'a "
            "été modifié. Transmettez les lignes ci-dessus (elles ne nomment aucun élève)."
        )
        return OUR_FAULT


def _compare(options: argparse.Namespace) -> int:
    from raccord.matching.comparison import Refused, Request, compare  # noqa: PLC0415

    missing = [name for name in ("before", "after") if not getattr(options, name)]
    if missing:
        _complain("raccord : il manque " + " et ".join(f"--{name}" for name in missing))
        return REFUSED
    if options.engine == "spark":
        from raccord.matching import spark  # noqa: PLC0415 - an optional extra

        spark.require()
    request = Request(
        before=options.before,
        after=options.after,
        out=options.out,
        diplomas=options.diplomas,
        followed=options.followed,
        decisions=options.decisions,
        since=options.since,
        as_of=options.as_of or date.today(),
        all_ages=options.all_ages,
        year=options.year,
        without_refused=options.without_refused,
        engine=options.engine,
        threads=options.threads,
        model=options.model,
    )
    progress = _Progress()
    try:
        summary = compare(request, progress, progress.say)
    except Refused as refused:
        progress.close()
        for reason in refused.reasons:
            _complain(str(reason))
        return REFUSED
    finally:
        progress.close()
    _print(_told(summary, options.out))
    return DONE


def _spaced(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")


def _told(summary: dict[str, Any], out: Path) -> str:
    """The result in a few lines a head teacher understands."""
    counts = summary["counts"]
    persons = counts["persons"]
    elsewhere = sum(counts["found_elsewhere_by"].values())
    rows = [
        ("jeunes inscrits avant", counts["before_persons"]),
        ("toujours dans leur établissement", counts["found_same_school"]),
        ("retrouvés dans un autre", elsewhere),
        ("à confirmer", persons["review"]),
        ("à rechercher", persons["missing"]),
        ("hors des listes (moins de 16 ans, âge inconnu)", sum(counts["excluded_by"].values())),
    ]
    width = max(len(_spaced(value)) for _, value in rows)
    lines = [f"{_spaced(value):>{width}}  {name}" for name, value in rows]
    lanes = counts["lanes"]
    if lanes.get("diploma_unknown"):
        lines.append(
            f"dont {_spaced(lanes['diploma_unknown'])} en classe terminale, diplôme inconnu : "
            "ajoutez les résultats d'examens (--diplomas)"
        )
    if lanes.get("graduate"):
        lines.append(f"dont {_spaced(lanes['graduate'])} diplômés sans solution connue")
    if counts["fragile"]:
        lines.append(f"et {_spaced(counts['fragile'])} inscrits mais fragiles")
    for entry in summary["coverage"]:
        if entry["status"] != "ok":
            lines.append(f"⚠ {entry['source']} : {entry['message']}")
    lines += [f"⚠ {warning}" for warning in summary["warnings"][:5]]
    seconds = f"{summary['seconds']['total']:.1f}".replace(".", ",")
    lines.append(f"Rapport : {out / 'report.html'} ({seconds} s)")
    return "\n".join(lines)


def _quality(options: argparse.Namespace) -> int:
    from raccord.registers import quality, quality_report, snapshots  # noqa: PLC0415

    result = quality.quality(
        options.paths, as_of=options.as_of or date.today(), earlier=options.since
    )
    out = options.out or snapshots.home() / "qualite"
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    _print(quality_report.terminal(result))
    quality_report.write_page(result, out / "qualite.html")
    quality_report.write_corrections(result, out / "corrections.csv")
    _print(f"\nPage à imprimer : {out / 'qualite.html'}\nLignes à corriger : "
           f"{out / 'corrections.csv'}")  # fmt: skip
    for refusal in result.refused:
        _complain(str(refusal))
    return REFUSED if result.refused else DONE


def _explain(options: argparse.Namespace) -> int:
    from raccord.matching.explanation import UnknownEnrolment, explain  # noqa: PLC0415
    from raccord.matching.nearest import nearest_candidates  # noqa: PLC0415

    try:
        lines = explain(options.folder, options.uai, options.id, nearest=nearest_candidates)
    except UnknownEnrolment as unknown:
        _complain(str(unknown))
        return REFUSED
    _print("\n".join(lines))
    return DONE


def _simulate(options: argparse.Namespace) -> int:
    from raccord.simulation import simulate  # noqa: PLC0415

    simulation = simulate(
        options.pupils,
        options.seed,
        options.out,
        format=options.format,
        harder=options.harder,
        as_of=options.as_of,
        season=options.season,
    )
    counts = simulation.counts
    _print(
        f"{_spaced(counts['before'])} inscriptions avant, {_spaced(counts['after'])} après, "
        f"{_spaced(counts['gone'])} jeunes vraiment partis, dans {options.out}"
    )
    _print(f"Puis : {simulation.command}")
    return DONE


def _evaluate(options: argparse.Namespace) -> int:
    from raccord.matching.evaluation import evaluate, told  # noqa: PLC0415

    result = evaluate(options.folder, options.truth)
    _print(json.dumps(result, indent=2) if options.json else told(result))
    return DONE


def _train(options: argparse.Namespace) -> int:
    import duckdb  # noqa: PLC0415

    from raccord.matching.model.training import train  # noqa: PLC0415
    from raccord.matching.model.weights import to_json  # noqa: PLC0415
    from raccord.matching.sides import Side  # noqa: PLC0415
    from raccord.registers.reading import open_registers  # noqa: PLC0415

    progress = _Progress()
    sides = []
    for name in ("before", "after"):
        opened = open_registers(getattr(options, name), progress=progress)
        if opened.refused:
            for refusal in opened.refused:
                _complain(str(refusal))
            return REFUSED
        sides.append(Side(name, opened.snapshots))
    progress.close()
    try:
        with duckdb.connect() as connection:
            learnt = train(connection, *sides, {"name": options.name})
    except ValueError as refusal:
        _complain(str(refusal))
        return REFUSED
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(to_json(learnt.model), "utf-8")
    _print(
        f"Modèle {learnt.model.version} appris sur {_spaced(learnt.labels)} paires d'inscriptions "
        f"au même INE : {options.out}\nPour l'employer : raccord compare --model {options.out} …"
    )
    return DONE
