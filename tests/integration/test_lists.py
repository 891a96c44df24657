#!/usr/bin/python3
"""The lists over HTTP and on the command line, against a second implementation: the oracle evaluates what lies in the case database.

The demo caseload, and a few cases whose words attack a spreadsheet or an address. Every list, each filter, every column that can be sorted
by, pages, dates and times; CSV, JSON and the command line are the same rows; a slow reader sees one moment."""
import csv
import hashlib
import http.client
import io
import json
import pathlib
import socket
import sys
import urllib.parse

import _world as w
from _world import h

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "oracle"))
import facts as oracle  # noqa: E402
import naive  # noqa: E402
import papers  # noqa: E402
from counting import parse_day, show_day  # noqa: E402

t = h.Tap()
TOKEN = h.new_secret().removeprefix("whsec_")
AS_OF, CASES = "2026-11-22", 1500
LIMITS = ["assess_decision_6w", "issue_decision_16w", "final_plan_20w", "advice_6w", "annual_review_12m", "review_decision_4w",
          "phase_transfer_15feb", "draft_latest_workable"]
BANDS = [("0 to 6", 0, 42), ("6 to 16", 43, 112), ("16 to 20", 113, 140), ("20 to 26", 141, 182), ("26 to 52", 183, 364),
         ("over 52", 365, 10 ** 6)]
AGES = [("0-4", 0, 4), ("5-10", 5, 10), ("11-15", 11, 15), ("16-19", 16, 19), ("20-25", 20, 25)]
DRIFTING = {"statutory", "target", "derived"}
RANK = {s: i for i, s in enumerate(("breached", "excepted", "at_risk", "on_track", "missed", "met_late", "met", "void"))}
STAGES = ("requested", "assessing", "refused", "plan", "ended")


def hostile(db):
    """What a spreadsheet would run, and what an address or CSV has to quote. Among them a case without any fact."""
    add = w.Casework(db)
    add.case(900001, ("request_received", "2026-01-05", "school"), ref="=cmd|'/c calc'!A0", locality='North, "Upper"', team="@team", born="2019-02-17")
    add.case(900002, ("request_received", "2025-11-01", "parent"), ref="+A/1 é?#", locality="North, \"Upper\"", team="T & T", born="2004-02-29")
    add.claim(900002, "claimed")
    add.case(900003, ref="-900003", locality="", team="")
    add.case(900004, ("request_received", "2026-11-20", "parent"), ref="Ä-late", locality="Süd", team="T & T", born="2001-11-23")
    db.sql("UPDATE casework.ehc_event SET recorded_at = occurred_on + time '12:00' WHERE case_id >= 900000")
    db.sql("UPDATE casework.ehc_exception SET recorded_at = '2025-11-02 12:00Z' WHERE case_id >= 900000")


class Council:
    """What the oracle makes of the case database."""

    def __init__(self, db, folder, rulebook):
        self.folder, self.rulebook = folder, rulebook
        self.limits = [x for x in rulebook.limits if x.id in LIMITS]
        self.kind = {x.id: x.kind for x in rulebook.limits}
        self.order = {x.id: i for i, x in enumerate(rulebook.limits)}
        with open(pathlib.Path(oracle.RULEBOOK) / "limits.csv", encoding="utf-8", newline="") as f:
            self.rows = {r["id"]: r for r in csv.DictReader(f)}
        stamp = "to_char({0} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
        times = ", ".join(stamp.format(c) + " AS " + c for c in ("recorded_at", "voided_at"))
        for name, sql in {
                "cases": "SELECT case_id, case_ref, locality, team, officer, date_of_birth FROM casework.ehc_case ORDER BY 1",
                "events": f"SELECT case_id, event, subject, occurred_on, {times} FROM casework.ehc_event",
                "exceptions": f"SELECT case_id, ground, from_on, to_on, {times} FROM casework.ehc_exception"}.items():
            with db.connect() as c, c.cursor() as cur, open(folder / name, "w", encoding="utf-8", newline="") as f:
                cur.execute(sql)
                out = csv.writer(f)
                out.writerow([d.name for d in cur.description])
                out.writerows([["" if v is None else v for v in row] for row in cur.fetchall()])
        with open(folder / "cases", encoding="utf-8", newline="") as f:
            self.cases = list(csv.DictReader(f))
        self.seen = {}

    def at(self, as_of=AS_OF, known_at=None):
        """(obligations, cases), each in the order of case ids and of the table of limits; worked out once for each question."""
        if (as_of, known_at) not in self.seen:
            self.seen[as_of, known_at] = self.work_out(as_of, known_at)
        return self.seen[as_of, known_at]

    def work_out(self, as_of, known_at):
        loaded = oracle.load(self.rulebook, *(self.folder / n for n in ("cases", "events", "exceptions")), known_at)
        engine = naive.Engine(self.rulebook, self.limits, parse_day(as_of))
        obligations, cases = [], []
        for number, (case, (ref, born, events, exceptions)) in enumerate(zip(self.cases, loaded)):
            assert case["case_ref"] == ref
            told = oracle.Case(ref, born, events, exceptions, parse_day(as_of))
            if not papers.is_there(told, known_at is not None or as_of < AS_OF):
                continue
            days_open, stage, requested = self.stage(told)
            place = {k: case[k] for k in ("locality", "team", "officer")}
            mine = [dict(zip(naive.COLUMNS, row)) for row in engine.rows(told)]
            band = next((b for b, lo, hi in BANDS if days_open is not None and lo <= days_open <= hi), None)
            age = self.age(case["date_of_birth"], as_of)
            for o in mine:
                x = self.rows[o["limit"]]
                o.update(place, kind=x["kind"], title=x["title"], citation=x["citation"], case=number, band=band, age=age, stage=stage,
                         days=int(o["days"]))
            mine.sort(key=lambda o: self.order[o["limit"]])
            obligations += mine
            cases.append(dict(place, case_ref=ref, stage=stage, requested_on=requested, days_open=days_open, band=band, age=age, mine=mine,
                              case=number, as_of=parse_day(as_of)))
        return obligations, cases

    @staticmethod
    def stage(told):
        """Where the case stands, the day of its request, and how long the assessment has been open."""
        requests, (stage, _) = told.days(*papers.REQUESTS), papers.standing(told)
        is_open = requests and stage in ("requested", "assessing")
        return told.as_of - requests[0] if is_open else None, stage, show_day(requests[0]) if requests else None

    @staticmethod
    def age(born, as_of):
        if not born:
            return None
        (y, m, d), (ay, am, ad) = (tuple(map(int, x.split("-"))) for x in (born, as_of))
        years = ay - y - ((am, ad) < ((3, 1) if (m, d) == (2, 29) and not (ay % 4 == 0 and (ay % 100 or ay % 400 == 0)) else (m, d)))
        return next((name for name, lo, hi in AGES if lo <= years <= hi), None)

    # --- the lists, as the manual describes them ---

    @staticmethod
    def listed(o):
        return o["state"] == "breached" or (o["state"] == "excepted" and not o["closed_on"])

    def breaches(self, keep=lambda o: o["kind"] == "statutory", **question):
        rows = [o for o in self.at(**question)[0] if self.listed(o) and keep(o)]
        return sorted(rows, key=lambda o: o["due_on"])

    def due(self, within=28, keep=lambda o: o["kind"] == "statutory", **question):
        rows = [o for o in self.at(**question)[0] if o["state"] in ("on_track", "at_risk") and o["days"] <= within and keep(o)]
        return sorted(rows, key=lambda o: o["due_on"])

    def case_rows(self, keep=lambda c: True, counts=lambda o: o["kind"] == "statutory", some=None, **question):
        rows = []
        for c in self.at(**question)[1]:
            mine = [o for o in c["mine"] if counts(o)]
            if not keep(c) or (some and not any(some(o) for o in mine)):
                continue
            is_open = [o for o in mine if o["state"] in ("on_track", "at_risk", "breached")]
            behind = [c["as_of"] - parse_day(o["due_on"]) for o in c["mine"] if o["state"] in ("on_track", "at_risk", "breached")
                      and o["kind"] in DRIFTING]
            ahead = [o for o in is_open if o["state"] != "breached"]
            soonest = min(ahead, key=lambda o: o["due_on"], default=None)
            bad = [o for o in mine if self.listed(o)]
            rows.append({
                "case_ref": c["case_ref"], "stage": c["stage"], "requested_on": c["requested_on"],
                "weeks_open": None if c["days_open"] is None else float("%.1f" % (c["days_open"] / 7)), "band": c["band"],
                "drift": max(behind, default=None), "state": min((o["state"] for o in is_open + bad), key=RANK.get, default=None),
                "overdue": len(bad), "overdue_without_exceptions": sum(o["state"] == "breached" for o in bad),
                "next_limit": soonest and soonest["limit"], "next_due_on": soonest and soonest["due_on"],
                "act_by": soonest and soonest["act_by"], **{k: c[k] for k in ("locality", "team", "officer")}, "case": c["case"]})
        return sorted(rows, key=lambda r: (r["drift"] is None, -(r["drift"] or 0)))


# --- asking ---

def query(**words):
    return "?" + urllib.parse.urlencode(words) if words else ""


def get(ehc, path, code=200, **headers):
    status, got, body = ehc.http(urllib.parse.quote(path, safe="/?&=%+"), headers, timeout=30)
    if status != code:
        raise RuntimeError(f"{path}: {status}: {body[:300]}")
    return got, body


def ask(ehc, name, **words):
    """The document of a list; its CSV is the same rows."""
    document = json.loads(get(ehc, f"/v1/{name}.json{query(**words)}")[1])
    rows = list(csv.DictReader(io.StringIO(get(ehc, f"/v1/{name}.csv{query(**words)}")[1].decode())))
    same = len(rows) == len(document["items"]) and all(alike(a, b) for a, b in zip(rows, document["items"]))
    return document, same


def alike(row, item):
    return all(cell == shown(item[name]) for name, cell in row.items())


def shown(value):
    """A JSON value as CSV has it: guarded, null as nothing."""
    if value is None:
        return ""
    text = str(value)
    return "'" + text if isinstance(value, str) and text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


OBLIGATION = ("case_ref", "limit", "title", "kind", "subject", "start_on", "due_on", "safe_on", "act_by", "state", "days", "locality", "team",
              "officer", "citation")


def expected(rows, item):
    names = OBLIGATION if "due_on" in item else tuple(item)
    return [{n: r[n] for n in names} for r in rows], names


def compare(ehc, name, rows, about, **words):
    """The list is those rows, in that order, in both forms, with the counts that follow from them."""
    document, same = ask(ehc, name, **words)
    got = document["items"]
    want, names = expected(rows, got[0] if got else {})
    got = [{n: g[n] for n in names} for g in got]
    first = next((f"row {i}: {g} instead of {x}" for i, (g, x) in enumerate(zip(got, want)) if g != x), "")
    ok = t.ok(got == want and same, f"{name}{urllib.parse.unquote_plus(query(**words))}: {about} ({len(want)} rows)",
              first or f"{len(got)} rows instead of {len(want)}; CSV the same: {same}")
    counts(document, rows, name)
    return document if ok else None


def counts(document, rows, name):
    if name == "cases":
        bad = [r for r in rows if r["overdue"]]
        want = {"cases": len(rows), "overdue_obligations": sum(r["overdue"] for r in rows), "overdue_cases": len(bad),
                "overdue_obligations_excepted": sum(r["overdue"] - r["overdue_without_exceptions"] for r in rows),
                "overdue_cases_excepted": sum(r["overdue_without_exceptions"] == 0 for r in bad)}
    else:
        cases = {r["case"] for r in rows}
        excepted = [r for r in rows if r["state"] == "excepted"]
        want = {"obligations": len(rows), "cases": len(cases)}
        if name == "breaches":
            want.update(obligations_excepted=len(excepted), cases_excepted=len(cases - {r["case"] for r in rows if r["state"] != "excepted"}))
    got = {k: document[k] for k in want}
    if got != want:
        t.ok(False, f"the counts of {name}", f"{got} instead of {want}")


# --- the lists ---

def each_list(ehc, council):
    head = compare(ehc, "breaches", council.breaches(), "what is overdue")
    t.eq([head[k] for k in ("as_of", "rulebook")], [AS_OF, "england-2026.08"], "a list says its date and rulebook")
    t.ok(head["obligations_excepted"] > 0 and head["cases_excepted"] > 0, "with and without exceptions are not the same here")
    compare(ehc, "due", council.due(), "what falls due in four weeks")
    compare(ehc, "due", council.due(0), "what is due today", within=0)
    compare(ehc, "due", council.due(180), "what falls due in half a year", within=180)
    compare(ehc, "cases", council.case_rows(), "every case")
    t.eq(len(council.case_rows()), CASES + 4, "and that is every case")


def each_filter(ehc, council):
    def of(o, **words):
        return all(o[k] in v for k, v in words.items())
    plan = ("final_plan_20w",)
    for words in ({"limit": plan}, {"limit": ("issue_decision_16w",)}, {"kind": ("target", "derived")}, {"state": ("excepted",)},
                  {"locality": ("North, \"Upper\"",)}, {"team": ("T & T",)}, {"team": ("SENA 1", "SENA 2")}, {"officer": ("CO-001", "CO-002")}):
        words = existing(council, words)
        statutory = "limit" not in words and "kind" not in words

        def keep(o, words=words, statutory=statutory):
            return of(o, **words) and (not statutory or o["kind"] == "statutory")
        asked = {k: ",".join(v) for k, v in words.items()}
        compare(ehc, "breaches", council.breaches(keep), "filtered", **asked)
        if "state" not in words:
            compare(ehc, "due", council.due(90, keep), "filtered", within=90, **asked)
    compare(ehc, "due", council.due(60, lambda o: o["state"] == "at_risk" and o["kind"] == "statutory"), "at risk", within=60, state="at_risk")
    bands(ehc, council)
    of_cases(ehc, council)


def existing(council, words):
    """Teams and officers of the demo under whatever names it has."""
    for name in ("team", "officer"):
        if name in words and "T & T" not in words[name]:
            words = {name: tuple(sorted({c[name] for c in council.cases if c[name]})[1:3])}
    return words


def bands(ehc, council):
    """A band or an age of the case; all of them together are the cases that have one."""
    for name, values in (("band", [b[0] for b in BANDS]), ("age", [a[0] for a in AGES]), ("stage", STAGES)):
        total = 0
        for value in values:
            asked = "over-52" if value == "over 52" else value.replace(" to ", "-")
            rows = council.breaches(lambda o, n=name, v=value: o[n] == v and o["kind"] == "statutory")
            document = compare(ehc, "breaches", rows, name, **{name: asked})
            total += document["obligations"] if document else 0
            compare(ehc, "cases", council.case_rows(lambda c, n=name, v=value: c[n] == v), name, **{name: asked})
        have = [o for o in council.breaches() if o[name] is not None]
        t.eq(total, len(have), f"the parts of {name} are the whole of those that have one")
    compare(ehc, "due", council.due(40, lambda o: o["band"] in ("0 to 6", "16 to 20") and o["kind"] == "statutory"), "two bands", within=40,
            band="0-6,16 to 20")


def of_cases(ehc, council):
    """A filter of obligations keeps the cases that have such a one, and only these obligations count in the row."""
    statutory = lambda o: o["kind"] == "statutory"  # noqa: E731
    plan = lambda o: o["limit"] == "final_plan_20w"  # noqa: E731
    compare(ehc, "cases", council.case_rows(counts=plan, some=lambda o: True), "with a plan to issue", limit="final_plan_20w")
    compare(ehc, "cases", council.case_rows(counts=statutory, some=lambda o: o["state"] == "breached"), "breached", state="breached")
    compare(ehc, "cases", council.case_rows(counts=plan, some=lambda o: o["state"] == "met_late"), "plans issued late",
            limit="final_plan_20w", state="met_late")
    compare(ehc, "cases", council.case_rows(counts=lambda o: o["kind"] == "target", some=lambda o: True), "targets", kind="target")
    locality = sorted({c["locality"] for c in council.cases if c["locality"]})[0]
    compare(ehc, "cases", council.case_rows(lambda c: c["locality"] == locality), "of a locality", locality=locality)
    parts = [ask(ehc, "breaches", exception=x)[0] for x in ("none", "supported", "unverified", "unsupported")]
    t.eq(sum(p["obligations"] for p in parts), len(council.breaches()), "by exception: the parts are the whole")
    t.eq([sorted({i["state"] for i in p["items"]}) for p in parts[1:3]], [["excepted"]] * 2, "a supported or unverified exception excepts")
    t.ok(all(i["state"] == "breached" for p in (parts[0], parts[3]) for i in p["items"]), "no other does")


def order(rows, key, descending):
    """Sorted by a column: what has no value comes last either way, and equal ones stay in the list's own order."""
    have = [r for r in rows if key(r) is not None]
    return sorted(have, key=key, reverse=descending) if not descending else stable_down(have, key) + [r for r in rows if key(r) is None]


def stable_down(rows, key):
    return list(reversed(sorted(reversed(rows), key=key)))


def each_order(ehc, council):
    text = lambda n: lambda r: r[n].encode()  # noqa: E731
    plain = lambda n: lambda r: r[n]  # noqa: E731
    kinds = ("statutory", "target", "guidance", "floor", "derived", "local")
    obligation = {**{n: text(n) for n in ("case_ref", "limit", "subject", "locality", "team", "officer")},
                  **{n: plain(n) for n in ("start_on", "due_on", "safe_on", "act_by", "days")},
                  "kind": lambda r: kinds.index(r["kind"]), "state": lambda r: RANK[r["state"]]}
    case = {**{n: text(n) for n in ("case_ref", "locality", "team", "officer")},
            **{n: plain(n) for n in ("requested_on", "weeks_open", "drift", "overdue", "overdue_without_exceptions", "next_due_on", "act_by")},
            "stage": lambda r: STAGES.index(r["stage"]), "state": lambda r: RANK.get(r["state"]),
            "next_limit": lambda r: r["next_limit"] and r["next_limit"].encode()}
    everything = lambda o: True  # noqa: E731
    for name, keys, found, words in (("breaches", obligation, council.breaches(everything), {"kind": ",".join(kinds)}),
                                     ("due", obligation, council.due(30), {"within": 30}), ("cases", case, found_by_id(council), {})):
        for column, key in keys.items():
            for sign in ("", "-"):
                if name == "due" and (sign, column) not in (("", "case_ref"), ("-", "due_on"), ("-", "officer")):
                    continue
                rows = order(found, key, sign == "-") if sign else order(found, key, False) + [r for r in found if key(r) is None]
                compare_order(ehc, name, rows, column, sign, words)


def found_by_id(council):
    return sorted(council.case_rows(), key=lambda r: r["case"])


def compare_order(ehc, name, rows, column, sign, words):
    document = json.loads(get(ehc, f"/v1/{name}{query(sort=sign + column, **words)}")[1])
    key = ("case_ref", "limit", "subject", "due_on") if name != "cases" else ("case_ref",)
    got, want = ([tuple(r[k] for k in key) for r in x] for x in (document["items"], rows))
    wrong = next((i for i, (a, b) in enumerate(zip(got, want)) if a != b), None)
    t.ok(got == want, f"{name} sorted by {sign}{column}", f"row {wrong}: {got[wrong]} instead of {want[wrong]}" if wrong is not None else len(got))


def pages(ehc, council):
    rows = council.breaches()
    whole = [ask(ehc, "breaches", page=n, per_page=37)[0] for n in range(1, len(rows) // 37 + 3)]
    t.eq([i["case_ref"] for p in whole for i in p["items"]], [r["case_ref"] for r in rows], "the pages together are the list")
    t.eq([len(p["items"]) for p in whole[-2:]], [len(rows) % 37, 0], "the last page is what is left, and behind it is nothing")
    t.eq({(p["obligations"], p["per_page"], p["pages"]) for p in whole}, {(len(rows), 37, (len(rows) + 36) // 37)}, "each says how many there are in all")
    t.eq(whole[1]["page"], 2, "and which it is")
    t.eq([len(ask(ehc, "cases", page=2)[0]["items"]), len(ask(ehc, "cases", per_page=7)[0]["items"])], [100, 7], "a page has a hundred rows, or as many as are asked for")
    last = ask(ehc, "cases", sort="case_ref", page=1, per_page=3)[0]["items"]
    t.eq([r["case_ref"] for r in last], sorted((c["case_ref"] for c in council.cases), key=str.encode)[:3], "pages are of the sorted list")


def other_times(ehc, council):
    for question in ({"as_of": "2026-03-01"}, {"as_of": "2027-02-01"}, {"as_of": "2026-09-01", "known_at": "2026-06-01T00:00:00Z"}):
        compare(ehc, "breaches", council.breaches(**question), "another time", **question)
        compare(ehc, "due", council.due(45, **question), "another time", within=45, **question)
        compare(ehc, "cases", council.case_rows(**question), "another time", **question)
    at = {"as_of": "2026-03-01"}
    band = lambda o: o["band"] == "26 to 52" and o["kind"] == "statutory"  # noqa: E731
    compare(ehc, "breaches", council.breaches(band, **at), "the band on that day", band="26-52", **at)
    age = lambda c: c["age"] == "5-10"  # noqa: E731
    compare(ehc, "cases", council.case_rows(age, **at), "the age on that day", age="5-10", **at)


def not_there_yet(ehc, db):
    """On a day gone by there are the cases of which something had happened by then or lies ahead: counted in the source, which asks nobody what a case is."""
    for as_of, cut in (("2014-01-01", {}), ("2019-01-01", {}), ("2026-03-01", {}), ("2026-06-30", {}), (AS_OF, {"known_at": "2026-03-01T00:00:00Z"})):
        known = f"AND (recorded_at IS NULL OR recorded_at <= '{cut['known_at']}')" if cut else ""
        gone = f"voided_at IS NULL OR voided_at > '{cut['known_at']}'" if cut else "voided_at IS NULL"
        want = {r[0] for r in db.sql("SELECT case_ref FROM casework.ehc_case c WHERE EXISTS (SELECT FROM casework.ehc_event e WHERE e.case_id = c.case_id"
                                     f" AND (occurred_on <= '{as_of}' OR event IN ('review_arranged', 'phase_transfer', 'moved_out')) AND ({gone}) {known})")}
        rows = ask(ehc, "cases", as_of=as_of, **cut)[0]["items"]
        t.eq((len(rows), {r["case_ref"] for r in rows}), (len(want), want), f"as of {as_of} {cut or ''}: the cases of which something is seen")
        teams = list(csv.DictReader(io.StringIO(get(ehc, "/v1/stuck.csv" + query(table="teams", as_of=as_of, **cut))[1].decode())))
        t.eq(sum(int(r["cases"]) for r in teams), sum(r["stage"] in ("requested", "assessing", "plan") for r in rows), "and the teams have those that are open")


# --- what is refused, and what is kept to itself ---

def refused(ehc):
    for path, detail in (
            ("due?within=-1", "within=-1: not a number from 0 to 3660"), ("due?within=", "within=: not a number from 0 to 3660"),
            ("due?within=3661", "within=3661: not a number from 0 to 3660"), ("due?within=7&within=8", "within is given twice"),
            ("due?state=breached", "state=breached: not one of on_track, at_risk"), ("due?exception=none", "/v1/due takes no parameter exception"),
            ("breaches?within=7", "/v1/breaches takes no parameter within"), ("breaches?band=6", "band=6: not one of 0-6, 6-16, 16-20, 20-26, 26-52, over-52"),
            ("cases?age=4", "age=4: not one of 0-4, 5-10, 11-15, 16-19, 20-25"), ("cases?stage=open", "stage=open: not one of " + ", ".join(STAGES)),
            ("cases?state=late", "state=late: not one of on_track, at_risk, breached, met, met_late, excepted, void, missed"),
            ("breaches?exception=yes", "exception=yes: not one of none, supported, unverified, unsupported"),
            ("breaches?page=0", "page=0: not a number from 1 to 1000000"), ("breaches?page=1&page=2", "page is given twice"),
            ("cases?per_page=10001", "per_page=10001: not a number from 1 to 10000"), ("cases?per_page=1e3", "per_page=1e3: not a number from 1 to 10000"),
            ("cases?sort=days", "sort=days: not one of case_ref, stage, requested_on, weeks_open, band, drift, state, overdue,"
                                " overdue_without_exceptions, next_limit, next_due_on, act_by, locality, team, officer, or one of them with a - before it"),
            ("breaches?sort=citation", "sort=citation: not one of case_ref, limit, kind, subject, start_on, due_on, safe_on, act_by, state, exception,"
                                       " days, locality, team, officer, or one of them with a - before it"),
            ("cases?sort=drift&sort=team", "sort is given twice"), ("cases?sort=--drift", None), ("cases?date_of_birth=2019-02-17", None),
            ("cases.csv?birth=1", "/v1/cases.csv takes no parameter birth"), ("due?team=Atlantis", "team=Atlantis: no case has it"),
            ("due?as_of=soon", "as_of=soon: not a date of 1900 to 2199 (YYYY-MM-DD)")):
        body = json.loads(get(ehc, "/v1/" + path, 400)[1])
        t.ok(body["detail"] == detail if detail else body["status"] == 400, f"refused: {path}", body)
    for path in ("due.xml", "cases.", "case", "due/"):
        t.eq(json.loads(get(ehc, "/v1/" + path, 404)[1])["status"], 404, f"not an address: {path}")


def spreadsheets(ehc, council):
    for name in ("breaches", "due", "cases"):
        headers, body = get(ehc, f"/v1/{name}.csv")
        cells = [cell for row in csv.reader(io.StringIO(body.decode())) for cell in row]
        t.ok(not any(c[:1] in ("=", "+", "@") or (c[:1] == "-" and not c[1:].isdigit()) for c in cells), f"{name}.csv has no formula")
        t.eq((headers["content-type"], headers["content-disposition"], headers["ehcwatch-as-of"]),
             ("text/csv; charset=utf-8", f'attachment; filename="ehcwatchd-{name}-{AS_OF}.csv"', AS_OF), f"{name}.csv is a file of a day")
        headers, _ = get(ehc, f"/v1/{name}", Accept="text/csv")
        t.eq((headers["content-type"], headers["vary"]), ("text/csv; charset=utf-8", "Accept"), f"/v1/{name} by its header")
    born = {c["date_of_birth"] for c in council.cases if c["case_ref"][:1] in "=+Ä"}
    text = "".join(get(ehc, f"/v1/{n}.json")[1].decode() for n in ("breaches", "due", "cases"))
    t.ok(len(born) == 3 and not any(b in text for b in born), "no birth date leaves")


def one_team(ehc, council):
    """Whoever may see some teams only is held to them on every list, and its counts with it."""
    mine = [c["case_ref"] for c in council.cases if c["team"] == "T & T"]
    for name, words, count, rows in (("breaches", {}, "cases", council.breaches(lambda o: o["team"] == "T & T" and o["kind"] == "statutory")),
                                     ("due", {"within": 100}, "cases", council.due(100, lambda o: o["team"] == "T & T" and o["kind"] == "statutory")),
                                     ("cases", {"sort": "case_ref"}, "cases", mine)):
        document = json.loads(get(ehc, f"/v1/{name}{query(**words)}", Authorization="Bearer " + TOKEN)[1])
        got = sorted({i["case_ref"] for i in document["items"]})
        t.eq((got, document[count]), (sorted({r if name == "cases" else r["case_ref"] for r in rows}), len(got)), f"{name} of one team alone")
    t.ok(len(mine) == 2, "of which there are some")
    others = json.loads(get(ehc, "/v1/cases" + query(team="@team"), Authorization="Bearer " + TOKEN)[1])
    t.eq((others["items"], others["cases"]), ([], 0), "another team is empty for him")


def drift(ehc, council):
    """A case alone and the list of cases say the same."""
    for row in council.case_rows()[::200]:
        case = json.loads(get(ehc, "/v1/cases/" + urllib.parse.quote(row["case_ref"]))[1])
        if (case["drift"], case["drift_limits"], case["stage"]) != (row["drift"], "watched", row["stage"]):
            return t.ok(False, "a case and the list agree on its drift", f"{case['drift']}, {row}")
    row = council.case_rows()[0]
    case = json.loads(ehc.command("explain", row["case_ref"], "--format", "json").stdout)
    return t.eq((case["drift"], case["drift_limits"]), (row["drift"], "watched"), "a case, on the command line too, and the list agree on its drift")


def command_line(ehc):
    for verb, words in (("breaches", ["--band", "20-26,26-52", "--sort", "-officer"]), ("due", ["--within", "60", "--per-page", "9", "--page", "2"]),
                        ("cases", ["--state", "breached", "--as-of", "2026-10-01", "--age", "5-10"])):
        asked = dict(zip((x[2:].replace("-", "_") for x in words[::2]), words[1::2]))
        done = ehc.command(verb, "--format", "csv", *words)
        t.eq((done.returncode, done.stdout), (0, get(ehc, f"/v1/{verb}.csv{query(**asked)}")[1].decode()), f"ehcwatchd {verb} {' '.join(words)}")
    done = ehc.command("due", "--within", "soon")
    t.ok(done.returncode == 2 and "within=soon: not a number" in done.stderr, "a wrong word is a wrong use", done.stderr)
    done = ehc.command("cases", "--limit", "final_plan_20w")
    t.ok(done.stdout.startswith("Cases on 22 November 2026, as known at ") and ", overdue: " in done.stdout.splitlines()[-1], "cases for a terminal", done.stdout[:200])


def slow_reader(ehc, db):
    """Half a list is read, the caseload changes, the other half is of the old one."""
    path = "/v1/cases.json?sort=case_ref"
    before = json.loads(get(ehc, path)[1])["items"]  # when it was evaluated may be another second
    connection = http.client.HTTPConnection("127.0.0.1", ehc.port, timeout=30)
    connection.sock = socket.socket()
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # what the kernel takes in advance is not the list
    connection.sock.settimeout(30)
    connection.sock.connect(("127.0.0.1", ehc.port))
    connection.request("GET", path)
    answer = connection.getresponse()
    read = [answer.read(1000)]
    cases = ehc.metrics()["ehc_cases{stage=\"ended\"}"]
    db.sql("INSERT INTO casework.ehc_event (case_id, event, occurred_on) SELECT case_id, 'case_closed', '2026-11-21' FROM casework.ehc_case")

    def seen():
        read.append(answer.read(100))  # slow, but not so slow as to be cut off
        return ehc.metrics().get("ehc_cases{stage=\"ended\"}", 0) > cases
    ehc.wait_until(seen, what="the change to be seen")
    t.ok(json.loads(b"".join(read) + answer.read())["items"] == before, "a slow reader sees one moment")
    connection.close()
    t.ok(json.loads(get(ehc, path)[1])["items"] != before, "the next one sees the next")


def main():
    with h.Cluster() as db:
        db.set_now(AS_OF + " 12:00+00")
        options = {"limits": LIMITS}
        with w.Watch(db, options=options) as ehc:
            digest = hashlib.sha256(TOKEN.encode()).hexdigest()
            ehc.options["api_token_file"] = ehc.write_secret("tokens", f"di reader sha256:{digest} teams=T & T")
            ehc.write_config()
            ehc.migrate()
            db.load(w.ROOT / "sql/demo/caseload.sql")
            db.sql("SELECT casework_demo.generate(%s, 1, %s)", (CASES, AS_OF))
            hostile(db)
            council = Council(db, ehc.dir, oracle.Rulebook())
            ehc.start().wait_ready()
            each_list(ehc, council)
            each_filter(ehc, council)
            each_order(ehc, council)
            pages(ehc, council)
            other_times(ehc, council)
            not_there_yet(ehc, db)
            refused(ehc)
            spreadsheets(ehc, council)
            one_team(ehc, council)
            drift(ehc, council)
            command_line(ehc)
            slow_reader(ehc, db)


main()
t.done()
