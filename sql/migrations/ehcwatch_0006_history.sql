-- What the demand meeting looks back on: how many obligations stood how on each day, and when the meetings were. Kept for good: nothing purges
-- it, and the daemon may not delete from it. It names no case, so that a question by week is answered without opening one.

-- One row for each civil date (in England) that was evaluated. A date without a row is a gap, not a nought.
CREATE TABLE ehcwatch.history_day (
    day            date        PRIMARY KEY,
    observed       boolean     NOT NULL, -- false: worked out afterwards from what is recorded now as known at the end of that day
    evaluated_at   timestamptz NOT NULL, -- when these counts were found
    rulebook       text        NOT NULL,
    limits         text[]      NOT NULL, -- under watch: only of these is a missing count a nought
    requested      integer     NOT NULL, -- cases by stage, as ehc_cases{stage}
    assessing      integer     NOT NULL,
    refused        integer     NOT NULL,
    plan           integer     NOT NULL,
    ended          integer     NOT NULL,
    breached_cases integer     NOT NULL  -- with a breached obligation
);

-- What is counted: a number for each limit, state, locality and team that ever occurred together, so that a count takes few bytes.
CREATE TABLE ehcwatch.history_series (
    series_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    limit_id  text NOT NULL,
    state     text NOT NULL CHECK (state IN ('on_track', 'at_risk', 'breached', 'met', 'met_late', 'excepted', 'void', 'missed')),
    locality  text NOT NULL,
    team      text NOT NULL,
    UNIQUE (limit_id, state, locality, team)
);

-- Obligations on a day, as the last evaluation of that day found them. Counts of nought are left out, but for one that was more before. No
-- foreign keys: to look both up for each of some thousand counts a day would be most of the work.
CREATE TABLE ehcwatch.history_count (
    series_id integer NOT NULL,
    day       date    NOT NULL,
    n         integer NOT NULL CHECK (n >= 0),
    PRIMARY KEY (series_id, day)
) WITH (fillfactor = 90);
-- Days lie together in the table, one after the other.
CREATE INDEX history_count_by_day ON ehcwatch.history_count USING brin (day) WITH (autosummarize = on);

-- The same to read.
CREATE VIEW ehcwatch.history AS
    SELECT c.day, d.observed, s.limit_id, s.state, s.locality, s.team, c.n
    FROM ehcwatch.history_count c JOIN ehcwatch.history_series s USING (series_id) JOIN ehcwatch.history_day d USING (day)
    WHERE c.n > 0;

-- Demand meetings that somebody marked as held. Those by the calendar are in the configuration.
CREATE TABLE ehcwatch.meeting (
    held_at   timestamptz PRIMARY KEY,
    marked_by text        NOT NULL CHECK (length(marked_by) BETWEEN 1 AND 100),
    marked_at timestamptz NOT NULL DEFAULT ehcwatch.clock()
);

GRANT SELECT, INSERT, UPDATE ON ehcwatch.history_day, ehcwatch.history_series, ehcwatch.history_count TO ehcwatch_daemon;
GRANT SELECT, INSERT ON ehcwatch.meeting TO ehcwatch_daemon;
GRANT SELECT ON ehcwatch.history TO ehcwatch_daemon;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA ehcwatch TO ehcwatch_daemon;
GRANT SELECT ON ehcwatch.history_day, ehcwatch.history_series, ehcwatch.history_count, ehcwatch.history, ehcwatch.meeting TO ehcwatch_reader;
