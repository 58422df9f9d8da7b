-- Whatever opens a case again (an act, a night, an undoing): what was due has lost its object.
CREATE OR REPLACE FUNCTION raccord_reviews_overtaken() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE followup_review SET status = 'overtaken' WHERE case_id = NEW.id AND status = 'due';
    RETURN NULL;
END
$$;

DROP TRIGGER IF EXISTS reviews_overtaken ON followup_case;
CREATE TRIGGER reviews_overtaken AFTER UPDATE OF status ON followup_case
    FOR EACH ROW WHEN (OLD.status = 'closed' AND NEW.status <> 'closed')
    EXECUTE FUNCTION raccord_reviews_overtaken();
