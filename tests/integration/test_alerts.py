#!/usr/bin/python3
"""A fact is recorded, and whoever should hear of it does: each transition, each filter, the baseline, hints."""
import datetime
import re
import signal

import _world as w
from _world import ago, h

SECRET = h.new_secret()
t = h.Tap()
MINE = ("assess_decision_6w", "final_plan_20w")


def kinds(requests, *fields):
    return [tuple(r.data[f] for f in ("limit", *fields)) for r in requests]


def summary_of(requests):
    return [[x["limit"] for x in r.data["limits"]] for r in requests if r.type == "baseline.summary"]


def watch(db, hook, webhooks=None, **options):
    return w.Watch(db, webhooks=webhooks or {"desk": {"url": hook.url(), "secret": SECRET}}, options=options)


def begin(db, hook, ehc, now=w.NOON):
    """An empty case system, baselined, at `now`."""
    w.Casework(db).clear()
    db.set_now(now)
    hook.clear()
    ehc.start().wait_ready()
    ehc.settle()


def each_state(db, hook):
    with watch(db, hook) as ehc:
        begin(db, hook, ehc)
        add = ehc.cases

        def told(number):
            ehc.settle()
            return [(r.type.split(".")[1], r.data["limit"], r.data["from"], r.data["to"]) for r in w.bodies(hook.requests, f"EHC-{number:04d}")]

        add.case(1, ("request_received", ago(30), "school"))
        t.eq(told(1), [("at_risk", "assess_decision_6w", "none", "at_risk")], "at_risk; a limit that is on track is not told")
        add.case(2, ("request_received", ago(43)))
        t.eq(told(2), [("breached", "assess_decision_6w", "none", "breached")], "breached")
        add.event(1, "assess_agreed", ago(1))
        t.eq(told(1)[1:], [("met", "assess_decision_6w", "at_risk", "met")], "met")
        add.event(2, "assess_agreed", ago(0))
        t.eq(told(2)[1:], [("met_late", "assess_decision_6w", "breached", "met_late")], "met_late")
        with add.together():
            add.case(3, ("request_received", ago(60)))
            add.claim(3, "personal", ago(50), ago(40))
        t.eq(told(3), [("excepted", "assess_decision_6w", "none", "excepted")], "excepted")
        add.case(4, ("request_received", ago(43)))
        told(4)
        add.claim(4, "personal", ago(20), ago(10))
        t.eq(told(4)[1:], [("excepted", "assess_decision_6w", "breached", "excepted")], "a breach that is excepted afterwards")
        add.case(5, ("request_received", ago(10)))
        told(5)
        add.event(5, "request_withdrawn", ago(2))
        t.eq(told(5), [("void", x, "on_track", "void") for x in MINE], "void: withdrawn in time, both limits")
        add.case(6, ("request_received", ago(60)))
        told(6)
        add.event(6, "request_withdrawn", ago(2))
        t.eq(told(6)[1:], [("missed", MINE[0], "breached", "missed"), ("void", MINE[1], "on_track", "void")], "missed")

        add.case(7, ("request_received", ago(10)))
        told(7)
        with add.together():
            add.void(7, "request_received")
            add.event(7, "request_received", ago(20))
        t.eq(sorted(told(7)), sorted([("restated", x, "none", "on_track") for x in MINE]
                                     + [("void", x, "on_track", "void") for x in MINE]), "restated: the start date was corrected")
        moved = [r for r in w.bodies(hook.requests, "EHC-0007") if r.type == "obligation.restated"]
        t.ok(all({"step": "due_before", "fact": "the due date told before",
                  "date": str(datetime.date.fromisoformat(r.data["due_on"]) + datetime.timedelta(10))} in r.data["why"]
                 for r in moved), "with the due date that was told before")
        add.case(8, ("request_received", ago(30)), ("assess_agreed", ago(5)))
        told(8)
        add.void(8, "assess_agreed")
        t.eq(told(8), [("met", MINE[0], "none", "met"), ("restated", MINE[0], "met", "at_risk")],
             "restated: the closing event was voided")
        add.case(9, ("request_received", ago(60)))
        told(9)
        add.event(9, "assess_agreed", ago(20))
        t.eq(told(9)[1:], [("restated", MINE[0], "breached", "met")], "restated: recorded late, met in time")
        add.event(9, "panel_lunch", ago(1))
        add.event(404, "request_received", ago(60))
        before = len(hook.requests)
        ehc.settle()
        numbers = ehc.metrics()
        t.eq((len(hook.requests) - before, [numbers[h.series("ehc_source_rows_rejected", reason=r)] for r in ("unknown_event", "unknown_case")]),
             (0, [1.0, 1.0]), "an unknown event and an event of an unknown case are counted, and told to nobody")
        t.eq(numbers[h.series("ehc_transitions_total", limit=MINE[0], to="missed")], 1.0, "and the transitions are counted")
        db.sql("DELETE FROM casework.ehc_case WHERE case_id = 1; DELETE FROM casework.ehc_event WHERE case_id = 1")
        ehc.settle()
        t.eq(ehc.transitions(1)[2:], [(1, MINE[0], str(ago(30)), "met", "void"), (1, MINE[1], str(ago(30)), "on_track", "void")],
             "a case that is deleted is told as void")
        t.eq([(r.data["limit"], r.data["why"][-1]["step"]) for r in w.bodies(hook.requests, "EHC-0001")[2:]], [(x, "withdrawn") for x in MINE],
             "under its reference")
        t.eq(ehc.gaps(), [], "all numbers run without a gap")
        by_case = {}
        for r in w.bodies(hook.requests):
            by_case.setdefault(r.data["case_ref"], []).append(r.data["event_seq"])
        t.ok(all(s == list(range(1, len(s) + 1)) for s in by_case.values()), "event_seq arrives in order", by_case)
        t.eq([r.fault for r in hook.requests if r.fault], [], "every signature is good")
        t.eq(w.sign_off(hook.requests, SECRET), [], "to the Standard Webhooks library and a second verifier too")
        t.eq((len({r.id for r in hook.requests}), len(hook.requests)), (len(hook.requests), len(hook.requests)), "each was sent once")


def the_body(db, hook):
    with watch(db, hook, public_url="https://ehc.example/watch") as ehc:
        begin(db, hook, ehc)
        ehc.cases.case(1, ("request_received", ago(50), "school"), ref="Fälle/1 \"£\"", locality="St Ann's", team="Zoë & Co")
        ehc.settle()
        (r,) = w.bodies(hook.requests)
        body = r.json()
        t.ok(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", body.pop("timestamp")), "the body's timestamp is in UTC")
        text = re.sub(r", recorded on [^.]*", "", body["data"].pop("text"))  # the day of this test
        t.eq(text, "Decide whether to assess, on Monday 15 June 2026: 8 days late, not closed. Start: request for an assessment"
             " received (school), Sunday 26 April 2026. Counted: 6 weeks after 26 April 2026, the day itself not counted. Due:"
             " Sunday 7 June 2026; the last working day in time was Friday 5 June 2026. Closes with: family told that an assessment"
             " will be made, or family told that no assessment will be made. Source: SEND Regulations 2014 reg 5(1) (the"
             " instrument's own words were read).", "the body explains itself in one paragraph")
        t.eq(body, {"type": "obligation.breached", "data": {
            "event_seq": 1, "case_ref": "Fälle/1 \"£\"", "limit": "assess_decision_6w", "title": "Decide whether to assess",
            "kind": "statutory", "subject": "", "from": "none", "to": "breached", "start_on": "2026-04-26", "due_on": "2026-06-07",
            "safe_on": "2026-06-06", "act_by": "2026-06-05", "closed_on": None, "days": 8, "as_of": "2026-06-15",
            "known_at": "2026-06-15T11:00:00Z", "rulebook": "england-2026.08", "citation": "SEND Regulations 2014 reg 5(1)",
            "evidence": "read", "why": [
                {"step": "start", "fact": "request_received", "date": "2026-04-26"},
                {"step": "count", "fact": "6 weeks after 26 April 2026, the day itself not counted", "date": "2026-06-07"},
                {"step": "open", "fact": "no event has closed it", "date": "2026-06-15"}],
            "locality": "St Ann's", "team": "Zoë & Co", "link": "https://ehc.example/watch/v1/cases/F%C3%A4lle%2F1%20%22%C2%A3%22"}},
             "the body is as the interface says, whatever the texts hold")
        t.eq(r.headers["content-type"], "application/json", "and says so")
        with ehc.cases.together():
            ehc.cases.event(1, "assess_refused", ago(2))
            ehc.cases.claim(1, "claimed")
        ehc.settle()
        late = w.bodies(hook.requests)[1].json()["data"]
        t.eq((late["to"], late["closed_on"], late["why"][2:]),
             ("excepted", "2026-06-13", [{"step": "closed", "fact": "assess_refused", "date": "2026-06-13"},
                                          {"step": "exception", "fact": "exception unverified", "date": None}]),
             "a closed obligation names what closed it and the exception")
        t.eq([r.fault for r in hook.requests if r.fault] + w.sign_off(hook.requests, SECRET), [], "and verifies")


def moved_due_date(db, hook):
    with watch(db, hook, limits=["plan_transfer_15wd"]) as ehc:
        begin(db, hook, ehc)
        ehc.cases.case(1, ("plan_issued", ago(200)), ("move_known", datetime.date(2026, 6, 8)))
        ehc.settle()
        t.eq(ehc.transitions(), [], "on track, so nobody is told")
        ehc.cases.event(1, "moved_out", datetime.date(2026, 7, 10))
        ehc.settle()
        (r,) = w.bodies(hook.requests)
        t.eq((r.type, r.data["from"], r.data["to"], r.data["due_on"], r.data["why"][-1]),
             ("obligation.restated", "on_track", "on_track", "2026-07-10",
              {"step": "due_before", "fact": "the due date told before", "date": "2026-06-26"}), "restated: the due date moved")
        ehc.settle()
        t.eq(len(w.bodies(hook.requests)), 1, "once")


FILTERS = {
    "all": {},
    "limit": {"limits": ["final_plan_20w"]},
    "state": {"states": ["breached", "met_late"]},
    "restated": {"states": ["restated"]},
    "kind": {"kinds": ["target"]},
    "north": {"localities": ["North"]},
    "team": {"teams": ["T2", "Zoë"]},
    "both": {"localities": ["North"], "states": ["at_risk"]},
    "off": {"enabled": False},
}


def filters(db, hook):
    webhooks = {n: {"url": hook.url("/" + n), "secret": SECRET, **f} for n, f in FILTERS.items()}
    with watch(db, hook, webhooks, limits=["assess_decision_6w", "final_plan_20w", "issue_decision_16w"]) as ehc:
        begin(db, hook, ehc)
        t.eq(sorted(r.path for r in hook.requests), sorted("/" + n for n in FILTERS if n != "off"), "every enabled endpoint gets the summary")
        ehc.cases.case(1, ("request_received", ago(45)), locality="North", team="T1")  # assess breached
        ehc.cases.case(2, ("request_received", ago(150)), ("assess_agreed", ago(120)), locality="South", team="T2")
        ehc.cases.case(3, ("request_received", ago(30)), locality="North", team="Zoë")  # assess at_risk
        ehc.settle()
        ehc.cases.event(1, "assess_agreed", ago(44))  # the breach was none: restated
        ehc.settle()
        a1, a2 = (1, "assess_decision_6w", "breached"), (1, "assess_decision_6w", "restated")
        b = [(2, "assess_decision_6w", "met"), (2, "final_plan_20w", "breached"), (2, "issue_decision_16w", "breached")]
        c = (3, "assess_decision_6w", "at_risk")
        want = {"all": [a1, a2, *b, c], "limit": b[1:2], "state": [a1, a2, *b[1:]], "restated": [a2], "kind": b[2:],
                "north": [a1, a2, c], "team": [*b, c], "both": [c], "off": []}
        for name, expected in want.items():
            got = [(int(r.data["case_ref"][4:]), r.data["limit"], r.type.split(".")[1]) for r in w.bodies(hook.requests, path="/" + name)]
            t.eq(sorted(got), sorted(expected), f"endpoint {name}: {FILTERS[name]}")
        same = {}
        for r in w.bodies([r for r in hook.requests if r.path == "/all"]):
            same[r.id] = r.body
        t.ok(all(same[r.id] == r.body for r in hook.requests if r.type != "baseline.summary"),
             "one transition has one id and one body for every endpoint")


def baseline(db, hook):
    """Who begins to watch is told how things stand, once, and of nothing that is past."""
    w.Casework(db).clear()
    cases = w.Casework(db)
    for n in range(1, 31):
        cases.case(n, ("request_received", ago(10 * n)))
    db.set_now(w.NOON)
    with watch(db, hook, limits=["assess_decision_6w"]) as ehc:
        hook.clear()
        ehc.start().wait_ready()
        ehc.settle()
        t.eq(summary_of(hook.requests), [["assess_decision_6w"]], "one summary")
        line = hook.requests[0].data["limits"][0]
        t.eq((hook.requests[0].data["cases"], line["breached"], line["at_risk"], line["on_track"], hook.requests[0].data["breached_cases"]),
             (30, 26, 2, 2, 26), "with the counts")
        t.eq((len(hook.requests), ehc.transitions()), (1, []), "and nothing else: 26 old breaches alert nobody")
        cases.case(31, ("request_received", ago(50)))
        ehc.settle()
        t.eq(kinds(w.bodies(hook.requests), "to"), [("assess_decision_6w", "breached")], "a fact recorded afterwards does")
        ehc.stop()
        cases.case(32, ("request_received", ago(50)))
        ehc.start().wait_ready()
        ehc.settle()
        t.eq((len(summary_of(hook.requests)), [r.data["case_ref"] for r in w.bodies(hook.requests)]), (1, ["EHC-0031", "EHC-0032"]),
             "a restart is no baseline, and what came while the daemon was away is told")

        ehc.options["limits"] = ["assess_decision_6w", "issue_decision_16w"]
        ehc.write_config()
        hook.clear()
        cases.case(33, ("request_received", ago(150)))  # both limits broken; one of them is new
        ehc.send(signal.SIGHUP)
        ehc.wait_log("reloaded")
        hook.wait_for(summary_of, what="a summary")
        ehc.settle()
        t.eq(summary_of(hook.requests), [["issue_decision_16w"]], "a limit that is new under watch: one summary, for it alone")
        new = [r.data["case_ref"] for r in w.bodies(hook.requests) if r.data["limit"] == "issue_decision_16w"]
        old = [r.data["case_ref"] for r in w.bodies(hook.requests) if r.data["limit"] != "issue_decision_16w"]
        t.eq((new, old), ([], ["EHC-0033"]), "no alert for its past; the old limit goes on telling")
        hook.clear()
        cases.case(34, ("request_received", ago(150)))
        ehc.settle()
        t.eq(sorted(kinds(w.bodies(hook.requests), "to")), [("assess_decision_6w", "breached"), ("issue_decision_16w", "breached")],
             "then both tell")

        ehc.options["limits"] = ["issue_decision_16w"]
        ehc.write_config()
        ehc.send(signal.SIGHUP)
        h.wait_until(lambda: len(ehc.log_lines("reloaded:")) == 2, what="the second reload")
        ehc.settle()
        hook.clear()
        cases.case(35, ("request_received", ago(60)))
        ehc.settle()
        t.eq([r.body for r in hook.requests], [], "a limit that is not watched is silent")
        ehc.options["limits"] = ["issue_decision_16w", "assess_decision_6w"]
        ehc.write_config()
        ehc.send(signal.SIGHUP)
        hook.wait_for(summary_of, what="a summary")
        ehc.settle()
        t.eq((summary_of(hook.requests), len(hook.requests)), ([["assess_decision_6w"]], 1),
             "and begins with a summary when it is watched again")
        t.eq(ehc.gaps(), [], "all numbers run without a gap")


def automatic(db, hook):
    """limits = auto follows what occurs, and a stray row does not make it read without a pause."""
    cases = w.Casework(db)
    cases.clear()
    cases.case(1, ("request_received", ago(50)), ("assess_agreed", ago(20)))
    cases.event(404, "mediation_held", ago(20))  # of no case: its limit is not under watch
    cases.event(1, "icb_notified", datetime.date(2250, 1, 1))  # no rule counts from there
    db.set_now(w.NOON)
    with watch(db, hook, limits=["auto"], poll_interval=3600) as ehc:
        hook.clear()
        ehc.start().wait_ready()
        ehc.delivered()
        hook.wait_for(summary_of, what="a summary")
        ehc.settle()
        t.ok(ehc.comes_to_rest(), "nothing is read while nobody asks", f"{ehc.evaluations()} readings")
        watched = {k for k in ehc.metrics() if k.startswith("ehc_oldest_overdue_seconds")}
        t.eq(watched, {h.series("ehc_oldest_overdue_seconds", limit=x) for x in ("assess_decision_6w", "order_assess_notify_2w")},
             "the limits whose closing events occur in a case")
        hook.clear()
        cases.case(2, ("request_received", ago(200)), ("assess_agreed", ago(190)), ("plan_issued", ago(1)))
        ehc.settle()
        hook.wait_for(summary_of, what="a summary")
        t.ok("final_plan_20w" in summary_of(hook.requests)[0] and "assess_decision_6w" not in summary_of(hook.requests)[0],
             "a closing event that is new brings its limits under watch, with a summary", summary_of(hook.requests))
        t.eq(kinds(w.bodies(hook.requests), "to"), [("assess_decision_6w", "met")], "and the limits before go on telling")


def hints(db, hook):
    """With a poll interval of an hour only hints set the daemon going."""
    with watch(db, hook, poll_interval=3600) as ehc:
        begin(db, hook, ehc)
        cases = ehc.cases
        ehc.comes_to_rest()
        for n in range(1, 6):
            cases.case(n, ("request_received", ago(43 + n)))
        t.eq(ehc.transitions(), [], "nothing is read before a hint")
        cases.hint(2, 4)
        hook.wait_for(lambda seen: len(w.bodies(seen)) == 2, what="two messages")
        ehc.delivered()
        t.eq(sorted(r.data["case_ref"] for r in w.bodies(hook.requests)), ["EHC-0002", "EHC-0004"], "a hint with ids reads those")
        cases.hint(2, 2, 2, 999999)
        cases.hint(4)
        cases.event(2, "assess_agreed", ago(0))
        db.sql("DELETE FROM casework.ehc_case WHERE case_id = 4; DELETE FROM casework.ehc_event WHERE case_id = 4")
        cases.hint(2, 4)
        ehc.wait_until(lambda: len(ehc.transitions()) == 5, what="two limits withdrawn and one met late")
        t.eq([(x[0], x[3], x[4]) for x in ehc.transitions()],
             [(2, "none", "breached"), (2, "breached", "met_late"), (4, "none", "breached"), (4, "breached", "void"), (4, "on_track", "void")],
             "a hinted case that changed, and one that is gone")
        cases.hint()
        hook.wait_for(lambda seen: {"EHC-0001", "EHC-0003", "EHC-0005"} <= {r.data["case_ref"] for r in w.bodies(seen)}, what="the rest")
        t.ok(True, "a hint without ids reads everything")
        for number, odd in enumerate(("now please", ",", "1;2", "99999999999999999999", "7 8", "0x10"), 100):
            cases.case(number, ("request_received", ago(50)))
            db.sql("SELECT pg_notify(%s, %s)", (w.CHANNEL, odd))
            ehc.wait_until(lambda n=number: ehc.transitions(n), what=f"a full reading after {odd!r}")
        t.ok(True, "a hint that is not a list of ids reads everything")
        t.eq(ehc.gaps(), [], "all numbers run without a gap")


def many(db, hook):
    """500 facts in one transaction."""
    with watch(db, hook, bulk_share=0) as ehc:
        begin(db, hook, ehc)
        db.sql("INSERT INTO casework.ehc_case (case_id, case_ref) SELECT n, 'EHC-' || to_char(n, 'FM0000') FROM generate_series(1, 500) n;"
               " INSERT INTO casework.ehc_event (case_id, event, occurred_on) SELECT n, 'request_received', %s FROM generate_series(1, 500) n",
               (ago(50),))
        ehc.settle()
        got = w.bodies(hook.requests)
        t.eq((len(got), len({r.data["case_ref"] for r in got}), {r.type for r in got}), (500, 500, {"obligation.breached"}), "500 messages, one each")
        t.eq([r for r in hook.requests if r.fault], [], "all signed")
        db.sql("INSERT INTO casework.ehc_event (case_id, event, occurred_on) SELECT n, 'assess_agreed', %s FROM generate_series(1, 500) n", (ago(1),))
        ehc.settle()
        order = {}
        for r in w.bodies(hook.requests):
            order.setdefault(r.data["case_ref"], []).append((r.data["event_seq"], r.data["to"]))
        t.ok(all(x == [(1, "breached"), (2, "met_late")] for x in order.values()) and len(order) == 500, "and 500 more, in order for each case")
        t.eq(ehc.metrics()[h.series("ehc_deliveries_total", endpoint="desk")], 1001.0, "as the metrics count")


with h.Cluster() as cluster, h.Receiver(secret=SECRET) as receiver:
    with w.Watch(cluster) as first:
        first.migrate()
    for part in (each_state, the_body, moved_due_date, filters, baseline, automatic, hints, many):
        with t.case(f"{part.__name__} ran to its end"):
            part(cluster, receiver)
t.done()
