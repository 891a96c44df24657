#!/usr/bin/python3
"""Mail to a real SMTP server (Debian's aiosmtpd): what arrives, how it is protected, and what is made of each answer."""
import pathlib

import _world as w
from _world import ago, h

from relay import Relay

t = h.Tap()
FROM, TO = "ehcwatch@council.example", ["sen.north@council.example", "head.of.sen@council.example"]
LATE = ("request_received", ago(6 * 7 + 3))


def mail_to(relay, **more):
    return {"format": "email", "url": relay.url, "mail_from": FROM, "mail_to": TO, "ca_file": relay.ca, "send": "every", "timeout": 30,
            "limits": ["assess_decision_6w"], **more}


def begin(db, ehc, relay=None):
    """The baseline is over and its summary has arrived; then nothing has ever happened."""
    w.Casework(db).clear()
    ehc.start().wait_ready()
    ehc.settle()
    if relay is not None:
        relay.mails.clear()


def attempt(db, endpoint, number=1):
    """(state, status, reason, what the relay said) of the case's message, when it has been tried so often."""
    rows = db.sql("SELECT o.state, a.http_status, a.reason, a.response_head, a.n FROM ehcwatch.attempt a JOIN ehcwatch.outbox o USING (outbox_id)"
                  " JOIN ehcwatch.endpoint e ON e.endpoint_id = o.endpoint_id WHERE e.name = %s AND o.case_id IS NOT NULL ORDER BY a.n", (endpoint,))
    return rows[-1][:4] if len(rows) >= number else None


def arrives(db):
    """A breach is a mail: two forms, threaded by case, encrypted to a relay of our own authority, and its id is the message's"""
    with Relay() as relay, w.Watch(db, {"managers": mail_to(relay)}, {"public_url": "https://ehc.council.example"}) as ehc:
        begin(db, ehc, relay)
        ehc.cases.case(1, LATE, ref="EHC-Ñ 1\"\r\nBcc: x@y.example", team="Café & <Co>")
        ehc.settle()
        (mail,) = relay.wait_for(lambda m: m)
        assert (mail.sender, mail.to, mail.tls, mail.user) == (FROM, TO, True, None), mail
        m, (message_id,) = mail.message, db.sql("SELECT message_id FROM ehcwatch.transition")[0]
        assert m["message-id"] == f"<{message_id}@council.example>", m["message-id"]
        assert m["subject"].startswith("Overdue: Decide whether to assess (EHC-Ñ 1\""), m["subject"]
        assert m["bcc"] is None and [a.addr_spec for a in m["to"].addresses] == TO
        assert m["from"].addresses[0].addr_spec == FROM and m["auto-submitted"] == "auto-generated"
        assert m["list-id"] == "EHC watch <managers.ehcwatch.council.example>", m["list-id"]
        plain, html = (m.get_body((kind,)).get_content() for kind in ("plain", "html"))
        assert "It was due on Friday 12 June 2026 and is not done: 3 days late." in plain and "Team: Café & <Co>." in plain, plain
        assert "https://ehc.council.example/v1/cases/EHC-%C3%91%201%22" in plain and "Café &amp; &lt;Co&gt;" in html, plain
        assert not any(p.defects for p in m.walk())
        ehc.cases.event(1, "assess_agreed", ago(0))
        ehc.settle()
        second = relay.wait_for(lambda seen: len(seen) == 2 and seen[1])
        assert second.message["subject"].startswith("Done late: "), second.message["subject"]
        assert second.message["references"] == m["references"] and second.message["message-id"] != m["message-id"]
        stored = db.sql("SELECT body, content_type FROM ehcwatch.outbox WHERE message_id = %s", (message_id,))[0]
        assert bytes(stored[0]) == mail.body and stored[1] == "message/rfc822", "the bytes stored are the bytes sent"
        h.wait_until(lambda: relay.quits == relay.sessions, what="every session to end with QUIT")
        done = attempt(db, "managers", 1)
        assert done[:3] == ("done", 250, "ok") and done[3].startswith("250 2.0.0 queued as "), done


def signs_in(db):
    """A relay that asks for a name and a password gets them, after STARTTLS; a wrong one is told to the operator's log, not the password"""
    with Relay(users={"ehc": "geheim1"}) as relay:
        right, wrong = pathlib.Path(relay.dir, "right"), pathlib.Path(relay.dir, "wrong")
        for path, password in ((right, "geheim1"), (wrong, "geheim2")):
            path.write_text(password + "\n", encoding="ascii")
            path.chmod(0o600)
        hooks = {"right": mail_to(relay, user="ehc", password_file=str(right)), "wrong": mail_to(relay, user="ehc", password_file=str(wrong))}
        with w.Watch(db, hooks) as ehc:
            w.Casework(db).clear()
            ehc.start().wait_ready()
            relay.wait_for(lambda m: m)
            ehc.cases.case(1, LATE)
            ehc.read()
            mails = relay.wait_for(lambda m: len(m) == 2 and m)
            assert {m.user for m in mails} == {"ehc"}
            got = h.wait_until(lambda: attempt(db, "wrong"), what="the attempt with the wrong password")
            assert got[:3] == ("pending", 535, "client_error"), got
            assert "geheim" not in ehc.log()


def answers(db):
    """4xx is tried again on the schedule, 5xx needs a person; both keep the mail, and what the relay said"""
    with Relay() as relay, w.Watch(db, {"managers": mail_to(relay)}) as ehc:
        begin(db, ehc, relay)
        db.set_clock(db.value("SELECT clock_timestamp()"))  # it stands still: nothing is tried again by itself
        number = 0
        for verb, reply, want in (("MAIL", "451 4.7.1 greylisted", (451, "server_error")), ("RCPT", "550 5.1.1 no such user", (550, "client_error")),
                                  ("DATA", "554 5.7.1 spam", (554, "client_error")), ("DATA", "421 4.3.2 closing", (421, "throttled"))):
            number += 1
            relay.answer(verb, reply)
            ehc.cases.case(number, LATE)
            ehc.read()
            row = h.wait_until(lambda: db.sql(
                "SELECT o.state, a.http_status, a.reason, a.response_head FROM ehcwatch.attempt a JOIN ehcwatch.outbox o USING (outbox_id)"
                " WHERE o.case_id = %s", (number,)), what=f"an attempt that ended with {reply}")[0]  # pylint: disable=cell-var-from-loop
            assert row[:3] == ("pending", *want) and row[3] == reply, row
            if number == 1:  # of those that follow so soon the log says nothing
                ehc.wait_log(f"SMTP {reply}; next in")
            relay.answer(verb, None)
            assert not relay.mails
            db.sql("DELETE FROM ehcwatch.attempt WHERE outbox_id IN (SELECT outbox_id FROM ehcwatch.outbox WHERE case_id = %s)", (number,))
            db.sql("UPDATE ehcwatch.outbox SET state = 'dead', ended_at = now() WHERE case_id = %s", (number,))
            db.sql("UPDATE ehcwatch.endpoint SET circuit = 'closed', failures = 0, paused_until = NULL, open_until = NULL")
        # A mail that was taken is not sent again because of how the relay takes its leave.
        for number, leave in enumerate(("500 5.5.1 what", "421 4.4.2 too slow", "250 OK"), number + 1):
            relay.answer("QUIT", leave)
            ehc.cases.case(number, LATE)
            ehc.settle()
            assert db.sql("SELECT o.state, a.http_status, a.reason FROM ehcwatch.attempt a JOIN ehcwatch.outbox o USING (outbox_id)"
                          " WHERE o.case_id = %s", (number,)) == [("done", 250, "ok")], leave


def protected(db):
    """No mail without encryption and a known authority: a relay without STARTTLS, or of a stranger, gets nothing"""
    with Relay(tls="none") as bare, Relay() as strange, Relay(tls="implicit") as wrapped:
        hooks = {"bare": mail_to(bare), "strange": mail_to(strange, ca_file=bare.ca), "allowed": mail_to(bare, allow_plain=True),
                 "wrapped": mail_to(wrapped)}
        with w.Watch(db, hooks) as ehc:
            w.Casework(db).clear()
            ehc.start().wait_ready()
            ehc.cases.case(1, LATE)
            ehc.read()
            for name in ("bare", "strange"):
                got = h.wait_until(lambda: db.sql("SELECT a.http_status, a.reason FROM ehcwatch.attempt a JOIN ehcwatch.endpoint e USING (endpoint_id)"
                                                  " WHERE e.name = %s", (name,)), what=name)  # pylint: disable=cell-var-from-loop
                assert got[0] == (None, "tls"), (name, got)
            assert not strange.mails
            assert all(not m.tls for m in bare.wait_for(lambda m: len(m) == 2 and m))
            assert all(m.tls for m in wrapped.wait_for(lambda m: len(m) == 2 and m))


def hangs(db):
    """A relay that never answers the final dot holds up nothing but itself, and a daemon that is told to stop does"""
    with Relay() as slow, h.Receiver(secret=(secret := h.new_secret())) as hook:
        hooks = {"slow": mail_to(slow, timeout=60), "fast": {"url": hook.url("/fast"), "secret": secret, "limits": ["assess_decision_6w"]}}
        with w.Watch(db, hooks, {"drain_timeout": 1}) as ehc:
            w.Casework(db).clear()
            ehc.start().wait_ready()
            ehc.settle()
            gate = slow.hold()
            ehc.cases.case(1, LATE)
            ehc.read()
            hook.wait_for(lambda seen: len(seen) == 2)
            h.wait_until(lambda: slow.sessions >= 2, what="the mail on its way")
            for number in range(2, 12):
                ehc.cases.case(number, LATE)
            ehc.read()
            hook.wait_for(lambda seen: len(seen) == 12)
            lag = [v for k, v in ehc.metrics().items() if k.startswith("ehc_event_loop_lag_seconds") and "quantile" not in k and "bucket" not in k]
            assert lag and len(slow.mails) == 1, (lag, slow.mails)
            assert ehc.answers("/healthz")
            ehc.stop(40)  # before its minute is over
            gate.set()


def other_format(db):
    """What was made for a webhook is no mail: after a change of the format it is kept, and said to be what it is"""
    secret = h.new_secret()
    with Relay() as relay, h.Receiver(secret=secret) as hook:
        hook.behave(h.status(500))
        with w.Watch(db, {"desk": {"url": hook.url("/desk"), "secret": secret, "limits": ["assess_decision_6w"]}}) as ehc:
            w.Casework(db).clear()
            db.set_clock(db.value("SELECT clock_timestamp()"))  # it stands still: there is no second attempt yet
            ehc.start().wait_ready()
            ehc.cases.case(1, LATE)
            ehc.read()
            h.wait_until(lambda: attempt(db, "desk"), what="a first attempt")
            ehc.stop()
            ehc.webhooks = {"desk": mail_to(relay)}
            ehc.write_config()
            db.sql("UPDATE ehcwatch.outbox SET next_attempt_at = ehcwatch.clock() WHERE state = 'pending'")
            db.sql("UPDATE ehcwatch.endpoint SET circuit = 'closed', failures = 0, paused_until = NULL, open_until = NULL")
            ehc.start().wait_ready()
            got = h.wait_until(lambda: attempt(db, "desk", 2), what="an attempt as mail")
            assert got[:3] == ("pending", None, "other") and not relay.mails, got
            ehc.wait_log("it is no mail")


def main():
    with h.Cluster() as db:
        with w.Watch(db) as ehc:
            ehc.migrate()
        db.set_now(w.NOON)
        for suite in (arrives, signs_in, answers, protected, hangs, other_format):
            with t.case(suite.__doc__.strip()):
                suite(db)
    t.done()


main()
