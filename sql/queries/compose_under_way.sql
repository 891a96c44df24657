-- Whether a message for people was on its way to the endpoint when the others were taken back (compose_recall, just before): what is made now
-- would be a second one. It is what is still pending, on its way or come back in between: to ask who is on his way now would miss that one.
SELECT FROM ehcwatch.outbox
WHERE endpoint_id = $1::integer AND state = 'pending' AND transition_id IS NULL AND (type LIKE 'obligation.%' OR type LIKE 'digest.%')
LIMIT 1
