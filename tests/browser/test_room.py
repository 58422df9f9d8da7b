"""The support group's room by keyboard: from one case to the next, and no clock unless asked."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser


def test_arrows_turn_the_cases_and_the_timer_is_off(site: Any, visit: Callable[..., Any]) -> None:
    values = site.stage.values
    address = f"/reunions/{values['meeting']}/dossiers/{values['item']}/"
    page = visit("psad", address).page
    timer = page.locator(".minuteur")
    assert timer.locator("output").inner_text() == ""
    assert timer.locator("button").get_attribute("aria-pressed") == "false"
    page.focus("#id_course")
    page.keyboard.press("ArrowRight")
    assert page.url.endswith(address), "whoever types is left alone"
    page.evaluate("document.activeElement.blur()")
    with page.expect_navigation():
        page.keyboard.press("ArrowRight")
    assert "Dossier 3 sur" in page.locator("main").inner_text()
    with page.expect_navigation():
        page.keyboard.press("ArrowLeft")
    assert page.url.endswith(address)
    without = visit("psad", address, javascript=False).page
    assert without.locator("a[rel=next]").is_visible()
    assert not without.locator(".minuteur").is_visible()
