-- Takes back the acknowledgement numbered $1 on behalf of $2, whoever made it ($3) or only when that is the same; of a case of
-- another team than $4 (NULL: any) there is none. Answers with how it was
-- before and whether it was taken back; no row: there is none of that number.
WITH taken AS (
    UPDATE ehcwatch.ack SET cleared_at = ehcwatch.clock(), cleared_by = 'withdrawn', cleared_who = $2
    WHERE ack_id = $1::bigint AND cleared_at IS NULL AND until >= (ehcwatch.clock() AT TIME ZONE 'Europe/London')::date
      AND ($3::boolean OR who = $2)
      AND ($4::text[] IS NULL OR EXISTS (SELECT FROM ehcwatch.case_state s WHERE s.case_id = ack.case_id AND s.team = ANY ($4)))
    RETURNING ack_id)
SELECT a.who, coalesce(a.cleared_by, 'expired'), a.case_ref, a.limit_id, EXISTS (SELECT FROM taken) AS taken,
       a.cleared_at IS NULL AND a.until >= (ehcwatch.clock() AT TIME ZONE 'Europe/London')::date AS held
FROM ehcwatch.ack a WHERE a.ack_id = $1::bigint
  AND ($4::text[] IS NULL OR EXISTS (SELECT FROM ehcwatch.case_state s WHERE s.case_id = a.case_id AND s.team = ANY ($4)))
