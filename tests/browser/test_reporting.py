"""Reporting in a real browser: suggestions come while one types, under the strict policy."""

import os
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser


def test_who_follows_is_said_while_one_types(visit: Any, axe: Any) -> None:
    watched = visit("cio", "/signalements/nouveau/")
    page = watched.page
    page.fill("[name=last_name]", "Dantec le")
    page.fill("[name=first_name]", "maelys")
    born = page.evaluate("String(new Date().getFullYear() - 17)") + "-01-15"
    page.fill("[name=birth_date]", born)
    page.wait_for_selector("#trouve :text('Déjà suivi par Lycée Olympe-de-Gouges')")
    for width in (390, 1280) if os.environ.get("PICTURES") else ():
        page.set_viewport_size({"width": width, "height": 900})
        folder = Path(os.environ["PICTURES"])
        page.screenshot(path=folder / f"report-{width}.png", full_page=True)
    wrong = watched.all_wrong(axe)
    assert not wrong, wrong
