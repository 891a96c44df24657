INSERT INTO ehcwatch.obligation (case_id, limit_id, subject, start_on, due_on, closed_on, state, exception, gone, seq, since)
SELECT u.*, $11::date FROM unnest($1::bigint[], $2::text[], $3::text[], $4::date[], $5::date[], $6::date[], $7::text[], $8::text[],
                                  $9::boolean[], $10::integer[]) u
ON CONFLICT (case_id, limit_id, subject, start_on) DO UPDATE
SET due_on = excluded.due_on, closed_on = excluded.closed_on, state = excluded.state, exception = excluded.exception,
    gone = excluded.gone, seq = excluded.seq,
    since = CASE WHEN obligation.state = excluded.state THEN obligation.since ELSE excluded.since END
