"""What two enrolments are compared on, level by level, in a form that belongs to no engine.

A condition is SQL over `<column>_l` (before) and `<column>_r` (after). `{similar}` stands for the
engine's Jaro-Winkler and `{edits}` for its Damerau-Levenshtein distance: they are the only
functions whose name changes. The first level whose condition holds is the level of the pair; the
last is "else".
"""

from dataclasses import dataclass

#: How a level reads in an explanation.
AGREE, CLOSE, DIFFER, SILENT = "agree", "close", "differ", "silent"


@dataclass(frozen=True)
class Level:
    """`condition` None is "everything else"; `frequency_of` names the column whose frequent values
    are worth less (a term-frequency adjustment, on exact levels only)."""

    code: str
    condition: str | None
    meaning: str
    frequency_of: str | None = None


@dataclass(frozen=True)
class Comparison:
    """One field or group of fields, judged together because they are not independent."""

    field: str
    levels: tuple[Level, ...]


def _missing(column: str) -> Level:
    return Level("missing", f"{column}_l IS NULL OR {column}_r IS NULL", SILENT)


def _edits(column: str, most: int, similar_from: float) -> str:
    """At most `most` letters to change. Most pairs are far apart: the cheap tests first, in a CASE
    because an AND computes both of its sides."""
    left, right = f"{column}_l", f"{column}_r"
    return (
        f"(CASE WHEN abs(length({left}) - length({right})) <= {most} "
        f"AND {{similar}}({left}, {right}) >= {similar_from} "
        f"THEN {{edits}}({left}, {right}) <= {most} ELSE false END)"
    )


def _contains_word(whole: str, part: str) -> str:
    return f"contains(' ' || {whole} || ' ', ' ' || {part} || ' ')"


def _resembles(one: str, other: str) -> str:
    """Alike, or only its initial was typed: enough beside a name that is exactly exchanged."""
    return (
        f"({{similar}}({one}, {other}) >= 0.70 OR (left({one}, 1) = left({other}, 1) "
        f"AND least(length({one}), length({other})) = 1))"
    )


#: Family and first names exchanged in one of the two registers: one exactly, the other nearly, or
#: both to a letter or two.
_SWAPPED = (
    f"(c_nom_l = c_prenom_r AND {_resembles('c_prenom_l', 'c_nom_r')}) "
    f"OR (c_prenom_l = c_nom_r AND {_resembles('c_nom_l', 'c_prenom_r')}) "
    "OR ({similar}(c_nom_l, c_prenom_r) >= 0.92 AND {similar}(c_prenom_l, c_nom_r) >= 0.92)"
)

FAMILY_NAME = Comparison(
    "nom_famille",
    (
        _missing("c_nom"),
        Level("exact", "c_nom_l = c_nom_r", AGREE, frequency_of="c_nom"),
        Level(
            "usage",
            "c_usage_l = c_nom_r OR c_nom_l = c_usage_r OR c_usage_l = c_usage_r",
            AGREE,
        ),
        Level("swapped", _SWAPPED, AGREE),
        Level(
            "part",
            f"{_contains_word('n_nom_l', 'n_nom_r')} OR {_contains_word('n_nom_r', 'n_nom_l')}",
            CLOSE,
        ),
        Level(
            "close",
            f"{{similar}}(c_nom_l, c_nom_r) >= 0.92 OR {_edits('c_nom', 1, 0.66)}",
            CLOSE,
        ),
        Level("similar", "{similar}(c_nom_l, c_nom_r) >= 0.82", CLOSE),
        Level("different", None, DIFFER),
    ),
)

FIRST_NAME = Comparison(
    "prenom",
    (
        Level(
            "missing",
            f"c_prenom_l IS NULL OR c_prenom_r IS NULL OR (({_SWAPPED}) AND c_nom_l <> c_nom_r)",
            SILENT,
        ),
        Level("exact", "c_prenom_l = c_prenom_r", AGREE, frequency_of="c_prenom"),
        Level(
            "other_forename",
            f"{_contains_word('n_suite_l', 'n_prenom_r')} "
            f"OR {_contains_word('n_suite_r', 'n_prenom_l')}",
            CLOSE,
        ),
        Level(
            "part",
            "(length(c_prenom_l) >= 3 AND starts_with(c_prenom_r, c_prenom_l)) OR "
            "(length(c_prenom_r) >= 3 AND starts_with(c_prenom_l, c_prenom_r)) OR "
            # only the initial was typed, alone or before a second forename
            "(left(c_prenom_l, 1) = left(c_prenom_r, 1) AND (length(split_part(n_prenom_l, ' ', 1))"
            " = 1 OR length(split_part(n_prenom_r, ' ', 1)) = 1))",
            CLOSE,
        ),
        Level(
            "close",
            f"{{similar}}(c_prenom_l, c_prenom_r) >= 0.92 OR {_edits('c_prenom', 1, 0.66)}",
            CLOSE,
        ),
        Level("similar", "{similar}(c_prenom_l, c_prenom_r) >= 0.80", CLOSE),
        Level("different", None, DIFFER),
    ),
)

#: `y`, `m` and `d` are parts of the birth date written AAAAMMJJ in `naissance`.
BIRTH_DATE = Comparison(
    "date_naissance",
    (
        _missing("naissance"),
        Level("exact", "naissance_l = naissance_r", AGREE),
        Level(
            "day_month_swapped",
            "left(naissance_l, 4) = left(naissance_r, 4) "
            "AND substr(naissance_l, 5, 2) = substr(naissance_r, 7, 2) "
            "AND substr(naissance_l, 7, 2) = substr(naissance_r, 5, 2)",
            CLOSE,
        ),
        Level("one_edit", _edits("naissance", 1, 0.9), CLOSE),
        Level(
            "two_parts",
            "(CASE WHEN left(naissance_l, 4) = left(naissance_r, 4) THEN 1 ELSE 0 END"
            " + CASE WHEN substr(naissance_l, 5, 2) = substr(naissance_r, 5, 2) THEN 1 ELSE 0 END"
            " + CASE WHEN substr(naissance_l, 7, 2) = substr(naissance_r, 7, 2) THEN 1 ELSE 0 END"
            ") >= 2",
            CLOSE,
        ),
        Level("different", None, DIFFER),
    ),
)

SEX = Comparison(
    "sexe",
    (_missing("s"), Level("exact", "s_l = s_r", AGREE), Level("different", None, DIFFER)),
)

BIRTH_PLACE = Comparison(
    "commune_naissance",
    (
        _missing("n_commune"),
        Level("exact", "n_commune_l = n_commune_r", AGREE, frequency_of="n_commune"),
        Level("same_departement", "left(n_commune_l, 2) = left(n_commune_r, 2)", CLOSE),
        Level("different", None, DIFFER),
    ),
)

OTHER_FORENAMES = Comparison(
    "prenoms_suivants",
    (
        _missing("n_suite"),
        Level("exact", "n_suite_l = n_suite_r", AGREE),
        Level(
            "part",
            f"{_contains_word('n_suite_l', 'n_suite_r')} "
            f"OR {_contains_word('n_suite_r', 'n_suite_l')} "
            "OR split_part(n_suite_l, ' ', 1) = split_part(n_suite_r, ' ', 1)",
            CLOSE,
        ),
        Level("close", "{similar}(n_suite_l, n_suite_r) >= 0.90", CLOSE),
        Level("different", None, DIFFER),
    ),
)

#: Same school, or the school of before is the one the register of today says they come from.
SCHOOL = Comparison(
    "uai_precedent",
    (
        Level("exact", "n_uai_l = n_uai_r OR n_uai_l = n_uai_precedent_r", AGREE),
        Level("missing", "n_uai_l IS NULL OR n_uai_precedent_r IS NULL", SILENT),
        Level("different", None, DIFFER),
    ),
)

#: Two families of INE (BEA and RNIE) do not contradict each other: one person may hold both.
INE = Comparison(
    "ine",
    (
        Level(
            "missing", "n_ine_l IS NULL OR n_ine_r IS NULL OR ine_family_l <> ine_family_r", SILENT
        ),
        Level("exact", "n_ine_l = n_ine_r", AGREE),
        Level("close", _edits("n_ine", 2, 0.85), CLOSE),
        Level("different", None, DIFFER),
    ),
)

_SAME_CONTACT = (
    "telephone_l = telephone_r OR representant_l = representant_r "
    "OR telephone_l = representant_r OR representant_l = telephone_r "
    "OR courriel_l = courriel_r"
)

#: A telephone or an address proves a household; it proves more where the family name differs.
CONTACT = Comparison(
    "telephone",
    (
        Level("household", f"c_nom_l = c_nom_r AND ({_SAME_CONTACT})", AGREE),
        Level("exact", _SAME_CONTACT, AGREE),
        Level(
            "missing",
            "(telephone_l IS NULL OR telephone_r IS NULL) "
            "AND (representant_l IS NULL OR representant_r IS NULL) "
            "AND (courriel_l IS NULL OR courriel_r IS NULL)",
            SILENT,
        ),
        Level("different", None, DIFFER),
    ),
)

#: A postcode mistyped by one digit is still the town.
_SAME_TOWN = (
    "(code_postal_l = code_postal_r OR n_residence_l = n_residence_r "
    f"OR {_edits('code_postal', 1, 0.7)})"
)
_SAME_STREET = (
    f"adresse_l = adresse_r OR ({{similar}}(adresse_l, adresse_r) >= 0.90 AND {_SAME_TOWN})"
)

ADDRESS = Comparison(
    "adresse",
    (
        Level(
            "missing",
            "(adresse_l IS NULL OR adresse_r IS NULL) AND (code_postal_l IS NULL "
            "OR code_postal_r IS NULL) AND (n_residence_l IS NULL OR n_residence_r IS NULL)",
            SILENT,
        ),
        Level("household", f"c_nom_l = c_nom_r AND ({_SAME_STREET})", AGREE),
        Level("exact", "adresse_l = adresse_r", AGREE),
        Level("close", _SAME_STREET, CLOSE),
        Level("same_town", _SAME_TOWN, CLOSE),
        Level("different", None, DIFFER),
    ),
)

COMPARISONS: tuple[Comparison, ...] = (
    FAMILY_NAME,
    FIRST_NAME,
    BIRTH_DATE,
    SEX,
    BIRTH_PLACE,
    OTHER_FORENAMES,
    SCHOOL,
    INE,
    CONTACT,
    ADDRESS,
)

#: Columns a pair must have on both sides, beyond the identity of the rows.
COLUMNS: tuple[str, ...] = (
    "n_nom",
    "c_nom",
    "c_usage",
    "n_prenom",
    "c_prenom",
    "n_suite",
    "naissance",
    "s",
    "n_commune",
    "n_uai",
    "n_uai_precedent",
    "n_ine",
    "ine_family",
    "telephone",
    "representant",
    "courriel",
    "adresse",
    "code_postal",
    "n_residence",
)
