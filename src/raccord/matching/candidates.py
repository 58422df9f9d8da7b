"""Which pairs deserve to be compared: every pair that shares one of these keys.

A key joins two or more pieces of identity, so that a block never grows with the square of the
register. Adding a key here is enough: the model weighs whatever pair it brings.
"""

import duckdb

#: Birth date where day and month may be exchanged.
_DATE = (
    "left(naissance, 4), least(substr(naissance, 5, 2), right(naissance, 2)), "
    "greatest(substr(naissance, 5, 2), right(naissance, 2))"
)
_YEAR, _DAY = "left(naissance, 4)", "right(naissance, 4)"

#: (name, columns that must be known, columns hashed together). Keys of one name meet each other.
_KEYS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("name_date", ("c_nom", "naissance"), f"c_nom, {_DATE}"),
    ("name_date", ("c_usage", "naissance"), f"c_usage, {_DATE}"),
    ("first_date", ("c_prenom", "naissance"), f"c_prenom, {_DATE}"),
    (
        "swapped_date",
        ("c_nom", "c_prenom", "naissance"),
        "least(c_nom, c_prenom), greatest(c_nom, c_prenom), naissance",
    ),
    ("names_year", ("c_nom", "c_prenom", "naissance"), f"c_nom, c_prenom, {_YEAR}"),
    ("names_day", ("c_nom", "c_prenom", "naissance"), f"c_nom, c_prenom, {_DAY}"),
    ("names_place", ("c_nom", "c_prenom", "n_commune"), "c_nom, c_prenom, n_commune"),
    ("names_postcode", ("c_nom", "c_prenom", "code_postal"), "c_nom, c_prenom, code_postal"),
    ("place_date", ("n_commune", "naissance", "s"), "n_commune, naissance, s"),
    ("school_date", ("n_uai", "naissance"), "n_uai, naissance"),
    ("school_date", ("n_uai_precedent", "naissance"), "n_uai_precedent, naissance"),
    ("ine", ("n_ine",), "n_ine"),
    ("phone_first", ("telephone", "c_prenom"), "telephone, c_prenom"),
    ("phone_first", ("representant", "c_prenom"), "representant, c_prenom"),
    ("phone_date", ("telephone", "naissance"), "telephone, naissance"),
    ("phone_date", ("representant", "naissance"), "representant, naissance"),
    ("mail", ("courriel",), "courriel"),
    ("forenames_date", ("n_suite", "naissance"), "n_suite, naissance"),
    (
        "starts_year",
        ("c_nom", "c_prenom", "naissance", "s"),
        f"left(c_nom, 4), left(c_prenom, 3), {_YEAR}, s",
    ),
    (
        "starts_place",
        ("c_nom", "c_prenom", "n_commune"),
        "left(c_nom, 3), c_prenom, n_commune",
    ),
    ("postcode_date", ("code_postal", "naissance"), "code_postal, naissance"),
    ("address_first", ("adresse", "c_prenom"), "adresse, c_prenom"),
    ("address_date", ("adresse", "naissance"), "adresse, naissance"),
    ("address_name", ("adresse", "c_nom"), "adresse, c_nom"),
)


def _key_list() -> str:
    names = list(dict.fromkeys(name for name, _, _ in _KEYS))
    keys = [
        f"CASE WHEN {' AND '.join(f'{c} IS NOT NULL' for c in known)} "
        f"THEN hash({names.index(name)}, {columns}) END"
        for name, known, columns in _KEYS
    ]
    return f"[{', '.join(keys)}]"


def block(connection: duckdb.DuckDBPyConnection, left: str, right: str, into: str) -> None:
    """Table `into` (l, r): distinct pairs of ids of the feature tables that share a key.

    Words of a compound family name are keys as well, with the birth date.
    """
    for side, features in (("l", left), ("r", right)):
        connection.execute(
            f"""CREATE TEMP TABLE block_{side} AS
            SELECT id, unnest(list_distinct({_key_list()})) AS block FROM {features}
            UNION ALL
            SELECT id, hash(-1, word, naissance) FROM (
                SELECT id, naissance, unnest(string_split(n_nom, ' ')) AS word FROM {features}
                WHERE naissance IS NOT NULL AND contains(n_nom, ' ')
            ) WHERE length(word) >= 3
            UNION ALL
            SELECT id, hash(-1, n_nom, naissance) FROM {features}
            WHERE naissance IS NOT NULL AND NOT contains(n_nom, ' ')"""
        )
    connection.execute(
        f"""CREATE TABLE {into} AS
        SELECT DISTINCT l.id AS l, r.id AS r FROM block_l l JOIN block_r r USING (block)"""
    )
    connection.execute("DROP TABLE block_l")
    connection.execute("DROP TABLE block_r")
