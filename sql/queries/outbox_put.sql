-- Queues one message that is about no case. No row: there is no such endpoint, or it is no longer configured. Says whether
-- anything is sent to it at present.
INSERT INTO ehcwatch.outbox (message_id, endpoint_id, type, body, content_type)
SELECT $1, endpoint_id, $3, $4::bytea, $5 FROM ehcwatch.endpoint WHERE name = $2 AND enabled
RETURNING (SELECT e.disabled_at IS NULL FROM ehcwatch.endpoint e WHERE e.endpoint_id = outbox.endpoint_id) AS sends
