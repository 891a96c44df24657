-- What stands in schema $1: ours (made by migrate), foreign (relation $2 is there and migrate did not make it) or none.
SELECT CASE
    WHEN current_setting('server_version_num')::int < 130000 THEN 'old'
    WHEN EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = $1 AND c.relname = 'schema_version') THEN 'ours'
    WHEN EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                 WHERE n.nspname = $1 AND c.relname = $2) THEN 'foreign'
    ELSE 'none'
END
