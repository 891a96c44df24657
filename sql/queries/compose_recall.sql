-- Messages of people that have not come through, because their receiver does not answer, and are not on their way now: they are taken back,
-- so that when it does answer it gets one, with the net of all. Their changes wait again; their reminders are found again. Whoever held a claim whose
-- lease has run out holds it no longer: what he has to say of it must not bring the message back.
WITH recalled AS MATERIALIZED (
    UPDATE ehcwatch.outbox o SET state = 'superseded', claim = NULL, reason = 'recomposed', ended_at = ehcwatch.clock()
    WHERE o.endpoint_id = $1::integer AND o.state IN ('pending', 'dead') AND o.transition_id IS NULL
      AND (o.type LIKE 'obligation.%' OR o.type LIKE 'digest.%')
      AND (o.claim IS NULL OR o.next_attempt_at <= ehcwatch.clock())
    RETURNING o.outbox_id),
waiting AS (
    UPDATE ehcwatch.notice n SET state = 'waiting', outbox_id = NULL, ended_at = NULL
    FROM recalled r WHERE n.outbox_id = r.outbox_id AND n.kind = 'change')
DELETE FROM ehcwatch.notice n USING recalled r WHERE n.outbox_id = r.outbox_id AND n.kind <> 'change'
