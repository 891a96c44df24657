#!/usr/bin/python3
"""Outages of the daemon, the database, the receiver and the clock, told as timelines: whoever was away catches up, everything in order,
nothing twice that need not be, and no storm."""
import pathlib
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "timeline"))
from timeline import SECRET, Timeline, Unmet, h, play, span, w  # noqa: E402

t = h.Tap()
LATE = ("request_received", -50)


def due_in(days):
    """A request whose decision is due in so many days, at risk for the last seven."""
    return ("request_received", days - 42)


# Midnight falls into each of the outages: what is due on the day of the begin is broken by the end of even the shortest.
BEGIN = "2026-06-15 23:30"
FACTS = [  # what happens while somebody is away
    ("event", 2, "assess_agreed"),
    ("case", 3, LATE),
    ("event", 4, "assess_agreed"),
]
BEFORE = [("+0", "cases", [1, 4], due_in(0)), ("+0", "case", 2, LATE), ("+0", "arrived", "desk", ["1 at_risk", "2 breached", "4 at_risk"])]
OWED = ["1 breached", "2 met_late", "3 breached", "4 met"]
LONG = {"1h": ("+1h", "+10m"), "3d": ("+3d", "+10m"), "30d": ("+30d", "+10m")}  # until when, and when FACTS happen: before midnight


def at(when, facts):
    return [(when, *fact) for fact in facts]


def daemon_away(name, until, during, how):
    return Timeline(f"P12: the daemon is {how} for {name}", BEGIN, [
        *BEFORE,
        ("+5m", {"stopped": "stop", "killed": "kill"}[how]),
        *at(during, FACTS),
        (until, "nothing"),
        (until, "start"),
        (until, "arrived", "desk", OWED),
        (f"+{span(until).days + 2}d", "nothing"),
    ])


def database_away(name, until):
    return Timeline(f"P12: the database is down for {name}", BEGIN, [
        *BEFORE,
        ("+5m", "database", "down"),
        (until, "nothing"),
        (until, "database", "up"),
        (until, "arrived", "desk", ["1 breached", "4 breached"]),
        *at(until, [("event", 2, "assess_agreed"), ("case", 3, LATE), ("event", 4, "assess_agreed")]),
        (until, "arrived", "desk", ["2 met_late", "3 breached", "4 met_late"]),
        (f"+{span(until).days + 2}d", "nothing"),
    ])


def seen(name, cases):
    """What the receiver got in all: each case's messages in this order, each id counted once, first acceptances only."""
    def check(run):
        got = {}
        for r in run.endpoints[name].requests:
            if r.answered == 200 and r.id not in [i for i, _ in got.setdefault(r.data["case_ref"], [])]:
                got[r.data["case_ref"]].append((r.id, r.data["to"]))
        short = {int(ref[4:]): [to for _, to in v] for ref, v in got.items()}
        if short != cases:
            raise Unmet(f"{name}: accepted {short}, not {cases}")
    return check


def receiver_away(name, until, during, how):
    """Another endpoint, which is well, gets everything at once."""
    back = "up" if how == "down" else h.ok()
    return Timeline(f"P12: one of two receivers is {'not there' if how == 'down' else 'failing'} for {name}", BEGIN, [
        *BEFORE, ("+0", "arrived", "well", ["1 at_risk", "2 breached", "4 at_risk"]),
        ("+5m", "receiver", "desk", how if how == "down" else h.status(503)),
        *at(during, FACTS),
        (during, "arrived", "well", ["2 met_late", "3 breached", "4 met"]),
        ("+30m5s", "arrived", "well", ["1 breached"]),  # at midnight
        (until, "receiver", "desk", back),
        (f"+{span(until).days + 2}d", "call", seen("desk", {1: ["at_risk", "breached"], 2: ["breached", "met_late"], 3: ["breached"], 4: ["at_risk", "met"]})),
        (f"+{span(until).days + 2}d", "nothing", "well"),
        (f"+{span(until).days + 2}d", "holds", "SELECT DISTINCT state FROM ehcwatch.outbox WHERE case_id > 0", [("done",)]),
    ], endpoints={"desk": {}, "well": {}})


PHASES = {  # a table that is locked when the daemon comes to it, and how often the message may come
    "ehcwatch.case_state": 1, "ehcwatch.obligation": 1, "ehcwatch.transition": 1, "ehcwatch.outbox": 1, "ehcwatch.attempt": 2,
}


def ended_in(table, copies, how):
    message = ["1 breached" if copies == 1 else f"1 breached x{copies}"]
    return Timeline(f"the daemon is {how} while it waits to write {table.split('.')[1]}", "2026-06-15 12:00", [
        ("+0", "lock", table),
        ("+0", "case", 1, LATE),
        ("+0", "stuck", table),
        ("+0", {"stopped": "stop", "killed": "kill"}[how]),
        ("+0", "drop"),
        ("+0", "unlock", table),
        ("+0", "start"),
        ("+1h", "arrived", "desk", message),
        ("+1h", "holds", "SELECT state, seq FROM ehcwatch.outbox WHERE case_id > 0", [("done", 1)]),
        ("+1h", "event", 1, "assess_agreed"),
        ("+1h", "arrived", "desk", ["1 met_late"]),
    ], options={"drain_timeout": 1})


RESTARTS = [ended_in(table, copies, how) for table, copies in PHASES.items() for how in ("killed", "stopped")] + [
    Timeline("the daemon is killed while a request is under way", "2026-06-15 12:00", [
        ("+0", "receiver", "desk", h.hang()),
        ("+0", "busy"), ("+0", "case", 1, LATE), ("+0", "await", "desk", 1),
        ("+0", "kill"), ("+0", "rest"),
        ("+0", "receiver", "desk", h.ok()),
        ("+1m", "start"),
        ("+1m", "arrived", "desk", ["1 breached x2"]),
        ("+1m", "holds", "SELECT state, attempts FROM ehcwatch.outbox WHERE case_id = 1", [("done", 2)]),
    ], endpoints={"desk": {"timeout": 20}}),
    Timeline("the daemon is stopped while a request is under way: it is given back, and no attempt is burnt", "2026-06-15 12:00", [
        ("+0", "receiver", "desk", h.hang()),
        ("+0", "busy"), ("+0", "case", 1, LATE), ("+0", "await", "desk", 1),
        ("+0", "stop"), ("+0", "rest"),
        ("+0", "holds", "SELECT state, claim, tries FROM ehcwatch.outbox WHERE case_id = 1", [("pending", None, 0)]),
        ("+0", "receiver", "desk", h.ok()),
        ("+1s", "start"),
        ("+1s", "arrived", "desk", ["1 breached x2"]),
    ], endpoints={"desk": {"timeout": 20}}, options={"drain_timeout": 0}),
    Timeline("restarted ten times in a day, it tells each thing once", "2026-06-15 12:00", [
        step for n in range(10) for step in (
            (f"+{2 * n}h", "case", n + 1, LATE),
            (f"+{2 * n}h", "kill" if n % 2 else "stop"),
            (f"+{2 * n + 1}h", "start"),
            (f"+{2 * n + 1}h", "arrived", "desk", [f"{n + 1} breached"]))
    ] + [("+3d", "nothing")]),
]

OTHERS = [
    Timeline("an endpoint is taken out for three days while messages are pending, and put back", "2026-06-15 12:00", [
        ("+0", "receiver", "desk", h.status(503)),
        ("+0", "case", 1, LATE),
        ("+1h", "call", lambda run: run.kept.update(hook=run.daemons["a"].webhooks["desk"])),
        ("+1h", "reload", "a", lambda ehc: ehc.webhooks.pop("desk")),
        ("+1h", "receiver", "desk", h.ok()),
        ("+2h", "event", 1, "assess_agreed"),
        ("+2h", "case", 2, LATE),
        ("+2h", "arrived", "well", ["1 breached", "1 met_late", "2 breached"]),
        ("+2h", "call", lambda run: run.taken.update(desk=len(run.endpoints["desk"].requests))),
        ("+3d", "nothing"),
        ("+3d", "call", lambda run: run.daemons["a"].webhooks.update(desk=run.kept["hook"])),
        ("+3d", "reload"),
        ("+3d", "arrived", "desk", ["1 breached"]),
        ("+3d", "case", 3, LATE),
        ("+3d", "arrived", "desk", ["3 breached"]),
        ("+4d", "holds", "SELECT count(*) FROM ehcwatch.outbox WHERE state = 'pending'", [(0,)]),
    ], endpoints={"desk": {}, "well": {}}),
    Timeline("the receiver answers while the database is down: what it took is recorded when that is back, and not sent again", "2026-06-15 12:00", [
        ("+0", "receiver", "desk", w.held(answer := threading.Event())),
        ("+0", "busy"), ("+0", "case", 1, LATE), ("+0", "await", "desk", 1),
        ("+0", "database", "down"),
        ("+0", "call", lambda run: answer.set()),
        ("+0", "call", lambda run: h.wait_until(lambda: run.endpoints["desk"].requests[0].answered == 200)),
        ("+30s", "database", "up"), ("+30s", "rest"),
        ("+10m", "arrived", "desk", ["1 breached"]),
        ("+10m", "holds", "SELECT state, attempts FROM ehcwatch.outbox WHERE case_id = 1", [("done", 1)]),
    ], endpoints={"desk": {"timeout": 60}}),
    Timeline("a reload that cannot be: the settings before stay in force, and so does the secret", "2026-06-15 12:00", [
        ("+0", "secrets", "desk", "whsec_bm90IGEga2V5"),  # too short to be one
        ("+0", "says", "<3>reload_refused: .*not a usable key.*the settings before stay in force"),
        ("+0", "case", 1, LATE),
        ("+0", "arrived", "desk", ["1 breached"]),
        ("+1h", "reload", "a", lambda ehc: ehc.webhooks["desk"].update(secret=SECRET, url="gopher://nowhere")),
        ("+1h", "says", "<3>reload_refused: .*url must be a whole"),
        ("+1h", "event", 1, "assess_agreed"),
        ("+1h", "arrived", "desk", ["1 met_late"]),
    ]),
    Timeline("an endpoint moves to another address while its messages wait: they follow, each with its id", "2026-06-15 12:00", [
        ("+0", "receiver", "desk", "down"),
        ("+0", "cases", [1, 2, 3], LATE),
        ("+10m", "reload", "a", lambda ehc: ehc.webhooks["desk"].update(url=ehc.webhooks["new"]["url"])),
        ("+1h", "arrived", "new", [f"{n} breached x2" for n in (1, 2, 3)]),  # once as its own, once as the other's
        ("+1h", "holds", "SELECT DISTINCT state FROM ehcwatch.outbox WHERE case_id > 0", [("done",)]),
        ("+1h", "receiver", "desk", "up"),
        ("+1d", "nothing", "desk"),
    ], endpoints={"desk": {}, "new": {}}),
    Timeline("the clocks go back while a receiver fails for a week: attempts keep their distance", "2026-10-21 12:00", [
        ("+0", "receiver", "desk", h.status(500)),
        ("+0", "case", 1, LATE),
        ("+6d", "holds", "SELECT max(g) < '7 h 13 m', min(g) FILTER (WHERE n > 10) > '4 h 47 m' FROM (SELECT n, recorded_at - lag(recorded_at) OVER (ORDER BY n) AS g"
                         " FROM ehcwatch.attempt JOIN ehcwatch.outbox USING (outbox_id) WHERE case_id > 0) x", [(True, True)]),
        ("+6d", "receiver", "desk", h.ok()),
        ("+7d", "holds", "SELECT state FROM ehcwatch.outbox WHERE case_id = 1", [("done",)]),
    ]),
    Timeline("the clocks go forward in the night that a limit runs out", "2026-03-28 22:00", [
        ("+0", "case", 1, due_in(0)),
        ("+0", "case", 2, due_in(1)),
        ("+0", "arrived", "desk", ["1 at_risk", "2 at_risk"]),
        ("2026-03-28 23:59:59", "nothing"),
        ("2026-03-29 00:00:05", "arrived", "desk", ["1 breached"]),
        ("2026-03-29 23:59:59", "nothing"),
        ("2026-03-30 00:00:05", "arrived", "desk", ["2 breached"]),
    ]),
    Timeline("P12: the clock of the database jumps by an hour, forward and back", BEGIN, [
        *BEFORE,
        ("+5m", "clock", "+1h"),
        ("+5m", "arrived", "desk", ["1 breached", "4 breached"]),  # by the database's clock it is the next day: that is the authority
        ("+2h", "clock", "-1h"),
        ("+2h", "event", 4, "assess_agreed"),
        ("+2h", "arrived", "desk", ["4 met_late"]),
        ("+3d", "nothing"),
    ]),
    Timeline("P12: the clock jumps a day ahead and is put right: nothing is told twice or taken back", BEGIN, [
        ("+0", "case", 1, due_in(0)), ("+0", "case", 5, due_in(2)), ("+0", "arrived", "desk", ["1 at_risk", "5 at_risk"]),
        ("+5m", "clock", "+1d"),
        ("+5m", "arrived", "desk", ["1 breached"]),
        ("+10m", "busy"),
        ("+10m", "clock", "-1d"),
        ("+10m", "says", "its date went back from 2026-06-16 to 2026-06-15: waiting for it to catch up"),
        ("+10m", "case", 2, LATE),
        ("+1d", "rest"),
        ("+1d", "arrived", "desk", ["2 breached"]),
        ("+2d", "nothing"),
        ("+3d", "arrived", "desk", ["5 breached"]),
    ]),
]

if __name__ == "__main__":
    with h.Cluster(keep=True) as cluster:
        with w.Watch(cluster) as first:
            first.migrate()
        play(t, cluster, [daemon_away(n, *x, how) for n, x in LONG.items() for how in ("stopped", "killed")]
             + [database_away(n, x[0]) for n, x in LONG.items()]
             + [receiver_away(n, *x, how) for n, x in LONG.items() for how in ("down", "failing") if n != "30d"]
             + RESTARTS + OTHERS)
    t.done()
