#!/usr/bin/python3
"""Acknowledgements and snoozes, from their making to their end, by command and over HTTP, on a rehearsal's clock (P18)."""
import json
import os
import signal

import _world as w
from _world import h

SECRET = h.new_secret()
LIMIT = "assess_decision_6w"  # request_received + 42 days; at risk from a week before
t = h.Tap()



class Council(w.Watch):
    def to(self, when):
        """The clock shows this, and what follows from it is written."""
        self.db.set_clock(when)
        self.read()

    def state(self, case):
        return self.db.value("SELECT state FROM ehcwatch.obligation WHERE case_id = %s AND limit_id = %s AND NOT gone", (case, LIMIT))

    def ack(self, *args):
        done = self.command("ack", *args)
        return done.returncode, done.stdout.strip(), done.stderr.strip()

    def seen(self, ref, until="2026-06-16", who="Jo Bloggs", reason="called the parent", **more):
        extra = [a for k, v in more.items() for a in (f"--{k}", v)]
        return self.ack(ref, LIMIT, "--who", who, "--reason", reason, "--until", until, *extra)

    def acks(self, ref=None):
        done = self.command("ack", "--list", *([ref] if ref else []), "--format", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)["items"]

    def ended(self, ref):
        """(kind, who, ended_by) of the case's, the newest first."""
        return [(a["kind"], a["who"], a["ended_by"]) for a in self.acks(ref)]

    def ended_in_db(self, case):
        return self.db.sql("SELECT cleared_by FROM ehcwatch.ack WHERE case_id = %s ORDER BY ack_id DESC", (case,))


def made_and_refused(db, hook, ehc):
    """What may be acknowledged, by the command."""
    ehc.cases.case(1, ("request_received", "2026-05-01", "parent"))   # due 12 June: breached
    ehc.cases.case(2, ("request_received", "2026-05-06", "parent"))   # due 17 June: at risk
    ehc.cases.case(3, ("request_received", "2026-06-10", "parent"))   # on track
    ehc.settle()
    t.eq([ehc.state(n) for n in (1, 2, 3)], ["breached", "at_risk", "on_track"], "three cases")
    t.eq(ehc.seen("EHC-0001", "2026-06-29"), (0, f"1: EHC-0001 {LIMIT} until 2026-06-29", ""), "ten working days ahead")
    t.eq(ehc.acks(), [{"ack_id": 1, "kind": "ack", "case_ref": "EHC-0001", "limit": LIMIT, "subject": "", "start_on": "2026-05-01", "state": "breached",
                       "who": "Jo Bloggs", "reason": "called the parent", "until": "2026-06-29", "ended_by": "", "ended_who": "", "made_at": "2026-06-15T11:00:00Z",
                       "ended_at": None}], "is in the list")
    for args, why in ((("EHC-0001",), "Jo Bloggs has acknowledged it until 2026-06-29: that has to be withdrawn first"),
                      (("EHC-0002", "2026-06-30"), "until: at most 10 working days ahead, 2026-06-29"),
                      (("EHC-0002", "2026-06-14"), "until 2026-06-14: that day is over"),
                      (("EHC-0003",), "it is on_track: only what is at risk or breached is acknowledged"),
                      (("EHC-0404",), f"case EHC-0404 has no such obligation under {LIMIT}")):
        t.eq(ehc.seen(*args), (1, "", "ehcwatchd ack: " + why), f"refused: {why[:40]}")
    t.eq(ehc.seen("EHC-0002", subject="education")[2], f"ehcwatchd ack: case EHC-0002 has no such obligation under {LIMIT}", "refused: another subject")
    t.eq(ehc.seen("EHC-0002", start="2026-05-06", subject="")[0], 0, "subject and start name it, too")
    for args in ((), ("EHC-0001",), ("EHC-0001", LIMIT), ("EHC-0001", LIMIT, "--who", "a", "--reason", "b"), ("--withdraw", "x"), ("--withdraw", "1", "--reason", "x"),
                 ("--list", "A", "B"), ("--list", "--who", "x"), ("EHC-0001", LIMIT, "--who", "a", "--reason", "b", "--until", "soon"),
                 ("EHC-0001", LIMIT, "--who", "a" * 101, "--reason", "b", "--until", "2026-06-16"), ("EHC-0001", LIMIT, "--who", "a", "--reason", "b\nc", "--until", "2026-06-16"),
                 ("EHC-0001", LIMIT, "--who", "a", "--reason", "", "--until", "2026-06-16"), ("EHC-0001", LIMIT, "x", "--who", "a")):
        code, out, err = ehc.ack(*args)
        t.ok(code == 2 and out == "" and "see ehcwatchd ack --help" in err, f"usage: {' '.join(args)[:50]!r}", (code, out, err))
    t.eq(ehc.ack("--withdraw", "1", "--who", "Di"), (0, f"1: EHC-0001 {LIMIT} withdrawn", ""), "taken back")
    t.eq([(a["ended_by"], a["ended_who"]) for a in ehc.acks("EHC-0001")], [("withdrawn", "Di")], "with who did it")
    t.eq(ehc.ack("--withdraw", "1"), (1, "", "ehcwatchd ack: it is over: withdrawn"), "not twice")
    t.eq(ehc.ack("--withdraw", "77"), (1, "", "ehcwatchd ack: there is no acknowledgement 77"), "none of that number")
    t.eq(ehc.seen("EHC-0001", "2026-06-17")[0], 0, "and made anew")
    code, out, _ = ehc.ack("--list")
    t.ok(code == 0 and out.splitlines()[-1] == "2 acknowledgements" and "EHC-0001" in out and "called the parent" in out, "the list as text", out)


def hides_nothing(db, hook, ehc):
    """An acknowledged breach is on every list and in the metrics."""
    t.ok("EHC-0001" in ehc.http("/v1/breaches")[2].decode(), "on the list of breaches")
    t.eq(ehc.metrics()[h.series("ehc_obligations", limit=LIMIT, state="breached")], 1, "in the metrics")
    t.eq(json.loads(ehc.http("/v1/acks?case=EHC-0001")[2])["items"], ehc.acks("EHC-0001"), "and the acknowledgements over HTTP")
    ehc.delivered()
    rows = json.loads(ehc.command("deliveries", "EHC-0001", "--format", "json").stdout)["items"]
    t.eq([(r["seen_by"], r["seen_at"]) for r in rows], [("Jo Bloggs", "2026-06-15T11:00:00Z")], "the ledger says who has seen it")
    t.eq([r["case_ref"] for r in json.loads(ehc.http("/v1/deliveries?state=seen")[2])["items"]], ["EHC-0002", "EHC-0001"], "and finds what was seen")
    proof = ehc.command("deliveries", "proof", "EHC-0001").stdout
    t.ok("Acknowledged    by Jo Bloggs, 15 June 2026 12:00:00 BST" in proof and "called the parent" not in proof, "so does the sheet, without the reason", proof)


def ends(db, hook, ehc):
    """It ends with its last day, with worsening, with restatement and with the obligation."""
    ehc.to("2026-06-17 23:59:00+01")
    t.eq((ehc.state(1), ehc.ended("EHC-0001")[0]), ("breached", ("ack", "Jo Bloggs", "")), "it holds until the end of its last day")
    t.eq(ehc.ended("EHC-0002")[0][2], "expired", "another was until the day before")
    ehc.to("2026-06-18 00:00:10+01")
    ehc.wait_until(lambda: ehc.ended_in_db(1)[0] == ("expired",), what="the upkeep of the new day to end it")
    t.ok(True, "and no longer")
    t.eq((ehc.state(2), ehc.ended_in_db(2)), ("breached", [("expired",)]), "what had run out before it got worse has expired")
    ehc.cases.case(4, ("request_received", "2026-05-08", "parent"))  # due 19 June
    ehc.cases.case(5, ("request_received", "2026-05-08", "parent"))
    ehc.cases.case(6, ("request_received", "2026-05-08", "parent"))
    ehc.cases.case(7, ("request_received", "2026-04-08", "parent"))  # breached
    ehc.cases.case(8, ("request_received", "2026-04-08", "parent"))
    ehc.cases.case(9, ("request_received", "2026-04-08", "parent"))
    ehc.read()
    t.eq([ehc.seen(f"EHC-000{n}", "2026-06-24")[0] for n in range(4, 10)], [0] * 6, "six more")
    ehc.cases.event(5, "assess_agreed", "2026-06-18")
    ehc.cases.event(8, "assess_agreed", "2026-06-18")
    with ehc.cases.together():
        ehc.cases.void(6, "request_received")
        ehc.cases.event(6, "request_received", "2026-05-11", "parent")
    ehc.cases.event(9, "assess_agreed", "2026-05-01")
    ehc.read()
    t.eq([ehc.ended_in_db(n) for n in (5, 8)], [[("ended",)], [("ended",)]], "met, or met late: ended")
    t.eq(ehc.ended_in_db(6), [("restated",)], "a corrected start: restated")
    t.eq(ehc.ended_in_db(9), [("restated",)], "never breached after all: restated")
    t.eq([ehc.ended_in_db(n) for n in (4, 7)], [[(None,)], [(None,)]], "the others hold")
    ehc.to("2026-06-20 00:00:10+01")
    t.eq((ehc.state(4), ehc.ended_in_db(4)), ("breached", [("worsened",)]), "at risk, then breached: worsened")
    t.eq(ehc.ended_in_db(7), [(None,)], "what is breached stays so")
    t.eq(ehc.seen("EHC-0004", "2026-06-26")[0], 0, "the breach is acknowledged anew")
    t.eq([(a["state"], a["ended_by"]) for a in ehc.acks("EHC-0004")], [("breached", ""), ("at_risk", "worsened")], "both are kept")


def race(db, hook, ehc):
    """The state changes between looking and acknowledging: nothing is made that would be wrong."""
    ehc.cases.case(20, ("request_received", "2026-04-08", "parent"))
    ehc.read()
    with db.connect() as held, held.cursor() as cursor:
        cursor.execute("UPDATE ehcwatch.obligation SET state = 'met_late' WHERE case_id = 20 AND limit_id = %s", (LIMIT,))
        import threading  # pylint: disable=import-outside-toplevel
        got = []
        asking = threading.Thread(target=lambda: got.append(ehc.seen("EHC-0020", "2026-06-22")))
        asking.start()
        ehc.wait_until(lambda: db.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INSERT INTO ehcwatch.ack%'"))
        held.commit()
        asking.join(h.PATIENCE)
    t.eq(got, [(1, "", "ehcwatchd ack: things have changed meanwhile: look again")], "the command is told to look again")
    db.sql("UPDATE ehcwatch.obligation SET state = 'breached' WHERE case_id = 20 AND limit_id = %s", (LIMIT,))


def over_http(db, hook, ehc):
    """By token: officers acknowledge, managers snooze what is breached and take back anybody's."""
    import subprocess  # pylint: disable=import-outside-toplevel
    token, lines = {}, ""
    for name, role in (("rita", "reader"), ("olu", "officer"), ("ona", "officer"), ("mo", "manager")):
        done = subprocess.run([ehc.program, "token", name, role], check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        lines += done.stdout
        token[name] = done.stderr.strip()
    (ehc.dir / "tokens").write_text(lines)
    (ehc.dir / "tokens").chmod(0o600)
    ehc.options["api_token_file"] = str(ehc.dir / "tokens")
    ehc.write_config()
    ehc.send(signal.SIGHUP)
    ehc.wait_log("reloaded: ")

    def post(path, who, body=None):
        code, _, raw = ehc.http(path, {"Authorization": "Bearer " + token.get(who, "x"), "Content-Type": "application/json"}, "POST", json.dumps(body if body is not None else {}))
        answer = json.loads(raw)
        return code, answer.get("detail", answer)

    for n in (30, 31, 32):
        ehc.cases.case(n, ("request_received", "2026-04-08", "parent"))  # breached
    ehc.cases.case(33, ("request_received", "2026-05-13", "parent"))     # due 24 June: at risk
    ehc.read()
    want = {"case": "EHC-0030", "limit": LIMIT, "kind": "ack", "reason": "with the panel", "until": "2026-06-22"}
    t.eq(post("/v1/acks", "nobody", want)[0], 401, "no token of ours: 401")
    t.eq(post("/v1/acks", "rita", want), (403, "rita is reader; this is for officer"), "a reader: 403")
    code, answer = post("/v1/acks", "olu", want)
    number = answer["ack_id"]
    t.eq((code, answer), (200, {"ack_id": number, "kind": "ack", "case_ref": "EHC-0030", "limit": LIMIT, "who": "olu", "until": "2026-06-22"}), "an officer: done")
    t.eq(post("/v1/acks", "ona", want), (409, "olu has acknowledged it until 2026-06-22: that has to be withdrawn first"), "one at a time: 409")
    t.eq(post(f"/v1/acks/{number}/withdraw", "ona"), (403, "it was made by olu: only a manager takes back another's"), "another officer's: 403")
    t.eq(post(f"/v1/acks/{number}/withdraw", "rita")[0], 403, "a reader takes nothing back")
    t.eq(post(f"/v1/acks/{number}/withdraw", "olu"), (200, {"ack_id": number, "withdrawn_by": "olu"}), "his own: done")
    t.eq(post(f"/v1/acks/{number}/withdraw", "olu"), (409, "it is over: withdrawn"), "not twice: 409")
    snooze = {**want, "kind": "snooze"}
    t.eq(post("/v1/acks", "olu", snooze), (403, "it is breached: only a manager snoozes that"), "an officer snoozes no breach: 403")
    t.eq(post("/v1/acks", "olu", {**snooze, "case": "EHC-0033"})[0], 200, "but what is at risk")
    code, answer = post("/v1/acks", "mo", snooze)
    t.eq((code, answer["kind"]), (200, "snooze"), "a manager does")
    t.eq(post("/v1/acks", "ona", {**want, "case": "EHC-0031"})[0], 200, "another's")
    other = ehc.acks("EHC-0031")[0]["ack_id"]
    t.eq(post(f"/v1/acks/{other}/withdraw", "mo"), (200, {"ack_id": other, "withdrawn_by": "mo"}), "is taken back by a manager")
    t.eq([(a["who"], a["ended_who"], a["ended_by"]) for a in ehc.acks("EHC-0031")], [("ona", "mo", "withdrawn")], "and it is known by whom")
    for change, code, why in (({"case": "EHC-0404"}, 404, "case EHC-0404 has no such obligation"), ({"until": "2026-07-31"}, 422, "at most 10 working days ahead"),
                              ({"until": "tomorrow"}, 400, "until: not a date"), ({"kind": "ignore"}, 400, "kind: ack or snooze"),
                              ({"reason": None}, 400, "reason: a text"), ({"reason": ""}, 400, "reason is missing"), ({"reason": "   "}, 400, "reason is missing"), ({"reason": "x" * 501}, 400, "reason: longer than 500"),
                              ({"reason": "a\nb"}, 400, "reason: not plain text"), ({"who": "boss"}, 400, "no member who"), ({"limit": "nonsense"}, 404, "under nonsense"),
                              ({"case": 7}, 400, "case: a text"), ({"case": "EHC-0005"}, 422, "it is met")):
        got = post("/v1/acks", "mo", {**want, "case": "EHC-0032", **change})
        t.ok(got[0] == code and why in str(got[1]), f"refused: {change if len(str(change)) < 50 else 'a long one'}", got)
    for path in ("/v1/acks/x/withdraw", "/v1/acks/1", "/v1/acks/1/forget", "/v1/acks//withdraw", "/v1/acks/1234567890123456789012/withdraw"):
        t.eq(post(path, "mo")[0], 404, f"no such address: {path}")
    t.eq(post("/v1/acks/123456789/withdraw", "mo"), (404, "there is no acknowledgement 123456789"), "none of that number: 404")
    t.eq(ehc.http("/v1/acks/1/withdraw")[0], 405, "GET of it: 405")
    late = ehc.acks("EHC-0031")[0]["ack_id"] if post("/v1/acks", "ona", {**want, "case": "EHC-0031"})[0] == 200 else None
    pid = db.value("SELECT pid FROM pg_stat_activity WHERE application_name = 'ehcwatchd desk'")
    os.kill(pid, signal.SIGSTOP)
    try:
        code, answer = post(f"/v1/acks/{late}/withdraw", "ona")
    finally:
        os.kill(pid, signal.SIGCONT)
    t.ok(code == 504 and "may still be carried out" in str(answer), "no answer in time does not say that nothing was done", (code, answer))
    ehc.wait_until(lambda: ehc.acks("EHC-0031")[0]["ended_by"] == "withdrawn", what="it to be carried out")
    # On a machine that has other things to do the daemon may have given the connection up before it went on.
    ehc.wait_until(lambda: ehc.log_lines("changed_late: ack_withdraw") or not db.sql("SELECT FROM pg_stat_activity WHERE pid = %s", (pid,)), what="a word of it in the log")
    t.eq([x for x in ehc.log_lines("changed_late: ") if not x.endswith("ack_withdraw: ended after it was answered 504")], [],
         "which does not say that it was carried out: the answer may have been no")
    again = ehc.wait_until(lambda: (lambda got: got if got[0] not in (503, 504) else None)(post(f"/v1/acks/{late}/withdraw", "ona")), what="an answer")
    t.eq(again, (409, "it is over: withdrawn"), "and asking again is safe")
    log = ehc.log()
    t.ok("acknowledged: " in log and "who=olu" in log and "acknowledgement_withdrawn: " in log and "who=mo" in log, "every change is logged with who")
    t.ok("with the panel" not in log and all(x not in log for x in token.values()), "and neither reasons nor tokens")
    t.eq({a["case_ref"] for a in json.loads(ehc.http("/v1/acks")[2])["items"]}, {a["case_ref"] for a in ehc.acks()}, "the list without a case: what is in force")


def people(db, hook, ehc):
    """A digest about several cases: the ledger and the sheet of each have it, and each says who has seen its own."""
    ehc.options.pop("api_token_file", None)
    ehc.webhooks["panel"] = {"url": hook.url("/panel"), "format": "slack", "send": "daily", "digest_at": "08:00"}
    ehc.write_config()
    ehc.send(signal.SIGHUP)
    ehc.wait_until(lambda: db.value("SELECT count(*) FROM ehcwatch.endpoint WHERE name = 'panel' AND enabled"), what="the endpoint")
    ehc.delivered()
    for n in (40, 41):
        ehc.cases.case(n, ("request_received", "2026-04-08", "parent"))
    ehc.read()
    ehc.to("2026-06-22 08:00:05+01")
    sent = hook.wait_for(lambda seen: [r for r in seen if r.path == "/panel" and b"EHC-0040" in r.body and b"EHC-0041" in r.body])[0]
    ehc.delivered()

    def of(ref):
        return [r for r in json.loads(ehc.command("deliveries", ref, "--endpoint", "panel", "--format", "json").stdout)["items"] if r["items"] > 1]

    rows = of("EHC-0040")
    t.eq([(r["type"], r["case_ref"], r["limit"], r["items"], r["state"]) for r in rows], [("digest.daily", "", LIMIT, rows[0]["items"], "processed")], "one message, in the ledger of a case")
    t.eq([r["message_id"] for r in of("EHC-0041")], [rows[0]["message_id"]], "and of the other")
    import hashlib  # pylint: disable=import-outside-toplevel
    t.eq(rows[0]["body_sha256"], hashlib.sha256(sent.body).hexdigest(), "with the digest of the bytes that arrived")
    t.eq(ehc.seen("EHC-0040", "2026-06-24")[0], 0, "one is acknowledged")
    t.eq([of("EHC-0040")[0]["seen_by"], of("EHC-0041")[0]["seen_by"]], ["Jo Bloggs", ""], "that one is seen, and not the other")
    t.ok(rows[0]["message_id"] in ehc.http("/v1/deliveries?state=seen&case=EHC-0040")[2].decode() and
         rows[0]["message_id"] not in ehc.http("/v1/deliveries?state=seen&case=EHC-0041")[2].decode(), "the list of what is seen knows the difference")
    sheet = ehc.command("deliveries", "proof", "EHC-0041").stdout
    t.ok(f"About           {rows[0]['items']} obligations, this case among them" in sheet and "Acknowledged    no" in sheet and "Jo Bloggs" not in sheet, "and so does its sheet", sheet)


def ambiguous(db, hook, ehc):
    """Several obligations of one limit in a case: the subject says which."""
    db.sql("INSERT INTO ehcwatch.obligation (case_id, limit_id, subject, start_on, due_on, state, since) SELECT 30, 'advice_6w', s, '2026-04-10', '2026-05-22', 'breached', '2026-05-23'"
           " FROM unnest('{education,health}'::text[]) s")
    args = ("EHC-0030", "advice_6w", "--who", "Jo", "--reason", "chased", "--until", "2026-06-22")
    t.eq(ehc.ack(*args)[2], "ehcwatchd ack: several are open, say the subject or the start: education, started 2026-04-10; health, started 2026-04-10", "said so")
    t.eq(ehc.ack(*args, "--subject", "health")[0], 0, "and taken when it is said")


def main():
    with h.Cluster() as db, h.Receiver(secret=SECRET) as hook, \
            Council(db, {"desk": {"url": hook.url(), "secret": SECRET}}, {"limits": (LIMIT,)}) as ehc:
        ehc.migrate()
        db.set_clock("2026-06-15 12:00:00+01")
        ehc.start().wait_ready()
        ehc.settle()
        for part in (made_and_refused, hides_nothing, ends, race, over_http, ambiguous, people):
            with t.case(part.__doc__):
                part(db, hook, ehc)
    t.done()


if __name__ == "__main__":
    main()
