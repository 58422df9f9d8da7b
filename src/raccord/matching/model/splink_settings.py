"""Our model as Splink declares one: the oracle of our weights, in the tests and the benchmarks.

A comparison never imports this module: Splink takes a second to load and is not needed to score.
The settings hold the same levels (from the same neutral SQL), the same m and u, the same
adjustments for frequent values and the same prior. Three things are said differently:

- Splink asks for the probability that two random records match, we keep odds in bits;
- a level that says nothing is a "null level" there, wherever it stands in the list;
- a value absent from a term-frequency table is not adjusted at all there, while ours has the floor
  of its column: the tables given to Splink must name every value (`frequency_table_sql`).
"""

from collections.abc import Sequence
from typing import Any

from splink import SettingsCreator
from splink.comparison_level_library import CustomLevel
from splink.comparison_library import CustomComparison
from splink.internals.comparison_level_creator import ComparisonLevelCreator

from raccord.matching.model.levels import COMPARISONS, SILENT, Comparison, Level
from raccord.matching.model.scoring import DUCKDB, Dialect
from raccord.matching.model.weights import Model

#: Columns Splink looks up in a term-frequency table.
FREQUENCY_COLUMNS: tuple[str, ...] = tuple(
    level.frequency_of
    for comparison in COMPARISONS
    for level in comparison.levels
    if level.frequency_of is not None
)


def splink_settings(
    model: Model | None,
    after_rows: int = 2,
    *,
    blocking_rules: Sequence[str] = (),
    dialect: Dialect = DUCKDB,
    keep_levels: bool = False,
) -> SettingsCreator:
    """Settings for a link of two tables that have `id` and COLUMNS; *before* is the left one.

    `after_rows` gives the prior its size. Without a model the levels carry no probability: Splink
    is then to estimate them itself. With `keep_levels` a prediction has the level of each
    comparison (`gamma_<field>`) and the values compared.
    """
    return SettingsCreator(
        link_type="link_only",
        unique_id_column_name="id",
        comparisons=[_comparison(comparison, model, dialect) for comparison in COMPARISONS],
        blocking_rules_to_generate_predictions=[{"blocking_rule": rule} for rule in blocking_rules],
        probability_two_random_records_match=(
            0.0001 if model is None else probability(model.prior(after_rows))
        ),
        retain_matching_columns=keep_levels,
        retain_intermediate_calculation_columns=keep_levels,
    )


def probability(weight: float) -> float:
    """The probability whose log2 odds are `weight` (in bits)."""
    odds: float = 2.0**weight
    return odds / (1 + odds)


def frequency_table_sql(model: Model, column: str, features: Sequence[str]) -> str:
    """Splink's term-frequency table of `column`: every value of the tables `features`, which hold
    its frozen frequency, or the floor of the column, as `tf_<column>`."""
    union = " UNION ".join(
        f"SELECT {column}, tf_{column} FROM {table} WHERE {column} IS NOT NULL"
        for table in features
    )
    return f"SELECT {column}, min(tf_{column}) AS tf_{column} FROM ({union}) GROUP BY 1"


def _comparison(comparison: Comparison, model: Model | None, dialect: Dialect) -> CustomComparison:
    levels: list[ComparisonLevelCreator | dict[str, Any]] = [
        _level(comparison, level, model, dialect) for level in comparison.levels
    ]
    return CustomComparison(levels, output_column_name=comparison.field)


def _level(
    comparison: Comparison, level: Level, model: Model | None, dialect: Dialect
) -> ComparisonLevelCreator:
    condition = "ELSE" if level.condition is None else dialect.condition(level.condition)
    created: ComparisonLevelCreator = CustomLevel(condition, level.code)
    if level.meaning == SILENT:
        return created.configure(is_null_level=True)
    if model is not None:
        shares = model.levels[comparison.field, level.code]
        created = created.configure(m_probability=shares.m, u_probability=shares.u)
    if level.frequency_of is not None:
        created = created.configure(
            tf_adjustment_column=level.frequency_of,
            tf_adjustment_weight=1.0,
            # The condition of our exact levels is one equality; the level itself holds the u that
            # the frequency replaces.
            disable_tf_exact_match_detection=True,
        )
    return created
