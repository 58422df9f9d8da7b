"""When the fields lie together: pairs a sum of weights would join and a human would not.

Fields are not independent within a family, nor within a town. Twins share everything but a first
name, siblings an address and a telephone, two pupils born the same day in the only maternity a
date, a place and a school; a stranger's INE agrees on eleven characters at once. A veto never
hides anybody: the pair can reach review at most, with a probability below one half.
"""

from raccord.matching.model.levels import COMPARISONS
from raccord.matching.model.scoring import level_column

#: code → what it means, in the order in which they are tested.
VETOES: dict[str, str] = {
    "siblings": "first name and birth date both differ: another child of the household",
    "names_differ": "family name and first name both differ",
    "twin": "same family name and birth date, clearly different first names",
    "close_twin": "close first names, and a twin is sought as well",
    "namesake": "another young person of *before* bears exactly the identity of the candidate",
    "ine_conflict": "two sound INE far apart, and nothing local in common or an identity apart",
    "name_and_birth_differ": "family name and birth date both differ",
    "contradicted": "a name, a birth date, or sex and birth place differ, and nothing supports",
    "too_little": "fewer than two of family name, first name and birth date known on both sides",
    "leftover": "nearly everybody was found, and these two, who resemble, are left (residue.py)",
}

_BY_FIELD = {comparison.field: comparison for comparison in COMPARISONS}


def at_level(field: str, *codes: str) -> str:
    """SQL: the pair is at one of these levels of the comparison of `field`."""
    comparison = _BY_FIELD[field]
    ranks = [str(rank) for rank, level in enumerate(comparison.levels) if level.code in codes]
    return f"{level_column(comparison)} IN ({', '.join(ranks)})"


_SAME_NAME = at_level("nom_famille", "exact", "usage", "part", "close")
_SAME_DAY = at_level("date_naissance", "exact")
_SWAPPED = at_level("nom_famille", "swapped")
_NAME_DIFFERS = at_level("nom_famille", "different")
_FIRST_DIFFERS = at_level("prenom", "different")
_BIRTH_DIFFERS = at_level("date_naissance", "different")
_SAME_HOME = (
    f"({at_level('telephone', 'exact', 'household')} "
    f"OR {at_level('adresse', 'exact', 'household', 'close')})"
)
_SAME_SCHOOL = at_level("uai_precedent", "exact")
#: What twins do not share: their INE, and the forenames after the first.
_PERSONAL = f"({at_level('ine', 'exact', 'close')} OR {at_level('prenoms_suivants', 'exact')})"
_NOTHING_LOCAL = (
    f"NOT {_SAME_SCHOOL} AND NOT {_SAME_HOME} AND NOT {at_level('commune_naissance', 'exact')}"
)


def veto_sql() -> str:
    """Code of the veto that strikes a pair, or null.

    The pair has two columns beside its levels: `has_twin`, another young person of *before* whom
    nothing has found yet has the same family name, birth date and birth place; `has_namesake`,
    another person of *before* bears exactly the identity of the candidate, and this one does not.
    """
    known = " + ".join(
        f"CASE WHEN {at_level(field, 'missing')} THEN 0 ELSE 1 END"
        for field in ("nom_famille", "prenom", "date_naissance")
    )
    conditions = {
        "siblings": f"{_FIRST_DIFFERS} AND {_BIRTH_DIFFERS}",
        "names_differ": f"{_NAME_DIFFERS} AND {_FIRST_DIFFERS}",
        "twin": (
            f"{_FIRST_DIFFERS} AND (NOT {_PERSONAL} OR has_twin AND {_SAME_NAME} AND {_SAME_DAY})"
        ),
        "close_twin": (
            f"has_twin AND {_SAME_NAME} AND {_SAME_DAY} AND NOT {_PERSONAL} "
            f"AND {at_level('prenom', 'part', 'close', 'similar')}"
        ),
        "namesake": "has_namesake",
        "ine_conflict": (
            f"{at_level('ine', 'different')} AND (({_NOTHING_LOCAL}) OR {_NAME_DIFFERS} "
            f"OR {_FIRST_DIFFERS} OR {_BIRTH_DIFFERS} OR ({_SAME_NAME} AND {_SAME_DAY} "
            f"AND {at_level('prenom', 'close', 'similar')} AND NOT {_PERSONAL}))"
        ),
        "name_and_birth_differ": f"{_NAME_DIFFERS} AND {_BIRTH_DIFFERS}",
        "contradicted": (
            f"({_NAME_DIFFERS} OR {_BIRTH_DIFFERS} OR ({at_level('sexe', 'different')} "
            f"AND {at_level('commune_naissance', 'different')})) "
            f"AND NOT {_PERSONAL} AND NOT {_SAME_HOME} AND NOT {_SAME_SCHOOL}"
        ),
        "too_little": f"({known}) < 2 AND NOT ({_SWAPPED})",
    }
    cases = " ".join(f"WHEN {conditions[code]} THEN '{code}'" for code in conditions)
    return f"CASE {cases} END"


#: SQL, with the columns of `veto_sql`: two of family name, first name and birth date agree or
#: nearly: an INE is then believed. A stranger's INE, possibly of a pupil who is gone, is otherwise
#: the surest way to hide somebody; a twin's, written on the wrong row, agrees on the two others.
INE_IS_BELIEVED = (
    f"(CASE WHEN {at_level('nom_famille', 'exact', 'usage', 'swapped', 'part', 'close')} "
    "THEN 1 ELSE 0 END"
    f" + CASE WHEN {at_level('prenom', 'exact', 'other_forename', 'part', 'close')} "
    f"OR {_SWAPPED} THEN 1 ELSE 0 END"
    f" + CASE WHEN {at_level('date_naissance', 'exact', 'day_month_swapped', 'one_edit')} "
    "THEN 1 ELSE 0 END) >= 2"
    f" AND NOT has_namesake AND NOT (has_twin AND {_FIRST_DIFFERS} AND {_SAME_NAME} "
    f"AND {_SAME_DAY})"
)

#: SQL: two of sex, birth place and school of origin agree, and no INE contradicts.
IDENTITY_IS_CORROBORATED = (
    f"(CASE WHEN {at_level('sexe', 'exact')} THEN 1 ELSE 0 END"
    f" + CASE WHEN {at_level('commune_naissance', 'exact')} THEN 1 ELSE 0 END"
    f" + CASE WHEN {_SAME_SCHOOL} THEN 1 ELSE 0 END) >= 2"
    f" AND NOT {at_level('ine', 'different')}"
)

#: SQL: two rows of one side that share an INE are one person. Within one school a first name that
#: is not the same is another child: the school would not enrol a pupil twice.
ENROLLED_TWICE = (
    f"{at_level('ine', 'exact')} AND {INE_IS_BELIEVED} AND NOT {_FIRST_DIFFERS} "
    f"AND ({at_level('prenom', 'exact')} OR {_SWAPPED} OR NOT {_SAME_SCHOOL})"
)

#: SQL: nothing says that two rows of one side, likely one person, are two.
NOT_CONTRADICTED = (
    f"({veto_sql()}) IS NULL AND NOT {at_level('ine', 'different')} "
    f"AND NOT {at_level('sexe', 'different')} AND NOT {at_level('commune_naissance', 'different')} "
    f"AND NOT {_FIRST_DIFFERS} AND ({at_level('prenom', 'exact')} OR {_SWAPPED} "
    f"OR NOT {_SAME_SCHOOL})"
)
