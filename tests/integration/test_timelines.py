#!/usr/bin/python3
"""The promises of delivery, told as timelines (tests/timeline): days and weeks of virtual time, and a meta-test that a timeline which
says the wrong thing fails."""
import pathlib
import re
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "timeline"))
from timeline import SECRET, Run, Timeline, Unmet, h, play, w  # noqa: E402

t = h.Tap()
SCHEDULE = [0, 5, 30, 120, 600, 1800, 3600, 7200, 14400] + [21600] * 26  # seconds before each of the 35 attempts
LATE = ("request_received", -50)  # a decision that was due eight days ago


def on_schedule(name, attempts=None):
    """The attempts at the endpoint's one message keep the schedule to a fifth: one id, the same bytes, each signed at its own time."""
    def check(run):
        at = [x for (x,) in run.db.sql("SELECT extract(epoch FROM a.recorded_at)::float8 FROM ehcwatch.attempt a JOIN ehcwatch.outbox o USING (outbox_id)"
                                       " WHERE o.case_id > 0 ORDER BY a.n")]
        gaps = [later - earlier for earlier, later in zip(at, at[1:])]
        off = [(n + 2, gap, due) for n, (gap, due) in enumerate(zip(gaps, SCHEDULE[1:])) if not 0.8 * due - 1 <= gap <= 1.2 * due + 1]
        if off or (attempts is not None and len(at) != attempts):
            raise Unmet(f"{len(at)} attempts; off the schedule (attempt, seconds, planned): {off}")
        requests = run.endpoints[name].requests
        if len({r.id for r in requests}) != 1 or len({r.body for r in requests}) != 1:
            raise Unmet("not one message with one body")
        if any(abs(r.timestamp - r.at) > 5 for r in requests) or len({r.headers["webhook-signature"] for r in requests}) != len(requests):
            raise Unmet("not signed anew at each attempt")
    return check


def failing(days, behaviour):
    """Attempts that the schedule has within so many days, at its fastest and slowest, and one that succeeds."""
    return Timeline(f"P2: a receiver that fails for {days} days gets it afterwards", "2026-06-15 12:00", [
        ("+0", "receiver", "desk", behaviour),
        ("+0", "case", 1, LATE),
        (f"+{days}d", "holds", "SELECT state, attempts BETWEEN 10 AND 35 FROM ehcwatch.outbox WHERE case_id = 1", [("pending", True)]),
        (f"+{days}d", "receiver", "desk", "up" if behaviour == "down" else h.ok()),
        (f"+{days + 1}d", "call", on_schedule("desk")),
        (f"+{days + 1}d", "holds", "SELECT state FROM ehcwatch.outbox WHERE case_id = 1", [("done",)]),
    ])


ATTEMPTS = [
    failing(3, h.status(503)),
    failing(5, "down"),
    Timeline("P2: after 35 attempts in 6.8 days it is dead, and kept", "2026-06-15 12:00", [
        ("+0", "receiver", "desk", h.status(500)),
        ("+0", "case", 1, LATE),
        ("+8d", "call", on_schedule("desk", 35)),
        ("+8d", "holds", "SELECT state, attempts, ended_at - created_at BETWEEN '131 h' AND '197 h' FROM ehcwatch.outbox WHERE case_id = 1",
         [("dead", 35, True)]),
        ("+8d", "metric", 'ehc_outbox_dead{endpoint="desk"}', 1.0),
        ("+9d", "arrived", "desk", ["1 breached x35"]),
    ]),
]

CRASHES = [
    Timeline("P3: killed between the receiver's 200 and our commit: twice with one id", "2026-06-15 12:00", [
        ("+0", "lock", "ehcwatch.attempt"),
        ("+0", "case", 1, LATE),
        ("+0", "await", "desk", 1),
        ("+0", "kill"),
        ("+0", "drop"),
        ("+0", "unlock", "ehcwatch.attempt"),
        ("+0", "holds", "SELECT state, attempts FROM ehcwatch.outbox WHERE case_id = 1", [("pending", 1)]),
        ("+2s", "start"),  # its lease, three times what an attempt may take, holds for another second
        ("+2s", "holds", "SELECT state, attempts FROM ehcwatch.outbox WHERE case_id = 1", [("pending", 1)]),
        ("+5m", "arrived", "desk", ["1 breached x2"]),
        ("+5m", "holds", "SELECT state, attempts FROM ehcwatch.outbox WHERE case_id = 1", [("done", 2)]),
    ]),
]


NEW = h.new_secret()


def in_two_lots(first, second, most):
    """The first so many are answered when the one event is set, the others when the other is."""
    def act(handler, request):
        w.held(first if request.number < most else second)(handler, request)
    return act


def in_batches(requests):
    """How many of the requests are signed with (the old secret, the new one, both), in their order: [(signed with, how many)]."""
    batches = []
    for r in requests:
        given = r.headers["webhook-signature"].split(" ")
        by = tuple(name for name, secret in (("new", NEW), ("old", SECRET)) if h.sign(secret, r.id, r.timestamp, r.body) in given)
        if len(given) != len(by) or given != [h.sign({"new": NEW, "old": SECRET}[b], r.id, r.timestamp, r.body) for b in by]:
            raise Unmet(f"a signature of nobody, or the old one first: {r.headers['webhook-signature']}")
        batches = batches[:-1] + [(by, batches[-1][1] + 1)] if batches and batches[-1][0] == by else batches + [(by, 1)]
    return batches


def rotated(run):
    requests = run.endpoints["desk"].requests
    order = [by for by, _ in in_batches(requests)]
    sent = {by: sum(n for b, n in in_batches(requests) if b == by) for by in order}
    if set(order) != {("old",), ("new", "old"), ("new",)} or min(sent.values()) < 32 or len({r.id for r in requests}) != 1000:
        raise Unmet(f"not rotated while 1,000 were under way: {sent}")


ROTATION = [
    Timeline("P9: secrets are rotated while 1,000 messages are in flight: 0 rejects", "2026-06-15 12:00", [
        ("+0", "busy"),
        ("+0", "receiver", "desk", in_two_lots(gate := threading.Event(), rest := threading.Event(), 300)),
        ("+0", "cases", range(1, 1001), LATE),
        ("+0", "await", "desk", 32),  # as many as may be at once: signed with the old secret, and not answered
        ("+0", "secrets", "desk", NEW, SECRET),
        ("+0", "call", lambda run: gate.set()),
        ("+0", "await", "desk", 332),  # signed with both, and the last of them not answered
        ("+0", "trust", "desk", NEW),  # the receiver changes over: it takes the new one alone
        ("+0", "secrets", "desk", NEW),
        ("+0", "call", lambda run: rest.set()),
        ("+0", "rest"),
        ("+1h", "call", rotated),
        ("+1h", "holds", "SELECT count(*) FILTER (WHERE state = 'done'), count(*) FROM ehcwatch.outbox WHERE case_id > 0", [(1000, 1000)]),
    ], endpoints={"desk": {"concurrency": 32, "timeout": 60}}, options={"bulk_share": 0}),
]


WRONG = {  # what is wrong: the timeline, and what the failure must say
    "what should have come and did not": ([("+0", "case", 1, LATE), ("+0", "arrived", "desk", ["1 breached", "1 met_late"])], "arrived \\['1 breached'\\]"),
    "what came and should not have": ([("+0", "case", 1, LATE), ("+1d", "nothing")], "arrived \\['1 breached'\\]"),
    "another number of attempts": ([("+0", "receiver", "desk", h.sequence(h.status(500))), ("+0", "case", 1, LATE), ("+1h", "arrived", "desk", ["1 breached"])],
                                   "arrived \\['1 breached x2'\\]"),
    "another order": ([("+0", "case", 1, LATE), ("+1d", "event", 1, "assess_agreed"), ("+2d", "arrived", "desk", ["1 met_late", "1 breached"])], "arrived"),
    "too early": ([("+0", "case", 1, ("request_received", -42)), ("+11h", "arrived", "desk", ["1 at_risk", "1 breached"])], "arrived \\['1 at_risk'\\]"),
    "a row that is not so": ([("+0", "case", 1, LATE), ("+0", "holds", "SELECT state FROM ehcwatch.outbox WHERE case_id = 1", [("pending",)])], "gives \\[\\('done',\\)\\]"),
    "a metric that is not so": ([("+0", "metric", "ehc_up", 0.0)], "ehc_up is 1.0"),
    "a line that is not in the log": ([("+0", "says", "^nonsense$")], "no line like"),
    "a command that ends otherwise": ([("+0", "command", ["check-config"], 1)], "exit 0, not 1"),
    "a signature that is not good": ([("+0", "trust", "desk", h.new_secret()), ("+0", "case", 1, LATE)], "no matching signature"),
    "an attempt that the ledger lost": ([("+0", "case", 1, LATE), ("+0", "sql", "DELETE FROM ehcwatch.attempt")], "attempts in the ledger"),
    "a gap in the numbers": ([("+0", "case", 1, LATE), ("+0", "sql", "UPDATE ehcwatch.transition SET event_seq = 7")], "numbers with gaps"),
    "another body under one id": ([
        ("+0", "receiver", "desk", h.sequence(h.status(500))), ("+0", "case", 1, LATE),
        ("+0", "sql", "UPDATE ehcwatch.outbox SET body = replace(convert_from(body, 'UTF8'), 'North', 'South')::bytea WHERE case_id = 1"),
        ("+1h", "holds", "SELECT 1", [(1,)])], "another body under"),
    "a later message that was accepted before": ([
        ("+0", "receiver", "desk", h.sequence(h.status(500))), ("+0", "case", 1, LATE),
        ("+0", "sql", "UPDATE ehcwatch.outbox SET seq = seq + 10, next_attempt_at = ehcwatch.clock() + '1 h' WHERE attempts > 0"),
        ("+1m", "event", 1, "assess_agreed"), ("+1d", "arrived", "desk", ["1 met_late", "1 breached x2"], True)], "accepted after a later one"),
}


def meta(db):
    """A timeline that says the wrong thing fails, and tells what came."""
    for name, (steps, why) in WRONG.items():
        said = ""
        try:
            Run(db, Timeline(name, "2026-06-15 12:00", steps)).play()
        except Unmet as error:
            said = str(error)
        t.ok(re.search(why, said) and "Mon 2026-06-15 12:00:00 BST  " in said, f"a wrong timeline fails: {name}", said or "it passed")


if __name__ == "__main__":
    with h.Cluster(keep=True) as cluster:
        with w.Watch(cluster) as first:
            first.migrate()
        play(t, cluster, ATTEMPTS + CRASHES + ROTATION)
        meta(cluster)
    t.done()
