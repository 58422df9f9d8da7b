"""Invented identities: first names by birth year, surnames with a long tail, streets.

The lists shipped in `data/` hold common names from general knowledge, in an approximate order of
frequency; everything else is composed from syllables. No combination describes a real person.
"""

import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Codes = NDArray[np.int32]

FIRST_YEAR, LAST_YEAR = 1998, 2018
#: Distinct surnames, composed ones included.
SURNAMES = 140_000


def plain_ascii(text: str) -> str:
    """Without accents."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).replace("ı", "i")


_NOT_IN_MAIL = str.maketrans(" '.", "---")


def _mail_part(text: str) -> str:
    return plain_ascii(text).lower().translate(_NOT_IN_MAIL)


@dataclass(frozen=True)
class Vocabulary:
    """Names by code, in the forms registers write."""

    text: pa.Array
    capitals: pa.Array
    mail: pa.Array

    @classmethod
    def of(cls, names: list[str]) -> "Vocabulary":
        return cls(
            pa.array(names),
            pa.array([plain_ascii(n).upper() for n in names]),
            pa.array([_mail_part(n) for n in names]),
        )

    def __len__(self) -> int:
        return len(self.text)


class Sampler:
    """Draws codes according to weights, by inverse transform."""

    def __init__(self, weights: NDArray[np.float64]) -> None:
        cumulated = np.cumsum(weights)
        self._cumulated = cumulated / cumulated[-1]

    def draw(self, rng: np.random.Generator, count: int) -> Codes:
        found = np.searchsorted(self._cumulated, rng.random(count), side="right")
        return np.minimum(found, len(self._cumulated) - 1).astype(np.int32)


def _lines(name: str) -> list[str]:
    text = (files("raccord.simulation") / "data" / name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


_TREND = {"+": 0.09, "-": -0.10, "=": 0.0}


class FirstNames:
    """First names of girls and boys and how often they are given each year."""

    def __init__(self) -> None:
        names: dict[str, int] = {}
        ranked: dict[str, dict[int, tuple[float, float]]] = {"F": {}, "M": {}}
        pairs: list[tuple[str, str, str, str]] = []
        section = ""
        row = 0
        for line in _lines("prenoms.txt"):
            if line.startswith("["):
                section, row = line.strip("[]"), 0
                continue
            words = line.split()
            if section == "JUMEAUX":
                pairs.append((words[0], words[1], words[2], words[3]))
                continue
            trend = _TREND[words[0]]
            for rank, word in enumerate(words[1:]):
                for spelling, share in zip(word.split("/"), (1.0, 0.6), strict=False):
                    code = names.setdefault(spelling, len(names))
                    # The first lines hold the most given names, later ones the long tail.
                    base = share * (120.0 / (row + 1) ** 1.1) / (rank + 12) ** 0.8
                    ranked[section].setdefault(code, (base, trend))
            row += 1
        for sex_a, name_a, sex_b, name_b in pairs:
            for sex, name in ((sex_a, name_a), (sex_b, name_b)):
                code = names.setdefault(name, len(names))
                ranked[sex].setdefault(code, (0.3, 0.0))
        self.vocabulary = Vocabulary.of(list(names))
        self.close_pairs = [(a, names[x], b, names[y]) for a, x, b, y in pairs]
        self._codes = {s: np.array(list(r), np.int32) for s, r in ranked.items()}
        self._samplers = {
            (sex, year): Sampler(
                np.array([base * np.exp(trend * (year - 2009)) for base, trend in r.values()])
            )
            for sex, r in ranked.items()
            for year in range(FIRST_YEAR, LAST_YEAR + 1)
        }

    def draw(
        self, rng: np.random.Generator, girls: NDArray[np.bool_], years: NDArray[np.int64]
    ) -> Codes:
        """One first name each, by sex and year of birth."""
        out = np.zeros(len(girls), np.int32)
        years = np.clip(years, FIRST_YEAR, LAST_YEAR)
        for year in np.unique(years):
            for sex, of_sex in (("F", girls), ("M", ~girls)):
                rows = np.flatnonzero((years == year) & of_sex)
                picks = self._samplers[sex, int(year)].draw(rng, len(rows))
                out[rows] = self._codes[sex][picks]
        return out


# A surname is composed as onset + vowel + link (+ vowel + link) + ending.
_ONSETS = (
    "B BR C CH CL D DR F FR G GR GU J L M N P PL PR QU R S T TR V ROC DES MON COR BER VER MAR BEL "
    "LA LE MAL PER SAN TER THE VAL CHA CHE BOU GAR GOU CAR"
).split()
_VOWELS = "A A E E I O O U AI AU OU OI EU AN EN ON IN".split()
_AFTER_VOWEL = "B C CH D F G GN L LL M N NN P R RR SS T TT V RD RT RM RN ST LD LM NT ND".split()
_AFTER_NASAL = "B C CH D F G P S T V DR TR GL".split()
_ENDINGS = (
    "ARD AUD AULT AIN AIRE AIS AL AN AND ANT AS AT AUX AY E EAU EL ELLE EN ER ERE ET ETTE "
    "EUX EY EZ IAU IE IER IERE IN INE IS IT ON OT OU OUX OZ U UT Y AC EC IC OC"
).split()


def _composed(count: int, known: set[str]) -> list[str]:
    """Surnames made of syllables, distinct from the known ones; always the same list."""
    rng = np.random.default_rng(313)
    found: dict[str, None] = {}
    onsets, vowels, endings = (np.array(p) for p in (_ONSETS, _VOWELS, _ENDINGS))
    while len(found) < count:
        draws = rng.random((3 * count, 6))
        for u in draws.tolist():
            name = onsets[int(u[0] * len(onsets))]
            for vowel, link in ((u[1], u[2]), (u[3], u[4]))[: 1 if u[5] < 0.45 else 2]:
                if name[-1] in "AEIOU":
                    name = name[:-1] + ("U" if name[-2:] == "QU" or name[-2:] == "GU" else "")
                piece = vowels[int(vowel * len(vowels))]
                links = _AFTER_NASAL if piece[-1] == "N" else _AFTER_VOWEL
                name += piece + links[int(link * len(links))]
            name += endings[int((u[2] * 7 + u[5] * 3) % 1 * len(endings))]
            if 4 <= len(name) <= 11 and name not in known:
                found[str(name)] = None
                if len(found) == count:
                    break
    return list(found)


class Surnames:
    """About 140,000 surnames under a law of Zipf and Mandelbrot."""

    def __init__(self) -> None:
        listed = list(dict.fromkeys(" ".join(_lines("noms.txt")).split()))
        listed = [name.replace("_", " ") for name in listed]
        self.names = listed + _composed(SURNAMES - len(listed), set(listed))
        self.vocabulary = Vocabulary.of(self.names)
        rank = np.arange(len(self.names), dtype=np.float64)
        # The first surname of France is borne by about 0.35 % of people, the hundredth by 0.05 %.
        self._sampler = Sampler(1.0 / (rank + 25.0) ** 0.97)

    def draw(self, rng: np.random.Generator, count: int) -> Codes:
        """Surnames, the frequent ones more often."""
        return self._sampler.draw(rng, count)


@cache
def first_names() -> FirstNames:
    """The first names, read once."""
    return FirstNames()


@cache
def surnames() -> Surnames:
    """The surnames, composed once."""
    return Surnames()


_WAYS = ("rue", "avenue", "chemin", "impasse", "allée", "place", "route", "square", "boulevard")
_STREETS = (
    "des Lilas,du Moulin,de l'Église,des Écoles,du Stade,de la Gare,des Tilleuls,du Château,"
    "de la Fontaine,des Acacias,du Port,des Rosiers,du Lavoir,de la Mairie,des Vignes,du Bois,"
    "des Peupliers,de la Forge,du Four,des Cerisiers,de la Paix,du Calvaire,des Hirondelles,"
    "de la Liberté,des Primevères,du Verger,de Bretagne,d'Anjou,de Vendée,de la Loire,des Prés,"
    "du Marché,des Chênes,du Pont,de la Plage,des Alouettes,du Ruisseau,des Bruyères,du Puits,"
    "de la Croix,des Noyers,du Levant,du Couchant,des Mésanges,de la Vallée,des Jonquilles,"
    "de la Poste,des Artisans,du Commerce,des Genêts,du Parc,des Platanes,de la République"
).split(",")


@cache
def streets() -> pa.Array:
    """Every way joined with every name of street."""
    return pa.array([f"{way} {name}" for name in _STREETS for way in _WAYS])
