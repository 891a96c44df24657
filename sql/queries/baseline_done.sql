-- Ends the baseline of these limits and owes every endpoint one summary. Nothing is owed when another daemon ended it first.
WITH ended AS (
    UPDATE ehcwatch.monitored SET baselined_at = now() WHERE limit_id = ANY ($1::text[]) AND baselined_at IS NULL RETURNING 1),
message AS (
    SELECT 'msg_' || replace(gen_random_uuid()::text, '-', '') AS id WHERE EXISTS (SELECT 1 FROM ended))
INSERT INTO ehcwatch.outbox (message_id, endpoint_id, type, body)
SELECT m.id, e.endpoint_id, 'baseline.summary', $3::bytea
FROM message m JOIN ehcwatch.endpoint e ON e.name = ANY ($2::text[])
