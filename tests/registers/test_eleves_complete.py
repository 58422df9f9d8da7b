"""The flat workbook of SIECLE."""

import io
import zipfile
from datetime import date, datetime

import pytest
from tests.registers.reading_of import document, reading_of, workbook

from raccord.registers.formats import eleves_complete
from raccord.registers.problems import RefusedFile

LABELS = (
    "Id National",
    "Nom de famille",
    "Prénom",
    "Sexe",
    "Date Naissance",
    "Commune Naiss.",
    "Pays Naiss.",
    "Pays Nat.",
    "Lib. MEF",
    "Motif Sortie",
    "Email",
    "Ligne Adresse 1 Repr. Lég. ",
)
LEA = ("990000001EB", "LE GOFF", "Léa", "F", datetime(2008, 2, 1), "NANTES", "FRANCE",
       "secret-nationalite", "SECONDE GENERALE ET TECHNOLOGIQUE", None, "lea@exemple.fr",
       "1 RUE DES LILAS")  # fmt: skip
TOM = (None, "KANE", "Tom", 1, 39401, "DAKAR", "SENEGAL", "x", "TERMINALE GENERALE",
       "Démission", None, None)  # fmt: skip


def ods(rows: str) -> bytes:
    """An .ods whose only sheet holds these rows, written as XML."""
    office = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<?xml version="1.0"?><office:document-content xmlns:office="{office}:office:1.0" '
        f'xmlns:table="{office}:table:1.0" xmlns:text="{office}:text:1.0"><office:body>'
        f'<office:spreadsheet><table:table table:name="F">{rows}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", kind, zipfile.ZIP_STORED)
        archive.writestr(
            "META-INF/manifest.xml",
            f'<m:manifest xmlns:m="{office}:manifest:1.0"><m:file-entry m:full-path="/" '
            f'm:media-type="{kind}"/></m:manifest>',
        )
        archive.writestr("content.xml", content)
    return buffer.getvalue()


def cell(text: str, attributes: str = "") -> str:
    return (
        f'<table:table-cell {attributes} office:value-type="string"><text:p>{text}</text:p>'
        "</table:table-cell>"
    )


def line(*cells: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


def test_pupil_and_leaver() -> None:
    content = workbook([LABELS, LEA, TOM])
    assert eleves_complete.recognises(document(content))
    found = reading_of(eleves_complete, content, stated_uai="0440001M")
    lea, tom = found.rows
    assert lea["date_naissance"] == "2008-02-01"
    assert lea["ine"] == lea["identifiant_local"] == "990000001EB"
    assert lea["formation"] == "SECONDE GENERALE ET TECHNOLOGIQUE"
    assert lea["adresse"] == "1 RUE DES LILAS"
    assert "commune_naissance" not in lea, "a French town without its code proves nothing"
    assert "date_sortie" not in lea
    assert tom["date_naissance"] == "2007-11-15", "a serial number"
    assert tom["commune_naissance"] == "DAKAR"
    assert tom["motif_sortie"] == "Démission"
    assert tom["date_sortie"] == date.today().isoformat(), "the day the workbook was written"
    assert {p.line for p in found.problems if p.rule == "sortie_sans_date"} == {3}
    assert "secret" not in repr(found)
    assert "donnee_interdite" in found.rules()


def test_leaving_date_wins_over_the_workbook_date() -> None:
    content = workbook([(*LABELS, "Date Sortie"), (*TOM, "05/11/2025")])
    assert reading_of(eleves_complete, content).rows[0]["date_sortie"] == "2025-11-05"


def test_ods_with_the_usual_trailing_emptiness() -> None:
    born = '<table:table-cell office:value-type="date" office:date-value="2008-02-01"/>'
    emptiness = '<table:table-cell table:number-columns-repeated="16380"/>'
    content = ods(
        line(*map(cell, LABELS[:5]))
        + line(*map(cell, LEA[:4]), born, emptiness)
        + line(emptiness, attributes='table:number-rows-repeated="1048570"')
    )
    found = reading_of(eleves_complete, content)
    assert [(r["nom_famille"], r["date_naissance"]) for r in found.rows] == [
        ("LE GOFF", "2008-02-01")
    ]


@pytest.mark.parametrize(
    "rows",
    [
        line(cell("x", 'table:number-columns-repeated="16384"')) * 3_000,
        line(cell("x", 'table:number-columns-repeated="999999999"')),
        line(
            cell("x", 'table:number-columns-repeated="1000"'),
            attributes='table:number-rows-repeated="1000000"',
        ),
    ],
)
def test_ods_bombs_are_refused_before_opening(rows: str) -> None:
    with pytest.raises(RefusedFile, match="feuille"):
        reading_of(eleves_complete, ods(line(*map(cell, LABELS)) + rows))


def test_far_cell_is_refused_before_opening() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(LABELS)
    book.active.cell(row=1_048_576, column=16_384, value="x")
    content = io.BytesIO()
    book.save(content)
    with pytest.raises(RefusedFile, match="1048576 lignes et 16384 colonnes"):
        reading_of(eleves_complete, content.getvalue())


def test_zip_bomb_is_refused_before_opening() -> None:
    content = io.BytesIO(workbook([LABELS, LEA]))
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bomb.bin", b"\0" * (64 << 20))
    with pytest.raises(RefusedFile, match="décompressé"):
        reading_of(eleves_complete, content.getvalue())


def test_formulas_are_not_evaluated_and_a_phone_is_no_formula() -> None:
    labels = (*LABELS, "Tel. Portable")
    rows = (
        (*LEA, "+33612345678"),
        ("", "=1+1", "=cmd|' /C calc'!A0", "M", date(2008, 1, 1), "", "", "", "", "", "", ""),
    )
    found = reading_of(eleves_complete, workbook([labels, *rows]))
    assert found.rows[0]["telephone"] == "+33612345678"
    assert "nom_famille" not in found.rows[1], "no value was ever computed"


def test_second_sheet_is_found() -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["Mode d'emploi"])
    sheet = book.create_sheet("Export")
    sheet.append([])
    sheet.append(list(LABELS))
    sheet.append(list(LEA))
    content = io.BytesIO()
    book.save(content)
    assert reading_of(eleves_complete, content.getvalue()).rows[0]["ligne"] == 3


@pytest.mark.parametrize("size", [100, 2_000, 5_000])
def test_truncated_workbook_is_refused(size: int) -> None:
    with pytest.raises(RefusedFile):
        reading_of(eleves_complete, workbook([LABELS, LEA])[:size])


def test_password_is_said() -> None:
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    with pytest.raises(RefusedFile, match="classeur"):
        reading_of(eleves_complete, content)


def test_saved_again_as_csv() -> None:
    text = ";".join(LABELS) + "\n;O’NEIL;Zoé;F;01/02/2008;;;;;;;\n"
    row = reading_of(eleves_complete, text, encoding="cp1252").rows[0]
    assert (row["nom_famille"], row["prenom"]) == ("O’NEIL", "Zoé")
