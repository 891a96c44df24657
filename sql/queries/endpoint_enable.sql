-- An operator says that the endpoint works again: what was stopped by 410, by a circuit or at the receiver's wish goes on at once, and so
-- does what waited for its next attempt.
WITH e AS (
    UPDATE ehcwatch.endpoint e
    SET disabled_at = NULL, disabled_reason = NULL, circuit = 'closed', circuit_since = ehcwatch.clock(), failures = 0, circuit_wait = 0,
        open_until = NULL, paused_until = NULL, failing_since = NULL
    FROM ehcwatch.endpoint b
    WHERE e.name = $1 AND b.endpoint_id = e.endpoint_id
    RETURNING e.endpoint_id, CASE WHEN b.disabled_at IS NOT NULL THEN 'disabled' WHEN b.circuit <> 'closed' THEN 'being spared'
                                  WHEN b.failing_since IS NOT NULL THEN 'failing' ELSE 'well' END AS was, e.enabled),
due AS (
    UPDATE ehcwatch.outbox o SET next_attempt_at = ehcwatch.clock()
    FROM e WHERE o.endpoint_id = e.endpoint_id AND o.state = 'pending' AND o.claim IS NULL AND o.next_attempt_at > ehcwatch.clock())
SELECT was, enabled FROM e
