"""What people come to do, from the first key to the last: by keyboard, and without JavaScript."""

from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from tests import cast
from tests.browser.looking import PHONE, tab_to
from tests.browser.stage import TOTP_SECRET

pytestmark = pytest.mark.browser


def code() -> str:
    """What the telephone of the person shows now."""
    return format_hotp_value(hotp_value(TOTP_SECRET, next(yield_hotp_counters_from_time())))


@pytest.mark.parametrize("javascript", [True, False])
def test_signing_in_by_keyboard(javascript: bool, site: Any) -> None:
    """Address, password, code: then the list."""
    context = site.browser.new_context(base_url=site.url, java_script_enabled=javascript)
    page = context.new_page()
    page.goto("/")
    tab = tab_by_name if not javascript else tab_to
    tab(page, "login")
    page.keyboard.type(f"{'complete' if javascript else 'unscripted'}@exemple.test")
    tab(page, "password")
    page.keyboard.type(cast.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/facteur/verifier/**")
    tab(page, "code")
    page.keyboard.type(code())
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.url}/")
    assert "Lycée professionnel Simone-Veil" in page.locator("main").inner_text()
    context.close()


def tab_by_name(page: Any, name: str) -> None:
    """Without JavaScript a page cannot say where its focus is: ask the tree of accessibility."""
    field = page.locator(f"main [name={name}]").first
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.locator(f"main [name={name}]:focus").count():
            return
    raise AssertionError(f"{name} n’est pas atteint ; {field.count()} champ(s)")


@pytest.mark.parametrize("size", [PHONE, {"width": 1280, "height": 900}])
def test_from_the_list_to_a_call_without_javascript(size: Any, site: Any, visit: Any) -> None:
    page = visit("head", "/", javascript=False).page
    page.set_viewport_size(size)
    page.locator("main th a").first.click()
    name = page.locator("h1").inner_text()
    page.locator("main a[href$='/appel/']:visible").first.click()
    page.locator("main label", has_text="personne").first.click()
    page.locator("main label", has_text="Pas de réponse").or_(
        page.locator("main label", has_text="pas de réponse")
    ).first.click()
    page.locator("main form[method=post] button:not([type=button])").last.click()
    page.wait_for_load_state("load")
    assert page.locator("main .fr-alert--error, main [aria-invalid=true]").count() == 0
    assert name.split()[0] in page.locator("main").inner_text()


def test_from_the_list_to_a_call_by_keyboard(site: Any, visit: Any) -> None:
    watched = visit("head", f"/dossiers/{site.stage.cases['open5'].pk}/")
    page = watched.page
    tab_to(page, "(?i)noter un appel|appel")
    page.keyboard.press("Enter")
    page.wait_for_url("**/appel/")
    tab_to(page, "answerer")
    page.keyboard.press("Space")
    tab_to(page, "result")
    page.keyboard.press("Space")
    tab_to(page, "(?i)enregistrer|noter")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: not url.endswith("/appel/"))
    assert watched.wrong == []


def test_the_skip_link_leads_to_the_content(site: Any, visit: Any) -> None:
    page = visit("head", "/").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#contenu"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")
