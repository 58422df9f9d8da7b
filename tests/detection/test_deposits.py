"""What a deposit refuses: a register that would hide or invent departures."""

from pathlib import Path

import pytest
from tests import cast
from tests.registers import siecle_files

from raccord.detection import services
from raccord.detection.models import Deposit, DepositStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RACCORD_HOME", str(tmp_path / "home"))
    return tmp_path


def deposited(folder: Path, *, year: str, on: str) -> Deposit:
    path = folder / f"eleves-{year}.xml"
    text = siecle_files.export(
        [siecle_files.pupil(1)], head=siecle_files.parameters(year=year, on=on)
    )
    path.write_bytes(text.encode("iso-8859-15"))
    return services.receive(None, academie=cast.academie(), paths=[path], how="command")[0]


def test_the_base_of_last_year_never_stands_for_this_years(home: Path) -> None:
    """A school sends last year's base again: everybody of this year would seem to have left."""
    cast.structure(uai=siecle_files.UAI)
    good = deposited(home, year="2026", on="20/11/2026")
    again = deposited(home, year="2025", on="21/11/2026")
    assert good.status == DepositStatus.ACCEPTED
    assert again.status == DepositStatus.QUARANTINED
    assert "2025-2026" in again.reasons[0]


def test_schools_of_one_name_keep_registers_of_their_own(home: Path) -> None:
    for uai in (siecle_files.UAI, "0350029S"):
        cast.structure(uai=uai, name="Collège des Tilleuls")
    first = deposited(home, year="2026", on="20/11/2026")
    path = home / "autre.xml"
    head = siecle_files.parameters("0350029S", "2026", "20/11/2026")
    text = siecle_files.export([siecle_files.pupil(2)], head=head)
    path.write_bytes(text.encode("iso-8859-15"))
    second = services.receive(None, academie=cast.academie(), paths=[path], how="command")[0]
    assert second.status == DepositStatus.ACCEPTED, second.reasons
    assert first.feed_id != second.feed_id
