"""The real service (gunicorn, web role, policy) on a database of its own, and a browser."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from tests.browser.looking import DESK, Watched

#: Milliseconds. A machine that does something else beside is slow, not wrong.
PATIENCE = 90_000


@dataclass
class Site:
    """Where the service answers, who may come, and a browser for each of them."""

    url: str
    stage: Any
    browser: Any
    _contexts: dict[tuple[str, bool], Any] = field(default_factory=dict)
    #: A tab of somebody, left by a test for the next one.
    tabs: dict[str, Any] = field(default_factory=dict)

    def context(self, who: str, *, javascript: bool = True) -> Any:
        """The browser of somebody; the same one for the whole session."""
        if (who, javascript) not in self._contexts:
            made = self.browser.new_context(
                viewport=DESK,
                locale="fr-FR",
                reduced_motion="reduce",
                java_script_enabled=javascript,
                base_url=self.url,
            )
            cookies = self.stage.cookies[who].items()
            made.add_cookies(
                [{"name": name, "value": value, "url": self.url} for name, value in cookies]
            )
            made.set_default_timeout(PATIENCE)
            self._contexts[who, javascript] = made
        return self._contexts[who, javascript]

    def close(self) -> None:
        for context in self._contexts.values():
            context.close()


@pytest.fixture(scope="session")
def site(
    postgres: tuple[str, str],
    chromium: Any,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """The service as `raccord serve` starts it, with its stage set."""
    from django.conf import settings
    from tests.browser import stage
    from tests.harness import database

    from raccord.config.service import Service

    name = database.test_name("_browser")
    owner, web = (_at(url, name) for url in (postgres[0], postgres[1] or _as_web(postgres[0])))
    with django_db_blocker.unblock():
        database.create(name)
        database.let_sign_in(settings.WEB_ROLE)
        with database.using(name):
            built = stage.build()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    service = Service(
        "127.0.0.1",
        port,
        {
            "DATABASE_URL": owner,
            "DATABASE_WEB_URL": web,
            "DJANGO_SETTINGS_MODULE": "raccord.config.settings",
            "PYTHONPATH": str(Path(__file__).resolve().parents[2] / "src"),
            "RACCORD_HOME": str(tmp_path_factory.mktemp("site")),
            "RACCORD_URL": url,
            "SECRET_KEY": settings.SECRET_KEY,
        },
        say=lambda _: None,
    )
    try:
        service.start()
        opened = Site(url, built, chromium)
        yield opened
        opened.close()
    finally:
        service.stop()
        with django_db_blocker.unblock():
            database.drop(name)


def _at(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def _as_web(url: str) -> str:
    """A server given without DATABASE_WEB_URL: the same one, under the web role."""
    from django.conf import settings

    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{settings.WEB_ROLE}@{place}"))


@pytest.fixture
def visit(site: Site) -> Iterator[Callable[..., Watched]]:
    """`visit("head", "/")` opens a page as somebody, watched, in a tab of its own."""
    opened: list[Watched] = []

    def go(who: str, address: str, *, javascript: bool = True) -> Watched:
        watched = Watched(site.context(who, javascript=javascript).new_page(), site.url)
        opened.append(watched)
        watched.page.goto(address, wait_until="load")
        return watched

    yield go
    for watched in opened:
        watched.page.close()


@pytest.fixture
def look_at(site: Site) -> Iterator[Callable[..., Watched]]:
    """The same in the tab that the test before left, for one that leaves nothing in it but its
    size: a tab is a process of the browser, started and warmed for each page otherwise."""
    opened: list[tuple[str, Watched]] = []

    def go(who: str, address: str) -> Watched:
        page = site.tabs.pop(who, None) or site.context(who).new_page()
        if page.url == site.url + address:
            page.goto("about:blank")  # the same page again would keep its place
        watched = Watched(page, site.url)
        opened.append((who, watched))
        page.goto(address, wait_until="load")
        return watched

    yield go
    for who, watched in opened:
        watched.leave()
        site.tabs[who] = watched.page
