-- Queues one message that is about no case. No row: there is no such endpoint, or it is no longer configured.
INSERT INTO ehcwatch.outbox (message_id, endpoint_id, type, body, content_type)
SELECT $1, endpoint_id, $3, $4::bytea, $5 FROM ehcwatch.endpoint WHERE name = $2 AND enabled
RETURNING message_id
