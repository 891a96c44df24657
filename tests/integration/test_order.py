#!/usr/bin/python3
"""Per case and endpoint, first acceptance is in order: many sessions on the daemon's own statements, and the mutant that shows it.

Workers claim, send and record with the statements of sql/queries, on a rehearsal's clock that a worker with nothing to do moves on. Of the
replies 20 % are failures, 5 % of the claims are abandoned as by a crash, before or after the receiver took the message, and 2 % of the
sends are slower than the lease. The same without the clause that waits for what is earlier in the case must be caught.
"""
import random
import re
import threading

import _world as w
from _world import h

ENDPOINTS, CASES, DEPTH, WORKERS = 4, 60, 6, 8
LEASE = 60  # seconds, of the rehearsal's clock
ORDER = re.compile(r"\s+AND NOT EXISTS \(SELECT 1 FROM ehcwatch\.outbox b\s+WHERE [^)]*b\.state = 'pending' OFFSET 0\)")
t = h.Tap()


def query(name):
    return (w.ROOT / f"sql/queries/{name}.sql").read_text()


RECORD = ("PREPARE record (bigint[], text[], integer[], bigint[], integer[], integer[], text[], text[], text[], bigint[], boolean[], text) AS "
          + query("outbox_record"))
EXECUTE_RECORD = "EXECUTE record (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'test')"


class Receivers:
    """What each took, in order, and what was sent before its time."""

    def __init__(self):
        self.guard, self.taken, self.early, self.late = threading.Lock(), {}, 0, 0

    def send(self, message, takes):
        endpoint, case, seq = message
        with self.guard:
            order = self.taken.setdefault((endpoint, case), [])
            self.early += any(s not in order for s in range(1, seq))
            if takes and seq not in order:
                order.append(seq)
            elif takes:
                self.late += order[-1] > seq

    def broken(self):
        """Pairs of neighbours of which the later one was taken first."""
        return sum(b < a for order in self.taken.values() for a, b in zip(order, order[1:]))


class Worker(threading.Thread):
    def __init__(self, db, number, claim, receivers, seed):
        super().__init__(daemon=True)
        self.db, self.receivers, self.random = db.connect(autocommit=True), receivers, random.Random(seed * 100 + number)
        self.slow, self.fault = [], None
        self.cursor = self.db.cursor()
        self.cursor.execute("PREPARE claim (text[], integer[], integer[], boolean[], integer[], integer[]) AS " + claim)
        self.cursor.execute(RECORD)
        self.cursor.execute("PREPARE lock (text[], boolean[], text[], integer, integer) AS " + query("endpoint_lock"))
        self.ends = []

    def run(self):
        try:
            while self.turn():
                pass
        except Exception as error:  # pylint: disable=broad-except
            self.fault = error
        finally:
            self.db.close()

    def turn(self):
        """One claim and what becomes of it; False when nothing is left."""
        names = [f"e{n}" for n in range(ENDPOINTS)]
        many = [[x] * ENDPOINTS for x in (3, LEASE * 1000, False, 0, 1)]
        self.cursor.execute("EXECUTE claim (%s, %s, %s, %s, %s, %s)", [names] + many)
        rows = self.cursor.fetchall()
        for row in rows:
            self.one((int(row[0]), *row[1:4], int(row[4])))
        self.wake()
        self.record()
        if rows:
            return True
        self.cursor.execute("UPDATE ehcwatch.rehearsal SET at = at + interval '3 s' RETURNING (SELECT count(*) FROM ehcwatch.outbox WHERE state = 'pending')")
        return self.cursor.fetchone()[0] > 0 or bool(self.slow)

    def now(self):
        self.cursor.execute("SELECT extract(epoch FROM at)::float8 FROM ehcwatch.rehearsal")
        return self.cursor.fetchone()[0]

    def one(self, row):
        outbox_id, name, message_id, claim, attempt = row
        message = (name, *map(int, message_id.split("-")[1:]))
        luck = self.random.random()
        if luck < 0.05:  # a crash, before the message was sent or after
            if luck < 0.025:
                self.receivers.send(message, True)
        elif luck < 0.07:
            self.slow.append((self.now() + LEASE * 1.2, outbox_id, claim, attempt, message))
        else:
            self.end(outbox_id, claim, attempt, message)

    def end(self, outbox_id, claim, attempt, message):
        good = self.random.random() >= 0.2
        self.receivers.send(message, good)
        self.ends.append((outbox_id, claim, attempt, 0, 1, 200 if good else 500, "ok" if good else "server_error", None,
                          "done" if good else "pending", 0 if good else 5000, False, message[0]))

    def wake(self):
        now = self.now() if self.slow else 0
        for late in [s for s in self.slow if s[0] <= now]:
            self.slow.remove(late)
            self.end(*late[1:])

    def record(self):
        if self.ends:
            names = sorted({e[-1] for e in self.ends})
            self.cursor.execute("BEGIN")  # as the daemon: one at a time decides upon an endpoint, so that no two records wait for each other
            self.cursor.execute("EXECUTE lock (%s, %s, '{}', 300, 100)", (names, [False] * len(names)))
            self.cursor.execute(EXECUTE_RECORD, [list(c) for c in zip(*(e[:-1] for e in self.ends))])
            self.cursor.execute("COMMIT")
        self.ends = []


def workload(db, claim, seed):
    w.Casework(db).clear()
    db.set_clock("2026-06-15 12:00:00+01")
    db.sql("INSERT INTO ehcwatch.endpoint (name) SELECT 'e' || n FROM generate_series(0, %s) n", (ENDPOINTS - 1,))
    db.sql("INSERT INTO ehcwatch.outbox (message_id, endpoint_id, case_id, seq, type, body)"
           " SELECT concat_ws('-', 'msg', c, s), endpoint_id, c, s, 'test', '' FROM generate_series(1, %s) s, generate_series(1, %s) c, ehcwatch.endpoint"
           " ORDER BY random()", (DEPTH, CASES))
    db.sql("ANALYZE ehcwatch.outbox")
    receivers = Receivers()
    workers = [Worker(db, n, claim, receivers, seed) for n in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(400)
    t.eq([str(x.fault) for x in workers if x.fault or x.is_alive()], [], "every worker came to its end")
    return receivers


def main(db):
    seed = random.randrange(10**6)
    t.note(f"seed {seed}; {ENDPOINTS * CASES * DEPTH} messages, {ENDPOINTS * CASES * (DEPTH - 1)} pairs")
    claim = query("outbox_claim")
    got = workload(db, claim, seed)
    t.eq(db.sql("SELECT state, count(*) FROM ehcwatch.outbox GROUP BY 1"), [("done", ENDPOINTS * CASES * DEPTH)], "every message is done")
    t.eq(sum(map(len, got.taken.values())), ENDPOINTS * CASES * DEPTH, "and was taken")
    t.eq((got.broken(), got.early), (0, 0), "no pair was taken in the wrong order, nor was any message sent before the one before it was taken")
    t.ok(db.value("SELECT max(attempts) FROM ehcwatch.outbox") > 3, "though many were sent more than once")
    t.note(f"late copies of an earlier message: {got.late}")

    mutant, cut = ORDER.subn("", claim)
    t.eq(cut, 2, "the mutant: the claim without the clause about what is earlier in the case")
    got = workload(db, mutant, seed)
    pairs = ENDPOINTS * CASES * (DEPTH - 1)
    t.ok(got.broken() > pairs // 20, f"it is caught: {got.broken()} of {pairs} pairs are taken in the wrong order")


def recalled(db):
    """A message for people whose sender was paused beyond its lease is taken back; then the sender wakes, and its attempt had failed."""
    w.Casework(db).clear()
    db.set_clock("2026-06-15 12:00:00+01")
    endpoint = db.value("INSERT INTO ehcwatch.endpoint (name) VALUES ('e') RETURNING endpoint_id")
    number = db.value("INSERT INTO ehcwatch.outbox (message_id, endpoint_id, type, body, claim, attempts, tries, next_attempt_at)"
                      " VALUES ('msg_1', %s, 'digest.daily', '', 'mine', 1, 1, ehcwatch.clock()) RETURNING outbox_id", (endpoint,))
    with db.connect() as session, session.cursor() as cursor:
        cursor.execute("PREPARE recall (integer) AS " + query("compose_recall"))
        cursor.execute("EXECUTE recall (%s)", (endpoint,))
    with db.connect() as session, session.cursor() as cursor:
        cursor.execute(RECORD)
        cursor.execute(EXECUTE_RECORD, [[number], ["mine"], [1], [0], [1], [500], ["server_error"], [None], ["pending"], [5000], [False]])
    t.eq(db.sql("SELECT state, reason, (SELECT count(*) FROM ehcwatch.attempt) FROM ehcwatch.outbox"), [("superseded", "recomposed", 1)],
         "the attempt is in the log, and the message is not sent again beside the one that took its place")


def touched(db):
    """A claim writes no index of the outbox: one entry in each for every claim was most of what a delivery cost the database."""
    (written,) = re.findall(r"UPDATE ehcwatch\.outbox o\nSET (.*?)\nFROM", query("outbox_claim"), re.S)
    columns = re.findall(r"(?:^|,)\s*([a-z_]+) =", written)
    t.eq(columns, ["next_attempt_at", "claim", "attempts", "tries", "tried_since"], "what a claim writes")
    indexes = [r[0] for r in db.sql("SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'ehcwatch.outbox'::regclass")]
    t.eq([i for i in indexes for c in columns if re.search(rf"\b{c}\b", i)], [], "no index of the outbox has any of it")
    t.ok(any("due_at" in i for i in indexes), "and there are some")


def claimed(db):
    """The messages that a claim takes, by their cases."""
    with db.connect() as session, session.cursor() as cursor:
        cursor.execute("PREPARE claim (text[], integer[], integer[], boolean[], integer[], integer[]) AS " + query("outbox_claim"))
        cursor.execute("EXECUTE claim ('{e}', '{9}', %s, '{f}', '{0}', '{1}')", ([LEASE * 1000],))
        ids = [int(r[0]) for r in cursor.fetchall()]
    return [r[0] for r in db.sql("SELECT case_id FROM ehcwatch.outbox WHERE outbox_id = ANY (%s) ORDER BY 1", (ids,))]


def moved(db):
    """Where a message stands in the queue follows its next attempt when that is moved forward, whoever moves it."""
    w.Casework(db).clear()
    db.set_clock("2026-06-15 12:00:00+01")
    db.sql("INSERT INTO ehcwatch.endpoint (name) VALUES ('e')")
    db.sql("INSERT INTO ehcwatch.outbox (message_id, endpoint_id, case_id, seq, type, body, next_attempt_at, due_at)"
           " SELECT 'msg_' || n, endpoint_id, n, 1, 'test', '', ehcwatch.clock() + '1 h', ehcwatch.clock() + '1 h' FROM ehcwatch.endpoint, generate_series(1, 3) n")
    t.eq(claimed(db), [], "nothing is due")
    db.sql("UPDATE ehcwatch.outbox SET next_attempt_at = ehcwatch.clock() WHERE case_id = 2")
    t.eq(claimed(db), [2], "a message whose next attempt is moved to now is found")
    t.eq(claimed(db), [], "and is not found again while its lease lasts")
    db.sql("UPDATE ehcwatch.outbox SET due_at = ehcwatch.clock() WHERE case_id = 3")
    t.eq(claimed(db), [], "one that only stands further in front is not due for that")
    db.set_clock("2026-06-15 12:01:00+01")
    t.eq(claimed(db), [2], "a claim that never ended comes back when its lease has run out")
    db.set_clock("2026-06-15 13:00:00+01")
    t.eq(claimed(db), [1, 2, 3], "and the others when they are due")


with h.Cluster() as cluster:
    with w.Watch(cluster) as first_of_all:
        first_of_all.migrate()
    with t.case("the workload ran to its end"):
        main(cluster)
    with t.case("a message that was taken back stays so"):
        recalled(cluster)
    with t.case("a claim writes no index"):
        touched(cluster)
    with t.case("the queue is found by what is due"):
        moved(cluster)
t.done()
