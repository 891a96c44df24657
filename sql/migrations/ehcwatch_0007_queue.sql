-- A claim touches no index. It pushes next_attempt_at forward, which was a column of the queue's index: so a claim wrote a new entry into
-- every index of the outbox, and that was more than half of what a delivery cost the database.

-- Where a message stands in the queue: the next attempt as it was last set by anybody but a claim. Whether it may be sent, next_attempt_at says.
ALTER TABLE ehcwatch.outbox ADD COLUMN due_at timestamptz NOT NULL DEFAULT ehcwatch.clock();
UPDATE ehcwatch.outbox SET due_at = next_attempt_at WHERE state = 'pending';

-- Never later than next_attempt_at, whoever moves that, or what is due would not be found.
CREATE FUNCTION ehcwatch.outbox_sooner() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN NEW.due_at := NEW.next_attempt_at; RETURN NEW; END $$;
CREATE TRIGGER outbox_sooner BEFORE INSERT OR UPDATE OF next_attempt_at, due_at ON ehcwatch.outbox
    FOR EACH ROW WHEN (NEW.due_at > NEW.next_attempt_at) EXECUTE FUNCTION ehcwatch.outbox_sooner();

-- The second condition, which is always true, is for the planner: only who asks for due_at may use this index, not who looks for the messages of
-- a case, which without statistics seem to be found in it as quickly.
DROP INDEX ehcwatch.outbox_pending_due;
CREATE INDEX outbox_pending_due ON ehcwatch.outbox (endpoint_id, due_at, outbox_id) WHERE state = 'pending' AND due_at > '-infinity';

-- Room in each page for what claims write (the body lies elsewhere).
ALTER TABLE ehcwatch.outbox SET (fillfactor = 45);

GRANT SELECT (due_at) ON ehcwatch.outbox TO ehcwatch_reader;
