"""Readings kept between two runs: complete or absent, private, forgotten in time."""

import json
import os
import stat
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.registers.snapshots_of import file_of, pupils, snapshot_of

from raccord.registers import snapshots
from raccord.registers.enrolment import ALL_COLUMNS
from raccord.registers.judging import PREPARED_COLUMNS
from raccord.registers.reading import open_registers


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RACCORD_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def kept(home: Path) -> list[Path]:
    return sorted((home / "snapshots").iterdir())


def test_two_files_row_by_row_and_a_manifest(tmp_path: Path, home: Path) -> None:
    snapshot = snapshot_of(tmp_path, "a.csv", pupils(20))
    plain, prepared = pq.read_table(snapshot.plain), pq.read_table(snapshot.prepared)
    assert plain.column_names == list(ALL_COLUMNS)
    assert prepared.column_names == list(PREPARED_COLUMNS)
    assert plain.num_rows == prepared.num_rows == snapshot.manifest.rows == 20
    assert plain["identifiant_local"].to_pylist() == prepared["identifiant_local"].to_pylist()
    assert [path.name for path in kept(home)] == [snapshot.manifest.key]


def test_what_is_kept_is_private(tmp_path: Path, home: Path) -> None:
    snapshot = snapshot_of(tmp_path, "a.csv", pupils(3))
    for folder in (home / "snapshots", snapshot.folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in snapshot.folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_reading_twice_changes_nothing(tmp_path: Path, home: Path) -> None:
    path = file_of(tmp_path, "a.csv", pupils(5))
    (first,) = open_registers([path]).snapshots
    before = {f.name: (f.stat().st_mtime_ns, f.read_bytes()) for f in first.folder.iterdir()}
    (second,) = open_registers([path]).snapshots
    assert first == second
    assert before == {
        f.name: (f.stat().st_mtime_ns, f.read_bytes()) for f in second.folder.iterdir()
    }
    assert len(kept(home)) == 1


def test_another_content_is_another_reading(tmp_path: Path, home: Path) -> None:
    first = snapshot_of(tmp_path, "a.csv", pupils(5))
    second = snapshot_of(tmp_path, "a.csv", pupils(6))
    assert first.manifest.key != second.manifest.key
    assert len(kept(home)) == 2


def test_a_new_version_never_trusts_an_old_reading(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from raccord.registers import judging
    from raccord.registers.formats import plain

    keys = {snapshot_of(tmp_path, "a.csv", pupils(5)).manifest.key}
    monkeypatch.setattr(judging, "VERSION", judging.VERSION + 1)
    keys.add(snapshot_of(tmp_path, "a.csv", pupils(5)).manifest.key)
    monkeypatch.setattr(plain, "VERSION", plain.VERSION + 1)
    keys.add(snapshot_of(tmp_path, "a.csv", pupils(5)).manifest.key)
    assert len(keys) == 3
    assert len(kept(home)) == 3


@pytest.mark.parametrize(
    "damage",
    [
        lambda f: (f / "prepared.parquet").unlink(),
        lambda f: (f / "plain.parquet").write_bytes(b""),
        lambda f: os.truncate(f / "prepared.parquet", 100),
        lambda f: (f / "manifest.json").write_text("{"),
        lambda f: (f / "manifest.json").write_text("[]"),
        lambda f: (f / "manifest.json").write_text('{"nature": "autre"}'),
        lambda f: (f / "manifest.json").write_text(
            json.dumps(json.loads((f / "manifest.json").read_text()) | {"champ_de_demain": 1})
        ),
        lambda f: (f / "manifest.json").unlink(),
    ],
    ids=["no-prepared", "empty-plain", "cut", "not-json", "a-list", "nature", "newer", "none"],
)
def test_a_damaged_reading_is_made_again(tmp_path: Path, home: Path, damage: object) -> None:
    path = file_of(tmp_path, "a.csv", pupils(5))
    (first,) = open_registers([path]).snapshots
    sound = {f.name: f.read_bytes() for f in first.folder.iterdir()}
    assert callable(damage)
    damage(first.folder)
    (second,) = open_registers([path]).snapshots
    assert second == first
    assert {f.name: f.read_bytes() for f in second.folder.iterdir()} == sound
    assert len(kept(home)) == 1


def test_half_a_reading_is_never_used(tmp_path: Path, home: Path) -> None:
    """What a killed process leaves has a name that nobody opens."""
    path = file_of(tmp_path, "a.csv", pupils(5))
    (first,) = open_registers([path]).snapshots
    half = home / "snapshots" / f".{first.manifest.key}.1234.5"
    first.folder.rename(half)
    os.truncate(half / "prepared.parquet", 100)
    assert snapshots.find(first.manifest.key) is None
    (second,) = open_registers([path]).snapshots
    assert pq.read_table(second.prepared).num_rows == 5


def test_readings_nobody_uses_are_forgotten(tmp_path: Path, home: Path) -> None:
    old = snapshot_of(tmp_path, "a.csv", pupils(3)).folder
    new = snapshot_of(tmp_path, "b.csv", pupils(4)).folder
    half = home / "snapshots" / ".clé.1.2"
    half.mkdir()
    day = 86_400
    os.utime(old, (0, time.time() - (snapshots.UNUSED_FOR_DAYS + 1) * day))
    os.utime(half, (0, time.time() - 2 * day))
    snapshots.forget_unused()
    assert kept(home) == [new]


def test_using_a_reading_keeps_it(tmp_path: Path, home: Path) -> None:
    path = file_of(tmp_path, "a.csv", pupils(3))
    (old,) = open_registers([path]).snapshots
    os.utime(old.folder, (0, time.time() - 61 * 86_400))
    open_registers([path])
    snapshots.forget_unused(time.time() + 60 * 86_400)
    assert kept(home) == [old.folder]


def test_forgetting_beside_another_run(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that another process removes meanwhile is no fault."""
    snapshot_of(tmp_path, "a.csv", pupils(3))
    real = Path.stat

    def gone(self: Path, **options: bool) -> os.stat_result:
        if self.name == ".autre":
            raise FileNotFoundError(self)
        return real(self, **options)

    (home / "snapshots" / ".autre").mkdir()
    monkeypatch.setattr(Path, "stat", gone)
    snapshots.forget_unused()


def test_forgetting_nothing(home: Path) -> None:
    snapshots.forget_unused()
    assert not home.exists()


def test_age(tmp_path: Path, home: Path) -> None:
    manifest = snapshot_of(tmp_path, "a.csv", pupils(1)).manifest
    assert snapshots.age_in_days(manifest, date(2026, 1, 1)) is None
    dated = replace(manifest, exported_on="2025-12-25")
    assert snapshots.age_in_days(dated, date(2026, 1, 1)) == 7


def test_a_path_with_an_apostrophe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RACCORD_HOME", str(tmp_path / "l'école ; DROP"))
    folder = tmp_path / "d'hier"
    folder.mkdir()
    assert snapshot_of(folder, "l'export.csv", pupils(3)).manifest.rows == 3
