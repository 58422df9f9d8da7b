"""Pictures of the report for the documentation: `docs/images/*.png`, fictional young people.

Usage: .venv/bin/python scripts/screenshots.py [REPORT.html]   (by default that of `make demo`)

Needs Playwright (`make test` installs it) and a Chromium (Debian's, or RACCORD_CHROMIUM).
"""

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs/images"
#: Bytes. A picture in a page that people open on a phone.
MOST_BYTES = 300_000


def main() -> int:
    parser = argparse.ArgumentParser(description="Photographie le rapport de démonstration.")
    parser.add_argument(
        "report", type=Path, nargs="?", default=ROOT / "var/demo/resultat/report.html"
    )
    report: Path = parser.parse_args().report
    if not report.exists():
        sys.stderr.write(f"{report} n'existe pas : lancez « make demo » d'abord.\n")
        return 1
    names = ("chromium", "chromium-browser", "google-chrome")
    browser = os.environ.get("RACCORD_CHROMIUM") or next(filter(None, map(shutil.which, names)), "")
    if not browser:
        sys.stderr.write(
            "Aucun Chromium : installez celui de Debian, ou nommez RACCORD_CHROMIUM.\n"
        )
        return 1
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - says above what is missing

    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser)
        for width, height, name, list_name in (
            (1280, 1000, "rapport-ordinateur", "liste-ordinateur"),
            (390, 844, "rapport-telephone", "liste-telephone"),
        ):
            page = chromium.new_page(
                viewport={"width": width, "height": height}, locale="fr-FR", reduced_motion="reduce"
            )
            page.goto(report.resolve().as_uri())
            shoot(page, name)
            open_an_explanation(page)
            shoot(page, list_name)
        chromium.close()
    too_heavy = [path.name for path in IMAGES.glob("*.png") if path.stat().st_size > MOST_BYTES]
    if too_heavy:
        sys.stderr.write(f"Images trop lourdes : {', '.join(too_heavy)}\n")
    return 1 if too_heavy else 0


def open_an_explanation(page: Any) -> None:
    """The list, at a name that has a nearest candidate to tell of."""
    page.evaluate(
        """() => {
            const rows = [...document.querySelectorAll('#verifier .people tbody')];
            const said = rows.findIndex(row => row.textContent.includes('Écartée'));
            const at = Math.max(said, 1);
            rows[at].querySelector('details').open = true;
            // Two rows before it, under the search bar when it is a bar.
            const bar = document.querySelector('#outils');
            const sticks = getComputedStyle(bar).position === 'sticky';
            const first = rows[Math.max(at - (sticks ? 2 : 0), 0)];
            const shift = sticks ? bar.offsetHeight + 8 : 8;
            scrollTo(0, first.getBoundingClientRect().top + scrollY - shift);
        }"""
    )


def shoot(page: Any, name: str) -> None:
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    sys.stdout.write(f"{path.relative_to(ROOT)} ({path.stat().st_size // 1000} ko)\n")


if __name__ == "__main__":
    sys.exit(main())
