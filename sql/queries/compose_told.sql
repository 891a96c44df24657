-- The notices that a message was made of are sent; those without one are superseded. from_state becomes what it
-- was told to have been.
UPDATE ehcwatch.notice n
SET state = CASE WHEN u.message_id IS NULL THEN 'superseded' ELSE 'sent' END, reason = u.reason, from_state = coalesce(u.from_state, n.from_state),
    ended_at = ehcwatch.clock(),
    outbox_id = (SELECT x.outbox_id FROM ehcwatch.outbox x WHERE x.message_id = u.message_id AND x.endpoint_id = n.endpoint_id)
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) u (notice_id, message_id, from_state, reason)
WHERE n.notice_id = u.notice_id
