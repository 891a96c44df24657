#!/usr/bin/python3
"""The harness, with a stand-in for the daemon: a cluster, a configuration file, waiting, stopping, finding a bad end."""
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/harness"))
import ehc_harness as h  # noqa: E402

STAND_IN = r'''#!/usr/bin/python3
import http.server, os, re, signal, sys
verb, conf = sys.argv[1], open(sys.argv[3]).read()
if verb != "run":
    print(verb, *sys.argv[4:]); sys.exit(int(os.environ.get("CODE", "0")))
print("<6>starting", file=sys.stderr, flush=True)
if "REPORT" in os.environ: print("==1==ERROR: Address" + "Sanitizer: leak", file=sys.stderr, flush=True)
if "DIE" in os.environ: sys.exit("bad day")
signal.signal(signal.SIGTERM, (lambda *_: None) if "DEAF" in os.environ else lambda *_: os._exit(int(os.environ.get("CODE", "0"))))
asked = 0
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        global asked; asked += self.path == "/readyz"
        body = b"ehc_up %d\n" % asked
        self.send_response(503 if self.path == "/readyz" and asked < 4 else 200)
        self.send_header("X-Seen", "yes"); self.end_headers(); self.wfile.write(body)
    def log_message(self, *_): pass
host, port = re.search(r'listen = "(.*):(\d+)"', conf).groups()
http.server.HTTPServer((host, int(port)), Handler).serve_forever()
'''
t = h.Tap()


def refused(kind, function, *args, **kwargs):
    """The text of the exception, or None when there was none."""
    try:
        function(*args, **kwargs)
    except kind as error:
        return str(error)
    return None


def cluster():
    with h.Cluster(fsync=True) as db:
        t.eq(db.sql("SELECT 1, 'a'"), [(1, "a")], "rows come as tuples")
        t.eq(db.sql("CREATE TABLE x (n int); INSERT INTO x VALUES (%s); SELECT n FROM x", (7,)), [(7,)],
             "several statements, the rows of the last")
        watch = subprocess.Popen(["psql", "-X", "-d", db.conninfo], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        h.wait_until(lambda: db.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'psql'"), what="psql")
        db.set_now("2026-10-25 00:30:00+00")
        t.eq(db.value("SHOW ehcwatch.now"), "2026-10-25 00:30:00+00", "the present is set for new sessions")
        h.wait_until(lambda: not db.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'psql'"),
                     what="the end of psql's session")
        t.ok(True, "and other sessions are ended")
        watch.communicate()
        db.set_now(None)
        t.eq(db.value("SELECT coalesce(current_setting('ehcwatch.now', true), '')"), "", "the clock counts again")
        db.stop("immediate")
        t.ok(refused(Exception, db.sql, "SELECT 1"), "a stopped server answers nothing")
        db.start()
        t.eq(db.value("SELECT count(*) FROM x"), 1, "a crash and a start lose nothing")
        script = pathlib.Path(db.dir) / "bad.sql"
        script.write_text("SELECT 1;\nSELECT nonsense;\n")
        t.ok("nonsense" in (refused(RuntimeError, db.load, script) or ""), "an error in a script is an exception")
    t.ok(not os.path.exists(db.dir), "the directory is gone")


def daemon(program):
    hooks = {"desk": {"url": "http://127.0.0.1:1/", "secret": "whsec_AAAA", "states": ["breached"]}}
    with h.Daemon(webhooks=hooks, options={"limits": ["auto"]}, program=program) as ehc:
        text = ehc.conf.read_text()
        t.ok('limits = {"auto"}\n' in text and 'webhook "desk" {' in text and 'states = {"breached"}' in text
             and "allow_http = true" in text and "whsec_" not in text, "the configuration", text)
        secret = ehc.dir / "desk.secret"
        t.ok(secret.stat().st_mode & 0o777 == 0o600 and secret.read_text() == "whsec_AAAA\n", "the secret's file")
        t.ok(ehc.migrate().command("count", "x").stdout == "count x\n", "other subcommands")
        ehc.start().wait_ready()
        t.eq(ehc.metrics(), {"ehc_up": 4.0}, "readiness is waited for, metrics are read")
        t.eq(ehc.http("/x")[1]["x-seen"], "yes", "headers have lower-case names")
        t.ok(ehc.wait_log("^<6>start"), "the log is read")
        t.eq(refused(TimeoutError, ehc.wait_log, "never", 0.1) is None, False, "a wait has an end")
        where = ehc.dir
    t.ok(not where.exists(), "the directory is gone after an orderly stop")
    ends = [("a bad exit code", {"CODE": "3"}, "ended with 3"), ("a sanitizer report", {"REPORT": "1"}, "sanitizer report"),
            ("a daemon that does not stop", {"DEAF": "1"}, "did not stop")]
    for name, env, want in ends:
        with h.Daemon(program=program, env=env) as ehc:
            ehc.start().wait_ready()
            said = refused(Exception, ehc.stop, **({"timeout": 1} if "DEAF" in env else {})) or ""
            ehc.proc = None
            t.ok(want in said and "<6>starting" in said, f"{name} is found, with the log", said)
    with h.Daemon(program=program, env={"DIE": "1"}) as ehc:
        said = refused(RuntimeError, ehc.start().wait_ready) or ""
        ehc.proc = None
        t.ok("bad day" in said, "a daemon that ends at once is not waited for", said)
    with h.Daemon(program=program) as ehc:
        ehc.start().wait_ready()
        t.eq(ehc.kill(), -9, "a kill is asked for")
        t.eq(refused(Exception, ehc.stop), None, "and is no failure then")
        t.ok(ehc.start().wait_ready(), "a start after a kill")


with tempfile.TemporaryDirectory(prefix="ehcw.stand.") as folder:
    stand_in = pathlib.Path(folder) / "ehcwatchd"
    stand_in.write_text(STAND_IN)
    stand_in.chmod(0o755)
    cluster()
    daemon(stand_in)
t.done()
