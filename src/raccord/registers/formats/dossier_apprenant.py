"""dossierApprenant v3: the apprenticeship template of CFA, as CSV or workbook.

Source: flux-retour-cfas, template of 29/01/2025 (62 fields) and the API of the same schema.
`uai` is the *formateur*'s (who really receives the learner), else the *responsable*'s;
`identifiant_local` is `id_erp_apprenant`, else a number made from names and birth. A learner sent
by both establishments gives two rows: the comparison makes one person of them.
"""

from collections.abc import Iterator
from datetime import date

import pyarrow as pa

from raccord.registers.documents import Document
from raccord.registers.enrolment import Nature
from raccord.registers.formats import Reading, cells, tables
from raccord.registers.formats.apprenticeship import Contract, chronology
from raccord.registers.problems import Problem, Severity

NAME = "dossier_apprenant"
LABEL = "Apprentissage (dossierApprenant v3)"
NATURE = Nature.INSCRIPTION
VERSION = 1

_REQUIRED = frozenset({"nom_apprenant", "prenom_apprenant", "date_de_naissance_apprenant"})
_RANKS = ("", "_2", "_3", "_4")
_CONTRACT = tuple(
    f"contrat_date_{what}{rank}" for rank in _RANKS for what in ("debut", "fin", "rupture")
)
_READ = (
    *sorted(_REQUIRED),
    "id_erp_apprenant",
    "ine_apprenant",
    "sexe_apprenant",
    "email_contact",
    "tel_apprenant",
    "adresse_apprenant",
    "code_postal_apprenant",
    "code_commune_insee_apprenant",
    "code_commune_insee_de_naissance_apprenant",
    "responsable_apprenant_mail1",
    "dernier_organisme_uai",
    "etablissement_responsable_uai",
    "etablissement_formateur_uai",
    "annee_scolaire",
    "annee_formation",
    "formation_rncp",
    "formation_cfd",
    "libelle_court_formation",
    "date_inscription_formation",
    "date_entree_formation",
    "date_fin_formation",
    "duree_theorique_formation_mois",
    "obtention_diplome_formation",
    "date_obtention_diplome_formation",
    "date_exclusion_formation",
    "statut_apprenant",
    "date_metier_mise_a_jour_statut",
    *_CONTRACT,
)
#: Fields of the template that tell nothing here, or that must not be kept: SIRET, `nir_apprenant`,
#: `rqth_apprenant`, free-text causes, the disability adviser.
_LEFT_OUT = frozenset(
    {
        "nir_apprenant",
        "rqth_apprenant",
        "date_rqth_apprenant",
        "responsable_apprenant_mail2",
        "derniere_situation",
        "type_cfa",
        "code_postal_de_naissance_apprenant",
        "etablissement_responsable_siret",
        "etablissement_formateur_siret",
        "etablissement_lieu_de_formation_uai",
        "etablissement_lieu_de_formation_siret",
        "etablissement_lieu_de_formation_adresse",
        "etablissement_lieu_de_formation_code_postal",
        "duree_theorique_formation",
        "formation_presentielle",
        "cause_exclusion_formation",
        "nom_referent_handicap_formation",
        "prenom_referent_handicap_formation",
        "email_referent_handicap_formation",
        "api_version",
        *(f"siret_employeur{rank}" for rank in _RANKS),
        *(f"cause_rupture_contrat{rank}" for rank in _RANKS),
    }
)
_IDENTITY = tables.Identity(
    "id_erp_apprenant", "nom_apprenant", "prenom_apprenant", "date_de_naissance_apprenant"
)
#: First digit of a CFD (old nomenclature of levels) → level of today's framework.
_LEVEL = {"5": "3", "4": "4", "3": "5", "2": "6", "1": "7"}


def recognises(document: Document) -> bool:
    """From the header: three labels no other register has."""
    return tables.recognises(document, _REQUIRED)


def read(reading: Reading) -> Iterator[pa.RecordBatch]:
    """Batches of ENROLMENT_SCHEMA. Raises RefusedFile."""
    table = tables.required_table(reading, _REQUIRED, LABEL)
    tables.report_columns(reading, table, (*_READ, *_LEFT_OUT))
    rows = (
        _enrolment(reading, row, table.epoch)
        for row in tables.read_rows(reading, table, _READ, _IDENTITY)
    )
    yield from tables.batches(reading, rows, NAME)


def _enrolment(reading: Reading, row: tables.Row, epoch: int) -> dict[str, object]:
    family_name, first_name = row["nom_apprenant"], row["prenom_apprenant"]
    birth = cells.iso_day(row["date_de_naissance_apprenant"], epoch=epoch)
    number = row["id_erp_apprenant"] or tables.stable_number(family_name, first_name, birth)
    year = cells.school_year(row["annee_scolaire"])
    if year is not None:
        reading.header.school_year = max(year, reading.header.school_year or year)
    dates = _Dates(reading, row, epoch, tables.named(number, family_name, first_name))
    registered = dates["date_inscription_formation"]
    start = dates["date_entree_formation"] or registered
    excluded = dates["date_exclusion_formation"]
    if excluded is None and row["statut_apprenant"] == "0":
        excluded = dates["date_metier_mise_a_jour_statut"]
    end = dates["date_fin_formation"] or _planned_end(start, row["duree_theorique_formation_mois"])
    history = chronology(start, end, _contracts(dates), excluded)
    previous = cells.uai(row["dernier_organisme_uai"])
    graduated = cells.is_yes(row["obtention_diplome_formation"])
    course = row["libelle_court_formation"] or row["formation_rncp"] or row["formation_cfd"]
    return {
        "uai": cells.uai(
            row["etablissement_formateur_uai"] or row["etablissement_responsable_uai"]
        ),
        "identifiant_local": number,
        "ine": row["ine_apprenant"],
        # The template asks for the usage name only: it is the one name there is.
        "nom_famille": family_name,
        "prenom": first_name,
        "date_naissance": birth,
        "sexe": cells.sex(row["sexe_apprenant"]),
        "commune_naissance": cells.insee(row["code_commune_insee_de_naissance_apprenant"]),
        "commune_residence": cells.insee(row["code_commune_insee_apprenant"]),
        "code_postal": cells.insee(row["code_postal_apprenant"]),
        "adresse": row["adresse_apprenant"],
        "telephone": row["tel_apprenant"],
        "courriel": row["email_contact"],
        "statut": history.status,
        "formation": course,
        "classe": row["annee_formation"],
        "date_entree": _text(start),
        "date_sortie": _text(history.leaves_on),
        "motif_sortie": history.reason,
        # A département (012, 990...) says nothing of the establishment the learner comes from.
        "uai_precedent": previous if previous and len(previous) == 8 else None,
        "diplome_obtenu": (course or "oui") if graduated else None,
        "niveau_diplome": _LEVEL.get((row["formation_cfd"] or "")[:1]) if graduated else None,
        "date_diplome": _text(dates["date_obtention_diplome_formation"]) if graduated else None,
        "ligne": row.line,
        "annee_scolaire": year,
        "fragile_du": _text(history.fragile_from),
        "fragile_au": _text(history.fragile_until),
    }


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


class _Dates:
    """The dates of one row; an unreadable one is reported and counts as empty."""

    def __init__(self, reading: Reading, row: tables.Row, epoch: int, identity: str) -> None:
        self._reading, self._row, self._epoch, self._identity = reading, row, epoch, identity

    def __getitem__(self, name: str) -> date | None:
        written = self._row[name]
        day = cells.as_day(written, epoch=self._epoch)
        if written and day is None:
            self.report(name, "date illisible : ignorée. Écrire AAAA-MM-JJ ou JJ/MM/AAAA.")
        return day

    def report(self, name: str, what: str) -> None:
        value = (self._row[name] or "")[:40]
        self._reading.problems.add(
            Problem(
                "date_formation",
                Severity.WARNING,
                f"ligne {self._row.line} ({self._identity}) : « {name} » vaut « {value} », {what}",
                line=self._row.line,
                identity=self._identity,
                field=name,
                value=value,
            )
        )


def _contracts(dates: _Dates) -> tuple[Contract, ...]:
    found = []
    for rank in _RANKS:
        start, end, broken = (
            dates[f"contrat_date_{what}{rank}"] for what in ("debut", "fin", "rupture")
        )
        if start is None:
            if end or broken:
                dates.report(f"contrat_date_debut{rank}", "contrat sans date de début : ignoré.")
            continue
        if end is not None and end < start:
            dates.report(f"contrat_date_fin{rank}", "avant le début du contrat : ignorée.")
            end = None
        found.append(Contract(start, end, broken))
    return tuple(found)


def _planned_end(start: date | None, months: str | None) -> date | None:
    """The last day of a training of so many months (1 to 48), when its end is not written."""
    if start is None or not months or not months.isdecimal() or not 1 <= int(months) <= 48:
        return None
    count = start.month - 1 + int(months)
    return date(start.year + count // 12, count % 12 + 1, min(start.day, 28))
