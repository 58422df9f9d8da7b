"""What agreed and what differed, as the JSON kept with each verdict.

Evidence names fields, never the other person's values. Few patterns of levels exist, so the text
is built once for each and joined.
"""

import json
from collections.abc import Iterable

import duckdb

from raccord.matching.model.levels import AGREE, CLOSE, COMPARISONS, DIFFER
from raccord.matching.model.scoring import pattern_levels

#: Pass 1: the same sound INE and, to the letter, the same identity.
EXACT = json.dumps(
    {
        "agree": ["ine", "nom_famille", "prenom", "date_naissance"],
        "close": [],
        "differ": [],
        "vetoes": [],
    }
)

#: A human said it: the fields do not matter any more.
DECISION = json.dumps({"agree": [], "close": [], "differ": [], "vetoes": [], "decision": True})


def fields_by_meaning(pattern: int) -> dict[str, list[str]]:
    """{"agree": [...], "close": [...], "differ": [...]} of a pattern of levels."""
    found: dict[str, list[str]] = {AGREE: [], CLOSE: [], DIFFER: []}
    for comparison, rank in zip(COMPARISONS, pattern_levels(pattern), strict=True):
        meaning = comparison.levels[rank].meaning
        if meaning in found:
            found[meaning].append(comparison.field)
    return found


def text(pattern: int, veto: str | None, more: Iterable[str] = ()) -> str:
    """Evidence JSON of a pair; `more` are codes beside the veto (`ambiguous`)."""
    vetoes = [code for code in (veto, *more) if code]
    return json.dumps({**fields_by_meaning(pattern), "vetoes": vetoes})


def nearest_body(pattern: int, veto: str, taken: bool) -> str:
    """Inside of the JSON object that describes the nearest candidate of somebody missing."""
    apart = [code for code in (veto, "taken" if taken else "") if code] or ["weak"]
    return json.dumps({**fields_by_meaning(pattern), "kept_apart": apart})[1:-1]


def load_texts(connection: duckdb.DuckDBPyConnection, patterns: str, into: str) -> None:
    """Table `into` (pattern, veto, ambiguous, evidence) for the distinct rows of `patterns`."""
    rows = connection.execute(
        f"SELECT DISTINCT pattern, veto, ambiguous FROM ({patterns}) WHERE pattern IS NOT NULL"
    ).fetchall()
    connection.execute(
        f"CREATE TABLE {into} (pattern BIGINT, veto VARCHAR, ambiguous BOOLEAN, evidence VARCHAR)"
    )
    if rows:
        connection.execute(
            f"INSERT INTO {into} SELECT unnest($p), unnest($v), unnest($a), unnest($t)",
            {
                "p": [row[0] for row in rows],
                "v": [row[1] for row in rows],
                "a": [row[2] for row in rows],
                "t": [text(p, v, ["ambiguous"] if a else []) for p, v, a in rows],
            },
        )
