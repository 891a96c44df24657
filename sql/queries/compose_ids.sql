SELECT 'msg_' || replace(gen_random_uuid()::text, '-', '') FROM generate_series(1, $1::integer)
