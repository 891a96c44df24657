INSERT INTO ehcwatch.outbox (message_id, endpoint_id, type, content_type, body)
SELECT u.message_id, $1::integer, u.type, $2, u.body
FROM unnest($3::text[], $4::text[], $5::bytea[]) WITH ORDINALITY u (message_id, type, body, n)
ORDER BY u.n
