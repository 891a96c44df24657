-- Role and database may set what a migration cannot live with; and nothing that others put into the database may stand in
-- for what we call by a short name.
SET search_path TO pg_catalog, pg_temp;
SET statement_timeout TO 0;
SET idle_in_transaction_session_timeout TO 0;
