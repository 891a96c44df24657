-- What was overdue on the last evaluated day of each ISO week from $1 to the day before $2, of the limits $3: by locality and team, and how many of
-- these are of the limit $4. A day of which nothing was overdue has one row without a place.
WITH days AS MATERIALIZED (
    SELECT DISTINCT ON (date_trunc('week', day)) day, limits, observed
    FROM ehcwatch.history_day WHERE day >= $1::date AND day < $2::date ORDER BY date_trunc('week', day), day DESC),
counts AS (
    SELECT c.day, s.locality, s.team, sum(c.n) AS overdue, coalesce(sum(c.n) FILTER (WHERE s.limit_id = $4), 0) AS plans
    FROM ehcwatch.history_series s
    JOIN ehcwatch.history_count c USING (series_id)
    WHERE c.day BETWEEN $1::date AND $2::date AND c.day IN (SELECT day FROM days) AND c.n > 0
      AND s.state = 'breached' AND s.limit_id = ANY ($3::text[])
    GROUP BY c.day, s.locality, s.team)
SELECT d.day - date '1970-01-01', d.limits, d.observed, c.locality, c.team, c.overdue, c.plans
FROM days d LEFT JOIN counts c USING (day) ORDER BY d.day
