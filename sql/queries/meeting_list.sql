-- Meetings that were marked as held, the latest first.
SELECT (extract(epoch FROM held_at) * 1000000)::bigint, marked_by, (extract(epoch FROM marked_at) * 1000000)::bigint
FROM ehcwatch.meeting ORDER BY held_at DESC LIMIT $1::integer
