"""What people come to do, from the first key to the last: by keyboard, and without JavaScript."""

from typing import Any

import pytest
from tests import cast
from tests.browser.looking import PHONE, tab_to
from tests.browser.stage import TOTP_SECRET

pytestmark = pytest.mark.browser


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
    page.keyboard.type(cast.code(TOTP_SECRET))
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site.url}/")
    assert "Lycée professionnel Simone-Veil" in page.locator("main").inner_text()
    context.close()


def test_a_passkey_is_added_then_opens_the_door_alone(site: Any) -> None:
    """The ceremony itself, with an authenticator of Chromium's; passkeys know no bare address."""
    context = site.browser.new_context(base_url=site.url.replace("127.0.0.1", "localhost"))
    page = context.new_page()
    devices = context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    telephone = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    telephone |= {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": telephone})
    page.goto("/")
    page.fill("[name=login]", "keyed@exemple.test")
    page.fill("[name=password]", cast.PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url("**/compte/facteur/")
    page.goto("/compte/facteur/cles/ajouter/")
    page.locator("main label", has_text="sans mot de passe").click()
    page.get_by_role("button", name="Ajouter cette clé").click()
    page.wait_for_url("**/facteur/secours/")
    page.get_by_role("link", name="C’est noté, entrer").click()
    assert "Simone-Veil" in page.locator("main").inner_text()
    context.clear_cookies()
    page.goto("/")
    page.get_by_role("button", name="Se connecter avec une clé d’accès").click()
    page.wait_for_selector("main th a")
    assert "Simone-Veil" in page.locator("main").inner_text()
    context.close()


def test_a_printed_list_is_names_and_nothing_to_click(site: Any, visit: Any) -> None:
    page = visit("head", "/").page
    page.set_viewport_size({"width": 700, "height": 1000})
    page.emulate_media(media="print")
    shown = [e.inner_text() for e in page.locator("button, .fr-btn, input").all() if e.is_visible()]
    assert shown == []
    for hidden in ("header", "footer", "nav"):
        assert not any(e.is_visible() for e in page.locator(hidden).all()), hidden
    assert page.locator("main th a").first.is_visible()
    assert page.locator(".liste thead").is_visible()
    assert page.locator("text=Page 1 sur 2 de la liste").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


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
