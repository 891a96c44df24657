UPDATE ehcwatch.case_state s
SET digest = u.digest, event_seq = u.event_seq, case_ref = u.case_ref, locality = u.locality, team = u.team, changed_at = ehcwatch.clock()
FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::text[], $5::text[], $6::text[]) u (case_id, digest, event_seq, case_ref, locality, team)
WHERE s.case_id = u.case_id
