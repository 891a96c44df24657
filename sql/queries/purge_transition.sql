-- Deletes at most $4 transitions older than $3 days that nothing refers to and that are not the last of their obligation, and notices of
-- that age that were superseded. As in purge_outbox, nothing that an open transaction is older than.
WITH leader AS MATERIALIZED (SELECT FROM ehcwatch.lease WHERE holder = $1 AND term = $2::bigint FOR KEY SHARE),
horizon AS MATERIALIZED (
    SELECT pg_snapshot_xmax(s)::text::bigint AS top, pg_snapshot_xmax(s)::text::bigint - pg_snapshot_xmin(s)::text::bigint AS open,
           ehcwatch.clock() - make_interval(days => $3::integer) AS before
    FROM pg_current_snapshot() s, leader),
spent AS MATERIALIZED (
    SELECT n.notice_id FROM ehcwatch.notice n, horizon h
    WHERE n.state = 'superseded' AND n.outbox_id IS NULL AND n.ended_at < h.before AND ((h.top - n.xmin::text::bigint) & 4294967295) > h.open
    ORDER BY n.notice_id LIMIT $4::integer FOR UPDATE OF n SKIP LOCKED),
old AS MATERIALIZED (
    SELECT t.transition_id FROM ehcwatch.transition t, horizon h
    WHERE t.recorded_at < h.before AND ((h.top - t.xmin::text::bigint) & 4294967295) > h.open
      AND NOT EXISTS (SELECT FROM ehcwatch.outbox o WHERE o.transition_id = t.transition_id)
      AND NOT EXISTS (SELECT FROM ehcwatch.notice n WHERE n.transition_id = t.transition_id)
      AND EXISTS (SELECT FROM ehcwatch.transition l
                  WHERE l.case_id = t.case_id AND l.limit_id = t.limit_id AND l.subject = t.subject AND l.start_on = t.start_on AND l.seq > t.seq)
    ORDER BY t.transition_id LIMIT $4::integer),
notices AS (DELETE FROM ehcwatch.notice USING spent WHERE notice.notice_id = spent.notice_id RETURNING 1),
transitions AS (DELETE FROM ehcwatch.transition USING old WHERE transition.transition_id = old.transition_id RETURNING 1)
SELECT (SELECT count(*) FROM transitions), (SELECT count(*) FROM notices), 0 FROM leader
