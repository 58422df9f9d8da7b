"""What each command does, and how it speaks: progress and errors on standard error."""

import argparse
import errno
import json
import re
import sys
import time
import traceback
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from raccord.registers.problems import RefusedFile

DONE, OUR_FAULT, REFUSED = 0, 1, 2

#: What a machine may refuse, that neither the registers nor Raccord are to blame for.
_MACHINE = {
    errno.ENOSPC: "il n'y a plus de place sur le disque",
    errno.EDQUOT: "votre quota de disque est atteint",
    errno.EFBIG: "le fichier à écrire dépasse la taille permise",
    errno.EROFS: "ce disque est en lecture seule",
    errno.EACCES: "les droits ne suffisent pas",
    errno.EPERM: "les droits ne suffisent pas",
    errno.EEXIST: "un fichier porte déjà ce nom",
    errno.ENOTDIR: "un fichier se trouve là où il faut un dossier",
    errno.EISDIR: "un dossier se trouve là où il faut un fichier",
    errno.ENAMETOOLONG: "ce nom est trop long",
    errno.EIO: "le disque ne répond pas bien",
    errno.EMFILE: "trop de fichiers sont ouverts",
}


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


def _refuse(reasons: Iterable[object]) -> int:
    """Each reason once, on one line whatever the name of the file."""
    for reason in dict.fromkeys(re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]+", " ", str(r))
                                for r in reasons):  # fmt: skip
        _complain(reason)
    return REFUSED


def _trouble(fault: Exception) -> str | None:
    """What the machine refused, in French; None when the fault is ours."""
    import duckdb  # noqa: PLC0415 - loaded already when it is the cause

    if isinstance(fault, MemoryError | duckdb.OutOfMemoryException):
        return "mémoire insuffisante : fermez d'autres programmes, ou essayez --threads 1"
    if isinstance(fault, duckdb.IOException):
        # It quotes the path, and after it the reason of the system.
        known = {"No space left": errno.ENOSPC, "too large": errno.EFBIG,
                 "ermission denied": errno.EACCES, "Read-only": errno.EROFS,
                 "quota": errno.EDQUOT, "Input/output": errno.EIO}  # fmt: skip
        reason = next((_MACHINE[n] for words, n in known.items() if words in str(fault)), None)
        return f"écriture ou lecture impossible : {reason}" if reason else None
    if isinstance(fault, OSError) and fault.errno in _MACHINE:
        where = f" ({fault.filename})" if fault.filename else ""
        return f"écriture ou lecture impossible : {_MACHINE[fault.errno]}{where}"
    return None


def run(options: argparse.Namespace) -> int:
    """Dispatch to the command; a fault of ours says so and keeps its trace for the report."""
    command = {
        "compare": _compare,
        "quality": _quality,
        "explain": _explain,
        "simulate": _simulate,
        "evaluate": _evaluate,
        "train": _train,
    }.get(options.command, _service)
    try:
        return command(options)
    except RefusedFile as refusal:
        return _refuse([refusal])
    except Exception as fault:  # noqa: BLE001 - the last door: say whose fault it is
        trouble = _trouble(fault)
        if trouble is not None:
            return _refuse([f"{trouble}. Rien n'a été modifié."])
        # The message of a library may quote a value of a register: only where it failed is said.
        sys.stderr.writelines(traceback.format_tb(fault.__traceback__))
        _complain(type(fault).__name__)
        _complain(
            "Raccord s'est arrêté sur une erreur qui vient de lui, pas de vos fichiers : rien n'a "
            "été modifié. Transmettez les lignes ci-dessus (elles ne nomment aucun élève)."
        )
        return OUR_FAULT


def _service(options: argparse.Namespace) -> int:
    from raccord.config import commands  # noqa: PLC0415 - the comparison does without it

    return commands.run(options)


def _compare(options: argparse.Namespace) -> int:
    from raccord.matching.comparison import Refused, Request, compare  # noqa: PLC0415

    missing = [name for name in ("before", "after") if not getattr(options, name)]
    if missing:
        return _refuse(["raccord : il manque " + " et ".join(f"--{name}" for name in missing)])
    if options.engine == "spark":
        from raccord.matching import spark  # noqa: PLC0415 - an optional extra

        spark.require()
    if options.model is not None:
        _require_model(options.model)
    request = Request(
        before=options.before,
        after=options.after,
        out=options.out.resolve(),  # a link or « . » is replaced where it really is
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
        return _refuse(refused.reasons)
    finally:
        progress.close()
    _print(_told(summary, options.out))
    return DONE


def _require_model(path: Path) -> None:
    """Raises RefusedFile when the file is not a model of this version."""
    from raccord.matching.model import weights  # noqa: PLC0415

    try:
        weights.load(path)
    except OSError as error:
        raise RefusedFile(path, "modèle introuvable ou illisible") from error
    except json.JSONDecodeError as error:
        raise RefusedFile(path, "ce n'est pas un modèle (JSON attendu)", error.lineno) from error
    except UnicodeDecodeError as error:
        raise RefusedFile(path, "ce n'est pas un modèle (JSON en UTF-8 attendu)") from error
    except (KeyError, TypeError, AttributeError) as error:
        raise RefusedFile(
            path, "ce n'est pas un modèle : produisez-en un avec « raccord train »"
        ) from error
    except ValueError as error:
        raise RefusedFile(path, str(error)) from error


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
    return _refuse(result.refused) if result.refused else DONE


def _explain(options: argparse.Namespace) -> int:
    from raccord.matching.explanation import UnknownEnrolment, explain  # noqa: PLC0415
    from raccord.matching.nearest import nearest_candidates  # noqa: PLC0415

    try:
        lines = explain(options.folder, options.uai, options.id, nearest=nearest_candidates)
    except UnknownEnrolment as unknown:
        return _refuse([unknown])
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
    import duckdb  # noqa: PLC0415

    from raccord.matching.evaluation import evaluate, told  # noqa: PLC0415

    try:
        result = evaluate(options.folder, options.truth)
    except (duckdb.BinderException, duckdb.CatalogException, duckdb.InvalidInputException) as error:
        raise RefusedFile(
            options.truth,
            "ce n'est pas la vérité d'un territoire (truth.parquet de « raccord simulate »)",
        ) from error
    _print(json.dumps(result, indent=2) if options.json else told(result))
    return DONE


def _trained_by(options: argparse.Namespace, sides: Sequence[Any]) -> dict[str, object]:
    """Where a model comes from, kept in its file: what was run, on how many rows, and how the
    territory was simulated when it was."""
    told: dict[str, object] = {
        "name": options.name,
        "command": "raccord train --before T/before --after T/after --out MODELE "
        f"--name {options.name}",
        "rows": {side.name: side.rows for side in sides},
    }
    description = options.before[0].parent / "simulation.json"
    if description.is_file():
        simulated = json.loads(description.read_text("utf-8"))
        told["data"] = (
            f"raccord simulate --pupils {simulated.get('pupils')} --seed {simulated.get('seed')} "
            f"--format {simulated.get('format')} --out T"
        )
    return told


def _train(options: argparse.Namespace) -> int:
    import duckdb  # noqa: PLC0415

    from raccord.matching.model.training import train  # noqa: PLC0415
    from raccord.matching.model.weights import to_json  # noqa: PLC0415
    from raccord.matching.sides import Side  # noqa: PLC0415
    from raccord.registers.reading import open_registers  # noqa: PLC0415

    progress = _Progress()
    before, after = (
        open_registers(paths, progress=progress) for paths in (options.before, options.after)
    )
    progress.close()
    if before.refused or after.refused:
        return _refuse(before.refused + after.refused)
    sides = Side("before", before.snapshots), Side("after", after.snapshots)
    try:
        with duckdb.connect() as connection:
            learnt = train(connection, *sides, _trained_by(options, sides))
    except ValueError as refusal:
        return _refuse([refusal])
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(to_json(learnt.model), "utf-8")
    _print(
        f"Modèle {learnt.model.version} appris sur {_spaced(learnt.labels)} paires d'inscriptions "
        f"au même INE : {options.out}\nPour l'employer : raccord compare --model {options.out} …"
    )
    return DONE
