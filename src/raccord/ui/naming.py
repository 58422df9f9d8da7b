"""The name of a structure inside a sentence: « au CIO de Nantes », « par la Mission locale »."""

import re
import unicodedata

#: By the first word of a name. A first word that is not here takes no article: « France Travail ».
_LE = frozenset(
    "bureau campus carif centre cfa cio college conseil dispositif foyer greta groupe gip lycee "
    "pole psad rectorat reseau rsma service".split()
)
_LA = frozenset(
    "cite direction draaf draio dsden maison mairie mfr mission mlds plateforme region section "
    "segpa sep".split()
)
_ELIDED = frozenset(
    "academie afpa agence antenne association atelier e2c ecole epide erea espace etablissement "
    "institut ufa unite".split()
)


def called(name: str, after: str = "") -> str:
    """With its article, and « à » or « de » melted in it; `after`: the word that comes before
    (« à », « de », « par »), or nothing. A name in the plural or without article is left alone."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    found = re.match(r"[a-z0-9]+", plain)
    first = found[0] if found else ""
    if first in _ELIDED:
        return f"{after} l’{name}".lstrip()
    if first in _LA:
        return f"{after} la {name}".lstrip()
    if first in _LE:
        melted = {"à": "au", "de": "du"}.get(after)
        return f"{melted} {name}" if melted else f"{after} le {name}".lstrip()
    if after == "de" and plain[:1] in "aeiouh" and first:
        return f"d’{name}"
    return f"{after} {name}".lstrip()
