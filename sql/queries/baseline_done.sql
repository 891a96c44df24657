-- Ends the baseline of these limits and owes every endpoint one summary, under one id, in its format. Nothing is owed when another daemon ended it first, and nothing is
-- done, and no row answered, by one that no longer leads ($4, $5).
WITH fence AS MATERIALIZED (
    SELECT FROM ehcwatch.lease WHERE holder = $4 AND term = $5::bigint FOR KEY SHARE),
ended AS (
    UPDATE ehcwatch.monitored SET baselined_at = ehcwatch.clock()
    WHERE limit_id = ANY ($1::text[]) AND baselined_at IS NULL AND EXISTS (SELECT FROM fence) RETURNING 1),
owed AS (
    INSERT INTO ehcwatch.outbox (message_id, endpoint_id, type, body, content_type)
    SELECT $7, e.endpoint_id, 'baseline.summary', u.body, u.content_type
    FROM unnest($2::text[], $3::bytea[], $6::text[]) u (name, body, content_type) JOIN ehcwatch.endpoint e USING (name)
    WHERE EXISTS (SELECT FROM ended))
SELECT FROM fence
