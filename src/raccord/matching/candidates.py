"""Which pairs deserve to be compared: every pair that shares one of these keys.

A key joins two or more pieces of identity, so that a block never grows with the square of the
register. Adding a key here is enough: the model weighs whatever pair it brings.
"""

import duckdb

from raccord.matching.stages import give_back

#: Birth date where day and month may be exchanged.
_DATE = (
    "left(naissance, 4), least(substr(naissance, 5, 2), right(naissance, 2)), "
    "greatest(substr(naissance, 5, 2), right(naissance, 2))"
)
_YEAR = "left(naissance, 4)"
#: First number of an address and first letters of its longest word: the house.
_HOUSE = (
    "regexp_extract(adresse, '[0-9]+'), "
    "left(list_reduce(string_split(adresse, ' '), "
    "lambda a, b: CASE WHEN length(b) > length(a) THEN b ELSE a END), 5)"
)

#: A key that would bring more pairs than this says nothing of anybody, and would make its block
#: grow with the square of the register: the other keys bring the pairs that matter.
_CROWD = 100

#: (name, columns that must be known, columns hashed together). Keys of one name meet each other.
_KEYS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("name_date", ("c_nom", "naissance"), f"c_nom, {_DATE}"),
    ("name_date", ("c_usage", "naissance"), f"c_usage, {_DATE}"),
    ("first_date", ("c_prenom", "naissance"), f"c_prenom, {_DATE}"),
    # in either order: names are exchanged, and the date may be missing or wholly wrong
    ("names", ("c_nom", "c_prenom"), "least(c_nom, c_prenom), greatest(c_nom, c_prenom)"),
    ("name_month", ("c_nom", "naissance"), "c_nom, left(naissance, 6)"),
    ("name_place", ("c_nom", "n_commune"), "c_nom, n_commune"),
    ("name_school", ("c_nom", "n_uai"), "c_nom, n_uai"),
    ("name_school", ("c_nom", "n_uai_precedent"), "c_nom, n_uai_precedent"),
    ("first_school", ("c_prenom", "n_uai", "naissance"), f"c_prenom, n_uai, {_YEAR}"),
    (
        "first_school",
        ("c_prenom", "n_uai_precedent", "naissance"),
        f"c_prenom, n_uai_precedent, {_YEAR}",
    ),
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
    ("starts_town", ("c_nom", "c_prenom", "code_postal"), "left(c_nom, 3), c_prenom, code_postal"),
    ("name_town", ("c_nom", "code_postal"), "c_nom, code_postal"),
    ("name_town", ("c_nom", "n_residence"), "c_nom, n_residence"),
    ("first_town", ("c_prenom", "code_postal"), "c_prenom, code_postal"),
    ("first_town", ("c_prenom", "n_residence"), "c_prenom, n_residence"),
    ("town", ("code_postal", "n_residence"), "code_postal, n_residence"),
    (
        "starts_town_too",
        ("c_nom", "c_prenom", "code_postal"),
        "left(c_nom, 3), left(c_prenom, 1), code_postal",
    ),
    (
        "starts_home",
        ("c_nom", "c_prenom", "n_residence"),
        "left(c_nom, 3), left(c_prenom, 1), n_residence",
    ),
    ("town_date", ("code_postal", "naissance"), "code_postal, naissance"),
    ("town_date", ("n_residence", "naissance"), "n_residence, naissance"),
    ("address_first", ("adresse", "c_prenom"), "adresse, c_prenom"),
    ("address_date", ("adresse", "naissance"), "adresse, naissance"),
    ("address_name", ("adresse", "c_nom"), "adresse, c_nom"),
    ("house", ("adresse",), _HOUSE),
)


#: Keys are made and met in so many turns: all of them at once would be the largest tables of all.
#: So few rows that they would not, and one turn is fewer statements.
_TURNS, _FEW_ROWS = 4, 5_000


def _key_list(turn: int, turns: int) -> str:
    names = list(dict.fromkeys(name for name, _, _ in _KEYS))
    keys = [
        f"CASE WHEN {' AND '.join(f'{c} IS NOT NULL' for c in known)} "
        f"THEN hash({names.index(name)}, {columns}) END"
        for name, known, columns in _KEYS
        if names.index(name) % turns == turn
    ]
    return f"[{', '.join(keys)}]"


def _block_keys(
    connection: duckdb.DuckDBPyConnection, features: str, into: str, turn: int, turns: int
) -> None:
    """Table `into` (id, block): the keys of this turn of every row of a feature table.

    Words of a compound family name are keys as well, with the birth date.
    """
    words = ""
    if turn == 0:
        words = f"""UNION ALL
            SELECT id, hash(-1, word, naissance) FROM (
                SELECT id, naissance, unnest(string_split(n_nom, ' ')) AS word FROM {features}
                WHERE naissance IS NOT NULL AND contains(n_nom, ' ')
            ) WHERE length(word) >= 3
            UNION ALL
            SELECT id, hash(-1, n_nom, naissance) FROM {features}
            WHERE naissance IS NOT NULL AND NOT contains(n_nom, ' ')"""
    connection.execute(
        f"""CREATE TEMP TABLE {into} AS SELECT * FROM (
            SELECT id, unnest({_key_list(turn, turns)}) AS block FROM {features} {words}
        ) WHERE block IS NOT NULL"""
    )


def block_sides(connection: duckdb.DuckDBPyConnection, left: str, right: str) -> None:
    """Temporary tables `block_l` and `block_r` (id, block): the keys that two feature tables share.
    A crowded key is left out."""
    for side in ("l", "r"):
        connection.execute(f"CREATE TEMP TABLE block_{side} (id BIGINT, block UBIGINT)")
    counted = connection.execute(
        f"SELECT (SELECT count(*) FROM {left}) + (SELECT count(*) FROM {right})"
    ).fetchone()
    turns = 1 if counted and counted[0] < _FEW_ROWS else _TURNS
    for turn in range(turns):
        _block_keys(connection, left, "every_l", turn, turns)
        _block_keys(connection, right, "every_r", turn, turns)
        # Most keys are of one side only: what follows is small.
        connection.execute(
            "CREATE TEMP TABLE shared_l AS FROM every_l SEMI JOIN every_r USING (block)"
        )
        connection.execute(
            "CREATE TEMP TABLE shared_r AS FROM every_r SEMI JOIN shared_l USING (block)"
        )
        connection.execute(
            f"""CREATE TEMP TABLE crowded AS
            SELECT block FROM (SELECT block, count(*) AS n FROM shared_l GROUP BY block)
            JOIN (SELECT block, count(*) AS m FROM shared_r GROUP BY block) USING (block)
            WHERE n > 1 AND n * m > {_CROWD}"""
        )
        for side in ("l", "r"):
            connection.execute(
                f"INSERT INTO block_{side} FROM shared_{side} ANTI JOIN crowded USING (block)"
            )
        for table in ("every_l", "every_r", "shared_l", "shared_r", "crowded"):
            connection.execute(f"DROP TABLE {table}")
    give_back(connection)


def block(connection: duckdb.DuckDBPyConnection, left: str, right: str, into: str) -> None:
    """Temporary table `into` (l, r): distinct pairs of ids of two feature tables sharing a key."""
    block_sides(connection, left, right)
    connection.execute(
        f"""CREATE TEMP TABLE {into} AS
        SELECT DISTINCT l.id AS l, r.id AS r FROM block_l l JOIN block_r r USING (block)"""
    )
    connection.execute("DROP TABLE block_l")
    connection.execute("DROP TABLE block_r")
