"""What the tests need beside Python packages: a Chromium, and PySpark with a Java runtime.

Nothing here stops the tests: what cannot be had is said, and the tests that need it are skipped
loudly (or fail, when CI is set: see tests/conftest.py).
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "scripts"))

from debian import install_packages  # noqa: E402

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


def main() -> int:
    found = any(map(shutil.which, CHROMIUMS))
    if not found and not install_packages("chromium", "fonts-liberation"):
        sys.stderr.write(
            "raccord: pas de Chromium, et pas moyen de l'installer : "
            "« apt-get install chromium » (en root), puis recommencez.\n"
        )
    install = [sys.executable, str(ROOT / "scripts/install.py"), "spark"]
    if subprocess.call(install) != 0:
        sys.stderr.write(
            "raccord: PySpark ou Java ne s'installent pas ici : les tests Spark seront passés. "
            "Avec un réseau : « python3 scripts/install.py spark ».\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
