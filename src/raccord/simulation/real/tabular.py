"""Registers that are tables: FREGATA, dossierApprenant v3 (CSV and workbook), the plain file."""

import csv
import io
import zipfile
from datetime import date, timedelta
from pathlib import Path

from raccord.registers.enrolment import PLAIN_COLUMNS
from raccord.simulation.keys import siret
from raccord.simulation.real.rows import TOWNS, Register, Row, departement, french

_FREGATA = (
    "Identifiant unique*", "Premier prénom*", "Deuxième prénom", "Troisième prénom",
    "Nom de famille*", "Nom d'usage", "Code sexe*", "Date de naissance (jj/mm/aaaa)*",
    "Code commune naissance**", "Libellé commune naissance**", "Code département naissance*",
    "Code pays naissance*", "Statut*", "Code MEF*", "Division*",
)  # fmt: skip

_DOSSIER = (
    "id_erp_apprenant", "nom_apprenant *", "prenom_apprenant *", "date_de_naissance_apprenant *",
    "sexe_apprenant *", "code_postal_de_naissance_apprenant",
    "code_commune_insee_de_naissance_apprenant", "email_contact *", "adresse_apprenant *",
    "code_postal_apprenant *", "code_commune_insee_apprenant", "ine_apprenant", "tel_apprenant",
    "rqth_apprenant", "dernier_organisme_uai", "etablissement_responsable_uai *",
    "etablissement_responsable_siret *", "etablissement_formateur_uai *",
    "etablissement_formateur_siret *", "annee_scolaire *", "annee_formation *",
    "formation_rncp *", "libelle_court_formation", "date_inscription_formation *",
    "date_entree_formation *", "date_fin_formation *", "duree_theorique_formation_mois *",
    "date_exclusion_formation **", "contrat_date_debut **", "contrat_date_fin **",
    "siret_employeur **", "contrat_date_rupture **",
)  # fmt: skip


def _csv(columns: tuple[str, ...], rows: list[list[str]], path: Path, encoding: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding, "replace"))


def write_fregata(register: Register) -> Path:
    """One CSV per school; the file names no establishment and has no leaving date. *Before* is the
    state of the autumn, so that those who left during the year are in it."""
    rows = []
    for row in register.rows:
        second, _, third = row["prenoms_suivants"].partition(" ")
        rows.append(
            [
                row["identifiant_local"], row["prenom"], second, third, row["nom_famille"],
                row["nom_usage"], {"M": "1", "F": "2"}.get(row["sexe"], ""),
                french(row["date_naissance"]), row["commune_naissance"],
                TOWNS.get(row["pays_naissance"], ""), departement(row), row["pays_naissance"],
                "ST", row["mef"], row["classe"],
            ]
        )  # fmt: skip
    path = register.folder / "agriculture" / f"fregata_{register.uai}_{register.year}.csv"
    _csv(_FREGATA, rows, path, "utf-8-sig" if register.style % 2 else "utf-8")
    return path


def write_dossier(register: Register) -> Path:
    """The apprenticeship template: CSV, or a workbook for one CFA in four."""
    rows = [_dossier(register, row) for row in register.rows]
    path = register.folder / "cfa" / f"dossiers_{register.uai}_{register.year}.csv"
    if register.style % 4 == 3:
        path = path.with_suffix(".xlsx")
        write_workbook(_DOSSIER, rows, path)
    else:
        _csv(_DOSSIER, rows, path, "utf-8-sig")
    return path


def _dossier(register: Register, row: Row) -> list[str]:
    start = row["date_entree"]
    year = register.year
    first = date.fromisoformat(start)
    end = date(max(year, first.year) + 1, 8, 31)
    # The simulation draws where each apprentice stands today; the contracts that lead there follow.
    contract_start, broken = (first + timedelta(days=9)).isoformat(), ""
    if row["statut"] == "sans contrat":
        contract_start = ""
    elif row["statut"] == "rupture":
        recent = register.exported_on - timedelta(days=12)
        broken = max(recent, first + timedelta(days=20)).isoformat()
    excluded = row["date_sortie"]
    if excluded and excluded < start:
        excluded = start
    if contract_start and excluded and contract_start >= excluded:
        contract_start = broken = ""
    return [
        row["identifiant_local"], row["nom_famille"], row["prenom"], row["date_naissance"],
        row["sexe"], "", row["commune_naissance"], row["courriel"], row["adresse"],
        row["code_postal"], row["commune_residence"], row["ine"].partition("|")[0],
        row["telephone"], "", row["uai_precedent"], register.uai, register.siret, register.uai,
        register.siret, f"{year}-{year + 1}", row["mef"][9:10], "RNCP37537", row["formation"],
        (first - timedelta(days=40)).isoformat(), start, end.isoformat(), "12", excluded,
        contract_start, end.isoformat() if contract_start else "",
        siret(5_000_000) if contract_start else "", broken,
    ]  # fmt: skip


def write_plain(register: Register) -> Path:
    """The plain register file, for the CFA whose software has no template."""
    rows = [[row[column] for column in PLAIN_COLUMNS] for row in register.rows]
    path = register.folder / "cfa" / f"inscrits_{register.uai}_{register.year}.csv"
    _csv(PLAIN_COLUMNS, rows, path, "utf-8")
    return path


def write_table(columns: tuple[str, ...], rows: list[list[str]], path: Path) -> None:
    """Any plain file, UTF-8, `;`."""
    _csv(columns, rows, path, "utf-8")


# --- a workbook without any library: a few small XML files and the sheet --------------------------

_NAMESPACE = "http://schemas.openxmlformats.org"
_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_NAMESPACE}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'  # noqa: E501
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'  # noqa: E501
        '<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>'  # noqa: E501
        '<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'  # noqa: E501
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_NAMESPACE}/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{_NAMESPACE}/officeDocument/2006/relationships/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_NAMESPACE}/spreadsheetml/2006/main" '
        f'xmlns:r="{_NAMESPACE}/officeDocument/2006/relationships"><sheets>'
        '<sheet name="Apprenants" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_NAMESPACE}/package/2006/relationships"><Relationship Id="rId1" '
        f'Type="{_NAMESPACE}/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
        f'Type="{_NAMESPACE}/officeDocument/2006/relationships/styles" Target="styles.xml"/>'
        "</Relationships>"
    ),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_NAMESPACE}/spreadsheetml/2006/main"><fonts count="1"><font/></fonts>'
        # A spreadsheet repairs, with an alarming message, a file whose first fill is empty.
        '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
        '<borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs><cellStyles count="1">'
        '<cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
    ),
}
_EPOCH = date(1899, 12, 30)


def write_workbook(columns: tuple[str, ...], rows: list[list[str]], path: Path) -> None:
    """Text cells, and true dates in the columns named `date`."""
    dates = {rank for rank, name in enumerate(columns) if "date" in name}
    lines = [_line(columns, set())]
    lines += [_line(tuple(row), dates) for row in rows]
    sheet = (
        f'<worksheet xmlns="{_NAMESPACE}/spreadsheetml/2006/main"><sheetData>{"".join(lines)}'
        "</sheetData></worksheet>"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in (_PARTS | {"xl/worksheets/sheet1.xml": sheet}).items():
            archive.writestr(
                zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)),
                '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n' + text,
                compress_type=zipfile.ZIP_DEFLATED,
                compresslevel=1,
            )


def _line(values: tuple[str, ...], dates: set[int]) -> str:
    cells = []
    for rank, value in enumerate(values):
        if not value:
            cells.append("<c/>")
        elif rank in dates:
            cells.append(f'<c s="1"><v>{(date.fromisoformat(value) - _EPOCH).days}</v></c>')
        else:
            text = value.replace("&", "&amp;").replace("<", "&lt;")
            cells.append(f'<c t="inlineStr"><is><t>{text}</t></is></c>')
    return f"<row>{''.join(cells)}</row>"
