"""Training: the weights a territory's own registers teach, with verified INE as labels.

Two enrolments that share a sound INE, believed because their identities agree, are one person: a
free label (matching.md, 4). `m` is the share of such pairs at each level, `u` that of two persons
taken at random. Two fields are of the household, not of the person: their `u` is the share among
two persons *of one family name* who look enough alike to be compared, so that a sibling never
passes for the pupil.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from raccord import __version__
from raccord.matching.candidates import block
from raccord.matching.model.levels import CLOSE, COMPARISONS, DIFFER, Comparison, Level
from raccord.matching.model.pairs import compare
from raccord.matching.model.scoring import level_column
from raccord.matching.model.weights import LevelWeight, Model
from raccord.matching.sides import Side, load_features, load_keys
from raccord.matching.vetoes import INE_IS_BELIEVED, at_level

#: Levels that two members of a family reach together.
_HOUSEHOLD = frozenset({("telephone", "household"), ("adresse", "household")})
#: No field of a real register is cleaner than this: a simulation, or a short training set, that
#: never saw an error must not make one impossible. Shares of the pairs of one person.
_AT_LEAST = {CLOSE: 0.003, DIFFER: 0.002}
_AT_LEAST_DIFFERENT = {
    "commune_naissance": 0.005,
    "prenoms_suivants": 0.02,
    "uai_precedent": 0.02,
    "telephone": 0.15,
    "adresse": 0.08,
}
#: Pairs of rows drawn at random for `u`, and labelled pairs for `m`, at most.
_RANDOM_PAIRS, _LABELS, _SAMPLE = 4_000_000, 300_000, 60_000
#: Share given to a value that is not listed. A name unknown here may be frequent where the model is
#: used (another region, other origins): it is never worth more than these.
_FLOORS = {"c_nom": 1e-4, "c_prenom": 2e-3, "n_commune": 2e-3}
#: A value seen less often than this (share of rows) is rare: it has the floor.
_FREQUENT = 3e-5


@dataclass(frozen=True)
class Learnt:
    model: Model
    labels: int
    random_pairs: int


def train(
    connection: duckdb.DuckDBPyConnection,
    before: Side,
    after: Side,
    trained_by: Mapping[str, object],
) -> Learnt:
    """Learn a model from two sides. Raises ValueError (in French) with too few verified INE.

    The tables it makes in `connection` are its own; use a connection of its own.
    """
    blank = Model("", 0.0, {}, {c: {} for c in _frequency_columns()}, _ones())
    load_keys(connection, before, None)
    load_keys(connection, after, None)
    connection.execute(
        f"""CREATE TABLE labels AS
        SELECT l, r FROM (SELECT b.id AS l, a.id AS r FROM before_keys b
            JOIN after_keys a USING (k_ine)) ORDER BY hash(l, r) LIMIT {_LABELS}"""
    )
    for side, column in (("before", "l"), ("after", "r")):
        connection.execute(
            f"""CREATE TABLE {side}_open AS SELECT {column} AS id FROM labels
            UNION (SELECT id FROM {side}_keys ORDER BY hash(id) LIMIT {_SAMPLE})"""
        )
    load_features(connection, before, "before_open", blank)
    load_features(connection, after, "after_open", blank)
    compare(connection, "labels", "before_features", "after_features", "label_levels")
    believed = INE_IS_BELIEVED.replace("has_twin", "true").replace("has_namesake", "false")
    connection.execute(f"DELETE FROM label_levels WHERE NOT ({believed})")
    labels = _count(connection, "label_levels")
    if labels < 1_000:
        raise ValueError(
            f"{labels} paires d'inscriptions au même INE : il en faut au moins 1 000 pour "
            "entraîner un modèle. Ajoutez des registres où l'INE est renseigné des deux côtés."
        )
    _draw_strangers(connection)
    _draw_relatives(connection)
    levels: dict[tuple[str, str], LevelWeight] = {}
    for comparison in COMPARISONS:
        same = _shares(connection, "label_levels", comparison)
        strangers = _shares(connection, "strangers", comparison)
        relatives = _shares(connection, "relatives", comparison)
        for level in comparison.levels:
            if level.code == "missing":
                continue
            of_family = (comparison.field, level.code) in _HOUSEHOLD
            levels[comparison.field, level.code] = LevelWeight(
                max(same[level.code], _least_share(comparison, level)),
                (relatives if of_family else strangers)[level.code],
            )
    _correct_for_selection(levels)
    frequencies = {column: _frequencies(connection, column) for column in _frequency_columns()}
    model = Model(
        version=f"{__version__}-{trained_by.get('name', 'local')}",
        prior_bits=PRIOR_BITS,
        levels=levels,
        frequencies=frequencies,
        floors=dict(_FLOORS),
        trained_by={**trained_by, "labels": labels, "raccord": __version__},
    )
    return Learnt(model, labels, _count(connection, "strangers"))


def _least_share(comparison: Comparison, level: Level) -> float:
    if level.meaning == DIFFER:
        return _AT_LEAST_DIFFERENT.get(comparison.field, _AT_LEAST[DIFFER])
    return _AT_LEAST.get(level.meaning, 1e-6)


#: Of the rows left by the exact passes about one in ten is somewhere: −3 bits; it is searched in a
#: residue of about one tenth of the register: +3 bits.
PRIOR_BITS = 0.0

#: A label is two rows whose INE agree, so it says nothing of INE that disagree. Shares of wrong
#: INE are not published; 1.5 % is the rate measured on the prototype's registers.
_INE_OF_ONE_PERSON = {"exact": 0.97, "close": 0.012, "different": 0.018}


def _correct_for_selection(levels: dict[tuple[str, str], LevelWeight]) -> None:
    """Levels on which the labels were selected take a stated value, never the observed one."""
    for code, m in _INE_OF_ONE_PERSON.items():
        levels["ine", code] = LevelWeight(m, levels["ine", code].u)


def _draw_strangers(connection: duckdb.DuckDBPyConnection) -> None:
    """Table `strangers`: compared pairs of rows drawn at random, labels left out."""
    for side in ("before", "after"):
        connection.execute(
            f"""CREATE TABLE {side}_ranked AS
            SELECT id, row_number() OVER (ORDER BY hash(id, '{side}')) - 1 AS n
            FROM {side}_features"""
        )
    rows = _count(connection, "after_ranked")
    connection.execute(
        f"""CREATE TABLE drawn AS
        SELECT l.id AS l, r.id AS r
        FROM (FROM before_ranked WHERE n < {_SAMPLE}) l
        CROSS JOIN range(1, {_RANDOM_PAIRS} // {_SAMPLE} + 1) AS turns(turn)
        JOIN after_ranked r ON r.n = (l.n + turn * 7919) % {rows}
        ANTI JOIN labels ON labels.l = l.id AND labels.r = r.id"""
    )
    compare(connection, "drawn", "before_features", "after_features", "strangers")


def _draw_relatives(connection: duckdb.DuckDBPyConnection) -> None:
    """Table `relatives`: pairs brought by the blocking keys that share the family name, both with
    a sound INE, and not the same: two persons of one family, or two of one frequent name."""
    for side in ("before", "after"):
        connection.execute(
            f"""CREATE TABLE {side}_some AS
            SELECT * FROM {side}_features WHERE k_ine IS NOT NULL AND ine_family = 'rnie'
            ORDER BY hash(c_nom) LIMIT 250_000"""
        )
    block(connection, "before_some", "after_some", "alike")
    compare(connection, "alike", "before_some", "after_some", "relatives")
    connection.execute(
        f"DELETE FROM relatives WHERE NOT ({at_level('nom_famille', 'exact', 'usage')} "
        f"AND {at_level('ine', 'different')})"
    )


def _shares(
    connection: duckdb.DuckDBPyConnection, table: str, comparison: Comparison
) -> dict[str, float]:
    """Share of the pairs of `table` at each level, among those where both sides speak.

    Half a pair is added to each level: a level never seen is rare, not impossible.
    """
    counts = dict(
        connection.execute(
            f"SELECT {level_column(comparison)}, count(*) FROM {table} GROUP BY 1"
        ).fetchall()
    )
    speaking = {
        level.code: counts.get(rank, 0) + 0.5
        for rank, level in enumerate(comparison.levels)
        if level.code != "missing"
    }
    total = sum(speaking.values())
    return {code: n / total for code, n in speaking.items()}


def _frequency_columns() -> tuple[str, ...]:
    return tuple(
        level.frequency_of
        for comparison in COMPARISONS
        for level in comparison.levels
        if level.frequency_of
    )


def _ones() -> dict[str, float]:
    return dict.fromkeys(_frequency_columns(), 1.0)


def _frequencies(connection: duckdb.DuckDBPyConnection, column: str) -> dict[str, float]:
    """Share of the rows that bear each frequent value."""
    return dict(
        connection.execute(
            f"""SELECT {column}, count(*) / (SELECT count({column}) FROM before_features) AS share
            FROM before_features WHERE {column} IS NOT NULL GROUP BY 1
            HAVING share >= {_FREQUENT} AND count(*) >= 5 ORDER BY 1"""
        ).fetchall()
    )


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0
