-- Counts of the day $1, whose numbers history_series has seen to. Of the limits in $2 they are all there are: what else the day has of these
-- has become nought. Only what differs is written.
WITH given AS MATERIALIZED (
    SELECT s.series_id, u.n
    FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::integer[]) u (limit_id, state, locality, team, n)
    JOIN ehcwatch.history_series s USING (limit_id, state, locality, team)),
gone AS (
    UPDATE ehcwatch.history_count c SET n = 0
    FROM ehcwatch.history_series s
    WHERE s.limit_id = ANY ($2::text[]) AND c.series_id = s.series_id AND c.day = $1::date AND c.n <> 0
      AND NOT EXISTS (SELECT FROM given g WHERE g.series_id = c.series_id))
INSERT INTO ehcwatch.history_count (series_id, day, n)
SELECT series_id, $1::date, n FROM given ORDER BY series_id
ON CONFLICT (series_id, day) DO UPDATE SET n = excluded.n WHERE history_count.n <> excluded.n
