-- The limits under watch become these; one that comes (again) begins with a baseline.
WITH dropped AS (DELETE FROM ehcwatch.monitored WHERE limit_id <> ALL ($1::text[]))
INSERT INTO ehcwatch.monitored (limit_id) SELECT unnest($1::text[]) ON CONFLICT (limit_id) DO NOTHING
