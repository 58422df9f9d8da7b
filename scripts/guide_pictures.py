"""The pictures of the user guide: `docs/guide/images/*.webp`, called by screenshots.py.

One or two for each role: what they see first, and what they do most. Desktop, or phone where that
is how it is used. Young people are those of the demonstration: fictional.
"""

import base64
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs/guide/images"
#: Bytes, of one picture.
MOST_BYTES = 150_000
DESK, PHONE = (1100, 800), (390, 760)


def _sheet(page: Any) -> None:
    """The sheet of the first young person of the page."""
    page.locator("main a[href^='/dossiers/']:visible").first.click()
    page.wait_for_load_state("load")


def _transmitted(page: Any) -> None:
    """The sheet of somebody whose relay waits for an answer."""
    tab = page.locator("main a", has_text="Transmis").first
    tab.click()
    page.wait_for_load_state("load")
    _sheet(page)


def _sheet_of(section: str) -> Callable[[Any], None]:
    """The sheet of the first young person of a section of « Aujourd’hui »."""

    def go(page: Any) -> None:
        names = page.locator(f"section:has(#titre-{section}) a.nom")
        (names if names.count() else page.locator("main a[href^='/dossiers/']")).first.click()
        page.wait_for_load_state("load")

    return go


def _call(page: Any) -> None:
    _sheet(page)
    page.locator("main a[href$='/appel/']:visible").first.click()
    page.wait_for_load_state("load")


def _meeting(page: Any) -> None:
    page.get_by_role("link", name="Réunion du").or_(
        page.locator("main a[href^='/reunions/']")
    ).first.click()
    page.wait_for_load_state("load")


def _room(page: Any) -> None:
    _meeting(page)
    page.get_by_role("link", name="Examiner les dossiers").first.click()
    page.wait_for_load_state("load")


def _typed(page: Any) -> None:
    """Somebody who is typed letter by letter, and already followed."""
    page.fill("[name=last_name]", "Martin")
    page.fill("[name=first_name]", "Lou")


class Shot(NamedTuple):
    """A picture: its name, who looks, where they go, and at what size."""

    name: str
    who: str
    address: str = "/"
    then: Callable[[Any], None] | None = None
    size: tuple[int, int] = DESK


SHOTS = (
    Shot("proviseur-liste", "proviseur"),
    Shot("proviseur-fiche", "proviseur", "/", _transmitted),
    Shot("cpe-appel", "cpe", "/", _call, PHONE),
    Shot("secretariat-fiche", "secretariat", "/", _sheet),
    Shot("cio-aujourdhui", "cio"),
    Shot("cio-fiche", "cio", "/", _sheet_of("questions")),
    Shot("mlds-aujourdhui", "mlds"),
    Shot("psad-reunion", "psad", "/reunions/", _meeting),
    Shot("psad-salle", "psad", "/reunions/", _room),
    Shot("mission-locale-recus", "missionlocale", "/relais/recus/"),
    Shot("mission-locale-fiche", "missionlocale", "/", _sheet_of("expirent")),
    Shot("cfa-liste", "cfa"),
    Shot("agricole-liste", "agricole"),
    Shot("plateforme-aujourdhui", "plateforme", size=PHONE),
    Shot("partenaire-aujourdhui", "e2c"),
    Shot("partenaire-signaler", "infojeunes", "/signalements/nouveau/", _typed, PHONE),
    Shot("dasen-liste", "dasen"),
    Shot("referent-liste", "referent"),
    Shot("administrateur-partenaires", "rectorat", "/partenaires/"),
    Shot("region-accueil", "region"),
    Shot("doublons", "missionlocale", "/doublons/"),
    Shot("dpo-journal", "dpo", "/journal-des-lectures/"),
)


def shoot_guide(chromium: Any, card: dict[str, Any]) -> list[str]:
    """Take them all; the names of those that are too heavy."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    accounts = {one["email"].partition("@")[0]: one for one in card["accounts"]}
    contexts: dict[tuple[str, tuple[int, int]], Any] = {}
    for shot in SHOTS:
        key = shot.who, shot.size
        if key not in contexts:
            contexts[key] = _signed_in(chromium, card["url"], accounts[shot.who], shot.size)
        page = contexts[key].new_page()
        page.goto(card["url"].rstrip("/") + shot.address)
        if shot.then:
            shot.then(page)
        _shoot(page, shot.name)
        page.close()
    heavy = [path for path in IMAGES.glob("*.webp") if path.stat().st_size > MOST_BYTES]
    return [path.name for path in heavy]


def _signed_in(chromium: Any, url: str, account: dict[str, str], size: tuple[int, int]) -> Any:
    width, height = size
    context = chromium.new_context(
        viewport={"width": width, "height": height}, locale="fr-FR", reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(url)
    page.fill("[name=login]", account["email"])
    page.fill("[name=password]", account["password"])
    page.press("[name=password]", "Enter")
    page.wait_for_selector("main h1")
    understood = page.get_by_role("button", name="J’ai compris")
    if understood.count():
        understood.click()
        page.wait_for_selector("main h1")
    page.close()
    return context


def _shoot(page: Any, name: str) -> None:
    """As WebP, which Chromium writes by itself: a third of the weight of PNG."""
    page.evaluate("scrollTo(0, 0)")
    page.evaluate("document.activeElement && document.activeElement.blur()")
    taken = page.context.new_cdp_session(page).send(
        "Page.captureScreenshot", {"format": "webp", "quality": 82}
    )
    path = IMAGES / f"{name}.webp"
    path.write_bytes(base64.b64decode(taken["data"]))
    sys.stdout.write(f"{path.relative_to(ROOT)} ({path.stat().st_size // 1000} ko)\n")
