-- What people are owed, after the transition, the new state and the case's own words are written. One that is held is so until the
-- beginning of a later day in England. An endpoint that is not in the table would lose its own in silence: NOT NULL refuses it.
INSERT INTO ehcwatch.notice (endpoint_id, kind, transition_id, case_id, limit_id, subject, start_on, from_state, to_state, due_on, since,
                             case_ref, locality, team, not_before)
SELECT e.endpoint_id, 'change', t.transition_id, t.case_id, t.limit_id, t.subject, t.start_on, t.from_state, t.to_state, t.due_on, o.since,
       s.case_ref, s.locality, s.team,
       CASE WHEN u.settle > 0 THEN ((ehcwatch.clock() AT TIME ZONE 'Europe/London')::date + u.settle)::timestamp AT TIME ZONE 'Europe/London'
            ELSE ehcwatch.clock() END
FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::integer[]) WITH ORDINALITY u (case_id, event_seq, endpoint, settle, n)
JOIN ehcwatch.transition t ON t.case_id = u.case_id AND t.event_seq = u.event_seq
JOIN ehcwatch.obligation o ON (o.case_id, o.limit_id, o.subject, o.start_on) = (t.case_id, t.limit_id, t.subject, t.start_on)
JOIN ehcwatch.case_state s ON s.case_id = t.case_id
LEFT JOIN ehcwatch.endpoint e ON e.name = u.endpoint
ORDER BY u.n
