-- Marks a meeting as held at $1 (microseconds since 1970; NULL: now) by $2, unless that is later than now: then false.
WITH t AS MATERIALIZED (
    SELECT date_trunc('second', coalesce(to_timestamp($1::bigint / 1000000.0), ehcwatch.clock())) AS at),
put AS (
    INSERT INTO ehcwatch.meeting (held_at, marked_by) SELECT at, $2 FROM t WHERE at <= ehcwatch.clock()
    ON CONFLICT DO NOTHING)
SELECT at <= ehcwatch.clock(), (extract(epoch FROM at) * 1000000)::bigint FROM t
