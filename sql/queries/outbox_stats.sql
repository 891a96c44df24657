-- How the queue of each endpoint stands, and how long until something is due (milliseconds; NULL: nothing is pending).
SELECT e.name, p.pending, d.dead, p.oldest, p.next_ms
FROM ehcwatch.endpoint e
CROSS JOIN LATERAL (
    SELECT count(*) AS pending, (extract(epoch FROM min(created_at)) * 1000000)::bigint AS oldest,
           (extract(epoch FROM min(next_attempt_at) - ehcwatch.clock()) * 1000)::bigint AS next_ms
    FROM ehcwatch.outbox o WHERE o.endpoint_id = e.endpoint_id AND o.state = 'pending') p
CROSS JOIN LATERAL (
    SELECT count(*) AS dead FROM ehcwatch.outbox o WHERE o.endpoint_id = e.endpoint_id AND o.state = 'dead') d
WHERE e.enabled
