"""Timelines: what happens at t, what must arrive between a and b, what the database must hold. Time is virtual: the driver jumps.

    Timeline("a breach is told once", "2026-06-15 12:00", [
        ("+0", "case", 1, ("request_received", -50)),
        ("+0", "arrived", "desk", ["1 breached"]),
        ("+1h", "receiver", "desk", h.status(503)),
        ("+2h", "holds", "SELECT count(*) FROM ehcwatch.outbox WHERE state = 'pending'", [(0,)]),
    ])

A step is (when, verb, arguments...); the verbs are the methods `do_...` of Run. When: "+3d", "+1h30m", "+90s" after the begin, in real
hours, or "2026-10-25 08:00", a time in London. Steps of one instant happen in the order in which they are written.

Between two steps the driver stops wherever something may fall due by itself: each planned attempt, the end of a pause, a notice,
London's midnight, the times of digests. At each stop it sets the clock of the database (db.set_clock) and waits, on conditions only,
until the daemons have nothing left to do at that instant. What arrives is stamped with the time of the stop.

Every timeline is also held to what always has to be so: `Run.check_promises`.
"""
import collections
import contextlib
import dataclasses
import datetime
import re
import signal
import sys
import zoneinfo
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "integration"))
import _world as w  # noqa: E402
from _world import h  # noqa: E402

LONDON = zoneinfo.ZoneInfo("Europe/London")
UTC = datetime.timezone.utc
SECRET = h.new_secret()
LIMIT = "assess_decision_6w"  # request_received + 42 days; at_risk from a week before
SETTLE = 120  # real seconds for one stop; far more than it takes, a broken daemon ends here


@dataclasses.dataclass
class Timeline:
    """One named test. `endpoints`: {name: options of its webhook}; `options`: of the file; `daemons`: who runs from the beginning;
    `fresh`: what the first evaluation tells belongs to the timeline; `grain`: attempts that fall due within such a span of each other
    are one stop, at its end, so that weeks of many messages do not take as many stops."""

    name: str
    begin: str
    steps: list
    endpoints: dict = dataclasses.field(default_factory=lambda: {"desk": {}})
    options: dict = dataclasses.field(default_factory=dict)
    daemons: tuple = ("a",)
    fresh: bool = False
    grain: str = "0"
    program: str | None = None  # another daemon than the one that was built


class Unmet(AssertionError):
    """Something that the timeline says did not come true."""


def london(text):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=LONDON).astimezone(UTC)


def span(text):
    """A timedelta from "+1d2h", "-30m", "90s"."""
    units = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    found = re.findall(r"(\d+(?:\.\d+)?)\s*([dhms])", text)
    if not found and text.lstrip("+-") != "0":
        raise ValueError(f"not a span of time: {text!r}")
    return datetime.timedelta(seconds=sum(float(n) * units[u] for n, u in found)) * (-1 if text.startswith("-") else 1)


def instant(text, begin):
    return begin + span(text) if text[0] in "+-" else london(text)


PEOPLE = {"teams", "slack", "ntfy", "email"}


def about(item):
    """"7 breached", of a reminder "7 still breached"."""
    still = "" if item["notice"] == "change" else "still "
    return f"{int(item['case_ref'].rpartition('-')[2])} {still}{item['to']}"


def words(request):
    """How an arrival is written in a timeline: "7 breached" for a machine's message of case 7; for one to people, its type and what it
    is about: "digest.daily [1 breached, 2 met_late, 3 still breached]"; else the type."""
    try:
        body = request.json()
    except ValueError:
        return "not JSON"
    data = body.get("data") or {}
    kind = str(body.get("type", "?"))
    if "notice" in data or "items" in data:
        items = data["items"] if "items" in data else [data]
        return f"{kind.removeprefix('obligation.')} [{', '.join(sorted(map(about, items)))}]"
    ref = re.fullmatch(r"EHC-0*(\d+)", str(data.get("case_ref") or ""))
    return f"{ref[1]} {kind.removeprefix('obligation.')}" if ref else kind


class Endpoint:
    """A receiver that can be taken off the network and put back, and everything that it ever got."""

    def __init__(self, name, now):
        self.name, self.now, self.behaviour, self.past = name, now, h.ok(), []
        self.port, self.trusted = h.free_port(), SECRET
        self.server = h.Receiver(secret=SECRET, now=now, port=self.port)

    def url(self):
        return f"http://127.0.0.1:{self.port}/{self.name}"

    def behave(self, behaviour):
        self.behaviour = behaviour
        if self.server:
            self.server.behave(behaviour)

    def trust(self, secret):
        self.trusted = secret
        if self.server:
            self.server.trust(secret)

    def down(self):
        """Nobody listens: a connection is refused."""
        self.server.close()
        self.past += self.server.requests
        self.server = None

    def up(self):
        self.server = h.Receiver(secret=self.trusted, now=self.now, port=self.port)
        self.server.behave(self.behaviour)

    @property
    def requests(self):
        return self.past + (self.server.requests if self.server else [])

    def clear(self):
        self.past = []
        self.server.clear()

    def close(self):
        if self.server:
            self.server.close()


class Run:
    """One timeline, played on one cluster."""

    def __init__(self, db, timeline):
        self.db, self.line = db, timeline
        self.begin = london(timeline.begin)
        self.at = self.begin            # where on the axis we are
        self.skew = datetime.timedelta(0)  # what the database's clock is off by
        self.database_up, self.locks, self.orphans, self.held = True, {}, set(), set()
        self.endpoints = {n: Endpoint(n, lambda: self.clock().timestamp()) for n in timeline.endpoints}
        self.daemons, self.paused, self.taken = {}, set(), collections.Counter()
        self.diary, self.kept = [], {}  # (axis, text); what steps put by for later ones
        self.crashed = self.hurry = False
        self.cases = w.Casework(db)

    # --- time --------------------------------------------------------------------------------------------------------

    def clock(self):
        return self.at + self.skew

    def set_clock(self):
        if self.database_up:
            self.db.set_clock(self.clock())

    def stops(self, until):
        """(the next instant before `until` at which something may happen by itself, whether more than an attempt), or None."""
        attempts, found = [], []
        if self.database_up:
            value = self.db.value(
                "SELECT min(t) FROM ("
                " SELECT greatest(o.next_attempt_at, e.paused_until, CASE WHEN e.circuit <> 'closed' THEN e.open_until END) AS t"
                " FROM ehcwatch.outbox o JOIN ehcwatch.endpoint e USING (endpoint_id)"
                " WHERE o.state = 'pending' AND e.enabled AND e.disabled_at IS NULL) x WHERE t > %s", (self.clock(),))
            grain = span(self.line.grain).total_seconds()
            if value is not None and grain:
                attempts.append(datetime.datetime.fromtimestamp((value.timestamp() // grain + 1) * grain, UTC) - self.skew)
            elif value is not None:
                attempts.append(value.astimezone(UTC) - self.skew)
            value = self.db.value("SELECT min(not_before) FROM ehcwatch.notice WHERE state = 'waiting' AND not_before > %s", (self.clock(),))
            if value is not None:
                found.append(value.astimezone(UTC) - self.skew)
        times = {datetime.time(0, 0, 5)}
        for options in self.line.endpoints.values():
            if self.for_people():
                times |= {datetime.time.fromisoformat(options.get("digest_at", "08:00"))}
            times |= {datetime.time.fromisoformat(x) for x in options.get("quiet_hours", "").split("-") if x}
        today = self.clock().astimezone(LONDON).date()
        for day in (today, today + datetime.timedelta(days=1)):
            found += [datetime.datetime.combine(day, x, LONDON).astimezone(UTC) - self.skew for x in times]
        both = [(x, more) for times, more in ((found, True), (attempts, False)) for x in times if self.at < x < until]
        return min(both, key=lambda b: (b[0], not b[1]), default=None)

    def travel(self, until):
        while until > self.at:
            self.at, more = (self.live() and self.stops(until)) or (until, True)
            self.set_clock()
            self.settle(more)

    # --- quiescence -----------------------------------------------------------------------------------------------------

    def live(self):
        return {n: d for n, d in self.daemons.items() if d.proc is not None and d.proc.poll() is None and n not in self.paused}

    def leader(self):
        """The daemon that evaluates, once there is one."""
        def found():
            for ehc in self.live().values():
                with contextlib.suppress(OSError):
                    if ehc.metrics().get("ehc_leader", 1) == 1:
                        return ehc
            return None
        return h.wait_until(found, SETTLE, "a leader")

    def settle(self, more=True):
        """Until nothing is left to do at this instant; without `more`, no attempt."""
        if not self.live() or not self.database_up or self.locks or self.hurry:
            return
        if more and self.for_people():
            self.composed()  # it has seen what day it is, and wants an evaluation from now
        if more:
            self.leader().read(SETTLE)
        if more and self.for_people():
            self.composed()
        try:
            h.wait_until(lambda: not self.unsettled(), SETTLE)
            if more and self.for_people():  # what waited for an attempt to end is made now
                self.composed()
                h.wait_until(lambda: not self.unsettled(), SETTLE)
        except TimeoutError:
            raise Unmet(f"not at rest at {self.shown(self.at)} after {SETTLE} s: {self.unsettled()}") from None

    def unsettled(self):
        """What is under way or due now, in words; empty: nothing."""
        rows = self.db.sql(
            "WITH head AS (SELECT DISTINCT ON (endpoint_id, coalesce(case_id, -outbox_id)) * FROM ehcwatch.outbox WHERE state = 'pending'"
            " ORDER BY endpoint_id, coalesce(case_id, -outbox_id), seq)"
            "SELECT o.outbox_id, e.name, o.claim, o.next_attempt_at <= %(now)s FROM head o JOIN ehcwatch.endpoint e USING (endpoint_id)"
            " WHERE o.claim IS NOT NULL AND o.next_attempt_at > %(now)s OR e.enabled AND e.disabled_at IS NULL AND o.next_attempt_at <= %(now)s"
            " AND coalesce(e.paused_until <= %(now)s, true) AND (e.circuit = 'closed' OR coalesce(e.open_until <= %(now)s, true))", {"now": self.clock()})
        # A claim whose holder is gone holds until its lease is over, and then the message is due like any other.
        under_way = [f"message {i} to {n} {'is due' if due else 'is claimed'}" for i, n, claim, due in rows if due or claim not in self.orphans]
        return ", ".join(under_way)

    def for_people(self):
        return any(o.get("send", "auto") not in ("auto", "every") or o.get("format") in PEOPLE for o in self.line.endpoints.values())

    def composed(self):
        """The leader's composer has looked since this call began, and found nothing that is due."""
        def looked():
            since = self.db.value("SELECT clock_timestamp()")
            self.db.sql("NOTIFY ehcwatch_outbox")
            with contextlib.suppress(TimeoutError):
                return h.wait_until(lambda: self.db.value(
                    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ehcwatchd people' AND state = 'idle' AND query_start > %s"
                    " AND query LIKE '-- Where the endpoints for people stand%%'", (since,)), 1)
            return False
        for _ in range(2):  # the first look may have found something and be about to make it: the second comes after that
            h.wait_until(looked, SETTLE, "the composer to look")

    # --- verbs: the world ------------------------------------------------------------------------------------------------

    def day(self, days):
        """So many days from today in London; a text is a date."""
        if isinstance(days, str):
            return datetime.date.fromisoformat(days)
        return self.clock().astimezone(LONDON).date() + datetime.timedelta(days=days)

    def do_case(self, number, *events):
        """A case with events (event, days from today or a date)."""
        self.do_cases([number], *events)

    def do_cases(self, numbers, *events):
        """Many of them, in one transaction."""
        numbers = list(numbers)
        sql = ["INSERT INTO casework.ehc_case (case_id, case_ref, locality, team) SELECT n, 'EHC-' || lpad(n::text, 4, '0'), 'North', 'T1' FROM unnest(%s) n"]
        params = [numbers]
        for event, days in events:
            sql.append("INSERT INTO casework.ehc_event (case_id, event, occurred_on, recorded_at) SELECT n, %s, %s, %s FROM unnest(%s) n")
            params += [event, self.day(days), self.clock(), numbers]
        self.db.sql("; ".join(sql), params)

    def do_event(self, number, event, days=0):
        self.cases.event(number, event, self.day(days), recorded_at=self.clock())

    def do_void(self, number, event):
        self.cases.void(number, event)

    def do_at_once(self, *steps):
        """Steps that write cases, as (verb, arguments...), in one transaction: a reading, which may come at any moment, sees all of it or nothing."""
        db, script = self.db, w.Script()
        self.db = self.cases.db = script
        try:
            for verb, *arguments in steps:
                getattr(self, "do_" + verb)(*arguments)
        finally:
            self.db = self.cases.db = db
        script.run(db)

    def do_sql(self, text, params=None):
        self.db.sql(text, params)

    def do_receiver(self, name, behaviour):
        """A behaviour of receiver.py, or "down" (nobody listens) and "up"."""
        if isinstance(behaviour, str):
            getattr(self.endpoints[name], behaviour)()
        else:
            self.endpoints[name].behave(behaviour)

    def do_trust(self, name, secret):
        self.endpoints[name].trust(secret)

    def do_database(self, state):
        """"down" or "up"."""
        self.database_up = state == "up"
        if self.database_up:
            self.db.start()
            self.set_clock()
            for ehc in self.live().values():
                ehc.wait_ready(SETTLE)
            self.orphans |= self.held  # whoever held one lost the connection that it would have been ended on; what is claimed since is not lost
        else:
            self.crashed = True
            self.held = self.claims()
            self.db.stop()

    def do_clock(self, by):
        """The database's clock jumps by so much against the axis."""
        self.skew += span(by)
        self.set_clock()

    # --- verbs: daemons ---------------------------------------------------------------------------------------------------

    def webhooks(self):
        return {n: {"url": self.endpoints[n].url(), "secret": SECRET, "timeout": 30, **o} for n, o in self.line.endpoints.items()}

    def do_start(self, name="a"):
        ehc = self.daemons.get(name)
        if ehc is None:
            options = {"limits": [LIMIT], "poll_interval": 5, **self.line.options}
            ehc = self.daemons[name] = w.Watch(self.db, self.webhooks(), options, program=self.line.program)
        ehc.start()
        if self.database_up:
            ehc.wait_ready(SETTLE)
        else:
            ehc.listening()

    def claims(self):
        return {c for (c,) in self.db.sql("SELECT claim FROM ehcwatch.outbox WHERE claim IS NOT NULL")} if self.database_up else set()

    def orphaned(self):
        """Nobody ends what is claimed now; a claim that had been asked for is made even so."""
        if self.database_up:
            h.wait_until(lambda: not self.db.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ehcwatchd delivery' AND state = 'active'"
                                                   " AND wait_event_type IS DISTINCT FROM 'Lock' AND wait_event_type IS DISTINCT FROM 'Client'"), SETTLE, "the last claim")
        self.orphans |= self.claims()

    def do_kill(self, name="a"):
        self.daemons[name].kill()
        self.crashed = True
        self.orphaned()

    def do_drop(self):
        """Every session of the daemons ends at the database's side: of a killed one nothing goes on there."""
        self.db.drop_connections()

    def do_stop(self, name="a"):
        self.daemons[name].stop()
        left = self.claims() - self.orphans
        if left and not self.live():  # what could not even be given back in time
            self.orphans |= left
            self.crashed = True

    def do_pause(self, name="a"):
        self.daemons[name].send(signal.SIGSTOP)
        self.paused.add(name)
        self.crashed = True
        self.orphaned()

    def do_resume(self, name="a"):
        self.paused.discard(name)
        self.daemons[name].send(signal.SIGCONT)

    def do_secrets(self, webhook, *secrets, name="a"):
        """The lines of the webhook's secret file, the newest first, and a reload."""
        self.do_reload(name, lambda ehc: ehc.webhooks[webhook].update(secret="\n".join(secrets)))

    def do_reload(self, name="a", change=None):
        """`change`: a function of the daemon, which may alter its webhooks and options before the reload."""
        ehc = self.daemons[name]
        if change:
            change(ehc)
        ehc.write_config()
        before = len(ehc.log_lines("reloaded:")) + len(ehc.log_lines("reload_refused"))
        ehc.send(signal.SIGHUP)
        ehc.wait_until(lambda: len(ehc.log_lines("reloaded:")) + len(ehc.log_lines("reload_refused")) > before, SETTLE, "the reload")

    def do_command(self, arguments, code=0, pattern="", name="a"):
        """A subcommand ends with this code and prints something like this."""
        verb, *rest = [str(a(self) if callable(a) else a) for a in arguments]
        done = self.daemons[name].command(verb, *rest)
        if done.returncode != code or not re.search(pattern, done.stdout + done.stderr):
            raise Unmet(f"{verb} {' '.join(rest)}: exit {done.returncode}, not {code} and {pattern!r}:\n{done.stdout}{done.stderr}")

    # --- verbs: inside an instant -------------------------------------------------------------------------------------------

    def do_busy(self):
        """From here to `rest` nothing is waited for but what `await` names."""
        self.hurry = True

    def do_rest(self):
        self.hurry = False

    def do_lock(self, table):
        """Nobody writes the table until `unlock`; meanwhile nothing is waited for."""
        self.locks[table] = w.Lock(self.db, table, "EXCLUSIVE").__enter__()

    def do_unlock(self, table):
        self.locks.pop(table).release()

    def do_stuck(self, table):
        """Some session of a daemon waits for the lock."""
        self.cases.hint()  # or it comes only with the next poll
        h.wait_until(lambda: w.blocked(self.db, self.locks[table].session), SETTLE, f"a daemon to wait for {table}")

    def do_await(self, name, number):
        """So many requests in all have come to the endpoint."""
        if self.database_up:
            self.cases.hint()
        h.wait_until(lambda: len(self.endpoints[name].requests) >= number, SETTLE, f"{number} requests at {name}")

    def do_call(self, function):
        """Anything else: a function of this Run."""
        function(self)

    LOOKS = {"arrived", "nothing", "holds", "metric", "says", "await", "lock", "drop", "stuck"}  # after these nothing has to come to rest

    # --- verbs: what must be so -------------------------------------------------------------------------------------------

    def do_arrived(self, name, want, more=False):
        """What came to the endpoint since the last `arrived`, in the words of `words`: "7 breached", "7 breached x3" for three attempts
        with one id. Cases in any order, each case's messages in this one; nothing else unless `more`."""
        requests = self.endpoints[name].requests[self.taken[name]:]
        self.taken[name] += len(requests)
        came = collections.OrderedDict()
        for r in requests:
            came.setdefault(r.id, [words(r), 0])[1] += 1
        got = [text if n == 1 else f"{text} x{n}" for text, n in came.values()]

        def by_case(texts):
            lanes = {}
            for text in texts:
                lane = text.split(" ")[0] if text[:1].isdigit() else ""
                lanes.setdefault(lane, []).append(text)
            return {k: v if k else sorted(v) for k, v in lanes.items()}

        if (not more and by_case(got) != by_case(want)) or (more and not set(want) <= set(got)):
            raise Unmet(f"{name}: arrived {got}\n  not {'at least ' if more else ''}{want}")

    def do_nothing(self, *names):
        """Nothing has come to these endpoints (none given: to any) since the last `arrived`."""
        for name in names or self.endpoints:
            self.do_arrived(name, [])

    def do_holds(self, text, want):
        """The query's rows, in text form where they are times."""
        got = self.db.sql(text)
        if not want(got) if callable(want) else got != want:
            raise Unmet(f"{text}\n  gives {got}\n  not   {want if not callable(want) else 'what it must'}")

    def do_metric(self, key, want, name="a"):
        ehc = self.daemons[name]
        try:
            h.wait_until(lambda: ehc.metrics().get(key) == want)  # what is counted in the queue is counted once a second
        except TimeoutError:
            raise Unmet(f"{name}: {key} is {ehc.metrics().get(key)}, not {want}") from None

    def do_says(self, pattern, name="a"):
        """The daemon's log has a line like this."""
        try:
            self.daemons[name].wait_log(pattern)
        except TimeoutError:
            raise Unmet(f"{name}: no line like {pattern!r} in the log") from None

    # --- the whole --------------------------------------------------------------------------------------------------------

    def check_promises(self):
        """Of every timeline: signatures are good and fresh, one id has one body, each case is accepted in order, numbers have no gaps,
        and the ledger knows of every request."""
        faults = []
        for name, endpoint in self.endpoints.items():
            requests, bodies, last = endpoint.requests, {}, {}
            for r in requests:
                if r.fault:
                    faults.append(f"{name}: {r.fault}: {r}")
                if bodies.setdefault(r.id, r.body) != r.body:
                    faults.append(f"{name}: another body under {r.id}")
                if r.answered is not None and 200 <= r.answered < 300 and r.type.startswith("obligation.") and "event_seq" in r.data:
                    before = last.setdefault(r.data["case_ref"], {})
                    if r.id not in before and any(s > r.data["event_seq"] for s in before.values()):
                        faults.append(f"{name}: {words(r)} (event_seq {r.data['event_seq']}) accepted after a later one")
                    before[r.id] = r.data["event_seq"]
        sent, perhaps = self.db.sql("SELECT count(*) FILTER (WHERE reason NOT IN ('connect', 'dns', 'tls', 'blocked', 'cancelled')),"
                                    " count(*) FILTER (WHERE reason = 'cancelled') FROM ehcwatch.attempt")[0]
        got = sum(len(e.requests) + self.before[n] for n, e in self.endpoints.items())
        if got < sent or (got > sent + perhaps and not self.crashed):
            faults.append(f"{sent} attempts in the ledger and {perhaps} that were cancelled, {got} requests")
        gaps = w.Watch.gaps(self)
        if gaps:
            faults.append(f"numbers with gaps: {gaps}")
        if faults:
            raise Unmet("\n".join(faults[:10]))

    def prepare(self):
        self.cases.clear()
        self.set_clock()
        for name in self.line.daemons:
            self.do_start(name)
            self.leader()  # it is ready before it has the lease, and the next might have that before it
        self.settle()
        self.before = {n: len(e.requests) if not self.line.fresh else 0 for n, e in self.endpoints.items()}
        if not self.line.fresh:
            for endpoint in self.endpoints.values():
                endpoint.clear()

    def play(self):
        try:
            self.prepare()
            for when, verb, *arguments in self.line.steps:
                self.travel(instant(when, self.begin))
                if instant(when, self.begin) < self.at:
                    raise ValueError(f"{when} {verb}: steps are written in the order of time")
                self.diary.append((self.at, f"{verb} {' '.join(map(str, arguments))}"))
                getattr(self, "do_" + verb)(*arguments)
                if verb not in self.LOOKS:
                    self.settle()
            self.finish()
            self.check_promises()
        except Exception as error:
            raise Unmet(f"{type(error).__name__}: {error}\n{self.story()}") from error
        finally:
            self.close()

    def finish(self):
        for name in [n for n in self.daemons if n in self.paused]:
            self.do_resume(name)
        for ehc in self.daemons.values():
            ehc.stop()

    def close(self):
        for table in list(self.locks):
            self.do_unlock(table)
        for name, ehc in self.daemons.items():
            if name in self.paused and ehc.proc is not None:
                ehc.send(signal.SIGCONT)
            ehc.__exit__(Unmet, None, None)
        for endpoint in self.endpoints.values():
            endpoint.close()
        if not self.database_up:
            self.db.start()

    # --- telling what came --------------------------------------------------------------------------------------------------

    def shown(self, at):
        return at.astimezone(LONDON).strftime("%a %Y-%m-%d %H:%M:%S %Z")

    def story(self):
        """The timeline with what came, for whoever has to find out."""
        lines = [(at, 0, text) for at, text in self.diary]
        for name, endpoint in self.endpoints.items():
            for r in endpoint.requests:
                at = datetime.datetime.fromtimestamp(r.at, UTC)
                lines.append((at, 1, f"    {name} got {words(r)} {r.id} -> {r.answered}{' ' + r.fault if r.fault else ''}"))
        told = [f"{self.shown(at)}  {text}" for at, _, text in sorted(lines, key=lambda x: (x[0], x[1]))]
        if len(told) > 120:
            told = told[:60] + [f"... {len(told) - 120} more ..."] + told[-60:]
        for name, ehc in self.daemons.items():
            told += [f"--- log of {name}"] + ehc.log().splitlines()[-25:]
        return "\n".join(told)


def play(tap, db, timelines):
    """Each timeline is one result."""
    for line in timelines:
        with tap.case(line.name):
            Run(db, line).play()
