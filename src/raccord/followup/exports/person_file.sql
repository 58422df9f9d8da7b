-- A copy of somebody's file (RGPD, art. 15), gathered under the rights of the owner of the tables: who may is decided here,
-- and the making is written in the timeline. NULL: no such case for this person. Its parts are written by person_file_sql.py
-- from the tables themselves.
CREATE OR REPLACE FUNCTION raccord_person_file(asked uuid, given text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    asking bigint := raccord_user();
    academie varchar;
    carrier bigint;
    protector bigint;
    born date;
    whole bigint;
    persons uuid[];
    cases uuid[];
    named text;
    officer boolean;
    mine bigint;
    hides boolean;
    withheld boolean;
BEGIN
    SELECT c.academie_id, c.holder_id, p.protected_by_id, p.birth_date, ARRAY[p.id]
    INTO academie, carrier, protector, born, persons
    FROM followup_case c JOIN followup_person p ON p.id = c.person_id
    WHERE c.id = asked AND NOT p.hidden AND p.training = raccord_training();
    -- those who carry the case, for their structure; the data protection officer of its académie
    SELECT m.structure_id INTO mine FROM raccord_memberships(asking) m
    WHERE m.structure_id = carrier AND m.role IN ('head', 'lead') LIMIT 1;
    SELECT m.structure_id INTO whole FROM raccord_memberships(asking) m
    JOIN territory_structure s ON s.id = m.structure_id AND s.academie_id = academie
    WHERE m.role = 'dpo' LIMIT 1;
    officer := whole IS NOT NULL;
    IF mine IS NULL AND NOT officer THEN
        RETURN NULL;
    END IF;
    IF given = 'representative' AND born <= raccord_today() - interval '18 years' THEN
        RETURN jsonb_build_object('refused', 'adult');
    END IF;
    -- where somebody is protected, a parent is given no place, and whoever may not read it makes none
    hides := protector IS NOT NULL AND (given = 'representative' OR NOT officer AND NOT EXISTS (
        SELECT FROM raccord_memberships(asking) m
        WHERE m.structure_id = protector AND m.role IN ('head', 'dasen')));
    -- a school does not read what was said to the services that follow
    withheld := NOT officer AND EXISTS (SELECT FROM followup_party q WHERE q.case_id = asked
        AND q.structure_id = mine AND q.kind = 'origin');
    WITH RECURSIVE joined (id) AS (
        SELECT persons[1]
        UNION SELECT g.absorbed_id FROM followup_merge g JOIN joined j ON g.kept_id = j.id
        WHERE g.undone_at IS NULL)
    SELECT array_agg(j.id) INTO persons FROM joined j;
    cases := ARRAY(SELECT c.id FROM followup_case c WHERE c.person_id = ANY (persons));
    SELECT COALESCE(NULLIF(btrim(u.first_name || ' ' || u.last_name), ''), u.email) INTO named
    FROM accounts_user u WHERE u.id = asking;
    INSERT INTO followup_timelineevent (id, case_id, at, kind, user_id, author, structure_id, facts, note)
    VALUES (gen_random_uuid(), asked, clock_timestamp(), 'file_given', asking, named, COALESCE(mine, whole),
        jsonb_build_object('to', given), '');
    RETURN jsonb_build_object(
        'persons', to_jsonb(persons), 'cases', to_jsonb(cases), 'hides', hides, 'withheld', withheld,
        'parts', jsonb_build_object(
        __PARTS__),
        'timeline', (SELECT COALESCE(jsonb_agg(jsonb_build_object(
            'id', t.id, 'at', t.at, 'kind', t.kind, 'facts', t.facts, 'undoes', t.undoes_id,
            'note', CASE WHEN hides THEN '' ELSE t.note END,
            'author', CASE WHEN t.user_id IS NULL THEN t.author
                WHEN hides THEN 'une structure habilitée'
                ELSE COALESCE((SELECT n.name FROM territory_structure n WHERE n.id = t.structure_id),
                    'une structure habilitée') END) ORDER BY t.at, t.id), '[]')
            FROM followup_timelineevent t WHERE t.case_id = ANY (cases)),
        'readings', (SELECT COALESCE(jsonb_agg(jsonb_build_object('at', r.at, 'act', r.act,
            'functions', CASE WHEN hides THEN '[]' ELSE to_jsonb(r.functions) END) ORDER BY r.id), '[]')
            FROM privacy_reading r WHERE r.subjects && (persons || cases) AND r.act <> 'refusal'));
END
$$;
