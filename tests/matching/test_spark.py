"""`--engine spark`: the same pairs, levels, weights and verdicts as DuckDB, or the reason."""

import importlib.util
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.matching.scored_pairs import (
    FREQUENT,
    every_level,
    hand_made,
    levels_met,
    link_simulated,
    load_hand_made,
)

from raccord.matching import comparison as comparing
from raccord.matching import passes, residue, spark, spark_java
from raccord.matching.model import weights
from raccord.matching.model.levels import COLUMNS, COMPARISONS, FAMILY_NAME
from raccord.matching.model.scoring import (
    DUCKDB,
    level_column,
    levels_sql,
    pattern_levels,
    pattern_sql,
    weight_sql,
)
from raccord.matching.model.weights import Model
from raccord.matching.sides import Side, union
from raccord.registers.problems import RefusedFile
from raccord.simulation import Simulation, simulate

_PRIOR = -17.0
_LEVELS = ", ".join(level_column(comparison) for comparison in COMPARISONS)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET threads = 2")
        yield connection


@pytest.fixture(scope="module", autouse=True)
def java_of_a_minute() -> Iterator[None]:
    """A JVM that lives a minute spends half of it optimising what it will run a few seconds."""
    settings = spark._settings

    def hasty(folder: Path, threads: int, *, alone: bool) -> dict[str, str]:
        asked = settings(folder, threads, alone=alone)
        asked["spark.driver.extraJavaOptions"] += " -XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
        return asked

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(spark, "_settings", hasty)
        yield


@pytest.fixture(scope="module")
def frozen() -> Model:
    return weights.load()


def _differences(connection: duckdb.DuckDBPyConnection, ours: str, theirs: str) -> list[Any]:
    """Pairs of only one of two tables, or of another level or weight there."""
    columns = f"l, r, {_LEVELS}, pattern, weight"
    return connection.execute(
        f"""SELECT 'duckdb' AS engine, * FROM (SELECT {columns} FROM {ours}
            EXCEPT SELECT {columns} FROM {theirs})
        UNION ALL
        SELECT 'spark', * FROM (SELECT {columns} FROM {theirs}
            EXCEPT SELECT {columns} FROM {ours})
        ORDER BY l, r, engine"""
    ).fetchall()


# --- small: without Spark ------------------------------------------------------------------------


def test_without_pyspark_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "pyspark" else find(name)
    )
    with pytest.raises(RefusedFile, match=r"PySpark.*pip install raccord\[spark\]"):
        spark.require()


def test_without_java_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: object())
    monkeypatch.setattr(spark, "find_java", lambda: None)
    with pytest.raises(RefusedFile, match=r"Java 17.*pip install raccord\[spark\]") as refusal:
        spark.require()
    assert "\n" not in str(refusal.value)


def test_an_old_java_is_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, version in (("home", "1.8.0_412"), ("bin", "21.0.2")):
        java = tmp_path / name / "java" if name == "bin" else tmp_path / "home/bin/java"
        java.parent.mkdir(parents=True, exist_ok=True)
        java.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
        java.chmod(0o700)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    assert spark_java.find_java() == folder / "java"


def test_no_java_at_all_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert spark_java.find_java() is None


def test_the_incubator_module_is_not_asked_of_java(tmp_path: Path) -> None:
    told = tmp_path / "told"
    told.write_text('#!/bin/sh\nfor a; do echo "<$a>"; done\n')
    told.chmod(0o700)
    home = spark_java.write_java_home(tmp_path / "home", told)
    import subprocess

    answer = subprocess.run(
        [home / "bin/java", "-cp", "a b", "--add-modules=jdk.incubator.vector", "-Xmx1g"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert answer.stdout.split("\n") == ["<-cp>", "<a b>", "<-Xmx1g>", ""]


# --- with Spark ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def on_spark(frozen: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `weighed` (the hand-made pairs) and `likeness` (words), made by one session."""
    folder = tmp_path_factory.mktemp("spark")
    with duckdb.connect() as connection:
        load_hand_made(connection, frozen)
        for side in ("before", "after"):
            connection.execute(f"COPY {side}_features TO '{folder}/{side}.parquet'")
        connection.execute(f"COPY candidates TO '{folder}/candidates.parquet'")
        _load_words(connection)
        connection.execute(f"COPY words TO '{folder}/words.parquet'")
    with spark.session(spark.require(), folder, threads=2) as session:
        for name in ("before", "after", "candidates", "words"):
            session.read.parquet(f"file://{folder}/{name}.parquet").createOrReplaceTempView(name)
        session.sql(spark.weighed_sql(frozen, _PRIOR)).write.parquet(f"file://{folder}/weighed")
        session.sql(
            "SELECT a, b, jaro_winkler(a, b) AS likeness, damerau_levenshtein(a, b) AS edits "
            "FROM words"
        ).createOrReplaceTempView("measured")
        session.sql(
            f"SELECT *, {spark.at_most('a', 'b', 'likeness')} AS at_most FROM measured"
        ).write.parquet(f"file://{folder}/likeness")
        address = session.sparkContext.getConf().get("spark.driver.host")
        (folder / "address").write_text(address)
        (folder / "page").write_text(str(session.sparkContext.uiWebUrl))
    return folder


def _load_words(connection: duckdb.DuckDBPyConnection) -> None:
    """Table `words` (a, b): names of the hand-made rows, each with itself misspelt at random."""
    rng = random.Random(1881)
    names = sorted({
        str(row[column])
        for row in hand_made()
        for column in ("c_nom", "c_prenom", "n_suite", "naissance", "adresse", "n_ine")
        if row[column]
    })  # fmt: skip
    pairs = [(a, b) for a in names for b in names]
    for name in names:
        for _ in range(200):
            letters = list(name)
            for _ in range(rng.randint(1, 5)):
                i = rng.randrange(len(letters))
                match rng.randrange(4):
                    case 0:
                        letters[i] = rng.choice("AEIOURST0123")
                    case 1 if len(letters) > 2:
                        del letters[i]
                    case 2:
                        letters.insert(i, rng.choice("AEIOURST0123"))
                    case _:
                        j = min(i + 1, len(letters) - 1)
                        letters[i], letters[j] = letters[j], letters[i]
            pairs.append((name, "".join(letters)))
    connection.execute(
        "CREATE TABLE words AS SELECT unnest($a) AS a, unnest($b) AS b",
        {"a": [a for a, _ in pairs], "b": [b for _, b in pairs]},
    )


@pytest.mark.spark
def test_duckdb_has_the_last_word_on_doubtful_pairs(
    connection: duckdb.DuckDBPyConnection, frozen: Model, on_spark: Path
) -> None:
    load_hand_made(connection, frozen)
    connection.execute("DROP TABLE candidates")
    connection.execute(f"CREATE TABLE on_spark AS FROM '{on_spark}/weighed/*.parquet'")
    comparison = passes.Comparison(
        Side("before", ()), Side("after", ()), date(2026, 10, 15), _with_prior(frozen)
    )
    spark._look_again(connection, comparison)
    listed = connection.execute("FROM spark_differences").fetchall()
    assert len(listed) == 2  # each of the two names on each side
    for left, right, pattern, weight, spark_pattern, spark_weight in listed:
        code = FAMILY_NAME.levels[pattern_levels(pattern)[0]].code
        spark_code = FAMILY_NAME.levels[pattern_levels(spark_pattern)[0]].code
        assert (code, spark_code) == ("close", "similar")
        assert weight > spark_weight
        assert connection.execute(
            "SELECT pattern, weight FROM weighed WHERE l = $1 AND r = $2", [left, right]
        ).fetchall() == [(pattern, weight)]  # fmt: skip


def _with_prior(model: Model) -> Model:
    """The model whose prior is `_PRIOR`, for a comparison with an empty side."""
    return replace(model, prior_bits=_PRIOR - replace(model, prior_bits=0.0).prior(0))


@pytest.mark.spark
def test_hand_made_pairs_have_the_same_levels_and_weights(
    connection: duckdb.DuckDBPyConnection, frozen: Model, on_spark: Path
) -> None:
    load_hand_made(connection, frozen)
    columns = ", ".join(f"b.{c} AS {c}_l, a.{c} AS {c}_r" for c in COLUMNS)
    frequencies = ", ".join(f"tf_{column}" for column in FREQUENT)
    connection.execute(
        f"""CREATE TABLE ours AS
        WITH sided AS (SELECT l, r, {", ".join(f"b.tf_{c}" for c in FREQUENT)}, {columns}
            FROM candidates
            JOIN before_features b ON b.id = l JOIN after_features a ON a.id = r),
        compared AS (SELECT l, r, {frequencies}, {levels_sql(DUCKDB)} FROM sided)
        SELECT l, r, {_LEVELS}, {pattern_sql()} AS pattern,
            round({weight_sql(frozen)} + {_PRIOR}, 6) AS weight FROM compared"""
    )
    connection.execute(f"CREATE TABLE theirs AS FROM '{on_spark}/weighed/*.parquet'")
    assert levels_met(connection, "theirs") == every_level()
    connection.execute("CREATE VIEW sure AS FROM theirs WHERE NOT doubtful")
    connection.execute("CREATE VIEW ours_sure AS FROM ours SEMI JOIN sure USING (l, r)")
    assert _differences(connection, "ours_sure", "sure") == []
    # The names that only half a letter parts are another level for Spark: it says it doubts.
    unlike = _differences(connection, "ours", "theirs")
    names = [row["c_nom"] for row in hand_made()]
    parted = {frozenset((names[left - 1], names[right - 1])) for _, left, right, *_ in unlike}
    assert parted == {frozenset(("LEGOFRECMARZIN", "LEGOFEECMARIN"))}
    doubts = connection.execute("SELECT count(*) FROM theirs WHERE doubtful").fetchall()
    assert doubts[0][0] < len(names) ** 2 / 4


@pytest.mark.spark
def test_the_two_likenesses_differ_no_more_than_is_allowed_for(
    connection: duckdb.DuckDBPyConnection, on_spark: Path
) -> None:
    """Distances are the same. Of an odd number of letters out of place, Spark takes off the half:
    what it finds and the highest that DuckDB may find hold what DuckDB finds."""
    connection.execute(
        f"""CREATE TABLE measured AS
        SELECT *, jaro_winkler_similarity(a, b) AS ours FROM '{on_spark}/likeness/*.parquet'"""
    )
    assert connection.execute(
        "SELECT a, b FROM measured WHERE edits <> damerau_levenshtein(a, b)"
    ).fetchall() == []  # fmt: skip
    # The lowest threshold of the levels is 0.80: under it, nothing is decided.
    assert connection.execute(
        """SELECT a, b, likeness, ours, at_most FROM measured
        WHERE ours < likeness - 1e-9 OR (ours > at_most + 1e-9 AND ours >= 0.8)"""
    ).fetchall() == []  # fmt: skip
    row = connection.execute(
        "SELECT count(*) FROM measured WHERE ours > likeness + 1e-9"
    ).fetchone()
    assert row is not None
    assert row[0] > 50  # otherwise the case is not met, and the doubt is for nothing


@pytest.mark.spark
def test_spark_listens_to_this_machine_only(on_spark: Path) -> None:
    assert (on_spark / "address").read_text() == "127.0.0.1"
    assert (on_spark / "page").read_text() == "None"


@pytest.fixture(scope="module")
def territory(tmp_path_factory: pytest.TempPathFactory) -> Simulation:
    """100,000 pupils with the harder noise: more is left to the model."""
    return simulate(100_000, 29, tmp_path_factory.mktemp("territoire"), harder=True)


Linked = tuple[duckdb.DuckDBPyConnection, passes.Comparison]


@pytest.fixture(scope="module")
def linked(territory: Simulation, frozen: Model) -> Iterator[Linked]:
    """What the exact passes leave to the model, and in `weighed` and `modelled` what DuckDB says
    of it."""
    with duckdb.connect() as connection:
        connection.execute("SET threads = 2")
        comparison = link_simulated(connection, territory, frozen)
        residue.link_by_model(connection, comparison, _scored_and_kept)
        yield connection, comparison


def _scored_and_kept(connection: duckdb.DuckDBPyConnection, comparison: passes.Comparison) -> None:
    residue.score_residue(connection, comparison)
    connection.execute("CREATE TABLE by_duckdb AS FROM weighed")


@pytest.mark.spark
@pytest.mark.slow
def test_pairs_of_a_hundred_thousand_pupils_weigh_the_same(linked: Linked, tmp_path: Path) -> None:
    """The pairs that Spark alone would have put at another level are listed, with the reason."""
    connection, comparison = linked
    connection.execute("CREATE TABLE ours AS FROM by_duckdb WHERE weight >= -20")
    spark.score_residue(connection, comparison)
    connection.execute("CREATE TABLE theirs AS FROM weighed WHERE weight >= -20")
    row = connection.execute("SELECT count(*) FROM ours").fetchone()
    assert row is not None
    assert row[0] > 5_000
    assert _differences(connection, "ours", "theirs") == []
    listed = tmp_path / "differences.csv"
    connection.execute(f"COPY spark_differences TO '{listed}' (HEADER)")
    for _, _, pattern, _, spark_pattern, _ in connection.execute(
        "FROM spark_differences"
    ).fetchall():
        # The reason: a level decided by a likeness, which Spark finds a little lower.
        moved = [
            (compared, ours, theirs)
            for compared, ours, theirs in zip(
                COMPARISONS, pattern_levels(pattern), pattern_levels(spark_pattern), strict=True
            )
            if ours != theirs
        ]
        assert moved, listed.read_text()
        for compared, ours, _ in moved:
            assert "{similar}" in (compared.levels[ours].condition or ""), listed.read_text()


@pytest.mark.spark
@pytest.mark.slow
def test_verdicts_of_a_hundred_thousand_pupils_are_identical(
    connection: duckdb.DuckDBPyConnection,
    territory: Simulation,
    linked: Linked,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scored: list[str] = []
    score = spark.score_residue
    monkeypatch.setattr(
        spark, "score_residue", lambda c, compared: (scored.append("spark"), score(c, compared))
    )
    said = _decisions(*linked, tmp_path)
    for engine in ("duckdb", "spark"):
        verdicts = _compare(territory, tmp_path / engine, engine, said)
        connection.execute(f"CREATE VIEW by_{engine} AS FROM '{verdicts}'")
    assert scored == ["spark"]
    row = connection.execute("SELECT count(*) FROM by_spark").fetchone()
    assert row is not None
    assert row[0] > 95_000
    assert connection.execute("FROM by_duckdb EXCEPT ALL FROM by_spark").fetchall() == []
    assert connection.execute("FROM by_spark EXCEPT ALL FROM by_duckdb").fetchall() == []
    parted = connection.execute(
        f"""FROM by_spark v JOIN read_csv('{said}', all_varchar = true) d
            ON d.uai = v.uai AND d.identifiant_local = v.identifiant_local
            AND d.uai_trouve = v.matched_uai
            AND d.identifiant_trouve = v.matched_identifiant_local"""
    ).fetchall()
    assert parted == []


def _compare(
    territory: Simulation, out: Path, engine: str = "duckdb", decisions: Path | None = None
) -> Path:
    comparing.compare(
        comparing.Request(
            before=[territory.before],
            after=[territory.after],
            out=out,
            decisions=decisions,
            as_of=territory.as_of,
            all_ages=True,
            engine=engine,
            threads=2,
        )
    )
    return out / "verdicts.parquet"


def _decisions(
    connection: duckdb.DuckDBPyConnection, comparison: passes.Comparison, folder: Path
) -> Path:
    """A file that says « non » to twenty of the pairs the model finds."""
    path = folder / "decisions.csv"
    before, after = (
        union(side, "SELECT {id} AS id, uai, identifiant_local FROM {prepared}")
        for side in (comparison.before, comparison.after)
    )
    copied = connection.execute(
        f"""COPY (SELECT b.uai, b.identifiant_local, a.uai AS uai_trouve,
                a.identifiant_local AS identifiant_trouve, 'non' AS decision
            FROM modelled m JOIN ({before}) b ON b.id = m.l JOIN ({after}) a ON a.id = m.r
            WHERE m.veto IS NULL AND m.probability >= {residue.FOUND_FROM}
            ORDER BY b.uai, b.identifiant_local LIMIT 20) TO '{path}' (HEADER, DELIMITER ';')"""
    ).fetchall()
    assert copied == [(20,)]
    return path
