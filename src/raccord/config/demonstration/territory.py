"""The invented territory: its registers, its directory, its calendar, and the night."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

Say = Callable[[str], None]

SEED = 2026
#: Nantes: where JASMIN was born. Its establishments and pupils here are invented.
ACADEMIE = "17"
#: What the simulator calls the two sides, and the day each one says the state of.
_NATURES = {"diplomas": "diplome", "followed": "accompagnement"}


def day_shown(today: date) -> date:
    """The day of the demonstration: today, or mid-October when schools are closed."""
    if today.month in {7, 8, 9}:
        return date(today.year - 1, 10, 15)
    return today


def simulate_once(folder: Path, pupils: int, as_of: date, say: Say) -> None:
    """Registers in their real formats. What an interrupted simulation left is no territory."""
    from raccord.simulation.territory import simulate  # noqa: PLC0415 - numpy is slow to import

    wanted = {"pupils": pupils, "seed": SEED}
    try:
        found = json.loads((folder / "simulation.json").read_text("utf-8"))
    except (OSError, ValueError):
        found = {}
    if wanted.items() <= found.items():
        return
    shutil.rmtree(folder, ignore_errors=True)
    say(f"Un territoire inventé d’environ {pupils} élèves : personne n’y est réel…")
    simulate(pupils, SEED, folder, format="real", as_of=as_of)


def settle(folder: Path, as_of: date, say: Say) -> None:
    """France, the directory, the calendar: what a territory states before its first night."""
    from raccord.territory.directories import read_directory  # noqa: PLC0415
    from raccord.territory.france import load_france  # noqa: PLC0415
    from raccord.territory.models import SchoolYear  # noqa: PLC0415
    from raccord.territory.services import apply_directory  # noqa: PLC0415

    say("Les communes de France, et les établissements du territoire…")
    load_france()
    apply_directory(read_directory(folder / "annuaire.csv"))
    year = as_of.year if as_of.month >= 7 else as_of.year - 1
    SchoolYear.objects.update_or_create(
        academie_id=ACADEMIE,
        year=year,
        defaults={
            "rollover_on": date(year, 7, 7),
            "rentree_on": date(year, 9, 1),
            "constat_on": date(year, 9, 18),
        },
    )


def deposit(folder: Path, as_of: date, say: Say) -> None:
    """The registers of the end of last year, then those of today, as schools send them."""
    from raccord.detection import services  # noqa: PLC0415
    from raccord.territory.models import Academie  # noqa: PLC0415

    academie = Academie.objects.get(pk=ACADEMIE)
    year = as_of.year if as_of.month >= 7 else as_of.year - 1
    for side, state_on in (
        ("before", date(year, 7, 3)),
        ("diplomas", date(year, 7, 15)),
        ("followed", as_of),
        ("after", None),
    ):
        files = sorted(path for path in (folder / side).rglob("*") if path.is_file())
        say(f"Dépôt de {len(files)} bases ({_SAID[side]})…")
        services.receive(
            None,
            academie=academie,
            paths=[folder / side],
            how="command",
            nature=_NATURES.get(side),
            state_on=state_on,
            author="la démonstration",
        )
    # Last year's export sent again by mistake: it is refused, said, and the night does without.
    for path in sorted((folder / "incidents/mauvaise-annee").rglob("*.zip"))[:1]:
        services.receive(
            None, academie=academie, paths=[path], how="command", author="la démonstration"
        )


_SAID = {
    "before": "qui était inscrit l’an dernier",
    "diplomas": "résultats d’examens",
    "followed": "jeunes déjà suivis",
    "after": "qui est inscrit aujourd’hui",
}


def play_night(as_of: date, say: Say) -> None:
    """The night, told as it goes."""
    from raccord.detection import night  # noqa: PLC0415
    from raccord.detection.quality_pages import acts  # noqa: PLC0415
    from raccord.detection.reporting import index  # noqa: PLC0415
    from raccord.territory.models import Academie  # noqa: PLC0415

    academie = Academie.objects.get(pk=ACADEMIE)
    say("La comparaison de la nuit…")
    run = night.run(academie, as_of, started_by="la démonstration", say=lambda t: say(f"  {t}"))
    say("  " + ", ".join(f"{number} {what}" for what, number in acts(run)) + ".")
    index.write(academie, as_of)
