"""What registers are called on screen. Files and `verdicts.parquet` keep the short code."""

#: `source` of a row whose register was not named by its feed -> the words of those who read.
_NAMES: dict[str, str] = {
    "siecle": "SIECLE",
    "eleves_complete": "SIECLE (classeur)",
    "prive": "Privé sous contrat",
    "fregata": "Agriculture",
    "dossier_apprenant": "CFA",
    "sifa": "CFA (SIFA)",
    "plain": "Fichier simple",
}

#: Every code that has words of its own.
NAMED: tuple[str, ...] = tuple(_NAMES)


def source_name(source: str | None) -> str:
    """`siecle` -> `SIECLE`; a name given by a feed is said as it is, null is empty."""
    return _NAMES.get(source or "", source or "")
