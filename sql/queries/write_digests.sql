UPDATE ehcwatch.case_state s SET digest = u.digest, event_seq = u.event_seq, changed_at = now()
FROM unnest($1::bigint[], $2::bigint[], $3::integer[]) u (case_id, digest, event_seq) WHERE s.case_id = u.case_id
