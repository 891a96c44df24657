-- What an endpoint is owed, obligation by obligation in the order of its coming; what is so by now, and what was told last.
SELECT n.notice_id, n.case_id, n.limit_id, n.subject, n.start_on - date '1970-01-01', n.from_state, n.to_state, t.type,
       t.due_before - date '1970-01-01', n.not_before <= ehcwatch.clock(), o.state, o.due_on - date '1970-01-01',
       o.closed_on - date '1970-01-01', o.since - date '1970-01-01', n.case_ref, n.locality, n.team, told.to_state
FROM ehcwatch.notice n
JOIN ehcwatch.transition t USING (transition_id)
JOIN ehcwatch.obligation o
  ON (o.case_id, o.limit_id, o.subject, o.start_on) = (n.case_id, n.limit_id, n.subject, n.start_on)
LEFT JOIN LATERAL (
    SELECT s.to_state FROM ehcwatch.notice s
    WHERE s.endpoint_id = n.endpoint_id AND s.case_id = n.case_id AND s.state = 'sent'
      AND (s.limit_id, s.subject, s.start_on) = (n.limit_id, n.subject, n.start_on)
    ORDER BY s.notice_id DESC LIMIT 1) told ON true
WHERE n.endpoint_id = $1::integer AND n.state = 'waiting' AND n.kind = 'change'
ORDER BY n.case_id, n.limit_id, n.subject, n.start_on, n.notice_id
