"""The three nearest candidates of somebody missing, and exactly what kept each apart.

The comparison only weighs pairs that share a blocking key; an explanation looks wider, at
everybody who shares a name, a birth date or an INE with the young person sought.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from raccord.matching import evidence, outputs
from raccord.matching.model import weights
from raccord.matching.model.pairs import compare, weigh
from raccord.matching.sides import Side, load_features, side_of, union
from raccord.matching.vetoes import veto_sql
from raccord.registers import snapshots
from raccord.registers.snapshots import Snapshot, quoted

#: Candidates shown, and looked at closely.
_SHOWN, _EXAMINED = 3, 20_000


def nearest_candidates(out: Path, row: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Mappings with source, uai, probability, agree, close, differ and kept_apart, nearest first.

    `row` has source, uai and identifiant_local of an enrolment of *before*. Empty when the
    readings of that comparison are no longer kept (RACCORD_HOME, 62 days).
    """
    summary = outputs.read_summary(out)
    sides = {name: _snapshots(summary, name) for name in ("before", "after")}
    if sides["before"] is None or sides["after"] is None:
        return []
    before, after = side_of("before", sides["before"]), side_of("after", sides["after"])
    as_of = date.fromisoformat(summary["as_of"])
    model = weights.load()
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        connection.execute(
            "CREATE TABLE wanted AS SELECT $source AS source, $uai AS uai, $number AS number",
            {
                "source": row["source"],
                "uai": row["uai"],
                "number": row["identifiant_local"],
            },
        )
        connection.execute(
            "CREATE TABLE sought AS "
            + union(
                before,
                """SELECT {id} AS id, k_nom, k_prenom, n_nom, n_prenom, d_naissance, k_ine, n_ine
                FROM {prepared} WHERE (source, coalesce(uai, ''), identifiant_local)
                    IN (SELECT source, coalesce(uai, ''), number FROM wanted)""",
            )
        )
        _look_around(connection, after, as_of)
        load_features(connection, before, "sought", model)
        load_features(connection, after, "around", model)
        connection.execute(
            "CREATE TEMP TABLE facing AS SELECT s.id AS l, a.id AS r FROM sought s, around a"
        )
        compare(connection, "facing", "before_features", "after_features", "levels")
        weigh(connection, "levels", "before_features", model, model.prior(after.rows), "weighed")
        return _described(connection, after, out)


def _snapshots(summary: Mapping[str, Any], side: str) -> list[Snapshot] | None:
    found = [
        snapshots.find(entry["snapshot"]) for entry in summary["inputs"] if entry["side"] == side
    ]
    return None if None in found else [snapshot for snapshot in found if snapshot]


def _look_around(connection: duckdb.DuckDBPyConnection, after: Side, as_of: date) -> None:
    """Table `around` (id): enrolled rows that share something with `sought`, the closest first."""
    connection.execute(
        "CREATE TABLE around AS SELECT id FROM ("
        + union(
            after,
            f"""SELECT {{id}} AS id,
                (p.k_nom = s.k_nom)::INTEGER + (p.k_prenom = s.k_prenom)::INTEGER
                + 2 * (p.d_naissance = s.d_naissance)::INTEGER
                + 3 * coalesce(p.n_ine = s.n_ine, false)::INTEGER AS shared
            FROM {{prepared}} p, sought s
            WHERE p.usable AND (p.d_sortie IS NULL OR p.d_sortie > DATE '{as_of.isoformat()}')
                AND (p.k_nom = s.k_nom OR p.d_naissance = s.d_naissance OR p.n_ine = s.n_ine
                    OR (p.k_prenom = s.k_prenom
                        AND year(p.d_naissance) = year(s.d_naissance))
                    OR jaro_winkler_similarity(p.n_nom, s.n_nom) >= 0.9)""",
        )
        + f") ORDER BY shared DESC NULLS LAST, id LIMIT {_EXAMINED}"
    )


def _described(
    connection: duckdb.DuckDBPyConnection, after: Side, out: Path
) -> list[dict[str, Any]]:
    places = union(
        after,
        "SELECT {id} AS r, source, uai, identifiant_local FROM {prepared} "
        "SEMI JOIN best b ON b.r = {id}",
    )
    connection.execute(
        f"""CREATE TABLE best AS
        SELECT r, pattern, weight, {veto_sql()} AS veto
        FROM (SELECT *, false AS has_twin, false AS has_namesake FROM weighed)
        ORDER BY weight DESC, r LIMIT {_SHOWN}"""
    )
    rows = connection.execute(
        f"""SELECT p.source, p.uai, b.pattern, b.veto, b.weight, EXISTS (
                FROM '{quoted(out / "verdicts.parquet")}' v
                WHERE v.verdict = 'found' AND v.matched_source = p.source
                    AND v.matched_uai IS NOT DISTINCT FROM p.uai
                    AND v.matched_identifiant_local = p.identifiant_local)
        FROM best b JOIN ({places}) p USING (r) ORDER BY b.weight DESC, p.uai"""
    ).fetchall()
    found = []
    for source, uai, pattern, veto, weight, taken in rows:
        codes = [code for code in (veto, "taken" if taken else "") if code] or ["weak"]
        found.append(
            {
                "source": source,
                "uai": uai,
                "probability": 1 / (1 + 2.0 ** -min(weight, 0.0)),
                **evidence.fields_by_meaning(pattern),
                "kept_apart": codes,
            }
        )
    return found
