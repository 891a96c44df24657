#!/usr/bin/python3
"""Measured ratios of delivery on this machine; the second half of `make bench`. Progress goes to stderr.

BENCH_POSTS  messages (10000)      BENCH_SPREAD  messages for each of the 20 healthy endpoints (300)

What is compared with what:
  bare      a loop over curl's multi interface that posts as many bytes as often to the same receiver, as many at once, a
            connection for each post as the daemon makes them; nothing is queued, signed or recorded
  daemon    from the commit of the messages, which sends the notification, to the commit of the record of the last attempt,
            all durably in PostgreSQL (fsync on); in turn with the bare loop, best of 3
  hanging   20 healthy endpoints get messages, once alone and once beside one that takes every request and never answers:
            from the commit of a message to the record of its delivery, best of 3 each
"""
import os
import pathlib
import re
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/harness"))
import ehc_harness as h  # noqa: E402

POSTS = int(os.environ.get("BENCH_POSTS", "10000"))
SPREAD = int(os.environ.get("BENCH_SPREAD", "300"))
AT_ONCE, BYTES, ROUNDS, HEALTHY = 32, 2200, 3, 20
PROGRAM = ROOT / "build/release/tests/post_bench"
SECRET = h.new_secret()


def progress(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


class Sink:
    def __enter__(self):
        self.proc = subprocess.Popen([PROGRAM, "sink"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{int(self.proc.stdout.readline())}"
        return self

    def __exit__(self, *_):
        self.proc.stdin.close()
        self.proc.wait(10)


def bare(sink):
    done = subprocess.run([PROGRAM, "bare", sink.url + "/bare", str(POSTS), str(AT_ONCE), str(BYTES)], check=True, stdout=subprocess.PIPE, text=True)
    return [tuple(map(float, line.split())) for line in done.stdout.splitlines()]


def fill(db, endpoints, count):
    """So many messages for each endpoint, each of a case of its own, in one transaction, whose number it returns; the endpoints take turns."""
    return db.value("INSERT INTO ehcwatch.outbox (message_id, endpoint_id, case_id, seq, type, body)"
                    " SELECT 'msg_' || replace(gen_random_uuid()::text, '-', ''), endpoint_id, n, 1, 'obligation.breached',"
                    " convert_to(rpad('{\"data\":\"', %s, 'x') || '\"}', 'UTF8')"
                    " FROM generate_series(1, %s) n, ehcwatch.endpoint WHERE name = ANY (%s) ORDER BY n; NOTIFY ehcwatch_outbox;"
                    " SELECT pg_current_xact_id()::text", (BYTES - 2, count, list(endpoints)))


def empty(db):
    return db.value("SELECT count(*) FROM ehcwatch.outbox JOIN ehcwatch.endpoint USING (endpoint_id) WHERE state = 'pending' AND name NOT LIKE 'hang%'") == 0


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def clear(db):
    db.sql("TRUNCATE ehcwatch.attempt, ehcwatch.outbox CASCADE")
    connection = db.connect(autocommit=True)
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
    connection.close()


def keep_commit_times(db):
    """From now on the server knows when each transaction was committed."""
    connection = db.connect(autocommit=True)
    with connection.cursor() as cursor:
        cursor.execute("ALTER SYSTEM SET track_commit_timestamp = on")
    connection.close()
    db.stop()
    db.start()


def watched(db, hooks):
    return h.Daemon(db, webhooks={n: {"secret": SECRET, **hook} for n, hook in hooks.items()}, options={"poll_interval": 3600, "drain_timeout": 0, "bulk_share": 0})


def throughput(sheet):
    with h.Cluster(fsync=True) as db, Sink() as sink, watched(db, {"bench": {"url": sink.url + "/bench", "concurrency": AT_ONCE}}) as ehc:
        keep_commit_times(db)
        ehc.migrate()
        ehc.start().wait_ready()
        h.wait_until(lambda: empty(db), 30, "the summary")
        sheet["bare"], sheet["kept"], sheet["daemon"] = [], [], []
        for n in range(ROUNDS):
            progress(f"{POSTS:,} posts, round {n + 1} of {ROUNDS}: bare loop, then daemon")
            fresh, kept = bare(sink)
            sheet["bare"].append(fresh)
            sheet["kept"].append(kept)
            clear(db)
            server = db.value("SELECT pid FROM pg_stat_activity WHERE application_name = 'ehcwatchd delivery'")
            pids = ehc.proc.pid, server, sink.proc.pid
            before = [cpu_seconds(p) for p in pids]
            filled = fill(db, ["bench"], POSTS)
            h.wait_until(lambda: empty(db), 120, "the last delivery", pause=0.2, event=ehc.proc)
            used = [(cpu_seconds(p) - b) / POSTS * 1e6 for p, b in zip(pids, before)]
            took = db.value("SELECT extract(epoch FROM max(pg_xact_commit_timestamp(xmin)) - pg_xact_commit_timestamp(%s::xid8::xid))::float8"
                            " FROM ehcwatch.attempt", (filled,))
            sheet["daemon"].append((POSTS / took, *used))
            sheet["batch"] = db.value("SELECT count(*)::float8 / count(DISTINCT recorded_at) FROM ehcwatch.attempt")
            if db.value("SELECT count(*) FROM ehcwatch.attempt") != POSTS:
                raise RuntimeError("a message was not delivered, or was twice")


def latencies(db, ehc):
    """Seconds from the commit of a message to the record of its delivery, at the healthy ones."""
    clear(db)
    names = [f"well{n}" for n in range(HEALTHY)]
    for _ in range(SPREAD // 10):
        fill(db, names + ["hanging"], 10)
        h.wait_until(lambda: empty(db), 60, "the deliveries", pause=0.02, event=ehc.proc)
    rows = db.sql("SELECT extract(epoch FROM a.recorded_at - o.created_at)::float8 FROM ehcwatch.attempt a JOIN ehcwatch.outbox o USING (outbox_id)"
                  " JOIN ehcwatch.endpoint e ON e.endpoint_id = o.endpoint_id WHERE e.name LIKE 'well%' ORDER BY 1")
    if len(rows) != SPREAD // 10 * 10 * HEALTHY:
        raise RuntimeError(f"{len(rows)} deliveries")
    return [r[0] for r in rows]


def hanging(sheet):
    sheet["alone"], sheet["beside"] = [], []
    with h.Cluster(fsync=True) as db, Sink() as sink:
        hooks = {f"well{n}": {"url": f"{sink.url}/well{n}"} for n in range(HEALTHY)}
        for n in range(ROUNDS):
            for kind, path in (("alone", "/well"), ("beside", "/hang")):
                progress(f"21 endpoints, round {n + 1} of {ROUNDS}, {'all well' if kind == 'alone' else 'one hangs'}")
                with watched(db, {**hooks, "hanging": {"url": sink.url + path, "concurrency": AT_ONCE, "timeout": 20}}) as ehc:
                    ehc.migrate()
                    db.sql("UPDATE ehcwatch.endpoint SET circuit = 'closed', failures = 0, open_until = NULL")
                    ehc.start().wait_ready()
                    sheet[kind].append(latencies(db, ehc))


def percentile(values, p):
    return values[min(len(values) - 1, int(len(values) * p))]


def main():
    sheet = {}
    busy = os.getloadavg()[0]
    throughput(sheet)
    hanging(sheet)
    cpu = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    best = {k: max(sheet[k]) for k in ("bare", "kept", "daemon")}
    print(f"\nDelivery. {os.cpu_count()} cores, {cpu[1] if cpu else 'unknown CPU'}; load average {busy:.1f} at the start.\n")
    print(f"{POSTS:,} messages of {BYTES} bytes to one receiver, {AT_ONCE} at once{'a second':>24}{'CPU us each':>14}")
    for name, key in (("bare loop, a connection for each", "bare"), ("daemon, each durably recorded", "daemon"), ("bare loop, connections kept", "kept")):
        print(f"{name:<62}{best[key][0]:>12,.0f}{best[key][1]:>14.0f}")
    print(f"{'  of its session in PostgreSQL':<62}{'':>12}{best['daemon'][2]:>14.0f}")
    print(f"{'  of the receiver':<62}{'':>12}{best['daemon'][3]:>14.0f}")
    print(f"{'  daemon to bare loop':<62}{best['daemon'][0] / best['bare'][0]:>12.2f}   at least 0.7")
    print(f"{'  outcomes in a transaction, on average':<62}{sheet['batch']:>12.1f}")
    print(f"\n{HEALTHY} healthy endpoints, {SPREAD} messages each, from commit to the record, ms{'median':>12}{'p99':>10}")
    p99 = {}
    for name, key in (("all well", "alone"), ("beside one that hangs", "beside")):
        p99[key] = min(percentile(x, 0.99) for x in sheet[key])
        print(f"{name:<70}{1000 * min(percentile(x, 0.5) for x in sheet[key]):>10.1f}{1000 * p99[key]:>10.1f}")
    print(f"{'  p99, one hanging to none':<80}{p99['beside'] / p99['alone']:>10.2f}   below 2")


if __name__ == "__main__":
    main()
