-- Where the endpoints for people stand: the clock, the last digest, the last reminding, and from when on something may be told.
-- An endpoint that is new begins now.
WITH begun AS (
    INSERT INTO ehcwatch.digest (endpoint_id)
    SELECT endpoint_id FROM ehcwatch.endpoint e
    WHERE name = ANY ($1::text[]) AND NOT EXISTS (SELECT FROM ehcwatch.digest d WHERE d.endpoint_id = e.endpoint_id)
    ON CONFLICT DO NOTHING)
SELECT e.name, floor(extract(epoch FROM ehcwatch.clock()) * 1000000)::bigint,
       floor(extract(epoch FROM coalesce(d.last_at, ehcwatch.clock())) * 1000000)::bigint, d.reminded_on - date '1970-01-01',
       (SELECT floor(extract(epoch FROM min(n.not_before)) * 1000000)::bigint FROM ehcwatch.notice n
        WHERE n.endpoint_id = e.endpoint_id AND n.state = 'waiting')
FROM ehcwatch.endpoint e LEFT JOIN ehcwatch.digest d USING (endpoint_id)
WHERE e.name = ANY ($1::text[])
