#!/usr/bin/python3
"""The casework contract; the demo caseload: whole, the same each time, consistent and like Leicestershire in 2025."""
import csv
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/harness"), str(ROOT / "tests/integration")]
import caseload_figures  # noqa: E402
import ehc_harness as h  # noqa: E402

CASES, AS_OF, YEAR = 10000, "2026-11-22", 2025
t = h.Tap()

# What the migration runner has made before it runs the file.
BEFORE = """CREATE ROLE ehcwatch_owner NOLOGIN; CREATE ROLE ehcwatch_daemon NOLOGIN;
CREATE ROLE ehcwatch_reader NOLOGIN; CREATE SCHEMA casework;"""

COLUMNS = {
    "ehc_case": "case_id bigint, case_ref text, locality text, team text, officer text, date_of_birth date,"
                " primary_need text, xid xid8",
    "ehc_event": "event_id bigint, case_id bigint, event text, subject text, occurred_on date,"
                 " recorded_at timestamp with time zone, voided_at timestamp with time zone, xid xid8",
    "ehc_exception": "exception_id bigint, case_id bigint, ground text, from_on date, to_on date,"
                     " recorded_at timestamp with time zone, voided_at timestamp with time zone, xid xid8",
    "event_kind": "event text, subjects text, meaning text"}

# Everything but xid, which is the transaction's.
DIGEST = " UNION ALL ".join(
    f"SELECT md5(string_agg(r::text, E'\\n' ORDER BY {key})) FROM (SELECT {cells} FROM casework.{table}) AS r"
    for table, key, cells in (
        ("ehc_case", "case_id", "case_id, case_ref, locality, team, officer, date_of_birth, primary_need"),
        ("ehc_event", "event_id", "event_id, case_id, event, subject, occurred_on, recorded_at, voided_at"),
        ("ehc_exception", "exception_id", "exception_id, case_id, ground, from_on, to_on, recorded_at, voided_at")))

# Rows that may not be there. `first` and `last` are days of facts that stand, by case.
NEVER = {
    "an event of another word than the vocabulary's": "SELECT FROM casework.ehc_event WHERE event NOT IN"
        " (SELECT event FROM casework.event_kind)",
    "a subject that the vocabulary does not allow": "SELECT FROM casework.ehc_event JOIN casework.event_kind"
        " USING (event) WHERE subject IS NOT NULL AND subjects IS NULL OR subject IS NULL AND subjects IS NOT NULL"
        " OR subjects LIKE '%|%' AND subject <> ALL (string_to_array(regexp_replace(subjects, '^.*: ', ''), '|'))",
    "a future fact of another kind than the three": f"SELECT FROM casework.ehc_event WHERE occurred_on > '{AS_OF}'"
        " AND event NOT IN ('review_arranged', 'phase_transfer', 'moved_out')",
    "a row recorded or voided after the as-of day": "SELECT FROM (SELECT recorded_at, voided_at FROM casework.ehc_event"
        " UNION ALL SELECT recorded_at, voided_at FROM casework.ehc_exception) AS r"
        f" WHERE greatest(recorded_at, voided_at) >= ('{AS_OF}'::date + 1)::timestamp AT TIME ZONE 'Europe/London'",
    "a row voided before it was recorded": "SELECT FROM casework.ehc_event WHERE voided_at <= recorded_at",
    "a voided row without its correction": "SELECT FROM casework.ehc_event AS w WHERE voided_at IS NOT NULL AND NOT"
        " EXISTS (SELECT FROM fact AS f WHERE (f.case_id, f.event, f.recorded_at) = (w.case_id, w.event, w.voided_at))",
    "a past fact recorded before its day": "SELECT FROM fact WHERE recorded_at < occurred_on::timestamp"
        " AT TIME ZONE 'Europe/London' AND event NOT IN ('review_arranged', 'phase_transfer', 'moved_out')",
    "one fact twice": "SELECT FROM fact GROUP BY case_id, event, subject, occurred_on HAVING count(*) > 1",
    "a case without a beginning": "SELECT FROM casework.ehc_case LEFT JOIN step USING (case_id)"
        " WHERE num_nonnulls(request, plan) = 0",
    "a fact before the request or the transfer in": "SELECT FROM fact JOIN step USING (case_id)"
        " WHERE occurred_on < coalesce(request, plan)",
    "two requests": "SELECT FROM fact WHERE event = 'request_received' GROUP BY case_id HAVING count(*) > 1",
    "a plan without a decision to assess before it": "SELECT FROM step WHERE issued IS NOT NULL"
        " AND (agreed IS NULL OR agreed > issued)",
    "a draft on or after the plan that it leads to": "SELECT FROM fact JOIN step USING (case_id)"
        " WHERE event = 'draft_sent' AND occurred_on >= issued",
    "advice that nobody asked for": "SELECT FROM fact AS a WHERE event = 'advice_received' AND NOT EXISTS (SELECT FROM"
        " fact AS r WHERE r.case_id = a.case_id AND r.event = 'advice_requested' AND r.subject = a.subject"
        " AND r.occurred_on <= a.occurred_on)",
    "a review decided before there is a plan": "SELECT FROM fact JOIN step USING (case_id) WHERE event LIKE 'review_%'"
        " AND event <> 'review_arranged' AND (plan IS NULL OR occurred_on < plan)",
    "an amendment without a notice, an order or a concession": "SELECT FROM fact AS a WHERE event = 'plan_amended'"
        " AND NOT EXISTS (SELECT FROM fact AS n WHERE n.case_id = a.case_id AND n.occurred_on < a.occurred_on"
        " AND n.event IN ('amendment_notice_sent', 'tribunal_order', 'appeal_conceded'))",
    "a plan that ceased without notice": "SELECT FROM fact AS c WHERE event = 'plan_ceased' AND NOT EXISTS (SELECT FROM"
        " fact AS n WHERE n.case_id = c.case_id AND n.event = 'cease_notified' AND n.occurred_on < c.occurred_on)",
    "a meeting or a decision after the plan ended": "SELECT FROM fact JOIN step USING (case_id)"
        " WHERE occurred_on > ended"
        " AND event IN ('review_arranged', 'review_meeting', 'plan_amended', 'transfer_plan_sent', 'plan_issued')"
        " OR occurred_on > ended AND event LIKE 'review_decided_%'",
    "an answer without an appeal": "SELECT FROM fact JOIN step USING (case_id) WHERE event IN ('appeal_response_sent',"
        " 'tribunal_order', 'appeal_conceded', 'appeal_withdrawn') AND (appeal IS NULL OR occurred_on < appeal)",
    "a child not yet born, or over 25": "SELECT FROM casework.ehc_case JOIN step USING (case_id) WHERE"
        f" date_of_birth >= coalesce(request, plan) OR date_of_birth <= date '{AS_OF}' - interval '26 years'",
    "an exception of no known ground, or of no case": "SELECT FROM casework.ehc_exception LEFT JOIN casework.ehc_case"
        " USING (case_id) WHERE case_ref IS NULL OR ground NOT IN ('school_closed', 'personal', 'absent', 'claimed')",
    "an officer with a name": "SELECT FROM casework.ehc_case WHERE officer !~ '^CO-[0-9]{3,}$'",
}

# Weights that are made half as heavy again: the figures must show it, or they prove nothing. One shift of the waiting
# times moves both the bands and the mean.
SHIFTS = {
    "plans issued": "what = 'wait' AND from_days >= 367", "mean wait": None,
    "decisions": "what = 'decision' AND from_days >= 45",
    "source": "what LIKE 'source_%' AND item = 'school'", "at the year's end": "what = 'flow' AND item = 'refused'",
    "reviews expected": "what = 'reviewed' AND item IN ('none', 'earlier')",
    "review decisions": "what = 'review' AND from_days < 29", "review outcome": "what = 'outcome' AND item = 'cease'",
    "age at request": "what = 'age' AND item IN ('3', '10')", "need": "what = 'need' AND item = 'ASD'",
    "years held": "what = 'years_held' AND item = '1'"}


def psql(db, text, *, options=""):
    """The rows of a script, each a list of text."""
    done = subprocess.run(["psql", "-XqAt", "-F", "|", "-v", "ON_ERROR_STOP=1", "-d", db.conninfo + options, "-f", "-"],
                          input=text, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return [line.split("|") for line in done.stdout.splitlines()]


def generate(db, cases=CASES, seed=1, as_of=AS_OF, options=""):
    return psql(db, f"SELECT * FROM casework_demo.generate({cases}, {seed}, '{as_of}')", options=options)[-1]


def digest(db):
    return psql(db, "SET timezone = 'UTC';" + DIGEST)


def contract(db):
    """What the migration made."""
    migration = (ROOT / "sql/migrations/casework_0001_contract.sql").read_text(encoding="utf-8")
    psql(db, BEFORE + "BEGIN;" + migration + "COMMIT;")
    for table, wanted in COLUMNS.items():
        got = psql(db, "SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum)"
                       f" FROM pg_attribute WHERE attrelid = 'casework.{table}'::regclass AND attnum > 0")
        t.eq(got, [[wanted]], f"casework.{table} has the columns of the contract")
    t.eq(psql(db, "SELECT relname, attname FROM pg_class AS c JOIN pg_attribute ON attrelid = c.oid AND attnum > 0"
                  " WHERE relnamespace = 'casework'::regnamespace AND relkind = 'r' AND (col_description(c.oid, attnum)"
                  " IS NULL OR obj_description(c.oid, 'pg_class') IS NULL)"), [], "every table and column is explained")
    with open(ROOT / "tests/data/rulebook/events.csv", encoding="utf-8", newline="") as f:
        words = sorted([r["event"], r["subject"], r["meaning"]] for r in csv.DictReader(f))
    got = psql(db, "SELECT event, subjects, meaning FROM casework.event_kind")
    got = sorted([r[0], "|".join(r[1:-1]), r[-1]] for r in got)
    t.eq(got, words, "event_kind is the rulebook's vocabulary")
    t.eq(psql(db, "SELECT conname FROM pg_constraint"
                  " WHERE contype = 'f' AND connamespace = 'casework'::regnamespace"), [],
         "no foreign key keeps a row of an unknown case out")


def marks(db):
    """The xid of rows, and who may do what."""
    got = psql(db, """
        INSERT INTO casework.ehc_case (case_id, case_ref) VALUES (1, 'a');
        INSERT INTO casework.ehc_event (case_id, event, subject, occurred_on, recorded_at, voided_at)
            VALUES (1, 'request_received', 'school', '2026-01-05', now(), NULL),
                   (9, 'nonsense', NULL, '2026-01-05', now(), NULL);
        INSERT INTO casework.ehc_exception (case_id, ground) VALUES (1, 'claimed');
        BEGIN;
        UPDATE casework.ehc_case SET team = 'x'; UPDATE casework.ehc_event SET voided_at = now() WHERE case_id = 1;
        UPDATE casework.ehc_exception SET to_on = '2026-02-01';
        SELECT (SELECT xid = pg_current_xact_id() FROM casework.ehc_case),
               (SELECT bool_and((xid = pg_current_xact_id()) = (case_id = 1)) FROM casework.ehc_event),
               (SELECT xid = pg_current_xact_id() FROM casework.ehc_exception);
        COMMIT;""")
    t.eq(got, [["t", "t", "t"]], "a changed row carries the transaction that changed it, an unchanged one does not")
    for role in "ehcwatch_daemon", "ehcwatch_reader":
        got = psql(db, f"SET ROLE {role}; SELECT count(*) FROM casework.ehc_case, casework.ehc_event,"
                       " casework.ehc_exception, casework.event_kind WHERE false")
        t.eq(got, [["0"]], f"{role} can read")
        for statement in ("INSERT INTO casework.ehc_case VALUES (2, 'b')", "UPDATE casework.ehc_event SET subject = ''",
                          "DELETE FROM casework.ehc_exception", "TRUNCATE casework.event_kind"):
            try:
                psql(db, f"SET ROLE {role}; {statement}")
                t.ok(False, f"{role} cannot write: {statement}")
            except RuntimeError as error:
                t.ok("permission denied" in str(error), f"{role} cannot write: {statement.split()[0]}", error)


def repeatable(db):
    """The same caseload for the same arguments, whatever the session's settings."""
    db.load(ROOT / "sql/demo/caseload.sql")
    counts = generate(db)
    first = digest(db)
    rows = psql(db, "SELECT (SELECT count(*) FROM casework.ehc_case), (SELECT count(*) FROM casework.ehc_event),"
                    " (SELECT count(*) FROM casework.ehc_exception)")[0]
    t.eq(counts[:3], rows, "generate() returns what it wrote")
    db.load(ROOT / "sql/demo/caseload.sql")
    generate(db, options=" options='-c timezone=Pacific/Auckland -c datestyle=German -c enable_hashjoin=off'")
    t.eq(digest(db), first, "generated again by the file loaded again, in another time zone, it is the same")
    generate(db, seed=2)
    second = digest(db)
    t.ok(all(a != b for a, b in zip(first, second)), "another seed makes other cases, events and exceptions")
    figures(db, "seed 2")
    generate(db, cases=0)
    t.eq(psql(db, "SELECT count(*) FROM casework.ehc_event"), [["0"]], "no cases, no events")
    small = generate(db, cases=7, as_of="2027-01-04")
    t.eq(small[0], "7", "seven cases are seven")
    generate(db)
    t.eq(digest(db), first, "what was there before does not matter")


def whole(db):
    """Numbers, order and mix."""
    cases, per_case, refs = psql(db, "SELECT count(*), (SELECT count(*) FROM casework.ehc_event)::float / count(*),"
                                     " count(*) FILTER (WHERE case_ref ~ '^EHC-[0-9]{7}$') FROM casework.ehc_case")[0]
    t.eq((cases, refs), (str(CASES), str(CASES)), "as many cases as asked for, each with its reference")
    t.ok(10 <= float(per_case) <= 14, "about twelve events a case", per_case)
    order = psql(db, "SELECT attname, correlation FROM pg_stats WHERE schemaname = 'casework' AND attname = 'case_id'"
                     " AND tablename IN ('ehc_case', 'ehc_event')")
    t.ok(len(order) == 2 and all(float(c) > 0.999999 for _, c in order), "the heap has the order of the cases", order)
    for table in "ehc_case", "ehc_event", "ehc_exception":
        plan = "\n".join(r[0] for r in psql(db, "SET enable_sort = off;"
                                               f"EXPLAIN SELECT * FROM casework.{table} ORDER BY case_id"))
        t.ok("Index Scan" in plan and "Sort" not in plan, f"{table} by case_id needs no sort", plan)
    words = {r[0] for r in psql(db, "SELECT DISTINCT event FROM casework.ehc_event")}
    unused = {r[0] for r in psql(db, "SELECT event FROM casework.event_kind")} - words
    t.eq(unused, {"responsibility_began"}, "all the vocabulary is in use but responsibility_began")
    future = psql(db, f"SELECT DISTINCT event FROM casework.ehc_event WHERE occurred_on > '{AS_OF}' ORDER BY 1")
    t.eq(future, [["moved_out"], ["phase_transfer"], ["review_arranged"]], "all three kinds of future facts are there")
    late, voided, open_cases, exceptions, grounds = (float(v) for v in psql(db, f"""
        SELECT avg((recorded_at > (occurred_on + 8)::timestamp)::int) FILTER (WHERE occurred_on <= '{AS_OF}'
                   AND event NOT IN ('review_arranged', 'phase_transfer', 'moved_out')) * 100,
               100.0 * count(voided_at) / count(*),
               (SELECT count(*) FROM casework.ehc_case WHERE locality IS NULL OR team IS NULL OR primary_need IS NULL),
               (SELECT count(*) FROM casework.ehc_exception),
               (SELECT count(DISTINCT ground) FROM casework.ehc_exception)
        FROM casework.ehc_event""")[0])
    t.ok(1 < late < 8, "some events are recorded weeks late", late)
    t.ok(0.3 < voided < 1.5, "some rows are voided", voided)
    t.eq(open_cases, 0, "every case has a locality, a team and a need")
    t.ok(60 < exceptions < 250 and grounds == 4, "exceptions are few, of every ground", (exceptions, grounds))


def consistent(db):
    """No history that cannot be."""
    script = "BEGIN;" + caseload_figures.VIEWS.format(first=f"{YEAR}-01-01", last=f"{YEAR}-12-31")
    script += "".join(f"SELECT count(*) FROM ({text}) AS r;" for text in NEVER.values()) + "ROLLBACK;"
    for name, row in zip(NEVER, psql(db, script)):
        t.eq(row, ["0"], "not " + name)


def figures(db, when):
    for f in caseload_figures.measure(lambda text: psql(db, text), YEAR):
        t.ok(f.holds, f"{when}: {f.name}, {f.want:.1f}", f"got {f.got:.2f}, may differ by {f.tolerance}")


def shifted(db):
    """A share that is moved is noticed."""
    before = caseload_figures.measure(lambda text: psql(db, text), YEAR)
    psql(db, "".join(f"UPDATE casework_demo.share SET weight = weight * 1.5 WHERE {where};"
                     for where in SHIFTS.values() if where))
    generate(db)
    after = caseload_figures.measure(lambda text: psql(db, text), YEAR)
    for group in SHIFTS:
        t.ok(all(f.holds for f in before if f.group == group) and not all(f.holds for f in after if f.group == group),
             f"a caseload with other shares fails: {group}", [tuple(f) for f in after if f.group == group])


def calendar(db):
    """The demo's bank holidays are the government's, but for the extra ones of single years."""
    held = json.loads((ROOT / "tests/data/rulebook/bank-holidays.json").read_text(encoding="utf-8"))
    days = [e["date"] for e in held["england-and-wales"]["events"]]
    got = [r[0] for r in psql(db, f"SELECT day FROM casework_demo.office_day WHERE last_open <> day"
                                  f" AND extract(isodow FROM day) < 6 AND day BETWEEN '{min(days)}' AND '{max(days)}'")]
    odd = {"2012-05-28", "2012-06-04", "2012-06-05", "2020-05-04", "2020-05-08",
           "2022-05-30", "2022-06-02", "2022-06-03", "2022-09-19", "2023-05-08"}
    t.eq((set(got) ^ set(days)) - odd, set(), "offices are shut on the bank holidays")


def main():
    with h.Cluster() as db:
        contract(db)
        marks(db)
        repeatable(db)
        calendar(db)
        whole(db)
        consistent(db)
        figures(db, "seed 1")
        shifted(db)
    t.done()


if __name__ == "__main__":
    main()
