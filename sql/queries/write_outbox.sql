INSERT INTO ehcwatch.outbox (message_id, transition_id, endpoint_id, case_id, seq, type, body, content_type)
SELECT t.message_id, t.transition_id, e.endpoint_id, t.case_id, t.event_seq, t.type, u.body, u.content_type
FROM unnest($1::bigint[], $2::integer[], $3::text[], $4::bytea[], $5::text[]) WITH ORDINALITY
     u (case_id, event_seq, endpoint, body, content_type, n)
JOIN ehcwatch.transition t ON t.case_id = u.case_id AND t.event_seq = u.event_seq
JOIN ehcwatch.endpoint e ON e.name = u.endpoint
ORDER BY u.n
