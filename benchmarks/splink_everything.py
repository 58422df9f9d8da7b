"""Splink on everything: the same comparisons and levels, no exact pass, no veto, one to one.

A careful use of Splink 5 on DuckDB: term frequencies on names and birth commune, eleven blocking
rules, `u` by random sampling, `m` by expectation maximisation in two sessions (pupils of one INE,
pupils of one identity), pairs above probability 0.5 assigned one to one. The truth is never looked
at. Enrolments of *before* with one identity and no contradicting INE are one person, as a careful
user would do first.

    python benchmarks/splink_everything.py prepare BEFORE AFTER WORK [--as-of AAAA-MM-JJ]
    python benchmarks/splink_everything.py train WORK [--threads N]
    python benchmarks/splink_everything.py link WORK [--threads N] [--threshold 0.5]

`prepare` normalises (not counted against Splink: Raccord is measured from snapshots too); `link`
writes WORK/links.parquet (uai, identifiant_local, source, probability; one row per enrolment of
*before*, null when nobody is linked) and prints its seconds as JSON.
"""

import argparse
import json
import logging
import time
from pathlib import Path
from typing import Any

import duckdb
from splink import Linker
from splink.backends.duckdb import DuckDBAPI

from raccord.matching.model.levels import COLUMNS
from raccord.matching.model.splink_settings import splink_settings
from raccord.registers import folding

#: What is paired. A block joins enough pieces of identity not to grow with the square.
BLOCKING = (
    "l.n_ine = r.n_ine",
    "l.c_nom = r.c_nom AND l.naissance = r.naissance",
    "l.c_prenom = r.c_prenom AND l.naissance = r.naissance",
    "l.c_nom = r.c_prenom AND l.c_prenom = r.c_nom AND left(l.naissance, 4) = left(r.naissance, 4)",
    "l.c_usage = r.c_nom AND l.naissance = r.naissance",
    "l.c_nom = r.c_nom AND l.c_prenom = r.c_prenom AND left(l.naissance, 4) = left(r.naissance, 4)",
    "l.c_nom = r.c_nom AND l.c_prenom = r.c_prenom AND right(l.naissance, 4) = "
    "right(r.naissance, 4)",
    "l.c_nom = r.c_nom AND l.c_prenom = r.c_prenom AND l.n_commune = r.n_commune",
    "l.n_uai = r.n_uai_precedent AND l.naissance = r.naissance",
    "l.n_commune = r.n_commune AND l.naissance = r.naissance AND l.s = r.s",
    "l.telephone = r.telephone AND l.c_prenom = r.c_prenom",
)
#: Nearly every pair of one of these is one person, and most true pairs are in one (recall 0.97).
_DETERMINISTIC = (
    "l.n_ine = r.n_ine AND l.c_nom = r.c_nom AND l.naissance = r.naissance",
    "l.c_nom = r.c_nom AND l.c_prenom = r.c_prenom AND l.naissance = r.naissance",
)
_SAMPLED_PAIRS = 5_000_000
_SIDES = ("before", "after")
_NAMES = {"before": "a_before", "after": "b_after"}


def _prepared_sql(present: set[str], relation: str) -> str:
    def column(name: str) -> str:
        return name if name in present else "NULL::VARCHAR"

    ine = f"nullif(upper(trim(string_split({column('ine')}, '|')[1])), '')"
    return f"""WITH folded AS (
        SELECT source, {column("uai")} AS uai, {column("identifiant_local")} AS identifiant_local,
            {folding.folded("nom_famille")} AS n_nom, {folding.folded("prenom")} AS n_prenom,
            {folding.folded(column("nom_usage"))} AS n_usage,
            {folding.folded(column("prenoms_suivants"))} AS n_suite,
            strftime({folding.day("date_naissance")}, '%Y%m%d') AS naissance,
            {folding.sex(column("sexe"))} AS s,
            {folding.commune(column("commune_naissance"))} AS n_commune,
            upper({column("uai")}) AS n_uai, upper({column("uai_precedent")}) AS n_uai_precedent,
            CASE WHEN length({ine}) = 11 THEN {ine} END AS n_ine,
            {folding.phone(column("telephone"))} AS telephone,
            {folding.phone(column("representant_telephone"))} AS representant,
            lower(trim({column("courriel")})) AS courriel,
            {folding.folded(column("adresse"))} AS adresse,
            {folding.establishment(column("code_postal"))} AS code_postal,
            {folding.commune(column("commune_residence"))} AS n_residence,
            {folding.day(column("date_sortie"))} AS d_sortie
        FROM {relation})
    SELECT *, replace(n_nom, ' ', '') AS c_nom, replace(n_prenom, ' ', '') AS c_prenom,
        replace(n_usage, ' ', '') AS c_usage,
        CASE WHEN n_ine IS NULL THEN NULL
            WHEN substr(n_ine, 10, 1) >= 'A' AND right(n_ine, 1) >= 'A' THEN 'rnie'
            WHEN substr(n_ine, 5, 1) >= 'A' THEN 'apprenti'
            WHEN right(n_ine, 1) >= 'A' THEN 'bea' ELSE 'nne' END AS ine_family
    FROM folded"""


def prepare(before: Path, after: Path, work: Path, as_of: str) -> None:
    """WORK/<side>.parquet: `id`, the identity of the row, COLUMNS; former enrolments left out."""
    work.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        for side, folder in zip(_SIDES, (before, after), strict=True):
            relation = f"read_parquet('{folder}/*.parquet', union_by_name=true)"
            described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
            sql = _prepared_sql({str(row[0]) for row in described}, relation)
            kept = "true"
            if side == "after":
                kept = f"d_sortie IS NULL OR d_sortie > DATE '{as_of}'"
            connection.execute(
                f"""COPY (SELECT row_number() OVER () AS id, source, uai, identifiant_local,
                {", ".join(COLUMNS)} FROM ({sql}) WHERE {kept})
                TO '{work / f"{side}.parquet"}' (FORMAT parquet)"""
            )


def _open(work: Path, threads: int | None) -> tuple[duckdb.DuckDBPyConnection, list[Any]]:
    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar = false")
    connection.execute(f"SET temp_directory = '{work / 'tmp'}'")
    if threads:
        connection.execute(f"SET threads = {threads}")
    api = DuckDBAPI(connection=connection)
    tables = []
    for side, name in _NAMES.items():
        connection.execute(
            f"CREATE TABLE {name} AS SELECT id, {', '.join(COLUMNS)} "
            f"FROM '{work / f'{side}.parquet'}'"
        )
        tables.append(api.register(name, dataset_display_name=name))
    return connection, tables


def train(
    work: Path, threads: int | None = None, sampled_pairs: int = _SAMPLED_PAIRS
) -> dict[str, float]:
    """WORK/splink.json: the trained model. Returns the seconds it took."""
    started = time.perf_counter()
    connection, tables = _open(work, threads)
    with connection:
        settings = splink_settings(None, blocking_rules=BLOCKING)
        linker = Linker(tables, settings, log_level=None)
        linker.training.estimate_probability_two_random_records_match(
            list(_DETERMINISTIC), recall=0.97
        )
        linker.training.estimate_u_using_random_sampling(max_pairs=sampled_pairs, seed=1)
        for rule in (
            "l.n_ine = r.n_ine",
            "l.c_nom = r.c_nom AND l.c_prenom = r.c_prenom AND l.naissance = r.naissance",
        ):
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
        model = work / "splink.json"
        model.unlink(missing_ok=True)
        linker.misc.save_model_to_json(str(model), overwrite=True)
    return {"train": time.perf_counter() - started}


def link(work: Path, threads: int | None = None, threshold: float = 0.5) -> dict[str, float]:
    """WORK/links.parquet, from the trained model. Returns the seconds of each stage."""
    seconds = {}
    started = time.perf_counter()
    connection, tables = _open(work, threads)
    with connection:
        linker = Linker(tables, str(work / "splink.json"), log_level=None)
        seconds["read"] = time.perf_counter() - started
        predicted = linker.inference.predict(threshold_match_probability=threshold)
        seconds["predict"] = time.perf_counter() - started - seconds["read"]
        one_to_one(connection, predicted.physical_name, work)
    seconds["total"] = time.perf_counter() - started
    seconds["one_to_one"] = seconds["total"] - seconds["predict"] - seconds["read"]
    return seconds


def one_to_one(connection: duckdb.DuckDBPyConnection, predicted: str, work: Path) -> None:
    """Mutual best first, until nothing is kept; then the links of each enrolment of *before*."""
    connection.execute(
        f"""CREATE TABLE persons AS
        WITH named AS (
            SELECT id, n_ine, naissance, CASE
                WHEN c_nom IS NULL OR c_prenom IS NULL OR naissance IS NULL THEN id
                WHEN min(n_ine) OVER same IS NOT DISTINCT FROM max(n_ine) OVER same
                    THEN min(id) OVER same
                ELSE min(id) OVER (PARTITION BY c_nom, c_prenom, naissance, n_ine) END AS person
            FROM {_NAMES["before"]} WINDOW same AS (PARTITION BY c_nom, c_prenom, naissance))
        SELECT id, CASE WHEN n_ine IS NULL OR naissance IS NULL THEN person
            ELSE min(person) OVER (PARTITION BY n_ine, naissance) END AS person
        FROM named"""
    )
    connection.execute(
        f"""CREATE TABLE pairs AS
        SELECT p.person AS b, id_r AS a, max(match_weight) AS weight,
            max(match_probability) AS probability
        FROM {predicted} JOIN persons p ON p.id = id_l GROUP BY ALL"""
    )
    connection.execute("CREATE TABLE kept (b BIGINT, a BIGINT, probability DOUBLE)")
    while True:
        added = connection.execute(
            """INSERT INTO kept
            SELECT b, a, probability FROM (
                SELECT b, a, probability,
                    row_number() OVER (PARTITION BY b ORDER BY weight DESC, a) AS for_b,
                    row_number() OVER (PARTITION BY a ORDER BY weight DESC, b) AS for_a
                FROM pairs) WHERE for_b = 1 AND for_a = 1"""
        ).fetchone()
        if not added or not added[0]:
            break
        connection.execute(
            """CREATE OR REPLACE TABLE pairs AS
            FROM pairs WHERE b NOT IN (SELECT b FROM kept) AND a NOT IN (SELECT a FROM kept)"""
        )
    connection.execute(
        f"""COPY (SELECT s.source, s.uai, s.identifiant_local, k.probability
            FROM '{work / "before.parquet"}' s JOIN persons p USING (id)
            LEFT JOIN kept k ON k.b = p.person)
        TO '{work / "links.parquet"}' (FORMAT parquet)"""
    )


def score(work: Path, truth: Path) -> dict[str, float]:
    """Hidden, useless and F1 of the missing list: whoever has no link is listed."""
    with duckdb.connect() as connection:
        row = connection.execute(
            f"""SELECT count(*) FILTER (truth = 'gone'),
                count(*) FILTER (truth = 'gone' AND probability IS NOT NULL),
                count(*) FILTER (truth <> 'gone' AND probability IS NULL)
            FROM '{work / "links.parquet"}' l JOIN '{truth}' t
                ON t.uai IS NOT DISTINCT FROM l.uai AND t.source = l.source
                AND t.identifiant_local = l.identifiant_local"""
        ).fetchone()
    gone, hidden, useless = row or (0, 0, 0)
    right = gone - hidden
    return {
        "gone": gone,
        "hidden": hidden,
        "useless": useless,
        "f1": 2 * right / max(1, 2 * right + hidden + useless),
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Splink sur tout, en un pour un")
    commands = parser.add_subparsers(dest="command", required=True)
    ready = commands.add_parser("prepare")
    ready.add_argument("before", type=Path)
    ready.add_argument("after", type=Path)
    ready.add_argument("work", type=Path)
    ready.add_argument("--as-of", default="9999-12-31")
    for name in ("train", "link"):
        command = commands.add_parser(name)
        command.add_argument("work", type=Path)
        command.add_argument("--threads", type=int)
        command.add_argument("--threshold", type=float, default=0.5)
        command.add_argument("--sampled-pairs", type=int, default=_SAMPLED_PAIRS)
    asked = parser.parse_args()
    if asked.command == "prepare":
        prepare(asked.before, asked.after, asked.work, asked.as_of)
        print("{}")
    elif asked.command == "train":
        print(json.dumps(train(asked.work, asked.threads, asked.sampled_pairs)))
    else:
        print(json.dumps(link(asked.work, asked.threads, asked.threshold)))


if __name__ == "__main__":
    main()
