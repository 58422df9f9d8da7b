"""What every writer needs of a row, beyond its plain columns."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

Row = dict[str, str]

#: Towns of birth abroad, by country code of the ministry (352 Algérie, 350 Maroc...).
TOWNS = {
    "352": "ORAN", "350": "RABAT", "351": "SFAX", "326": "BOUAKE", "331": "PARAKOU",
    "335": "KAYES", "208": "BURSA", "243": "HUE", "216": "WUHAN", "322": "DOUALA",
    "127": "BARI", "139": "BRAGA",
}  # fmt: skip


@dataclass(frozen=True)
class Register:
    """One establishment's register on one day."""

    uai: str
    siret: str
    year: int  # of the September start
    exported_on: date
    rows: list[Row]
    folder: Path
    style: int  # a stable number that chooses generations of tags, encodings, containers
    summer: bool = False


def french(iso: str) -> str:
    """JJ/MM/AAAA from AAAA-MM-JJ; anything else unchanged."""
    parts = iso.split("-")
    return "/".join(reversed(parts)) if len(parts) == 3 else iso


def departement(row: Row) -> str:
    """Département of birth on three characters: 044, 02A, 974; 099 abroad."""
    commune = row["commune_naissance"]
    if not commune:
        return "099" if row["pays_naissance"] != "100" else ""
    return commune[:3] if commune[:2] in ("97", "98") else f"0{commune[:2]}"


def representative(row: Row) -> tuple[str, str] | None:
    """Surname and first name of the representative."""
    name = row["representant_nom"]
    surname, _, first = name.rpartition(" ")
    return (surname, first) if surname else None


def escaped(text: str) -> str:
    """Text of an XML element."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def tag(name: str, value: str) -> str:
    """One element, absent when there is no value (the database holds NULL)."""
    return f"<{name}>{escaped(value)}</{name}>\n" if value else ""
