#!/usr/bin/python3
"""The case system or a schema changes under the daemon: one line that says what to do, the last good state meanwhile, and recovery
without a restart when it is mended."""
import signal

import _world as w
from _world import ago, h

SECRET = h.new_secret()
t = h.Tap()


def desk(hook):
    return {"desk": {"url": hook.url(), "secret": SECRET}}


def begin(db, hook, ehc):
    w.Casework(db).clear()
    db.set_now(w.NOON)
    hook.behave(h.ok())
    ehc.cases.case(9000, ("request_received", ago(100)))
    ehc.start().wait_ready()
    ehc.settle()
    hook.clear()


FAULTS = [
    ("a column is dropped", "ALTER TABLE casework.ehc_event DROP COLUMN subject", "ALTER TABLE casework.ehc_event ADD COLUMN subject text",
     "casework.ehc_event has no column subject (text): add it to the table or view"),
    ("a column is renamed", "ALTER TABLE casework.ehc_case RENAME team TO squad", "ALTER TABLE casework.ehc_case RENAME squad TO team",
     "casework.ehc_case has no column team (text): add it to the table or view"),
    ("a type is changed", "ALTER TABLE casework.ehc_event ALTER occurred_on TYPE timestamptz",
     "ALTER TABLE casework.ehc_event ALTER occurred_on TYPE date",
     "casework.ehc_event.occurred_on is of type timestamptz and must be date: cast it in the view"),
    ("a type is changed to text", "ALTER TABLE casework.ehc_case ALTER date_of_birth TYPE text",
     "ALTER TABLE casework.ehc_case ALTER date_of_birth TYPE date USING date_of_birth::date",
     "casework.ehc_case.date_of_birth is of type text and must be date: cast it in the view"),
    ("a table is missing", "ALTER TABLE casework.ehc_exception RENAME TO gone", "ALTER TABLE casework.gone RENAME TO ehc_exception",
     'there is no casework.ehc_exception: run "ehcwatchd migrate", or create a view of that name over your case system'),
    ("SELECT is revoked", "REVOKE SELECT ON casework.ehc_event FROM ehcwatch_reader", "GRANT SELECT ON casework.ehc_event TO ehcwatch_reader",
     "may not be read: GRANT USAGE ON SCHEMA casework, SELECT ON casework.ehc_event TO looker"),
    ("USAGE is revoked", "REVOKE USAGE ON SCHEMA casework FROM ehcwatch_reader", "GRANT USAGE ON SCHEMA casework TO ehcwatch_reader",
     "may not be read: GRANT USAGE ON SCHEMA casework, SELECT ON casework.ehc_case TO looker"),
    ("a view divides by zero", "ALTER TABLE casework.ehc_case RENAME TO real; CREATE VIEW casework.ehc_case AS SELECT case_id, case_ref,"
     " locality, team, officer, date_of_birth + 1 / (case_id - 9000)::int AS date_of_birth FROM casework.real;"
     " GRANT SELECT ON casework.ehc_case TO ehcwatch_reader", "DROP VIEW casework.ehc_case; ALTER TABLE casework.real RENAME TO ehc_case",
     "casework.ehc_case: a value was refused (SQLSTATE 22012): the log of the database says which"),
]


def between_readings(db, ehc, statements):
    """A reading under way would see half of it: a table that is rewritten after the snapshot was taken reads empty. So the daemon stands
    still meanwhile, at a moment when it has asked for nothing."""
    def done():
        ehc.send(signal.SIGSTOP)
        try:
            h.wait_until(lambda: not db.value(source + " AND (state = 'active' OR state_change > clock_timestamp() - interval '0.1 s')"), what="its last answer")
            idle = db.value(source + " AND state = 'idle'") == 1
            if idle:
                db.sql(statements)
            return idle
        finally:
            ehc.send(signal.SIGCONT)

    source = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ehcwatchd source'"
    h.wait_until(done, what="a time between two readings")


def source_faults(db, hook):
    db.sql("CREATE ROLE looker LOGIN IN ROLE ehcwatch_reader")
    with w.Watch(db, desk(hook), {"source": db.conninfo.replace("user=postgres", "user=looker"), "state": db.conninfo}) as ehc:
        begin(db, hook, ehc)
        for number, (name, breaks, mends, says) in enumerate(FAULTS, 1):
            before, seen = ehc.http("/v1/breaches.csv")[2], len(ehc.log_lines("not_evaluating"))
            between_readings(db, ehc, breaks)
            ehc.cases.hint()
            why = ehc.wait_not_ready(says)
            t.ok(why.startswith("case database: "), f"{name}: {why}")
            failures = ehc.metrics()["ehc_evaluation_failures_total"]
            lines = ehc.log_lines("not_evaluating")[seen:]
            t.ok(len(lines) == 1 and says in lines[0], f"{name}: one line in the log", "\n".join(lines))
            t.eq(ehc.http("/v1/breaches.csv")[2], before, f"{name}: the last good state is still served")
            if "zero" in name:
                ehc.wait_until(lambda: ehc.metrics()["ehc_evaluation_failures_total"] > failures + 1, what="more failures")
                t.eq(len(ehc.log_lines("not_evaluating")[seen:]), len(lines), f"{name}: and says it once")
            db.sql(mends)
            ehc.wait_ready()
            ehc.cases.case(number, ("request_received", ago(50)))
            ehc.settle()
            t.eq(w.sent_once(hook), (number, True), f"{name}: mended, it goes on without a restart")


def schemas(db, hook):
    """The schema is not there, or is not ours."""
    w.Casework(db).clear()
    db.sql("ALTER SCHEMA casework RENAME TO casework_before; ALTER SCHEMA ehcwatch RENAME TO ehcwatch_before")
    db.drop_connections()
    hook.clear()
    with w.Watch(db, desk(hook)) as ehc:
        ehc.start().listening()
        ehc.wait_not_ready("there is no casework.ehc_case", 'run "ehcwatchd migrate"')
        t.eq((ehc.http("/v1/breaches")[0], ehc.http("/metrics")[0]), (503, 200), "before `migrate`: told to run it, nothing to list")
        ehc.migrate()
        ehc.wait_ready()
        t.ok(True, "and is ready when it has run, without a restart")
        ehc.stop()
        db.sql("ALTER SCHEMA ehcwatch RENAME TO ehcwatch_away")
        ehc.start().listening()
        ehc.wait_not_ready('state database: there is no schema ehcwatch: run "ehcwatchd migrate"')
        t.ok(True, "a state database without our schema")
        db.sql("ALTER SCHEMA ehcwatch_away RENAME TO ehcwatch")
        ehc.wait_ready()
        ehc.stop()
        for change, says in (("INSERT INTO ehcwatch.schema_version VALUES (999, 'later')",
                              "the schema ehcwatch is at version 999, this program knows %d: install the newer ehcwatchd"),
                             ("DELETE FROM ehcwatch.schema_version", 'the schema ehcwatch is at version 0, this program needs %d: run "ehcwatchd migrate"')):
            known = db.value("SELECT max(version) FROM ehcwatch.schema_version")
            db.sql("CREATE TABLE kept AS SELECT * FROM ehcwatch.schema_version; " + change)
            ehc.start().listening()
            why = ehc.wait_not_ready(says % known)
            t.eq(db.value("SELECT count(*) FROM ehcwatch.monitored"), 3, f"nothing is written: {why}")
            db.sql("DELETE FROM ehcwatch.schema_version; INSERT INTO ehcwatch.schema_version SELECT * FROM kept; DROP TABLE kept")
            ehc.wait_ready()
            ehc.stop()
        ehc.start().wait_ready()
        ehc.settle()
        db.sql("ALTER DATABASE postgres SET default_transaction_read_only = on")
        db.drop_connections()
        why = ehc.wait_not_ready("read-only")
        t.ok("state database" in why, f"a standby in the place of the state database: {why}")
        connection = db.connect(autocommit=True)
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")
            cursor.execute("ALTER DATABASE postgres RESET default_transaction_read_only")
        connection.close()
        db.drop_connections()
        ehc.wait_ready()
        t.ok(True, "and back")


with h.Cluster() as cluster, h.Receiver(secret=SECRET) as receiver:
    with w.Watch(cluster) as first_of_all:
        first_of_all.migrate()
    for part in (source_faults, schemas):
        with t.case(f"{part.__name__} ran to its end"):
            part(cluster, receiver)
t.done()
