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
            for scene in (days_pass, only_what_changed):
                with t.case(scene.__name__):
                    scene(db, ehc, oracle)
    t.done()


if __name__ == "__main__":
    main()
