"""The prepared row: keys only where they can prove, hashes of the content alone, no NIR."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.registers.snapshots_of import SOUND, Pupil, file_of, snapshot_of

from raccord.registers.reading import open_registers


def prepared(folder: Path, *rows: Pupil) -> list[dict[str, Any]]:
    return list(pq.read_table(snapshot_of(folder, "a.csv", rows).prepared).to_pylist())


def test_one_row_for_each_row_in_order(tmp_path: Path) -> None:
    rows = [SOUND | {"identifiant_local": str(n)} for n in range(50)]
    assert [r["identifiant_local"] for r in prepared(tmp_path, *rows)] == [
        str(n) for n in range(50)]  # fmt: skip


def test_the_hash_is_of_the_content_and_not_of_the_place(tmp_path: Path) -> None:
    first, again, other = prepared(tmp_path, SOUND, SOUND, SOUND | {"telephone": "0699999999"})
    assert first["row_hash"] == again["row_hash"] != other["row_hash"]


def test_keys_meet_whatever_the_spelling(tmp_path: Path) -> None:
    first, other = prepared(
        tmp_path,
        SOUND | {"nom_famille": "LE GOFF", "prenom": "Léa-Rose"},
        SOUND | {"nom_famille": "Le-Goff", "prenom": "LEA ROSE", "ine": "250000000ea"},
    )
    for key in ("k_nom", "k_prenom", "k_ine"):
        assert first[key] == other[key] is not None


@pytest.mark.parametrize(
    ("ine", "key"),
    [("250000000EA", True), ("250000000AA", False), ("25000000OEA", False), ("FREGATA12", False)],
)
def test_only_a_sound_ine_is_a_key(tmp_path: Path, ine: str, key: bool) -> None:
    (row,) = prepared(tmp_path, SOUND | {"ine": ine})
    assert (row["k_ine"] is not None) is key
    assert row["n_ine"] is not None  # it stays evidence


@pytest.mark.parametrize("field", ["ine", "identifiant_local", "adresse"])
def test_a_nir_is_dropped_wherever_it_slipped(tmp_path: Path, field: str) -> None:
    nir = "2 08 05 44 109 123 45" if field == "adresse" else "208054410912345"
    path = file_of(tmp_path, "a.csv", [SOUND | {field: nir}, SOUND | {"identifiant_local": "2"}])
    (snapshot,) = open_registers([path]).snapshots
    for file in (snapshot.plain, snapshot.prepared):
        assert nir not in str(pq.read_table(file).to_pydict())
        assert pq.read_table(file).num_rows == 2
    assert nir not in (snapshot.folder / "manifest.json").read_text("utf-8")


@pytest.mark.parametrize(
    ("written", "iso"),
    [("2026-11-16", "2026-11-16"), ("16/11/2026", "2026-11-16"), ("9999-12-31", "9999-12-31"),
     ("bientôt", None), ("", None)],
)  # fmt: skip
def test_dates_of_leaving(tmp_path: Path, written: str, iso: str | None) -> None:
    (row,) = prepared(tmp_path, SOUND | {"date_sortie": written})
    assert (str(row["d_sortie"]) if row["d_sortie"] else None) == iso
