"""`--engine spark`: the heavy part of the comparison on Spark, with the same levels and weights.

What is heavy is to bring together the pairs of what the exact passes left, to compare them and to
weigh them. That is done here, from two Parquet files to one. Everything else (reading, exact
passes, one to one, vetoes, verdicts) is the code of the other engine. docs/spark.md says when to
choose it, docs/adr/0003-spark.md why it is cut there.
"""

import importlib.util
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from raccord.matching import candidates
from raccord.matching.model.levels import COLUMNS, COMPARISONS
from raccord.matching.model.pairs import compare, weigh
from raccord.matching.model.scoring import (
    SPARK,
    level_column,
    level_sql,
    levels_sql,
    pattern_sql,
    weight_sql,
)
from raccord.matching.model.weights import Model
from raccord.matching.passes import Comparison, forget_parted
from raccord.matching.spark_java import OLDEST_JAVA, find_java, write_java_home
from raccord.registers.problems import RefusedFile
from raccord.registers.snapshots import home, quoted

#: Environment: a cluster instead of this machine, and the memory of the driver.
MASTER, MEMORY = "RACCORD_SPARK_MASTER", "RACCORD_SPARK_MEMORY"
#: A pair below this weight (bits) is not brought back. The passes keep far less: what either engine
#: rounds at this limit decides nothing.
_WORTH_BRINGING_BACK = -40.0

#: Splink's Scala functions, in the jar that comes with it: name, class.
_SCALA = (
    (SPARK.similar, "uk.gov.moj.dash.linkage.JaroWinklerSimilarity"),
    (SPARK.edits, "uk.gov.moj.dash.linkage.LevDamerauDistance"),
)
#: The one function of the levels that Spark names in its own way.
_STARTS_WITH = """CREATE OR REPLACE TEMPORARY FUNCTION starts_with(whole STRING, part STRING)
    RETURNS BOOLEAN RETURN startswith(whole, part)"""

_FREQUENCIES = tuple(
    f"tf_{level.frequency_of}"
    for comparison in COMPARISONS
    for level in comparison.levels
    if level.frequency_of
)

_LOGGING = """rootLogger.level = error
rootLogger.appenderRef.stderr.ref = stderr
# The level PySpark would print that it changes, were it not the same.
logger.gateway.name = org.apache.spark.api.python.PythonGatewayServer
logger.gateway.level = error
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = spark: %p %c{1}: %m%n
"""


def require() -> Path:
    """The Java that Spark will run on. Raises RefusedFile (in French) when a part is missing."""
    asked = Path("--engine spark")
    if importlib.util.find_spec("pyspark") is None:
        raise RefusedFile(
            asked,
            "PySpark n'est pas installé ; installez-le avec « pip install raccord[spark] », ou "
            "comparez sans cette option : les résultats sont les mêmes",
        )
    java = find_java()
    if java is None:
        raise RefusedFile(
            asked,
            f"Java {OLDEST_JAVA} ou plus récent est introuvable (ni JAVA_HOME, ni PATH) ; "
            "installez-le, ou « pip install raccord[spark] » qui en apporte un, ou comparez sans "
            "cette option : les résultats sont les mêmes",
        )
    return java


def score_residue(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> None:
    """Table `weighed` (l, r, levels, pattern, weight): the pairs of `before_residue` and
    `after_residue` that share a blocking key, without those that humans said are two persons.

    The same table as `residue.score_residue` makes, but for pairs of a weight below −30, which no
    one reads. Where the rounding of Spark's functions could move a pair to another level, DuckDB
    has the last word: the verdicts cannot depend on the engine.
    """
    java = require()
    spill = home() / "tmp"
    spill.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="spark-", dir=spill.resolve()) as name:
        folder = Path(name)
        _hand_over(connection, folder)
        with session(java, folder, _threads(connection)) as spark:
            _score(spark, folder, comparison.model, comparison.prior)
        connection.execute(
            f"CREATE TABLE on_spark AS FROM read_parquet('{quoted(folder)}/weighed/*.parquet')"
        )
    _look_again(connection, comparison)
    if comparison.decisions:
        connection.execute("CREATE TEMP TABLE candidates AS SELECT l, r FROM weighed")
        forget_parted(connection, comparison, "candidates")
        connection.execute(
            "CREATE OR REPLACE TABLE weighed AS FROM weighed SEMI JOIN candidates USING (l, r)"
        )
        connection.execute("DROP TABLE candidates")


def _look_again(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> None:
    """Table `weighed`, from `on_spark`: the doubtful pairs are compared again by DuckDB.

    Table `spark_differences` (l, r, pattern, weight, spark_pattern, spark_weight) keeps those that
    were not alike.
    """
    connection.execute("CREATE TEMP TABLE candidates AS SELECT l, r FROM on_spark WHERE doubtful")
    compare(connection, "candidates", "before_features", "after_features", "candidate_levels")
    weigh(
        connection,
        "candidate_levels",
        "before_features",
        comparison.model,
        comparison.prior,
        "looked_again",
    )
    connection.execute(
        f"""CREATE TABLE weighed AS
        SELECT * EXCLUDE (doubtful) FROM on_spark WHERE NOT doubtful
        UNION ALL BY NAME FROM looked_again WHERE weight >= {_WORTH_BRINGING_BACK}"""
    )
    connection.execute(
        f"""CREATE OR REPLACE TABLE spark_differences AS
        SELECT l, r, a.pattern, a.weight, s.pattern AS spark_pattern, s.weight AS spark_weight
        FROM looked_again a JOIN on_spark s USING (l, r)
        WHERE (a.pattern <> s.pattern OR a.weight <> s.weight)
          AND greatest(a.weight, s.weight) >= {_WORTH_BRINGING_BACK}"""
    )
    for table in ("candidates", "candidate_levels", "looked_again", "on_spark"):
        connection.execute(f"DROP TABLE {table}")


def _threads(connection: duckdb.DuckDBPyConnection) -> int:
    row = connection.execute("SELECT current_setting('threads')").fetchone()
    return int(row[0]) if row else 1


def _hand_over(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Parquet files of the compared columns of each residue, and of its blocking keys.

    The keys are hashes of DuckDB, moved from unsigned to signed: Spark has no unsigned integer.
    """
    candidates.block_sides(connection, "before_residue", "after_residue")
    for side, keys in (("before", "block_l"), ("after", "block_r")):
        columns = ["id", *COLUMNS, *(_FREQUENCIES if side == "before" else ())]
        _write(connection, f"SELECT {', '.join(columns)} FROM {side}_residue", folder / side)
        _write(
            connection,
            f"SELECT id, (block::HUGEINT - 9223372036854775808)::BIGINT AS block FROM {keys}",
            folder / f"{side}_keys",
        )
        connection.execute(f"DROP TABLE {keys}")


def _write(connection: duckdb.DuckDBPyConnection, select: str, path: Path) -> None:
    connection.execute(f"COPY ({select}) TO '{quoted(path)}.parquet' (FORMAT parquet)")


def _score(spark: Any, folder: Path, model: Model, prior: float) -> None:
    """Folder `weighed` of Parquet files, from the four files of `_hand_over`."""
    for name in ("before", "after", "before_keys", "after_keys"):
        spark.read.parquet(f"file://{folder}/{name}.parquet").createOrReplaceTempView(name)
    spark.sql(pairs_sql()).createOrReplaceTempView("candidates")
    spark.sql(weighed_sql(model, prior)).filter(
        f"weight >= {_WORTH_BRINGING_BACK} OR doubtful"
    ).write.parquet(f"file://{folder}/weighed")


def pairs_sql() -> str:
    """Distinct pairs (l, r) of ids that share a key, from the views of the keys."""
    return """SELECT DISTINCT b.id AS l, a.id AS r
        FROM before_keys b JOIN after_keys a ON a.block = b.block"""


def weighed_sql(model: Model, prior: float) -> str:
    """Levels, pattern and weight of the view `candidates`, from the views `before` and `after`.

    `doubtful` is true where DuckDB might put the pair at another level (`at_most`).
    """
    columns = ", ".join(f"b.{c} AS {c}_l, a.{c} AS {c}_r" for c in COLUMNS)
    levels = ", ".join(level_column(comparison) for comparison in COMPARISONS)
    frequencies = ", ".join(_FREQUENCIES)
    sided_frequencies = ", ".join(f"b.{column}" for column in _FREQUENCIES)
    # Each likeness is measured once, for the levels and for what they could be.
    calls: list[tuple[str, str]] = sorted(set(_LIKENESS.findall(levels_sql(SPARK))))
    strict = {call: f"likeness_{rank}" for rank, call in enumerate(calls)}
    lenient = {(a, b): at_most(a, b, strict[a, b]) for a, b in calls}
    measured = ", ".join(f"{SPARK.similar}({a}, {b}) AS {strict[a, b]}" for a, b in calls)
    compared = ", ".join(
        f"{_measured(level_sql(comparison, SPARK), strict)} AS {level_column(comparison)}"
        for comparison in COMPARISONS
    )
    doubts = " OR ".join(
        f"{_measured(level_sql(comparison, SPARK), strict)} "
        f"<> {_measured(level_sql(comparison, SPARK), lenient)}"
        for comparison in COMPARISONS
        if _LIKENESS.search(level_sql(comparison, SPARK))
    )
    return f"""WITH sided AS (
            SELECT p.l, p.r, {sided_frequencies}, {columns}
            FROM candidates p JOIN before b ON b.id = p.l JOIN after a ON a.id = p.r
        ), measured AS (SELECT *, {measured} FROM sided
        ), compared AS (SELECT l, r, {frequencies}, {compared}, {doubts} AS doubtful FROM measured)
        SELECT l, r, {levels}, {pattern_sql()} AS pattern,
            round(cast({weight_sql(model)} + {prior} AS DOUBLE), 6) AS weight, doubtful
        FROM compared"""


#: A Jaro-Winkler similarity in the SQL of the levels, and the columns it compares.
_LIKENESS = re.compile(rf"{SPARK.similar}\((\w+), (\w+)\)")


def _measured(sql: str, measures: dict[tuple[str, str], str]) -> str:
    return _LIKENESS.sub(lambda found: measures[found[1], found[2]], sql)


def at_most(left: str, right: str, likeness: str) -> str:
    """The highest Jaro-Winkler similarity DuckDB may find, knowing the one Spark did.

    Of t letters out of place among m common ones, Apache Commons (in the jar) takes off t/2, DuckDB
    the whole part of it. With t odd, hence 3 at least, DuckDB is higher by (1/2)/(3 m) ≤ 1/18
    before the bonus for a common beginning, which both give from 0.7 on: just under, the bonus may
    be for DuckDB alone, and cannot bring two names that do not share two letters above 0.80.
    """
    return (
        f"CASE WHEN {likeness} >= 0.7 THEN {likeness} + 0.056 "
        f"WHEN {likeness} >= 0.64 AND left({left}, 2) = left({right}, 2) THEN 0.85 "
        f"ELSE {likeness} END"
    )


@contextmanager
def session(java: Path, folder: Path, threads: int) -> Iterator[Any]:
    """A SparkSession that knows the functions of the levels, stopped at the end.

    It shows no page and, on this machine, listens on the loopback address only. `folder` holds what
    it spills.
    """
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an optional extra

    master = os.environ.get(MASTER, f"local[{threads}]")
    alone = master.startswith("local")
    builder = SparkSession.builder.master(master).appName("raccord")
    for key, value in _settings(folder, threads, alone=alone).items():
        builder = builder.config(key, value)
    with _environment(write_java_home(folder / "java", java), alone=alone):
        spark = builder.getOrCreate()
    try:
        teach(spark)
        yield spark
    finally:
        spark.stop()


@contextmanager
def _environment(java_home: Path, *, alone: bool) -> Iterator[None]:
    """What PySpark reads when it starts its JVM, which it does once in a process."""
    before = dict(os.environ)
    os.environ["JAVA_HOME"] = str(java_home)
    if alone:
        os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
        # Another Spark of the machine would be started with the files of ours.
        os.environ.pop("SPARK_HOME", None)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _settings(folder: Path, threads: int, *, alone: bool) -> dict[str, str]:
    from splink.backends.spark import similarity_jar_location  # noqa: PLC0415 - needs PySpark

    logging = folder / "log4j2.properties"
    logging.write_text(_LOGGING, "utf-8")
    settings = {
        "spark.jars": similarity_jar_location(),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.memory": os.environ.get(MEMORY, "4g"),
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile=file://{logging}",
        "spark.local.dir": str(folder / "spill"),
        "spark.sql.warehouse.dir": f"file://{folder}/warehouse",
        # 200, the default, is for hundreds of machines; a small residue would only be scattered.
        "spark.sql.shuffle.partitions": str(4 * threads if alone else 200),
    }
    if alone:
        settings |= {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
    return settings


def teach(spark: Any) -> None:
    """Give a session the functions of the levels."""
    from pyspark.sql.types import DoubleType  # noqa: PLC0415 - an optional extra

    for name, scala in _SCALA:
        spark.udf.registerJavaFunction(name, scala, DoubleType())
    spark.sql(_STARTS_WITH)
