-- Delivery that can be relied on: what an endpoint is to be spared, why a message ended, and a clock that a rehearsal may set.

-- A rehearsal's clock: a single row, written by the owner only, stands in for now() in everything below. Empty in service; the
-- daemon warns when it is not.
CREATE TABLE ehcwatch.rehearsal (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    at        timestamptz NOT NULL
);
CREATE FUNCTION ehcwatch.clock() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
AS $$ SELECT coalesce((SELECT r.at FROM ehcwatch.rehearsal r), pg_catalog.now()) $$;

-- One daemon evaluates, whoever holds the lease. The term is a key, so that a transaction that holds it (lease_fence) keeps it from changing
-- hands and not from being renewed.
ALTER TABLE ehcwatch.lease ADD COLUMN since timestamptz NOT NULL DEFAULT ehcwatch.clock();
CREATE UNIQUE INDEX lease_term ON ehcwatch.lease (term);

-- The last evaluation that was written to its end: what the stored states are of (a single row). While an import is being written, the date that
-- it is judged by stays here, so that whoever goes on with it does not tell the rest one by one.
CREATE TABLE ehcwatch.evaluation (
    singleton  boolean     PRIMARY KEY DEFAULT true CHECK (singleton),
    as_of      date        NOT NULL,
    known_at   timestamptz NOT NULL,
    rules      text        NOT NULL, -- the limits under watch, each with a digest of its rule
    bulk_since date,
    bulk_cases integer     NOT NULL DEFAULT 0
);
GRANT SELECT, INSERT, UPDATE ON ehcwatch.evaluation TO ehcwatch_daemon;
GRANT SELECT ON ehcwatch.evaluation TO ehcwatch_reader;

-- What is known of an endpoint's health, for every daemon that delivers. 'half_open': one message is on its way to find out.
ALTER TABLE ehcwatch.endpoint
    ADD COLUMN format          text    NOT NULL DEFAULT 'standard',
    ADD COLUMN circuit         text    NOT NULL DEFAULT 'closed' CHECK (circuit IN ('closed', 'open', 'half_open')),
    ADD COLUMN failures        integer NOT NULL DEFAULT 0, -- failed attempts in a row
    ADD COLUMN circuit_wait    integer NOT NULL DEFAULT 0, -- seconds that the circuit waited the last time
    ADD COLUMN circuit_since   timestamptz,                -- it came into this state; NULL: never left 'closed'
    ADD COLUMN open_until      timestamptz,                -- of a circuit that is not closed: the next probe
    ADD COLUMN rate_at         timestamptz,                -- of an endpoint with a rate: all that was claimed is paid for by then
    ADD COLUMN paused_until    timestamptz,                -- the receiver asked for a rest (Retry-After)
    ADD COLUMN failing_since   timestamptz,                -- somebody must look, and the operator has been told; NULL: all is well
    ADD COLUMN disabled_at     timestamptz,                -- nothing is sent until somebody enables it again
    ADD COLUMN disabled_reason text,                       -- 'gone' (410) or what an operator gave
    ADD COLUMN last_success_at timestamptz;

-- 'accepted': answered with 202, which says no more than that. 'superseded': overtaken before it was sent, and not sent.
ALTER TABLE ehcwatch.outbox
    DROP CONSTRAINT outbox_state_check,
    ADD CONSTRAINT outbox_state_check CHECK (state IN ('pending', 'done', 'accepted', 'dead', 'superseded')),
    ADD COLUMN content_type text    NOT NULL DEFAULT 'application/json',
    ADD COLUMN tries        integer NOT NULL DEFAULT 0, -- attempts since it was queued, or queued again: the schedule counts these
    ADD COLUMN tried_since  timestamptz,                -- the first of these
    ADD COLUMN replays      integer NOT NULL DEFAULT 0, -- how often it was queued again
    ADD COLUMN reason       text;                       -- of the last failure, or why it is superseded
UPDATE ehcwatch.outbox SET tries = attempts, tried_since = CASE WHEN attempts > 0 THEN created_at END;
-- With order = strict a dead message holds back what comes later in its case.
DROP INDEX ehcwatch.outbox_dead;
CREATE INDEX outbox_dead ON ehcwatch.outbox (endpoint_id, case_id, seq) WHERE state = 'dead';

-- A message is changed several times, its body never: that is kept apart, where it need not be written again each time.
ALTER TABLE ehcwatch.outbox SET (toast_tuple_target = 128);

ALTER TABLE ehcwatch.attempt
    ADD COLUMN endpoint_id integer, -- that of the message
    ADD COLUMN daemon      text NOT NULL DEFAULT ''; -- which of the daemons sent it
UPDATE ehcwatch.attempt a SET endpoint_id = o.endpoint_id FROM ehcwatch.outbox o WHERE o.outbox_id = a.outbox_id;
ALTER TABLE ehcwatch.attempt ALTER COLUMN endpoint_id SET NOT NULL;
-- Attempts are inserted from a join with their messages and purged with them: to look each up once more was a quarter of the work.
ALTER TABLE ehcwatch.attempt DROP CONSTRAINT attempt_outbox_id_fkey;
CREATE INDEX attempt_by_endpoint ON ehcwatch.attempt (endpoint_id, recorded_at);
CREATE INDEX outbox_by_case ON ehcwatch.outbox (case_id, outbox_id);

ALTER TABLE ehcwatch.outbox ALTER COLUMN created_at SET DEFAULT ehcwatch.clock(),
                            ALTER COLUMN next_attempt_at SET DEFAULT ehcwatch.clock();
ALTER TABLE ehcwatch.attempt ALTER COLUMN recorded_at SET DEFAULT ehcwatch.clock();
ALTER TABLE ehcwatch.transition ALTER COLUMN recorded_at SET DEFAULT ehcwatch.clock();
ALTER TABLE ehcwatch.endpoint ALTER COLUMN created_at SET DEFAULT ehcwatch.clock();

GRANT SELECT ON ehcwatch.rehearsal TO ehcwatch_daemon, ehcwatch_reader;
GRANT EXECUTE ON FUNCTION ehcwatch.clock() TO ehcwatch_daemon, ehcwatch_reader;
GRANT SELECT (tries, replays, reason, content_type) ON ehcwatch.outbox TO ehcwatch_reader;
GRANT SELECT (endpoint_id, daemon) ON ehcwatch.attempt TO ehcwatch_reader;
