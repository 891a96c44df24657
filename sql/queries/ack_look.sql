-- What there is to acknowledge: the obligations of the case $1 under the limit $2, if it is of the teams $3 (NULL: any), with the acknowledgement in force. The date in England is
-- there even without one.
SELECT d.today::text, o.case_id, o.subject, o.start_on::text, o.state, a.who, a.until::text
FROM (SELECT (ehcwatch.clock() AT TIME ZONE 'Europe/London')::date AS today) d
LEFT JOIN (ehcwatch.case_state s JOIN ehcwatch.obligation o ON o.case_id = s.case_id AND o.limit_id = $2 AND NOT o.gone)
    ON s.case_ref = $1 AND ($3::text[] IS NULL OR s.team = ANY ($3))
LEFT JOIN ehcwatch.ack a ON a.case_id = o.case_id AND a.limit_id = o.limit_id AND a.subject = o.subject AND a.start_on = o.start_on
    AND a.cleared_at IS NULL AND a.until >= d.today
ORDER BY o.case_id, o.subject, o.start_on
