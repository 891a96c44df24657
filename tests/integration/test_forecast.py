#!/usr/bin/python3
"""The forecast and the clearance plan on the demo caseload: against plain SQL where it can tell, past forecasts against what came, and all forms
of an answer against each other.

SQL knows nothing of limits or stages here: it counts days from the request."""
import csv
import datetime
import html
import io
import json

import _world as w
import openpyxl
from _world import h

import backtest

t = h.Tap()
AS_OF, CASES = datetime.date(2026, 11, 22), 6000
FIRST = datetime.date(2026, 3, 15)  # of the days whose forecasts are looked at
WEEKS = (1, 2, 4, 8)
TABLES = {"/v1/forecast": ("expected", "limits", "stages", "cases"), "/v1/clearance": ("policies", "by_week", "needs", "cases")}

# Each assessment: its request, the first plan, and whether it is open on the day.
COURSE = f"""
CREATE TEMPORARY TABLE course AS
WITH fact AS (SELECT * FROM casework.ehc_event WHERE voided_at IS NULL AND occurred_on <= '{AS_OF}'),
     step AS (SELECT case_id, min(occurred_on) FILTER (WHERE event = 'request_received') AS request,
                     min(occurred_on) FILTER (WHERE event = 'plan_issued') AS plan,
                     min(occurred_on) FILTER (WHERE event IN ('request_withdrawn', 'moved_out', 'case_closed', 'plan_transferred_in')) AS gone,
                     max(occurred_on) FILTER (WHERE event IN ('assess_refused', 'issue_refused')) AS refused,
                     max(occurred_on) FILTER (WHERE event IN ('assess_agreed', 'issue_agreed', 'draft_sent')) AS worked,
                     min(occurred_on) FILTER (WHERE event IN ('assess_agreed', 'assess_refused', 'issue_agreed', 'issue_refused',
                                                              'draft_sent', 'plan_issued')) AS decided,
                     max(occurred_on) FILTER (WHERE event = 'draft_sent') AS draft
              FROM fact GROUP BY case_id)
SELECT case_ref, team, step.*, plan IS NULL AND gone IS NULL AND (refused IS NULL OR worked > refused) AS open, refused IS NOT NULL AS again,
       (SELECT min(occurred_on) FROM casework.ehc_event e WHERE e.case_id = step.case_id AND voided_at IS NULL AND event = 'moved_out') AS moves
FROM step JOIN casework.ehc_case USING (case_id) WHERE request IS NOT NULL;
"""
# Within their limit on the day, and over it so many weeks later if nothing moves.
DUE = "SELECT count(*) FROM course WHERE open AND NOT again AND {0} AND request + {1} >= '{2}' AND request + {1} < date '{2}' + {3}" \
      " AND coalesce(moves > request + {1}, true) AND {4}"


def ask(ehc, path):
    code, _, body = ehc.http(path, timeout=60)
    if code != 200:
        raise RuntimeError(f"{path}: {code} {body[:300]}")
    return json.loads(body) if ".csv" not in path else list(csv.DictReader(io.StringIO(body.decode())))


def if_nothing_moves(ehc, sql):
    whole = None
    for team in (None, "North", "South", "West", "Post-16"):
        rows = ask(ehc, "/v1/forecast" + (f"?team={team}" if team else ""))["expected"]
        got = {(r["limit"], r["weeks"]): r["if_nothing_moves"] + r["excepted"] for r in rows}
        where = f"team = '{team}'" if team else "true"
        want = {(limit, n): sql(DUE.format(still, days, AS_OF, 7 * n, where))[0][0]
                for limit, still, days in (("final_plan_20w", "true", 140), ("assess_decision_6w", "decided IS NULL", 42)) for n in WEEKS}
        t.eq(got, want, f"if nothing moves, as SQL counts it: {team or 'all teams'}")
        parts = [r["if_nothing_moves"] for r in rows]
        whole = ([a - b for a, b in zip(whole, parts)] if whole else parts) if team is None or whole else parts
    t.eq(whole, [0] * 8, "the teams add up to the whole")


def the_list(ehc, sql):
    items = ask(ehc, "/v1/forecast.json?table=cases")["items"]
    doc = ask(ehc, "/v1/forecast")
    counted = {r["limit"]: r for r in doc["limits"]}
    for limit in counted:
        mine = [i for i in items if i["limit"] == limit and not i["excepted"]]
        t.eq([sum(i["weeks"] <= n for i in mine) for n in WEEKS],
             [counted[limit][f"in_{n}_week{'s' * (n > 1)}"] for n in WEEKS], f"what is counted is listed: {limit}")
    t.eq([r["limit"] for r in doc["limits"]][0], "final_plan_20w", "the 20 weeks come first")
    plans = [i for i in items if i["limit"] == "final_plan_20w" and not i["excepted"]]
    for row in doc["expected"][:4]:
        said = sum(i["chance"] for i in plans if i["weeks"] <= row["weeks"])
        t.ok(abs(said - row["expected"]) < 0.06 and row["expected_low"] <= row["expected"] <= row["expected_high"] <= row["if_nothing_moves"],
             f"the chances add up to what is expected: {row['weeks']} weeks", (said, row))
    refs = {r for (r,) in sql("SELECT case_ref FROM course WHERE open")}
    t.eq([i["case_ref"] for i in plans if i["case_ref"] not in refs], [], "only open cases are listed")
    only = ask(ehc, "/v1/forecast.json?table=cases&limit=assess_decision_6w&team=West")["items"]
    t.eq(only, [i for i in items if i["limit"] == "assess_decision_6w" and i["team"] == "West"], "by limit and team")


def rates(ehc, sql):
    doc = ask(ehc, "/v1/clearance")
    since = AS_OF - datetime.timedelta(days=56)
    plans, requests, opened, overdue = sql(
        f"SELECT count(*) FILTER (WHERE plan > '{since}'), count(*) FILTER (WHERE request > '{since}'), count(*) FILTER (WHERE open),"
        f" count(*) FILTER (WHERE open AND '{AS_OF}' - request > 140) FROM course")[0]
    t.eq((doc["recent_plans"], doc["recent_requests"], doc["open"], doc["overdue"]), (plans, requests, opened, overdue),
         "plans and requests of 8 weeks, open and overdue cases, as SQL counts them")
    figures = ask(ehc, "/v1/figures")
    t.eq((doc["open"] - doc["open_again"], doc["open_again"]), (figures["open_now"], figures["reopened"]),
         "what is open is what the published figure will count, and what is taken up again")
    t.eq((doc["capacity"], doc["arrivals"]), (plans / 8, requests / 8), "the rates are their mean")
    now = [r for r in doc["by_week"] if r["week"] == 0]
    year, in_time, over_52, longest = sql(
        f"SELECT count(*) FILTER (WHERE plan > date '{AS_OF}' - 364), count(*) FILTER (WHERE plan > date '{AS_OF}' - 364 AND plan - request <= 140),"
        f" count(*) FILTER (WHERE open AND '{AS_OF}' - request > 364), max('{AS_OF}' - request) FILTER (WHERE open) FROM course")[0]
    t.eq([(r["open"], r["overdue"], r["over_52"], r["longest_wait_weeks"], r["year_in_time_share"]) for r in now],
         [(opened, overdue, over_52, round(longest / 7, 1), round(in_time / year, 4))] * 3, "each policy begins where things stand")


def the_plan(ehc, sql):
    doc = ask(ehc, "/v1/clearance?capacity=20.5&arrivals=30&save=35&weeks=30&policy=mix")
    for policy in ("oldest", "nearest", "mix"):
        rows = [r for r in doc["by_week"] if r["policy"] == policy]
        t.eq(len(rows), 31, f"30 weeks and now: {policy}")
        lost = [b["week"] for a, b in zip(rows, rows[1:]) if b["open"] != a["open"] + b["arrivals"] - b["issued"] - b["without_plan"]]
        t.eq(lost, [], f"nobody is lost: {policy}")
        t.ok(sum(r["capacity"] for r in rows[1:]) == 615 and sum(r["arrivals"] for r in rows[1:]) == 900, f"rates with fractions: {policy}")
    table = {r["save"]: r for r in doc["policies"]}
    t.eq(sorted(table), sorted([x / 10 for x in range(11)] + [0.35]), "the shares, and the one asked for")
    t.eq([s for s, r in table.items() if r["chosen"]], [0.35], "which is marked")
    gains = [table[s]["in_time"] for s in sorted(table)]
    t.ok(gains == sorted(gains) and gains[-1] > gains[0], "the more is kept for those in time, the more are in time", gains)
    t.ok(table[1.0]["longest_held_weeks"] > table[0.0]["longest_held_weeks"], "and the longer the oldest wait")
    t.eq((table[0.0]["policy"], table[0.35]["policy"], table[1.0]["policy"]), ("oldest", "mix", "nearest"), "the ends are the other policies")

    drafts = dict(sql("SELECT case_ref, draft FROM course WHERE open"))
    for policy in ("oldest", "nearest", "mix"):
        cases = ask(ehc, f"/v1/clearance.json?capacity=20.5&save=35&policy={policy}&table=cases")["items"]
        t.eq(len(cases), 20, f"a week's list: {policy}")
        early = [c for c in cases if drafts[c["case_ref"]] is None or drafts[c["case_ref"]] > AS_OF - datetime.timedelta(days=8)]
        t.eq(early, [], f"none whose family still has its 15 days: {policy}")
        saved, waited = ([c["request_on"] for c in cases if c["why"] == why] for why in ("saved", "waited"))
        t.eq((saved, waited), (sorted(saved), sorted(waited)), f"in the order of the policy: {policy}")
        t.ok(len(saved) == {"oldest": 0, "mix": 7}.get(policy, len(saved)) and all(c["due_on"] > str(AS_OF) for c in cases if c["why"] == "saved"),
             f"saved are those who can be: {policy}", len(saved))
    oldest = ask(ehc, "/v1/clearance.json?capacity=20&policy=oldest&table=cases")["items"]
    ready = sql("SELECT case_ref FROM course WHERE open AND draft <= %s AND request < %s", (AS_OF - datetime.timedelta(days=20), oldest[-1]["request_on"]))
    missing = sorted({r for (r,) in ready} - {c["case_ref"] for c in oldest})
    t.eq((missing, len(ready) > 0), ([], True), "who was drafted three weeks ago and has waited longer than the last of the list is on it")

    enough = int(doc["clear"])
    left = {n: ask(ehc, f"/v1/clearance?capacity={n}&arrivals=30&weeks=30")["policies"][0]["overdue"] for n in (enough - 1, enough, 100000)}
    t.ok(left[enough] == left[100000] < left[enough - 1], "what is said to be enough is, and one less is not", left)
    t.eq(ask(ehc, "/v1/clearance?capacity=0")["by_week"][1]["issued"], 0, "no capacity, no plan")


def texts(cell):
    return "" if cell is None else str(cell).lower() if isinstance(cell, bool) else cell if isinstance(cell, str) else str(cell)


def forms(ehc):
    for path, tables in TABLES.items():
        doc = ask(ehc, path)
        t.ok(len(doc["explanation"]) >= 4 and all(len(x) > 20 for x in doc["explanation"]), f"explained in words: {path}")
        for table in tables:
            items = ask(ehc, f"{path}.json?table={table}")["items"]
            rows = ask(ehc, f"{path}.csv?table={table}")
            t.ok(table not in doc or doc[table] == items, f"the document has the table: {path} {table}")
            same = len(items) == len(rows) and all(
                list(i) == list(r) and all(float(r[k]) == v if isinstance(v, (int, float)) and not isinstance(v, bool) else r[k] == texts(v)
                                           for k, v in i.items()) for i, r in zip(items, rows))
            t.ok(same and items, f"JSON is CSV: {path} {table}")
        code, head, body = ehc.http(path + ".xlsx", timeout=60)
        book = openpyxl.load_workbook(io.BytesIO(body)) if code == 200 else None
        t.ok(book is not None and len(book.sheetnames) == 1 + len(tables), f"a workbook with a sheet for each table: {path}", (code, head))
        t.eq(ehc.http(path + ".csv")[2], ehc.http(path + ".csv?table=cases")[2], f"CSV is the list of cases: {path}")
        again = ask(ehc, path + ".json")
        evaluated = again.pop("evaluated_at"), doc.pop("evaluated_at")  # a poll may have come between
        t.ok(again == doc and evaluated[0] >= evaluated[1], f"the same twice: {path}", (evaluated, again, doc))
        refused(ehc, path)


def the_page(ehc):
    """What the page says is what the answers say, in the same words."""
    query = "?capacity=21&save=35&policy=oldest"
    page = html.unescape(ehc.http("/" + query, {"Accept": "text/html"}, timeout=60)[2].decode())
    for path, lines in (("/v1/forecast", 2), ("/v1/clearance" + query, 5)):
        said = ask(ehc, path)["explanation"][:lines]
        t.eq([x for x in said if x not in page], [], f"the page has the words of {path}")
    cases = ask(ehc, "/v1/clearance.json" + query + "&table=cases")["items"]
    t.eq([c["case_ref"] for c in cases if c["reason"] not in page or c["case_ref"] not in page], [], "and the list of the coming week")


def refused(ehc, path):
    queries = ["?table=nonsense", "?table=", "?team=nobody", "?as_of=x", "?nonsense=1", "?table=cases&table=cases"]
    queries += (["?limit=nonsense"] if path == "/v1/forecast" else
                ["?capacity=", "?capacity=-1", "?capacity=1.", "?capacity=1.2345", "?capacity=100000.1", "?capacity=1e3", "?save=101", "?save=",
                 "?weeks=0", "?weeks=53", "?policy=", "?policy=fifo", "?limit=final_plan_20w",
                 "?capacity=5&capacity=6", "?save=1&save=1", "?weeks=4&weeks=5", "?arrivals=1&arrivals=2", "?policy=mix&policy=oldest"])
    t.eq([q for q in queries if ehc.http(path + q)[0] != 400], [], f"refused by name: {path}")


def past_forecasts(ehc, db):
    """What would have been said on eight days of this year, of what was known then, against what came."""
    found = backtest.pairs(ehc, db, backtest.days(AS_OF, FIRST, 28))
    for limit in backtest.LIMITS:
        for weeks in backtest.WEEKS:
            some = [p for p in found if (p.limit, p.weeks) == (limit, weeks)]
            score, naive = backtest.brier(some), backtest.naive(some)
            if limit == "final_plan_20w":
                t.ok(score < 0.6 * naive, f"better than the naive rate by far: {limit}, {weeks} weeks, {len(some)} cases", (score, naive))
            elif weeks == 8:
                t.ok(score < 1.02 * naive, f"no worse than the best single number: {limit}, {weeks} weeks, {len(some)} cases", (score, naive))
    plans = [p for p in found if (p.limit, p.weeks) == ("final_plan_20w", 8)]
    said, came = sum(p.chance for p in plans), sum(p.came for p in plans)
    t.ok(0.95 * said < came < 1.03 * said, "as many came as were expected, within a few in a hundred", (said, came))
    low, high = backtest.calibration(plans)[0], backtest.calibration(plans)[-1]
    t.ok(low[2] < 0.25 and high[2] > 0.97, "of those said to be safe few were late, of those said to be late nearly all", (low, high))


def main():
    with h.Cluster(keep=True) as db:
        db.set_now(f"{AS_OF} 12:00+00")
        with w.Watch(db) as ehc:
            ehc.migrate()
            db.load(w.ROOT / "sql/demo/caseload.sql")
            db.sql("SELECT casework_demo.generate(%s, 1, %s)", (CASES, AS_OF))
            db.sql(COURSE)
            ehc.start().wait_ready()
            if_nothing_moves(ehc, db.sql)
            the_list(ehc, db.sql)
            rates(ehc, db.sql)
            the_plan(ehc, db.sql)
            forms(ehc)
            the_page(ehc)
            past_forecasts(ehc, db)


main()
t.done()
