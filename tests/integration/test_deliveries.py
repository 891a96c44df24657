#!/usr/bin/python3
"""The ledger of deliveries: it equals what the receiver saw, sends again the same bytes, and proves what was sent (P17)."""
import collections
import csv
import hashlib
import html.parser
import io
import json
import re
import signal
import threading

import _world as w
from _world import ago, h

SECRET = h.new_secret()
LIMIT = ("assess_decision_6w",)
CANARY = "Canary-Child"
t = h.Tap()


def ledger(ehc, *args):
    """The rows of `deliveries ... --format json`."""
    done = ehc.command("deliveries", *args, "--format", "json")
    assert done.returncode == 0 and done.stderr == "", (done.returncode, done.stderr)
    return json.loads(done.stdout)["items"]


def run(ehc, *args):
    done = ehc.command("deliveries", *args)
    return done.returncode, done.stdout, done.stderr


def late(ehc, number, ref=None):
    """A case that is past its six weeks, with three transitions to come at most."""
    ehc.cases.case(number, ("request_received", ago(60), "parent"), ref=ref)


def of_cases(hook):
    return [r for r in hook.requests if r.type.startswith("obligation.")]


def equals_receiver(db, hook, ehc):
    """Every request at the receivers is an attempt in the ledger, and the other way about."""
    hook.behave(h.sequence(h.status(500), then=h.status(202)), "/b")
    late(ehc, 1)
    late(ehc, 2, "=CMD()|'x")
    ehc.read()
    hook.wait_for(lambda seen: sum(r.path == "/a" for r in seen) >= 2)
    ehc.wait_until(lambda: db.value("SELECT count(*) FROM ehcwatch.outbox WHERE attempts > 0 AND claim IS NULL") >= 4)
    # What waits for its second attempt is due now.
    def done():
        db.sql("UPDATE ehcwatch.outbox SET next_attempt_at = now() WHERE state = 'pending' AND claim IS NULL; NOTIFY ehcwatch_outbox")
        return not ehc.pending()
    ehc.wait_until(done, what="an empty outbox")
    rows = ledger(ehc)
    requests = collections.Counter((r.id, r.path) for r in hook.requests)
    t.eq(collections.Counter({(r["message_id"], "/" + r["endpoint"]): r["attempts"] for r in rows}), requests, "attempts = requests, message by message")
    t.eq(sum(r["unrecorded"] for r in rows), 0, "and none is without its outcome")
    t.eq({(r["message_id"], r["body_sha256"]) for r in rows},
         {(r.id, hashlib.sha256(r.body).hexdigest()) for r in hook.requests}, "the SHA-256 is that of the bytes that arrived")
    a = [r for r in rows if r["endpoint"] == "a" and r["type"].startswith("obligation.")]
    t.ok(all(r["state"] == "processed" and r["http_status"] == 200 and r["answer"] == "ok" and r["processed_at"] and r["accepted_at"] is None
             for r in a) and a, "200 is processed", a)
    b = [r for r in rows if r["endpoint"] == "b" and r["attempts"] == 2]
    t.eq([(r["http_status"], r["state"], r["accepted_at"] is not None, r["processed_at"] is None) for r in b][:1], [(202, "accepted", True, True)],
         "202 after a failure is accepted, and no more")
    t.ok(all(r["first_attempt_at"] <= r["last_attempt_at"] for r in rows), "the first attempt is not after the last")
    t.eq([r["message_id"] for r in rows], [m for (m,) in db.sql("SELECT message_id FROM ehcwatch.outbox ORDER BY outbox_id DESC")], "the newest first")


def filters(db, hook, ehc):
    """Filters, formats and what is refused."""
    rows = ledger(ehc)
    t.eq({r["case_ref"] for r in ledger(ehc, "EHC-0001")}, {"EHC-0001"}, "by case")
    t.eq(len(ledger(ehc, "EHC-0001", "--endpoint", "a")), sum(r["case_ref"] == "EHC-0001" and r["endpoint"] == "a" for r in rows), "by case and endpoint")
    for state in ("accepted", "processed", "pending", "dead", "superseded"):
        t.eq(len(ledger(ehc, "--state", state)), sum(r["state"] == state for r in rows), f"by state: {state}")
    t.eq(ledger(ehc, "--state", "seen"), [], "none is seen yet")
    t.eq((len(ledger(ehc, "--since", "2000-01-01")), ledger(ehc, "--since", "2199-01-01")), (len(rows), []), "by day")
    t.eq(ledger(ehc, "NO-SUCH"), [], "a case without messages")
    code, out, err = run(ehc, "--format", "csv")
    table = list(csv.DictReader(io.StringIO(out)))
    t.eq((code, err, len(table)), (0, "", len(rows)), "CSV has the same rows")
    t.eq([r["message_id"] for r in table], [r["message_id"] for r in rows], "in the same order")
    t.eq({r["case_ref"][:2] for r in table if "CMD" in r["case_ref"]}, {"'="}, "and no formula for a spreadsheet")
    t.eq(list(table[0]), list(rows[0]), "and the fields of JSON")
    code, out, err = run(ehc)
    t.eq((code, err, out.splitlines()[-1]), (0, "", f"{len(rows)} messages"), "text for people")
    t.ok(f"{len(rows) + 2}" == str(len(out.splitlines())), "a line for each", out)
    for args, why in (((("--state", "sent"),), "state=sent: not one of"), ((("--since", "soon"),), "since=soon: not a date"),
                      ((("A", "B"),), 'unexpected argument "B"'), ((("--format", "xml"),), 'unknown format "xml"'), ((("--dead",),), "--dead is for replay"),
                      ((("replay",),), "replay wants messages"), ((("replay", "--endpoint", "a"),), "replay wants messages"),
                      ((("replay", "--dead"),), "replay wants messages"), ((("replay", "m", "--dead"),), "replay takes messages"),
                      ((("proof",),), "proof takes one name"), ((("enable",),), "enable takes one name"), ((("test", "a", "b"),), "test takes one name"),
                      ((("proof", "A", "--format", "csv"),), 'unknown format "csv" (text or html)'), ((("proof", "A", "--state", "dead"),), "an option that proof")):
        code, out, err = run(ehc, *args[0])
        t.ok(code == 2 and out == "" and why in err, f"refused: {' '.join(args[0])}", (code, out, err))


def replay(db, hook, ehc):
    """A message sent again is the same message: id and bytes; the receiver counts one."""
    first = next(r for r in of_cases(hook) if r.path == "/a")
    for n in range(1, 4):
        code, out, err = run(ehc, "replay", first.id, "--endpoint", "a")
        t.eq((code, out, err), (0, f"{first.id} to a\n1 message queued\n", ""), f"replay {n}")
        ehc.delivered()
    copies = [r for r in hook.requests if r.id == first.id and r.path == "/a"]
    t.eq((len(copies), len({r.id for r in copies}), len({r.body for r in copies})), (4, 1, 1), "four requests, one id, the same bytes")
    t.eq([r.fault for r in copies], [None] * 4, "each signed anew")
    row = next(r for r in ledger(ehc, "--endpoint", "a") if r["message_id"] == first.id)
    t.eq((row["attempts"], row["replays"], row["state"]), (4, 3, "processed"), "the ledger counts them")
    requests = collections.Counter((r.id, r.path) for r in hook.requests)
    t.eq(collections.Counter({(r["message_id"], "/" + r["endpoint"]): r["attempts"] for r in ledger(ehc)}), requests, "and still equals the receiver")
    code, out, err = run(ehc, "replay", "msg_nonsense", first.id, "--endpoint", "a")
    t.eq((code, out.splitlines()[-1]), (1, "1 message queued"), "one that is not there fails, the others are queued")
    t.ok("msg_nonsense: no such message" in err, "and is named", err)
    ehc.delivered()


def replay_dead(db, hook, ehc):
    """What was given up is sent again in bulk, and nothing else."""
    hook.behave(h.status(500), "/b")
    late(ehc, 3)
    ehc.read()
    # Once nothing is on its way any more, nor still to be sent for the first time.
    ehc.wait_until(lambda: db.sql("UPDATE ehcwatch.outbox SET state = 'dead', ended_at = now() WHERE state = 'pending' AND NOT EXISTS (SELECT FROM ehcwatch.outbox o"
                                  " WHERE o.state = 'pending' AND (o.claim IS NOT NULL OR o.attempts = 0)) RETURNING 1"), what="the first attempts")
    dead = ledger(ehc, "--state", "dead")
    t.ok(dead and {r["endpoint"] for r in dead} == {"b"}, "some are given up", dead)
    hook.calm()
    before = len(hook.requests)
    db.sql("UPDATE ehcwatch.endpoint SET circuit = 'open', failures = 9, open_until = now() + interval '1 hour', disabled_at = now(),"
           " disabled_reason = 'gone' WHERE name = 'b'")
    t.eq(run(ehc, "enable", "b"), (0, "b: was disabled, may be sent to again\n", ""), "the endpoint is enabled again")
    t.eq(db.sql("SELECT circuit, failures, open_until, disabled_at, disabled_reason FROM ehcwatch.endpoint WHERE name = 'b'"),
         [("closed", 0, None, None, None)], "and nothing holds it back")
    for how, word in (("circuit = 'open', open_until = now() + interval '1 hour'", "being spared"), ("failing_since = now()", "failing"),
                      ("failures = 0", "well")):
        db.sql(f"UPDATE ehcwatch.endpoint SET {how} WHERE name = 'b'")
        t.eq(run(ehc, "enable", "b"), (0, f"b: was {word}, may be sent to again\n", ""), f"it says what was the matter: {word}")
    code, out, err = run(ehc, "replay", "--endpoint", "b", "--dead")
    t.eq((code, out.splitlines()[-1], err), (0, f"{len(dead)} message{'s' * (len(dead) > 1)} queued", ""), "all of them are queued")
    ehc.delivered()
    t.eq({r.id for r in hook.requests[before:]}, {r["message_id"] for r in dead}, "and they alone were sent")
    code, out, err = run(ehc, "replay", "--endpoint", "b", "--since", "2000-01-01")
    t.eq((code, out.splitlines()[-1]), (0, f"{len(ledger(ehc, '--endpoint', 'b'))} messages queued"), "all since a day")
    ehc.delivered()
    for args in (("enable", "nobody"), ("replay", "--endpoint", "nobody", "--dead"), ("replay", "msg_1", "--endpoint", "nobody"),
                 ("--endpoint", "nobody"), ("--endpoint", "nobody", "--format", "csv")):
        t.eq(run(ehc, *args), (1, "", 'ehcwatchd deliveries: there is no endpoint "nobody"\n'), f"an endpoint that is not there: {' '.join(args)}")
    t.eq(run(ehc, "replay", "--endpoint", "b", "--since", "2199-01-01"), (0, "0 messages queued\n", ""), "one that is, without such messages")


def test_message(db, hook, ehc):
    """A test message is asked for, signed and sent to one endpoint."""
    code, out, err = run(ehc, "test", "a")
    t.ok(code == 0 and err == "" and re.fullmatch(r"msg_[0-9a-f]{32} to a\n", out), "it is queued", (code, out, err))
    found = hook.wait_for(lambda seen: [r for r in seen if r.type == "endpoint.test"])
    t.eq([(r.path, r.id, r.fault) for r in found], [("/a", out.split()[0], None)], "and arrives there, signed, and nowhere else")
    ehc.delivered()
    t.eq([(r["type"], r["case_ref"], r["state"]) for r in ledger(ehc)[:1]], [("endpoint.test", "", "processed")], "the ledger has it")
    t.eq(run(ehc, "test", "nobody"), (1, "", 'ehcwatchd deliveries: there is no webhook "nobody" in the configuration\n'), "an unknown webhook")
    db.sql("UPDATE ehcwatch.endpoint SET disabled_at = now(), disabled_reason = 'gone' WHERE name = 'a'")
    code, out, err = run(ehc, "test", "a")
    t.ok(code == 0 and err == "" and re.fullmatch(r"msg_[0-9a-f]{32} to a: waits, as nothing is sent to this endpoint at present\n", out), "nothing is sent there: it says so", (code, out, err))
    t.eq(run(ehc, "enable", "a")[0], 0, "until somebody enables it")
    hook.wait_for(lambda seen: out.split()[0] in [r.id for r in seen], what="the message that waited")
    ehc.delivered()


def every_channel(db, hook, ehc):
    """A test message in the form of each channel."""
    known = ehc.webhooks
    key = ehc.write_secret("routing", "0123456789abcdef0123456789abcdef")
    more = {"cloudevents": {"secret": SECRET}, "alertmanager": {}, "pagerduty": {"routing_key_file": key}, "teams": {}, "slack": {}, "ntfy": {"topic": "desk"}}
    ehc.webhooks = {**known, **{f: {"url": hook.url("/" + f), "format": f, **options} for f, options in more.items()}}
    ehc.write_config()
    ehc.send(signal.SIGHUP)
    ehc.wait_until(lambda: db.value("SELECT count(*) FROM ehcwatch.endpoint WHERE enabled") == len(ehc.webhooks), what="the endpoints")
    for name in more:
        t.eq(run(ehc, "test", name)[0], 0, f"{name}: queued")
    def tests(seen):
        """By endpoint; a new Alertmanager may be told beside it what fires."""
        return {r.path[1:]: r for r in seen if r.path[1:] in more and (b"est message of ehcwatchd" in r.body or b"endpoint.test" in r.body)}

    got = tests(hook.wait_for(lambda seen: seen if len(tests(seen)) == len(more) else None, what="one at each, which says what it is"))
    ehc.delivered()
    t.eq(sorted(got), sorted(more), "each says what it is")
    t.ok(all(json.loads(r.body) is not None for r in got.values()), "and is a JSON document")
    t.eq({r["endpoint"]: r["state"] for r in ledger(ehc, "--state", "processed") if r["endpoint"] in more}, dict.fromkeys(more, "processed"), "the ledger has them")
    t.ok("0123456789abcdef" not in run(ehc, "--format", "json")[1], "and no key")
    ehc.webhooks = known
    ehc.write_config()
    ehc.send(signal.SIGHUP)
    ehc.wait_until(lambda: db.value("SELECT count(*) FROM ehcwatch.endpoint WHERE enabled") == len(known), what="the endpoints before")


def killed(db, hook, ehc):
    """A daemon that is killed while it waits for an answer: the request is in the ledger, as one without its outcome."""
    before = len(hook.requests)
    gate = threading.Event()
    hook.behave(w.held(gate), "/a")
    late(ehc, 7)
    hook.wait_for(lambda seen: [r for r in seen[before:] if r.path == "/a" and r.type.startswith("obligation.")])
    ehc.kill()
    gate.set()
    hook.calm()
    db.sql("UPDATE ehcwatch.outbox SET next_attempt_at = now() WHERE state = 'pending'")  # its lease is over
    ehc.start().wait_ready()
    ehc.delivered()
    copies = [r for r in hook.requests[before:] if r.path == "/a" and r.type.startswith("obligation.")]
    row = next(r for r in ledger(ehc, "EHC-0007") if r["endpoint"] == "a")
    t.eq((len(copies), {r.id for r in copies}, len({r.body for r in copies})), (2, {row["message_id"]}, 1), "two requests, one message")
    t.eq((row["attempts"], row["unrecorded"], row["attempts"] + row["unrecorded"]), (1, 1, len(copies)), "attempts and those without an outcome are the requests")


class Page(html.parser.HTMLParser):
    """What a browser would show, and whether every tag is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.text, self.bad = [], [], []

    def handle_starttag(self, tag, attrs):
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.bad.append(tag)

    def handle_data(self, data):
        self.text.append(data)


def proof(db, hook, ehc):
    """The sheet names every message about the case, with what proves it."""
    code, out, err = run(ehc, "proof", "EHC-0001")
    rows = ledger(ehc, "EHC-0001")
    t.eq((code, err, out.splitlines()[0]), (0, "", "PROOF OF DELIVERY: CASE EHC-0001"), "a sheet of text")
    t.ok(all(r["message_id"] in out and r["body_sha256"] in out for r in rows) and f"{len(rows)} messages recorded" in out, "with every message and its digest", out)
    t.ok(max(map(len, out.replace(out.split("\n\n")[2], "").splitlines())) <= 84, "narrow enough for a page")
    code, out, err = run(ehc, "proof", "EHC-0001", "--format", "html")
    page = Page()
    page.feed(out)
    page.close()
    text = "".join(page.text)
    t.eq((code, err, page.open, page.bad), (0, "", [], []), "a page of HTML, every tag closed")
    t.ok(all(r["message_id"] in text and r["body_sha256"] in text for r in rows), "with the same messages")
    t.ok("@page{size:A4" in out and "http" not in out.lower().replace("sha-256", ""), "for A4, and it loads nothing")
    code, out, err = run(ehc, "proof", "=CMD()|'x", "--format", "html")
    t.ok(code == 0 and "case =CMD()|'x</h1>" in out, "any reference")
    code, out, _ = run(ehc, "proof", "<b>&\x1b[2J", "--format", "html")
    t.ok(code == 0 and "case &lt;b&gt;&amp;\ufffd[2J</h1>" in out and "0 messages" in out, "and no markup or control from it", out)


def nothing_leaks(db, hook, ehc):
    """No secret, no path of a URL, nothing of a child but the reference."""
    said = "".join(run(ehc, *a)[1] for a in ((), ("--format", "csv"), ("--format", "json"), ("proof", "EHC-0001"), ("proof", "EHC-0001", "--format", "html")))
    said += ehc.log()
    for secret in (SECRET, SECRET[6:20], "/a\n", "127.0.0.1:%d" % hook.port, CANARY, "1999-09-09"):
        t.ok(secret not in said, f"not in the ledger: {secret[:12]!r}")


def outage(db, hook, ehc):
    """Without the database the command says so."""
    with w.Stopped(db):
        code, out, err = run(ehc)
        t.ok(code == 69 and out == "" and "state" in err and "cannot be reached" in err, "unreachable: 69", (code, err))
    db.sql("UPDATE ehcwatch.schema_version SET version = version + 1000 WHERE version = (SELECT max(version) FROM ehcwatch.schema_version)")
    code, out, err = run(ehc)
    t.ok(code == 1 and "install the newer ehcwatchd" in err, "a schema of another version is told", (code, err))
    db.sql("UPDATE ehcwatch.schema_version SET version = version - 1000 WHERE version > 1000")


def main():
    with h.Cluster() as db, h.Receiver(secret=SECRET) as hook, \
            w.Watch(db, {n: {"url": hook.url("/" + n), "secret": SECRET} for n in ("a", "b")}, {"limits": LIMIT}) as ehc:
        ehc.migrate()
        db.set_now(w.NOON)
        ehc.cases.case(99, ("request_received", ago(1), "parent"), ref="EHC-0099", locality=CANARY, born="1999-09-09")
        ehc.start().wait_ready()
        ehc.settle()
        hook.clear()
        db.sql("DELETE FROM ehcwatch.attempt; DELETE FROM ehcwatch.outbox")  # the baseline's own, so that the counts begin with the receiver's
        for part in (equals_receiver, filters, replay, replay_dead, test_message, every_channel, killed, proof, nothing_leaks):
            with t.case(part.__doc__):
                part(db, hook, ehc)
        ehc.stop()
        with t.case(outage.__doc__):
            outage(db, hook, ehc)
    t.done()


if __name__ == "__main__":
    main()
