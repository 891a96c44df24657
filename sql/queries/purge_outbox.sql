-- Deletes at most $4 messages that ended more than $3 days ago, with their attempts and notices, on the word of the leader ($1, $2): what
-- was delivered or superseded, never what is pending or was given up, nor what escalated or reminded of a breach that still stands: without it
-- that would be told once more. Answers how many of each; no row: no longer the leader.
-- A row is let go only when every transaction that was open when it was last written has ended: what such a transaction does may
-- become visible long after its time stamp, and whoever reads up to the horizon has not passed it yet. A row's xmin has 32 bits: it is
-- young when it lies in the window between the oldest open transaction and the next. One that has wrapped around into the window waits.
WITH leader AS MATERIALIZED (SELECT FROM ehcwatch.lease WHERE holder = $1 AND term = $2::bigint FOR KEY SHARE),
horizon AS MATERIALIZED (
    SELECT pg_snapshot_xmax(s)::text::bigint AS top, pg_snapshot_xmax(s)::text::bigint - pg_snapshot_xmin(s)::text::bigint AS open
    FROM pg_current_snapshot() s, leader),
old AS MATERIALIZED (
    SELECT o.outbox_id FROM ehcwatch.outbox o, horizon h
    WHERE o.state IN ('done', 'accepted', 'superseded') AND o.ended_at < ehcwatch.clock() - make_interval(days => $3::integer)
      AND ((h.top - o.xmin::text::bigint) & 4294967295) > h.open
      AND NOT EXISTS (SELECT FROM ehcwatch.notice n WHERE n.outbox_id = o.outbox_id AND n.state = 'waiting')
      AND NOT EXISTS (SELECT FROM ehcwatch.notice n JOIN ehcwatch.obligation b USING (case_id, limit_id, subject, start_on, since)
                      WHERE n.outbox_id = o.outbox_id AND n.kind <> 'change' AND b.state = 'breached' AND NOT b.gone)
    ORDER BY o.outbox_id LIMIT $4::integer FOR UPDATE OF o SKIP LOCKED),
attempts AS (DELETE FROM ehcwatch.attempt USING old WHERE attempt.outbox_id = old.outbox_id RETURNING 1),
notices AS (DELETE FROM ehcwatch.notice USING old WHERE notice.outbox_id = old.outbox_id RETURNING 1),
messages AS (DELETE FROM ehcwatch.outbox USING old WHERE outbox.outbox_id = old.outbox_id RETURNING 1)
SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM attempts), (SELECT count(*) FROM notices) FROM leader
