"""The eyes of these tests see what is wrong: a page made wrong on purpose."""

from typing import Any

import pytest
from tests.browser.looking import DESK, Watched

pytestmark = pytest.mark.browser


def test_the_keyboard_check_sees_what_is_not_shown_nor_reached(chromium: Any) -> None:
    context = chromium.new_context(viewport=DESK)
    watched = Watched(context.new_page(), "about:")
    watched.page.set_content(
        """<style>#mute:focus { outline: none; box-shadow: none }</style>
        <button id="right">Bon</button><button id="mute">Muet</button>
        <button id="lost">Perdu</button>
        <script>document.getElementById('mute').addEventListener('keydown',
            e => { e.preventDefault(); document.getElementById('right').focus() })</script>"""
    )
    found = watched.wrong_by_keyboard()
    assert any("rien ne montre" in line and "Muet" in line for line in found)
    assert any("jamais atteint" in line and "Perdu" in line for line in found)
    assert not any("Bon" in line for line in found)
    context.close()
