-- All is written that an evaluation found: notes it, ends the baseline of these limits ($1), and owes the endpoints ($8) one summary under the id
-- $7, unless that is NULL. A row when this daemon leads ($2, $3); else nothing is done.
WITH fence AS MATERIALIZED (
    SELECT FROM ehcwatch.lease WHERE holder = $2 AND term = $3::bigint FOR KEY SHARE),
ended AS (
    UPDATE ehcwatch.monitored SET baselined_at = ehcwatch.clock()
    WHERE limit_id = ANY ($1::text[]) AND baselined_at IS NULL AND EXISTS (SELECT FROM fence)),
noted AS (
    INSERT INTO ehcwatch.evaluation (as_of, known_at, rules)
    SELECT $4::date, to_timestamp($5::bigint / 1000000.0), $6 FROM fence
    ON CONFLICT (singleton) DO UPDATE
    SET as_of = excluded.as_of, known_at = excluded.known_at, rules = excluded.rules, bulk_since = NULL, bulk_cases = 0),
owed AS (
    INSERT INTO ehcwatch.outbox (message_id, endpoint_id, type, body, content_type)
    SELECT $7, e.endpoint_id, 'baseline.summary', u.body, u.content_type
    FROM fence CROSS JOIN unnest($8::text[], $9::bytea[], $10::text[]) u (name, body, content_type)
    JOIN ehcwatch.endpoint e USING (name)
    WHERE $7::text IS NOT NULL)
SELECT FROM fence
