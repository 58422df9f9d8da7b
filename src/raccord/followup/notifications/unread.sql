-- The bell: how many lines wait for somebody, asked with their memberships before anybody acts. A number, which names nobody.
CREATE OR REPLACE FUNCTION raccord_unread(asking bigint) RETURNS integer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    RETURN (SELECT count(*) FROM (SELECT FROM followup_notification
        WHERE user_id = asking AND read_at IS NULL LIMIT 100) unread);
END
$$;

-- A structure that no longer takes part has nothing left to do there: what told it so waits no more, and is not sent.
CREATE OR REPLACE FUNCTION raccord_notified_no_more() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE followup_notification SET read_at = now()
    WHERE case_id = NEW.case_id AND structure_id = NEW.structure_id AND read_at IS NULL
        AND NOT EXISTS (SELECT FROM followup_party p WHERE p.case_id = NEW.case_id
            AND p.structure_id = NEW.structure_id AND p.until IS NULL);
    RETURN NULL;
END
$$;

DROP TRIGGER IF EXISTS notified_no_more ON followup_party;
CREATE TRIGGER notified_no_more AFTER UPDATE OF until ON followup_party
    FOR EACH ROW WHEN (OLD.until IS NULL AND NEW.until IS NOT NULL)
    EXECUTE FUNCTION raccord_notified_no_more();
