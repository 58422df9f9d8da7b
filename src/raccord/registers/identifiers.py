"""French school identifiers: their shapes, their keys, and the one that must never be kept.

Pure functions on one value. They classify, they never decide: a wrong key is a warning that
removes the identifier from the exact passes, it does not reject a row. Rules and vectors:
SIECLE-SFD-Exportations-XML v17.4 (UAI), public open data computed (RNIE), esup-transferts (BEA and
base 36), python-stdnum (SIRET). The RNIE key is strong but unofficial: no public implementation.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

#: The 23 letters of the BEA and UAI keys: no I, O, Q.
KEY_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"

#: The ten letters of the RNIE key, one per decimal digit: no I.
RNIE_LETTERS = "ABCDEFGHJK"

_BLANKS = re.compile(r"[\s\u00a0\u202f]+")
_RNIE = re.compile(r"([0-9]{9})([A-HJK]{2})")
_BEA = re.compile(rf"([0-9]{{10}})([{KEY_LETTERS}])")
_APPRENTICE = re.compile(rf"[0-9]{{4}}A[0-9]{{5}}[{KEY_LETTERS}]")
_PROVISIONAL = re.compile(rf"[0-9]{{4}}D[0-9]{{5}}[{KEY_LETTERS}]")
_BASE36 = re.compile(r"([0-9A-Z]{10})([0-9])")
_UAI = re.compile(rf"([0-9]{{7}})([{KEY_LETTERS}])")
_MEF = re.compile(r"[0-9]{3}[0-9A-Z]{3}[0-9]{4}[0-9A-Z]?")
_COMMUNE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")


class IneFamily(StrEnum):
    """Which directory gave an INE."""

    RNIE = "rnie"  # national directory, since 2017-2018
    BEA = "bea"  # former academic number
    APPRENTICE = "apprenti"  # given by the SIFA collection, no known key
    PROVISIONAL = "provisoire"  # no known key
    BASE36 = "base36"  # NNE, universities


@dataclass(frozen=True, slots=True)
class Ine:
    """One INE. `value` is normalised (capitals, no blank). `family` None: no known shape.

    `key_ok` is None when the family has no known key (a shape alone proves little).
    """

    value: str
    family: IneFamily | None
    key_ok: bool | None

    @property
    def well_formed(self) -> bool:
        return self.family is not None

    @property
    def trusted(self) -> bool:
        """May take part in an exact pass: known shape and no wrong key."""
        return self.family is not None and self.key_ok is not False


@dataclass(frozen=True, slots=True)
class Uai:
    """A UAI (ex-RNE). `value` is in capitals, without blanks."""

    value: str
    well_formed: bool
    key_ok: bool

    @property
    def departement(self) -> str | None:
        """The INSEE code of its département, None when the prefix is not known."""
        return uai_departement(self.value) if self.well_formed else None


@dataclass(frozen=True, slots=True)
class Siret:
    """A SIRET, digits only. Never padded: lost leading zeros cannot be told from a typing error."""

    value: str
    well_formed: bool
    key_ok: bool


@dataclass(frozen=True, slots=True)
class Mef:
    """A ministry course code: dispositif, speciality, order, duration in years, year, variant."""

    value: str
    well_formed: bool
    dispositif: str = ""
    duration: int | None = None
    year: int | None = None
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Commune:
    """An INSEE commune code. `repaired`: four digits, the lost leading zero was put back."""

    value: str
    well_formed: bool
    repaired: bool = False

    @property
    def departement(self) -> str | None:
        """INSEE code of the département: 2 characters, 3 overseas."""
        if not self.well_formed:
            return None
        return self.value[:3] if self.value.startswith(("97", "98")) else self.value[:2]


def normalised(text: str) -> str:
    """Capitals, without any blank (also the unbreakable ones)."""
    return _BLANKS.sub("", text).upper()


# --- INE -----------------------------------------------------------------------------------------


def ine(text: str) -> Ine:
    """The INE written in `text`, whatever its family.

    A value of ten digits and a letter is a BEA; the other shapes cannot be confused, except a
    base 36 number that happens to be 11 digits, which only base 36 allows.
    """
    value = normalised(text)
    if match := _RNIE.fullmatch(value):
        return Ine(value, IneFamily.RNIE, match[2] == _rnie_key(int(match[1])))
    if match := _BEA.fullmatch(value):
        return Ine(value, IneFamily.BEA, match[2] == KEY_LETTERS[int(match[1]) % 23])
    if _APPRENTICE.fullmatch(value):
        return Ine(value, IneFamily.APPRENTICE, None)
    if _PROVISIONAL.fullmatch(value):
        return Ine(value, IneFamily.PROVISIONAL, None)
    if match := _BASE36.fullmatch(value):
        # one character repeated is a filler: its key happens to be right for 00000000000
        sound = int(match[2]) == _base36_key(match[1]) and len(set(value)) > 1
        return Ine(value, IneFamily.BASE36, sound)
    return Ine(value, None, None)


def _rnie_key(number: int) -> str:
    tens, units = divmod(97 - number % 97, 10)
    return RNIE_LETTERS[tens] + RNIE_LETTERS[units]


def _base36_key(ten: str) -> int:
    values = [int(character, 36) for character in ten]
    return (6 * sum(values[:9]) + values[9]) % 10


def rnie(number: int) -> str:
    """The INE-RNIE of a number of at most 9 digits, with its valid key."""
    if not 0 <= number < 10**9:
        raise ValueError("an INE-RNIE has 9 digits")
    return f"{number:09d}{_rnie_key(number)}"


def bea(number: int) -> str:
    """The INE-BEA of a number of at most 10 digits, with its valid key."""
    if not 0 <= number < 10**10:
        raise ValueError("an INE-BEA has 10 digits")
    return f"{number:010d}{KEY_LETTERS[number % 23]}"


def base36(ten: str) -> str:
    """The base 36 INE of ten characters 0-9 A-Z, with its valid key."""
    value = normalised(ten)
    if len(value) != 10 or not value.isascii() or not value.isalnum():
        raise ValueError("a base 36 INE has ten characters before its key")
    return f"{value}{_base36_key(value)}"


# --- UAI -----------------------------------------------------------------------------------------


def uai(prefix: str | int, number: int) -> str:
    """The UAI of a three-character prefix (44, "044", "620") and a number of at most 4 digits."""
    digits = f"{int(prefix):03d}{number:04d}"
    if len(digits) != 7 or number < 0:
        raise ValueError("a UAI has 7 digits")
    return digits + KEY_LETTERS[int(digits) % 23]


def read_uai(text: str) -> Uai:
    """The UAI written in `text`: capitals restored, key checked."""
    value = normalised(text)
    match = _UAI.fullmatch(value)
    if match is None:
        return Uai(value, well_formed=False, key_ok=False)
    return Uai(value, well_formed=True, key_ok=match[2] == KEY_LETTERS[int(match[1]) % 23])


# --- SIRET, MEF, communes ------------------------------------------------------------------------

_LA_POSTE = "356000000"
_LA_POSTE_HEAD_OFFICE = "35600000000048"


def siret(text: str) -> Siret:
    """The SIRET written in `text` (blanks, dots and dashes forgiven).

    Luhn on the 14 digits and on the SIREN; La Poste's establishments follow a rule of their own:
    the sum of the 14 digits is a multiple of 5, except the head office, which follows Luhn.
    """
    value = re.sub(r"[.\-]", "", normalised(text))
    if len(value) != 14 or not _digits(value):
        return Siret(value, well_formed=False, key_ok=False)
    if value.startswith(_LA_POSTE) and value != _LA_POSTE_HEAD_OFFICE:
        return Siret(value, well_formed=True, key_ok=sum(map(int, value)) % 5 == 0)
    return Siret(value, well_formed=True, key_ok=_luhn(value) and _luhn(value[:9]))


def _luhn(digits: str) -> bool:
    total = 0
    for rank, character in enumerate(reversed(digits)):
        digit = int(character) * (1 + rank % 2)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def _digits(value: str) -> bool:
    return value.isascii() and value.isdigit()


def mef(text: str) -> Mef:
    """The MEF written in `text`, 10 or 11 characters (the variant may be missing)."""
    value = normalised(text)
    if not _MEF.fullmatch(value):
        return Mef(value, well_formed=False)
    return Mef(
        value,
        well_formed=True,
        dispositif=value[:3],
        duration=int(value[8]),
        year=int(value[9]),
        variant=value[10:],
    )


def commune(text: str) -> Commune:
    """The INSEE commune code in `text`. Four digits are a lost leading zero (01 to 09)."""
    value = normalised(text)
    repaired = len(value) == 4 and _digits(value)
    if repaired:
        value = "0" + value
    well_formed = bool(_COMMUNE.fullmatch(value)) and value[:2] not in {"00", "20", "96"}
    return Commune(value, well_formed, repaired and well_formed)


# --- Départements: one place, three writings -----------------------------------------------------

#: UAI prefixes that are not the département's code: Corsica kept numbers of its own, 971 covers
#: three territories, and 983, 984, 987 are shifted: 987 is Wallis-et-Futuna in a UAI and the
#: Polynésie française everywhere else.
_UAI_PREFIX_TO_INSEE = {"620": "2A", "720": "2B", "983": "988", "984": "987", "987": "986"}
_INSEE_TO_UAI_PREFIX = {
    **{insee: prefix for prefix, insee in _UAI_PREFIX_TO_INSEE.items()},
    "977": "971",
    "978": "971",
}
_METROPOLE = frozenset(f"{number:02d}" for number in range(1, 96) if number != 20) | {"2A", "2B"}
_OVERSEAS = frozenset(
    ["971", "972", "973", "974", "975", "976", "977", "978", "984", "986", "987", "988", "989"]
)


def departement(text: str) -> str | None:
    """The INSEE code ("44", "2A", "974") of a code in ministry or INSEE writing, else None.

    `02A`, `2a`, `044`, `44`, `4`, `974` are understood. `20`, Corsica before 1976, is ambiguous:
    None. Never give it the prefix of a UAI: see `uai_departement`.
    """
    value = normalised(text)
    if value in _OVERSEAS:
        return value
    if len(value) == 3 and value.startswith("0"):
        value = value[1:]
    value = value.zfill(2)
    return value if value in _METROPOLE else None


def ministry_departement(text: str) -> str | None:
    """The 3-character form of SIECLE, SIPA and the annuaire: 044, 02A, 974."""
    code = departement(text)
    return code.zfill(3) if code else None


def uai_departement(text: str) -> str | None:
    """The INSEE code of the département a UAI was given in, None when the prefix is unknown."""
    prefix = normalised(text)[:3]
    return _UAI_PREFIX_TO_INSEE.get(prefix) or departement(prefix)


def uai_prefix(text: str) -> str | None:
    """The three first characters of the UAIs of a département (any writing): 044, 620, 720."""
    code = departement(text)
    return _INSEE_TO_UAI_PREFIX.get(code, code.zfill(3)) if code else None


# --- NIR: known only to be refused ---------------------------------------------------------------

_SEPARATOR = "[ .\\-\u00a0\u202f]?"

#: The shape of a NIR, with or without its key, alone or inside a longer text. Not after a "+":
#: +225 07 07 07 07 07 is a phone of Côte d'Ivoire. RE2 syntax, for Arrow and DuckDB too.
NIR_PATTERN = (
    r"(?:^|[^0-9A-Za-z+])"
    rf"[1-478]{_SEPARATOR}[0-9]{{2}}{_SEPARATOR}"
    rf"(?:0[1-9]|1[0-2]|[2-3][0-9]|4[0-2]|[5-9][0-9]){_SEPARATOR}"
    rf"(?:[0-9]{{2}}|2[ABab]){_SEPARATOR}[0-9]{{3}}{_SEPARATOR}[0-9]{{3}}"
    rf"(?:{_SEPARATOR}[0-9]{{2}})?"
    r"(?:$|[^0-9A-Za-z])"
)
_NIR = re.compile(NIR_PATTERN)


def has_nir(text: str) -> bool:
    """True when `text` holds what looks like a social security number (13 or 15 characters).

    Such a value is dropped where it is read and written nowhere, not even in a message: the
    décret-cadre NIR (2019-341) does not list our use. The key is deliberately not asked for: a
    mistyped NIR still identifies somebody.
    """
    return _NIR.search(text) is not None


def nir_key(thirteen: str) -> int:
    """97 - (n mod 97), Corsica counted as 19 and 18. Only for tests of `has_nir`."""
    value = normalised(thirteen)
    return 97 - int(value.replace("2A", "19").replace("2B", "18")) % 97
