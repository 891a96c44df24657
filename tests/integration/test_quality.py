#!/usr/bin/python3
"""What is wrong in the data: listed, counted, and mended by voiding, through the running daemon and `evaluate --findings`."""
import csv
import io
import json
import pathlib
import subprocess
import tempfile

import _world as w
from _world import ago, h

RECEIVED = "request_received"
BORN = "2015-03-14"
t = h.Tap()


def ask(ehc, query=""):
    """(items, the rest) of the list as JSON."""
    code, _, body = ehc.http("/v1/data-quality" + query)
    if code != 200:
        raise RuntimeError(f"{code}: {body.decode()}")
    answer = json.loads(body)
    return answer.pop("items"), answer


def kinds(ehc, query=""):
    """case_ref or case_id, kind and event of each finding but those of missing officers."""
    return [(i["case_ref"] or i["case_id"], i["kind"], i["event"]) for i in ask(ehc, query)[0] if i["kind"] != "missing_officer"]


def write_cases(cases):
    cases.case(1, (RECEIVED, ago(30)), ("assess_agreed", ago(10)), born=BORN)  # nothing wrong but the officer
    cases.case(2, (RECEIVED, ago(100)), ("assess_agreed", ago(101)), locality="South")
    cases.case(3, (RECEIVED, ago(100)), ("assess_agreed", ago(-1)))
    cases.case(4, (RECEIVED, ago(4500)), born=BORN)
    cases.case(5, (RECEIVED, ago(90)), (RECEIVED, ago(30)), locality="South", team="T2")
    cases.case(6, ("plan_issued", ago(60)))
    cases.case(7, (RECEIVED, ago(500)), ("plan_issued", ago(300)), ("review_arranged", ago(20)))
    cases.case(8, (RECEIVED, ago(100)), ("assess_refused", ago(70)), ("assess_agreed", ago(40)))
    cases.case(9, (RECEIVED, ago(500)), ("plan_issued", ago(300)), ("moved_out", ago(-20)))
    cases.case(10, (RECEIVED, ago(500)), ("plan_issued", ago(300)), ("plan_ceased", ago(3)))
    cases.case(11, (RECEIVED, ago(900)), ("plan_issued", ago(700)))
    cases.case(12, (RECEIVED, ago(50)), ("case_closed", ago(20), "duplicate"), ("assess_agreed", ago(10)))
    cases.case(13, (RECEIVED, ago(300)))
    cases.claim(13, "absent", ago(290), ago(280))
    cases.case(14, ("phase_transfer", ago(-200)), ("tribunal_order", ago(3), "bogus"))
    cases.event(3, "lunch_held_with_the_family_and_all_of_its_friends", ago(5))
    cases.event(99, "draft_sent", ago(6))
    cases.db.sql("INSERT INTO casework.ehc_event (case_id, event, occurred_on) VALUES (2, 'draft_sent', 'infinity')")
    cases.claim(2, "snow", ago(9))


FOUND = [
    ("EHC-0002", "impossible_order", "assess_agreed"),
    ("EHC-0003", "date_in_the_future", "assess_agreed"),
    ("EHC-0004", "born_after_request", RECEIVED),
    ("EHC-0005", "second_request_in_case", RECEIVED),
    ("EHC-0006", "plan_without_request", "plan_issued"),
    ("EHC-0007", "meeting_not_held", "review_arranged"),
    ("EHC-0008", "refusal_overturned_without_order", "assess_agreed"),
    ("EHC-0009", "moved_without_awareness", "moved_out"),
    ("EHC-0010", "plan_ended_without_notice", "plan_ceased"),
    ("EHC-0011", "plan_without_review_date", "plan_issued"),
    ("EHC-0012", "event_after_closed", "assess_agreed"),
    ("EHC-0013", "exception_unsupported", "absent"),
    ("EHC-0014", "unknown_subject", "tribunal_order"),
    ("EHC-0014", "unknown_subject", "phase_transfer"),
    ("EHC-0003", "unknown_event", "lunch_held_with_the_family_and_all_of_its"[:40]),
    (99, "unknown_case", "draft_sent"),
    ("EHC-0002", "unknown_ground", "snow"),
    ("EHC-0002", "bad_date", "draft_sent"),
]


def every_kind_is_listed(ehc):
    t.eq(kinds(ehc), FOUND, "every kind of finding is listed, by kind and case")
    items, rest = ask(ehc)
    officers = [i["case_ref"] for i in items if i["kind"] == "missing_officer"]
    t.eq(officers, ["EHC-%04d" % n for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13, 14)], "open cases without an officer, closed ones not")
    t.eq((rest["findings"], rest["unlisted"], rest["as_of"]), (len(items), 0, "2026-06-15"), "the list says how long it is, and of when")
    second = [i for i in items if i["kind"] == "second_request_in_case"][0]
    t.eq((second["case_id"], second["severity"], second["occurred_on"], second["locality"], second["team"]),
         (5, "error", str(ago(30)), "South", "T2"), "an item is complete")
    order, transfer = [i for i in items if i["kind"] == "unknown_subject"]
    t.eq((order["severity"], order["subject"], transfer["subject"], transfer["occurred_on"]), ("error", "bogus", None, str(ago(-200))),
         "with the subject that was not understood")
    stray = [i for i in items if i["kind"] == "unknown_case"][0]
    t.eq((stray["case_ref"], stray["occurred_on"], stray["locality"]), (None, str(ago(6)), None), "a row of no case, too")


def both_formats(ehc):
    code, head, body = ehc.http("/v1/data-quality.csv")
    rows = list(csv.DictReader(io.StringIO(body.decode())))
    t.eq((code, head["content-type"]), (200, "text/csv; charset=utf-8"), "CSV by suffix")
    t.eq([(r["case_id"], r["kind"], r["event"], r["occurred_on"]) for r in rows],
         [(str(i["case_id"]), i["kind"], i["event"] or "", i["occurred_on"] or "") for i in ask(ehc)[0]], "the same rows in both formats")
    t.eq(ehc.http("/v1/data-quality", {"Accept": "text/csv"})[2], body, "CSV by Accept")
    t.eq(ehc.http("/v1/data-quality.json")[1]["content-type"], "application/json; charset=utf-8", "JSON by suffix")
    t.ok(BORN.encode() not in body + ehc.http("/v1/data-quality")[2], "no birth date is shown")


def filters(ehc):
    t.eq(kinds(ehc, "?kind=bad_date,unknown_case"), [f for f in FOUND if f[1] in ("bad_date", "unknown_case")], "kinds")
    t.eq(kinds(ehc, "?locality=South"), [FOUND[0], FOUND[3], FOUND[16], FOUND[17]], "a locality: the strays are in none")
    t.eq(kinds(ehc, "?locality=South&team=T2"), [FOUND[3]], "a locality and a team")
    for query, detail in (("?kind=nonsense", "kind=nonsense: no such kind of finding"), ("?kind=", "kind=: no such kind of finding"),
                          ("?team=T9", "team=T9: no case has it"), ("?limit=final_plan_20w", "/v1/data-quality takes no parameter limit"),
                          ("?kind=bad_date&as_of=2026-01-01", "/v1/data-quality takes no parameter as_of: it is of the last evaluation; for another day or"
                           " time ask ehcwatchd evaluate --findings")):
        code, _, body = ehc.http("/v1/data-quality" + query)
        t.eq((code, json.loads(body)["detail"]), (400, detail), f"refused: {query}")


def metrics(ehc):
    items, _ = ask(ehc)
    body = ehc.http("/metrics")[2]
    numbers = h.parse_metrics(body.decode())
    for kind in sorted({i["kind"] for i in items}):
        t.eq(numbers[h.series("ehc_data_quality_findings", kind=kind)], sum(i["kind"] == kind for i in items), f"counted: {kind}")
    t.eq((numbers[h.series("ehc_data_quality_findings", kind="double_case")], numbers["ehc_exceptions_implausible"]), (0, 0),
         "what is not there is 0")
    done = subprocess.run(["promtool", "check", "metrics"], input=body, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    t.eq((done.returncode, done.stdout), (0, b""), "promtool is silent")


def a_bad_case_is_still_evaluated(ehc):
    code, _, body = ehc.http("/v1/cases/EHC-0003")
    states = {o["limit"]: o["state"] for o in json.loads(body)["obligations"]}
    t.eq((code, states.get("assess_decision_6w")), (200, "breached"), "the case is evaluated on what remains")
    t.ok(ehc.wait_log(r"rows that take no part: 1 of unknown cases, 1 unknown events, 1 unknown grounds, 1 impossible dates, 0 doubled cases; /v1/data-quality lists them"), "the log says what was left out")


def voiding_mends(ehc):
    ehc.db.sql("UPDATE casework.ehc_event SET voided_at = now() WHERE case_id IN (3, 5, 12, 99) AND event <> 'case_closed'"
               " AND NOT (event = 'request_received' AND occurred_on <> %s)", (ago(30),))
    ehc.db.sql("UPDATE casework.ehc_exception SET voided_at = now()")
    ehc.read()
    gone = {"date_in_the_future", "second_request_in_case", "event_after_closed", "unknown_event", "unknown_case", "unknown_ground",
            "exception_unsupported"}
    t.eq(kinds(ehc), [f for f in FOUND if f[1] not in gone], "a voided row is no finding any more")


def flagging_everything_is_noticed(ehc):
    for number in range(100, 120):
        ehc.cases.case(number, (RECEIVED, ago(200)), locality="West")
        ehc.cases.claim(number, "claimed")
    ehc.read()
    items, rest = ask(ehc, "?kind=exceptions_implausible")
    t.eq([(i["case_ref"], i["kind"]) for i in items], [(None, "exceptions_implausible")], "exceptions in every case raise the alarm")
    t.eq((rest["exceptions"]["excepted"], rest["exceptions"]["implausible"]), (20, True), "and the numbers are told")
    t.eq(ehc.metrics()["ehc_exceptions_implausible"], 1, "and it is a metric")
    t.eq(ask(ehc, "?kind=exceptions_implausible&locality=West")[0], [], "it is an alarm of the whole, not of a place")


def evaluate(folder, *more):
    files = [a for name in ("cases", "events", "exceptions") for a in ("--" + name, folder / (name + ".csv"))]
    return subprocess.run([h.binary(), "evaluate", *files, "--as-of", "2026-06-15", *more], check=False, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)


def findings_of_files():
    with tempfile.TemporaryDirectory(prefix="ehcw.", dir="/tmp") as name:
        folder = pathlib.Path(name)
        (folder / "cases.csv").write_text("case_id,case_ref,officer,date_of_birth\n1,B-1,,2027-01-01\n2,A-2,o2,\n"
                                          "3,C-3,,\n4,D-4,,\n")  # one not there yet; one of which nothing is said
        (folder / "events.csv").write_text("case_id,event,subject,occurred_on,recorded_at,voided_at\n"
                                           "1,request_received,parent,2026-01-05,,\n9,draft_sent,,2026-02-01,,\n2,lunch_held,,2026-03-01,,\n"
                                           "2,lunch_held,,2026-03-01,,2026-03-02T00:00:00Z\n2,phase_transfer,,2027-09-01,,\n2,advice_requested,vet,2026-03-02,,\n2,request_received,,2026-07-01,,\n3,request_received,,2026-07-01,,\n")
        (folder / "exceptions.csv").write_text("case_id,ground,from_on,to_on\n1,snow,2026-02-02,\n1,personal,,\n")
        plain = evaluate(folder)
        done = evaluate(folder, "--findings", folder / "f.csv")
        t.eq((done.returncode, done.stdout, plain.stderr), (0, plain.stdout, done.stderr[:-1] + "; --findings FILE lists them\n"),
             "what is printed stays as it was, without the advice")
        rows = [r[:5] + [r[5].split(": ")[0]] for r in csv.reader((folder / "f.csv").read_text().splitlines())]
        at = str(folder / "%s.csv:%d")
        t.eq(rows, [["case_ref", "kind", "event", "subject", "occurred_on", "explanation"],
                    ["", "unknown_case", "draft_sent", "", "2026-02-01", at % ("events", 3)],
                    ["A-2", "date_in_the_future", "request_received", "", "2026-07-01", rows[2][5]],
                    ["A-2", "unknown_subject", "advice_requested", "vet", "2026-03-02", rows[3][5]],
                    ["A-2", "unknown_subject", "phase_transfer", "", "2027-09-01", rows[4][5]],
                    ["A-2", "unknown_event", "lunch_held", "", "2026-03-01", at % ("events", 4)],
                    ["B-1", "born_after_request", "request_received", "parent", "2026-01-05", rows[6][5]],
                    ["B-1", "missing_officer", "", "", "", rows[7][5]],
                    ["B-1", "exception_unsupported", "personal", "assess_decision_6w", "", rows[8][5]],
                    ["B-1", "unknown_ground", "snow", "", "2026-02-02", at % ("exceptions", 2)],
                    ["C-3", "date_in_the_future", "request_received", "", "2026-07-01", rows[2][5]],
                    ["D-4", "missing_officer", "", "", "", rows[7][5]]], "the findings of files, with file and line")
        known = evaluate(folder, "--known-at", "2026-01-01T00:00:00Z", "--findings", folder / "g.csv")
        t.ok(known.returncode == 0 and (folder / "g.csv").read_text().count("lunch_held") == 2, "known at: a row not yet voided is seen")
        t.eq([r.split(",")[0] for r in (folder / "g.csv").read_text().splitlines() if "missing_officer" in r], ["B-1"],
             "known at: a case of which nothing was known was not there yet")
        bad = evaluate(folder, "--findings", folder / "no" / "f.csv")
        t.ok(bad.returncode == 1 and "no/f.csv: No such file" in bad.stderr, "a file that cannot be written", bad.stderr)
        cases = (folder / "cases.csv").read_text().replace(",officer,", ",handler,")
        (folder / "cases.csv").write_text(cases)
        evaluate(folder, "--findings", folder / "f.csv")
        t.ok("missing_officer" not in (folder / "f.csv").read_text(), "no column for the officer: nobody is missed")


with h.Cluster() as database, w.Watch(database, options={"state": database.conninfo, "limits": ["assess_decision_6w", "final_plan_20w"]}) as daemon:
    daemon.migrate()
    database.set_now(w.NOON)
    write_cases(daemon.cases)
    daemon.start().wait_ready()
    for part in (every_kind_is_listed, both_formats, filters, metrics, a_bad_case_is_still_evaluated, voiding_mends,
                 flagging_everything_is_noticed):
        with t.case(part.__name__.replace("_", " ")):
            part(daemon)
with t.case("findings of files"):
    findings_of_files()
t.done()
