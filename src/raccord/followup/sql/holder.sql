-- One holder, always. `followup_case.holder_id` is not null and says it alone; the parties, which open a case to
-- people, follow it here and nowhere else, so that the two can never differ.

-- The baton passes: the former holder goes on reading what becomes of the young person, and no more.
CREATE OR REPLACE FUNCTION raccord_baton_passes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE followup_party SET until = raccord_today()
    WHERE case_id = NEW.id AND until IS NULL
        AND (kind = 'holder' OR structure_id = NEW.holder_id AND kind IN ('former', 'receiver', 'associated'));
    INSERT INTO followup_party (case_id, structure_id, kind, since)
    VALUES (NEW.id, NEW.holder_id, 'holder', raccord_today());
    INSERT INTO followup_party (case_id, structure_id, kind, since)
    SELECT NEW.id, OLD.holder_id, 'former', raccord_today()
    WHERE NOT EXISTS (SELECT FROM followup_party
        WHERE case_id = NEW.id AND structure_id = OLD.holder_id AND until IS NULL);
    RETURN NULL;
END
$$;

DROP TRIGGER IF EXISTS baton_passes ON followup_case;
CREATE TRIGGER baton_passes AFTER UPDATE OF holder_id ON followup_case
    FOR EACH ROW WHEN (OLD.holder_id IS DISTINCT FROM NEW.holder_id)
    EXECUTE FUNCTION raccord_baton_passes();

-- Added in their thousands by a night: looked at once a statement, each by its key. Not a join, nor a reading of the table:
-- the plan is kept by the session, and one made when there were ten cases takes hours when there are a hundred thousand.
CREATE OR REPLACE FUNCTION raccord_holders_added() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    IF EXISTS (SELECT FROM added a WHERE a.kind = 'holder' AND a.until IS NULL
        AND a.structure_id <> (SELECT c.holder_id FROM followup_case c WHERE c.id = a.case_id)) THEN
        RAISE EXCEPTION 'Un dossier est suivi par la structure qui le porte, et par elle seule.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'party_holder_is_the_holder';
    END IF;
    RETURN NULL;
END
$$;

DROP TRIGGER IF EXISTS holders_added ON followup_party;
CREATE TRIGGER holders_added AFTER INSERT ON followup_party REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION raccord_holders_added();

-- Changed or removed one by one, which is rare: an open case must still have its holder among its parties when the
-- transaction ends.
CREATE OR REPLACE FUNCTION raccord_holder_kept() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM followup_case c WHERE c.id = OLD.case_id AND c.status <> 'closed'
        AND NOT EXISTS (SELECT FROM followup_party p WHERE p.case_id = c.id
            AND p.structure_id = c.holder_id AND p.kind = 'holder' AND p.until IS NULL)) THEN
        RAISE EXCEPTION 'Un dossier ouvert est toujours suivi par une structure.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'party_holder_kept';
    END IF;
    RETURN NULL;
END
$$;

DROP TRIGGER IF EXISTS holder_kept ON followup_party;
CREATE CONSTRAINT TRIGGER holder_kept AFTER UPDATE OR DELETE ON followup_party DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.kind = 'holder' AND OLD.until IS NULL) EXECUTE FUNCTION raccord_holder_kept();

-- Interviews are read by the services that follow the young person, and by who wrote them: the school that was left
-- does not receive what others were told (CNIL, délibération 2010-446), a secretariat reads none.
CREATE OR REPLACE FUNCTION raccord_interview_cases(asking bigint) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 1000 AS $$
BEGIN
    RETURN QUERY
    SELECT p.case_id FROM raccord_memberships(asking) m
    JOIN followup_party p ON p.structure_id = m.structure_id AND p.until IS NULL
    WHERE m.role IN ('lead', 'agent') AND p.kind IN ('holder', 'associated')
    UNION
    SELECT c.id FROM raccord_memberships(asking) m
    JOIN territory_structure s ON s.id = m.structure_id
    JOIN followup_case c ON c.basin_id = s.basin_id
    WHERE m.role = 'basin_referent' AND c.lane <> 'under_16' AND NOT c.provisional;
END
$$;

CREATE OR REPLACE FUNCTION raccord_own_structures(asking bigint) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 4 AS $$
BEGIN
    RETURN QUERY SELECT m.structure_id FROM raccord_memberships(asking) m
    WHERE m.role IN ('head', 'correspondent', 'lead', 'agent', 'basin_referent');
END
$$;

-- Apart from the table it guards, whose own rule asks here.
CREATE OR REPLACE FUNCTION raccord_attended_meetings(asking bigint) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 20 AS $$
BEGIN
    RETURN QUERY SELECT a.meeting_id FROM followup_attendance a
    WHERE a.structure_id IN (SELECT raccord_own_structures(asking));
END
$$;

-- Whom to tell in a structure that something waits there: those whose membership opens the case to them. Asked by whoever
-- acts, who may not read who works elsewhere: it answers with numbers, which name nobody.
CREATE OR REPLACE FUNCTION raccord_people_of(structure bigint, asked uuid) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp ROWS 10 AS $$
BEGIN
    RETURN QUERY
    SELECT DISTINCT m.user_id FROM accounts_membership m
    JOIN accounts_user u ON u.id = m.user_id AND u.is_active
    WHERE m.structure_id = structure AND m.revoked_at IS NULL AND m.starts_on <= raccord_today()
        AND (m.ends_on IS NULL OR m.ends_on >= raccord_today())
        AND (m.confirm_before IS NULL OR m.confirm_before >= raccord_today())
        AND (m.role IN ('head', 'lead', 'agent', 'ien_io', 'dasen', 'basin_referent')
            OR m.role = 'correspondent' AND (m.scope = 'whole'
                OR m.scope = 'pupils' AND EXISTS (SELECT FROM accounts_entrusted e
                    WHERE e.membership_id = m.id AND asked = ANY (e.pupils))));
END
$$;

-- Whatever closes a case (an act, a night), the relay that waited for an answer waits no more.
CREATE OR REPLACE FUNCTION raccord_relay_overtaken() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    closed uuid[] := ARRAY(SELECT id FROM changed WHERE status = 'closed');
BEGIN
    IF cardinality(closed) = 0 THEN
        RETURN NULL;
    END IF;
    WITH ended AS (
        UPDATE followup_handover h SET status = 'overtaken', answered_at = now()
        WHERE h.case_id = ANY (closed) AND h.status = 'waiting'
        RETURNING h.case_id, h.receiver_id)
    UPDATE followup_party p SET until = raccord_today() FROM ended e
    WHERE p.case_id = e.case_id AND p.structure_id = e.receiver_id AND p.kind = 'receiver' AND p.until IS NULL;
    RETURN NULL;
END
$$;

DROP TRIGGER IF EXISTS relay_overtaken ON followup_case;
CREATE TRIGGER relay_overtaken AFTER UPDATE ON followup_case REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION raccord_relay_overtaken();
