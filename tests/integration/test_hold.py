#!/usr/bin/python3
"""What cannot be meant is not told; and one case that the database refuses keeps no other from being told."""
import signal

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
        ehc.wait_until(lambda: why(ehc)[0] == 503, 20, "the daemon to hold")
        t.ok("60 of 60 cases have lost all their obligations" in why(ehc)[1], "a source that is suddenly empty is a fault, and said so",
             why(ehc)[1])
        t.eq(told(ehc), before, "nobody is told of it")
        db.sql("INSERT INTO casework.ehc_event OVERRIDING SYSTEM VALUE SELECT * FROM kept; NOTIFY ehcwatch_poll")
        ehc.wait_until(lambda: why(ehc)[0] == 200, 20, "the daemon to go on")
        ehc.settle()
        t.eq(told(ehc), before, "nor when everything is back")
        db.sql("DELETE FROM casework.ehc_event; NOTIFY ehcwatch_poll")
        ehc.wait_until(lambda: why(ehc)[0] == 503, 20, "the daemon to hold again")
        ehc.send(signal.SIGHUP)
        ehc.wait_until(lambda: told(ehc) > before, 20, "the loss to be told")
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
        ehc.wait_until(lambda: db.value("SELECT count(DISTINCT case_id) FROM ehcwatch.transition WHERE to_state = 'met_late'") == 29, 30,
                       "the other cases")
        ehc.wait_until(lambda: why(ehc)[0] == 503, 20, "the trouble to show")
        t.ok("case_id 7" in why(ehc)[1] and "1 cases could not be written" in why(ehc)[1], "the one that is refused is named", why(ehc)[1])
        t.ok(told(ehc) > before, "the others are told")
        db.sql("ALTER TABLE ehcwatch.transition DROP CONSTRAINT no7; NOTIFY ehcwatch_poll")
        ehc.wait_until(lambda: db.value("SELECT count(DISTINCT case_id) FROM ehcwatch.transition WHERE to_state = 'met_late'") == 30, 60,
                       "the refused case, once mended")
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


for part in (source_that_empties, refused_case, fewer_limits):
    with t.case(f"{part.__name__} ran to its end"):
        with h.Cluster() as cluster:
            cluster.set_now(w.NOON)
            part(cluster)
t.done()
