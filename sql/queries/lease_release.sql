-- An orderly end: whoever stands by need not wait, and is told.
WITH released AS (
    UPDATE ehcwatch.lease SET expires_at = ehcwatch.clock() WHERE holder = $1 AND term = $2::bigint RETURNING 1)
SELECT pg_notify('ehcwatch_outbox', '') FROM released
