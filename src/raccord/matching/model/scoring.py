"""The SQL that gives a pair its levels and its weight, generated from the declared comparisons."""

from dataclasses import dataclass

from raccord.matching.model.levels import COMPARISONS, Comparison
from raccord.matching.model.weights import Model


@dataclass(frozen=True)
class Dialect:
    """The two string functions that every engine names its own way."""

    similar: str
    edits: str

    def condition(self, template: str) -> str:
        return template.format(similar=self.similar, edits=self.edits)


DUCKDB = Dialect(similar="jaro_winkler_similarity", edits="damerau_levenshtein")
SPARK = Dialect(similar="jaro_winkler", edits="damerau_levenshtein")


def level_column(comparison: Comparison) -> str:
    """Column that holds the rank of the level a pair falls in."""
    return f"g_{comparison.field}"


def level_sql(comparison: Comparison, dialect: Dialect = DUCKDB) -> str:
    """Rank (0, 1, 2…) of the first level of the comparison whose condition holds."""
    cases = [
        f"WHEN {dialect.condition(level.condition)} THEN {rank}"
        for rank, level in enumerate(comparison.levels)
        if level.condition is not None
    ]
    return f"CAST(CASE {' '.join(cases)} ELSE {len(comparison.levels) - 1} END AS TINYINT)"


def levels_sql(dialect: Dialect = DUCKDB) -> str:
    """All the level columns of a pair, for a SELECT."""
    return ",\n".join(f"{level_sql(c, dialect)} AS {level_column(c)}" for c in COMPARISONS)


def weight_sql(model: Model) -> str:
    """Sum of the weights of the levels of a pair, without the prior (DOUBLE, in bits).

    Where a level is exact on a value whose frequency is known, the frequency of that value
    (`tf_<column>`, on the before side) takes the place of the average one.
    """
    terms = []
    for comparison in COMPARISONS:
        cases = []
        for rank, level in enumerate(comparison.levels):
            weight = model.level_weight(comparison, level)
            if level.frequency_of is not None:
                bits = model.frequency_bits(comparison, level)
                cases.append(
                    f"WHEN {rank} THEN {weight + bits:.9f} - log2(tf_{level.frequency_of})"
                )
            elif weight:
                cases.append(f"WHEN {rank} THEN {weight:.9f}")
        terms.append(f"CASE {level_column(comparison)} {' '.join(cases)} ELSE 0 END")
    return "\n+ ".join(terms)


def pattern_sql() -> str:
    """One BIGINT for the levels of a pair, four bits a comparison, in the declared order."""
    return " + ".join(
        f"{level_column(comparison)}::BIGINT * {16**rank}"
        for rank, comparison in enumerate(COMPARISONS)
    )


def pattern_levels(pattern: int) -> list[int]:
    """The level ranks held in a pattern, in the order of COMPARISONS."""
    return [(pattern >> (4 * rank)) & 15 for rank in range(len(COMPARISONS))]
