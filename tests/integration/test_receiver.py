#!/usr/bin/python3
"""The instruments themselves: three verifiers agree on the signature vectors, and the receiver does what it is told."""
import base64
import http.client
import json
import pathlib
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/harness"))
import ehc_harness as h  # noqa: E402

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
VECTORS = [
    (SECRET, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}',
     "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="),
    (OTHER, "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk", 1649367553, b'{"email":"test@example.com","username":"test_user"}',
     "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw="),
]
t = h.Tap()


def verdicts(messages):
    """For each (secret, id, timestamp, body, signature, now): (Python's verdict, node's line)."""
    lines = [json.dumps({"secret": s, "id": i, "timestamp": ts, "body_base64": base64.b64encode(body).decode(),
                         "signature": sig, "now": now}) for s, i, ts, body, sig, now in messages]
    done = subprocess.run(["node", ROOT / "tests/node/verify.js"], input="\n".join(lines) + "\n", text=True, check=True,
                          stdout=subprocess.PIPE)
    headers = [{"webhook-id": i, "webhook-timestamp": str(ts), "webhook-signature": sig} for _, i, ts, _, sig, _ in messages]
    python = [h.fault(m[0], head, m[3], m[5]) for m, head in zip(messages, headers)]
    return list(zip(python, done.stdout.splitlines(), strict=True))


def signatures():
    for number, (secret, mid, ts, body, sig) in enumerate(VECTORS, 1):
        old = h.sign(OTHER if secret == SECRET else SECRET, mid, ts, body)
        table = [
            ("good", True, (secret, mid, ts, body, sig, ts)),
            ("300 s old", True, (secret, mid, ts, body, sig, ts + 300)),
            ("second of two signatures", True, (secret, mid, ts, body, f"{old} {sig}", ts)),
            ("beside a v1a", True, (secret, mid, ts, body, f"v1a,AAAA {sig}", ts)),
            ("tampered body", False, (secret, mid, ts, body.replace(b":", b" :", 1), sig, ts)),
            ("301 s old", False, (secret, mid, ts, body, sig, ts + 301)),
            ("301 s ahead", False, (secret, mid, ts, body, sig, ts - 301)),
            ("swapped id", False, (secret, VECTORS[number % 2][1], ts, body, sig, ts)),
            ("another second", False, (secret, mid, ts + 1, body, sig, ts)),
            ("another secret", False, (OTHER if secret == SECRET else SECRET, mid, ts, body, sig, ts)),
            ("no signature of version 1", False, (secret, mid, ts, body, "v2" + sig[2:], ts)),
        ]
        for (name, good, _), (python, node) in zip(table, verdicts([row[2] for row in table])):
            # Node's line joins its two verifiers; a refusal must be of both.
            agreed = (python is None and node == "ok") if good else (python and node.startswith("not ok") and "accepted" not in node)
            t.ok(agreed, f"vector {number}, {name}: {'accepted' if good else 'refused'} by all three", f"{python!r}, {node!r}")
    body = '{"name":"£ ünïcode 𝄞"}'.encode()
    t.eq(verdicts([(SECRET, "msg_a", 1700000000, body, h.sign(SECRET, "msg_a", 1700000000, body), 1700000000)]),
         [(None, "ok")], "a body beyond ASCII: our signature is accepted by all three")
    t.eq(h.sign(*VECTORS[0][:4]), VECTORS[0][4], "the Python signer gives the published signature")
    head = {"webhook-id": "m.1", "webhook-timestamp": "1", "webhook-signature": "v1,x"}
    t.ok(h.fault(SECRET, head, b"{}", 1), "a dot in the id is refused")
    t.ok(h.fault(SECRET, {**head, "webhook-id": "m", "webhook-timestamp": "01"}, b"{}", 1), "a leading zero is refused")
    t.ok(h.fault(SECRET, {}, b"{}", 1), "missing headers are refused")


def post(hook, path="/hook", body=b"{}", headers=None, timeout=60):
    connection = http.client.HTTPConnection(hook.host, hook.port, timeout=timeout)
    try:
        connection.request("POST", path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def signed(body, secret=SECRET, mid="msg_1"):
    now = int(time.time())
    return {"webhook-id": mid, "webhook-timestamp": str(now), "webhook-signature": h.sign(secret, mid, now, body)}


def fails(kind, function, *args, **kwargs):
    try:
        return f"answered {function(*args, **kwargs)}"
    except kind:
        return None


def recording():
    with h.Receiver(secret=SECRET) as hook:
        body = b'{"type":"endpoint.test","data":{"event_seq":1}}'
        t.eq(post(hook, "/a?b=c", body, signed(body))[0], 200, "a request is answered with 200")
        seen = hook.requests[0]
        t.eq((seen.method, seen.path, seen.body, seen.fault, seen.id, seen.type, seen.data),
             ("POST", "/a?b=c", body, None, "msg_1", "endpoint.test", {"event_seq": 1}), "and recorded byte for byte")
        post(hook, body=body, headers=signed(body, OTHER))
        t.eq(hook.requests[1].fault, "no matching signature", "a wrong signature is marked")
        hook.trust(OTHER)
        post(hook, body=body, headers=signed(body, OTHER))
        t.eq(hook.requests[2].fault, None, "after a rotation the new secret counts")
        late = threading.Thread(target=post, args=(hook,))
        late.start()
        t.eq(hook.wait_for(lambda seen: len(seen) == 4 and seen[-1].path), "/hook", "wait_for wakes at an arrival")
        late.join()
        t.eq(fails(TimeoutError, hook.wait_for, lambda seen: len(seen) > 9, 0.1), None, "and gives up at its deadline")
        hook.clear()
        t.eq(hook.requests, [], "clear forgets")


def misbehaviour():
    with h.Receiver() as hook:
        hook.behave(h.status(429, {"Retry-After": "7"}, b"later"))
        code, headers, body = post(hook)
        t.eq((code, headers["Retry-After"], body), (429, "7", b"later"), "a status with headers and body")
        hook.behave(h.redirect("http://127.0.0.1:1/"))
        code, headers, _ = post(hook)
        t.eq((code, headers["Location"]), (302, "http://127.0.0.1:1/"), "a redirect")
        hook.behave(h.sequence(h.status(500), h.status(503)))
        t.eq([post(hook)[0] for _ in range(3)], [500, 503, 200], "a sequence, then ok")
        hook.behave(h.status(410), "/gone")
        t.eq((post(hook, "/gone")[0], post(hook)[0]), (410, 200), "a behaviour of one path only")
        hook.behave(h.hang())
        t.eq(fails(TimeoutError, post, hook, timeout=0.3), None, "a hang")
        hook.behave(h.slow(0.3))
        started = time.monotonic()
        t.ok(post(hook)[0] == 200 and time.monotonic() - started >= 0.3, "a slow answer")
        hook.behave(h.close_early())
        t.eq(fails((http.client.RemoteDisconnected, ConnectionResetError), post, hook), None, "a close without an answer")
        hook.behave(h.close_early(reset=True))
        t.eq(fails(ConnectionResetError, post, hook), None, "a reset")
        dripping(hook)
        flood = h.huge()
        hook.behave(flood)
        with socket.create_connection((hook.host, hook.port), timeout=60) as s:
            s.sendall(b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
            got = 0
            while got < 2**21:
                got += len(s.recv(65536))
        t.ok(flood.sent < 2**28, "a huge reply stops when the client has had enough", flood.sent)
        t.eq(len(hook.requests), 13, "every one of these requests was recorded")


def dripping(hook):
    hook.behave(h.drip(0.02))
    with socket.create_connection((hook.host, hook.port), timeout=60) as s:
        s.sendall(b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
        pieces = [s.recv(100) for _ in range(5)]
    t.ok(any(len(p) < 100 for p in pieces) and b"".join(pieces).startswith(b"HTTP/"), "a drip", pieces)


def tls():
    with tempfile.TemporaryDirectory(prefix="ehcw.tls.") as folder:
        key, cert = folder + "/key", folder + "/cert"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=IP:127.0.0.1"], check=True, stderr=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        with h.Receiver(tls=context) as hook:
            t.ok(hook.url().startswith("https://127.0.0.1:"), "an https receiver")
            trusting = ssl.create_default_context(cafile=cert)
            for name, client, want in (("a client that trusts it", trusting, True),
                                       ("a client that does not", ssl.create_default_context(), False)):
                connection = http.client.HTTPSConnection(hook.host, hook.port, context=client, timeout=60)
                try:
                    connection.request("POST", "/", b"{}")
                    good = connection.getresponse().status == 200
                except ssl.SSLError:
                    good = False
                connection.close()
                t.ok(good == want, f"{name}: {'served' if want else 'leaves'}")
            t.eq(len(hook.requests), 1, "a failed handshake is not a request")


def parsing():
    text = '# HELP a b\n# TYPE a gauge\na 1\nb{y="2",x="a \\"q\\" , }"} 2.5e3\nc_bucket{le="+Inf"} +Inf 1700000000000\n'
    t.eq(h.parse_metrics(text), {"a": 1.0, h.series("b", x='a \\"q\\" , }', y="2"): 2500.0,
                                 'c_bucket{le="+Inf"}': float("inf")}, "metrics are parsed")
    t.eq(fails(ValueError, h.parse_metrics, "a 1\na 2\n"), None, "a series that comes twice is an error")
    t.eq(fails(ValueError, h.parse_metrics, "a{x=1} 2\n"), None, "a line that is no sample is an error")


subprocess.run([ROOT / "tests/tools/node_deps"], check=True, stdout=sys.stderr)
signatures()
recording()
misbehaviour()
tls()
parsing()
t.done()
