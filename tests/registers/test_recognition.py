from pathlib import Path

import pytest
from tests.registers.siecle_files import document, export, parameters, pupil, zipped

from raccord.registers.containers import expand
from raccord.registers.formats import private_import, siecle
from raccord.registers.formats.siecle_companions import CompanionKind
from raccord.registers.recognition import formats, pair_companions, recognise, why_not

ELEVES = export([pupil()])


def companion(root: str, **head: str) -> str:
    return export([], root=root, head=parameters(**head))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (ELEVES, siecle),
        ("\ufeff".encode() + ELEVES.encode(), siecle),
        (b"\r\n " + ELEVES.encode("iso-8859-15"), siecle),
        (ELEVES.encode("utf-16"), siecle),
        ("<!-- fait le 2 --><BEE_ELEVES/>", siecle),
        ("<?xml version='1.0'?><?x y?><IMPORT_ELEVES/>", private_import),
        (companion("BEE_NOMENCLATURES"), CompanionKind.NOMENCLATURE),
        (companion("BEE_RESPONSABLES"), CompanionKind.REPRESENTATIVES),
        (companion("BEE_STRUCTURES"), CompanionKind.STRUCTURES),
        (companion("BEE_COMMUN"), CompanionKind.OTHER),
        (companion("BEE_GEOGRAPHIQUES"), CompanionKind.OTHER),
        ("", None),
        ("<html><body>Erreur 503</body></html>", None),
        ("le fichier parle de <BEE_ELEVES>", None),
    ],
)
def test_recognised_from_the_content(content: str | bytes, expected: object) -> None:
    assert recognise(document(content, "n'importe quoi.pdf")) is expected


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "vide"),
        (b"\xef\xbb\xbf\r\n", "vide"),
        ("<!DOCTYPE html><html lang='fr'><title>Portail</title>", "page web"),
        ("\n <HTML><head>", "page web"),
        (b"%PDF-1.7\n", "PDF"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        ("<STS_EDT><PARAMETRES/></STS_EDT>", "emplois du temps"),
        ("<erreur><code>ERREUR_TRAITEMENT</code></erreur>", "message d'erreur"),
        ("<autre/>", "racine « autre »"),
        ('{"apprenants": []}', "JSON"),
        (b"\x00\x01\x02\x03", "binaire"),
        ("a;b;c\n1;2;3\n", "nom_famille"),
        ("bonjour", "aucun format"),
    ],
)
def test_why_nothing_recognises_it(content: str | bytes, words: str) -> None:
    source = document(content)
    assert recognise(source) is None
    reason = why_not(source)
    assert words in reason
    assert "\n" not in reason


def test_every_format_is_there_and_names_itself() -> None:
    names = [format_.NAME for format_ in formats()]
    assert len(names) == len(set(names)) == 7
    assert names[0] == "siecle"


def test_companions_go_with_the_same_establishment_and_year() -> None:
    documents = [
        document(ELEVES, "eleves.xml"),
        document(companion("BEE_NOMENCLATURES"), "nomenclature.xml"),
        document(companion("BEE_RESPONSABLES", year="2024"), "responsables_2024.xml"),
        document(companion("BEE_STRUCTURES", uai="0350001A"), "structures_autre.xml"),
        document(companion("BEE_COMMUN"), "communs.xml"),
    ]
    sorting = pair_companions(documents)
    (register,) = sorting.registers
    assert [found.label for found in register.companions] == ["nomenclature.xml"]
    assert {found.label for found, _ in sorting.orphans} == {
        "responsables_2024.xml",
        "structures_autre.xml",
        "communs.xml",
    }
    assert sorting.refused == []


def test_the_companion_of_the_same_archive_wins(tmp_path: Path) -> None:
    inside = {"Eleves.xml": ELEVES, "Nomenclature.xml": companion("BEE_NOMENCLATURES")}
    archive = tmp_path / "ExportXML.zip"
    archive.write_bytes(zipped(inside))
    bare = tmp_path / "Nomenclature.xml"
    bare.write_text(companion("BEE_NOMENCLATURES", on="07/07/2026"), "iso-8859-15")
    sorting = pair_companions(expand(tmp_path))
    (register,) = sorting.registers
    assert [found.path for found in register.companions] == [archive]
    assert sorting.orphans == []


def test_the_same_pupils_twice_in_an_archive_are_read_once(tmp_path: Path) -> None:
    with_addresses = export([pupil()], addresses=["<ADRESSE ADRESSE_ID='1'/>"])
    archive = tmp_path / "ExportXML.zip"
    archive.write_bytes(
        zipped({"ElevesSansAdresses.xml": ELEVES, "ElevesAvecAdresses.xml": with_addresses})
    )
    sorting = pair_companions(expand(tmp_path))
    assert [one.document.member for one in sorting.registers] == ["ElevesAvecAdresses.xml"]
    assert len(sorting.orphans) == 1


def test_two_schools_or_two_years_in_an_archive_are_two_registers(tmp_path: Path) -> None:
    archive = tmp_path / "ExportXML.zip"
    archive.write_bytes(
        zipped(
            {
                "a.xml": ELEVES,
                "b.xml": export([pupil()], head=parameters(uai="0350001A")),
                "c.xml": export([pupil()], head=parameters(year="2026")),
            }
        )
    )
    assert len(pair_companions(expand(tmp_path)).registers) == 3


def test_what_is_unknown_is_refused_by_name() -> None:
    sorting = pair_companions([document("<html></html>", "Eleves.xml", "dossier/Eleves.xml")])
    (error,) = sorting.refused
    assert str(error).startswith("Eleves.xml (dossier › Eleves.xml) : c'est une page web")


@pytest.mark.shared
def test_real_samples(shared: Path) -> None:
    kinds = {
        "anonymise_eleves_avec_adresse_simple_corrige.xml": siecle,
        "anonymise_nomenclature_simple.xml": CompanionKind.NOMENCLATURE,
        "anonymise_responsables_avec_adresses_simple.xml": CompanionKind.REPRESENTATIVES,
        "bee_champs.csv": None,
        "schema_Import_3.1.xsd": None,
    }
    for name, kind in kinds.items():
        (source,) = expand(shared / "data/siecle" / name)
        assert recognise(source) is kind
