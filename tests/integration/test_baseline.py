#!/usr/bin/python3
"""What is told in one summary: the first run, a new limit, a changed rule, an import of years of cases. All of it is recorded, nothing else is
silenced: not midnight, not the end of an outage, not what comes next."""
import datetime
import signal

import _world as w
from _world import ago, h

SECRET = h.new_secret()
LIMIT = "assess_decision_6w"
OLD = 5000  # cases of the import
DAY = datetime.timedelta(days=1)
t = h.Tap()


def watch(db, hook, **options):
    more = options.pop("extra", "")
    return w.Watch(db, {name: {"url": hook.url("/" + name), "secret": SECRET, "concurrency": 16} for name in ("desk", "mis")},
                   {"limits": [LIMIT], **options}, extra=more)


def noon(day):
    return f"{day} 12:00:00+01"


def load(db, first, n, on, event="request_received"):
    """So many cases, or one event more for each, in one transaction."""
    sql = "INSERT INTO casework.ehc_event (case_id, event, occurred_on) SELECT k, %s, %s FROM generate_series(%s, %s) k"
    if event == "request_received":
        sql = ("INSERT INTO casework.ehc_case (case_id, case_ref) SELECT k, 'K-' || k FROM generate_series(%s, %s) k; " + sql)
        db.sql(sql, (first, first + n - 1, event, on, first, first + n - 1))
    else:
        db.sql(sql, (event, on, first, first + n - 1))


def summaries(hook, endpoint="desk"):
    """(reason, changed cases, limits) of each, in order."""
    return [(r.data["reason"], r.data["changed_cases"], [x["limit"] for x in r.data["limits"]]) for r in hook.requests
            if r.type == "baseline.summary" and r.path == "/" + endpoint]


def alerts(hook, endpoint="desk"):
    return [(r.data["case_ref"], r.data["to"]) for r in w.bodies(hook.requests, path="/" + endpoint)]


def recorded(db):
    """(transitions, of which told to nobody)"""
    return db.sql("SELECT count(*), count(*) FILTER (WHERE NOT EXISTS (SELECT FROM ehcwatch.outbox o WHERE o.transition_id = t.transition_id))"
                  " FROM ehcwatch.transition t")[0]


def imported(db, hook):
    """5,000 historical breaches: one summary for each endpoint, and the next change is told."""
    with watch(db, hook) as ehc:
        load(db, 1, 300, ago(10))
        ehc.start().wait_ready()
        ehc.settle()
        t.eq([summaries(hook, x) for x in ("desk", "mis")], [[("first_run", None, [LIMIT])]] * 2, "the first run is one summary for each endpoint")
        t.eq(recorded(db), (0, 0), "with it the story begins: no transition yet")
        ehc.kill()
        ehc.start().wait_ready()
        load(db, 1001, OLD, ago(400))
        ehc.cases.hint()
        ehc.settle()
        t.eq([summaries(hook, x)[1:] for x in ("desk", "mis")], [[("bulk_import", OLD, [LIMIT])]] * 2, "5,000 breaches of last year: one summary more")
        t.eq((alerts(hook), recorded(db), ehc.gaps()), ([], (OLD, OLD), []), "no alert, and every transition recorded")
        now = [r.data["limits"][0] for r in hook.requests if r.type == "baseline.summary"][-1]
        t.eq((now["breached"], now["on_track"], now["reason"]), (OLD, 300, "bulk_import"), "it says how things stand")
        t.eq(ehc.metrics()[h.series("ehc_obligations", limit=LIMIT, state="breached")], OLD, "nothing is hidden")
        ehc.cases.event(1001, "assess_agreed", ago(1))
        ehc.cases.case(9001, ("request_received", ago(60)))
        ehc.cases.hint()
        ehc.settle()
        t.eq(sorted(alerts(hook)), [("EHC-9001", "breached"), ("K-1001", "met_late")], "the next changes are told")
        seqs = {r.data["case_ref"]: r.data["event_seq"] for r in w.bodies(hook.requests)}
        t.eq(seqs, {"EHC-9001": 1, "K-1001": 2}, "under the number that follows what was not")
        t.eq(len(ehc.log_lines("bulk_import: ")), 1, "the log says it")


def interrupted(db, hook):
    """kill -9 in the middle of an import: whoever goes on with it does not tell the rest."""
    with watch(db, hook) as ehc:
        load(db, 1, 300, ago(10))
        ehc.start().wait_ready()
        ehc.settle()
        with w.Lock(db, "ehcwatch.transition"):
            load(db, 1001, 600, ago(400))
            ehc.cases.hint()
            ehc.wait_until(lambda: db.value("SELECT bulk_cases FROM ehcwatch.evaluation") == 600, what="the import to begin")
            ehc.kill()
        db.sql("DELETE FROM casework.ehc_event WHERE case_id > 1050; DELETE FROM casework.ehc_case WHERE case_id > 1050")
        ehc.start().wait_ready()  # what is left of it would be no import by itself
        ehc.settle()
        t.eq(([s[:2] for s in summaries(hook)], alerts(hook), recorded(db)),
             ([("first_run", None), ("bulk_import", 600)], [], (50, 50)), "it is ended as it was begun, with one summary")
        ehc.cases.event(1001, "assess_agreed", ago(1))
        ehc.cases.hint()
        ehc.settle()
        t.eq(alerts(hook), [("K-1001", "met_late")], "and then it is over")


def outage(db, hook):
    """Midnight, and a month in which the daemon did not run, with an import at its end: what came about meanwhile is told, all of it."""
    with watch(db, hook) as ehc:
        load(db, 1, 200, ago(41))  # due tomorrow
        load(db, 201, 200, ago(20))  # due within the outage
        load(db, 401, 200, ago(20))  # answered within it
        ehc.start().wait_ready()
        ehc.settle()
        db.set_clock(noon(w.TODAY + 2 * DAY))
        ehc.wait_until(lambda: len(alerts(hook)) == 200, what="two hundred alerts")
        ehc.settle()
        t.eq((set(alerts(hook)), len(summaries(hook))), ({(f"K-{n}", "breached") for n in range(1, 201)}, 1),
             "a third of the caseload breaks at midnight: each is told")
        ehc.kill()
        hook.clear()
        load(db, 401, 200, ago(-15), "assess_agreed")
        load(db, 1001, 2000, ago(700))
        db.set_clock(noon(w.TODAY + 32 * DAY))
        ehc.start().wait_ready()
        ehc.settle()
        told = alerts(hook)
        want = {(f"K-{n}", "breached") for n in range(201, 401)} | {(f"K-{n}", "met") for n in range(401, 601)}
        t.eq((len(told), set(told) == want), (400, True), "after a month: four hundred changes of that month, each once")
        t.eq([s[:2] for s in summaries(hook)], [("bulk_import", 2000)], "and what was imported in one summary")
        t.eq((recorded(db), ehc.gaps()), ((2600, 2000), []), "all is recorded")


def turned_off(db, hook):
    """bulk_share = 0: each is told. A share below, or no more than a hundred: each is told, too."""
    with watch(db, hook, bulk_share=0) as ehc:
        load(db, 1, 100, ago(10))
        ehc.start().wait_ready()
        ehc.settle()
        load(db, 1001, 150, ago(400))
        ehc.cases.hint()
        ehc.settle()
        t.eq((len(alerts(hook)), len(summaries(hook))), (150, 1), "0: an import is told one by one")
        ehc.options["bulk_share"] = 50
        ehc.write_config()
        ehc.send(signal.SIGHUP)
        ehc.wait_log("reloaded")
        hook.clear()
        load(db, 2001, 100, ago(400))
        ehc.cases.hint()
        ehc.settle()
        t.eq(len(alerts(hook)), 100, "a hundred are not many")
        load(db, 3001, 200, ago(400))
        ehc.cases.hint()
        ehc.settle()
        t.eq(len(alerts(hook)), 300, "two hundred of five hundred and fifty are not half")
        load(db, 4001, 600, ago(400))
        ehc.cases.hint(*range(4001, 4601))
        ehc.settle()
        t.eq((len(alerts(hook)), [s[:2] for s in summaries(hook)]), (300, [("bulk_import", 600)]), "six hundred of eleven hundred and fifty are, also when hinted")


def rules(db, hook):
    """A changed rule: what it alone changed is not told, what happened meanwhile is; a new limit beside it has its own beginning."""
    with watch(db, hook) as ehc:
        load(db, 1, 20, ago(36))  # due in six days
        load(db, 101, 20, ago(30))  # in twelve: at risk of it, but not from ten days before
        db.sql("UPDATE casework.ehc_event SET recorded_at = occurred_on")
        ehc.start().wait_ready()
        ehc.settle()
        ehc.kill()
        ehc.cases.case(201, ("request_received", ago(60)))
        ehc.cases.event(101, "assess_agreed", ago(2))
        ehc.extra = f'threshold "{LIMIT}" {{ warn_days = 10 }}\n'
        ehc.options["limits"] = [LIMIT, "final_plan_20w"]
        ehc.write_config()
        ehc.start().wait_ready()
        ehc.settle()
        t.eq(sorted(alerts(hook)), [("EHC-0201", "breached"), ("K-101", "met")], "what happened is told")
        t.eq(summaries(hook)[1:], [("rulebook", None, [LIMIT, "final_plan_20w"])], "what the rule did, in one summary")
        reasons = {x["limit"]: x["reason"] for r in hook.requests if r.type == "baseline.summary" for x in r.data["limits"]}
        t.eq(reasons, {LIMIT: "rulebook", "final_plan_20w": "new_limit"}, "which says of each limit why")
        t.eq((recorded(db), ehc.gaps()), ((21, 19), []), "and all is recorded")
        db.set_clock(noon(w.TODAY + 7 * DAY))
        ehc.wait_until(lambda: len([a for a in alerts(hook) if a[1] == "breached"]) == 21, what="what falls due next")
        ehc.settle()
        t.eq(len(summaries(hook)), 2, "and then all is told as ever")
        hook.clear()
        ehc.kill()
        ehc.start().wait_ready()
        ehc.settle()
        t.eq(hook.requests, [], "a restart under the same rules is nothing")


def main():
    with h.Cluster() as db, h.Receiver(secret=SECRET) as hook:
        with w.Watch(db) as ehc:
            ehc.migrate()
        for scene in (imported, interrupted, outage, turned_off, rules):
            w.Casework(db).clear()
            db.set_clock(w.NOON)
            hook.clear()
            with t.case(scene.__doc__.split("\n")[0].rstrip(".")):
                scene(db, hook)


main()
t.done()
