-- Ends the baseline of these limits and owes every endpoint one summary. Nothing is owed when another daemon ended it first, and nothing is
-- done, and no row answered, by one that no longer leads ($4, $5).
WITH fence AS MATERIALIZED (
    SELECT FROM ehcwatch.lease WHERE holder = $4 AND term = $5::bigint FOR KEY SHARE),
ended AS (
    UPDATE ehcwatch.monitored SET baselined_at = ehcwatch.clock()
    WHERE limit_id = ANY ($1::text[]) AND baselined_at IS NULL AND EXISTS (SELECT FROM fence) RETURNING 1),
message AS (
    SELECT 'msg_' || replace(gen_random_uuid()::text, '-', '') AS id WHERE EXISTS (SELECT FROM ended)),
owed AS (
    INSERT INTO ehcwatch.outbox (message_id, endpoint_id, type, body)
    SELECT m.id, e.endpoint_id, 'baseline.summary', $3::bytea
    FROM message m JOIN ehcwatch.endpoint e ON e.name = ANY ($2::text[]))
SELECT FROM fence
