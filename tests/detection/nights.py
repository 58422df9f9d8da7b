"""Small registers handed to the nights: rows are written, deposited, compared."""

import csv
from collections.abc import Iterable
from datetime import date
from itertools import count
from pathlib import Path

from tests import cast
from tests.matching.territory import Row, ine, pupil, uai

from raccord.detection import night, services
from raccord.detection.models import Deposit, DepositStatus, Feed, Run
from raccord.followup.models import Case
from raccord.registers.enrolment import PLAIN_COLUMNS
from raccord.territory.kinds import Kind
from raccord.territory.models import SchoolYear, Structure

LAST_YEAR = date(2026, 6, 20)
DAY = date(2026, 11, 16)


class Nights:
    """An académie whose registers change from one night to the next."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self._rank = count()
        self.academie = cast.academie()
        self.schools = [self.school(rank) for rank in range(4)]
        self.cfa = self.school(9, Kind.CFA)
        SchoolYear.objects.create(
            academie=self.academie,
            year=2026,
            rollover_on=date(2026, 7, 5),
            rentree_on=date(2026, 9, 1),
            constat_on=date(2026, 9, 20),
        )

    def school(self, rank: int, kind: Kind = Kind.LYCEE, **fields: object) -> Structure:
        """The school whose pupils have this rank modulo 4."""
        return cast.structure(kind, uai=uai(rank), **fields)

    def deposit(self, rows: Iterable[Row], on: date, **options: object) -> Deposit:
        """One register of the whole académie, as it was on a day."""
        path = self.folder / f"base-{next(self._rank)}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, PLAIN_COLUMNS, delimiter=";")
            writer.writeheader()
            writer.writerows(rows)
        feed = Feed.objects.get_or_create(academie=self.academie, label="Tous")[0]
        options = {"feed": feed, "forced_because": "essai"} | options
        made = services.receive(
            None, academie=self.academie, paths=[path], how="command", state_on=on, **options
        )
        assert [d.status for d in made] == [DepositStatus.ACCEPTED], made[0].reasons
        return made[0]

    def night(self, on: date = DAY) -> Run:
        """Compare."""
        return night.run(self.academie, on)

    def case_of(self, row: Row) -> Case:
        """The case of a pupil."""
        return Case.objects.get(
            departures__local_id=row["identifiant_local"], departures__structure__uai=row["uai"]
        )


def moved(row: Row, to: str, number: str, **changes: str) -> Row:
    """The same pupil, enrolled elsewhere under another number."""
    return row | {"uai": to, "identifiant_local": number, "uai_precedent": row["uai"]} | changes


def without(rows: Iterable[Row], *gone: int) -> list[Row]:
    """The rows but those of these ranks."""
    return [row for rank, row in enumerate(rows) if rank not in gone]


def pupils(how_many: int = 40) -> list[Row]:
    """Everybody of last year."""
    return [pupil(rank, source="siecle") for rank in range(how_many)]


__all__ = ["DAY", "LAST_YEAR", "Nights", "ine", "moved", "pupil", "pupils", "uai", "without"]
