#!/usr/bin/python3
"""The process itself: starting, stopping, reloading, what it tells systemd, what it refuses, what it keeps to itself."""
import http.client
import os
import pathlib
import queue
import re
import secrets
import signal
import socket
import subprocess
import threading
import time

import _world as w
from _world import ago, h

SECRET = h.new_secret()
PROGRAM = str(h.binary())
t = h.Tap()


def desk(hook, path="/hook", **more):
    return {"desk": {"url": hook.url(path), "secret": SECRET, **more}}


def begin(db, hook, ehc, behaviour=None):
    w.Casework(db).clear()
    db.set_now(w.NOON)
    hook.behave(h.ok())
    hook.clear()
    ehc.start().wait_ready()
    ehc.settle()
    hook.clear()
    if behaviour is not None:
        hook.behave(behaviour)
        ehc.cases.case(1, ("request_received", ago(50)))
        ehc.cases.hint()
        hook.wait_for(len, what="a request")


def ended(ehc, within=50):
    """The exit code after SIGTERM was sent, None when the daemon is still there after `within` seconds: less than what it must not wait for."""
    try:
        return ehc.proc.wait(within)
    except subprocess.TimeoutExpired:
        return None


def terminate(ehc):
    ehc.send(signal.SIGTERM)
    h.wait_until(lambda: ehc.log_lines("<5>stopping"), what="the word that it stops")


def outbox(db):
    return db.sql("SELECT state, claim IS NULL, attempts, next_attempt_at < now() + interval '1 s' FROM ehcwatch.outbox WHERE case_id = 1")


# --- stopping ---


def drain(db, hook):
    gate = threading.Event()
    with w.Watch(db, desk(hook), {"drain_timeout": 60}) as ehc:
        begin(db, hook, ehc, w.held(gate))
        terminate(ehc)
        for _ in range(5):
            ehc.cases.hint()  # must not count as another part that has stopped
        db.value("SELECT 1")
        gate.set()
        t.eq(ended(ehc), 0, "SIGTERM waits for the delivery in flight, and ends with 0")
        t.eq(outbox(db)[0][:2], ("done", True), "which is recorded")
        t.ok("stopped: in order" in ehc.log(), "in order")
    with w.Watch(db, desk(hook, timeout=60), {"drain_timeout": 1}) as ehc:
        begin(db, hook, ehc, h.hang())
        terminate(ehc)
        t.eq(ended(ehc), 0, "one that hangs is given up after drain_timeout")
        t.eq(outbox(db), [("pending", True, 1, True)], "and given back: pending, free, due now")
        t.eq(db.sql("SELECT reason FROM ehcwatch.attempt ORDER BY recorded_at DESC LIMIT 1"), [("cancelled",)], "as the ledger says")
        hook.behave(h.ok())
        ehc.start().wait_ready()
        ehc.settle()
        t.eq((len(hook.requests), len({(r.id, r.body) for r in hook.requests})), (2, 1), "the next start sends it, the same id and bytes")
    with w.Watch(db, desk(hook, timeout=60), {"drain_timeout": 60}) as ehc:
        begin(db, hook, ehc, h.hang())
        terminate(ehc)
        ehc.send(signal.SIGTERM)
        t.eq(ended(ehc), 0, "a second SIGTERM ends at once")
    with w.Watch(db, desk(hook, timeout=60), {"drain_timeout": 0}) as ehc:
        begin(db, hook, ehc, h.hang())
        terminate(ehc)
        t.eq((ended(ehc), outbox(db)), (0, [("pending", True, 1, True)]), "drain_timeout = 0 gives back without waiting")
    hook.behave(h.ok())


def stop_in_each_step(db, hook):
    """A lock held by somebody else stops the daemon in each step; SIGTERM is obeyed within the bound."""
    for step, table, session in (("reading", "casework.ehc_event", "ehcwatchd source"),
                                 ("writing", "ehcwatch.case_state", "ehcwatchd state"),
                                 ("claiming", "ehcwatch.outbox", "ehcwatchd delivery")):
        with w.Watch(db, desk(hook), {"drain_timeout": 1, "poll_interval": 3600}) as ehc:
            begin(db, hook, ehc)
            if step != "writing":
                ehc.cases.case(1, ("request_received", ago(50)))
            if step == "claiming":
                ehc.settle()
            with w.Lock(db, table) as lock:
                if step == "writing":  # not before: a reading that is under way would write it
                    ehc.cases.case(1, ("request_received", ago(50)))
                if step == "claiming":
                    ehc.send(signal.SIGHUP)  # looks into the queue, too
                else:
                    ehc.cases.hint()
                lock.wait_for(session, ehc)
                terminate(ehc)
                t.eq((ended(ehc), "lock timeout" in ehc.log()), (0, False), f"SIGTERM while {step} waits for a lock: an end within the bound, not when the lock is given up")
            ehc.kill()
            ehc.start().wait_ready()
            ehc.settle()
            told = [x[3:] for x in ehc.transitions(1)]
            t.eq((told, ehc.gaps(), ehc.pending()), ([("none", "breached")], [], 0), f"{step}: the next start tells it, once")
    with w.Watch(db, desk(hook)) as ehc:
        begin(db, hook, ehc)
        with w.Stopped(db):
            ehc.wait_not_ready("database")
            terminate(ehc)
            t.eq(ended(ehc), 0, "SIGTERM while PostgreSQL is down")
            ehc.start()
            ehc.listening()
            terminate(ehc)
            t.eq(ended(ehc), 0, "SIGTERM before any connection was made")


# --- reloading ---

BROKEN = [
    ("a syntax error", lambda text, _: text.replace("webhook", "webhook {", 1), r"ehcwatchd\.conf:\d+: "),
    ("an unknown limit", lambda text, _: text + 'limits = {"final_plan_21w"}\n', r"ehcwatchd\.conf:\d+: limits: there is no limit 'final_plan_21w'"),
    ("a secret file that is gone", lambda text, _: text.replace("desk.secret", "gone.secret"), r"ehcwatchd\.conf:\d+: secret_file: .*gone.secret: No such file"),
    ("a secret that is none", lambda text, d: text.replace("desk.secret", d.write_secret("bad", "whsec_short").rsplit("/", 1)[1]), "bad.secret:1: not a usable key"),
    ("a calendar that is none", lambda text, d: text + f'calendar_file = "{d.conf}"\n', r"ehcwatchd\.conf"),
    ("a CA file that cannot be used", lambda text, d: text + f'ca_file = "{d.dir}/nothing.pem"\n', "nothing.pem"),
]


def reload_all_or_nothing(db, hook):
    with w.Watch(db, desk(hook)) as ehc:
        begin(db, hook, ehc)
        good = ehc.conf.read_text()
        before = ehc.metrics()["ehc_config_last_reload_success_timestamp_seconds"]
        for number, (name, breaks, line) in enumerate(BROKEN, 1):
            ehc.conf.write_text(breaks(good.replace("/hook", "/elsewhere").replace("poll_interval = 1", "poll_interval = 3600"), ehc))
            ehc.send(signal.SIGHUP)
            ehc.wait_until(lambda n=number: len(ehc.log_lines("reload_refused")) == n, what=f"a refusal of {name}")
            said = ehc.log_lines("reload_refused")[-1]
            t.ok(re.search(line, said) and "the settings before stay in force" in said, f"{name} is refused, with the place", said)
            ehc.cases.case(number, ("request_received", ago(50)))
            hook.wait_for(lambda seen, n=number: w.bodies(seen, f"EHC-{n:04d}"), what="a message without a hint: poll_interval is still 1")
            t.eq((ehc.metrics()["ehc_config_last_reload_successful"], {r.path for r in hook.requests}), (0.0, {"/hook"}),
                 f"{name}: the metric says so and nothing has changed")
        t.eq(ehc.metrics()["ehc_config_last_reload_success_timestamp_seconds"], before, "the time of the last good one stays")
        other = h.new_secret()
        ehc.webhooks = {"desk": {"url": hook.url("/new"), "secret": other}}
        ehc.write_config()
        ehc.send(signal.SIGHUP)
        ehc.wait_metric("ehc_config_last_reload_successful", lambda v: v == 1.0)
        hook.trust(other)
        ehc.cases.case(20, ("request_received", ago(50)))
        hook.wait_for(lambda seen: w.bodies(seen, "EHC-0020", "/new"), what="a message at the new address")
        ehc.delivered()
        t.eq(hook.requests[-1].fault, None, "a good file takes effect, with its secret")
        hook.trust(SECRET)
        for _ in range(20):
            ehc.send(signal.SIGHUP)
        ehc.settle()
        t.ok(ehc.metrics()["ehc_config_last_reload_successful"] == 1.0, "twenty in a row do no harm")


def looked_up(db, hook):
    """A database by a name that a name server must be asked for: the log says at start and reload what that does. This one never is asked."""
    with w.Watch(db, desk(hook), {"source": f"{db.conninfo} host={db.dir}/sock,db.invalid"}) as ehc:
        begin(db, hook, ehc)
        t.eq(len(ehc.log_lines("blocking_lookup: source: everything stands still while the name db.invalid is looked up")), 1, "it is said at the start")
        checked = ehc.command("check-config")
        t.eq((checked.returncode, checked.stdout, checked.stderr), (0, "", ""), "check-config is silent")
        ehc.send(signal.SIGHUP)
        ehc.wait_until(lambda: len(ehc.log_lines("blocking_lookup: ")) == 2, what="the same after a reload")
        ehc.options["source"] = f"{db.conninfo} host={db.dir}/sock,db.invalid hostaddr=,127.0.0.1"
        ehc.write_config()
        ehc.send(signal.SIGHUP)
        ehc.wait_until(lambda: len(ehc.log_lines("reloaded: ")) == 2, what="another reload")
        t.eq(len(ehc.log_lines("blocking_lookup: ")), 2, "with its address nothing is said")


# --- systemd ---


class NotifySocket:
    """In the place of systemd. Always read: who writes to it waits when ten messages are waiting."""

    def __init__(self, folder):
        self.path = str(pathlib.Path(folder) / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.queue, self.watchdogs = queue.Queue(), 0
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        while message := self.socket.recv(4096):
            self.watchdogs += message == b"WATCHDOG=1"
            self.queue.put(message.decode())

    def until(self, wanted):
        """Takes messages until one matches; the match."""
        while True:
            found = re.search(wanted, self.queue.get(timeout=h.PATIENCE), re.M)
            if found:
                return found

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"", self.path)
        self.reader.join(5)
        self.socket.close()


def reloads_in_a_row(db, hook):
    """Each reload with other headers brings another server; an answer under way ends, however many there are within the drain."""
    with w.Watch(db, desk(hook), options={"drain_timeout": 60}) as ehc:
        w.Casework(db).clear()
        db.set_now(w.NOON)
        hook.behave(h.ok())
        db.sql("INSERT INTO casework.ehc_case (case_id, case_ref, locality, team) SELECT n, 'EHC-' || n, 'North', 'T1' FROM generate_series(1, 6000) n;"
               f"INSERT INTO casework.ehc_event (case_id, event, occurred_on) SELECT n, 'request_received', '{ago(200)}' FROM generate_series(1, 6000) n")
        web = ehc.dir / "web.yml"

        def write(number):
            web.write_text(f"http_server_config:\n  headers:\n    X-Frame-Options: SAMEORIGIN{number}\n")
            web.chmod(0o600)

        write(0)
        ehc.options["web_config_file"] = str(web)
        ehc.write_config()
        ehc.start().wait_ready(60)
        whole = ehc.http("/v1/breaches.csv", timeout=120)[2]
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.settimeout(120)
            client.connect(("127.0.0.1", ehc.port))
            client.sendall(b"GET /v1/breaches.csv HTTP/1.1\r\nHost: x\r\n\r\n")
            answer = http.client.HTTPResponse(client)
            answer.begin()
            got = answer.read(5000)
            for number in (1, 2, 3):
                write(number)
                ehc.send(signal.SIGHUP)
                ehc.wait_until(lambda number=number: len(ehc.log_lines("serving_anew")) == number, what="the next server")
                got += answer.read(5000)
            try:
                got += answer.read()
            except (OSError, http.client.HTTPException) as error:
                t.note(f"{type(error).__name__}")
        t.eq((len(got), got == whole), (len(whole), True), f"an answer of {len(whole)} bytes ends, three reloads later")
        t.eq(ehc.http("/healthz")[1].get("x-frame-options"), "SAMEORIGIN3", "whoever comes now gets the new headers")


def systemd(db, hook):
    w.Casework(db).clear()
    db.set_now(w.NOON)
    with w.Stopped(db) as outage:
        with w.Watch(db, desk(hook)) as ehc, NotifySocket(ehc.dir) as notify:
            ehc.env |= {"NOTIFY_SOCKET": notify.path, "WATCHDOG_USEC": "300000"}
            began = time.monotonic()
            ehc.start()
            t.ok(notify.until("^READY=1$"), "READY=1 although the database is down")
            t.ok(notify.until("^STATUS=not ready: "), "and STATUS= says why not")
            for _ in range(5):
                notify.until("^WATCHDOG=1$")
            came = notify.watchdogs  # before the time is taken: more may come in between
            passed = time.monotonic() - began
            t.ok(came <= passed / 0.15 + 2, "WATCHDOG=1 twice in each period and no oftener, with the database down", (came, passed))
            outage.over()
            ehc.wait_ready()
            t.ok(notify.until(r"^STATUS=watching 0 cases, 0 with a breach; leader since "), "STATUS= says what is watched, and who leads")
            low = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
            ehc.send(signal.SIGHUP)
            stamp = int(notify.until(r"^RELOADING=1\nMONOTONIC_USEC=(\d+)$")[1])
            t.ok(low - 1 <= stamp <= time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000, "RELOADING=1 with the monotonic time", (low, stamp))
            t.ok(notify.until(r"^READY=1\nSTATUS=settings reloaded"), "then READY=1")
            good = ehc.conf.read_text()
            ehc.conf.write_text(good + "nonsense = 1\n")
            ehc.send(signal.SIGHUP)
            notify.until("^RELOADING=1")
            t.ok(notify.until(r"^READY=1\nSTATUS=reload refused: .*nonsense"), "a refused reload also ends with READY=1 and says why")
            ehc.send(signal.SIGTERM)
            t.ok(notify.until("^STOPPING=1$"), "STOPPING=1")
            t.eq(ended(ehc), 0, "and the end")


def socket_activation(db, hook):
    launch = 'exec 3<&"$FD" 4<&"$FD"; export LISTEN_PID=$$; exec "$@"'
    for name, kind, fds, code, says in (("a listening socket", socket.SOCK_STREAM, 1, None, None),
                                        ("a datagram socket", socket.SOCK_DGRAM, 1, 1, "is not a listening stream socket"),
                                        ("two sockets", socket.SOCK_STREAM, 2, 1, "2 sockets passed, the HTTP server takes one")):
        with w.Watch(db, desk(hook)) as ehc, socket.socket(socket.AF_INET, kind) as listener:
            listener.bind(("127.0.0.1", 0))
            if kind == socket.SOCK_STREAM:
                listener.listen(16)
            own = ehc.port
            env = {**ehc.env, "FD": str(listener.fileno()), "LISTEN_FDS": str(fds)}
            with open(ehc.log_path, "ab") as log:
                ehc.proc = subprocess.Popen(["bash", "-c", launch, "bash", PROGRAM, "run", "-c", ehc.conf], env=env, stdout=log, stderr=log,
                                            pass_fds=[listener.fileno()], stdin=subprocess.DEVNULL)
            if code is None:
                ehc.port = listener.getsockname()[1]
                ehc.wait_ready()
                t.ok(ehc.answers("/healthz"), "a socket from systemd is served")
                with socket.socket() as probe:
                    t.ok(probe.connect_ex(("127.0.0.1", own)) != 0, "and the address of the configuration is left alone")
            else:
                t.eq(ended(ehc), code, f"{name}: exit {code}")
                t.ok(says in ehc.log(), f"{name}: and why", ehc.log())
                ehc.kill()


# --- refusing ---


def port_in_use(db, hook):
    with w.Watch(db, desk(hook)) as ehc, socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", ehc.port))
        other.listen(1)
        ehc.start()
        t.eq(ended(ehc), 1, "a port in use: exit 1")
        t.ok(re.fullmatch(rf"[^\n]*127\.0\.0\.1:{ehc.port}[^\n]*in use[^\n]*\n", ehc.log()), "and one line that names it", ehc.log())
        ehc.kill()


BASE = 'source = "host=/run/postgresql dbname=x"\n'
HOOK = 'webhook "desk" {\nurl = "https://example.org/"\nsecret_file = "@SECRET@"\n}\n'
REFUSED = [
    ("", "source is missing"),
    ("source = \n", ":1: source has no value"),
    (BASE + 'sauce = "x"\n', ":2: no such option 'sauce'"),
    (BASE + 'poll_interval = 0\n', ":2: poll_interval must be a whole number from 1 to 3600, not '0'"),
    (BASE + 'poll_interval = ten\n', ":2: poll_interval must be a whole number from 1 to 3600, not 'ten'"),
    (BASE + 'poll_interval = 030\n', ":2: poll_interval must be a whole number from 1 to 3600, not '030'"),
    (BASE + BASE, ":2: source is already set on line 1"),
    (BASE + 'listen = "0.0.0.0:9820"\n', ":2: listen: other machines can reach this and have to say who they are, and nobody can: "
     "set api_token_file, or web_config_file with basic_auth_users"),
    (BASE + 'listen = "9820"\n', ":2: listen: '9820' is not an address: write 127.0.0.1:PORT, [::1]:PORT or unix:/PATH"),
    ('source = "host=x password=hunter2"\n', ":1: source: password does not belong into a connection string: "
     "put it into a file of its own and name that (source_password_file)"),
    (BASE + 'limits = {"final_plan_21w"}\n', ":2: limits: there is no limit 'final_plan_21w' (`ehcwatchd rules` lists them)"),
    (BASE + 'limits = {"auto", "final_plan_20w"}\n', ":2: limits: auto stands alone"),
    (BASE + 'log_level = "loud"\n', ":2: log_level: 'loud' is not one of error warning notice info debug"),
    (BASE + 'metrics_labels = {"officer"}\n', ":2: metrics_labels: 'officer' is not one of locality team"),
    (BASE + 'calendar_file = "holidays.json"\n', ":2: calendar_file must be an absolute path"),
    (BASE + 'calendar_file = "/nonexistent/x.json"\n', ":2: calendar_file: /nonexistent/x.json: No such file or directory"),
    (BASE + 'state_password_file = "/etc/hostname"\n',
     ":2: state_password_file without state: with one database, source_password_file is used"),
    (BASE + 'webhook "desk" {\n}\n', ':2: webhook "desk" has no url'),
    (BASE + 'webhook "desk" {\nurl = "https://example.org/"\n}\n', ':2: webhook "desk" has no secret_file'),
    (BASE + HOOK.replace("https:", "http:"), ":3: url is plain http, which anybody on the way can read: use https, or set allow_http = true"),
    (BASE + HOOK.replace("https://", "https://me:pw@"), ":3: url must not have a user or password in it"),
    (BASE + HOOK.replace("https://", "ftp://"), ":3: url must be a whole https:// or http:// address"),
    (BASE + HOOK.replace("desk", "Desk 1"), ":2: webhook \"Desk 1\": a name is 1 to 32 of a-z, 0-9, '_' and '-'"),
    (BASE + HOOK + HOOK, ":6: found duplicate title 'desk'"),
    (BASE + HOOK.replace("@SECRET@", "whsec_AAAA"), ":4: secret_file must be an absolute path or credential:NAME (the secret itself never stands here)"),
    (BASE + HOOK.replace("@SECRET@", "/nonexistent/s"), ":4: secret_file: /nonexistent/s: No such file or directory"),
    (BASE + HOOK.replace("}", 'states = {"overdue"}\n}'), ":5: states: 'overdue' is not one of at_risk breached met met_late excepted void missed restated"),
    (BASE + HOOK.replace("}", "timeout = 61\n}"), ":5: timeout must be a whole number from 1 to 60, not '61'"),
    (BASE + HOOK.replace("}", "enabled = maybe\n}"), ":5: enabled must be true or false, not 'maybe'"),
    (BASE + HOOK.replace("}\n", ""), ":2: this section is not closed"),
    (BASE + 'public_url = "${HOME}"\n', r":2: ${ is refused: nothing is taken from the environment (write \${ for the two characters themselves)"),
]


def refusals(db, hook):
    with w.Watch(db, desk(hook)) as ehc:
        secret = ehc.write_secret("s", SECRET)
        for text, says in REFUSED:
            ehc.conf.write_text(text.replace("@SECRET@", secret))
            run, check = (subprocess.run([PROGRAM, verb, "-c", ehc.conf], text=True, check=False, stdout=subprocess.PIPE,
                                         stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, timeout=h.PATIENCE) for verb in ("run", "check-config"))
            t.ok(run.returncode == check.returncode == 78 and run.stdout == check.stdout and "hunter2" not in run.stdout
                 and run.stdout.startswith(str(ehc.conf)) and run.stdout.count("\n") == 1
                 and run.stdout == str(ehc.conf) + (says if says[0] == ":" else ": " + says) + "\n",
                 f"refused with 78: {says}", f"{run.returncode} {check.returncode} {run.stdout!r} {check.stdout!r}")


# --- keeping to itself ---


def no_secret_anywhere(db, hook):
    """A login of least privilege with a password; everything that fails is provoked at the loudest log level."""
    password = "pw-" + secrets.token_hex(8)
    hba = pathlib.Path(db.dir) / "data/pg_hba.conf"
    hba.write_text("local all watcher scram-sha-256\n" + hba.read_text())
    db.sql(f"CREATE ROLE watcher LOGIN PASSWORD '{password}' IN ROLE ehcwatch_daemon; SELECT pg_reload_conf()")
    sig = "sig-" + secrets.token_hex(8)
    with w.Watch(db, desk(hook, path="/hook?sig=" + sig), {"log_level": "debug"}) as ehc:
        ehc.options |= {"source": db.conninfo.replace("user=postgres", "user=watcher"),
                        "source_password_file": ehc.write_secret("password", password + "wrong")}
        ehc.write_config()
        ehc.wait_until(lambda: ehc.command("migrate").returncode == 69, what="the new pg_hba.conf")  # until then any password will do
        w.Casework(db).clear()
        db.set_now(w.NOON)
        hook.clear()
        ehc.start().listening()
        why = ehc.wait_not_ready("password authentication failed")
        t.ok(password not in why, "a wrong password: /readyz says so", why)
        seen = [ehc.http(p)[2] for p in ("/metrics", "/readyz", "/")]
        ehc.stop()
        ehc.write_secret("password", password)
        ehc.start().wait_ready()
        ehc.settle()
        hook.behave(h.sequence(h.status(500, body=SECRET.encode()), h.status(302, {"Location": "/x"}), then=h.close_early(reset=True)))
        for n in range(1, 4):
            ehc.cases.case(n, ("request_received", ago(50)))
        hook.wait_for(lambda s: len(s) >= 4, what="failing requests")
        ehc.wait_until(lambda: ehc.db.value("SELECT count(*) FROM ehcwatch.attempt WHERE reason <> 'ok'") >= 3, what="failures")
        ehc.conf.write_text(ehc.conf.read_text() + "nonsense = 1\n")
        ehc.send(signal.SIGHUP)
        ehc.wait_log("reload_refused")
        db.drop_connections()
        ehc.read()
        t.ok([r.path for r in hook.requests if sig in r.path], "the address that is posted to holds its secret")
        seen += [ehc.http(p)[2] for p in ("/metrics", "/readyz", "/v1/breaches", "/v1/breaches.csv", "/v1/cases/EHC-0001", "/healthz", "/", "/none")]
        cmdline = pathlib.Path(f"/proc/{ehc.proc.pid}/cmdline").read_bytes()
        everything = b"\n".join(seen) + ehc.log().encode() + cmdline
        for name, canary in (("signing secret", SECRET), ("its key", SECRET.removeprefix("whsec_")), ("database password", password),
                             ("query of the URL", sig)):
            t.ok(canary.encode() not in everything, f"the {name} is in no log line, metric or page")
        t.ok(ehc.log_lines("delivery_failed"), "though the failures are logged")
        hook.behave(h.ok())


def idle_cpu(db, hook):
    with w.Watch(db, desk(hook)) as ehc:
        begin(db, hook, ehc)

        def ticks():
            fields = pathlib.Path(f"/proc/{ehc.proc.pid}/stat").read_text().rsplit(")", 1)[1].split()
            return int(fields[11]) + int(fields[12])

        began, used, first = time.monotonic(), ticks(), ehc.evaluations()
        h.wait_until(lambda: ehc.evaluations() >= first + 5, what="five polls", pause=0.5)
        percent = 100 * (ticks() - used) / os.sysconf("SC_CLK_TCK") / (time.monotonic() - began)
        t.ok(percent < 5, "idle, with a poll a second: less than 5 % of a processor", f"{percent:.1f} %")
        t.note(f"{percent:.1f} % of a processor")


with h.Cluster() as cluster, h.Receiver(secret=SECRET) as receiver:
    with w.Watch(cluster) as first_of_all:
        first_of_all.migrate()
    for part in (drain, stop_in_each_step, reload_all_or_nothing, looked_up, reloads_in_a_row, systemd, socket_activation, port_in_use, refusals, no_secret_anywhere, idle_cpu):
        with t.case(f"{part.__name__} ran to its end"):
            part(cluster, receiver)
t.done()
