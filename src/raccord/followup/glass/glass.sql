-- Beyond one's own scope. Only these two functions write what they write: a page may neither search the territory by
-- another way, nor open a file that such a search did not find.

-- Who may: those who see names and answer for a structure or a place. Never a secretariat, never somebody practising.
CREATE OR REPLACE FUNCTION raccord_may_look_beyond(asking bigint) RETURNS SETOF accounts_membership
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 4 AS $$
BEGIN
    RETURN QUERY SELECT m.* FROM raccord_memberships(asking) m
    WHERE NOT raccord_training()
        AND m.role IN ('head', 'lead', 'agent', 'basin_referent', 'dasen', 'ien_io');
END
$$;

-- One search, counted: twenty a day. Nothing that was typed is kept. Returns what to read its answer by; NULL when the
-- day's number is reached. Nothing is found of somebody protected, hidden or invented, nor in another académie; before
-- 16, only by a school or by the DSDEN.
CREATE OR REPLACE FUNCTION raccord_search_beyond(words text[], born date) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    asking bigint := raccord_user();
    held accounts_membership[] := ARRAY(SELECT m FROM raccord_may_look_beyond(asking) m);
    territory varchar[] := ARRAY(SELECT s.academie_id FROM unnest(held) m
        JOIN territory_structure s ON s.id = m.structure_id WHERE s.academie_id IS NOT NULL);
    instruction boolean := EXISTS (SELECT FROM unnest(held) m WHERE m.role IN ('head', 'dasen', 'ien_io'));
    made uuid := gen_random_uuid();
BEGIN
    IF cardinality(held) = 0 THEN
        RAISE EXCEPTION 'Cette recherche ne vous est pas ouverte.' USING ERRCODE = 'insufficient_privilege';
    END IF;
    -- one at a time for one person: two at once would both be the twentieth
    PERFORM pg_advisory_xact_lock(7226228, asking::integer);
    IF (SELECT count(*) FROM followup_beyondsearch s WHERE s.user_id = asking
            AND raccord_day(s.at) = raccord_today()) >= 20 THEN
        RETURN NULL;
    END IF;
    INSERT INTO followup_beyondsearch (id, user_id, at, case_id, holder_id)
    SELECT made, asking, now(), f.case_id, f.holder_id
    FROM (SELECT 1) always LEFT JOIN LATERAL (
        SELECT c.id AS case_id, c.holder_id FROM followup_person p
        JOIN followup_case c ON c.person_id = p.id AND c.status <> 'closed'
        WHERE p.birth_date = born AND cardinality(words) >= 2
            AND (NOT EXISTS (SELECT FROM unnest(words) w
                    WHERE strpos(' ' || p.search_name || ' ', ' ' || w || ' ') = 0)
                -- « NDIAYE » for « N’Diaye », « Louanne » for « Lou-Anne »
                OR replace(p.search_name, ' ', '') = array_to_string(words, ''))
            AND NOT p.hidden AND NOT p.training AND p.protected_at IS NULL
            AND c.academie_id = ANY (territory)
            AND (c.lane <> 'under_16' OR instruction)
        ORDER BY c.opened_on DESC, c.id LIMIT 1) f ON true;
    RETURN made;
END
$$;

-- Opens for three hours what a search of the last hour found, with a reason; writes it in the timeline, and tells the
-- people who hold the case and the data protection officers of its académie. NULL: there is nothing to open any more.
CREATE OR REPLACE FUNCTION raccord_break_glass(search uuid, why text) RETURNS uuid
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    asking bigint := raccord_user();
    found followup_case;
    whose bigint;
    named text;
    made uuid := gen_random_uuid();
BEGIN
    IF length(btrim(COALESCE(why, ''))) < 20 THEN
        RAISE EXCEPTION 'Une ouverture hors périmètre dit pourquoi.' USING ERRCODE = 'check_violation';
    END IF;
    SELECT c.* INTO found FROM followup_beyondsearch s
    JOIN followup_case c ON c.id = s.case_id AND c.status <> 'closed'
    JOIN followup_person p ON p.id = c.person_id AND NOT p.hidden AND NOT p.training AND p.protected_at IS NULL
    WHERE s.id = search AND s.user_id = asking AND s.at > now() - interval '1 hour';
    SELECT s.id INTO whose FROM raccord_may_look_beyond(asking) m
    JOIN territory_structure s ON s.id = m.structure_id AND s.academie_id = found.academie_id
    ORDER BY s.name, s.id LIMIT 1;
    IF found.id IS NULL OR whose IS NULL THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM raccord_find_visible_cases(asking, ARRAY[found.id])) THEN
        RETURN NULL;
    END IF;
    SELECT COALESCE(NULLIF(btrim(u.first_name || ' ' || u.last_name), ''), u.email) INTO named
    FROM accounts_user u WHERE u.id = asking;
    INSERT INTO followup_opening (id, case_id, user_id, author, structure_id, academie_id, reason, at, until,
        examiner, examined_note)
    VALUES (made, found.id, asking, named, whose, found.academie_id, btrim(why), now(), now() + interval '3 hours', '', '');
    INSERT INTO followup_timelineevent (id, case_id, at, kind, user_id, author, structure_id, facts, note)
    VALUES (gen_random_uuid(), found.id, now(), 'opened_beyond', asking, named, whose,
        jsonb_build_object('until', now() + interval '3 hours'), btrim(why));
    INSERT INTO followup_notification (id, user_id, kind, case_id, structure_id, at)
    SELECT gen_random_uuid(), u, 'opened', found.id, found.holder_id, now()
    FROM raccord_people_of(found.holder_id, found.id) u WHERE u <> asking
    UNION ALL
    SELECT gen_random_uuid(), d.user_id, 'beyond', NULL, NULL, now()
    FROM (SELECT DISTINCT m.user_id FROM accounts_membership m
        JOIN accounts_user u ON u.id = m.user_id AND u.is_active
        JOIN territory_structure s ON s.id = m.structure_id
        WHERE m.role = 'dpo' AND s.academie_id = found.academie_id AND m.revoked_at IS NULL
            AND m.starts_on <= raccord_today() AND (m.ends_on IS NULL OR m.ends_on >= raccord_today())
            AND (m.confirm_before IS NULL OR m.confirm_before >= raccord_today())) d;
    RETURN made;
END
$$;

-- What the data protection officer of its académie says of an opening, once: who, when, a word. Never of one's own.
-- False: it is not theirs to examine, or somebody did.
CREATE OR REPLACE FUNCTION raccord_examine_opening(opening uuid, said text) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    asking bigint := raccord_user();
BEGIN
    IF length(btrim(COALESCE(said, ''))) = 0 THEN
        RAISE EXCEPTION 'Un examen dit ce qui en ressort.' USING ERRCODE = 'check_violation';
    END IF;
    UPDATE followup_opening o SET examined_at = now(), examined_by_id = asking, examined_note = btrim(said),
        examiner = (SELECT COALESCE(NULLIF(btrim(u.first_name || ' ' || u.last_name), ''), u.email)
            FROM accounts_user u WHERE u.id = asking)
    WHERE o.id = opening AND o.examined_at IS NULL AND o.user_id <> asking
        AND o.academie_id IN (SELECT raccord_academies_as('dpo'));
    RETURN FOUND;
END
$$;

-- Asked by these two only.
REVOKE ALL ON FUNCTION raccord_may_look_beyond(bigint) FROM PUBLIC;
