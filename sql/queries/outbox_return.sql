-- Gives claims back that were not used: nothing was sent.
UPDATE ehcwatch.outbox o
SET claim = NULL, attempts = attempts - 1, tries = tries - 1, next_attempt_at = ehcwatch.clock()
FROM unnest($1::bigint[], $2::text[]) u (outbox_id, claim)
WHERE o.outbox_id = u.outbox_id AND o.claim = u.claim
