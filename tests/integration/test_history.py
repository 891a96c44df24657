#!/usr/bin/python3
"""The history: the counts of each civil day, as an independent reading of the rulebook has them, kept as they were observed."""
import collections
import csv
import datetime
import io
import json
import signal
import sys

import _world as w
from _world import h

sys.path.insert(0, str(w.ROOT / "tests/oracle"))
import counting  # noqa: E402
import facts  # noqa: E402
import naive  # noqa: E402

CASES, FIRST = 120, datetime.date(2026, 6, 8)  # a Monday
LIMITS = ("assess_decision_6w", "final_plan_20w", "annual_review_12m", "review_decision_4w", "advice_6w", "review_notice_2w")
t = h.Tap()


class Council(w.Watch):
    def to(self, day, time="12:00"):
        """The database's clock in England, and the daemon has evaluated by it. What was written meanwhile was recorded by then."""
        self.db.set_clock(f"{day} {time}:00+01")
        self.db.sql("UPDATE casework.ehc_event SET recorded_at = least(recorded_at, ehcwatch.clock()), voided_at = CASE WHEN voided_at IS NOT NULL THEN least(voided_at, ehcwatch.clock()) END"
                    " WHERE greatest(recorded_at, voided_at) > ehcwatch.clock() + interval '30 days'")
        self.read()

    def get(self, path, code=200, token=None, body=None):
        """The JSON of an answer; with a body, to a POST."""
        headers = {"Content-Type": "application/json", **({"Authorization": "Bearer " + token} if token else {})}
        got, _, raw = self.http(path, headers, "GET" if body is None else "POST", None if body is None else json.dumps(body))
        assert got == code, (path, got, raw)
        return json.loads(raw)

    def counts(self, day):
        """{(limit, state, locality, team): n} as kept."""
        return {r[:4]: r[4] for r in self.db.sql("SELECT limit_id, state, locality, team, n FROM ehcwatch.history WHERE day = %s", (day,))}

    def kept(self, day, want):
        """Returns when the day is kept like that."""
        try:
            self.wait_until(lambda: self.counts(day) == want, what=f"the history of {day}")
            return True
        except TimeoutError:
            got = self.counts(day)
            t.note(f"{day}: too many {sorted(set(got.items()) - set(want.items()))[:5]}, lacks {sorted(set(want.items()) - set(got.items()))[:5]}")
            return False

    def unwritten(self):
        """Whether there are three evaluations that write nothing. What those before them found may be on its way for a while."""
        def rows():
            return self.db.sql("SELECT xmin::text::bigint, day FROM ehcwatch.history_count UNION ALL SELECT xmin::text::bigint, day FROM ehcwatch.history_day ORDER BY 1, 2")

        def still():
            before = rows()
            self.read()
            return rows() == before

        return any(still() for _ in range(10))

    def days(self):
        return self.db.sql("SELECT day, observed FROM ehcwatch.history_day ORDER BY day")


class Oracle:
    """The rulebook read once more (tests/oracle), over the rows of the tables."""

    def __init__(self, db):
        self.db, self.book = db, facts.Rulebook(facts.RULEBOOK)

    def export(self, folder):
        for name, columns in (("case", "case_id, case_ref, locality, team, officer, date_of_birth"), ("event", "case_id, event, subject, occurred_on, recorded_at, voided_at"),
                              ("exception", "case_id, ground, from_on, to_on, recorded_at, voided_at")):
            with self.db.connect() as connection, connection.cursor() as cursor, open(folder / f"{name}.csv", "w", encoding="utf-8") as out:
                cursor.execute("SET TimeZone = 'UTC'; SET DateStyle = ISO")
                sql = columns.replace("recorded_at", "to_char(recorded_at, 'YYYY-MM-DD\"T\"HH24:MI:SS.USOF:00') AS recorded_at")
                sql = sql.replace("voided_at", "to_char(voided_at, 'YYYY-MM-DD\"T\"HH24:MI:SS.USOF:00') AS voided_at")
                cursor.copy_expert(f"COPY (SELECT {sql} FROM casework.ehc_{name} ORDER BY 1) TO STDOUT (FORMAT csv, HEADER)", out)

    def rows(self, folder, day, known_at=None):
        """(case_ref, limit, subject, start_on, ..., state, ...) of all limits under watch."""
        self.export(folder)
        loaded = facts.load(self.book, folder / "case.csv", folder / "event.csv", folder / "exception.csv", known_at)
        return naive.evaluate(self.book, loaded, counting.parse_day(str(day)), naive.chosen_limits(self.book, ",".join(LIMITS)))

    def counts(self, folder, day, known_at=None):
        places = {r[0]: (r[1] or "", r[2] or "") for r in self.db.sql("SELECT case_ref, locality, team FROM casework.ehc_case")}
        return dict(collections.Counter((r[1], r[7], *places[r[0]]) for r in self.rows(folder, day, known_at)))


def day(n):
    return FIRST + datetime.timedelta(days=n)


def days_pass(db, ehc, oracle):
    """Every day is kept as its last evaluation found it, and no later one changes it."""
    add, before = ehc.cases, {}
    for n in range(6):
        today = day(n)
        ehc.to(today, "09:00")
        add.case(9000 + n, ("request_received", str(today - datetime.timedelta(days=40 + 20 * n)), "parent"), locality="Blaby" if n % 2 else "", team="North")
        if n == 2:
            add.event(9001, "assess_agreed", str(day(1)), recorded_at=f"{today} 10:00+01")  # late: it was so yesterday
            add.void(9000, "request_received")
        if n == 4:  # moves to another team
            db.sql("UPDATE casework.ehc_case SET team = 'South' WHERE case_id = 9001")
        ehc.to(today, "18:00")
        before[today] = oracle.counts(ehc.dir, today)
        t.ok(ehc.kept(today, before[today]), f"{today} is kept as the oracle counts it")
    t.ok(before[day(1)] != before[day(2)], "the days differ")
    for past, counts in before.items():
        t.eq(ehc.counts(past), counts, f"{past} stays as it was")
    t.eq(ehc.days(), [(d, True) for d in sorted(before)], "one row for each day, observed")
    stages = db.sql("SELECT requested + assessing + refused + plan + ended, breached_cases, limits, rulebook FROM ehcwatch.history_day WHERE day = %s", (day(5),))[0]
    t.eq((stages[0], stages[2]), (CASES + 6, sorted(LIMITS, key=[x.id for x in oracle.book.limits].index)), "its cases by stage, and the limits under watch")
    breached = {r[0] for r in oracle.rows(ehc.dir, day(5)) if r[7] == "breached"}
    t.eq(stages[1], len(breached), "and cases with a breach")


def only_what_changed(db, ehc, oracle):
    """A poll that finds nothing writes nothing; one that finds something writes that."""
    t.ok(ehc.unwritten(), "nothing new: nothing written")
    ehc.cases.case(9100, ("request_received", str(day(5)), "parent"), locality="Melton", team="North")
    want = oracle.counts(ehc.dir, day(5))
    t.ok(ehc.kept(day(5), want), "one case more")
    youngest = db.value("SELECT max(xmin::text::bigint) FROM ehcwatch.history_count")
    written = db.value("SELECT count(*) FROM ehcwatch.history_count WHERE day = %s AND xmin::text::bigint = %s", (day(5), youngest))
    t.ok(0 < written <= len(LIMITS), f"{written} counts are written for it")
    db.sql("DELETE FROM casework.ehc_event WHERE case_id = 9100; DELETE FROM casework.ehc_case WHERE case_id = 9100")
    t.ok(ehc.kept(day(5), oracle.counts(ehc.dir, day(5))), "and gone again")


def end_of(a_day):
    """The last second of a day in England, in summer."""
    return f"{a_day}T23:59:59+01:00"


def backfill(db, ehc, oracle):
    """Days that nobody observed are worked out as they were known then; those that were stay."""
    observed = {d: ehc.counts(d) for d, _ in ehc.days()}
    done = ehc.command("history", "--from", str(day(-10)), "--every", "day")
    t.eq((done.returncode, done.stdout, done.stderr), (0, "10 days worked out, 5 observed and left as they are\n", ""), "ten days before the first, five since")
    t.eq(ehc.days(), [(day(n), n >= 0) for n in range(-10, 6)], "each is marked as what it is")
    for n in (-10, -6, -1):
        t.eq(ehc.counts(day(n)), oracle.counts(ehc.dir, day(n), end_of(day(n))), f"{day(n)} as it was known at its end")
    t.eq({d: ehc.counts(d) for d in observed}, observed, "observed days are as before")
    total = db.value("SELECT requested + assessing + refused + plan + ended FROM ehcwatch.history_day WHERE day = %s", (day(-10),))
    t.eq(total, db.value("SELECT count(DISTINCT case_id) FROM casework.ehc_event WHERE occurred_on <= %s AND recorded_at <= %s AND (voided_at IS NULL OR voided_at > %s)",
                         (day(-10), end_of(day(-10)), end_of(day(-10)))), "of the cases that were known then")
    before = {n: ehc.counts(day(n)) for n in (-10, -1)}
    ehc.cases.event(9003, "request_withdrawn", str(day(-12)), recorded_at=f"{day(5)} 10:00+01")
    withdrawn = oracle.counts(ehc.dir, day(5))
    t.ok(withdrawn != observed[day(5)] and ehc.kept(day(5), withdrawn), "today changes with what is recorded today")
    done = ehc.command("history", "--from", str(day(-20)), "--every", "week")
    t.eq((done.returncode, done.stdout), (0, "3 days worked out, 0 observed and left as they are\n"), "by week: the Sundays")
    t.eq({n: ehc.counts(day(n)) for n in (-10, -1)}, before, "what was recorded later was not known then")
    for args, code, says in ((("--from", "2026-13-01"), 2, "--from=2026-13-01: not a date"), ((), 2, "--from"), (("--from", "2026-06-01", "--every", "month"), 2, "not one of day, week")):
        done = ehc.command("history", *args)
        t.ok(done.returncode == code and says in done.stderr, f"history {' '.join(args)}: {says}", done.stderr)
    db.sql("DELETE FROM casework.ehc_event WHERE case_id = 9003 AND event = 'request_withdrawn'")
    t.ok(ehc.kept(day(5), observed[day(5)]), "and today is as it was")


def table(ehc, query, path="/v1/history.csv"):
    code, headers, body = ehc.http(path + query)
    assert code == 200, (code, body)
    return list(csv.DictReader(io.StringIO(body.decode())))


def sums(counts, key, states=("breached",), localities=None, teams=None):
    """What a row should say: {state: n} of a limit."""
    return {s: sum(n for (limit, state, locality, team), n in counts.items()
                   if limit == key and state == s and (not localities or locality in localities) and (not teams or team in teams)) for s in states}


def answers(db, ehc, oracle):
    """Over HTTP: by day and by ISO week, narrowed, with gaps as gaps."""
    states = "on_track at_risk breached met met_late excepted void missed".split()
    kept = {day(n): ehc.counts(day(n)) for n in range(-10, 6)}
    rows = table(ehc, f"?from={day(-2)}&to={day(8)}&limit=final_plan_20w,assess_decision_6w")
    t.eq([(r["day"], r["limit"]) for r in rows], [(str(day(n)), limit) for n in range(-2, 9) for limit in ("assess_decision_6w", "final_plan_20w")], "a row for each day and limit")
    for r in rows:
        got, a_day = {s: r[s] for s in states}, datetime.date.fromisoformat(r["day"])
        want = {s: str(n) for s, n in sums(kept[a_day], r["limit"], states).items()} if a_day in kept else dict.fromkeys(states, "")
        t.eq((got, r["observed"]), (want, "" if a_day not in kept else "true" if a_day >= FIRST else "false"), f"{r['day']} {r['limit']}: {'counts' if a_day in kept else 'a gap'}")
    rows = table(ehc, f"?from={day(-10)}&to={day(12)}&by=week&limit=final_plan_20w&state=breached,met_late&locality=Blaby,Melton&team=North")
    weeks = {"2026-W22": day(-8), "2026-W23": day(-1), "2026-W24": day(5), "2026-W25": None}
    t.eq({r["week"]: (r["day"], r["breached"], r["met_late"]) for r in rows},
         {week: ("", "", "") if last is None else (str(last), *map(str, sums(kept[last], "final_plan_20w", ("breached", "met_late"), ("Blaby", "Melton"), ("North",)).values()))
          for week, last in weeks.items()}, "by week: the last day of it that was evaluated; of some places; in the order of the states")
    t.ok("on_track" not in rows[0], "only the states that are asked for")
    rows = table(ehc, f"?from={day(5)}&to={day(5)}")
    t.eq([r["limit"] for r in rows], [x.id for x in oracle.book.limits if x.id in LIMITS and x.kind == "statutory"], "without a limit: the statutory ones under watch")
    limits = db.value("SELECT limits FROM ehcwatch.history_day WHERE day = %s", (day(4),))
    db.sql("UPDATE ehcwatch.history_day SET limits = array_remove(limits, 'final_plan_20w') WHERE day = %s", (day(4),))
    rows = table(ehc, f"?from={day(4)}&to={day(5)}&limit=final_plan_20w,advice_6w&state=breached")
    t.eq([r["breached"] != "" for r in rows], [True, False, True, True], "a limit that was not under watch was not counted")
    db.sql("UPDATE ehcwatch.history_day SET limits = %s WHERE day = %s", (limits, day(4)))
    rows = table(ehc, f"?from={day(4)}&to={day(7)}&table=cases")
    t.eq([(r["day"], r["requested"] != "") for r in rows], [(str(day(n)), n < 6) for n in range(4, 8)], "cases by stage")
    t.eq([rows[1][c] for c in ("requested", "assessing", "refused", "plan", "ended", "breached_cases")],
         list(map(str, db.sql("SELECT requested, assessing, refused, plan, ended, breached_cases FROM ehcwatch.history_day WHERE day = %s", (day(5),))[0])), "as kept")

    body = json.loads(ehc.http(f"/v1/history?by=week&limit=advice_6w&state=breached&from={day(-10)}&to={day(12)}")[2])
    t.eq((body["by"], body["gaps"], body["observed"], len(body["items"]), body["items"][-1]["breached"], body["items"][-2]["observed"]), ("week", 1, 1, 4, None, True), "as JSON")
    t.eq((body["from"], body["to"], body["as_of"]), (str(day(-10)), str(day(12)), str(day(5))), "with what was asked")
    body = json.loads(ehc.http("/v1/history.json")[2])
    t.eq((body["to"], body["from"]), (str(day(5)), str(day(5 - 181))), "half a year, unless something else is asked for")
    for query, says in (("from=2026-1-1", "from=2026-1-1: not a date"), ("by=month", "by=month: not one of day, week"), ("limit=nope", "limit=nope: no such limit"),
                        ("state=late", "state=late: not one of"), ("team=Nord", "team=Nord: the history does not know it"), ("locality=Blaby,X", "locality=X: the history"),
                        ("officer=x", "takes no parameter officer"), ("table=cases&team=North", "for the whole council"), ("from=1990-01-01", "more than"),
                        ("from=2000-01-01&by=week&limit=final_plan_20w,advice_6w,assess_decision_6w,annual_review_12m,review_decision_4w", None), ("from=2026-06-02&to=2026-06-01", "later")):
        code, _, body = ehc.http("/v1/history?" + query)
        detail = json.loads(body).get("detail", "")
        t.ok(code == 200 if says is None else code == 400 and says in detail, f"?{query}: {says or 'fine'}", f"{code} {detail}")
    weekly = db.sql("SELECT to_char(day, 'IYYY-\"W\"IW'), sum(n) FROM ehcwatch.history WHERE limit_id = 'final_plan_20w' AND state = 'breached' AND day IN"
                    " (SELECT max(day) FROM ehcwatch.history_day GROUP BY date_trunc('week', day)) GROUP BY 1 ORDER BY 1")
    rows = table(ehc, f"?from={day(-30)}&to={day(5)}&by=week&limit=final_plan_20w&state=breached")
    t.eq([(r["week"], int(r["breached"])) for r in rows if r["breached"]], [(week, int(n)) for week, n in weekly], "and as SQL answers it, without touching a case")


def by_week(db, ehc, oracle):
    """The weeks of a year that the page draws: kept in memory as they are in the database, and of today what is overdue today."""
    statutory = [x.id for x in oracle.book.limits if x.kind == "statutory"]
    sql = ("SELECT to_char(d.day, 'IYYY-\"W\"IW'), d.day::text, (SELECT coalesce(sum(n), 0) FROM ehcwatch.history k WHERE k.day = d.day AND k.state = 'breached'"
           " AND k.limit_id = ANY (%s) AND (%s IS NULL OR k.team = %s)) FROM (SELECT max(day) AS day FROM ehcwatch.history_day GROUP BY date_trunc('week', day)) d ORDER BY 1")

    def matches(team):
        want = [(week, a_day, str(n)) for week, a_day, n in db.sql(sql, (statutory, team, team))]
        rows = table(ehc, f"?team={team}" if team else "", "/v1/trend.csv")
        return want, [(r["week"], r["day"], r["overdue_without_exceptions"]) for r in rows if r["day"]]
    try:
        ehc.wait_until(lambda: matches(None)[0] == matches(None)[1], 60, "the weeks")
    except TimeoutError:
        t.note(matches(None))
    for team in (None, "North", "South"):
        want, got = matches(team)
        t.ok(got == want and len(want) >= 4, f"{team or 'all teams'}: {len(want)} weeks as SQL has them", (got, want))
    rows = table(ehc, "", "/v1/trend.csv")
    t.eq({r["day"]: r["observed"] for r in rows[:-1] if r["day"]}, {str(d): str(seen).lower() for d, seen in ehc.days() if d < FIRST and d.weekday() == 6}, "which of them were worked out afterwards")
    t.ok("of the weeks were worked out afterwards." in ehc.get("/v1/trend")["explanation"][0], "is said")
    body = ehc.get(f"/v1/trend?known_at={day(-5)}T12:00:00Z")
    t.ok(max(r["day"] or "" for r in body["trend"][:-1]) == str(day(-8)), "as it was known on a day: what was counted on it or later is left out", body["explanation"])
    t.eq((len(rows), rows[-1]["week"], rows[0]["week"]), (53, "2026-W24", "2025-W24"), "a year of weeks, and this one at the end")
    body = ehc.get("/v1/breaches?per_page=1")
    t.eq(int(rows[-1]["overdue_without_exceptions"]), body["obligations"] - body["obligations_excepted"], "which has what the list has")
    date = datetime.date.fromisoformat
    found = [(r[7], date(r[4]), date(r[8] or (r[3] if r[7] == "missed" else "9999-12-31"))) for r in oracle.rows(ehc.dir, day(5)) if r[1] in statutory]  # no event closes a notice that was not given
    t.ok(any(r[7] == "missed" and not r[8] for r in oracle.rows(ehc.dir, day(5))), "among them a notice that was not given")
    late = [(state, due, closed) for state, due, closed in found if state in ("met_late", "missed") and closed > due]
    fell = [due + datetime.timedelta(days=1) for state, due, _ in late + [x for x in found if x[0] == "breached"]]
    for r in rows[-20:]:
        of_week = lambda d, week=r["week"]: f"{d.isocalendar()[0]}-W{d.isocalendar()[1]:02}" == week  # noqa: E731
        want = [sum(map(of_week, fell)), *(sum(of_week(closed) for state, _, closed in late if state == s) for s in ("met_late", "missed"))]
        t.eq([int(r[c]) for c in ("new", "done_late", "missed")], want, f"{r['week']}: what fell overdue and came to an end, as the oracle has it")


def weeks_are_read_again(db, ehc, oracle):
    """When a place of the history gets its first case, and when the rulebook is another one, whatever fails meanwhile."""
    def counted(team=""):
        return [int(r["overdue_without_exceptions"]) for r in table(ehc, team, "/v1/trend.csv") if r["day"] == str(day(-1))]

    before = counted()[0]
    series = db.value("INSERT INTO ehcwatch.history_series (limit_id, state, locality, team) VALUES ('final_plan_20w', 'breached', 'Later', 'Later') RETURNING series_id")
    db.sql("INSERT INTO ehcwatch.history_count VALUES (%s, %s, 7); UPDATE ehcwatch.history_day SET evaluated_at = evaluated_at + interval '1 second' WHERE day = %s", (series, day(-1), day(-1)))
    t.ok(ehc.wait_until(lambda: counted() == [before + 7], 60, "the count of a place that no case has been in"), "a place that no case has been in is counted for all")
    ehc.cases.case(9250, ("request_received", str(day(5)), "parent"), locality="Later", team="Later")
    ehc.read()
    t.ok(ehc.wait_until(lambda: counted("?team=Later") == [7], 60, "its own weeks"), "and by itself when one is")

    db.sql("UPDATE ehcwatch.history_count SET n = 8 WHERE series_id = %s; ALTER TABLE ehcwatch.history_series RENAME TO away", (series,))
    reloads = ehc.log().count("reloaded: ")
    ehc.send(signal.SIGHUP)
    ehc.wait_until(lambda: ehc.log().count("reloaded: ") > reloads, what="the reload")
    ehc.read()
    body = ehc.get("/v1/trend")
    t.eq((body["weeks_counted"], "The history could not be read yet" in body["explanation"][0]), (1, True), "weeks of another rulebook are not shown")
    db.sql("ALTER TABLE ehcwatch.away RENAME TO history_series")
    t.ok(ehc.wait_until(lambda: counted() == [before + 8], 60, "the weeks by the rulebook in force"), "and read again as soon as they can be")
    db.sql("DELETE FROM casework.ehc_event WHERE case_id = 9250; DELETE FROM casework.ehc_case WHERE case_id = 9250")
    t.ok(ehc.kept(day(5), oracle.counts(ehc.dir, day(5))), "today is kept all the same")


def a_kill_between(db, ehc, oracle):
    """A day is there as a whole or not at all, and the next evaluation makes it good."""
    with w.Lock(db, "ehcwatch.history_count", "SHARE") as lock:
        db.set_clock(f"{day(6)} 12:00:00+01")
        lock.wait_for("ehcwatchd history", ehc)
        t.eq(ehc.kill(), -signal.SIGKILL, "killed while it writes")
    h.wait_until(lambda: db.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ehcwatchd history'") == 0, what="the end of its session")
    t.eq((db.value("SELECT count(*) FROM ehcwatch.history_day WHERE day = %s", (day(6),)), ehc.counts(day(6))), (0, {}), "nothing of the day is there")
    ehc.start().wait_ready()
    t.ok(ehc.kept(day(6), oracle.counts(ehc.dir, day(6))), "and after a restart all of it")
    db.sql("CREATE FUNCTION public.full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no room'; END $$;"
           "CREATE TRIGGER full_disk BEFORE INSERT ON ehcwatch.history_count FOR EACH ROW EXECUTE FUNCTION public.full_disk()")
    ehc.to(day(7))
    ehc.wait_log("history_not_written: a value was refused .SQLSTATE P0001")
    t.eq(db.value("SELECT count(*) FROM ehcwatch.history_day WHERE day = %s", (day(7),)), 0, "what the database refuses leaves no day without its counts")
    db.sql("DROP TRIGGER full_disk ON ehcwatch.history_count; DROP FUNCTION public.full_disk")
    ehc.read()
    t.ok(ehc.kept(day(7), oracle.counts(ehc.dir, day(7))), "and it is made good")
    db.sql("CREATE FUNCTION public.not_this() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not this one'; END $$;"
           "CREATE TRIGGER not_this BEFORE INSERT ON ehcwatch.transition FOR EACH ROW WHEN (NEW.case_id = 9150) EXECUTE FUNCTION public.not_this()")
    ehc.cases.case(9150, ("request_received", str(day(7) - datetime.timedelta(days=41)), "parent"), locality="Melton", team="West")
    ehc.cases.hint(9150)
    t.ok(ehc.kept(day(7), oracle.counts(ehc.dir, day(7))), "a case whose transition is refused counts all the same")
    t.eq(ehc.transitions(9150), [], "while it is refused")
    db.sql("DROP TRIGGER not_this ON ehcwatch.transition; DROP FUNCTION public.not_this")
    ehc.wait_until(lambda: ehc.transitions(9150), what="the transition")


def two_daemons(db, ehc, oracle):
    """Only the leader writes; when it dies, the other goes on."""
    with Council(db, options=ehc.options | {"listen": f"127.0.0.1:{h.free_port()}"}) as other:
        other.port = int(other.options["listen"].rpartition(":")[2])
        other.start().wait_ready()
        other.wait_log("standing_by")
        ehc.to(day(8), "09:00")
        other.read()
        t.ok(ehc.kept(day(8), oracle.counts(ehc.dir, day(8))), "two are there, and the day is kept once")
        ehc.kill()
        ehc.cases.case(9200, ("request_received", str(day(8)), "parent"), locality="Blaby", team="West")
        other.wait_log("leading: ")
        t.ok(other.kept(day(8), oracle.counts(ehc.dir, day(8))), "the other takes over, and goes on with the day")
        other.to(day(9))
        t.ok(other.kept(day(9), oracle.counts(ehc.dir, day(9))), "and with the next")
        # What an earlier evaluation of the day says, told late, is not believed.
        before = other.counts(day(9))
        db.sql("UPDATE ehcwatch.history_day SET evaluated_at = evaluated_at + interval '1 hour' WHERE day = %s", (day(9),))
        ehc.cases.case(9201, ("request_received", str(day(9)), "parent"), locality="Blaby", team="West")
        other.read()
        t.eq(other.counts(day(9)), before, "an earlier evaluation of a day does not take the place of a later one")
        db.sql("UPDATE ehcwatch.history_day SET evaluated_at = evaluated_at - interval '1 hour' WHERE day = %s", (day(9),))
        other.read()
        t.ok(other.kept(day(9), oracle.counts(ehc.dir, day(9))), "and a later one does")
    ehc.start().wait_ready()


def listed(row):
    """On the breach list, of a row of the oracle."""
    return row[7] == "breached" or row[7] == "excepted" and row[8] == ""


def by_oracle(oracle, folder, now, then, meeting):
    """{(case, limit, subject, start): (was, is)} of what is new, and of what was cleared, by two readings of the rulebook."""
    before = {r[:4]: r for r in oracle.rows(folder, then, meeting)}
    after = {r[:4]: r for r in oracle.rows(folder, now)}
    moved = {k[:3] for k in before.keys() ^ after.keys()}  # a corrected start: told as one, not here
    same = {k for k in before.keys() | after.keys() if k[:3] not in moved or k in before and k in after}
    pairs = {k: (before.get(k), after.get(k)) for k in before.keys() | after.keys()}
    new = {k for k, (b, a) in pairs.items() if a and listed(a) and not (b and listed(b))}
    gone = {k for k, (b, a) in pairs.items() if b and listed(b) and (not (a and listed(a)) or (b[7], a[7]) == ("breached", "excepted"))}
    return new, gone, same


def changes(db, ehc, oracle):
    """Since a meeting, against the oracle's two evaluations and against what was recorded as it happened."""
    ehc.cases.case(9300, ("request_received", str(day(8) - datetime.timedelta(days=41)), "parent"), locality="Blaby", team="West")  # due on the 17th, day 9
    ehc.cases.case(9301, ("request_received", str(day(8) - datetime.timedelta(days=42)), "parent"), locality="Blaby", team="West")  # due on the 16th, day 8
    ehc.to(day(9))
    late = db.value("SELECT case_id FROM ehcwatch.obligation WHERE state = 'breached' AND limit_id = 'assess_decision_6w' AND NOT gone AND case_id NOT IN (9000, 9001) ORDER BY due_on LIMIT 1")
    ehc.cases.event(late, "assess_agreed", str(day(9)))
    ehc.to(day(10), "09:00")
    ehc.cases.event(9301, "assess_agreed", str(day(10)))
    ehc.to(day(11))
    every = "limit=" + ",".join(LIMITS)
    for since, then in ((f"{day(1)}T10:00:00Z", day(1)), (f"{day(8)}T20:00:00Z", day(8)), (f"{day(10)}T10:00:00Z", day(10))):
        body = ehc.get(f"/v1/changes?{every}&since={since}")
        new, gone, same = by_oracle(oracle, ehc.dir, day(11), then, since)
        key = [(i["case_ref"], i["limit"], i["subject"], i["start_on"]) for i in body["items"]]
        got = {c: {k for k, i in zip(key, body["items"]) if i["change"] == c} for c in ("new", "cleared")}
        t.eq((got["new"] & same, got["cleared"] & same), (new & same, gone & same), f"since {since}: {len(new)} new and {len(gone)} cleared, as the oracle's two readings say")
        t.eq([body[c] for c in ("new", "worsened", "in_between", "cleared")], [sum(i["change"] == c for i in body["items"]) for c in ("new", "worsened", "in_between", "cleared")], "and as many as are counted")
    # What was told as it happened: whatever was breached since, and is, is new; whatever was before, and is not, is cleared; the rest came and went.
    since = f"{day(8)}T20:00:00Z"
    told = db.sql("SELECT c.case_ref, t.limit_id, t.subject, t.start_on::text, bool_or(t.to_state = 'breached'), bool_or(t.from_state = 'breached'), bool_or(o.state = 'breached')"
                  " FROM ehcwatch.transition t JOIN ehcwatch.obligation o USING (case_id, limit_id, subject, start_on) JOIN ehcwatch.case_state c USING (case_id)"
                  " WHERE t.recorded_at > %s AND NOT o.gone GROUP BY 1, 2, 3, 4", (since,))
    want = {"new": {x[:4] for x in told if x[4] and x[6]}, "cleared": {x[:4] for x in told if x[5] and not x[4]}, "in_between": {x[:4] for x in told if x[4] and x[5] and not x[6]}}
    items = ehc.get(f"/v1/changes?{every}&since={since}")["items"]
    got = {c: {(i["case_ref"], i["limit"], i["subject"], i["start_on"]) for i in items if i["change"] == c} for c in want}
    t.eq(got, want, "the transitions say the same")
    ref = db.value("SELECT case_ref FROM casework.ehc_case WHERE case_id = %s", (late,))
    t.ok(want["new"] and want["in_between"] and ref in {x[0] for x in want["cleared"]}, "there are some of each")
    by_hand = {i["case_ref"]: (i["change"], i["was"], i["is"], i["how"], i["days"]) for i in items if i["limit"] == "assess_decision_6w" and i["case_ref"] in ("EHC-9300", "EHC-9301", ref)}
    t.eq(by_hand, {"EHC-9300": ("new", None, "breached", "", 2), "EHC-9301": ("in_between", None, "met_late", "met_late", None),
                   ref: ("cleared", "breached", "met_late", "met_late", None)}, "three by hand: two of them nobody knew of at the meeting")

    rows = table(ehc, f"?{every}&since={since}&table=counts", "/v1/changes.csv")
    t.eq({(r["limit"], r["team"]): [int(r[c]) for c in ("new", "worsened", "in_between", "cleared")] for r in rows},
         {k: [sum((i["limit"], i["team"], i["change"]) == (*k, c) for i in items) for c in ("new", "worsened", "in_between", "cleared")] for k in {(i["limit"], i["team"]) for i in items}},
         "by limit and team")
    rows = table(ehc, f"?{every}&since={since}&change=new,cleared&team=West", "/v1/changes.csv")
    t.eq([(r["change"], r["case_ref"], r["limit"]) for r in rows], [(i["change"], i["case_ref"], i["limit"]) for i in items if i["change"] in ("new", "cleared") and i["team"] == "West"], "narrowed, as CSV")
    statutory = {x.id for x in oracle.book.limits if x.kind == "statutory"}
    t.ok({i["limit"] for i in ehc.get(f"/v1/changes?since={day(1)}")["items"]} <= statutory, "without a limit: the statutory ones")
    t.eq(ehc.get(f"/v1/changes?since={day(1)}")["since"], f"{day(1)}T22:59:59Z", "a date stands for its end")
    for query, says in ((f"since={day(12)}", "not before the moment"), ("since=yesterday", "since=yesterday: not a time"), ("change=old", "change=old: not one of new"), ("state=breached", "no parameter state"),
                        (f"since={day(10)}&as_of={day(9)}", "not before the moment"), ("table=what", "table=what: no such table")):
        t.ok(says in ehc.get("/v1/changes?" + query, 400)["detail"], f"?{query}: {says}")


def marked_meanwhile(db, ehc, token):
    """A meeting is marked while those that were marked before are being read, by another session and with what there was then."""
    db.set_clock(f"{day(11)} 12:30:00+01")
    ehc.read()
    db.sql("CREATE FUNCTION public.look() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN"
           " IF current_setting('application_name') = 'ehcwatchd history' THEN PERFORM pg_advisory_xact_lock_shared(77); END IF; RETURN true; END $$;"
           "ALTER TABLE ehcwatch.meeting RENAME TO marked; CREATE VIEW ehcwatch.meeting AS SELECT * FROM ehcwatch.marked WHERE public.look()")
    holder = db.connect()
    with holder.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(77)")
    db.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ehcwatchd history'")  # a new one asks at once
    ehc.wait_until(lambda: w.blocked(db, holder, "ehcwatchd history"), what="the marks to be read")
    ehc.get("/v1/meetings", 200, token, {})
    t.eq(ehc.get("/v1/changes")["since"], f"{day(11)}T11:30:00Z", "marked while the marks are read: it counts at once")
    holder.close()
    ehc.wait_until(lambda: not db.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ehcwatchd history' AND state <> 'idle'"), what="the marks")
    ehc.read()
    t.eq(ehc.get("/v1/changes")["since"], f"{day(11)}T11:30:00Z", "and goes on to count")
    db.sql("DROP VIEW ehcwatch.meeting; ALTER TABLE ehcwatch.marked RENAME TO meeting; DROP FUNCTION public.look")


def meetings(db, ehc, oracle):
    """By the calendar, and marked with a token; what has changed, has changed since the last one."""
    tokens, lines = {}, ""
    for name, role in (("chair", "meeting"), ("guest", "reader")):
        done = h.subprocess.run([ehc.program, "token", name, role], check=True, text=True, stdout=h.subprocess.PIPE, stderr=h.subprocess.PIPE)
        tokens[name], lines = done.stderr.strip(), lines + done.stdout
    (ehc.dir / "tokens").write_text(lines)
    (ehc.dir / "tokens").chmod(0o600)
    ehc.options["api_token_file"] = str(ehc.dir / "tokens")
    ehc.options["limits"] = [x for x in LIMITS if x != "advice_6w"]
    ehc.extra = 'meeting { weekday = "thursday" time = "14:00" }\n'
    ehc.write_config()
    ehc.send(signal.SIGHUP)
    ehc.wait_log("reloaded: ")
    ehc.read()
    t.ok(ehc.kept(day(11), {k: n for k, n in oracle.counts(ehc.dir, day(11)).items() if k[0] != "advice_6w"}), "a limit that is watched no longer is not counted")
    t.eq(table(ehc, f"?from={day(11)}&to={day(11)}&limit=advice_6w&state=breached")[0]["breached"], "", "from then on it is a gap")
    body = ehc.get("/v1/meetings")  # it is Friday, day 11
    t.eq(body, {"weekday": "thursday", "time": "14:00", "minutes": 120, "last": f"{day(10)}T13:00:00Z", "next": f"{day(17)}T13:00:00Z", "items": []}, "by the calendar, as of the reload")
    t.eq(ehc.get("/v1/changes")["since"], f"{day(10)}T13:00:00Z", "changes are since then")
    ehc.get("/v1/meetings", 403, tokens["guest"], {})
    ehc.get("/v1/meetings", 401, "nobody's", {})
    t.eq(ehc.get("/v1/meetings", 200, tokens["chair"], {"held_at": f"{day(9)}T09:00:00+01:00"}), {"held_at": f"{day(9)}T08:00:00Z", "marked_by": "chair"}, "one is marked")
    t.eq(ehc.get("/v1/changes")["since"], f"{day(9)}T08:00:00Z", "it stands for that of its week, at once")
    t.eq(ehc.get("/v1/meetings", 200, tokens["chair"], {"held_at": f"{day(9)}T08:00:00Z"})["held_at"], f"{day(9)}T08:00:00Z", "twice is once")
    t.eq(ehc.get("/v1/meetings", 200, tokens["chair"], {}), {"held_at": f"{day(11)}T11:00:00Z", "marked_by": "chair"}, "now is the database's now")
    for body, code, says in (({"held_at": f"{day(12)}T11:00:00Z"}, 422, "not been held"), ({"held_at": str(day(9))}, 400, "held_at: not a time"), ({"held_at": f"{day(9)}T09:00:00.5Z"}, 400, "whole second"),
                             ({"held_at": None}, 400, "held_at"), ({"note": "x"}, 400, "no member note")):
        t.ok(says in ehc.get("/v1/meetings", code, tokens["chair"], body)["detail"], f"{body}: {code}, {says}")
    body = ehc.get("/v1/meetings")
    t.eq(([(i["held_at"], i["marked_by"], i["marked_at"]) for i in body["items"]], body["last"]),
         ([(f"{day(11)}T11:00:00Z", "chair", f"{day(11)}T11:00:00Z"), (f"{day(9)}T08:00:00Z", "chair", f"{day(11)}T11:00:00Z")], f"{day(11)}T11:00:00Z"), "the latest first")
    t.eq(ehc.get(f"/v1/changes?as_of={day(10)}")["since"], f"{day(9)}T08:00:00Z", "of another day: the meeting before that")
    marked_meanwhile(db, ehc, tokens["chair"])
    ehc.kill()
    ehc.start().wait_ready()
    ehc.wait_until(lambda: ehc.get("/v1/changes")["since"] == f"{day(11)}T11:30:00Z", what="the marks after a restart")
    t.ok("meeting_marked" in ehc.log(), "and the log says who marked it")


def main():
    with h.Cluster(keep=True) as db, h.Receiver(secret=h.new_secret()) as hook:
        options = {"limits": list(LIMITS), "bulk_share": 0}
        with Council(db, options=options) as ehc:
            ehc.migrate()
            db.load(w.ROOT / "sql/demo/caseload.sql")
            db.sql("SELECT casework_demo.generate(%s, 3, %s::date)", (CASES, FIRST - datetime.timedelta(days=1)))
            db.set_clock(f"{FIRST} 00:00:10+01")
            oracle = Oracle(db)
            ehc.start().wait_ready()
            for scene in (days_pass, only_what_changed, backfill, answers, by_week, weeks_are_read_again, a_kill_between, two_daemons, changes, meetings):
                with t.case(scene.__name__):
                    scene(db, ehc, oracle)
    t.done()


if __name__ == "__main__":
    main()
