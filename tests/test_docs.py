"""The documents say what the code does: every name somebody may meet is in its page."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from raccord.matching import doubts, lanes, wording
from raccord.matching.model.levels import COMPARISONS
from raccord.matching.report.sections import SECTIONS
from raccord.matching.vetoes import VETOES
from raccord.registers.enrolment import (
    DIPLOMA_COLUMNS,
    FOLLOWED_COLUMNS,
    PLAIN_COLUMNS,
    READING_COLUMNS,
)
from raccord.registers.quality_rules import READING_TITLES, RULES, VANISHED
from raccord.registers.recognition import formats

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
#: Bytes: a picture of a page people open on a phone.
HEAVIEST_IMAGE = 300_000


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8").replace("\u00a0", " ").replace("\u202f", " ")


def absent(words: object, text: str) -> set[str]:
    return {word for word in map(str, words) if word not in text}  # type: ignore[call-overload]


def codes(pattern: str, folder: str) -> set[str]:
    """What a regular expression finds in the code: problems are named where they are met."""
    texts = (path.read_text("utf-8") for path in (ROOT / "src/raccord" / folder).rglob("*.py"))
    return {code for text in texts for code in re.findall(pattern, text)}


@pytest.mark.parametrize(
    "command", ["compare", "quality", "explain", "simulate", "evaluate", "train"]
)
def test_every_option_is_told_under_its_command(command: str) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "raccord.cli", command, "--help"],
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    sections = page("commandes.md").split("\n## ")
    section = next(s for s in sections if s.startswith(f"`raccord {command}`"))
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", shown)) - {"--help"}
    assert absent((f"`{option}" for option in options), section) == set()


def test_every_column_and_format_of_a_register_is_told() -> None:
    columns = (*PLAIN_COLUMNS, *DIPLOMA_COLUMNS, *FOLLOWED_COLUMNS, *READING_COLUMNS)
    text = page("formats.md")
    assert absent(columns, text) == set()
    assert ";".join(PLAIN_COLUMNS) in re.sub(r"`\n`", "", text)
    assert absent((f"`{format_.NAME}`" for format_ in formats()), text) == set()


def test_every_rule_of_quality_is_told() -> None:
    met = codes(r'(?:rule=|Problem\(|_say\()\s*"([a-z_]+)"', "registers")
    met |= set(READING_TITLES) | {rule.code for rule in (*RULES, VANISHED)}
    doubted = codes(r'Doubt\(\s*"([a-z_]+)"', "registers")
    assert absent((f"`{code}`" for code in met | doubted), page("qualite.md")) == set()


def test_every_level_of_the_model_is_told() -> None:
    names = {c.field for c in COMPARISONS} | {x.code for c in COMPARISONS for x in c.levels}
    assert absent((f"`{name}`" for name in names), page("modele.md")) == set()


def test_every_veto_has_words_on_screen_and_in_the_page() -> None:
    assert set(VETOES) <= set(doubts.KEPT_APART)
    assert absent((f"`{code}`" for code in doubts.KEPT_APART), page("comparaison.md")) == set()


def test_every_verdict_pass_and_lane_is_told() -> None:
    text = page("comparaison.md")
    verdicts = ("found", "review", "missing", "excluded")
    shown_lanes = set(lanes.LANES) - {lanes.DECEASED}  # of a death nothing is told
    names = {*verdicts, *wording.MEANS, *shown_lanes}
    assert absent((f"`{name}`" for name in names), text) == set()
    assert absent((section.tab for section in SECTIONS), page("lire-un-rapport.md")) == set()


def anchors(text: str) -> set[str]:
    """The anchors that forges make of headings."""
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    plain = (re.sub(r"[^\w\s-]", "", heading.lower()).strip() for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text("utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"https?:|mailto:", target):
            continue
        name, _, anchor = target.partition("#")
        there = (path.parent / name).resolve() if name else path
        assert there.exists(), f"{path.name} : {target}"
        if anchor:
            assert anchor in anchors(there.read_text("utf-8")), f"{path.name} : {target}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_is_left_to_write(path: Path) -> None:
    assert re.findall(r"\b(?:TODO|FIXME|XXX|TBD)\b|à compléter plus tard", path.read_text()) == []


def test_pictures_are_light_and_shown() -> None:
    shown = "\n".join(path.read_text("utf-8") for path in PAGES)
    images = sorted((DOCS / "images").glob("*.png"))
    assert images
    for image in images:
        assert image.stat().st_size < HEAVIEST_IMAGE, image.name
        assert image.name in shown, image.name


def test_decisions_are_numbered_and_short() -> None:
    records = sorted((DOCS / "adr").glob("*.md"))
    numbers = [record.name[:4] for record in records]
    assert len(numbers) == len(set(numbers))
    for record in records:
        text = record.read_text("utf-8")
        assert re.match(rf"# (ADR )?{record.name[:4]}\b", text), record.name
        assert len(text.splitlines()) <= 40, record.name
