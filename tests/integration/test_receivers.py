#!/usr/bin/python3
"""Receivers that are down, slow, rude or lost in thought: what is made of each answer, when it is tried again and with what."""
import email.utils
import signal
import threading
import time

import _world as w
from _world import ago, h

SECRET = h.new_secret()
DAY = 86400
t = h.Tap()


def hooks(hook, names, **more):
    return {n: {"url": hook.url("/" + n), "secret": SECRET, **more} for n in names}


def begin(db, hook, ehc):
    w.Casework(db).clear()
    db.set_now(w.NOON)
    hook.calm()
    ehc.start().wait_ready()
    ehc.settle()
    hook.clear()


def forgive(db, endpoint="%"):
    """What was found out about the endpoint is forgotten: circuit, pause, 410."""
    db.sql("UPDATE ehcwatch.endpoint SET circuit = 'closed', circuit_since = clock_timestamp(), failures = 0, circuit_wait = 0, open_until = NULL,"
           " paused_until = NULL, failing_since = NULL, disabled_at = NULL, disabled_reason = NULL WHERE name LIKE %s", (endpoint,))


def due_now(ehc, endpoint, whose="claim IS NULL", **columns):
    """The endpoint's messages are due and may go, and the dispatcher looks. What is on its way is left alone: it would be sent twice."""
    extra = "".join(f", {k} = {v}" for k, v in columns.items())
    forgive(ehc.db, endpoint)
    ehc.db.sql(f"UPDATE ehcwatch.outbox SET next_attempt_at = ehcwatch.clock(){extra} FROM ehcwatch.endpoint e WHERE e.endpoint_id = outbox.endpoint_id"
               f" AND e.name LIKE %s AND state = 'pending' AND {whose}; NOTIFY ehcwatch_outbox", (endpoint,))


def hold_the_clock(db):
    """Nothing falls due by itself from here on: the clock stands at the present, until db.set_clock(None)."""
    db.set_clock(db.value("SELECT clock_timestamp()"))


def attempts(db, endpoint):
    """The attempts at this endpoint's messages about cases: (n, status, reason)."""
    return db.sql("SELECT a.n, a.http_status, a.reason FROM ehcwatch.attempt a JOIN ehcwatch.outbox o USING (outbox_id, endpoint_id)"
                  " JOIN ehcwatch.endpoint e USING (endpoint_id) WHERE e.name = %s AND o.case_id IS NOT NULL ORDER BY a.recorded_at", (endpoint,))


def next_in(db, endpoint):
    """(state, seconds from the record of the last attempt to the next)"""
    return db.sql("SELECT o.state, extract(epoch FROM o.next_attempt_at - a.recorded_at)::float8 FROM ehcwatch.outbox o"
                  " JOIN ehcwatch.endpoint e USING (endpoint_id) JOIN LATERAL (SELECT recorded_at FROM ehcwatch.attempt a"
                  " WHERE a.outbox_id = o.outbox_id ORDER BY n DESC LIMIT 1) a ON true WHERE e.name = %s AND o.case_id IS NOT NULL", (endpoint,))[0]


def in_an_hour(code):
    """Retry-After with a date, counted from the answer."""
    def act(handler, request):
        h.status(code, {"Retry-After": email.utils.formatdate(time.time() + 3600, usegmt=True)})(handler, request)
    return act


HUGE = h.huge()
FIRST = (4, 6)  # the second attempt: 5 s, give or take a fifth
HUMAN = (0.8 * 1800 - 1, 1.2 * 1800 + 1)  # 30 minutes, give or take a fifth
REST = (4.9, 5.1)  # of the endpoint, when the receiver does not say how long


def asked(seconds):
    return (seconds - 1, seconds + 1)


def says(code, retry_after=None):
    return h.status(code, {"Retry-After": retry_after} if retry_after is not None else None)


# One row for each cell of the table: behaviour; status and reason of the attempt; when the next one comes (None: there is none, "gone": not before
# somebody says so); and for how long nothing at all is sent to the endpoint.
ANSWERS = {
    "ok": (h.ok(), 200, "ok", None, None),
    "created": (says(201), 201, "ok", None, None),
    "accepted": (says(202), 202, "accepted", None, None),
    "none": (says(204), 204, "ok", None, None),
    "partial": (says(206), 206, "ok", None, None),
    "huge": (HUGE, 200, "ok", None, None),
    "s301": (h.redirect("/elsewhere", 301), 301, "redirect", FIRST, None),
    "s302": (h.redirect("/elsewhere"), 302, "redirect", FIRST, None),
    "s304": (says(304), 304, "redirect", FIRST, None),
    "s307": (h.redirect("/elsewhere", 307), 307, "redirect", FIRST, None),
    **{f"s{code}": (says(code), code, "client_error", HUMAN, None) for code in (400, 401, 403, 404, 405, 413, 415, 422)},
    "s401s": (says(401, "100"), 401, "client_error", HUMAN, None),
    "s409": (says(409), 409, "client_error", FIRST, None),
    "s418": (says(418), 418, "client_error", FIRST, None),
    **{f"s{code}{kind}": (in_an_hour(code) if kind == "d" else says(code, after), code, "throttled", again, rest) for code in (408, 425, 429) for kind, after, again, rest in (
        ("", None, FIRST, REST), ("s", "100", asked(100), asked(100)), ("d", None, (3500, 3601), (3500, 3601)),
        ("x", "99999999", asked(DAY), asked(DAY)), ("n", "soon", FIRST, REST), ("z", "0", FIRST, REST))},
    "s410": (says(410), 410, "gone", "gone", None),
    "s500": (says(500), 500, "server_error", FIRST, None),
    "s500s": (says(500, "100"), 500, "server_error", FIRST, None),
    "s501": (says(501), 501, "server_error", FIRST, None),
    **{f"s{code}": (says(code), code, "server_error", FIRST, None) for code in (502, 503, 504)},
    **{f"s{code}s": (says(code, "100"), code, "server_error", asked(100), asked(100)) for code in (502, 503, 504)},
    "s507": (says(507), 507, "server_error", FIRST, None),
    "slow": (h.slow(0.5), 200, "ok", None, None),
    "tooslow": (h.slow(30), None, "timeout", FIRST, None),
    "hang": (h.hang(), None, "timeout", FIRST, None),
    "drip": (h.drip(), None, "timeout", FIRST, None),
    "close": (h.close_early(), None, "reset", FIRST, None),
    "rst": (h.close_early(reset=True), None, "reset", FIRST, None),
    "refused": (h.ok(), None, "connect", FIRST, None),
    "nowhere": (h.ok(), None, "dns", FIRST, None),
    "plaintext": (h.ok(), None, "tls", FIRST, None),
    "blocked": (h.ok(), None, "blocked", FIRST, None),
}
LATE = ("tooslow", "hang", "drip")  # these are given a second
DEAF = ("refused", "nowhere", "plaintext", "blocked")  # these take nothing, whatever the receiver does


def answers(db, hook):
    webhooks = hooks(hook, ANSWERS)
    for name in LATE:
        webhooks[name]["timeout"] = 1
    webhooks["refused"]["url"] = f"http://127.0.0.1:{h.free_port()}/"
    webhooks["nowhere"]["url"] = "http://nowhere.invalid/"
    webhooks["plaintext"]["url"] = hook.url().replace("http:", "https:")
    webhooks["blocked"]["allow_internal"] = False
    for name, (behaviour, *_) in ANSWERS.items():
        hook.behave(behaviour, "/" + name)
    with w.Watch(db, webhooks, {"limits": ["assess_decision_6w"]}) as ehc:
        w.Casework(db).clear()
        db.set_now(w.NOON)
        hold_the_clock(db)  # no second attempt comes in between
        ehc.start().wait_ready()

        def tried():
            return db.value("SELECT count(DISTINCT outbox_id) FROM ehcwatch.attempt") == len(ANSWERS)

        heard = {"/" + name for name in ANSWERS if name not in DEAF}

        def all_heard():
            """The receiver may be slower than the second that some of its callers have."""
            hook.wait_for(lambda seen: {r.path for r in seen} >= heard, what="a request at each")

        ehc.wait_until(tried, what="the summaries")
        all_heard()
        db.sql("DELETE FROM ehcwatch.attempt; DELETE FROM ehcwatch.outbox")  # the summary is not what this is about
        forgive(db)
        hook.clear()
        hold_the_clock(db)
        ehc.cases.case(1, ("request_received", ago(50)))
        ehc.cases.hint()
        ehc.wait_until(tried, what="an attempt at each")
        all_heard()
        for name, (_, code, reason, after, rest) in ANSWERS.items():
            state, seconds = next_in(db, name)
            wanted = "pending" if after else "accepted" if code == 202 else "done"
            t.eq((attempts(db, name)[0], state), ((1, code, reason), wanted), f"{name}: {reason}")
            paused, gone, waits = db.sql("SELECT extract(epoch FROM paused_until - last.at)::float8, disabled_reason, failing_since IS NOT NULL FROM ehcwatch.endpoint e,"
                                         " LATERAL (SELECT max(recorded_at) AS at FROM ehcwatch.attempt a WHERE a.endpoint_id = e.endpoint_id) last WHERE name = %s", (name,))[0]
            if after == "gone":
                t.eq((gone, waits), ("gone", True), f"{name}: nothing more is sent, and the operator is told")
            elif after:
                t.ok(after[0] <= seconds <= after[1], f"{name}: again in {after[0]} to {after[1]} s", seconds)
                t.eq((gone, waits), (None, after is HUMAN), f"{name}: the operator is told{'' if after is HUMAN else ' of nothing'}")
            t.ok(rest[0] <= paused <= rest[1] if rest else paused is None, f"{name}: the endpoint rests for {rest or 'no time'}", paused)
            if after:
                ehc.wait_metric("ehc_delivery_failures_total", lambda v: v is not None and v >= 1, endpoint=name, reason=reason)
                t.ok(True, f"{name}: counted")
        t.eq([r.path for r in hook.requests if r.path in ("/elsewhere", "/blocked")], [],
             "a redirect is not followed, and an internal address that was not allowed sees no connection")
        t.ok(HUGE.sent < 50e6, f"of 10 GB {HUGE.sent} bytes were taken")

        first = {r.path: r for r in hook.requests}
        for name in ANSWERS:
            hook.behave(h.ok(), "/" + name)
        t.eq(len(hook.requests), len(first), "one request each so far")
        failed = [n for n, a in ANSWERS.items() if a[3] and n not in DEAF]
        asked_again = int(time.time())
        db.set_clock(None)
        due_now(ehc, "%")
        hook.wait_for(lambda seen: {"/" + n for n in failed} <= {r.path for r in seen if r is not first.get(r.path)}, what="all again")
        again = {r.path: r for r in hook.requests}
        t.eq([n for n in failed if (again["/" + n].id, again["/" + n].body) != (first["/" + n].id, first["/" + n].body)], [],
             "each is tried again with the same id and the same bytes")
        t.eq([r for r in hook.requests[len(first):] if r.fault or not asked_again <= r.timestamp <= r.at], [], "under a fresh timestamp and signature")
        ehc.wait_until(lambda: ehc.pending() == len(DEAF), what="all but the deaf to be done")
        t.eq({x[0] for x in db.sql("SELECT name FROM ehcwatch.endpoint JOIN ehcwatch.outbox USING (endpoint_id) WHERE state = 'pending'")},
             set(DEAF), "and then they are done")
        made = dict(db.sql("SELECT e.name, count(*) FROM ehcwatch.attempt a JOIN ehcwatch.endpoint e USING (endpoint_id) WHERE NOT e.name = ANY (%s) GROUP BY 1", (list(DEAF),)))
        hook.wait_for(lambda seen: len(seen) >= sum(made.values()), what="as many requests as attempts")
        came = {}
        for r in hook.requests:
            came[r.path[1:]] = came.get(r.path[1:], 0) + 1
        t.eq(made, came, "the log has as many attempts as the receiver has seen requests")


def schedule(db, hook):
    steps = {1: 5, 2: 30, 3: 120, 4: 600, 5: 1800, 6: 3600, 7: 7200, 8: 14400, 9: 21600, 10: 21600, 34: 21600}
    with w.Watch(db, hooks(hook, ["desk"]), {"limits": ["assess_decision_6w"]}) as ehc:
        begin(db, hook, ehc)
        hold_the_clock(db)
        hook.behave(h.status(500), "/desk")
        ehc.cases.case(1, ("request_received", ago(50)))
        hook.wait_for(len, what="the first attempt")
        for made, seconds in steps.items():
            if made > 1:
                due_now(ehc, "desk", attempts=made - 1, tries=made - 1)
            ehc.wait_until(lambda n=made: any(a[0] == n for a in attempts(db, "desk")), what=f"attempt {made}")
            state, wait = next_in(db, "desk")
            t.ok(state == "pending" and 0.8 * seconds - 1 <= wait <= 1.2 * seconds + 1, f"after attempt {made}: {seconds} s, give or take a fifth", (state, wait))
        ehc.cases.event(1, "assess_agreed", ago(0))
        ehc.read()
        t.eq(db.value("SELECT attempts FROM ehcwatch.outbox WHERE seq = 2"), 0, "what comes later in the case waits")
        due_now(ehc, "desk", attempts="34 - 34 * (seq > 1)::int", tries="34 - 34 * (seq > 1)::int")
        ehc.wait_until(lambda: ("dead",) in db.sql("SELECT state FROM ehcwatch.outbox"), what="the end of the message")
        dead = db.sql("SELECT state, attempts, claim, ended_at IS NOT NULL FROM ehcwatch.outbox WHERE seq = 1 AND case_id = 1")
        t.eq(dead, [("dead", 35, None, True)], "attempt 35 was the last: kept as dead")
        ehc.wait_metric("ehc_outbox_dead", lambda v: v == 1.0, endpoint="desk")
        t.ok(ehc.log_lines("message_dead"), "counted and logged")
        hook.wait_for(lambda seen: any(r.data.get("event_seq") == 2 for r in seen), what="the message behind it")
        t.ok(True, "and it no longer holds back what comes later")
        ids = {r.data["event_seq"]: {x.id for x in hook.requests if x.data["event_seq"] == r.data["event_seq"]} for r in hook.requests}
        t.eq([len(x) for x in ids.values()], [1, 1], "one id through all attempts")
        db.set_clock(None)
        hook.behave(h.ok(), "/desk")


def refused_late(db, hook):
    """What a person must mend is counted by itself: what failed before in another way does not make a day of the first half hour."""
    steps = ((500, 5), (401, 1800), (403, 7200), (401, 86400), (401, 86400), (500, 21600), (422, 1800), (401, 7200))
    with w.Watch(db, hooks(hook, ["desk"]), {"limits": ["assess_decision_6w"]}) as ehc:
        begin(db, hook, ehc)
        hold_the_clock(db)
        hook.behave(h.sequence(*(h.status(code) for code, _ in steps)), "/desk")
        ehc.cases.case(1, ("request_received", ago(50)))
        ehc.cases.hint()
        for n, (code, seconds) in enumerate(steps, 1):
            made = n if n == 1 else n + 5  # as if five more had failed like the first
            if n > 1:
                due_now(ehc, "desk", attempts=made - 1, tries=made - 1)
            ehc.wait_until(lambda made=made: any(a[0] == made for a in attempts(db, "desk")), what=f"attempt {made}")
            state, wait = next_in(db, "desk")
            t.ok(state == "pending" and 0.8 * seconds - 1 <= wait <= 1.2 * seconds + 1, f"attempt {made}, {code}: {seconds} s, give or take a fifth", (state, wait))
        db.set_clock(None)
        hook.behave(h.ok(), "/desk")


def hanging(db, hook):
    """One that hangs holds up nobody else."""
    webhooks = {**hooks(hook, ["good"], concurrency=8), **hooks(hook, ["bad"], timeout=60)}
    with w.Watch(db, webhooks, {"drain_timeout": 0, "limits": ["assess_decision_6w"]}) as ehc:
        begin(db, hook, ehc)
        hook.behave(h.hang(), "/bad")
        for n in range(1, 4):
            db.sql("INSERT INTO casework.ehc_case (case_id, case_ref) SELECT n, 'H-' || n FROM generate_series(%s, %s) n;"
                   " INSERT INTO casework.ehc_event (case_id, event, occurred_on) SELECT n, 'request_received', %s FROM generate_series(%s, %s) n",
                   (n * 100, n * 100 + 39, ago(50), n * 100, n * 100 + 39))
            ehc.cases.hint()
            hook.wait_for(lambda seen, want=40 * n: sum(r.path == "/good" for r in seen) >= want, what=f"{40 * n} messages at the good one")
        t.eq(attempts(db, "bad"), [], "120 messages go to the good one while those at the other still hang")
        hook.wait_for(lambda seen: sum(r.path == "/bad" for r in seen) >= 4, what="those at the other")
        t.eq(sum(r.path == "/bad" for r in hook.requests), 4, "which holds as many as its concurrency allows")

    with w.Watch(db, webhooks, {"drain_timeout": 0, "limits": ["assess_decision_6w"], "poll_interval": 3600}) as ehc:
        begin(db, hook, ehc)
        hook.behave(h.sequence(h.status(500), then=h.hang()), "/bad")
        hook.behave(h.sequence(h.status(500), then=h.ok()), "/good")
        ehc.cases.case(1, ("request_received", ago(50)))
        ehc.cases.hint()
        ehc.wait_until(lambda: db.value("SELECT count(*) FROM ehcwatch.attempt WHERE http_status = 500") == 2, what="both to fail once")
        db.sql("UPDATE ehcwatch.outbox o SET next_attempt_at = now() + CASE e.name WHEN 'bad' THEN interval '0' ELSE interval '7 s' END"
               " FROM ehcwatch.endpoint e WHERE e.endpoint_id = o.endpoint_id AND state = 'pending' AND claim IS NULL")
        hook.wait_for(lambda seen: sum(r.path == "/bad" for r in seen) == 2, what="the retry that hangs")
        hook.wait_for(lambda seen: sum(r.path == "/good" for r in seen) == 2, 45, what="the retry of the other")  # before the other's minute is over
        t.ok(True, "a retry that falls due while another hangs is sent in time")
        hook.behave(h.ok(), "/bad")
        hook.behave(h.ok(), "/good")


def lost_record(db, hook):
    """The receiver took it, and the daemon died before it could write that down."""
    with w.Watch(db, hooks(hook, ["desk"])) as ehc:
        begin(db, hook, ehc)
        with w.Lock(db, "ehcwatch.attempt", "EXCLUSIVE") as lock:
            ehc.cases.case(1, ("request_received", ago(50)))
            hook.wait_for(len, what="the message")
            lock.wait_for("ehcwatchd delivery", ehc)
            ehc.kill()
            db.drop_connections()
        t.eq(db.sql("SELECT state, attempts, claim IS NOT NULL, next_attempt_at > now() FROM ehcwatch.outbox WHERE case_id = 1"),
             [("pending", 1, True, True)], "it is still leased to the one that died")
        ehc.start().wait_ready()
        (before,) = hook.requests
        hook.clear()
        due_now(ehc, "desk", "true")
        ehc.delivered()
        (again,) = hook.requests
        t.eq((again.id, again.body), (before.id, before.body), "when the lease has ended it comes again, under the same id and with the same bytes")


def rotation(db, hook):
    new = h.new_secret()
    with w.Watch(db, hooks(hook, ["desk"])) as ehc:
        begin(db, hook, ehc)

        def next_message(number):
            ehc.cases.case(number, ("request_received", ago(50)))
            hook.wait_for(lambda seen: w.bodies(seen, f"EHC-{number:04d}"), what="a message")
            ehc.delivered()
            return w.bodies(hook.requests, f"EHC-{number:04d}")[0]

        def write(*lines):
            reloads = len(ehc.log_lines("<5>reloaded"))
            ehc.write_secret("desk", "\n".join(lines))
            ehc.send(signal.SIGHUP)
            ehc.wait_until(lambda: len(ehc.log_lines("<5>reloaded")) > reloads, what="the reload")

        def signed_by(r):
            return {name for name, s in (("old", SECRET), ("new", new)) if h.sign(s, r.id, r.timestamp, r.body) in r.headers["webhook-signature"].split(" ")}

        t.eq(signed_by(next_message(1)), {"old"}, "before: the old secret")
        write(new, SECRET)
        both = next_message(2)
        t.eq((signed_by(both), len(both.headers["webhook-signature"].split(" "))), ({"old", "new"}, 2), "two lines in the file: signed with both")
        t.eq(w.sign_off([both], SECRET) + w.sign_off([both], new), [], "and either secret verifies it, in the library too")
        hook.trust(new)
        t.eq(next_message(3).fault, None, "the receiver changes over")
        write(new)
        t.eq(signed_by(next_message(4)), {"new"}, "then the new one alone")
        hook.trust(SECRET)


def order(db, hook):
    """What is first for a case is accepted first, whatever fails."""
    with w.Watch(db, hooks(hook, ["desk"]), {"limits": ["assess_decision_6w"]}) as ehc:
        begin(db, hook, ehc)
        hold_the_clock(db)
        accepted = []

        def moody(handler, request):
            """Refuses each message twice."""
            tries = sum(r.id == request.id for r in hook.requests)
            if tries >= 3:
                accepted.append(request)  # before the answer: what follows upon it may come at once
            (h.status(503) if tries < 3 else h.ok())(handler, request)

        hook.behave(moody, "/desk")
        cases = ehc.cases
        for n in range(1, 9):
            cases.case(n, ("request_received", ago(30)))  # at_risk
        ehc.read()
        for n in range(1, 9):
            cases.event(n, "assess_agreed", ago(1))  # met
        ehc.read()
        for n in range(1, 9):
            cases.void(n, "assess_agreed")  # restated: at_risk
        ehc.read()
        t.eq(db.sql("SELECT count(*), count(*) FILTER (WHERE seq > 1 AND attempts > 0) FROM ehcwatch.outbox WHERE state = 'pending' AND case_id > 0"),
             [(24, 0)], "nothing is sent while its predecessor has not been accepted")

        def push():
            due_now(ehc, "desk")
            return not ehc.pending()

        h.wait_until(push, what="everything to be accepted", pause=0.1)
        seqs = {}
        for r in accepted:
            seqs.setdefault(r.data["case_ref"], []).append(r.data["event_seq"])
        t.eq(list(seqs.values()), [[1, 2, 3]] * 8, "each case's messages are accepted in order")
        seen = {}
        late = [str(r) for r in hook.requests if seen.setdefault(r.data["case_ref"], 0) > r.data["event_seq"]
                or seen.update({r.data["case_ref"]: r.data["event_seq"]})]
        t.eq(late, [], "and none was even tried out of order")
        db.set_clock(None)
        hook.behave(h.ok(), "/desk")


def removed(db, hook):
    """An endpoint that is taken out of the configuration keeps what it is owed."""
    with w.Watch(db, hooks(hook, ["desk", "other"])) as ehc:
        begin(db, hook, ehc)
        hold_the_clock(db)
        hook.behave(h.status(500), "/desk")
        ehc.cases.case(1, ("request_received", ago(50)))
        hook.wait_for(lambda seen: len(seen) >= 2, what="two requests")
        ehc.wait_until(lambda: db.sql("SELECT count(*), count(claim) FROM ehcwatch.outbox WHERE state = 'pending'") == [(1, 0)], what="one to wait")
        desk = ehc.webhooks.pop("desk")
        ehc.write_config()
        ehc.send(signal.SIGHUP)
        ehc.wait_log("<5>reloaded")
        ehc.read()
        hook.behave(h.ok(), "/desk")
        due_now(ehc, "desk")
        ehc.cases.case(2, ("request_received", ago(50)))
        ehc.read()
        hook.wait_for(lambda seen: [r for r in w.bodies(seen, "EHC-0002") if r.path == "/other"], what="the other's message")
        ehc.wait_until(lambda: ehc.pending() == 1, what="the record of that")
        t.eq((ehc.pending(), sum(r.path == "/desk" for r in hook.requests)), (1, 1), "nothing is sent, nothing is lost, nothing new is owed")
        ehc.webhooks["desk"] = desk
        ehc.write_config()
        ehc.send(signal.SIGHUP)
        hook.wait_for(lambda seen: sum(r.path == "/desk" for r in seen) == 2, what="what was owed")
        ehc.delivered()
        mine = [r for r in hook.requests if r.path == "/desk"]
        t.eq((mine[0].id, mine[0].body), (mine[1].id, mine[1].body), "it comes when the endpoint is back")
        db.set_clock(None)


def fill(db, number, endpoint="%"):
    """So many messages for each of the endpoints, in one transaction."""
    db.sql("INSERT INTO ehcwatch.outbox (message_id, endpoint_id, case_id, seq, type, body)"
           " SELECT 'msg_' || replace(gen_random_uuid()::text, '-', ''), endpoint_id, n, 1, 'obligation.breached', '{}'"
           " FROM generate_series((SELECT coalesce(max(case_id), 0) FROM ehcwatch.outbox) + 1,"
           " (SELECT coalesce(max(case_id), 0) FROM ehcwatch.outbox) + %s) n, ehcwatch.endpoint WHERE name LIKE %s; NOTIFY ehcwatch_outbox",
           (number, endpoint))


def burst(db, hook):
    """A burst without an end, in which something has always ended when a record has: the queue is counted all the same, and what is
    not used is given back."""
    gate = threading.Event()
    with w.Watch(db, hooks(hook, ["desk", "slow"], timeout=30)) as ehc:
        begin(db, hook, ehc)
        hook.behave(w.held(gate), "/slow")
        db.sql("CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM count(*) FROM generate_series(1, 2000000); RETURN NULL; END $$;"
               " CREATE TRIGGER slowly AFTER INSERT ON ehcwatch.attempt FOR EACH STATEMENT EXECUTE FUNCTION slowly()")

        def now():
            """How many of slow are claimed; and desk has more than enough."""
            claimed, waiting = db.sql("SELECT count(claim) FILTER (WHERE name = 'slow'), count(*) FILTER (WHERE name = 'desk') FROM ehcwatch.outbox"
                                      " JOIN ehcwatch.endpoint USING (endpoint_id) WHERE state = 'pending'")[0]
            if waiting < 500:
                fill(db, 1000, "desk")
            return claimed

        fill(db, 20, "slow")
        ehc.wait_until(lambda: db.value("SELECT count(claim) FROM ehcwatch.outbox WHERE state = 'pending'") == 20, what="20 to be claimed")
        now()
        hook.wait_for(lambda seen: len(seen) > 200, what="the burst")
        seen = set()

        def counted():
            now()
            seen.add(ehc.metrics()[h.series("ehc_outbox_pending", endpoint="desk")])
            return len(seen - {0}) >= 3

        ehc.wait_until(counted, what="the queue to be counted three times")
        t.ok(True, "it is counted while it goes on")
        del ehc.webhooks["slow"]
        ehc.write_config()
        ehc.send(signal.SIGHUP)
        ehc.wait_until(lambda: now() <= 4, what="what was claimed ahead to be given back")
        t.ok(True, "what is not used is given back while it goes on")
        gate.set()
        db.sql("DROP FUNCTION slowly CASCADE")


def one_claim(db, hook):
    """However many endpoints have room, one claim brings about 1,024 messages, of each its part."""
    names = ["one", "two", "three", "four"]
    with w.Watch(db, hooks(hook, names, concurrency=32)) as ehc:
        begin(db, hook, ehc)
        fill(db, 300)
        ehc.delivered()
        claims = {}
        for name, claim, number in db.sql("SELECT name, next_attempt_at, count(*) FROM ehcwatch.outbox JOIN ehcwatch.endpoint USING (endpoint_id)"
                                          " WHERE body = '{}' GROUP BY 1, 2 ORDER BY 2"):
            claims.setdefault(claim, {})[name] = number
        first, most = next(iter(claims.values())), max(sum(c.values()) for c in claims.values())
        t.ok(most <= 1024 + len(names), "no claim brings more than that", claims)
        t.ok(set(first) == set(names) and min(first.values()) > 128, "the first brings each its part", first)


with h.Cluster(keep=True) as cluster, h.Receiver(secret=SECRET) as receiver:
    with w.Watch(cluster) as first_of_all:
        first_of_all.migrate()
    for part in (answers, schedule, refused_late, hanging, lost_record, rotation, order, removed, burst, one_claim):
        with t.case(f"{part.__name__} ran to its end"):
            part(cluster, receiver)
t.done()
