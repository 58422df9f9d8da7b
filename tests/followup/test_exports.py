"""Exports: the list of the screen as a file, and the statement of diligence."""

import csv
import io
import zipfile
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from tests import cast

from raccord.accounts.models import Scope
from raccord.accounts.roles import Role
from raccord.followup.exports import diligence, files
from raccord.followup.exports.rows import HEADERS
from raccord.followup.relay.services import hand_over
from raccord.followup.services import record_contact, undo
from raccord.territory.kinds import Kind

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Any:
    return cast.structure(name="Lycée Voltaire")


@pytest.fixture
def head(school: Any) -> Any:
    return cast.actor(school)


def body(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))


def download(head: Any, kind: str = "csv", asked: str = "") -> Any:
    return cast.signed_in(head.user).get(f"/liste/export/{kind}/?{asked}")


def test_a_csv_opens_in_a_french_spreadsheet(school: Any, head: Any) -> None:
    case = cast.case(school, of=cast.person(last_name="Lefèvre", first_name="Zoé"))
    type(case).objects.update(left_on=timezone.localdate())
    answer = download(head)
    content = body(answer)
    assert content.startswith(b"\xef\xbb\xbf") and b"\r\n" in content
    head_row, row = table(content)
    assert tuple(head_row) == HEADERS
    assert row[:2] == ["Lefèvre", "Zoé"]
    assert row[5] == f"{timezone.localdate():%d/%m/%Y}"
    assert "Lef" not in answer["Content-Disposition"]
    assert answer["Content-Disposition"].endswith('.csv"')


@pytest.mark.parametrize("kind", ["csv", "xlsx", "ods"])
def test_the_file_is_the_list_of_the_screen_with_its_filters_and_all_its_pages(
    school: Any, head: Any, kind: str
) -> None:
    for _ in range(27):
        cast.case(school, level="2de MRC")
    cast.case(school, level="1re ASSP")
    cast.case(school, level="2de MRC", status="transmitted")
    cast.case(cast.structure(), level="2de MRC")
    content = body(download(head, kind, "liste=a-verifier&classe=2de+MRC&page=2"))
    assert _number_of_rows(kind, content) == 27


def _number_of_rows(kind: str, content: bytes) -> int:
    if kind == "csv":
        return len(table(content)) - 1
    if kind == "xlsx":
        return len(list(load_workbook(io.BytesIO(content)).active.rows)) - 1
    return _ods(content).count("<table:table-row>") - 1


def _ods(content: bytes) -> str:
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.namelist()[0] == "mimetype"
    assert archive.getinfo("mimetype").compress_type == zipfile.ZIP_STORED
    return archive.read("content.xml").decode("utf-8")


@pytest.mark.parametrize("name", ["=1+1", "+33", "-2", "@SUM(A1)", "\t=1", " =1", "\u00a0=cmd|x"])
def test_no_cell_is_a_formula(school: Any, head: Any, name: str) -> None:
    cast.case(school, of=cast.person(last_name=name, first_name='"; <b>'))
    assert table(body(download(head)))[1][0] == "'" + name
    cell = load_workbook(io.BytesIO(body(download(head, "xlsx")))).active["A2"]
    assert (cell.data_type, cell.value) == ("s", name)
    sheet = _ods(body(download(head, "ods")))
    assert "table:formula" not in sheet and "&lt;b&gt;" in sheet


def test_signs_that_xml_refuses_do_not_break_the_file(school: Any, head: Any) -> None:
    cast.case(school, of=cast.person(last_name="A\x0bB\x1fC"))
    assert load_workbook(io.BytesIO(body(download(head, "xlsx")))).active["A2"].value == "ABC"
    assert "ABC" in _ods(body(download(head, "ods")))


def test_ods_is_read_by_a_library_that_is_not_ours(school: Any, head: Any) -> None:
    from odfdo import Document

    cast.case(school, of=cast.person(last_name="Lefèvre"))
    sheet = Document(io.BytesIO(body(download(head, "ods")))).body.tables[0]
    values = list(sheet.iter_values())
    assert (tuple(values[0]), values[1][0]) == (HEADERS, "Lefèvre")


def test_a_protected_schooling_is_retrouve_and_nothing_else(school: Any, head: Any) -> None:
    case = cast.case(school, level="Classe à taire")
    case.person.protected_at, case.person.protected_by = timezone.now(), cast.structure()
    case.person.save()
    (row,) = table(body(download(head)))[1:]
    assert row[0] == case.person.last_name
    assert [cell for cell in row[3:] if cell] == ["Retrouvé"]


def test_a_secretariat_exports_states_and_never_what_was_said(school: Any, head: Any) -> None:
    case = cast.case(school)
    record_contact(head, case=case.pk, channel="call", answerer="youth", result="looking")
    said = HEADERS.index("Ce qu’il faut faire"), HEADERS.index("Où en est-on")
    (full,) = table(body(download(head)))[1:]
    assert full[said[0]]
    (row,) = table(body(download(cast.actor(school, Role.SECRETARIAT))))[1:]
    assert [row[i] for i in said] == ["", ""]


def test_an_export_is_noted_with_every_case_in_it(
    school: Any, head: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from raccord.privacy import readings

    noted: list[Any] = []
    monkeypatch.setattr(readings, "note", lambda request, act, ids: noted.append((act, set(ids))))
    cases = {cast.case(school).pk for _ in range(30)}
    body(download(head))
    assert noted == [("export", cases)]


def test_a_big_list_leaves_in_pieces() -> None:
    pieces = list(files.as_csv([["x"] * len(HEADERS)] * 1000))
    assert len(pieces) > 3


def test_what_is_not_a_format_or_not_a_list_answers_404(school: Any, head: Any) -> None:
    assert download(head, "pdf").status_code == 404
    steering = cast.actor(cast.structure(Kind.RECTORAT), Role.STEERING)
    assert download(steering).status_code == 404


def test_the_page_before_says_how_many_and_keeps_the_filters(school: Any, head: Any) -> None:
    cast.case(school)
    page = cast.signed_in(head.user).get("/liste/export/?liste=a-verifier&page=3").content.decode()
    assert "1 jeune, liste « À vérifier »" in page
    assert "/liste/export/ods/?liste=a-verifier" in page


# --- The statement of diligence -------------------------------------------------------------------


def figures(actor: Any, school: Any) -> dict[str, int]:
    return {one.label: one.value for one in diligence.state(actor, school).figures}


def test_the_statement_counts_what_was_done_and_not_what_was_taken_back(
    school: Any, head: Any
) -> None:
    silent, reached, passed, untouched = (cast.case(school) for _ in range(4))
    cast.case(cast.structure())
    for case, answerer, result in (
        (silent, "nobody", "no_answer"),
        (reached, "youth", "wants_appointment"),
    ):
        record_contact(head, case=case.pk, channel="call", answerer=answerer, result=result)
    hand_over(head, receivers={passed.pk: cast.structure(Kind.CIO)}, reason="interview")
    taken_back = record_contact(
        head, case=untouched.pk, channel="call", answerer="nobody", result="no_answer"
    )
    undo(head, event=taken_back.pk)
    assert figures(head, school) == {
        "Jeunes sortis à vérifier": 4,
        "Contactés": 2,
        "Joints": 1,
        "À qui une suite a été proposée": 2,
        "Sans réponse": 1,
        "Pas encore contactés": 2,
        "Dossiers clos": 0,
    }
    today = timezone.localdate()
    acts = diligence.state(head, school).acts
    assert sorted(acts) == sorted([(today, "Appel", 2), (today, "Transmission", 1)])


def test_names_are_in_an_annexe_that_is_asked_for(school: Any, head: Any) -> None:
    case = cast.case(school)
    client = cast.signed_in(head.user)
    assert case.person.last_name not in client.get("/releve/").content.decode()
    page = client.get("/releve/?annexe=oui").content.decode()
    assert case.person.last_name in page and "Annexe nominative" in page
    for asked in ("", "?annexe=oui"):
        answer = client.get(f"/releve/pdf/{asked}")
        assert answer.content.startswith(b"%PDF") and b"pdfuaid" in answer.content
        assert school.uai in answer["Content-Disposition"]


def test_a_protected_schooling_of_the_annexe_is_retrouve(school: Any, head: Any) -> None:
    case = cast.case(school, level="Classe à taire")
    case.person.protected_at, case.person.protected_by = timezone.now(), cast.structure()
    case.person.save()
    (line,) = diligence.state(head, school, names=True).names
    assert (line["standing"], line["level"], line["left_on"]) == ("Retrouvé", "", None)


def test_who_sees_some_classes_does_not_state_for_the_school(school: Any) -> None:
    some = cast.actor(school, Role.CORRESPONDENT, scope=Scope.CLASSES, classes=["2de MRC"])
    assert cast.signed_in(some.user).get("/releve/").status_code == 404
    dasen = cast.actor(cast.structure(Kind.DSDEN), Role.DASEN)
    assert cast.signed_in(dasen.user).get("/releve/").status_code == 404


def test_a_year_starts_on_the_first_of_july(school: Any, head: Any) -> None:
    case = cast.case(school)
    case.departures.update(school_year=case.school_year - 1)
    assert figures(head, school)["Jeunes sortis à vérifier"] == 0
