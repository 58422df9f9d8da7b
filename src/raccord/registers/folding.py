"""How a written value becomes a comparable one, as DuckDB SQL expressions.

Each function takes a SQL expression and returns a SQL expression, so that every format and every
size goes through the same rule, set-based. Nothing here decides that a value is wrong.
"""

#: Ministry and INSEE both know Paris, Lyon and Marseille by arrondissement and as one commune:
#: people write either, so births there are compared as one commune.
_ARRONDISSEMENTS = (
    ("75[01][0-9]{2}", "75056"),
    ("6938[0-9]", "69123"),
    ("132[0-9]{2}", "13055"),
)

#: What `strip_accents` leaves: letters that are no letter and an accent, as ICAO Doc 9303 writes
#: them in passports. ISO-8859-15, hence SIECLE, has most of them.
_LIGATURES = (("Œ", "OE"), ("Æ", "AE"), ("ẞ", "SS"), ("ß", "SS"), ("Þ", "TH"), ("Ĳ", "IJ"))
_STROKED, _UNSTROKED = "ŁØĐÐĦŦŊ", "LODDHTN"


def text(expression: str) -> str:
    """Trimmed text, null when empty."""
    return f"nullif(trim({expression}::varchar), '')"


def folded(expression: str) -> str:
    """A name without case, accents, ligatures or punctuation: « D'Haene-Œuf » → « D HAENE OEUF ».

    A `?` stays: SIECLE writes it for a character it could not export. ST and STE become SAINT and
    SAINTE, which registers write either way.
    """
    plain = unaccented(bare(expression))
    return spelt(plain, words(plain))


def bare(expression: str) -> str:
    """First step of `folded`. A wide query takes the steps one after the other, in subqueries:
    written as one expression, a folded name is twelve times as long to plan."""
    return f"upper(strip_accents({expression}::varchar))"


def unaccented(bare: str) -> str:
    """Second step of `folded`: letters of ASCII only, from what `bare` gave."""
    other = bare
    for letter, letters in _LIGATURES:
        other = f"replace({other}, '{letter}', '{letters}')"
    # Most names are ASCII by now: as many bytes as characters, and nothing of the rest to do.
    return (
        f"CASE WHEN strlen({bare}) = length({bare}) THEN {bare} "
        f"ELSE translate({other}, '{_STROKED}', '{_UNSTROKED}') END"
    )


def words(plain: str) -> str:
    """Third step of `folded`: words with one space between them, from what `unaccented` gave."""
    return f"trim(regexp_replace({plain}, '[^A-Z0-9?]+', ' ', 'g'))"


def spelt(plain: str, words: str) -> str:
    """Last step of `folded`: ST and STE written SAINT and SAINTE; null when nothing is left."""
    return (
        f"nullif(CASE WHEN contains({plain}, 'ST') THEN "
        f"regexp_replace({words}, '(^| )ST(E?) ', '\\1SAINT\\2 ', 'g') ELSE {words} END, '')"
    )


def key(folded_column: str) -> str:
    """64-bit key of a folded name, spaces or not; null when a letter is unknown (`?`)."""
    return (
        f"CASE WHEN contains({folded_column}, '?') THEN NULL "
        f"WHEN {folded_column} IS NOT NULL THEN hash(replace({folded_column}, ' ', '')) END"
    )


def day(expression: str) -> str:
    """A DATE from AAAA-MM-JJ (with or without a time), JJ/MM/AAAA, JJ-MM-AAAA or AAAAMMJJ."""
    value = f"trim({expression}::varchar)"
    return (
        f"CASE WHEN {value} SIMILAR TO '[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}.*' "
        f"THEN try_cast(left({value}, 10) AS DATE) "
        f"WHEN {value} SIMILAR TO '[0-9]{{1,2}}[/.-][0-9]{{1,2}}[/.-][0-9]{{4}}.*' "
        f"THEN try_strptime(regexp_extract({value}, '^[0-9]+[/.-][0-9]+[/.-][0-9]{{4}}'), "
        "['%d/%m/%Y', '%d-%m-%Y', '%d.%m.%Y'])::DATE "
        f"WHEN {value} SIMILAR TO '[0-9]{{8}}' THEN try_strptime({value}, '%Y%m%d')::DATE END"
    )


def sex(expression: str) -> str:
    """1 for M (also written H, G, 1), 2 for F (also written 2); null otherwise."""
    initial = f"upper(left(trim({expression}::varchar), 1))"
    return (
        f"CASE WHEN {initial} IN ('M', 'H', 'G', '1') THEN 1::TINYINT "
        f"WHEN {initial} IN ('F', '2') THEN 2::TINYINT END"
    )


def commune(expression: str) -> str:
    """An INSEE code on 5 characters, or the folded name of a town abroad."""
    code = f"upper(trim({expression}::varchar))"
    arrondissements = " ".join(
        f"WHEN {code} SIMILAR TO '{pattern}' THEN '{whole}'" for pattern, whole in _ARRONDISSEMENTS
    )
    return (
        f"CASE {arrondissements} WHEN {code} SIMILAR TO '([0-9]{{2}}|2[AB])[0-9]{{3}}' THEN {code} "
        f"WHEN {code} SIMILAR TO '[0-9]{{4}}' THEN '0' || {code} "
        f"ELSE {folded(expression)} END"
    )


def establishment(expression: str) -> str:
    """A UAI in capitals without spaces."""
    return f"nullif(upper(replace({expression}::varchar, ' ', '')), '')"


def phone(expression: str) -> str:
    """The last nine digits of a French or overseas number as BIGINT; null when shorter."""
    digits = f"regexp_replace({expression}::varchar, '[^0-9]', '', 'g')"
    return f"CASE WHEN length({digits}) >= 9 THEN try_cast(right({digits}, 9) AS BIGINT) END"


def ine(expression: str) -> str:
    """One INE in capitals, without spaces, dots or dashes."""
    return f"nullif(upper(regexp_replace({expression}::varchar, '[^0-9A-Za-z]', '', 'g')), '')"


_KEY_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"

#: The 97 RNIE keys one after the other: 01 → AB, 02 → AC … 97 → KH.
_RNIE_KEYS = "".join("ABCDEFGHJK"[key // 10] + "ABCDEFGHJK"[key % 10] for key in range(1, 98))


def ine_is_sound(folded_ine: str) -> str:
    """Whether an INE has the shape and, where a rule is known, the key of one of its families.

    RNIE: nine digits, then 97 − n mod 97 written in letters. BEA: ten digits, key letter mod 23.
    Base 36 (NNE): weighted sum mod 10. Apprenticeship and provisional shapes have no known key.
    Most rows hold an RNIE: it is tried first, without a regular expression.
    """
    n = folded_ine
    rnie = (
        f"right({n}, 2) = substr('{_RNIE_KEYS}', "
        f"(193 - 2 * (try_cast(left({n}, 9) AS BIGINT) % 97))::INTEGER, 2)"
    )
    bea = (
        f"regexp_full_match({n}, '[0-9]{{10}}[A-Z]') AND right({n}, 1) = "
        f"substr('{_KEY_LETTERS}', 1 + (try_cast(left({n}, 10) AS BIGINT) % 23)::INTEGER, 1)"
    )
    values = " + ".join(
        f"{6 if i < 10 else 1} * (strpos('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', "
        f"substr({n}, {i}, 1)) - 1)"
        for i in range(1, 11)
    )
    nne = (
        f"{n} <> repeat(left({n}, 1), 11) AND regexp_full_match({n}, '[0-9A-Z]{{10}}[0-9]') "
        f"AND ({values}) % 10 = try_cast(right({n}, 1) AS INTEGER)"
    )
    shapes = f"regexp_full_match({n}, '[0-9]{{4}}[AD][0-9]{{5}}[{_KEY_LETTERS}]')"
    return (
        f"CASE WHEN {n} IS NULL OR length({n}) <> 11 THEN false WHEN {rnie} THEN true "
        f"WHEN {shapes} THEN true WHEN right({n}, 1) >= 'A' THEN {bea} ELSE {nne} END"
    )


def nir(expression: str) -> str:
    """Whether a text holds a social-security number, which must never be kept.

    A date, a phone and an INE are shorter; the key (97 − n mod 97) is not asked for, so that a
    mistyped NIR is refused as well.
    """
    # 13 or 15 digits, spaces or dots between the groups allowed.
    return (
        f"regexp_matches({expression}::varchar, "
        "'(^|[^0-9])[12][ .]?[0-9]{2}[ .]?(0[1-9]|1[0-2]|[2-9][0-9])[ .]?([0-9]{2}|2[ABab])"
        "[ .]?[0-9]{3}[ .]?[0-9]{3}([ .]?[0-9]{2})?($|[^0-9])')"
    )
