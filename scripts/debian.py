"""Install a Debian package when this machine lets us, without ever asking a question."""

import os
import shutil
import subprocess
import sys

#: Seconds. A machine without a network must say so quickly.
_LONGEST = 600

_APT_OPTIONS = [
    "-o", "Acquire::Retries=1",
    "-o", "Acquire::http::Timeout=20",
    "-o", "Acquire::https::Timeout=20",
    "-o", "DPkg::Lock::Timeout=120",
]  # fmt: skip


def install_packages(*packages: str) -> bool:
    """True when apt-get installed them. False when there is no apt-get, no right or no network."""
    prefix = _privilege()
    if shutil.which("apt-get") is None or prefix is None:
        return False
    sys.stderr.write(f"raccord: apt-get install {' '.join(packages)}...\n")
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    install = [*prefix, *environment, "apt-get", *_APT_OPTIONS, "install", "--yes", "--quiet"]
    install += ["--no-install-recommends", *packages]
    update = [*prefix, *environment, "apt-get", *_APT_OPTIONS, "update", "--quiet"]
    # The package lists may be absent (a container) or old: refresh them only when needed.
    return _run(install) or (_run(update) and _run(install))


def _privilege() -> list[str] | None:
    if os.geteuid() == 0:
        return []
    sudo = ["sudo", "-n"]
    if shutil.which("sudo") and _run([*sudo, "true"]):
        return sudo
    return None


def _run(command: list[str]) -> bool:
    try:
        done = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_LONGEST,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
