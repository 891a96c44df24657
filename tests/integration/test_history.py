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
LIMITS = ("assess_decision_6w", "final_plan_20w", "annual_review_12m", "review_decision_4w", "advice_6w")
t = h.Tap()


class Council(w.Watch):
    def to(self, day, time="12:00"):
        """The database's clock in England, and the daemon has evaluated by it."""
        self.db.set_clock(f"{day} {time}:00+01")
        self.read()

    def counts(self, day):
        """{(limit, state, locality, team): n} as kept."""
        return {r[:4]: r[4] for r in self.db.sql("SELECT limit_id, state, locality, team, n FROM ehcwatch.history WHERE day = %s", (day,))}

    def kept(self, day, want, timeout=20):
        """Returns when the day is kept like that."""
        try:
            self.wait_until(lambda: self.counts(day) == want, timeout, f"the history of {day}")
            return True
        except TimeoutError:
            got = self.counts(day)
            t.note(f"{day}: too many {sorted(set(got.items()) - set(want.items()))[:5]}, lacks {sorted(set(want.items()) - set(got.items()))[:5]}")
            return False

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
    ehc.read()
    state = "SELECT max(xmin::text::bigint), count(*) FROM ehcwatch.history_count WHERE day = %s"
    before = db.sql(state, (day(5),)), db.sql("SELECT xmin::text::bigint FROM ehcwatch.history_day ORDER BY day")
    ehc.read()
    t.eq((db.sql(state, (day(5),)), db.sql("SELECT xmin::text::bigint FROM ehcwatch.history_day ORDER BY day")), before, "nothing new: nothing written")
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
    done = ehc.command("history", "--from", str(day(-20)), "--every", "week")
    t.eq((done.returncode, done.stdout), (0, "3 days worked out, 0 observed and left as they are\n"), "by week: the Sundays")
    t.eq({n: ehc.counts(day(n)) for n in (-10, -1)}, before, "what was recorded later was not known then")
    for args, code, says in ((("--from", "2026-13-01"), 2, "--from=2026-13-01: not a date"), ((), 2, "--from"), (("--from", "2026-06-01", "--every", "month"), 2, "not one of day, week")):
        done = ehc.command("history", *args)
        t.ok(done.returncode == code and says in done.stderr, f"history {' '.join(args)}: {says}", done.stderr)
    db.sql("DELETE FROM casework.ehc_event WHERE case_id = 9003 AND event = 'request_withdrawn'")
    ehc.read()


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
        t.ok(other.kept(day(8), oracle.counts(ehc.dir, day(8)), timeout=40), "the other takes over, and goes on with the day")
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
            for scene in (days_pass, only_what_changed, backfill, answers, a_kill_between, two_daemons):
                with t.case(scene.__name__):
                    scene(db, ehc, oracle)
    t.done()


if __name__ == "__main__":
    main()
