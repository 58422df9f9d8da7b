"""What the environment says."""

import os
from pathlib import Path


def home() -> Path:
    """The only folder written at run time: RACCORD_HOME, or `var` where the command is run."""
    return Path(os.environ.get("RACCORD_HOME", "var")).resolve()


def boolean(name: str, default: bool) -> bool:
    """Whether a variable says yes (1, true, oui, on)."""
    value = os.environ.get(name)
    return default if value is None else value.strip().lower() in {"1", "true", "yes", "oui", "on"}


def listed(name: str) -> list[str]:
    """The values of a variable, separated by commas."""
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]
