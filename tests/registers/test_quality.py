"""The quality of registers: each rule on its own, the report, the rows to correct."""

import csv
import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from tests.registers.snapshots_of import SOUND, Pupil, file_of, pupils

from raccord.registers import quality_report
from raccord.registers.quality import CORRECTION_COLUMNS, FileQuality, QualityResult, quality
from raccord.registers.quality_rules import RULES, Importance

DAY = date(2025, 11, 21)


def quality_of_rows(folder: Path, *rows: Pupil) -> FileQuality:
    result = quality([file_of(folder, "a.csv", rows)], as_of=DAY)
    assert not result.refused
    return result.files[0]


def codes(file: FileQuality) -> set[str]:
    return {finding.code for finding in file.findings}


def test_sound_file(tmp_path: Path) -> None:
    file = quality_of_rows(tmp_path, *pupils(30))
    assert codes(file) == set()
    assert (file.rows, file.present, file.without_ine, file.to_correct) == (30, 30, 0, 0)


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("nom_prenom_absent", {"prenom": ""}),
        ("naissance_absente", {"date_naissance": ""}),
        ("naissance_illisible", {"date_naissance": "bientôt"}),
        ("naissance_improbable", {"date_naissance": "2026-02-01"}),
        ("naissance_improbable", {"date_naissance": "2015-11-22"}),
        ("naissance_improbable", {"date_naissance": "1994-11-21"}),
        ("sortie_illisible", {"date_sortie": "fin mai"}),
        ("ine_absent", {"ine": ""}),
        ("ine_cle", {"ine": "990000001AB"}),
        ("ine_cle", {"ine": "ABC"}),
        ("nom_abime", {"nom_famille": "BE?NARD"}),
        ("prenom_court", {"prenom": "L."}),
        ("sortie_avant_entree", {"date_sortie": "2025-08-01", "motif_sortie": "99"}),
        ("sortie_sans_motif", {"date_sortie": "2025-11-01"}),
        ("motif_sans_sortie", {"motif_sortie": "99"}),
        ("classe_absente", {"classe": ""}),
        ("classe_absente", {"classe": "Inactifs"}),
        ("uai_cle", {"uai": "0440001A"}),
        ("uai_cle", {"uai": "NANTES"}),
        ("uai_absent", {"uai": ""}),
        ("sans_contact", {"telephone": ""}),
        ("commune_improbable", {"code_postal": "00100"}),
        ("commune_improbable", {"commune_naissance": "Nantes"}),
        ("sexe_absent", {"sexe": ""}),
        ("sortie_future", {"date_sortie": "2025-12-01", "motif_sortie": "99"}),
    ],
)
def test_one_defect_one_finding(tmp_path: Path, code: str, changes: Pupil) -> None:
    file = quality_of_rows(tmp_path, *pupils(3), SOUND | {"identifiant_local": "99"} | changes)
    assert codes(file) == {code}
    finding = file.findings[0]
    assert finding.count == 1
    assert finding.examples[0].line == 5
    assert "99" in finding.examples[0].identity
    assert "{" not in finding.remedy


@pytest.mark.parametrize(
    "changes",
    [
        {"date_naissance": "2015-11-21"},
        {"date_naissance": "1994-11-22"},
        {"date_naissance": "01/02/2009"},
        {"date_sortie": "2025-11-21", "motif_sortie": "99"},
        {"code_postal": "20100", "commune_naissance": "2A004"},
        {"code_postal": "97400", "commune_naissance": "97411"},
        {"commune_naissance": "Dakar", "pays_naissance": "341"},
        {"ine": "0908123456N"},
        {"ine": "0102A12345F"},
        {"uai": "6200001G"},
    ],
)
def test_what_is_right_is_left_alone(tmp_path: Path, changes: Pupil) -> None:
    file = quality_of_rows(tmp_path, *pupils(3), SOUND | changes)
    assert codes(file) == set()


def test_duplicates_and_shared_ine_name_both_rows(tmp_path: Path) -> None:
    file = quality_of_rows(
        tmp_path,
        SOUND,
        SOUND | {"identifiant_local": "2", "ine": "990000098EB", "nom_famille": "Le Goff"},
        SOUND | {"identifiant_local": "3", "prenom": "Tom", "sexe": "M"},
    )
    assert codes(file) == {"double", "ine_partage"}
    double, shared = (
        next(f for f in file.findings if f.code == c) for c in ("double", "ine_partage")
    )
    assert [(e.line, e.value) for e in double.examples] == [
        (2, "lignes 2 et 3"),
        (3, "lignes 2 et 3"),
    ]
    assert [(e.line, e.value) for e in shared.examples] == [
        (2, "lignes 2 et 4"),
        (4, "lignes 2 et 4"),
    ]


def test_a_column_the_format_does_not_carry_is_no_defect(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "uai;identifiant_local;ine;nom_famille;prenom;date_naissance\n"
        "0440001M;1;990000001EB;LE GOFF;Léa;2009-02-01\n"
    )
    assert codes(quality([path], as_of=DAY).files[0]) == set()


def test_rejected_rows_and_reader_doubts_are_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "uai;identifiant_local;ine;nom_famille;prenom;date_naissance;telephone\n"
        "0440001M;1;990000001EB;LE GOFF;Léa;2009-02-01;3,36E+10\n"
        "0440001M;2;990000098EB;ROY\n"
    )
    result = quality([path], as_of=DAY)
    found = {f.code: f for f in result.files[0].findings}
    assert found["ligne_illisible"].importance is Importance.FIRST
    assert found["ligne_illisible"].examples[0].line == 3
    assert found["nombre_abrege"].count == 1
    lines = {(row["anomalie"][:5], row["ligne"]) for row in result.corrections.to_pylist()}
    assert ("ligne", 3) in lines


def test_pupils_known_yesterday_and_absent_today(tmp_path: Path) -> None:
    known = pupils(20)
    leaver = known[3] | {"date_sortie": "2025-10-01", "motif_sortie": "99"}
    renamed = known[4] | {"nom_famille": "AUTRE"}
    without_ine = known[5] | {"ine": "", "identifiant_local": "nouveau"}
    yesterday = file_of(tmp_path, "hier.csv", [*known, SOUND | {"uai": "0540001H"}])
    today = file_of(tmp_path, "jour.csv", [*known[:3], leaver, renamed, without_ine, *known[8:]])
    result = quality([today], as_of=DAY, earlier=[yesterday])
    vanished = next(f for f in result.files[0].findings if f.code == "disparus")
    assert vanished.count == 2
    assert result.files[0].findings[0] is vanished
    assert [e.identity.split()[0] for e in vanished.examples] == ["6", "7"]
    assert result.compared


def test_refused_files_do_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("a;b\n1;2\n")
    file_of(tmp_path, "a.csv", pupils(3))
    result = quality([tmp_path], as_of=DAY)
    assert len(result.files) == len(result.refused) == 1
    assert "b.csv" in quality_report.terminal(result)
    assert quality([tmp_path / "b.csv"], as_of=DAY).files == ()


def faulty(folder: Path) -> QualityResult:
    rows = [
        *pupils(30),
        SOUND | {"identifiant_local": "90", "ine": "", "nom_famille": "=cmd|' /C calc'!A0"},
        SOUND | {"identifiant_local": "91", "ine": "", "nom_famille": "<script>alert(1)</script>"},
        SOUND | {"identifiant_local": "92", "ine": "990000001AB", "classe": ""},
    ]
    return quality([file_of(folder, "lycée & fils.csv", rows)], as_of=DAY)


def test_terminal_is_plain_aligned_french(tmp_path: Path) -> None:
    text = quality_report.terminal(faulty(tmp_path))
    assert "Qualité des bases : " in text
    assert "2  élèves sans INE (6,1\u00a0%)" in text
    assert "→ rechercher l'INE dans votre logiciel" in text
    assert "\x1b" not in text
    assert "None" not in text


def test_corrections_are_safe_in_a_spreadsheet(tmp_path: Path) -> None:
    result = faulty(tmp_path)
    path = tmp_path / "a_corriger.csv"
    quality_report.write_corrections(result, path)
    assert path.stat().st_mode & 0o777 == 0o600
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig")), delimiter=";"))
    assert tuple(rows[0]) == CORRECTION_COLUMNS
    assert len(rows) == result.corrections.num_rows + 1
    cells = [cell for row in rows[1:] for cell in row]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    assert "'=cmd|' /C calc'!A0" in cells


def test_page_is_one_safe_file(tmp_path: Path) -> None:
    path = tmp_path / "qualite.html"
    quality_report.write_page(faulty(tmp_path), path)
    html = path.read_text("utf-8")
    assert path.stat().st_mode & 0o777 == 0o600
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert "http" not in html.replace("http-equiv", "")
    assert "lycée &amp; fils.csv" in html


def test_page_of_many_files_names_no_more_than_it_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quality_report, "NAMED_IN_PAGE", 3)
    for n in range(4):
        rows = [SOUND | {"ine": "", "identifiant_local": str(n + i)} for i in (1, 5)]
        file_of(tmp_path, f"{n}.csv", rows)
    html = quality_report.page(quality([tmp_path], as_of=DAY))
    assert html.count("<details>") < 4 * 2
    assert html.count('scope="row"') == 4


def test_every_rule_is_written_for_people() -> None:
    assert len({rule.code for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert rule.one
        assert rule.many
        assert rule.cost
        assert not rule.remedy.endswith(".")
        assert "erreur" not in (rule.one + rule.cost + rule.remedy), "say what to do, blame nobody"


def test_empty_result_can_be_shown(tmp_path: Path) -> None:
    result = quality([], as_of=DAY)
    assert "Aucune base" in quality_report.terminal(result)
    assert "Aucune base" in quality_report.page(result)
    assert result.corrections.num_rows == 0


@pytest.mark.browser
def test_page_is_accessible(tmp_path: Path, page: Any, axe: Any) -> None:
    path = tmp_path / "qualite.html"
    quality_report.write_page(faulty(tmp_path), path)
    page.goto(path.as_uri())
    for summary in page.locator("summary").all():
        summary.click()
    assert axe(page) == []
    page.keyboard.press("Tab")
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth + 1")
