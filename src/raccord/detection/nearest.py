"""The three nearest candidates of everybody missing or to confirm, for all of them at once.

`matching.nearest` explains one young person and looks very wide; this looks where a human would
recognise somebody, and keeps nobody who merely bears the same name: they are somebody else's
pupils.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from raccord.matching import evidence, outputs
from raccord.matching.model import weights
from raccord.matching.model.pairs import compare, weigh
from raccord.matching.sides import ID_SHIFT, Side, load_features, plain_columns, side_of, union
from raccord.matching.vetoes import veto_sql
from raccord.registers import snapshots
from raccord.registers.snapshots import quoted

#: Candidates kept for each, weighed for each, and the weight (bits) below which nobody is shown:
#: about one chance in a thousand.
_SHOWN, _WEIGHED, _LEAST = 3, 30, -10.0

#: Columns of `proches.parquet`, as COPY gives them to PostgreSQL.
COLUMNS: dict[str, str] = {
    "source": "text",
    "uai": "text",
    "local_id": "text",
    "rank": "int",
    "c_source": "text",
    "c_uai": "text",
    "c_local_id": "text",
    "last_name": "text",
    "usage_name": "text",
    "first_name": "text",
    "birth_date": "date",
    "probability": "float8",
    "agree": "text[]",
    "close": "text[]",
    "differ": "text[]",
    "kept_apart": "text[]",
}


def enrolments(rows: Sequence[Sequence[Any]]) -> pa.Table:
    """(source, UAI, local number) as a table that DuckDB reads."""
    return pa.table(
        {
            name: pa.array([row[rank] for row in rows], pa.string())
            for rank, name in enumerate(("source", "uai", "identifiant_local"))
        }
    )


def write(result: Path, into: Path, as_of: date, also: Sequence[Sequence[Any]] = ()) -> None:
    """Write the candidates of a comparison (its folder `result`); `also`: enrolments of *before*
    whose place is to be shown although they are found."""
    summary = outputs.read_summary(result)
    before, after = _side(summary, "before"), _side(summary, "after")
    model = weights.load()
    verdicts = quoted(result / "verdicts.parquet")
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar = false")
        spill = snapshots.home() / "tmp"
        spill.mkdir(parents=True, exist_ok=True, mode=0o700)
        connection.execute(f"SET temp_directory = '{quoted(spill)}'")
        connection.register("also", enrolments(also))
        connection.execute(
            f"""CREATE TABLE wanted AS SELECT source, uai, identifiant_local, matched_source,
                matched_uai, matched_identifiant_local, verdict, probability
            FROM '{verdicts}' WHERE verdict IN ('missing', 'review')
                OR verdict = 'found' AND (source, uai, identifiant_local) IN (FROM also)"""
        )
        connection.execute(
            "CREATE TABLE sought AS "
            + union(
                before,
                """SELECT {id} AS id, k_nom, k_prenom, n_nom, n_prenom, d_naissance, k_ine,
                    w.* FROM {prepared} JOIN wanted w USING (source, uai, identifiant_local)""",
            )
        )
        _face(connection, after, as_of)
        load_features(connection, before, "(SELECT DISTINCT l AS id FROM facing)", model)
        load_features(connection, after, "(SELECT DISTINCT r AS id FROM facing)", model)
        compare(connection, "facing", "before_features", "after_features", "levels")
        weigh(connection, "levels", "before_features", model, model.prior(after.rows), "weighed")
        _choose(connection, verdicts, after)
        _describe(connection, after)
        connection.execute(
            f"""COPY (SELECT s.source, s.uai, s.identifiant_local AS local_id, b.rank,
                n.source AS c_source, coalesce(n.uai, '') AS c_uai,
                n.identifiant_local AS c_local_id, n.last_name, n.usage_name, n.first_name,
                n.birth_date, b.probability, t.agree, t.close, t.differ, t.kept_apart
            FROM best b JOIN sought s ON s.id = b.l JOIN named n ON n.r = b.r
            JOIN texts t ON t.pattern = b.pattern AND t.apart = b.apart
            WHERE n.identifiant_local IS NOT NULL
            ORDER BY 1, 2, 3, 4) TO '{quoted(into)}' (FORMAT parquet)"""
        )
    into.chmod(0o600)


def _side(summary: Mapping[str, Any], name: str) -> Side:
    found = [snapshots.find(e["snapshot"]) for e in summary["inputs"] if e["side"] == name]
    return side_of(name, [snapshot for snapshot in found if snapshot is not None])


def _face(connection: duckdb.DuckDBPyConnection, after: Side, as_of: date) -> None:
    """Table `facing` (l, r): who could be recognised, the most alike first, and whom the
    comparison itself proposes."""
    present = f"usable AND (d_sortie IS NULL OR d_sortie > DATE '{as_of.isoformat()}')"
    connection.execute(
        "CREATE TABLE enrolled AS "
        + union(
            after,
            f"""SELECT {{id}} AS id, k_nom, k_prenom, n_nom, n_prenom, d_naissance, k_ine
            FROM {{prepared}} WHERE {present} AND (
                k_nom IN (SELECT k_nom FROM sought) OR k_ine IN (SELECT k_ine FROM sought)
                OR d_naissance IN (SELECT d_naissance FROM sought))""",
        )
    )
    proposed = union(
        after,
        """SELECT s.id AS l, {id} AS r, 99 AS shared
        FROM {prepared} p JOIN sought s ON s.verdict <> 'missing'
            AND p.source = s.matched_source AND p.uai IS NOT DISTINCT FROM s.matched_uai
            AND p.identifiant_local = s.matched_identifiant_local""",
    )
    alike = """SELECT s.id AS l, a.id AS r, coalesce(a.k_nom = s.k_nom, false)::INTEGER
            + coalesce(a.k_prenom = s.k_prenom, false)::INTEGER
            + 2 * coalesce(a.d_naissance = s.d_naissance, false)::INTEGER
            + 3 * coalesce(a.k_ine = s.k_ine, false)::INTEGER AS shared
        FROM sought s JOIN enrolled a ON """
    connection.execute(
        f"""CREATE TABLE facing AS SELECT l, r FROM (
            SELECT l, r, max(shared) AS shared FROM (
                {proposed}
                UNION ALL {alike} a.k_nom = s.k_nom AND (a.k_prenom = s.k_prenom
                    OR jaro_winkler_similarity(a.n_prenom, s.n_prenom) >= 0.9)
                UNION ALL {alike} a.k_ine = s.k_ine
                UNION ALL {alike} a.d_naissance = s.d_naissance AND (a.k_nom = s.k_nom
                    OR a.k_prenom = s.k_prenom
                    OR jaro_winkler_similarity(a.n_nom, s.n_nom) >= 0.9)
            ) GROUP BY l, r)
        QUALIFY row_number() OVER (PARTITION BY l ORDER BY shared DESC, r) <= {_WEIGHED}"""
    )


def _choose(connection: duckdb.DuckDBPyConnection, verdicts: str, after: Side) -> None:
    """Table `best` (l, r, rank, pattern, probability, apart): the three kept for each."""
    places = union(
        after,
        """SELECT {id} AS r, source, uai, identifiant_local FROM {prepared}
        SEMI JOIN (SELECT DISTINCT r FROM weighed) w ON w.r = {id}""",
    )
    connection.execute(
        f"""CREATE TABLE best AS
        WITH placed AS (
            SELECT w.*, {veto_sql()} AS veto, p.source, p.uai, p.identifiant_local
            FROM (SELECT *, false AS has_twin, false AS has_namesake FROM weighed) w
            JOIN ({places}) p ON p.r = w.r
        ), taken AS (
            SELECT DISTINCT matched_source, matched_uai, matched_identifiant_local
            FROM '{verdicts}' WHERE verdict = 'found'
                AND matched_identifiant_local IN (SELECT identifiant_local FROM placed)
        ), judged AS (
            SELECT d.l, d.r, d.pattern, d.weight,
                s.verdict <> 'missing' AND s.matched_source = d.source
                    AND s.matched_uai IS NOT DISTINCT FROM d.uai
                    AND s.matched_identifiant_local = d.identifiant_local AS proposed,
                s.probability AS judged_probability,
                concat_ws(',', d.veto, CASE WHEN t.matched_source IS NOT NULL
                    AND s.verdict <> 'found' THEN 'taken' END) AS apart
            FROM placed d JOIN sought s ON s.id = d.l
            LEFT JOIN taken t ON t.matched_source = d.source
                AND t.matched_uai IS NOT DISTINCT FROM d.uai
                AND t.matched_identifiant_local = d.identifiant_local
        )
        SELECT l, r, pattern, CASE WHEN proposed THEN apart ELSE coalesce(nullif(apart, ''), 'weak')
                END AS apart,
            CASE WHEN proposed THEN coalesce(judged_probability, 1)
                ELSE round(1 / (1 + pow(2, -least(weight, 0))), 6) END AS probability,
            row_number() OVER (PARTITION BY l ORDER BY proposed DESC, weight DESC, r) AS rank
        FROM judged WHERE proposed OR weight >= {_LEAST}
        QUALIFY rank <= {_SHOWN}"""
    )


def _describe(connection: duckdb.DuckDBPyConnection, after: Side) -> None:
    """Tables `named` (who the candidates are) and `texts` (what agrees, as PostgreSQL arrays)."""
    parts = []
    for rank, snapshot in enumerate(after.snapshots):
        present = plain_columns(snapshot)
        base = rank << ID_SHIFT
        usage = "p.nom_usage" if "nom_usage" in present else "NULL"
        parts.append(
            f"""SELECT {base} + q.file_row_number AS r, q.source, q.uai, q.identifiant_local,
                coalesce(left(trim(p.nom_famille), 100), '') AS last_name,
                coalesce(left(trim({usage}), 100), '') AS usage_name,
                coalesce(left(trim(p.prenom), 100), '') AS first_name,
                q.d_naissance AS birth_date
            FROM read_parquet('{quoted(snapshot.plain)}') p
            POSITIONAL JOIN read_parquet('{quoted(snapshot.prepared)}', file_row_number=true) q
            WHERE {base} + q.file_row_number IN (SELECT r FROM best)"""
        )
    connection.execute(f"CREATE TABLE named AS {' UNION ALL '.join(parts)}")
    found = connection.execute("SELECT DISTINCT pattern, apart FROM best").fetchall()
    described = [evidence.fields_by_meaning(pattern) for pattern, _ in found]
    connection.register(
        "texts",
        pa.table(
            {
                "pattern": pa.array([p for p, _ in found], pa.int64()),
                "apart": pa.array([a for _, a in found], pa.string()),
                **{
                    name: pa.array(["{" + ",".join(d[name]) + "}" for d in described], pa.string())
                    for name in ("agree", "close", "differ")
                },
                "kept_apart": pa.array(["{" + a + "}" for _, a in found], pa.string()),
            }
        ),
    )
