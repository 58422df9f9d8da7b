-- The log of readings: append-only, each line sealed with the one before (CNIL 2021-122).
-- Hashes bind a line to its place; what is pinned outside of the database (journal.py) binds the end.

-- The canonical text of a line is a JSON array of every column, in this order, then the former hash.
CREATE OR REPLACE FUNCTION raccord_reading_hash(line privacy_reading) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT sha256(convert_to(json_build_array(
        line.id,
        to_char(line.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'),
        line.user_id, line.reader, line.functions, line.structures, line.academies,
        line.act, line.screen, line.subjects, encode(line.former_hash, 'hex')
    )::text, 'UTF8'))
$$;

-- One writer at a time, until its transaction ends: two lines never follow the same one. Whoever
-- writes a line ends their transaction at once (`readings.write`).
CREATE OR REPLACE FUNCTION raccord_chain_reading() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    last_id bigint;
    last_hash bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(7226227, 1);
    SELECT r.id, r.hash INTO last_id, last_hash FROM privacy_reading r ORDER BY r.id DESC LIMIT 1;
    IF last_id IS NULL THEN
        SELECT c.last_id, c.last_hash INTO last_id, last_hash
        FROM privacy_logcheckpoint c ORDER BY c.id DESC LIMIT 1;
    END IF;
    NEW.id := coalesce(last_id, 0) + 1;
    NEW.at := coalesce(NEW.at, clock_timestamp());
    NEW.former_hash := coalesce(last_hash, ''::bytea);
    NEW.hash := raccord_reading_hash(NEW);
    RETURN NEW;
END
$$;

CREATE OR REPLACE TRIGGER raccord_chain BEFORE INSERT ON privacy_reading
    FOR EACH ROW EXECUTE FUNCTION raccord_chain_reading();

-- Nobody changes or removes a line, the owner included, but the procedure below.
CREATE OR REPLACE FUNCTION raccord_keep_log() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    calls text;
BEGIN
    GET DIAGNOSTICS calls = PG_CONTEXT;
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'privacy_reading'
        AND calls LIKE '%function raccord_forget_readings(timestamp with time zone)%'
    THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'Le journal des lectures ne se modifie pas (%, %).', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
$$;

CREATE OR REPLACE TRIGGER raccord_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON privacy_reading
    FOR EACH STATEMENT EXECUTE FUNCTION raccord_keep_log();
CREATE OR REPLACE TRIGGER raccord_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON privacy_logcheckpoint
    FOR EACH STATEMENT EXECUTE FUNCTION raccord_keep_log();

-- Retention: removes the oldest lines, never one of the last six months, and says what the last
-- of them was, so that the rest is still proven. Returns nothing when nothing is that old.
CREATE OR REPLACE FUNCTION raccord_forget_readings(until timestamptz)
RETURNS SETOF privacy_logcheckpoint
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    last_id bigint;
    last_hash bytea;
    gone bigint;
BEGIN
    IF until > now() - interval '6 months' THEN
        RAISE EXCEPTION 'Une lecture se garde six mois au moins (CNIL 2021-122).'
            USING ERRCODE = 'check_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(7226227, 1);
    SELECT r.id, r.hash INTO last_id, last_hash FROM privacy_reading r
    WHERE r.id < coalesce(
        (SELECT min(k.id) FROM privacy_reading k WHERE k.at >= until), 9223372036854775807)
    ORDER BY r.id DESC LIMIT 1;
    IF last_id IS NULL THEN
        RETURN;
    END IF;
    DELETE FROM privacy_reading r WHERE r.id <= last_id;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN QUERY INSERT INTO privacy_logcheckpoint (at, last_id, last_hash, removed, before)
        VALUES (now(), last_id, last_hash, gone, until) RETURNING *;
END
$$;

-- The académies where somebody has a role today.
CREATE OR REPLACE FUNCTION raccord_academies_as(asked text)
RETURNS SETOF varchar
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1 AS $$
    SELECT s.academie_id
    FROM raccord_memberships(raccord_user()) m
    JOIN territory_structure s ON s.id = m.structure_id
    WHERE m.role = asked AND s.academie_id IS NOT NULL
$$;

-- The lines about a file. A test on an array is not leakproof: under row-level security it would
-- read the whole log instead of the index. Only identifiers come out; the lines stay guarded.
CREATE OR REPLACE FUNCTION raccord_readings_of(asked uuid) RETURNS SETOF bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 100 AS $$
    SELECT id FROM privacy_reading WHERE subjects @> ARRAY[asked]
$$;
