-- For a message that is made outside the database: its id, and the time (microseconds).
SELECT 'msg_' || replace(gen_random_uuid()::text, '-', ''), (extract(epoch FROM ehcwatch.clock()) * 1000000)::bigint
