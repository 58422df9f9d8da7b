"""The mistakes of the independent population: neighbour keys, sounds, shapes, cut columns.

Each takes one row, changes it and says whether it applied.
"""

import random
from collections.abc import Callable

Names = dict[str, str | None]
_KEYS = {
    "A": "ZQ", "Z": "AES", "E": "ZRD", "R": "ETF", "T": "RYG", "Y": "TUH", "U": "YIJ", "I": "UOK",
    "O": "IPL", "P": "OM", "Q": "ASW", "S": "QDZX", "D": "SFEC", "F": "DGRV", "G": "FHTB",
    "H": "GJYN", "J": "HKU", "K": "JLI", "L": "KMO", "M": "LP", "W": "QX", "X": "WCS",
    "C": "XVD", "V": "CBF", "B": "VNG", "N": "BH",
}  # fmt: skip
_SOUNDS = (
    ("EAU", "AU"), ("AU", "O"), ("PH", "F"), ("QU", "K"), ("C", "K"), ("Y", "I"), ("AI", "E"),
    ("S", "Z"), ("EN", "AN"), ("IN", "AIN"), ("TH", "T"), ("X", "S"), ("GN", "NI"), ("J", "G"),
)  # fmt: skip
_SHAPES = (
    ("O", "0"), ("I", "1"), ("RN", "M"), ("M", "RN"), ("CL", "D"), ("VV", "W"), ("U", "V"),
    ("B", "8"), ("S", "5"), ("E", "F"), ("I", "L"),
)  # fmt: skip


def _replaced(rng: random.Random, text: str, pairs: tuple[tuple[str, str], ...]) -> str | None:
    found = [(a, b) for a, b in pairs if a in text.upper()]
    if not found:
        return None
    a, b = rng.choice(found)
    places = [i for i in range(len(text)) if text.upper().startswith(a, i)]
    i = rng.choice(places)
    new = b if text[i].isupper() else b.lower()
    return text[:i] + new + text[i + len(a) :]


def _field(rng: random.Random) -> str:
    return "nom_famille" if rng.random() < 0.55 else "prenom"


def keyboard(rng: random.Random, row: Names) -> bool:
    """A neighbour key, or a key hit twice."""
    name = _field(rng)
    text = row[name] or ""
    places = [i for i, c in enumerate(text) if c.upper() in _KEYS]
    if len(places) < 3:
        return False
    i = rng.choice(places)
    letter = rng.choice(_KEYS[text[i].upper()]) if rng.random() < 0.8 else text[i] * 2
    row[name] = text[:i] + (letter if text[i].isupper() else letter.lower()) + text[i + 1 :]
    return True


def sound(rng: random.Random, row: Names) -> bool:
    """Heard on the phone: another spelling of the same sound, a silent letter gone."""
    name = _field(rng)
    text = row[name] or ""
    if rng.random() < 0.3 and len(text) > 4 and text[-1].upper() in "TDSXEZH":
        row[name] = text[:-1]
        return True
    changed = _replaced(rng, text, _SOUNDS)
    row[name] = changed or text
    return changed is not None


def scanned(rng: random.Random, row: Names) -> bool:
    """Read by a machine: characters that look alike."""
    name = _field(rng)
    changed = _replaced(rng, row[name] or "", _SHAPES)
    row[name] = changed or row[name]
    return changed is not None


def cut(rng: random.Random, row: Names) -> bool:
    """A column eight or ten characters wide."""
    name = _field(rng)
    text = row[name] or ""
    width = rng.choice((7, 8, 10))
    row[name] = text[:width].strip()
    return len(text) > width


def initials(rng: random.Random, row: Names) -> bool:
    """J.-Paul, or the initial alone."""
    text = row["prenom"] or ""
    if "-" in text:
        head, _, tail = text.partition("-")
        row["prenom"] = f"{head[0]}.-{tail}" if rng.random() < 0.5 else head
        return True
    if rng.random() < 0.15:
        row["prenom"] = f"{text[0]}."
        return True
    return False


def other_name(rng: random.Random, row: Names) -> bool:
    """Called by the second first name."""
    others = (row["prenoms_suivants"] or "").split()
    if not others:
        return False
    row["prenom"], row["prenoms_suivants"] = others[0], None
    return True


def particle(rng: random.Random, row: Names) -> bool:
    """The particle dropped or glued."""
    head, space, tail = (row["nom_famille"] or "").partition(" ")
    row["nom_famille"] = tail if space and rng.random() < 0.5 else head + tail
    return bool(space)


def exchanged(rng: random.Random, row: Names) -> bool:
    """Names typed in each other's box."""
    row["nom_famille"], row["prenom"] = row["prenom"], row["nom_famille"]
    return True


def doubled(rng: random.Random, row: Names) -> bool:
    """The other parent's name added after or before one's own."""
    if not row["spare"]:
        return False
    both = [row["nom_famille"] or "", row["spare"]]
    rng.shuffle(both)
    row["nom_famille"] = rng.choice(("-", " ")).join(both)
    return True


def birth(rng: random.Random, row: Names) -> bool:
    """A digit that looks or sounds like another, the day and month exchanged, the decade wrong."""
    year, month, day = (row["date_naissance"] or "").split("-")
    which = rng.random()
    if which < 0.35 and int(day) <= 12 and day != month:
        row["date_naissance"] = f"{year}-{day}-{month}"
    elif which < 0.75:
        alike = {"1": "7", "7": "1", "3": "8", "8": "3", "0": "6", "6": "0", "5": "2", "2": "5"}
        changed = day[0] + alike.get(day[1], "4")
        if not 1 <= int(changed) <= 28:
            return False
        row["date_naissance"] = f"{year}-{month}-{changed}"
    elif which < 0.9:
        row["date_naissance"] = f"{year}-{month}-01"
        return day != "01"
    else:
        row["date_naissance"] = (
            f"{int(year) + rng.choice((-10, -1, 1))}-{month}-{min(int(day), 28):02d}"
        )
    return True


MISTAKES: tuple[tuple[Callable[[random.Random, Names], bool], int], ...] = (
    (keyboard, 22), (sound, 16), (scanned, 9), (cut, 6), (initials, 5), (other_name, 8),
    (particle, 5), (exchanged, 5), (doubled, 6), (birth, 18),
)  # fmt: skip


def spoil(rng: random.Random, row: Names) -> None:
    """One mistake that applies; two for one row in six."""
    for _ in range(2 if rng.random() < 1 / 6 else 1):
        for _ in range(8):
            if rng.choices([m for m, _ in MISTAKES], [w for _, w in MISTAKES])[0](rng, row):
                break
