-- Acknowledgements, the newest first: of the case $1 (NULL: of all, those in force alone) and the teams $2 (NULL: of all). Who reads after the last day of one sees it
-- as expired, whether or not the leader has got that far.
SELECT a.ack_id, a.kind, a.case_ref, a.limit_id, a.subject, a.start_on::text, a.state, a.who, a.reason,
       (extract(epoch FROM a.made_at) * 1000000)::bigint AS made_at, a.until::text,
       (extract(epoch FROM a.cleared_at) * 1000000)::bigint AS cleared_at,
       coalesce(a.cleared_by, CASE WHEN a.until < d.today THEN 'expired' ELSE '' END) AS cleared_by, coalesce(a.cleared_who, '') AS cleared_who
FROM ehcwatch.ack a, (SELECT (ehcwatch.clock() AT TIME ZONE 'Europe/London')::date AS today) d
WHERE (a.case_ref = $1 OR ($1::text IS NULL AND a.cleared_at IS NULL AND a.until >= d.today))
  AND ($2::text[] IS NULL OR EXISTS (SELECT FROM ehcwatch.case_state s WHERE s.case_id = a.case_id AND s.team = ANY ($2)))
ORDER BY a.ack_id DESC LIMIT 5000
