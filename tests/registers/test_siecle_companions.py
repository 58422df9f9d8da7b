from pathlib import Path

import pytest
from tests.registers.siecle_files import division, document, export, parameters, pupil, read

from raccord.registers.containers import expand
from raccord.registers.formats import siecle
from raccord.registers.formats.siecle_companions import leaving_motives
from raccord.registers.problems import RefusedFile
from raccord.registers.recognition import pair_companions

NOMENCLATURE = export([], root="BEE_NOMENCLATURES").replace(
    "<DONNEES>",
    '<DONNEES><MEFS><MEF CODE_MEF="20211011110"><FORMATION>TG</FORMATION>'
    "<LIBELLE_LONG>TERMINALE GENERALE</LIBELLE_LONG><DATE_FERMETURE>31/12/9999</DATE_FERMETURE>"
    '</MEF></MEFS><MOTIFS_SORTIE><MOTIF_SORTIE CODE_MOTIF_SORTIE="10">'
    "<LIBELLE_COURT>2ND DEGRE</LIBELLE_COURT></MOTIF_SORTIE></MOTIFS_SORTIE>",
)
PERSON = (
    '<PERSONNE PERSONNE_ID="{number}"><NOM_DE_FAMILLE>{name}</NOM_DE_FAMILLE><PRENOM>Noé</PRENOM>'
    "<TEL_PERSONNEL>+3319900{number:04d}</TEL_PERSONNEL><CODE_PROFESSION>75</CODE_PROFESSION>"
    "</PERSONNE>"
)
LINK = (
    "<RESPONSABLE_ELEVE><ELEVE_ID>{pupil}</ELEVE_ID><PERSONNE_ID>{person}</PERSONNE_ID>{more}"
    "</RESPONSABLE_ELEVE>"
)


def representatives(*links: str) -> str:
    people = "".join(PERSON.format(number=number, name=f"NOM{number}") for number in range(1, 5))
    return export([], root="BEE_RESPONSABLES").replace(
        "<DONNEES>",
        f"<DONNEES><PERSONNES>{people}</PERSONNES><RESPONSABLES>{''.join(links)}</RESPONSABLES>",
    )


def new_link(person: int, rank: str, first: str = "false", houses: str = "0") -> str:
    return LINK.format(
        pupil=1,
        person=person,
        more=f"<NIVEAU_RESPONSABILITE>{rank}</NIVEAU_RESPONSABILITE>"
        f"<A_CONTACTER_EN_PRIORITE>{first}</A_CONTACTER_EN_PRIORITE>"
        f"<HEBERGE_ELEVE>{houses}</HEBERGE_ELEVE>",
    )


def old_link(person: int, rank: str, contact: str = "0") -> str:
    return LINK.format(
        pupil=1,
        person=person,
        more=f"<RESP_LEGAL>{rank}</RESP_LEGAL><PERS_CONTACT>{contact}</PERS_CONTACT>",
    )


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ([new_link(1, "1"), new_link(2, "1", "true")], 2),  # two of rank 1, one in priority
        ([new_link(1, "1"), new_link(2, "1", "1")], 2),  # the same file mixes 1 and true
        ([new_link(1, "1"), new_link(2, "1", houses="true")], 2),
        ([new_link(2, "1"), new_link(1, "1")], 2),  # the order of the file
        ([new_link(3, "3", "true"), new_link(1, "2"), new_link(2, "1")], 2),
        ([old_link(1, "2"), old_link(2, "1")], 2),
        ([old_link(1, "0", "1"), old_link(2, "2")], 2),
        ([old_link(1, "0"), old_link(2, "0", "1")], 2),
        ([new_link(9, "1"), new_link(2, "2")], 2),  # PERSONNE_ID without its person
    ],
)
def test_the_person_to_call(links: list[str], expected: int) -> None:
    companion = document(representatives(*links))
    rows, _ = read(siecle, export([pupil(1), pupil(2)]), companion)
    assert rows[0]["representant_nom"] == f"NOM{expected} Noé"
    assert rows[0]["representant_telephone"] == f"+3319900{expected:04d}"
    assert "representant_nom" not in rows[1]
    assert "75" not in rows[0].values()


def test_nomenclature_gives_the_course_its_label() -> None:
    rows, _ = read(siecle, export([pupil()]), document(NOMENCLATURE))
    assert rows[0]["formation"] == "TERMINALE GENERALE"
    assert leaving_motives(document(NOMENCLATURE)) == {"10": "2ND DEGRE"}


def test_structures_give_a_missing_course() -> None:
    structures = export([], root="BEE_STRUCTURES").replace(
        "<DONNEES>",
        '<DONNEES><DIVISIONS><DIVISION CODE_STRUCTURE="T1"><LIBELLE_LONG>Tle 1</LIBELLE_LONG>'
        "<MEFS_APPARTENANCE><MEF_APPARTENANCE><CODE_MEF>20211011110</CODE_MEF></MEF_APPARTENANCE>"
        "</MEFS_APPARTENANCE></DIVISION></DIVISIONS>",
    )
    text = export([pupil(CODE_MEF=None)], [division(1, ("T1", "D"))])
    rows, _ = read(siecle, text, document(structures), document(NOMENCLATURE))
    assert (rows[0]["mef"], rows[0]["formation"]) == ("20211011110", "TERMINALE GENERALE")


def test_a_malformed_companion_refuses_the_register() -> None:
    with pytest.raises(RefusedFile, match=r"noms\.xml"):
        read(siecle, export([pupil()]), document(NOMENCLATURE[:-5], "noms.xml"))


@pytest.mark.shared
def test_real_companions(shared: Path) -> None:
    names = ("anonymise_responsables_avec_adresses_simple", "anonymise_nomenclature_tout_niveau")
    companions = [next(expand(shared / f"data/siecle/{name}.xml")) for name in names]
    text = export(
        [pupil(610308, CODE_MEF="10310019110"), pupil(610305)],
        head=parameters(uai="0140070A", year="2018"),
    )
    rows, _ = read(siecle, text, *companions)
    assert rows[0]["representant_nom"] == "MARTINEAU Léa"
    assert rows[0]["representant_telephone"] == "+33199000000"
    assert rows[1]["representant_nom"] == "D'HAENE Maëlys"
    assert rows[0]["formation"] == "3ème"
    sorting = pair_companions([*companions, document(text)])
    assert sorting.registers[0].companions == [companions[1], companions[0]]
    assert sorting.orphans == []
