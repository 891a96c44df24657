INSERT INTO ehcwatch.transition (case_id, limit_id, subject, start_on, seq, event_seq, type, from_state, to_state, due_before, due_on,
                                 closed_on, message_id, as_of, known_at, rulebook)
SELECT u.*, $14::date, to_timestamp($15::bigint / 1000000.0), $16
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::date[], $5::integer[], $6::integer[], $7::text[], $8::text[], $9::text[],
            $10::date[], $11::date[], $12::date[], $13::text[]) u
