"""The house holds: rooms in order, files short, locks and documents in line with the code."""

import importlib.util
import itertools
import re
import socket
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scripts import check_tree, lock

import raccord

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

#: From the ground up: a room imports only from those before it.
ROOMS = ["registers", "matching", "simulation"]

#: Over 500 lines on the day it was written here. This list may only shrink.
KNOWN_LONG_FILES: set[str] = set()


def run_python(code: str) -> str:
    command = [sys.executable, "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_nothing_from_the_rooms_above(room: str) -> None:
    """The whole room is imported alone; import-linter (make lint) reads, this runs."""
    above = tuple(f"raccord.{name}" for name in [*ROOMS[ROOMS.index(room) + 1 :], "cli"])
    loaded = run_python(
        "import importlib, pkgutil, sys\n"
        f"room = importlib.import_module('raccord.{room}')\n"
        "for module in pkgutil.walk_packages(room.__path__, room.__name__ + '.'):\n"
        "    if 'spark' not in module.name: importlib.import_module(module.name)\n"
        "print(*sys.modules)"
    ).split()
    assert [name for name in loaded if name.startswith((*above, "django"))] == []


def test_the_command_line_starts_without_what_it_may_never_need() -> None:
    """Splink trains and checks; a comparison never pays for importing it."""
    if importlib.util.find_spec("raccord.cli") is None:
        pytest.skip("raccord.cli n'existe pas encore")
    loaded = run_python("import raccord.cli, sys; print(*sys.modules)").split()
    assert {"splink", "pandas", "pyspark", "sqlglot"} & set(loaded) == set()


def test_a_moment_becomes_a_day_of_here() -> None:
    """In UTC the day begins an hour or two after midnight: `raccord_day(at)`, not `at::date`."""
    wrong = []
    for path in sorted((ROOT / "src").rglob("*")):
        if path.suffix in {".py", ".sql"} and "migrations" not in path.parts:
            text = path.read_text("utf-8")
            wrong += [f"{path}: {hit}" for hit in re.findall(r"\b\w*(?<![a-z])at::date", text)]
            wrong += [f"{path}: {hit}" for hit in re.findall(r"\w+\.\w*_?at\.date\(\)", text)]
    assert wrong == []


def test_no_file_is_too_long() -> None:
    findings = [f for path in check_tree.files() for f in check_length_of(path)]
    offenders = {finding.path for finding in findings}
    assert offenders <= KNOWN_LONG_FILES, "\n".join(map(str, findings))
    assert offenders >= KNOWN_LONG_FILES, "bravo : retirez de KNOWN_LONG_FILES ce qui a raccourci"


def check_length_of(path: Path) -> list[check_tree.Finding]:
    name = path.relative_to(ROOT).as_posix()
    if path.suffix not in check_tree.CODE or not path.exists():
        return []
    return list(check_tree.check_length(name, path.read_text("utf-8")))


def test_no_file_names_a_registry_or_a_machine() -> None:
    findings = [finding for finding in check_tree.check() if "lignes" not in finding.message]
    assert findings == []


def test_words_of_one_machine_are_found() -> None:
    host = "https://files." + "python" + "hosted.org/x"
    for text in (host, "open('/ro" + "ot/x')", "cd /wo" + "rk/main", "file://" + "/opt"):
        assert list(check_tree.check_words("x", text)), text
    for text in ("framework/main", "https://example.org/work/", "~/tmp/x", "var/tmp/x"):
        assert list(check_tree.check_words("x", text)) == [], text


def test_the_version_is_the_latest_of_the_changelog() -> None:
    """Unreleased comes first; below it, the version the package says it has, or none yet."""
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert headings[0] == "Unreleased"
    assert raccord.__version__ == headings[1]


def test_bare_make_explains_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile, re.M))
    phony = set(re.search(r"^\.PHONY: (.+)$", makefile, re.M)[1].split())  # type: ignore[index]
    assert targets == phony
    help_text = subprocess.run(
        ["make"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=20
    ).stdout
    explained = set(re.findall(r"^  make ([a-z-]+) +\S", help_text, re.M))
    assert explained == targets
    assert max(map(len, help_text.splitlines())) <= 110


def requirement_name(requirement: str) -> str:
    return re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def group(name: str) -> list[str]:
    names: list[str] = []
    for entry in PROJECT["dependency-groups"][name]:
        names += group(entry["include-group"]) if isinstance(entry, dict) else [entry]
    return names


def asked_by(lock_name: str) -> set[str]:
    sources = lock.LOCKS[lock_name]
    wanted: list[str] = []
    if "pyproject.toml" in sources:
        wanted += PROJECT["project"]["dependencies"]
    for option, name in itertools.pairwise(sources):
        if option == "--group":
            wanted += group(name)
        if option == "--extra":
            wanted += PROJECT["project"]["optional-dependencies"][name]
    return set(map(requirement_name, wanted))


def locked(lock_name: str) -> dict[str, str]:
    text = (ROOT / f"requirements/{lock_name}.txt").read_text("utf-8")
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.M))


@pytest.mark.parametrize("lock_name", list(lock.LOCKS))
def test_a_lock_holds_what_pyproject_asks_with_hashes(lock_name: str) -> None:
    """When this fails: make lock."""
    assert asked_by(lock_name) <= locked(lock_name).keys()
    text = (ROOT / f"requirements/{lock_name}.txt").read_text("utf-8")
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.M)[1:]
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert not re.search(r"^--?[a-z]", text, re.M), "un verrou ne dit pas d'où viennent les paquets"


def test_two_locks_never_disagree() -> None:
    versions: dict[str, set[str]] = {}
    for lock_name in lock.LOCKS:
        for name, version in locked(lock_name).items():
            versions.setdefault(name, set()).add(version)
    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_every_room_has_its_tests() -> None:
    rooms = {path.parent.name for path in (ROOT / "src/raccord").glob("*/__init__.py")}
    tested = {path.parent.name for path in (ROOT / "tests").glob("*/test_*.py")}
    assert rooms - tested == set()


def test_the_documents_mention_every_option_of_the_command_line() -> None:
    if importlib.util.find_spec("raccord.cli") is None:
        pytest.skip("raccord.cli n'existe pas encore")
    documents = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    text = "\n".join(path.read_text("utf-8") for path in documents if path.exists())
    options: set[str] = set()
    for command in ("", "compare", "quality", "explain", "simulate", "evaluate", "train"):
        arguments = [word for word in (command, "--help") if word]
        shown = subprocess.run(
            [sys.executable, "-m", "raccord.cli", *arguments],
            capture_output=True, text=True, check=True, timeout=60,
        ).stdout  # fmt: skip
        options |= set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", shown))
    missing = {option for option in options - {"--help"} if option not in text}
    assert missing == set()


# --- the harness itself --------------------------------------------------------------------------


def test_no_test_reaches_the_network() -> None:
    with pytest.raises(AssertionError, match=r"192\.0\.2\.1"), socket.socket() as outside:
        outside.connect(("192.0.2.1", 80))  # RFC 5737: an address nobody has
    with pytest.raises(AssertionError, match="exemple"):
        socket.create_connection(("exemple.invalid", 80))


@pytest.mark.browser
def test_axe_sees_what_is_wrong_with_a_page(page: Any, axe: Callable[..., list[str]]) -> None:
    page.set_content("<html lang=fr><title>t</title><main><h1>Bonjour</h1></main>")
    assert axe(page) == []
    page.set_content("<html lang=fr><title>t</title><main><h1>Bonjour</h1><img src=data:,></main>")
    assert [line.split()[0] for line in axe(page)] == ["image-alt"]


@pytest.mark.spark
def test_java_starts_as_spark_starts_it(java_home: Path) -> None:
    command = [java_home / "bin/java", "--add-modules=jdk.incubator.vector", "-version"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
