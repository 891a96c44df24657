-- Takes due messages, the oldest of each case first, at most so many for each endpoint: names, how many, the lease in milliseconds,
-- whether a dead message holds back what comes later in its case, messages a second (0: any number) and how many of those at once.
-- Pushing next_attempt_at forward is the lease: a claim that is never ended comes back by itself. due_at is left alone, and so is every
-- index: what is under way is passed over by each claim. The token keeps a late sender from writing over a newer one. OFFSET 0: the
-- planner is to look into the index for each message, not to join, whatever it believes of the size of the queue. A claim reaches the
-- disk before its message is sent: undone by a crash of the server, its number would be given to another attempt, and the ledger would
-- lack one. The shift (microseconds) is that of a rehearsal's clock, for the time of the signature: 0 in service.
-- Refusals: client errors in a row up to now, since the message was put into the queue or replayed.
WITH t AS MATERIALIZED (SELECT ehcwatch.clock() AS now),
asked AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::integer[], $3::integer[], $4::boolean[], $5::integer[], $6::integer[])
        a (name, free, lease, strict, rate, burst)),
awake AS MATERIALIZED (
    SELECT a.*, p.endpoint_id, p.circuit FROM asked a JOIN ehcwatch.endpoint p USING (name) CROSS JOIN t
    WHERE p.disabled_at IS NULL AND coalesce(p.paused_until <= t.now, true)),
-- A probe and a rate are for one daemon at a time to use: their endpoint's row is locked, and one that another holds is left to it.
-- What is further ahead than a burst, or than the longest wait of a circuit, was written before the clock was put back: it does not hold.
careful AS MATERIALIZED (
    SELECT a.*, p.circuit <> 'closed' AS probe, ahead.s AS ahead, floor(a.burst - a.rate * ahead.s + 0.001)::integer AS allowed
    FROM awake a JOIN ehcwatch.endpoint p USING (endpoint_id) CROSS JOIN t
    CROSS JOIN LATERAL (SELECT extract(epoch FROM p.rate_at - t.now) AS s) r
    CROSS JOIN LATERAL (SELECT CASE WHEN r.s > 0 AND r.s * a.rate <= a.burst + a.rate THEN r.s ELSE 0 END AS s) ahead
    WHERE (p.circuit = 'closed' AND a.rate > 0)
       OR (p.circuit <> 'closed' AND (p.open_until <= t.now OR p.open_until > t.now + interval '31 minutes'))
    FOR NO KEY UPDATE OF p SKIP LOCKED),
lane AS (
    SELECT endpoint_id, name, lease, strict, rate, free, 0 AS ahead FROM awake WHERE circuit = 'closed' AND rate = 0
    UNION ALL
    SELECT endpoint_id, name, lease, strict, rate, greatest(least(free, allowed), 0), ahead FROM careful WHERE NOT probe),
c AS MATERIALIZED (
    SELECT o.outbox_id, e.endpoint_id, e.name, e.lease, e.rate, e.ahead, false AS probe
    FROM lane e CROSS JOIN LATERAL (
        SELECT outbox_id FROM ehcwatch.outbox q
        WHERE q.endpoint_id = e.endpoint_id AND q.state = 'pending' AND q.due_at > '-infinity' AND q.due_at <= (SELECT now FROM t)
          AND q.next_attempt_at <= (SELECT now FROM t)
          AND NOT EXISTS (SELECT 1 FROM ehcwatch.outbox b
                          WHERE b.endpoint_id = q.endpoint_id AND b.case_id = q.case_id AND b.seq < q.seq AND b.state = 'pending' OFFSET 0)
          AND NOT (e.strict AND EXISTS (SELECT 1 FROM ehcwatch.outbox b
                          WHERE b.endpoint_id = q.endpoint_id AND b.case_id = q.case_id AND b.seq < q.seq AND b.state = 'dead' OFFSET 0))
        ORDER BY q.due_at, q.outbox_id LIMIT e.free FOR UPDATE SKIP LOCKED) o
    UNION ALL
    SELECT o.outbox_id, e.endpoint_id, e.name, e.lease, 0, 0, true
    FROM careful e CROSS JOIN LATERAL (
        SELECT outbox_id FROM ehcwatch.outbox q
        WHERE q.endpoint_id = e.endpoint_id AND q.state = 'pending' AND q.due_at > '-infinity' AND q.due_at <= (SELECT now FROM t)
          AND q.next_attempt_at <= (SELECT now FROM t)
          AND NOT EXISTS (SELECT 1 FROM ehcwatch.outbox b
                          WHERE b.endpoint_id = q.endpoint_id AND b.case_id = q.case_id AND b.seq < q.seq AND b.state = 'pending' OFFSET 0)
          AND NOT (e.strict AND EXISTS (SELECT 1 FROM ehcwatch.outbox b
                          WHERE b.endpoint_id = q.endpoint_id AND b.case_id = q.case_id AND b.seq < q.seq AND b.state = 'dead' OFFSET 0))
        ORDER BY q.outbox_id LIMIT 1 FOR UPDATE SKIP LOCKED) o
    WHERE e.probe),
-- Should the prober die, another may probe when its lease has ended.
probing AS (
    UPDATE ehcwatch.endpoint p
    SET circuit = 'half_open', circuit_since = t.now, open_until = t.now + make_interval(secs => c.lease / 1000.0)
    FROM c CROSS JOIN t WHERE c.probe AND p.endpoint_id = c.endpoint_id),
paying AS (
    UPDATE ehcwatch.endpoint p
    SET rate_at = t.now + make_interval(secs => n.ahead::double precision + n.n / n.rate::double precision)
    FROM (SELECT endpoint_id, rate, ahead, count(*) AS n FROM c WHERE rate > 0 GROUP BY endpoint_id, rate, ahead) n CROSS JOIN t
    WHERE p.endpoint_id = n.endpoint_id)
UPDATE ehcwatch.outbox o
SET next_attempt_at = t.now + make_interval(secs => c.lease / 1000.0), claim = gen_random_uuid()::text,
    attempts = o.attempts + 1, tries = o.tries + 1, tried_since = CASE WHEN o.tries = 0 THEN t.now ELSE o.tried_since END
FROM c CROSS JOIN t
WHERE o.outbox_id = c.outbox_id
RETURNING o.outbox_id::text, c.name, o.message_id, o.claim, o.attempts::text, o.tries::text, o.content_type,
    (extract(epoch FROM t.now - now()) * 1000000)::bigint::text AS shift, o.body,
    (extract(epoch FROM t.now - coalesce(o.tried_since, t.now)) * 1000)::bigint::text AS age, c.probe::text,
    CASE WHEN o.reason IS DISTINCT FROM 'client_error' OR o.tries = 1 THEN '0' ELSE (
        SELECT least(count(*), o.tries - 1)::text FROM ehcwatch.attempt a
        WHERE a.outbox_id = o.outbox_id AND a.reason = 'client_error'
          AND a.n > coalesce((SELECT max(b.n) FROM ehcwatch.attempt b
                              WHERE b.outbox_id = o.outbox_id AND b.reason NOT IN ('client_error', 'cancelled')), 0)) END AS refusals
