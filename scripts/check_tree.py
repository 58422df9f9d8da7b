"""What no other linter sees: files too long, and words that belong to one machine only.

Usage: python scripts/check_tree.py. The tests run the same functions (tests/test_house.py).
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

#: Lines. Beyond the first a file is about two things and asks to be split; the second is refused.
LONG = 500
TOO_LONG = 600

#: Where length matters: what people write and read. Locks, data and prose are as long as they are.
CODE = {".py", ".js", ".css", ".html", ".sql", ".sh"}

#: Written in pieces, so that this file does not hold what it looks for.
REGISTRY_HOSTS = tuple(
    ".".join(pieces)
    for pieces in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("yarnpkg", "com"),
        ("jsdelivr", "net"),
        ("unpkg", "com"),
        ("anaconda", "org"),
        ("maven", "org"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
        ("deb", "debian", "org"),
        ("docker", "io"),
    )
)

_HOST = re.compile("|".join(rf"(?<![\w-]){re.escape(host)}\b" for host in REGISTRY_HOSTS))
_MACHINE_PATH = re.compile(r"(?<![\w.}~/-])/(?:root|work|tmp|Users)/[\w.]|file:///(?!etc/)\w")


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    message: str
    refused: bool = True

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


def main() -> int:
    findings = list(check())
    for finding in findings:
        sys.stdout.write(f"{finding}\n")
    refused = [finding for finding in findings if finding.refused]
    sys.stdout.write(
        f"Arbre : {len(refused)} refus, {len(findings) - len(refused)} avertissements.\n"
    )
    return 1 if refused else 0


def check(root: Path = ROOT) -> Iterator[Finding]:
    for path in files(root):
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # an image, a fixture in another encoding, a file just deleted
        name = path.relative_to(root).as_posix()
        yield from check_length(name, text)
        yield from check_words(name, text)


def check_length(name: str, text: str) -> Iterator[Finding]:
    count = text.count("\n")
    apart = {"vendor", "migrations"} & set(Path(name).parts)  # others wrote them
    if Path(name).suffix not in CODE or apart or count <= LONG:
        return
    message = f"{count} lignes : à découper (au plus {LONG}, refusé au-delà de {TOO_LONG})."
    yield Finding(name, count, message, refused=count > TOO_LONG)


def check_words(name: str, text: str) -> Iterator[Finding]:
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _HOST.search(line):
            yield Finding(name, number, f"nom d'un dépôt de paquets : {match[0]}")
        if match := _MACHINE_PATH.search(line):
            yield Finding(name, number, f"chemin propre à une machine : {match[0]}")


def files(root: Path = ROOT) -> list[Path]:
    """What is or will be committed; an archive without git has nothing else."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
        names = [name for name in listed.stdout.split("\0") if name]
        return sorted(root / name for name in names)
    except (OSError, subprocess.CalledProcessError):
        rooms = (root / room for room in ("src", "tests", "scripts", "benchmarks", "docs"))
        return sorted(path for room in rooms for path in room.rglob("*") if path.is_file())


if __name__ == "__main__":
    sys.exit(main())
