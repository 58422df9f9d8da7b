"""Who is this? Somebody described by hand, against a few dozen who could be them.

The levels and the weights are those of the comparison (`model.levels`); the likelihood of each
level is that of what people type at a counter (`TYPED`), who err more than a register does.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Any

import duckdb
import pyarrow as pa

from raccord.matching.model import weights
from raccord.matching.model.levels import COLUMNS, COMPARISONS
from raccord.matching.model.scoring import level_column, levels_sql, pattern_sql, weight_sql
from raccord.matching.model.weights import Model
from raccord.matching.vetoes import at_level
from raccord.registers import folding


@dataclass(frozen=True)
class Sought:
    """What somebody typed. `sex` is F, M or empty; `commune` (of residence) an INSEE code, with its
    `postcodes`; `uai` the last school."""

    last_name: str
    first_name: str
    birth_date: date
    sex: str = ""
    commune: str = ""
    postcodes: tuple[str, ...] = ()
    phone: str = ""
    uai: str = ""


#: Folded columns of somebody who could be the one sought; `key` is the caller's.
ROW = pa.schema(
    [
        ("key", pa.string()),
        ("n_nom", pa.string()),
        ("n_usage", pa.string()),
        ("n_prenom", pa.string()),
        ("n_suite", pa.string()),
        ("d_naissance", pa.date32()),
        ("s", pa.int8()),
        ("n_residence", pa.string()),
        ("code_postal", pa.string()),
        ("n_uai", pa.string()),
        ("n_uai_precedent", pa.string()),
        ("telephone", pa.int64()),
        ("representant", pa.int64()),
    ]
)

#: A row as it was typed or as a case has it, before it is folded.
RAW = pa.schema(
    [
        ("key", pa.string()),
        ("last_name", pa.string()),
        ("usage_name", pa.string()),
        ("first_name", pa.string()),
        ("other_names", pa.string()),
        ("sex", pa.string()),
        ("birth_date", pa.date32()),
        ("residence", pa.string()),
        ("phone", pa.string()),
        ("uai", pa.string()),
    ]
)
_FOLDED = {
    "key": "key",
    "n_nom": folding.folded("last_name"),
    "n_usage": folding.folded("usage_name"),
    "n_prenom": folding.folded("first_name"),
    "n_suite": folding.folded("other_names"),
    "d_naissance": "birth_date",
    "s": folding.sex("sex"),
    "n_residence": folding.commune("residence"),
    "code_postal": "NULL::VARCHAR",
    "n_uai": folding.establishment("uai"),
    "n_uai_precedent": "NULL::VARCHAR",
    "telephone": folding.phone("phone"),
    "representant": "NULL::BIGINT",
}
#: The one sought, as typed and with both names exchanged: beside `ROW`, the postcodes of the town
#: and how frequent each name is.
_ASKED = pa.schema(
    [
        *ROW,
        ("postcodes", pa.list_(pa.string())),
        ("share_nom", pa.float64()),
        ("share_prenom", pa.float64()),
    ]
)

#: P(level | the same person) of what is typed at a counter: measured on simulated reports that have
#: two errors each (benchmarks/reporting.py). A level that is not named keeps its frozen weight.
TYPED: dict[tuple[str, str], float] = {
    ("nom_famille", "exact"): 0.36,
    ("nom_famille", "usage"): 0.02,
    ("nom_famille", "swapped"): 0.12,
    ("nom_famille", "part"): 0.13,
    ("nom_famille", "close"): 0.29,
    ("nom_famille", "similar"): 0.03,
    ("nom_famille", "different"): 0.02,
    ("prenom", "exact"): 0.48,
    ("prenom", "other_forename"): 0.13,
    ("prenom", "part"): 0.10,
    ("prenom", "close"): 0.22,
    ("prenom", "similar"): 0.02,
    ("prenom", "different"): 0.02,
    ("date_naissance", "exact"): 0.62,
    ("date_naissance", "day_month_swapped"): 0.06,
    ("date_naissance", "one_edit"): 0.22,
    ("date_naissance", "two_parts"): 0.05,
    ("date_naissance", "different"): 0.05,
    ("telephone", "different"): 0.40,
    ("adresse", "same_town"): 0.80,
    ("adresse", "different"): 0.12,
    ("uai_precedent", "different"): 0.10,
}
#: Bits added to the prior: somebody who reports a young person speaks of one who exists, and who
#: was at school here (one report in three is of somebody nobody knows).
_KNOWN_BITS = 1.0
#: What it costs to read both names the other way round.
_SWAPPED_BITS = 4.0
#: What « none of them » weighs (bits): the one sought may be in no register.
_NOBODY = -7.0
#: From this chance somebody is worth showing, at most so many of a kind; from the second it is said
#: without « peut-être ». Measured (benchmarks/reporting.py): who is shown wrongly has their name
#: read by somebody who had no reason to.
FROM, SHOWN, SURE_FROM = 0.125, 3, 0.25
#: Who is far behind everybody else is not even weighed against them.
_CONSIDERED = 30


@dataclass(frozen=True)
class Likely:
    """One of the rows, what it weighs (bits, alone) to be the one sought, and what agrees."""

    key: str
    weight: float
    pattern: int


@dataclass(frozen=True)
class Typed:
    """What was typed, folded like a register, and the words it is looked for with."""

    folded: Mapping[str, Any]
    words: tuple[str, ...]
    dates: tuple[date, ...]
    postcodes: tuple[str, ...] = ()


@cache
def model() -> Model:
    """The frozen model with the likelihoods of a counter."""
    frozen = weights.load()
    levels = {
        name: replace(found, m=TYPED.get(name, found.m)) for name, found in frozen.levels.items()
    }
    return replace(frozen, levels=levels)


_local = threading.local()


def engine() -> duckdb.DuckDBPyConnection:
    """One small DuckDB a thread: opening one costs more than a question, and so does planning."""
    found: duckdb.DuckDBPyConnection | None = getattr(_local, "connection", None)
    if found is None:
        found = _local.connection = duckdb.connect(
            config={"threads": 1, "memory_limit": "256MB", "autoinstall_known_extensions": False}
        )
        found.execute("SET enable_progress_bar = false")
        # a few hundred rows: planning would cost more than it saves
        found.execute("PRAGMA disable_optimizer")
        for name, schema in {"raw": RAW, "asked": _ASKED, "rows": ROW}.items():
            empty = schema.empty_table()  # noqa: F841 - DuckDB finds it by its name
            found.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM empty")
        columns = ", ".join(f"{sql} AS {name}" for name, sql in _FOLDED.items())
        found.execute(f"PREPARE folded AS SELECT {columns} FROM raw")
        found.execute(f"PREPARE scored AS {_scored()}")
    return found


@contextmanager
def _answer(statement: str, **given: pa.Table) -> Iterator[duckdb.DuckDBPyRelation]:
    """A prepared statement over these rows, which are forgotten after it."""
    connection = engine()
    connection.execute("BEGIN")
    try:
        for name, rows_given in given.items():  # noqa: B007 - DuckDB finds it by its name
            # registering it would change the catalogue, and everything would be planned again
            connection.execute(f"INSERT INTO {name} SELECT * FROM rows_given")
        yield connection.sql(f"EXECUTE {statement}")
    finally:
        connection.execute("ROLLBACK")


def folded(raw: pa.Table) -> pa.Table:
    """Rows of `RAW` as rows of `ROW`, in their order."""
    with _answer("folded", raw=raw) as answer:
        return answer.to_arrow_table().cast(ROW)


def typed(sought: Sought) -> Typed:
    """Fold it; its words are those of both names, alone and glued."""
    raw = {
        "key": "",
        "last_name": sought.last_name,
        "first_name": sought.first_name,
        "sex": sought.sex,
        "residence": sought.commune,
        "phone": sought.phone,
        "uai": sought.uai,
        "birth_date": sought.birth_date,
    }
    [row] = folded(pa.Table.from_pylist([raw], schema=RAW)).to_pylist()
    names = [n for n in (row["n_nom"], row["n_prenom"]) if n]
    words = dict.fromkeys(w for n in names for w in (n.replace(" ", ""), *n.split()) if len(w) > 1)
    return Typed(row, tuple(words), tuple(likely_dates(sought.birth_date)), sought.postcodes)


def likely_dates(said: date) -> list[date]:
    """The date typed, and those it is often typed for, the likeliest first: day and month
    exchanged, a figure of the day, another month, a year off, the 1 January of who ignores it."""
    found = [said]

    def add(year: int, month: int, day: int) -> None:
        try:
            one = date(year, month, day)
        except ValueError:
            return
        if one not in found:
            found.append(one)

    add(said.year, said.day, said.month)
    for shift in (1, -1, 10, -10, 20, -20):
        add(said.year, said.month, said.day + shift)
    for unit in range(10):
        add(said.year, said.month, said.day // 10 * 10 + unit)
    for month in range(1, 13):
        add(said.year, month, said.day)
    for year in (-1, 1, -10, 10):
        add(said.year + year, said.month, said.day)
        for day in (29, 30, 31) if said.day == 28 else ():
            add(said.year + year, said.month, day)
    add(said.year, 1, 1)
    # what is capped at the 28th when the month changes
    if said.day == 28:
        last = [
            date(said.year, m, 1) + timedelta(days=d) for m in range(1, 13) for d in (28, 29, 30)
        ]
        for one in last:
            add(one.year, one.month, one.day)
    return found


_MADE = {
    "c_nom": "replace(n_nom, ' ', '')",
    "c_usage": "replace(n_usage, ' ', '')",
    "c_prenom": "replace(n_prenom, ' ', '')",
    "naissance": "strftime(d_naissance, '%Y%m%d')",
}
_SILENT = {"n_commune", "n_ine", "ine_family", "courriel", "adresse"}


def _features(relation: str, alias: str, *more: str) -> str:
    columns = [f"key AS key_{alias}", *more]
    for column in COLUMNS:
        expression = "NULL::VARCHAR" if column in _SILENT else _MADE.get(column, column)
        columns.append(f"{expression} AS {column}_{alias}")
    return f"SELECT {', '.join(columns)} FROM {relation}"


#: Whoever differs by two of the three is somebody else, whatever they share.
_ANOTHER = (
    f"({at_level('nom_famille', 'different')} AND {at_level('prenom', 'different')})"
    f" OR ({at_level('prenom', 'different')} AND {at_level('date_naissance', 'different')})"
    f" OR ({at_level('nom_famille', 'different')} AND {at_level('date_naissance', 'different')})"
)


@cache
def _scored() -> str:
    found = model()
    levels = ", ".join(level_column(c) for c in COMPARISONS)
    return f"""WITH sided AS (
        SELECT * REPLACE (CASE WHEN list_contains(postcodes, code_postal_r)
            THEN code_postal_r ELSE code_postal_l END AS code_postal_l)
        FROM ({_features("asked", "l", "postcodes", "share_nom", "share_prenom")}),
            ({_features("rows", "r")})
    ), levelled AS (
        SELECT key_r, key_l = 'x' AS swapped, share_nom, share_prenom, {levels_sql()} FROM sided
    ), weighed AS (
        SELECT key_r, swapped, {levels}, 1.0 AS tf_n_commune, share_nom AS tf_c_nom,
            share_prenom AS tf_c_prenom
        FROM levelled WHERE NOT ({_ANOTHER})
    )
    SELECT key_r, max(weight), arg_max(pattern, weight) FROM (
        SELECT key_r, {weight_sql(found)} - CASE WHEN swapped THEN {_SWAPPED_BITS} ELSE 0 END
            AS weight, {pattern_sql()} AS pattern FROM weighed)
    GROUP BY key_r ORDER BY 2 DESC, key_r LIMIT 50"""


def among(asked: Typed, said: date, rows: pa.Table, *, behind: int) -> list[Likely]:
    """Those of these rows (of schema `ROW`) who are likely the one sought, the likeliest first.
    `behind` is how many people the rows were taken from."""
    if not rows.num_rows:
        return []
    found = model()
    line: dict[str, Any] = {
        **asked.folded,
        "key": "",
        "d_naissance": said,
        "code_postal": asked.postcodes[0] if asked.postcodes else None,
        "postcodes": list(asked.postcodes),
        "share_nom": _share(found, "c_nom", asked.folded["n_nom"]),
        "share_prenom": _share(found, "c_prenom", asked.folded["n_prenom"]),
    }
    swapped = line | {
        "key": "x",
        "n_nom": line["n_prenom"],
        "n_prenom": line["n_nom"],
        "share_nom": _share(found, "c_nom", asked.folded["n_prenom"]),
        "share_prenom": _share(found, "c_prenom", asked.folded["n_nom"]),
    }
    both = pa.Table.from_pylist([line, swapped], schema=_ASKED)
    with _answer("scored", asked=both, rows=rows) as answer:
        scored = answer.fetchall()
    prior = found.prior(behind) + _KNOWN_BITS
    return [Likely(key, w + prior, pattern) for key, w, pattern in scored]


def chances(weights: Sequence[float]) -> list[float]:
    """The chance of each to be the one sought, since at most one identity is: of ten who share a
    first name and a birthday each has one in ten, whatever each weighs alone."""
    best = max((*weights, _NOBODY))
    shares = [2.0 ** (weight - best) for weight in weights]
    total = sum(shares) + 2.0 ** (_NOBODY - best)
    return [share / total for share in shares]


def considered(likely: Sequence[Likely]) -> list[Likely]:
    """The likeliest, those who may be worth showing beside others found elsewhere."""
    return sorted(likely, key=lambda one: -one.weight)[:_CONSIDERED]


def _share(found: Model, column: str, name: str | None) -> float:
    value = (name or "").replace(" ", "")
    return found.frequencies[column].get(value, found.floors[column])


__all__ = ["RAW", "ROW", "Likely", "Sought", "Typed", "among", "chances", "considered", "folded"]
