"""What clerks and software do to an identity.

Each alteration takes the values of one row and gives back another, or None where it does not
apply; the next one of a random order is then tried.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ACCENTED = str.maketrans("éèêëàâîïôöûùüç", "??????????????")


@dataclass
class Identity:
    """The names and the birth date of one row, as text (date AAAA-MM-JJ)."""

    nom: str
    usage: str | None
    prenom: str
    suivants: str | None
    date: str
    spare: str  # another surname, for the usage name of those who have none


Alteration = Callable[[random.Random, Identity], bool]


def _typo(rng: random.Random, text: str) -> str | None:
    places = [i for i, c in enumerate(text) if c.isalpha()]
    if len(places) < 3:
        return None
    i = rng.choice(places[1:]) if rng.random() < 0.85 else places[0]
    kind = rng.randrange(4)
    letter = rng.choice(_LETTERS)
    letter = letter if text[i].isupper() else letter.lower()
    if kind == 0:
        return text[:i] + letter + text[i + 1 :]
    if kind == 1:
        return text[:i] + text[i + 1 :]
    if kind == 2:
        return text[:i] + (text[i] if rng.random() < 0.5 else letter) + text[i:]
    if i + 1 < len(text) and text[i + 1] != text[i]:
        return text[:i] + text[i + 1] + text[i] + text[i + 2 :]
    return text[:i] + text[i + 1 :]


def _surname_typo(rng: random.Random, row: Identity) -> bool:
    nom = _typo(rng, row.nom)
    row.nom, changed = nom or row.nom, nom is not None and nom != row.nom
    return changed


def _first_name_typo(rng: random.Random, row: Identity) -> bool:
    prenom = _typo(rng, row.prenom)
    row.prenom, changed = prenom or row.prenom, prenom is not None and prenom != row.prenom
    return changed


def _accents(rng: random.Random, row: Identity) -> bool:
    """The exporter writes `?` for what it cannot, or the file was read in the wrong encoding."""
    if rng.random() < 0.5:
        broken = row.prenom.translate(_ACCENTED)
    else:
        broken = row.prenom.encode("utf-8").decode("iso-8859-15")
    row.prenom, changed = broken, broken != row.prenom
    return changed


def _swap(_rng: random.Random, row: Identity) -> bool:
    row.nom, row.prenom = row.prenom.upper(), row.nom.capitalize()
    return row.nom != row.prenom.upper()


def _usage(rng: random.Random, row: Identity) -> bool:
    if row.usage is None and rng.random() < 0.5:
        return False
    row.nom, row.usage = row.usage or row.spare, None
    return True


def _both_names(rng: random.Random, row: Identity) -> bool:
    other = row.usage or row.spare
    row.nom = f"{row.nom}-{other}" if rng.random() < 0.7 else f"{row.nom} {other}"
    row.usage = None
    return True


def _split(rng: random.Random, row: Identity) -> bool:
    for separator in ("-", " "):
        parts = row.nom.split(separator)
        if len(parts) > 1 and len(parts[-1]) > 2:
            row.nom = parts[-1] if rng.random() < 0.4 or len(parts[0]) < 3 else parts[0]
            return True
    return False


def _second_name(_rng: random.Random, row: Identity) -> bool:
    if not row.suivants:
        return False
    head, _, rest = row.suivants.partition(" ")
    row.prenom, row.suivants = head, f"{row.prenom} {rest}".strip()
    return True


def _truncated(rng: random.Random, row: Identity) -> bool:
    head, hyphen, _ = row.prenom.partition("-")
    if hyphen:
        row.prenom = head
        return True
    if len(row.prenom) < 6:
        return False
    row.prenom = row.prenom[: rng.randint(3, len(row.prenom) - 2)]
    return True


def _day_month(_rng: random.Random, row: Identity) -> bool:
    year, month, day = row.date.split("-")
    if int(day) > 12 or day == month:
        return False
    row.date = f"{year}-{day}-{month}"
    return True


def _digit(rng: random.Random, row: Identity) -> bool:
    year, month, day = row.date.split("-")
    which = rng.random()
    if which < 0.5:
        changed = f"{rng.choice([d for d in range(1, 29) if abs(d - int(day)) in (1, 10)]):02d}"
        row.date = f"{year}-{month}-{changed}"
    elif which < 0.75:
        changed = f"{rng.choice([m for m in range(1, 13) if m != int(month)]):02d}"
        row.date = f"{year}-{changed}-{min(int(day), 28):02d}"
    else:
        row.date = f"{int(year) + rng.choice((-1, 1))}-{month}-{min(int(day), 28):02d}"
    return True


def _first_of_january(_rng: random.Random, row: Identity) -> bool:
    year = row.date[:4]
    changed = not row.date.endswith("-01-01")
    row.date = f"{year}-01-01"
    return changed


def _abbreviated(_rng: random.Random, row: Identity) -> bool:
    for long, short in (("SAINTE", "STE"), ("SAINT", "ST"), ("BEN ", "B "), ("LE ", "L ")):
        if row.nom.startswith(long):
            row.nom = (short + row.nom[len(long) :]).replace("-", " ")
            return True
    return False


def _glued(_rng: random.Random, row: Identity) -> bool:
    glued = "".join(c for c in row.nom if c.isalnum())
    row.nom, changed = glued, glued != row.nom
    return changed


#: Alterations and how often each is tried first. Estimate: 1 to 5 % of rows for all noises.
ALTERATIONS: tuple[tuple[Alteration, float], ...] = (
    (_surname_typo, 18), (_first_name_typo, 14), (_accents, 6), (_swap, 6), (_usage, 9),
    (_both_names, 5), (_split, 8), (_second_name, 9), (_truncated, 6), (_day_month, 8),
    (_digit, 12), (_first_of_january, 1), (_abbreviated, 2), (_glued, 4),
)  # fmt: skip


def alter(rng: random.Random, row: Identity) -> None:
    """One alteration that applies."""
    for _ in range(8):
        chosen = rng.choices([a for a, _ in ALTERATIONS], [w for _, w in ALTERATIONS])[0]
        if chosen(rng, row):
            return


def wrong_ine(rng: random.Random, ine: str) -> str:
    """A mistyped INE: one digit, two neighbours exchanged, or a letter of the key."""
    kind = rng.randrange(3)
    i = rng.randrange(8)
    if kind == 1 and ine[i] != ine[i + 1]:
        return ine[:i] + ine[i + 1] + ine[i] + ine[i + 2 :]
    if kind == 2:
        return ine[:-1] + rng.choice([c for c in "ABCDEFGHJK" if c != ine[-1]])
    return ine[:i] + rng.choice([d for d in "0123456789" if d != ine[i]]) + ine[i + 1 :]
