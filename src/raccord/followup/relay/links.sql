-- A partner without account answers one thing by a dated link sent to the mailbox of its structure: take a relay or send it
-- back, answer a question. These functions run as the owner; they take the token itself, once, before a day, and give
-- back a first name, an initial and an age.

CREATE OR REPLACE FUNCTION raccord_live_partner_link(token text) RETURNS followup_partnerlink
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT l.* FROM followup_partnerlink l
    JOIN followup_case c ON c.id = l.case_id
    JOIN followup_person p ON p.id = c.person_id
    WHERE l.token_hash = encode(sha256(convert_to(token, 'UTF8')), 'hex')
        -- a protected schooling, a death: the link says nothing any more
        AND p.protected_at IS NULL AND NOT p.hidden AND NOT p.training
$$;

CREATE OR REPLACE FUNCTION raccord_partner_link(token text)
RETURNS TABLE (structure bigint, first_name varchar, initial text, birth_date date, lane varchar, stage varchar,
    departement varchar, sender varchar, sender_phone varchar, reason varchar, note varchar, question varchar,
    asked_at timestamptz, over boolean, answered boolean, objected boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT l.structure_id, p.first_name, left(p.last_name, 1), p.birth_date, c.lane, c.stage, c.departement_id,
        s.name, s.phone, h.reason, h.note, q.text, coalesce(h.asked_at, q.asked_at),
        l.expires_at < now(),
        l.used_at IS NOT NULL OR c.status = 'closed' OR h.status <> 'waiting' OR q.answered_at IS NOT NULL
            OR (q.id IS NOT NULL AND c.holder_id <> l.structure_id),
        EXISTS (SELECT FROM followup_information i
            WHERE i.case_id = c.id AND i.objects_to AND i.lifted_on IS NULL)
    FROM raccord_live_partner_link(token) l
    JOIN followup_case c ON c.id = l.case_id
    JOIN followup_person p ON p.id = c.person_id
    LEFT JOIN followup_handover h ON h.id = l.handover_id
    LEFT JOIN followup_question q ON q.id = l.question_id
    JOIN territory_structure s ON s.id = coalesce(h.sender_id, q.asker_id)
    WHERE l.id IS NOT NULL
$$;

-- `said`: accept, send_back (with why) or reply (with its words). True when it was taken; false when it cannot be (any more).
CREATE OR REPLACE FUNCTION raccord_partner_answer(token text, said text, words text, new_event uuid) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    link followup_partnerlink := raccord_live_partner_link(token);
    followed followup_case;
    relay followup_handover;
    asked followup_question;
    receiver territory_structure;
    told bigint;
    telling text;
BEGIN
    IF link.id IS NULL THEN
        RETURN false;
    END IF;
    -- two clicks at once: the second one waits here, then finds the first answer
    SELECT * INTO followed FROM followup_case WHERE id = link.case_id FOR UPDATE;
    SELECT * INTO link FROM followup_partnerlink WHERE id = link.id;
    SELECT * INTO relay FROM followup_handover WHERE id = link.handover_id AND status = 'waiting'
        AND receiver_id = link.structure_id;
    SELECT * INTO asked FROM followup_question WHERE id = link.question_id AND answered_at IS NULL
        AND followed.holder_id = link.structure_id;
    SELECT * INTO receiver FROM territory_structure WHERE id = link.structure_id;
    IF link.used_at IS NOT NULL OR link.expires_at < now() OR followed.status = 'closed' THEN
        RETURN false;
    END IF;
    IF said = 'reply' THEN
        IF asked.id IS NULL OR words = '' THEN
            RETURN false;
        END IF;
        UPDATE followup_question SET answer = left(words, 280), answered_at = now(), answerer_id = receiver.id
        WHERE id = asked.id;
        UPDATE followup_case SET version = version + 1, last_activity_at = now() WHERE id = followed.id;
        told := asked.asker_id;
        telling := 'answer';
        INSERT INTO followup_timelineevent (id, case_id, at, kind, author, structure_id, facts, note)
        VALUES (new_event, followed.id, clock_timestamp(), 'reply', receiver.name, receiver.id,
            jsonb_build_object('question', asked.id), '');
    ELSIF relay.id IS NULL THEN
        RETURN false;
    ELSIF said = 'accept' THEN
        told := relay.sender_id;
        telling := 'accepted';
        INSERT INTO followup_timelineevent (id, case_id, at, kind, author, structure_id, facts, note)
        SELECT new_event, followed.id, clock_timestamp(), 'accepted', receiver.name, receiver.id,
            jsonb_build_object('from', s.name, 'to', receiver.name), ''
        FROM territory_structure s WHERE s.id = relay.sender_id;
        UPDATE followup_handover SET status = 'accepted', answered_at = now() WHERE id = relay.id;
        -- as `relay.services.accept`: the parties follow the holder (sql/holder.sql)
        UPDATE followup_case c SET
            holder_id = receiver.id, held_since = raccord_today(), assigned_to_id = NULL, status = 'to_check',
            stage = CASE WHEN receiver.kind IN ('cio', 'psad') THEN 'diagnosis' ELSE 'care' END,
            next_act_on = NULL, worked_on_at = coalesce(worked_on_at, now()),
            version = version + 1, last_activity_at = now(),
            academie_id = coalesce(receiver.academie_id, c.academie_id),
            departement_id = CASE WHEN receiver.academie_id IS DISTINCT FROM c.academie_id
                AND receiver.academie_id IS NOT NULL THEN receiver.departement_id ELSE c.departement_id END,
            basin_id = CASE WHEN receiver.academie_id IS DISTINCT FROM c.academie_id
                AND receiver.academie_id IS NOT NULL THEN receiver.basin_id ELSE c.basin_id END
        WHERE id = followed.id;
    ELSIF said = 'send_back' THEN
        told := relay.sender_id;
        telling := 'sent_back';
        INSERT INTO followup_timelineevent (id, case_id, at, kind, author, structure_id, facts, note)
        VALUES (new_event, followed.id, clock_timestamp(), 'sent_back', receiver.name, receiver.id,
            jsonb_build_object('by', receiver.name, 'why', words), '');
        UPDATE followup_handover SET status = 'sent_back', answered_at = now(), return_reason = words
        WHERE id = relay.id;
        UPDATE followup_case SET status = 'to_check', version = version + 1, last_activity_at = now()
        WHERE id = followed.id;
        UPDATE followup_party SET until = raccord_today()
        WHERE case_id = followed.id AND structure_id = receiver.id AND followup_party.kind = 'receiver'
            AND until IS NULL;
    ELSE
        RETURN false;
    END IF;
    UPDATE followup_partnerlink SET used_at = now() WHERE id = link.id;
    INSERT INTO followup_notification (id, user_id, kind, case_id, structure_id, at)
    SELECT gen_random_uuid(), u, telling, followed.id, told, now()
    FROM raccord_people_of(told, followed.id) u;
    RETURN true;
END
$$;
