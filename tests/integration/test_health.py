#!/usr/bin/python3
"""What a receiver's answers do to its endpoint, on a clock that stands still until it is set: circuit, rest, 410, refusals, dead letters, rate, order."""
import datetime
import threading

import _world as w
from _world import ago, h

SECRET = h.new_secret()
MINUTE, HOUR, DAY = 60, 3600, 86400
t = h.Tap()


class Clock:
    """The database's clock for delivery, and what the receiver takes for the time."""

    def __init__(self, db):
        self.db, self.base, self.passed = db, datetime.datetime.now(datetime.timezone.utc), 0

    def now(self):
        return self.base.timestamp() + self.passed

    def set(self, passed):
        self.passed = passed
        self.db.set_clock(self.base + datetime.timedelta(seconds=passed))

    def forward(self, seconds):
        """Far only while nothing is on its way: its signature would be of another time than the receiver's."""
        if abs(seconds) < 120:
            self.set(self.passed + seconds)
        else:
            h.wait_until(lambda: self.jump(self.passed + seconds), what="nothing to be on its way")

    def jump(self, passed):
        """Sets it unless a message is claimed; nobody claims one meanwhile, for that writes the table."""
        with self.db.connect() as session, session.cursor() as cursor:
            cursor.execute("LOCK TABLE ehcwatch.outbox IN SHARE MODE")
            cursor.execute("SELECT count(*) FROM ehcwatch.outbox WHERE state = 'pending' AND claim IS NOT NULL")
            if cursor.fetchone()[0]:
                return False
            self.passed = passed
            cursor.execute("INSERT INTO ehcwatch.rehearsal (at) VALUES (%s) ON CONFLICT (singleton) DO UPDATE SET at = excluded.at",
                           (self.base + datetime.timedelta(seconds=passed),))
        self.set(passed)  # and wakes the daemon
        return True


class Desk(w.Watch):
    """A daemon with the endpoint `desk`, another that is always well, and the operator's."""

    def __init__(self, db, hook, clock, **desk):
        names = {"desk": {"concurrency": 1, **desk}, "other": {}, "boss": {"operator": True, "limits": ["annual_review_12m"]}}
        super().__init__(db, {n: {"url": hook.url("/" + n), "secret": SECRET, **more} for n, more in names.items()},
                         {"limits": ["assess_decision_6w", "annual_review_12m"], "poll_interval": 3600, "drain_timeout": 0})
        self.hook, self.clock, self.n = hook, clock, 0

    def begin(self):
        self.cases.clear()
        self.db.set_now(w.NOON)
        self.clock.set(0)
        self.hook.calm()
        self.start().wait_ready()
        self.settle()
        self.hook.clear()
        self.db.sql("DELETE FROM ehcwatch.attempt; DELETE FROM ehcwatch.outbox")
        return self

    def breach(self, cases=1):
        """So many more cases, each with one message for desk and one for other."""
        for self.n in range(self.n + 1, self.n + cases + 1):
            self.cases.case(self.n, ("request_received", ago(50)))
        self.read()

    def looked(self):
        """Returns when the dispatcher has looked at the outbox as it is now, and found nothing to do or done it."""
        def at():
            return self.db.sql("SELECT count(claim), (SELECT count(*) FROM ehcwatch.attempt) FROM ehcwatch.outbox WHERE state = 'pending'")[0]

        before, mark = None, None

        def idle():
            """It looked after `mark`, and no message was on its way before or after, nor in between."""
            nonlocal before, mark
            now = at()
            if now != before or now[0]:
                before, mark = now, self.db.value("SELECT clock_timestamp()")
            self.db.sql("NOTIFY ehcwatch_outbox")
            return not now[0] and self.db.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ehcwatchd delivery' AND state = 'idle'"
                                                " AND query_start > %s AND query LIKE '%%-- Takes due messages%%'", (mark,)) and at() == before

        self.wait_until(idle, what="the dispatcher to look")

    def claimed(self):
        return self.db.value("SELECT count(*) FROM ehcwatch.outbox WHERE state = 'pending' AND claim IS NOT NULL")

    def at(self, path="/desk"):
        return [r for r in self.hook.requests if r.path == path]

    def queue(self, columns="state, tries", endpoint="desk"):
        return self.db.sql(f"SELECT {columns} FROM ehcwatch.outbox o JOIN ehcwatch.endpoint e USING (endpoint_id) WHERE e.name = %s ORDER BY outbox_id", (endpoint,))

    def row(self, columns, endpoint="desk"):
        return self.db.sql(f"SELECT {columns} FROM ehcwatch.endpoint WHERE name = %s", (endpoint,))[0]

    def to_the_next(self):
        """The clock goes to the moment when the endpoint's first message may go."""
        due = self.db.value("SELECT extract(epoch FROM greatest(min(o.next_attempt_at), e.open_until, e.paused_until) - ehcwatch.clock())::float8"
                            " FROM ehcwatch.outbox o JOIN ehcwatch.endpoint e USING (endpoint_id) WHERE e.name = 'desk' AND o.state = 'pending'"
                            " AND NOT EXISTS (SELECT FROM ehcwatch.outbox b WHERE b.endpoint_id = o.endpoint_id AND b.case_id = o.case_id AND b.seq < o.seq"
                            " AND b.state = 'pending') GROUP BY e.endpoint_id")
        self.clock.forward(max(due, 0) + 0.001)

    def live_to_the_end(self, most):
        """Until nothing of desk's is pending; the times of the attempts."""
        times = []
        while self.db.value("SELECT count(*) FROM ehcwatch.outbox JOIN ehcwatch.endpoint USING (endpoint_id) WHERE name = 'desk' AND state = 'pending'"):
            if len(times) > most:
                raise RuntimeError(f"more than {most} attempts")
            self.wait_until(lambda: not self.claimed(), what="the record of the one before")
            seen = len(self.at())
            self.to_the_next()
            self.wait_until(lambda n=seen: len(self.at()) > n, what="the next attempt")
            times.append(self.clock.passed)
            self.wait_until(lambda: not self.claimed(), what="its record")
        return times

    def told(self):
        return [(r.data["endpoint"], r.data["why"], r.data["http_status"]) for r in self.at("/boss") if r.type == "endpoint.failing"]

    def complete(self, name):
        """The log of attempts against what the receiver saw."""
        made = self.db.sql("SELECT '/' || e.name, count(*) FROM ehcwatch.attempt JOIN ehcwatch.endpoint e USING (endpoint_id) GROUP BY 1")
        came = {}
        for r in self.hook.requests:
            came[r.path] = came.get(r.path, 0) + 1
        t.eq(dict(made), came, f"{name}: the log has each request that the receiver saw")
        t.eq([r.fault for r in self.hook.requests if r.fault], [], f"{name}: all of them well signed, at the clock's time")


def circuit(db, hook, clock):
    with Desk(db, hook, clock) as ehc:
        ehc.begin()
        hook.behave(h.status(500), "/desk")
        ehc.breach(12)
        ehc.wait_until(lambda: ehc.row("circuit") == ("open",), what="the circuit to open")
        ehc.looked()
        t.eq((len(ehc.at()), sorted(x[1] for x in ehc.queue())), (5, [0] * 7 + [1] * 5), "after five failures nothing more is sent, and what waits burns no tries")
        t.eq(len(ehc.at("/other")), 12, "while the other endpoint has all of its own")
        ehc.wait_metric("ehc_endpoint_circuit", lambda v: v == 1, endpoint="desk", state="open")
        t.eq([ehc.metrics()[h.series("ehc_endpoint_circuit", endpoint="desk", state=s)] for s in ("closed", "open", "half_open")], [0, 1, 0], "the metric: 1 for one state")
        t.ok(ehc.log_lines("circuit_open") and ehc.not_ready() is None, "it is logged, and /readyz does not mind")
        ehc.stop()
        ehc.start().wait_ready()
        clock.forward(29)
        ehc.looked()
        t.eq(len(ehc.at()), 5, "a restart is not an event; 29 s are not enough")

        clock.forward(2)
        ehc.wait_until(lambda: ehc.row("circuit, circuit_wait") == ("open", 60), what="the first probe to fail")
        ehc.looked()
        t.eq((len(ehc.at()), ehc.at()[5].id), (6, ehc.at()[0].id), "then one probe, the oldest message; it fails, and the next is a minute away")
        gate = threading.Event()
        hook.behave(w.held(gate), "/desk")
        clock.forward(61)
        hook.wait_for(lambda seen: sum(r.path == "/desk" for r in seen) == 7, what="the second probe")
        t.eq(ehc.row("circuit"), ("half_open",), "the second probe is on its way: half open")
        clock.forward(1)
        t.eq((ehc.claimed(), len(ehc.at())), (1, 7), "alone")
        gate.set()
        ehc.delivered()
        t.eq((len(ehc.at()), ehc.row("circuit, failures, circuit_wait, open_until")), (18, ("closed", 0, 0, None)), "it is taken, and so is all that waited")
        t.eq(max(x[1] for x in ehc.queue()), 3, "nobody was tried more often than it was sent")
        ehc.complete("circuit")


def share(db, hook, clock):
    """Seven of ten fail, though never five in a row."""
    with Desk(db, hook, clock) as ehc:
        ehc.begin()
        bad, good = h.status(503), h.ok()
        hook.behave(h.sequence(bad, bad, bad, good, bad, bad, bad, good, bad, good, bad, then=good), "/desk")
        ehc.breach(20)
        ehc.wait_until(lambda: ehc.row("circuit") == ("open",), what="the circuit to open")
        ehc.looked()
        t.eq(len(ehc.at()), 11, "eight of eleven are too many")


def rest(db, hook, clock):
    """It asks for a rest, and the whole endpoint has it."""
    with Desk(db, hook, clock) as ehc:
        ehc.begin()
        hook.behave(h.sequence(h.status(429, {"Retry-After": "100"}), then=h.ok()), "/desk")
        ehc.breach(3)
        hook.wait_for(lambda seen: any(r.path == "/desk" for r in seen), what="the first")
        ehc.wait_until(lambda: ehc.row("paused_until IS NOT NULL") == (True,), what="the rest")
        clock.forward(98)
        ehc.looked()
        t.eq((len(ehc.at()), sorted(x[1] for x in ehc.queue())), (1, [0, 0, 1]), "for 98 of 100 s nothing is sent, whichever message it is")
        clock.forward(3)
        ehc.delivered()
        t.eq((len(ehc.at()), ehc.row("circuit"), ehc.told()), (4, ("closed",), []), "then everything; that was no failure of the endpoint")
        ehc.complete("rest")


def gone(db, hook, clock):
    with Desk(db, hook, clock) as ehc:
        ehc.begin()
        hook.behave(h.status(410), "/desk")
        ehc.breach(3)
        ehc.wait_until(lambda: ehc.row("disabled_reason") == ("gone",), what="the endpoint to be disabled")
        ehc.breach(2)
        hook.wait_for(lambda seen: any(r.path == "/boss" for r in seen), what="the operator to be told")
        clock.forward(30 * DAY)
        ehc.looked()
        t.eq((len(ehc.at()), [x[0] for x in ehc.queue()]), (1, ["pending"] * 5), "410: nothing more is sent in a month, nothing is lost")
        t.eq(ehc.told(), [("desk", "gone", 410)], "the operator is told, once")
        t.ok(ehc.log_lines("endpoint_failing") and ehc.row("failing_since IS NOT NULL") == (True,), "and the log")
        ehc.wait_metric("ehc_endpoint_failing", lambda v: v == 1, endpoint="desk")
        hook.behave(h.ok(), "/desk")
        t.eq(ehc.command("deliveries", "enable", "desk").returncode, 0, "somebody enables it again")
        ehc.delivered()
        t.eq((len(ehc.at()), ehc.row("disabled_at, failing_since")), (6, (None, None)), "and everything goes")
        ehc.wait_metric("ehc_endpoint_failing", lambda v: v == 0, endpoint="desk")
        ehc.complete("gone")


def refused(db, hook, clock):
    with Desk(db, hook, clock) as ehc:
        ehc.begin()
        hook.behave(h.status(401), "/desk")
        ehc.breach()
        times = [0] + ehc.live_to_the_end(20)
        gaps = [b - a for a, b in zip(times, times[1:])]
        wanted = [HOUR / 2, 2 * HOUR] + [DAY] * (len(gaps) - 2)
        t.ok(all(0.79 * x <= g <= 1.21 * x for g, x in zip(gaps, wanted)), "401: tried after half an hour, two hours, then daily", gaps)
        t.ok(times[-1] >= 6.8 * DAY and len(times) <= 12 and ehc.queue("state, reason") == [("dead", "client_error")], "for 6.8 days, then kept as dead", times)
        t.eq((ehc.told(), ehc.row("circuit")), ([("desk", "refused", 401)], ("closed",)), "the operator is told once; no circuit opens")
        first = ehc.at()[0]
        hook.behave(h.ok(), "/desk")
        ehc.breach()
        ehc.delivered()
        last = ehc.at()[-1]
        t.eq((last.id, last.body, ehc.queue("state, replays")), (first.id, first.body, [("done", 1), ("done", 0)]),
             "the next message is taken, and the dead one goes again by itself, with the same id and bytes")
        t.eq(ehc.row("failing_since"), (None,), "that was the end of the matter")
        ehc.complete("refused")


def unwanted(db, hook, clock):
    """One message that is refused while others are taken stays where it is."""
    with Desk(db, hook, clock) as ehc:
        ehc.begin()
        hook.behave(lambda handler, r: (h.status(413) if r.data["case_ref"] == "EHC-0001" else h.ok())(handler, r), "/desk")
        ehc.breach()
        ehc.wait_until(lambda: ehc.queue() == [("pending", 1)], what="the refusal")
        for _ in range(12):
            ehc.breach()
            ehc.wait_until(lambda: ehc.pending() <= 1 and not ehc.claimed(), what="the others to be taken")
            clock.forward(DAY)
            ehc.looked()
        t.eq([x for x in ehc.queue() if x[0] != "done"], [("dead", ehc.queue()[0][1])], "413 for one message: it dies while twelve others are taken")
        tries = len([r for r in ehc.at() if r.data["case_ref"] == "EHC-0001"])
        t.ok(tries <= 12, "after a dozen attempts at most", tries)
        ehc.breach(3)
        ehc.wait_until(lambda: ehc.pending() == 0, what="three more")
        t.eq((ehc.queue("state")[0], ehc.told()), (("dead",), [("desk", "refused", 413)]), "it is not sent again by itself, and the operator is told once")
        ehc.complete("unwanted")


def dead(db, hook, clock):
    with Desk(db, hook, clock) as ehc:
        ehc.begin()
        hook.behave(h.status(500), "/desk")
        ehc.breach(2)
        ehc.wait_until(lambda: [x[1] for x in ehc.queue()] == [1, 1], what="the first attempts")
        ehc.cases.event(1, "assess_agreed", ago(0))  # a later message about the same obligation
        ehc.read()
        seen = {}
        while len([x for x in ehc.queue() if x[0] == "dead"]) < 2:
            ehc.to_the_next()
            ehc.looked()
        for r in ehc.at():
            seen.setdefault(r.data["case_ref"], []).append(r)
        t.eq(ehc.queue("state, tries, attempts = tries"), [("dead", 35, True), ("dead", 35, True), ehc.queue("state, tries, true")[2]], "500 for days: dead after 35 attempts")
        t.ok(clock.passed >= 6.3 * DAY, "which took most of a week", clock.passed / DAY)
        t.eq([len({(r.id, r.body) for r in rs if r.data["event_seq"] == 1}) for rs in seen.values()], [1, 1], "each under one id, with the same bytes")
        t.eq(ehc.told(), [("desk", "unreachable", 500)], "the operator heard long before, once")
        ehc.wait_metric("ehc_outbox_dead", lambda v: v == 2, endpoint="desk")
        hook.behave(h.ok(), "/desk")
        ehc.to_the_next()
        ehc.delivered()
        t.eq(ehc.queue("state, reason, replays"), [("superseded", "overtaken", 0), ("done", None, 1), ("done", None, 0)],
             "when it takes messages again the dead go by themselves, but for what a later one has overtaken")
        ehc.complete("dead")


def strict(db, hook, clock):
    with Desk(db, hook, clock, order="strict") as ehc:
        ehc.begin()
        hook.behave(h.status(401), "/desk")
        ehc.breach()
        ehc.cases.event(1, "assess_agreed", ago(0))
        ehc.read()
        db.sql("UPDATE ehcwatch.outbox SET state = 'dead' WHERE seq = 1 AND case_id = 1")
        clock.forward(DAY)
        ehc.looked()
        t.eq([x for x in ehc.queue()][1], ("pending", 0), "strict: what comes after a dead message waits")
        hook.behave(h.ok(), "/desk")
        ident = ehc.queue("message_id")[0][0]
        t.eq(ehc.command("deliveries", "replay", ident).returncode, 0, "until that is sent again")
        ehc.delivered()
        t.eq([r.data["event_seq"] for r in ehc.at()][-2:], [1, 2], "then it goes, in order")


def rate(db, hook, clock):
    with Desk(db, hook, clock, concurrency=8, rate=2, burst=3) as ehc:
        ehc.begin()
        clock.forward(10)
        ehc.breach(12)
        ehc.looked()
        counts = [len(ehc.at())]
        for seconds in (1, 0.5, 60, 1):
            clock.forward(seconds)
            ehc.looked()
            counts.append(len(ehc.at()))
        t.eq(counts, [3, 5, 6, 9, 11], "rate 2, burst 3: three at once, then two a second; a rest earns three again")
        clock.forward(1)
        ehc.delivered()
        t.eq(len(ehc.at()), 12, "and in the end all")


def put_back(db, hook, clock):
    """P12: neither what a rate has spent nor a circuit's wait holds for the hour that the clock of the database was put back by."""
    with Desk(db, hook, clock, concurrency=8, rate=2, burst=3) as ehc:
        ehc.begin()
        clock.forward(10)
        ehc.breach(3)
        ehc.delivered()
        clock.forward(-HOUR)
        ehc.breach(5)
        ehc.looked()
        t.eq(len(ehc.at()), 6, "a burst, and no more")
        clock.forward(1)
        ehc.delivered()
        t.eq(len(ehc.at()), 8, "then two a second")
        clock.forward(10)
        hook.behave(h.status(500), "/desk")
        for _ in range(2):
            ehc.breach(3)
            ehc.looked()
            clock.forward(2)
        t.eq(db.value("SELECT circuit FROM ehcwatch.endpoint WHERE name = 'desk'"), "open", "the receiver fails")
        hook.calm()
        clock.forward(-HOUR)
        ehc.breach()
        ehc.wait_until(lambda: db.value("SELECT circuit FROM ehcwatch.endpoint WHERE name = 'desk'") == "closed", what="a probe")
        clock.forward(10)
        ehc.delivered()
        t.eq(len({r.id for r in ehc.at()}), 15, "what waited for another attempt goes when the probe is taken")


def stopped(db, hook, clock):
    """Our own shutdown costs a message nothing."""
    with Desk(db, hook, clock, timeout=60) as ehc:
        ehc.begin()
        hook.behave(h.hang(), "/desk")
        ehc.breach(4)
        hook.wait_for(lambda seen: any(r.path == "/desk" for r in seen), what="the request that hangs")
        ehc.wait_until(lambda: ehc.claimed() > 1, what="messages claimed ahead")
        ehc.stop()
        t.eq(ehc.queue("state, tries, attempts, claim"), [("pending", 0, 1, None)] + [("pending", 0, 0, None)] * 3, "what was under way and what was claimed ahead is given back unused")
        t.eq(db.sql("SELECT n, reason FROM ehcwatch.attempt JOIN ehcwatch.endpoint USING (endpoint_id) WHERE name = 'desk'"), [(1, "cancelled")], "the request that was made is in the log")
        hook.behave(h.ok(), "/desk")
        ehc.start().wait_ready()
        ehc.delivered()
        t.eq(ehc.queue("state, tries, attempts")[0], ("done", 1, 2), "and the next attempt has the next number")
        ehc.complete("stopped")


def unable(db, hook, clock):
    """A database that cannot write what came of a message: nothing is sent again for that, and nothing more is sent."""
    with Desk(db, hook, clock) as ehc:
        ehc.begin()
        db.sql("CREATE FUNCTION public.no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room' USING ERRCODE = 'disk_full'; END $$;"
               " CREATE TRIGGER no_room BEFORE INSERT ON ehcwatch.attempt EXECUTE FUNCTION public.no_room()")
        ehc.breach(3)
        ehc.wait_log("attempt_not_recorded: no room; once more")
        sent = len(hook.requests)
        ehc.breach(2)
        ehc.wait_until(lambda: len(ehc.log_lines("attempt_not_recorded")) > 1 or db.value("SELECT max(query_start) > clock_timestamp() - interval '1 s' FROM pg_stat_activity"
                       " WHERE application_name = 'ehcwatchd delivery' AND query = 'ROLLBACK'"), what="another attempt at the record")
        db.sql("DROP FUNCTION public.no_room CASCADE")
        ehc.delivered()
        t.eq(sorted(set(ehc.queue("state, tries, attempts"))), [("done", 1, 1)], "what was sent while the disk was full is recorded when it is not: sent once")
        t.ok(0 < sent <= 6 and len(ehc.at()) == 5, "and in the end all is sent", (sent, len(ehc.at())))
        t.eq(db.value("SELECT count(*) FROM ehcwatch.attempt WHERE response_head IS NULL AND http_status = 200"), 0, "with what the receiver said")
        ehc.complete("unable")


# How a record can fail that fails for all: SQLSTATE, what is said of it, and what a person is told to do.
FAULTS = (("42501", "broken", "must have the rights"), ("42703", "broken", 'Run "ehcwatchd migrate"'), ("XX000", "broken", "the log of the database says why"),
          ("P0001", "a value was refused .*", "a trigger or function"))


def unrecordable(db, hook, clock):
    """Rights that are gone, a schema that is another: what was sent is kept until it can be recorded. No lease brings it back, and nothing more is sent."""
    with Desk(db, hook, clock) as ehc:
        ehc.begin()
        db.sql("CREATE SEQUENCE public.broken MINVALUE 0")

        def tried_again():
            want = db.value("SELECT last_value FROM public.broken") + 2
            ehc.wait_until(lambda: db.value("SELECT last_value FROM public.broken") >= want, what="two more refusals")

        for done, (code, why, what) in enumerate(FAULTS, 1):
            db.sql("CREATE FUNCTION public.broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('public.broken');"
                   f" RAISE 'broken' USING ERRCODE = '{code}'; END $$; GRANT ALL ON SEQUENCE public.broken TO PUBLIC;"
                   " CREATE TRIGGER broken BEFORE INSERT ON ehcwatch.attempt EXECUTE FUNCTION public.broken()")
            ehc.breach()
            ehc.wait_log(f"<3>attempt_not_recorded: {why}; what was sent is kept, and until it can be recorded nothing more is sent: .*{what}")
            hook.wait_for(lambda seen, n=2 * done - 1: sum(r.path == "/desk" for r in seen) >= n, what="the message")
            clock.forward(100)  # the lease has ended
            ehc.breach()
            tried_again()
            t.eq((len(ehc.at()), ehc.queue()[-2:]), (2 * done - 1, [("pending", 1), ("pending", 0)]), f"{code}: what was sent is not sent again, nor is anything else")
            db.sql("DROP FUNCTION public.broken CASCADE")
            ehc.delivered()
            t.eq((len(ehc.at()), sorted(set(ehc.queue("state, tries, attempts")))), (2 * done, [("done", 1, 1)]), "mended: it is recorded, and the next is sent")
            ehc.complete(code)
            t.eq((len(ehc.log_lines("attempt_not_recorded")), len(ehc.log_lines("attempts_recorded"))), (done, done), "the log says each once, however often it was tried")
        db.sql("DROP SEQUENCE public.broken; ALTER TABLE ehcwatch.endpoint ALTER failures TYPE bigint")
        ehc.breach()
        ehc.delivered()
        t.eq((sorted(set(ehc.queue("state, tries, attempts"))), len(ehc.at())), ([("done", 1, 1)], 2 * len(FAULTS) + 1), "a plan that is out of date is done without")
        ehc.wait_log("<3>attempt_not_recorded: cached plan must not change result type; ")
        db.sql("ALTER TABLE ehcwatch.endpoint ALTER failures TYPE integer")


with h.Cluster() as cluster, h.Receiver(secret=SECRET) as receiver:
    with w.Watch(cluster) as first_of_all:
        first_of_all.migrate()
    time = Clock(cluster)
    receiver._now = time.now  # pylint: disable=protected-access
    for part in (circuit, share, rest, gone, refused, unwanted, dead, strict, rate, put_back, unable, unrecordable, stopped):
        with t.case(f"{part.__name__} ran to its end"):
            part(cluster, receiver, time)
t.done()
