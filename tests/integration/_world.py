"""A case database, a receiver and a daemon that watches, for the suites that attack the running daemon.

Cases and facts are written as a case system would write them. `Watch.settle` is the barrier behind which nothing more
can come: what was committed before it has been read, written and delivered.
"""
import base64
import contextlib
import datetime
import json
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/harness"))
import ehc_harness as h  # noqa: E402

NOON = "2026-06-15 12:00:00+01"  # a Monday in summer time
TODAY = datetime.date(2026, 6, 15)
CHANNEL = "ehcwatch_poll"
STATE_TABLES = ("notice", "digest", "ack", "rehearsal", "attempt", "outbox", "transition", "obligation", "case_state", "monitored", "endpoint", "lease", "evaluation", "poll_state",
                "first_seen", "first_seen_since", "history_count", "history_series", "history_day", "meeting")


def ago(days):
    """So many days before TODAY."""
    return TODAY - datetime.timedelta(days=days)


def sign_off(requests, secret):
    """What two verifiers in JavaScript (npm standardwebhooks and one written from the specification) refuse."""
    subprocess.run([ROOT / "tests/tools/node_deps"], check=True)
    lines = [json.dumps({"secret": secret, "id": r.id, "timestamp": r.timestamp, "now": r.at,
                         "signature": r.headers["webhook-signature"],
                         "body_base64": base64.b64encode(r.body).decode()}) for r in requests]
    done = subprocess.run(["node", ROOT / "tests/node/verify.js"], input="\n".join(lines) + "\n", check=True, text=True,
                          stdout=subprocess.PIPE)
    verdicts = done.stdout.splitlines()
    if len(verdicts) != len(lines):
        return [f"{len(verdicts)} verdicts for {len(lines)} messages"]
    return [v for v in verdicts if v != "ok"]


class Script:
    """Takes the statements of a cluster's sql() and runs none of them until `run`, which makes one transaction of them."""

    def __init__(self):
        self.texts, self.params = [], []

    def sql(self, text, params=()):
        self.texts.append(text)
        self.params += params

    def run(self, db):
        db.sql("; ".join(self.texts), self.params)


class Casework:
    """The council's side: rows into casework.*, through the harness's own short connections."""

    def __init__(self, db):
        self.db = db

    def case(self, number, *events, ref=None, locality="North", team="T1", born=None):
        """A case with its events, (event, date) or (event, date, subject), in one transaction."""
        sql = ["INSERT INTO casework.ehc_case (case_id, case_ref, locality, team, date_of_birth) VALUES (%s, %s, %s, %s, %s)"]
        params = [number, ref or f"EHC-{number:04d}", locality, team, born]
        for event in events:
            sql.append("INSERT INTO casework.ehc_event (case_id, event, occurred_on, subject) VALUES (%s, %s, %s, %s)")
            params += [number, event[0], event[1], event[2] if len(event) > 2 else None]
        self.db.sql("; ".join(sql), params)

    @contextlib.contextmanager
    def together(self):
        """What is written in this block is one transaction: a reading, which may come at any moment, sees all of it or nothing."""
        db, self.db = self.db, Script()
        try:
            yield
            script = self.db
        finally:
            self.db = db
        script.run(db)

    def event(self, number, event, on, subject=None, recorded_at=None):
        self.db.sql("INSERT INTO casework.ehc_event (case_id, event, occurred_on, subject, recorded_at)"
                    " VALUES (%s, %s, %s, %s, coalesce(%s, now()))", (number, event, on, subject, recorded_at))

    def void(self, number, event):
        """The rows of this event were found to be wrong."""
        self.db.sql("UPDATE casework.ehc_event SET voided_at = now() WHERE case_id = %s AND event = %s AND voided_at IS NULL",
                    (number, event))

    def claim(self, number, ground, from_on=None, to_on=None):
        self.db.sql("INSERT INTO casework.ehc_exception (case_id, ground, from_on, to_on) VALUES (%s, %s, %s, %s)",
                    (number, ground, from_on, to_on))

    def hint(self, *cases):
        self.db.sql("SELECT pg_notify(%s, %s)", (CHANNEL, ",".join(map(str, cases))))

    def clear(self):
        """As after `migrate`: no cases, and nothing that was ever told. Only while no daemon runs."""
        self.db.sql("TRUNCATE casework.ehc_case, casework.ehc_event, casework.ehc_exception")
        self.db.sql("TRUNCATE " + ", ".join("ehcwatch." + t for t in STATE_TABLES) + " RESTART IDENTITY")


class Watch(h.Daemon):
    """The daemon, with the questions that these suites ask of it and of its schema."""

    def __init__(self, db, webhooks=None, options=None, **more):
        super().__init__(db, webhooks=webhooks, options=options, **more)
        self.db, self.cases = db, Casework(db)

    def evaluations(self):
        return self.metrics()["ehc_evaluations_total"]

    def read(self, timeout=h.PATIENCE):
        """Returns when whatever was committed before the call has been read and its transitions are written.

        The first evaluation from now may have begun before; the second has seen all, and the third begins when the second
        is written.
        """
        want = self.evaluations() + 3

        def reached():
            self.cases.hint()
            return self.evaluations() >= want

        self.wait_until(reached, timeout, "three evaluations")

    def comes_to_rest(self, quiet=0.7, timeout=h.PATIENCE):
        """Whether there is a time without a reading. The hints of `read` leave up to two readings behind: one that is under
        way and one for the hint that came meanwhile; on a busy machine they end when they end."""
        def at():
            return self.evaluations(), self.db.sql("SELECT max(query_start), coalesce(bool_and(state = 'idle'), false) FROM pg_stat_activity"
                                                   " WHERE application_name IN ('ehcwatchd source', 'ehcwatchd state')")[0]

        since, asked, seen = time.monotonic(), 0, at()

        def rested():
            nonlocal since, asked, seen
            now = at()
            if now != seen:
                since, asked, seen = time.monotonic(), 0, now
            asked += 1  # a daemon that stands still answers once, however long that takes
            return time.monotonic() - since > quiet and asked > 5 and now[1][1]

        try:
            self.wait_until(rested, timeout, "a time without a reading")
        except TimeoutError:
            return False
        return True

    def delivered(self, timeout=h.PATIENCE):
        self.wait_until(lambda: not self.pending(), timeout, "an empty outbox")

    def settle(self, timeout=h.PATIENCE):
        self.read(timeout)
        self.delivered(timeout)

    def pending(self):
        return self.db.value("SELECT count(*) FROM ehcwatch.outbox WHERE state = 'pending'")

    def transitions(self, case=None):
        """(case, limit, start, from, to), in the order in which they were told."""
        return self.db.sql("SELECT case_id, limit_id, start_on::text, from_state, to_state FROM ehcwatch.transition"
                           " WHERE %s IS NULL OR case_id = %s ORDER BY case_id, event_seq", (case, case))

    def gaps(self):
        """Obligations and cases whose numbers do not run from 1 without a gap or a repeat."""
        return self.db.sql(
            "SELECT 'seq', case_id, limit_id, start_on::text FROM ehcwatch.transition GROUP BY case_id, limit_id, subject, start_on"
            " HAVING (min(seq), max(seq), count(DISTINCT seq)) <> (1, count(*), count(*))"
            " UNION ALL SELECT 'event_seq', case_id, '', '' FROM ehcwatch.transition GROUP BY case_id"
            " HAVING (min(event_seq), max(event_seq), count(DISTINCT event_seq)) <> (1, count(*), count(*))")

    def not_ready(self):
        """The reason on /readyz, or None when it says that all is well."""
        code, _, body = self.http("/readyz")
        return None if code == 200 else json.loads(body)["detail"]

    def listening(self):
        self.wait_until(lambda: self.answers("/healthz"), what="/healthz")
        return self

    def wait_not_ready(self, *words, timeout=h.PATIENCE):
        """The reason, once it holds all of these words."""
        def said():
            why = self.not_ready() or ""
            return why if all(w in why for w in words) and why else None
        return self.wait_until(said, timeout, f"/readyz to say {words}")

    def log_lines(self, event_text):
        return [line for line in self.log().splitlines() if event_text in line]


def held(gate):
    """Answers 200 when the threading.Event is set, unless the client has left by then."""
    def act(handler, request):
        while not gate.is_set():
            if handler.wait_until_left(0.05):
                return
        h.ok()(handler, request)
    return act


class Stopped:
    """PostgreSQL is down, until over() or the end of the block."""

    def __init__(self, db, mode="fast"):
        self.db, self.mode, self.down = db, mode, False

    def __enter__(self):
        self.db.stop(self.mode)
        self.down = True
        return self

    def over(self):
        if self.down:
            self.db.start()
            self.down = False

    def __exit__(self, *_):
        self.over()


def blocked(db, by, name="ehcwatchd %"):
    """How many sessions of this application_name wait for what the connection `by` holds; writers also wait for one another, for a moment."""
    return db.value("SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE %s AND %s = ANY (pg_blocking_pids(pid))",
                    (name, by.info.backend_pid))


class Lock:
    """A table held under lock by another session, until the end of the block."""

    def __init__(self, db, table, mode="ACCESS EXCLUSIVE"):
        self.db, self.table, self.mode, self.session = db, table, mode, None

    def __enter__(self):
        self.session = self.db.connect()
        with self.session.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {self.table} IN {self.mode} MODE")
        return self

    def __exit__(self, *_):
        self.release()

    def release(self):
        try:
            self.session.close()
        except Exception:  # pylint: disable=broad-except
            pass  # the server that held it is gone, and the lock with it

    def wait_for(self, name, ehc=None):
        """Returns when the session of this application_name waits for the lock."""
        (ehc.wait_until if ehc else h.wait_until)(lambda: blocked(self.db, self.session, name), what=f"{name} to wait for {self.table}")


def bodies(requests, case_ref=None, path=None):
    """The data of obligation messages, each id once, in order of arrival."""
    seen, found = set(), []
    for r in requests:
        if (path is not None and r.path != path) or r.id in seen or not r.type.startswith("obligation."):
            continue
        if case_ref is None or r.data["case_ref"] == case_ref:
            seen.add(r.id)
            found.append(r)
    return found


def sent_once(hook):
    """The requests of obligations, and whether each came once and in order."""
    got = [r for r in hook.requests if r.type.startswith("obligation.")]
    order = {}
    for r in got:
        order.setdefault(r.data["case_ref"], []).append(r.data["event_seq"])
    return len(got), all(s == list(range(1, len(s) + 1)) for s in order.values())
