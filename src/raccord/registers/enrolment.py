"""The Enrolment table: one row is one pupil in one establishment in one register.

Column names are those of the plain register file, the contract other people's scripts rely on
(docs/formats.md), so they are French; everything around them is English.
"""

from enum import StrEnum

import pyarrow as pa


class Nature(StrEnum):
    """What a register can prove. Only an `inscription` register can find a pupil."""

    INSCRIPTION = "inscription"
    DIPLOME = "diplome"
    ACCOMPAGNEMENT = "accompagnement"


#: The plain register file, in the order of the contract.
PLAIN_COLUMNS: tuple[str, ...] = (
    "source",
    "uai",
    "identifiant_local",
    "ine",
    "nom_famille",
    "nom_usage",
    "prenom",
    "prenoms_suivants",
    "date_naissance",
    "sexe",
    "commune_naissance",
    "pays_naissance",
    "commune_residence",
    "code_postal",
    "adresse",
    "telephone",
    "courriel",
    "representant_nom",
    "representant_telephone",
    "statut",
    "mef",
    "formation",
    "classe",
    "date_entree",
    "date_sortie",
    "motif_sortie",
    "uai_precedent",
    "diplome_obtenu",
)

#: Columns a plain file must have; the others may be missing or empty.
REQUIRED_COLUMNS: tuple[str, ...] = ("nom_famille", "prenom", "date_naissance")

#: Added by a register of exam results (`--diplomas`); `diplome_obtenu` is already a plain column.
DIPLOMA_COLUMNS: tuple[str, ...] = ("niveau_diplome", "date_diplome")

#: Added by a register of support (`--followed`).
FOLLOWED_COLUMNS: tuple[str, ...] = ("suivi_par", "suivi_depuis")

#: Added by the readers, never by the person who exports:
#: the line (text formats) or rank (XML, workbooks) of the row in its file, the school year
#: (year of the September start), and the last period in which the enrolment is fragile
#: (apprentice without a contract, after a rupture; assigned pupil who never came).
READING_COLUMNS: tuple[str, ...] = ("ligne", "annee_scolaire", "fragile_du", "fragile_au")

#: Columns that hold a date, ISO (AAAA-MM-JJ) or French (JJ/MM/AAAA); `judging.py` reads both.
DATE_COLUMNS: frozenset[str] = frozenset(
    {
        "date_naissance",
        "date_entree",
        "date_sortie",
        "date_diplome",
        "suivi_depuis",
        "fragile_du",
        "fragile_au",
    }
)

ALL_COLUMNS: tuple[str, ...] = PLAIN_COLUMNS + DIPLOMA_COLUMNS + FOLLOWED_COLUMNS + READING_COLUMNS


def _arrow_type(column: str) -> pa.DataType:
    return {"ligne": pa.int32(), "annee_scolaire": pa.int16()}.get(column, pa.string())


#: Every batch a reader yields has exactly this schema: the text as exported, trimmed; an absent or
#: empty value is null, never "". Judging values (dates, keys, plausibility) is done once for all
#: formats, later and in SQL, so that no reader has its own idea of a valid INE.
ENROLMENT_SCHEMA: pa.Schema = pa.schema([(name, _arrow_type(name)) for name in ALL_COLUMNS])
