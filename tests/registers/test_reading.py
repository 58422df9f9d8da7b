"""From paths to snapshots: the contract of the plain file, refusals collected, natures."""

import zipfile
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.registers.snapshots_of import SOUND, Pupil, file_of, pupils

from raccord.registers.enrolment import PLAIN_COLUMNS, Nature
from raccord.registers.reading import Opened, Stated, open_registers
from raccord.registers.snapshots import Snapshot

REQUIRED = "nom_famille;prenom;date_naissance"


def opened(folder: Path, text: str | bytes, name: str = "a.csv", **stated: object) -> Opened:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return open_registers([path], Stated(**stated))  # type: ignore[arg-type]


def only(found: Opened) -> Snapshot:
    assert [str(r) for r in found.refused] == []
    (snapshot,) = found.snapshots
    return snapshot


def prepared(snapshot: Snapshot) -> list[dict[str, object]]:
    return list(pq.read_table(snapshot.prepared).to_pylist())


def plain(snapshot: Snapshot) -> list[dict[str, object]]:
    return list(pq.read_table(snapshot.plain).to_pylist())


# --- the plain file ------------------------------------------------------------------------------


def test_three_columns_are_enough(tmp_path: Path) -> None:
    snapshot = only(opened(tmp_path, f"{REQUIRED}\nLE GOFF;Léa;2008-02-01\n"))
    (row,) = prepared(snapshot)
    assert row["source"] == "plain"
    assert row["uai"] is None
    assert str(row["identifiant_local"]).startswith("sans-")
    assert row["usable"] is True


@pytest.mark.parametrize("missing", ["nom_famille", "prenom", "date_naissance"])
def test_each_required_column(tmp_path: Path, missing: str) -> None:
    names = [n for n in ("identifiant_local", *REQUIRED.split(";")) if n != missing]
    found = opened(tmp_path, ";".join(names) + "\n" + ";".join("abc") + "\n")
    assert not found.snapshots
    (reason,) = found.refused
    assert missing in str(reason)


@pytest.mark.parametrize("column", [c for c in PLAIN_COLUMNS if c not in REQUIRED.split(";")])
def test_any_other_column_may_be_missing_or_empty(tmp_path: Path, column: str) -> None:
    rows = [SOUND | {"prenoms_suivants": "Ève", "nom_usage": "X"}]
    names = [c for c in PLAIN_COLUMNS if c != column]
    text = ";".join(names) + "\n" + ";".join(rows[0].get(c, "") for c in names) + "\n"
    assert only(opened(tmp_path, text)).manifest.unusable == 0
    empty = file_of(tmp_path, "b.csv", [rows[0] | {column: ""}])
    assert only(open_registers([empty])).manifest.unusable == 0


@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_ways_to_write_the_same_file(
    tmp_path: Path, delimiter: str, bom: str, end: str
) -> None:
    text = bom + f"{REQUIRED};sexe{end}LE GOFF;Léa;2008-02-01;F{end}".replace(";", delimiter)
    (row,) = prepared(only(opened(tmp_path, text)))
    assert (row["n_nom"], row["n_prenom"], str(row["d_naissance"]), row["s"]) == (
        "LE GOFF", "LEA", "2008-02-01", 2)  # fmt: skip


def test_columns_in_any_order_and_unknown_ones_reported(tmp_path: Path) -> None:
    text = "prenom;couleur;date_naissance;nom_famille\nLéa;bleu;2008-02-01;LE GOFF\n"
    snapshot = only(opened(tmp_path, text))
    (row,) = plain(snapshot)
    assert "bleu" not in row.values()
    assert any("couleur" in str(p["message"]) for p in snapshot.manifest.problems)


def test_empty_strings_are_null(tmp_path: Path) -> None:
    text = f'{REQUIRED};ine;uai\nLE GOFF;Léa;2008-02-01;"";"  "\n'
    (row,) = plain(only(opened(tmp_path, text)))
    assert row["ine"] is None and row["uai"] is None


@pytest.mark.parametrize(
    ("ine", "keys"),
    [
        ("990000001EB", 1),
        ("990000001EB|0000000001B", 2),
        (" 990000001eb | 0000000001B ", 2),
        ("990000001EB|990000001EB", 1),
        ("990000001AA", 0),
        ("990000001AA|0000000001B", 1),
        ("||990000001EB", 1),
        ("", 0),
        ("INCONNU", 0),
    ],
)
def test_several_ine(tmp_path: Path, ine: str, keys: int) -> None:
    (row,) = prepared(only(opened(tmp_path, f"{REQUIRED};ine\nLE GOFF;Léa;2008-02-01;{ine}\n")))
    found = {row[k] for k in ("k_ine", "k_ine2", "k_ine3")} - {None}
    assert len(found) == keys
    assert (row["k_ine"] is not None) == bool(keys)


@pytest.mark.parametrize(
    ("values", "kept"),
    [
        ({"nom_famille": "LE GOFF", "prenom": "Léa", "date_naissance": "2008-02-01"}, True),
        ({"nom_famille": "LE GOFF", "prenom": "Léa"}, True),
        ({"prenom": "Léa", "date_naissance": "2008-02-01"}, True),
        ({"nom_famille": "LE GOFF", "ine": "990000001EB"}, True),
        ({"prenom": "Léa", "telephone": "0612345678"}, True),
        ({"date_naissance": "2008-02-01", "adresse": "1 rue"}, True),
        ({"date_naissance": "2008-02-01", "commune_naissance": "44109"}, True),
        ({"nom_famille": "LE GOFF"}, False),
        ({"nom_famille": "LE GOFF", "classe": "2DE"}, False),
        ({"ine": "990000001EB", "telephone": "0612345678"}, False),
        ({"date_naissance": "2008-02-30", "ine": "990000001EB"}, False),
        ({"nom_famille": "—", "prenom": "?", "ine": "990000001EB"}, True),
    ],
)
def test_which_rows_are_kept(tmp_path: Path, values: Pupil, kept: bool) -> None:
    path = file_of(tmp_path, "a.csv", [SOUND, {"identifiant_local": "9", **values}])
    snapshot = only(open_registers([path]))
    assert snapshot.manifest.rows == 2
    assert snapshot.manifest.unusable == (0 if kept else 1)
    reported = [p for p in snapshot.manifest.problems if p["rule"] == "ligne_inutilisable"]
    assert len(reported) == (0 if kept else 1)
    if reported:
        assert reported[0]["line"] == 3
        assert "9" in str(reported[0]["identity"])


@given(
    st.dictionaries(
        st.sampled_from([c for c in PLAIN_COLUMNS if c not in ("source", "date_sortie")]),
        st.one_of(
            st.sampled_from(
                ["9999-99-99", "31/02/2008", "inconnu", "0", "-1", "' OR 1=1 --", "É" * 300,
                 "2,17103E+13", "???", "\t", "NULL", "\u00a0", "=1+1", "🙂", "1" * 40]
            ),
            st.text(st.characters(exclude_characters=';"\r\n\x00', codec="utf-8"), max_size=20),
        ),
        max_size=6,
    )
)  # fmt: skip
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_strange_value_warns_and_never_drops(tmp_path: Path, values: Pupil) -> None:
    """Whatever one row holds, the others are there, and itself when its identity is."""
    strange = SOUND | {"identifiant_local": "9"} | values
    for field in ("nom_famille", "prenom", "date_naissance"):
        strange[field] = SOUND[field]
    path = file_of(tmp_path, "a.csv", [SOUND, strange, *pupils(2)])
    snapshot = only(open_registers([path]))
    assert (snapshot.manifest.rows, snapshot.manifest.unusable) == (4, 0)


def test_no_usable_row_is_a_refusal(tmp_path: Path) -> None:
    found = opened(tmp_path, f"{REQUIRED}\nLE GOFF;;\n;Léa;\n")
    assert [str(r) for r in found.refused] == ["a.csv : aucun élève utilisable dans ce fichier"]


def test_rows_without_a_number_keep_theirs(tmp_path: Path) -> None:
    """Two exports, another order, another row: the number made for a pupil does not move."""
    first = prepared(only(opened(tmp_path, f"{REQUIRED}\nA;B;2008-02-01\nC;D;2008-02-02\n")))
    second = prepared(
        only(opened(tmp_path, f"{REQUIRED}\nX;Y;2008-01-01\nC;D;2008-02-02\nA;B;2008-02-01\n"))
    )
    number = {r["n_nom"]: r["identifiant_local"] for r in first}
    again = {r["n_nom"]: r["identifiant_local"] for r in second}
    assert number["A"] == again["A"] and number["C"] == again["C"]
    assert len(set(again.values())) == 3


# --- Parquet -------------------------------------------------------------------------------------


def test_csv_and_parquet_are_prepared_alike(tmp_path: Path) -> None:
    rows = pupils(30)
    csv_path = file_of(tmp_path, "a.csv", rows)
    parquet_path = tmp_path / "a.parquet"
    columns = {c: [r.get(c) or None for r in rows] for c in PLAIN_COLUMNS}
    pq.write_table(
        pa.table({c: pa.array(v, pa.string()) for c, v in columns.items()}), parquet_path
    )
    drop = {"source", "row_hash"}
    one, other = (
        [{k: v for k, v in r.items() if k not in drop} for r in prepared(only(open_registers([p])))]
        for p in (csv_path, parquet_path)
    )
    assert one == other


@pytest.mark.parametrize(
    "columns",
    [
        {"date_naissance": pa.array(["2008-02-01"]).cast(pa.date32())},
        {"sexe": pa.array(["F"]).dictionary_encode()},
        {"code_postal": pa.array([1400])},
        {"date_naissance": pa.array([1201824000000000]).cast(pa.timestamp("us"))},
        {"extra": pa.array([3.5])},
        {"ine": pa.array([None], pa.null())},
        {"ine": pa.array([["990000001EB", "0000000001B"]])},
        {"identifiant_local": pa.array([12])},
    ],
    ids=["date", "dictionary", "integer", "timestamp", "unknown", "null", "list", "number"],
)
def test_parquet_of_other_types(tmp_path: Path, columns: dict[str, pa.Array]) -> None:
    base = {
        "nom_famille": pa.array(["LE GOFF"]),
        "prenom": pa.array(["Léa"]),
        "date_naissance": pa.array(["2008-02-01"]),
    }
    pq.write_table(pa.table(base | columns), tmp_path / "a.parquet")
    (row,) = prepared(only(open_registers([tmp_path / "a.parquet"])))
    assert (row["n_nom"], str(row["d_naissance"])) == ("LE GOFF", "2008-02-01")


# --- natures, sources, years ---------------------------------------------------------------------


def test_what_is_stated_wins(tmp_path: Path) -> None:
    text = f"{REQUIRED}\nA;B;2008-02-01\n"
    snapshot = only(
        opened(tmp_path, text, nature=Nature.DIPLOME, source="exam'ens", uai="0990001N")
    )
    assert snapshot.manifest.nature is Nature.DIPLOME
    (row,) = prepared(snapshot)
    assert (row["source"], row["uai"]) == ("exam'ens", "0990001N")
    again = only(opened(tmp_path, text))
    assert again.manifest.nature is Nature.INSCRIPTION
    assert prepared(again)[0]["source"] == "plain"


def test_a_stated_year_is_the_condition(tmp_path: Path) -> None:
    text = f"{REQUIRED};annee_scolaire\nA;B;2008-02-01;2025-2026\n"
    assert only(opened(tmp_path, text, school_year=2025)).manifest.school_year == 2025
    found = opened(tmp_path, text, school_year=2026)
    assert "2026-2027 est annoncée" in str(found.refused[0])
    assert not found.snapshots


# --- several paths -------------------------------------------------------------------------------


def test_all_refusals_and_all_registers(tmp_path: Path) -> None:
    folder = tmp_path / "registres"
    (folder / "sous").mkdir(parents=True)
    file_of(folder, "a.csv", pupils(3))
    file_of(folder / "sous", "b.csv", pupils(4))
    (folder / "page.html.xml").write_text("<html>")
    (folder / "README.md").write_text("ignoré")
    found = open_registers([folder, tmp_path / "absent"])
    assert sorted(s.manifest.rows for s in found.snapshots) == [3, 4]
    assert len(found.refused) == 2


def test_progress_tells_the_name(tmp_path: Path) -> None:
    told: list[tuple[int, int, str]] = []
    path = file_of(tmp_path, "a.csv", pupils(3))
    open_registers([path], progress=lambda *told_: told.append(told_))
    assert told == [(0, 1, "a.csv")]


def test_a_damaged_member_is_one_refusal_among_others(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    text = file_of(tmp_path, "x.csv", pupils(400)).read_bytes()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("x.csv", text)
    damaged = bytearray(path.read_bytes())
    damaged[len(text) // 2] ^= 0xFF
    path.write_bytes(bytes(damaged))
    found = open_registers([path, tmp_path / "absent.csv", tmp_path / "x.csv"])
    assert [s.manifest.document for s in found.snapshots] == ["x.csv"]
    assert len(found.refused) == 2


def test_a_file_that_vanishes_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from raccord.registers import reading

    path = file_of(tmp_path, "a.csv", pupils(3))
    real = reading.pair_companions

    def vanish(documents: object) -> object:
        sorting = real(documents)  # type: ignore[arg-type]
        path.unlink()
        return sorting

    monkeypatch.setattr(reading, "pair_companions", vanish)
    found = open_registers([path])
    assert not found.snapshots
    assert "a.csv" in str(found.refused[0])


def test_nothing_half_read_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal in the middle of a file leaves no folder behind."""
    home = tmp_path / "home"
    monkeypatch.setenv("RACCORD_HOME", str(home))
    broken = b"<?xml version='1.0'?><BEE_ELEVES><DONNEES><ELEVES><ELEVE>"
    assert opened(tmp_path, broken, "Eleves.xml").refused
    assert not (home / "snapshots").exists() or list((home / "snapshots").iterdir()) == []


def test_duckdb_is_the_pinned_one() -> None:
    """64-bit keys come from its hash: another version reads again."""
    assert duckdb.__version__.startswith("2.")
