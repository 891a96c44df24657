-- Reminders and escalations that a message was made of: none of them is made again.
INSERT INTO ehcwatch.notice (endpoint_id, kind, transition_id, case_id, limit_id, subject, start_on, from_state, to_state, due_on, since, step,
                             case_ref, locality, team, state, outbox_id, ended_at)
SELECT x.endpoint_id, u.kind,
       (SELECT t.transition_id FROM ehcwatch.transition t
        WHERE (t.case_id, t.limit_id, t.subject, t.start_on) = (o.case_id, o.limit_id, o.subject, o.start_on) ORDER BY t.seq DESC LIMIT 1),
       o.case_id, o.limit_id, o.subject, o.start_on, 'breached', 'breached', o.due_on, u.since, u.step, s.case_ref, s.locality, s.team, 'sent',
       x.outbox_id, ehcwatch.clock()
FROM unnest($2::bigint[], $3::text[], $4::text[], $5::date[], $6::date[], $7::text[], $8::integer[],
            $9::text[]) u (case_id, limit_id, subject, start_on, since, kind, step, message_id)
JOIN ehcwatch.outbox x ON x.message_id = u.message_id AND x.endpoint_id = $1::integer
JOIN ehcwatch.obligation o
  ON (o.case_id, o.limit_id, o.subject, o.start_on) = (u.case_id, u.limit_id, u.subject, u.start_on)
JOIN ehcwatch.case_state s ON s.case_id = o.case_id
