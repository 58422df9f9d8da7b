"""FREGATA: agricultural schools."""

from pathlib import Path

import pytest
from tests.registers.reading_of import document, reading_of

from raccord.registers.formats import fregata
from raccord.registers.problems import RefusedFile

HEADER = (
    "Identifiant unique*;Premier prénom*;Deuxième prénom;Troisième prénom;Nom de famille*;"
    "Nom d'usage;Code sexe*;Date de naissance (jj/mm/aaaa)*;Code commune naissance**;"
    "Libellé commune naissance**;Code département naissance*;Code pays naissance*;Statut*;"
    "Code MEF*;Division*"
)
LEA = "990000001EB;Léa;Anaïs;;LE GOFF;;2;01/02/2008;44109;;044;100;ST;27310112210;2D1"
TOM = "INA00012;Tom;;;N'DIAYE;KANE;1;15/11/2007;;Dakar;099;341;AP;24720031211;BP1"


def test_pupil_and_apprentice() -> None:
    found = reading_of(fregata, f"{HEADER}\r\n{LEA}\r\n{TOM}\r\n", stated_uai="0440001M")
    assert found.rows[0] == {
        "source": "fregata",
        "uai": "0440001M",
        "identifiant_local": "990000001EB",
        "ine": "990000001EB",
        "nom_famille": "LE GOFF",
        "prenom": "Léa",
        "prenoms_suivants": "Anaïs",
        "date_naissance": "2008-02-01",
        "sexe": "F",
        "commune_naissance": "44109",
        "pays_naissance": "100",
        "statut": "scolaire",
        "mef": "27310112210",
        "classe": "2D1",
        "ligne": 2,
    }
    tom = found.rows[1]
    assert "ine" not in tom, "an internal number is no INE"
    assert tom["identifiant_local"] == "INA00012"
    assert tom["nom_usage"] == "KANE"
    assert tom["commune_naissance"] == "Dakar"
    assert tom["statut"] == "apprenti"
    assert found.header.uais == {"0440001M"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso8859-15", "cp1252", "utf-16"])
def test_every_encoding(encoding: str) -> None:
    found = reading_of(fregata, f"{HEADER}\n{LEA}\n", encoding=encoding, stated_uai="0440001M")
    assert (found.rows[0]["prenom"], found.rows[0]["prenoms_suivants"]) == ("Léa", "Anaïs")


def test_establishment_from_the_file_name_is_only_a_hint() -> None:
    found = reading_of(fregata, f"{HEADER}\n{LEA}\n", name="fregata_0440001M_2025.csv")
    assert found.rows[0]["uai"] == "0440001M"
    assert "uai_du_nom" in found.rules()
    found = reading_of(fregata, f"{HEADER}\n{LEA}\n", name="0440001A.csv")
    assert "uai" not in found.rows[0], "the key of 0440001A is wrong"
    assert "uai_absent" in found.rules()


def test_stable_number_when_the_identifier_is_empty() -> None:
    row = LEA.replace("990000001EB", "")
    first, second = (
        reading_of(fregata, f"{HEADER}\n{r}\n", stated_uai="0440001M").rows[0]
        for r in (row, row.replace("Léa", "LEA").replace("2D1", "1D1"))
    )
    assert first["identifiant_local"] == second["identifiant_local"]


def test_commune_in_two_columns() -> None:
    row = LEA.replace("44109;;044", "109;;044")
    assert reading_of(fregata, f"{HEADER}\n{row}\n").rows[0]["commune_naissance"] == "44109"
    row = LEA.replace("44109;;044", "004;;02A")
    assert reading_of(fregata, f"{HEADER}\n{row}\n").rows[0]["commune_naissance"] == "2A004"


def test_no_pupil_is_refused() -> None:
    with pytest.raises(RefusedFile, match="aucun élève"):
        reading_of(fregata, HEADER + "\n")


def test_recognises_nothing_else() -> None:
    assert fregata.recognises(document(f"{HEADER}\n{LEA}\n"))
    assert not fregata.recognises(document("nom_famille;prenom;date_naissance\nA;B;2008-01-01\n"))
    assert not fregata.recognises(document(b""))


@pytest.mark.shared
def test_real_header(shared: Path) -> None:
    lines = (shared / "data/onde/onde_et_fregata_entetes.txt").read_text("utf-8").splitlines()
    header = next(line for line in lines if line.startswith("Identifiant unique"))
    found = reading_of(fregata, f"{header}\n{LEA}\n", stated_uai="0440001M")
    assert found.rows[0]["nom_famille"] == "LE GOFF"
    assert not found.problems
