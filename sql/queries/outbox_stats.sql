-- How each endpoint and its queue stand, and how long until something may be sent (milliseconds; NULL: nothing that waits may).
SELECT e.name, p.pending, d.dead, p.oldest,
       CASE WHEN e.disabled_at IS NULL AND p.next IS NOT NULL THEN
           (extract(epoch FROM greatest(p.next, e.paused_until, CASE WHEN e.circuit <> 'closed' THEN e.open_until END) - t.now) * 1000)::bigint
       END AS next_ms,
       e.circuit, (extract(epoch FROM e.last_success_at) * 1000000)::bigint AS last_success, e.failing_since IS NOT NULL AS failing
FROM (SELECT ehcwatch.clock() AS now) t CROSS JOIN ehcwatch.endpoint e
CROSS JOIN LATERAL (
    SELECT count(*) AS pending, (extract(epoch FROM min(created_at)) * 1000000)::bigint AS oldest, min(next_attempt_at) AS next
    FROM ehcwatch.outbox o WHERE o.endpoint_id = e.endpoint_id AND o.state = 'pending') p
CROSS JOIN LATERAL (
    SELECT count(*) AS dead FROM ehcwatch.outbox o WHERE o.endpoint_id = e.endpoint_id AND o.state = 'dead') d
WHERE e.enabled
