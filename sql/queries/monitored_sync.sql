-- The limits under watch become these; one that comes (again) begins with a baseline. A row when this daemon leads ($2, $3); else nothing is done.
WITH fence AS MATERIALIZED (
    SELECT FROM ehcwatch.lease WHERE holder = $2 AND term = $3::bigint FOR KEY SHARE),
dropped AS (
    DELETE FROM ehcwatch.monitored WHERE limit_id <> ALL ($1::text[]) AND EXISTS (SELECT FROM fence)),
added AS (
    INSERT INTO ehcwatch.monitored (limit_id) SELECT l FROM fence CROSS JOIN unnest($1::text[]) l ON CONFLICT (limit_id) DO NOTHING)
SELECT FROM fence
