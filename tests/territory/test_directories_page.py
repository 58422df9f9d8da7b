"""`docs/annuaires.md` says what the readers do."""

import re
from pathlib import Path

from raccord.territory import directories, geography

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/annuaires.md").read_text("utf-8")


def test_every_format_is_told() -> None:
    assert [f.source for f in directories.FORMATS if f"| `{f.source}` |" not in PAGE] == []


def test_every_problem_is_told() -> None:
    """Problems are named where they are met; none is told that does not exist."""
    folder = Path(directories.__file__).parent
    met = {
        rule
        for path in folder.glob("*.py")
        for rule in re.findall(r'(?:report|Problem)\(\s*"([a-z_]+)"', path.read_text("utf-8"))
    }
    table = PAGE.split("| règle |")[1].split("\n\n")[0]
    told = {
        rule
        for row in table.split("\n")[2:]
        for rule in re.findall("`([a-z_]+)`", row[: row.index("|", 1)])
    }
    assert met == told


def test_the_figures_of_the_communes_are_right() -> None:
    former = sum(not one.is_current for one in geography.communes())
    assert f"{former:,}".replace(",", " ") == "2 576" and "2 576 anciennes communes" in PAGE
    assert sum(one.point is None for one in geography.communes()) == 30
