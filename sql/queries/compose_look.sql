-- Where the endpoints for people stand ($2: which those are): the clock, the last digest, the last reminding, and from when on something may be told.
-- An endpoint that is new begins now. One that was for people until its `send` was changed is told what waits for it since then.
WITH asked AS MATERIALIZED (
    SELECT e.endpoint_id, e.name,
           (SELECT min(n.not_before) FROM ehcwatch.notice n WHERE n.endpoint_id = e.endpoint_id AND n.state = 'waiting') AS waiting, u.people
    FROM unnest($1::text[], $2::boolean[]) u (name, people) JOIN ehcwatch.endpoint e USING (name)),
begun AS (
    INSERT INTO ehcwatch.digest (endpoint_id)
    SELECT endpoint_id FROM asked e
    WHERE (people OR waiting IS NOT NULL) AND NOT EXISTS (SELECT FROM ehcwatch.digest d WHERE d.endpoint_id = e.endpoint_id)
    ON CONFLICT DO NOTHING)
SELECT e.name, floor(extract(epoch FROM ehcwatch.clock()) * 1000000)::bigint,
       floor(extract(epoch FROM coalesce(d.last_at, ehcwatch.clock())) * 1000000)::bigint, d.reminded_on - date '1970-01-01',
       floor(extract(epoch FROM waiting) * 1000000)::bigint
FROM asked e LEFT JOIN ehcwatch.digest d USING (endpoint_id)
WHERE people OR waiting IS NOT NULL
