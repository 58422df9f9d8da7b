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

CREATE OR REPLACE FUNCTION raccord_memberships(asking bigint)
RETURNS SETOF accounts_membership
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 4 AS $$
    SELECT m.* FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
    WHERE m.user_id = asking AND u.is_active AND m.revoked_at IS NULL
        AND m.starts_on <= raccord_today()
        AND (m.ends_on IS NULL OR m.ends_on >= raccord_today())
        AND (m.confirm_before IS NULL OR m.confirm_before >= raccord_today())
$$;

CREATE OR REPLACE FUNCTION raccord_visible_cases(asking bigint) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
-- Asked a dozen times a page: in PL/pgSQL its plan is kept, and it goes by the indexes even where
-- one school holds most of the cases (at 100,000 cases, 147 ms a call otherwise, 1 ms so).
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off ROWS 1000 AS $$
BEGIN
    RETURN QUERY (
    -- the structures that take part, as a whole
    SELECT p.case_id
    FROM raccord_memberships(asking) m
    JOIN followup_party p ON p.structure_id = m.structure_id AND p.until IS NULL
    WHERE m.role IN ('head', 'secretariat', 'lead', 'agent')
        OR (m.role = 'correspondent' AND m.scope = 'whole')
    UNION
    -- a correspondent of some classes or of some pupils of their own school
    SELECT p.case_id
    FROM raccord_memberships(asking) m
    JOIN followup_party p ON p.structure_id = m.structure_id AND p.until IS NULL
    WHERE m.role = 'correspondent' AND (
        (m.scope = 'pupils' AND p.case_id = ANY (m.pupils))
        OR (m.scope = 'classes' AND EXISTS (
            SELECT FROM followup_departure d
            WHERE d.case_id = p.case_id AND d.structure_id = m.structure_id
                AND d.level = ANY (m.classes))))
    UNION
    -- DASEN and IEN-IO: obligation d'instruction (L.131-1), and what nobody touched in time
    SELECT c.id
    FROM raccord_memberships(asking) m
    JOIN territory_structure s ON s.id = m.structure_id
    JOIN followup_case c ON c.departement_id = s.departement_id AND c.status <> 'closed'
    WHERE m.role IN ('dasen', 'ien_io')
        AND (c.lane = 'under_16'
            OR (c.worked_on_at IS NULL AND c.untouched_until < raccord_today()))
    UNION
    -- the referent of a basin, a dated designation: never the under-16s
    SELECT c.id
    FROM raccord_memberships(asking) m
    JOIN territory_structure s ON s.id = m.structure_id
    JOIN followup_case c ON c.basin_id = s.basin_id
    WHERE m.role = 'basin_referent' AND c.lane <> 'under_16' AND NOT c.provisional
    )
    EXCEPT
    -- somebody known to have died: hidden from everybody, everywhere
    SELECT c.id FROM followup_person p JOIN followup_case c ON c.person_id = p.id WHERE p.hidden;
END
$$;

CREATE OR REPLACE FUNCTION raccord_visible_persons(asking bigint) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1000 AS $$
BEGIN
    RETURN QUERY SELECT person_id FROM followup_case
        WHERE id IN (SELECT raccord_visible_cases(asking));
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
