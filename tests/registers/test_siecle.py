from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from tests.registers.siecle_files import UAI, division, document, export, parameters, pupil, read

from raccord.registers.containers import expand
from raccord.registers.enrolment import ENROLMENT_SCHEMA
from raccord.registers.formats import Reading, siecle
from raccord.registers.problems import ProblemLog, RefusedFile, Severity
from raccord.registers.recognition import pair_companions


def only(*pupils: str, **options: object) -> dict[str, object]:
    rows, _ = read(siecle, export(pupils, **options))  # type: ignore[arg-type]
    return rows[0]


def test_a_pupil_of_the_new_generation() -> None:
    text = export(
        [
            pupil(
                5,
                INE_BEA="1708000001R",
                NOM_USAGE="MARTINEAU",
                PRENOM2="Zoé",
                PRENOM3="Léa",
                TEL_PORTABLE="+33199000000",
                MEL="maelys@example.org",
                DATE_SORTIE="12/02/2026",
                CODE_MOTIF_SORTIE="10",
                ADRESSE_ID="77",
                SCOLARITE_AN_DERNIER="<CODE_MEF>1</CODE_MEF><CODE_RNE>0350001A</CODE_RNE>",
            )
        ],
        [division(5, ("_3A1", "G"), ("3 A", "D"))],
        [
            '<ADRESSE ADRESSE_ID="77"><LIGNE1_ADRESSE>3 rue de l\'Exemple</LIGNE1_ADRESSE>'
            "<LIGNE2_ADRESSE/><LIGNE3_ADRESSE>Bât. B</LIGNE3_ADRESSE>"
            "<CODE_POSTAL>35000</CODE_POSTAL><CODE_COMMUNE_INSEE>35238</CODE_COMMUNE_INSEE>"
            "</ADRESSE>"
        ],
    )
    rows, reading = read(siecle, text)
    assert rows == [
        {
            "source": "siecle",
            "uai": UAI,
            "identifiant_local": "17",
            "ine": "990000001EB|1708000001R",
            "nom_famille": "LE GOFF",
            "nom_usage": "MARTINEAU",
            "prenom": "Maëlys",
            "prenoms_suivants": "Zoé Léa",
            "date_naissance": "27/05/2008",
            "sexe": "F",
            "commune_naissance": "35238",
            "pays_naissance": "100",
            "commune_residence": "35238",
            "code_postal": "35000",
            "adresse": "3 rue de l'Exemple Bât. B",
            "telephone": "+33199000000",
            "courriel": "maelys@example.org",
            "statut": "scolaire",
            "mef": "20211011110",
            "classe": "3 A",
            "date_entree": "01/09/2023",
            "date_sortie": "12/02/2026",
            "motif_sortie": "10",
            "uai_precedent": "0350001A",
            "ligne": 1,
            "annee_scolaire": 2025,
        }
    ]
    assert reading.header.school_year == 2025
    assert reading.header.exported_on == date(2026, 7, 6)
    assert reading.header.uais == {UAI}
    assert not reading.problems.counts


def test_the_old_generation_calls_the_family_name_nom() -> None:
    assert only(pupil(NOM_DE_FAMILLE=None, NOM="D'HAENE"))["nom_famille"] == "D'HAENE"


def test_batches_have_the_schema_of_enrolments() -> None:
    reading = Reading(document(export([pupil(1), pupil(2)])), ProblemLog())
    (batch,) = siecle.read(reading)
    assert batch.schema == ENROLMENT_SCHEMA
    assert batch["ligne"].to_pylist() == [1, 2]


def test_more_pupils_than_a_batch_holds() -> None:
    pupils = (pupil(number, ELENOET=str(number)) for number in range(10_500))
    classes = (division(number, (f"{number % 30}", "D")) for number in range(10_500))
    rows, _ = read(siecle, export(pupils, classes))
    assert len(rows) == 10_500
    assert {row["classe"] for row in rows} == {str(number) for number in range(30)}
    assert all(str((int(str(row["identifiant_local"]))) % 30) == row["classe"] for row in rows)


# --- what a row becomes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"@ELENOET": "8194", "ELENOET": "8193"}, "8193"),  # both, different: the element
        ({"@ELENOET": "8194", "ELENOET": None}, "8194"),
        ({"@ELENOET": "8194", "ELENOET": "  "}, "8194"),
        ({"ELENOET": None, "ID_ELEVE_ETAB": "03275352387"}, "3275"),  # of this school (0352387E)
        ({"ELENOET": None, "ID_ELEVE_ETAB": "08193750680"}, "08193750680"),  # of another
        ({"ELENOET": None, "ID_PRV_ELE": "9065"}, "9065"),
    ],
)
def test_local_number(fields: dict[str, str | None], expected: str) -> None:
    assert only(pupil(**fields))["identifiant_local"] == expected


def test_a_local_number_is_made_up_when_there_is_none() -> None:
    by_ine = only(pupil(ELENOET=None))["identifiant_local"]
    assert by_ine == only(pupil(9, ELENOET=None, PRENOM="Autre"))["identifiant_local"]
    nothing = {"ELENOET": None, "ID_NATIONAL": None, "INE_RNIE": None}
    by_name = only(pupil(**nothing))["identifiant_local"]
    assert by_name == only(pupil(9, **nothing, CODE_SEXE="1"))["identifiant_local"]
    assert by_name != only(pupil(**nothing, PRENOM="Zoé"))["identifiant_local"]
    assert str(by_name).startswith("~")
    assert "GOFF" not in str(by_name)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "990000001EB"),
        ({"INE_RNIE": None}, "990000001EB"),
        ({"INE_BEA": "1708000001R"}, "990000001EB|1708000001R"),
        ({"ID_NATIONAL": "1708000001R", "INE_BEA": "1708000001R"}, "1708000001R|990000001EB"),
        ({"ID_NATIONAL": None, "INE_RNIE": None}, None),
        ({"ID_NATIONAL": "", "INE_RNIE": " 990000001EB "}, "990000001EB"),
        ({"ID_NATIONAL": "990000001EB ", "INE_RNIE": "990000001EB"}, "990000001EB"),
    ],
)
def test_every_distinct_ine_is_kept(fields: dict[str, str | None], expected: str | None) -> None:
    assert only(pupil(**fields)).get("ine") == expected


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({}, "35238"),
        ({"CODE_COMMUNE_INSEE_NAISS": None, "VILLE_NAISS": "PORTO", "CODE_PAYS": "139"}, "PORTO"),
        ({"CODE_COMMUNE_INSEE_NAISS": "", "VILLE_NAISS": ""}, None),
        # The specification of 2017: three characters, after those of the département.
        ({"CODE_COMMUNE_INSEE_NAISS": "109", "CODE_DEPARTEMENT_NAISS": "044"}, "44109"),
        ({"CODE_COMMUNE_INSEE_NAISS": "004", "CODE_DEPARTEMENT_NAISS": "02A"}, "2A004"),
        ({"CODE_COMMUNE_INSEE_NAISS": "411", "CODE_DEPARTEMENT_NAISS": "974"}, "97411"),
    ],
)
def test_birth_place(fields: dict[str, str | None], place: str | None) -> None:
    assert only(pupil(**fields)).get("commune_naissance") == place


@pytest.mark.parametrize(
    ("code", "sex"), [("1", "M"), ("2", "F"), (" 2 ", "F"), ("", None), (None, None), ("9", None)]
)
def test_a_missing_sex_stays_missing(code: str | None, sex: str | None) -> None:
    assert only(pupil(CODE_SEXE=code)).get("sexe") == sex


@pytest.mark.parametrize(
    ("code", "status"), [("ST", "scolaire"), ("AP", "apprenti"), ("FQ", "FQ"), (None, None)]
)
def test_status(code: str | None, status: str | None) -> None:
    assert only(pupil(CODE_STATUT=code)).get("statut") == status


@pytest.mark.parametrize(
    ("structures", "expected"),
    [
        ([("4 D", "D")], "4 D"),
        ([("_4D1", "G")], None),
        ([("Inactifs", "D")], None),
        ([("INACTIFS", "D"), ("4 É", "D")], "4 É"),
        ([], None),
    ],
)
def test_the_class_is_the_division(structures: list[tuple[str, str]], expected: str | None) -> None:
    rows, _ = read(siecle, export([pupil(1)], [division(1, *structures)]))
    assert rows[0].get("classe") == expected


def test_several_divisions_keep_the_first_and_say_so() -> None:
    # GEPI meets several STRUCTURES_ELEVE for one pupil.
    text = export([pupil(1), pupil(2)], [division(2, ("4 A", "D")), division(2, ("4 B", "D"))])
    rows, reading = read(siecle, text)
    assert rows[1]["classe"] == "4 A"
    (problem,) = reading.problems.examples("plusieurs_divisions")
    assert (problem.line, problem.identity) == (2, "17 LE GOFF Maëlys")


def test_leavers_and_pupils_without_ine_are_kept() -> None:
    rows, _ = read(
        siecle,
        export(
            [
                pupil(1, DATE_SORTIE="01/10/2025"),
                pupil(2, ID_NATIONAL=None, INE_RNIE=None),
                pupil(3, DATE_SORTIE="01/10/2099", CODE_MOTIF_SORTIE="43"),
            ]
        ),
    )
    assert [row.get("date_sortie") for row in rows] == ["01/10/2025", None, "01/10/2099"]


def test_what_raccord_may_not_keep_is_not_there() -> None:
    forbidden = {"CODE_PAYS_NAT": "139", "CODE_REGIME": "24", "DOUBLEMENT": "1"}
    text = export([pupil(**forbidden)], [division(1, ("ULIS 1", "D"))]).replace(
        "<BOURSES/>",
        '<BOURSES><BOURSE ELEVE_ID="1"><CODE_BOURSE>B</CODE_BOURSE></BOURSE></BOURSES>',
    )
    rows, reading = read(siecle, text)
    values = set(map(str, rows[0].values()))
    assert not values & {"139", "24", "B"}
    assert "ULIS" not in str(rows)
    assert rows[0]["classe"] == "autre"  # still in a class
    assert not reading.problems.counts


def test_a_nir_is_dropped_and_its_place_told() -> None:
    nir = "205071331500127"
    changes = {"ID_NATIONAL": nir, "INE_RNIE": None, "TEL_PORTABLE": nir}
    text = export(
        [pupil(ADRESSE_ID="1", **changes)],
        addresses=[
            f'<ADRESSE ADRESSE_ID="1"><LIGNE1_ADRESSE>num sécu {nir[:1]} {nir[1:3]} {nir[3:5]} '
            f"{nir[5:7]} {nir[7:10]} {nir[10:13]} {nir[13:]}</LIGNE1_ADRESSE></ADRESSE>"
        ],
    )
    rows, reading = read(siecle, text)
    assert not {"ine", "telephone", "adresse"} & rows[0].keys()
    problems = list(reading.problems.examples("nir"))
    assert {problem.field for problem in problems} == {"ine", "telephone", "adresse"}
    assert nir not in str(problems)
    assert "0713" not in str(problems)


def test_unknown_tags_are_ignored_and_counted() -> None:
    rows, reading = read(siecle, export([pupil(TRUC="1"), pupil(TRUC="2")]))
    assert len(rows) == 2
    (problem,) = reading.problems.examples("balise_inconnue")
    assert problem.severity is Severity.NOTICE
    assert "TRUC (2 fois)" in problem.message


def test_options_under_either_name_are_read_past() -> None:
    options = (
        '<OPTIONS_ELEVE ELEVE_ID="1"><OPTION><NUM_OPTION>1</NUM_OPTION></OPTION></OPTIONS_ELEVE>'
    )
    assert only(pupil(), options=options)["prenom"] == "Maëlys"


def test_a_file_without_its_establishment_says_so() -> None:
    rows, reading = read(siecle, export([pupil()], head=parameters(uai=None)))
    assert "uai" not in rows[0]
    assert reading.problems.counts["uai_absent", Severity.NOTICE] == 1


def test_the_question_mark_of_the_exporter_is_kept() -> None:
    assert only(pupil(NOM_DE_FAMILLE="BE?NARD"))["nom_famille"] == "BE?NARD"


# --- encodings -----------------------------------------------------------------------------------

NAME = "Œ. Dûzÿ-Ÿ €"


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("iso-8859-15"),
        lambda text: text.encode("utf-8"),  # the declaration lies
        lambda text: text.encode("cp1252"),  # it lies a little
        lambda text: text.encode("utf-8-sig"),  # a mark before the prolog
        lambda text: text.replace("ISO-8859-15", "UTF-8").encode("utf-8"),
        lambda text: text.replace("ISO-8859-15", "UTF-8").encode("utf-8-sig"),
        lambda text: text.replace("ISO-8859-15", "UTF-8").encode("iso-8859-15"),  # it lies
        lambda text: text.replace("ISO-8859-15", "windows-1252").encode("cp1252"),
        lambda text: text.replace("ISO-8859-15", "UTF-16").encode("utf-16"),
        lambda text: text.split("\n", 1)[1].encode("utf-8"),  # no prolog
        lambda text: ("\n\n" + text).encode("iso-8859-15"),  # blank lines before it
    ],
)
@pytest.mark.parametrize("far", [False, True], ids=["near", "far"])
def test_encodings(encode: Callable[[str], bytes], far: bool) -> None:
    """`far`: the first accent comes beyond what is looked at to recognise the file."""
    before = [pupil(number, PRENOM="Lea") for number in range(200)] if far else []
    rows, _ = read(siecle, encode(export([*before, pupil(999, NOM_DE_FAMILLE=NAME)])))
    assert rows[-1]["nom_famille"] == NAME
    assert len(rows) == len(before) + 1


def test_a_lying_declaration_is_told() -> None:
    _, reading = read(siecle, export([pupil()]).encode("utf-8"))
    (problem,) = reading.problems.examples("encodage")
    assert "iso-8859-15" in problem.message
    assert "utf-8" in problem.message


# --- refusals ------------------------------------------------------------------------------------


def refused(content: bytes | str) -> RefusedFile:
    with pytest.raises(RefusedFile) as caught:
        read(siecle, content)
    assert "\n" not in str(caught.value)
    return caught.value


def test_an_empty_export_is_refused() -> None:
    assert "aucun élève" in str(refused(export([])))


def test_a_truncated_export_is_refused_with_its_line() -> None:
    text = export([pupil(number) for number in range(50)])
    error = refused(text[: text.index("</DONNEES>") - 20])
    assert error.line is not None
    assert error.line >= text.count("\n") - 6


def test_nothing_is_given_away_before_the_last_byte() -> None:
    text = export([pupil(number) for number in range(20_500)])
    reading = Reading(document(text.replace("</BEE_ELEVES>", "")), ProblemLog())
    with pytest.raises(RefusedFile):
        next(iter(siecle.read(reading)))


def test_the_line_counts_the_blank_lines_forgiven() -> None:
    text = export([pupil()]).replace("<STRUCTURES>", "<STRUCTURE>")
    assert refused("\n\n" + text).line == (refused(text).line or 0) + 2


@pytest.mark.parametrize(
    "prolog",
    [
        '<!DOCTYPE BEE_ELEVES [<!ENTITY x "y">]>',
        '<!DOCTYPE BEE_ELEVES SYSTEM "file:///etc/passwd">',
        "<!-- " + "x" * 70_000 + " --><!DOCTYPE BEE_ELEVES [<!ENTITY x SYSTEM 'http://a/'>]>",
    ],
)
def test_declarations_are_refused(prolog: str) -> None:
    text = export([pupil(PRENOM="<X/>")]).replace("<BEE_ELEVES ", prolog + "<BEE_ELEVES ", 1)
    assert "DOCTYPE" in str(refused(text))
    utf16 = text.replace("ISO-8859-15", "UTF-16").encode("utf-16")
    assert "DOCTYPE" in str(refused(utf16))


def test_an_undefined_entity_is_a_malformed_file() -> None:
    assert "mal formé" in str(refused(export([pupil(PRENOM="<X>&eacute;</X>")])))


# --- the real samples ----------------------------------------------------------------------------


@pytest.mark.shared
def test_real_sample(shared: Path) -> None:
    (source,) = expand(shared / "data/siecle/anonymise_eleves_avec_adresse_simple_corrige.xml")
    assert siecle.recognises(source)
    rows, reading = read(siecle, source)
    assert [row["identifiant_local"] for row in rows] == ["5496", "8193"]
    assert rows[1]["ine"] == "990001071DJ|9908008912E"
    assert [row["classe"] for row in rows] == ["3 A", "TS3"]
    assert reading.header.school_year == 2019
    assert not reading.problems.counts


@pytest.mark.shared
def test_real_sample_with_a_group(shared: Path) -> None:
    (source,) = expand(
        shared / "data/siecle/anonymise_eleves_avec_adresse_avec_double_structure.xml"
    )
    rows, _ = read(siecle, source)
    assert (rows[0]["classe"], rows[0]["identifiant_local"]) == ("301", "3275")


@pytest.mark.shared
def test_real_malformed_sample_is_refused_with_its_line(shared: Path) -> None:
    path = shared / "data/siecle/anonymise_eleves_avec_adresse_simple_MALFORME.xml"
    (source,) = expand(path)
    with pytest.raises(RefusedFile, match="STRICTURES_ELEVE") as caught:
        read(siecle, source)
    lines = path.read_bytes().splitlines()
    assert caught.value.line is not None
    assert b"</STRUCTURES_ELEVE>" in lines[caught.value.line - 1]


@pytest.mark.shared
def test_real_samples_have_no_forbidden_column(shared: Path) -> None:
    sorting = pair_companions(expand(shared / "data/siecle"))
    for register in sorting.registers:
        reading = Reading(register.document, ProblemLog())
        try:
            table = pa.Table.from_batches(register.format.read(reading))
        except RefusedFile:
            continue
        assert table.schema == ENROLMENT_SCHEMA
