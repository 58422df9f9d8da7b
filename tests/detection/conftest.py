"""A territory for the nights: four schools, their registers of last year and of this one."""

from pathlib import Path
from typing import Any

import pytest
from tests.detection.nights import Nights


@pytest.fixture
def nights(db: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Nights:
    """Deposits and nights, in a home of its own."""
    monkeypatch.setenv("RACCORD_HOME", str(tmp_path / "home"))
    return Nights(tmp_path / "bases")
