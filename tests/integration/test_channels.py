#!/usr/bin/python3
"""Bodies of every format, golden and random, before judges that are not ours: the SDKs of CloudEvents and Adaptive Cards, Python's
reader of mail, and the receivers' limits counted once more."""
import base64
import email
import email.policy
import json
import pathlib
import re
import subprocess
import tempfile

import _world as w

t = w.h.Tap()
ROOT = w.ROOT
FORMATS = ("standard", "cloudevents", "alertmanager", "pagerduty", "teams", "slack", "ntfy", "email")


def bodies():
    """(name, format, items or None, bytes)"""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["build/san/tests/test_notice", "--dump", folder], cwd=ROOT, check=True)
        out = [(p.name, p.name.split(".")[0], int(p.name.split(".")[2]), p.read_bytes()) for p in pathlib.Path(folder).iterdir()]
    return out + [(p.name, p.name.split(".")[0], None, p.read_bytes()) for p in (ROOT / "tests/golden").iterdir()]


BODIES = bodies()


def of(*formats):
    return [b for b in BODIES if b[1] in formats]


def utf16(text):
    return len(text.encode("utf-16-le")) // 2


def node(*formats):
    subprocess.run([ROOT / "tests/tools/node_deps"], check=True)
    lines = [json.dumps({"name": n, "format": f, "body_base64": base64.b64encode(b).decode()}) for n, f, _, b in of(*formats)]
    done = subprocess.run(["node", ROOT / "tests/node/channels.js"], input="\n".join(lines) + "\n", check=True, text=True,
                          stdout=subprocess.PIPE)
    verdicts = done.stdout.splitlines()
    assert len(verdicts) == len(lines) > 60, f"{len(verdicts)} verdicts for {len(lines)} bodies"
    faults = [v for v in verdicts if v != "ok"]
    assert not faults, "\n".join(faults[:5])


def everything_is_there():
    """every format has its bodies, and all but mail is one JSON document in UTF-8"""
    for f in FORMATS:
        assert len(of(f)) > 60, f
        for name, _, _, body in of(f):
            if f != "email":
                assert json.loads(body.decode("utf-8")) is not None, name


def cloudevents():
    """CloudEvents: the SDK of npm takes them, and finds the data unchanged"""
    node("cloudevents")


def cards():
    """Teams: the library of npm parses each card without an event, and gives back what it was given"""
    node("teams")


def broken_cards():
    """that library refuses a card that is wrong"""
    body = (ROOT / "tests/golden/teams.change").read_bytes()
    wrong = {"weight": body.replace(b'"bolder"', b'"boldest"', 1), "element": body.replace(b'"TextRun"', b'"TextWalk"'),
             "member": body.replace(b'"separator":true', b'"separation":true'), "url": body.replace(b'"url":', b'"uri":')}
    for what, made in wrong.items():
        assert made != body, what
        line = json.dumps({"name": what, "format": "teams", "body_base64": base64.b64encode(made).decode()})
        done = subprocess.run(["node", ROOT / "tests/node/channels.js"], input=line + "\n", check=True, text=True, stdout=subprocess.PIPE)
        assert done.stdout.startswith("not ok"), what


def teams_budget():
    """Teams: never more than 18,000 bytes; some are full, and then say exactly how many rows are missing"""
    full = 0
    for name, _, items, body in of("teams"):
        assert len(body) <= 18000, (name, len(body))
        card = json.loads(body)["attachments"][0]["content"]
        if items is None:
            continue
        rows = sum(x["type"] == "Container" for x in card["body"])
        last = card["body"][-1]
        said = re.match(r"\+(\d+) more", last["inlines"][0]["text"]) if last["type"] == "RichTextBlock" else None
        full += said is not None
        assert rows + (int(said[1]) if said else 0) == items, name
    assert full > 10, full


def slack_limits():
    """Slack: blocks, characters as JavaScript counts them, and nothing but & < > escaped"""
    for name, _, items, body in of("slack"):
        message = json.loads(body)
        blocks = message["blocks"]
        assert 2 <= len(blocks) <= 50 and len(body) <= 13000, name
        assert utf16(blocks[0]["text"]["text"]) <= 150, name
        rows = more = 0
        for block in blocks[1:]:
            text = block["text"]["text"]
            assert 0 < utf16(text) <= 3000, name
            assert not re.search(r"&(?!amp;|lt;|gt;)", text), name
            assert all(m.startswith("https://") for m in re.findall(r"<([^>]*)", text)), name  # no mention, no command
            said = re.match(r"(?:<[^|]*\|)?\+(\d+) more", text)
            rows, more = rows + (said is None), more + (int(said[1]) if said else 0)
        assert items is None or rows + more == items, name


def ntfy_limits():
    """ntfy: 4,096 bytes of message"""
    for name, _, _, body in of("ntfy"):
        message = json.loads(body)
        assert 0 < len(message["message"].encode()) <= 4096 and 1 <= message["priority"] <= 5, name
        assert "topic" not in message, name


def pagerduty_limits():
    """PagerDuty: summary, key and size; what is resolved says no more than that"""
    for name, _, _, body in of("pagerduty"):
        event = json.loads(body)
        assert len(body) <= 512 * 1024 and 0 < len(event["dedup_key"]) <= 255, name
        if event["event_action"] == "resolve":
            assert set(event) == {"event_action", "dedup_key"}, name
            continue
        assert event["event_action"] == "trigger", name
        assert 0 < len(event["payload"]["summary"]) <= 1024, name
        assert event["payload"]["severity"] in ("critical", "error", "warning", "info") and event["payload"]["source"], name


def mail():
    """mail: Python finds no defect, one text in two forms, and no header that a text has slipped in"""
    known = {"from", "to", "subject", "date", "message-id", "list-id", "auto-submitted", "x-auto-response-suppress", "mime-version",
             "in-reply-to", "references", "content-type"}
    for name, _, items, body in of("email"):
        body.decode("ascii")
        message = email.message_from_bytes(body, policy=email.policy.default)
        assert set(k.lower() for k in message.keys()) <= known, (name, message.keys())
        assert len(message.keys()) == len(set(message.keys())), name
        assert not any(part.defects for part in message.walk()), name
        assert not any(getattr(v, "defects", ()) for v in message.values()), (name, [v.defects for v in message.values()])
        assert message["message-id"] == "<msg_0123456789abcdef0123456789abcdef@council.example>", name
        assert message["auto-submitted"] == "auto-generated" and message["list-id"], name
        assert "\n" not in message["subject"] and "\r" not in message["subject"] and message["subject"].strip(), name
        assert [a.addr_spec for a in message["to"].addresses] == ["sen.north@council.example", "head.of.sen@council.example"], name
        assert message["date"].datetime.isoformat() == "2026-06-15T11:00:00+00:00", name
        plain, html = message.get_body(("plain",)), message.get_body(("html",))
        assert message.get_content_type() == "multipart/alternative" and plain is not None and html is not None, name
        text = plain.get_content()
        assert "<script" not in html.get_content() and text.strip(), name
        if items is not None:
            assert len(re.findall(" Law: ", text)) == items, name
    golden = email.message_from_bytes((ROOT / "tests/golden/email.digest").read_bytes(), policy=email.policy.default)
    assert golden["subject"] == "EHC time limits, today, Café & <Co>: 1 overdue, 1 missed, 1 due soon, 1 on track", golden["subject"]
    assert '(EHC-0143 "ö" 🦉)' in golden.get_body(("plain",)).get_content()


t.run(everything_is_there, cloudevents, cards, broken_cards, teams_budget, slack_limits, ntfy_limits, pagerduty_limits, mail)
t.done()
