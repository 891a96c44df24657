-- Takes due messages, at most so many for each endpoint and $4 in all, the oldest of each case first. Pushing next_attempt_at forward is the
-- lease: a claim that is never ended comes back by itself. The token keeps a late sender from writing over a newer one. The shift
-- (microseconds) is that of a rehearsal's clock, for the time of the signature: 0 in service.
WITH c AS MATERIALIZED (
    SELECT o.outbox_id, e.lease
    FROM unnest($1::text[], $2::integer[], $3::integer[]) e (name, free, lease)
    JOIN ehcwatch.endpoint p USING (name)
    CROSS JOIN LATERAL (
        SELECT outbox_id, next_attempt_at FROM ehcwatch.outbox q
        WHERE q.endpoint_id = p.endpoint_id AND q.state = 'pending' AND q.next_attempt_at <= ehcwatch.clock()
          AND NOT EXISTS (SELECT 1 FROM ehcwatch.outbox b
                          WHERE b.endpoint_id = q.endpoint_id AND b.case_id = q.case_id AND b.seq < q.seq AND b.state = 'pending')
        ORDER BY q.next_attempt_at, q.outbox_id LIMIT e.free FOR UPDATE SKIP LOCKED) o
    ORDER BY o.next_attempt_at, o.outbox_id LIMIT $4::integer)
UPDATE ehcwatch.outbox o
SET next_attempt_at = ehcwatch.clock() + make_interval(secs => c.lease), claim = gen_random_uuid()::text,
    attempts = o.attempts + 1, tries = o.tries + 1
FROM c JOIN ehcwatch.outbox x USING (outbox_id) JOIN ehcwatch.endpoint p ON p.endpoint_id = x.endpoint_id
WHERE o.outbox_id = c.outbox_id
RETURNING o.outbox_id, p.name, o.message_id, o.claim, o.attempts, o.tries, o.content_type,
    (extract(epoch FROM ehcwatch.clock() - now()) * 1000000)::bigint AS shift, o.body
