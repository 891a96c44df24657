#!/usr/bin/python3
"""Two daemons on one database: one evaluates and writes. Whatever happens to the leader (killed, stopped, cut off, ended in order),
the other takes over, and nothing is told twice, forgotten, or written by one whose term is over."""
import contextlib
import datetime
import json
import signal
import time

import _world as w
from _world import ago, h
from pg_proxy import PgProxy

SECRET = h.new_secret()
LIMIT = "assess_decision_6w"
TTL = 15
START = datetime.datetime(2026, 6, 15, 11, tzinfo=datetime.timezone.utc)
t = h.Tap()

# Who writes into what, by the application_name that its connections were given. The trigger's own row is part of the transaction.
WATCHED = ("transition", "obligation", "case_state", "monitored", "first_seen", "notice", "digest")
WITNESS = """
    CREATE SCHEMA IF NOT EXISTS witness;
    CREATE TABLE IF NOT EXISTS witness.wrote (n bigint GENERATED ALWAYS AS IDENTITY, who text, what text);
    CREATE OR REPLACE FUNCTION witness.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
    $$ BEGIN INSERT INTO witness.wrote (who, what) VALUES (current_setting('application_name'), TG_TABLE_NAME); RETURN NULL; END $$;
    """ + "".join(f"CREATE TRIGGER witness AFTER INSERT OR UPDATE OR DELETE ON ehcwatch.{x} FOR EACH ROW EXECUTE FUNCTION witness.note();"
                  for x in WATCHED)


class Pair:
    """The database, a receiver and two daemons, `ay` and `bee`, that are started by who needs them."""

    def __init__(self, db, hook):
        self.db, self.now = db, START
        self.cases = w.Casework(db)
        self.cases.clear()
        db.sql("TRUNCATE witness.wrote")
        db.set_clock(START.isoformat())
        hook.clear()
        self.hook = hook

    def daemon(self, name, conninfo=None, **options):
        """Named in the database unless it comes over a proxy, which knows its connections by their own names."""
        state = conninfo or f"{self.db.conninfo} application_name={name}"
        return w.Watch(self.db, {"desk": {"url": self.hook.url(), "secret": SECRET}},
                       {"limits": [LIMIT], "state": state, "source": conninfo or self.db.conninfo, **options})

    def later(self, seconds):
        self.now += datetime.timedelta(seconds=seconds)
        self.db.set_clock(self.now.isoformat())

    def holder(self):
        return self.db.value("SELECT split_part(holder, ':', 2)::int FROM ehcwatch.lease")

    def leads(self, ehc):
        """The lease is its, and it knows."""
        return self.holder() == ehc.proc.pid and ehc.metrics().get("ehc_leader") == 1

    def wait_leads(self, ehc):
        ehc.wait_until(lambda: self.leads(ehc), what="the lease to be its")

    def renewed(self):
        """Just now: the holder trusts its lease for as long as it ever does."""
        def row():
            return self.db.value("SELECT xmin::text FROM ehcwatch.lease")
        before = row()
        h.wait_until(lambda: row() != before, what="the renewal of the lease")

    def two(self, stack, first, second):
        """The first leads, the second stands by and knows it; both have evaluated."""
        stack.enter_context(first).start().wait_ready()
        self.wait_leads(first)
        stack.enter_context(second).start().wait_ready()
        second.wait_log("standing_by: ")
        second.wait_metric("ehc_leader", lambda v: v == 0)

    def breach(self, *numbers):
        """New cases, each with one transition to come."""
        for n in numbers:
            self.cases.case(n, ("request_received", ago(50)))
        self.cases.hint()

    def end(self, *numbers):
        for n in numbers:
            self.cases.event(n, "assess_agreed", ago(1))
        self.cases.hint()

    def wrote(self):
        return {who: n for who, n in self.db.sql("SELECT who, count(*) FROM witness.wrote GROUP BY 1")}

    def judge(self, ehc, cases, what):
        """So many cases, each breached and then met late: told once, in order, delivered."""
        ehc.settle()
        told = sorted((c, f, s) for c, _, _, f, s in ehc.transitions())
        want = sorted(x for c in cases for x in ((c, "none", "breached"), (c, "breached", "met_late")))
        t.eq((told, ehc.gaps()), (want, []), f"{what}: each transition once, without a gap")
        n, in_order = w.sent_once(self.hook)
        t.eq((n >= len(want), in_order), (True, True), f"{what}: and delivered in order")


def stand_by(pair, stack):
    """A standby evaluates, shows, delivers, says what it is, and writes nothing."""
    ay, bee = pair.daemon("ay"), pair.daemon("bee")
    pair.two(stack, ay, bee)
    pair.breach(1, 2, 3)
    ay.settle()
    breached = h.series("ehc_obligations", limit=LIMIT, state="breached")
    bee.wait_metric("ehc_obligations", lambda v: v == 3, limit=LIMIT, state="breached")
    t.eq((ay.metrics()["ehc_leader"], bee.metrics()["ehc_leader"], ay.metrics()[breached]), (1, 0, 3), "one leads, both count")
    listed = [json.loads(x.http("/v1/breaches.json")[2])["items"] for x in (ay, bee)]
    t.ok(listed[0] == listed[1] and len(listed[0]) == 3, "the standby lists what the leader lists")
    for ehc, leads in ((ay, True), (bee, False)):
        said = json.loads(ehc.http("/v1/summary")[2])
        name = said["lease"]["holder"].split(":")
        t.eq((said["leader"], int(name[1]), said["lease"]["since"][:19]), (leads, ay.proc.pid, START.strftime("%Y-%m-%dT%H:%M:%S")),
             f"{'leader' if leads else 'standby'}: /v1/summary says who leads, and since when")
        want = "leader since 2026-06-15T11:00:00Z" if leads else f"standby: {name[0]}:{name[1]} evaluates and writes since 2026-06-15T11:00:00Z"
        code, _, ready = ehc.http("/readyz")
        t.eq((code, ready.decode().splitlines()), (200, ["ready", want]), "so does /readyz")
        t.ok(f"This server: {want}." in ehc.http("/")[2].decode(), "and the page for people")
        t.eq(ehc.http("/", {"Accept": "text/plain"})[2].decode().splitlines()[1], want, "as text, too")
    t.ok(bee.log_lines("standing_by: ") and not ay.log_lines("standing_by: "), "the standby's log says it, once")
    t.eq((len(bee.log_lines("standing_by: ")), len(ay.log_lines("leading: "))), (1, 1), "once")
    bee.cases.hint(1, 2)
    bee.read()
    wrote = pair.wrote()
    t.ok(set(wrote) == {"ay"} and wrote["ay"] > 6, "all that was written, the leader wrote", wrote)
    pair.end(1, 2, 3)
    pair.judge(ay, (1, 2, 3), "with a standby")


def killed(pair, stack):
    """kill -9: what it had not written is written by the other, once."""
    ay, bee = pair.daemon("ay"), pair.daemon("bee")
    pair.two(stack, ay, bee)
    pair.breach(*range(1, 11))
    ay.settle()
    ay.send(signal.SIGSTOP)
    pair.end(*range(1, 11))
    ay.kill()
    began = time.monotonic()
    pair.wait_leads(bee)  # the clock stands still: it need not wait for the end of the lease, for that never comes
    t.ok(True, f"the other has taken over after {time.monotonic() - began:.1f} s")
    t.eq(len(bee.log_lines("leader_gone: ")), 1, "it saw that the leader's process was gone")
    pair.judge(bee, range(1, 11), "after a kill")
    ay.start().wait_ready()
    ay.wait_metric("ehc_leader", lambda v: v == 0)
    pair.wait_leads(bee)
    t.ok(True, "the one that comes back stands by")
    bee.kill()
    pair.wait_leads(ay)
    ay.kill()
    ay.start()
    ay.listening()
    pair.wait_leads(ay)
    t.ok(True, "alone, it need not wait for the lease of the process that it was")


def stopped(pair, stack):
    """SIGSTOP for longer than the lease lasts: the other leads, and the one that wakes up writes nothing."""
    ay, bee = pair.daemon("ay"), pair.daemon("bee")
    pair.two(stack, ay, bee)
    pair.breach(*range(1, 11))
    ay.settle()
    ay.send(signal.SIGSTOP)
    pair.later(TTL - 1)
    pair.end(1, 2, 3, 4, 5)
    bee.wait_metric("ehc_obligations", lambda v: v == 5, limit=LIMIT, state="breached")
    t.eq((pair.holder(), bee.metrics()["ehc_leader"], len(bee.transitions())), (ay.proc.pid, 0, 10), "a second before its end the lease is kept")
    pair.later(1)
    pair.wait_leads(bee)
    bee.read()
    t.eq(len(bee.transitions()), 15, "then the other leads, and tells what the first did not")
    before = pair.wrote()["ay"]
    pair.end(6, 7, 8, 9, 10)
    ay.send(signal.SIGCONT)
    ay.wait_log("leading_no_more: ")
    ay.wait_metric("ehc_leader", lambda v: v == 0)
    pair.judge(bee, range(1, 11), "after a stop")
    ay.read()
    t.eq((pair.wrote()["ay"], len(ay.log_lines("leading_no_more: "))), (before, 1), "the one that woke up wrote nothing, and said so once")
    t.ok(ay.answers("/readyz") and not ay.log_lines("not_evaluating: "), "and it is well")


def stopped_amid(pair, stack):
    """Stopped in the middle of a transaction: the other need not wait for longer than the lease, and what was half written is not."""
    ay, bee = pair.daemon("ay", poll_interval=3600), pair.daemon("bee")
    pair.two(stack, ay, bee)
    pair.breach(*range(1, 11))
    ay.settle()
    with w.Lock(pair.db, "ehcwatch.transition") as lock:
        pair.end(*range(1, 11))
        lock.wait_for("ay", ay)
        ay.send(signal.SIGSTOP)
    before = pair.wrote()["ay"]
    pair.later(TTL + 1)
    began = time.monotonic()
    pair.wait_leads(bee)
    t.ok(True, f"the other leads after {time.monotonic() - began:.1f} s")
    bee.read()
    ay.send(signal.SIGCONT)
    ay.wait_log("leading_no_more: ")
    pair.judge(bee, range(1, 11), "after a stop amid a transaction")
    t.eq(pair.wrote()["ay"], before, "nothing of the first one's transaction is there")


def fenced(pair, stack):
    """Its word about the lease does not get through, all else does: the database refuses what it writes."""
    with PgProxy(pair.db) as proxy:
        ay, bee = pair.daemon("ay", proxy.conninfo), pair.daemon("bee")
        pair.two(stack, ay, bee)
        pair.breach(*range(1, 11))
        ay.settle()
        pair.renewed()
        proxy.drop("ehcwatchd lease")
        pair.later(TTL + 1)
        pair.wait_leads(bee)
        before = pair.wrote()["ehcwatchd state"]
        pair.end(*range(1, 11))
        ay.wait_log("leading_no_more: another daemon has taken over")  # which it hears from nobody but the table that it writes to
        t.ok(True, "the first believed that it led until it wrote")
        bee.read()
        pair.judge(bee, range(1, 11), "after the fence")
        t.eq(pair.wrote()["ehcwatchd state"], before, "its stale term wrote no row")
        proxy.forward()
        ay.wait_log("standing_by|leading_no_more")
        ay.read()
        t.eq((pair.holder(), len(ay.log_lines("leading_no_more: "))), (bee.proc.pid, 1), "and it stands by, told once")
        t.ok(not ay.log_lines("not_evaluating: "), "no storm of errors")
        ay.stop()


def cut_off(pair, stack):
    """Its packets are dropped: the other leads; when they flow again, what it had in hand comes to nothing."""
    with PgProxy(pair.db) as proxy:
        ay, bee = pair.daemon("ay", proxy.conninfo), pair.daemon("bee")
        pair.two(stack, ay, bee)
        pair.breach(*range(1, 11))
        ay.settle()
        before = pair.wrote()["ehcwatchd state"]
        proxy.drop()
        pair.end(*range(1, 11))
        h.wait_until(lambda: proxy.held > 0, what="something to be dropped")
        pair.later(TTL + 1)
        pair.wait_leads(bee)
        bee.read()
        t.eq(len(bee.transitions()), 20, "the other leads and tells")
        proxy.forward()
        ay.wait_log("leading_no_more: ")
        pair.judge(bee, range(1, 11), "after dropped packets")
        ay.wait_ready()
        ay.read()
        t.eq((pair.wrote()["ehcwatchd state"], ay.metrics()["ehc_leader"]), (before, 0), "the one that was cut off wrote nothing, and stands by")
        ay.stop()


def trust(pair, stack):
    """Without an answer it stops believing by itself, before the lease ends."""
    with PgProxy(pair.db) as proxy:
        ay = stack.enter_context(pair.daemon("ay", proxy.conninfo))
        ay.start().wait_ready()
        pair.wait_leads(ay)
        said, took = "leading_no_more: the lease could not be renewed in time", []
        while len(took) < 5 and min(took, default=TTL) >= TTL:  # a machine that is busy elsewhere may take longer than that to notice
            proxy.drop("ehcwatchd lease")
            began = time.monotonic()
            ay.wait_until(lambda: len(ay.log_lines(said)) > len(took), what=said)
            took.append(time.monotonic() - began)
            t.ok(ay.wait_not_ready("state database: nobody is known to lead: "), "it is not ready, for nobody is known to lead")
            proxy.forward()
            pair.wait_leads(ay)
        t.ok(min(took) < TTL, f"it no longer trusts the lease after {min(took):.1f} s")
        pair.breach(1)
        ay.settle()
        pair.end(1)
        pair.judge(ay, (1,), "when it is heard again")
        ay.stop()


def refused(pair, stack):
    """The database refuses the lease to a daemon that is alone: it evaluates, but tells nothing, and so is not ready."""
    ay = stack.enter_context(pair.daemon("ay"))
    ay.start().wait_ready()
    pair.wait_leads(ay)
    pair.db.sql("ALTER TABLE ehcwatch.lease RENAME TO away")
    ay.wait_log("leading_no_more: ")
    pair.breach(1)
    ay.wait_metric("ehc_obligations", lambda v: v == 1, limit=LIMIT, state="breached")
    why = ay.wait_not_ready("state database: nobody is known to lead: ", "does not exist")
    ay.read()
    t.eq((ay.not_ready(), len(ay.transitions())), (why, 0), "whatever it evaluates, /readyz says why nothing is told")
    pair.db.sql("ALTER TABLE ehcwatch.away RENAME TO lease")
    ay.wait_ready()
    ay.settle()
    pair.end(1)
    pair.judge(ay, (1,), "when it has the lease again")


def unheard(pair, stack):
    """A standby that hears nothing of the lease for as long as that lasts does not know who leads."""
    with PgProxy(pair.db) as proxy:
        ay, bee = pair.daemon("ay"), pair.daemon("bee", proxy.conninfo)
        pair.two(stack, ay, bee)
        proxy.drop("ehcwatchd lease")
        bee.wait_not_ready("state database: nobody is known to lead: ")
        t.eq((ay.not_ready(), ay.metrics()["ehc_leader"], bee.metrics()["ehc_leader"]), (None, 1, 0), "the standby is not ready, the leader is")
        proxy.forward()
        bee.wait_ready()
        t.ok(bee.http("/readyz")[2].decode().splitlines()[1].startswith("standby: "), "when it hears of it again it stands by")
        bee.stop()


def in_order(pair, stack):
    """An orderly end hands over at once, back and forth."""
    one, two = pair.daemon("ay"), pair.daemon("bee")
    pair.two(stack, one, two)
    took = []
    for n in range(1, 4):
        pair.breach(n)
        one.read()
        one.stop()
        began = time.monotonic()
        pair.wait_leads(two)
        took.append(time.monotonic() - began)
        t.eq(two.log_lines("leader_gone: "), [], "without a look at its process")
        pair.end(n)
        two.settle()
        one.start().wait_ready()
        one, two = two, one
    t.ok(min(took) < 3, f"handed over after {' and '.join(f'{x:.1f}' for x in took)} s")
    pair.judge(one, (1, 2, 3), "back and forth")


def in_between(pair, stack):
    """Given back while an answer that does not know of it is on its way: nobody is said to have gone without that."""
    with PgProxy(pair.db) as proxy:
        ay, bee = pair.daemon("ay"), pair.daemon("bee", proxy.conninfo)
        pair.two(stack, ay, bee)
        with w.Lock(pair.db, "ehcwatch.rehearsal") as lock:
            pair.db.sql("NOTIFY ehcwatch_outbox")
            lock.wait_for("ehcwatchd lease", bee)
            proxy.drop("ehcwatchd lease")
        h.wait_until(lambda: proxy.held > 0, what="the answer to be held back")
        ay.stop()
        proxy.forward()
        pair.wait_leads(bee)
        t.eq(bee.log_lines("leader_gone: "), [], "the lease is asked for once more, and had been given back")
        pair.breach(1)
        bee.settle()
        pair.end(1)
        pair.judge(bee, (1,), "after that")
        bee.stop()


def of_another_machine(pair, stack):
    """A lease of which nothing can be told is waited for; one that ends too late to be true is not."""
    ehc = stack.enter_context(pair.daemon("ay"))
    holder = "elsewhere:1:00000000000000000000000000000000.1.1.00000000"
    pair.db.sql("INSERT INTO ehcwatch.lease (holder, term, expires_at) VALUES (%s, 41, ehcwatch.clock() + '15 s')", (holder,))
    pair.breach(1)
    ehc.start().wait_ready()
    ehc.wait_log("standing_by: ")
    ehc.read()
    t.eq((ehc.transitions(), json.loads(ehc.http("/v1/summary")[2])["lease"]["term"]), ([], 41), "it stands by, and tells nothing")
    pair.later(TTL + 1)
    pair.wait_leads(ehc)
    t.eq(pair.db.value("SELECT term FROM ehcwatch.lease"), 42, "then it leads, in the next term")
    ehc.kill()
    pair.db.sql("UPDATE ehcwatch.lease SET holder = %s, expires_at = ehcwatch.clock() + '1 hour'", (holder,))
    ehc.start().wait_ready()
    pair.wait_leads(ehc)
    t.ok(True, "a lease for an hour: the clock was put back, and it is taken")


SCENES = (stand_by, killed, stopped, stopped_amid, fenced, cut_off, trust, refused, unheard, in_order, in_between, of_another_machine)


def main():
    with h.Cluster(keep=True) as db, h.Receiver(secret=SECRET) as hook:
        with w.Watch(db) as ehc:
            ehc.migrate()
        db.sql(WITNESS)
        for scene in SCENES:
            with t.case(scene.__doc__.split("\n")[0].rstrip(".")), contextlib.ExitStack() as stack:
                scene(Pair(db, hook), stack)


main()
t.done()
