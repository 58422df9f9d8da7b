"""The report: what it says, what it never says, and what it does with what it is given."""

import json
import re
import stat
from collections.abc import Iterable
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.calls import calls
from tests.matching.report_example import DAY, coverage, territory, uai

from raccord.matching.report import MAX_PEOPLE_PER_PAGE, write_report
from raccord.matching.report import build as report_build
from raccord.matching.report.pages import page_name
from raccord.matching.report.sections import PAGE_ORDER, SECTIONS

VOID = {"meta", "link", "br", "input", "rect"}
OPTIONAL = {"tr", "td", "th", "tbody", "p", "option"}


class Page(HTMLParser):
    """Enough of a parser to count people by section and to notice broken nesting."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.source = path.read_text("utf-8")
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.broken: list[str] = []
        self.people: dict[str, int] = {}
        self._section = ""
        self._in_people = False
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag == "section":
            self._section = attributes.get("id") or ""
        if tag == "table":
            self._in_people = attributes.get("class") == "people"
        if tag == "tbody" and self._in_people:
            self.people[self._section] = self.people.get(self._section, 0) + 1
        if tag not in VOID | OPTIONAL:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID | OPTIONAL:
            return
        if not self.open or self.open.pop() != tag:
            self.broken.append(tag)


def write(tmp_path: Path, **given: Any) -> list[Path]:
    return write_report(tmp_path, **given)


def one(tmp_path: Path, **given: Any) -> Page:
    files = write(tmp_path, **given)
    assert files == [tmp_path / "report.html"]
    return Page(files[0])


def with_people(rows: Iterable[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A territory of one school where the listed people are `rows`, completed."""
    arguments = territory(1, 1)
    model = {**arguments["people"].to_pylist()[0], "verdict": "missing", "lane": "dropout",
             "fragile": False, "evidence": "{}", "followed_by": None, "also_listed_by": None,
             "matched_uai": None, "matched_source": None, "probability": None}  # fmt: skip
    people = [{**model, "person": rank, **row} for rank, row in enumerate(rows)]
    arguments["people"] = pa.Table.from_pylist(people)
    return arguments | more


def test_every_row_is_in_the_html_once_in_its_section(tmp_path: Path) -> None:
    arguments = territory(400, 9)
    page = one(tmp_path, **arguments)
    assert sum(page.people.values()) == 400
    people = arguments["people"].to_pylist()
    found = sum(row["verdict"] == "found" for row in people)
    review = sum(row["verdict"] == "review" for row in people)
    main = sum(row["verdict"] == "missing" and row["lane"] in ("dropout", "obligation_16_17")
               for row in people)  # fmt: skip
    assert page.people["fragiles"] == found
    assert page.people["confirmer"] == review
    assert page.people["verifier"] == main
    assert f"<h1>{main}\xa0jeunes à vérifier, dont " in page.source
    assert page.broken == []
    assert page.open == []


def test_the_page_reaches_for_nothing(tmp_path: Path) -> None:
    page = one(tmp_path, **territory(50, 3))
    for tag, attributes in page.tags:
        for name in ("src", "href", "action", "srcset", "data"):
            target = attributes.get(name) or ""
            assert target.startswith(("#", "tel:", "mailto:", "data:,")) or not target, (
                tag,
                target,
            )
    assert "http:" not in page.source.replace("http-equiv", "")
    assert "https:" not in page.source
    assert "@import" not in page.source
    assert "url(" not in page.source
    assert "default-src 'none'" in page.source


def test_the_style_and_the_script_stay_small(tmp_path: Path) -> None:
    source = one(tmp_path, **territory(1, 1)).source
    weight = sum(len(part.encode()) for part in re.findall(
        r"<(?:style|script)>(.*?)</(?:style|script)>", source, re.DOTALL))  # fmt: skip
    assert weight < 12_000


@pytest.mark.parametrize("field", ["nom_famille", "prenom", "classe", "telephone", "courriel",
                                   "followed_by", "also_listed_by", "uai", "representant_nom",
                                   "date_sortie", "code_postal", "lane"])  # fmt: skip
@pytest.mark.parametrize("attack", ["<script>alert(1)</script>", '"><img src=x onerror=y>', "A&B"])
def test_what_registers_hold_is_text_and_never_markup(
    tmp_path: Path, field: str, attack: str
) -> None:
    arguments = with_people([{field: attack, "age": 17}])
    page = one(tmp_path, **arguments)
    assert attack not in page.source
    assert page.broken == []
    assert [tag for tag, _ in page.tags].count("script") == 1
    assert "img" not in [tag for tag, _ in page.tags]


def test_evidence_and_coverage_are_text_too(tmp_path: Path) -> None:
    attack = "<b onclick=x>"
    evidence = {"nearest": {"source": attack, "uai": attack, "probability": 0.2,
                            "agree": [attack], "kept_apart": [attack]}}  # fmt: skip
    arguments = with_people([{"evidence": json.dumps(evidence)}])
    arguments["coverage"] = [{**register, "source": attack, "label": attack, "message": attack}
                             for register in coverage()]  # fmt: skip
    arguments["schools"] = arguments["schools"].set_column(1, "name", pa.array([attack]))
    page = one(tmp_path, **arguments)
    assert attack not in page.source
    assert page.broken == []


@settings(max_examples=25)
@given(name=st.text(min_size=1, max_size=20), place=st.text(max_size=12))
def test_no_name_breaks_the_page(
    tmp_path_factory: pytest.TempPathFactory, name: str, place: str
) -> None:
    folder = tmp_path_factory.mktemp("report")
    page = one(folder, **with_people([{"nom_famille": name, "uai": place}]))
    assert page.people == {"verifier": 1}
    assert page.broken == []


def test_the_deceased_appear_nowhere_not_even_as_a_count(tmp_path: Path) -> None:
    arguments = with_people([
        {"nom_famille": "VISIBLE"},
        {"nom_famille": "SECRET", "lane": "deceased"},
        {"nom_famille": "SECRET", "motif_sortie": "43"},
    ])  # fmt: skip
    arguments["summary"]["counts"]["excluded_by"] = {"under_16": 0, "deceased": 4321}
    source = one(tmp_path, **arguments).source
    assert "VISIBLE" in source
    assert "SECRET" not in source
    assert "4321" not in source
    assert "4\u202f321" not in source
    assert not re.search("décè|décéd|deceased", source)


def test_the_excluded_are_counted_and_never_named(tmp_path: Path) -> None:
    arguments = with_people([{"nom_famille": "CACHE", "verdict": "excluded", "lane": "under_16"}])
    arguments["summary"]["counts"]["excluded_by"] = {"under_16": 17, "age_unknown": 2}
    source = one(tmp_path, **arguments).source
    assert "CACHE" not in source
    assert "<b>17\xa0jeunes</b> de moins de 16 ans" in source
    assert "Personne à vérifier" in source


def test_from_eighteen_the_young_person_is_called_not_the_parents(tmp_path: Path) -> None:
    arguments = with_people([
        {"age": 17, "telephone": "0600000017", "representant_telephone": "0200000017"},
        {"age": 18, "telephone": "0600000018", "representant_telephone": "0200000018"},
    ])  # fmt: skip
    source = one(tmp_path, **arguments).source
    assert "tel:0200000017" in source
    assert "tel:0600000018" in source
    assert "0200000018" not in source


def test_a_person_listed_by_two_schools_counts_once(tmp_path: Path) -> None:
    arguments = with_people([{"person": 4, "uai": uai(1), "also_listed_by": uai(2)},
                             {"person": 4, "uai": uai(2), "also_listed_by": uai(1)}])  # fmt: skip
    source = one(tmp_path, **arguments).source
    assert "<h1>1\xa0jeune à vérifier" in source
    assert "2\xa0lignes" in source
    assert source.count("Aussi listé par") == 4


def test_every_section_of_the_page_is_reachable(tmp_path: Path) -> None:
    lanes = ["dropout", "diploma_unknown", "young_graduate", "left_academie", "graduate",
             "under_16", "age_unknown"]  # fmt: skip
    rows = [{"lane": lane} for lane in lanes]
    rows += [{"verdict": "review"}, {"verdict": "found", "fragile": True}]
    page = one(tmp_path, **with_people(rows))
    assert page.people == dict.fromkeys(PAGE_ORDER, 1)
    assert {section.key for section in SECTIONS} == set(PAGE_ORDER)
    targets = {attributes["href"] for tag, attributes in page.tags if tag == "a"}
    names = {attributes.get("id") for _, attributes in page.tags}
    for target in targets:
        if target and target.startswith("#"):
            assert target[1:] in names, target


def test_a_missing_column_and_other_types_are_accepted(tmp_path: Path) -> None:
    arguments = with_people([{}])
    people = arguments["people"].select(["person", "verdict", "nom_famille"])
    people = people.append_column("date_sortie", pa.array([date(2026, 9, 1)]))
    people = people.set_column(2, "nom_famille", people["nom_famille"].dictionary_encode())
    page = one(tmp_path, **(arguments | {"people": people}))
    assert page.people == {"verifier": 1}
    assert "01/09/2026" in page.source


def test_an_empty_comparison_says_what_is_true(tmp_path: Path) -> None:
    page = one(tmp_path, summary={"counts": {}}, coverage=[],
               schools=territory(0, 0)["schools"], people=territory(0, 0)["people"],
               generated_for=DAY)  # fmt: skip
    assert "<h1>Aucun jeune à vérifier.</h1>" in page.source
    assert "ne vaut rien" in page.source
    assert page.people == {}


def test_beyond_the_limit_one_page_per_school(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_build, "MAX_PEOPLE_PER_PAGE", 100)
    arguments = territory(240, 7)
    files = write(tmp_path, **arguments)
    assert len(files) == 8
    index = Page(files[0])
    assert index.people == {}
    links = {attributes["href"] for tag, attributes in index.tags
             if tag == "a" and (attributes["href"] or "").startswith("ecoles/")}  # fmt: skip
    assert links == {f"ecoles/{path.name}" for path in files[1:]}
    pages = [Page(path) for path in files[1:]]
    assert sum(sum(page.people.values()) for page in pages) == 240
    for page, path in zip(pages, files[1:], strict=True):
        assert max(page.people.values()) <= 100
        assert page.broken == []
        # A school's page stands alone: it goes to people who may not read the whole report.
        assert "report.html" not in page.source
        place = path.stem.removeprefix("report-")
        mine = sum(row["uai"] == place for row in arguments["people"].to_pylist())
        assert sum(page.people.values()) == mine


def test_a_school_beyond_the_limit_is_cut_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report_build, "MAX_PEOPLE_PER_PAGE", 50)
    files = write(tmp_path, **territory(120, 1))
    pages = [Page(path) for path in files[1:]]
    assert [sum(page.people.values()) for page in pages] == [50, 50, 20]
    assert files[2].name == files[1].name.replace(".html", "-2.html")
    for number, path in enumerate(files[2:], start=2):
        assert f'href="{path.name}"' in files[1].read_text("utf-8"), number


def test_the_limit_is_the_contract() -> None:
    assert MAX_PEOPLE_PER_PAGE == 5000


@pytest.mark.parametrize("place", ["../../evil", "a/b", "..", "", "0440001M\x00", "é"])
def test_no_register_chooses_a_path(place: str) -> None:
    name = page_name(place)
    assert re.fullmatch(r"report-[\w-]+\.html", name, re.ASCII), name


def test_files_are_for_their_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_build, "MAX_PEOPLE_PER_PAGE", 10)
    for path in write(tmp_path, **territory(30, 3)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "ecoles").stat().st_mode) == 0o700


def test_the_report_does_not_depend_on_the_order_of_rows(tmp_path: Path) -> None:
    arguments = territory(200, 5)
    people: pa.Table = arguments["people"]
    backwards = people.take(list(reversed(range(len(people)))))
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (first,) = write(tmp_path / "a", **arguments)
    (second,) = write(tmp_path / "b", **(arguments | {"people": backwards}))
    assert first.read_bytes() == second.read_bytes()


def test_a_person_more_costs_the_same_however_many_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is looked through again for each of them: a whole country takes seconds."""

    def cost(people: int) -> int:
        folder = tmp_path / str(people)
        folder.mkdir()
        arguments = territory(people, people // 50)
        return calls(lambda: files.append(write(folder, **arguments)))

    files: list[list[Path]] = []
    monkeypatch.setattr(report_build, "MAX_PEOPLE_PER_PAGE", 400)
    cost(450)  # what is loaded once
    few, more, many = map(cost, (500, 1_500, 4_500))
    assert [len(made) for made in files] == [10, 11, 31, 91]
    among_few, among_many = (more - few) / 1_000, (many - more) / 3_000
    assert among_many <= 1.1 * among_few


def test_the_funnel_of_those_who_left_adds_up(tmp_path: Path) -> None:
    """Under 16, still at school or not, have no place in it: most of them never left."""
    example = territory(60, 3)
    example["summary"]["counts"]["excluded_by"] = {"under_16": 900_000}
    text = write_report(tmp_path, **example)[0].read_text("utf-8")
    funnel = text.partition('class="funnel"')[2].partition("</table>")[0]
    assert "Hors des listes" not in funnel
    assert "comptés à part" in text
    assert "toujours inscrits ou non" in text


@pytest.mark.parametrize("most", [20_000, 100])
def test_each_row_is_in_its_own_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """Enough people, and sentences, for the database to join them in another order."""
    monkeypatch.setattr(report_build, "MAX_PEOPLE_PER_PAGE", most)
    example = territory(6_000, 30)
    people = example["people"]
    evidence = [
        json.dumps({"agree": [], "nearest": {"agree": [f"champ{row}"], "probability": 0.0}})
        for row in range(people.num_rows)
    ]
    example["people"] = people.set_column(
        people.column_names.index("evidence"), "evidence", [evidence]
    )
    for path in write_report(tmp_path, **example):
        for part in path.read_text("utf-8").split('<section id="')[1:]:
            lanes = set(re.findall(r'<tbody data-l="(\w+)"', part))
            allowed = {"diplomes": {"graduate"}, "diplome": {"diploma_unknown"},
                       "verifier": {"obligation_16_17", "dropout"}}  # fmt: skip
            assert lanes <= allowed.get(part.partition('"')[0], lanes), part[:40]


def test_a_french_date_of_leaving_is_understood(tmp_path: Path) -> None:
    example = territory(40, 2)
    people = example["people"]
    dates = [["2026-10-17", "17/10/2026"][row % 2] for row in range(people.num_rows)]
    example["people"] = people.set_column(
        people.column_names.index("date_sortie"), "date_sortie", [dates]
    )
    text = write_report(tmp_path, **example)[0].read_text("utf-8")
    assert text.count("17/10/2026<small>depuis 30 jours</small>") == people.num_rows


@pytest.mark.parametrize("most", [MAX_PEOPLE_PER_PAGE, 60])
def test_every_link_of_a_page_leads_somewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(report_build, "MAX_PEOPLE_PER_PAGE", most)
    for path in write_report(tmp_path, **territory(120, 6)):
        text = path.read_text("utf-8")
        there = set(re.findall(r'\sid="([^"]+)"', text))
        assert {name for name in re.findall(r'href="#([^"]*)"', text) if name} <= there, path.name
        for target in re.findall(r'href="((?!#|tel:|mailto:|data:)[^"]+)"', text):
            assert (path.parent / target).exists(), target
