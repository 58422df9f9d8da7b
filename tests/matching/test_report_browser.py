"""The report in a real Chromium: accessible, at every width, with a keyboard, with no script."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.matching.report_example import territory

from raccord.matching.report import build as report_build
from raccord.matching.report import write_report

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of 120 young people over 6 schools, in one page."""
    return write_report(tmp_path_factory.mktemp("report"), **territory(120, 6))[0]


@pytest.fixture(scope="module")
def small_report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every kind of list, in few rows: axe looks at each element several times."""
    return write_report(tmp_path_factory.mktemp("small"), **territory(36, 3))[0]


@pytest.fixture(scope="module")
def split_report(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The same people in an index and a page per school."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report_build, "MAX_PEOPLE_PER_PAGE", 60)
        return write_report(tmp_path_factory.mktemp("split"), **territory(120, 6))


def shown(page: Any) -> int:
    return int(page.locator(".people tbody:visible").count())


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("opened", [False, True])
def test_axe_finds_nothing(
    page: Any, axe: Callable[..., list[str]], small_report: Path, width: int, opened: bool
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(small_report.as_uri())
    if opened:
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert axe(page) == []


@pytest.mark.parametrize("rank", [0, 1])
def test_axe_finds_nothing_in_a_split_report(
    page: Any, axe: Callable[..., list[str]], split_report: list[Path], rank: int
) -> None:
    page.goto(split_report[rank].as_uri())
    assert axe(page) == []


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_sticks_out_sideways(page: Any, report: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(report.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_searching_ignores_accents_and_counts(page: Any, report: Path) -> None:
    page.goto(report.as_uri())
    page.get_by_label("Chercher un jeune").fill("BENARD")
    names = page.locator(".people tbody:visible th b").all_inner_texts()
    assert names
    assert set(names) == {"BÉNARD"}
    assert f"{len(names)} sur 120 lignes" in page.locator("#outils output").inner_text()
    page.get_by_label("Chercher un jeune").fill("personne de ce nom")
    assert shown(page) == 0
    assert "Personne ne correspond" in page.locator("#outils output").inner_text()
    page.get_by_label("Chercher un jeune").fill("")
    assert shown(page) == 120


def test_filters_by_lane_school_and_age_combine(page: Any, report: Path) -> None:
    page.goto(report.as_uri())
    page.get_by_label("Circuit").select_option("obligation_16_17")
    minors = shown(page)
    ages = page.locator(".people tbody:visible").evaluate_all("rows => rows.map(r => r.dataset.a)")
    assert set(ages) <= {"16", "17"}
    assert page.locator("#diplome").is_hidden()
    page.get_by_label("Établissement").select_option(index=1)
    assert 0 < shown(page) < minors
    page.get_by_label("Circuit").select_option("")
    page.locator("select[name=age]").select_option("18-25")
    ages = page.locator(".people tbody:visible").evaluate_all("rows => rows.map(r => +r.dataset.a)")
    assert ages
    assert min(ages) >= 18


def test_a_school_in_the_table_leads_to_its_young_people(page: Any, report: Path) -> None:
    page.goto(report.as_uri())
    link = page.locator("#etablissements tbody a").first
    school = link.get_attribute("data-u")
    link.click()
    places = page.locator(".people tbody:visible").evaluate_all("all => all.map(r => r.dataset.u)")
    assert set(places) == {school}


def test_people_sort_by_age_and_schools_by_any_column(page: Any, report: Path) -> None:
    page.goto(report.as_uri())
    page.get_by_label("Trier par").select_option("age")
    ages = page.locator("#verifier tbody").evaluate_all("rows => rows.map(r => +r.dataset.a)")
    assert ages == sorted(ages)
    page.get_by_label("Trier par").select_option("")
    names = page.locator("#verifier tbody").evaluate_all("rows => rows.map(r => r.dataset.u)")
    assert names == sorted(names)
    head = page.get_by_role("columnheader", name="Sortis")
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    left = page.locator("#etablissements tbody td:nth-child(2)").all_inner_texts()
    assert list(map(int, left)) == sorted(map(int, left), reverse=True)


def test_the_keyboard_reaches_an_explanation(page: Any, report: Path) -> None:
    page.goto(report.as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    summary = page.locator("#verifier summary").first
    summary.focus()
    page.keyboard.press("Enter")
    assert page.locator("#verifier details[open] p").first.is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") in ("A", "SUMMARY")


def test_everything_can_be_explained_at_once(page: Any, report: Path) -> None:
    page.goto(report.as_uri())
    page.get_by_role("button", name="Tout expliquer").click()
    assert page.locator(".people details[open]").count() == 120
    page.get_by_role("button", name="Tout expliquer").click()
    assert page.locator(".people details[open]").count() == 0


def test_without_javascript_everybody_is_there(chromium: Any, report: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(report.as_uri())
    assert page.locator(".people tbody").count() == 120
    assert page.locator("#outils").is_hidden()
    page.locator("#verifier summary").first.click()
    assert page.locator("#verifier details p").first.is_visible()
    context.close()


def test_on_a_phone_the_call_is_a_large_button(page: Any, report: Path) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(report.as_uri())
    box = page.locator("#verifier .tel").first.bounding_box()
    assert box["height"] >= 40
    assert box["width"] >= 300


def test_print_keeps_the_names_and_leaves_the_tools(page: Any, report: Path) -> None:
    page.goto(report.as_uri())
    page.emulate_media(media="print")
    assert page.locator("#outils").is_hidden()
    assert page.locator("nav").is_hidden()
    assert page.locator("#verifier tbody th b").first.is_visible()


def test_a_name_that_looks_like_a_script_does_not_run(page: Any, tmp_path: Path) -> None:
    arguments = territory(3, 1)
    people = arguments["people"]
    attack = ["<script>document.title='x'</script>"] * len(people)
    column = people.column_names.index("nom_famille")
    arguments["people"] = people.set_column(column, "nom_famille", [attack])
    page.goto(write_report(tmp_path, **arguments)[0].as_uri())
    assert page.title().startswith("Jeunes à vérifier")
    # Even markup that got in would not run: the page allows its own script by its hash alone.
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"document.title=1\">')"
    )
    page.wait_for_timeout(50)
    assert page.title().startswith("Jeunes à vérifier")
