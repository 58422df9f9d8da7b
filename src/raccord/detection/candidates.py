"""Who could be the same, beside each departure: replaced when it changed, never what was said."""

_FIELDS = (
    "rank source uai structure_id local_id last_name usage_name first_name birth_date probability "
    "agree close differ kept_apart"
).split()
_LISTED = ", ".join(f"'{name}', x.{name}" for name in _FIELDS)
_NAMES = ", ".join(_FIELDS)


STATEMENTS: list[tuple[str, str]] = [
    (
        "",
        """CREATE TEMP TABLE night_nearest AS
        SELECT r.departure_id, p.case_id, p.act, n.rank, n.c_source AS source, n.c_uai AS uai,
            s.id AS structure_id, n.c_local_id AS local_id, n.last_name, n.usage_name,
            n.first_name, n.birth_date, n.probability, n.agree, n.close, n.differ, n.kept_apart
        FROM night_candidate n
        JOIN night_row r ON r.source = n.source AND r.uai = n.uai AND r.local_id = n.local_id
            AND r.rank_of_key = 1
        JOIN night_person p ON p.person_id = r.person_id
            AND p.act IN ('open', 'update', 'reopen', 'found')
        LEFT JOIN territory_structure s ON s.uai = n.c_uai
        -- declared gone by their school: its own register is nobody's second thought
        WHERE (n.c_source, n.c_uai, n.c_local_id) IS DISTINCT FROM (r.source, r.uai, r.local_id)
            AND r.departure_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM followup_candidate c WHERE c.departure_id = r.departure_id
                AND c.said <> '' AND (c.source, c.uai, c.local_id)
                    = (n.c_source, n.c_uai, n.c_local_id))""",
    ),
    (
        "",
        f"""CREATE TEMP TABLE night_listed AS
        WITH touched AS (
            SELECT r.departure_id, p.case_id FROM night_row r JOIN night_person p USING (person_id)
            WHERE p.act IN ('update', 'reopen', 'found') AND r.rank_of_key = 1
                AND r.departure_id IS NOT NULL
        ), new AS (
            SELECT departure_id, jsonb_agg(jsonb_build_object({_LISTED}) ORDER BY x.rank) AS list
            FROM night_nearest x WHERE act <> 'open' GROUP BY 1
        ), old AS (
            SELECT departure_id, jsonb_agg(jsonb_build_object({_LISTED}) ORDER BY x.rank) AS list
            FROM followup_candidate x
            WHERE said = '' AND departure_id IN (SELECT departure_id FROM touched) GROUP BY 1
        )
        SELECT DISTINCT ON (t.departure_id) t.departure_id, t.case_id, old.list AS former
        FROM touched t LEFT JOIN new USING (departure_id) LEFT JOIN old USING (departure_id)
        WHERE new.list IS DISTINCT FROM old.list ORDER BY t.departure_id""",
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
