"""The real daemon, a private PostgreSQL and a webhook receiver, for the integration suites.

    with Cluster() as db, Receiver(secret=SECRET) as hook, \\
         Daemon(db, webhooks={"desk": {"url": hook.url(), "secret": SECRET}}) as ehc:
        ehc.migrate(); ehc.start(); ehc.wait_ready()

Nothing here waits for a fixed time: every wait has a condition and a deadline. The deadline is for what never comes: it is so far away that a
machine with much else to do gets there, too. Where a test gives another, that is because something else would happen by then.
"""
import base64
import functools
import http.client
import os
import pathlib
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

from ehc_tap import Tap  # noqa: F401  one import serves a suite
from receiver import (Receiver, close_early, drip, hang, huge, ok, redirect, sequence, slow, status)  # noqa: F401
from signatures import fault, sign  # noqa: F401

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATIENCE = 90  # seconds until a wait is given up
SANITIZER = re.compile(r"(Address|Leak|Memory|Thread|UndefinedBehavior)Sanitizer|: runtime error: ")


def binary():
    """The daemon under test: $EHC_BIN, or the release build."""
    return pathlib.Path(os.environ.get("EHC_BIN", ROOT / "build/ehcwatchd"))


_kept_ports = []


def free_port():
    """A port that stays ours until this process ends, listened on or not: between two runs of a daemon nobody else is given it.

    The socket that keeps it never listens; who sets SO_REUSEADDR, as servers do, can bind beside it. A connection to it is refused.
    """
    keeper = socket.socket()
    keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    keeper.bind(("127.0.0.1", 0))
    _kept_ports.append(keeper)
    return keeper.getsockname()[1]


def exchange(connection, path, headers=None, method="GET", body=None):
    """One request on a connection, which is closed: (status, headers as a list, body as bytes)"""
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()
    finally:
        connection.close()


def new_secret(size=32):
    return "whsec_" + base64.b64encode(secrets.token_bytes(size)).decode()


def wait_until(condition, timeout=PATIENCE, what="the condition", pause=0.02, event=None):
    """The first true value of condition(), asked every `pause` seconds. `event` is a Popen whose end is an error."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise TimeoutError(f"{what} did not hold in {timeout} s")
        if event is None:
            threading.Event().wait(pause)
        else:
            try:
                event.wait(pause)
            except subprocess.TimeoutExpired:
                continue
            raise RuntimeError(f"the process ended with {event.returncode} while waiting for {what}")


class Cluster:
    """A private PostgreSQL on a Unix socket in its own temporary directory, gone on exit."""

    def __init__(self, fsync=False, keep=False):
        """`keep`: sql() uses one session for good, for suites that ask very often, from one thread."""
        self._keep, self._kept = keep, None
        self.dir = tempfile.mkdtemp(prefix="ehcw.", dir="/tmp")
        self._env = dict(os.environ, PG_CLUSTER_FSYNC="on" if fsync else "off")
        try:
            self._control("create")
        except BaseException:
            self.destroy()
            raise

    @property
    def conninfo(self):
        return f"host={self.dir}/sock user=postgres dbname=postgres"

    def _control(self, verb, *args):
        done = subprocess.run([ROOT / "tests/harness/pg_cluster", verb, self.dir, *args], env=self._env, check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise RuntimeError(f"pg_cluster {verb}: {done.stdout}")

    def start(self):
        self._control("start")

    def _session(self):
        """The connection that sql() is to use, open."""
        if not self._keep:
            return self.connect()
        if self._kept is None or self._kept.closed:
            self._kept = self.connect()
        return self._kept

    def _end_session(self, connection):
        if not self._keep:
            connection.close()

    def stop(self, mode="fast"):
        """`fast`, or `immediate` for a crash; the last commits survive one only in a Cluster(fsync=True)."""
        if self._kept is not None:
            self._kept.close()
        self._control("stop", mode)

    def destroy(self):
        self._control("destroy")

    def connect(self, autocommit=False):
        """A psycopg2 connection of the test's own, for open transactions and LISTEN."""
        import psycopg2  # pylint: disable=import-outside-toplevel

        connection = psycopg2.connect(self.conninfo, application_name="ehc_harness")
        connection.autocommit = autocommit
        return connection

    def sql(self, text, params=None):
        """Runs one or more statements in one transaction; the rows of the last as a list of tuples."""
        connection = self._session()
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(text, params)
                return cursor.fetchall() if cursor.description else []
        finally:
            self._end_session(connection)

    def value(self, text, params=None):
        rows = self.sql(text, params)
        return rows[0][0] if rows else None

    def load(self, path):
        """Runs a file of SQL, as psql would."""
        done = subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo, "-f", path], check=False,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise RuntimeError(f"{path}: {done.stdout}")

    def set_now(self, timestamp):
        """What the daemon takes for the present ("2026-11-23 00:00:05+00"); None is the clock again.

        A setting of the database counts for new sessions only, so all others but the harness's own are ended. One that is only
        beginning may have read what was set before, and cannot be seen and ended yet: but for the lock that it holds on its database.
        """
        if timestamp is None:
            self.sql("ALTER DATABASE postgres RESET ehcwatch.now")
        else:
            self.sql("ALTER DATABASE postgres SET ehcwatch.now = %s", (timestamp,))
        beginning = ("SELECT count(*) FROM pg_locks l WHERE locktype = 'object' AND classid = 'pg_database'::regclass"
                     " AND NOT EXISTS (SELECT FROM pg_stat_activity a WHERE a.pid = l.pid)")
        wait_until(lambda: not self.value(beginning), what="sessions that begin to be there")
        self.drop_connections()

    def set_clock(self, timestamp):
        """What the daemon takes for the present at once, in every session, for reading and for delivery; None is the clock again.

        It stands still until it is set again. Needs our own schema in this database: after `migrate`. Wakes every daemon.
        """
        if timestamp is None:
            self.sql("DELETE FROM ehcwatch.rehearsal")
        else:
            self.sql("INSERT INTO ehcwatch.rehearsal (at) VALUES (%s) ON CONFLICT (singleton) DO UPDATE SET at = excluded.at", (timestamp,))
        self.sql("SELECT pg_notify(c, '') FROM unnest('{ehcwatch_outbox,ehcwatch_poll}'::text[]) c")

    def drop_connections(self):
        """Ends every session but the harness's own; how many there were."""
        return self.value("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                          " WHERE backend_type = 'client backend' AND application_name <> 'ehc_harness'")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.destroy()


def _setting(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (list, tuple, set)):
        return "{" + ", ".join(_setting(v) for v in value) + "}"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


class Daemon:
    """One `ehcwatchd run` with its own directory for the configuration, the secrets and the log.

    `options` and the inner dicts of `webhooks` are written as they stand: text in quotes, numbers and true/false bare,
    lists in braces. A webhook's `secret` becomes a file of mode 0600 and a `secret_file`. For a receiver on this machine
    `allow_http` and `allow_internal` default to true, and it is given a minute to answer. Other blocks can be given as text in `extra`.
    """

    def __init__(self, cluster=None, webhooks=None, options=None, extra="", env=None, program=None):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="ehcwd.", dir="/tmp"))
        self.conf, self.log_path = self.dir / "ehcwatchd.conf", self.dir / "log"
        self.port = free_port()
        self.program, self.proc, self._killed = pathlib.Path(program or binary()), None, False
        self.env = {**os.environ, **(env or {})}
        self.options = {"listen": f"127.0.0.1:{self.port}", "poll_interval": 1, **(options or {})}
        if cluster is not None:
            self.options.setdefault("source", cluster.conninfo)
        self.webhooks, self.extra = webhooks or {}, extra
        self.write_config()

    def write_config(self):
        """Writes the file again from `options`, `webhooks` and `extra`, for a reload."""
        lines = [f"{name} = {_setting(value)}" for name, value in self.options.items()]
        for name, hook in self.webhooks.items():
            hook = {"allow_http": True, "allow_internal": True, "timeout": 60, **hook}
            if "secret" in hook:
                hook["secret_file"] = self.write_secret(name, hook.pop("secret"))
            inner = "".join(f"    {k} = {_setting(v)}\n" for k, v in hook.items())
            lines.append(f"webhook {_setting(name)} {{\n{inner}}}")
        # One rename, so that a reload never sees half a file.
        draft = self.conf.with_suffix(".new")
        draft.write_text("\n".join(lines) + "\n" + self.extra, encoding="utf-8")
        draft.rename(self.conf)

    def write_secret(self, name, secret):
        path = self.dir / f"{name}.secret"
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as f:
            f.write(secret + "\n")
        return str(path)

    def command(self, verb, *args, timeout=120):
        """Another subcommand with the same configuration, such as `deliveries`."""
        return subprocess.run([self.program, verb, "-c", self.conf, *args], env=self.env, check=False, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout)

    def migrate(self):
        done = self.command("migrate")
        if done.returncode:
            raise RuntimeError(f"migrate: exit {done.returncode}: {done.stderr}")
        return self

    def start(self):
        """Starts the process; its log goes on in the same file after a restart."""
        self._killed = False
        with open(self.log_path, "ab") as log:
            self.proc = subprocess.Popen([self.program, "run", "-c", self.conf], env=self.env, cwd=self.dir,
                                         stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        return self

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def _explain(self, error):
        return type(error)(f"{error}\n--- log of the daemon ---\n" + "\n".join(self.log().splitlines()[-40:]))

    def wait_until(self, condition, timeout=PATIENCE, what="the condition"):
        """As the function, and the end of the daemon is an error; both come with the end of its log."""
        try:
            return wait_until(condition, timeout, what, event=self.proc)
        except (TimeoutError, RuntimeError) as error:
            raise self._explain(error) from None

    def wait_ready(self, timeout=PATIENCE):
        self.wait_until(lambda: self.answers("/readyz"), timeout, "/readyz")
        return self

    def wait_log(self, pattern, timeout=PATIENCE):
        """The match of a regular expression in the log so far."""
        found = re.compile(pattern, re.M)
        return self.wait_until(lambda: found.search(self.log()), timeout, f"a log line like {pattern!r}")

    def answers(self, path, code=200):
        try:
            return self.http(path)[0] == code
        except OSError:
            return False

    def http(self, path, headers=None, method="GET", body=None, timeout=PATIENCE):
        """(status, headers with lower-case names, body as bytes)"""
        code, head, content = exchange(http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout), path, headers, method, body)
        return code, {k.lower(): v for k, v in head}, content

    def metrics(self):
        """Every sample of /metrics as {series(name, label=…): number}."""
        code, _, body = self.http("/metrics")
        if code != 200:
            raise RuntimeError(f"/metrics answered {code}")
        return parse_metrics(body.decode())

    def wait_metric(self, name, predicate, timeout=PATIENCE, **labels):
        key = series(name, **labels)
        return self.wait_until(lambda: predicate(self.metrics().get(key)), timeout, f"{key}")

    def send(self, number):
        self.proc.send_signal(number)

    def kill(self, number=signal.SIGKILL, timeout=PATIENCE):
        """Sends a signal that ends the daemon and waits for the end; the exit code."""
        self._killed = True
        if self.proc.poll() is None:
            self.proc.send_signal(number)
        return self.proc.wait(timeout)

    def stop(self, timeout=PATIENCE):
        """The orderly end: exit code 0 within the time and no sanitizer report, or an exception with the log."""
        if self.proc is None:
            return
        if self.proc.poll() is None:
            self.proc.terminate()
        try:
            code = self.proc.wait(timeout)
        except subprocess.TimeoutExpired:
            self.proc.kill()
            self.proc.wait()
            raise self._explain(TimeoutError(f"the daemon did not stop within {timeout} s of SIGTERM")) from None
        self.assert_clean()
        if code != 0 and not self._killed:
            raise self._explain(RuntimeError(f"the daemon ended with {code}"))
        self.proc = None

    def assert_clean(self):
        if SANITIZER.search(self.log()):
            raise self._explain(AssertionError("sanitizer report"))

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            if kind is None:
                self.stop()
            elif self.proc is not None and self.proc.poll() is None:
                self.proc.kill()
                self.proc.wait()
        finally:
            shutil.rmtree(self.dir, ignore_errors=True)


_SAMPLE = re.compile(r'([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\]|\\.)*",?)*)\})?')
_LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"')


def series(name, **labels):
    """The key of one sample: the name, and the labels by name."""
    inside = ",".join(f'{k}="{v}"' for k, v in sorted(labels.items()))
    return f"{name}{{{inside}}}" if inside else name


@functools.lru_cache(maxsize=65536)  # who waits for a number reads the same series many times a second
def _series_of(sample):
    """The key of a sample as /metrics writes it; None: it is not one."""
    match = _SAMPLE.fullmatch(sample)
    return match and series(match[1], **dict(_LABEL.findall(match[2] or "")))


def parse_metrics(text):
    """Strict: a line that is neither comment nor sample is an error, and so is a series that comes twice."""
    found = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        sample, _, value = line.rpartition(" ")
        key = _series_of(sample)
        if not key:  # with a time behind the value
            sample, _, value = sample.rpartition(" ")
            key = _series_of(sample)
        if not key:
            raise ValueError(f"not a metric: {line!r}")
        if key in found:
            raise ValueError(f"series twice: {key}")
        found[key] = float(value)
    return found
