-- The rights to see a case, once: `CaseQuerySet.visible_to` and row-level security both ask here.
-- A membership counts from its first to its last day, unless it was taken back, or had to be confirmed
-- and was not.

CREATE OR REPLACE FUNCTION raccord_user() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT NULLIF(current_setting('raccord.user', true), '')::bigint
$$;

CREATE OR REPLACE FUNCTION raccord_today() RETURNS date
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (now() AT TIME ZONE 'Europe/Paris')::date
$$;

-- Whether the request is one of the practice mode: then invented young people only, else real ones only.
CREATE OR REPLACE FUNCTION raccord_training() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT COALESCE(current_setting('raccord.training', true), '') = 'on'
$$;

-- In PL/pgSQL as all that is asked often: its plan is kept, that of a SQL function is made at each call.
CREATE OR REPLACE FUNCTION raccord_memberships(asking bigint)
RETURNS SETOF accounts_membership
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 4 AS $$
BEGIN
    RETURN QUERY
    SELECT m.* FROM accounts_membership m
    JOIN accounts_user u ON u.id = m.user_id
    JOIN territory_structure s ON s.id = m.structure_id
    WHERE m.user_id = asking AND u.is_active AND m.revoked_at IS NULL
        AND m.starts_on <= raccord_today()
        AND (m.ends_on IS NULL OR m.ends_on >= raccord_today())
        AND (m.confirm_before IS NULL OR m.confirm_before >= raccord_today())
        AND (s.source = 'entrainement') = raccord_training();
END
$$;

-- The rule itself, worked out from the tables.
CREATE OR REPLACE FUNCTION raccord_find_visible_cases(asking bigint) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
-- It goes by the indexes even where one school holds most of the cases.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off ROWS 1000 AS $$
DECLARE
    held accounts_membership[] := ARRAY(SELECT m FROM raccord_memberships(asking) m);
BEGIN
    RETURN QUERY (
    -- the structures that take part, as a whole
    SELECT p.case_id
    FROM unnest(held) m
    JOIN followup_party p ON p.structure_id = m.structure_id AND p.until IS NULL
    WHERE m.role IN ('head', 'secretariat', 'lead', 'agent')
        OR (m.role = 'correspondent' AND m.scope = 'whole')
    UNION
    -- a correspondent of some classes or of some pupils of their own school
    SELECT p.case_id
    FROM unnest(held) m
    JOIN followup_party p ON p.structure_id = m.structure_id AND p.until IS NULL
    WHERE m.role = 'correspondent' AND (
        (m.scope = 'pupils' AND EXISTS (
                SELECT FROM accounts_entrusted e WHERE e.membership_id = m.id AND p.case_id = ANY (e.pupils)))
        OR (m.scope = 'classes' AND EXISTS (
            SELECT FROM followup_departure d
            WHERE d.case_id = p.case_id AND d.structure_id = m.structure_id
                AND d.level = ANY (m.classes))))
    UNION
    -- DASEN and IEN-IO: obligation d'instruction (L.131-1), and what nobody touched in time
    SELECT c.id
    FROM unnest(held) m
    JOIN territory_structure s ON s.id = m.structure_id
    JOIN followup_case c ON c.departement_id = s.departement_id AND c.status <> 'closed'
    WHERE m.role IN ('dasen', 'ien_io')
        AND (c.lane = 'under_16'
            OR (c.worked_on_at IS NULL AND c.untouched_until < raccord_today()))
    UNION
    -- the referent of a basin, a dated designation: never the under-16s
    SELECT c.id
    FROM unnest(held) m
    JOIN territory_structure s ON s.id = m.structure_id
    JOIN followup_case c ON c.basin_id = s.basin_id
    WHERE m.role = 'basin_referent' AND c.lane <> 'under_16' AND NOT c.provisional
    )
    EXCEPT
    -- somebody known to have died: hidden from everybody, everywhere
    SELECT c.id FROM followup_person p JOIN followup_case c ON c.person_id = p.id WHERE p.hidden;
END
$$;

-- Asked by every table of a page. A page that only reads cannot change the answer: it is worked out once, and kept until
-- the end of its transaction beside `raccord.user`, which whoever could write it could write too.
CREATE OR REPLACE FUNCTION raccord_case_array(asking bigint) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    label text;
    seen uuid[];
BEGIN
    IF current_setting('transaction_read_only') = 'off' THEN
        RETURN ARRAY(SELECT raccord_find_visible_cases(asking));
    END IF;
    label := format('%s %s', asking, raccord_training());
    IF current_setting('raccord.cases_of', true) = label THEN
        RETURN current_setting('raccord.cases')::uuid[];
    END IF;
    seen := ARRAY(SELECT raccord_find_visible_cases(asking));
    PERFORM set_config('raccord.cases', seen::text, true), set_config('raccord.cases_of', label, true);
    RETURN seen;
END
$$;

CREATE OR REPLACE FUNCTION raccord_visible_cases(asking bigint) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1000 AS $$
BEGIN
    RETURN QUERY SELECT unnest(raccord_case_array(asking));
END
$$;

CREATE OR REPLACE FUNCTION raccord_visible_persons(asking bigint) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1000 AS $$
DECLARE
    label text;
    seen uuid[];
BEGIN
    IF current_setting('transaction_read_only') = 'off' THEN
        RETURN QUERY SELECT person_id FROM followup_case WHERE id = ANY (raccord_case_array(asking));
        RETURN;
    END IF;
    label := format('%s %s', asking, raccord_training());
    IF current_setting('raccord.persons_of', true) = label THEN
        seen := current_setting('raccord.persons')::uuid[];
    ELSE
        seen := ARRAY(SELECT person_id FROM followup_case WHERE id = ANY (raccord_case_array(asking)));
        PERFORM set_config('raccord.persons', seen::text, true), set_config('raccord.persons_of', label, true);
    END IF;
    RETURN QUERY SELECT unnest(seen);
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
