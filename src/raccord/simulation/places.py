"""Fictional establishments and the communes they recruit from.

A territory is a line: each commune holds a stretch of it proportional to its inhabitants and each
establishment stands somewhere on it, so that neighbours share a collège and move to the nearby
lycée. UAI numbers begin at 9000 in each département, where no real establishment stands.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from raccord.simulation import keys

#: Département: code, prefix of UAI, about the highest number of its communes. Numbers of communes
#: exist as ranges only; some have disappeared by merging, as in real registers.
DEPARTEMENTS: tuple[tuple[str, str, int], ...] = tuple(
    (words[0], words[1], int(words[2]))
    for words in (
        entry.split(":")
        for entry in (
            "44:044:224 49:049:381 53:053:276 72:072:387 85:085:307 35:035:363 56:056:264 "
            "29:029:302 22:022:389 14:014:765 50:050:648 61:061:515 27:027:703 76:076:759 "
            "59:059:670 62:062:909 33:033:555 17:017:480 79:079:351 86:086:298 16:016:425 "
            "31:031:592 34:034:344 30:030:355 13:013:119 83:083:153 06:006:163 69:069:294 "
            "38:038:567 42:042:344 63:063:472 67:067:560 68:068:384 57:057:760 54:054:604 "
            "51:051:663 80:080:845 60:060:702 02:002:828 77:077:534 78:078:690 91:091:692 "
            "95:095:690 45:045:347 37:037:282 41:041:303 28:028:424 18:018:291 21:021:718 "
            "25:025:642 70:070:584 39:039:587 71:071:582 01:001:457 73:073:342 74:074:315 "
            "26:026:382 07:007:348 84:084:151 66:066:233 11:011:440 81:081:329 12:012:307 "
            "46:046:345 47:047:324 24:024:596 64:064:573 40:040:334 65:065:482 32:032:466 "
            "2A:620:366 2B:720:366 87:087:206 19:019:289 23:023:264 03:003:321 15:015:269 "
            "43:043:268 88:088:532 55:055:584 52:052:550 10:010:446 89:089:483 58:058:322 "
            "36:036:249 82:082:196 09:009:342 05:005:187 04:004:245 48:048:198"
        ).split()
    )
)


class Kind(IntEnum):
    """Kind of establishment."""

    COLLEGE = 0
    COLLEGE_PRIVE = 1
    LYCEE = 2
    LYCEE_PRIVE = 3
    LP = 4
    LP_PRIVE = 5
    AGRICOLE = 6
    CFA = 7


#: Source (the register) of each kind.
SOURCES: tuple[str, ...] = (
    "siecle", "prive", "siecle", "prive", "siecle", "prive", "fregata", "dossier_apprenant"
)  # fmt: skip
#: Pupils in an establishment of each kind. Estimate, near the national means (DEPP).
SIZES: tuple[int, ...] = (480, 380, 900, 600, 400, 300, 180, 600)
NAMES: tuple[str, ...] = (
    "Collège", "Collège privé", "Lycée", "Lycée privé", "Lycée professionnel",
    "Lycée professionnel privé", "Lycée agricole", "CFA",
)  # fmt: skip

_COMMUNES_KEPT = 120  # per département and territory; the smallest are left out


@dataclass(frozen=True)
class Schools:
    """Every establishment of the simulation, by number."""

    uai: pa.Array
    kind: NDArray[np.int8]
    siret: pa.Array
    insee: pa.Array

    @property
    def source(self) -> pa.Array:
        return pa.array(SOURCES).take(pa.array(self.kind))


@dataclass(frozen=True)
class Territory:
    """One académie: its communes on the line, its establishments by kind."""

    number: int
    departements: tuple[int, ...]
    insee: pa.Array
    postcode: pa.Array
    ends: NDArray[np.float64]  # where each commune ends on the line
    maternities: NDArray[np.int32]  # communes where children are born
    first_school: NDArray[np.int64]  # by kind, number of the first establishment
    schools: NDArray[np.int64]  # by kind, how many

    def commune(self, position: NDArray[np.float64]) -> NDArray[np.int32]:
        """Commune at each position of the line."""
        found = np.searchsorted(self.ends, position, side="right")
        return np.minimum(found, len(self.ends) - 1).astype(np.int32)

    def school(
        self,
        rng: np.random.Generator,
        kind: NDArray[np.int8],
        position: NDArray[np.float64],
        far: float = 1.0,
    ) -> NDArray[np.int64]:
        """A nearby establishment of the kind; collèges are closer than lycées and CFA."""
        reach = np.array([0.25, 0.5, 0.45, 0.7, 0.8, 0.8, 0.9, 1.2])[kind] * far
        wanted = position * self.schools[kind] + rng.normal(0, 1, len(kind)) * reach
        rank = np.clip(np.floor(wanted), 0, self.schools[kind] - 1).astype(np.int64)
        return self.first_school[kind] + rank


def build(sizes: list[int], shares: NDArray[np.float64]) -> tuple[list[Territory], Schools]:
    """Territories of so many pupils each; `shares` is the share of pupils by kind."""
    next_uai: dict[str, int] = {}
    uais: list[str] = []
    kinds: list[int] = []
    insees: list[str] = []
    territories = []
    for number, pupils in enumerate(sizes):
        span = 5 if pupils >= 30_000 else max(1, pupils // 6_000 + 1)
        chosen = tuple((number * 5 + i) % len(DEPARTEMENTS) for i in range(span))
        insee, postcode, weights, maternities = _communes(chosen)
        ends = np.cumsum(weights) / np.sum(weights)
        first = np.zeros(len(Kind), np.int64)
        count = np.zeros(len(Kind), np.int64)
        for kind in Kind:
            size = SIZES[kind]
            first[kind] = len(uais)
            count[kind] = max(2 if pupils > 2_000 else 1, round(pupils * shares[kind] / size))
            for rank in range(int(count[kind])):
                place = int(np.searchsorted(ends, (rank + 0.5) / count[kind]))
                _, prefix, _ = DEPARTEMENTS[chosen[min(place * span // len(ends), span - 1)]]
                serial = next_uai.get(prefix, 9000)
                next_uai[prefix] = serial + 1
                # Beyond a thousand establishments the numbers go down from 8999.
                uais.append(keys.uai(prefix, serial if serial < 10_000 else 18_999 - serial))
                kinds.append(int(kind))
                insees.append(insee[place])
        territories.append(
            Territory(
                number, chosen, pa.array(insee), pa.array(postcode), ends, maternities, first, count
            )
        )
    schools = Schools(
        pa.array(uais),
        np.array(kinds, np.int8),
        pa.array([keys.siret(n) for n in range(len(uais))]),
        pa.array(insees),
    )
    return territories, schools


def _communes(
    chosen: tuple[int, ...],
) -> tuple[list[str], list[str], NDArray[np.float64], NDArray[np.int32]]:
    insee: list[str] = []
    postcode: list[str] = []
    weights: list[NDArray[np.floating]] = []
    maternities: list[int] = []
    for index in chosen:
        code, _, last = DEPARTEMENTS[index]
        rng = np.random.default_rng(1_000 + index)
        numbers = rng.permutation(last)[:_COMMUNES_KEPT] + 1
        prefix = "20" if code in ("2A", "2B") else code
        maternities.extend(range(len(insee), len(insee) + 7))
        insee.extend(f"{code}{n:03d}" for n in numbers)
        # One postcode serves several small communes, several serve a large town.
        postcode.extend(f"{prefix}{(rank // 2) % 100 * 10:03d}" for rank in range(len(numbers)))
        weights.append(1.0 / (np.arange(len(numbers)) + 1.5) ** 0.85)
    return insee, postcode, np.concatenate(weights), np.array(maternities, np.int32)
