"""What every test lives by: no network, its own cache, fast tests first, no quiet skip."""

import importlib.util
import ipaddress
import os
import re
import shutil
import socket
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from raccord.matching.spark_java import find_java, write_java_home

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("RACCORD_SHARED", ROOT.parent / "shared"))
IN_CI = os.environ.get("CI", "").lower() not in ("", "0", "false", "no")

settings.register_profile(
    "ci",
    deadline=None,  # a machine shared by several jobs has no steady clock
    max_examples=200,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("dev", settings.get_profile("ci"), max_examples=50)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if IN_CI else "dev"))

#: Markers that may be skipped on a poor machine, never in continuous integration.
HOW_TO_GET = {
    "browser": "un Chromium : « apt-get install chromium » en root, ou RACCORD_CHROMIUM=chemin",
    "spark": "PySpark et Java 17 ou plus : « python3 scripts/install.py spark »",
}
#: Everything that must have run there; PostgreSQL comes with us, so that nothing excuses it.
MUST_RUN = (*HOW_TO_GET, "django_db", "database")


# --- order, groups and skips ---------------------------------------------------------------------


#: What starts slowly is started for all of these in one process: Spark; a browser in each of them,
#: which looks at pages in one and goes through screens in the other. The longest come first.
_TOGETHER = {
    "tests/matching/test_spark.py": "spark",
    "tests/browser/test_pages.py": "pages",
    "tests/browser/": "screens",
    "tests/matching/test_report_browser.py": "screens",
    "tests/simulation/": "territories",
}
_FIRST = ["", *dict.fromkeys(_TOGETHER.values()), "module", "database", "slow"]


def _group(nodeid: str) -> str:
    named = (name for path, name in _TOGETHER.items() if nodeid.startswith(path))
    module = nodeid.partition("::")[0]
    return next(named, module if _prepares(module) else "")


@cache
def _prepares(module: str) -> bool:
    """Whether its tests share what one of them makes."""
    path = ROOT / module
    return path.is_file() and 'scope="module"' in path.read_text("utf-8")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """By module: pytest 9.2 does not show to xdist 3.8 the groups that tests are marked with."""
    from xdist.scheduler import LoadGroupScheduling

    class ByModule(LoadGroupScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _group(nodeid) or nodeid

    return ByModule(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first, in their random order."""
    items.sort(key=_rank)


def _rank(item: pytest.Item) -> int:
    # The groups start before the slow tests, which the other process takes meanwhile; servers of
    # PostgreSQL, the longest of those, are not left for an end where one would wait.
    marked = next((name for name in ("database", "slow") if item.get_closest_marker(name)), "")
    group = _group(item.nodeid)
    return _FIRST.index(group if group in _FIRST else "module" if group and marked else marked)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("shared") and not SHARED.is_dir():
        pytest.skip("les fichiers réels (../shared ou RACCORD_SHARED) ne sont pas là")
    if item.get_closest_marker("browser") and not _browser_is_here():
        pytest.skip(f"il manque {HOW_TO_GET['browser']}")
    if item.get_closest_marker("spark") and not _spark_is_here():
        pytest.skip(f"il manque {HOW_TO_GET['spark']}")


# --- nothing is skipped quietly ------------------------------------------------------------------


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _wrongly_skipped(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    skipped = {marker: _reports(terminalreporter, marker, ("skipped",)) for marker in HOW_TO_GET}
    for marker, reports in skipped.items():
        if reports:
            terminalreporter.section(f"ATTENTION : {len(reports)} tests « {marker} » non passés")
            terminalreporter.line(f"Il manque {HOW_TO_GET[marker]}.")
    for reason in _wrongly_skipped(config):
        terminalreporter.section("ÉCHEC : CI est définie, rien ne doit être omis", red=True)
        terminalreporter.line(reason)


def _wrongly_skipped(config: pytest.Config) -> list[str]:
    """With CI set, why the session fails although no test did."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if not IN_CI or reporter is None or hasattr(config, "workerinput") or config.option.collectonly:
        return []
    reasons = []
    for marker in MUST_RUN:
        skipped = _reports(reporter, marker, ("skipped",))
        ran = _reports(reporter, marker, ("passed", "failed", "error", "xfailed", "xpassed"))
        if skipped:
            reasons.append(f"{len(skipped)} tests « {marker} » omis, dont {skipped[0].nodeid}.")
        elif not ran and _is_full_run(config) and _is_used(marker):
            reasons.append(f"des tests « {marker} » existent et aucun n'a tourné.")
    return reasons


def _reports(reporter: Any, marker: str, outcomes: tuple[str, ...]) -> list[Any]:
    reports = [report for outcome in outcomes for report in reporter.stats.get(outcome, ())]
    named = [(report, getattr(report, "keywords", ())) for report in reports]
    # The real samples (`shared`) are not part of the project: missing, they excuse.
    return [r for r, words in named if marker in words and not (r.skipped and "shared" in words)]


def _is_full_run(config: pytest.Config) -> bool:
    chosen = config.option.keyword or config.option.markexpr
    return not chosen and config.args_source is pytest.Config.ArgsSource.TESTPATHS


def _is_used(marker: str) -> bool:
    tests = (ROOT / "tests").rglob("test_*.py")
    return any(re.search(rf"\bmark\.{marker}\b", path.read_text("utf-8")) for path in tests)


# --- no network, a cache of its own --------------------------------------------------------------


class NetworkUsed(AssertionError):
    """A test reached out. Raccord calls nobody, its tests neither."""


def pytest_configure() -> None:
    real_connect, real_connect_ex = socket.socket.connect, socket.socket.connect_ex
    real_lookup = socket.getaddrinfo

    def connect(self: socket.socket, address: Any) -> None:
        _refuse_outside(self.family, address)
        real_connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        _refuse_outside(self.family, address)
        return real_connect_ex(self, address)

    def getaddrinfo(host: Any, *arguments: Any, **options: Any) -> Any:
        _refuse_outside(socket.AF_INET, (host, 0))
        return real_lookup(host, *arguments, **options)

    socket.socket.connect = connect  # type: ignore[method-assign]
    socket.socket.connect_ex = connect_ex  # type: ignore[method-assign]
    socket.getaddrinfo = getaddrinfo


def _refuse_outside(family: int, address: Any) -> None:
    if family not in (socket.AF_INET, socket.AF_INET6):
        return
    host = address[0]
    host = host.decode() if isinstance(host, bytes) else host
    if host in (None, "", "localhost", "ip6-localhost", socket.gethostname()):
        return
    try:
        inside = ipaddress.ip_address(host.split("%")[0]).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise NetworkUsed(f"un test a voulu joindre {host}")


@pytest.fixture(scope="session", autouse=True)
def raccord_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What Raccord writes at run time; of this session alone, so that no cache leaks."""
    home = tmp_path_factory.mktemp("raccord-home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RACCORD_HOME", str(home))
        yield home


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of the real samples. Mark the test `shared`: it is skipped where there is none."""
    return SHARED


# --- PostgreSQL ----------------------------------------------------------------------------------


def pytest_sessionstart() -> None:
    """A test on real transactions empties every table after it; the log of readings refuses."""
    from django.db.backends.postgresql.operations import DatabaseOperations

    truncations = DatabaseOperations.sql_flush
    kept = ("privacy_reading", "privacy_logcheckpoint")

    def sql_flush(self: Any, style: Any, tables: Any, **options: Any) -> list[str]:
        found = truncations(self, style, tables, **options)
        triggers = [f"ALTER TABLE {t} {{}} TRIGGER raccord_keep" for t in kept if t in tables]
        before = [statement.format("DISABLE") for statement in triggers]
        return [*before, *found, *(statement.format("ENABLE") for statement in triggers)]

    DatabaseOperations.sql_flush = sql_flush  # type: ignore[method-assign]
    _list_static_files_once()


def _list_static_files_once() -> None:
    """Each test client is a server that starts: 1,700 files to look at, most of a page's time."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    look = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[tuple[str, int], Any] = {}

    def add_files_from_finders(self: Any) -> None:
        key = (self.static_prefix, self.max_age)
        if key not in found:
            look(self)
            found[key] = self.files
        self.files = found[key]

    WhiteNoiseMiddleware.add_files_from_finders = add_files_from_finders


@pytest.fixture(scope="session")
def postgres(django_test_environment: None) -> Iterator[tuple[str, str]]:
    """A real server: DATABASE_URL's, else one of ours, shared by the processes of the tests.

    The addresses of its owner and of the web role.
    """
    import dj_database_url
    from django.db import connections
    from tests.harness import database

    from raccord.config.postgres import Server

    if "DATABASE_URL" in os.environ:
        yield os.environ["DATABASE_URL"], os.environ.get("DATABASE_WEB_URL", "")
        return
    given = connections["default"].settings_dict
    with Server(ROOT / "var" / "tests" / "postgres") as server:
        database.hurry(server.home)
        found = dj_database_url.parse(server.urls.owner)
        options = {**found.pop("OPTIONS", {}), **given["OPTIONS"]}
        given.update({**found, "OPTIONS": options, "TEST": given["TEST"]})
        yield server.urls.owner, server.urls.web


@pytest.fixture(scope="session")
def django_db_setup(postgres: tuple[str, str], django_db_blocker: Any) -> Iterator[None]:
    """A copy, for this process, of a database migrated once (pytest-django would migrate each).

    RACCORD_TEST_DB names the copy when several suites share a server.
    """
    from django.db import connection
    from tests.harness import database

    name = database.test_name()
    with django_db_blocker.unblock():
        database.create(name)
        with database.using(name):
            yield
        database.drop(name)
        connection.close()


# --- what every test of the service is held to ---------------------------------------------------


@pytest.fixture(autouse=True)
def findings(request: pytest.FixtureRequest) -> Iterator[Any]:
    """See tests/harness: pages, templates, orders, locks and dates are watched in every test."""
    from tests.harness import client, models, templates
    from tests.harness.findings import Findings

    found = Findings(name for m in request.node.iter_markers("allows") for name in m.args)
    with pytest.MonkeyPatch.context() as patch:
        for watched in (templates, models, client):
            watched.watch(patch, found)
        models.shuffle_unordered(patch)
        yield found
    found.raise_any()
    found.raise_unneeded()


# --- a real browser ------------------------------------------------------------------------------


@cache
def _chromium() -> str | None:
    named = os.environ.get("RACCORD_CHROMIUM")
    names = (named,) if named else ("chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None)


@cache
def _browser_is_here() -> bool:
    return _chromium() is not None and importlib.util.find_spec("playwright") is not None


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One Chromium for the session (a `playwright.sync_api.Browser`), which resolves no name."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as patch:
        # Playwright runs its own loop under this thread; Django takes it for an asynchronous view.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(
            executable_path=_chromium(),
            args=["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A fresh page, 1280 x 800, in French. The test fails if it reaches out or a script fails."""
    wrong: list[str] = []

    def route(route: Any) -> None:
        url = route.request.url
        if re.match(r"(file|data|blob|about):|https?://(127\.0\.0\.1|localhost)[:/]", url):
            route.continue_()
        else:
            wrong.append(f"requête extérieure : {url}")
            route.abort()

    context = chromium.new_context(
        viewport={"width": 1280, "height": 800}, locale="fr-FR", reduced_motion="reduce"
    )
    context.route("**/*", route)
    page = context.new_page()
    page.on("pageerror", lambda error: wrong.append(f"erreur de script : {error}"))
    yield page
    context.close()
    assert wrong == []


#: What is at fault and nothing else: the whole of what axe says takes longer to carry than to find.
_RUN_AXE = """async options => !('axe' in window) ? null
  : (await axe.run(document, options)).violations.flatMap(rule => rule.nodes.map(
    node => [rule.id, rule.impact, node.target, node.html.slice(0, 120)]))"""


@pytest.fixture(scope="session")
def axe() -> Callable[..., list[str]]:
    """`axe(page)` lists what axe-core finds against it, one line per element at fault."""
    found = importlib.util.find_spec("axe_playwright_python")
    assert found is not None and found.origin is not None
    source = Path(found.origin).with_name("axe.min.js").read_text("utf-8")

    def run(page: Any, **options: Any) -> list[str]:
        # naming every element that passes costs more than finding those that do not
        asked = {"resultTypes": ["violations"]} | options
        found = page.evaluate(_RUN_AXE, asked)
        if found is None:  # half a megabyte, once a page
            page.evaluate(source)
            found = page.evaluate(_RUN_AXE, asked)
        return [f"{rule} ({impact}): {target} {html}" for rule, impact, target, html in found]

    return run


# --- Spark ---------------------------------------------------------------------------------------


@cache
def _spark_is_here() -> bool:
    return importlib.util.find_spec("pyspark") is not None and find_java() is not None


@pytest.fixture(scope="session")
def java_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """JAVA_HOME for PySpark, set for the session. Mark the test `spark`."""
    java = find_java()
    assert java is not None
    home = write_java_home(tmp_path_factory.mktemp("java-home"), java)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_HOME", str(home))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.delenv("SPARK_HOME", raising=False)
        yield home
