#!/usr/bin/python3
"""A case explained and the breach list from the command line, and any date as known at any time, over HTTP too."""
import csv
import io
import json
import os
import subprocess
import urllib.parse

import _world as w
from _world import ago, h

t = h.Tap()
LIMITS = ["assess_decision_6w", "issue_decision_16w", "final_plan_20w", "advice_6w", "annual_review_12m"]
ZONES = [("UTC", "C"), ("America/New_York", "C.UTF-8"), ("Pacific/Kiritimati", "POSIX"), ("nowhere", "de_DE.UTF-8")]


def fill(db):
    """Cases of every kind; what was recorded late or wrongly has its own times, all else was recorded on its day."""
    db.set_now(w.NOON)
    add = w.Casework(db)
    add.case(1, ("request_received", ago(150), "parent"), ("assess_agreed", ago(110)), ref="EHC/1 é?#", locality="North, Upper")
    add.case(2, ("request_received", ago(60), "school"), locality="South", team="T2")
    add.claim(2, "claimed")
    add.case(3, ("request_received", ago(50)), ref="=1+1")
    add.claim(3, "absent", ago(40), ago(30))
    add.case(4, ("plan_issued", ago(400)), ref="o'Neill\\\"x\"")
    add.case(5, ("advice_requested", ago(70), "health"), ("advice_requested", ago(70), "education"), locality="")
    # Decided in time, recorded 20 days after the date had passed.
    add.case(6, ("request_received", ago(80)), ref="LATE")
    add.case(7, ("request_received", ago(80)), ref="WRONG")
    for n in range(8, 1200):
        add_many(db, n)
    add.case(1200, ("phase_transfer", "2026-09-01", "school"), ref="AHEAD")
    db.sql("UPDATE casework.ehc_event SET recorded_at = occurred_on + time '12:00'")
    add.event(6, "assess_agreed", ago(45), recorded_at=f"{ago(18)} 09:30:00+01")
    add.event(7, "assess_agreed", ago(45), recorded_at=f"{ago(45)} 12:00+00")
    db.sql("UPDATE casework.ehc_event SET voided_at = %s WHERE case_id = 7 AND event = 'assess_agreed'", (f"{ago(18)} 09:30:00+01",))


def add_many(db, n, _rows=[]):  # one statement for all
    _rows.append(n)
    if n == 1199:
        db.sql("INSERT INTO casework.ehc_case (case_id, case_ref, locality, team, officer)"
               " SELECT n, 'M-' || n, 'L' || n %% 5, 'T' || n %% 3, 'o' || n %% 7 FROM unnest(%s) n", (_rows,))
        db.sql("INSERT INTO casework.ehc_event (case_id, event, occurred_on) SELECT n, 'request_received', %s::date - n %% 300"
               " FROM unnest(%s) n", (w.TODAY, _rows))


def run(ehc, verb, *args, env=None, code=0):
    done = subprocess.run([ehc.program, verb, "-c", ehc.conf, *args], env={**ehc.env, **(env or {})}, check=False,
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    if done.returncode != code or h.SANITIZER.search(done.stderr.decode()):
        raise RuntimeError(f"{verb} {args}: exit {done.returncode}: {done.stderr.decode()}")
    return done


def explain(ehc, ref, *args):
    return json.loads(run(ehc, "explain", ref, "--format", "json", *args).stdout)


def states(case):
    return {o["limit"]: o["state"] for o in case["obligations"]}


def get(ehc, path, code=200):
    status, headers, body = ehc.http(path)
    if status != code:
        raise RuntimeError(f"{path}: {status}: {body[:300]}")
    return headers, body


def the_case(ehc):
    case = explain(ehc, "EHC/1 é?#")
    t.eq((case["case_ref"], case["locality"], case["as_of"], case["known_at"], case["stage"]),
         ("EHC/1 é?#", "North, Upper", "2026-06-15", "2026-06-15T11:00:00Z", "assessing"), "a case as JSON")
    t.eq(states(case), {"assess_decision_6w": "met", "draft_latest_workable": "breached", "final_plan_20w": "breached",
                        "issue_decision_16w": "breached"}, "with every limit, watched or not")
    plan = next(o for o in case["obligations"] if o["limit"] == "final_plan_20w")
    t.eq((plan["start"], plan["count"], plan["due_on"], plan["act_by"], plan["status"], plan["closing"], plan["evidence"]),
         ({"event": "request_received", "subject": "parent", "occurred_on": "2026-01-16", "recorded_at": "2026-01-16T12:00:00Z"},
          "20 weeks after 16 January 2026, the day itself not counted", "2026-06-05", "2026-06-04", "10 days late, not closed",
          None, "read"), "each with its start, its arithmetic, its date and its state in words")
    t.eq(states(explain(ehc, "EHC/1 é?#", "--limits", "final_plan_20w,assess_decision_6w")),
         {"assess_decision_6w": "met", "final_plan_20w": "breached"}, "--limits")
    text = run(ehc, "explain", "EHC/1 é?#").stdout.decode()
    for line in ("Case EHC/1 é?#", "    State       10 days late, not closed", "    Due         Friday 5 June 2026; the last working "
                 "day in time was Thursday 4 June 2026", "    Source      SEND Regulations 2014 reg 13(2) (the instrument's own "
                 "words were read)"):
        t.ok(line in text.splitlines(), f"text: {line.strip()}", text)
    t.eq(explain(ehc, "o'Neill\\\"x\"")["case_ref"], "o'Neill\\\"x\"", "a reference with quotes of every kind")
    two = explain(ehc, "EHC-0002")["obligations"][0]
    t.eq((two["state"], [(e["ground"], e["verdict"], e["reason"]) for e in two["exceptions"]]),
         ("excepted", [("claimed", "unverified", "bare_claim")]), "an exception that is claimed, and why it counts")
    three = explain(ehc, "=1+1")["obligations"][0]
    t.eq((three["state"], [(e["verdict"], e["reason"]) for e in three["exceptions"]], three["due_on"]),
         ("breached", [("unsupported", "too_short")], "2026-06-07"), "and one that does not; the date stays")


def time_travel(ehc):
    def state(ref, *args):
        return states(explain(ehc, ref, "--limits", "assess_decision_6w", *args))["assess_decision_6w"]

    due, told = ago(38), ago(18)  # requests of ago(80) were due on ago(38); the rows came or went on ago(18)
    before, after = f"{told}T08:29:59Z", f"{told}T08:30:00Z"
    t.eq((state("LATE"), state("LATE", "--known-at", before), state("LATE", "--known-at", after)), ("met", "breached", "met"),
         "recorded late: met as known now, breached as known then, and from the very second on met")
    t.eq((state("WRONG"), state("WRONG", "--known-at", before), state("WRONG", "--known-at", after)), ("breached", "met", "breached"),
         "recorded wrongly: the other way round")
    t.eq((state("LATE", "--as-of", str(due), "--known-at", before), state("LATE", "--as-of", str(ago(50)), "--known-at", before)),
         ("at_risk", "at_risk"), "as of a day before")
    t.eq((state("LATE", "--as-of", "2030-01-01"), state("WRONG", "--as-of", "2030-01-01")), ("met", "breached"), "as of a day ahead")
    for ref in ("LATE", "WRONG"):
        for as_of, known in ((None, before), (None, after), (str(ago(50)), None), (str(ago(1)), f"{told}T09:29:59%2B01:00")):
            query = "&".join(f"{k}={v}" for k, v in (("as_of", as_of), ("known_at", known)) if v)
            over = json.loads(get(ehc, f"/v1/cases/{ref}?{query}")[1])
            args = [a for k, v in (("--as-of", as_of), ("--known-at", known and known.replace("%2B", "+"))) if v for a in (k, v)]
            mine = explain(ehc, ref, *args)
            for case in (over, mine):
                case.pop("evaluated_at")
            t.eq(mine, over, f"HTTP says the same: {ref}?{query}")
    early = ago(81)  # a day before the request
    over, page = (get(ehc, f"/v1/cases/LATE{form}?as_of={early}")[1] for form in (".json", ".html"))
    text = run(ehc, "explain", "LATE", "--as-of", str(early)).stdout.decode()
    t.eq([(case["stage"], case["obligations"]) for case in (json.loads(over), explain(ehc, "LATE", "--as-of", str(early)))], [(None, [])] * 2,
         "of a day before anything had happened there is no stage")
    t.ok("<dt>Stage</dt><dd>None: nothing is known to have happened by that day</dd>" in (page if isinstance(page, str) else page.decode())
         and "    Stage       none: nothing is known to have happened by that day" in text.splitlines(), "and words say so", text)
    t.eq([(o["limit"], o["state"]) for o in explain(ehc, "AHEAD", "--as-of", "2026-02-20")["obligations"]], [("phase_transfer_15feb", "breached")],
         "what lies ahead is counted back from")
    listed = get(ehc, "/v1/cases.csv?as_of=2026-02-20")[1]
    t.ok(b"AHEAD" in listed and b"LATE" not in listed, "and such a case is in the lists of a day gone by")


def over_http(ehc):
    """Every limit, watched or not, and word for word; only the moment of working it out is its own."""
    def worked_out(body):
        text = body.decode()
        return text.replace(json.loads(text)["evaluated_at"], "then")

    unwatched = set()
    for ref in ("EHC/1 é?#", "EHC-0002", "=1+1", "o'Neill\\\"x\"", "EHC-0005", "M-1000"):
        for as_of in (None, str(ago(100)), str(ago(-400))):
            mine = run(ehc, "explain", ref, "--format", "json", *(("--as-of", as_of) if as_of else ())).stdout
            over = get(ehc, "/v1/cases/" + urllib.parse.quote(ref) + (f"?as_of={as_of}" if as_of else ""))[1]
            t.eq(worked_out(over), worked_out(mine), f"HTTP says the same: {ref}, as of {as_of or 'today'}")
            unwatched |= set(states(json.loads(over))) - set(LIMITS)
    t.ok("draft_latest_workable" in unwatched, "of limits that are not watched, too", unwatched)
    shown = get(ehc, "/v1/cases/EHC%2F1%20%C3%A9%3F%23.html")[1].decode()
    t.ok("Issue the final plan" in shown and "Draft early enough" not in shown.split('id="facts"')[0], "the page keeps to those under watch")


def the_list(ehc):
    http = get(ehc, "/v1/breaches.csv")[1]
    t.eq(run(ehc, "breaches", "--format", "csv").stdout, http, "breaches as CSV are those of HTTP, byte for byte")
    t.ok(len(http.splitlines()) > 1000, "a list worth comparing", len(http.splitlines()))
    for filters in ({"limit": "issue_decision_16w,final_plan_20w"}, {"kind": "target"}, {"state": "excepted"}, {"locality": "North, Upper"},
                    {"team": "T2", "locality": "South,L1"}, {"officer": "o3", "limit": "assess_decision_6w"}):
        args = [a for k, v in filters.items() for a in ("--" + k, v)]
        query = "&".join(f"{k}={v.replace(' ', '+')}" for k, v in filters.items())
        t.eq(run(ehc, "breaches", "--format", "csv", *args).stdout, get(ehc, f"/v1/breaches.csv?{query}")[1], f"filtered: {query}")
    mine, over = (json.loads(x) for x in (run(ehc, "breaches", "--format", "json").stdout, get(ehc, "/v1/breaches.json")[1]))
    for each in (mine, over):
        each.pop("evaluated_at")
    t.eq(mine, over, "as JSON, too")
    text = run(ehc, "breaches", "--state", "excepted").stdout.decode().splitlines()
    t.eq((text[0], text[3][:40], text[-1]),
         ("Overdue on 15 June 2026, as known at 2026-06-15T11:00:00Z (rulebook england-2026.08)",
          "    18  2026-05-28  EHC-0002          De", "1 obligation in 1 case; without exceptions: none"), "as a table")
    days = f"{ago(19)}"
    known = f"{ago(18)}T08:00:00Z"
    mine = run(ehc, "breaches", "--format", "csv", "--as-of", days, "--known-at", known).stdout
    headers, over = get(ehc, f"/v1/breaches.csv?as_of={days}&known_at={known}")
    t.ok(mine != http and sorted(mine.splitlines()) == sorted(over.splitlines()), "another date as known at another time: the same rows")
    order = [r["due_on"] for r in csv.DictReader(io.StringIO(mine.decode()))]
    t.ok(order == sorted(order), "here the longest overdue first")
    t.ok(b"LATE,assess_decision_6w" in mine and b"WRONG,assess_decision_6w" not in mine, "what was not known yet is not seen")
    t.eq((headers["ehcwatch-as-of"], headers["ehcwatch-known-at"]), (days, known), "and says so")


def refusals(ehc, db):
    def refused(verb, *args):
        return run(ehc, verb, *args, code=2).stderr.decode().split(";")[0].strip()

    t.eq(refused("explain"), "ehcwatchd explain: -c FILE and CASE_REF are needed", "usage: no reference")
    t.eq(refused("explain", "A", "B"), 'ehcwatchd explain: unexpected argument "B"', "usage: two references")
    t.eq(refused("explain", "A", "--as-of", "2026-02-30"), "ehcwatchd explain: --as-of=2026-02-30: not a date of 1900 to 2199 (YYYY-MM-DD)",
         "usage: no such date")
    t.eq(refused("explain", "A", "--known-at", "2026-02-03T00:00:00.5Z"), "ehcwatchd explain: --known-at=2026-02-03T00:00:00.5Z: not a whole second",
         "usage: a fraction of a second")
    t.eq(refused("explain", "A", "--limits", "nonsense"), 'ehcwatchd explain: there is no limit "nonsense" (ehcwatchd rules lists them)',
         "usage: no such limit")
    t.eq(refused("breaches", "--limit", "nonsense"), "ehcwatchd breaches: limit=nonsense: no such limit", "usage: a filter that is wrong")
    t.eq(refused("breaches", "--limit", "order_amend_5w"), "ehcwatchd breaches: limit=order_amend_5w: this limit is not under watch",
         "usage: a limit that is not watched")
    t.eq(refused("breaches", "--team", "Nobody"), "ehcwatchd breaches: team=Nobody: no case has it", "usage: a team that is not there")
    t.eq(refused("breaches", "x"), 'ehcwatchd breaches: unexpected argument "x"', "usage: an argument")
    unknown = run(ehc, "explain", "EHC", code=1)
    t.eq((unknown.stdout, unknown.stderr.decode()), (b"", "ehcwatchd explain: no case has the reference EHC\n"), "an unknown case: 1")
    for path, want in (("/v1/cases/LATE?as_of=x", "as_of=x: not a date of 1900 to 2199 (YYYY-MM-DD)"),
                       ("/v1/breaches?known_at=2026-02-03T00:00:00.25Z",
                        "known_at=2026-02-03T00:00:00.25Z: not a whole second; when a fact was recorded is kept to the second, so a finer"
                        " time has no answer"),
                       ("/v1/breaches?as_of=2026-01-01&as_of=2026-01-01", "as_of is given twice")):
        t.eq(json.loads(get(ehc, path, 400)[1])["detail"], want, f"400: {path}")

    broken = ehc.dir / "broken.conf"
    broken.write_text("source = \n")
    for verb in ("explain", "breaches"):
        args = ["A"] if verb == "explain" else []
        done = subprocess.run([ehc.program, verb, "-c", broken, *args], check=False, capture_output=True, text=True)
        t.eq((done.returncode, done.stderr.startswith(str(broken))), (78, True), f"{verb}: a bad configuration: 78")
    db.sql("ALTER TABLE casework.ehc_exception RENAME TO away")
    done = run(ehc, "explain", "LATE", code=1)
    t.ok("the case database: there is no casework.ehc_exception" in done.stderr.decode(), "a broken contract: 1", done.stderr)
    db.sql("ALTER TABLE casework.away RENAME TO ehc_exception")
    ehc.stop()
    db.stop()
    for verb in ("explain", "breaches"):
        done = run(ehc, verb, *(["LATE"] if verb == "explain" else []), code=69)
        t.ok(done.stderr.decode().startswith(f"ehcwatchd {verb}: the case database cannot be reached: "), f"{verb}: no database: 69",
             done.stderr)
    db.start()


def deterministic(ehc, db, tmp):
    """The same in every zone and locale, and for rows in any order."""
    known = f"{ago(18)}T08:00:00Z"
    csvs = {}
    for table, columns in (("case", "case_id, case_ref, locality, team, officer, date_of_birth"),
                           ("event", "case_id, event, subject, occurred_on, to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),"
                            " to_char(voided_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')"),
                           ("exception", "case_id, ground, from_on, to_on, to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), NULL")):
        csvs[table] = tmp / f"{table}.csv"
        with open(csvs[table], "w", newline="", encoding="utf-8") as f:
            out = csv.writer(f, lineterminator="\n")
            heads = {"event": "case_id, event, subject, occurred_on, recorded_at, voided_at",
                     "exception": "case_id, ground, from_on, to_on, recorded_at, voided_at"}
            out.writerow(heads.get(table, columns).split(", "))
            out.writerows(["" if v is None else v for v in row] for row in db.sql(f"SELECT {columns} FROM casework.ehc_{table}"))
    jobs = {
        "explain": ["explain", "-c", ehc.conf, "LATE", "--as-of", "2026-06-01", "--known-at", known],
        "breaches": ["breaches", "-c", ehc.conf, "--format", "csv", "--as-of", "2026-06-01", "--known-at", known],
        "breaches as text": ["breaches", "-c", ehc.conf, "--as-of", "2026-06-01", "--known-at", known],
        "evaluate": ["evaluate", "--cases", csvs["case"], "--events", csvs["event"], "--exceptions", csvs["exception"],
                     "--as-of", "2026-06-01", "--known-at", known],
    }
    for name, args in jobs.items():
        outputs = set()
        for zone, locale in ZONES:
            done = subprocess.run([ehc.program, *args], env={**os.environ, "TZ": zone, "LC_ALL": locale}, check=True, capture_output=True)
            outputs.add(done.stdout)
        t.ok(len(outputs) == 1 and len(next(iter(outputs))) > 300, f"{name}: one output, whatever the zone and locale")
    before = run(ehc, "breaches", "--format", "csv").stdout, run(ehc, "explain", "EHC/1 é?#").stdout
    db.sql("CREATE TABLE casework.again AS SELECT * FROM casework.ehc_event ORDER BY md5(case_id::text || event || occurred_on);"
           "TRUNCATE casework.ehc_event; INSERT INTO casework.ehc_event OVERRIDING SYSTEM VALUE SELECT * FROM casework.again; DROP TABLE casework.again")
    t.eq((run(ehc, "breaches", "--format", "csv").stdout, run(ehc, "explain", "EHC/1 é?#").stdout), before, "and whatever the order of rows")


def undated(db):
    """Rows without a time of their own: known since the daemon first saw them, for the commands as over HTTP."""
    db.sql("UPDATE casework.ehc_event SET recorded_at = NULL WHERE case_id < 8")
    with h.Daemon(db, options={"limits": LIMITS}) as ehc:
        ehc.start().wait_ready()
        h.wait_until(lambda: db.value("SELECT count(*) FROM ehcwatch.first_seen_since"), what="the first reading")
        db.set_now("2026-06-16 12:00:00+01")
        db.sql("INSERT INTO casework.ehc_event (case_id, event, occurred_on, recorded_at) VALUES (3, 'assess_agreed', %s, NULL)", (ago(20),))
        seen = "SELECT count(*) FROM ehcwatch.first_seen WHERE case_id = 3 AND event = 'assess_agreed'"
        h.wait_until(lambda: db.value(seen), what="the fact to be seen")
        late = "/v1/cases/%3D1%2B1?known_at=2026-06-16T12:00:00Z"
        h.wait_until(lambda: states(json.loads(get(ehc, late)[1]))["assess_decision_6w"] == "met", what="the reading that found it to be shown")
        for known, want in (("2026-06-16T10:59:59Z", "breached"), ("2026-06-16T12:00:00Z", "met")):
            over = json.loads(get(ehc, f"/v1/cases/%3D1%2B1?known_at={known}")[1])
            mine = explain(ehc, "=1+1", "--known-at", known)
            for case in (over, mine):
                case.pop("evaluated_at")
            t.eq((states(mine)["assess_decision_6w"], mine), (want, over), f"undated, known at {known}: {want}, as over HTTP")
        ehc.options["state"] = "host=/nowhere dbname=x"
        ehc.write_config()
        done = run(ehc, "explain", "=1+1", "--known-at", "2026-06-16T10:59:59Z")
        t.ok("warning: the state database does not say when facts were first seen" in done.stderr.decode(), "without it: a warning",
             done.stderr)
        t.eq(run(ehc, "explain", "=1+1").stderr, b"", "of which nobody hears who does not ask about the past")
    db.set_now(w.NOON)


# (first day, last day, what of it is shown, the state, the reason). A request of ago(60) was due on ago(18).
OPEN = [
    (str(ago(40)), "infinity", (str(ago(40)), None), "excepted", "holds"),
    (str(ago(40)), "9999-12-31", (str(ago(40)), None), "excepted", "holds"),
    (str(ago(40)), "2200-01-01", (str(ago(40)), None), "excepted", "holds"),
    (str(ago(40)), "2199-12-31", (str(ago(40)), "2199-12-31"), "excepted", "holds"),
    ("-infinity", "infinity", (None, None), "breached", "no_first_day"),
    ("-infinity", str(ago(20)), (None, str(ago(20))), "breached", "no_first_day"),
    ("1899-12-31", "infinity", None, "breached", None),
    ("infinity", None, None, "breached", None),
    ("9999-12-31", None, None, "breached", None),
    (str(ago(40)), "-infinity", None, "breached", None),
    (str(ago(40)), "1899-12-31", None, "breached", None),
]


def open_exceptions(db):
    """An exception open at an end is shown and counted as one without that day; other days that no rule counts from are not read."""
    add = w.Casework(db)
    for n, (first, last, *_) in enumerate(OPEN, 3000):
        add.case(n, ("request_received", ago(60)))
        add.claim(n, "personal", first, last)
    for n, voided in ((3100, "infinity"), (3101, "9999-12-31 23:59:59+00")):
        add.case(n, ("request_received", ago(60)))
        add.claim(n, "personal", ago(40))
        db.sql("UPDATE casework.ehc_exception SET voided_at = %s WHERE case_id = %s", (voided, n))

    def shown(ehc, n):
        o = explain(ehc, f"EHC-{n}", "--limits", "assess_decision_6w")["obligations"][0]
        return o["due_on"], o["state"], [((e["from_on"], e["to_on"]), e["reason"]) for e in o["exceptions"]]

    with h.Daemon(db, options={"limits": LIMITS}) as ehc:
        for n, (first, last, days, state, reason) in enumerate(OPEN, 3000):
            t.eq(shown(ehc, n), (str(ago(18)), state, [(days, reason)] if days else []), f"an exception from {first} to {last}: {state}")
        t.eq((shown(ehc, 3100)[1], shown(ehc, 3101)[1]), ("excepted", "breached"), "never voided is not voided, voided at the end of 9999 is")
        text = run(ehc, "explain", "EHC-3000").stdout.decode()
        t.ok("exceptional personal circumstances" in text and "still going on" in text, "as text, too", text)


def limits_as_configured(db):
    with h.Daemon(db, options={"limits": ["auto"]}) as ehc:
        rows = {r["limit"] for r in csv.DictReader(io.StringIO(run(ehc, "breaches", "--format", "csv").stdout.decode()))}
        t.eq(rows, {"assess_decision_6w", "final_plan_20w", "annual_review_12m"} & rows | {"assess_decision_6w"},
             "limits = auto: only those whose end occurs in the cases")
        ehc.options["limits"] = ["all"]
        ehc.write_config()
        rows = {r["limit"] for r in csv.DictReader(io.StringIO(run(ehc, "breaches", "--format", "csv").stdout.decode()))}
        t.ok({"advice_6w", "final_plan_20w"} <= rows, "limits = all: every statutory one", rows)


def main():
    with h.Cluster() as db, h.Daemon(db, options={"limits": LIMITS, "poll_interval": 600}) as ehc:
        ehc.migrate()
        fill(db)
        ehc.start().wait_ready()
        for step in (the_case, time_travel, over_http, the_list):
            with t.case(step.__name__):
                step(ehc)
        with t.case("refusals"):
            refusals(ehc, db)
        with t.case("deterministic"):
            deterministic(ehc, db, ehc.dir)
        with t.case("undated"):
            undated(db)
        with t.case("limits as configured"):
            limits_as_configured(db)
        with t.case("open exceptions"):
            open_exceptions(db)
    t.done()


main()
