#!/usr/bin/python3
"""What is signed is what is sent, whatever is in it: 10,000 random bodies, case data from every corner of Unicode, and a case database
that holds bytes which are no text at all. Three verifiers: ours, npm standardwebhooks, and one on node:crypto."""
import json
import random
import secrets
import sys

import _world as w
from _world import ago, h

SECRET = h.new_secret()
SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 20260615
BODIES, CASES = 10_000, 400
t = h.Tap()


def letter(dice, database=False):
    """Any character but half a surrogate pair; none that PostgreSQL cannot hold (NUL)."""
    low, high = dice.choice(((0x20, 0x7f), (0, 0x20), (0x80, 0x800), (0x800, 0xd800), (0xe000, 0x10000), (0x10000, 0x110000),
                             (0x200b, 0x2070), (0x22, 0x23), (0x5c, 0x5d)))
    return chr(max(dice.randrange(low, high), 1 if database else 0))


def text(dice, most, database=False):
    return "".join(letter(dice, database) for _ in range(dice.randrange(1, most)))


def body(dice):
    """A JSON document, its characters as they are but for the control characters and quotes, which JSON wants escaped."""
    data = {text(dice, 8): dice.choice((text(dice, 60), dice.randrange(-2**53, 2**53), None, [text(dice, 20)], {"": text(dice, 5)})) for _ in range(dice.randrange(1, 5))}
    return json.dumps({"type": "obligation.breached", "data": data}, ensure_ascii=dice.random() < 0.1).encode()


def random_bodies(db, hook):
    import psycopg2.extras  # pylint: disable=import-outside-toplevel
    dice = random.Random(SEED)
    bodies = {"msg_" + secrets.token_hex(16): body(dice) for _ in range(BODIES)}
    with w.Watch(db, {"desk": {"url": hook.url(), "secret": SECRET, "concurrency": 16}}) as ehc:
        ehc.start().wait_ready()
        ehc.settle()
        hook.clear()
        connection = db.connect()
        with connection, connection.cursor() as cursor:
            psycopg2.extras.execute_values(cursor, "INSERT INTO ehcwatch.outbox (message_id, endpoint_id, type, body) VALUES %s",
                                           [(i, 1, "obligation.breached", b) for i, b in bodies.items()])
            cursor.execute("NOTIFY ehcwatch_outbox")
        connection.close()
        ehc.delivered(200)
    t.eq(({r.id: r.body for r in hook.requests} == bodies, len(hook.requests)), (True, BODIES), f"{BODIES} random bodies arrive byte for byte (seed {SEED})")
    t.eq([r.fault for r in hook.requests if r.fault], [], "each verifies at the receiver")
    t.eq(w.sign_off(hook.requests, SECRET), [], "and with the two verifiers in JavaScript")


def from_the_source(db, hook):
    """References, localities and teams as wild as a text column can be."""
    dice = random.Random(SEED + 1)
    people = {n: (f"{n}-" + text(dice, 12, True), text(dice, 30, True), text(dice, 30, True)) for n in range(1, CASES + 1)}
    with w.Watch(db, {"desk": {"url": hook.url(), "secret": SECRET, "concurrency": 16}}, {"limits": ["assess_decision_6w"], "bulk_share": 0}) as ehc:
        ehc.start().wait_ready()
        ehc.settle()
        hook.clear()
        for first in range(1, CASES + 1, 50):
            for n in range(first, min(first + 50, CASES + 1)):
                ref, locality, team = people[n]
                db.sql("INSERT INTO casework.ehc_case (case_id, case_ref, locality, team) VALUES (%s, %s, %s, %s);"
                       "INSERT INTO casework.ehc_event (case_id, event, occurred_on) VALUES (%s, 'request_received', %s)", (n, ref, locality, team, n, ago(0) - (w.TODAY - ago(50))))
        ehc.settle()
    told = {}
    for r in w.bodies(hook.requests):
        told[r.data["case_ref"]] = (r.data["case_ref"], r.data["locality"], r.data["team"])
    t.eq(sorted(told.values()) == sorted(people.values()), True, f"{CASES} cases with wild names are told in their own words (seed {SEED + 1})")
    t.eq([r.fault for r in hook.requests if r.fault] + w.sign_off(hook.requests, SECRET), [], "and all verify")


BROKEN = {1: b"EHC-\xff\xfe", 2: b"EHC-\xc3(", 3: b"EHC-\xed\xa0\x80", 4: b"EHC-\xf4\x90\x80\x80", 5: b"EHC-\xc0\xaf", 6: b"EHC-caf\xe9", 7: b"EHC-\xe2\x82", 8: "EHC-£".encode()}


def no_text_at_all(db, hook):
    """A case database without an encoding, where Latin-1 and worse has found its way into a reference and a locality."""
    connection = db.connect(autocommit=True)
    with connection.cursor() as cursor:
        cursor.execute("CREATE DATABASE old ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    connection.close()
    source = db.conninfo.replace("dbname=postgres", "dbname=old")
    with w.Watch(db, {"desk": {"url": hook.url(), "secret": SECRET}}, {"source": source, "state": db.conninfo, "limits": ["assess_decision_6w"]}) as ehc:
        ehc.migrate()
        ehc.start().wait_ready()
        ehc.settle()
        hook.clear()
        import psycopg2  # pylint: disable=import-outside-toplevel
        connection = psycopg2.connect(source)
        with connection, connection.cursor() as cursor:
            for number, ref in BROKEN.items():
                cursor.execute("INSERT INTO casework.ehc_case (case_id, case_ref, locality) VALUES (%s, convert_from(%s, 'SQL_ASCII'), convert_from(%s, 'SQL_ASCII'));"
                               "INSERT INTO casework.ehc_event (case_id, event, occurred_on) VALUES (%s, 'request_received', %s)",
                               (number, ref, b"North " + ref[4:], number, str(ago(0) - (w.TODAY - ago(50)))))
            cursor.execute("NOTIFY ehcwatch_poll")
        connection.close()
        ehc.wait_until(lambda: len(w.bodies(hook.requests)) >= len(BROKEN), what="a message for each")
        ehc.settle()  # the list may be newer a moment after the messages
        code, _, listed = ehc.http("/v1/breaches.json")
    good = []
    for r in hook.requests:
        r.body.decode("utf-8")  # raises when it is not UTF-8
        good.append(r.data.get("case_ref"))
    t.eq((len(good), {"EHC-£", "EHC-caf\ufffd", "EHC-\ufffd("} - set(good)), (len(BROKEN), set()), f"each of {len(BROKEN)} references is told, as valid UTF-8: {good}")
    t.eq([r.fault for r in hook.requests if r.fault] + w.sign_off(hook.requests, SECRET), [], "and verifies")
    t.eq((code, len(json.loads(listed.decode())["items"])), (200, len(BROKEN)), "the list is valid too")


with h.Cluster(keep=True) as cluster, h.Receiver(secret=SECRET) as receiver:
    with w.Watch(cluster) as first_of_all:
        first_of_all.migrate()
    for part in (random_bodies, from_the_source, no_text_at_all):
        with t.case(f"{part.__name__} ran to its end"):
            w.Casework(cluster).clear()
            receiver.clear()
            part(cluster, receiver)
t.done()
