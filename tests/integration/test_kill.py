#!/usr/bin/python3
"""kill -9 at random moments while bursts of 500 transitions are found, written and delivered: each is recorded exactly once, with its
message, as a plain model says; each message arrives, and what arrives again is the same.

EHC_KILLS  how often (100)      EHC_SEED  of the moments and the facts, to repeat a run
"""
import collections
import datetime
import os
import random
import threading
import time

import _world as w
from _world import ago, h

KILLS = int(os.environ.get("EHC_KILLS", "100"))
SEED = int(os.environ.get("EHC_SEED", random.SystemRandom().randrange(2**32)))
SECRET = h.new_secret()
LIMIT = "assess_decision_6w"
CASES = 500
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


def life(ehc, seconds, apply=None):
    """A daemon that lives so long; `apply` is done when it is at work."""
    ehc.start()
    if apply is not None:
        ehc.listening()
        apply()
        ehc.cases.hint()
    threading.Event().wait(seconds)
    if ehc.proc.poll() is not None:
        raise RuntimeError(f"the daemon ended by itself with {ehc.proc.returncode}:\n{ehc.log()[-2000:]}")
    ehc.kill()
    ehc.assert_clean()


def measure(ehc, model, db):
    """Seconds from a start until a burst is written, and until it is delivered."""
    model.burst(db)
    began = time.monotonic()
    ehc.start()
    ehc.wait_until(lambda: counts(db)[0] == CASES * model.bursts, 30, "the burst to be written")
    written = time.monotonic() - began
    ehc.delivered(60)
    delivered = time.monotonic() - began
    ehc.kill()
    return written, delivered


def kill_them(ehc, model, db, draw):
    """The kills; how many fell into a baseline, a write, a delivery."""
    fell = collections.Counter()
    ehc.db.sql("INSERT INTO casework.ehc_case (case_id, case_ref) SELECT n, 'K-' || n FROM generate_series(1, %s) n;"
               " INSERT INTO casework.ehc_event (case_id, event, occurred_on) SELECT n, 'request_received', %s FROM generate_series(1, %s) n",
               (CASES, START, CASES))
    for _ in range(max(1, KILLS // 10)):
        life(ehc, draw.uniform(0, 0.3))
        fell["baseline"] += 1
    ehc.start().wait_ready(30)
    ehc.delivered()
    ehc.kill()
    written, delivered = measure(ehc, model, db)
    t.note(f"a burst is written within {written:.2f} s of a start and delivered within {delivered:.2f} s")
    while sum(fell.values()) < KILLS:
        before, waiting = counts(db)
        fresh = before == CASES * model.bursts and waiting < CASES / 4
        moment = draw.uniform(0, draw.choice((1.5 * written, delivered)))
        alive = fresh and draw.random() < 0.5
        if fresh and not alive:
            model.burst(db)
        life(ehc, moment, (lambda: model.burst(db)) if alive else None)
        after = counts(db)[0]
        fell["delivery" if after == CASES * model.bursts and before == after else "write"] += 1
        if 0 < after % CASES:
            halves.append(after % CASES)
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
    with h.Cluster() as db, h.Receiver(secret=SECRET) as hook:
        webhooks["desk"]["url"] = hook.url()
        with w.Watch(db, webhooks, {"limits": [LIMIT]}) as ehc:
            ehc.migrate()
            db.set_now(w.NOON)
            model = Model(draw)
            fell = kill_them(ehc, model, db, draw)
            t.note(f"kills: {dict(fell)}; bursts that were cut in two after {halves} transitions")
            t.eq(sum(fell.values()), KILLS, f"{KILLS} kills")
            ehc.start().wait_ready(30)
            ehc.wait_until(lambda: counts(db) == (CASES * model.bursts, 0), 60, "everything to be written and delivered")
            ehc.read()
            judge(ehc, model, db, hook)


with t.case("it ran to its end"):
    main()
t.done()
