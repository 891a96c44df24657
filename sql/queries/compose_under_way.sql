-- Whether a message for people is on its way to the endpoint now: it could not be taken back, and what is made meanwhile would be a second one.
SELECT FROM ehcwatch.outbox
WHERE endpoint_id = $1::integer AND state = 'pending' AND transition_id IS NULL AND (type LIKE 'obligation.%' OR type LIKE 'digest.%')
  AND claim IS NOT NULL AND next_attempt_at > ehcwatch.clock()
LIMIT 1
