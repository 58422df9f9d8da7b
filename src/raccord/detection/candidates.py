"""Who could be the same, beside each departure: replaced when it changed, never what was said."""

_FIELDS = (
    "rank source uai structure_id local_id last_name usage_name first_name birth_date probability "
    "agree close differ kept_apart"
).split()
_LISTED = ", ".join(f"'{name}', x.{name}" for name in _FIELDS)
_NAMES = ", ".join(_FIELDS)
#: The departure of a line, were it written tonight (`writing`).
_OF = """coalesce(r.departure_id, CASE WHEN p.act <> 'found'
    AND r.verdict IN ('missing', 'review') THEN r.new_departure END)"""
_LISTS = ("agree", "close", "differ", "kept_apart")
_ANOTHER = " OR ".join(
    f"o.{name}{'::text[]' * (name in _LISTS)} IS DISTINCT FROM x.{name}" for name in _FIELDS
)


STATEMENTS: list[tuple[str, str]] = [
    (
        "",
        f"""CREATE TEMP TABLE night_touched AS
        SELECT {_OF} AS departure_id, p.case_id, p.act, r.source, r.uai, r.local_id
        FROM night_row r JOIN night_person p USING (person_id)
        WHERE p.act IN ('open', 'update', 'reopen', 'found') AND r.rank_of_key = 1
            AND {_OF} IS NOT NULL""",
    ),
    ("", "ANALYZE night_touched"),
    (
        "",
        """CREATE TEMP TABLE night_nearest AS
        SELECT t.departure_id, t.case_id, t.act, n.rank, n.c_source AS source, n.c_uai AS uai,
            s.id AS structure_id, n.c_local_id AS local_id, n.last_name, n.usage_name,
            n.first_name, n.birth_date, n.probability, n.agree, n.close, n.differ, n.kept_apart
        FROM night_candidate n
        JOIN night_touched t USING (source, uai, local_id)
        LEFT JOIN territory_structure s ON s.uai = n.c_uai
        -- declared gone by their school: its own register is nobody's second thought
        WHERE (n.c_source, n.c_uai, n.c_local_id) IS DISTINCT FROM (t.source, t.uai, t.local_id)
            AND NOT EXISTS (
            SELECT FROM followup_candidate c WHERE c.departure_id = t.departure_id
                AND c.said <> '' AND (c.source, c.uai, c.local_id)
                    = (n.c_source, n.c_uai, n.c_local_id))""",
    ),
    ("", "ANALYZE night_nearest (departure_id, act, source, uai, local_id)"),
    (
        "",  # compared line by line: whose list changed is told, and only then is it written out
        f"""CREATE TEMP TABLE night_listed AS
        WITH old AS (
            SELECT c.* FROM followup_candidate c JOIN night_touched t USING (departure_id)
            WHERE c.said = '' AND t.act <> 'open'
        ), changed AS (
            SELECT coalesce(o.departure_id, x.departure_id) AS departure_id
            FROM old o FULL JOIN (SELECT * FROM night_nearest WHERE act <> 'open') x
                USING (departure_id, source, uai, local_id)
            WHERE {_ANOTHER}
        )
        SELECT DISTINCT ON (t.departure_id) t.departure_id, t.case_id,
            (SELECT jsonb_agg(jsonb_build_object({_LISTED}) ORDER BY x.rank)
            FROM followup_candidate x
            WHERE x.said = '' AND x.departure_id = t.departure_id) AS former
        FROM night_touched t WHERE t.departure_id IN (SELECT departure_id FROM changed)
        ORDER BY t.departure_id""",
    ),
    (
        "",
        """DELETE FROM followup_candidate c USING night_listed l
        WHERE l.departure_id = c.departure_id AND c.said = ''""",
    ),
    (
        "candidates",
        f"""INSERT INTO followup_candidate (departure_id, case_id, said, {_NAMES})
        SELECT departure_id, case_id, '', {_NAMES} FROM night_nearest
        WHERE act = 'open' OR departure_id IN (SELECT departure_id FROM night_listed)
        ON CONFLICT (departure_id, source, uai, local_id) DO NOTHING""",
    ),
    (
        "",
        """INSERT INTO detection_change (run_id, act, row, case_id, version, former)
        SELECT %(run)s, 'candidates', departure_id, case_id, 1,
            jsonb_build_object('list', coalesce(former, '[]'::jsonb)) FROM night_listed""",
    ),
]
