"""SIECLE « Base Élèves Établissement »: ElevesAvecAdresses, Responsables, Nomenclature, zipped.

Tags after SIECLE-SFD-Exportations-XML v17.4 (2017) and files of 2019. Nationality, régime,
scholarship and profession are written, with neutral values, because real files hold them: readers
must leave them aside.
"""

import zipfile
from functools import cache
from pathlib import Path

from raccord.simulation import levels
from raccord.simulation.real.rows import (
    TOWNS,
    Register,
    Row,
    departement,
    escaped,
    french,
    representative,
    tag,
)

_STATUS = {"scolaire": "ST", "apprenti": "AP"}
_MOTIVES = (
    ("10", "SUITE MEN", "Suite des études dans le 2nd degré MEN : public académie"),
    ("43", "DECES", "Décès"),
    ("99", "INCONNU", "Inconnu"),
)
_STAMP = (1980, 1, 1, 0, 0, 0)  # the same bytes for the same seed


def write(register: Register) -> Path:
    """One zip with the three exports of the establishment."""
    stamp = register.exported_on.strftime("%d/%m/%Y")
    head = (
        f"<PARAMETRES>\n<UAJ>{register.uai}</UAJ>\n<ANNEE_SCOLAIRE>{register.year}"
        f"</ANNEE_SCOLAIRE>\n<DATE_EXPORT>{stamp}</DATE_EXPORT>\n"
        f"<HORODATAGE>{stamp} 19:01:46</HORODATAGE>\n</PARAMETRES>\n"
    )
    # A file in ten comes from a generation before 2016, one in twenty was saved again by hand.
    old = register.style % 10 == 0
    by_hand = register.style % 20 == 7
    encoding = "utf-8" if by_hand else "iso-8859-15"
    files = {
        "ElevesAvecAdresses.xml": ("BEE_ELEVES", "2.1" if old else "3.0", _pupils(register, old)),
        "ResponsablesAvecAdresses.xml": ("BEE_RESPONSABLES", "2.1", _people(register, old)),
        "Nomenclature.xml": ("BEE_NOMENCLATURES", "3.1", _nomenclature()),
    }
    path = register.folder / "siecle" / f"{register.uai}-{register.year}.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, (root, version, data) in files.items():
            text = (
                f'<?xml version="1.0" encoding="{encoding.upper()}"?>\n<{root} VERSION="{version}">'
                f"\n{head}<DONNEES>\n{data}</DONNEES>\n</{root}>\n"
            )
            # What the exporter cannot write becomes "?" (rule of the specification).
            archive.writestr(
                zipfile.ZipInfo(name, _STAMP),
                text.encode(encoding, "replace"),
                compress_type=zipfile.ZIP_DEFLATED,
                compresslevel=1,
            )
    return path


def _pupils(register: Register, old: bool) -> str:
    pupils, structures, addresses = [], [], []
    name_tag = "NOM" if old else "NOM_DE_FAMILLE"
    for rank, row in enumerate(register.rows):
        number, address = 100_000 + rank, 500_000 + rank
        pupils.append(_pupil(register, row, number, address, name_tag))
        if row["classe"] and not register.summer:
            groups = "<STRUCTURE>\n<CODE_STRUCTURE>G1</CODE_STRUCTURE>\n<TYPE_STRUCTURE>G</TYPE_STRUCTURE>\n</STRUCTURE>\n"  # noqa: E501
            structures.append(
                f'<STRUCTURES_ELEVE ELEVE_ID="{number}" ELENOET="{row["identifiant_local"]}">\n'
                f"<STRUCTURE>\n<CODE_STRUCTURE>{row['classe']}</CODE_STRUCTURE>\n"
                "<TYPE_STRUCTURE>D</TYPE_STRUCTURE>\n</STRUCTURE>\n"
                f"{groups if rank % 7 == 0 else ''}</STRUCTURES_ELEVE>\n"
            )
        if row["adresse"] or row["code_postal"] or row["commune_residence"]:
            addresses.append(
                f'<ADRESSE ADRESSE_ID="{address}">\n'
                + tag("LIGNE1_ADRESSE", row["adresse"][:38])
                + "<LIGNE2_ADRESSE></LIGNE2_ADRESSE>\n"
                + tag("CODE_POSTAL", row["code_postal"])
                + "<CODE_PAYS>100</CODE_PAYS>\n"
                + tag("CODE_COMMUNE_INSEE", row["commune_residence"])
                + "<LL_PAYS>FRANCE</LL_PAYS>\n</ADRESSE>\n"
            )
    return (
        f"<ELEVES>\n{''.join(pupils)}</ELEVES>\n<OPTIONS/>\n<STRUCTURES>\n{''.join(structures)}"
        f"</STRUCTURES>\n<BOURSES/>\n<ADRESSES>\n{''.join(addresses)}</ADRESSES>\n"
    )


def _pupil(register: Register, row: Row, number: int, address: int, name_tag: str) -> str:
    local = row["identifiant_local"]
    national, _, academic = row["ine"].partition("|")
    second, _, third = row["prenoms_suivants"].partition(" ")
    born_here = row["pays_naissance"] == "100"
    return "".join(
        [
            f'<ELEVE ELEVE_ID="{number}" ELENOET="{local}">\n',
            tag("ID_NATIONAL", national),
            tag("INE_BEA", academic),
            tag("INE_RNIE", national),
            f"<ELENOET>{local}</ELENOET>\n",
            f"<ID_ELEVE_ETAB>{int(local):05d}{register.uai[1:-1]}</ID_ELEVE_ETAB>\n",
            tag(name_tag, row["nom_famille"]),
            tag("NOM_USAGE", row["nom_usage"]),
            tag("PRENOM", row["prenom"]),
            tag("PRENOM2", second),
            tag("PRENOM3", third),
            f"<DATE_NAISS>{french(row['date_naissance'])}</DATE_NAISS>\n<DOUBLEMENT>0</DOUBLEMENT>\n",
            tag("CODE_PAYS", row["pays_naissance"]),
            "<ACCEPTE_SMS>0</ACCEPTE_SMS>\n",
            tag("TEL_PORTABLE", row["telephone"]),
            tag("MEL", row["courriel"]),
            "<CODE_REGIME>2</CODE_REGIME>\n",
            tag("DATE_ENTREE", french(row["date_entree"])),
            tag("DATE_SORTIE", french(row["date_sortie"])),
            tag("CODE_MOTIF_SORTIE", row["motif_sortie"]),
            "<VILLE_NAISS></VILLE_NAISS>\n"
            if born_here
            else tag("VILLE_NAISS", TOWNS.get(row["pays_naissance"], "")),
            tag("CODE_SEXE", {"M": "1", "F": "2"}.get(row["sexe"], "")),
            "<CODE_PAYS_NAT>100</CODE_PAYS_NAT>\n",
            tag("CODE_STATUT", _STATUS.get(row["statut"], "ST")),
            tag("CODE_MEF", row["mef"]),
            tag("CODE_DEPARTEMENT_NAISS", departement(row)),
            tag("CODE_COMMUNE_INSEE_NAISS", row["commune_naissance"]),
            "<ADHESION_TRANSPORT>0</ADHESION_TRANSPORT>\n",
            f"<ADRESSE_ID>{address}</ADRESSE_ID>\n",
            _last_year(row),
            "</ELEVE>\n",
        ]
    )


def _last_year(row: Row) -> str:
    uai = row["uai_precedent"]
    if not uai:
        return ""
    return (
        f"<SCOLARITE_AN_DERNIER>\n<CODE_RNE>{uai}</CODE_RNE>\n<SIGLE>ETAB</SIGLE>\n"
        "<DENOM_COMPL>FICTIF</DENOM_COMPL>\n</SCOLARITE_AN_DERNIER>\n"
    )


def _people(register: Register, old: bool) -> str:
    people, links = [], []
    level = "RESP_LEGAL" if old else "NIVEAU_RESPONSABILITE"
    last = (
        "<PERS_CONTACT>1</PERS_CONTACT>\n"
        if old
        else "<HEBERGE_ELEVE>true</HEBERGE_ELEVE>\n"
        "<A_CONTACTER_EN_PRIORITE>1</A_CONTACTER_EN_PRIORITE>\n"
    )
    for rank, row in enumerate(register.rows):
        person = representative(row)
        if person is None:
            continue
        number = 900_000 + rank
        people.append(
            f'<PERSONNE PERSONNE_ID="{number}">\n<LC_CIVILITE>MME</LC_CIVILITE>\n'
            f"<NOM_DE_FAMILLE>{escaped(person[0])}</NOM_DE_FAMILLE>\n"
            f"<PRENOM>{escaped(person[1])}</PRENOM>\n"
            + tag("TEL_PORTABLE", row["representant_telephone"])
            + "<CODE_PROFESSION>99</CODE_PROFESSION>\n</PERSONNE>\n"
        )
        links.append(
            f"<RESPONSABLE_ELEVE>\n<ELEVE_ID>{100_000 + rank}</ELEVE_ID>\n"
            f"<PERSONNE_ID>{number}</PERSONNE_ID>\n<{level}>1</{level}>\n"
            f"<CODE_PARENTE>{'1' if old else '10'}</CODE_PARENTE>\n{last}</RESPONSABLE_ELEVE>\n"
        )
    return (
        f"<PERSONNES>\n{''.join(people)}</PERSONNES>\n<RESPONSABLES>\n{''.join(links)}"
        "</RESPONSABLES>\n<ADRESSES/>\n"
    )


@cache
def _nomenclature() -> str:
    mefs = "".join(
        f'<MEF CODE_MEF="{level.mef}">\n<FORMATION>{level.classe[:6]}</FORMATION>\n'
        f"<LIBELLE_LONG>{level.formation[:40]}</LIBELLE_LONG>\n"
        f"<LIBELLE_EDITION>{escaped(level.formation)}</LIBELLE_EDITION>\n"
        "<DATE_OUVERTURE>01/09/1992</DATE_OUVERTURE>\n"
        "<DATE_FERMETURE>31/12/9999</DATE_FERMETURE>\n</MEF>\n"
        for level in levels.LEVELS
    )
    motives = "".join(
        f'<MOTIF_SORTIE CODE_MOTIF_SORTIE="{code}">\n<LIBELLE_COURT>{short}</LIBELLE_COURT>\n'
        f"<LIBELLE_LONG>{label}</LIBELLE_LONG>\n</MOTIF_SORTIE>\n"
        for code, short, label in _MOTIVES
    )
    return f"<MEFS>\n{mefs}</MEFS>\n<MOTIFS_SORTIE>\n{motives}</MOTIFS_SORTIE>\n"
