"""The three nearest candidates of everybody missing or to confirm, set-based."""

from datetime import date
from pathlib import Path

from raccord.detection.states import States


def write(folder: Path, chosen: States, as_of: date) -> None:
    """`proches.parquet` in the folder of a run."""
