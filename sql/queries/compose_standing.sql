-- What is overdue, and with $3 what is at risk, whether or not it changed; with $2, the date, whether an acknowledgement holds; and
-- what this endpoint was already reminded of.
SELECT o.case_id, o.limit_id, o.subject, o.start_on - date '1970-01-01', o.state, o.due_on - date '1970-01-01',
       o.since - date '1970-01-01', s.case_ref, s.locality, s.team,
       EXISTS (SELECT FROM ehcwatch.ack a
               WHERE (a.case_id, a.limit_id, a.subject, a.start_on) = (o.case_id, o.limit_id, o.subject, o.start_on)
                 AND a.cleared_at IS NULL AND a.until >= $2::date),
       (SELECT max(r.step) FROM ehcwatch.notice r
        WHERE (r.endpoint_id, r.case_id, r.limit_id, r.subject, r.start_on, r.kind, r.since)
              = ($1::integer, o.case_id, o.limit_id, o.subject, o.start_on, 'reminder', o.since)),
       (SELECT max(r.step) FROM ehcwatch.notice r
        WHERE (r.endpoint_id, r.case_id, r.limit_id, r.subject, r.start_on, r.kind, r.since)
              = ($1::integer, o.case_id, o.limit_id, o.subject, o.start_on, 'escalation', o.since))
FROM ehcwatch.obligation o
JOIN ehcwatch.monitored m USING (limit_id)
JOIN ehcwatch.case_state s USING (case_id)
WHERE NOT o.gone AND (o.state = 'breached' OR $3::boolean AND o.state = 'at_risk')
ORDER BY o.due_on, s.case_ref, o.limit_id, o.subject, o.start_on
