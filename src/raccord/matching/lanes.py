"""Which rule a young person falls under, and who stays out of the lists. Applied after matching:
a lane never changes a verdict.

Ages are those of the day of the comparison. Under 16: obligation d'instruction, discarded from the
lists by the system itself (CNIL, délibération 2010-446). 16–17: obligation de formation, diploma
or not (code de l'éducation, L.114-1). From 18: below the bar of D.313-59, a diploma with
professional purpose at level 3 or 4, or the baccalauréat général, or nothing.
"""

from datetime import date

from raccord.registers import folding

#: D.313-59: level of a diploma from which its holder is no longer counted among the leavers.
LEGAL_BAR_LEVEL = 3

UNDER_16 = "under_16"
AGE_UNKNOWN = "age_unknown"
DECEASED = "deceased"
OBLIGATION_16_17 = "obligation_16_17"
YOUNG_GRADUATE = "young_graduate"
GRADUATE = "graduate"
DIPLOMA_UNKNOWN = "diploma_unknown"
LEFT_ACADEMIE = "left_academie"
DROPOUT = "dropout"

#: In this order on screen and in `summary.json`.
LANES = (
    OBLIGATION_16_17,
    DROPOUT,
    DIPLOMA_UNKNOWN,
    GRADUATE,
    YOUNG_GRADUATE,
    LEFT_ACADEMIE,
    UNDER_16,
    AGE_UNKNOWN,
    DECEASED,
)


def birthday_limit(as_of: date, age: int) -> date:
    """The last birth date of those who are `age` or more on `as_of`.

    Born on 29 February, one is a year older on 1 March of other years.
    """
    try:
        return as_of.replace(year=as_of.year - age)
    except ValueError:
        return date(as_of.year - age, 2, 28)


def is_deceased(reason: str) -> str:
    """SQL: an exit reason that says the pupil died (SIECLE 43 « Décès »)."""
    return (
        f"(trim({reason}::VARCHAR) = '43' OR "
        f"regexp_matches({folding.folded(reason)}, '(^| )(DECES|DECEDE|DECEDEE)( |$)'))"
    )


def is_terminal_class(mef: str, course: str) -> str:
    """SQL: the course ends with a diploma.

    General and technological: Terminale, read from the MEF (dispositif 202) or from its label.
    Vocational: the year of the course is its last (digits 9 and 10 of the MEF; registers.md 13.7).
    """
    label = folding.folded(course)
    return (
        f"(coalesce({mef}, '') LIKE '202%' "
        f"OR coalesce(regexp_matches({label}, '(^| )(TERMINALE|TLE|TERM|TALE)( |$)'), false) "
        f"OR coalesce(regexp_matches({mef}, '^(2[2-9]|3[0-9])[0-9]{{7}}') "
        f"AND substr({mef}, 9, 1) = substr({mef}, 10, 1), false))"
    )


def leaves_academie(reason: str) -> str:
    """SQL: the school declares a departure outside the académie; a hint, not a proof."""
    return (
        f"coalesce(regexp_matches({folding.folded(reason)}, "
        "'(HORS|AUTRE) ACADEMIE|ETRANGER'), false)"
    )


def lane_sql(as_of: date, *, diplomas_known: bool) -> str:
    """Lane of a row with columns d_naissance, deceased, terminal, leaves, diploma_level (best
    level held, null when none is known)."""
    sixteen, eighteen = (birthday_limit(as_of, age).isoformat() for age in (16, 18))
    unknown = "" if diplomas_known else f"WHEN terminal THEN '{DIPLOMA_UNKNOWN}'"
    return f"""CASE WHEN deceased THEN '{DECEASED}'
        WHEN d_naissance IS NULL THEN '{AGE_UNKNOWN}'
        WHEN d_naissance > DATE '{sixteen}' THEN '{UNDER_16}'
        WHEN d_naissance > DATE '{eighteen}' AND diploma_level >= {LEGAL_BAR_LEVEL}
            THEN '{YOUNG_GRADUATE}'
        WHEN diploma_level >= {LEGAL_BAR_LEVEL} THEN '{GRADUATE}'
        WHEN leaves THEN '{LEFT_ACADEMIE}'
        {unknown} WHEN d_naissance > DATE '{eighteen}' THEN '{OBLIGATION_16_17}'
        ELSE '{DROPOUT}' END"""
