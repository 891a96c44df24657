-- The civil date of the evaluation and the time of the snapshot, from the database's clock, in the snapshot itself. The setting
-- ehcwatch.now puts another time in its place, for tests and rehearsals; the daemon warns when it is set.
SELECT (t.at AT TIME ZONE 'Europe/London')::date - date '1970-01-01',
       (extract(epoch FROM t.at) * 1000000)::bigint,
       coalesce(current_setting('ehcwatch.now', true), '')
FROM (SELECT coalesce(nullif(current_setting('ehcwatch.now', true), '')::timestamptz, now()) AS at) t
