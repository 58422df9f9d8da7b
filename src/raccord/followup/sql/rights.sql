-- The rights to see a case, once: `CaseQuerySet.visible_to` and row-level security both ask here.
-- What a membership is today is said by accounts/sql/memberships.sql.

-- The rule itself, worked out from the tables: of every case, or only of some (`among`). A branch that no membership
-- needs is not even begun (`cardinality`).
CREATE OR REPLACE FUNCTION raccord_find_visible_cases(asking bigint, among uuid[]) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
-- It goes by the indexes even where one school holds most of the cases; its plan is made once a connection.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_hashagg = off
SET plan_cache_mode = force_generic_plan
ROWS 1000 AS $$
DECLARE
    held accounts_membership[] := ARRAY(SELECT m FROM raccord_memberships(asking) m);
    wholes bigint[] := ARRAY(SELECT m.structure_id FROM unnest(held) m
        WHERE m.role IN ('head', 'secretariat', 'lead', 'agent')
            OR (m.role = 'correspondent' AND m.scope = 'whole'));
    partial accounts_membership[] := ARRAY(SELECT m FROM unnest(held) m
        WHERE m.role = 'correspondent' AND m.scope <> 'whole');
    departements varchar[] := ARRAY(SELECT s.departement_id FROM unnest(held) m
        JOIN territory_structure s ON s.id = m.structure_id WHERE m.role IN ('dasen', 'ien_io'));
    basins bigint[] := ARRAY(SELECT s.basin_id FROM unnest(held) m
        JOIN territory_structure s ON s.id = m.structure_id WHERE m.role = 'basin_referent');
BEGIN
    RETURN QUERY SELECT id FROM (
        -- the structures that take part, as a whole; who only reported somebody reads less (reporting.sql)
        SELECT p.case_id FROM followup_party p
        WHERE cardinality(wholes) > 0 AND p.structure_id = ANY (wholes) AND p.until IS NULL AND p.kind <> 'reporter'
        UNION
        -- a correspondent of some pupils of their own school, or of some classes
        SELECT p.case_id
        FROM unnest(partial) m
        JOIN accounts_entrusted e ON e.membership_id = m.id
        JOIN followup_party p ON p.case_id = ANY (e.pupils) AND p.structure_id = m.structure_id AND p.until IS NULL
            AND p.kind <> 'reporter'
        WHERE m.scope = 'pupils'
        UNION
        SELECT p.case_id
        FROM unnest(partial) m
        JOIN followup_party p ON p.structure_id = m.structure_id AND p.until IS NULL AND p.kind <> 'reporter'
        WHERE m.scope = 'classes' AND EXISTS (
            SELECT FROM followup_departure d
            WHERE d.case_id = p.case_id AND d.structure_id = m.structure_id AND d.level = ANY (m.classes))
        UNION
        -- DASEN and IEN-IO: obligation d'instruction (L.131-1), and what nobody touched in time
        SELECT c.id FROM followup_case c
        WHERE cardinality(departements) > 0 AND c.departement_id = ANY (departements)
            AND c.status <> 'closed'
            AND (c.lane = 'under_16'
                OR (c.worked_on_at IS NULL AND c.untouched_until < raccord_today()))
        UNION
        -- the referent of a basin, a dated designation: never the under-16s
        SELECT c.id FROM followup_case c
        WHERE cardinality(basins) > 0 AND c.basin_id = ANY (basins) AND c.lane <> 'under_16'
            AND NOT c.provisional
        UNION
        -- somebody else's file, opened with a written reason for three hours (« bris de glace ») by who still sees names
        SELECT o.case_id FROM followup_opening o
        WHERE cardinality(wholes) + cardinality(partial) + cardinality(departements) + cardinality(basins) > 0
            AND o.user_id = asking AND o.until > now() AND NOT raccord_training()
        EXCEPT
        -- somebody known to have died: hidden from everybody, everywhere
        SELECT c.id FROM followup_person p JOIN followup_case c ON c.person_id = p.id WHERE p.hidden
    ) seen (id)
    WHERE among IS NULL OR id = ANY (among);
END
$$;

CREATE OR REPLACE FUNCTION raccord_visible_cases(asking bigint) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1000 AS $$
BEGIN
    RETURN QUERY SELECT raccord_find_visible_cases(asking, NULL);
END
$$;

CREATE OR REPLACE FUNCTION raccord_case_array(asking bigint) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT raccord_find_visible_cases(asking, NULL));
END
$$;

-- Those of them whose person bears every word of a search (each after a space, as followup.lists asks). What is not one's own
-- is never looked at, so that a name tells nothing of it; the names are read once, without the policy of each.
CREATE OR REPLACE FUNCTION raccord_cases_named(asking bigint, words text[]) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 100 AS $$
DECLARE
    seen uuid[] := raccord_case_array(asking);
BEGIN
    RETURN QUERY SELECT c.id FROM followup_case c JOIN followup_person p ON p.id = c.person_id
    WHERE c.id = ANY (seen) AND NOT EXISTS (SELECT FROM unnest(words) word WHERE strpos(' ' || p.search_name, word) = 0);
END
$$;

CREATE OR REPLACE FUNCTION raccord_visible_persons(asking bigint) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1000 AS $$
BEGIN
    RETURN QUERY SELECT person_id FROM followup_case WHERE id = ANY (raccord_case_array(asking));
END
$$;

-- A page of twenty-five young people, or of one: those of `among` that are seen are kept for the policies, which find a row of
-- theirs in a short array instead of making a hash of everything somebody sees, once a table. Only while nothing can change
-- the answer (READ ONLY), and beside `raccord.user`, which whoever could write this could write too.
CREATE OR REPLACE FUNCTION raccord_open_cases(asking bigint, among uuid[]) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    seen uuid[] := ARRAY(SELECT raccord_find_visible_cases(asking, COALESCE(among, '{}')));
BEGIN
    IF current_setting('transaction_read_only') = 'on' THEN
        PERFORM set_config('raccord.page_of', format('%s %s', asking, raccord_training()), true),
            set_config('raccord.page_cases', seen::text, true),
            set_config('raccord.page_persons',
                ARRAY(SELECT person_id FROM followup_case WHERE id = ANY (seen))::text, true);
    END IF;
    RETURN seen;
END
$$;

CREATE OR REPLACE FUNCTION raccord_on_page(kept text) RETURNS uuid[]
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF current_setting('transaction_read_only') = 'on'
        AND current_setting('raccord.page_of', true) = format('%s %s', raccord_user(), raccord_training())
    THEN
        RETURN current_setting(kept)::uuid[];
    END IF;
    RETURN '{}';
END
$$;

-- Classes to filter a list by: those of one's own schools, or those one follows. From one to the next by the index, since
-- a school has a dozen classes and thousands of departures.
CREATE OR REPLACE FUNCTION raccord_levels(asking bigint) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 20 AS $$
BEGIN
    RETURN QUERY
    WITH RECURSIVE held AS (SELECT * FROM raccord_memberships(asking)),
    walked (structure_id, level) AS (
        SELECT DISTINCT h.structure_id, ''::varchar FROM held h
        WHERE h.role IN ('head', 'secretariat') OR (h.role = 'correspondent' AND h.scope = 'whole')
        UNION ALL
        SELECT w.structure_id, (SELECT d.level FROM followup_departure d
            WHERE d.structure_id = w.structure_id AND d.level > w.level ORDER BY d.level LIMIT 1)
        FROM walked w WHERE w.level IS NOT NULL
    )
    SELECT w.level::text FROM walked w WHERE w.level <> ''
    UNION SELECT unnest(h.classes)::text FROM held h WHERE h.scope = 'classes'
    ORDER BY 1;
END
$$;

-- Scolarité protégée: place, school and address are for the head or the DSDEN who set it.
CREATE OR REPLACE FUNCTION raccord_hidden_persons(asking bigint) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1 AS $$
BEGIN
    RETURN QUERY SELECT p.id FROM followup_person p
    WHERE p.protected_at IS NOT NULL AND NOT EXISTS (
        SELECT FROM raccord_memberships(asking) m
        WHERE m.structure_id = p.protected_by_id AND m.role IN ('head', 'dasen'));
END
$$;

-- A case being opened has no party yet: only then may somebody add the first one.
CREATE OR REPLACE FUNCTION raccord_case_is_new(asked uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT NOT EXISTS (SELECT FROM followup_party WHERE case_id = asked)
$$;

CREATE OR REPLACE FUNCTION raccord_person_is_new(asked uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT NOT EXISTS (SELECT FROM followup_case WHERE person_id = asked)
$$;
