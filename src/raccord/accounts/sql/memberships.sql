-- Who is asking, what day it is where they are, and what they are today: every room's guards lean on this.
-- A membership counts from its first to its last day, unless it was taken back, or had to be confirmed
-- and was not.

CREATE OR REPLACE FUNCTION raccord_user() RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT NULLIF(current_setting('raccord.user', true), '')::bigint
$$;

-- The day it was here: connections count in UTC, whose day begins an hour or two after midnight.
CREATE OR REPLACE FUNCTION raccord_day(moment timestamptz) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT (moment AT TIME ZONE 'Europe/Paris')::date
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
