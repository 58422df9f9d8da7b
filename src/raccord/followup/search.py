"""Names as they are searched: without accents, case or punctuation."""

import unicodedata

#: Letters that Unicode does not decompose.
_LIGATURES = str.maketrans({"Œ": "OE", "œ": "OE", "Æ": "AE", "æ": "AE", "ß": "SS", "ẞ": "SS"})


def searchable(*names: str) -> str:
    """The names as one line of capitals A-Z and figures, as `search_name` holds it."""
    text = unicodedata.normalize("NFKD", " ".join(names).translate(_LIGATURES).upper())
    kept = (c if c.isascii() and c.isalnum() else " " for c in text if not unicodedata.combining(c))
    return " ".join("".join(kept).split())
