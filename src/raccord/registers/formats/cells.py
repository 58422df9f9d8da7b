"""What one cell of a spreadsheet or of a delimited file means, whatever the format."""

import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import lru_cache

from raccord.registers.identifiers import read_uai

_ABBREVIATED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]{1,3}", re.IGNORECASE)
_SERIAL = re.compile(r"[0-9]{4,5}(?:[.,][0-9]+)?")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]+([0-9]{1,2}):[0-9]{2}.*)?")
_FRENCH = re.compile(
    r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})(?:[T ]+([0-9]{1,2}):[0-9]{2}.*)?"
)
_COMPACT = re.compile(r"[0-9]{7,8}")

#: Written by exporters around an otherwise empty cell: every blank, and the marks without width.
BLANKS = "\x00\u200b\u2060\ufeff" + "".join(c for c in map(chr, range(0x3001)) if c.isspace())

#: Serial numbers of days a spreadsheet may hold for someone alive: 1905 to 2099 (calendar 1900).
_FIRST_SERIAL, _LAST_SERIAL = 2_000, 73_050
_EPOCHS = {1900: date(1899, 12, 30), 1904: date(1904, 1, 1)}

_YES = frozenset({"1", "true", "vrai", "oui", "yes", "o", "x"})

_UAI_IN_A_NAME = re.compile(r"(?<![0-9A-Za-z])[0-9]{7}[A-Za-z](?![0-9a-z])")


def trimmed(value: str) -> str:
    """The text without the blanks around it, visible or not."""
    return value.strip(BLANKS)


@lru_cache(maxsize=1 << 14)
def folded_label(label: str) -> str:
    """A label without accents, case, asterisks or punctuation: « Nom d'usage* » → nom_d_usage."""
    plain = unicodedata.normalize("NFKD", trimmed(label).replace("œ", "oe").replace("Œ", "OE"))
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return "_".join(letters.lower().split())


def is_abbreviated(value: str) -> bool:
    """Whether a spreadsheet replaced a long number by `2,17103E+13`: the digits are lost."""
    return _ABBREVIATED.fullmatch(value) is not None


def is_yes(value: str | None) -> bool:
    """`True`, `VRAI`, `OUI`, `1`..."""
    return value is not None and value.strip().casefold() in _YES


def sex(value: str | None) -> str | None:
    """ "M", "F" or null: never invented (GEPI invents M; do not)."""
    initial = (value or "").strip()[:1].upper()
    return {"M": "M", "H": "M", "G": "M", "1": "M", "F": "F", "2": "F"}.get(initial)


def _day(year: str, month: str, day: str, hour: str | None) -> str | None:
    try:
        found = date(int(year), int(month), int(day))
        # A French midnight written in UTC is 22:00 or 23:00 the day before: a known fault of
        # the apprenticeship feeds (flux-retour-cfas #4564 to #4605).
        return (found + timedelta(days=hour is not None and int(hour) >= 22)).isoformat()
    except (ValueError, OverflowError):
        return None


#: The same few thousand days come back in every register.
@lru_cache(maxsize=1 << 14)
def iso_day(value: str | None, *, epoch: int = 1900) -> str | None:
    """AAAA-MM-JJ from any written form seen in registers; the text itself when it is no date.

    Forms: AAAA-MM-JJ and JJ/MM/AAAA with or without a time, AAAAMMJJ, JJMMAAAA (the month of the
    one cannot be the century of the other), a spreadsheet serial of calendar `epoch`.
    An unreadable text is returned unchanged: `judging.py` counts it, `quality.py` says it.
    """
    text = trimmed(value) if value else ""
    if not text:
        return None
    found: str | None = None
    if match := _ISO.fullmatch(text):
        found = _day(*match.groups())
    elif match := _FRENCH.fullmatch(text):
        day, month, year, hour = match.groups()
        found = _day(year, month, day, hour)
    elif _COMPACT.fullmatch(text):
        padded = text.zfill(8)
        found = (
            _day(padded[4:], padded[2:4], padded[:2], None)
            if padded[4:6] in ("19", "20")
            else (_day(text[:4], text[4:6], text[6:], None) if len(text) == 8 else None)
        )
    elif _SERIAL.fullmatch(text):
        serial = int(float(text.replace(",", ".")))
        if _FIRST_SERIAL <= serial <= _LAST_SERIAL:
            found = (_EPOCHS[epoch] + timedelta(days=serial)).isoformat()
    return found or text


@lru_cache(maxsize=1 << 14)
def as_day(value: str | None, *, epoch: int = 1900) -> date | None:
    """The same as a date, null when the text is no date."""
    text = iso_day(value, epoch=epoch)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def insee(value: str | None) -> str | None:
    """An INSEE or postal code on five characters: a lost leading zero is put back."""
    text = (value or "").replace(" ", "").upper()
    return text.zfill(5) if len(text) == 4 and text.isdecimal() else text or None


def birth_place(commune: str | None, label: str | None, country: str | None) -> str | None:
    """The commune of birth: its INSEE code, or the town when it is abroad (as SIECLE does)."""
    code = insee(commune)
    if code and re.fullmatch(r"[0-9][0-9AB][0-9]{3}", code):
        return code
    return label if country not in (None, "100") else None


def country(value: str | None) -> str | None:
    """SIECLE's country code on three digits, from `99100`, `100` or « FRANCE »."""
    text = (value or "").strip().upper()
    if re.fullmatch(r"99[0-9]{3}", text):
        return text[2:]
    return "100" if text == "FRANCE" else text or None


def uai(value: str | None) -> str | None:
    """A UAI in capitals without spaces; a lost leading zero is put back when the key proves it."""
    text = (value or "").replace(" ", "").upper()
    if len(text) == 7 and read_uai("0" + text).key_ok:
        return "0" + text
    return text or None


def uai_in_name(*names: str) -> str | None:
    """The first UAI with a sound key in file or folder names."""
    for name in names:
        for match in _UAI_IN_A_NAME.findall(name):
            if read_uai(match).key_ok:
                return str(match).upper()
    return None


def school_year(value: str | None) -> int | None:
    """2024 from `2024-2025`, `2024/2025`, `2024 - 2024` or `2024`."""
    match = re.match(r"\s*(20[0-9]{2})(?:\s*[-/]\s*20[0-9]{2})?\s*$", value or "")
    return int(match.group(1)) if match else None


def written(value: object) -> str:
    """A workbook cell as the text a person would have exported.

    A number without decimals loses its `.0`; a date becomes AAAA-MM-JJ; true and false stay.
    """
    match value:
        case str():
            return trimmed(value)
        case bool():
            return "True" if value else "False"
        case float() if value.is_integer() and abs(value) < 1e17:
            return str(int(value))
        case datetime():
            return (
                value.isoformat(sep=" ", timespec="minutes")
                if value.hour
                else (value.date().isoformat())
            )
        case date():
            return value.isoformat()
    return "" if value is None else str(value)
