"""The plain register file: CSV, Parquet, workbook."""

import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.registers.reading_of import document, reading_of, workbook

from raccord.registers.enrolment import PLAIN_COLUMNS
from raccord.registers.formats import Reading, delimited, plain
from raccord.registers.problems import ProblemLog, RefusedFile, Severity

HEADER = "identifiant_local;nom_famille;prenom;date_naissance;sexe;code_postal;adresse"
LEA = "1;LE GOFF;Léa;2008-02-01;F;44000;1 rue des Lilas"
TOM = "2;N'DIAYE;Tom;15/11/2007;H;1000;2 place du Marché"


def csv_of(*rows: str, header: str = HEADER, end: str = "\n") -> str:
    return end.join([header, *rows, ""])


def parquet_of(**columns: Any) -> bytes:
    content = io.BytesIO()
    pq.write_table(pa.table(columns), content)
    return content.getvalue()


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row.get("prenom", "") for row in rows]


def test_rows_and_defaults() -> None:
    found = reading_of(plain, csv_of(LEA, TOM), stated_uai="0440001M")
    assert found.rows[1] == {
        "source": "plain",
        "uai": "0440001M",
        "identifiant_local": "2",
        "nom_famille": "N'DIAYE",
        "prenom": "Tom",
        "date_naissance": "2007-11-15",
        "sexe": "M",
        "code_postal": "01000",
        "adresse": "2 place du Marché",
        "ligne": 3,
    }
    assert found.rules() == {"zero_perdu"}


def test_stated_source_never_replaces_a_written_one() -> None:
    content = csv_of(
        "A;1;x;y;2008-01-01",
        ";2;x;y;2008-01-01",
        header="source;identifiant_local;nom_famille;prenom;date_naissance",
    )
    rows = reading_of(plain, content, stated_source="cfa").rows
    assert [row["source"] for row in rows] == ["A", "cfa"]


def test_whole_contract_is_read() -> None:
    values = {column: f"v-{column}" for column in PLAIN_COLUMNS} | {
        "date_naissance": "2008-02-01", "date_entree": "2025-09-01", "date_sortie": "2026-01-05",
        "sexe": "F", "code_postal": "44000", "commune_naissance": "2A004",
        "commune_residence": "44109",
    }  # fmt: skip
    found = reading_of(plain, ",".join(values) + "\n" + ",".join(values.values()) + "\n")
    assert found.rows == [values | {"ligne": 2}]
    assert not found.problems


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "iso8859-15", "cp1252", "utf-16", "utf-16-le"]
)
def test_dialects(delimiter: str, end: str, encoding: str) -> None:
    content = csv_of(LEA, TOM, end=end).replace(";", delimiter)
    if encoding == "utf-16-le":
        content = "\ufeff" + content
    found = reading_of(plain, content, encoding=encoding)
    assert names(found.rows) == ["Léa", "Tom"]
    assert found.rows[1]["adresse"] == "2 place du Marché"
    assert [row["ligne"] for row in found.rows] == [2, 3]


def test_letters_that_tell_the_two_single_byte_encodings_apart() -> None:
    row = "3;BŒUF;Ÿvonne;2008-02-01;F;44000;5 €"
    for encoding in ("iso8859-15", "cp1252"):
        found = reading_of(plain, csv_of(LEA, row), encoding=encoding).rows[1]
        assert (found["nom_famille"], found["prenom"], found["adresse"]) == (
            "BŒUF",
            "Ÿvonne",
            "5 €",
        )


def test_two_encodings_in_one_file() -> None:
    content = csv_of(LEA).encode() + TOM.encode("cp1252") + b"\n"
    found = reading_of(plain, content)
    assert found.rows[1]["adresse"] == "2 place du Marché"
    assert found.rules() >= {"encodage_melange"}


def test_header_with_stars_spaces_blank_columns_and_repetition() -> None:
    header = " identifiant_local ;Nom_Famille*;prenom **;date_naissance;;;"
    content = csv_of("1;A;x;2008-01-01;;;", header, "2;B;y;2008-01-01;;;", "", ";;;;;;",
                     header=header)  # fmt: skip
    found = reading_of(plain, content)
    assert names(found.rows) == ["x", "y"]
    assert found.rules() == {"entete_repete", "ligne_vide"}


def test_unknown_and_forbidden_columns_are_said_once() -> None:
    content = csv_of(
        "A;x;2008-01-01;vert;interdit;interdit",
        "B;y;2008-01-01;bleu;interdit;",
        header="nom_famille;prenom;date_naissance;couleur;nationalite;nir",
    )
    found = reading_of(plain, content)
    assert [(p.rule, p.field, p.severity) for p in found.problems] == [
        ("colonne_inconnue", "couleur", Severity.NOTICE),
        ("donnee_interdite", "nationalite", Severity.NOTICE),
        ("donnee_interdite", "nir", Severity.NOTICE),
    ]
    assert 'interdit"' not in repr(found) and "'interdit'" not in repr(found)


def test_ragged_rows_are_said_and_the_others_go_on() -> None:
    content = csv_of(
        LEA, "3;PAUL;Ana;2008-01-01;F;44000;4; rue", "4;KLEIN;Max", "5;ROY;Lou;2008-01-01", TOM
    )
    found = reading_of(plain, content)
    assert names(found.rows) == ["Léa", "Lou", "Tom"]
    assert [row["ligne"] for row in found.rows] == [2, 5, 6]
    rejected = [p for p in found.problems if p.severity is Severity.REJECTED]
    assert [(p.line, p.identity) for p in rejected] == [(3, "3 PAUL Ana"), (4, "4 KLEIN Max")]
    assert {p.line for p in found.problems if p.rule == "ligne_incomplete"} == {5}


def test_quotes_line_ends_and_doubled_quotes() -> None:
    found = reading_of(plain, csv_of('1;"A;B";"x ""y""";2008-01-01;F;44000;"1 rue\nBât. 2"', TOM))
    assert found.rows[0]["nom_famille"] == "A;B"
    assert found.rows[0]["prenom"] == 'x "y"'
    assert found.rows[0]["adresse"] == "1 rue\nBât. 2"
    assert found.rows[1]["ligne"] == 4


def test_unclosed_quote_swallows_nothing() -> None:
    for row in ('1;"A;x;2008-01-01;F;44000;5" rue', '1;"A;x;2008-01-01;F;44000;5 rue'):
        found = reading_of(plain, csv_of(row, *[TOM] * 60))
        assert len(found.rows) == 61
        assert found.rows[0]["nom_famille"] == "A"
        assert {p.line for p in found.problems if p.rule == "guillemet_ouvert"} == {2}


def test_numbers_a_spreadsheet_destroyed() -> None:
    content = csv_of(
        "1;A;x;2008-01-01;2,17103E+13;3.36E+10",
        header="identifiant_local;nom_famille;prenom;date_naissance;ine;telephone",
    )
    found = reading_of(plain, content)
    assert not {"ine", "telephone"} & found.rows[0].keys()
    assert [(p.rule, p.line, p.field) for p in found.problems] == [
        ("nombre_abrege", 2, "ine"),
        ("nombre_abrege", 2, "telephone"),
    ]


def test_social_security_number_is_dropped_and_never_written() -> None:
    number = "1 08 01 44 109 123 45"
    content = csv_of(f"1;A;x;2008-01-01;F;44000;{number}", TOM)
    found = reading_of(plain, content)
    assert "adresse" not in found.rows[0]
    assert "adresse" in found.rows[1]
    assert number not in repr(found)
    assert "nir" in found.rules()


def test_missing_required_column_and_empty_files_are_refused() -> None:
    with pytest.raises(RefusedFile, match="date_naissance"):
        reading_of(plain, "nom_famille;prenom\nA;B\n")
    with pytest.raises(RefusedFile, match="aucun élève"):
        reading_of(plain, HEADER + "\n")
    with pytest.raises(RefusedFile, match="aucune des 2 lignes"):
        reading_of(plain, csv_of("1;2", "3;4"))
    assert not plain.recognises(document("a;b\n1;2\n"))
    assert not plain.recognises(document("<html><body>nom_famille;prenom</body></html>"))


def test_line_too_long_is_refused_with_its_number() -> None:
    for size in (3 << 20, 12 << 20):
        with pytest.raises(RefusedFile, match=r"ligne 3 : une ligne dépasse") as caught:
            reading_of(plain, csv_of(LEA, "x" * size, TOM))
        assert len(str(caught.value)) < 300


def test_endless_line_is_refused_in_bounded_memory() -> None:
    class Endless(io.RawIOBase):
        def __init__(self) -> None:
            self.given = 0
            self.head = (HEADER + "\n").encode()

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            assert 0 < size <= 1 << 23
            head, self.head = self.head[:size], self.head[size:]
            self.given += size
            return head or b"x" * size

    stream = Endless()
    endless = delimited.Document(
        Path("a.csv"), "m", 1 << 30, lambda: stream, (HEADER + "\nxxxx").encode()
    )
    with pytest.raises(RefusedFile, match="une ligne dépasse"):
        list(plain.read(Reading(endless, ProblemLog())))
    assert stream.given < 1 << 25


def test_many_rows_keep_their_lines_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "BLOCK", 997)
    rows = [f'{n};N{n};"É{n}";2008-01-01;F;44000;"{n}\nrue"' for n in range(2_000)]
    found = reading_of(plain, csv_of(*rows))
    assert [row["ligne"] for row in found.rows] == [2 + 2 * n for n in range(2_000)]
    assert names(found.rows) == [f"É{n}" for n in range(2_000)]


cells = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp", "Cf"]),
    max_size=8,
)


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=30), st.booleans())
def test_what_csv_writes_is_read_back(rows: list[tuple[str, str, str]], quoted: bool) -> None:
    import csv

    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerow(["identifiant_local", "nom_famille", "prenom", "date_naissance", "adresse"])
    for number, (family, first, address) in enumerate(rows):
        writer.writerow([number, f"n{family}", first, "2008-01-01", address])
    found = reading_of(plain, text.getvalue())
    assert [(r["nom_famille"], r.get("prenom", ""), r.get("adresse", "")) for r in found.rows] == [
        (f"n{family}".strip(), first.strip(), address.strip()) for family, first, address in rows
    ]


# --- Parquet -------------------------------------------------------------------------------------


def test_parquet_of_any_sane_type() -> None:
    content = parquet_of(
        identifiant_local=pa.array([1, 2], pa.int64()),
        nom_famille=pa.array(["A", " B "], pa.large_string()),
        prenom=pa.array(["x", ""]).dictionary_encode(),
        date_naissance=[date(2008, 2, 1), None],
        date_entree=[datetime(2025, 8, 31, 22), datetime(2025, 9, 1)],
        code_postal=pa.array([1000.0, 44000.0]),
        ine=pa.array([["990000001EB", "0908123456N"], None], pa.list_(pa.string())),
        sexe=["1", "F"],
        couleur=[1.5, None],
    )
    assert plain.recognises(document(content))
    found = reading_of(plain, content)
    assert found.rows[0] == {
        "source": "plain",
        "identifiant_local": "1",
        "nom_famille": "A",
        "prenom": "x",
        "date_naissance": "2008-02-01",
        "date_entree": "2025-09-01",
        "code_postal": "01000",
        "ine": "990000001EB|0908123456N",
        "sexe": "M",
        "ligne": 1,
    }
    assert found.rows[1]["nom_famille"] == "B"
    assert "prenom" not in found.rows[1]
    assert found.rules() == {"colonne_inconnue", "zero_perdu"}


def test_broken_parquet_is_refused() -> None:
    content = parquet_of(nom_famille=["A"] * 500, prenom=["x"] * 500, date_naissance=["d"] * 500)
    for broken in (content[:-10], content[:200], b"PAR1" + b"\0" * 50 + b"PAR1", b"PAR1"):
        with pytest.raises(RefusedFile):
            reading_of(plain, broken)
    empty = parquet_of(nom_famille=pa.array([], pa.string()), prenom=[], date_naissance=[])
    with pytest.raises(RefusedFile, match="aucun élève"):
        reading_of(plain, empty)


def test_columns_and_dialect_for_direct_reading(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    path.write_bytes(parquet_of(nom_famille=["A"], prenom=["x"], date_naissance=[date(2008, 1, 1)]))
    assert plain.parquet_columns(path) == {
        "nom_famille": "string",
        "prenom": "string",
        "date_naissance": "date32[day]",
    }
    dialect = plain.csv_dialect(document(csv_of(LEA), encoding="utf-8-sig"))
    assert (dialect.delimiter, dialect.encoding, dialect.quote) == (";", "utf-8", '"')
    assert dialect.columns == tuple(HEADER.split(";"))
    latin = plain.csv_dialect(document(csv_of(LEA), encoding="iso8859-15"))
    assert latin.encoding in ("cp1252", "iso8859-15")


def test_workbook() -> None:
    content = workbook([
        ["identifiant_local", "nom_famille", "prenom", "date_naissance", "uai"],
        [12, "A", "x", datetime(2008, 2, 1), "0440001M"],
        [None] * 5,
        [13, "B", "y", "01/03/2008", None, "note"],
    ])  # fmt: skip
    found = reading_of(plain, content)
    assert [(r["identifiant_local"], r["date_naissance"]) for r in found.rows] == [
        ("12", "2008-02-01"),
        ("13", "2008-03-01"),
    ]
    assert found.header.uais == {"0440001M"}
    assert found.rules() == {"ligne_vide", "hors_tableau"}
