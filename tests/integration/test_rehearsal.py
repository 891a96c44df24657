#!/usr/bin/python3
"""The clock that a rehearsal sets: read in the snapshot where it is there and may be read, told in the log, and no reason to
fail where it is not."""
import datetime
import pathlib

import _world as w
from _world import h

QUERY = (pathlib.Path(__file__).resolve().parents[2] / "sql/queries/source_clock.sql").read_text()
SETTING, TABLE = "the setting ehcwatch.now", "the table ehcwatch.rehearsal"
t = h.Tap()


def day(text):
    return (datetime.date.fromisoformat(text) - datetime.date(1970, 1, 1)).days


def clock(db, *before):
    """(civil day, microseconds, what stands in) as a session sees it after these statements."""
    connection = db.connect()
    try:
        with connection.cursor() as cursor:
            for statement in ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY", *before):
                cursor.execute(statement)
            cursor.execute(QUERY)
            return cursor.fetchone()
    finally:
        connection.close()


def today(db):
    return db.value("SELECT (now() AT TIME ZONE 'Europe/London')::date - date '1970-01-01'")


def the_query(db):
    first = today(db)
    t.ok(clock(db)[0] in (first, today(db)) and clock(db)[2] == "", "a database without our schema has its own clock")
    with h.Daemon(db) as ehc:
        ehc.migrate()
    t.ok(clock(db)[0] in (first, today(db)) and clock(db)[2] == "", "so has one with it, out of a rehearsal")
    db.set_clock("2027-03-28 23:30:00+00")
    t.eq(clock(db), (day("2027-03-29"), 1806276600_000000, TABLE), "in a rehearsal its time counts, and its date is that of London")
    db.set_clock("1969-12-31 22:59:59.25+00")
    t.eq(clock(db), (-1, -3600_750000, TABLE), "even one before 1970, to the microsecond")
    t.eq(clock(db, "SET LOCAL ehcwatch.now = '2026-06-15 12:00:00+01'"), (day("2026-06-15"), 1781521200_000000, SETTING), "the setting goes before it")
    db.sql("CREATE ROLE nobody NOLOGIN; CREATE ROLE half NOLOGIN; GRANT USAGE ON SCHEMA ehcwatch TO half; CREATE ROLE reader NOLOGIN IN ROLE ehcwatch_reader")
    for role, why in (("nobody", "who may not use our schema"), ("half", "who may not read the table")):
        got = clock(db, f"SET LOCAL ROLE {role}")
        t.ok(got[0] in (first, today(db)) and got[2] == "", f"one {why} has the clock of the database", got)
    t.eq(clock(db, "SET LOCAL ROLE reader")[2], TABLE, "a reader of our schema sees the rehearsal")


def in_the_snapshot(db):
    connection = db.connect()
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute("SELECT 1")
        db.set_clock("2027-01-01 12:00:00+00")
        cursor.execute(QUERY)
        t.eq(cursor.fetchone()[0], -1, "a snapshot keeps its time when the clock is set meanwhile")
    connection.close()
    t.eq(clock(db)[0], day("2027-01-01"), "the next one has the new")


def the_daemon(db):
    with w.Watch(db, options={"limits": ["assess_decision_6w"], "poll_interval": 3600}) as ehc:
        ehc.start().wait_ready()
        for moment, midnight in (("2027-01-02 12:00:00+00", 1798848000), ("2027-07-02 23:30:00+00", 1814569200)):
            db.set_clock(moment)
            ehc.wait_metric("ehc_civil_date_timestamp_seconds", lambda v, want=midnight: v == want)
        t.ok(True, "setting the clock is enough: the daemon reads anew, without a new session")
        t.eq([line.split("clock_overridden: ")[-1] for line in ehc.log_lines("in place of the clock")],
             [TABLE + " puts 2027-01-01T12:00:00Z in place of the clock of the case database: for tests and rehearsals only"],
             "it warns, once")


with h.Cluster() as cluster:
    for part in (the_query, in_the_snapshot, the_daemon):
        with t.case(f"{part.__name__} ran to its end"):
            part(cluster)
t.done()
