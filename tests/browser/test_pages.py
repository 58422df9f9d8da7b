"""Every page of the service, on a phone and on a desk: axe, the keyboard, the policy, its width.

Pages are not listed: every address of the resolver is visited, by whoever may. A new page is held
to all of it as soon as it has an address; one that nobody can open here fails until the stage
(`stage.py`) has what its address wants.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver

pytestmark = pytest.mark.browser

#: Those who try to open a page, in this order; the first who can is the one who looks at it.
VISITORS = "head cio psad adviser dasen admin dpo technical nobody new".split()

#: Addresses that are no page, and why.
NO_PAGE = {
    "healthz": "JSON for a machine",
    "proconnect": "sends to the identity provider",
    "proconnect_callback": "comes back from the identity provider",
    "mfa_login_webauthn": "JSON for the script of passkeys",
    "mfa_authenticate": "between the password and the code: see test_journeys.py",
    "mfa_reauthenticate_webauthn": "only for whoever has a passkey",
    "mfa_edit_webauthn": "only for whoever has a passkey",
    "mfa_remove_webauthn": "only for whoever has a passkey",
    "notification": "leads to the sheet of its case",
    "welcome": "only just after an invitation is accepted",
    "account_set_password": "only for whoever has no password (ProConnect)",
}


def routes() -> list[tuple[str, str, tuple[str, ...]]]:
    """Name to reverse, last part of it, and what its address wants."""
    found: dict[str, tuple[str, str, tuple[str, ...]]] = {}

    def walk(resolver: URLResolver, prefix: str, above: tuple[str, ...]) -> None:
        for pattern in resolver.url_patterns:
            wants = (*above, *pattern.pattern.regex.groupindex)
            if isinstance(pattern, URLResolver):
                space = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
                walk(pattern, space, wants)
            elif isinstance(pattern, URLPattern) and pattern.name:
                found[f"{prefix}{pattern.name}"] = (f"{prefix}{pattern.name}", pattern.name, wants)

    walk(get_resolver(), "", ())
    return sorted(found.values())


def address_of(name: str, wants: tuple[str, ...], stage: Any) -> str:
    given = stage.values | stage.by_route.get(name, {})
    missing = set(wants) - given.keys()
    assert not missing, f"tests/browser/stage.py does not say what to put for {missing}"
    return reverse(name, kwargs={want: given[want] for want in wants})


def opens(site: Any, who: str, address: str) -> str:
    """`page`, `other` (posts only, downloads, JSON) or why it is neither."""
    answer = site.context(who).request.get(address, max_redirects=0, max_retries=3)
    if answer.status == 405 or "attachment" in answer.headers.get("content-disposition", ""):
        return "other"
    if answer.status == 200 and answer.headers["content-type"].startswith("text/html"):
        return "page"
    if answer.status == 200 and answer.headers["content-type"] == "application/json":
        return "other"
    return f"{who}: {answer.status} {answer.headers.get('location', '')}"


def assert_right(watched: Any, axe: Any) -> None:
    wrong = watched.all_wrong(axe)
    assert not wrong, " || ".join([watched.page.url, *wrong])


@pytest.mark.parametrize(("name", "last", "wants"), routes(), ids=str)
def test_a_page_is_right(
    name: str, last: str, wants: tuple[str, ...], site: Any, look_at: Any, axe: Any
) -> None:
    address = address_of(name, wants, site.stage)
    answers = []
    for who in VISITORS:
        answers.append(opens(site, who, address))
        if answers[-1] == "page":
            break
    if last in NO_PAGE:
        return
    if "page" not in answers:
        assert "other" in answers, f"nobody sees {address}: {answers}"
        return
    assert_right(look_at(who, address), axe)


#: Other states of those pages: who, where.
STATES = {
    "empty list": ("alone", "/"),
    "list of a CIO without a case": ("cio", "/"),
    "list of a secretariat": ("secretariat", "/"),
    "list of those who see no names": ("technical", "/"),
    "second page": ("head", "/?page=2"),
    "search": ("head", "/?q=martin"),
    "search without a result": ("head", "/?q=zzzz"),
    "list of somebody who practises": ("practising", "/"),
    "practice page of somebody who practises": ("practising", "/entrainement/"),
    "not found": ("head", "/rien/"),
    "not found, signed out": ("nobody", "/rien/"),
    "enrolment of the second factor": ("new", "/compte/facteur/application/"),
    "copy of a file": ("head", "/dossiers/{open1}/copie/"),
    "two files made one": ("head", "/doublons/{merged_pair}/"),
    "no file that looks like another": ("alone", "/doublons/"),
    "nobody reported yet": ("alone", "/signalements/"),
    "search beyond that found nobody": ("cio", "/hors-perimetre/{nobody_found}/"),
    "sheet opened beyond a scope": ("cio", "/dossiers/{open21}/"),
    "meetings of a group": ("psad", "/reunions/"),
    "meeting that is over": ("psad", "/reunions/{closed_meeting}/"),
    "meeting, adding a case": ("psad", "/reunions/{meeting}/?chercher=martin"),
    "today of a service": ("adviser", "/"),
    "today of a group": ("psad", "/"),
    "lists of a service": ("adviser", "/liste/"),
    "section of today as a list": ("adviser", "/liste/?liste=entretiens&circuit=16-17"),
    "relays received": ("adviser", "/relais/recus/"),
    "agenda of a service": ("adviser", "/agenda/"),
    "notifications of a service": ("adviser", "/notifications/"),
    "sheet, to accept": ("adviser", "/dossiers/{offered}/"),
    "sheet, held with questions": ("adviser", "/dossiers/{held}/"),
    "sheet, to confirm": ("head", "/dossiers/{to_confirm}/"),
    "sheet, paused": ("head", "/dossiers/{paused}/"),
    "sheet, transmitted": ("head", "/dossiers/{transmitted}/"),
    "sheet, closed": ("head", "/dossiers/{closed}/"),
    "sheet, on the way to a solution": ("cio", "/dossiers/{on_the_way}/"),
    "sheet, a solution that runs": ("cio", "/dossiers/{running}/"),
    "sheet, a situation that lapsed": ("cio", "/dossiers/{lapsed}/"),
    "sheet, of a school that reads on": ("head", "/dossiers/{on_the_way}/"),
    "no vacant place": ("cio", "/dossiers/{on_the_way}/places/?mots=zzzz"),
    "places of a territory": ("cio", "/places/"),
    "sheet of a secretariat": ("secretariat", "/dossiers/{open1}/"),
}


@pytest.mark.parametrize("state", STATES)
def test_a_state_of_a_page_is_right(state: str, site: Any, look_at: Any, axe: Any) -> None:
    who, address = STATES[state]
    cases = {name: case.pk for name, case in site.stage.cases.items()}
    assert_right(look_at(who, address.format(**cases)), axe)


FORMS = {
    "sign-in": ("nobody", "/compte/connexion/"),
    "call": ("head", "/dossiers/{open2}/appel/"),
    "situation": ("head", "/dossiers/{open2}/situation/"),
    "reason": ("head", "/dossiers/{open2}/motif/"),
    "false alarm": ("head", "/dossiers/{open2}/fausse-alerte/"),
    "pause": ("head", "/dossiers/{open2}/pause/"),
    "departure": ("head", "/signaler/"),
    "copy of a file": ("head", "/dossiers/{open1}/copie/"),
    "copy by reference": ("dpo", "/droit-d-acces/"),
    "interview": ("cio", "/dossiers/{fresh}/entretien/"),
    "vacant place": ("cio", "/places/nouvelle/"),
    "search beyond": ("cio", "/hors-perimetre/"),
    "opening beyond": ("cio", "/hors-perimetre/{found_beyond}/"),
    "examination of an opening": ("dpo", "/hors-perimetre/ouvertures/{opening}/"),
    "second factor": ("new", "/compte/facteur/application/"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_refused_says_so_beside_the_field(
    form: str, site: Any, look_at: Callable[..., Any], axe: Any
) -> None:
    who, address = FORMS[form]
    cases = {name: case.pk for name, case in site.stage.cases.items()}
    watched = look_at(who, address.format(**cases))
    page = watched.page
    page.evaluate("document.querySelector('main form[method=post]').noValidate = true")
    # what a form proposes is taken away: a date to call back, for one
    page.evaluate("document.querySelectorAll('main [type=date]').forEach(f => { f.value = '' })")
    page.locator("main form[method=post]").first.locator("button:not([type=button])").last.click()
    page.wait_for_load_state("load")
    described = page.locator("main [aria-invalid=true], main .fr-error-text, main .fr-alert--error")
    assert described.count() > 0, page.locator("main").inner_text()
    assert_right(watched, axe)
