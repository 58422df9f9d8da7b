"""Pictures for the documentation: `docs/images/*.png` and those of the guide, fictional people.

Usage: .venv/bin/python scripts/screenshots.py [--card var/demo/demo.json] [--guide] [REPORT.html]

The service of `make demo` must be open. REPORT.html, a report of `raccord compare`, adds its own
pictures. Needs Playwright (`make test` installs it) and a Chromium (Debian's, or RACCORD_CHROMIUM).
"""

import argparse
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

import guide_pictures

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs/images"
#: Bytes. A picture in a page that people open on a phone.
MOST_BYTES = 300_000


def main() -> int:
    parser = argparse.ArgumentParser(description="Photographie la démonstration.")
    parser.add_argument("--card", type=Path, default=ROOT / "var/demo/demo.json")
    parser.add_argument("--guide", action="store_true", help="le guide seulement")
    parser.add_argument("report", type=Path, nargs="?")
    options = parser.parse_args()
    missing = [path for path in (options.card, options.report) if path and not path.exists()]
    if missing:
        sys.stderr.write(f"{missing[0]} n'existe pas : lancez « make demo » d'abord.\n")
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
        # Root has no sandbox; the pages are ours.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        # A date field follows the language of the browser, whatever `locale` says, and Debian's
        # Chromium speaks English alone: with this it follows `<html lang="fr">`.
        arguments.append("--enable-blink-features=LangAttributeAwareFormControlUI")
        chromium = playwright.chromium.launch(executable_path=browser, args=arguments)
        card = json.loads(options.card.read_text("utf-8"))
        too_heavy = guide_pictures.shoot_guide(chromium, card)
        if not options.guide:
            shoot_service(chromium, card)
        if options.report:
            shoot_report(chromium, options.report)
        chromium.close()
    too_heavy += [path.name for path in IMAGES.glob("*.png") if path.stat().st_size > MOST_BYTES]
    if too_heavy:
        sys.stderr.write(f"Images trop lourdes : {', '.join(too_heavy)}\n")
    return 1 if too_heavy else 0


def opened(chromium: Any, width: int, height: int) -> Any:
    return chromium.new_page(
        viewport={"width": width, "height": height}, locale="fr-FR", reduced_motion="reduce"
    )


def shoot_service(chromium: Any, card: dict[str, Any]) -> None:
    """The morning list of a school and the sheet of a young person."""
    head = card["accounts"][0]
    for width, height, name in ((1280, 900, "liste-etablissement"), (390, 844, "liste-telephone")):
        page = opened(chromium, width, height)
        page.goto(card["url"])
        page.fill("[name=login]", head["email"])
        page.fill("[name=password]", head["password"])
        page.press("[name=password]", "Enter")
        page.wait_for_selector("h1")
        understood = page.get_by_role("button", name="J’ai compris")
        if understood.count():
            understood.click()
            page.wait_for_selector("h1")
        shoot(page, name)
        if width > 1000:
            page.goto(card["url"])
            page.locator("main a[href^='/dossiers/']").first.click()
            page.wait_for_selector("h1")
            shoot(page, "dossier")


def shoot_report(chromium: Any, report: Path) -> None:
    """The list of a report, on a phone, open on an explanation."""
    page = opened(chromium, 390, 844)
    page.goto(report.resolve().as_uri())
    open_an_explanation(page)
    shoot(page, "rapport-liste-telephone")


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
