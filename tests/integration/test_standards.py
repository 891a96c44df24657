#!/usr/bin/python3
"""A council's own standards and thresholds, from the configuration to the message; why a limit is watched; the summary."""
import http.client
import json
import os
import signal
import socket

import _world as w
from _world import ago, h

SECRET = h.new_secret()
t = h.Tap()

ACK = """standard "acknowledge" {
    title = "Acknowledge the request"
    start = {"request_received"}
    discharge = {"assess_agreed", "assess_refused"}
    within = "5 working days"
    per = "once"
    life = "request"
    warn_days = 2
}
"""
SECOND = """standard "second_look" {
    title = "Look at it again"
    start = {"request_received"}
    discharge = {"draft_sent"}
    within = "3 weeks"
}
"""


def watch(db, hook, webhooks=None, extra=ACK, program=None, **options):
    return w.Watch(db, webhooks=webhooks or {"desk": {"url": hook.url(), "secret": SECRET}}, options=options, extra=extra,
                   program=program)


def begin(db, hook, ehc):
    """An empty case system, baselined at noon."""
    w.Casework(db).clear()
    db.set_now(w.NOON)
    hook.clear()
    ehc.start().wait_ready()
    ehc.settle()


def told(requests, path=None):
    return [(r.data["case_ref"], r.data["limit"], r.type.split(".")[1]) for r in w.bodies(requests, path=path)]


def summary(ehc):
    code, headers, body = ehc.http("/v1/summary")
    if code != 200:
        raise RuntimeError(f"/v1/summary answered {code}: {body!r}")
    return json.loads(body), headers


def limit(ehc, name):
    return next(x for x in summary(ehc)[0]["limits"] if x["id"] == name)


def breaches(ehc, query=""):
    code, _, body = ehc.http("/v1/breaches.json" + query)
    return json.loads(body) if code == 200 else (code, json.loads(body)["detail"])


def take_over(ehc, extra=None):
    """The file is taken over as it is written now."""
    before = len(ehc.log_lines("reloaded:"))
    if extra is not None:
        ehc.extra = extra
    ehc.write_config()
    ehc.send(signal.SIGHUP)
    ehc.wait_until(lambda: len(ehc.log_lines("reloaded:")) > before, what="the reload")


def reload(ehc, extra=None):
    """The same, and a reading with it is written."""
    take_over(ehc, extra)
    ehc.settle()


def end_to_end(db, hook):
    webhooks = {n: {"url": hook.url("/" + n), "secret": SECRET, **f} for n, f in {
        "all": {}, "local": {"kinds": ["local"]}, "named": {"limits": ["acknowledge"]},
        "law": {"kinds": ["statutory"]}}.items()}
    with watch(db, hook, webhooks, limits=["assess_decision_6w", "acknowledge"]) as ehc:
        begin(db, hook, ehc)
        ehc.cases.case(1, ("request_received", ago(10)))  # Friday 5 June: due on Friday the 12th
        ehc.settle()
        (r,) = w.bodies(hook.requests, path="/all")
        t.eq({k: r.data[k] for k in ("limit", "title", "kind", "to", "start_on", "due_on", "days", "rulebook", "citation", "evidence")},
             {"limit": "acknowledge", "title": "Acknowledge the request", "kind": "local", "to": "breached", "start_on": "2026-06-05",
              "due_on": "2026-06-12", "days": 3, "rulebook": "england-2026.08+local", "citation": "local standard",
              "evidence": "inferred"}, "a broken standard is told as what it is")
        mine = [("EHC-0001", "acknowledge", "breached")]
        t.eq([told(hook.requests, "/" + n) for n in webhooks], [mine, mine, mine, []], "to those whose filters let it pass")
        t.eq((breaches(ehc)["obligations"], [x["limit"] for x in breaches(ehc, "?kind=local")["items"]],
              [x["limit"] for x in breaches(ehc, "?limit=acknowledge")["items"]], breaches(ehc)["rulebook"]),
             (0, ["acknowledge"], ["acknowledge"], "england-2026.08+local"), "lists show it when they are asked for it")
        rows = ehc.http("/v1/breaches.csv?kind=local")[2].decode().splitlines()
        t.ok(len(rows) == 2 and ",acknowledge,Acknowledge the request,local," in rows[1], "as CSV too", rows)
        numbers = ehc.metrics()
        t.eq([numbers[h.series("ehc_obligations", limit="acknowledge", state="breached")],
              numbers[h.series("ehc_transitions_total", limit="acknowledge", to="breached")],
              numbers[h.series("ehc_limit_monitored", limit="acknowledge")],
              numbers[h.series("ehc_limit_monitored", limit="final_plan_20w")],
              any('rules="england-2026.08+local"' in k for k in numbers)], [1.0, 1.0, 1.0, 0.0, True], "the metrics count it")
        case = json.loads(ehc.http("/v1/cases/EHC-0001")[2])
        t.eq(({o["limit"]: o["state"] for o in case["obligations"]}, case["drift"]),
             ({"acknowledge": "breached", **dict.fromkeys(("assess_decision_6w", "draft_latest_workable", "final_plan_20w", "issue_decision_16w"), "on_track")}, -32),
             "the case shows it; drift is of the law alone")
        ehc.cases.event(1, "assess_refused", ago(0))
        ehc.settle()
        t.eq(told(hook.requests, "/named"), mine + [("EHC-0001", "acknowledge", "met_late")], "and it is met late")
        t.eq([r.fault for r in hook.requests if r.fault], [], "every signature is good")
        t.eq(db.sql("SELECT DISTINCT rulebook FROM ehcwatch.transition"), [("england-2026.08+local",)], "the record names the rulebook")


def unnamed(db, hook):
    """Who writes a standard down and names no limits has it watched."""
    with watch(db, hook) as ehc:
        begin(db, hook, ehc)
        t.eq([x["id"] for x in summary(ehc)[0]["limits"] if x["monitored"]],
             ["assess_decision_6w", "final_plan_20w", "annual_review_12m", "acknowledge"], "the three defaults and the standard")
        t.eq([limit(ehc, x)["why"] for x in ("final_plan_20w", "acknowledge", "advice_6w")],
             ["watched: so unless the configuration names limits", "watched: named in the configuration",
              "not watched: not named in the configuration"], "and it says why")


def thresholds(db, hook):
    with watch(db, hook, extra='threshold "final_plan_20w" { warn_days = 21 }\n', limits=["final_plan_20w"]) as ehc:
        begin(db, hook, ehc)
        ehc.cases.case(1, ("request_received", ago(115)))  # due in 25 days
        ehc.cases.case(2, ("request_received", ago(119)))  # due in 21 days
        ehc.settle()
        t.eq(told(hook.requests), [("EHC-0002", "final_plan_20w", "at_risk")], "at risk from 21 days before, not from 28")
        due = db.sql("SELECT case_id, due_on::text, state FROM ehcwatch.obligation ORDER BY 1")
        reload(ehc, 'threshold "final_plan_20w" { warn_days = 25 }\n')
        t.eq(told(hook.requests), [("EHC-0002", "final_plan_20w", "at_risk"), ("EHC-0001", "final_plan_20w", "at_risk")],
             "a wider threshold is told on reload")
        t.eq((due, db.sql("SELECT case_id, due_on::text, state FROM ehcwatch.obligation ORDER BY 1")),
             ([(1, "2026-07-10", "on_track"), (2, "2026-07-06", "at_risk")], [(1, "2026-07-10", "at_risk"), (2, "2026-07-06", "at_risk")]),
             "no due date has moved")
        t.eq(summary(ehc)[0]["rulebook"], "england-2026.08+local", "the rulebook is marked")
        reload(ehc, "")
        t.eq(summary(ehc)[0]["rulebook"], "england-2026.08", "and not without thresholds or standards")


def while_a_list_goes_out(db, hook):
    """A reload takes a standard away and puts another in its place while a slow reader has its list."""
    san = h.ROOT / "build/san/ehcwatchd"
    program = None if "EHC_BIN" in os.environ or not san.exists() else san
    cases = 12000  # of so many bytes each that the list does not fit into the buffers of two sockets
    with watch(db, hook, limits=["acknowledge"], program=program, poll_interval=3600, drain_timeout=1) as ehc:
        w.Casework(db).clear()
        db.set_now(w.NOON)
        db.sql("INSERT INTO casework.ehc_case (case_id, case_ref, locality) SELECT n, 'EHC-' || to_char(n, 'FM00000'), repeat('x', 500)"
               " FROM generate_series(1, %s) n;"
               " INSERT INTO casework.ehc_event (case_id, event, occurred_on) SELECT n, 'request_received', %s FROM generate_series(1, %s) n",
               (cases, ago(10), cases))
        hook.clear()
        ehc.start().wait_ready()
        ehc.settle()
        t.eq(limit(ehc, "acknowledge")["states"]["breached"], cases, "12,000 breaches of a standard")
        with socket.socket() as slow:
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.settimeout(60)
            slow.connect(("127.0.0.1", ehc.port))
            connection = http.client.HTTPConnection("127.0.0.1", ehc.port)
            connection.sock = slow
            connection.request("GET", "/v1/breaches.csv?limit=acknowledge")
            answer = connection.getresponse()
            lines = [answer.readline() for _ in range(10)]
            ehc.options["limits"] = ["second_look", "final_plan_20w"]
            take_over(ehc, SECOND)

            def gone():
                lines.extend(answer.readline() for _ in range(3))  # slow, but not so slow as to be cut off
                return breaches(ehc, "?limit=acknowledge") == (400, "limit=acknowledge: no such limit")
            ehc.wait_until(gone, what="the standard to be gone")
            t.ok(True, "the standard is gone")
            t.eq([x["id"] for x in summary(ehc)[0]["limits"] if x["kind"] == "local"], ["second_look"], "another has its place")
            lines += answer.read().splitlines()
        lines = [line.decode() for line in lines][1:]
        t.eq((len(lines), {tuple(line.split(",")[1:4]) for line in lines}, len({line.split(",")[0] for line in lines})),
             (cases, {("acknowledge", "Acknowledge the request", "local")}, cases),
             "a slow reader gets the list that it began with, to the end")
        ehc.settle()
        numbers = ehc.metrics()
        t.eq((h.series("ehc_obligations", limit="acknowledge", state="breached") in numbers,
              numbers[h.series("ehc_obligations", limit="second_look", state="on_track")]), (False, float(cases)), "the metrics have changed over")


def coming_and_going(db, hook):
    with watch(db, hook, extra=SECOND, limits=["second_look"]) as ehc:
        begin(db, hook, ehc)
        for n in (1, 2, 3):
            ehc.cases.case(n, ("request_received", ago(10)))
        ehc.settle()
        ehc.options["limits"] = ["acknowledge", "second_look"]
        hook.clear()
        reload(ehc, SECOND + ACK)
        got = [[x["limit"] for x in r.data["limits"]] for r in hook.requests if r.type == "baseline.summary"]
        t.eq((got, told(hook.requests)), ([["acknowledge"]], []), "a standard that comes begins with a summary, and no alert")
        t.eq([(x["id"], x["states"]["breached"]) for x in summary(ehc)[0]["limits"] if x["kind"] == "local"],
             [("second_look", 0), ("acknowledge", 3)], "behind the one that is there")
        ehc.cases.event(2, "assess_agreed", ago(0))
        ehc.settle()
        t.eq(told(hook.requests), [("EHC-0002", "acknowledge", "met_late")], "then it tells")
        before = ehc.metrics()[h.series("ehc_transitions_total", limit="acknowledge", to="met_late")]
        reload(ehc, ACK + SECOND)
        t.eq((before, ehc.metrics()[h.series("ehc_transitions_total", limit="acknowledge", to="met_late")]), (1.0, 1.0),
             "counters keep their limit when the order changes")
        t.eq(told(hook.requests)[1:], [], "which is no news to anybody")
        ehc.options["limits"] = ["second_look"]
        reload(ehc, SECOND)
        ehc.options["limits"] = ["acknowledge", "second_look"]
        reload(ehc, ACK + SECOND)
        t.eq((told(hook.requests)[1:], limit(ehc, "acknowledge")["states"]["breached"]), ([], 2), "nor is one that goes and comes back")
        ehc.extra = ACK.replace("5 working days", "soon") + SECOND
        ehc.write_config()
        ehc.send(signal.SIGHUP)
        line = ehc.wait_log(r"reload_refused|within: 'soon'")
        t.ok(line and limit(ehc, "acknowledge")["monitored"], "a standard that is wrong refuses the reload, the one before stays")
        reload(ehc, ACK.replace("5 working days", "6 working days") + SECOND)
        moved = [(r.data["case_ref"], r.type, r.data["due_on"]) for r in w.bodies(hook.requests)][1:]
        t.eq(sorted(moved), [(f"EHC-000{n}", "obligation.restated", "2026-06-15") for n in (1, 2, 3)],
             "a standard whose time changes restates the due dates that were told")
        t.eq(ehc.gaps(), [], "all numbers run without a gap")


def automatic(db, hook):
    with watch(db, hook, extra=ACK + SECOND, limits=["auto"]) as ehc:
        cases = w.Casework(db)
        cases.clear()
        cases.case(1, ("request_received", ago(50)), ("assess_agreed", ago(20)))
        cases.event(404, "draft_sent", ago(3))  # of no case
        db.set_now(w.NOON)
        hook.clear()
        ehc.start().wait_ready()
        ehc.settle()
        t.eq([(limit(ehc, x)["monitored"], limit(ehc, x)["why"]) for x in ("assess_decision_6w", "acknowledge", "second_look", "advice_6w")],
             [(True, "watched: assess_agreed occurs in the source"), (True, "watched: assess_agreed occurs in the source"),
              (False, "not watched: none of draft_sent occurs in the source"),
              (False, "not watched: none of advice_received occurs in the source")], "each limit says why it is watched or not")
        cases.event(1, "draft_sent", ago(1))
        ehc.settle()
        t.eq((limit(ehc, "second_look")["why"], ehc.metrics()[h.series("ehc_limit_monitored", limit="second_look")]),
             ("watched: draft_sent occurs in the source", 1.0), "an event that comes brings its standard under watch")
        numbers = ehc.metrics()
        t.eq({x["id"]: float(x["monitored"]) for x in summary(ehc)[0]["limits"]},
             {k.split('"')[1]: v for k, v in numbers.items() if k.startswith("ehc_limit_monitored")}, "metrics and summary agree")
        ehc.options["limits"] = ["all"]
        reload(ehc)
        t.eq({x["why"] for x in summary(ehc)[0]["limits"]}, {"watched: the configuration says all"}, "all are all, standards too")


def the_summary(db, hook):
    with watch(db, hook, limits=["acknowledge", "final_plan_20w", "advice_6w"]) as ehc:
        w.Casework(db).clear()
        db.set_now(w.NOON)
        ehc.start()
        ehc.wait_until(lambda: ehc.answers("/healthz"))
        ehc.wait_ready()
        ehc.cases.case(1, ("request_received", ago(150)))
        ehc.cases.case(2, ("request_received", ago(133)), ("assess_agreed", ago(100)))
        ehc.cases.case(3, ("request_received", ago(1)), ("request_withdrawn", ago(0)))
        ehc.cases.event(404, "request_received", ago(1))
        ehc.settle()
        # The queue is counted once a second.
        s, headers = ehc.wait_until(lambda: (a := summary(ehc))[0]["endpoints"] == [{"name": "desk", "pending": 0, "dead": 0}] and a, what="an empty queue")
        t.eq((s["as_of"], s["known_at"], headers["ehcwatch-rulebook"], headers["ehcwatch-as-of"]),
             ("2026-06-15", "2026-06-15T11:00:00Z", "england-2026.08+local", "2026-06-15"), "it says what it holds for")
        t.eq(s["cases"], {"total": 3, "breached": 1, "stages": {"requested": 1, "assessing": 1, "refused": 0, "plan": 0, "ended": 1}},
             "cases by stage")
        plan = next(x for x in s["limits"] if x["id"] == "final_plan_20w")
        t.eq((plan["kind"], plan["states"]["breached"], plan["states"]["at_risk"], plan["states"]["void"], plan["due"], plan["oldest_overdue"]),
             ("statutory", 1, 1, 1, {"7d": 1, "14d": 1, "28d": 1}, "2026-06-05"), "a limit's numbers")
        t.eq((len(s["limits"]), s["limits"][-1]["id"], [x["states"] for x in s["limits"] if not x["monitored"]]),
             (42, "acknowledge", [None] * 39), "every limit of the rulebook, numbers for those that are watched")
        t.eq(s["findings"]["unknown_case"], 1, "findings")


def refused(db, hook):
    """What is wrong in the file is said with its line; rules -c shows what it comes to."""
    with watch(db, hook) as ehc:
        def check(extra):
            ehc.extra = extra
            ehc.write_config()
            done = ehc.command("check-config")
            line = ehc.conf.read_text(encoding="utf-8").split(extra, 1)[0].count("\n") if extra else 0
            return done.returncode, done.stderr.replace(str(ehc.conf), "F").strip(), line

        code, why, line = check(ACK.replace("request_received", "request_sent"))
        t.eq((code, why), (78, f"F:{line + 3}: start: there is no event 'request_sent'"), "an unknown event")
        code, why, line = check(ACK.replace("acknowledge", "final_plan_20w"))
        t.eq((code, why), (78, f'F:{line + 1}: standard "final_plan_20w": this name is taken'), "a statutory name")
        t.eq(check(ACK + SECOND)[:2], (0, ""), "two that are right")
        shown = json.loads(ehc.command("rules", "--format", "json").stdout)
        t.eq((shown["rulebook"], [x["id"] for x in shown["limits"]][-2:], shown["limits"][-1]["count"], shown["limits"][-1]["n"]),
             ("england-2026.08+local", ["acknowledge", "second_look"], "within_weeks", 3), "rules -c shows them")
        ehc.options["limits"] = ["acknowledge"]
        check("")
        done = ehc.command("rules")
        t.eq((done.returncode, "there is no limit 'acknowledge'" in done.stderr), (78, True), "and refuses what check-config refuses")


with h.Cluster() as cluster, h.Receiver(secret=SECRET) as receiver:
    with w.Watch(cluster) as first:
        first.migrate()
    for part in (end_to_end, unnamed, thresholds, while_a_list_goes_out, coming_and_going, automatic, the_summary, refused):
        with t.case(f"{part.__name__} ran to its end"):
            part(cluster, receiver)
t.done()
