#!/usr/bin/python3
"""A database that was filled under an earlier version of our schema is migrated: nothing is lost, and the daemon goes on where it was, without
a baseline and without telling anything twice.

What an earlier daemon left is made by this one, and carried over into the schema of each earlier version, as far as that has the tables and
columns for it.
"""
import datetime

import _world as w
from _world import ROOT, ago, h

SECRET = h.new_secret()
MIGRATIONS = sorted((ROOT / "sql/migrations").glob("ehcwatch_*.sql"))
STATES = {1: ("pending", "done", "dead"), 3: ("pending", "done", "dead", "accepted", "superseded")}  # of a message, from that version on
# In an order in which references are there before what refers to them.
FIRST = ("transition", "endpoint", "outbox")
t = h.Tap()


def channels(hook):
    later = (datetime.datetime.now() + datetime.timedelta(hours=12)).strftime("%H:%M")  # no digest falls due while this runs
    return {name: {"url": hook.url("/" + name), "secret": SECRET, **more}
            for name, more in (("desk", {}), ("flow", {}), ("down", {}), ("people", {"send": "daily", "digest_at": later}))}


def fill(db, hook):
    """All that a daemon leaves behind: messages in each state, attempts, what waits for people, an acknowledgement, a journal."""
    with w.Watch(db, channels(hook)) as ehc:
        ehc.migrate()
        ehc.cases.case(100, ("request_received", ago(100)))
        ehc.start().wait_ready()
        ehc.settle()
        hook.behave(h.status(202), "/flow")
        hook.behave(h.status(503), "/down")
        for number in range(1, 6):
            ehc.cases.case(number, ("request_received", ago(50)))
        ehc.cases.event(100, "assess_agreed", ago(1), recorded_at=None)
        db.sql("INSERT INTO casework.ehc_event (case_id, event, occurred_on, recorded_at) VALUES (3, 'advice_requested', %s, NULL)", (ago(3),))
        ehc.read()
        ehc.wait_until(lambda: db.value("SELECT count(*) = 0 FROM ehcwatch.outbox JOIN ehcwatch.endpoint USING (endpoint_id) WHERE name IN ('desk', 'flow') AND state = 'pending'"),
                       what="the others to be delivered")
        ehc.wait_until(lambda: db.value("SELECT count(*) > 0 FROM ehcwatch.attempt WHERE http_status = 503"), what="an attempt that failed")
        ehc.wait_until(lambda: db.value("SELECT count(*) > 0 FROM ehcwatch.digest"), what="the composer to have begun")
    db.sql("UPDATE ehcwatch.outbox SET claim = NULL, state = CASE seq_in_state WHEN 1 THEN 'dead' WHEN 2 THEN 'superseded' ELSE 'pending' END"
           " FROM (SELECT outbox_id AS id, row_number() OVER (ORDER BY outbox_id) AS seq_in_state FROM ehcwatch.outbox WHERE state = 'pending') x WHERE id = outbox_id")
    db.sql("INSERT INTO ehcwatch.ack (kind, case_id, case_ref, limit_id, subject, start_on, state, who, reason, until)"
           " SELECT 'ack', case_id, 'EHC-0001', limit_id, subject, start_on, state, 'CO-017', 'with the panel', '2199-01-01'"
           " FROM ehcwatch.obligation WHERE case_id = 1 AND state = 'breached'")
    states = db.sql("SELECT DISTINCT state FROM ehcwatch.outbox ORDER BY state")
    t.eq([s for (s,) in states], sorted(STATES[3]), "there are messages in each state")
    for table in ("transition", "obligation", "attempt", "first_seen", "notice", "digest", "ack", "evaluation", "monitored"):
        t.ok(db.value(f"SELECT count(*) FROM ehcwatch.{table}") > 0, f"there is something in {table}")
    db.sql("ALTER SCHEMA ehcwatch RENAME TO filled")


def columns(db, schema, table):
    return [c for (c,) in db.sql("SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position", (schema, table))]


def tables(db, schema):
    found = {r for (r,) in db.sql("SELECT table_name FROM information_schema.tables WHERE table_schema = %s AND table_type = 'BASE TABLE'", (schema,))} - {"schema_version"}
    return [x for x in FIRST if x in found] + sorted(found - set(FIRST))


def of_version(db, version):
    """The schema as the migrations up to this one made it, with what was filled in."""
    db.sql("CREATE SCHEMA ehcwatch AUTHORIZATION ehcwatch_owner; SET ROLE ehcwatch_owner;"
           "CREATE TABLE ehcwatch.schema_version (version int PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())")
    for number, path in enumerate(MIGRATIONS[:version], 1):
        db.sql("SET ROLE ehcwatch_owner;" + path.read_text().replace("%", "%%"), ())
        db.sql("INSERT INTO ehcwatch.schema_version (version, name) VALUES (%s, %s)", (number, path.stem))
    db.sql("REVOKE ALL ON ehcwatch.schema_version FROM ehcwatch_daemon, ehcwatch_reader; GRANT SELECT ON ehcwatch.schema_version TO ehcwatch_daemon, ehcwatch_reader")
    states = STATES[max(v for v in STATES if v <= version)]
    for table in tables(db, "ehcwatch"):
        there = [c for c in columns(db, "ehcwatch", table) if c in columns(db, "filled", table)]
        names = ", ".join(f'"{c}"' for c in there)
        only = {"outbox": " WHERE state = ANY (%(states)s)", "attempt": " WHERE outbox_id IN (SELECT outbox_id FROM ehcwatch.outbox)",
                "notice": " WHERE outbox_id IS NULL OR outbox_id IN (SELECT outbox_id FROM ehcwatch.outbox)"}.get(table, "")
        db.sql(f"INSERT INTO ehcwatch.{table} ({names}) OVERRIDING SYSTEM VALUE SELECT {names} FROM filled.{table}{only}", {"states": list(states)})
        for (column,) in db.sql("SELECT column_name FROM information_schema.columns WHERE table_schema = 'ehcwatch' AND table_name = %s AND is_identity = 'YES'", (table,)):
            db.sql(f"SELECT setval(pg_get_serial_sequence('ehcwatch.{table}', '{column}'), coalesce((SELECT max({column}) FROM ehcwatch.{table}), 1))")


def contents(db, what):
    """The rows of these columns of these tables, as text."""
    return {table: sorted(r for (r,) in db.sql(f"SELECT ROW({', '.join(names)})::text FROM ehcwatch.{table}")) for table, names in what.items() if names}


def upgrade(db, hook, version):
    of_version(db, version)
    what = {table: columns(db, "ehcwatch", table) for table in tables(db, "ehcwatch")}
    before = contents(db, what)
    hook.calm()
    hook.clear()
    with w.Watch(db, channels(hook)) as ehc:
        done = ehc.command("migrate")
        t.ok(done.returncode == 0 and f"ehcwatch: version {len(MIGRATIONS)}\n" in done.stdout, f"{version}: it migrates", done.stdout + done.stderr)
        still = {table: [c for c in names if c in columns(db, "ehcwatch", table)] for table, names in what.items()}
        t.eq(still, what, f"{version}: no table and no column is gone")
        after = contents(db, still)
        t.eq([table for table in before if before[table] != after[table]], [], f"{version}: every row is as it was")
        owed = sorted(db.sql("SELECT message_id, state FROM ehcwatch.outbox"))
        due = db.sql("UPDATE ehcwatch.outbox SET next_attempt_at = ehcwatch.clock() WHERE state = 'pending' RETURNING message_id, body")
        db.sql("UPDATE ehcwatch.endpoint SET circuit = 'closed', open_until = NULL, paused_until = NULL")
        told = sorted(db.sql("SELECT message_id, case_id, event_seq FROM ehcwatch.transition"))
        ehc.start().wait_ready()
        ehc.settle()
        t.eq(sorted(db.sql("SELECT message_id, case_id, event_seq FROM ehcwatch.transition")), told, f"{version}: the daemon goes on: nothing has changed, nothing is told")
        t.eq(sorted(m for (m, _) in owed), sorted(m for (m,) in db.sql("SELECT message_id FROM ehcwatch.outbox")), f"{version}: no baseline, no message of its own")
        got = {}
        for r in hook.requests:
            got.setdefault(r.id, set()).add(r.body)
        dead = {m for m, state in owed if state == "dead"}
        t.eq({m: {bytes(b)} for m, b in due}, {m: b for m, b in got.items() if m not in dead}, f"{version}: what was pending is delivered, the same bytes under the same id")
        t.eq(len(due) > 0 and set(got) - dead <= {m for m, _ in due}, True, f"{version}: and nothing that was delivered before")
        ehc.wait_until(lambda: db.value("SELECT count(*) FROM ehcwatch.history_day") > 0, what="the history to begin")
        if "ack" in before:
            t.eq(db.sql("SELECT case_id, who, cleared_at FROM ehcwatch.ack"), [(1, "CO-017", None)], f"{version}: the acknowledgement is in force")
        if "notice" in before:
            t.ok(db.value("SELECT count(*) FROM ehcwatch.notice WHERE state = 'waiting'") == sum(",waiting," in row for row in before["notice"]) > 0,
                 f"{version}: what waits for people waits")
        seen = [row for row in before.get("first_seen", []) if row not in contents(db, {"first_seen": what.get("first_seen", [])})["first_seen"]]
        t.eq(seen, [], f"{version}: the journal is kept")
        last = dict(db.sql("SELECT case_id, max(event_seq) FROM ehcwatch.transition GROUP BY case_id"))
        ehc.cases.event(2, "assess_agreed", w.TODAY)
        ehc.settle()
        t.eq(db.sql("SELECT to_state, event_seq FROM ehcwatch.transition WHERE case_id = 2 AND event_seq > %s AND limit_id = 'assess_decision_6w'", (last[2],))[:1],
             [("met_late", last[2] + 1)], f"{version}: the next change is the next number")
        t.eq(ehc.gaps(), [], f"{version}: no number is missing")
    db.sql("DELETE FROM casework.ehc_event WHERE case_id = 2 AND event = 'assess_agreed'; DROP SCHEMA ehcwatch CASCADE")


with h.Cluster() as cluster, h.Receiver(secret=SECRET) as receiver:
    cluster.set_now(w.NOON)
    with t.case("a database is filled"):
        fill(cluster, receiver)
    for earlier in range(1, len(MIGRATIONS)):
        with t.case(f"from version {earlier} to {len(MIGRATIONS)}"):
            upgrade(cluster, receiver, earlier)
t.done()
