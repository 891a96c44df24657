-- A day of the history: $1 is its date, $2 whether it was observed, $3 the time of its evaluation. No row: it stays as it is, because it was
-- observed later in the day, or observed, which this one was not.
INSERT INTO ehcwatch.history_day (day, observed, evaluated_at, rulebook, limits, requested, assessing, refused, plan, ended, breached_cases)
SELECT $1::date, $2::boolean, to_timestamp($3::bigint / 1000000.0), $4, $5::text[], $6::integer, $7::integer, $8::integer, $9::integer,
       $10::integer, $11::integer
ON CONFLICT (day) DO UPDATE
SET observed = excluded.observed, evaluated_at = excluded.evaluated_at, rulebook = excluded.rulebook, limits = excluded.limits,
    requested = excluded.requested, assessing = excluded.assessing, refused = excluded.refused, plan = excluded.plan,
    ended = excluded.ended, breached_cases = excluded.breached_cases
WHERE NOT history_day.observed OR excluded.observed AND excluded.evaluated_at >= history_day.evaluated_at
RETURNING day
