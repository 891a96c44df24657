#!/usr/bin/python3
"""More promises of delivery, told as timelines (tests/timeline): order and its mutant, what a receiver asks for, one summary for a
multitude, a paused leader, sending again."""
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "timeline"))
from timeline import Run, Timeline, Unmet, h, play, w  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
t = h.Tap()
LATE = ("request_received", -50)
NOON = "2026-06-15 12:00"  # a Monday
NOW = {"send": "immediate", "settle": 0}  # an endpoint for people


# --- P6: order ------------------------------------------------------------------------------------------------------------

CASES, SEED = 40, 20260615


def moody(seed):
    """Refuses three in ten, hangs up on one, takes the rest."""
    dice = random.Random(seed)

    def act(handler, request):
        throw = dice.random()
        (h.status(503) if throw < 0.3 else h.close_early() if throw < 0.4 else h.ok())(handler, request)
    return act


def in_order(program=None):
    """Three messages for each of many cases come to be owed at once; two daemons race, one is killed, the other paused beyond its leases."""
    everyone = range(1, CASES + 1)
    return Timeline(f"P6: two daemons, a moody receiver, a crash and a pause: each case's messages are accepted in order (seed {SEED})", NOON, [
        ("+0", "receiver", "desk", "down"),
        ("+0", "cases", everyone, LATE),
        ("+1m", "call", lambda run: [run.do_event(n, "assess_agreed") for n in everyone]),
        ("+2m", "call", lambda run: [run.do_void(n, "assess_agreed") for n in everyone]),
        ("+3m", "receiver", "desk", "up"),
        ("+3m", "receiver", "desk", moody(SEED)),
        ("+40m", "busy"),
        ("+40m", "await", "desk", 20),
        ("+40m", "kill", "a"),
        ("+40m", "start", "a"),
        ("+40m", "pause", "b"),
        ("+41m", "rest"),
        ("+50m", "resume", "b"),
        ("+2d", "holds", "SELECT state, count(*) FROM ehcwatch.outbox WHERE case_id > 0 GROUP BY state", [("done", 3 * CASES)]),
    ], daemons=("a", "b"), endpoints={"desk": {"concurrency": 8}}, grain="5m", program=program)


def without_the_order(folder):
    """The daemon whose claim does not ask for the predecessors of a message."""
    text = (ROOT / "build/gen/sql_text.c").read_text()
    clause = "b.seq < q.seq AND b.state = 'pending'"
    if clause not in text:
        raise ValueError("the clause of the claim is not there any more")
    source, out = folder / "sql.c", folder / "ehcwatchd"
    source.write_text(text.replace(clause, "b.seq < q.seq AND b.state = 'nowhere'"))
    libraries = subprocess.run(["make", "-s", "--no-print-directory", "libs"], check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout.split()
    subprocess.run(["gcc", "-w", "-pie", "-fPIE", "-Iinclude/app", "-o", out, source, "build/release/daemon/main.o", "build/release/libehcwatch.a", *libraries], check=True, cwd=ROOT)
    return out


def mutant(cluster):
    """Without the clause the same timeline fails, for that reason."""
    with tempfile.TemporaryDirectory(prefix="ehcw.mutant.") as folder:
        said = "it passed"
        try:
            Run(cluster, in_order(without_the_order(pathlib.Path(folder)))).play()
        except Unmet as error:
            said = str(error)
        t.ok("accepted after a later one" in said, "P6: the claim without its order clause does not keep the order", said)


# --- P8, P13, P14, P17 ------------------------------------------------------------------------------------------------------

def message_of(case):
    return lambda run: run.db.value("SELECT message_id FROM ehcwatch.outbox WHERE case_id = %s AND seq = 1", (case,))


OTHERS = [
    Timeline("P8: a receiver that asks for two hours' rest is left alone, the message and all others", NOON, [
        ("+0", "receiver", "desk", h.sequence(h.status(429, {"Retry-After": "7200"}))),
        ("+0", "case", 1, LATE),
        ("+10m", "case", 2, LATE),
        ("+10m", "arrived", "well", ["1 breached", "2 breached"]),
        ("+1h59m", "arrived", "desk", ["1 breached"]),
        ("+2h1m", "arrived", "desk", ["1 breached", "2 breached"]),
        ("+2h1m", "holds", "SELECT DISTINCT state FROM ehcwatch.outbox WHERE case_id > 0", [("done",)]),
    ], endpoints={"desk": {}, "well": {}}),
    Timeline("P8: one that asks for a year gets a day", NOON, [
        ("+0", "receiver", "desk", h.sequence(h.status(503, {"Retry-After": "31536000"}))),
        ("+0", "case", 1, LATE),
        ("+0", "arrived", "desk", ["1 breached"]),
        ("+23h59m", "nothing"),
        ("+1d1m", "arrived", "desk", ["1 breached"]),
    ]),
    Timeline("P8: 410 disables the endpoint, keeps its messages, tells the operator; enabled again it gets all, in order", NOON, [
        ("+0", "receiver", "desk", h.status(410)),
        ("+0", "case", 1, LATE),
        ("+0", "arrived", "desk", ["1 breached"]),
        ("+0", "arrived", "operator", ["1 breached", "endpoint.failing"]),
        ("+1h", "event", 1, "assess_agreed"), ("+1h", "case", 2, LATE),
        ("+1h", "arrived", "operator", ["1 met_late", "2 breached"]),
        ("+30d", "nothing"),
        ("+30d", "holds", "SELECT disabled_reason FROM ehcwatch.endpoint WHERE name = 'desk'", [("gone",)]),
        ("+30d", "receiver", "desk", h.ok()),
        ("+30d", "command", ["deliveries", "enable", "desk"]),
        ("+30d", "arrived", "desk", ["1 breached", "1 met_late", "2 breached"]),
    ], endpoints={"desk": {}, "operator": {"operator": True}}),
    Timeline("P8: what needs a person is tried seldom, and the operator hears at once", NOON, [
        ("+0", "receiver", "desk", h.status(401)),
        ("+0", "case", 1, LATE),
        ("+0", "arrived", "operator", ["1 breached", "endpoint.failing"]),
        ("+23m", "arrived", "desk", ["1 breached"]),
        ("+3h", "arrived", "desk", ["1 breached x2"], True),
        ("+3h", "receiver", "desk", h.ok()),
        ("+3d", "arrived", "desk", ["1 breached"]),
    ], endpoints={"desk": {}, "operator": {"operator": True}}),
    Timeline("P13: a first run over 500 breaches is one summary; what happens next is told", NOON, [
        ("+0", "cases", range(1, 501), LATE),
        ("+0", "start"),
        ("+0", "arrived", "desk", ["baseline.summary"]),
        ("+0", "arrived", "now", ["baseline.summary"]),
        ("+1h", "event", 7, "assess_agreed"), ("+1h", "case", 501, LATE),
        ("+1h", "arrived", "desk", ["7 met_late", "501 breached"]),
        ("+1h", "arrived", "now", ["met_late [7 met_late]", "breached [501 breached]"]),
    ], endpoints={"desk": {}, "now": NOW}, daemons=(), fresh=True),
    Timeline("P13: an import of 300 old breaches is one summary; what falls due beside it, and what happens next, is told", NOON, [
        ("+0", "cases", range(1, 31), LATE),
        ("+0", "arrived", "desk", [f"{n} breached" for n in range(1, 31)]),
        ("+1h", "cases", range(1001, 1301), LATE),
        ("+1h", "arrived", "desk", ["baseline.summary"]),
        ("+1h", "arrived", "now", ["baseline.summary"], True),
        ("+2h", "event", 1001, "assess_agreed"),
        ("+2h", "arrived", "desk", ["1001 met_late"]),
    ], endpoints={"desk": {}, "now": NOW}),
    Timeline("P13: a limit that is watched anew is one summary", NOON, [
        ("+0", "cases", range(1, 31), LATE),
        ("+0", "arrived", "desk", [f"{n} breached" for n in range(1, 31)]),
        ("+1h", "reload", "a", lambda ehc: ehc.options.update(limits=["assess_decision_6w", "final_plan_20w"])),
        ("+1h", "arrived", "desk", ["baseline.summary"]),
    ]),
    Timeline("P14: the leader is paused beyond its lease and wakes up: told once, numbered without a gap", NOON, [
        ("+0", "busy"), ("+0", "pause", "a"),
        ("+20s", "rest"),
        ("+20s", "case", 1, LATE),
        ("+20s", "metric", "ehc_leader", 1.0, "b"),
        ("+20s", "arrived", "desk", ["1 breached"]),
        ("+20s", "resume", "a"),
        ("+20s", "metric", "ehc_leader", 0.0, "a"),
        ("+20s", "event", 1, "assess_agreed"),
        ("+20s", "arrived", "desk", ["1 met_late"]),
        ("+1d", "nothing"),
    ], daemons=("a", "b")),
    Timeline("P14: the leader is paused in the middle of a transaction: it ends in one of the two, not in both", NOON, [
        ("+0", "lock", "ehcwatch.outbox"),
        ("+0", "case", 1, LATE),
        ("+0", "stuck", "ehcwatch.outbox"),
        ("+0", "busy"), ("+0", "pause", "a"),
        ("+0", "drop"),
        ("+0", "unlock", "ehcwatch.outbox"),
        ("+20s", "rest"),
        ("+20s", "arrived", "desk", ["1 breached"]),
        ("+1m", "resume", "a"),
        ("+1h", "nothing"),
    ], daemons=("a", "b")),
    Timeline("P17: sent again three times it has one id, and the ledger knows of each", NOON, [
        ("+0", "case", 1, LATE),
        *((f"+{n}m", "command", ["deliveries", "replay", message_of(1)]) for n in (1, 2, 3)),
        ("+5m", "arrived", "desk", ["1 breached x4"]),
        ("+5m", "holds", "SELECT state, attempts, replays FROM ehcwatch.outbox WHERE case_id = 1", [("done", 4, 3)]),
    ]),
]

if __name__ == "__main__":
    with h.Cluster(keep=True) as cluster:
        with w.Watch(cluster) as first:
            first.migrate()
        play(t, cluster, [in_order()] + OTHERS)
        mutant(cluster)
    t.done()
