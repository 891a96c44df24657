-- The configured endpoints; one that is configured no longer keeps its messages and is not claimed from.
WITH off AS (UPDATE ehcwatch.endpoint SET enabled = false WHERE name <> ALL ($1::text[]) AND enabled)
INSERT INTO ehcwatch.endpoint (name) SELECT unnest($1::text[])
ON CONFLICT (name) DO UPDATE SET enabled = true WHERE NOT endpoint.enabled
