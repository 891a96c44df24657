-- What attempts have shown of their endpoints: circuit, failures in a row, seconds of its wait, milliseconds until the next probe (NULL: as
-- it was), milliseconds of rest that the receiver asked for, whether something was taken, whether somebody must look, whether it is
-- gone. Somebody must look until something is taken and nothing that was refused still waits. Returns whether that is so.
WITH t AS MATERIALIZED (SELECT ehcwatch.clock() AS now),
u AS MATERIALIZED (
    SELECT u.*, p.endpoint_id
    FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::bigint[], $6::bigint[], $7::boolean[], $8::boolean[], $9::boolean[])
        u (name, circuit, failures, wait, probe, rest, taken, look, gone)
    JOIN ehcwatch.endpoint p USING (name))
UPDATE ehcwatch.endpoint p
SET circuit = u.circuit,
    circuit_since = CASE WHEN u.circuit <> p.circuit THEN t.now ELSE p.circuit_since END,
    failures = u.failures,
    circuit_wait = u.wait,
    open_until = CASE WHEN u.circuit = 'closed' THEN NULL WHEN u.probe IS NULL THEN p.open_until
                      ELSE t.now + make_interval(secs => u.probe / 1000.0) END,
    paused_until = CASE WHEN u.rest > 0 THEN greatest(p.paused_until, t.now + make_interval(secs => u.rest / 1000.0)) ELSE p.paused_until END,
    last_success_at = CASE WHEN u.taken THEN t.now ELSE p.last_success_at END,
    failing_since = CASE WHEN u.look THEN coalesce(p.failing_since, t.now)
                         WHEN p.failing_since IS NULL THEN NULL
                         WHEN u.taken AND NOT EXISTS (SELECT 1 FROM ehcwatch.outbox o WHERE o.endpoint_id = p.endpoint_id
                                                      AND o.state = 'pending' AND o.reason = 'client_error') THEN NULL
                         ELSE p.failing_since END,
    disabled_at = CASE WHEN u.gone THEN coalesce(p.disabled_at, t.now) ELSE p.disabled_at END,
    disabled_reason = CASE WHEN u.gone AND p.disabled_at IS NULL THEN 'gone' ELSE p.disabled_reason END
FROM u CROSS JOIN t
WHERE p.endpoint_id = u.endpoint_id
RETURNING p.name, p.failing_since IS NOT NULL
