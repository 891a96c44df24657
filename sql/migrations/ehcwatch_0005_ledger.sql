-- The ledger of deliveries: found by case, and in the end let go.

-- What is older than the configured years is purged by the leader, and only what everybody has done with (purge_*.sql). So the daemon may
-- delete from the tables that are otherwise appended to; it may still change nothing in them.
GRANT DELETE ON ehcwatch.transition, ehcwatch.attempt, ehcwatch.ack TO ehcwatch_daemon;

-- Who ended an acknowledgement before its time.
ALTER TABLE ehcwatch.ack ADD COLUMN cleared_who text CHECK (length(cleared_who) BETWEEN 1 AND 100);

CREATE INDEX case_state_by_ref ON ehcwatch.case_state (case_ref);
CREATE INDEX outbox_by_transition ON ehcwatch.outbox (transition_id);
CREATE INDEX notice_by_transition ON ehcwatch.notice (transition_id);
CREATE INDEX notice_by_case ON ehcwatch.notice (case_id);
-- What is old is found by its place in the table, where it lies with what is as old: small, and nearly free for the writer.
CREATE INDEX outbox_by_end ON ehcwatch.outbox USING brin (ended_at) WITH (autosummarize = on);
CREATE INDEX transition_by_time ON ehcwatch.transition USING brin (recorded_at) WITH (autosummarize = on);
