-- The first to see a fact decides when it was.
INSERT INTO ehcwatch.first_seen (case_id, event, subject, occurred_on, seen_at)
SELECT u.case_id, u.event, u.subject, coalesce(u.occurred_on, '-infinity'), coalesce(to_timestamp(u.seen), '-infinity')
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::date[], $5::bigint[]) u (case_id, event, subject, occurred_on, seen)
ON CONFLICT DO NOTHING
