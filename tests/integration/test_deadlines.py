#!/usr/bin/python3
"""/v1/deadlines.ics, read by Debian's icalendar and compared, event by event, with the lists."""
import csv
import datetime
import hashlib
import io
import json

import icalendar

import _world as w
from _world import ago, h

t = h.Tap()
FAR = "/v1/due.csv?within=3650"
ALL = datetime.timedelta(days=1)


def write_cases(cases):
    """Overdue, at risk, on track, excepted, done; names that want escaping."""
    cases.case(1, ("request_received", ago(300)), team="T1", locality="North; East, and \\ South")
    cases.case(2, ("request_received", ago(38)), team="T1")
    cases.case(3, ("request_received", ago(3)), team="T2", ref="Ärztin-" + "ü" * 60)
    cases.case(4, ("request_received", ago(150)), team="T2")
    cases.claim(4, "personal", ago(140), ago(20))
    cases.case(5, ("request_received", ago(60)), ("assess_refused", ago(50)), team="T1")
    cases.case(6, ("request_received", ago(500)), ("plan_issued", ago(330)), team="T1", ref="A,B;C", born="2015-03-14")
    cases.case(7, ("request_received", ago(80)), ("assess_agreed", ago(60)), ("advice_requested", ago(60), "education"),
               ("advice_requested", ago(60), "health"), ("advice_received", ago(30), "health"), team="T1")
    cases.case(20, ("request_received", ago(150)), ("assess_agreed", ago(20)), team="T2")  # decided late, under an exception: not owed
    cases.claim(20, "personal", ago(140), ago(20))
    cases.db.sql("UPDATE casework.ehc_case SET officer = E'A. Officer\\nof the second line' WHERE case_id < 3")


def rows(ehc, path):
    code, _, body = ehc.http(path)
    if code != 200:
        raise RuntimeError(f"{path}: {code}: {body.decode()}")
    return list(csv.DictReader(io.StringIO(body.decode())))


def feed(ehc, query=""):
    """(headers, bytes, events as icalendar reads them)"""
    code, headers, body = ehc.http("/v1/deadlines.ics" + query)
    if code != 200:
        raise RuntimeError(f"{code}: {body.decode()}")
    calendar = icalendar.Calendar.from_ical(body)
    errors = [e for part in calendar.walk() for e in part.errors]
    return headers, body, calendar, errors


def listed(ehc, query=""):
    """What is owed, by the two lists: (case, limit's title, subject, due, what the event says of it)."""
    owed = []
    for row in rows(ehc, "/v1/breaches.csv" + query):
        owed.append((row, "overdue, excepted" if row["state"] == "excepted" else "overdue"))
    for row in rows(ehc, FAR + query.replace("?", "&")):
        owed.append((row, "due"))
    return owed


def plain(text):
    """As the lists have it, without the apostrophe against formulas."""
    return text[1:] if text[:2] in ("'=", "'+", "'-", "'@") else text


def summary(row, mark):
    subject = f" ({row['subject']})" if row["subject"] else ""
    return f"{plain(row['case_ref'])}: {row['title']}{subject} ({mark})"


def every_event_is_in_the_lists(ehc):
    headers, body, calendar, errors = feed(ehc)
    events = calendar.walk("VEVENT")
    want = sorted((summary(row, mark), datetime.date.fromisoformat(row["due_on"]), mark) for row, mark in listed(ehc))
    got = sorted((str(e["SUMMARY"]), e["DTSTART"].dt, ", ".join(str(c) for c in e["CATEGORIES"].cats)) for e in events)
    t.ok(len(want) > 10 and {m for _, _, m in want} == {"due", "overdue", "overdue, excepted"}, "the lists hold each kind", want)
    t.eq(got, want, "an event for each obligation that is owed, on its day")
    t.eq(errors, [], "icalendar finds nothing wrong")
    t.eq(headers["content-type"], "text/calendar; charset=utf-8", "the media type")
    t.ok(all(len(line) <= 75 for line in body.split(b"\r\n")) and body.count(b"\n") == body.count(b"\r\n"), "lines of 75 octets, with CRLF")
    t.ok(all(line.decode() is not None for line in body.split(b"\r\n")), "no character is cut in two")
    t.ok(all(e["DTEND"].dt - e["DTSTART"].dt == ALL and e["TRANSP"] == "TRANSPARENT" for e in events), "whole days that block no time")
    t.ok(all(str(e["URL"]).startswith("https://ehc.example/v1/cases/") for e in events), "each links to its case")
    t.ok(len({str(e["UID"]) for e in events}) == len(events), "no two have one UID")
    t.eq((calendar["METHOD"], calendar["X-WR-CALNAME"], calendar["VERSION"], calendar["X-PUBLISHED-TTL"]),
         ("PUBLISH", "EHC deadlines", "2.0", "PT1H"), "what it says of itself")
    stamps = {e["DTSTAMP"].dt.isoformat() for e in events}
    t.eq(stamps, {headers["ehcwatch-known-at"].split(".")[0].rstrip("Z") + "+00:00"}, "stamped with the time of the snapshot")
    t.ok(b"2015" not in body, "nothing of the child")


def what_is_escaped_comes_back(ehc):
    calendar = feed(ehc, "?team=T1")[2]
    one = [e for e in calendar.walk("VEVENT") if str(e["SUMMARY"]).startswith("EHC-0001: Issue the final plan")]
    text = str(one[0]["DESCRIPTION"])
    row = [r for r in rows(ehc, "/v1/breaches.csv") if r["case_ref"] == "EHC-0001" and r["limit"] == "final_plan_20w"][0]
    due, began, act_by = (datetime.date.fromisoformat(row[c]).strftime("%A %-d %B %Y") for c in ("due_on", "start_on", "act_by"))
    t.eq(text.split("\n"), [f"Overdue. Was to act by {act_by}", f"Due {due}", f"Began {began}", row["citation"],
                            "Locality: North; East, and \\ South", "Team: T1", "Officer: A. Officer", "of the second line"],
         "the description, with what wants escaping")
    t.ok(any(str(e["SUMMARY"]).startswith("A,B;C: ") for e in calendar.walk("VEVENT")), "a reference with commas")
    t.eq(str(calendar["X-WR-CALNAME"]), "EHC deadlines: T1", "named after what it is of")


def filters(ehc):
    for query in ("?team=T1", "?team=T2", "?limit=advice_6w", "?limit=final_plan_20w,advice_6w&team=T1", "?locality=North",
                  "?officer=A.%20Officer%0Aof%20the%20second%20line"):
        got = sorted(str(e["SUMMARY"]) for e in feed(ehc, query)[2].walk("VEVENT"))
        want = sorted(summary(row, mark) for row, mark in listed(ehc, query))
        t.ok(got == want and got, "as the lists with " + query, [got, want])
    code, _, body = ehc.http("/v1/deadlines.ics?team=nobody")
    t.ok(code == 400 and "team=nobody" in json.loads(body)["detail"], "a team that there is not")
    code, _, body = ehc.http("/v1/deadlines.ics?as_of=2026-01-01")
    t.ok(code == 400 and "as_of" in json.loads(body)["detail"], "no other date")


def events_are_followed(ehc):
    """The day after, what was at risk is overdue: the same event, said anew."""
    def of_case(number):
        return {str(e["UID"]): e for e in feed(ehc)[2].walk("VEVENT") if str(e["SUMMARY"]).startswith(f"EHC-{number:04d}: Decide")}
    before = of_case(2)
    ehc.db.set_now("2026-06-20 12:00:00+01")
    ehc.wait_until(lambda: b"(overdue)" in ehc.http("/v1/deadlines.ics?limit=assess_decision_6w")[2] and
                   ehc.http("/v1/deadlines.ics")[1]["ehcwatch-as-of"] == "2026-06-20", what="the other day")
    after = of_case(2)
    t.eq(set(before), set(after), "the same UID")
    (was,), (now,) = before.values(), after.values()
    t.ok(str(was["SUMMARY"]).endswith(" (due)") and str(now["SUMMARY"]).endswith(" (overdue)"), "another state", [was, now])
    t.eq((was["SEQUENCE"], now["SEQUENCE"]), (1, 2), "a later sequence")
    t.ok(now["LAST-MODIFIED"].dt.date() == now["DTSTART"].dt + ALL > was["LAST-MODIFIED"].dt.date(), "modified when it fell overdue")


def nothing_owed_is_a_calendar_too(ehc):
    ehc.cases.case(8, ("request_received", ago(60)), ("assess_refused", ago(50)), team="T8")
    ehc.read()
    _, body, calendar, errors = feed(ehc, "?team=T8")
    t.eq([c.name for c in calendar.subcomponents], ["VTIMEZONE"], "one component, and no event")
    t.eq(errors, [], "which icalendar reads")
    t.ok(hashlib.sha256(body).hexdigest() == hashlib.sha256(feed(ehc, "?team=T8")[1]).hexdigest(), "the same each time")


with h.Cluster() as database, w.Watch(database, options={"state": database.conninfo, "limits": ["all"], "public_url": "https://ehc.example"}) as daemon:
    daemon.migrate()
    database.set_now(w.NOON)
    write_cases(daemon.cases)
    daemon.start().wait_ready()
    for part in (every_event_is_in_the_lists, what_is_escaped_comes_back, filters, nothing_owed_is_a_calendar_too, events_are_followed):
        with t.case(part.__name__.replace("_", " ")):
            part(daemon)
t.done()
