"""A watched folder: whole files only, each read once, put aside with what became of it."""

import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from tests import cast
from tests.matching.territory import csv_file, pupil

from raccord.detection import folder
from raccord.detection.models import Deposit, DepositStatus
from raccord.territory.models import Academie

pytestmark = pytest.mark.django_db


@pytest.fixture
def academie() -> Academie:
    return cast.academie()


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RACCORD_HOME", str(tmp_path / "home"))
    made = tmp_path / "depots"
    made.mkdir()
    return made


def _arrives(watched: Path, name: str = "base.csv", at: float = 1000.0) -> Path:
    path = csv_file(watched / name, [pupil(rank) for rank in range(8)])
    os.utime(path, (at, at))
    return path


def _aside(watched: Path, name: str) -> list[str]:
    found = watched / name
    return sorted(path.name.split("-", 3)[3] for path in found.iterdir()) if found.is_dir() else []


def test_a_whole_file_is_deposited_once_and_put_aside(academie: Academie, watched: Path) -> None:
    path = _arrives(watched)

    (deposit,) = folder.take(academie, watched, now=1000 + folder.STILL)

    assert (deposit.status, deposit.how, deposit.rows) == (DepositStatus.ACCEPTED, "folder", 8)
    assert deposit.author == "le dossier surveillé"
    assert not path.exists()
    assert _aside(watched, folder.TAKEN) == ["base.csv"]
    assert folder.take(academie, watched, now=1_000_000) == []


def test_a_file_still_being_written_is_left(academie: Academie, watched: Path) -> None:
    path = _arrives(watched)

    assert folder.take(academie, watched, now=1000 + folder.STILL - 1) == []

    assert path.exists()
    assert not Deposit.objects.exists()


def test_a_bad_file_is_refused_and_does_not_hold_the_good_one(
    academie: Academie, watched: Path
) -> None:
    (watched / "a-photo.csv").write_bytes(b"\x89PNG\r\n\x1a\n not a register")
    os.utime(watched / "a-photo.csv", (1000, 1000))
    _arrives(watched)

    made = folder.take(academie, watched, now=2000)

    assert {d.document: d.status for d in made} == {
        "a-photo.csv": DepositStatus.REFUSED,
        "base.csv": DepositStatus.ACCEPTED,
    }
    assert _aside(watched, folder.REFUSED) == ["a-photo.csv"]
    assert _aside(watched, folder.TAKEN) == ["base.csv"]


def test_hidden_files_and_folders_are_not_registers(academie: Academie, watched: Path) -> None:
    _arrives(watched, ".base.csv.part")
    (watched / "sous-dossier").mkdir()

    assert folder.take(academie, watched, now=2000) == []
    assert (watched / ".base.csv.part").exists()


def test_the_same_name_again_the_next_day_is_kept_beside(academie: Academie, watched: Path) -> None:
    for _ in range(2):
        _arrives(watched)
        folder.take(academie, watched, now=2000)

    assert _aside(watched, folder.TAKEN) == ["base.csv", "base.csv"]


def test_the_command_looks_once(
    academie: Academie, watched: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _arrives(watched)

    call_command("watch_folder", str(watched), "--academie", academie.pk, "--once")

    assert "base.csv : acceptée" in capsys.readouterr().out


def test_the_command_says_what_it_does_not_know(academie: Academie, watched: Path) -> None:
    with pytest.raises(CommandError, match="code inconnu"):
        call_command("watch_folder", str(watched), "--academie", "99", "--once")
    with pytest.raises(CommandError, match="n’existe pas"):
        call_command("watch_folder", str(watched / "x"), "--academie", academie.pk, "--once")
