-- Whoever reports a young person learns that a case exists and who holds it, and nothing of what is in it: a party « reporter »
-- makes no case visible (rights.sql). These functions are the narrow door; each says what goes out of it.

-- Cases that one's structures reported: to add a report, a departure or a question to, never to read.
CREATE OR REPLACE FUNCTION raccord_reported_cases(asking bigint) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 20 AS $$
BEGIN
    RETURN QUERY SELECT p.case_id FROM followup_party p
    WHERE p.kind = 'reporter' AND p.until IS NULL
        AND p.structure_id IN (SELECT raccord_own_structures(asking));
END
$$;

-- How many searches this person made within the hour: a register is not read name by name.
CREATE OR REPLACE FUNCTION raccord_searches_of(asking bigint) RETURNS integer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT count(*) FROM (
        SELECT r.at FROM privacy_reading r WHERE r.user_id = asking AND r.act = 'search'
            AND r.screen IN ('followup:report_youth', 'followup:report_seek')
        ORDER BY r.id DESC LIMIT 1000) recent
        WHERE recent.at > clock_timestamp() - interval '1 hour');
END
$$;

-- Open cases of people whose identity is close to the one typed: what weighs them goes out (names, birth date, sex, and
-- whether commune, telephone and school are those typed), and who holds them. No address, no situation, no timeline; never
-- somebody whose schooling is protected, nor somebody hidden.
CREATE OR REPLACE FUNCTION raccord_seek_followed(asking bigint, named text[], words text[], said date, near date[],
    commune text, digits text, school bigint)
RETURNS TABLE (person uuid, last_name text, usage_name text, first_name text, other_names text, birth_date date, sex text,
    same_commune boolean, same_phone boolean, same_school boolean, holder bigint, holder_name text, holder_kind text,
    holder_phone text, since date, lane text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 50
SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM raccord_own_structures(asking)) THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH close AS (
        SELECT p.id FROM followup_person p WHERE p.birth_date = ANY (near[1:2])
        UNION
        SELECT p.id FROM followup_person p WHERE p.birth_date = ANY (near)
            AND (string_to_array(p.search_name, ' ') && words OR p.usage_name <> '')
        UNION
        SELECT p.id FROM followup_person p WHERE p.search_name = ANY (named)
    )
    SELECT p.id, p.last_name::text, p.usage_name::text, p.first_name::text, p.other_names::text, p.birth_date, p.sex::text,
        d.commune_id = commune,
        CASE WHEN d.phone <> '' THEN right(regexp_replace(d.phone, '[^0-9]', '', 'g'), 9) = digits END,
        (SELECT bool_or(l.structure_id = school) FROM followup_departure l WHERE l.person_id = p.id),
        s.id, s.name::text, s.kind::text, s.phone::text, c.held_since, c.lane::text
    FROM close JOIN followup_person p ON p.id = close.id
    JOIN followup_case c ON c.person_id = p.id AND c.status <> 'closed'
    JOIN territory_structure s ON s.id = c.holder_id
    LEFT JOIN followup_contactdetails d ON d.person_id = p.id
    WHERE NOT p.hidden AND p.protected_at IS NULL AND p.training = raccord_training()
    LIMIT 3000;
END
$$;

-- Of identities read in registers, those that may not be shown: protected schooling, and the dead.
CREATE OR REPLACE FUNCTION raccord_kept_silent(named text[], born date[]) RETURNS boolean[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT array_agg(EXISTS (SELECT FROM followup_person p WHERE (p.protected_at IS NOT NULL OR p.hidden)
        AND p.search_name = asked.name AND p.birth_date IS NOT DISTINCT FROM asked.day) ORDER BY asked.rank)
    FROM unnest(named, born) WITH ORDINALITY AS asked (name, day, rank)
$$;

-- « Se joindre »: a structure of one's own becomes a reporter of the open case of this person. Nothing opens.
CREATE OR REPLACE FUNCTION raccord_join_reported(asking bigint, structure bigint, asked uuid)
RETURNS TABLE (case_id uuid, holder bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    found followup_case;
BEGIN
    IF structure NOT IN (SELECT raccord_own_structures(asking)) THEN
        RETURN;
    END IF;
    SELECT c.* INTO found FROM followup_case c JOIN followup_person p ON p.id = c.person_id
    WHERE p.id = asked AND c.status <> 'closed' AND NOT p.hidden AND p.protected_at IS NULL
        AND p.training = raccord_training()
    FOR UPDATE OF c;
    IF found.id IS NULL THEN
        RETURN;
    END IF;
    INSERT INTO followup_party (case_id, structure_id, kind, since)
    VALUES (found.id, structure, 'reporter', raccord_today()) ON CONFLICT DO NOTHING;
    UPDATE followup_case SET last_activity_at = clock_timestamp(), version = version + 1 WHERE id = found.id;
    RETURN QUERY SELECT found.id, found.holder_id;
END
$$;

-- « Mes signalements »: who follows, since when, how it ended. Of a protected schooling, that it is followed and no more.
CREATE OR REPLACE FUNCTION raccord_reports(asking bigint, only_case uuid DEFAULT NULL)
RETURNS TABLE (report uuid, case_id uuid, at timestamptz, how text, joined boolean, reporter text, last_name text,
    first_name text, birth_date date, holder bigint, holder_name text, holder_phone text, since date, status text,
    outcome text, closed_on date, kept_silent boolean, visible boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 50 AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT r.id, c.id, r.at, r.how::text, r.joined, o.name::text, p.last_name::text, p.first_name::text, p.birth_date,
        s.id, s.name::text, s.phone::text, c.held_since, c.status::text,
        CASE WHEN p.protected_at IS NULL THEN c.outcome::text ELSE '' END, c.closed_on, p.protected_at IS NOT NULL,
        EXISTS (SELECT FROM followup_party q WHERE q.case_id = c.id AND q.until IS NULL AND q.kind <> 'reporter'
            AND q.structure_id IN (SELECT raccord_own_structures(asking)))
    FROM followup_report r JOIN followup_case c ON c.id = r.case_id JOIN followup_person p ON p.id = c.person_id
    JOIN territory_structure s ON s.id = c.holder_id JOIN territory_structure o ON o.id = r.structure_id
    WHERE r.structure_id IN (SELECT raccord_own_structures(asking)) AND NOT p.hidden AND p.training = raccord_training()
        AND (only_case IS NULL OR c.id = only_case)
    ORDER BY r.at DESC, r.id DESC LIMIT 200;
END
$$;
