"""Prepare .venv: the locked dependencies, checked by hash, and the package in editable mode.

Usage: python3 scripts/install.py [runtime] [dev] [bench] [spark]

Standard library only: this runs on a bare machine. uv does the work; where it cannot be had, pip
does, with the same locks and the same hashes. A second run compares a fingerprint and stops there.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin/python"
UV = VENV / "bin/uv"
PLACE = VENV / "raccord-place"

OLDEST = (3, 11)

#: Group -> the locks it installs, in order, one installation each.
GROUPS: dict[str, tuple[str, ...]] = {
    "runtime": ("runtime",),
    "dev": ("dev",),
    "bench": ("bench",),
    "spark": ("spark-build", "spark"),
}


NOT_YOURS = (
    "Ce dossier appartient à un autre compte : clonez le dépôt dans un dossier à vous, "
    "ou rendez-vous propriétaire de celui-ci."
)


class InstallError(Exception):
    """Something the person at the keyboard has to do first; the message says what."""


def main(arguments: list[str]) -> int:
    groups = arguments or ["runtime"]
    unknown = [group for group in groups if group not in GROUPS]
    if unknown:
        say(f"groupe inconnu : {', '.join(unknown)} (connus : {', '.join(GROUPS)})")
        return 2
    if sys.version_info < OLDEST:
        return run_with_newer_python(arguments)
    if "runtime" not in groups:
        groups = ["runtime", *groups]
    try:
        if all(is_current(group) for group in groups):
            return 0
        with alone():
            for group in groups:
                if not is_current(group):
                    install(group)
    except InstallError as error:
        say(str(error))
        return 1
    except subprocess.CalledProcessError as error:
        say(f"échec de « {' '.join(map(str, error.cmd[:6]))} … » (code {error.returncode}).")
        return 1
    except PermissionError as error:
        say(f"pas le droit d'écrire {error.filename}. {NOT_YOURS}")
        return 1
    return 0


def run_with_newer_python(arguments: list[str]) -> int:
    """The `python3` of an older distribution is too old, but a newer one may stand beside it."""
    for minor in range(20, OLDEST[1] - 1, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            return subprocess.call([newer, __file__, *arguments])
    found = ".".join(map(str, sys.version_info[:3]))
    say(
        f"il faut Python 3.11 ou plus récent, celui-ci est {found}. Installez-le "
        "(Debian 12 et Ubuntu 24.04 l'ont : « apt-get install python3 python3-venv »)."
    )
    return 1


def install(group: str) -> None:
    started = time.monotonic()
    say(f"installation du groupe « {group} »...")
    if not is_whole():
        create_venv()
        PLACE.write_text(str(VENV))
    environment = install_environment()
    with_uv = UV.exists() or install_uv(environment)
    for lock in GROUPS[group]:
        path = f"requirements/{lock}.txt"
        # No build isolation: a build would fetch its own tools, unseen and unhashed.
        add(["--require-hashes", "--no-build-isolation", "-r", path], environment, with_uv)
    if group == "runtime":
        add(["--no-deps", "--no-build-isolation", "--editable", "."], environment, with_uv)
    stamp(group).write_text(fingerprint(group))
    say(f"groupe « {group} » prêt en {time.monotonic() - started:.0f} s.")


def add(what: list[str], environment: dict[str, str], with_uv: bool) -> None:
    """Install with uv, and with pip when uv fails: only pip knows the mirrors set up for pip."""
    if with_uv:
        command = [str(UV), "pip", "install", "--python", str(PYTHON), *what]
        if subprocess.call(command, cwd=ROOT, env=environment) == 0:
            return
        say("uv n'a pas pu, nouvel essai avec pip.")
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", *what]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)


def install_uv(environment: dict[str, str]) -> bool:
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--only-binary=:all:", "--require-hashes", "-r", "requirements/installer.txt"]
    if subprocess.call(command, cwd=ROOT, env=environment) == 0 and UV.exists():
        return True
    say("uv ne s'installe pas ici : pip le remplace, en plus lent.")
    return False


def create_venv() -> None:
    if not os.access(ROOT, os.W_OK):
        raise InstallError(f"pas le droit d'écrire dans {ROOT}. {NOT_YOURS}")
    if VENV.exists():
        say("l'environnement .venv est incomplet ou vient d'ailleurs : il est refait.")
        shutil.rmtree(VENV)
    command = [sys.executable, "-m", "venv", str(VENV)]
    ready = subprocess.run(command, check=False, capture_output=True, text=True)
    if ready.returncode == 0 and has_pip():
        return
    # Without its package python3-venv, Debian's python3 has no ensurepip to put pip in a venv.
    shutil.rmtree(VENV, ignore_errors=True)
    if create_venv_without_ensurepip() or install_python3_venv(command):
        return
    shutil.rmtree(VENV, ignore_errors=True)
    raise InstallError(
        "Python ne sait pas faire d'environnement ici (ensurepip manque). "
        "Faites « apt-get install python3-venv » (ou « pip install uv ») puis recommencez.\n"
        + (ready.stderr or ready.stdout).strip()
    )


def create_venv_without_ensurepip() -> bool:
    """With the uv or the pip the machine already has, if any."""
    uv = shutil.which("uv")
    if uv:
        command = [uv, "venv", "--seed", "--python", sys.executable, str(VENV)]
        if subprocess.call(command, env=install_environment()) == 0 and has_pip():
            return True
    command = [sys.executable, "-m", "venv", "--without-pip", str(VENV)]
    if subprocess.run(command, check=False, capture_output=True).returncode != 0:
        return False
    command = [sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "pip"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0 and has_pip()


def install_python3_venv(command: list[str]) -> bool:
    sys.path.insert(0, str(ROOT / "scripts"))
    from debian import install_packages  # noqa: PLC0415 (only a machine without ensurepip needs it)

    minor = f"python3.{sys.version_info.minor}-venv"
    if not (install_packages("python3-venv") or install_packages(minor)):
        return False
    shutil.rmtree(VENV, ignore_errors=True)
    return subprocess.call(command) == 0 and has_pip()


def has_pip() -> bool:
    command = [str(PYTHON), "-m", "pip", "--version"]
    if not PYTHON.exists():
        return False
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def install_environment() -> dict[str, str]:
    """The environment of uv and pip: no interpreter fetched, a cache that can be written."""
    environment = os.environ | {"UV_PYTHON_DOWNLOADS": "never"}
    for variable in ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_REQUIRE_VIRTUALENV"):
        environment.pop(variable, None)
    # A site that mirrors packages says so to pip; uv reads none of it.
    if "PIP_INDEX_URL" in environment:
        environment.setdefault("UV_DEFAULT_INDEX", environment["PIP_INDEX_URL"])
    if "PIP_CERT" in environment:
        environment.setdefault("SSL_CERT_FILE", environment["PIP_CERT"])
    # Behind a proxy that opens TLS, only the machine's own certificates know its authority.
    known = ssl.get_default_verify_paths()
    if known.cafile or (known.capath and any(Path(known.capath).iterdir())):
        environment.setdefault("UV_SYSTEM_CERTS", "1")
    home = Path(environment.get("HOME", "/nonexistent"))
    if not os.access(home, os.W_OK):
        cache = ROOT / "var/cache"
        environment.setdefault("UV_CACHE_DIR", str(cache / "uv"))
        environment.setdefault("PIP_CACHE_DIR", str(cache / "pip"))
    return environment


def is_whole() -> bool:
    """Made here and not moved since: console scripts carry the absolute path of their Python."""
    if not (os.access(PYTHON, os.X_OK) and (VENV / "pyvenv.cfg").exists()):
        return False
    return PLACE.exists() and PLACE.read_text() == str(VENV) and has_pip()


def is_current(group: str) -> bool:
    try:
        return PYTHON.exists() and stamp(group).read_text() == fingerprint(group)
    except OSError:
        return False


def stamp(group: str) -> Path:
    return VENV / f"raccord-{group}.stamp"


def fingerprint(group: str) -> str:
    """What was asked, where, and of which Python: anything else than this means installing."""
    digest = hashlib.sha256()
    locks = [ROOT / f"requirements/{lock}.txt" for lock in ("runtime", *GROUPS[group])]
    for path in (ROOT / "pyproject.toml", VENV / "pyvenv.cfg", *locks):
        digest.update(path.read_bytes() + b"\0")
    digest.update(str(VENV).encode())
    return digest.hexdigest()


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Two `make` at once: the second waits for the first."""
    handle = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def say(message: str) -> None:
    sys.stderr.write(f"raccord: {message}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
