"""Small fictional territories, written as plain registers, and what a comparison says of them.

Names and numbers are invented; INE and UAI have valid keys and belong to nobody.
"""

import csv
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from raccord.matching.comparison import Request, compare
from raccord.registers.enrolment import PLAIN_COLUMNS

Row = dict[str, str]

#: The day of every comparison here, unless a test says otherwise.
DAY = date(2026, 11, 16)

_KEYS = "ABCDEFGHJK"
_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
#: Family names and first names that resemble each other as little as ordinary ones do.
_FAMILY = """OZANNE KERBIRIOU TSHIBANGU LEMARCHAND BENARD VASSEUR QUILLIEN PRIGENT HAMDAOUI ROUXEL
DUFLOT GUYOMARD CHEVRIER MORVAN BOUQUET SILVESTRE TANGUY FOURNIER JACQUEMIN NDIAYE WAGNER YILMAZ
ABGRALL COSQUER DELAHAYE ESNAULT FAUCHEUX GICQUEL HUBERT IRIARTE""".split()
_FIRST = """MAELYS ILAN CHLOE MAMADOU THEO INES ELOUAN ZOE NOLAN LINA BAPTISTE OCEANE RAYAN
SARAH GWENDAL PAULINE KEVIN JUSTINE URSULE VICTOR""".split()


def ine(rank: int) -> str:
    """A sound INE-RNIE (registers.md 13.2) that nobody bears, far from those of other ranks."""
    number = 900_000_000 + random.Random(f"ine {rank}").randrange(99_999_999)
    key = 97 - number % 97
    return f"{number:09d}{_KEYS[key // 10]}{_KEYS[key % 10]}"


def uai(rank: int) -> str:
    """A UAI with a valid key."""
    digits = f"099{rank:04d}"
    return digits + _LETTERS[int(digits) % 23]


def pupil(rank: int, **changes: str) -> Row:
    """Pupil number `rank` in one of four schools: every rank below 600 is somebody else."""
    draw = random.Random(rank)
    born = date(2008, 1, 1).toordinal() + draw.randrange(300)
    return {
        "source": "siecle",
        "uai": uai(rank % 4),
        "identifiant_local": f"{1000 + rank}",
        "ine": ine(rank),
        "nom_famille": _FAMILY[rank % len(_FAMILY)],
        "prenom": _FIRST[(rank * 7 + rank // len(_FAMILY)) % len(_FIRST)],
        "date_naissance": date.fromordinal(born).isoformat(),
        "sexe": "FM"[rank % 2],
        "commune_naissance": draw.choice(["44109", "35238", "29019", "56121", "22278", "49007"]),
        "classe": "1G3",
        "formation": "1ERE GENERALE",
    } | changes


def moved(row: Row, school: int = 9, **changes: str) -> Row:
    """The same young person a year later, in another school that says where they come from."""
    return (
        row
        | {
            "uai": uai(school),
            "identifiant_local": "n" + row["identifiant_local"],
            "uai_precedent": row["uai"],
            "classe": "TG1",
            "formation": "",
        }
        | changes
    )


def crowd(count: int = 40, first: int = 100) -> list[Row]:
    """Pupils who stay where they are: enough of them for a comparison to have a background."""
    return [pupil(rank) for rank in range(first, first + count)]


def csv_file(path: Path, rows: Iterable[Row], columns: Sequence[str] | None = None) -> Path:
    """A plain register, `;` and UTF-8, with the columns that its rows have."""
    rows = list(rows)
    if columns is None:
        known = dict.fromkeys(name for row in rows for name in row)
        columns = [c for c in PLAIN_COLUMNS if c in known] + [
            c for c in known if c not in PLAIN_COLUMNS
        ]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, delimiter=";", restval="", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


def parquet_file(path: Path, rows: Iterable[Row]) -> Path:
    """The same as text columns of a Parquet file."""
    rows = list(rows)
    columns = dict.fromkeys(name for row in rows for name in row)
    pq.write_table(
        pa.table({c: pa.array([r.get(c) or None for r in rows], pa.string()) for c in columns}),
        path,
    )
    return path


@dataclass
class Result:
    """What a comparison wrote."""

    out: Path
    summary: dict[str, Any]

    @cached_property
    def rows(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = pq.read_table(self.out / "verdicts.parquet").to_pylist()
        return sorted(found, key=lambda row: [(value is None, value) for value in row.values()])

    def of(self, row: Row) -> dict[str, Any]:
        """The verdict of this enrolment of *before*."""
        (found,) = [
            verdict
            for verdict in self.rows
            if (verdict["uai"] or "", verdict["identifiant_local"])
            == (row.get("uai", ""), row["identifiant_local"])
        ]
        return found | {"evidence": json.loads(found["evidence"])}

    def verdict(self, row: Row) -> str:
        return str(self.of(row)["verdict"])

    def missing(self) -> list[dict[str, str]]:
        """The lines of missing.csv."""
        text = (self.out / "missing.csv").read_text("utf-8-sig")
        return list(csv.DictReader(text.splitlines(), delimiter=";"))

    @property
    def report(self) -> str:
        return (self.out / "report.html").read_text("utf-8")


def paths_of(folder: Path, name: str, registers: Any) -> list[Path]:
    """Files of one side: a path, rows, or a list of either; rows are written as a CSV."""
    if isinstance(registers, Path):
        return [registers]
    if not registers:
        return []
    if isinstance(registers[0], dict):
        folder.mkdir(parents=True, exist_ok=True)
        return [csv_file(folder / f"{name}.csv", registers)]
    return [
        path
        for rank, register in enumerate(registers)
        for path in paths_of(folder, f"{name}{rank}", register)
    ]


def compared(folder: Path, before: Any, after: Any, **options: Any) -> Result:
    """Compare, in this process, registers given as rows, paths, or lists of them."""
    for side in ("diplomas", "followed"):
        if side in options:
            options[side] = paths_of(folder, side, options[side])
    if isinstance(options.get("decisions"), list):
        options["decisions"] = csv_file(folder / "decisions.csv", options["decisions"])
    request = Request(
        before=paths_of(folder, "before", before),
        after=paths_of(folder, "after", after),
        out=options.pop("out", folder / "out"),
        **{"as_of": DAY, **options},
    )
    return Result(request.out, compare(request))


def decision(before: Row, after: Row, said: str) -> Row:
    """A line of a file of decisions."""
    return {
        "uai": before["uai"],
        "identifiant_local": before["identifiant_local"],
        "uai_trouve": after["uai"],
        "identifiant_trouve": after["identifiant_local"],
        "decision": said,
    }


def raccord(
    *arguments: object, home: Path | None = None, **options: Any
) -> subprocess.CompletedProcess[str]:
    """The command line, in a process of its own."""
    environment = dict(os.environ) | ({"RACCORD_HOME": str(home)} if home else {})
    return subprocess.run(
        [sys.executable, "-m", "raccord.cli", *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env=environment | options.pop("environment", {}),
        **options,
    )
