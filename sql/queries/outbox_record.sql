-- What came of attempts. Each is recorded whatever happened to its claim, once; the message is moved on only by the claim's holder
-- (only one that is pending has a claim). An attempt that we cancelled ourselves counts for nothing. Returns those that had not been recorded before.
WITH t AS MATERIALIZED (SELECT ehcwatch.clock() AS now),
u AS MATERIALIZED (
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::integer[], $4::bigint[], $5::integer[], $6::integer[], $7::text[], $8::text[],
                         $9::text[], $10::bigint[], $11::boolean[])
        u (outbox_id, claim, n, signed_at, milliseconds, http_status, reason, head, state, wait, cancelled)),
fresh AS (
    INSERT INTO ehcwatch.attempt (outbox_id, n, signed_at, milliseconds, http_status, reason, response_head, endpoint_id, daemon, recorded_at)
    SELECT u.outbox_id, u.n, to_timestamp(u.signed_at), u.milliseconds, u.http_status, u.reason, u.head, o.endpoint_id, $12, t.now
    FROM u JOIN ehcwatch.outbox o USING (outbox_id) CROSS JOIN t
    ON CONFLICT (outbox_id, n) DO NOTHING
    RETURNING outbox_id, n),
moved AS (
    UPDATE ehcwatch.outbox o
    SET state = u.state,
        claim = NULL,
        tries = o.tries - u.cancelled::integer,
        reason = CASE WHEN u.state IN ('done', 'accepted') THEN NULL WHEN u.cancelled THEN o.reason ELSE u.reason END,
        next_attempt_at = CASE WHEN u.state = 'pending' THEN t.now + make_interval(secs => u.wait / 1000.0) ELSE o.next_attempt_at END,
        due_at = CASE WHEN u.state = 'pending' THEN t.now + make_interval(secs => u.wait / 1000.0) ELSE o.due_at END,
        ended_at = CASE WHEN u.state = 'pending' THEN NULL ELSE t.now END
    FROM u CROSS JOIN t
    WHERE o.outbox_id = u.outbox_id AND o.claim = u.claim)
SELECT outbox_id, n FROM fresh
