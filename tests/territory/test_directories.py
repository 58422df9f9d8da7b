"""Every trap of the real directories: repaired when certain, said in French, the row kept."""

import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.territory.directory_files import COLLEGE, annuaire, plain, read, rules

from raccord.registers import identifiers
from raccord.registers.problems import RefusedFile, Severity
from raccord.territory.directories import Accuracy, StructureRow, read_directory
from raccord.territory.kinds import Kind

UAI = identifiers.uai("035", 9001)
OTHER = identifiers.uai("035", 9002)


@pytest.fixture
def college(tmp_path: Path) -> StructureRow:
    return annuaire(tmp_path).rows[0]


def test_a_row_of_the_annuaire(college: StructureRow) -> None:
    assert (college.kind, college.uai, college.sector) == (Kind.COLLEGE, UAI, "public")
    assert (college.address, college.postcode, college.insee) == (
        "1 rue des Essais",
        "35000",
        "35238",
    )
    assert college.departement == "35"  # written 035
    assert college.phone == "02 99 00 00 00"
    assert college.accuracy is Accuracy.EXACT
    assert (college.opens_on, college.source_date) == (date(1975, 9, 1), date(2026, 5, 27))
    assert (college.basin_code, college.basin_name) == ("14201", "RENNES")


@pytest.mark.parametrize("bom", [True, False])
@pytest.mark.parametrize("end", ["\r\n", "\n"])
def test_mark_and_line_ends_change_nothing(
    tmp_path: Path, college: StructureRow, bom: bool, end: str
) -> None:
    assert annuaire(tmp_path, bom=bom, end=end).rows == (college,)


def test_the_layout_of_2023_is_recognised_by_its_columns(tmp_path: Path) -> None:
    header = ";".join(COLLEGE).replace("Code_postal", "Code postal")
    reading = read(tmp_path, f"{header}\n{';'.join(COLLEGE.values())}\n")
    assert reading.label == "annuaire de l’éducation (colonnes de 2023)"
    assert reading.rows[0].postcode == "35000"


def test_the_name_of_the_file_says_nothing(tmp_path: Path, college: StructureRow) -> None:
    path = tmp_path / "depot.csv"
    other = path.rename(tmp_path / "n-importe-quoi.bin")
    assert read_directory(other).rows == (college,)


def test_latin_letters_are_read(tmp_path: Path) -> None:
    text = ";".join(COLLEGE) + "\n" + ";".join(COLLEGE.values())
    assert read(tmp_path, text.encode("cp1252")).rows[0].name == "Collège des Essais"


# --- identifiers ----------------------------------------------------------------------------------


def test_a_wrong_key_takes_the_uai_away_and_keeps_the_row(tmp_path: Path) -> None:
    reading = annuaire(tmp_path, {"Identifiant_de_l_etablissement": "0146867D"})
    assert reading.rows[0].uai is None and reading.rows[0].name == "Collège des Essais"
    (problem,) = reading.problems
    assert (problem.line, problem.value) == (2, "0146867D")
    assert problem.field == "Identifiant_de_l_etablissement"
    assert problem.identity == "Collège des Essais"
    assert "vérifiez-le" in problem.message


@pytest.mark.parametrize(
    ("written", "rule"),
    [(UAI.lower(), "uai_case"), (UAI[1:], "uai_zero")],
)
def test_a_sure_repair_of_the_uai(tmp_path: Path, written: str, rule: str) -> None:
    reading = annuaire(tmp_path, {"Identifiant_de_l_etablissement": written})
    assert reading.rows[0].uai == UAI
    assert rules(reading) == [rule]


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        ("2,17103E+13", "siret_spreadsheet"),
        ("2.17103E+13", "siret_spreadsheet"),
        ("2135001680002", "siret_shape"),
        ("81743928200010", "siret_key"),
    ],
)
def test_a_siret_that_cannot_be_believed_is_left_empty(
    tmp_path: Path, written: str, rule: str
) -> None:
    reading = annuaire(tmp_path, {"SIREN_SIRET": written})
    assert reading.rows[0].siret == "" and reading.rows[0].uai == UAI
    assert [(one.rule, one.value, one.severity) for one in reading.problems] == [
        (rule, written, Severity.WARNING)
    ]


def test_one_uai_on_two_rows_is_a_school_and_its_annex(tmp_path: Path) -> None:
    reading = annuaire(
        tmp_path,
        {"Nom_etablissement": "Collège des Essais (annexe)", "Code_commune": "35047"},
        {},
    )
    annex, main = reading.rows
    assert (main.uai, main.annex_of) == (UAI, None)
    assert (annex.uai, annex.annex_of) == (None, UAI)
    assert annex.reference != main.reference == UAI
    assert "ligne 3" in reading.problems[-1].message and reading.problems[-1].line == 2


def test_a_siret_on_two_rows_is_said(tmp_path: Path) -> None:
    siret = "21350016800025"
    reading = annuaire(
        tmp_path,
        {"SIREN_SIRET": siret},
        {"SIREN_SIRET": siret, "Identifiant_de_l_etablissement": OTHER},
    )
    assert [row.siret for row in reading.rows] == [siret, siret]
    assert rules(reading) == ["siret_twice"]


# --- places ---------------------------------------------------------------------------------------


def test_leading_zeros_come_back(tmp_path: Path) -> None:
    reading = annuaire(
        tmp_path,
        {
            "Code_postal": "1500",
            "Code_commune": "1004",
            "Nom_commune": "Ambérieu-en-Bugey",
            "Code_departement": "1",
            "Telephone": "299000000",
            "latitude": "",
            "longitude": "",
        },
    )
    (row,) = reading.rows
    assert (row.postcode, row.insee, row.departement) == ("01500", "01004", "01")
    assert row.phone == "02 99 00 00 00"
    assert sorted(rules(reading)) == ["insee_zero", "phone_zero", "postcode_zero"]


def test_a_place_without_coordinates_is_its_town_hall(tmp_path: Path) -> None:
    (row,) = annuaire(tmp_path, {"latitude": "", "longitude": ""}).rows
    assert row.accuracy is Accuracy.TOWN
    assert row.latitude == pytest.approx(48.1, abs=0.1)


@pytest.mark.parametrize(
    ("latitude", "longitude", "rule", "accuracy"),
    [
        ("-1.68", "48.1113", "coordinates_swapped", Accuracy.EXACT),
        ("0", "0", "coordinates", Accuracy.TOWN),
        ("148.1", "-1.68", "coordinates", Accuracy.TOWN),
        ("43.3", "5.4", "coordinates_far", Accuracy.TOWN),
    ],
)
def test_coordinates_that_are_not_there(
    tmp_path: Path, latitude: str, longitude: str, rule: str, accuracy: Accuracy
) -> None:
    reading = annuaire(tmp_path, {"latitude": latitude, "longitude": longitude})
    (row,) = reading.rows
    assert rules(reading) == [rule]
    assert row.accuracy is accuracy
    assert row.latitude == pytest.approx(48.1, abs=0.1)
    assert row.longitude == pytest.approx(-1.68, abs=0.1)


def test_a_commune_in_another_departement_is_said(tmp_path: Path) -> None:
    reading = annuaire(tmp_path, {"Code_departement": "044"})
    assert reading.rows[0].departement == "35"
    assert rules(reading) == ["departement"]


# --- reaching it ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "read_as", "expected"),
    [
        ("02 99 00 00 00", "02 99 00 00 00", []),
        ("02.99.00.00.00", "02 99 00 00 00", []),
        ("+33 2 99 00 00 00", "02 99 00 00 00", []),
        ("+33 (0)2 99 00 00 00", "02 99 00 00 00", []),
        ("3949", "3949", []),
        ("", "", []),
        ("02 99", "", ["phone"]),
        ("néant", "", []),
    ],
)
def test_phones(tmp_path: Path, written: str, read_as: str, expected: list[str]) -> None:
    reading = annuaire(tmp_path, {"Telephone": written})
    assert reading.rows[0].phone == read_as
    assert rules(reading) == expected


def test_a_mailbox_that_is_none_and_a_name_with_an_at(tmp_path: Path) -> None:
    reading = annuaire(tmp_path, {"Mail": "ce.0359001M", "Nom_etablissement": "CAMPUS@ESSAIS"})
    (row,) = reading.rows
    assert (row.email, row.name) == ("", "CAMPUS@ESSAIS")
    assert sorted(rules(reading)) == ["email", "name_at"]


def test_a_site_without_http_and_one_that_is_none(tmp_path: Path) -> None:
    assert annuaire(tmp_path, {"Web": "www.essais.example"}).rows[0].website == (
        "http://www.essais.example"
    )
    reading = annuaire(tmp_path, {"Web": "javascript:alert(1)"})
    assert reading.rows[0].website == "" and rules(reading) == ["website"]


# --- what it is -----------------------------------------------------------------------------------


def test_a_closing_announced_is_not_a_closing(tmp_path: Path) -> None:
    reading = annuaire(tmp_path, {"etat": "A FERMER"})
    assert reading.rows[0].is_open and reading.rows[0].closing_announced
    assert rules(reading) == ["to_close"]
    opening = annuaire(tmp_path, {"etat": "A OUVRIR"})
    assert not opening.rows[0].is_open and rules(opening) == ["to_open"]


@pytest.mark.parametrize(
    ("values", "kind", "sector"),
    [
        ({"code_nature": "320"}, Kind.LYCEE_PRO, "public"),
        ({"code_nature": "306", "Lycee_Agricole": "1"}, Kind.LYCEE_AGRICOLE, "public"),
        ({"code_nature": "380", "Statut_public_prive": "Privé"}, Kind.MFR, "prive"),
        ({"code_nature": "334"}, Kind.SEP, "public"),
        ({"code_nature": "841"}, Kind.CIO, "public"),
        ({"code_nature": "101"}, Kind.ECOLE, "public"),
        ({"code_nature": "", "Type_etablissement": "EREA"}, Kind.EREA, "public"),
        (
            {"Statut_public_prive": "Privé", "Type_contrat_prive": "HORS CONTRAT"},
            Kind.HORS_CONTRAT,
            "hors_contrat",
        ),
        (
            {
                "code_nature": "151",
                "Statut_public_prive": "Privé",
                "Type_contrat_prive": "HORS CONTRAT",
            },
            Kind.ECOLE,
            "hors_contrat",
        ),
    ],
)
def test_kinds(tmp_path: Path, values: dict[str, str], kind: Kind, sector: str) -> None:
    (row,) = annuaire(tmp_path, values).rows
    assert (row.kind, row.sector) == (kind, sector)


def test_bodies_whose_name_would_tell_are_never_kept(tmp_path: Path) -> None:
    """Health, disability, justice: no structure of ours, counted all the same."""
    reading = annuaire(
        tmp_path,
        {"ministere_tutelle": "SANTE ET SOLIDARITE NATIONALE", "code_nature": "240"},
        {"code_nature": "809", "Type_etablissement": "Service Administratif"},
        {},
    )
    assert len(reading.rows) == 1
    assert sum(reading.left_out.values()) == 2
    inclusion = [
        {"source": "x", "id": "1", "nom": "Structure A", "date_maj": "2026-01-01",
         "reseaux_porteurs": ["pjj"]},
        {"source": "x", "id": "2", "nom": "CMPP du Centre", "date_maj": "2026-01-01",
         "reseaux_porteurs": None},
    ]  # fmt: skip
    kept = read(tmp_path, json.dumps(inclusion), "depot.json")
    assert kept.rows == () and sum(kept.left_out.values()) == 2
    assert "CMPP" not in repr(kept.problems)
    assert plain(tmp_path, "SESSAD des Essais;insertion;;;;;;;;").rows == ()


def test_a_row_without_a_name_gets_one(tmp_path: Path) -> None:
    reading = annuaire(tmp_path, {"Nom_etablissement": ""})
    assert reading.rows[0].name == "Collège Rennes"
    assert rules(reading) == ["no_name"]


# --- apprenticeship -------------------------------------------------------------------------------


def test_a_list_of_cfa(tmp_path: Path) -> None:
    reading = read(
        tmp_path,
        "uai;siret;raison_sociale;enseigne;nature;departement;commune;adresse;prepa_apprentissage\n"
        f"{UAI.lower()};;LYCEE DES ESSAIS;LP ESSAIS;formateur;35;Rennes;"
        "4 BD DE LA LIBERTE 35000 RENNES;X\n"
        f"{OTHER};;ASSOCIATION;CFA;responsable;35;Rennes;BP 3 35706 RENNES CEDEX 7;\n",
    )
    first, second = reading.rows
    assert (first.kind, first.uai, first.name) == (Kind.UFA, UAI, "LP ESSAIS")
    assert (first.address, first.postcode, first.insee) == ("4 BD DE LA LIBERTE", "35000", "35238")
    assert (second.kind, second.name) == (Kind.CFA, "CFA – ASSOCIATION")
    assert (second.postcode, second.insee) == ("35706", "35238")


@pytest.mark.parametrize("day", ["2022-06-27", "27/06/2022"])
def test_a_list_of_a_network_whatever_its_columns(tmp_path: Path, day: str) -> None:
    wide = read(
        tmp_path,
        "\ufeffSiret;UAI validée;Raison sociale;Enseigne;etat_administratif;Adresse;"
        "Réseaux à  jour;Date d'import;;;\n"
        f";{UAI};MAISON FAMILIALE RURALE;;fermé;Vitré;mfr|agri;{day};;;\n",
    )
    (row,) = wide.rows
    assert (row.kind, row.insee, row.is_open) == (Kind.MFR, "35360", False)
    assert (row.networks, row.source_date) == (("mfr", "agri"), date(2022, 6, 27))
    narrow = read(tmp_path, f"UAI validée;Siret;Réseaux à jour\n{UAI};82409268800012;afpa\n")
    assert narrow.rows[0].name == f"Centre Afpa {UAI}"
    assert rules(narrow) == ["no_name"]


# --- partners -------------------------------------------------------------------------------------


def test_missions_locales_in_three_layouts(tmp_path: Path) -> None:
    prescribers = [
        {"kind": "ML", "name": "MISSION LOCALE - ESSAIS", "address_line_1": "1 rue A",
         "post_code": "35706", "city": "RENNES CEDEX 7", "department": "35", "website": "",
         "coords": "SRID=4326;POINT (-1.68 48.11)"},
        {"kind": "PJJ", "name": "X", "address_line_1": "", "post_code": "35000", "city": "RENNES",
         "department": "35", "website": "", "coords": ""},
    ]  # fmt: skip
    reading = read(tmp_path, json.dumps(prescribers))
    (row,) = reading.rows
    assert (row.kind, row.insee, row.latitude) == (Kind.MISSION_LOCALE, "35238", 48.11)
    assert sum(reading.left_out.values()) == 1

    links = read(
        tmp_path,
        "nom,siret,rdv_url,matched_nom_mongo\n"
        "Mission locale pour l'insertion (16-25 ans) - Roanne,,https://ml.example/rdv,ESPACE\n"
        '"Mission locale (16-25 ans) - Marseille, (4e, 5e arrondissements)",,,X\n',
    )
    assert links.rows[0].name == "Mission locale – Roanne"
    assert [one.town for one in links.rows] == ["Roanne", "Marseille"]
    assert links.rows[0].appointment_url == "https://ml.example/rdv"

    patch = read(tmp_path, "nom;lat;lng;siret\n35-ML RENNES;-1.68;48.11;\n")
    assert patch.is_patch and patch.rows[0].latitude == 48.11
    assert rules(patch) == ["coordinates_swapped"]


INCLUSION = {
    "source": "exemple", "id": "exemple--1", "nom": "Mission locale des Essais",
    "date_maj": "2026-02-14", "siret": None, "code_insee": "35238", "code_postal": "35000",
    "commune": "Rennes", "adresse": "1 rue des Essais", "complement_adresse": None,
    "latitude": 48.11, "longitude": -1.68, "telephone": "+33299000000", "courriel": "a@example.org",
    "site_web": "https://ml.example", "reseaux_porteurs": ["mission-locale"],
}  # fmt: skip


def test_data_inclusion_in_its_three_containers(tmp_path: Path) -> None:
    expected = read(tmp_path, json.dumps([INCLUSION])).rows
    assert expected[0].kind is Kind.MISSION_LOCALE
    assert expected[0].reference == "exemple--1"
    assert expected[0].phone == "02 99 00 00 00"
    assert expected[0].networks == ("mission-locale",)
    assert read(tmp_path, json.dumps(INCLUSION) + "\n").rows == expected
    pq.write_table(pa.Table.from_pylist([INCLUSION]), tmp_path / "structures.parquet")
    assert read_directory(tmp_path / "structures.parquet").rows == expected


@pytest.mark.parametrize(
    ("network", "kind"),
    [("epide", Kind.EPIDE), ("ecoles-de-la-deuxieme-chance", Kind.E2C), ("mjc", Kind.INSERTION)],
)
def test_networks_say_the_kind(tmp_path: Path, network: str, kind: Kind) -> None:
    record = INCLUSION | {"nom": "Structure", "reseaux_porteurs": [network]}
    assert read(tmp_path, json.dumps([record])).rows[0].kind is kind


# --- our own file ---------------------------------------------------------------------------------


def test_what_nobody_publishes(tmp_path: Path) -> None:
    """A PSAD, its place, and the communes it serves in every writing."""
    reading = plain(
        tmp_path,
        "PSAD de Rennes;PSAD;;;1 quai Dujardin 35000 Rennes;;;0299000000;psad@example.org;"
        "35238|Vitré, 35047|35238",
        "CIO des Essais;Centre d’information et d’orientation;;;;35500;VITRE;;;35",
        "MLDS;mlds;;;;;Fougères;;;243500139|nulle part|35400",
    )
    psad, cio, mlds = reading.rows
    assert (psad.kind, psad.insee, psad.postcode) == (Kind.PSAD, "35238", "35000")
    assert psad.area == ("35238", "35360", "35047")
    assert (cio.kind, cio.insee) == (Kind.CIO, "35360")
    assert len(cio.area) > 300 and set(cio.area) > {"35238", "35360"}
    assert mlds.insee == "35115" and "35238" in mlds.area and len(mlds.area) < 60
    assert [(one.rule, one.line, one.value) for one in reading.problems] == [
        ("area", 4, "nulle part"),
        ("area", 4, "35400"),
    ]
    assert "code postal" in reading.problems[1].message


def test_an_unknown_kind_or_no_name_is_the_only_lost_row(tmp_path: Path) -> None:
    reading = plain(tmp_path, "Truc;bidule;;;;;;;;", ";CIO;;;;;;;;", "CIO;CIO;;;;;Ailleurs;;;")
    assert [row.name for row in reading.rows] == ["CIO"]
    assert [one.severity for one in reading.problems[:2]] == [Severity.REJECTED] * 2
    assert "Mission locale" in reading.problems[0].message
    assert rules(reading)[2] == "commune"


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_can_be_written_by_its_label_or_its_code(tmp_path: Path, kind: Kind) -> None:
    reading = plain(tmp_path, f"A;{kind.label};;;;;;;;", f"B;{kind.value};;;;;;;;")
    assert [row.kind for row in reading.rows] == [kind, kind]


# --- files that are no directory ------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xef\xbb\xbf\r\n",
        b"PK\x03\x04\0\0\0",
        b"colonne\n1\n",
        b"a;b;c\n1;2;3\n",
        b'[{"a": 1}, ',
        b"[]",
        b'{"a": 1}',
        b"[1, 2]",
        b"[" * 100_000,
        b"PAR1 coup\xc3\xa9",
        b'nom;type\n"CIO;CIO\n' + b"x" * 200_000,
    ],
)
def test_another_file_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(RefusedFile) as refused:
        read(tmp_path, content)
    assert str(refused.value).startswith("depot.csv") and "\n" not in str(refused.value)


def test_services_of_data_inclusion_are_not_structures(tmp_path: Path) -> None:
    with pytest.raises(RefusedFile):
        read(tmp_path, json.dumps([INCLUSION | {"structure_id": "exemple--1"}]))


@settings(max_examples=150)
@given(
    st.dictionaries(
        st.sampled_from([name for name in COLLEGE if name != "Identifiant_de_l_etablissement"]),
        st.text(st.characters(blacklist_characters='"\0', blacklist_categories=["Cs", "Cc", "Zl"])),
    ),
    st.text(max_size=20),
)
def test_no_value_loses_a_row_or_stops_the_reading(
    tmp_path_factory: pytest.TempPathFactory, values: dict[str, str], noise: str
) -> None:
    """Whatever is typed, the other row is read as if alone, and every problem has a sentence."""
    folder = tmp_path_factory.mktemp("fuzz")
    typed = {name: value.replace(";", ",") for name, value in values.items()}
    reading = annuaire(folder, typed, {"Identifiant_de_l_etablissement": OTHER})
    assert len(reading.rows) + sum(reading.left_out.values()) == 2
    assert reading.rows[-1].uai == OTHER
    assert all(problem.message and problem.line for problem in reading.problems)
    try:
        read(folder, f"nom;type\n{noise}")
    except RefusedFile as refused:
        assert "\n" not in str(refused)
