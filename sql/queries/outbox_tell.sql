-- A message of ours that no transition brought, for several endpoints, under one id ($1).
INSERT INTO ehcwatch.outbox (message_id, endpoint_id, type, body, content_type)
SELECT $1, e.endpoint_id, $2, u.body, u.content_type
FROM unnest($3::text[], $4::bytea[], $5::text[]) u (name, body, content_type)
JOIN ehcwatch.endpoint e USING (name)
