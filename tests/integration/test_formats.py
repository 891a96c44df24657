#!/usr/bin/python3
"""Every format from the daemon to a receiver: what is posted, with which headers, and which secrets stand nowhere but in what is sent."""
import pathlib

import _world as w
from _world import ago, h

t = h.Tap()
SECRET = h.new_secret()
ROUTING, TOPIC, PATH = "R0" * 16, "ehc-topic-Zq9", "/workflows/s3cr3t-p4th"


def hooks(hook, secrets):
    some = {"limits": ["assess_decision_6w"]}
    people = {"send": "every", **some}
    return {
        "std": {"url": hook.url("/std"), "secret": SECRET, **some},
        "ce": {"format": "cloudevents", "url": hook.url("/ce"), "secret": SECRET, **some},
        "am": {"format": "alertmanager", "url": hook.url("/am"), "refresh": 3600, **some},
        "page": {"format": "pagerduty", "url": hook.url("/page"), "routing_key_file": secrets("key", ROUTING), **some},
        "chat": {"format": "teams", "url_file": secrets("url", hook.url(PATH) + "?sig=s3cr3t-sig"), **people},
        "slack": {"format": "slack", "url": hook.url("/slack"), **people},
        "push": {"format": "ntfy", "url": hook.url("/"), "topic": TOPIC, **people},
    }


def by_path(hook):
    found = {}
    for r in hook.requests:
        found.setdefault(r.path.split("?")[0], []).append(r)
    return found


PATHS = {"std": "/std", "ce": "/ce", "am": "/am", "page": "/page", "chat": PATH, "slack": "/slack", "push": "/"}


def refresh_asked(db, ehc):
    """The Alertmanager is told again when a daemon begins, whenever it comes to that: behind this, not within the hour."""
    ehc.wait_until(lambda: db.value("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'ehcwatchd refresh'"
                                    " AND state = 'idle' AND query LIKE '%What an Alertmanager%'"), what="the first refresh to be asked for")


def arrives(db, hook, ehc):
    """A baseline, a breach and its end reach each receiver once, in its own form and media type"""
    ehc.cases.case(1, ("request_received", ago(6 * 7 + 3)))
    ehc.settle()
    ehc.cases.event(1, "assess_agreed", ago(0))
    ehc.settle()
    got = by_path(hook)
    assert set(got) == set(PATHS.values()), got.keys()
    for name, path in PATHS.items():
        assert [len(got[path]), {r.method for r in got[path]}] == [3, {"POST"}], (name, [str(r) for r in got[path]])
        want = "application/cloudevents+json; charset=utf-8" if name == "ce" else "application/json"
        assert all(r.headers["content-type"] == want for r in got[path]), name
        assert ("webhook-signature" in got[path][0].headers) == (name in ("std", "ce")), name
    ids = [m for (m,) in db.sql("SELECT message_id FROM ehcwatch.transition ORDER BY transition_id")]
    assert [r.id for r in got["/std"]][1:] == [r.id for r in got["/ce"]][1:] == ids, ids
    assert [r.json()["id"] for r in got["/ce"]][1:] == ids
    assert not w.sign_off(got["/std"] + got["/ce"], SECRET)
    assert got["/std"][1].json()["data"] == got["/ce"][1].json()["data"]
    assert [r.json()["event_action"] for r in got["/page"]] == ["trigger", "trigger", "resolve"]
    assert got["/page"][1].json()["dedup_key"] == got["/page"][2].json()["dedup_key"] == f"ehc/EHC-0001/assess_decision_6w//{ago(45)}"
    assert [len(r.json()) for r in got["/am"]][1:] == [2, 2]
    title = got[PATH][1].json()["attachments"][0]["content"]["fallbackText"]
    assert title == got["/slack"][1].json()["text"] == got["/"][1].json()["title"] == "Overdue: Decide whether to assess (EHC-0001)", title


def secrets_stay(db, hook, ehc):
    """The routing key, the topic and the address of a workflow are sent, and stand in no table, log, metric or list"""
    got = by_path(hook)
    assert all(r.json()["routing_key"] == ROUTING and list(r.json())[0] == "routing_key" for r in got["/page"])
    assert all(r.json()["topic"] == TOPIC for r in got["/"])
    assert all("sig=s3cr3t-sig" in r.path for r in hook.requests if r.path.startswith(PATH))
    stored = "\n".join(str(row) for table in w.STATE_TABLES for row in db.sql(f"SELECT x::text FROM ehcwatch.{table} x"))
    stored += "\n".join(b for (b,) in db.sql("SELECT convert_from(body, 'UTF8') FROM ehcwatch.outbox"))
    shown = ehc.log() + ehc.http("/metrics")[2].decode() + ehc.command("deliveries").stdout + ehc.command("check-config", "--print").stdout
    assert "page" in shown and "assess_decision_6w" in stored
    for secret in (ROUTING, "s3cr3t"):
        assert secret not in stored and secret not in shown, secret
    assert TOPIC not in stored and TOPIC not in ehc.log() + ehc.http("/metrics")[2].decode()


def canaries(_db, hook, ehc):
    """Nothing of a child but the reference of the case is in any message"""
    ehc.cases.case(2, ("request_received", ago(6 * 7 + 3)), born="2021-02-03")
    ehc.settle()
    seen = [r for r in hook.requests if b"EHC-0002" in r.body]
    assert len(seen) == len(PATHS), len(seen)
    for r in seen:
        assert b"2021-02-03" not in r.body and b"3 February 2021" not in r.body, str(r)


def workflow_down(_db, hook, ehc):
    """What is logged of a failing workflow names the endpoint and not its address"""
    hook.behave(h.status(500), PATH + "?sig=s3cr3t-sig")
    ehc.cases.case(3, ("request_received", ago(6 * 7 + 3)))
    ehc.read()
    line = ehc.wait_log(r"delivery_failed: .*endpoint=chat.*")[0]
    assert "s3cr3t" not in ehc.log(), line


def switched(db, hook, ehc):
    """A change of the format: what was written before goes out as it was, what comes then in the new form"""
    hook.behave(h.status(500), "/slack")
    db.set_clock(db.value("SELECT clock_timestamp()"))  # it stands still: there is no second attempt yet
    ehc.cases.case(4, ("request_received", ago(6 * 7 + 3)))
    ehc.read()
    hook.wait_for(lambda seen: any(b"EHC-0004" in r.body and r.path == "/slack" for r in seen))
    frozen = bytes(db.value("SELECT body FROM ehcwatch.outbox o JOIN ehcwatch.endpoint e USING (endpoint_id) WHERE e.name = 'slack' AND o.case_id = 4"))
    hook.clear()
    ehc.webhooks["slack"]["format"] = "teams"
    ehc.write_config()
    ehc.stop()
    hook.behave(h.ok(), "/slack")
    db.sql("UPDATE ehcwatch.outbox SET next_attempt_at = ehcwatch.clock() WHERE state = 'pending'")
    db.sql("UPDATE ehcwatch.endpoint SET circuit = 'closed', failures = 0, open_until = NULL, paused_until = NULL")
    ehc.start().wait_ready()
    ehc.cases.case(5, ("request_received", ago(6 * 7 + 3)))
    seen = hook.wait_for(lambda seen: len([r for r in seen if r.path == "/slack"]) >= 2) and [r for r in hook.requests if r.path == "/slack"]
    old = [r for r in seen if b"EHC-0004" in r.body]
    assert [r.body for r in old] == [frozen] and "blocks" in old[0].json(), [str(r) for r in old]
    assert any(b"EHC-0005" in r.body and "attachments" in r.json() for r in seen)


def refused(ehc):
    """A file of secrets that is wrong is named with its line, and never quoted"""
    bad = pathlib.Path(ehc.dir, "bad")
    for text, option, want in (("ftp://s3cr3t/\n", "url_file", f"url_file {bad}:1: the URL must be a whole https:// or http:// address"),
                               ("\n", "url_file", f"url_file {bad}:1: empty; write the URL on the first line"),
                               ("a s3cr3t\n", "routing_key_file", f"routing_key_file {bad}:1: a key is 1 to 64 of A-Z, a-z, 0-9, '_' and '-'")):
        bad.write_text(text, encoding="ascii")
        bad.chmod(0o600)
        ehc.webhooks = {"x": {"format": "teams", "url_file": str(bad)} if option == "url_file" else
                        {"format": "pagerduty", "url": "https://x.example", "routing_key_file": str(bad)}}
        ehc.write_config()
        done = ehc.command("check-config")
        assert done.returncode == 78 and done.stderr.strip().endswith(want) and "s3cr3t" not in done.stderr, done.stderr


def main():
    with h.Cluster() as db, h.Receiver(secret=SECRET) as hook, w.Watch(db) as ehc:
        def secrets(name, text):
            return ehc.write_secret(name, text)

        ehc.migrate()
        db.set_now(w.NOON)
        ehc.webhooks = hooks(hook, secrets)
        ehc.write_config()
        ehc.start().wait_ready()
        ehc.settle()
        refresh_asked(db, ehc)
        for suite in (arrives, secrets_stay, canaries, workflow_down, switched):
            with t.case(suite.__doc__.strip()):
                suite(db, hook, ehc)
        ehc.stop()
        with t.case(refused.__doc__):
            refused(ehc)
    t.done()


main()
