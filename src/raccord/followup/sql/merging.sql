-- Two files of one young person made one, and taken apart again to the byte. The two files are read before and after, table by
-- table (whatever has a key to them): what differs is what the merge did, and all that is needed to undo it.

-- Every row of these persons and of their cases: table, key, content. What is told of them to people, what was decided of the
-- pair and the merge itself are not part of a file; history tables have no foreign key.
CREATE OR REPLACE FUNCTION raccord_file_rows(persons uuid[])
RETURNS TABLE (tab text, key text, content jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    cases uuid[] := ARRAY(SELECT c.id FROM followup_case c WHERE c.person_id = ANY (persons));
    held record;
BEGIN
    FOR held IN
        SELECT t.relname::text AS "table", p.attname::text AS pk,
            string_agg(format('t.%I = ANY (%s)', a.attname,
                CASE WHEN k.confrelid = 'followup_case'::regclass THEN '$1' ELSE '$2' END), ' OR ' ORDER BY a.attname) AS rule
        FROM pg_constraint k
        JOIN pg_class t ON t.oid = k.conrelid
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
        JOIN pg_constraint q ON q.conrelid = k.conrelid AND q.contype = 'p'
        JOIN pg_attribute p ON p.attrelid = q.conrelid AND p.attnum = q.conkey[1]
        WHERE k.contype = 'f' AND k.confrelid IN ('followup_case'::regclass, 'followup_person'::regclass)
            AND t.relname NOT IN ('followup_merge', 'followup_possibleduplicate', 'followup_notification')
        GROUP BY 1, 2
    LOOP
        RETURN QUERY EXECUTE format('SELECT %L::text, t.%I::text, to_jsonb(t) FROM %I t WHERE %s',
            held."table", held.pk, held."table", held.rule) USING cases, persons;
    END LOOP;
    RETURN QUERY SELECT 'followup_person', p.id::text, to_jsonb(p) FROM followup_person p WHERE p.id = ANY (persons);
END
$$;

CREATE OR REPLACE FUNCTION raccord_key_of(tab text) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT a.attname::text FROM pg_constraint q JOIN pg_attribute a ON a.attrelid = q.conrelid AND a.attnum = q.conkey[1]
    WHERE q.conrelid = format('public.%I', tab)::regclass AND q.contype = 'p'
$$;

-- A structure that holds the open case of either decides of the pair.
CREATE OR REPLACE FUNCTION raccord_decides_of(asking bigint, persons uuid[]) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM followup_case c WHERE c.person_id = ANY (persons)
        AND (c.status <> 'closed' OR c.outcome = 'merged')
        AND c.holder_id IN (SELECT raccord_own_structures(asking)));
END
$$;

-- Why these two are not merged now; empty when they may be.
CREATE OR REPLACE FUNCTION raccord_merge_refusal(asking bigint, kept uuid, absorbed uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF kept = absorbed OR (SELECT count(*) FROM followup_person p WHERE p.id IN (kept, absorbed) AND NOT p.hidden
            AND p.training = raccord_training()) < 2 THEN
        RETURN 'gone';
    ELSIF NOT raccord_decides_of(asking, ARRAY[kept, absorbed]) THEN
        RETURN 'holder';
    ELSIF EXISTS (SELECT FROM followup_person p WHERE p.id IN (kept, absorbed) AND p.protected_at IS NOT NULL) THEN
        RETURN 'protected';
    ELSIF EXISTS (SELECT FROM followup_merge m WHERE m.undone_at IS NULL
            AND (m.absorbed_id IN (kept, absorbed) OR m.kept_id = absorbed)) THEN
        RETURN 'merged';
    ELSIF (SELECT count(*) FROM followup_case c WHERE c.person_id IN (kept, absorbed) AND c.status <> 'closed') < 2 THEN
        RETURN 'closed';
    END IF;
    RETURN '';
END
$$;

CREATE OR REPLACE FUNCTION raccord_merge(asking bigint, merge uuid, kept uuid, absorbed uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    refusal text;
    into_case followup_case;
    from_case followup_case;
    before jsonb;
    changed jsonb;
    added jsonb;
BEGIN
    PERFORM FROM followup_case c WHERE c.person_id IN (kept, absorbed) ORDER BY c.id FOR UPDATE;
    refusal := raccord_merge_refusal(asking, kept, absorbed);
    IF refusal <> '' THEN
        RETURN refusal;
    END IF;
    SELECT c.* INTO into_case FROM followup_case c WHERE c.person_id = kept AND c.status <> 'closed';
    SELECT c.* INTO from_case FROM followup_case c WHERE c.person_id = absorbed AND c.status <> 'closed';
    before := (SELECT jsonb_object_agg(f.tab || ' ' || f.key, f.content) FROM raccord_file_rows(ARRAY[kept, absorbed]) f);

    UPDATE followup_case SET status = 'closed', outcome = 'merged', closed_on = raccord_today(), closed_by_id = asking,
        next_act_on = NULL, untouched_until = NULL, last_activity_at = clock_timestamp(), version = version + 1
    WHERE id = from_case.id;
    UPDATE followup_case SET worked_on_at = COALESCE(worked_on_at, clock_timestamp()),
        left_on = GREATEST(into_case.left_on, from_case.left_on), last_activity_at = clock_timestamp(), version = version + 1
    WHERE id = into_case.id;
    UPDATE followup_departure SET case_id = into_case.id, person_id = kept WHERE case_id = from_case.id;
    UPDATE followup_candidate SET case_id = into_case.id WHERE case_id = from_case.id;
    UPDATE followup_person k SET ine = ARRAY(SELECT DISTINCT i FROM unnest(k.ine || a.ine) i ORDER BY i)
    FROM followup_person a WHERE k.id = kept AND a.id = absorbed AND NOT a.ine <@ k.ine;
    -- the structures of the other file follow this one: as schools left, as reporters, or associated
    INSERT INTO followup_party (case_id, structure_id, kind, since)
    SELECT DISTINCT into_case.id, p.structure_id,
        CASE WHEN p.kind IN ('origin', 'reporter') THEN p.kind ELSE 'associated' END, raccord_today()
    FROM followup_party p
    WHERE p.case_id = from_case.id AND p.until IS NULL AND p.kind <> 'receiver' AND p.structure_id <> into_case.holder_id
        AND NOT (p.kind = 'former')
    ON CONFLICT DO NOTHING;
    -- and those of this one read what happened in the other
    INSERT INTO followup_party (case_id, structure_id, kind, since)
    SELECT DISTINCT from_case.id, p.structure_id, 'former', raccord_today()
    FROM followup_party p
    WHERE p.case_id = into_case.id AND p.until IS NULL AND p.kind IN ('holder', 'associated', 'origin')
        AND NOT EXISTS (SELECT FROM followup_party q WHERE q.case_id = from_case.id AND q.structure_id = p.structure_id
            AND q.until IS NULL AND q.kind <> 'reporter')
    ON CONFLICT DO NOTHING;

    WITH after AS (SELECT f.tab, f.key, f.content FROM raccord_file_rows(ARRAY[kept, absorbed]) f),
    compared AS (
        SELECT a.tab, a.key, before->(a.tab || ' ' || a.key) AS former, a.content FROM after a
    )
    SELECT COALESCE(jsonb_agg(jsonb_build_array(c.tab, c.key, (
            SELECT jsonb_object_agg(o.key, jsonb_build_array(o.value, c.content->o.key)) FROM jsonb_each(c.former) o
            WHERE o.value IS DISTINCT FROM c.content->o.key)) ORDER BY c.tab, c.key)
            FILTER (WHERE c.former IS NOT NULL AND c.former <> c.content), '[]'),
        COALESCE(jsonb_agg(jsonb_build_array(c.tab, c.key) ORDER BY c.tab, c.key) FILTER (WHERE c.former IS NULL), '[]')
    INTO changed, added FROM compared c;
    INSERT INTO followup_merge (id, kept_id, absorbed_id, by_id, at, changed, added)
    VALUES (merge, kept, absorbed, asking, clock_timestamp(), changed, added);
    UPDATE followup_possibleduplicate SET status = 'same', decided_by_id = asking, decided_at = clock_timestamp()
    WHERE one_id = LEAST(kept, absorbed) AND other_id = GREATEST(kept, absorbed);
    RETURN '';
END
$$;

-- What the merge changed is as it was, unless somebody changed it again since; what it added goes.
CREATE OR REPLACE FUNCTION raccord_unmerge(asking bigint, merge uuid) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    found followup_merge;
    row_of record;
    pk text;
BEGIN
    SELECT m.* INTO found FROM followup_merge m WHERE m.id = merge FOR UPDATE;
    IF found.id IS NULL OR found.undone_at IS NOT NULL THEN
        RETURN 'gone';
    ELSIF NOT raccord_decides_of(asking, ARRAY[found.kept_id, found.absorbed_id]) THEN
        RETURN 'holder';
    END IF;
    PERFORM FROM followup_case c WHERE c.person_id IN (found.kept_id, found.absorbed_id) ORDER BY c.id FOR UPDATE;
    IF EXISTS (SELECT FROM followup_case c WHERE c.person_id = found.absorbed_id AND c.status <> 'closed') THEN
        RETURN 'reopened';
    END IF;
    FOR row_of IN SELECT a->>0 AS tab, a->>1 AS key FROM jsonb_array_elements(found.added) a LOOP
        pk := raccord_key_of(row_of.tab);
        EXECUTE format('DELETE FROM %I t WHERE t.%I::text = $1', row_of.tab, pk) USING row_of.key;
    END LOOP;
    FOR row_of IN SELECT c->>0 AS tab, c->>1 AS key, c->2 AS columns FROM jsonb_array_elements(found.changed) c LOOP
        pk := raccord_key_of(row_of.tab);
        -- all the columns of a row at once: a constraint may bind two of them
        EXECUTE (
            SELECT format('UPDATE %I t SET %s FROM (SELECT jsonb_populate_record(NULL::%I, $2) AS r) x WHERE t.%I::text = $1',
                row_of.tab, string_agg(format('%1$I = CASE WHEN to_jsonb(t)->%2$L IS NOT DISTINCT FROM $3->%2$L '
                    'THEN (x.r).%1$I ELSE t.%1$I END', e.key, e.key), ', '), row_of.tab, pk)
            FROM jsonb_each(row_of.columns) e)
        USING row_of.key,
            (SELECT jsonb_object_agg(e.key, e.value->0) FROM jsonb_each(row_of.columns) e),
            (SELECT jsonb_object_agg(e.key, e.value->1) FROM jsonb_each(row_of.columns) e);
    END LOOP;
    UPDATE followup_merge SET undone_at = clock_timestamp(), undone_by_id = asking WHERE id = merge;
    UPDATE followup_possibleduplicate SET status = 'different', decided_by_id = asking, decided_at = clock_timestamp()
    WHERE one_id = LEAST(found.kept_id, found.absorbed_id) AND other_id = GREATEST(found.kept_id, found.absorbed_id);
    RETURN '';
END
$$;

-- Side by side: of a file one sees, everything a comparison needs; of the other, name, birth date and establishment.
CREATE OR REPLACE FUNCTION raccord_pair(asking bigint, pair uuid)
RETURNS TABLE (person uuid, case_id uuid, last_name text, usage_name text, first_name text, birth_date date,
    establishment text, holder bigint, holder_name text, holder_phone text, since date, open boolean, visible boolean,
    sex text, commune text, phone text, ine text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 2 AS $$
#variable_conflict use_column
DECLARE
    asked followup_possibleduplicate;
    seen uuid[] := raccord_case_array(asking);
BEGIN
    SELECT d.* INTO asked FROM followup_possibleduplicate d WHERE d.id = pair;
    IF asked.id IS NULL OR NOT EXISTS (SELECT FROM followup_case c
            WHERE c.person_id IN (asked.one_id, asked.other_id) AND c.id = ANY (seen)) THEN
        RETURN;
    END IF;
    RETURN QUERY
    SELECT p.id, c.id, p.last_name::text, p.usage_name::text, p.first_name::text, p.birth_date,
        COALESCE((SELECT s.name FROM followup_departure d JOIN territory_structure s ON s.id = d.structure_id
            WHERE d.person_id = p.id ORDER BY d.left_on DESC NULLS LAST, d.id DESC LIMIT 1), '')::text,
        h.id, h.name::text, h.phone::text, c.held_since, c.status <> 'closed', v.seen,
        CASE WHEN v.seen THEN p.sex::text ELSE '' END, CASE WHEN v.seen THEN COALESCE(m.name, '')::text ELSE '' END,
        CASE WHEN v.seen THEN COALESCE(t.phone, '')::text ELSE '' END,
        CASE WHEN v.seen THEN array_to_string(p.ine, ', ') ELSE '' END
    FROM unnest(ARRAY[asked.one_id, asked.other_id]) WITH ORDINALITY o (id, rank)
    JOIN followup_person p ON p.id = o.id AND NOT p.hidden AND p.protected_at IS NULL
    JOIN LATERAL (SELECT * FROM followup_case k WHERE k.person_id = p.id
        ORDER BY k.status = 'closed', k.opened_on DESC, k.id DESC LIMIT 1) c ON true
    JOIN territory_structure h ON h.id = c.holder_id
    LEFT JOIN followup_contactdetails t ON t.person_id = p.id
    LEFT JOIN territory_commune m ON m.insee = t.commune_id
    CROSS JOIN LATERAL (SELECT c.id = ANY (seen) AS seen) v
    ORDER BY o.rank;
END
$$;
