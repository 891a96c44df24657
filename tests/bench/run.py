#!/usr/bin/python3
"""Measured ratios of the daemon on this machine; `make bench` builds and calls this. Progress goes to stderr.

BENCH_SIZES  numbers of cases ("10000 100000 1000000"); a million needs about 15 GB of disk and a quarter of an hour
BENCH_ALERTS how many events of each kind are timed (100)      BENCH_IDLE  seconds of rest that are watched (60)

What is compared with what:
  COPY        psql reads the three queries of the daemon as binary COPY and throws the bytes away; \\timing, best of 5,
              in turn with the evaluations
  settled     the daemon reads, finds nothing changed and is done (ehc_evaluation_duration_seconds, best of 3)
  first       the first evaluation after a start: every case is encoded and evaluated (best of 3 starts)
  memory      VmHWM at the end, after the baseline and the polls; the empty daemon is its VmRSS with no case in the source
  evaluate    the command on the caseload as CSV files with all their columns, rows of a case together, all limits, CSV to
              /dev/null, against `cat` of the files plus tests/bench/csv_parse.c, which splits every line into fields; wall
              clock, the best of 5, the three in turn; evaluate takes all cores, cat and the parse one each
  stall       the worst ehc_event_loop_lag_seconds: how late the loop was, because of its own work or because others had the
              cores; PostgreSQL, which makes what is read, and psql are such others
  own work    the worst ehc_event_loop_busy_seconds: the CPU time that one pass of the loop took. What the stall has beyond it is
              time for which the daemon was ready and had no core
  hint        of so many cases spread evenly over all: read again, taken over and evaluated
Every size has a cluster of its own (fsync off: nothing that is read depends on it); alerts are timed with fsync on.
"""
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/harness"))
import ehc_harness as h  # noqa: E402

SIZES = [int(s) for s in os.environ.get("BENCH_SIZES", "10000 100000 1000000").split()]
ALERTS = int(os.environ.get("BENCH_ALERTS", "100"))
IDLE = float(os.environ.get("BENCH_IDLE", "60"))
EVALUATED = 200000  # at most so many cases for the evaluator alone
TODAY = "(now() AT TIME ZONE 'Europe/London')::date"
ROUNDS = 3
HINTED = 900  # cases; a NOTIFY takes 8,000 bytes


def progress(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def load(db, cases):
    progress(f"{cases:,} cases: making them up")
    db.load(ROOT / "sql/demo/caseload.sql")
    db.sql(f"SELECT casework_demo.generate({cases}, 1, {TODAY})")
    connection = db.connect(autocommit=True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
        cursor.execute("CHECKPOINT")
    connection.close()
    return db.value("SELECT count(*) FROM casework.ehc_event")


def copy_seconds(db):
    """The three queries in psql, one connection, without its start."""
    command = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", db.conninfo, "-c", r"\timing on", "-c", r"\o /dev/null"]
    for name in ("cases", "exceptions", "events"):
        command += ["-c", (ROOT / f"sql/queries/source_{name}.sql").read_text().replace("/*only*/", "")]
    text = subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout
    times = re.findall(rb"^Time: ([\d.]+) ms", text, re.M)
    if len(times) != 3:
        raise RuntimeError(f"psql gave {len(times)} times")
    return sum(map(float, times)) / 1000


class Watched(h.Daemon):
    """A daemon, its process as /proc shows it, and the worst stall and the longest pass it has told of."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.stall = self.busy = 0.0

    def look(self):
        try:
            got = self.metrics()
        except OSError:
            return {}
        self.stall = max(self.stall, got.get("ehc_event_loop_lag_seconds", 0))
        self.busy = max(self.busy, got.get("ehc_event_loop_busy_seconds", 0))
        return got

    def memory(self, what):
        status = pathlib.Path(f"/proc/{self.proc.pid}/status").read_text()
        return int(re.search(rf"^{what}:\s+(\d+) kB", status, re.M)[1]) * 1024

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.proc.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def evaluated(self, before=0.0, timeout=900):
        """Waits for an evaluation later than `before`; when it was, and how long it took."""
        def done():
            at = self.look().get("ehc_evaluation_last_success_timestamp_seconds", 0)
            return at if at > before else None
        at = h.wait_until(done, timeout, "an evaluation", pause=0.1, event=self.proc)
        return at, self.look()["ehc_evaluation_duration_seconds"]


def baseline_over(db):
    return db.value("SELECT count(*) > 0 AND bool_and(baselined_at IS NOT NULL) FROM ehcwatch.monitored")


def rest(ehc, seconds):
    """CPU time used while nothing happens, as a share of one core."""
    started, used = time.monotonic(), ehc.cpu_seconds()
    h.wait_until(lambda: time.monotonic() - started >= seconds, seconds + 30, "the end of the rest", pause=1)
    return (ehc.cpu_seconds() - used) / (time.monotonic() - started)


def measure_size(cases, sheet):
    got = {"cases": cases}
    with h.Cluster() as db, Watched(db, options={"poll_interval": 3600}) as ehc:
        ehc.migrate()
        ehc.start().evaluated()
        empty = ehc.memory("VmRSS")
        ehc.stop()
        db.sql("TRUNCATE ehcwatch.monitored")
        got["events"] = load(db, cases)

        progress("first start: evaluation and baseline")
        started = time.monotonic()
        at, first = ehc.start().evaluated()
        firsts, settled, got["stall_first"], got["busy_first"] = [first], [], ehc.stall, ehc.busy
        h.wait_until(lambda: ehc.look() and baseline_over(db), 3600, "the end of the baseline", pause=1, event=ehc.proc)
        got["baseline"], got["stall_baseline"] = time.monotonic() - started, ehc.stall
        got["busy_baseline"] = ehc.busy

        progress("COPY by psql and settled polls in turn")
        copies = []
        for _ in range(ROUNDS):
            copies.append(copy_seconds(db))
            db.sql("NOTIFY ehcwatch_poll")
            at, took = ehc.evaluated(at)
            settled.append(took)
        progress(f"a hint of {HINTED:,} cases")
        ehc.stall = ehc.busy = 0
        db.sql("SELECT pg_notify('ehcwatch_poll', string_agg((1 + n * %s / %s)::text, ' '))"
               " FROM generate_series(0, %s - 1) n", (cases, HINTED, HINTED))
        ehc.evaluated(at)
        got["stall_hint"], got["busy_hint"] = ehc.stall, ehc.busy
        got["peak"] = ehc.memory("VmHWM")
        ehc.stop()

        progress("two more starts")
        ehc.stall = ehc.busy = 0
        for n in range(1, ROUNDS):
            if n == ROUNDS - 1:
                ehc.options["poll_interval"] = 30
                ehc.write_config()
            copies.append(copy_seconds(db))
            _, took = ehc.start().evaluated()
            firsts.append(took)
            if n < ROUNDS - 1:
                got["peak"] = max(got["peak"], ehc.memory("VmHWM"))
                ehc.stop()
        progress(f"{IDLE:g} s of rest")
        got["idle"] = rest(ehc, IDLE)
        ehc.look()
        got["peak"] = max(got["peak"], ehc.memory("VmHWM"))
        got["stall"], got["busy"] = ehc.stall, ehc.busy
        got |= {"first": min(firsts), "settled": min(settled), "copy": min(copies), "empty": empty}
        if cases == max(SIZES):
            measure_evaluator(db, sheet)
            measure_command(db, sheet)
    return got


def measure_evaluator(db, sheet):
    progress("the evaluator alone")
    tables = {"cases": "case_id, case_ref, date_of_birth FROM casework.ehc_case",
              "events": "case_id, event, occurred_on, subject FROM casework.ehc_event",
              "exceptions": "case_id, ground, from_on, to_on FROM casework.ehc_exception"}
    with tempfile.TemporaryDirectory(prefix="ehcbench.", dir="/tmp") as folder:
        files = []
        for name, what in tables.items():
            files.append(f"{folder}/{name}.csv")
            voided = " AND voided_at IS NULL" if name != "cases" else ""
            with open(files[-1], "wb") as out:
                subprocess.run(["psql", "-X", "-q", "-d", db.conninfo, "-c", f"COPY (SELECT {what} WHERE case_id <= {EVALUATED}"
                                f"{voided} ORDER BY case_id) TO STDOUT (FORMAT csv, HEADER)"], check=True, stdout=out)
        text = subprocess.run([ROOT / "build/release/tests/evaluate_bench", *files, str(db.value(f"SELECT {TODAY}"))],
                              check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    sheet["evaluator"] = [line.split() for line in text.splitlines()]


FILES = {"cases": "case_id, case_ref, locality, team, officer, date_of_birth FROM casework.ehc_case ORDER BY case_id",
         "events": "case_id, event, subject, occurred_on, {recorded}, {voided} FROM casework.ehc_event ORDER BY case_id, event_id",
         "exceptions": "case_id, ground, from_on, to_on, {recorded}, {voided} FROM casework.ehc_exception ORDER BY case_id"}


def utc(column):
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS {column}"""


def seconds(*command):
    started = time.monotonic()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.monotonic() - started


def measure_command(db, sheet):
    progress("the evaluate command")
    day = str(db.value(f"SELECT {TODAY}"))
    with tempfile.TemporaryDirectory(prefix="ehcbench.", dir="/tmp") as folder:
        files, options = [], ["--as-of", day]
        for name, what in FILES.items():
            files.append(f"{folder}/{name}.csv")
            options += ["--" + name, files[-1]]
            what = what.format(recorded=utc("recorded_at"), voided=utc("voided_at"))
            with open(files[-1], "wb") as out:
                subprocess.run(["psql", "-X", "-q", "-d", db.conninfo, "-c", f"COPY (SELECT {what}) TO STDOUT (FORMAT csv, HEADER)"],
                               check=True, stdout=out)
        works = {"cat": ["cat", *files], "parse": [ROOT / "build/release/tests/csv_parse", *files],
                 "evaluate": [ROOT / "build/ehcwatchd", "evaluate", *options]}
        times = {name: [] for name in works}
        for _ in range(5):
            for name, command in works.items():
                times[name].append(seconds(*command))
        sheet["command"] = {name: min(t) for name, t in times.items()}
        sheet["command_cases"] = db.value("SELECT count(*) FROM casework.ehc_case")
        sheet["command_bytes"] = sum(os.path.getsize(f) for f in files)


def measure_alerts(sheet):
    """From the moment COMMIT is sent to the last byte of the webhook at the receiver; one event at a time."""
    cases = 10000
    secret = h.new_secret()
    with h.Cluster(fsync=True) as db, h.Receiver(secret=secret) as hook, \
            Watched(db, options={"poll_interval": 30}, webhooks={"bench": {"url": hook.url(), "secret": secret}}) as ehc:
        ehc.migrate()
        load(db, cases)
        ehc.start().evaluated()
        h.wait_until(lambda: baseline_over(db), 300, "the end of the baseline")
        overdue = db.sql("SELECT o.case_id, c.case_ref FROM ehcwatch.obligation o JOIN casework.ehc_case c USING (case_id)"
                         " WHERE o.limit_id = 'final_plan_20w' AND o.state = 'breached' ORDER BY o.case_id")
        if len(overdue) < 2 * ALERTS:
            raise RuntimeError(f"only {len(overdue)} overdue cases in this caseload: BENCH_ALERTS is too high")
        connection = db.connect()
        for kind in ("ids", "none"):
            progress(f"alerts, hint {'with case ids' if kind == 'ids' else 'without ids'}")
            sheet[kind], commits = [], []
            for _ in range(ALERTS):
                case_id, ref = overdue.pop()
                h.wait_until(lambda: db.value("SELECT count(*) = 0 FROM ehcwatch.outbox WHERE state = 'pending'"), 60,
                             "an empty outbox")
                hook.clear()
                with connection.cursor() as cursor:
                    cursor.execute("INSERT INTO casework.ehc_event (case_id, event, occurred_on)"
                                   f" VALUES (%s, 'plan_issued', {TODAY})", (case_id,))
                    cursor.execute("SELECT pg_notify('ehcwatch_poll', %s)", (str(case_id) if kind == "ids" else "",))
                sent = time.monotonic()
                connection.commit()
                commits.append(time.monotonic() - sent)
                came = hook.wait_for(lambda seen, r=ref: next((q for q in seen if q.data.get("case_ref") == r), None))
                if came.fault:
                    raise RuntimeError(f"a message with a bad signature: {came.fault}")
                sheet[kind].append(came.monotonic - sent)
            sheet[kind + "_commit"] = commits
        connection.close()


def row(name, values, aim=""):
    print(f"{name:<44}" + "".join(f"{v:>12}" for v in values) + (f"   {aim}" if aim else ""))


def more_than_before(sizes, s):
    """Without what any number of cases needs: buffers for reading and writing."""
    at = sizes.index(s)
    return f"{(s['peak'] - sizes[at - 1]['peak']) / (s['cases'] - sizes[at - 1]['cases']):.0f}" if at > 0 else "-"


def print_sizes(sizes):
    def line(name, fn, aim=""):
        row(name, [fn(s) for s in sizes], aim)

    line("cases", lambda s: f"{s['cases']:,}")
    line("events", lambda s: f"{s['events']:,}")
    line("COPY by psql, s", lambda s: f"{s['copy']:.3f}")
    line("settled evaluation, s", lambda s: f"{s['settled']:.3f}")
    line("  to COPY", lambda s: f"{s['settled'] / s['copy']:.2f}", "at most 1.2")
    line("first evaluation after a start, s", lambda s: f"{s['first']:.3f}")
    line("  to COPY", lambda s: f"{s['first'] / s['copy']:.2f}", "at most 1.2")
    line("first start to the end of the baseline, s", lambda s: f"{s['baseline']:.1f}")
    line("peak memory, MB", lambda s: f"{s['peak'] / 1e6:.1f}")
    line("  bytes for each case", lambda s: f"{s['peak'] / s['cases']:.0f}")
    line("  above the empty daemon", lambda s: f"{(s['peak'] - s['empty']) / s['cases']:.0f}", "at most 200")
    line("  each one more than with the size before", lambda s: more_than_before(sizes, s))
    for name, keys, aim in (("polls", ("", "_first"), "at most 10"), ("baseline included", ("", "_baseline"), ""),
                            (f"hint of {HINTED} cases", ("_hint",), "")):
        line(f"worst stall, {name}, ms", lambda s, k=keys: f"{1000 * max(s['stall' + n] for n in k):.1f}", aim)
        line("  of its own work", lambda s, k=keys: f"{1000 * max(s['busy' + n] for n in k):.1f}", "at most 10")
    line(f"CPU at rest ({IDLE:g} s, poll every 30 s), %", lambda s: f"{100 * s['idle']:.2f}")
    print("\nEmpty daemon: VmRSS " + ", ".join(f"{s['empty'] / 1e6:.1f} MB" for s in sizes) + ".")


def print_alerts(sheet):
    print(f"\nFrom COMMIT to the webhook, 10,000 cases, {ALERTS} events each, ms")
    row("", ["median", "p90", "max"])
    for kind, name, aim in (("ids", "hint with case ids", "median below 30"), ("none", "hint without ids", "median below 200")):
        for key, text, wanted in ((kind, name, aim), (kind + "_commit", "  of that, COMMIT itself", "")):
            values = sorted(1000 * v for v in sheet[key])
            shown = statistics.median(values), values[int(0.9 * (len(values) - 1))], values[-1]
            row(text, [f"{v:.1f}" for v in shown], wanted)


def print_evaluator(sheet):
    print("\nThe evaluator alone, one core, by CPU time. Events and obligations are the mean of a case")
    row("", ["cases", "events", "obligations", "cases/s"])
    for work, limits, cases, events, obligations, rate in sheet["evaluator"]:
        name = {"evaluate": "evaluate", "twelve": "evaluate, exactly 12 events"}.get(work, work)
        aim = "at least 1,000,000" if work in ("evaluate", "twelve") else ""
        row(f"{name}, {limits} limits" if limits != "-" else name, [f"{int(cases):,}", events, obligations, f"{int(rate):,}"], aim)


def print_command(sheet):
    got = sheet["command"]
    print(f"\nevaluate, {sheet['command_cases']:,} cases in {sheet['command_bytes'] / 1e6:.0f} MB of CSV, all limits, to /dev/null, s")
    row("cat", [f"{got['cat']:.2f}"])
    row("a minimal parse", [f"{got['parse']:.2f}"])
    row("ehcwatchd evaluate", [f"{got['evaluate']:.2f}"])
    row("  to cat and parse", [f"{got['evaluate'] / (got['cat'] + got['parse']):.2f}"], "at most 2")


def main():
    sheet = {}
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    busy = os.getloadavg()[0]
    sizes = [measure_size(n, sheet) for n in SIZES]
    measure_alerts(sheet)
    server = subprocess.run(["psql", "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
    print(f"{os.cpu_count()} cores, {cpu[1] if cpu else 'unknown CPU'}; {server}; load average {busy:.1f} at the start. Work of "
          "others on the\nmachine lengthens every time here and causes stalls of its own.\n")
    print_sizes(sizes)
    print_alerts(sheet)
    print_evaluator(sheet)
    print_command(sheet)


if __name__ == "__main__":
    main()
