"""Reporting in a real browser: suggestions come while one types, under the strict policy."""

import os
from pathlib import Path
from typing import Any

import pytest
from tests import cast

pytestmark = pytest.mark.browser


def test_who_follows_is_said_while_one_types(visit: Any, axe: Any) -> None:
    watched = visit("cio", "/signalements/nouveau/")
    page = watched.page
    page.fill("[name=last_name]", "Dantec le")
    page.fill("[name=first_name]", "maelys")
    page.fill("[name=birth_date]", cast.aged(17).isoformat())
    page.wait_for_selector("#trouve :text('Déjà suivi par le Lycée Olympe-de-Gouges')")
    for width in (390, 1280) if os.environ.get("PICTURES") else ():
        page.set_viewport_size({"width": width, "height": 900})
        folder = Path(os.environ["PICTURES"])
        page.screenshot(path=folder / f"report-{width}.png", full_page=True)
    wrong = watched.all_wrong(axe)
    assert not wrong, wrong


def test_a_town_is_proposed_while_one_types_and_chosen_by_keyboard(visit: Any, axe: Any) -> None:
    watched = visit("cio", "/signalements/nouveau/")
    page = watched.page
    page.locator("[name=commune]").press_sequentially("rez")
    page.wait_for_selector("[role=option]:visible")
    wrong = watched.all_wrong(axe, keyboard=False)
    assert not wrong, wrong
    page.focus("[name=commune]")
    page.keyboard.type("e")
    page.wait_for_selector("[role=option]:visible")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.input_value("[name=commune]") == "44400 Rezé"
    assert page.url.endswith("/nouveau/"), "Enter chose, and sent nothing"
