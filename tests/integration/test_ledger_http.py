#!/usr/bin/python3
"""The ledger over HTTP: asked of a database that may be slow or away, while the loop goes on; and who may change something."""
import concurrent.futures
import csv
import io
import json
import os
import signal
import socket
import threading
import time

import _world as w
from _world import ago, h

SECRET = h.new_secret()
PROBLEM = "application/problem+json"
t = h.Tap()


def get(ehc, path, headers=None):
    code, head, body = ehc.http(path, headers)
    kind = head["content-type"].split(";")[0]
    return code, json.loads(body) if kind.endswith("json") else body.decode(), head


def detail(ehc, path):
    code, body, _ = get(ehc, path)
    return code, body["detail"]


def post(ehc, path, body, token=None, headers=None):
    head = {"Content-Type": "application/json", **(headers or {})}
    if token:
        head["Authorization"] = "Bearer " + token
    code, answer, raw = ehc.http(path, {k: v for k, v in head.items() if v is not None}, "POST", body if isinstance(body, (str, bytes)) else json.dumps(body))
    return code, json.loads(raw), answer


def make_token(ehc, name, role):
    done = ehc.command_plain("token", name, role)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr.strip()


def lists(db, hook, ehc):
    """Lists, pages, forms and filters."""
    code, body, head = get(ehc, "/v1/deliveries")
    rows = body["items"]
    t.eq((code, head["content-type"], body["next_page"], len(rows)), (200, "application/json; charset=utf-8", None, ehc.messages()), "all of them, on one page")
    t.eq({(r["message_id"], "/" + r["endpoint"], r["attempts"]) for r in rows},
         {(r.id, r.path, 1) for r in hook.requests}, "as the receiver saw them")
    t.eq([r["message_id"] for r in rows], [r["message_id"] for r in json.loads(ehc.command("deliveries", "--format", "json").stdout)["items"]],
         "as the command prints them")
    t.eq({r["case_ref"] for r in get(ehc, "/v1/deliveries?case=EHC-0001")[1]["items"]}, {"EHC-0001"}, "by case")
    t.eq(get(ehc, "/v1/deliveries?case=EHC-0001&endpoint=b&state=processed&since=2000-01-01")[1]["items"],
         [r for r in rows if (r["case_ref"], r["endpoint"]) == ("EHC-0001", "b")], "by everything at once")
    code, body, head = get(ehc, "/v1/deliveries.csv")
    t.eq((code, head["content-type"], "attachment" in head["content-disposition"]), (200, "text/csv; charset=utf-8", True), "CSV")
    t.eq([r["message_id"] for r in csv.DictReader(io.StringIO(body))], [r["message_id"] for r in rows], "with the same rows")
    code, body, head = get(ehc, "/v1/deliveries", {"Accept": "text/csv"})
    t.eq((head["content-type"], head["vary"]), ("text/csv; charset=utf-8", "Accept"), "CSV by Accept")
    code, body, head = get(ehc, "/v1/deliveries/proof?case=EHC-0001")
    t.ok(code == 200 and head["content-type"] == "text/html; charset=utf-8" and "Proof of delivery: case EHC-0001" in body and
         all(r["body_sha256"] in body for r in rows if r["case_ref"] == "EHC-0001"), "the sheet of a case")
    t.ok(head["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-") and "unsafe" not in head["content-security-policy"],
         "which loads and runs nothing", head["content-security-policy"])
    db.sql("INSERT INTO ehcwatch.outbox (message_id, endpoint_id, type, body, state, ended_at) SELECT 'msg_many' || n, 1, 'endpoint.test', '', 'done', now()"
           " FROM generate_series(1, 2600) n")
    pages = [get(ehc, f"/v1/deliveries?endpoint=a&page={n}")[1] for n in range(1, 8)]
    ids = [r["message_id"] for p in pages for r in p["items"]]
    want = [m for (m,) in db.sql("SELECT message_id FROM ehcwatch.outbox JOIN ehcwatch.endpoint USING (endpoint_id) WHERE name = 'a' ORDER BY outbox_id DESC")]
    t.eq([p["next_page"] for p in pages], [2, 3, 4, 5, 6, None, None], "pages follow each other")
    t.eq(ids, want, "and miss nothing")
    t.eq([r["message_id"] for r in csv.DictReader(io.StringIO(get(ehc, "/v1/deliveries.csv?endpoint=a")[1]))], want, "CSV is whole")
    t.eq(len(list(csv.DictReader(io.StringIO(get(ehc, "/v1/deliveries.csv?endpoint=a&page=6")[1])))), len(want) - 2500, "or a page")
    db.sql("INSERT INTO ehcwatch.outbox (message_id, endpoint_id, type, body, state, ended_at) SELECT 'msg_more' || n, 1, 'endpoint.test', '', 'done', now()"
           " FROM generate_series(1, 20000) n")
    # To read that many may take a busy machine longer than a question has: then it is asked again.
    refused = h.wait_until(lambda: next((r for r in [detail(ehc, "/v1/deliveries.csv")] if r[0] not in (503, 504)), None), 120, "an answer about a long list")
    t.ok(refused[0] == 400 and "more than 20000 messages" in refused[1], "too long a list is refused, never cut", refused)
    db.sql("DELETE FROM ehcwatch.outbox WHERE message_id LIKE 'msg_m%e%' OR message_id LIKE 'msg_many%'")
    for path, why in (("/v1/deliveries?state=sent", "state=sent: not one of pending, accepted, processed, dead, superseded, seen"),
                      ("/v1/deliveries?since=x", "since=x: not a date of 1900 to 2199 (YYYY-MM-DD)"), ("/v1/deliveries?page=0", "page=0: not a number from 1 to 100000"),
                      ("/v1/deliveries?page=1e3", "page=1e3: not a number from 1 to 100000"), ("/v1/deliveries?case=", "case is empty"),
                      ("/v1/deliveries?endpoint=typo", "endpoint=typo: there is no such endpoint"), ("/v1/deliveries.csv?endpoint=typo&case=EHC-0001", "endpoint=typo: there is no such endpoint"),
                      ("/v1/deliveries?case=A&case=B", "case is given twice"), ("/v1/deliveries?id=1", "/v1/deliveries takes no parameter id"),
                      ("/v1/deliveries?case=%ff", "case is not UTF-8"), ("/v1/deliveries?endpoint=%ed%a0%80", "endpoint is not UTF-8"),
                      ("/v1/deliveries/proof?case=%c3(", "case is not UTF-8"), ("/v1/acks?case=%ff", "case is not UTF-8"), ("/v1/deliveries/proof", "case= is missing"), ("/v1/deliveries/proof?case=A&state=dead", "/v1/deliveries/proof takes no parameter state")):
        t.eq(detail(ehc, path), (400, why), f"refused: {path}")
    t.eq(get(ehc, "/v1/deliveries?endpoint=a&since=2199-01-01")[1]["items"], [], "an endpoint to which nothing was sent: an empty list")
    t.eq(get(ehc, "/v1/deliveries.csv?endpoint=a&since=2199-01-01")[1].count("\n"), 1, "of which the heading is left")


def many(db, hook, ehc):
    """Many at once are answered each, and the loop is not held up."""
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        got = list(pool.map(lambda n: get(ehc, f"/v1/deliveries?case=EHC-000{1 + n % 2}")[:2], range(120)))
    wrong = [g for n, g in enumerate(got) if g[0] != 200 or {r["case_ref"] for r in g[1]["items"]} != {f"EHC-000{1 + n % 2}"}]
    t.eq(wrong, [], "120 questions by 24 clients")
    t.eq(db.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ehcwatchd desk'"), 1, "over one connection")


def slow(db, hook, ehc):
    """A slow database: 504, while everything else is served."""
    with w.Lock(db, "ehcwatch.outbox"), concurrent.futures.ThreadPoolExecutor(80) as pool:
        began = time.monotonic()
        waiting = [pool.submit(get, ehc, "/v1/deliveries") for _ in range(3)]
        ehc.wait_until(lambda: db.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ehcwatchd desk' AND wait_event_type = 'Lock'"))
        t.eq([ehc.http("/healthz")[0], ehc.http("/metrics")[0]], [200, 200], "others are served meanwhile")
        # A client that leaves while it waits.
        with socket.create_connection(("127.0.0.1", ehc.port)) as left:
            left.sendall(b"GET /v1/deliveries HTTP/1.1\r\nHost: x\r\n\r\n")
        crowd = [pool.submit(get, ehc, "/v1/deliveries") for _ in range(70)]
        answers = [f.result() for f in waiting]
        codes = [f.result()[0] for f in crowd]
    t.ok(all(a[0] == 504 and a[1]["title"] == "No answer in time" for a in answers), "504 problem+json", answers)
    t.ok(time.monotonic() - began < 60, "within the time", time.monotonic() - began)
    t.ok(codes.count(503) >= 1 and set(codes) <= {503, 504}, "more than can wait are turned away", codes)
    t.eq(get(ehc, "/v1/deliveries")[0], 200, "and it is over when it is over")


def stopped_server(db, hook, ehc):
    """A database process that stands still."""
    pid = db.value("SELECT pid FROM pg_stat_activity WHERE application_name = 'ehcwatchd desk'")
    os.kill(pid, signal.SIGSTOP)
    try:
        t.eq(get(ehc, "/v1/deliveries")[0], 504, "504 all the same")
        t.eq(ehc.http("/healthz")[0], 200, "alive")
    finally:
        os.kill(pid, signal.SIGCONT)
    ehc.wait_until(lambda: get(ehc, "/v1/deliveries")[0] == 200, what="the ledger again")
    t.ok(True, "and it goes on")


def away(db, hook, ehc):
    """No database: 503, and again when it is back."""
    with w.Stopped(db):
        ehc.wait_until(lambda: get(ehc, "/v1/deliveries")[0] == 503, what="503")
        code, body, head = get(ehc, "/v1/deliveries")
        t.eq((code, body["detail"], head["content-type"], head["retry-after"]), (503, "the state database cannot be reached", PROBLEM, "5"), "503 problem+json")
    ehc.wait_until(lambda: get(ehc, "/v1/deliveries")[0] == 200, what="the ledger again")
    t.ok(True, "back again")


def tokens_off(db, hook, ehc):
    """Without api_token_file nothing is changed."""
    code, body, _ = post(ehc, "/v1/deliveries/replay", {"ids": ["msg_x"]}, "ehct_anything")
    t.ok(code == 403 and "api_token_file" in body["detail"], "403 says how to switch it on", (code, body))


def lost_halfway(db, ehc, again, token):
    """The connection is lost when the messages are queued and the dispatcher is being woken: nobody may take that for not done."""
    mine = "SELECT pid FROM pg_stat_activity WHERE application_name = 'ehcwatchd desk'"
    db.sql("CREATE SCHEMA held; CREATE TABLE held.gate (); CREATE FUNCTION held.pg_notify(text, text) RETURNS void LANGUAGE sql AS"
           " 'SELECT count(*) FROM held.gate; SELECT pg_catalog.pg_notify($1, $2)'; ALTER DATABASE postgres SET search_path = held, pg_catalog")
    try:
        db.sql(f"SELECT pg_terminate_backend(pid) FROM ({mine}) x")
        ehc.wait_until(lambda: get(ehc, "/v1/deliveries")[0] == 200, what="the ledger again")
        with w.Lock(db, "held.gate") as lock, concurrent.futures.ThreadPoolExecutor(1) as pool:
            answer = pool.submit(post, ehc, "/v1/deliveries/replay", again, token)
            lock.wait_for("ehcwatchd desk", ehc)
            db.sql(f"SELECT pg_terminate_backend(pid) FROM ({mine}) x")
            code, body, _ = answer.result()
    finally:
        db.sql("ALTER DATABASE postgres RESET search_path; DROP SCHEMA held CASCADE")
    t.ok(code == 503 and "may have been carried out" in body["detail"], "lost halfway: it does not say that nothing was done", (code, body))
    db.sql(f"SELECT pg_terminate_backend(pid) FROM ({mine}) x; NOTIFY ehcwatch_outbox")
    ehc.wait_until(lambda: get(ehc, "/v1/deliveries")[0] == 200, what="the ledger again")
    ehc.delivered()


def tokens(db, hook, ehc):
    """Who may change something."""
    made = {role: make_token(ehc, role + ".one", role) for role in ("reader", "officer", "manager", "operator")}
    t.ok(all(token not in line for line, token in made.values()), "the file holds no token")
    (ehc.dir / "tokens").write_text("# people\n" + "".join(line for line, _ in made.values()))
    (ehc.dir / "tokens").chmod(0o600)
    ehc.options["api_token_file"] = str(ehc.dir / "tokens")
    ehc.write_config()
    ehc.send(signal.SIGHUP)
    ehc.wait_log("reloaded: ")
    token = {role: token for role, (_, token) in made.items()}
    known = ehc.http("/v1/deliveries?state=processed")[2]
    row = json.loads(known)["items"][0]
    again = {"ids": [row["message_id"]], "endpoint": row["endpoint"]}
    code, body, head = post(ehc, "/v1/deliveries/replay", again)
    t.eq((code, body["detail"].split(",")[0]), (401, "a token is wanted: Authorization: Bearer TOKEN"), "no token: 401")
    for wrong in ("ehct_x", token["operator"][:-1], token["operator"] + "x", token["operator"].swapcase(), made["operator"][0].split()[2], ""):
        code, body, _ = post(ehc, "/v1/deliveries/replay", again, headers={"Authorization": f"Bearer {wrong}"})
        t.eq((code, body["detail"]), (401, "no such token, or no such name and password"), f"wrong token {wrong[:9]!r}: 401")
    code, body, _ = post(ehc, "/v1/deliveries/replay", again, headers={"Authorization": f"Basic {token['operator']}"})
    t.eq(code, 401, "another scheme: 401")
    for role in ("reader", "officer", "manager"):
        code, body, _ = post(ehc, "/v1/deliveries/replay", again, token[role])
        t.eq((code, body["detail"]), (403, f"{role}.one is {role}; this is for operator"), f"{role}: 403")
    before = len(hook.requests)
    code, body, _ = post(ehc, "/v1/deliveries/replay", again, token["operator"])
    t.eq((code, body), (200, {"queued": 1, "items": [{"message_id": row["message_id"], "endpoint": row["endpoint"], "sends": True}]}), "operator: 200")
    ehc.delivered()
    t.eq([r.id for r in hook.requests[before:]], [row["message_id"]], "and it is sent again")
    db.sql("UPDATE ehcwatch.outbox SET state = 'dead' WHERE message_id = %s", (row["message_id"],))
    code, body, _ = post(ehc, "/v1/deliveries/replay", {"endpoint": row["endpoint"], "dead": True}, token["operator"])
    t.eq((code, body["queued"]), (200, 1), "what was given up, in bulk")
    ehc.delivered()
    lost_halfway(db, ehc, again, token["operator"])
    t.eq(post(ehc, "/v1/deliveries/replay", {"ids": ["msg_none"]}, token["operator"])[:2], (200, {"queued": 0, "items": []}), "none of that id")
    t.eq(post(ehc, "/v1/deliveries/replay", {"endpoint": row["endpoint"], "dead": True}, token["operator"])[:2], (200, {"queued": 0, "items": []}), "none given up")
    for what, sent, code, why in (("no JSON", "{", 400, "'}' expected"), ("no object", "[]", 400, "something else"), ("twice", '{"ids":["a"],"ids":["b"]}', 400, "duplicate"),
                                  ("a stranger", {"ids": ["a"], "force": True}, 400, "no member force"), ("nothing", {}, 400, 'say {"ids"'),
                                  ("no such endpoint", {"endpoint": "typo", "dead": True}, 400, 'there is no endpoint "typo"'),
                                  ("an id at no such endpoint", {"ids": ["msg_x"], "endpoint": "typo"}, 400, 'there is no endpoint "typo"'),
                                  ("no ids", {"ids": []}, 400, "a list of message ids"), ("a number", {"ids": [1]}, 400, "a list of message ids"),
                                  ("an endpoint without dead", {"endpoint": "a"}, 400, 'say {"ids"'), ("both", {"ids": ["a"], "dead": True}, 400, 'say {"ids"'),
                                  ("bytes", b"{\"ids\":[\"\xff\"]}", 400, "decode byte"), ("an end within", b"{\"ids\":[\"a\\u0000b\"]}", 400, "\\u0000")):
        got = post(ehc, "/v1/deliveries/replay", sent, token["operator"])
        t.ok(got[0] == code and why in got[1]["detail"], f"refused: {what}", got)
    t.eq(post(ehc, "/v1/deliveries/replay", again, token["operator"], {"Content-Type": "text/plain"})[0], 415, "a form of a browser is refused")
    t.eq(post(ehc, "/v1/deliveries/replay", json.dumps(again) + " " * 9000, token["operator"])[0], 413, "more than 8 KB is refused")
    t.eq((ehc.http("/v1/deliveries/replay")[0], ehc.http("/v1/deliveries/replay")[1]["allow"]), (405, "POST"), "GET of it is 405")
    t.eq(post(ehc, "/v1/deliveries", again, token["operator"])[0], 405, "POST elsewhere is 405")
    log = ehc.log()
    t.ok("replayed: 1 message queued again who=operator.one" in log, "the log says who", ehc.log_lines("replayed"))
    t.ok("who=reader.one" in log and "change_refused" in log, "and who was refused")
    t.ok(all(s not in log for s in (*token.values(), SECRET)), "and no token")
    (ehc.dir / "tokens").write_text("".join(line for role, (line, _) in made.items() if role != "operator"))
    ehc.send(signal.SIGHUP)
    ehc.wait_until(lambda: post(ehc, "/v1/deliveries/replay", again, token["operator"])[0] == 401, what="the token to be gone")
    t.ok(True, "a token that is taken out is good for nothing after a reload")
    (ehc.dir / "tokens").write_text("nonsense\n")
    ehc.send(signal.SIGHUP)
    ehc.wait_log(r"reload_refused: .*api_token_file .*tokens:1: each line must be")
    t.eq(post(ehc, "/v1/deliveries/replay", again, token["reader"])[0], 403, "a bad file changes nothing")
    done = ehc.command("check-config")
    t.ok(done.returncode == 78 and "tokens:1: each line must be" in done.stderr, "check-config finds it", done.stderr)


def shutdown(db, hook, ehc):
    """Stopping while a request waits for its answer."""
    with w.Lock(db, "ehcwatch.outbox"):
        got = []
        asking = threading.Thread(target=lambda: got.append(get(ehc, "/v1/deliveries")))
        asking.start()
        ehc.wait_until(lambda: db.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ehcwatchd desk' AND wait_event_type = 'Lock'"))
        ehc.stop()
        asking.join(h.PATIENCE)
    t.eq([g[0] for g in got], [504], "it still gets its 504")
    ehc.options["drain_timeout"] = 1
    del ehc.options["api_token_file"]
    ehc.write_config()
    got = []
    while not got or (got[-1][0] == 504 and len(got) < 5):  # on a busy machine the question's own time may be up before
        ehc.start().wait_ready()
        with w.Lock(db, "ehcwatch.outbox"):
            asking = threading.Thread(target=lambda: got.append(get(ehc, "/v1/deliveries")))
            asking.start()
            ehc.wait_until(lambda: db.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ehcwatchd desk' AND wait_event_type = 'Lock'"))
            ehc.stop()
            asking.join(h.PATIENCE)
    t.eq((got[-1][0], got[-1][1]["detail"]), (503, "the daemon is stopping"), "or 503 when the time is up")


class Ledger(w.Watch):
    def messages(self):
        return self.db.value("SELECT count(*) FROM ehcwatch.outbox")

    def command_plain(self, *args):
        import subprocess  # pylint: disable=import-outside-toplevel
        return subprocess.run([self.program, *args], check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def main():
    with h.Cluster() as db, h.Receiver(secret=SECRET) as hook, \
            Ledger(db, {n: {"url": hook.url("/" + n), "secret": SECRET} for n in ("a", "b")}, {"limits": ("assess_decision_6w",)}) as ehc:
        ehc.migrate()
        db.set_now(w.NOON)
        ehc.start().wait_ready()
        ehc.settle()
        t.eq(db.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ehcwatchd desk'"), 0, "no connection before somebody asks")
        for n in (1, 2):
            ehc.cases.case(n, ("request_received", ago(60), "parent"))
        ehc.settle()
        for part in (lists, many, slow, stopped_server, away, tokens_off, tokens, shutdown):
            with t.case(part.__doc__):
                part(db, hook, ehc)
    t.done()


if __name__ == "__main__":
    main()
