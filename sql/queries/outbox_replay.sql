-- Queues messages again, the same ones with the same bytes, from the first step of the schedule: those named in $1, or all to the endpoint
-- $2 that are dead ($3), or that were made on or after the day $4 in England and were sent or given up. One that waits already is left alone.
WITH asked AS MATERIALIZED (
    SELECT o.outbox_id, o.state AS was
    FROM ehcwatch.outbox o JOIN ehcwatch.endpoint e USING (endpoint_id)
    WHERE o.state <> 'pending'
      AND CASE WHEN $1::text[] IS NOT NULL THEN o.message_id = ANY ($1) ELSE o.state <> 'superseded' END
      AND ($2::text IS NULL OR e.name = $2)
      AND (NOT $3::boolean OR o.state = 'dead')
      AND ($4::date IS NULL OR o.created_at >= $4::date::timestamp AT TIME ZONE 'Europe/London')
    ORDER BY o.outbox_id FOR UPDATE OF o),
again AS (
    UPDATE ehcwatch.outbox o
    SET state = 'pending', tries = 0, replays = o.replays + 1, claim = NULL, next_attempt_at = ehcwatch.clock(), due_at = ehcwatch.clock(),
        ended_at = NULL, reason = NULL
    FROM asked a WHERE o.outbox_id = a.outbox_id
    RETURNING o.message_id, o.endpoint_id)
SELECT g.message_id, e.name, e.enabled AND e.disabled_at IS NULL AS sends
FROM again g JOIN ehcwatch.endpoint e USING (endpoint_id) ORDER BY 1, 2
