"""From the linked persons to one verdict for every enrolment of *before*."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from raccord.matching import evidence, lanes
from raccord.matching.residue import FOUND_FROM
from raccord.matching.sides import ID_SHIFT, Side, plain_columns, union
from raccord.matching.stages import give_back
from raccord.registers import folding
from raccord.registers.snapshots import quoted

#: Below this probability a pair is no doubt: the young person is missing, the pair is "nearest".
REVIEW_PROBABILITY = 0.03

#: Statuses that say "enrolled, but by a thread", in the words of plain files and of the readers.
_FRAGILE_STATUS = "SANS CONTRAT|RUPTURE|JAMAIS VENU|NON VENU|NON PRESENTE|DISPOSITIF|TUTORAT"


@dataclass(frozen=True)
class Rules:
    """How verdicts are turned into lists."""

    as_of: date
    all_ages: bool
    diplomas_known: bool


def settle(connection: duckdb.DuckDBPyConnection) -> None:
    """Table `outcomes` (id, verdict, a, matched_by, probability, pattern, veto, ambiguous) for
    every row of *before* whose person has somebody, or a doubt; all rows of a person share it.

    A row that is not in it is missing, with nobody near enough to be a doubt. Where a person has
    several enrolments of *after*, the content of the rows chooses which one is shown.
    """
    connection.execute(
        f"""CREATE TEMP TABLE decided AS
        SELECT b AS id, 'found' AS verdict, a, matched_by,
            CASE WHEN matched_by = 'decision' THEN 1.0::DOUBLE END AS probability,
            pattern, NULL::VARCHAR AS veto, false AS ambiguous
        FROM linked
        UNION ALL
        SELECT l, CASE WHEN veto IS NULL AND probability >= {FOUND_FROM} THEN 'found'
                       WHEN probability >= {REVIEW_PROBABILITY} THEN 'review'
                       ELSE 'missing' END,
            r, 'model', round(probability, 6), pattern, veto,
            veto IS NULL AND rival IS NOT NULL AND probability < {FOUND_FROM}
        FROM modelled"""
    )
    connection.execute(
        """CREATE TEMP TABLE several AS
        SELECT id FROM before_persons
        UNION SELECT id FROM decided GROUP BY id HAVING count(*) > 1"""
    )
    connection.execute(
        """CREATE TABLE outcomes AS
        SELECT * FROM decided ANTI JOIN several USING (id)
        UNION ALL
        SELECT s.id, best.verdict, best.a, best.matched_by, best.probability, best.pattern,
            best.veto, best.ambiguous
        FROM several s LEFT JOIN before_persons p USING (id)
        JOIN (
            SELECT coalesce(q.person, d.id) AS person, arg_min(d, (coalesce(f.h, 0), d.a)) AS best
            FROM decided d SEMI JOIN several USING (id)
            LEFT JOIN before_persons q ON q.id = d.id LEFT JOIN after_features f ON f.id = d.a
            GROUP BY 1
        ) chosen ON chosen.person = coalesce(p.person, s.id)"""
    )
    connection.execute("DROP TABLE decided")
    connection.execute("DROP TABLE several")
    connection.execute("DELETE FROM outcomes WHERE verdict = 'missing'")
    give_back(connection)


def find_nearest(connection: duckdb.DuckDBPyConnection) -> None:
    """Table `nearest` (id, r, pattern, veto, weight, taken): the best candidate of each row of the
    residue for whom nobody was kept; `taken` says that somebody closer has it."""
    connection.execute(
        """CREATE TABLE nearest AS
        SELECT p.l AS id, arg_max(p.r, (p.weight, p.r)) AS r,
            arg_max(p.pattern, (p.weight, p.r)) AS pattern,
            arg_max(coalesce(p.veto, ''), (p.weight, p.r)) AS veto, max(p.weight) AS weight,
            arg_max(t.a IS NOT NULL, (p.weight, p.r)) AS taken
        FROM pairs p ANTI JOIN outcomes o ON o.id = p.l
        LEFT JOIN (SELECT DISTINCT a FROM outcomes) t ON t.a = p.r
        GROUP BY p.l"""
    )


def label_persons(connection: duckdb.DuckDBPyConnection) -> None:
    """Table `person_labels` (id, label, row_hash): for the rows of persons enrolled several times,
    the smallest hash of their rows, which names the person whatever the order of the files."""
    connection.execute(
        """CREATE TABLE person_labels AS
        SELECT p.id, p.person AS label, m.h AS row_hash FROM before_persons p
        JOIN (SELECT q.person, min(f.h) AS h FROM before_persons q
              JOIN before_features f USING (id) GROUP BY 1) m USING (person)"""
    )


def judge(connection: duckdb.DuckDBPyConnection, before: Side, after: Side, rules: Rules) -> None:
    """Table `verdicts`: one row for each row of *before*, with all that its list needs.

    `outcomes`, `nearest`, `diploma_levels` (id, level), `followers` (id, followed_by) and
    `deceased` (id) exist.
    """
    label_persons(connection)
    evidence.load_texts(
        connection, "SELECT pattern, veto, ambiguous FROM outcomes", "evidence_texts"
    )
    _describe_nearest(connection, after)
    give_back(connection)
    _load_rows_of_interest(connection, before, after, rules)


def _describe_nearest(connection: duckdb.DuckDBPyConnection, after: Side) -> None:
    """Table `nearest_texts` (id, probability, evidence): evidence JSON of the missing."""
    rows = connection.execute("SELECT DISTINCT pattern, veto, taken FROM nearest").fetchall()
    connection.execute(
        "CREATE TEMP TABLE apart (pattern BIGINT, veto VARCHAR, taken BOOLEAN, body VARCHAR)"
    )
    if rows:
        connection.execute(
            "INSERT INTO apart SELECT unnest($p), unnest($v), unnest($t), unnest($b)",
            {
                "p": [r[0] for r in rows],
                "v": [r[1] for r in rows],
                "t": [r[2] for r in rows],
                "b": [evidence.nearest_body(*r) for r in rows],
            },
        )
    connection.execute(
        f"""CREATE TABLE nearest_texts AS
        WITH places AS ({
            union(
                after,
                "SELECT {id} AS r, source, uai FROM {prepared} SEMI JOIN nearest n ON n.r = {id}",
            )
        })
        SELECT n.id, round(1 / (1 + pow(2, -least(n.weight, 0))), 6) AS probability,
            '{{"nearest": {{"source": ' || to_json(p.source) || ', "uai": '
            || coalesce(to_json(p.uai), 'null') || ', "probability": '
            || round(1 / (1 + pow(2, -least(n.weight, 0))), 6) || ', ' || a.body || '}}}}'
            AS evidence
        FROM nearest n JOIN places p USING (r)
        JOIN apart a ON a.pattern = n.pattern AND a.veto = n.veto AND a.taken = n.taken"""
    )


def _load_rows_of_interest(
    connection: duckdb.DuckDBPyConnection, before: Side, after: Side, rules: Rules
) -> None:
    """Table `judged`: the rows of *before* that are not simply found, with lane and verdict; and
    `fragile` (a, reason): enrolments of *after* that hold by a thread."""
    _find_fragile(connection, after, rules.as_of)
    sixteen = lanes.birthday_limit(rules.as_of, 16).isoformat()
    young = (
        "false" if rules.all_ages else f"(d_naissance IS NULL OR d_naissance > DATE '{sixteen}')"
    )
    connection.execute(
        f"""CREATE TEMP TABLE interesting_rows AS
        SELECT * FROM ({
            union(
                before,
                "SELECT {id} AS id, row_hash, d_naissance FROM {prepared} WHERE usable",
            )
        }) WHERE {young} OR id NOT IN (SELECT id FROM outcomes WHERE verdict = 'found')
            OR id IN (FROM deceased)"""
    )
    # The age is that of the person: all the rows of one are looked at together. Half the pupils
    # are young, alone and alive: of them there is nothing more to know.
    others = union(
        before,
        """SELECT {id} AS id, row_hash, d_naissance FROM {prepared}
        SEMI JOIN with_others w ON w.id = {id}""",
    )
    connection.execute(
        """CREATE TEMP TABLE with_others AS
        SELECT q.id FROM before_persons q SEMI JOIN (
            SELECT p.person FROM before_persons p SEMI JOIN interesting_rows USING (id)
        ) USING (person)"""
    )
    plainly_excluded = (
        "false"
        if rules.all_ages
        else f"""{young} AND id NOT IN (SELECT id FROM before_persons)
        AND id NOT IN (SELECT id FROM deceased)"""
    )
    connection.execute(
        f"""CREATE TEMP TABLE interesting AS
        SELECT * FROM interesting_rows WHERE NOT ({plainly_excluded}) UNION ({others})"""
    )
    wide = []
    for rank, snapshot in enumerate(before.snapshots):
        present = plain_columns(snapshot)
        mef, course, reason = (
            f"{name}::VARCHAR" if name in present else "NULL::VARCHAR"
            for name in ("mef", "formation", "motif_sortie")
        )
        base = rank << ID_SHIFT
        wide.append(
            f"""SELECT {base} + file_row_number AS id,
                {lanes.is_terminal_class(mef, course)} AS terminal,
                {lanes.leaves_academie(reason) if "motif_sortie" in present else "false"} AS leaves
            FROM read_parquet('{quoted(snapshot.plain)}', file_row_number=true)
            SEMI JOIN interesting i ON i.id = {base} + file_row_number"""
        )
    excluded = "false" if rules.all_ages else f"lane IN ('{lanes.UNDER_16}', '{lanes.AGE_UNKNOWN}')"
    connection.execute(
        f"""CREATE TABLE judged AS
        WITH described AS (
            SELECT i.id, i.d_naissance, w.terminal, w.leaves, d.id IS NOT NULL AS deceased,
                l.level AS diploma_level, coalesce(p.person, i.id) AS person,
                coalesce(o.verdict, 'missing') AS verdict
            FROM interesting i JOIN ({" UNION ALL ".join(wide)}) w USING (id)
            LEFT JOIN (SELECT DISTINCT id FROM deceased) d USING (id)
            LEFT JOIN diploma_levels l USING (id) LEFT JOIN before_persons p USING (id)
            LEFT JOIN outcomes o USING (id)
        ), of_person AS (
            SELECT * REPLACE (
                bool_or(terminal) OVER same AS terminal, bool_or(leaves) OVER same AS leaves,
                bool_or(deceased) OVER same AS deceased,
                max(diploma_level) OVER same AS diploma_level,
                max(d_naissance) OVER same AS d_naissance)
            FROM described WINDOW same AS (PARTITION BY person)
        ), laned AS (
            SELECT *, {lanes.lane_sql(rules.as_of, diplomas_known=rules.diplomas_known)} AS lane
            FROM of_person
        )
        SELECT id, person, verdict,
            CASE WHEN verdict <> 'found' OR deceased THEN lane END AS lane
        FROM (SELECT * REPLACE (CASE WHEN deceased OR {excluded} THEN 'excluded' ELSE verdict END
            AS verdict) FROM laned)
        UNION ALL
        SELECT id, id, 'excluded', CASE WHEN d_naissance IS NULL THEN '{lanes.AGE_UNKNOWN}'
            ELSE '{lanes.UNDER_16}' END
        FROM interesting_rows WHERE {plainly_excluded}"""
    )
    for table in ("interesting_rows", "interesting", "with_others"):
        connection.execute(f"DROP TABLE {table}")
    give_back(connection)


def _find_fragile(connection: duckdb.DuckDBPyConnection, after: Side, as_of: date) -> None:
    """Table `fragile` (a, reason): enrolments in a fragile period on `as_of`, or whose status says
    so (apprentice without a contract or after a rupture, pupil assigned who never came)."""
    day = f"DATE '{as_of.isoformat()}'"
    parts = []
    for rank, snapshot in enumerate(after.snapshots):
        base = rank << ID_SHIFT
        status = "NULL::VARCHAR"
        if "statut" in plain_columns(snapshot):
            status = folding.folded("statut")
        parts.append(
            f"""SELECT p.id AS a, coalesce(lower(w.status), 'situation à confirmer') AS reason
            FROM (SELECT {base} + file_row_number AS id, d_fragile_du, d_fragile_au
                  FROM read_parquet('{quoted(snapshot.prepared)}', file_row_number=true)) p
            JOIN (SELECT {base} + file_row_number AS id, {status} AS status
                  FROM read_parquet('{quoted(snapshot.plain)}', file_row_number=true)) w USING (id)
            WHERE (d_fragile_du <= {day} AND (d_fragile_au IS NULL OR d_fragile_au > {day}))
               OR (d_fragile_du IS NULL AND regexp_matches(w.status, '{_FRAGILE_STATUS}'))"""
        )
    connection.execute(f"CREATE TABLE fragile AS {' UNION ALL '.join(parts)}")
    # Somebody who also has a sound enrolment does not hold by a thread.
    connection.execute(
        """DELETE FROM fragile WHERE a IN (
            SELECT p.id FROM after_persons p JOIN after_persons q ON q.person = p.person
            WHERE q.id IN (SELECT id FROM after_keys) AND q.id NOT IN (SELECT a FROM fragile))"""
    )


#: What led to the verdicts and no output shows.
_PASSES = (
    *(f"{side}_{name}" for side in ("before", "after")
      for name in ("keys", "open", "left", "shared", "other_ine")),
    "linked_surely", "linked_by_ine", "linked_by_identite",
    "modelled", "pairs", "nearest", "sought",
)  # fmt: skip
_PAIRS = ("before_features", "after_features", "compared", "known_pairs")


def forget_passes(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the tables of the passes: the outputs need that memory."""
    for view in ("linked", "before_residue", "after_residue"):
        connection.execute(f"DROP VIEW IF EXISTS {view}")
    _drop(connection, _PASSES)


def forget_pairs(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what only the next night needs, once it is written."""
    _drop(connection, _PAIRS)


def _drop(connection: duckdb.DuckDBPyConnection, tables: Sequence[str]) -> None:
    for table in tables:
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    give_back(connection)


def verdicts_select(before: Side, after: Side, absent: Sequence[str] = ()) -> str:
    """SELECT of the contract's verdict rows, with their id, of those that the table `plain` leaves
    (`writing.py`); tables `special_outcomes` and `special_judged` are theirs.

    `absent`: registers of *after* that could not be read; the verdicts they weaken, all that are
    not sure, name them in their evidence.
    """
    named = json.dumps({"absent": list(absent)})[:-1].replace("'", "''") if absent else ""
    weakened = (
        f"CASE WHEN verdict IN ('missing', 'review') THEN '{named}' "
        "|| CASE WHEN evidence = '{}' THEN '}' ELSE ', ' || substr(evidence, 2) END "
        "ELSE evidence END"
        if absent
        else "evidence"
    )
    rows = union(
        before,
        "SELECT {id} AS id, source, uai, identifiant_local, row_hash FROM {prepared} WHERE usable",
    )
    places = union(
        after,
        """SELECT {id} AS a, source AS matched_source, uai AS matched_uai,
        identifiant_local AS matched_identifiant_local FROM {prepared}""",
    )
    return f"""
    WITH places AS (FROM ({places}) WHERE a IN (SELECT a FROM special_outcomes))
    SELECT * REPLACE ({weakened} AS evidence) FROM (
    SELECT b.id, b.source, b.uai, b.identifiant_local,
        (coalesce(labels.row_hash, b.row_hash) >> 1)::BIGINT AS person,
        coalesce(j.verdict, 'found') AS verdict,
        CASE WHEN hidden THEN NULL ELSE places.matched_source END AS matched_source,
        CASE WHEN hidden THEN NULL ELSE places.matched_uai END AS matched_uai,
        CASE WHEN hidden THEN NULL ELSE places.matched_identifiant_local END
            AS matched_identifiant_local,
        CASE WHEN hidden THEN NULL ELSE o.matched_by END AS matched_by,
        CASE WHEN coalesce(j.verdict, 'found') = 'found' THEN o.probability
             WHEN hidden THEN 0.0
             ELSE coalesce(o.probability, n.probability, (o.id IS NOT NULL)::INTEGER) END
            AS probability,
        j.lane,
        coalesce(j.verdict, 'found') = 'found' AND f.reason IS NOT NULL AS fragile,
        CASE WHEN hidden THEN NULL ELSE s.followed_by END AS followed_by,
        CASE WHEN hidden THEN '{{}}'
             WHEN o.matched_by = 'decision' THEN '{evidence.DECISION}'
             WHEN o.id IS NOT NULL THEN coalesce(t.evidence, '{evidence.EXACT}')
             ELSE coalesce(n.evidence, '{{}}') END AS evidence
    FROM (SELECT *, id IN (SELECT id FROM deceased) AS hidden
        FROM ({rows}) ANTI JOIN plain USING (id)) b
    LEFT JOIN person_labels labels USING (id) LEFT JOIN special_outcomes o ON o.id = b.id
    LEFT JOIN special_judged j ON j.id = b.id
    LEFT JOIN places ON places.a = o.a LEFT JOIN fragile f ON f.a = o.a
    LEFT JOIN followers s ON s.id = b.id LEFT JOIN nearest_texts n ON n.id = b.id
    LEFT JOIN evidence_texts t ON t.pattern = o.pattern
        AND t.veto IS NOT DISTINCT FROM o.veto AND t.ambiguous = o.ambiguous)
    """
