-- Takes the lease for $2 seconds when nobody has it: it has ended, or its end is so far off that the clock must have been put back, or
-- its holder ($3) is known to be dead. Answers with the lease as it is then: holder, term, microseconds since 1970, seconds left. Leaves a lease
-- that somebody else holds unlocked.
WITH taken AS (
    UPDATE ehcwatch.lease
    SET holder = $1, term = term + 1, since = ehcwatch.clock(), expires_at = ehcwatch.clock() + make_interval(secs => $2::float8)
    WHERE holder IN ($1, $3) OR expires_at <= ehcwatch.clock()
       OR expires_at > ehcwatch.clock() + make_interval(secs => $2::float8)
    RETURNING holder, term, since, expires_at),
first AS (
    INSERT INTO ehcwatch.lease (holder, term, since, expires_at)
    SELECT $1, 1, ehcwatch.clock(), ehcwatch.clock() + make_interval(secs => $2::float8)
    WHERE NOT EXISTS (SELECT FROM ehcwatch.lease)
    ON CONFLICT (singleton) DO NOTHING RETURNING holder, term, since, expires_at)
SELECT holder, term, (extract(epoch FROM since) * 1000000)::bigint, extract(epoch FROM expires_at - ehcwatch.clock())
FROM (SELECT 1 AS n, * FROM taken UNION ALL SELECT 1, * FROM first
      UNION ALL SELECT 2, holder, term, since, expires_at FROM ehcwatch.lease) l
ORDER BY n LIMIT 1
