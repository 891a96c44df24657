#!/usr/bin/python3
"""The binary against the rulebook: every scenario, the table of limits, the worked examples of counting, and what it says
of input that it cannot read. Both the release build and the one with sanitizers."""

import csv
import difflib
import io
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/harness"))
from ehc_tap import Tap  # noqa: E402  pylint: disable=wrong-import-position

RULEBOOK = ROOT / "tests/data/rulebook"
SCENARIOS = sorted(p for p in (RULEBOOK / "scenarios").iterdir() if p.is_dir())
BUILDS = {"release": ROOT / "build/ehcwatchd", "san": ROOT / "build/san/ehcwatchd"}
SEED = int(os.environ.get("EHC_SEED", time.time()))


def run(build, *args, env=None, **how):
    return subprocess.run([BUILDS[build], *map(str, args)], capture_output=True, timeout=120, check=False,
                          env={**os.environ, **(env or {})}, **how)


def about(folder):
    """The `key: value` lines at the head of about.txt."""
    lines = (folder / "about.txt").read_text().splitlines()
    return dict(line.split(": ", 1) for line in lines if line.startswith(("as_of: ", "known_at: ")))


def arguments(folder, said):
    args = ["--as-of", said["as_of"]] + (["--known-at", said["known_at"]] if "known_at" in said else [])
    for name in ("cases", "events", "exceptions"):
        args += ["--" + name, folder / (name + ".csv")]
    return args


def difference(got, want):
    lines = difflib.unified_diff(want.decode().splitlines(), got.decode(errors="replace").splitlines(), "expected",
                                 "ehcwatchd", n=0, lineterm="")
    return "\n".join(list(lines)[:40]) or "the bytes differ"


def judge(tap, name, got, want):
    good = got.returncode == 0 and got.stdout == want and got.stderr == b""
    tap.ok(good, name, f"exit {got.returncode}\n{got.stderr.decode()}\n{difference(got.stdout, want)}")


def scenarios(tap):
    for build in BUILDS:
        for folder in SCENARIOS:
            got = run(build, "evaluate", *arguments(folder, about(folder)))
            judge(tap, f"{build}: scenario {folder.name}", got, (folder / "expected.csv").read_bytes())


def shuffled(tap, tmp):
    """The rows of every input file in another order: the same bytes."""
    rng = random.Random(SEED)
    for folder in SCENARIOS:
        other = tmp / ("shuffled-" + folder.name)
        other.mkdir()
        for name in ("cases.csv", "events.csv", "exceptions.csv"):
            head, *rows = (folder / name).read_text().splitlines(keepends=True)
            rng.shuffle(rows)
            (other / name).write_text(head + "".join(rows))
        got = run("release", "evaluate", *arguments(other, about(folder)))
        judge(tap, f"shuffled: scenario {folder.name}", got, (folder / "expected.csv").read_bytes())


def surroundings(tap):
    """Neither the locale nor the time zone of the machine shows in the output."""
    folder = RULEBOOK / "scenarios/edges"
    known = RULEBOOK / "scenarios/late-recording-known-then"
    locales = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False).stdout.lower().split()
    places = [{"LC_ALL": "C"}, {"LC_ALL": "C.UTF-8"}, {"TZ": "Asia/Tokyo"}, {"TZ": "America/Los_Angeles"},
              {"TZ": "Pacific/Kiritimati", "LC_ALL": "C"}]
    if "en_gb.utf8" in locales:
        places.append({"LC_ALL": "en_GB.UTF-8"})
    for env in places:
        label = " ".join(f"{k}={v}" for k, v in env.items())
        for place in (folder, known):
            got = run("release", "evaluate", *arguments(place, about(place)), env=env)
            judge(tap, f"{label}: scenario {place.name}", got, (place / "expected.csv").read_bytes())


def table(tap):
    want = (RULEBOOK / "limits.csv").read_bytes()
    for build in BUILDS:
        judge(tap, f"{build}: rules --format csv is the table of the rulebook",
              run(build, "rules", "--format", "csv"), want)
        got = json.loads(run(build, "rules", "--format", "json").stdout)
        ids = [row["id"] for row in csv.DictReader(io.StringIO(want.decode()))]
        tap.eq([limit["id"] for limit in got["limits"]], ids, f"{build}: rules --format json names the same limits")
        text = run(build, "rules").stdout.decode()
        tap.ok(all(i in text for i in ids), f"{build}: rules as text names every limit")


def counting(tap):
    with open(RULEBOOK / "counting-examples.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    tap.ok(len(rows) >= 50, "there are worked examples")
    for build in BUILDS:
        wrong = []
        for row in rows:
            got = run(build, "count", row["count"], row["start"], *([row["n"]] if row["n"] else []))
            if (got.returncode, got.stdout.decode(), got.stderr) != (0, row["last_lawful_day"] + "\n", b""):
                wrong.append(f"{row}: {got.stdout!r} {got.stderr!r}")
        tap.ok(not wrong, f"{build}: every worked example of counting", "\n".join(wrong))
    past = run("san", "count", "working_days_after", "2028-12-29", "5")
    tap.eq((past.returncode, past.stdout), (0, b"2029-01-05\n"), "a count past the calendar uses weekends only")
    tap.ok(b"past the last year of known bank holidays (2028)" in past.stderr, "and says so", past.stderr)


def same_in_json(tap):
    version = json.loads(run("san", "rules", "--format", "json").stdout)["rulebook"]
    for name in ("edges", "exceptions", "random-realistic"):
        folder = RULEBOOK / "scenarios" / name
        got = run("san", "evaluate", *arguments(folder, about(folder)), "--format", "json")
        rows = list(csv.DictReader(io.StringIO((folder / "expected.csv").read_text())))
        objects = json.loads(got.stdout)
        found = [{k: "" if o.get(k) is None else str(o[k]) for k in rows[0]} for o in objects]
        tap.eq({o.get("rulebook") for o in objects}, {version}, f"and JSON which version of the rulebook: {name}")
        tap.ok(found == rows, f"JSON and CSV say the same: {name}",
               next((f"{a}\n{b}" for a, b in zip(found, rows) if a != b), f"{len(found)} and {len(rows)} rows"))


def chosen_limits(tap, tmp):
    folder = RULEBOOK / "scenarios/edges"
    rows = (folder / "expected.csv").read_text().splitlines(keepends=True)
    for chosen in ("final_plan_20w", "annual_review_12m,review_notice_2w,cease_not_before"):
        want = rows[0] + "".join(r for r in rows[1:] if r.split(",")[1] in chosen.split(","))
        got = run("san", "evaluate", *arguments(folder, about(folder)), "--limits", chosen)
        judge(tap, f"--limits {chosen}", got, want.encode())
    got = run("san", "evaluate", *arguments(folder, about(folder)), "--limits", "all")
    judge(tap, "--limits all", got, "".join(rows).encode())
    with open(folder / "events.csv", encoding="utf-8") as file:
        header, *events = csv.reader(file)
    kept = [e for e in events if e[header.index("event")] == "plan_issued"]
    kept += [e for e in events if e[header.index("event")] == "request_received"]
    few = tmp / "few.csv"
    with open(few, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *kept])
    with open(RULEBOOK / "limits.csv", encoding="utf-8") as file:
        ends = [r["id"] for r in csv.DictReader(file) if {"plan_issued", "request_received"} & set(r["discharged_by"].split("|"))]
    args = [few if a == folder / "events.csv" else a for a in arguments(folder, about(folder))]
    tap.ok(kept and "final_plan_20w" in ends and "assess_decision_6w" not in ends, "the end of some limits occurs, of others not", ends)
    auto, named = (run("san", "evaluate", *args, "--limits", limits) for limits in ("auto", ",".join(ends)))
    tap.ok(named.stdout.count(b"\n") > 3, "there are obligations under them", named.stdout)
    tap.eq((auto.returncode, auto.stdout, auto.stderr), (0, named.stdout, named.stderr), "--limits auto takes those and no other")


CASES = "case_id,case_ref,date_of_birth\n1,A-1,2020-02-29\n2,A-2,\n"
EVENTS = "case_id,event,subject,occurred_on,recorded_at,voided_at\n1,request_received,,2026-01-05,,\n"
CLAIMS = "case_id,ground,from_on,to_on,recorded_at,voided_at\n1,claimed,,,,\n"
TIME = "is not a time (RFC 3339 with zone, as 2026-05-01T12:00:00Z)"

# (what is wrong, which file, its text, the line, what is said of it)
BAD = [
    ("a date that does not exist", "events", EVENTS + "1,draft_sent,,2026-02-30,,\n", 3,
     'occurred_on "2026-02-30" is not a date of 1900 to 2199 (YYYY-MM-DD)'),
    ("no date", "events", EVENTS + "1,draft_sent,,,,\n", 3, 'occurred_on "" is not a date of 1900 to 2199 (YYYY-MM-DD)'),
    ("a date the English way", "events", EVENTS + "1,draft_sent,,01/02/2026,,\n", 3,
     'occurred_on "01/02/2026" is not a date of 1900 to 2199 (YYYY-MM-DD)'),
    ("a time without a zone", "events", EVENTS + "1,draft_sent,,2026-02-03,2026-02-03T12:00:00,\n", 3,
     f'recorded_at "2026-02-03T12:00:00" {TIME}'),
    ("a voided_at that is a word", "events", EVENTS + "1,draft_sent,,2026-02-03,,yes\n", 3, f'voided_at "yes" {TIME}'),
    ("too many fields", "events", EVENTS + "1,draft_sent,,2026-02-03,,,\n", 3,
     "more fields than the header has columns (6)"),
    ("too few fields", "events", EVENTS + "\n1,draft_sent,,2026-02-03\n", 4, "4 fields where the header has 6 columns"),
    ("a quote never closed", "events", EVENTS + '1,draft_sent,"x,2026-02-03,,\n', 3,
     "a quoted field has no closing quote"),
    ("text after a quote", "events", EVENTS + '1,draft_sent,"x"y,2026-02-03,,\n', 3,
     "text follows the closing quote of a field"),
    ("a quoted line end before it", "events", EVENTS + '1,draft_sent,"a\nb",2026-02-03,,\n1,draft_sent,,x,,\n', 5,
     'occurred_on "x" is not a date of 1900 to 2199 (YYYY-MM-DD)'),
    ("a NUL byte", "events", EVENTS + "1,draft\0sent,,2026-02-03,,\n", 3, "a NUL byte: this is not a CSV text"),
    ("an empty file", "events", "", 1, "column case_id is missing from the header"),
    ("a missing column", "events", "case_id,event\n", 1, "column occurred_on is missing from the header"),
    ("a column twice", "events", "case_id,event,occurred_on,event\n", 1, "column event comes twice"),
    ("a birth date that is none", "cases", "case_id,case_ref,date_of_birth\n1,A,2020-2-29\n", 2,
     'date_of_birth "2020-2-29" is not a date of 1900 to 2199 (YYYY-MM-DD)'),
    ("a case_id twice", "cases", "case_id,case_ref\n1,A\n2,B\n1,C\n", 4, "case_id 1 comes twice"),
    ("no case_ref", "cases", "case_id,case_ref\n1,\n", 2, "case_id and case_ref must not be empty"),
    ("no case_id", "cases", "case_id,case_ref\n,A\n", 2, "case_id and case_ref must not be empty"),
    ("no column case_ref", "cases", "case_id\n1\n", 1, "column case_ref is missing from the header"),
    ("a first day that is none", "exceptions", CLAIMS + "1,personal,soon,,,\n", 3,
     'from_on "soon" is not a date of 1900 to 2199 (YYYY-MM-DD)'),
    ("a last day that is none", "exceptions", CLAIMS + "1,personal,2026-01-01,2026-00-00,,\n", 3,
     'to_on "2026-00-00" is not a date of 1900 to 2199 (YYYY-MM-DD)'),
    ("a first day after 2199", "exceptions", CLAIMS + "1,personal,9999-12-31,,,\n", 3,
     'from_on "9999-12-31" is not a date of 1900 to 2199 (YYYY-MM-DD)'),
    ("an endless first day", "exceptions", CLAIMS + "1,personal,infinity,,,\n", 3,
     'from_on "infinity" is not a date of 1900 to 2199 (YYYY-MM-DD)'),
    ("a last day before 1900", "exceptions", CLAIMS + "1,personal,2026-01-01,1899-12-31,,\n", 3,
     'to_on "1899-12-31" is not a date of 1900 to 2199 (YYYY-MM-DD)'),
    ("a last day after 2199 that does not exist", "exceptions", CLAIMS + "1,personal,2026-01-01,9999-02-29,,\n", 3,
     'to_on "9999-02-29" is not a date of 1900 to 2199 (YYYY-MM-DD)'),
    ("an event after 2199", "events", EVENTS + "1,draft_sent,,2200-01-01,,\n", 3,
     'occurred_on "2200-01-01" is not a date of 1900 to 2199 (YYYY-MM-DD)'),
    ("a time after 2199 that does not exist", "events", EVENTS + "1,draft_sent,,2026-02-03,,9999-12-31T24:00:00Z\n", 3,
     f'voided_at "9999-12-31T24:00:00Z" {TIME}'),
    ("an exception recorded at a date", "exceptions", CLAIMS + "1,personal,,,2026-01-01,\n", 3,
     f'recorded_at "2026-01-01" {TIME}'),
]


def write(folder, **texts):
    folder.mkdir(exist_ok=True)
    for name, text in {"cases": CASES, "events": EVENTS, "exceptions": CLAIMS, **texts}.items():
        (folder / (name + ".csv")).write_text(text, newline="")
    return arguments(folder, {"as_of": "2026-03-01"})


# Events of which a limit, or an exception, asks for the subject: without one it is a finding too.
NEEDED = {"advice_requested", "advice_received", "appointment_missed", "phase_transfer", "mediation_requested", "mediation_agreed",
          "tribunal_order", "appeal_conceded"}


def subjects(tap, tmp):
    """Every event with every word of the vocabulary: a finding where events.csv does not have the word for it."""
    with open(RULEBOOK / "events.csv", encoding="utf-8") as file:
        listed = {r["event"]: r["subject"] for r in csv.DictReader(file)}
    bodies = listed["advice_requested"].split(": ")[1]
    words = {e: set((bodies if s == "body" else s).split(": ")[-1].split("|")) - {"", "institution ref"} for e, s in listed.items()}
    every = sorted(set().union(*words.values()) | {"", "bogus"})
    rows = [(event, word) for event in sorted(words) for word in every]
    args = write(tmp / "subjects", cases="case_id,case_ref\n" + "".join(f"{i},{i}\n" for i in range(len(rows))),
                 events="case_id,event,subject,occurred_on\n" + "".join(f"{i},{e},{w},2026-01-05\n" for i, (e, w) in enumerate(rows)),
                 exceptions=CLAIMS.splitlines(keepends=True)[0])
    got = run("san", "evaluate", *args, "--findings", tmp / "subjects/found.csv")
    tap.eq((got.returncode, got.stderr), (0, b""), "every event with every subject")
    with open(tmp / "subjects/found.csv", encoding="utf-8") as file:
        found = sorted((r["event"], r["subject"]) for r in csv.DictReader(file) if r["kind"] == "unknown_subject")
    want = [(e, w) for e, w in rows if words[e] and w not in words[e] and (w or e in NEEDED)]
    tap.ok(len(want) > 100, "of which many are none", len(want))
    tap.eq(found, want, "a subject that is none of the event's is a finding, and no other")


def bad_input(tap, tmp):
    for build in BUILDS:
        for what, name, text, line, said in BAD:
            args = write(tmp / "bad", **{name: text})
            got = run(build, "evaluate", *args)
            want = f"{tmp}/bad/{name}.csv:{line}: {said}\n"
            tap.eq((got.returncode, got.stdout, got.stderr.decode()), (65, b"", want), f"{build}: {what}")
        for missing in ("cases", "events", "exceptions"):
            args = write(tmp / "bad")
            (tmp / "bad" / (missing + ".csv")).unlink()
            got = run(build, "evaluate", *args)
            want = f"{tmp}/bad/{missing}.csv: No such file or directory\n"
            tap.eq((got.returncode, got.stderr.decode()), (65, want), f"{build}: no file of {missing}")
        got = run(build, "evaluate", "--cases", tmp, "--events", tmp, "--as-of", "2026-03-01")
        tap.eq((got.returncode, got.stderr.decode()), (65, f"{tmp}: Is a directory\n"), f"{build}: a folder")


def odd_input(tap, tmp):
    """Rows that say something impossible take no part, and it is said how many."""
    header = b"case_ref,limit,subject,start_on,due_on,safe_on,act_by,state,closed_on,days\n"
    left_out = "left out: {} rows of unknown cases, {} unknown events, {} unknown grounds; --findings FILE lists them\n"
    args = write(tmp / "odd", events=EVENTS + "3,draft_sent,,2026-02-03,,\n,draft_sent,,2026-02-03,,\n"
                 "1,Draft_Sent,,2026-02-03,,\n1,,,2026-02-03,,\n", exceptions=CLAIMS + ",claimed,,,,\n1,flood,,,,\n")
    for build in BUILDS:
        got = run(build, "evaluate", *args, "--limits", "assess_decision_6w")
        row = b"A-1,assess_decision_6w,,2026-01-05,2026-02-16,2026-02-15,2026-02-13,excepted,,13\n"
        tap.eq((got.returncode, got.stdout), (0, header + row), f"{build}: rows of nobody take no part")
        tap.eq(got.stderr.decode(), "ehcwatchd evaluate: " + left_out.format(3, 2, 1), f"{build}: and are counted")

    plain = run("san", "evaluate", *write(tmp / "odd")).stdout
    tap.ok(plain.count(b"\n") > 3, "a plain case has obligations", plain)
    same = {
        "CRLF": {k: v.replace("\n", "\r\n") for k, v in (("cases", CASES), ("events", EVENTS), ("exceptions", CLAIMS))},
        "a byte order mark": {"cases": "\ufeff" + CASES, "events": "\ufeff" + EVENTS, "exceptions": "\ufeff" + CLAIMS},
        "quotes": {"events": EVENTS.replace("1,request_received", '"1","request_received"')},
        "no line end at the end": {"cases": CASES[:-1], "events": EVENTS[:-1], "exceptions": CLAIMS[:-1]},
        "columns that need not be there": {"events": "occurred_on,event,case_id\n2026-01-05,request_received,1\n"},
        "a voided row": {"events": EVENTS + "1,assess_agreed,,2026-01-06,,2026-01-07T00:00:00Z\n"},
    }
    for what, texts in same.items():
        got = run("san", "evaluate", *write(tmp / "odd", **texts))
        tap.eq((got.returncode, got.stdout, got.stderr), (0, plain, b""), f"the same with {what}")

    no_claims = write(tmp / "odd", exceptions=CLAIMS.splitlines(keepends=True)[0])
    without = [a for a in no_claims if a != "--exceptions" and not str(a).endswith("exceptions.csv")]
    tap.eq(run("san", "evaluate", *without).stdout, run("san", "evaluate", *no_claims).stdout,
           "no --exceptions is as good as none")
    nobody = run("san", "evaluate", *write(tmp / "odd", cases=CASES.splitlines(keepends=True)[0], events=EVENTS))
    tap.eq((nobody.returncode, nobody.stdout), (0, header), "no cases, no rows")
    idle = run("san", "evaluate", *write(tmp / "odd", events=EVENTS.splitlines(keepends=True)[0]))
    tap.eq((idle.returncode, idle.stdout), (0, header), "cases without events, no rows")
    quoted = write(tmp / "odd", cases='case_id,case_ref\n1,"A,""1"""\n')
    got = run("san", "evaluate", *quoted, "--limits", "assess_decision_6w").stdout.decode()
    tap.eq(next(csv.DictReader(io.StringIO(got)))["case_ref"], 'A,"1"', "a reference with commas and quotes comes back")

    if os.path.exists("/dev/full"):
        with open("/dev/full", "wb") as full:
            got = subprocess.run([BUILDS["san"], "evaluate", *map(str, no_claims)], stdout=full, check=False,
                                 stderr=subprocess.PIPE)
        tap.eq((got.returncode, got.stderr), (1, b"ehcwatchd evaluate: cannot write the output\n"), "the disk is full")


def open_ends(tap, tmp):
    """An exception open at an end counts as one without that day, and a time may be of any year."""
    events = EVENTS + "2,request_received,,2026-02-20,2026-02-20T00:00:00Z,\n"
    head = CLAIMS.splitlines(keepends=True)[0]

    def states(claim, *more, voided=""):
        args = write(tmp / "open", events=events.replace("00Z,\n", f"00Z,{voided}\n"), exceptions=head + claim + "\n")
        got = run("san", "evaluate", *args, "--limits", "assess_decision_6w", *more)
        return (got.returncode, got.stderr.decode(), [r["state"] for r in csv.DictReader(io.StringIO(got.stdout.decode()))])

    excepted, breached = (0, "", ["excepted", "on_track"]), (0, "", ["breached", "on_track"])
    tap.eq(states("1,personal,2026-02-01,,,"), excepted, "an exception still going on")
    for last in ("infinity", "9999-12-31", "2200-01-01", "2199-12-31"):
        tap.eq(states(f"1,personal,2026-02-01,{last},,"), excepted, f"an exception until {last}")
    tap.eq(states("1,personal,2026-02-01,2026-02-10,,"), excepted, "an exception that ended")
    tap.eq(states("1,personal,-infinity,infinity,,"), breached, "an exception without a beginning supports nothing")
    tap.eq(states("1,claimed,-infinity,infinity,,"), excepted, "a bare claim without days stands")
    for time, want in (("9999-12-31T23:59:59Z", breached), ("0001-01-01T00:00:00Z", breached), ("infinity", excepted)):
        tap.eq(states(f"1,personal,2026-02-01,,,{time}"), want, f"an exception voided at {time}")
    tap.eq(states("1,personal,2026-02-01,,9999-12-31T23:59:59Z,"), excepted, "an exception recorded at the end of 9999")
    tap.eq(states("1,personal,2026-02-01,,9999-12-31T23:59:59Z,", "--known-at", "2026-03-01T00:00:00Z"), breached, "is not known before")
    tap.eq(states("1,personal,2026-02-01,,,", voided="9999-12-31T23:59:59Z"), (0, "", ["excepted"]), "an event voided then")
    tap.eq(states("1,personal,2026-02-01,,,", "--known-at", "2026-03-01T00:00:00Z", voided="9999-12-31T23:59:59Z"), excepted, "was known before")


def usage(tap, tmp):
    good = write(tmp / "usage")
    wrong = {
        "no command": [],
        "an unknown command": ["evaluated"],
        "evaluate without anything": ["evaluate"],
        "evaluate without a date": ["evaluate", *good[2:]],
        "a date that is none": ["evaluate", *good, "--as-of", "2026-02-29"],
        "a time without a zone": ["evaluate", *good, "--known-at", "2026-02-28T12:00:00"],
        "a limit that is none": ["evaluate", *good, "--limits", "final_plan_20w,final_plan"],
        "no limits": ["evaluate", *good, "--limits", ""],
        "a format that is none": ["evaluate", *good, "--format", "xml"],
        "an option that is none": ["evaluate", *good, "--colour"],
        "an option without its value": ["evaluate", *good, "--limits"],
        "an argument too many": ["evaluate", *good, "more"],
        "rules in a format that is none": ["rules", "--format", "yaml"],
        "rules with an argument": ["rules", "csv"],
        "count without a start": ["count", "within_days"],
        "count of a name that is none": ["count", "within_months", "2026-01-01", "1"],
        "count from a day that is none": ["count", "within_days", "2026-02-29", "1"],
        "count without its number": ["count", "within_days", "2026-01-01"],
        "count of a number that is none": ["count", "within_days", "2026-01-01", "five"],
        "count of fewer than none": ["count", "within_days", "2026-01-01", "-1"],
        "count of too many": ["count", "within_days", "2026-01-01", "99999999999999999999"],
        "count with an argument too many": ["count", "within_days", "2026-01-01", "1", "2"],
    }
    for what, args in wrong.items():
        got = run("san", *args)
        tap.ok(got.returncode == 2 and got.stdout == b"" and len(got.stderr) > 20, f"usage: {what}",
               f"exit {got.returncode}\n{got.stdout.decode()}{got.stderr.decode()}")
    for args in (["--help"], ["evaluate", "--help"], ["count", "--help"], ["rules", "-h"], ["--version"]):
        got = run("san", *args)
        tap.ok(got.returncode == 0 and got.stderr == b"" and len(got.stdout) > 10, " ".join(args), got)


def main():
    tap = Tap()
    print(f"# EHC_SEED={SEED}")
    with tempfile.TemporaryDirectory(prefix="ehcw.rulebook.") as name:
        tmp = pathlib.Path(name)
        scenarios(tap)
        shuffled(tap, tmp)
        surroundings(tap)
        table(tap)
        counting(tap)
        same_in_json(tap)
        chosen_limits(tap, tmp)
        subjects(tap, tmp)
        bad_input(tap, tmp)
        odd_input(tap, tmp)
        open_ends(tap, tmp)
        usage(tap, tmp)
    tap.done()


if __name__ == "__main__":
    main()
