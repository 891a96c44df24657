-- What people are told, and what they answer: notices wait here until they go out in a message, acknowledgements until they end.

-- Something that an endpoint for people is owed. Written with the transition; composed into a message of the outbox when its
-- endpoint's policy says so, several together. A change that is mended before it went out is superseded.
CREATE TABLE ehcwatch.notice (
    notice_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    endpoint_id   integer     NOT NULL REFERENCES ehcwatch.endpoint,
    kind          text        NOT NULL CHECK (kind IN ('change', 'reminder', 'escalation')),
    transition_id bigint      REFERENCES ehcwatch.transition, -- of a change; else the one that brought the state
    case_id       bigint      NOT NULL,
    limit_id      text        NOT NULL,
    subject       text        NOT NULL,
    start_on      date        NOT NULL,
    from_state    text        NOT NULL,
    to_state      text        NOT NULL,
    due_on        date        NOT NULL,
    since         date        NOT NULL,           -- first as-of date of to_state
    step          integer     NOT NULL DEFAULT 0, -- working days in the state of a reminder or an escalation
    case_ref      text        NOT NULL,
    locality      text        NOT NULL,
    team          text        NOT NULL,
    state         text        NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'superseded')),
    not_before    timestamptz NOT NULL DEFAULT ehcwatch.clock(),
    created_at    timestamptz NOT NULL DEFAULT ehcwatch.clock(),
    outbox_id     bigint      REFERENCES ehcwatch.outbox, -- the message that it went out in
    ended_at      timestamptz,
    reason        text                                    -- why it is superseded: 'mended', 'replaced', 'unchanged', 'not_escalated'
);
CREATE UNIQUE INDEX notice_of_change ON ehcwatch.notice (endpoint_id, transition_id) WHERE kind = 'change';
CREATE UNIQUE INDEX notice_of_step ON ehcwatch.notice (endpoint_id, case_id, limit_id, subject, start_on, kind, since, step)
    WHERE kind <> 'change';
CREATE INDEX notice_waiting ON ehcwatch.notice (endpoint_id, not_before) WHERE state = 'waiting';
CREATE INDEX notice_by_message ON ehcwatch.notice (outbox_id) WHERE outbox_id IS NOT NULL;
CREATE INDEX notice_sent ON ehcwatch.notice (endpoint_id, case_id) WHERE state = 'sent';

-- How far the composer has come with an endpoint for people. The row is its lock as well.
CREATE TABLE ehcwatch.digest (
    endpoint_id integer     PRIMARY KEY REFERENCES ehcwatch.endpoint,
    last_at     timestamptz NOT NULL DEFAULT ehcwatch.clock(), -- the last digest, also one without news that was not sent
    reminded_on date                                           -- the last day on which reminders were looked for
);

-- Somebody has seen it and says until when it may rest. It hides nothing from lists and metrics; it keeps reminders back.
CREATE TABLE ehcwatch.ack (
    ack_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text        NOT NULL CHECK (kind IN ('ack', 'snooze')),
    case_id    bigint      NOT NULL,
    case_ref   text        NOT NULL,
    limit_id   text        NOT NULL,
    subject    text        NOT NULL,
    start_on   date        NOT NULL,
    state      text        NOT NULL, -- the state that was acknowledged
    who        text        NOT NULL CHECK (length(who) BETWEEN 1 AND 100),
    reason     text        NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    made_at    timestamptz NOT NULL DEFAULT ehcwatch.clock(),
    until      date        NOT NULL, -- the last day on which it holds
    cleared_at timestamptz,
    cleared_by text CHECK (cleared_by IN ('expired', 'worsened', 'restated', 'ended', 'withdrawn')),
    CHECK ((cleared_at IS NULL) = (cleared_by IS NULL))
);
CREATE UNIQUE INDEX ack_in_force ON ehcwatch.ack (case_id, limit_id, subject, start_on) WHERE cleared_at IS NULL;
CREATE INDEX ack_by_case ON ehcwatch.ack (case_id, ack_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON ehcwatch.notice, ehcwatch.digest TO ehcwatch_daemon;
GRANT SELECT, INSERT, UPDATE ON ehcwatch.ack TO ehcwatch_daemon;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA ehcwatch TO ehcwatch_daemon;
GRANT SELECT ON ehcwatch.notice, ehcwatch.digest, ehcwatch.ack TO ehcwatch_reader;
