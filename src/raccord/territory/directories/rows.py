"""What a directory becomes: plain rows, and what is wrong with them. Nothing is written here."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from pathlib import Path

from raccord.registers.problems import Problem
from raccord.territory.kinds import Kind


class Accuracy(StrEnum):
    """How good the coordinates of a structure are. `DOUBTFUL`: its own directory doubts them."""

    EXACT = "exacte"
    STREET = "rue"
    TOWN = "commune"
    DOUBTFUL = "douteuse"
    UNKNOWN = ""


@dataclass(frozen=True, slots=True)
class StructureRow:
    """One structure, as one directory knows it.

    `uai` is sound or None, `siret` sound or empty: a wrong one is a problem, never a key. `sector`
    is public, prive, hors_contrat or empty. `annex_of` is the UAI this row is another site of: the
    directory gave the same UAI twice. `area` holds the INSEE codes it serves.
    """

    kind: Kind
    name: str
    source: str
    line: int
    uai: str | None = None
    siret: str = ""
    sector: str = ""
    address: str = ""
    postcode: str = ""
    town: str = ""
    insee: str = ""
    departement: str = ""
    latitude: float | None = None
    longitude: float | None = None
    accuracy: Accuracy = Accuracy.UNKNOWN
    phone: str = ""
    email: str = ""
    website: str = ""
    appointment_url: str = ""
    is_open: bool = True
    opens_on: date | None = None
    closes_on: date | None = None
    closing_announced: bool = False
    parent_uai: str | None = None
    annex_of: str | None = None
    has_segpa: bool = False
    basin_code: str = ""
    basin_name: str = ""
    networks: tuple[str, ...] = ()
    area: tuple[str, ...] = ()
    source_id: str = ""
    source_date: date | None = None

    @property
    def reference(self) -> str:
        """What tells it from the others of the same source, from one delivery to the next."""
        if self.annex_of:
            return f"{self.annex_of}/{self.insee or self.postcode}/{self.siret or self.name}"
        place = f"{self.insee or self.postcode}/{self.address}"
        return self.uai or self.source_id or self.siret or f"{self.kind}/{place}/{self.name}"


@dataclass(frozen=True, slots=True)
class Reading:
    """One directory read. `left_out` counts, by reason in French, what is no structure of ours.

    `is_patch`: the file completes other directories (coordinates), it is not one.
    """

    path: Path
    source: str
    label: str
    rows: tuple[StructureRow, ...]
    problems: tuple[Problem, ...] = ()
    left_out: Counter[str] = field(default_factory=Counter)
    is_patch: bool = False
