#!/usr/bin/python3
"""People and machines through outages, told as timelines (tests/timeline): machines get everything in order, people one message each."""
import datetime
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "timeline"))
from timeline import Timeline, Unmet, h, play, w, words  # noqa: E402

t = h.Tap()
LATE = ("request_received", -50)
NOON = "2026-06-15 12:00"  # a Monday


def due_in(days):
    return ("request_received", days - 42)


PEOPLE = {"now": {"send": "immediate", "settle": 0}, "daily": {"send": "daily"}, "weekly": {"send": "weekly", "digest_day": "tue"}}
AWAY = [
    Timeline("people and machines on an ordinary day", NOON, [
        ("+0", "cases", [1, 2], LATE),
        ("+0", "arrived", "desk", ["1 breached", "2 breached"]),
        ("+0", "arrived", "now", ["breached [1 breached, 2 breached]"]),
        ("+1h", "event", 1, "assess_agreed"),
        ("+1h", "arrived", "desk", ["1 met_late"]),
        ("+1h", "arrived", "now", ["met_late [1 met_late]"]),
        ("2026-06-16 07:59", "nothing"),
        ("2026-06-16 08:00", "arrived", "daily", ["digest.daily [1 met_late, 2 breached]"]),
        ("2026-06-16 08:00", "arrived", "weekly", ["digest.weekly [1 met_late, 2 breached]"]),
        ("2026-06-22 12:00", "nothing"),
        ("2026-06-23 08:00", "arrived", "weekly", ["digest.weekly [2 still breached]"]),
    ], endpoints={"desk": {}, **PEOPLE}),
]



UNTIL = {"1h": "2026-06-16 08:30", "3d": "2026-06-19 08:30", "30d": "2026-07-16 08:30"}  # from Tuesday 07:30: a daily and a weekly digest are missed
DOWN, DURING = "2026-06-16 07:30", "2026-06-16 07:40"


def one_each(*cases):
    """Whoever was to be told gets one message, with all of these cases in it."""
    def check(run):
        for name in PEOPLE:
            requests = run.endpoints[name].requests[run.taken[name]:]
            run.taken[name] += len(requests)
            got = {r.id: r for r in requests if r.answered == 200 and any(f"{c} " in words(r) for c in cases)}
            if len(got) != 1:
                raise Unmet(f"{name}: {len(got)} messages, not one: {[words(r) for r in got.values()]}")
            (only,) = got.values()
            missing = [c for c in cases if f"{c} " not in words(only)]
            if missing:
                raise Unmet(f"{name}: {words(only)} does not tell of {missing}")
    return check


def away(what, name, until, leave, come_back, during=()):
    return Timeline(f"P12: {what} for {name}: machines get all in order, people one message each", NOON, [
        ("+0", "case", 1, LATE),
        ("+0", "arrived", "desk", ["1 breached"]),
        ("+0", "arrived", "now", ["breached [1 breached]"]),
        *((DOWN, *x) for x in leave),
        *((DURING, *x) for x in during),
        *((until, *x) for x in come_back),
        (until, "arrived", "desk", ["1 met_late", "2 breached", "3 met_late"]),
        (until, "call", one_each(1, 2)),
    ], endpoints={"desk": {}, **PEOPLE})


WHILE_AWAY = [("at_once", ("event", 1, "assess_agreed"), ("cases", [2, 3], LATE), ("event", 3, "assess_agreed"))]
AWAY += [away("the daemon is away", n, until, [("stop",)], [("start",)], WHILE_AWAY) for n, until in UNTIL.items()]
AWAY += [away("the database is away", n, until, [("busy",), *WHILE_AWAY, ("database", "down"), ("rest",)], [("database", "up")]) for n, until in UNTIL.items()]


def later(when, hours):
    """So many hours after a time in London."""
    return (datetime.datetime.fromisoformat(when) + datetime.timedelta(hours=hours)).strftime("%Y-%m-%d %H:%M")


def accepted(name, cases):
    """What the receiver took in all: each case's messages in this order, each id counted once."""
    def check(run):
        got = {}
        for r in run.endpoints[name].requests:
            if r.answered == 200 and "event_seq" in r.data and r.id not in [i for i, _ in got.setdefault(r.data["case_ref"], [])]:
                got[r.data["case_ref"]].append((r.id, r.data["to"]))
        short = {int(ref[4:]): [to for _, to in v] for ref, v in got.items()}
        if short != cases:
            raise Unmet(f"{name}: accepted {short}, not {cases}")
    return check


def failing(name, until, how):
    """Every receiver fails, or is not there. A working day after they are well the schedule has been there; what was given up meanwhile
    comes with the next message."""
    ends, end = ("desk", *PEOPLE), later(until, 8)
    return Timeline(f"P12: all receivers {'are gone' if how == 'down' else 'fail'} for {name}: machines get all in order, people one message each", NOON, [
        ("+0", "case", 1, LATE),
        ("+0", "arrived", "desk", ["1 breached"]),
        ("+0", "arrived", "now", ["breached [1 breached]"]),
        *((DOWN, "receiver", e, how if how == "down" else h.status(503)) for e in ends),
        (DURING, "event", 1, "assess_agreed"), (DURING, "case", 2, LATE), (DURING, "case", 3, LATE), (DURING, "case", 4, due_in(1)),
        (later(DURING, 0.5), "event", 3, "assess_agreed"),
        *((until, "receiver", e, "up" if how == "down" else h.ok()) for e in ends),
        (later(until, 0.5), "case", 5, LATE),
        (end, "call", accepted("desk", {1: ["breached", "met_late"], 2: ["breached"], 3: ["breached", "met_late"],
                                        4: ["at_risk"] + ["breached"] * (name != "1h"), 5: ["breached"]})),
        (end, "call", one_each(1, 2)),
        (end, "holds", "SELECT DISTINCT state FROM ehcwatch.outbox WHERE state NOT IN ('done', 'superseded')", []),
    ], endpoints={"desk": {}, **PEOPLE}, grain="20m")


FAILING = [failing(n, until, how) for n, until in UNTIL.items() for how in ("down", "failing") if (n, how) != ("30d", "failing")]


if __name__ == "__main__":
    with h.Cluster(keep=True) as cluster:
        with w.Watch(cluster) as first:
            first.migrate()
        play(t, cluster, AWAY + FAILING)
    t.done()
