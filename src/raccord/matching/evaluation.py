"""`raccord evaluate`: the two errors of a comparison, when the truth is known.

A *hidden* young person is gone and was linked to somebody: nobody will look for them. A *useless*
call is somebody still enrolled who is listed as missing.
"""

from pathlib import Path
from typing import Any

import duckdb

from raccord.registers.problems import RefusedFile
from raccord.registers.snapshots import quoted


def evaluate(folder: Path, truth: Path) -> dict[str, Any]:
    """Rates of a result against `truth.parquet` (source, uai, identifiant_local, truth, and the
    special sets of the simulator when present). Excluded rows are left out and counted.

    Keys: rows, gone, hidden, useless, review (outside human hands: hidden and useless exclude
    review), hidden_share, useless_share (of the truly gone), review_share (of the rows), f1,
    precision, recall of the missing list with review decided at probability 0.5, sets.

    Raises RefusedFile when a file is absent, or when the truth knows less than half of the rows of
    the result: it is that of another territory, and its rates would look perfect.
    """
    verdicts = folder / "verdicts.parquet"
    for path in (verdicts, truth):
        if not path.is_file():
            raise RefusedFile(path, "fichier introuvable")
    with duckdb.connect() as connection:
        columns = {
            str(r[0])
            for r in connection.execute(f"DESCRIBE SELECT * FROM '{quoted(truth)}'").fetchall()
        }
        connection.execute(
            f"""CREATE TABLE judged AS
            SELECT v.verdict, v.lane, coalesce(v.probability, 1) AS probability, t.*
            FROM '{quoted(verdicts)}' v JOIN '{quoted(truth)}' t
                ON t.uai IS NOT DISTINCT FROM v.uai
                AND t.identifiant_local = v.identifiant_local AND t.source = v.source"""
        )
        _check_same_territory(connection, verdicts, truth)
        result = _rates(connection, "true")
        sets = ("twin_left_alone", "close_twin", "stranger_ine", "duplicate_before")
        result["sets"] = {name: _rates(connection, name) for name in sets if name in columns}
    return result


def _check_same_territory(
    connection: duckdb.DuckDBPyConnection, verdicts: Path, truth: Path
) -> None:
    rows, known = connection.execute(
        f"""SELECT (SELECT count(*) FROM '{quoted(verdicts)}'),
            (SELECT count(*) FROM '{quoted(verdicts)}' v SEMI JOIN '{quoted(truth)}' t
                ON t.uai IS NOT DISTINCT FROM v.uai
                AND t.identifiant_local = v.identifiant_local AND t.source = v.source)"""
    ).fetchone() or (0, 0)
    if known == 0 or 2 * known < rows:
        raise RefusedFile(
            truth,
            f"cette vérité ne connaît que {known} des {rows} inscriptions du résultat : "
            "indiquez celle du même territoire (--truth)",
        )


def _rates(connection: duckdb.DuckDBPyConnection, where: str) -> dict[str, Any]:
    gone, listed = "truth = 'gone'", "verdict <> 'found' AND (verdict <> 'review' OR p < 0.5)"
    row = (
        connection.execute(
            f"""WITH rows AS (SELECT *, probability AS p FROM judged WHERE {where})
        SELECT count(*), count(*) FILTER (verdict = 'excluded'),
            count(*) FILTER ({gone} AND verdict <> 'excluded'),
            count(*) FILTER ({gone} AND verdict = 'found'),
            count(*) FILTER (NOT {gone} AND verdict = 'missing'),
            count(*) FILTER (verdict = 'review'),
            count(*) FILTER ({gone} AND {listed} AND verdict <> 'excluded'),
            count(*) FILTER (NOT {gone} AND {listed} AND verdict <> 'excluded')
        FROM rows"""
        ).fetchone()
        or (0,) * 8
    )
    total, excluded, truly_gone, hidden, useless, review, right, wrong = row
    kept = total - excluded
    recall = right / truly_gone if truly_gone else 1.0
    precision = right / (right + wrong) if right + wrong else 1.0
    return {
        "rows": kept,
        "excluded": excluded,
        "gone": truly_gone,
        "hidden": hidden,
        "useless": useless,
        "review": review,
        "hidden_share": hidden / truly_gone if truly_gone else 0.0,
        "useless_share": useless / truly_gone if truly_gone else 0.0,
        "review_share": review / kept if kept else 0.0,
        "precision": precision,
        "recall": recall,
        "f1": 2 * precision * recall / (precision + recall) if precision + recall else 0.0,
    }


def told(result: dict[str, Any]) -> str:
    """The rates in French, for the terminal."""

    def share(value: float) -> str:
        return f"{100 * value:.3f} %".replace(".", ",")

    lines = [
        f"{result['rows']} inscriptions jugées, {result['gone']} jeunes vraiment partis "
        f"({result['excluded']} hors des listes, non jugées)",
        f"cachés (partis, crus inscrits)      : {result['hidden']} "
        f"({share(result['hidden_share'])} des partis)",
        f"appels inutiles (inscrits, listés)  : {result['useless']} "
        f"({share(result['useless_share'])} des partis)",
        f"à confirmer par un humain           : {result['review']} "
        f"({share(result['review_share'])} des inscriptions)",
        f"liste seule, sans humain            : F1 {result['f1']:.5f}".replace(".", ","),
    ]
    lines += [
        f"  {name} : {r['rows']} inscriptions, {r['hidden']} cachés, {r['review']} à confirmer"
        for name, r in result["sets"].items()
    ]
    return "\n".join(lines)
