-- Endpoints that took a message. Their dead ones wait again, unless a later message about the same obligation was taken meanwhile: then
-- they are superseded. $2: the endpoint had taken nothing for a time, so that what it refused may be tried anew; a message that is
-- refused while others are taken stays dead. $3: it is mended, and what waits for a later attempt need not wait any longer.
WITH t AS MATERIALIZED (SELECT ehcwatch.clock() AS now),
u AS MATERIALIZED (
    SELECT u.*, p.endpoint_id FROM unnest($1::text[], $2::boolean[], $3::boolean[]) u (name, anew, mended) JOIN ehcwatch.endpoint p USING (name)),
dead AS MATERIALIZED (
    SELECT o.outbox_id, u.name, EXISTS (
        SELECT 1 FROM ehcwatch.transition a JOIN ehcwatch.outbox l ON l.case_id = o.case_id
        JOIN ehcwatch.transition b ON b.transition_id = l.transition_id
        WHERE a.transition_id = o.transition_id AND l.endpoint_id = o.endpoint_id AND l.state IN ('done', 'accepted')
          AND b.event_seq > a.event_seq AND (b.limit_id, b.subject, b.start_on) = (a.limit_id, a.subject, a.start_on)) AS overtaken
    FROM u JOIN ehcwatch.outbox o USING (endpoint_id)
    WHERE o.state = 'dead' AND (u.anew OR o.reason IS DISTINCT FROM 'client_error')),
hastened AS (
    UPDATE ehcwatch.outbox o SET next_attempt_at = t.now
    FROM u CROSS JOIN t
    WHERE o.endpoint_id = u.endpoint_id AND (u.mended OR u.anew) AND o.state = 'pending' AND o.claim IS NULL AND o.tries > 0
      AND o.next_attempt_at > t.now AND (u.anew OR o.reason IS DISTINCT FROM 'client_error'))
UPDATE ehcwatch.outbox o
SET state = CASE WHEN d.overtaken THEN 'superseded' ELSE 'pending' END,
    reason = CASE WHEN d.overtaken THEN 'overtaken' ELSE o.reason END,
    tries = CASE WHEN d.overtaken THEN o.tries ELSE 0 END,
    replays = o.replays + (NOT d.overtaken)::integer,
    next_attempt_at = t.now, due_at = t.now, claim = NULL, ended_at = CASE WHEN d.overtaken THEN t.now END
FROM dead d CROSS JOIN t
WHERE o.outbox_id = d.outbox_id
RETURNING d.name, d.overtaken
