-- Obligations on the days $1, in the localities $4 and teams $5 (NULL: any), and of the teams $6 that the caller may see: the day, the places of
-- limit and state in $2 and $3, and how many.
SELECT c.day - date '1970-01-01', array_position($2::text[], s.limit_id), array_position($3::text[], s.state), sum(c.n)
FROM ehcwatch.history_series s
JOIN ehcwatch.history_count c USING (series_id)
WHERE c.day BETWEEN ($1::date[])[1] AND ($1::date[])[cardinality($1::date[])] AND c.day = ANY ($1::date[])
  AND s.limit_id = ANY ($2::text[]) AND s.state = ANY ($3::text[])
  AND ($4::text[] IS NULL OR s.locality = ANY ($4::text[])) AND ($5::text[] IS NULL OR s.team = ANY ($5::text[]))
  AND ($6::text[] IS NULL OR s.team = ANY ($6::text[]))
GROUP BY c.day, s.limit_id, s.state
