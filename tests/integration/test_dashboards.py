#!/usr/bin/python3
"""The dashboards: a real Prometheus (Debian's) scrapes the daemon with our rules, and what it has, what our dashboard asks and what
/v1/summary says are the same; the rules as promtool sees them."""
import json
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import urllib.parse
import urllib.request

from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as text_format

import _world as w
from _world import ago, h

t = h.Tap()
RULES = w.ROOT / "systemd/prometheus/ehcwatchd.rules.yml"
DASHBOARD = w.ROOT / "systemd/grafana/ehcwatchd.json"
OPEN = "application/openmetrics-text; version=1.0.0"


class Prometheus:
    """One with its own folder and port, that scrapes one daemon every second."""

    def __init__(self, address, options=None):
        self.dir, self.port, self.proc = pathlib.Path(tempfile.mkdtemp(prefix="ehcp.", dir="/tmp")), h.free_port(), None
        (self.dir / "p.yml").write_text(json.dumps({
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "rule_files": [str(RULES)],
            "scrape_configs": [{"job_name": "ehcwatchd", "static_configs": [{"targets": [address]}], **(options or {})}]}), encoding="utf-8")

    def __enter__(self):
        with open(self.dir / "log", "ab") as log:
            self.proc = subprocess.Popen(
                ["prometheus", f"--config.file={self.dir}/p.yml", f"--storage.tsdb.path={self.dir}/data", "--log.level=warn",
                 f"--web.listen-address=127.0.0.1:{self.port}"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        h.wait_until(lambda: self.query("vector(1)"), what="Prometheus", event=self.proc)
        return self

    def __exit__(self, *_):
        self.proc.kill()
        self.proc.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def get(self, path, **params):
        url = f"http://127.0.0.1:{self.port}{path}?" + urllib.parse.urlencode(params)
        with urllib.request.urlopen(url, timeout=60) as answer:
            return json.load(answer)["data"]

    def query(self, expression):
        try:
            return self.get("/api/v1/query", query=expression)["result"]
        except urllib.error.HTTPError as e:
            if e.code == 503:
                return None  # it has only begun
            raise AssertionError(f"{expression}: {e.read().decode()}") from None
        except OSError:
            return None

    def numbers(self, expression, *labels):
        return {tuple(r["metric"][label] for label in labels): float(r["value"][1]) for r in self.query(expression) or ()}


def negotiated(ehc):
    """The format is the one that Accept prefers, and a parser of each takes it; the numbers are the same"""
    plain = ehc.http("/metrics")
    opened = ehc.http("/metrics", headers={"Accept": OPEN + ",text/plain;version=0.0.4;q=0.5,*/*;q=0.1"})
    assert plain[1]["content-type"] == "text/plain; version=0.0.4; charset=utf-8", plain[1]
    assert opened[1]["content-type"] == OPEN + "; charset=utf-8", opened[1]
    for accept in ("*/*", "text/plain", "text/plain;q=0.9," + OPEN + ";q=0.2", OPEN + ";q=0"):
        assert ehc.http("/metrics", headers={"Accept": accept})[1]["content-type"].startswith("text/plain"), accept
    found = [{(s.name, tuple(sorted(s.labels.items()))) for f in parse(body[2].decode()) for s in f.samples}
             for parse, body in ((text_format, plain), (open_metrics, opened))]
    bounds = [{s for s in one if s[0].endswith("_bucket")} for one in found]
    assert len(bounds[0]) == len(bounds[1]) > 0 and found[0] - bounds[0] == found[1] - bounds[1], found[0] ^ found[1]
    assert {f.type for f in open_metrics(opened[2].decode())} == {"gauge", "counter", "histogram"}
    for parse, body in ((text_format, plain), (open_metrics, opened)):  # seen while nothing waits, too
        assert [f.type for f in parse(body[2].decode()) if f.name == "ehc_outbox_oldest_pending_timestamp_seconds"] == ["gauge"], body[2]


def rules():
    """promtool takes the rules, and each alert fires when it should and not before"""
    subprocess.run(["promtool", "check", "rules", RULES], check=True, stdout=subprocess.PIPE)
    tested = set()
    for name in ("minutes", "days"):
        text = (w.ROOT / f"tests/data/prometheus_rules_{name}.yml").read_text()
        tested |= set(re.findall(r"alertname: (\w+)\n", text))
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as f:
            f.write(text.replace("RULES", str(RULES)))
            f.flush()
            done = subprocess.run(["promtool", "test", "rules", f.name], check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            assert done.returncode == 0, done.stdout
    assert tested == set(re.findall(r"alert: (\w+)", RULES.read_text())), "an alert without a test that sees it fire"


def scraped(ehc, prometheus):
    """What Prometheus has scraped and recorded is what /v1/summary says"""
    ehc.wait_until(lambda: prometheus.query("ehc:obligations_overdue:sum"), what="a recorded rule")
    faults = []

    def agreed():
        """A scrape that took more than its second has left nothing for that second."""
        try:
            compare(ehc, prometheus)
        except (AssertionError, OSError) as error:
            faults.append(error)
            return False
        return True
    try:
        ehc.wait_until(agreed, what="the same numbers")
    except TimeoutError:
        raise faults[-1] from None


def compare(ehc, prometheus):
    target = prometheus.get("/api/v1/targets")["activeTargets"][0]
    assert target["health"] == "up" and target["lastError"] == "", target
    limits = {x["id"]: x for x in json.loads(ehc.http("/v1/summary")[2])["limits"] if x["monitored"]}
    states = prometheus.numbers("ehc_obligations", "limit", "state")
    assert states == {(i, s): n for i, x in limits.items() for s, n in x["states"].items()} and sum(states.values()) == 9, states
    assert prometheus.numbers("ehc:obligations_overdue:sum", "limit") == {(i,): x["states"]["breached"] for i, x in limits.items()}
    due = prometheus.numbers("ehc_obligations_due", "limit", "window")
    assert due == {(i, win): n for i, x in limits.items() for win, n in x["due"].items()}
    places = prometheus.numbers("ehc_obligations_by_place", "limit", "state", "locality")
    for (limit, state), n in states.items():
        assert sum(v for k, v in places.items() if k[:2] == (limit, state)) == n, (limit, state)
    assert {k[2] for k in places} == {"North", 'S"o\\uth'} and all("team" not in r["metric"] for r in prometheus.query("ehc_obligations_by_place") or ())


def drawn(ehc, prometheus):
    """Each question of the dashboard is understood, and asks only for metrics that there are"""
    dashboard = json.loads(DASHBOARD.read_text())
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    known = set(ehc.http("/metrics")[2].decode().split()) | set(re.findall(r"record: (\S+)", RULES.read_text()))
    names = {re.sub(r"[{ ].*", "", name) for name in known}
    assert len(asked) > 20
    for expression in asked:
        ehc.wait_until(lambda: prometheus.query(expression) is not None, what=expression)  # pylint: disable=cell-var-from-loop
        for name in re.findall(r"\behc[\w:]+", expression):
            assert name in names or any(k.startswith(name) for k in names), name
    for name in re.findall(r"\behc_\w+", RULES.read_text()):
        assert any(k.startswith(name) for k in names), name
    ids = [p["id"] for p in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    for panel in dashboard["panels"]:
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24, panel["title"]


def reload(ehc):
    ehc.write_config()
    ehc.send(signal.SIGHUP)


def relabelled(ehc):
    """A reload switches a label on and off, at once"""
    ehc.options["metrics_labels"] = ["team"]
    reload(ehc)
    ehc.wait_until(lambda: "ehc_obligations_by_place{" in ehc.http("/metrics")[2].decode() and 'locality="' not in ehc.http("/metrics")[2].decode(),
                   what="the label team")
    assert re.search(r'ehc_obligations_by_place\{limit="assess_decision_6w",state="breached",team="T1"\} 1\n', ehc.http("/metrics")[2].decode())
    ehc.options["metrics_labels"] = []
    reload(ehc)
    ehc.wait_until(lambda: "by_place" not in ehc.http("/metrics")[2].decode(), what="no label")


def main():
    with t.case(rules.__doc__):
        rules()
    with h.Cluster() as db, h.Receiver() as hook, w.Watch(db) as ehc:
        ehc.migrate()
        db.set_now(w.NOON)
        ehc.webhooks = {"mis": {"url": hook.url("/mis"), "secret": h.new_secret()}}
        ehc.options["metrics_labels"] = ["locality"]
        ehc.write_config()
        ehc.cases.case(1, ("request_received", ago(45)))
        ehc.cases.case(2, ("request_received", ago(30)), locality='S"o\\uth')
        ehc.cases.case(3, ("request_received", ago(300)), ("assess_agreed", ago(270)), ("plan_issued", ago(100)), locality='S"o\\uth', team="T2")
        ehc.cases.case(4, ("request_received", ago(138)), ("assess_agreed", ago(100)))
        ehc.start().wait_ready()
        ehc.settle()
        ehc.wait_until(lambda: "by_place" in ehc.http("/metrics")[2].decode(), what="the counts by place")
        # The queue is counted once a second: until then a series may come, or go, between two scrapes.
        ehc.wait_metric("ehc_endpoint_last_success_timestamp_seconds", bool, endpoint="mis")
        ehc.wait_metric("ehc_outbox_pending", lambda n: n == 0, endpoint="mis")
        with t.case(negotiated.__doc__):
            negotiated(ehc)
        with Prometheus(f"127.0.0.1:{ehc.port}") as prometheus:
            for suite in (scraped, drawn):
                with t.case(suite.__doc__):
                    suite(ehc, prometheus)
        with t.case(relabelled.__doc__):
            relabelled(ehc)
    t.done()


if __name__ == "__main__":
    main()
