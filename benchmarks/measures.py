"""What is asked, what was measured: one `Measure` a line of the table, in French as it is read."""

from dataclasses import dataclass, field
from typing import Any

from benchmarks.measuring import Spread


@dataclass(frozen=True)
class Measure:
    """One quantity against what it must reach.

    `asked` and `stretch` bound `spread.middle` from above, or from below when `at_least`. `unit` is
    "×" (a ratio), "%" (values are shares, 0.01 is 1 %), "Mo" or "" (F1).
    """

    topic: str
    label: str
    spread: Spread
    unit: str
    asked: float | None = None
    stretch: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def reached(self) -> bool | None:
        """Whether what is asked is reached; None when nothing is asked."""
        if self.asked is None:
            return None
        middle = self.spread.middle
        return middle >= self.asked if self.at_least else middle <= self.asked


@dataclass
class Report:
    """Everything one run of the benchmarks measured."""

    measures: list[Measure] = field(default_factory=list)
    #: title → (header, rows) of the tables that give the detail.
    tables: dict[str, tuple[list[str], list[list[str]]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    def add(self, *measures: Measure) -> None:
        self.measures += measures


def shown(value: float, unit: str) -> str:
    """A value as it is read in French."""
    match unit:
        case "%":
            text = f"{100 * value:.3f}".rstrip("0").rstrip(".") + " %"
        case "Mo":
            text = f"{value:,.0f} Mo".replace(",", "\u202f")
        case "s":
            text = f"{value:.2f} s"
        case "×":
            text = f"× {value:.2f}" if value < 100 else f"× {value:.0f}"
        case "n":
            text = f"{value:.0f}"
        case _:
            text = f"{value:.5f}"
    return text.replace(".", ",")
