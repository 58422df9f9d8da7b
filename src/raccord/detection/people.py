"""Who is who: staged enrolments against the persons already followed, then what is done of each."""

from raccord.detection.staging import COLUMNS

#: How a row is ordered among those of one young person: where they were last, first.
_LAST_FIRST = "seen_on DESC, (left_on IS NULL) DESC, entered_on DESC NULLS LAST, uai, local_id"

#: What was staged; then without what is judged of the whole person.
_STAGED = ", ".join(f"r.{name}" for name in COLUMNS)
_AS_STAGED = ", ".join(f"p.{name}" for name in COLUMNS if name not in ("lane", "verdict"))

STATEMENTS: tuple[str, ...] = (
    """ALTER TABLE night_row ADD structure_id bigint, ADD house_id bigint,
        ADD found_structure_id bigint, ADD found_house_id bigint, ADD departure_id uuid,
        ADD known_case_id uuid, ADD origin text, ADD person_id uuid""",
    """UPDATE night_row r SET structure_id = s.id, house_id = coalesce(s.house_id, s.id)
    FROM territory_structure s WHERE s.uai = r.uai
        AND (s.academie_id = %(academie)s OR s.academie_id IS NULL)""",
    """CREATE TEMP TABLE night_unknown AS SELECT uai, count(*) AS enrolments
    FROM night_row WHERE structure_id IS NULL AND verdict IN ('missing', 'review')
    GROUP BY uai""",
    "DELETE FROM night_row WHERE structure_id IS NULL",
    """UPDATE night_row r SET found_structure_id = s.id, found_house_id = coalesce(s.house_id, s.id)
    FROM territory_structure s WHERE s.uai = r.found_uai""",
    # One house, one head, one list: a move inside it is nobody's leaving.
    """UPDATE night_row SET verdict = 'found' WHERE verdict = 'review' AND probability >= 0.5
        AND found_house_id = house_id AND found_structure_id <> structure_id""",
    # --- the same departure as a former night's
    """UPDATE night_row r SET departure_id = d.id, known_case_id = d.case_id,
        person_id = d.person_id, origin = d.origin
    FROM (SELECT DISTINCT ON (structure_id, source, local_id) id, case_id, person_id, origin,
            structure_id, source, local_id
        FROM followup_departure WHERE local_id <> ''
        ORDER BY structure_id, source, local_id, school_year DESC, id DESC) d
    WHERE d.structure_id = r.structure_id AND d.source = r.source AND d.local_id = r.local_id""",
    # --- the same INE, which an identity must confirm: an INE copied by mistake is common
    """UPDATE night_row r SET person_id = f.id FROM (
        SELECT DISTINCT ON (a.grp) a.grp, k.id
        FROM (SELECT grp, unnest(ine) AS ine, birth_date, search_name FROM night_row
            WHERE person_id IS NULL) a
        JOIN (SELECT id, unnest(ine) AS ine, birth_date, search_name FROM followup_person
            WHERE NOT training AND id NOT IN (
                SELECT absorbed_id FROM followup_merge WHERE undone_at IS NULL)) k USING (ine)
        WHERE k.birth_date = a.birth_date OR k.search_name = a.search_name
        ORDER BY a.grp, k.id) f
    WHERE f.grp = r.grp AND r.person_id IS NULL""",
    # --- the same identity in the same school, whose number changed
    """UPDATE night_row r SET person_id = f.id FROM (
        SELECT DISTINCT ON (a.grp) a.grp, k.id FROM night_row a
        JOIN followup_person k ON k.search_name = a.search_name AND k.birth_date = a.birth_date
            AND NOT k.training AND NOT EXISTS (SELECT FROM followup_merge g
                WHERE g.absorbed_id = k.id AND g.undone_at IS NULL)
        JOIN followup_departure d ON d.person_id = k.id AND d.structure_id = a.structure_id
        WHERE a.person_id IS NULL ORDER BY a.grp, k.id) f
    WHERE f.grp = r.grp AND r.person_id IS NULL""",
    # --- and the other enrolments of the same young person, as this comparison groups them
    """CREATE TEMP TABLE night_group AS
    SELECT DISTINCT ON (r.grp) r.grp, r.person_id,
        first_value(r.new_person) OVER (PARTITION BY r.grp ORDER BY r.uai, r.local_id) AS fresh
    FROM night_row r
    LEFT JOIN followup_case c ON c.person_id = r.person_id AND c.status <> 'closed'
    ORDER BY r.grp, r.person_id IS NULL, c.id IS NULL, r.person_id""",
    # Written once more, whole: each UPDATE left a dead copy of every line in a temporary table,
    # which nothing sweeps inside a transaction and which each reading then went through.
    f"""CREATE TEMP TABLE night_known AS
    SELECT {_STAGED}, r.structure_id, r.house_id, r.found_structure_id, r.found_house_id,
        r.departure_id, r.known_case_id, r.origin, w.person_id, w.is_new,
        row_number() OVER (PARTITION BY r.structure_id, r.source, r.local_id
            ORDER BY {_LAST_FIRST}) AS rank_of_key
    FROM night_row r JOIN night_group g USING (grp)
    CROSS JOIN LATERAL (SELECT coalesce(r.person_id, g.person_id, g.fresh) AS person_id,
        r.person_id IS NULL AND g.person_id IS NULL AS is_new) w
    LEFT JOIN followup_person p ON p.id = w.person_id
    WHERE (p.hidden OR p.training) IS NOT TRUE""",
    "DROP TABLE night_row",
    "ALTER TABLE night_known RENAME TO night_row",
    """CREATE TEMP TABLE night_place AS
    SELECT DISTINCT ON (person_id) person_id, coalesce(found_source, '') AS found_source,
        coalesce(left(found_uai, 8), '') AS found_uai, found_structure_id,
        coalesce(found_local_id, '') AS found_local_id, coalesce(found_by, '') AS found_by
    FROM night_row WHERE verdict = 'found'
        -- « ne vient plus » : the register of that very school proves nothing against it
        AND NOT (coalesce(origin, 'register') <> 'register' AND found_uai = uai)
    ORDER BY person_id, found_by = 'decision' DESC, found_uai, found_local_id""",
    f"""CREATE TEMP TABLE night_person AS
    SELECT {_AS_STAGED}, p.structure_id, p.person_id, p.is_new,
        CASE WHEN p.any_found THEN p.lane ELSE coalesce(p.any_lane, p.lane, 'age_unknown') END
            AS lane,
        CASE WHEN p.any_found THEN p.verdict WHEN p.any_review THEN 'review'
            WHEN p.any_missing THEN 'missing' ELSE p.verdict END AS verdict,
        CASE WHEN a.act = 'open' THEN p.new_case ELSE c.id END AS case_id, a.act,
        o.insee AS commune_id, coalesce(o.departement_id, s.departement_id) AS departement_id,
        coalesce(o.basin_id, s.basin_id) AS basin_id
    FROM (SELECT DISTINCT ON (r.person_id) r.*,
            bool_or(r.verdict = 'found') OVER w AS any_found,
            bool_or(r.verdict = 'excluded' AND r.lane = 'deceased') OVER w AS deceased,
            bool_or(r.verdict = 'review') OVER w AS any_review,
            bool_or(r.verdict = 'missing') OVER w AS any_missing,
            max(r.lane) OVER w AS any_lane,
            max(r.seen_on) FILTER (WHERE r.departure_id IS NULL
                AND r.verdict IN ('missing', 'review')) OVER w AS new_leaving,
            max(r.known_case_id::text) OVER w AS a_known_case
        FROM night_row r WINDOW w AS (PARTITION BY r.person_id)
        ORDER BY r.person_id, {_LAST_FIRST}) p
    LEFT JOIN territory_structure s ON s.id = p.structure_id
    LEFT JOIN territory_commune o ON o.insee = p.residence
    LEFT JOIN LATERAL (SELECT k.id, k.status, k.closed_by_run, k.outcome, k.school_year,
            k.closed_on FROM followup_case k WHERE k.person_id = p.person_id
        ORDER BY k.status = 'closed', k.opened_on DESC, k.id DESC LIMIT 1) c ON true
    CROSS JOIN LATERAL (SELECT CASE
        WHEN c.id IS NULL THEN CASE WHEN NOT p.any_found AND NOT p.deceased
            AND (p.any_missing OR p.any_review) THEN 'open' END
        WHEN p.deceased THEN 'silence'
        WHEN p.any_found THEN CASE WHEN c.status <> 'closed'
            AND p.person_id IN (SELECT person_id FROM night_place) THEN 'found' END
        WHEN NOT (p.any_missing OR p.any_review) THEN NULL
        WHEN c.status <> 'closed' THEN 'update'
        WHEN c.closed_by_run IS NOT NULL AND c.outcome = 'found'
            AND (c.school_year = %(year)s OR p.a_known_case = c.id::text) THEN 'reopen'
        -- somebody closed it: only a leaving that came after says something new
        WHEN p.new_leaving > c.closed_on THEN 'open' END AS act) a""",
    "ALTER TABLE night_person ADD PRIMARY KEY (person_id)",
    # what the plans of the next statements depend on; the rest is only copied
    "ANALYZE night_row (person_id, departure_id, verdict, rank_of_key, source, uai, local_id)",
    "ANALYZE night_person (person_id, case_id, act, is_new)",
)
