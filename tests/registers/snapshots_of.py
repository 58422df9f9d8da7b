"""Snapshots of small registers written on the spot: for the tests of quality and guards."""

from collections.abc import Iterable
from pathlib import Path

from raccord.registers.enrolment import PLAIN_COLUMNS
from raccord.registers.reading import open_registers
from raccord.registers.snapshots import Snapshot

Pupil = dict[str, str]

#: One pupil nothing is wrong with.
SOUND: Pupil = {
    "uai": "0440001M",
    "identifiant_local": "1",
    "ine": "250000000EA",
    "nom_famille": "LE GOFF",
    "prenom": "Léa",
    "date_naissance": "2009-02-01",
    "sexe": "F",
    "commune_naissance": "44109",
    "code_postal": "44000",
    "telephone": "0612345678",
    "classe": "2DE1",
    "mef": "20010018110",
    "date_entree": "2025-09-01",
}


def pupils(count: int, **common: str) -> list[Pupil]:
    """So many sound pupils with different names, in the alphabetical order of their numbers."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    found = []
    for n in range(count):
        key = 97 - (990_000_000 + n) % 97
        ine = f"{990_000_000 + n}{'ABCDEFGHJK'[key // 10]}{'ABCDEFGHJK'[key % 10]}"
        name = letters[n * 26 // count] + letters[n // 26 % 26] + letters[n % 26] + "NOM"
        born = f"2009-{n % 12 + 1:02d}-{n % 28 + 1:02d}"
        found.append(
            SOUND
            | {"identifiant_local": str(n), "ine": ine, "nom_famille": name, "prenom": f"Prenom{n}",
               "date_naissance": born, "classe": f"2DE{n % 5}"}
            | common
        )  # fmt: skip
    return found


def file_of(folder: Path, name: str, rows: Iterable[Pupil]) -> Path:
    """A plain CSV file with every column of the contract."""
    path = folder / name
    lines = [";".join(PLAIN_COLUMNS)]
    lines += [";".join(row.get(column, "") for column in PLAIN_COLUMNS) for row in rows]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def snapshot_of(folder: Path, name: str, rows: Iterable[Pupil]) -> Snapshot:
    """The snapshot of such a file."""
    opened = open_registers([file_of(folder, name, rows)])
    assert not opened.refused
    return opened.snapshots[0]
