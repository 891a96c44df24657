-- The daemon's own schema: what it last told whom about which obligation. Forward only; a later change is a later file.
-- Runs in one transaction of `ehcwatchd migrate`, which has made the schema, the roles and the version table.

-- One row for each obligation ever seen, with its last known state. Rows are never deleted: an obligation whose facts were
-- withdrawn is kept as void and `gone`, so that its sequence goes on if they come back.
CREATE TABLE ehcwatch.obligation (
    case_id   bigint  NOT NULL,
    limit_id  text    NOT NULL,
    subject   text    NOT NULL DEFAULT '',
    start_on  date    NOT NULL,
    due_on    date    NOT NULL,
    state     text    NOT NULL CHECK (state IN ('on_track', 'at_risk', 'breached', 'met', 'met_late', 'excepted', 'void', 'missed')),
    closed_on date,
    exception text    NOT NULL DEFAULT 'none' CHECK (exception IN ('none', 'supported', 'unverified', 'unsupported')),
    gone      boolean NOT NULL DEFAULT false,
    seq       integer NOT NULL DEFAULT 0,  -- transitions so far
    since     date    NOT NULL,            -- the as-of date of the evaluation that brought this state
    PRIMARY KEY (case_id, limit_id, subject, start_on)
) WITH (fillfactor = 85);

-- One row for each case with obligations. The digest is over all of them: a case whose computed digest is the same has not changed.
CREATE TABLE ehcwatch.case_state (
    case_id    bigint PRIMARY KEY,
    digest     bigint      NOT NULL,
    event_seq  integer     NOT NULL DEFAULT 0, -- transitions of the case so far: receivers ignore a lower one
    case_ref   text        NOT NULL DEFAULT '', -- these three as last seen: a case that is gone is still told by its name
    locality   text        NOT NULL DEFAULT '',
    team       text        NOT NULL DEFAULT '',
    changed_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 85);

-- Limits under watch. Until baselined_at is set, states are written without alerts, and one summary follows.
CREATE TABLE ehcwatch.monitored (
    limit_id     text PRIMARY KEY,
    since        timestamptz NOT NULL DEFAULT now(),
    baselined_at timestamptz
);

-- Every change of state, once. Append only.
CREATE TABLE ehcwatch.transition (
    transition_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id    text        NOT NULL UNIQUE DEFAULT 'msg_' || replace(gen_random_uuid()::text, '-', ''),
    case_id       bigint      NOT NULL,
    limit_id      text        NOT NULL,
    subject       text        NOT NULL,
    start_on      date        NOT NULL,
    seq           integer     NOT NULL CHECK (seq > 0),
    event_seq     integer     NOT NULL CHECK (event_seq > 0),
    type          text        NOT NULL CHECK (type ~ '^obligation\.[a-z_]+$'),
    from_state    text        NOT NULL, -- 'none' when first seen
    to_state      text        NOT NULL,
    due_before    date,
    due_on        date        NOT NULL,
    closed_on     date,
    as_of         date        NOT NULL,
    known_at      timestamptz NOT NULL,
    rulebook      text        NOT NULL,
    recorded_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (case_id, limit_id, subject, start_on, seq),
    UNIQUE (case_id, event_seq)
);

CREATE TABLE ehcwatch.endpoint (
    endpoint_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name        text        NOT NULL UNIQUE,
    enabled     boolean     NOT NULL DEFAULT true, -- false: no longer configured; its messages are kept
    created_at  timestamptz NOT NULL DEFAULT now()
);

-- One row for each message and endpoint, with the bytes that are sent on every attempt.
CREATE TABLE ehcwatch.outbox (
    outbox_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id      text        NOT NULL,
    transition_id   bigint      REFERENCES ehcwatch.transition, -- NULL: a summary
    endpoint_id     integer     NOT NULL REFERENCES ehcwatch.endpoint,
    case_id         bigint,
    seq             integer     NOT NULL DEFAULT 0, -- event_seq of the case
    type            text        NOT NULL,
    body            bytea       NOT NULL,
    state           text        NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'done', 'dead')),
    attempts        integer     NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(), -- pushed forward by a claim: that is the lease
    claim           text,                               -- token of the claim under way: fences late writers
    created_at      timestamptz NOT NULL DEFAULT now(),
    ended_at        timestamptz,
    UNIQUE (message_id, endpoint_id)
) WITH (fillfactor = 80);
CREATE INDEX outbox_pending_due ON ehcwatch.outbox (endpoint_id, next_attempt_at, outbox_id) WHERE state = 'pending';
CREATE INDEX outbox_pending_case ON ehcwatch.outbox (endpoint_id, case_id, seq) WHERE state = 'pending';
CREATE INDEX outbox_dead ON ehcwatch.outbox (endpoint_id) WHERE state = 'dead';

-- Every request made. Append only.
CREATE TABLE ehcwatch.attempt (
    outbox_id     bigint      NOT NULL REFERENCES ehcwatch.outbox,
    n             integer     NOT NULL,
    signed_at     timestamptz NOT NULL, -- the webhook-timestamp that was sent
    milliseconds  integer     NOT NULL,
    http_status   integer,              -- NULL: no answer
    reason        text        NOT NULL, -- 'ok' or why it counts as failed
    response_head text,
    recorded_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (outbox_id, n)
);

-- One leader at a time (a single row), and how far an incremental reader has come. Both are for later use.
CREATE TABLE ehcwatch.lease (
    singleton  boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    holder     text        NOT NULL,
    term       bigint      NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE TABLE ehcwatch.poll_state (
    source    text PRIMARY KEY,
    system_id text NOT NULL,
    lo        xid8 NOT NULL
);

GRANT USAGE ON SCHEMA ehcwatch TO ehcwatch_daemon, ehcwatch_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ehcwatch TO ehcwatch_daemon;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA ehcwatch TO ehcwatch_daemon;
REVOKE UPDATE, DELETE ON ehcwatch.transition, ehcwatch.attempt FROM ehcwatch_daemon;
GRANT SELECT ON ALL TABLES IN SCHEMA ehcwatch TO ehcwatch_reader;
-- Bodies and what receivers answer may say more of a case than a reader needs.
REVOKE SELECT ON ehcwatch.outbox, ehcwatch.attempt FROM ehcwatch_reader;
GRANT SELECT (outbox_id, message_id, transition_id, endpoint_id, case_id, seq, type, state, attempts, next_attempt_at, created_at,
              ended_at) ON ehcwatch.outbox TO ehcwatch_reader;
GRANT SELECT (outbox_id, n, signed_at, milliseconds, http_status, reason, recorded_at) ON ehcwatch.attempt TO ehcwatch_reader;
