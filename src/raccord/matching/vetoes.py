"""When the fields lie together: pairs a sum of weights would join and a human would not.

Fields are not independent within a family. Twins share everything but a first name, siblings an
address and a telephone; a stranger's INE agrees on eleven characters at once. A veto never hides
anybody: the pair can reach review at most, with a probability below one half.
"""

from raccord.matching.model.levels import COMPARISONS
from raccord.matching.model.scoring import level_column

#: code → what it means, in the order in which they are tested.
VETOES: dict[str, str] = {
    "siblings": "first name and birth date both differ: another child of the household",
    "twin": "same family name and birth date, clearly different first names",
    "close_twin": "close first names, and a twin is sought as well",
    "ine_conflict": "two sound INE far apart, and nothing local in common",
    "name_and_birth_differ": "family name and birth date both differ",
    "too_little": "fewer than two of family name, first name and birth date known on both sides",
}

_BY_FIELD = {comparison.field: comparison for comparison in COMPARISONS}


def at_level(field: str, *codes: str) -> str:
    """SQL: the pair is at one of these levels of the comparison of `field`."""
    comparison = _BY_FIELD[field]
    ranks = [str(rank) for rank, level in enumerate(comparison.levels) if level.code in codes]
    return f"{level_column(comparison)} IN ({', '.join(ranks)})"


_SAME_NAME = at_level("nom_famille", "exact", "usage", "part", "close")
_SAME_DAY = at_level("date_naissance", "exact")
_NOTHING_LOCAL = (
    f"NOT {at_level('uai_precedent', 'exact')} AND NOT {at_level('telephone', 'exact')} "
    f"AND NOT {at_level('adresse', 'exact', 'close')} "
    f"AND NOT {at_level('commune_naissance', 'exact')}"
)


def veto_sql(has_twin: str) -> str:
    """Code of the veto that strikes a pair, or null.

    `has_twin` is SQL: another young person of *before* whom nothing has found yet has the same
    family name, birth date and birth place.
    """
    known = " + ".join(
        f"CASE WHEN {at_level(field, 'missing')} THEN 0 ELSE 1 END"
        for field in ("nom_famille", "prenom", "date_naissance")
    )
    swapped = at_level("nom_famille", "swapped")
    first_differs = at_level("prenom", "different")
    conditions = {
        "siblings": f"{first_differs} AND {at_level('date_naissance', 'different')}",
        "twin": f"{_SAME_NAME} AND {_SAME_DAY} AND {first_differs}",
        "close_twin": (
            f"({has_twin}) AND {_SAME_NAME} AND {_SAME_DAY} "
            f"AND NOT {at_level('ine', 'exact', 'close')} "
            f"AND NOT {at_level('prenoms_suivants', 'exact')} "
            f"AND {at_level('prenom', 'close', 'similar')}"
        ),
        "ine_conflict": f"{at_level('ine', 'different')} AND {_NOTHING_LOCAL}",
        "name_and_birth_differ": (
            f"{at_level('nom_famille', 'different')} AND {at_level('date_naissance', 'different')}"
        ),
        "too_little": f"({known}) < 2 AND NOT ({swapped})",
    }
    cases = " ".join(f"WHEN {conditions[code]} THEN '{code}'" for code in VETOES)
    return f"CASE {cases} END"


#: SQL: two of family name, first name and birth date agree or nearly: an INE is then believed.
#: A stranger's INE, possibly of a pupil who is gone, is otherwise the surest way to hide somebody.
INE_IS_BELIEVED = (
    f"(CASE WHEN {at_level('nom_famille', 'exact', 'usage', 'swapped', 'part', 'close')} "
    "THEN 1 ELSE 0 END"
    f" + CASE WHEN {at_level('prenom', 'exact', 'other_forename', 'part', 'close')} "
    f"OR {at_level('nom_famille', 'swapped')} THEN 1 ELSE 0 END"
    f" + CASE WHEN {at_level('date_naissance', 'exact', 'day_month_swapped', 'one_edit')} "
    "THEN 1 ELSE 0 END) >= 2"
    # a twin's INE, written on the wrong row, agrees on the two others
    f" AND NOT ({at_level('prenom', 'different')} AND {_SAME_NAME} AND {_SAME_DAY})"
)

#: SQL: two of sex, birth place and school of origin agree, none of the three contradicts an INE.
IDENTITY_IS_CORROBORATED = (
    f"(CASE WHEN {at_level('sexe', 'exact')} THEN 1 ELSE 0 END"
    f" + CASE WHEN {at_level('commune_naissance', 'exact')} THEN 1 ELSE 0 END"
    f" + CASE WHEN {at_level('uai_precedent', 'exact')} THEN 1 ELSE 0 END) >= 2"
    f" AND NOT {at_level('ine', 'different')}"
)
