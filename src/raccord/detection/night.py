"""The night of an académie: compare every register, then open, update and close cases.

May be killed at any moment: comparing leaves a whole folder or none, writing is one transaction,
and the next run goes on from there. The same night twice changes nothing.
"""

import csv
import hashlib
import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from raccord.detection import pairs, register_states, staging, states, tallies, writing
from raccord.detection.calendars import Campaign, campaign
from raccord.detection.models import Phase, Run, RunState
from raccord.matching.comparison import Refused, Request, compare
from raccord.matching.outputs import read_summary
from raccord.registers import snapshots
from raccord.territory.models import Academie

log = logging.getLogger("raccord.detection")

#: Folders of comparisons kept: the last of each académie explains what lists say.
FOLDERS_KEPT = 3
#: First half of the advisory locks of nights, the second is the académie.
_LOCK = 0x4E554954
#: How long another night is waited for before it is said to run.
PATIENCE = "10s"

Say = Callable[[str], None]


class AlreadyRunning(Exception):
    """Somebody else's run has this académie; the sentence says whose, and since when."""


class NothingToCompare(Exception):
    """No register to compare; the sentence says what to deposit."""


def today(academie: Academie) -> date:
    """The date where that territory is: it is already tomorrow in Nouméa."""
    return timezone.localtime(timezone=ZoneInfo(academie.time_zone)).date()


def run(
    academie: Academie,
    as_of: date | None = None,
    *,
    started_by: str = writing.AUTHOR,
    say: Say = lambda _: None,
) -> Run:
    """One night. Raises AlreadyRunning, NothingToCompare, and Refused by the comparison."""
    as_of = as_of or today(academie)
    with alone(academie):
        found = campaign(academie, as_of)
        chosen = states.choose(academie, found, as_of)
        if not chosen.enrolled or not chosen.former:
            register_states.write(academie, as_of, chosen)
            raise NothingToCompare(_nothing(chosen))
        pairs.learn(academie)
        decisions = pairs.decisions(academie)
        digest = chosen.digest(as_of, hashlib.sha256(repr(decisions).encode()).hexdigest())
        this = _begin(academie, found, as_of, digest, started_by)
        try:
            _compare(this, chosen, found, decisions, say)
            _write(this, chosen, found, say)
        except Exception as failure:
            _fail(this, failure)
            raise
        _forget_folders(academie)
    return this


def _nothing(chosen: states.States) -> str:
    if not chosen.enrolled:
        return "Aucune base d’inscriptions acceptée : déposez d’abord les bases du territoire."
    return (
        "Aucun état antérieur d’une base n’a été déposé : sans les inscrits de l’an dernier, "
        "personne ne peut manquer. Déposez les bases de l’an dernier."
    )


# --- one at a time -------------------------------------------------------------------------------


def lock_of(academie: Academie) -> list[int]:
    """The two halves of the advisory lock of an académie's nights."""
    return [_LOCK, int.from_bytes(academie.pk.encode()[:4].rjust(4, b"\0")) & 0x7FFFFFFF]


@contextmanager
def alone(academie: Academie) -> Iterator[None]:
    """A session lock of PostgreSQL: it goes with the process, even killed."""
    if not _lock(academie):
        other = Run.objects.filter(academie=academie, state=RunState.RUNNING).first()
        who = (
            f" ({other.started_by}, depuis {timezone.localtime(other.started_at):%H h %M})"
            if other
            else ""
        )
        raise AlreadyRunning(
            f"Une comparaison de l’académie « {academie} » est déjà en cours{who}. "
            "Attendez qu’elle finisse : rien n’a été changé."
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", lock_of(academie))


def _lock(academie: Academie) -> bool:
    """Wait a little: a night killed a moment ago holds it until PostgreSQL has seen its end."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", lock_of(academie))
    except OperationalError as refused:
        if isinstance(refused.__cause__, LockNotAvailable):
            return False
        raise
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # Unasked, PostgreSQL looks after its client between two statements only.
            cursor.execute("SET client_connection_check_interval = '1s'")
    except DatabaseError:
        log.debug("this system cannot tell PostgreSQL that its client is gone")
    return True


def _begin(academie: Academie, found: Campaign, as_of: date, digest: str, started_by: str) -> Run:
    """A new run, or the one that was killed with the very same registers."""
    for stopped in Run.objects.filter(academie=academie, state=RunState.RUNNING).order_by("-id"):
        if stopped.inputs_hash == digest:
            return stopped
        stopped.state, stopped.finished_at = RunState.FAILED, timezone.now()
        stopped.troubles = [
            *stopped.troubles,
            "Interrompue avant la fin ; une comparaison plus récente l’a remplacée.",
        ]
        stopped.save()
    return Run.objects.create(
        academie=academie,
        school_year=found.year,
        as_of=as_of,
        inputs_hash=digest,
        started_by=started_by,
    )


def _fail(this: Run, failure: Exception) -> None:
    # The message of a library may quote a value of a register: only ours are told.
    ours = isinstance(failure, Refused)
    Run.objects.filter(pk=this.pk).update(
        state=RunState.FAILED,
        finished_at=timezone.now(),
        troubles=[
            *this.troubles,
            str(failure)
            if ours
            else f"Arrêtée par une erreur qui vient de Raccord ({type(failure).__name__}) : aucun "
            "dossier n’a été changé. Relancez la comparaison.",
        ],
    )


# --- comparing -----------------------------------------------------------------------------------


def home() -> Path:
    """Where comparisons are kept, for the service's own eyes."""
    return snapshots.home() / "nuits"


def folder_of(this: Run) -> Path:
    """The folder of a run."""
    return home() / (this.folder or f"{this.academie_id}-{this.pk}")


def _compare(
    this: Run,
    chosen: states.States,
    found: Campaign,
    decisions: list[tuple[str, ...]],
    say: Say,
) -> None:
    """Fill the folder of the run, unless a run of the same registers already did."""
    _step(this, Phase.COMPARING, "Rapprochement des bases…", say)
    former = (
        Run.objects.filter(academie=this.academie, inputs_hash=this.inputs_hash)
        .exclude(folder="")
        .order_by("-id")
        .first()
    )
    if former is not None and (folder_of(former) / "pret").exists():
        this.folder = former.folder
        this.save(update_fields=["folder"])
        return
    folder = home() / f"{this.academie_id}-{this.pk}"
    shutil.rmtree(folder, ignore_errors=True)
    home().mkdir(parents=True, exist_ok=True)
    home().chmod(0o700)
    folder.mkdir(mode=0o700)
    states.write_before(chosen, found, this.as_of, folder)
    decided = folder / "decisions.csv"
    with decided.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(
            "source uai identifiant_local source_trouvee uai_trouve identifiant_trouve "
            "decision".split()
        )
        writer.writerows(decisions)
    compare(
        Request(
            before=[folder / "avant.parquet"],
            after=[],
            out=folder / "resultat",
            decisions=decided if decisions else None,
            as_of=this.as_of,
            all_ages=True,  # those under 16 have a circuit of their own, for the DASEN
            without_refused=True,
            kept={
                "after": [s.snapshot for s in chosen.enrolled],
                "diplomas": [s.snapshot for s in chosen.diplomas],
                "followed": [s.snapshot for s in chosen.followed],
            },
        ),
        say=say,
    )
    for name in ("missing.csv", "report.html"):  # the lists are the cases; no second copy
        (folder / "resultat" / name).unlink(missing_ok=True)
    (folder / "pret").touch(mode=0o600)
    this.folder = folder.name
    this.save(update_fields=["folder"])


def _forget_folders(academie: Academie) -> None:
    """Keep the last comparisons only: they name young people."""
    recent = Run.objects.filter(academie=academie).exclude(folder="").order_by("-id")
    kept = set(list(dict.fromkeys(recent.values_list("folder", flat=True)))[:FOLDERS_KEPT])
    for folder in home().glob(f"{academie.pk}-*"):
        if folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


# --- writing -------------------------------------------------------------------------------------


def _write(this: Run, chosen: states.States, found: Campaign, say: Say) -> None:
    _step(this, Phase.STAGING, "Préparation des listes…", say)
    folder = folder_of(this)
    summary = read_summary(folder / "resultat")
    with connection.cursor() as cursor:
        staged = staging.stage(cursor, folder, this.academie_id, this.as_of)
    _step(this, Phase.WRITING, "Écriture des dossiers…", say)
    searched = [e for e in summary["coverage"] if e["side"] == "after"]
    values = {
        "run": this.pk,
        "academie": this.academie_id,
        "as_of": this.as_of,
        "year": found.year,
        "now": timezone.now(),
        "provisional": found.is_provisional(this.as_of),
        "untouched_until": found.untouched_until(this.as_of),
        "searched": sum(e["files"] for e in searched if e["status"] in ("ok", "late")),
        "absent": sum(e["status"] not in ("ok", "late") for e in searched),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        counts = writing.write(cursor, values)
        cursor.execute("SELECT uai, enrolments FROM night_unknown ORDER BY uai")
        unknown = dict(cursor.fetchall())
        register_states.write(this.academie, this.as_of, chosen, summary)
        tallies.write(this.academie, folder, year=found.year, as_of=this.as_of)
        this.stats = {
            "staged": staged,
            "acts": counts,
            "counts": summary["counts"],
            "seconds": summary["seconds"],
            "field": asdict(pairs.field_precision(this.academie)),
            "unknown_structures": unknown,
        }
        this.troubles = [e["message"] for e in summary["coverage"] if e["message"]]
        this.troubles += [f"{feed} : {why}" for feed, why in chosen.lost]
        if unknown:
            this.troubles.append(
                f"{len(unknown)} UAI ne sont pas dans l’annuaire ({', '.join(list(unknown)[:5])}"
                f"{'…' if len(unknown) > 5 else ''}) : ajoutez ces établissements, leurs jeunes "
                "n’ont pas pu être confiés."
            )
        this.phase, this.state = Phase.DONE, RunState.DONE
        this.finished_at, this.progress = timezone.now(), ""
        this.save()
    log.info("nuit %s du %s : %s", this.academie_id, this.as_of, counts)


def _step(this: Run, phase: Phase, told: str, say: Say) -> None:
    this.phase, this.progress = phase, told
    this.save(update_fields=["phase", "progress"])
    say(told)
