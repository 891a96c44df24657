-- Deletes at most $4 acknowledgements that ended more than $3 days ago. As in purge_outbox, nothing that an open transaction is older than.
WITH leader AS MATERIALIZED (SELECT FROM ehcwatch.lease WHERE holder = $1 AND term = $2::bigint FOR KEY SHARE),
horizon AS MATERIALIZED (
    SELECT pg_snapshot_xmax(s)::text::bigint AS top, pg_snapshot_xmax(s)::text::bigint - pg_snapshot_xmin(s)::text::bigint AS open
    FROM pg_current_snapshot() s, leader),
old AS MATERIALIZED (
    SELECT a.ack_id FROM ehcwatch.ack a, horizon h
    WHERE a.cleared_at < ehcwatch.clock() - make_interval(days => $3::integer) AND ((h.top - a.xmin::text::bigint) & 4294967295) > h.open
    ORDER BY a.ack_id LIMIT $4::integer),
acks AS (DELETE FROM ehcwatch.ack USING old WHERE ack.ack_id = old.ack_id RETURNING 1)
SELECT (SELECT count(*) FROM acks), 0, 0 FROM leader
