-- Practising leaves nothing behind. The web role may not delete a timeline; these functions, which run as the owner, take
-- away invented young people only: for the web role, those of the practice school of whoever asks.

CREATE OR REPLACE FUNCTION raccord_practice_schools(asking bigint) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT DISTINCT o.id FROM territory_structure s
    JOIN accounts_membership m ON m.structure_id = s.id
    JOIN territory_structure o ON o.source = s.source AND o.source_reference = s.source_reference
    WHERE s.source = 'entrainement' AND m.user_id = asking
$$;

-- A practice school and the CIO that takes its relays: they come and go together.
CREATE OR REPLACE FUNCTION raccord_practice_houses(asked bigint[]) RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT ARRAY(SELECT o.id FROM territory_structure s
        JOIN territory_structure o ON o.source = s.source AND o.source_reference = s.source_reference
        WHERE s.source = 'entrainement' AND s.id = ANY (asked))
$$;

CREATE OR REPLACE FUNCTION raccord_empty_practices(asked bigint[]) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    schools bigint[] := ARRAY(SELECT id FROM territory_structure WHERE id = ANY (asked) AND source = 'entrainement');
    persons uuid[] := ARRAY(
        SELECT p.id FROM followup_person p WHERE p.training AND EXISTS (
            SELECT FROM followup_case c JOIN followup_party q ON q.case_id = c.id
            WHERE c.person_id = p.id AND q.structure_id = ANY (schools)));
    cases uuid[] := ARRAY(SELECT id FROM followup_case WHERE person_id = ANY (persons));
    held record;
BEGIN
    -- every table of every room that points at them: the keys are checked at the end
    FOR held IN
        SELECT k.conrelid::regclass AS "table", a.attname AS "column",
            k.confrelid = 'followup_case'::regclass AS of_case
        FROM pg_constraint k
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
        WHERE k.contype = 'f' AND k.confrelid IN ('followup_case'::regclass, 'followup_person'::regclass)
            AND k.conrelid <> 'followup_case'::regclass
    LOOP
        EXECUTE format('DELETE FROM %s WHERE %I = ANY ($1)', held."table", held."column")
            USING CASE WHEN held.of_case THEN cases ELSE persons END;
    END LOOP;
    DELETE FROM followup_case WHERE id = ANY (cases);
    DELETE FROM followup_person WHERE id = ANY (persons);
    -- and what the history kept of them
    FOR held IN
        SELECT a.attrelid::regclass AS "table", a.attname AS "column", a.attname = 'case_id' AS of_case
        FROM pg_attribute a
        JOIN pg_attribute h ON h.attrelid = a.attrelid AND h.attname = 'pgh_obj_id'
        JOIN pg_class t ON t.oid = a.attrelid AND t.relkind = 'r' AND t.relname LIKE 'followup\_%'
        WHERE a.attname IN ('case_id', 'person_id')
    LOOP
        EXECUTE format('DELETE FROM %s WHERE %I = ANY ($1)', held."table", held."column")
            USING CASE WHEN held.of_case THEN cases ELSE persons END;
    END LOOP;
    DELETE FROM followup_personevent WHERE pgh_obj_id = ANY (persons);
    RETURN cardinality(persons);
END
$$;

CREATE OR REPLACE FUNCTION raccord_remove_practices(asked bigint[]) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    schools bigint[] := ARRAY(SELECT id FROM territory_structure WHERE id = ANY (asked) AND source = 'entrainement');
    removed integer := raccord_empty_practices(schools);
    held record;
BEGIN
    DELETE FROM accounts_entrusted WHERE membership_id IN (
        SELECT id FROM accounts_membership WHERE structure_id = ANY (schools));
    -- whatever else was the school's, with its history
    FOR held IN
        SELECT k.conrelid::regclass AS "table", a.attname AS "column"
        FROM pg_constraint k
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
        WHERE k.contype = 'f' AND k.confrelid = 'territory_structure'::regclass
            AND k.conrelid <> 'territory_structure'::regclass
        UNION ALL
        SELECT a.attrelid::regclass, a.attname
        FROM pg_attribute a
        JOIN pg_attribute h ON h.attrelid = a.attrelid AND h.attname = 'pgh_obj_id'
        JOIN pg_class t ON t.oid = a.attrelid AND t.relkind = 'r'
        WHERE a.attname = 'structure_id'
    LOOP
        EXECUTE format('DELETE FROM %s WHERE %I = ANY ($1)', held."table", held."column") USING schools;
    END LOOP;
    DELETE FROM territory_structure WHERE id = ANY (schools);
    DELETE FROM territory_structureevent WHERE pgh_obj_id = ANY (schools);
    RETURN removed;
END
$$;

CREATE OR REPLACE FUNCTION raccord_empty_practice(asking bigint) RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT raccord_empty_practices(ARRAY(SELECT raccord_practice_schools(asking)))
$$;

CREATE OR REPLACE FUNCTION raccord_leave_practice(asking bigint) RETURNS integer
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT raccord_remove_practices(ARRAY(SELECT raccord_practice_schools(asking)))
$$;

-- Those of anybody: the worker's.
REVOKE ALL ON FUNCTION raccord_empty_practices(bigint[]), raccord_remove_practices(bigint[]) FROM PUBLIC;
