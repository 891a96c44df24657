#!/usr/bin/python3
"""A real Alertmanager (Debian's): alerts fire there, end there, are told again before they end by themselves, and come back after
it has forgotten everything."""
import json
import pathlib
import shutil
import subprocess
import tempfile
import urllib.request

import _world as w
from _world import ago, h

t = h.Tap()
REFRESH = 10


class Alertmanager:
    """One with its own folder and port; what it sends on goes to `hook`."""

    def __init__(self, hook):
        self.dir, self.port, self.proc = pathlib.Path(tempfile.mkdtemp(prefix="ehca.", dir="/tmp")), h.free_port(), None
        (self.dir / "am.yml").write_text(json.dumps({
            "route": {"receiver": "hook", "group_wait": "0s", "group_interval": "1s", "repeat_interval": "1h",
                      "group_by": ["alertname", "case_ref"]},
            "receivers": [{"name": "hook", "webhook_configs": [{"url": hook.url("/am"), "send_resolved": True}]}]}), encoding="utf-8")

    def start(self):
        with open(self.dir / "log", "ab") as log:
            self.proc = subprocess.Popen(
                ["prometheus-alertmanager", f"--config.file={self.dir}/am.yml", f"--storage.path={self.dir}/data", "--cluster.listen-address=",
                 f"--web.listen-address=127.0.0.1:{self.port}"], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        h.wait_until(self.ready, what="Alertmanager", event=self.proc)
        return self

    def stop(self):
        self.proc.kill()
        self.proc.wait()

    def forget(self):
        self.stop()
        shutil.rmtree(self.dir / "data", ignore_errors=True)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/api/v2/alerts"

    def ready(self):
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=60).status == 200
        except OSError:
            return False

    def alerts(self):
        """What fires: {(name, case): alert}."""
        found = json.load(urllib.request.urlopen(self.url + "?active=true", timeout=60))
        return {(a["labels"]["alertname"], a["labels"].get("case_ref", "")): a for a in found}

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)


def said(hook):
    """What Alertmanager has sent on: (status, name, case)."""
    return [(a["status"], a["labels"]["alertname"], a["labels"].get("case_ref", "")) for r in hook.requests if r.path == "/am"
            for a in r.json()["alerts"]]


def life(db, am, hook, ehc):
    """At risk, breached, done: each fires and ends as it should, with the case's labels and a link"""
    ehc.cases.case(1, ("request_received", ago(6 * 7 - 3)), team="Café & <Co>")
    first = ehc.wait_until(lambda: am.alerts().get(("EHCAtRisk", "EHC-0001")), what="an alert at risk")
    want = {"alertname": "EHCAtRisk", "severity": "warning", "limit": "assess_decision_6w", "case_ref": "EHC-0001", "start_on": str(ago(39)),
            "locality": "North", "team": "Café & <Co>"}
    assert first["labels"] == want, first["labels"]
    assert first["generatorURL"] == "https://ehc.council.example/v1/cases/EHC-0001", first
    assert "in 3 days. Please act by" in first["annotations"]["description"], first["annotations"]
    assert ("EHCBreach", "EHC-0001") not in am.alerts()
    ehc.wait_until(lambda: ("firing", "EHCAtRisk", "EHC-0001") in said(hook), what="that sent on")
    db.set_now("2026-06-19 12:00:00+01")
    second = ehc.wait_until(lambda: am.alerts().get(("EHCBreach", "EHC-0001")), what="an alert of a breach")
    assert second["labels"]["severity"] == "critical" and second["startsAt"].startswith("2026-06-18T23:00:00"), second
    ehc.wait_until(lambda: ("EHCAtRisk", "EHC-0001") not in am.alerts(), what="the end of being at risk")
    ehc.wait_until(lambda: ("firing", "EHCBreach", "EHC-0001") in said(hook), what="that sent on")
    ehc.cases.event(1, "assess_agreed", "2026-06-19")
    ehc.wait_until(lambda: not [k for k in am.alerts() if k[1] == "EHC-0001"], what="the end of the breach")
    ehc.wait_until(lambda: ("resolved", "EHCBreach", "EHC-0001") in said(hook), what="what Alertmanager sends on")
    ehc.wait_until(lambda: ("resolved", "EHCAtRisk", "EHC-0001") in said(hook), what="the end of being at risk sent on")


def told_again(db, am, hook, ehc):
    """What still fires is told again well inside its end; what ended lately is told again as ended"""
    del hook
    ehc.cases.case(2, ("request_received", ago(6 * 7 + 3)))
    ehc.cases.case(3, ("request_received", ago(6 * 7 + 3)))
    first = ehc.wait_until(lambda: am.alerts().get(("EHCBreach", "EHC-0002")), what="an alert")
    later = ehc.wait_until(lambda: (a := am.alerts().get(("EHCBreach", "EHC-0002"))) and a["endsAt"] > first["endsAt"] and a, what="a refresh")
    assert later["fingerprint"] == first["fingerprint"] and later["startsAt"] == first["startsAt"], (first, later)
    ehc.cases.event(3, "assess_agreed", ago(0))
    ehc.wait_until(lambda: ("EHCBreach", "EHC-0003") not in am.alerts(), what="the end")

    def refreshed():
        """What fires by the last refresh that was made since the end; one that was read before it and put after it does not know of it yet."""
        told = db.sql("SELECT convert_from(body, 'UTF8') FROM ehcwatch.outbox WHERE type = 'alerts.refresh'"
                      " AND created_at > (SELECT max(recorded_at) FROM ehcwatch.transition)")
        alerts = {a["labels"]["case_ref"]: a for (body,) in told for a in json.loads(body) if a["labels"]["alertname"] == "EHCBreach"}
        return "startsAt" not in alerts.get("EHC-0003", {"startsAt": None}) and alerts

    ended = ehc.wait_until(refreshed, what="a refresh that tells the end")
    assert "startsAt" in ended["EHC-0002"], ended


def forgotten(db, am, hook, ehc):
    """An Alertmanager that has lost everything knows what fires after one refresh; meanwhile nothing piles up"""
    del hook
    am.forget()
    rows = "SELECT message_id, attempts, created_at FROM ehcwatch.outbox WHERE type = 'alerts.refresh'"
    before = db.sql(rows)
    assert len(before) == 1, before
    ehc.wait_until(lambda: db.sql(rows)[0][2] > before[0][2] and db.sql(rows)[0][1] > before[0][1], what="a refresh to nobody")
    assert len(db.sql(rows)) == 1, db.sql(rows)
    am.start()
    db.sql("UPDATE ehcwatch.endpoint SET circuit = 'closed', failures = 0, open_until = NULL, paused_until = NULL")
    ehc.wait_until(lambda: ("EHCBreach", "EHC-0002") in am.alerts(), what="the alert again")
    assert ("EHCBreach", "EHC-0003") not in am.alerts()


def many(db, am, hook, ehc):
    """Hundreds of alerts go out in parts; what an endpoint does not want is in none of them"""
    del hook
    for number in range(100, 350):
        ehc.cases.case(number, ("request_received", ago(6 * 7 + 3)), locality="North" if number % 2 else "South")
    ehc.settle()
    ehc.wait_until(lambda: len(am.alerts()) >= 126, what="the alerts of the North")

    def refreshed():
        """The parts of a refresh that is over, as one reading of the outbox has them: one made amid the cases holds fewer."""
        parts = db.sql("SELECT message_id, convert_from(body, 'UTF8'), state FROM ehcwatch.outbox WHERE type = 'alerts.refresh'")
        firing = {a["labels"]["case_ref"] for _, b, _ in parts for a in json.loads(b) if "startsAt" in a}
        return len(firing) == 126 and all(s == "done" for _, _, s in parts) and {m[-2:]: json.loads(b) for m, b, _ in parts}

    parts = ehc.wait_until(refreshed, what="a refresh of all of them")
    assert "_2" in parts, parts.keys()
    assert all(a["labels"]["locality"] == "North" for b in parts.values() for a in b)


def paused(db, am, hook, ehc):
    """What a daemon read before it was paused, and puts when another leads, is not put"""
    del am, hook
    query = (w.ROOT / "sql/queries/refresh_put.sql").read_text(encoding="utf-8")
    holder, term = db.sql("SELECT holder, term FROM ehcwatch.lease")[0]
    ehc.stop()
    before = db.sql("SELECT body, state FROM ehcwatch.outbox WHERE type = 'alerts.refresh' ORDER BY message_id")
    for old, put in ((1, False), (0, True)):
        with db.connect() as session, session.cursor() as cursor:
            cursor.execute("PREPARE put (text, bytea[], text, text, bigint) AS " + query)
            cursor.execute("EXECUTE put ('am', ARRAY['[]'::bytea], 'application/json', %s, %s)", (holder, term - old))
        after = db.sql("SELECT body, state FROM ehcwatch.outbox WHERE type = 'alerts.refresh' ORDER BY message_id")
        assert (after != before) == put, (old, after)


def main():
    with h.Cluster(keep=True) as db, h.Receiver() as hook, Alertmanager(hook) as am:
        hooks = {"am": {"format": "alertmanager", "url": am.url, "refresh": REFRESH, "limits": ["assess_decision_6w"], "localities": ["North"]}}
        with w.Watch(db, hooks, {"public_url": "https://ehc.council.example"}) as ehc:
            ehc.migrate()
            db.set_now(w.NOON)
            ehc.start().wait_ready()
            ehc.settle()
            for suite in (life, told_again, forgotten, many, paused):
                with t.case(suite.__doc__.strip()):
                    suite(db, am, hook, ehc)
    t.done()


main()
