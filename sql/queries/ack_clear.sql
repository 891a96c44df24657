-- What ends with what became of its obligation, in the transaction that writes that. One that had run out by $6 has expired.
UPDATE ehcwatch.ack a
SET cleared_at = ehcwatch.clock(), cleared_by = CASE WHEN a.until < $6::date THEN 'expired' ELSE u.cleared_by END
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::date[], $5::text[]) u (case_id, limit_id, subject, start_on, cleared_by)
WHERE a.case_id = u.case_id AND a.limit_id = u.limit_id AND a.subject = u.subject AND a.start_on = u.start_on AND a.cleared_at IS NULL
