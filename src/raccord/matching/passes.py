"""The exact passes of the comparison, from the surest proof on.

1. the same sound INE and the same identity;
2. the same INE, believed because two of family name, first name and birth date agree;
3. the same identity, alone of its kind on both sides and corroborated.

What they leave goes to the probabilistic model (`residue.py`). Each pass is one set operation on
what the passes before left; every join meets ids or 64-bit keys.
"""

from dataclasses import dataclass, field
from datetime import date

import duckdb

from raccord.matching import nights
from raccord.matching.assignment import assign_persons
from raccord.matching.model.pairs import compare, weigh
from raccord.matching.model.weights import Model
from raccord.matching.persons import find_shared_keys, merge_enrolments
from raccord.matching.sides import Side, load_features, load_keys
from raccord.matching.stages import is_empty
from raccord.matching.vetoes import IDENTITY_IS_CORROBORATED, INE_IS_BELIEVED


@dataclass(frozen=True)
class Comparison:
    """What is compared with what.

    `decisions`: table `decisions` (l, r, same) holds what humans said of pairs of rows.
    `only_before`, `only_after`: SQL for the ids that are sought, and searched (all by default).
    `disowned`: SQL for the ids of *after* where, a human said, nobody comes any more.
    `former`: rows of *after* whose exit is past are searched too.
    `memory`: what a former run computed of unchanged rows.
    """

    before: Side
    after: Side
    as_of: date
    model: Model
    decisions: bool = False
    only_before: str | None = None
    only_after: str | None = None
    disowned: str | None = None
    former: bool = False
    memory: nights.Memory = field(default_factory=nights.Memory)

    @property
    def prior(self) -> float:
        return self.model.prior(self.after.rows)


def load(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> None:
    """Keys of both sides, pass 1, and the features of every row that pass 1 does not settle.

    View `linked` (b, a, matched_by, pattern): pairs of rows found so far, one table a pass.
    """
    nights.start(connection, comparison.memory)
    load_keys(connection, comparison.before, None, comparison.only_before)
    as_of = None if comparison.former else comparison.as_of
    load_keys(connection, comparison.after, as_of, comparison.only_after, comparison.disowned)
    for side in ("before", "after"):
        find_shared_keys(connection, side)
    connection.execute(
        """CREATE TABLE linked_surely AS
        SELECT b.id AS b, a.id AS a, 'ine' AS matched_by, NULL::BIGINT AS pattern
        FROM before_keys b JOIN after_keys a ON a.k_ine = b.k_ine AND a.k_id = b.k_id
        ANTI JOIN before_crowded c ON c.k_ine = b.k_ine
        ANTI JOIN after_crowded d ON d.k_ine = a.k_ine"""
    )
    for name in ("ine", "identite"):
        connection.execute(f"CREATE TABLE linked_by_{name} AS FROM linked_surely WHERE false")
    connection.execute(
        "CREATE VIEW linked AS FROM linked_surely UNION ALL FROM linked_by_ine "
        "UNION ALL FROM linked_by_identite"
    )
    disputed = {"before": "", "after": ""}
    if comparison.decisions:
        # Rows a human spoke of, and those pass 1 gave them: a decision may undo it.
        disputed = {
            "before": """UNION SELECT l FROM decisions
                UNION SELECT k.b FROM linked k JOIN decisions d ON d.r = k.a""",
            "after": """UNION SELECT d.r FROM decisions d SEMI JOIN after_keys k ON k.id = d.r
                UNION SELECT k.a FROM linked k JOIN decisions d ON d.l = k.b""",
        }
    for side, column in (("before", "b"), ("after", "a")):
        connection.execute(
            f"""CREATE TABLE {side}_open AS
            SELECT id FROM {side}_keys ANTI JOIN linked k ON k.{column} = id
            UNION SELECT id FROM {side}_shared {disputed[side]}"""
        )
    for side_ in (comparison.before, comparison.after):
        known = comparison.memory.features(side_.name)
        load_features(connection, side_, f"{side_.name}_open", comparison.model, known)
        merge_enrolments(connection, side_.name, comparison.model, side_.rows)


def link_exactly(connection: duckdb.DuckDBPyConnection, comparison: Comparison) -> None:
    """Human decisions and passes 2 and 3, into `linked`; then `before_residue`, `after_residue`."""
    if comparison.decisions:
        _obey(connection)
    make_residues(connection)
    _find_twins(connection)
    _find_namesakes(connection)
    connection.execute(
        """CREATE TEMP TABLE same_ine AS
        WITH b AS (SELECT id, k_ine FROM before_residue WHERE k_ine IS NOT NULL
                   UNION SELECT o.id, o.k_ine FROM before_other_ine o
                   SEMI JOIN before_left USING (id) WHERE o.k_ine IS NOT NULL),
        a AS (SELECT id, k_ine FROM after_residue WHERE k_ine IS NOT NULL
              UNION SELECT o.id, o.k_ine FROM after_other_ine o
              SEMI JOIN after_left USING (id) WHERE o.k_ine IS NOT NULL)
        SELECT DISTINCT b.id AS l, a.id AS r FROM b JOIN a USING (k_ine)
        ANTI JOIN before_crowded USING (k_ine) ANTI JOIN after_crowded USING (k_ine)"""
    )
    _pass(connection, comparison, "same_ine", "ine", INE_IS_BELIEVED)
    make_residues(connection)
    connection.execute(
        """CREATE TEMP TABLE same_identity AS
        SELECT b.id AS l, a.id AS r FROM before_residue b JOIN after_residue a USING (k_id)
        ANTI JOIN before_homonyms h USING (k_id) ANTI JOIN after_homonyms i USING (k_id)"""
    )
    _pass(connection, comparison, "same_identity", "identite", IDENTITY_IS_CORROBORATED)
    make_residues(connection)


def _obey(connection: duckdb.DuckDBPyConnection) -> None:
    """What humans decided of two young people wins over pass 1, for all their enrolments.

    « Same person » is not « enrolled »: it finds nobody through a former enrolment.
    Table `parted` (b, a): persons a human said are not the same.
    """
    connection.execute(
        """CREATE TEMP TABLE decided_persons AS
        SELECT d.*, coalesce(p.person, d.l) AS b, coalesce(q.person, d.r) AS a
        FROM decisions d LEFT JOIN before_persons p ON p.id = d.l
        LEFT JOIN after_persons q ON q.id = d.r"""
    )
    connection.execute(
        "CREATE TABLE parted AS SELECT DISTINCT b, a FROM decided_persons WHERE NOT same"
    )
    connection.execute(
        """CREATE TEMP TABLE joined AS SELECT * FROM decided_persons
        WHERE same AND r IN (SELECT id FROM after_keys)"""
    )
    connection.execute(
        """CREATE OR REPLACE TABLE linked_surely AS
        SELECT k.* FROM linked_surely k LEFT JOIN before_persons p ON p.id = k.b
        LEFT JOIN after_persons q ON q.id = k.a
        WHERE (coalesce(p.person, k.b), coalesce(q.person, k.a)) NOT IN (SELECT b, a FROM parted)
          AND coalesce(p.person, k.b) NOT IN (SELECT b FROM joined)
          AND coalesce(q.person, k.a) NOT IN (SELECT a FROM joined)
        UNION ALL SELECT l, r, 'decision', NULL FROM joined"""
    )


def forget_parted(
    connection: duckdb.DuckDBPyConnection, comparison: Comparison, pairs: str
) -> None:
    """Take out of `pairs` (l, r) those of persons a human said are not the same."""
    if comparison.decisions:
        connection.execute(
            f"""CREATE OR REPLACE TEMP TABLE {pairs} AS
            SELECT c.l, c.r FROM {pairs} c LEFT JOIN before_persons p ON p.id = c.l
            LEFT JOIN after_persons q ON q.id = c.r
            ANTI JOIN parted x ON x.b = coalesce(p.person, c.l) AND x.a = coalesce(q.person, c.r)"""
        )


def _find_twins(connection: duckdb.DuckDBPyConnection) -> None:
    """Table `before_twins` (id): rows that share family name, birth date and birth place with
    another person whom the surest pass has not found. A twin found there claims nobody else."""
    connection.execute(
        """CREATE TABLE before_twins AS
        SELECT DISTINCT r.id FROM before_residue r JOIN before_residue s
            ON s.k_nom = r.k_nom AND s.d_naissance = r.d_naissance AND s.c_prenom <> r.c_prenom
        LEFT JOIN before_persons p ON p.id = r.id LEFT JOIN before_persons q ON q.id = s.id
        WHERE coalesce(p.person, r.id) <> coalesce(q.person, s.id)
          AND (r.n_commune = s.n_commune OR r.n_commune IS NULL OR s.n_commune IS NULL)"""
    )


def _find_namesakes(connection: duckdb.DuckDBPyConnection) -> None:
    """Table `after_namesakes` (id, k_id): open rows of *after* whose very identity a row of
    *before* bears."""
    connection.execute(
        """CREATE TABLE after_namesakes AS
        SELECT f.id, f.k_id FROM after_residue f
        SEMI JOIN before_keys k ON k.k_id = f.k_id"""
    )


def with_context(weighed: str) -> str:
    """SQL: `weighed` (l, r, levels…) with the columns `has_twin` and `has_namesake`."""
    return f"""(SELECT w.*, t.id IS NOT NULL AS has_twin,
            n.id IS NOT NULL AND f.k_id IS DISTINCT FROM n.k_id AS has_namesake
        FROM {weighed} w JOIN before_features f ON f.id = w.l
        LEFT JOIN before_twins t ON t.id = w.l LEFT JOIN after_namesakes n ON n.id = w.r)"""


def compare_pairs(connection: duckdb.DuckDBPyConnection, pairs: str, into: str) -> None:
    """Table `into`: levels of `pairs` (l, r), those of yesterday where both rows are unchanged."""
    sides = ("before_features", "after_features")
    if is_empty(connection, "main.known_pairs"):
        compare(connection, pairs, *sides, into)
        nights.note(connection, into, *sides)
        return
    new = nights.recall(connection, pairs, *sides, into)
    compare(connection, new, *sides, f"{into}_new")
    connection.execute(f"INSERT INTO {into} FROM {into}_new")
    nights.note(connection, into, *sides)
    connection.execute(f"DROP TABLE {into}_new")
    connection.execute(f"DROP TABLE {new}")


def _pass(
    connection: duckdb.DuckDBPyConnection,
    comparison: Comparison,
    pairs: str,
    name: str,
    believed: str,
) -> None:
    """Compare `pairs`, keep those that are `believed`, one person to one person, as `name`."""
    forget_parted(connection, comparison, pairs)
    if is_empty(connection, pairs):
        connection.execute(f"DROP TABLE {pairs}")
        return
    levels, weights, kept = f"{pairs}_levels", f"{pairs}_weights", f"{pairs}_kept"
    compare_pairs(connection, pairs, levels)
    weigh(connection, levels, "before_features", comparison.model, comparison.prior, weights)
    assign_persons(connection, f"(SELECT * FROM {with_context(weights)} WHERE {believed})", kept)
    connection.execute(
        f"""CREATE OR REPLACE TABLE linked_by_{name} AS
        SELECT l AS b, r AS a, '{name}' AS matched_by, pattern FROM {kept}"""
    )
    for table in (pairs, levels, weights, kept):
        connection.execute(f"DROP TABLE {table}")


def make_residues(connection: duckdb.DuckDBPyConnection) -> None:
    """Views `before_residue` and `after_residue`: features of the persons no pass has linked.

    Only the ids are kept again after each pass (`<side>_left`): features are wide.
    """
    for side, column in (("before", "b"), ("after", "a")):
        connection.execute(
            f"""CREATE OR REPLACE TABLE {side}_left AS
            WITH persons AS (
                SELECT DISTINCT p.person FROM {side}_persons p JOIN linked k ON k.{column} = p.id)
            SELECT f.id FROM {side}_features f
            ANTI JOIN linked k ON k.{column} = f.id
            ANTI JOIN (SELECT p.id FROM {side}_persons p SEMI JOIN persons USING (person)) q
                ON q.id = f.id"""
        )
        connection.execute(
            f"""CREATE VIEW IF NOT EXISTS {side}_residue AS
            SELECT f.* FROM {side}_features f SEMI JOIN {side}_left USING (id)"""
        )
