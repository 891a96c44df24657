-- Marks a meeting as held at $1 (microseconds since 1970; NULL: now) by $2, unless that is later than now. No row: it is, or that very meeting
-- is marked.
INSERT INTO ehcwatch.meeting (held_at, marked_by)
SELECT date_trunc('second', t.at), $2
FROM (SELECT coalesce(to_timestamp($1::bigint / 1000000.0), ehcwatch.clock()) AS at) t
WHERE t.at <= ehcwatch.clock()
ON CONFLICT DO NOTHING
RETURNING (extract(epoch FROM held_at) * 1000000)::bigint
