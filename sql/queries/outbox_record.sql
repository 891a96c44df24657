-- What came of an attempt. The attempt is recorded whatever happened to the claim; the message is moved on only by its holder. $11: the
-- attempt was cancelled by ourselves and counts for nothing.
WITH attempt AS (
    INSERT INTO ehcwatch.attempt (outbox_id, n, signed_at, milliseconds, http_status, reason, response_head, endpoint_id)
    SELECT $1::bigint, $3::integer, to_timestamp($4::bigint), $5::integer, $6::integer, $7, $8, endpoint_id
    FROM ehcwatch.outbox WHERE outbox_id = $1::bigint
    ON CONFLICT (outbox_id, n) DO NOTHING)
UPDATE ehcwatch.outbox
SET state = $9,
    claim = NULL,
    tries = tries - $11::boolean::integer,
    reason = CASE WHEN $9 IN ('done', 'accepted') THEN NULL WHEN $11::boolean THEN reason ELSE $7 END,
    next_attempt_at = CASE WHEN $9 = 'pending' THEN ehcwatch.clock() + make_interval(secs => $10::bigint / 1000.0) ELSE next_attempt_at END,
    ended_at = CASE WHEN $9 = 'pending' THEN NULL ELSE ehcwatch.clock() END
WHERE outbox_id = $1::bigint AND claim = $2 AND state = 'pending'
