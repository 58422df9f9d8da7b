"""Uploads of private-school software: `IMPORT_ELEVES`, schema 3.1 of 24/07/2018.

The file is named as the protocol of qualification v1.5 asks: UAI, PRIVE, year, timestamp.
"""

import zipfile
from pathlib import Path

from raccord.simulation.real.rows import (
    TOWNS,
    Register,
    Row,
    escaped,
    representative,
    tag,
)

_STAMP = (1980, 1, 1, 0, 0, 0)
_NUMBER = 10_000  # first ID_PRV_PER; the schema allows five digits


def write(register: Register) -> Path:
    """One zip with the XML of the same name."""
    stamp = register.exported_on.strftime("%y%m%d") + "143000"
    name = f"{register.uai}PRIVE{register.year}{stamp}"
    people, pupils = [], []
    for rank, row in enumerate(register.rows):
        surname, first = representative(row) or (row["nom_famille"], "Parent")
        people.append(
            f"<PERSONNE>\n<ID_PRV_PER>{_NUMBER + rank}</ID_PRV_PER>\n<CODE_CIVILITE>2</CODE_CIVILITE>\n"  # noqa: E501
            f"<NOM_DE_FAMILLE>{escaped(surname)}</NOM_DE_FAMILLE>\n<PRENOM>{escaped(first)}</PRENOM>\n"
            "<CODE_PROFESSION>99</CODE_PROFESSION>\n"
            + tag("TEL_PORTABLE", row["representant_telephone"])
            + "</PERSONNE>\n"
        )
        pupils.append(_pupil(row, _NUMBER + rank))
    text = (
        '<?xml version="1.0" encoding="ISO-8859-15"?>\n<IMPORT_ELEVES VERSION="3.1">\n'
        f"<PARAMETRES>\n<UAJ>{register.uai}</UAJ>\n<ANNEE_SCOLAIRE>{register.year}</ANNEE_SCOLAIRE>"
        f"\n<DATE_IMPORT>{register.exported_on:%d/%m/%Y}</DATE_IMPORT>\n<NUM_ENVOI>1</NUM_ENVOI>\n"
        "<LOGICIEL>FICTIF</LOGICIEL>\n</PARAMETRES>\n"
        f"<DONNEES>\n<PERSONNES>\n{''.join(people)}</PERSONNES>\n<ELEVES>\n{''.join(pupils)}"
        "</ELEVES>\n</DONNEES>\n</IMPORT_ELEVES>\n"
    )
    path = register.folder / "prive" / f"{name}.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            zipfile.ZipInfo(f"{name}.xml", _STAMP),
            text.encode("iso-8859-15", "replace"),
            compress_type=zipfile.ZIP_DEFLATED,
            compresslevel=1,
        )
    return path


def _pupil(row: Row, person: int) -> str:
    national, _, academic = row["ine"].partition("|")
    second, _, third = row["prenoms_suivants"].partition(" ")
    leaver = row["date_sortie"]
    place = (
        tag("CODE_COMMUNE_INSEE_NAISS", row["commune_naissance"])
        or f"<VILLE_NAISS>{TOWNS.get(row['pays_naissance'], 'INCONNUE')}</VILLE_NAISS>\n"
    )
    address = ""
    if row["adresse"] and row["code_postal"]:
        address = (
            f"<ADRESSE>\n<LIGNE1_ADRESSE>{escaped(row['adresse'][:38])}</LIGNE1_ADRESSE>\n"
            f"<CODE_POSTAL>{row['code_postal']}</CODE_POSTAL>\n<LL_POSTAL>VILLE</LL_POSTAL>\n"
            "<CODE_PAYS>100</CODE_PAYS>\n</ADRESSE>\n"
        )
    last = row["uai_precedent"]
    came_from = tag("CODE_RNE", last) or "<CODE_DEPARTEMENT>044</CODE_DEPARTEMENT>\n"
    return "".join(
        [
            "<ELEVE>\n",
            f"<CODE_MOTIF_SORTIE>{row['motif_sortie'] or '99'}</CODE_MOTIF_SORTIE>\n"
            f"<DATE_SORTIE>{leaver}</DATE_SORTIE>\n"
            if leaver
            else "",
            f"<ID_PRV_ELE>{row['identifiant_local']}</ID_PRV_ELE>\n",
            tag("ID_NATIONAL", national),
            tag("INE_BEA", academic),
            tag("INE_RNIE", national),
            tag("NOM_DE_FAMILLE", row["nom_famille"]),
            tag("NOM_USAGE", row["nom_usage"]),
            tag("PRENOM", row["prenom"]),
            tag("PRENOM2", second),
            tag("PRENOM3", third),
            "<CODE_PAYS_NAT>100</CODE_PAYS_NAT>\n",
            tag("DATE_NAISS", row["date_naissance"]),
            tag("CODE_SEXE", {"M": "1", "F": "2"}.get(row["sexe"], "")),
            tag("CODE_PAYS", row["pays_naissance"]),
            place,
            tag("DATE_ENTREE", row["date_entree"]),
            address,
            tag("TEL_PORTABLE", row["telephone"]),
            tag("EMAIL", row["courriel"]),
            "<ADHESION_TRANSPORT>0</ADHESION_TRANSPORT>\n<CODE_REGIME>2</CODE_REGIME>\n"
            "<DOUBLEMENT>false</DOUBLEMENT>\n",
            f"<RESPONSABLES_ELEVE>\n<LEGAL>\n<ID_PRV_PER>{person}</ID_PRV_PER>\n"
            "<CODE_PARENTE>10</CODE_PARENTE>\n<HEBERGE_ELEVE>1</HEBERGE_ELEVE>\n</LEGAL>\n"
            "</RESPONSABLES_ELEVE>\n",
            f"<SCOLARITE_ACTIVE>\n<CODE_MEF>{row['mef']}</CODE_MEF>\n",
            tag("CODE_DIVISION", row["classe"][:8]),
            f"<CODE_STATUT>ST</CODE_STATUT>\n<DATE_DEB_SCO>{row['date_entree']}</DATE_DEB_SCO>\n"
            "<OPTIONS/>\n</SCOLARITE_ACTIVE>\n",
            f"<ETABLISSEMENT_AN_DERNIER>\n{came_from}<CODE_PROVENANCE>1</CODE_PROVENANCE>\n"
            "<OPTIONS_AN_DERNIER/>\n</ETABLISSEMENT_AN_DERNIER>\n",
            "</ELEVE>\n",
        ]
    )
