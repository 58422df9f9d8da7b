from datetime import date
from pathlib import Path

import pytest
from lxml import etree
from tests.registers.siecle_files import document, read, tags

from raccord.registers.formats import private_import
from raccord.registers.problems import RefusedFile

PERSON = {
    "ID_PRV_PER": "11",
    "CODE_CIVILITE": "2",
    "NOM_DE_FAMILLE": "LE GOFF",
    "PRENOM": "Noé",
    "CODE_PROFESSION": "75",
    "TEL_PORTABLE": "0199000011",
}
OTHER = {**PERSON, "ID_PRV_PER": "12", "PRENOM": "Zoé", "TEL_PORTABLE": "0199000012"}

STAYING = {
    "ID_PRV_ELE": "501",
    "ID_NATIONAL": "990000001EB",
    "INE_BEA": "1708000001R",
    "NOM_DE_FAMILLE": "LE GOFF",
    "NOM_USAGE": "MARTINEAU",
    "PRENOM": "Maëlys",
    "PRENOM2": "Léa",
    "CODE_PAYS_NAT": "139",
    "DATE_NAISS": "2008-05-27",
    "CODE_SEXE": "2",
    "CODE_PAYS": "100",
    "CODE_COMMUNE_INSEE_NAISS": "35238",
    "DATE_ENTREE": "2023-09-01",
    "ADRESSE": tags(
        {
            "LIGNE1_ADRESSE": "3 rue de l'Exemple",
            "CODE_POSTAL": "35000",
            "LL_POSTAL": "RENNES",
            "CODE_PAYS": "100",
        }
    ),
    "TEL_PERSONNEL": "0199000000",
    "EMAIL": "maelys@example.org",
    "ADHESION_TRANSPORT": "0",
    "CODE_REGIME": "24",
    "DOUBLEMENT": "false",
    "BOURSES": "<BOURSE><CODE_BOURSE>B</CODE_BOURSE><NB_PART>7</NB_PART></BOURSE>",
    "RESPONSABLES_ELEVE": "<LEGAL>"
    + tags({"ID_PRV_PER": "11", "CODE_PARENTE": "10", "HEBERGE_ELEVE": "1"})
    + "</LEGAL><LEGAL>"
    + tags(
        {
            "ID_PRV_PER": "12",
            "CODE_PARENTE": "20",
            "HEBERGE_ELEVE": "false",
            "A_CONTACTER_EN_PRIORITE": "true",
        }
    )
    + "</LEGAL>",
    "SCOLARITE_ACTIVE": tags(
        {
            "CODE_MEF": "20211011110",
            "CODE_DIVISION": "TG 1",
            "CODE_STATUT": "ST",
            "DATE_DEB_SCO": "2025-09-01",
        }
    )
    + "<OPTIONS/>",
    "ETABLISSEMENT_AN_DERNIER": tags({"CODE_RNE": "0350001A", "CODE_PROVENANCE": "1"})
    + "<OPTIONS_AN_DERNIER/>",
}
LEAVING = {
    "CODE_MOTIF_SORTIE": "10",
    "DATE_SORTIE": "2026-01-12",
    "ID_PRV_ELE": "502",
    "NOM_DE_FAMILLE": "D'HAENE",
    "PRENOM": "Jean-Baptiste",
    "DATE_NAISS": "2009-01-02",
    "CODE_PAYS": "132",
    "VILLE_NAISS": "LEEDS",
    "ADHESION_TRANSPORT": "0",
    "CODE_REGIME": "0",
    "DOUBLEMENT": "0",
}


def upload(*pupils: dict[str, str], people: tuple[dict[str, str], ...] = (PERSON, OTHER)) -> str:
    head = tags(
        {
            "UAJ": "0352387E",
            "ANNEE_SCOLAIRE": "2025",
            "DATE_IMPORT": "06/07/2026",
            "NUM_ENVOI": "3",
            "LOGICIEL": "EXEMPLE",
        }
    )
    return (
        '<?xml version="1.0" encoding="ISO-8859-15"?>\n<IMPORT_ELEVES VERSION="3.1">\n'
        f"<PARAMETRES>{head}</PARAMETRES>\n<DONNEES><PERSONNES>\n"
        + "\n".join(f"<PERSONNE>{tags(person)}</PERSONNE>" for person in people)
        + "\n</PERSONNES><ELEVES>\n"
        + "\n".join(f"<ELEVE>{tags(pupil)}</ELEVE>" for pupil in pupils)
        + "\n</ELEVES></DONNEES></IMPORT_ELEVES>"
    )


def test_a_pupil_who_stays_and_one_who_left() -> None:
    rows, reading = read(private_import, upload(STAYING, LEAVING))
    assert rows == [
        {
            "source": "prive",
            "uai": "0352387E",
            "identifiant_local": "501",
            "ine": "990000001EB|1708000001R",
            "nom_famille": "LE GOFF",
            "nom_usage": "MARTINEAU",
            "prenom": "Maëlys",
            "prenoms_suivants": "Léa",
            "date_naissance": "2008-05-27",
            "sexe": "F",
            "commune_naissance": "35238",
            "pays_naissance": "100",
            "code_postal": "35000",
            "adresse": "3 rue de l'Exemple",
            "telephone": "0199000000",
            "courriel": "maelys@example.org",
            "representant_nom": "LE GOFF Zoé",
            "representant_telephone": "0199000012",
            "statut": "scolaire",
            "mef": "20211011110",
            "classe": "TG 1",
            "date_entree": "2023-09-01",
            "uai_precedent": "0350001A",
            "ligne": 1,
            "annee_scolaire": 2025,
        },
        {
            "source": "prive",
            "uai": "0352387E",
            "identifiant_local": "502",
            "nom_famille": "D'HAENE",
            "prenom": "Jean-Baptiste",
            "date_naissance": "2009-01-02",
            "commune_naissance": "LEEDS",
            "pays_naissance": "132",
            "date_sortie": "2026-01-12",
            "motif_sortie": "10",
            "ligne": 2,
            "annee_scolaire": 2025,
        },
    ]
    assert reading.header.exported_on == date(2026, 7, 6)
    assert reading.header.uais == {"0352387E"}
    assert not reading.problems.counts


def test_last_year_may_be_a_departement() -> None:
    last_year = tags({"CODE_DEPARTEMENT": "035", "CODE_PROVENANCE": "1"})
    rows, _ = read(private_import, upload({**STAYING, "ETABLISSEMENT_AN_DERNIER": last_year}))
    assert rows[0]["uai_precedent"] == "035"


def test_a_file_without_pupil_is_refused() -> None:
    with pytest.raises(RefusedFile, match="aucun élève"):
        read(private_import, upload())


def test_a_truncated_file_is_refused_before_anything_is_given() -> None:
    pupils = [{**LEAVING, "ID_PRV_ELE": str(number)} for number in range(10_100)]
    text = upload(*pupils)
    with pytest.raises(RefusedFile, match="mal formé") as caught:
        read(private_import, text[:-20])
    assert caught.value.line == text.count("\n") + 1
    rows, _ = read(private_import, text)
    assert [row["ligne"] for row in rows] == list(range(1, 10_101))


def test_recognised_by_its_root() -> None:
    assert private_import.recognises(document(upload(STAYING)))
    assert not private_import.recognises(document("<BEE_ELEVES/>"))


@pytest.mark.shared
def test_the_fixture_follows_the_schema_of_the_ministry(shared: Path) -> None:
    schema = etree.XMLSchema(etree.parse(shared / "data/siecle/schema_Import_3.1.xsd"))
    text = upload(STAYING, LEAVING).encode("iso-8859-15")
    # The schema declares VERSION as a global attribute without namespace.
    schema.assertValid(etree.fromstring(text))
