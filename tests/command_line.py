"""The command line run in the process of a test: its status and what it printed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from raccord import cli


class Said:
    """What a command printed."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err

    @property
    def reasons(self) -> list[str]:
        return self.err.splitlines()


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Run a command in this process."""

    def run(*arguments: object) -> Said:
        capsys.readouterr()
        try:
            status = cli.main([str(a) for a in arguments])
        except SystemExit as left:
            status = int(left.code or 0)
        said = capsys.readouterr()
        return Said(status, said.out, said.err)

    return run


Run = Callable[..., Said]


def contents(folder: Path) -> dict[str, bytes]:
    """Every file under a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
