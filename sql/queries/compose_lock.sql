-- The same of one endpoint, for the length of the transaction: two composers never make a message of the same notices.
SELECT e.name, floor(extract(epoch FROM ehcwatch.clock()) * 1000000)::bigint,
       floor(extract(epoch FROM d.last_at) * 1000000)::bigint, d.reminded_on - date '1970-01-01',
       (SELECT floor(extract(epoch FROM min(n.not_before)) * 1000000)::bigint FROM ehcwatch.notice n
        WHERE n.endpoint_id = e.endpoint_id AND n.state = 'waiting'),
       e.endpoint_id
FROM ehcwatch.digest d JOIN ehcwatch.endpoint e USING (endpoint_id)
WHERE e.name = $1 FOR UPDATE OF d
