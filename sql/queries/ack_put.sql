-- Makes an acknowledgement of the obligation (case $1 called $2, limit $3, subject $4, start $5), which must still be in the state $6. One
-- that has run out is ended first. No row: the state has changed, or somebody else was faster.
WITH o AS MATERIALIZED (
    SELECT case_id, limit_id, subject, start_on, state FROM ehcwatch.obligation
    WHERE case_id = $1::bigint AND limit_id = $3 AND subject = $4 AND start_on = $5::date AND state = $6 AND NOT gone
    FOR SHARE),
old AS (
    UPDATE ehcwatch.ack a SET cleared_at = ehcwatch.clock(), cleared_by = 'expired'
    FROM o WHERE a.case_id = o.case_id AND a.limit_id = o.limit_id AND a.subject = o.subject AND a.start_on = o.start_on
      AND a.cleared_at IS NULL AND a.until < (ehcwatch.clock() AT TIME ZONE 'Europe/London')::date
    RETURNING 1)
INSERT INTO ehcwatch.ack (kind, case_id, case_ref, limit_id, subject, start_on, state, who, reason, until)
SELECT $7, o.case_id, $2, o.limit_id, o.subject, o.start_on, o.state, $8, $9, $10::date
FROM o CROSS JOIN (SELECT count(*) FROM old) ended
ON CONFLICT (case_id, limit_id, subject, start_on) WHERE cleared_at IS NULL DO NOTHING
RETURNING ack_id
