INSERT INTO ehcwatch.case_state (case_id, digest) SELECT unnest($1::bigint[]), 0 ON CONFLICT (case_id) DO NOTHING
