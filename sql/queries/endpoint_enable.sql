-- An operator says that the endpoint works again: what was stopped by 410, by a circuit or at the receiver's wish goes on at once.
UPDATE ehcwatch.endpoint e
SET disabled_at = NULL, disabled_reason = NULL, circuit = 'closed', failures = 0, circuit_wait = 0, open_until = NULL, paused_until = NULL
FROM ehcwatch.endpoint b
WHERE e.name = $1 AND b.endpoint_id = e.endpoint_id
RETURNING CASE WHEN b.disabled_at IS NOT NULL THEN 'disabled' ELSE b.circuit END, e.enabled
