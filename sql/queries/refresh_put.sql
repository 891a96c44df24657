-- The parts of a refresh of an Alertmanager ($1), each in the row that the last one had; a part under way is overtaken by the new one.
-- On the word of the leader ($4, $5), in the term in which it was read: what was read before a pause must not be told over what is so.
WITH fence AS MATERIALIZED (
    SELECT FROM ehcwatch.lease WHERE holder = $4 AND term = $5::bigint FOR KEY SHARE),
endpoint AS (
    SELECT endpoint_id FROM ehcwatch.endpoint WHERE name = $1 AND EXISTS (SELECT FROM fence)),
fewer AS (
    UPDATE ehcwatch.outbox o SET state = 'superseded', claim = NULL, reason = 'refreshed', ended_at = ehcwatch.clock()
    FROM endpoint e
    WHERE o.endpoint_id = e.endpoint_id AND o.type = 'alerts.refresh' AND o.state = 'pending'
      AND split_part(o.message_id, '_', 3)::integer > cardinality($2::bytea[]))
INSERT INTO ehcwatch.outbox (message_id, endpoint_id, type, body, content_type)
SELECT 'refresh_' || e.endpoint_id || '_' || u.n, e.endpoint_id, 'alerts.refresh', u.body, $3
FROM endpoint e, unnest($2::bytea[]) WITH ORDINALITY u (body, n)
ON CONFLICT (message_id, endpoint_id) DO UPDATE
SET body = EXCLUDED.body, content_type = EXCLUDED.content_type, state = 'pending', claim = NULL, tries = 0, reason = NULL,
    created_at = ehcwatch.clock(), next_attempt_at = ehcwatch.clock(), due_at = ehcwatch.clock(), ended_at = NULL
