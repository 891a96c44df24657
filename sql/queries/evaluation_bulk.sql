-- An import begins to be written: $1 is the date that it is judged by. A row when this daemon leads ($3, $4); else nothing is done.
WITH fence AS MATERIALIZED (
    SELECT FROM ehcwatch.lease WHERE holder = $3 AND term = $4::bigint FOR KEY SHARE),
begun AS (
    UPDATE ehcwatch.evaluation SET bulk_since = $1::date, bulk_cases = $2::integer WHERE EXISTS (SELECT FROM fence))
SELECT FROM fence
