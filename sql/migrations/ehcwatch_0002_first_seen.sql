-- When the daemon first saw a fact whose row does not say when it was recorded. It stands in for recorded_at, so that what
-- was known at a time can be told of such a source too. A source that fills recorded_at leaves this empty.

-- One row for each fact, and for each claimed exception: then `event` is its ground, and `occurred_on` its first day
-- ('-infinity': none given). What was there at the first reading of all was always known: '-infinity'. Rows are never changed:
-- a fact that goes and comes back was known all along.
CREATE TABLE ehcwatch.first_seen (
    case_id     bigint      NOT NULL,
    event       text        NOT NULL,
    subject     text        NOT NULL DEFAULT '',
    occurred_on date        NOT NULL,
    seen_at     timestamptz NOT NULL,
    PRIMARY KEY (case_id, event, subject, occurred_on)
);

-- The first reading of all has been kept: a single row. Whatever comes later is known from when it is seen.
CREATE TABLE ehcwatch.first_seen_since (
    singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
    since     timestamptz NOT NULL DEFAULT now()
);

GRANT SELECT, INSERT, UPDATE, DELETE ON ehcwatch.first_seen, ehcwatch.first_seen_since TO ehcwatch_daemon;
GRANT SELECT ON ehcwatch.first_seen, ehcwatch.first_seen_since TO ehcwatch_reader;
