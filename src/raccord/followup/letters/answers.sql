-- What a visitor without account may do with a one-time link: see whom it is about (a first name and a school), and
-- answer once. These functions run as the owner; they take the token itself, so that knowing its digest opens nothing,
-- and give back or accept nothing else.

CREATE OR REPLACE FUNCTION raccord_live_link(token text) RETURNS followup_answerlink
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT l.* FROM followup_answerlink l
    JOIN followup_message m ON m.id = l.message_id
    JOIN followup_case c ON c.id = l.case_id
    JOIN followup_person p ON p.id = c.person_id
    WHERE l.digest = sha256(convert_to(token, 'UTF8'))
        -- a protected schooling, a death, a message taken back: the link says nothing any more
        AND p.protected_at IS NULL AND NOT p.hidden
        AND NOT EXISTS (SELECT FROM followup_timelineevent u WHERE u.undoes_id = m.event_id)
$$;

CREATE OR REPLACE FUNCTION raccord_link(token text)
RETURNS TABLE (first_name varchar, school varchar, school_phone varchar, academie varchar, audience varchar,
    expired boolean, answered varchar, answered_at timestamptz, recall_on date)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.first_name, s.name, s.phone, c.academie_id, m.audience, l.expires_on < raccord_today(),
        a.kind, a.at, a.recall_on
    FROM raccord_live_link(token) l
    JOIN followup_message m ON m.id = l.message_id
    JOIN territory_structure s ON s.id = m.structure_id
    JOIN followup_case c ON c.id = l.case_id
    JOIN followup_person p ON p.id = c.person_id
    LEFT JOIN followup_answer a ON a.link_id = l.id
    WHERE l.id IS NOT NULL
$$;

-- True when the answer was taken; false when the link cannot be answered (any more).
CREATE OR REPLACE FUNCTION raccord_answer(token text, new_answer uuid, new_event uuid, said text, named bigint,
    written text, number text, wished text, recall date) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    link followup_answerlink;
    message followup_message;
    followed followup_case;
BEGIN
    link := raccord_live_link(token);
    IF link.id IS NULL OR link.expires_on < raccord_today()
        OR said NOT IN ('enrolled', 'call_back', 'looking', 'not_now', 'not_me') THEN
        RETURN false;
    END IF;
    -- two clicks at once: the second one waits here, then finds the first answer
    SELECT * INTO followed FROM followup_case WHERE id = link.case_id FOR UPDATE;
    IF EXISTS (SELECT FROM followup_answer WHERE link_id = link.id) THEN
        RETURN false;
    END IF;
    SELECT * INTO message FROM followup_message WHERE id = link.message_id;
    INSERT INTO followup_timelineevent (id, case_id, at, kind, author, facts, note)
    VALUES (new_event, link.case_id, clock_timestamp(), 'answer',
        CASE message.audience WHEN 'family' THEN 'la famille' ELSE 'le jeune' END,
        jsonb_strip_nulls(jsonb_build_object('said', said, 'recall_on', recall)), '');
    INSERT INTO followup_answer (id, link_id, case_id, event_id, at, kind, structure_id, place, phone, moment, recall_on)
    VALUES (new_answer, link.id, link.case_id, new_event, clock_timestamp(), said, named, left(written, 120),
        left(number, 30), left(wished, 12), recall);
    UPDATE followup_case SET
        version = version + 1,
        last_activity_at = clock_timestamp(),
        contact_state = CASE said WHEN 'not_me' THEN 'wrong_details' ELSE 'reached' END,
        -- closed or transmitted, it stays so: the answer waits on the sheet
        status = CASE
            WHEN status IN ('closed', 'transmitted') OR said = 'not_me' THEN status
            WHEN said = 'enrolled' THEN 'to_confirm'
            WHEN said = 'not_now' THEN 'paused'
            ELSE 'to_check' END,
        next_act_on = CASE
            WHEN status = 'closed' OR said = 'not_me' THEN next_act_on
            WHEN said = 'enrolled' THEN NULL
            WHEN said = 'looking' THEN raccord_today()
            ELSE recall END
    WHERE id = link.case_id;
    RETURN true;
END
$$;
