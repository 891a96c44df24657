-- The roles that own, write and read what the migrations make. Nobody logs in as one of them: logins are members.
DO $$
DECLARE
    missing text[] := ARRAY(SELECT r FROM unnest(ARRAY['ehcwatch_owner', 'ehcwatch_daemon', 'ehcwatch_reader']) AS r
                            WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r));
    name text;
BEGIN
    IF missing = '{}' THEN
        RETURN;
    END IF;
    IF NOT (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) THEN
        RAISE insufficient_privilege USING MESSAGE = format(
            'role %I may not create roles; let an administrator run, once for the whole server, %sGRANT ehcwatch_owner TO %1$I; '
            'and migrate again',
            current_user, (SELECT string_agg(format('CREATE ROLE %I NOLOGIN; ', r), '') FROM unnest(missing) AS r));
    END IF;
    FOREACH name IN ARRAY missing LOOP
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL; -- made meanwhile from another database of this server, where our lock does not reach
        END;
    END LOOP;
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AND 'ehcwatch_owner' = ANY (missing) THEN
        GRANT ehcwatch_owner TO CURRENT_USER;
    END IF;
END $$;
