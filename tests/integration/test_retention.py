#!/usr/bin/python3
"""Retention: what is old and done with goes, by the leader, and nothing else; not while a transaction is open that is older than it."""
import _world as w
from _world import h

SECRET = h.new_secret()
LIMIT = "assess_decision_6w"
t = h.Tap()


class Council(w.Watch):
    def to(self, day):
        """The next day on which the daemon cleans up, and it has: it has come to its last statement, and is over when its connection is gone."""
        before = self.db.value("SELECT count(*) FROM cleaned")
        self.db.set_clock(day + " 12:00:00+01")
        self.wait_until(lambda: self.db.value("SELECT count(*) FROM cleaned") > before, what="the last step of the upkeep")
        self.read()
        self.wait_until(lambda: self.db.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ehcwatchd upkeep'") == 0, what="the end of the upkeep")

    def rows(self):
        """How many messages, attempts, transitions and acknowledgements there are."""
        return self.db.sql("SELECT (SELECT count(*) FROM ehcwatch.outbox WHERE case_id IS NOT NULL), (SELECT count(*) FROM ehcwatch.attempt JOIN ehcwatch.outbox"
                           " USING (outbox_id) WHERE case_id IS NOT NULL), (SELECT count(*) FROM ehcwatch.transition), (SELECT count(*) FROM ehcwatch.ack)")[0]


def purged(ehc):
    return len(ehc.log_lines("purged: "))


def young(db, ehc):
    """Nothing goes before its time."""
    ehc.cases.case(1, ("request_received", "2026-04-29", "parent"))  # due 10 June: at risk on the 3rd, breached on the 11th
    ehc.read()
    ehc.to("2026-06-04")
    ehc.to("2026-06-11")
    ehc.delivered()
    done = ehc.command("ack", "EHC-0001", LIMIT, "--who", "Jo", "--reason", "seen", "--until", "2026-06-12")
    t.eq(done.returncode, 0, "acknowledged")
    ehc.cases.event(1, "assess_agreed", "2026-06-12")
    ehc.to("2026-06-12")
    ehc.delivered()
    t.eq(ehc.transitions(1)[-1][4], "met_late", "three things were told of the case")
    before = ehc.rows()
    t.eq(before, (3, 3, 3, 1), "messages, attempts, transitions, acknowledgements")
    ehc.to("2026-06-30")
    ehc.delivered()
    t.eq((ehc.rows(), purged(ehc)), (before, 0), "within 30 days all is kept")


def held_back(db, ehc):
    """An open transaction that is older than a row keeps it, however old its time stamp."""
    with db.connect() as old, old.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")
        db.sql("UPDATE ehcwatch.outbox SET attempts = attempts WHERE case_id = 1")  # written after it began: it may still be read up to there
        # A transaction as old as that, which has only just let its rows be seen.
        db.sql("INSERT INTO ehcwatch.transition (case_id, limit_id, subject, start_on, seq, event_seq, type, from_state, to_state, due_on, as_of, known_at, rulebook,"
               " recorded_at) SELECT 901, 'x', '', '2020-01-01', n, n, 'obligation.breached', 'none', 'breached', '2020-01-01', '2020-01-01', now(), 'x', '2020-01-01'"
               " FROM generate_series(1, 2) n")
        ehc.to("2026-08-01")
        ehc.delivered()
        t.eq(db.sql("SELECT state, count(*) FROM ehcwatch.outbox WHERE case_id = 1 GROUP BY 1"), [("done", 3)], "kept, 50 days on")
        t.eq(db.sql("SELECT case_id, count(*) FROM ehcwatch.transition GROUP BY 1 ORDER BY 1"), [(1, 3), (901, 2)], "and transitions")
        old.commit()
    with db.connect() as later, later.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()")  # younger than the rows: no reason to keep them
        ehc.to("2026-08-02")
        later.rollback()


def gone(db, ehc):
    """Then what was delivered goes, with its attempts; of the transitions all but the last."""
    t.eq(db.value("SELECT count(*) FROM ehcwatch.outbox WHERE case_id = 1"), 0, "the messages")
    t.eq(db.value("SELECT count(*) FROM ehcwatch.attempt a WHERE NOT EXISTS (SELECT 1 FROM ehcwatch.outbox o WHERE o.outbox_id = a.outbox_id)"), 0, "the attempts")
    t.eq([x[3:] for x in ehc.transitions(1)], [("breached", "met_late")], "the last transition is kept")
    t.eq(db.value("SELECT count(*) FROM ehcwatch.ack"), 0, "the acknowledgement")
    lines = ehc.log_lines("purged: ")
    t.eq([x.split("purged: ")[1] for x in lines], ["messages 1, attempts 1, acknowledgements 1: all older than 30 days",  # the summary of the baseline
                                                  "messages 3, attempts 3, transitions 3: all older than 30 days"], "told as counts and nothing else")


def never(db, ehc):
    """What is pending or was given up stays for ever; so does what waits for people."""
    db.sql("INSERT INTO ehcwatch.outbox (message_id, endpoint_id, type, body, state, created_at, next_attempt_at, ended_at) SELECT 'old_' || s, 1, 'x', '', s, '2020-01-01',"
           " '2199-01-01', CASE s WHEN 'pending' THEN NULL ELSE '2020-01-01'::timestamptz END FROM unnest('{pending,dead,done,accepted,superseded}'::text[]) s")
    db.sql("INSERT INTO ehcwatch.outbox (message_id, endpoint_id, type, body, state, created_at, ended_at) SELECT 'many_' || n, 1, 'x', '', 'done', '2020-01-01', '2020-01-01'"
           " FROM generate_series(1, 1300) n")
    db.sql("INSERT INTO ehcwatch.notice (endpoint_id, kind, case_id, limit_id, subject, start_on, from_state, to_state, due_on, since, case_ref, locality, team, state, ended_at)"
           " SELECT 1, 'reminder', n, 'x', '', '2020-01-01', 'breached', 'breached', '2020-01-01', '2020-01-01', 'x', '', '', s, CASE s WHEN 'waiting' THEN NULL ELSE '2020-01-01'::timestamptz END"
           " FROM unnest('{waiting,superseded}'::text[]) WITH ORDINALITY u (s, n)")
    db.sql("INSERT INTO ehcwatch.history_day SELECT date '2019-01-01', true, '2019-01-01', 'x', '{x}', 1, 1, 1, 1, 1, 1; INSERT INTO ehcwatch.meeting (held_at, marked_by)"
           " VALUES ('2019-01-01', 'x'); INSERT INTO ehcwatch.history_series (limit_id, state, locality, team) VALUES ('x', 'breached', '', '');"
           " INSERT INTO ehcwatch.history_count SELECT series_id, '2019-01-01', 7 FROM ehcwatch.history_series WHERE limit_id = 'x'")
    ehc.to("2026-08-03")
    t.eq(db.sql("SELECT n, (SELECT count(*) FROM ehcwatch.meeting) FROM ehcwatch.history WHERE day = '2019-01-01'"), [(7, 1)], "and so does the history")
    t.eq(db.sql("SELECT message_id FROM ehcwatch.outbox WHERE message_id LIKE 'old%' OR message_id LIKE 'many%' ORDER BY 1"), [("old_dead",), ("old_pending",)],
         "pending and dead are kept, whatever their age")
    t.eq(db.sql("SELECT state FROM ehcwatch.notice"), [("waiting",)], "and the notice that waits")
    t.ok("messages 1303, superseded notices 1" in ehc.log_lines("purged: ")[-1], "in batches, told once", ehc.log_lines("purged: ")[-1])
    db.sql("DELETE FROM ehcwatch.notice; DELETE FROM ehcwatch.outbox WHERE message_id LIKE 'old%'")


def standing(db, ehc):
    """What told the managers of a breach that still stands is kept: else they would be told of it once more."""
    db.sql("INSERT INTO ehcwatch.obligation (case_id, limit_id, subject, start_on, due_on, state, since) VALUES (902, 'x', '', '2020-01-01', '2020-01-01', 'breached', '2020-01-02'),"
           " (903, 'x', '', '2020-01-01', '2020-01-01', 'met_late', '2020-03-01')")
    db.sql("WITH o AS (INSERT INTO ehcwatch.outbox (message_id, endpoint_id, type, body, state, created_at, ended_at) SELECT 'steps_' || n, 1, 'obligation.escalated', '', 'done',"
           " '2020-01-09', '2020-01-09' FROM generate_series(902, 903) n RETURNING outbox_id, right(message_id, 3)::bigint AS case_id)"
           " INSERT INTO ehcwatch.notice (endpoint_id, kind, case_id, limit_id, subject, start_on, from_state, to_state, due_on, since, step, case_ref, locality, team, state,"
           " outbox_id, ended_at) SELECT 1, 'escalation', case_id, 'x', '', '2020-01-01', 'breached', 'breached', '2020-01-01', '2020-01-02', 5, 'x', '', '', 'sent', outbox_id,"
           " '2020-01-09' FROM o")
    ehc.to("2026-08-04")
    t.eq(db.sql("SELECT message_id FROM ehcwatch.outbox WHERE message_id LIKE 'steps%'"), [("steps_902",)], "of two that were escalated, the one that is over goes")
    db.sql("DELETE FROM ehcwatch.notice; DELETE FROM ehcwatch.outbox WHERE message_id LIKE 'steps%'; DELETE FROM ehcwatch.obligation WHERE limit_id = 'x'")


def referred_to(db, ehc):
    """A transition that a message or a notice refers to is kept with it."""
    db.sql("INSERT INTO ehcwatch.transition (case_id, limit_id, subject, start_on, seq, event_seq, type, from_state, to_state, due_on, as_of, known_at, rulebook, recorded_at)"
           " SELECT 900, 'x', '', '2020-01-01', n, n, 'obligation.breached', 'none', 'breached', '2020-01-01', '2020-01-01', now(), 'x', '2020-01-01' FROM generate_series(1, 4) n")
    db.sql("INSERT INTO ehcwatch.outbox (message_id, transition_id, endpoint_id, case_id, seq, type, body, state, ended_at) SELECT message_id, transition_id, 1, 900, 1, type, '', 'dead', now()"
           " FROM ehcwatch.transition WHERE case_id = 900 AND seq = 1")
    ehc.to("2026-08-05")
    t.eq(db.sql("SELECT seq FROM ehcwatch.transition WHERE case_id = 900 ORDER BY 1"), [(1,), (4,)], "the one referred to and the last")


def restored(db, ehc):
    """Numbers of transactions that have wrapped around, as in an old cluster, do not stop it."""
    got = db.sql("WITH h AS (SELECT 5000000000 AS top, 10 AS open) SELECT x, ((top - x) & 4294967295) > open FROM h,"
                 " unnest('{705032694,705032693,705032703,705032704,2,3000000000}'::bigint[]) x")  # top is 705032704 in 32 bits
    t.eq(dict(got), {705032694: False, 705032693: True, 705032703: False, 705032704: False, 2: True, 3000000000: True}, "only the window of open transactions is young")


def standby(db, ehc):
    """A daemon that does not lead deletes nothing."""
    with Council(db, {"desk": ehc.webhooks["desk"]}, {"limits": (LIMIT,), "keep_days": 30}) as other:
        other.start()
        other.wait_until(lambda: "standing_by" in other.log() or "standby" in other.log(), what="a standby")
        db.sql("INSERT INTO ehcwatch.outbox (message_id, endpoint_id, type, body, state, created_at, ended_at) VALUES ('late', 1, 'x', '', 'done', '2020-01-01', '2020-01-01')")
        ehc.to("2026-08-06")
        other.read()
        t.eq((len(other.log_lines("purged: ")), "messages 1:" in ehc.log_lines("purged: ")[-1]), (0, True), "the leader does it, alone")


def main():
    with h.Cluster() as db, h.Receiver(secret=SECRET) as hook, \
            Council(db, {"desk": {"url": hook.url(), "secret": SECRET}}, {"limits": (LIMIT,), "keep_days": 30}) as ehc:
        ehc.migrate()
        db.sql("CREATE TABLE cleaned (at timestamptz DEFAULT clock_timestamp()); CREATE FUNCTION cleaned() RETURNS trigger LANGUAGE plpgsql AS"
               " $$ BEGIN INSERT INTO public.cleaned DEFAULT VALUES; RETURN NULL; END $$;"
               " CREATE TRIGGER cleaned AFTER DELETE ON ehcwatch.ack FOR EACH STATEMENT EXECUTE FUNCTION public.cleaned()")
        db.set_clock("2026-06-01 12:00:00+01")
        ehc.start().wait_ready()
        ehc.settle()
        ehc.wait_until(lambda: db.value("SELECT count(*) > 0 FROM cleaned"), what="the upkeep of the first day")  # else the next day's would be taken to be over with it
        for part in (young, held_back, gone, never, standing, referred_to, restored, standby):
            with t.case(part.__doc__):
                part(db, ehc)
    t.done()


if __name__ == "__main__":
    main()
