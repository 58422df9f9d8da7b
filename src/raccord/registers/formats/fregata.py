"""FREGATA (agricultural schools), CSV as agreed with Pix (pull requests #1992 and #1994).

The file names no establishment: `uai` is the feed's. « Identifiant unique » is an INE for pupils
and may be an internal number for apprentices: it is always `identifiant_local`, and also `ine`
when it has the shape of one. A leaver is a row that disappears.
"""

from collections.abc import Iterator

import pyarrow as pa

from raccord.registers.documents import Document
from raccord.registers.enrolment import Nature
from raccord.registers.formats import Reading, cells, tables

NAME = "fregata"
LABEL = "Agriculture (FREGATA)"
NATURE = Nature.INSCRIPTION
VERSION = 1

_REQUIRED = frozenset({"identifiant_unique", "premier_prenom", "nom_de_famille"})
_BIRTH = "date_de_naissance_jj_mm_aaaa"
_READ = (
    "identifiant_unique",
    "premier_prenom",
    "deuxieme_prenom",
    "troisieme_prenom",
    "nom_de_famille",
    "nom_d_usage",
    "code_sexe",
    _BIRTH,
    "date_de_naissance",
    "code_commune_naissance",
    "libelle_commune_naissance",
    "code_departement_naissance",
    "code_pays_naissance",
    "statut",
    "code_mef",
    "division",
)
_IDENTITY = tables.Identity("identifiant_unique", "nom_de_famille", "premier_prenom", _BIRTH)
_STATUS = {"ST": "scolaire", "AP": "apprenti"}


def recognises(document: Document) -> bool:
    """From the header: « Identifiant unique » beside « Premier prénom »."""
    return tables.recognises(document, _REQUIRED)


def read(reading: Reading) -> Iterator[pa.RecordBatch]:
    """Batches of ENROLMENT_SCHEMA. Raises RefusedFile."""
    table = tables.required_table(reading, _REQUIRED, LABEL)
    tables.report_columns(reading, table, _READ)
    uai = tables.establishment(reading)
    rows = (
        _enrolment(row, uai, table.epoch)
        for row in tables.read_rows(reading, table, _READ, _IDENTITY)
    )
    yield from tables.batches(reading, rows, NAME)


def _enrolment(row: tables.Row, uai: str | None, epoch: int) -> dict[str, object]:
    birth = cells.iso_day(row[_BIRTH] or row["date_de_naissance"], epoch=epoch)
    number = row["identifiant_unique"]
    country = cells.country(row["code_pays_naissance"])
    status = (row["statut"] or "").upper()
    return {
        "uai": uai,
        "identifiant_local": number
        or tables.stable_number(row["nom_de_famille"], row["premier_prenom"], birth),
        "ine": number if tables.looks_like_ine(number) else None,
        "nom_famille": row["nom_de_famille"],
        "nom_usage": row["nom_d_usage"],
        "prenom": row["premier_prenom"],
        "prenoms_suivants": tables.joined(row["deuxieme_prenom"], row["troisieme_prenom"]),
        "date_naissance": birth,
        "sexe": cells.sex(row["code_sexe"]),
        "commune_naissance": cells.birth_place(
            _commune(row["code_commune_naissance"], row["code_departement_naissance"]),
            row["libelle_commune_naissance"],
            country,
        ),
        "pays_naissance": country,
        "statut": _STATUS.get(status, row["statut"]),
        "mef": row["code_mef"],
        "classe": row["division"],
        "ligne": row.line,
    }


def _commune(code: str | None, department: str | None) -> str | None:
    """The INSEE code, from five characters or from three beside their département (044, 02A)."""
    if code and len(code) <= 3 and code.isdecimal() and department:
        prefix = department.upper().lstrip("0").zfill(2)
        return prefix + code.zfill(5 - len(prefix))
    return code
