#!/usr/bin/python3
"""kill -9 at random moments while two daemons on one database find, write and deliver bursts of 300 transitions: each is recorded exactly
once, with its message, as a plain model says; each message arrives, and what arrives again is the same. The leader is killed, or
the one that stands by, or both; now and then the leader stands still until the other has taken over.

EHC_KILLS  how often (50; `make soak` 1,000)      EHC_SEED  of the moments and the facts, to repeat a run
"""
import collections
import contextlib
import datetime
import os
import random
import signal
import threading
import time

import _world as w
from _world import ago, h

KILLS = int(os.environ.get("EHC_KILLS", "50"))
SEED = int(os.environ.get("EHC_SEED", random.SystemRandom().randrange(2**32)))
SECRET = h.new_secret()
LIMIT = "assess_decision_6w"
CASES = 300
START, DUE = ago(50), ago(50) + datetime.timedelta(weeks=6)
t = h.Tap()


class Model:
    """The cases as a case system knows them, and the transitions that must come of it.

    All were asked for on START and so are broken from the beginning. What is open gets an ending; what has ended has its
    ending voided, for it was a mistake.
    """

    ENDINGS = [("assess_agreed", ago(1), "met_late"), ("assess_refused", ago(8), "met"), ("assess_agreed", DUE - datetime.timedelta(3), "met"),
               ("request_withdrawn", ago(2), "missed"), ("request_withdrawn", DUE, "void")]

    def __init__(self, draw):
        self.draw = draw
        self.state = {n: ("breached", None) for n in range(1, CASES + 1)}
        self.expected = collections.Counter()
        self.bursts = 0

    def burst(self, db):
        """One transaction in which every case changes once."""
        void, add = [], []
        for number, (state, ending) in self.state.items():
            if ending is not None:
                void.append((number, ending))
                new = ("breached", None)
            else:
                event, on, becomes = self.draw.choice(self.ENDINGS)
                add.append((number, event, on))
                new = (becomes, event)
            self.expected[(number, LIMIT, str(START), state, new[0])] += 1
            self.state[number] = new
        connection = db.connect()
        with connection, connection.cursor() as cursor:
            if void:
                cursor.execute("UPDATE casework.ehc_event e SET voided_at = now() FROM unnest(%s::bigint[], %s::text[]) u (id, event)"
                               " WHERE e.case_id = u.id AND e.event = u.event AND voided_at IS NULL", list(map(list, zip(*void))))
            if add:
                cursor.execute("INSERT INTO casework.ehc_event (case_id, event, occurred_on)"
                               " SELECT * FROM unnest(%s::bigint[], %s::text[], %s::date[])", list(map(list, zip(*add))))
        connection.close()
        self.bursts += 1


def counts(db):
    """(transitions, messages that wait)"""
    return db.sql("SELECT (SELECT count(*) FROM ehcwatch.transition), (SELECT count(*) FROM ehcwatch.outbox WHERE state = 'pending')")[0]


class Two:
    """Two daemons on one database, both at work but for the moments in which they are dead or stand still."""

    def __init__(self, db, daemons, draw):
        self.db, self.daemons, self.draw = db, daemons, draw

    def start(self):
        """Those that do not run, in any order."""
        for ehc in self.draw.sample(self.daemons, 2):
            if ehc.proc is None or ehc.proc.poll() is not None:
                ehc.start()

    def kill(self, ehc):
        if ehc.proc.poll() is not None:
            raise RuntimeError(f"the daemon ended by itself with {ehc.proc.returncode}:\n{ehc.log()[-2000:]}")
        ehc.kill()
        ehc.assert_clean()

    def leader_first(self):
        pid = self.db.value("SELECT split_part(holder, ':', 2)::int FROM ehcwatch.lease")
        return sorted(self.daemons, key=lambda d: d.proc.pid != pid)

    def wake(self):
        """The one that stands by looks now, not within five seconds."""
        self.db.sql("NOTIFY ehcwatch_outbox")

    def pause(self):
        """The leader stands still until the other leads, as if its lease had run out, and then goes on from where it was."""
        leader, other = self.leader_first()
        leader.send(signal.SIGSTOP)
        try:
            self.db.sql("UPDATE ehcwatch.lease SET expires_at = ehcwatch.clock() - interval '1 s'")
            self.wake()
            with contextlib.suppress(TimeoutError):  # it may stand still amid a transaction, which ends after ten seconds
                h.wait_until(lambda: self.leader_first()[0] is other, 1, "the other to lead")
        finally:
            leader.send(signal.SIGCONT)

    def strike(self):
        """Kills the leader, the standby or both; in half of the cases the survivor is quicker than the one that starts again."""
        whom = self.draw.choices(("leader", "standby", "both"), (6, 3, 2))[0]
        leader, standby = self.leader_first()
        for ehc in {"leader": [leader], "standby": [standby], "both": self.draw.sample(self.daemons, 2)}[whom]:
            self.kill(ehc)
        if self.draw.random() < 0.5:
            self.wake()
        return whom


def pushed(db):
    """Everything is delivered. On a busy machine some attempts have run out of their second, and would wait minutes for the next."""
    def done():
        db.sql("UPDATE ehcwatch.endpoint SET circuit = 'closed', failures = 0, circuit_wait = 0, open_until = NULL, paused_until = NULL;"
               " UPDATE ehcwatch.outbox SET next_attempt_at = ehcwatch.clock() WHERE state = 'pending' AND claim IS NULL; NOTIFY ehcwatch_outbox")
        return counts(db)[1] == 0
    h.wait_until(done, 180, "an empty outbox", pause=1)


def measure(two, model, db):
    """Seconds from a start until a burst is written, and until it is delivered."""
    for ehc in two.daemons:
        ehc.kill()
    model.burst(db)
    began = time.monotonic()
    two.start()
    h.wait_until(lambda: counts(db)[0] == CASES * model.bursts, what="the burst to be written")
    written = time.monotonic() - began
    pushed(db)
    return written, time.monotonic() - began


def kill_them(two, model, db, draw):
    """The kills: whom they hit, and what was under way."""
    fell = collections.Counter()
    db.sql("INSERT INTO casework.ehc_case (case_id, case_ref) SELECT n, 'K-' || n FROM generate_series(1, %s) n;"
           " INSERT INTO casework.ehc_event (case_id, event, occurred_on) SELECT n, 'request_received', %s FROM generate_series(1, %s) n",
           (CASES, START, CASES))
    for _ in range(max(1, KILLS // 20)):
        two.start()
        threading.Event().wait(draw.uniform(0, 0.3))
        for ehc in draw.sample(two.daemons, 2):
            two.kill(ehc)
            fell["baseline"] += 1
    two.start()
    h.wait_until(lambda: db.value("SELECT count(*) FROM ehcwatch.outbox") == 1, what="the summary of the baseline")
    pushed(db)
    written, delivered = measure(two, model, db)
    t.note(f"a burst is written within {written:.2f} s of a start and delivered within {delivered:.2f} s")
    pauses = 0
    while sum(fell.values()) < KILLS:
        before, waiting = counts(db)
        if before == CASES * model.bursts and waiting < CASES / 4:
            model.burst(db)
            two.daemons[0].cases.hint()
        threading.Event().wait(draw.uniform(0, draw.choice((written, 1.5 * written, delivered))))
        if draw.random() < 0.1:
            pauses += 1
            two.pause()
        whom = two.strike()
        after = counts(db)[0]
        fell[f"{whom} in {'a delivery' if after == CASES * model.bursts and before == after else 'a write'}"] += 2 if whom == "both" else 1
        if 0 < after % CASES:
            halves.append(after % CASES)
        two.start()
    t.note(f"{pauses} pauses of the leader; the lease changed hands {db.value('SELECT term FROM ehcwatch.lease')} times")
    return fell


halves = []  # bursts that a kill cut in two: how much of them was in


def judge(ehc, model, db, hook):
    got = collections.Counter(ehc.transitions())
    t.eq((list((got - model.expected).items())[:5], list((model.expected - got).items())[:5]), ([], []),
         f"{sum(model.expected.values())} transitions of {model.bursts} bursts, each exactly once, as the model says")
    t.eq(ehc.gaps(), [], "seq and event_seq run without a gap")
    t.eq(db.sql("SELECT state, count(*) FROM ehcwatch.outbox GROUP BY 1"), [("done", sum(got.values()) + 1)],
         "one message for each, and one summary, all delivered")
    t.eq(db.value("SELECT count(*) FROM ehcwatch.transition x WHERE (SELECT count(*) FROM ehcwatch.outbox o WHERE o.transition_id = x.transition_id"
                  " AND o.seq = x.event_seq AND o.message_id = x.message_id) <> 1"), 0, "each under the id of its transition")
    owed = {m: bytes(b) for m, b in db.sql("SELECT message_id, body FROM ehcwatch.outbox")}
    came = collections.defaultdict(set)
    for r in hook.requests:
        came[r.id].add(r.body)
    t.eq((set(owed) - set(came), set(came) - set(owed)), (set(), set()), "every message arrived, and nothing else")
    t.eq([m for m, bodies in came.items() if bodies != {owed[m]}], [], "what came again had the same id and the same bytes")
    t.eq([str(r) for r in hook.requests if r.fault], [], "all of it signed")
    order = collections.defaultdict(list)
    for r in w.bodies(hook.requests):
        order[r.data["case_ref"]].append(r.data["event_seq"])
    t.eq([k for k, s in order.items() if s != list(range(1, len(s) + 1))], [], "and each case's messages came in order")
    t.note(f"{len(hook.requests)} requests, {len(hook.requests) - len(came)} of them again")


def main():
    t.note(f"EHC_SEED={SEED} EHC_KILLS={KILLS}")
    draw = random.Random(SEED)
    webhooks = {"desk": {"url": "", "secret": SECRET, "timeout": 1, "concurrency": 16}}
    options = {"limits": [LIMIT], "bulk_share": 0}
    with h.Cluster() as db, h.Receiver(secret=SECRET) as hook:
        webhooks["desk"]["url"] = hook.url()
        with w.Watch(db, webhooks, options) as ay, w.Watch(db, webhooks, options) as bee:
            ay.migrate()
            db.set_now(w.NOON)
            model, two = Model(draw), Two(db, [ay, bee], draw)
            fell = kill_them(two, model, db, draw)
            t.note(f"kills: {dict(fell)}; bursts that were cut in two after {halves} transitions")
            t.ok(KILLS <= sum(fell.values()) <= KILLS + 1, f"{sum(fell.values())} kills")
            two.start()
            ay.wait_ready()
            ay.wait_until(lambda: counts(db)[0] == CASES * model.bursts, what="everything to be written")
            pushed(db)
            ay.read()
            bee.read()
            judge(ay, model, db, hook)


with t.case("it ran to its end"):
    main()
t.done()
