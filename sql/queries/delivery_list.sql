-- The ledger of deliveries, the newest message first: of the case $1, to the endpoint $2, in the state $3 ('seen': acknowledged), made on
-- or after the day $4 in England, before the message numbered $5, that is about cases of the teams $8 and no
-- others; each NULL for all. At most $6 rows after the first $7.
-- 'accepted' is the first answer 202, 'processed' the first other 2xx; 'seen' the first acknowledgement, after the message was made, of
-- an obligation that it was about. A message to people may be about several: then it is found by each of their cases.
-- Which of the conditions hold no parameter is known when it is planned: those that are left find their rows by an index.
WITH page AS MATERIALIZED (
    SELECT o.* FROM ehcwatch.outbox o
    WHERE ($1::text IS NULL OR $3 = 'seen' OR o.outbox_id = ANY (ARRAY(
               SELECT q.outbox_id FROM ehcwatch.case_state s JOIN ehcwatch.outbox q USING (case_id) WHERE s.case_ref = $1
               UNION
               SELECT n.outbox_id FROM ehcwatch.case_state s JOIN ehcwatch.notice n USING (case_id) WHERE s.case_ref = $1)))
      AND ($3::text IS NULL OR $3 <> 'seen' OR o.outbox_id = ANY (ARRAY(
               SELECT q.outbox_id
               FROM ehcwatch.ack a
               JOIN ehcwatch.transition t USING (case_id, limit_id, subject, start_on)
               JOIN ehcwatch.outbox q USING (transition_id)
               WHERE a.made_at >= q.created_at AND ($1::text IS NULL OR a.case_ref = $1)
               UNION
               SELECT q.outbox_id
               FROM ehcwatch.ack a
               JOIN ehcwatch.notice n USING (case_id, limit_id, subject, start_on)
               JOIN ehcwatch.outbox q USING (outbox_id)
               WHERE a.made_at >= q.created_at AND ($1::text IS NULL OR a.case_ref = $1))))
      AND ($2::text IS NULL OR o.endpoint_id = (SELECT endpoint_id FROM ehcwatch.endpoint WHERE name = $2))
      AND ($3::text IS NULL OR $3 = 'seen' OR o.state = CASE $3 WHEN 'processed' THEN 'done' ELSE $3 END)
      AND ($4::date IS NULL OR o.created_at >= $4::date::timestamp AT TIME ZONE 'Europe/London')
      AND ($5::bigint IS NULL OR o.outbox_id < $5)
      AND ($8::text[] IS NULL OR (
               EXISTS (SELECT FROM ehcwatch.case_state s WHERE s.team = ANY ($8) AND (s.case_id = o.case_id
                           OR s.case_id IN (SELECT n.case_id FROM ehcwatch.notice n WHERE n.outbox_id = o.outbox_id)))
               AND NOT EXISTS (SELECT FROM (SELECT o.case_id UNION ALL SELECT n.case_id FROM ehcwatch.notice n WHERE n.outbox_id = o.outbox_id) k
                               LEFT JOIN ehcwatch.case_state s USING (case_id)
                               WHERE k.case_id IS NOT NULL AND (s.team = ANY ($8)) IS NOT TRUE)))
    ORDER BY o.outbox_id DESC LIMIT $6::bigint OFFSET $7::bigint)
SELECT p.outbox_id, p.message_id, p.type, e.name,
       coalesce(s.case_ref, k.case_ref, '') AS case_ref,
       coalesce(t.limit_id, k.limit_id, '') AS limit_id,
       coalesce(t.subject, k.subject, '') AS subject,
       CASE WHEN p.transition_id IS NULL THEN k.items ELSE 1 END AS items,
       CASE p.state WHEN 'done' THEN 'processed' ELSE p.state END AS state,
       a.attempts, greatest(p.attempts - a.attempts, 0) AS unrecorded, p.replays,
       (extract(epoch FROM p.created_at) * 1000000)::bigint AS created_at,
       (extract(epoch FROM a.first_at) * 1000000)::bigint AS first_at,
       (extract(epoch FROM z.signed_at) * 1000000)::bigint AS last_at,
       z.http_status, coalesce(z.reason, p.reason, '') AS answer,
       (extract(epoch FROM a.accepted_at) * 1000000)::bigint AS accepted_at,
       (extract(epoch FROM a.processed_at) * 1000000)::bigint AS processed_at,
       CASE p.state WHEN 'pending' THEN (extract(epoch FROM p.next_attempt_at) * 1000000)::bigint END AS next_at,
       (extract(epoch FROM x.made_at) * 1000000)::bigint AS seen_at, coalesce(x.who, '') AS seen_by,
       encode(sha256(p.body), 'hex') AS sha256
FROM page p
JOIN ehcwatch.endpoint e USING (endpoint_id)
LEFT JOIN ehcwatch.case_state s ON s.case_id = p.case_id
LEFT JOIN ehcwatch.transition t ON t.transition_id = p.transition_id
CROSS JOIN LATERAL (
    SELECT count(*) AS attempts, min(signed_at) AS first_at, min(recorded_at) FILTER (WHERE reason = 'accepted') AS accepted_at,
           min(recorded_at) FILTER (WHERE reason = 'ok') AS processed_at
    FROM ehcwatch.attempt WHERE outbox_id = p.outbox_id) a
CROSS JOIN LATERAL ( -- what a message to people is about, where that is one thing
    SELECT count(*) AS items, CASE count(DISTINCT case_ref) WHEN 1 THEN min(case_ref) END AS case_ref,
           CASE count(DISTINCT limit_id) WHEN 1 THEN min(limit_id) END AS limit_id,
           CASE count(DISTINCT subject) WHEN 1 THEN min(subject) END AS subject
    FROM ehcwatch.notice WHERE outbox_id = p.outbox_id) k
LEFT JOIN LATERAL (SELECT signed_at, http_status, reason FROM ehcwatch.attempt WHERE outbox_id = p.outbox_id ORDER BY n DESC LIMIT 1) z ON true
LEFT JOIN LATERAL (
    SELECT c.made_at, c.who
    FROM (SELECT t.case_id, t.limit_id, t.subject, t.start_on
          UNION ALL SELECT case_id, limit_id, subject, start_on FROM ehcwatch.notice WHERE outbox_id = p.outbox_id) y
    JOIN ehcwatch.ack c USING (case_id, limit_id, subject, start_on)
    WHERE c.made_at >= p.created_at AND ($1::text IS NULL OR c.case_ref = $1)
    ORDER BY c.made_at, c.ack_id LIMIT 1) x ON true
ORDER BY p.outbox_id DESC
