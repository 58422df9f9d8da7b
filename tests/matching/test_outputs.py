"""The folder that other people's scripts open: verdicts.parquet, missing.csv, summary.json, and
the page."""

import csv
import io
import json
import stat
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.matching.territory import Result, Row, compared, crowd, ine, moved, pupil, uai

from raccord.registers.problems import RefusedFile

pytestmark = pytest.mark.xdist_group("outputs")

COLUMNS = {
    "source": "string",
    "uai": "string",
    "identifiant_local": "string",
    "person": "int64",
    "verdict": "string",
    "matched_source": "string",
    "matched_uai": "string",
    "matched_identifiant_local": "string",
    "matched_by": "string",
    "probability": "double",
    "lane": "string",
    "fragile": "bool",
    "followed_by": "string",
    "evidence": "string",
}
MATCHED = ("matched_source", "matched_uai", "matched_identifiant_local", "matched_by")

SAME_SCHOOL, BY_INE, BY_IDENTITY, BY_MODEL, DOUBT, GONE, TWICE, YOUNG, YOUNG_GONE, NO_UAI = (
    pupil(rank) for rank in range(1, 11)
)
YOUNG["date_naissance"] = YOUNG_GONE["date_naissance"] = "2012-03-03"
NO_UAI["uai"] = ""
GONE |= {
    "telephone": "+33612345678",
    "courriel": "=cmd|' /C calc'!A0",
    "representant_nom": "@SUM(A1)",
    "formation": 'CAP; "cuisine"\nservice',
    "prenom": "Zoé",
    "date_naissance": "2009-06-30",
}
SECOND = TWICE | {"uai": uai(8), "identifiant_local": "second"}
STRANGER = moved(pupil(50), ine="987654321AB", telephone="0699887766", adresse="7 RUE SECRETE")


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    others = crowd(40)
    before = [SAME_SCHOOL, BY_INE, BY_IDENTITY, BY_MODEL, DOUBT, GONE, TWICE, SECOND, YOUNG,
              YOUNG_GONE, NO_UAI]  # fmt: skip
    after = [
        SAME_SCHOOL,
        moved(BY_INE),
        moved(BY_IDENTITY, ine=""),
        moved(BY_MODEL, ine="", nom_famille=BY_MODEL["nom_famille"][:-1]),
        moved(DOUBT, ine=ine(555), uai_precedent="", commune_naissance=""),
        moved(TWICE, statut="sans contrat", source="cfa"),
        moved(YOUNG),
        STRANGER,
        moved(GONE, ine="", nom_famille="AUTRE", prenom="PERSONNE", telephone="0611111111",
              date_naissance="2008-01-01"),
    ]  # fmt: skip
    return compared(tmp_path_factory.mktemp("outputs"), before + others, after + others)


# --- verdicts.parquet ----------------------------------------------------------------------------


def test_columns_and_types(result: Result) -> None:
    schema = pq.read_schema(result.out / "verdicts.parquet")
    assert {field.name: str(field.type) for field in schema} == COLUMNS


def test_one_row_for_each_enrolment_of_before(result: Result) -> None:
    enrolments = [(r["source"], r["uai"], r["identifiant_local"]) for r in result.rows]
    assert len(enrolments) == len(set(enrolments)) == 11 + 40
    assert ("siecle", None, NO_UAI["identifiant_local"]) in enrolments


def test_verdicts_and_means(result: Result) -> None:
    rows = {
        "same school": SAME_SCHOOL,
        "ine": BY_INE,
        "identity": BY_IDENTITY,
        "model": BY_MODEL,
        "doubt": DOUBT,
        "gone": GONE,
        "young": YOUNG,
        "young gone": YOUNG_GONE,
    }
    verdicts = {name: result.of(row) for name, row in rows.items()}
    found = {name: (v["verdict"], v["matched_by"]) for name, v in verdicts.items()}
    assert found == {
        "same school": ("found", "ine"),
        "ine": ("found", "ine"),
        "identity": ("found", "identite"),
        "model": ("found", "model"),
        "doubt": ("review", "model"),
        "gone": ("missing", None),
        "young": ("excluded", "ine"),
        "young gone": ("excluded", None),
    }


def test_null_rules(result: Result) -> None:
    for row in result.rows:
        assert row["verdict"] in ("found", "review", "missing", "excluded")
        if row["verdict"] in ("found", "review"):
            assert all(row[column] is not None for column in MATCHED), row
        if row["verdict"] == "missing":
            assert all(row[column] is None for column in MATCHED), row
        if row["probability"] is None:
            assert row["matched_by"] in ("ine", "identite")
            assert row["verdict"] in ("found", "excluded")
        else:
            assert 0 <= row["probability"] <= 1
        if row["verdict"] == "review":
            assert row["probability"] is not None
        if row["verdict"] == "found":
            assert row["lane"] is None
        assert row["fragile"] in (True, False)


def test_a_person_has_one_verdict(result: Result) -> None:
    first, second = result.of(TWICE), result.of(SECOND)
    assert first["person"] == second["person"]
    for column in ("verdict", "fragile", "lane", *MATCHED):
        assert first[column] == second[column], column
    assert first["fragile"] is True
    persons: dict[int, set[str]] = {}
    for row in result.rows:
        persons.setdefault(row["person"], set()).add(row["verdict"])
    assert all(len(verdicts) == 1 for verdicts in persons.values())
    assert len(persons) == len(result.rows) - 1


def test_evidence_names_fields_and_never_values(result: Result) -> None:
    for row in result.rows:
        evidence = json.loads(row["evidence"])
        nearest = evidence.pop("nearest", None)
        for part in filter(None, (evidence, nearest)):
            for key in ("agree", "close", "differ"):
                assert set(part.get(key, [])) <= {
                    "ine", "nom_famille", "prenom", "prenoms_suivants", "date_naissance", "sexe",
                    "commune_naissance", "uai_precedent", "adresse", "telephone",
                }  # fmt: skip
        if nearest:
            assert set(nearest) == {
                "source", "uai", "probability", "agree", "close", "differ", "kept_apart"
            }  # fmt: skip
            assert row["verdict"] in ("missing", "excluded")
        for value in (STRANGER["nom_famille"], "SECRETE", "987654321AB", "0699887766", "PERSONNE"):
            assert value not in row["evidence"]


# --- missing.csv ---------------------------------------------------------------------------------


def test_the_list_opens_in_a_spreadsheet(result: Result) -> None:
    raw = (result.out / "missing.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert len({len(line) for line in lines}) == 1
    assert lines[0][:5] == ["uai", "nom_famille", "nom_usage", "prenom", "date_naissance"]


def test_the_list_holds_the_missing_and_only_them(result: Result) -> None:
    raw = (result.out / "missing.csv").read_text("utf-8-sig")
    listed = list(csv.DictReader(io.StringIO(raw, newline=""), delimiter=";"))
    assert {m["identifiant_local"] for m in listed} == {
        r["identifiant_local"] for r in result.rows if r["verdict"] == "missing"
    }
    (line,) = [m for m in listed if m["identifiant_local"] == GONE["identifiant_local"]]
    assert line["prenom"] == "Zoé"
    assert line["date_naissance"] == "30/06/2009"
    assert line["age"] == "17"
    assert line["telephone"] == "+33612345678"  # a phone is not a formula
    assert line["courriel"].startswith("'=")
    assert line["representant_nom"].startswith("'@")
    assert "\n" in line["formation"]


# --- report.html and summary.json ----------------------------------------------------------------


def test_the_report_is_one_page_without_network(result: Result) -> None:
    page = result.report
    assert page.startswith("<!DOCTYPE html>") or page.lower().startswith("<!doctype html>")
    assert GONE["nom_famille"] in page
    assert "SECRETE" not in page
    assert "987654321AB" not in page
    for attribute in ('src="http', "src='http", 'href="http', "@import", "url(http"):
        assert attribute not in page


def test_summary_has_the_keys_of_the_contract(result: Result) -> None:
    summary = json.loads((result.out / "summary.json").read_text("utf-8"))
    assert {"counts", "coverage", "seconds", "peak_memory_mb", "versions"} <= set(summary)
    assert {"raccord", "model", "duckdb"} <= set(summary["versions"])
    assert summary["seconds"]["total"] > 0
    assert 10 < summary["peak_memory_mb"] < 4000
    assert summary["as_of"] == "2026-11-16"


def test_counts_agree_with_the_verdicts(result: Result) -> None:
    counts = result.summary["counts"]
    rows = result.rows
    for verdict in ("found", "review", "missing", "excluded"):
        assert counts[verdict] == sum(r["verdict"] == verdict for r in rows), verdict
        persons = {r["person"] for r in rows if r["verdict"] == verdict}
        assert counts["persons"][verdict] == len(persons), verdict
    assert counts["before_enrolments"] == len(rows)
    assert counts["before_persons"] == len({r["person"] for r in rows})
    by = counts["found_elsewhere_by"]
    assert counts["found_same_school"] + sum(by.values()) == counts["persons"]["found"]
    assert counts["fragile"] == 1


def test_files_are_private(result: Result) -> None:
    names = {path.name for path in result.out.iterdir()}
    assert {"verdicts.parquet", "missing.csv", "report.html", "summary.json"} <= names
    assert stat.S_IMODE(result.out.stat().st_mode) == 0o700
    for name in ("verdicts.parquet", "missing.csv", "summary.json"):
        assert stat.S_IMODE((result.out / name).stat().st_mode) == 0o600, name


@pytest.mark.parametrize("forbidden", ["nationalite", "boursier", "pcs", "rqth", "regime", "nir"])
def test_forbidden_data_is_nowhere(tmp_path: Path, forbidden: str) -> None:
    """Dropped at reading: never in an output, nor in what is kept between two runs."""
    secret = "VALEURINTERDITE"
    rows = [pupil(1) | {forbidden: secret}, *crowd(5)]
    result = compared(tmp_path, rows, crowd(5))
    from raccord.registers import snapshots

    for folder in (result.out, snapshots.home() / "snapshots"):
        for path in (p for p in folder.rglob("*") if p.is_file()):
            assert secret.encode() not in path.read_bytes(), path
            if path.suffix == ".parquet":
                assert secret not in str(pq.read_table(path).to_pydict()), path


def test_a_nir_is_nowhere(tmp_path: Path) -> None:
    nir = "1 08 05 44 109 123 45"
    rows = [pupil(1, ine="108054410912345"), pupil(2, adresse=f"3 rue des Lilas {nir}"),
            pupil(3, identifiant_local="2080544109123"), *crowd(5)]  # fmt: skip
    result = compared(tmp_path, rows, crowd(5))
    for path in (p for p in result.out.rglob("*") if p.is_file()):
        data = path.read_bytes()
        if path.suffix == ".parquet":
            data = str(pq.read_table(path).to_pydict()).encode()
        for written in (b"108054410912345", nir.encode(), b"2080544109123"):
            assert written not in data, path.name


# --- the folder ----------------------------------------------------------------------------------


def rows_of(count: int = 6) -> list[Row]:
    return crowd(count)


def test_an_existing_result_is_replaced_as_a_whole(tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = compared(tmp_path, [GONE, *rows_of()], rows_of(), out=out)
    assert first.summary["counts"]["missing"] == 1
    (out / "ecole-page.html").write_text("page d'une ancienne comparaison")
    second = compared(tmp_path, rows_of(), rows_of(), out=out)
    assert second.summary["counts"]["missing"] == 0
    assert not (out / "ecole-page.html").exists()
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


@pytest.mark.parametrize(
    "content",
    [
        {"notes.txt": "à moi"},
        {"summary.json": '{"projet": "un autre logiciel"}', "notes.txt": "à moi"},
        {"summary.json": '{"versions": ["raccord"]}', "notes.txt": "à moi"},
        {"summary.json": '{"versions": {"raccord"', "notes.txt": "à moi"},
    ],
    ids=["files", "another-summary", "other-versions", "cut-summary"],
)
def test_a_folder_that_is_not_ours_is_refused(tmp_path: Path, content: dict[str, str]) -> None:
    from raccord.matching.comparison import Refused

    out = tmp_path / "out"
    out.mkdir()
    for name, text in content.items():
        (out / name).write_text(text)
    with pytest.raises(Refused) as refused:
        compared(tmp_path, rows_of(), rows_of(), out=out)
    assert "n'a pas été écrit par Raccord" in str(refused.value)
    assert (out / "notes.txt").read_text() == "à moi"


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    from raccord.matching.comparison import Refused

    out = tmp_path / "out"
    out.write_text("un fichier")
    with pytest.raises(Refused):
        compared(tmp_path, rows_of(), rows_of(), out=out)
    assert out.read_text() == "un fichier"


def test_an_empty_folder_is_welcome(tmp_path: Path) -> None:
    out = tmp_path / "nouveau" / "out"
    out.mkdir(parents=True)
    assert compared(tmp_path, rows_of(), rows_of(), out=out).summary["counts"]["found"] == 6


def test_the_current_folder_is_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "ici"
    inside.mkdir()
    monkeypatch.chdir(inside)
    compared(tmp_path, rows_of(), rows_of(), out=Path())
    assert (inside / "summary.json").exists()


def test_what_is_kept_of_a_refusal() -> None:
    refused = RefusedFile(Path("dossier/fichier.csv"), "illisible", 3)
    assert str(refused) == "fichier.csv, ligne 3 : illisible"
    assert pa.__version__
