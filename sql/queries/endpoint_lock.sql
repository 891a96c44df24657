-- Endpoints that attempts were made at, for one daemon at a time to decide upon. $2: something failed there, so that the share of
-- failures is wanted (reasons that count as one: $3), over $4 seconds since the circuit was closed and $5 attempts at most. `first`:
-- the next success is the first since the operator was told.
SELECT p.name, p.circuit, p.failures, p.circuit_wait, w.recent, w.failed, p.failing_since IS NOT NULL AS failing,
       coalesce(p.last_success_at <= p.failing_since, true) AS first,
       EXISTS (SELECT 1 FROM ehcwatch.outbox o WHERE o.endpoint_id = p.endpoint_id AND o.state = 'dead') AS dead,
       p.disabled_at IS NOT NULL AS disabled
FROM unnest($1::text[], $2::boolean[]) u (name, failed) JOIN ehcwatch.endpoint p USING (name)
CROSS JOIN LATERAL (
    SELECT count(*) AS recent, count(*) FILTER (WHERE a.reason = ANY ($3::text[])) AS failed
    FROM (SELECT reason FROM ehcwatch.attempt
          WHERE u.failed AND endpoint_id = p.endpoint_id AND reason <> 'cancelled'
            AND recorded_at > greatest(ehcwatch.clock() - make_interval(secs => $4::integer), p.circuit_since)
          ORDER BY recorded_at DESC LIMIT $5::integer) a) w
ORDER BY p.endpoint_id
FOR NO KEY UPDATE OF p
