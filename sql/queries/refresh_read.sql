-- What an Alertmanager ($1) was told and what of it still fires, or ended within the last $3 seconds; nothing when it was told again less than
-- half of $2 seconds ago, by whichever daemon. The last columns: the clock, its date in England, and as what it was last told to fire.
SELECT s.case_ref, s.locality, s.team, o.limit_id, o.subject, o.start_on - date '1970-01-01', o.due_on - date '1970-01-01',
       o.closed_on - date '1970-01-01', o.state, o.since - date '1970-01-01', (extract(epoch FROM ehcwatch.clock()) * 1000000)::bigint,
       (ehcwatch.clock() AT TIME ZONE 'Europe/London')::date - date '1970-01-01',
       CASE WHEN o.state IN ('at_risk', 'breached') THEN o.state ELSE ended.from_state END
FROM ehcwatch.obligation o
JOIN ehcwatch.case_state s USING (case_id)
LEFT JOIN ehcwatch.transition ended ON ended.case_id = o.case_id AND ended.limit_id = o.limit_id AND ended.subject = o.subject
    AND ended.start_on = o.start_on AND ended.seq = o.seq AND ended.from_state IN ('at_risk', 'breached')
    AND ended.recorded_at > ehcwatch.clock() - make_interval(secs => $3::integer)
WHERE o.seq > 0 AND (o.state IN ('at_risk', 'breached') AND NOT o.gone OR ended.transition_id IS NOT NULL)
  AND NOT EXISTS (SELECT FROM ehcwatch.outbox b JOIN ehcwatch.endpoint e USING (endpoint_id)
                  WHERE e.name = $1 AND b.message_id = 'refresh_' || e.endpoint_id || '_1'
                    AND b.created_at > ehcwatch.clock() - make_interval(secs => $2::integer / 2.0))
ORDER BY o.case_id, o.limit_id, o.subject, o.start_on
