"""The flat workbook `ElevesComplete` of SIECLE (.xls, .xlsx, .ods, or saved again as CSV).

Only part of its header is known (Siecle2Cyclades): other usual SIECLE labels are accepted, the
rest is reported. Labels replace codes, so a French town of birth has no INSEE code and is not used.
`uai` is the feed's; `identifiant_local` is the number in the school when there is one, else the
INE, else a number made from names and birth.
"""

from collections.abc import Iterator

import pyarrow as pa

from raccord.registers.documents import Document
from raccord.registers.enrolment import Nature
from raccord.registers.formats import Reading, cells, tables
from raccord.registers.problems import Problem, Severity

NAME = "eleves_complete"
LABEL = "SIECLE, classeur ElevesComplete"
NATURE = Nature.INSCRIPTION
VERSION = 1

_REQUIRED = frozenset({"nom_de_famille", "prenom", "date_naissance"})
#: Plain column → labels that may hold it, the first filled one wins.
_LABELS: dict[str, tuple[str, ...]] = {
    "uai": ("uai", "rne", "code_rne", "uaj", "etablissement_uai"),
    "identifiant_local": ("num_eleve_etab", "no_eleve_etab", "elenoet", "id_prv_ele", "num_elv"),
    "nom_famille": ("nom_de_famille",),
    "nom_usage": ("nom_d_usage", "nom_usage"),
    "prenom": ("prenom", "prenom_1"),
    "telephone": ("tel_portable", "tel_personnel", "tel_mobile", "telephone"),
    "courriel": ("email", "mel", "courriel"),
    "code_postal": ("code_postal", "code_postal_repr_leg", "code_postal_eleve"),
    "adresse": ("ligne_adresse_1", "ligne_1_adresse", "ligne_adresse_1_repr_leg", "adresse"),
    "representant_nom": ("nom_de_famille_repr_leg", "nom_repr_leg"),
    "representant_telephone": ("tel_portable_repr_leg", "tel_personnel_repr_leg"),
    "mef": ("code_mef",),
    "formation": ("lib_mef", "mef", "libelle_mef", "formation"),
    "classe": ("division", "code_structure", "classe", "lib_structure", "code_division"),
}
_INE = ("id_national", "ine", "ine_rnie", "ine_bea")
_OTHER = (
    "date_naissance",
    "sexe",
    "commune_naiss",
    "code_commune_naiss",
    "pays_naiss",
    "prenom_2",
    "prenom_3",
    "statut",
    "date_entree",
    "date_sortie",
    "motif_sortie",
)
_READ = (*_INE, *_OTHER, *(label for labels in _LABELS.values() for label in labels))
_IDENTITY = tables.Identity("num_eleve_etab", "nom_de_famille", "prenom", "date_naissance")
_STATUS = {"ST": "scolaire", "SCOLAIRE": "scolaire", "AP": "apprenti", "APPRENTI": "apprenti"}

#: A leaver whose row has neither a leaving nor an entry date, in a workbook without a date of
#: change: any day of the past says « no longer enrolled ».
_LONG_AGO = "2000-01-01"


def recognises(document: Document) -> bool:
    """From the header: the SIECLE labels of names and birth, none of FREGATA's."""
    return tables.recognises(document, _REQUIRED)


def read(reading: Reading) -> Iterator[pa.RecordBatch]:
    """Batches of ENROLMENT_SCHEMA. Raises RefusedFile."""
    table = tables.required_table(reading, _REQUIRED, LABEL)
    tables.report_columns(reading, table, _READ)
    has_uai = any(label in table.names for label in _LABELS["uai"])
    uai = None if has_uai else tables.establishment(reading)
    if table.changed_on and reading.header.exported_on is None:
        reading.header.exported_on = table.changed_on
    rows = (
        _enrolment(reading, row, uai, table)
        for row in tables.read_rows(reading, table, _READ, _IDENTITY)
    )
    yield from tables.batches(reading, rows, NAME)


def _enrolment(
    reading: Reading, row: tables.Row, uai: str | None, table: tables.Table
) -> dict[str, object]:
    found: dict[str, object] = {
        column: next((row[label] for label in labels if row[label]), None)
        for column, labels in _LABELS.items()
    }
    birth = cells.iso_day(row["date_naissance"], epoch=table.epoch)
    country = cells.country(row["pays_naiss"])
    numbers = list(dict.fromkeys(row[name] or "" for name in _INE if row[name]))
    entered = cells.iso_day(row["date_entree"], epoch=table.epoch)
    left = cells.iso_day(row["date_sortie"], epoch=table.epoch)
    if left is None and row["motif_sortie"]:
        left = _leaving_day(reading, row, table, entered)
    status = row["statut"]
    found |= {
        "uai": cells.uai(row_uai) if isinstance(row_uai := found["uai"], str) else uai,
        "identifiant_local": found["identifiant_local"]
        or next(iter(numbers), None)
        or tables.stable_number(row["nom_de_famille"], row["prenom"], birth),
        "ine": "|".join(numbers) or None,
        "prenoms_suivants": tables.joined(row["prenom_2"], row["prenom_3"]),
        "date_naissance": birth,
        "sexe": cells.sex(row["sexe"]),
        "commune_naissance": cells.birth_place(
            row["code_commune_naiss"] or row["commune_naiss"], row["commune_naiss"], country
        ),
        "pays_naissance": country,
        "code_postal": cells.insee(p) if isinstance(p := found["code_postal"], str) else None,
        "statut": _STATUS.get(status.upper(), status) if status else None,
        "date_entree": entered,
        "date_sortie": left,
        "motif_sortie": row["motif_sortie"],
        "ligne": row.line,
    }
    return found


def _leaving_day(
    reading: Reading, row: tables.Row, table: tables.Table, entered: str | None
) -> str:
    """The day a leaver is known to have left: in this workbook only the motive says so."""
    day = table.changed_on.isoformat() if table.changed_on else entered or _LONG_AGO
    identity = tables.named(row["nom_de_famille"], row["prenom"])
    reading.problems.add(
        Problem(
            "sortie_sans_date",
            Severity.WARNING,
            f"ligne {row.line} ({identity}) : « Motif Sortie » est rempli sans date de sortie, "
            f"élève compté comme sorti au {day}. À compléter dans SIECLE.",
            line=row.line,
            identity=identity,
            field="Date Sortie",
        )
    )
    return day
