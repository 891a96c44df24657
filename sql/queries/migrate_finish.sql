-- Whoever reads a schema may know its version; only migrate writes it, whatever a migration granted on all tables.
DO $$
DECLARE
    name text := current_setting('ehcwatch.migrate');
BEGIN
    EXECUTE format('REVOKE ALL ON %I.schema_version FROM ehcwatch_daemon, ehcwatch_reader', name);
    EXECUTE format('GRANT SELECT ON %I.schema_version TO ehcwatch_daemon, ehcwatch_reader', name);
    -- To one who does not own the schema a GRANT on it is a warning, not an error.
    IF NOT has_schema_privilege('ehcwatch_daemon', name, 'USAGE') THEN
        RAISE insufficient_privilege USING MESSAGE = format(
            'schema %I belongs to %s, and role %I cannot open it to ehcwatch_daemon; let the owner run GRANT USAGE ON SCHEMA '
            '%1$I TO ehcwatch_daemon, ehcwatch_reader; and migrate again',
            name, (SELECT nspowner::regrole FROM pg_namespace WHERE nspname = name), current_user);
    END IF;
END $$;
