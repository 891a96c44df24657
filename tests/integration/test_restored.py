#!/usr/bin/python3
"""The state database comes back with less than it held; and subjects that no index holds."""
import _world as w
from _world import ago, h

RECEIVED = "request_received"
t = h.Tap()


def restored_during_a_reading(source, state):
    with w.Watch(source, options={"state": state.conninfo}) as ehc:
        ehc.migrate()
        ehc.start().wait_ready()
        ehc.db = state
        ehc.cases.case(1, (RECEIVED, ago(60)))
        ehc.settle()
        ehc.cases.case(2, (RECEIVED, ago(60)))
        ehc.settle()
        t.eq(len(ehc.transitions(2)), 1, "a breach is told")
        blocker = source.connect()
        with blocker, blocker.cursor() as cursor:
            cursor.execute("LOCK TABLE casework.ehc_event IN ACCESS EXCLUSIVE MODE")
            ehc.wait_until(lambda: w.blocked(source, blocker, "ehcwatchd source"), what="a reading that waits")
            # An older backup, or a standby that had not heard of the last commits.
            state.sql("DELETE FROM ehcwatch.obligation WHERE case_id = 2; DELETE FROM ehcwatch.case_state WHERE case_id = 2;"
                      "DELETE FROM ehcwatch.transition WHERE case_id = 2")
            ups = len(ehc.log_lines("connected to the state database"))
            state.drop_connections()
            ehc.wait_until(lambda: len(ehc.log_lines("connected to the state database")) > ups, what="a new connection")
            t.ok(w.blocked(source, blocker, "ehcwatchd source"), "the reading is still under way")
        blocker.close()
        ehc.settle()
        t.eq(len(ehc.transitions(2)), 1, "what a restored database has forgotten is told again at once")
        t.eq(state.value("SELECT count(*) FROM ehcwatch.obligation WHERE case_id = 2"), 2, "and its obligations are written again")


def hard_subjects(source, state):
    """A case system whose view gives a column of remarks for a subject."""
    with w.Watch(source, options={"state": state.conninfo, "limits": ["all"]}) as ehc:
        ehc.db = state
        source.sql("TRUNCATE casework.ehc_case, casework.ehc_event")
        state.sql("TRUNCATE " + ", ".join("ehcwatch." + x for x in w.STATE_TABLES) + " RESTART IDENTITY")
        remark = source.value("SELECT string_agg(md5(n::text), '') FROM generate_series(1, 300) n")
        for number, subject in ((1, remark), (2, "x" * 199 + "ë"), (3, "Zoë")):
            ehc.cases.case(number, (RECEIVED, ago(60)), ("advice_requested", ago(50), subject))
        source.sql("UPDATE casework.ehc_event SET recorded_at = NULL")
        ehc.start().wait_ready()
        ehc.settle()
        told = {1: remark[:200], 2: "x" * 199, 3: "Zoë"}
        t.eq(dict(state.sql("SELECT case_id, subject FROM ehcwatch.obligation WHERE subject <> ''")), told,
             "a subject of several kB is cut, and keeps no other case from being written")
        t.eq(dict(state.sql("SELECT case_id, subject FROM ehcwatch.first_seen WHERE subject <> ''")), told, "nor from being remembered")


with h.Cluster() as a, h.Cluster() as b:
    a.set_now(w.NOON)
    for part in (restored_during_a_reading, hard_subjects):
        with t.case(f"{part.__name__} ran to its end"):
            part(a, b)
t.done()
