-- The configured endpoints; one that is configured no longer keeps its messages and is not claimed from. A row when this daemon leads ($2, $3);
-- else nothing is done.
WITH fence AS MATERIALIZED (
    SELECT FROM ehcwatch.lease WHERE holder = $2 AND term = $3::bigint FOR KEY SHARE),
off AS (
    UPDATE ehcwatch.endpoint SET enabled = false WHERE name <> ALL ($1::text[]) AND enabled AND EXISTS (SELECT FROM fence)),
present AS (
    INSERT INTO ehcwatch.endpoint (name) SELECT n FROM fence CROSS JOIN unnest($1::text[]) n
    ON CONFLICT (name) DO UPDATE SET enabled = true WHERE NOT endpoint.enabled)
SELECT FROM fence
