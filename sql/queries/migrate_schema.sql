-- The schema that the setting ehcwatch.migrate names, and its table of versions. From here on the transaction works as
-- the owner of what it makes, so that the next migration may be run by any member of ehcwatch_owner.
DO $$
DECLARE
    name   text    := current_setting('ehcwatch.migrate');
    -- Since PostgreSQL 16 a member may be one without the right to SET ROLE.
    member boolean := pg_has_role('ehcwatch_owner', CASE WHEN current_setting('server_version_num')::int < 160000
                                                    THEN 'MEMBER' ELSE 'SET' END);
BEGIN
    IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = name) THEN
        IF NOT has_database_privilege(current_database(), 'CREATE') THEN
            RAISE insufficient_privilege USING MESSAGE = format(
                'role %I may not create the schema %I; let an administrator run GRANT CREATE ON DATABASE %I TO %1$I; and migrate '
                'again', current_user, name, current_database());
        END IF;
        EXECUTE format(CASE WHEN member THEN 'CREATE SCHEMA %I AUTHORIZATION ehcwatch_owner' ELSE 'CREATE SCHEMA %I' END, name);
    END IF;
    IF (SELECT nspowner FROM pg_namespace WHERE nspname = name) = 'ehcwatch_owner'::regrole THEN
        IF NOT member THEN
            RAISE insufficient_privilege USING MESSAGE = format(
                'schema %I belongs to ehcwatch_owner, and role %I may not act as that; let an administrator run GRANT '
                'ehcwatch_owner TO %2$I; and migrate again', name, current_user);
        END IF;
        SET LOCAL ROLE ehcwatch_owner;
    END IF;
    EXECUTE format('CREATE TABLE IF NOT EXISTS %I.schema_version ('
                   'version int PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())', name);
END $$;
