-- Limits other than $2 are not counted on the day $1: what it has of them has become nought.
UPDATE ehcwatch.history_count c SET n = 0
FROM ehcwatch.history_series s
WHERE NOT s.limit_id = ANY ($2::text[]) AND c.series_id = s.series_id AND c.day = $1::date AND c.n <> 0
