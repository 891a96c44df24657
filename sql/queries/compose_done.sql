UPDATE ehcwatch.digest
SET last_at = CASE WHEN $2::boolean THEN ehcwatch.clock() ELSE last_at END, reminded_on = coalesce($3::date, reminded_on)
WHERE endpoint_id = $1::integer
