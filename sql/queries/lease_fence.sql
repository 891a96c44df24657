-- The first statement of every transaction that only the leader may make: no row, and it must be rolled back. Until it ends, the term cannot
-- change hands, while the holder's own renewals, which leave the key alone, go on.
SELECT FROM ehcwatch.lease WHERE holder = $1 AND term = $2::bigint FOR KEY SHARE
