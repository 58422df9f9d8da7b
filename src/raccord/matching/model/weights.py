"""A frozen model: the probability of each level among the same and among different persons.

The file is JSON a statistician can read. It carries its term frequencies, so that the weight of a
pair depends on the pair alone, and its prior moves by powers of two of the size of the registers:
a comparison of a few changed rows gives the weights of a full one.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from pathlib import Path

from raccord.matching.model.levels import COMPARISONS, Comparison, Level

#: Shipped with the package; docs/comparaison.md gives the command and the data that trained it.
FROZEN = "frozen.json"


@dataclass(frozen=True)
class LevelWeight:
    """Probabilities of a level: `m` between two enrolments of one person, `u` of two persons."""

    m: float
    u: float

    @property
    def weight(self) -> float:
        """log2 of the Bayes factor."""
        return math.log2(self.m / self.u)


@dataclass(frozen=True)
class Model:
    """`prior_bits` is added to −log2 of the size of the after registers (see `prior`)."""

    version: str
    prior_bits: float
    levels: Mapping[tuple[str, str], LevelWeight]
    frequencies: Mapping[str, Mapping[str, float]]
    floors: Mapping[str, float]
    trained_by: Mapping[str, object] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """Tells two models apart, whatever their versions say; written once, it is long."""
        return hashlib.sha256(to_json(self).encode()).hexdigest()[:16]

    def prior(self, after_rows: int) -> float:
        """Weight of a pair before any field is compared, for registers of `after_rows` rows.

        One of them at most is the person sought, so the odds are about 1/N; N is rounded up to a
        power of two, so that the weights of yesterday hold today.
        """
        return self.prior_bits - math.ceil(math.log2(max(2, after_rows)))

    def level_weight(self, comparison: Comparison, level: Level) -> float:
        """Weight of a level, 0 when it says nothing."""
        found = self.levels.get((comparison.field, level.code))
        return found.weight if found else 0.0

    def frequency_bits(self, comparison: Comparison, level: Level) -> float:
        """log2(u) of an exact level: what the frequency of the value replaces."""
        return math.log2(self.levels[comparison.field, level.code].u)


def load(path: Path | None = None) -> Model:
    """The model of a file, or the frozen one. Raises ValueError (in French) when it is not one."""
    return _frozen() if path is None else from_json(path.read_text("utf-8"))


@cache
def _frozen() -> Model:
    return from_json(resources.files(__package__).joinpath(FROZEN).read_text("utf-8"))


def from_json(text: str) -> Model:
    """Parse a model file; the levels it names must be those of this version of Raccord."""
    raw = json.loads(text)
    expected = {
        (comparison.field, level.code)
        for comparison in COMPARISONS
        for level in comparison.levels
        if level.code != "missing"
    }
    levels = {
        (name, code): LevelWeight(values["m"], values["u"])
        for name, by_level in raw["comparisons"].items()
        for code, values in by_level.items()
    }
    if set(levels) != expected:
        wrong = ", ".join("/".join(pair) for pair in sorted(set(levels) ^ expected))
        raise ValueError(
            f"ce modèle n'est pas de cette version de Raccord (niveaux différents : {wrong}). "
            "Entraînez-le de nouveau avec « raccord train »."
        )
    return Model(
        version=raw["version"],
        prior_bits=raw["prior_bits"],
        levels=levels,
        frequencies=raw["frequencies"],
        floors=raw["floors"],
        trained_by=raw.get("trained_by", {}),
    )


def to_json(model: Model) -> str:
    """The model as readable JSON, the same text for the same model."""
    comparisons: dict[str, dict[str, dict[str, float]]] = {}
    for (name, code), weight in model.levels.items():
        comparisons.setdefault(name, {})[code] = {
            "m": float(f"{weight.m:.6g}"),
            "u": float(f"{weight.u:.6g}"),
            "weight": round(weight.weight, 3),
        }
    return json.dumps(
        {
            "version": model.version,
            "trained_by": dict(model.trained_by),
            "prior_bits": round(model.prior_bits, 3),
            "comparisons": comparisons,
            "floors": dict(model.floors),
            "frequencies": {
                column: {value: float(f"{share:.4g}") for value, share in sorted(values.items())}
                for column, values in model.frequencies.items()
            },
        },
        ensure_ascii=False,
        indent=1,
    )
