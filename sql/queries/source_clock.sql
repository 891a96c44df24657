-- The civil date of the evaluation and the time of the snapshot, from the database's clock, in the snapshot itself; and what stands in
-- for that clock, if anything does, for tests and rehearsals: the setting ehcwatch.now, else the row of ehcwatch.rehearsal. That table is
-- there only when our own schema lives in this database too, and a query that named it would not be understood where it is not:
-- hence the way through query_to_xml, which reads it in this very snapshot. The daemon warns.
WITH rehearsal AS MATERIALIZED (
    SELECT to_timestamp(substring(query_to_xml('SELECT (extract(epoch FROM at) * 1000000)::bigint AS at FROM ehcwatch.rehearsal', false, true, '')::text
                                  FROM '<at>(-?[0-9]+)</at>')::numeric / 1000000) AS at
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'ehcwatch' AND c.relname = 'rehearsal' AND c.relkind = 'r'
      AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')),
shown AS (
    SELECT nullif(current_setting('ehcwatch.now', true), '') AS setting, (SELECT at FROM rehearsal) AS rehearsed)
SELECT (t.at AT TIME ZONE 'Europe/London')::date - date '1970-01-01',
       (extract(epoch FROM t.at) * 1000000)::bigint,
       CASE WHEN setting IS NOT NULL THEN 'the setting ehcwatch.now' WHEN rehearsed IS NOT NULL THEN 'the table ehcwatch.rehearsal' ELSE '' END
FROM shown, LATERAL (SELECT coalesce(setting::timestamptz, rehearsed, now()) AS at) t
