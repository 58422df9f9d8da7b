"""SIFA: apprentices on 31 December, 47 columns (flux-retour-cfas `sifaCsvFields.ts`).

Value formats are not published: dates are sniffed value by value. `uai` is `NUMERO_UAI`,
`identifiant_local` is made from names and birth (the file has none). REGIME_SCO, PCS, HANDI and
NATIO are dropped at reading.
"""

from collections.abc import Iterator

import pyarrow as pa

from raccord.registers.documents import Document
from raccord.registers.enrolment import Nature
from raccord.registers.formats import Reading, cells, tables

NAME = "sifa"
LABEL = "Apprentissage au 31 décembre (SIFA)"
NATURE = Nature.INSCRIPTION
VERSION = 1

_REQUIRED = frozenset({"numero_uai", "nom", "prenom1", "date_nais"})
_READ = (
    "ine",
    "numero_uai",
    "statut",
    "diplome",
    "rncp",
    "an_form",
    "nom",
    "nom2",
    "prenom1",
    "prenom2",
    "prenom3",
    "adresse",
    "cod_post",
    "com_resid",
    "tel_jeune",
    "tel_resp1_perso",
    "tel_resp1_pro",
    "tel_resp2_perso",
    "tel_resp2_pro",
    "mail_jeune",
    "date_nais",
    "lieu_nais",
    "sexe",
    "etab_n_1",
    "date_entree_cfa",
    "date_deb_cont",
    "date_rupt_cont",
)
#: What the employer is, where the learner stood before, and the data Raccord may not keep.
#: `DIP_OBT` is a code whose list is not published: it proves no diploma.
_LEFT_OUT = (
    "type_cfa",
    "sit_form",
    "uai_eple",
    "nat_str_jur",
    "dur_form_theo",
    "dur_form_reelle",
    "mail_resp1",
    "mail_resp2",
    "regime_sco",
    "pcs",
    "handi",
    "natio",
    "sit_av_app",
    "dip_obt",
    "sit_n_1",
    "type_emp",
    "com_etab",
    "naf_etab",
    "nbsal_emp",
    "siret_emp",
)
_IDENTITY = tables.Identity("ine", "nom", "prenom1", "date_nais")


def recognises(document: Document) -> bool:
    """From the header."""
    return tables.recognises(document, _REQUIRED)


def read(reading: Reading) -> Iterator[pa.RecordBatch]:
    """Batches of ENROLMENT_SCHEMA. Raises RefusedFile."""
    table = tables.required_table(reading, _REQUIRED, LABEL)
    tables.report_columns(reading, table, (*_READ, *_LEFT_OUT))
    rows = (
        _enrolment(row, table.epoch) for row in tables.read_rows(reading, table, _READ, _IDENTITY)
    )
    yield from tables.batches(reading, rows, NAME)


def _enrolment(row: tables.Row, epoch: int) -> dict[str, object]:
    birth = cells.iso_day(row["date_nais"], epoch=epoch)
    entered = cells.iso_day(row["date_entree_cfa"], epoch=epoch)
    contract = cells.iso_day(row["date_deb_cont"], epoch=epoch)
    broken = cells.iso_day(row["date_rupt_cont"], epoch=epoch)
    previous = cells.uai(row["etab_n_1"])
    # Present on 31 December whatever the contract: fragile, and no day of leaving is known.
    status = "rupture" if broken else "apprenti" if contract else "sans contrat"
    return {
        "uai": cells.uai(row["numero_uai"]),
        "identifiant_local": tables.stable_number(row["nom"], row["prenom1"], birth),
        "ine": row["ine"] if tables.looks_like_ine(row["ine"]) else None,
        "nom_famille": row["nom"],
        "nom_usage": row["nom2"],
        "prenom": row["prenom1"],
        "prenoms_suivants": tables.joined(row["prenom2"], row["prenom3"]),
        "date_naissance": birth,
        "sexe": cells.sex(row["sexe"]),
        "commune_naissance": cells.birth_place(row["lieu_nais"], None, None),
        "commune_residence": cells.insee(row["com_resid"]),
        "code_postal": cells.insee(row["cod_post"]),
        "adresse": row["adresse"],
        "telephone": row["tel_jeune"],
        "courriel": row["mail_jeune"],
        "representant_telephone": row["tel_resp1_perso"]
        or row["tel_resp1_pro"]
        or row["tel_resp2_perso"]
        or row["tel_resp2_pro"],
        "statut": status,
        "formation": row["diplome"] or row["rncp"],
        "classe": row["an_form"],
        "date_entree": entered,
        "uai_precedent": previous if previous and len(previous) == 8 else None,
        "ligne": row.line,
        "fragile_du": broken or (None if contract else entered),
    }
