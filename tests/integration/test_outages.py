#!/usr/bin/python3
"""PostgreSQL goes away in the middle of each step: what the daemon says meanwhile, and that afterwards everything is told, nothing
twice."""
import os
import socket
import threading

import _world as w
from _world import ago, h

SECRET = h.new_secret()
t = h.Tap()


def desk(hook, **more):
    return {"desk": {"url": hook.url(), "secret": SECRET, **more}}


def begin(db, hook, ehc):
    w.Casework(db).clear()
    db.set_now(w.NOON)
    hook.behave(h.ok())
    ehc.cases.case(9000, ("request_received", ago(100)))
    ehc.start().wait_ready()
    ehc.settle()
    hook.clear()


def terminate(db, name):
    return db.value("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = %s", (name,))


class Doorkeeper:
    """In the place of the stopped server: lets nobody in, and counts who asks."""

    def __init__(self, db):
        self.path = f"{db.dir}/sock/.s.PGSQL.5432"
        self.asked = 0

    def __enter__(self):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o777)
        self.socket.listen(16)
        self.thread = threading.Thread(target=self._refuse, daemon=True)
        self.thread.start()
        return self

    def _refuse(self):
        while True:
            try:
                self.socket.accept()[0].close()
            except OSError:
                return
            self.asked += 1

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.thread.join(5)
        self.socket.close()
        os.unlink(self.path)


# --- idle ---


def idle(db, hook):
    for mode in ("fast", "immediate"):
        with w.Watch(db, desk(hook)) as ehc:
            begin(db, hook, ehc)
            before = ehc.http("/v1/breaches.csv")[2]
            with w.Stopped(db, mode) as outage:
                why = ehc.wait_not_ready("database")
                t.ok("case database: " in why or "state database: " in why, f"{mode}: /readyz says which database and why: {why}")
                t.eq((ehc.http("/v1/breaches.csv")[2], ehc.http("/v1/cases/EHC-9000")[0], ehc.http("/healthz")[0]), (before, 200, 200),
                     f"{mode}: the last good state is still served")
                ehc.wait_metric("ehc_up", lambda v: v == 0)
                t.ok(True, f"{mode}: ehc_up 0")
                if mode == "fast":
                    with Doorkeeper(db) as door:
                        h.wait_until(lambda: door.asked >= 6, what="six attempts")

                def lost():
                    return [x for x in ehc.log().splitlines() if x[1] in "0123" or "paused" in x]

                ehc.wait_until(lambda: len(lost()) >= 3, what="word of each connection")
                lines = lost()
                t.ok(len(lines) == 3, f"{mode}: one line for each connection, however often it is tried", "\n".join(lines))
                outage.over()
            ehc.wait_ready()
            ehc.cases.case(1, ("request_received", ago(50)))
            ehc.settle()
            t.eq((w.sent_once(hook), ehc.metrics()["ehc_up"]), ((1, True), 1.0), f"{mode}: it goes on by itself")
            t.eq(len(ehc.log_lines("evaluating_again")), 1, f"{mode}: and says so, once")
    with w.Watch(db, desk(hook)) as ehc:
        begin(db, hook, ehc)
        for number, name in enumerate(("ehcwatchd source", "ehcwatchd state", "ehcwatchd delivery"), 1):
            t.eq(terminate(db, name), 1, f"the session {name} is ended")
            ehc.cases.case(number, ("request_received", ago(50)))
            ehc.settle()
            t.eq(w.sent_once(hook), (number, True), "and comes back")


# --- in the middle ---


def strike(db, how):
    """Ends the session of this name, or stops the server in this mode; then all is well again."""
    if how in ("fast", "immediate"):
        with w.Stopped(db, how):
            pass
    else:
        terminate(db, how)


def said_once(ehc, database, name):
    said = ehc.log_lines(f"not_evaluating: {database}")
    t.ok(len(said) == 1, f"{name}: said once", "\n".join(said))


def recovered(ehc, db, hook, name, messages):
    ehc.wait_ready()
    ehc.settle()
    twice = db.sql("SELECT case_id, limit_id, to_state, count(*) FROM ehcwatch.transition GROUP BY 1, 2, 3 HAVING count(*) > 1")
    t.eq((w.sent_once(hook), twice, ehc.gaps()), ((messages, True), [], []), f"{name}: everything told, once")


def reading(db, hook):
    for how, tables in (("ehcwatchd source", ("casework.ehc_case", "casework.ehc_event")), ("fast", ("casework.ehc_event",)),
                        ("immediate", ("casework.ehc_exception",))):
        for table in tables:
            with w.Watch(db, desk(hook), {"poll_interval": 3600, "bulk_share": 0}) as ehc:
                begin(db, hook, ehc)
                db.sql("INSERT INTO casework.ehc_case (case_id, case_ref) SELECT n, 'B-' || n FROM generate_series(1, 3000) n;"
                       " INSERT INTO casework.ehc_event (case_id, event, occurred_on)"
                       " SELECT n, 'request_received', CASE WHEN n <= 50 THEN date '2026-04-26' ELSE date '2026-06-01' END"
                       " FROM generate_series(1, 3000) n")
                with w.Lock(db, table) as lock:
                    ehc.cases.hint()
                    lock.wait_for("ehcwatchd source", ehc)
                    strike(db, how)
                recovered(ehc, db, hook, f"{how} while {table} was being read", 50)
                said_once(ehc, "case database", f"{how} while {table} was being read")


def writing(db, hook):
    for how in ("ehcwatchd state", "fast", "immediate"):
        with w.Watch(db, desk(hook, concurrency=16), {"poll_interval": 3600, "bulk_share": 0}) as ehc:
            w.Casework(db).clear()
            db.sql("INSERT INTO casework.ehc_case (case_id, case_ref) SELECT n, 'C-' || n FROM generate_series(1, 540) n;"
                   " INSERT INTO casework.ehc_event (case_id, event, occurred_on) SELECT n, 'request_received', %s FROM generate_series(1, 540) n",
                   (ago(20),))
            hook.behave(h.ok())
            ehc.start().wait_ready()
            ehc.settle()
            hook.clear()
            row = db.connect()
            with row.cursor() as cursor:
                cursor.execute("SELECT FROM ehcwatch.case_state WHERE case_id = 530 FOR UPDATE")
            db.sql("INSERT INTO casework.ehc_event (case_id, event, occurred_on) SELECT n, 'assess_agreed', %s FROM generate_series(1, 540) n", (ago(1),))
            ehc.cases.hint()
            ehc.wait_until(lambda: w.blocked(db, row, "ehcwatchd state"), what="the third batch")
            t.eq(db.value("SELECT count(*) FROM ehcwatch.transition"), 512, f"{how}: two batches are in, the third is being written")
            strike(db, how)
            row.close()
            recovered(ehc, db, hook, f"{how} in the middle of three batches", 540)
            said_once(ehc, "state database", f"{how} in the middle of three batches")
            t.eq(db.value("SELECT count(*) FROM ehcwatch.transition"), 540, f"{how}: every transition once")
    for how, tables in (("ehcwatchd state", ("ehcwatch.obligation", "ehcwatch.transition")), ("immediate", ("ehcwatch.outbox",))):
        for table in tables:
            with w.Watch(db, desk(hook), {"poll_interval": 3600, "bulk_share": 0}) as ehc:
                begin(db, hook, ehc)
                with w.Lock(db, table) as lock:
                    ehc.cases.case(1, ("request_received", ago(50)))  # not before: a reading that is under way would write it
                    ehc.cases.hint()
                    lock.wait_for("ehcwatchd state", ehc)
                    strike(db, how)
                recovered(ehc, db, hook, f"{how} before {table} was written", 1)
                said_once(ehc, "state database", f"{how} before {table} was written")


def leases_end(db):
    """What is claimed may be claimed again, as it may after an outage that is longer than a lease."""
    db.sql("UPDATE ehcwatch.outbox SET next_attempt_at = ehcwatch.clock() WHERE claim IS NOT NULL")


def delivering(db, hook):
    for how in ("ehcwatchd delivery", "fast", "immediate"):
        gate = threading.Event()
        with w.Watch(db, desk(hook, concurrency=1)) as ehc:
            begin(db, hook, ehc)
            hook.behave(w.held(gate))
            for number in range(1, 6):
                ehc.cases.case(number, ("request_received", ago(50)))
            hook.wait_for(len, what="the first request")
            ehc.read()
            strike(db, how)
            gate.set()
            recovered(ehc, db, hook, f"{how} while one post was under way and four waited", 5)
        with w.Watch(db, desk(hook)) as ehc:
            begin(db, hook, ehc)
            with w.Lock(db, "ehcwatch.attempt", "EXCLUSIVE") as lock:
                ehc.cases.case(1, ("request_received", ago(50)))
                hook.wait_for(len, what="the request")
                lock.wait_for("ehcwatchd delivery", ehc)
                leases_end(db)
                strike(db, how)
            recovered(ehc, db, hook, f"{how} while an attempt was being recorded", 1)
            t.eq(db.sql("SELECT state, attempts, (SELECT count(*) FROM ehcwatch.attempt a WHERE a.outbox_id = o.outbox_id) FROM ehcwatch.outbox o"
                        " WHERE case_id = 1"), [("done", 1, 1)], f"{how}: and that attempt is in the ledger, once")


def not_recorded_now(db, hook):
    """The database has no room for the record: it is tried again, and nothing is claimed before it is in, though the lease ends."""
    db.sql("CREATE SEQUENCE refused MINVALUE 0; CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS"
           " $$ BEGIN PERFORM nextval('refused'); RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$")
    with w.Watch(db, desk(hook)) as ehc:
        begin(db, hook, ehc)
        db.sql("CREATE TRIGGER no_room BEFORE INSERT ON ehcwatch.attempt FOR EACH STATEMENT EXECUTE FUNCTION no_room()")

        def refused_again(times):
            want = db.value("SELECT last_value FROM refused") + times
            ehc.wait_until(lambda: db.value("SELECT last_value FROM refused") >= want, what=f"{times} refusals")

        ehc.cases.case(1, ("request_received", ago(50)))
        hook.wait_for(len, what="the request")
        refused_again(1)
        leases_end(db)
        ehc.cases.case(2, ("request_received", ago(50)))
        ehc.read()
        refused_again(2)
        t.eq(db.sql("SELECT case_id, attempts FROM ehcwatch.outbox WHERE case_id IN (1, 2) ORDER BY 1"), [(1, 1), (2, 0)],
             "while what was sent cannot be recorded nothing is claimed")
        db.sql("DROP TRIGGER no_room ON ehcwatch.attempt; DROP FUNCTION no_room; DROP SEQUENCE refused")
        recovered(ehc, db, hook, "a record that was put off for longer than the lease", 2)


def slow_record(db, hook):
    """The database takes longer for one record than the lease of what has ended meanwhile: that is recorded before anything is claimed."""
    gate = threading.Event()
    with w.Watch(db, desk(hook, concurrency=1, timeout=2)) as ehc:
        begin(db, hook, ehc)
        hook.behave(h.sequence(h.ok(), then=w.held(gate)))
        with w.Lock(db, "ehcwatch.attempt", "EXCLUSIVE") as lock:
            with ehc.cases.together():
                ehc.cases.case(1, ("request_received", ago(50)))
                ehc.cases.case(2, ("request_received", ago(50)))
            lock.wait_for("ehcwatchd delivery", ehc)
            gate.set()
            hook.wait_for(lambda seen: len(seen) >= 2, what="both requests")
            ehc.wait_until(lambda: db.value("SELECT bool_and(next_attempt_at < ehcwatch.clock()) FROM ehcwatch.outbox WHERE case_id IN (1, 2)"),
                           what="the leases to end")
        ehc.settle()
        t.eq(db.sql("SELECT case_id, count(*) FROM ehcwatch.attempt JOIN ehcwatch.outbox USING (outbox_id) WHERE case_id IN (1, 2) AND http_status = 200"
                    " GROUP BY 1 ORDER BY 1"), [(1, 1), (2, 1)], "what was taken is not sent again after a record that took longer than the lease")


def lost_while_writing(db, hook):
    """The case database goes while a transaction is being written: the write succeeds, and the daemon is still not ready."""
    with w.Watch(db, desk(hook), {"poll_interval": 3600, "bulk_share": 0}) as ehc:
        begin(db, hook, ehc)
        with w.Lock(db, "ehcwatch.obligation") as lock:
            ehc.cases.case(1, ("request_received", ago(50)))
            ehc.cases.hint()
            lock.wait_for("ehcwatchd state", ehc)
            terminate(db, "ehcwatchd source")
            ehc.wait_not_ready("case database")
        recovered(ehc, db, hook, "the case database lost while writing", 1)


def locked_out(db, hook):
    """Whoever must see to it reads why the databases let nobody in now, not how the outage began."""
    db.sql("CREATE ROLE svc LOGIN; GRANT ehcwatch_daemon, ehcwatch_reader TO svc")
    conninfo = f"{db.conninfo} user=svc"
    with w.Watch(db, desk(hook), {"source": conninfo, "state": conninfo}) as ehc:
        begin(db, hook, ehc)
        db.sql("ALTER ROLE svc NOLOGIN; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'svc'")
        now = 'role "svc" is not permitted to log in'
        why = ehc.wait_not_ready(now)
        t.ok(why.startswith(("case database: ", "state database: ")), f"/readyz says what is wrong now: {why}")
        for event in ("not_evaluating: case", "not_evaluating: state", "delivery_paused", "lease_unreachable"):
            ehc.wait_log(f"{event}.*{now}")
        t.ok(True, "and so does the log, for each connection")
        db.sql("ALTER ROLE svc LOGIN")
        ehc.cases.case(1, ("request_received", ago(50)))
        recovered(ehc, db, hook, "a role that might not log in", 1)


def undelivered(db, hook):
    """Messages cannot be claimed: that is said, with the reason, and what was counted before is not shown for what waits now."""
    conninfo = f"{db.conninfo} user=svc"
    pending = h.series("ehc_outbox_pending", endpoint="desk")
    with w.Watch(db, desk(hook), {"source": conninfo, "state": conninfo}) as ehc:
        begin(db, hook, ehc)

        def said(why, waiting):
            """On /readyz, which stays 200, and in the metrics."""
            code, _, ready = ehc.http("/readyz")
            numbers = ehc.metrics()
            return (code, numbers["ehc_delivery_up"], numbers.get(pending)) == (200, 0, waiting) and "\ndelivery: state database: " in (
                ready := ready.decode()) and why in ready

        db.sql("REVOKE UPDATE ON ehcwatch.endpoint FROM ehcwatch_daemon")
        ehc.cases.case(1, ("request_received", ago(50)))
        ehc.read()
        ehc.wait_until(lambda: said("permission denied for table endpoint", 1), what="word of a claim that is refused, and a count")
        t.ok(True, "a claim is refused: what waits is counted all the same")
        db.sql("GRANT UPDATE ON ehcwatch.endpoint TO ehcwatch_daemon")
        recovered(ehc, db, hook, "a claim that was refused", 1)
        ehc.wait_metric("ehc_delivery_up", lambda v: v == 1)
        db.sql("ALTER ROLE svc NOLOGIN")
        terminate(db, "ehcwatchd delivery")
        ehc.cases.case(2, ("request_received", ago(50)))
        ehc.read()
        ehc.wait_until(lambda: said('role "svc" is not permitted to log in', None), what="word of a connection that is refused, and no count")
        t.ok(True, "the connection is refused: what waits is not known, and no number is shown")
        db.sql("ALTER ROLE svc LOGIN")
        recovered(ehc, db, hook, "a connection that was refused", 2)
        ehc.wait_until(lambda: (ehc.metrics()["ehc_delivery_up"], ehc.metrics().get(pending)) == (1, 0), what="a new count")
        t.eq(len(ehc.http("/readyz")[2].decode().splitlines()), 2, "and nothing more is said")


with h.Cluster(fsync=True) as cluster, h.Receiver(secret=SECRET) as receiver:
    with w.Watch(cluster) as first_of_all:
        first_of_all.migrate()
    for part in (idle, reading, writing, delivering, not_recorded_now, slow_record, lost_while_writing, locked_out, undelivered):
        with t.case(f"{part.__name__} ran to its end"):
            part(cluster, receiver)
t.done()
