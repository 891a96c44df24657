-- As lease_take answers. Of a term that is over, nothing: also when the lease had run out, nobody else may have had it.
UPDATE ehcwatch.lease SET expires_at = ehcwatch.clock() + make_interval(secs => $3::float8)
WHERE holder = $1 AND term = $2::bigint
RETURNING holder, term, (extract(epoch FROM since) * 1000000)::bigint, extract(epoch FROM expires_at - ehcwatch.clock())
