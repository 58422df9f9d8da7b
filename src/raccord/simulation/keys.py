"""Keys of fictional identifiers, computed on whole columns.

The rules are those of `raccord.registers.identifiers`; here they run on arrays of numbers, to
write millions of them. The numbers are invented: a bijection of a rank, not a person.
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Integers = NDArray[np.int64]

_ALPHABET_23 = "ABCDEFGHJKLMNPRSTUVWXYZ"
_KEYS_23 = pa.array(list(_ALPHABET_23))
# 97 - (n mod 97) on two digits, each turned into a letter of ABCDEFGHJK.
_KEYS_97 = pa.array(
    ["".join("ABCDEFGHJK"[int(d)] for d in f"{97 - remainder:02d}") for remainder in range(97)]
)
_RNIE_SPACE = 1_000_000_000
_STEP = 618_033_989  # prime to 10, so that rank -> number is a bijection


def padded(numbers: Integers, width: int) -> pa.Array:
    """Whole numbers on `width` digits."""
    text = pc.cast(pa.array(numbers), pa.string())
    return pc.utf8_lpad(text, width, "0")


def joined(*parts: Any) -> pa.Array:
    """Columns side by side; null when one is null."""
    return pc.binary_join_element_wise(*parts, "")


def ine_numbers(ranks: Integers, seed: int) -> Integers:
    """The nine digits of the national INE of the person of each rank (distinct below 10^9)."""
    shift = (seed * 7_919 + 104_729) % _RNIE_SPACE
    return (ranks * _STEP + shift) % _RNIE_SPACE


def ine_rnie(numbers: Integers) -> pa.Array:
    """INE of the national directory: nine digits and the 97-complement on two letters."""
    return joined(padded(numbers, 9), pc.take(_KEYS_97, pa.array(numbers % 97)))


def ine_bea(numbers: Integers) -> pa.Array:
    """Former academic INE: ten digits and a letter modulo 23. Derived from the nine digits."""
    ten = (numbers * 7 + 1_100_000_003) % 10_000_000_000
    return joined(padded(ten, 10), pc.take(_KEYS_23, pa.array(ten % 23)))


def uai(prefix: str, number: int) -> str:
    """UAI of the establishment `number` of a département (three digits) with its key."""
    digits = f"{prefix}{number:04d}"
    return digits + _ALPHABET_23[int(digits) % 23]


def siret(number: int) -> str:
    """SIRET of a fictional body: Luhn holds on the first nine digits and on the fourteen."""
    siren = f"9{number:07d}"
    siren += _luhn(siren)
    nic = siren + "0001"
    return nic + _luhn(nic)


def _luhn(digits: str) -> str:
    total = 0
    for rank, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if rank % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)
