"""A watched folder: a file is taken when it has stopped growing, then put aside, named by day."""

import time
from pathlib import Path

from django.utils import timezone

from raccord.detection import services
from raccord.detection.models import Deposit, DepositStatus
from raccord.territory.models import Academie

#: Seconds without a change after which a file is held to be whole.
STILL = 30
TAKEN, REFUSED = "lus", "refuses"


def take(academie: Academie, folder: Path, *, now: float | None = None) -> list[Deposit]:
    """Deposit every whole file of a folder. Each is moved after it: none is read twice."""
    limit = (now if now is not None else time.time()) - STILL
    made = []
    for path in sorted(folder.iterdir()):
        if not path.is_file() or path.name.startswith(".") or path.stat().st_mtime > limit:
            continue
        deposits = services.receive(
            None, academie=academie, paths=[path], how="folder", author="le dossier surveillé"
        )
        good = all(d.status == DepositStatus.ACCEPTED for d in deposits)
        aside = folder / (TAKEN if good else REFUSED)
        aside.mkdir(mode=0o700, exist_ok=True)
        path.rename(aside / f"{timezone.now():%Y%m%d-%H%M%S-%f}-{path.name}")
        made += deposits
    return made
