-- The agenda makes itself: of the cases of the group that whoever plans sees, those that something calls for, each for
-- its first reason. Never before 16 (L.131-1: that is the DSDEN's), never a protected schooling nor an invented person.
WITH former AS (
    SELECT max(m.closed_at) AS at FROM followup_meeting m
    WHERE m.group_id = %(group)s AND m.status = 'closed'
),
reach AS (
    SELECT c.id, c.stage, c.lane, p.search_name, q.since
    FROM followup_case c
    JOIN followup_person p ON p.id = c.person_id
    LEFT JOIN LATERAL (
        SELECT min(q.since) AS since FROM followup_party q
        WHERE q.case_id = c.id AND q.structure_id = %(group)s AND q.until IS NULL
            AND q.kind IN ('holder', 'associated')) q ON true
    WHERE c.id = ANY ((SELECT raccord_case_array(%(user)s))::uuid[])
        AND c.status <> 'closed' AND c.lane <> 'under_16' AND NOT c.provisional
        AND (p.birth_date IS NULL OR p.birth_date <= %(today)s::date - interval '16 years')
        AND NOT p.hidden AND p.protected_at IS NULL AND NOT p.training
        AND (q.since IS NOT NULL OR c.basin_id = ANY (%(basins)s::bigint[]))
        AND NOT EXISTS (SELECT FROM followup_agendaitem i WHERE i.meeting_id = %(meeting)s AND i.case_id = c.id)
),
-- what the group said of each case when it last saw it
said AS (
    SELECT DISTINCT ON (i.case_id) i.case_id, i.decision, COALESCE(i.decided_at, m.closed_at) AS at
    FROM followup_agendaitem i JOIN followup_meeting m ON m.id = i.meeting_id
    WHERE m.group_id = %(group)s AND m.status = 'closed'
    ORDER BY i.case_id, m.closed_at DESC
),
called AS (
    SELECT r.*, CASE
        WHEN EXISTS (SELECT FROM followup_timelineevent e WHERE e.case_id = r.id AND e.kind = 'associated'
                AND e.facts ->> 'why' = 'group' AND e.facts ->> 'structure' = %(name)s
                AND e.at > COALESCE(said.at, '-infinity'))
            OR EXISTS (SELECT FROM followup_mandate t WHERE t.case_id = r.id AND t.result = 'sent_back'
                AND t.reported_on >= COALESCE(raccord_day(former.at), '-infinity')) THEN 'asked'
        WHEN EXISTS (SELECT FROM followup_handover h WHERE h.case_id = r.id
                AND h.status IN ('sent_back', 'redirected', 'lapsed')
                AND h.answered_at > COALESCE(former.at, '-infinity')
                AND NOT EXISTS (SELECT FROM followup_handover n WHERE n.case_id = r.id
                    AND n.asked_at >= h.answered_at AND n.status = 'accepted')) THEN 'sent_back'
        WHEN EXISTS (SELECT FROM followup_mandate t WHERE t.case_id = r.id AND t.status = 'given'
                AND t.report_by < %(on)s) THEN 'overdue'
        WHEN said.decision IN ('postponed', '') THEN 'postponed'
        WHEN r.since IS NOT NULL AND said.case_id IS NULL THEN 'new'
        WHEN COALESCE(said.decision, '') <> 'nothing'
            AND (r.since IS NOT NULL AND r.stage <> 'care' OR r.stage = 'diagnosis')
            AND NOT EXISTS (SELECT FROM followup_recommendation d WHERE d.case_id = r.id)
            AND NOT EXISTS (SELECT FROM followup_mandate t WHERE t.case_id = r.id AND t.status = 'given')
            THEN 'undecided'
        END AS why
    FROM reach r CROSS JOIN former LEFT JOIN said ON said.case_id = r.id
)
INSERT INTO followup_agendaitem (id, meeting_id, case_id, rank, why, decision, added_at)
SELECT gen_random_uuid(), %(meeting)s, c.id,
    (SELECT COALESCE(max(i.rank), 0) FROM followup_agendaitem i WHERE i.meeting_id = %(meeting)s)
        + row_number() OVER (ORDER BY
            array_position(ARRAY['asked', 'sent_back', 'overdue', 'postponed', 'new', 'undecided'], c.why),
            c.lane NOT IN ('obligation_16_17', 'young_graduate'), c.search_name, c.id),
    c.why, '', now()
FROM called c WHERE c.why IS NOT NULL
ON CONFLICT (meeting_id, case_id) DO NOTHING
