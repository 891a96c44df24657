#!/usr/bin/python3
"""A limit that is due on D is broken at midnight in London after D: not a second before, whatever the time zone of the daemon, of
the session or of the server. Each side of both clock changes, the turn of the year and a leap day."""
import contextlib
import datetime
import json
import os
import zoneinfo

import _world as w
from _world import h

LONDON = zoneinfo.ZoneInfo("Europe/London")
SECRET = h.new_secret()
LIMIT = "assess_decision_6w"
DUE = [datetime.date(*d) for d in ((2026, 3, 27), (2026, 3, 28), (2026, 3, 29), (2026, 3, 30), (2026, 10, 23), (2026, 10, 24),
                                   (2026, 10, 25), (2026, 10, 26), (2026, 12, 31), (2028, 2, 29))]
# A daemon for each: its own TZ (None: not set) and the time zone of its sessions (None: the server's).
ZONES = {"unset": (None, None), "bad": ("Nowhere/Bad", "America/Los_Angeles"), "tokyo": ("Asia/Tokyo", "UTC"),
         "york": ("America/New_York", "Asia/Kolkata")}
SERVER_ZONE = "Pacific/Kiritimati"  # 14 hours ahead
t = h.Tap()


def midnight(day):
    """The instant at which the day begins in London."""
    return datetime.datetime.combine(day, datetime.time(), LONDON).astimezone(datetime.timezone.utc)


def instants():
    """(instant, civil date then), going forward."""
    second, day = datetime.timedelta(seconds=1), datetime.timedelta(days=1)
    moments = {}
    for due in DUE:
        moments[midnight(due + day) - second] = due
        moments[midnight(due + day)] = due + day
    return sorted(moments.items())


def shown(ehc, as_of, moment):
    """What the daemon shows, once it has read at this moment."""
    ehc.wait_metric("ehc_source_snapshot_timestamp_seconds", lambda v: v == moment.timestamp())
    ehc.read()
    numbers = ehc.metrics()
    _, headers, body = ehc.http(f"/v1/breaches.json?limit={LIMIT}")
    return {"civil date": numbers["ehc_civil_date_timestamp_seconds"] - midnight(as_of).timestamp(),
            "breached": numbers[h.series("ehc_obligations", limit=LIMIT, state="breached")],
            "as of": headers["ehcwatch-as-of"],
            "listed": len(json.loads(body)["items"])}


def follow(db, hook, daemons):
    for moment, as_of in instants():
        late = [d for d in DUE if d < as_of]
        db.set_now(moment.strftime("%Y-%m-%d %H:%M:%S+00"))
        for name, ehc in daemons.items():
            want = {"civil date": 0.0, "breached": float(len(late)), "as of": str(as_of), "listed": len(late)}
            t.eq(shown(ehc, as_of, moment), want, f"{name}: {moment:%Y-%m-%d %H:%M:%S}Z is {as_of} in London, {len(late)} broken")
            hook.wait_for(lambda seen, p="/" + name, n=len(late): len([r for r in w.bodies(seen, path=p) if r.data["to"] == "breached"]) >= n,
                          what=f"{len(late)} messages")


def judge(hook):
    for name in ZONES:
        got = [(r.data["due_on"], r.data["as_of"], r.data["known_at"]) for r in w.bodies(hook.requests, path="/" + name)
               if r.data["to"] == "breached"]
        want = [(str(d), str(d + datetime.timedelta(1)), midnight(d + datetime.timedelta(1)).strftime("%Y-%m-%dT%H:%M:%SZ")) for d in DUE]
        t.eq(got, want, f"{name}: one message for each, at the very midnight")
    told = {}
    for r in w.bodies(hook.requests):
        body = r.json()
        body.pop("timestamp")
        told.setdefault(r.path, []).append(body)
    t.ok(all(sorted(map(str, x)) == sorted(map(str, told["/unset"])) for x in told.values()), "all were told the same, word for word")
    t.eq([r.fault for r in hook.requests if r.fault], [], "and signed")


def session_zone(db):
    """Of a session that begins now."""
    connection = db.connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW timezone")
            return cursor.fetchone()[0]
    finally:
        connection.close()


def prepare(db, name):
    """A state database whose settings are not the usual ones either."""
    connection = db.connect(autocommit=True)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        for setting in ("DateStyle = 'German, DMY'", "bytea_output = 'escape'", "standard_conforming_strings = off", "IntervalStyle = 'iso_8601'"):
            cursor.execute(f"ALTER DATABASE {name} SET {setting}")
    connection.close()


def main():
    with h.Cluster(keep=True) as db, h.Receiver(secret=SECRET) as hook, contextlib.ExitStack() as stack:
        connection = db.connect(autocommit=True)
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER SYSTEM SET timezone = '{SERVER_ZONE}'")
            cursor.execute("SELECT pg_reload_conf()")
        connection.close()
        h.wait_until(lambda: session_zone(db) == SERVER_ZONE, what="the server's time zone")
        daemons = {}
        for name, (zone, session) in ZONES.items():
            prepare(db, name)
            options = {"limits": [LIMIT], "state": db.conninfo.replace("dbname=postgres", f"dbname={name}")}
            if session is not None:
                options["source"] = db.conninfo + f" options='-c TimeZone={session}'"
            ehc = w.Watch(db, {"desk": {"url": hook.url("/" + name), "secret": SECRET}}, options)
            ehc.env = {k: v for k, v in os.environ.items() if k != "TZ"} | ({"TZ": zone} if zone else {})
            daemons[name] = stack.enter_context(ehc).migrate()
        for number, due in enumerate(DUE, 1):
            daemons["unset"].cases.case(number, ("request_received", due - datetime.timedelta(days=42)))
        db.set_now("2026-03-27 12:00:00+00")
        t.eq(session_zone(db), SERVER_ZONE, "the server is far from London")
        for ehc in daemons.values():
            ehc.start().wait_ready()
        follow(db, hook, daemons)
        judge(hook)


with t.case("it ran to its end"):
    main()
t.done()
