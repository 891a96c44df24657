#!/usr/bin/python3
"""Measured ratios of what the daemon serves on this machine; a part of `make bench`. Progress goes to stderr.

BENCH_SERVE  seconds of each measurement (5)

What is compared with what: /metrics and /v1/breaches.csv of a demo caseload of 10,000 cases, all limits under watch, against nginx (one
worker, Debian's) that serves the same bytes from a file, under the same load of wrk (one thread, 16 connections), in turn, best of 3.
The daemon closes every connection after its answer, on purpose, so wrk asks for that of both; the last column lets nginx keep its
connections, which is what a client that could would get.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/harness"))
import ehc_harness as h  # noqa: E402

SECONDS = int(os.environ.get("BENCH_SERVE", "5"))
ROUNDS, CASES = 3, 10000
CONF = """daemon off; worker_processes 1; error_log stderr; pid {dir}/pid;
events {{ worker_connections 256; }}
http {{ access_log off; sendfile on; keepalive_requests 1000000;
client_body_temp_path {dir}/1; proxy_temp_path {dir}/2; fastcgi_temp_path {dir}/3; uwsgi_temp_path {dir}/4; scgi_temp_path {dir}/5;
server {{ listen 127.0.0.1:{port}; root {dir}/root; default_type text/plain; }} }}
"""


def progress(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


class Nginx:
    def __init__(self):
        self.dir, self.port, self.proc = pathlib.Path(tempfile.mkdtemp(prefix="ehcn.", dir="/tmp")), h.free_port(), None

    def __enter__(self):
        (self.dir / "root").mkdir()
        self.dir.chmod(0o755)
        (self.dir / "conf").write_text(CONF.format(dir=self.dir, port=self.port), encoding="ascii")
        self.proc = subprocess.Popen([shutil.which("nginx") or "/usr/sbin/nginx", "-c", self.dir / "conf"], stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self.proc.terminate()
        self.proc.wait(10)
        shutil.rmtree(self.dir, ignore_errors=True)

    def serve(self, name, body):
        (self.dir / "root" / name).write_bytes(body)
        url = f"http://127.0.0.1:{self.port}/{name}"
        h.wait_until(lambda: subprocess.run(["curl", "-sf", "-o", "/dev/null", url], check=False).returncode == 0, 20, "nginx")
        return url


def rate(url, closing):
    """Answers a second, all of them 200."""
    more = ["-H", "Connection: close"] if closing else []
    out = subprocess.run(["wrk", "-t1", "-c16", f"-d{SECONDS}s", *more, url], check=True, stdout=subprocess.PIPE, text=True).stdout
    assert "Non-2xx" not in out and "Socket errors" not in out, out
    return float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))


def main():
    with h.Cluster() as db, h.Daemon(db, options={"limits": ["all"], "poll_interval": 30}) as ehc, Nginx() as nginx:
        progress(f"{CASES:,} cases: making them up")
        ehc.migrate()
        db.load(ROOT / "sql/demo/caseload.sql")
        db.sql(f"SELECT casework_demo.generate({CASES}, 1, (now() AT TIME ZONE 'Europe/London')::date)")
        ehc.write_config()
        ehc.start().wait_ready()
        print(f"\nServed, {CASES:,} cases, all limits: answers a second, best of {ROUNDS}\n")
        print(f"{'':20}{'bytes':>10}{'daemon':>10}{'nginx':>10}{'ratio':>8}{'nginx, connections kept':>26}{'ratio':>8}")
        for path in ("/metrics", "/v1/breaches.csv"):
            progress(path)
            body = ehc.http(path)[2]
            url = nginx.serve(path.replace("/", "_"), body)
            rounds = [(rate(f"http://127.0.0.1:{ehc.port}{path}", True), rate(url, True), rate(url, False)) for _ in range(ROUNDS)]
            ours, closing, kept = (max(r[i] for r in rounds) for i in range(3))
            print(f"{path:20}{len(body):>10,}{ours:>10,.0f}{closing:>10,.0f}{ours / closing:>8.2f}{kept:>26,.0f}{ours / kept:>8.2f}")


if __name__ == "__main__":
    main()
