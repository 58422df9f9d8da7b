"""Whoever installs and administers the service finds every setting and every command written."""

import re
from pathlib import Path

from django.core import management
from django.core.management import find_commands, get_commands

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
ROOMS = ROOT / "src" / "raccord"
#: Of the service: what the comparison reads is told in docs/commandes.md.
_SERVICE = ("accounts", "config", "detection", "followup", "privacy", "territory", "ui")


def test_every_setting_is_told_where_one_installs() -> None:
    asks = re.compile(r"(?:environ(?:\.get|\.setdefault)?[\[(]|boolean\(|listed\()\s*\"([A-Z_]+)\"")
    read = {
        name
        for room in _SERVICE
        for path in (ROOMS / room).rglob("*.py")
        for name in asks.findall(path.read_text("utf-8"))
    } - {"DJANGO_SETTINGS_MODULE"}
    told = (DOCS / "installation.md").read_text("utf-8")
    assert len(read) > 15
    assert {name for name in read if f"`{name}`" not in told} == set()


def test_every_setting_told_exists() -> None:
    rows = re.findall(r"^\| (`[A-Z_`, ]+`) \|", (DOCS / "installation.md").read_text("utf-8"), re.M)
    told = {name for row in rows for name in re.findall(r"`([A-Z][A-Z_]+)`", row)}
    code = "\n".join(path.read_text("utf-8") for path in ROOMS.rglob("*.py"))
    assert {name for name in told if name not in code} == set()


def commands() -> set[str]:
    """Ours; not Django's own made faster, whose manual tells them."""
    django_own = set(find_commands(management.__path__[0]))
    ours = {name for name, app in get_commands().items() if app.startswith("raccord.")}
    return ours - django_own


def test_every_command_has_its_paragraph() -> None:
    text = (DOCS / "administration.md").read_text("utf-8")
    told = re.findall(r"^### `raccord manage ([a-z_]+)", text, re.M)
    assert set(told) == commands()
    assert len(told) == len(set(told))


def test_every_option_of_a_command_is_told_under_it() -> None:
    from django.core.management import load_command_class
    from django.core.management.base import DjangoHelpFormatter

    assert DjangoHelpFormatter.show_last  # options of every Django command
    text = (DOCS / "administration.md").read_text("utf-8")
    sections = dict(re.findall(r"^### `raccord manage ([a-z_]+)(.*?)(?=^##|\Z)", text, re.M | re.S))
    untold = set()
    for name in commands():
        command = load_command_class(get_commands()[name], name)
        for action in command.create_parser("raccord", name)._actions:
            for option in action.option_strings:
                ours = option.startswith("--") and option not in DjangoHelpFormatter.show_last
                if ours and option != "--help" and option not in sections.get(name, ""):
                    untold.add(f"{name} {option}")
    assert untold == set()
