"""Compile requirements/*.txt from pyproject.toml, with hashes and without any host name.

Usage: python scripts/lock.py [--upgrade]. Needs uv, which `make install` puts in the environment.
Every lock is constrained by the ones before it, so that two of them never disagree.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

#: Lock -> what it is compiled from. The order matters: each is constrained by the previous ones.
LOCKS: dict[str, list[str]] = {
    "installer": ["--group", "installer"],
    "runtime": ["pyproject.toml", "--extra", "web", "--group", "build"],
    "dev": ["pyproject.toml", "--extra", "web", "--group", "dev"],
    "bench": ["pyproject.toml", "--group", "bench"],
    "spark-build": ["--group", "spark-build"],
    "spark": ["pyproject.toml", "--extra", "spark"],
}

OPTIONS = [
    "--quiet",
    "--universal",
    "--python-version=3.11",
    "--fork-strategy=fewest",  # one version for every Python: the frozen model must see one numpy
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
    "--no-emit-find-links",
]


def main() -> int:
    own = ROOT / ".venv/bin/uv"
    uv = str(own) if own.exists() else shutil.which("uv")
    if uv is None:
        sys.stderr.write("uv est introuvable : lancez d'abord « make install ».\n")
        return 1
    environment = os.environ | {"UV_PYTHON_DOWNLOADS": "never"}
    upgrade = ["--upgrade"] if "--upgrade" in sys.argv[1:] else []
    constraints: list[str] = []
    for name, sources in LOCKS.items():
        lock = f"requirements/{name}.txt"
        command = [uv, "pip", "compile", *OPTIONS, *upgrade, *constraints, *sources, "-o", lock]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
        if name != "installer":
            constraints += ["--constraint", lock]
        sys.stdout.write(f"{lock}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
