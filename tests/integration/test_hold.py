#!/usr/bin/python3
"""What cannot be meant is not told; and one case that the database refuses keeps no other from being told."""
import pathlib
import signal
import threading

import _world as w
from _world import ago, h

RECEIVED, ISSUED = "request_received", "plan_issued"
t = h.Tap()


def told(ehc):
    return ehc.db.value("SELECT count(*) FROM ehcwatch.transition")


def why(ehc):
    status, _, body = ehc.http("/readyz")
    return status, body.decode() if isinstance(body, bytes) else body


def source_that_empties(db):
    with w.Watch(db) as ehc:
        ehc.migrate()
        for number in range(1, 61):
            ehc.cases.case(number, (RECEIVED, ago(200)))
        ehc.start().wait_ready()
        ehc.settle()
        before = told(ehc)
        db.sql("CREATE TABLE kept AS SELECT * FROM casework.ehc_event; DELETE FROM casework.ehc_event; NOTIFY ehcwatch_poll")
        ehc.wait_until(lambda: why(ehc)[0] == 503, what="the daemon to hold")
        t.ok("60 of 60 cases have lost all their obligations" in why(ehc)[1], "a source that is suddenly empty is a fault, and said so",
             why(ehc)[1])
        t.eq(told(ehc), before, "nobody is told of it")
        db.sql("INSERT INTO casework.ehc_event OVERRIDING SYSTEM VALUE SELECT * FROM kept; NOTIFY ehcwatch_poll")
        ehc.wait_until(lambda: why(ehc)[0] == 200, what="the daemon to go on")
        ehc.settle()
        t.eq(told(ehc), before, "nor when everything is back")
        db.sql("DELETE FROM casework.ehc_event; NOTIFY ehcwatch_poll")
        ehc.wait_until(lambda: why(ehc)[0] == 503, what="the daemon to hold again")
        ehc.send(signal.SIGHUP)
        ehc.wait_until(lambda: told(ehc) > before, what="the loss to be told")
        ehc.settle()
        t.eq(db.value("SELECT count(*) FROM ehcwatch.transition WHERE type = 'obligation.void' AND from_state = 'breached'"), 120,
             "an operator's reload accepts the loss")
        db.sql("DROP TABLE kept")


def refused_case(db):
    with w.Watch(db) as ehc:
        ehc.migrate()
        for number in range(1, 31):
            ehc.cases.case(number, (RECEIVED, ago(200)))
        ehc.start().wait_ready()
        ehc.settle()
        db.sql("ALTER TABLE ehcwatch.transition ADD CONSTRAINT no7 CHECK (case_id <> 7)")
        before = told(ehc)
        db.sql("INSERT INTO casework.ehc_event (case_id, event, occurred_on) SELECT n, 'plan_issued', %s FROM generate_series(1, 30) n;"
               "NOTIFY ehcwatch_poll" % ("'" + str(ago(0)) + "'"))
        ehc.wait_until(lambda: db.value("SELECT count(DISTINCT case_id) FROM ehcwatch.transition WHERE to_state = 'met_late'") == 29,
                       what="the other cases")
        ehc.wait_until(lambda: why(ehc)[0] == 503, what="the trouble to show")
        t.ok("case_id 7" in why(ehc)[1] and "1 cases could not be written" in why(ehc)[1], "the one that is refused is named", why(ehc)[1])
        t.ok(told(ehc) > before, "the others are told")
        db.sql("ALTER TABLE ehcwatch.transition DROP CONSTRAINT no7; NOTIFY ehcwatch_poll")
        ehc.wait_until(lambda: db.value("SELECT count(DISTINCT case_id) FROM ehcwatch.transition WHERE to_state = 'met_late'") == 30,
                       what="the refused case, once mended")
        ehc.settle()
        t.eq(db.value("SELECT count(*) FROM ehcwatch.transition WHERE to_state = 'met_late'"), 30, "each once")


def fewer_limits(db):
    """A restart with other limits takes most cases' obligations away, and that is nobody's fault."""
    with w.Watch(db) as ehc:
        ehc.migrate()
        for number in range(1, 61):
            ehc.cases.case(number, (RECEIVED, ago(200)))
        ehc.start().wait_ready()
        ehc.settle()
    with w.Watch(db, options={"limits": ["reassess_decision_15d"]}) as ehc:
        ehc.start().wait_ready()
        ehc.settle()
        t.eq(why(ehc)[0], 200, "other limits at a restart are no loss")


GATE = 20260615
ON_GATE = ("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ehcwatchd source' AND wait_event_type = 'Lock' AND wait_event = 'advisory'")


class Importer(threading.Thread):
    """A session that rewrites what the daemon reads, in one transaction: it may have to wait for a reading."""

    def __init__(self, db, text):
        super().__init__()
        self.db, self.text, self.session, self.failure = db, text, db.connect(), None
        self.pid = self.session.info.backend_pid
        self.start()

    def run(self):
        try:
            with self.session, self.session.cursor() as cursor:
                cursor.execute(self.text)
        except Exception as error:  # pylint: disable=broad-except
            self.failure = error
        finally:
            self.session.close()

    def settled(self):
        """Done, or waiting for a lock."""
        return not self.is_alive() or self.db.value("SELECT wait_event_type = 'Lock' FROM pg_stat_activity WHERE pid = %s",
                                                    (self.pid,))


REWRITES = (
    ("truncated and filled again", "TRUNCATE casework.ehc_event; INSERT INTO casework.ehc_event OVERRIDING SYSTEM VALUE SELECT * FROM kept"),
    ("rewritten by ALTER TABLE", "ALTER TABLE casework.ehc_event ALTER case_id TYPE int; ALTER TABLE casework.ehc_event ALTER case_id TYPE bigint"),
    ("rewritten by CLUSTER", "CLUSTER casework.ehc_event USING ehc_event_pkey"),
    ("swapped for another", "ALTER TABLE casework.ehc_event RENAME TO old; CREATE TABLE casework.ehc_event (LIKE casework.old INCLUDING ALL);"
     "INSERT INTO casework.ehc_event OVERRIDING SYSTEM VALUE SELECT * FROM casework.old;"
     "GRANT SELECT ON casework.ehc_event TO ehcwatch_daemon; DROP TABLE casework.old"),
)


def source_rewritten(db):
    """An import commits between the snapshot of a reading and its last COPY. The cases are a view that waits at a gate, so
    that the reading stands where the import does the most harm; the daemon has no more rights than its role."""
    with w.Watch(db) as first:
        first.migrate()
    db.sql("CREATE ROLE watcher LOGIN IN ROLE ehcwatch_daemon; ALTER TABLE casework.ehc_case RENAME TO real;"
           f"CREATE FUNCTION casework.gate() RETURNS boolean LANGUAGE sql SET lock_timeout = 0 AS 'SELECT pg_advisory_xact_lock_shared({GATE}); SELECT true';"
           "CREATE VIEW casework.ehc_case AS SELECT * FROM casework.real WHERE (SELECT casework.gate());"
           "GRANT SELECT ON casework.ehc_case TO ehcwatch_daemon; ALTER VIEW casework.ehc_case OWNER TO ehcwatch_owner;"
           "GRANT SELECT ON casework.real TO ehcwatch_owner; CREATE TABLE kept AS SELECT * FROM casework.ehc_event")
    as_daemon = db.conninfo.replace("user=postgres", "user=watcher")
    with w.Watch(db, options={"source": as_daemon}) as ehc:
        for number in range(1, 11):
            db.sql("INSERT INTO casework.real (case_id, case_ref, locality, team) VALUES (%s, %s, 'North', 'T1')", (number, f"EHC-{number}"))
            ehc.cases.event(number, RECEIVED, ago(200))
        db.sql("INSERT INTO kept SELECT * FROM casework.ehc_event")
        ehc.start().wait_ready()
        ehc.settle()
        before = told(ehc)
        t.ok(db.value("SELECT count(*) FROM ehcwatch.obligation WHERE state = 'breached'") >= 10, "a caseload with breaches")
        for what, text in REWRITES:
            with db.connect(autocommit=True) as gate, gate.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", (GATE,))
                ehc.cases.hint()
                ehc.wait_until(lambda: db.value(ON_GATE), what="a reading at the gate")
                importer = Importer(db, text)
                ehc.wait_until(importer.settled, what="the import to be done or to wait")
                cursor.execute("SELECT pg_advisory_unlock(%s)", (GATE,))
            gate.close()
            importer.join(60)
            t.eq((importer.is_alive(), importer.failure), (False, None), f"{what}: the import goes through")
            ehc.settle()
            t.eq(told(ehc), before, f"{what} under a reading: nothing is told")
        t.eq(ehc.log_lines("cannot be locked"), [], "all three were locked, with SELECT alone")
        failures = ehc.metrics()["ehc_evaluation_failures_total"]
        with w.Lock(db, "casework.ehc_event") as held:
            ehc.cases.hint()
            held.wait_for("ehcwatchd source", ehc)
            t.ok("lock timeout" in ehc.wait_not_ready("somebody holds a table of casework locked", timeout=60),
                 "an import that takes long: the reading fails and says why")
        ehc.wait_ready()
        ehc.settle()
        t.ok(ehc.metrics()["ehc_evaluation_failures_total"] > failures and told(ehc) == before, "and is made again when it is over")


def not_lockable(db):
    """What has no lock is read without one: a materialized view, a table of which the columns alone may be read."""
    with w.Watch(db) as first:
        first.migrate()
    db.sql("CREATE ROLE watcher LOGIN IN ROLE ehcwatch_daemon")
    with w.Watch(db, options={"source": db.conninfo.replace("user=postgres", "user=watcher")}) as ehc:
        ehc.cases.case(1, (RECEIVED, ago(200)))
        db.sql("ALTER TABLE casework.ehc_case RENAME TO real; CREATE MATERIALIZED VIEW casework.ehc_case AS SELECT * FROM casework.real;"
               "GRANT SELECT ON casework.ehc_case TO ehcwatch_daemon;"
               "REVOKE SELECT ON casework.ehc_exception FROM ehcwatch_daemon, ehcwatch_reader;"
               "GRANT SELECT (case_id, ground, from_on, to_on, recorded_at, voided_at) ON casework.ehc_exception TO ehcwatch_daemon")
        ehc.start().wait_ready()
        ehc.settle()
        t.ok(db.value("SELECT count(*) FROM ehcwatch.obligation WHERE state = 'breached'") > 0, "it is read")
        lines = ehc.log_lines("cannot be locked while read")
        t.ok(len(lines) == 1 and "casework.ehc_case, casework.ehc_exception cannot be locked" in lines[0], "and the log says so, once", "\n".join(lines))
        server = pathlib.Path(db.dir) / "data/server.log"
        refused = server.read_text().count("STATEMENT:  BEGIN")
        ehc.settle()
        t.eq((len(ehc.log_lines("cannot be locked while read")), refused, server.read_text().count("STATEMENT:  BEGIN")), (1, 1, 1),
             "once for many readings, and the server is not asked again")


for part in (source_that_empties, refused_case, fewer_limits, source_rewritten, not_lockable):
    with t.case(f"{part.__name__} ran to its end"):
        with h.Cluster() as cluster:
            cluster.set_now(w.NOON)
            part(cluster)
t.done()
