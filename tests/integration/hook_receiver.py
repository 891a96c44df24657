"""The hostile receiver of hook_test.c: what a request meets depends on its path.

    hook_receiver.py CERTIFICATE KEY SECRET_FILE

Listens on loopback on three free ports and prints them on one line: plain, TLS, trap. The trap counts connections and
answers with their number. Stops when its standard input ends.
"""
import base64
import collections
import email.utils
import hashlib
import hmac
import select
import socket
import ssl
import struct
import sys
import threading
import time

lock = threading.Lock()
crowd = threading.Condition(lock)
requests = collections.Counter()  # by path
accepted = trapped = 0


def reply(conn, status, body=b"", *headers):
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    conn.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)


def client_leaves(conn, seconds=None):
    return bool(select.select([conn], [], [], seconds)[0])


def drip(conn, first):
    """A byte now and then until the client has had enough."""
    conn.sendall(first)
    while not client_leaves(conn, 0.02):
        conn.sendall(b"x")


def endless(conn, first, more):
    conn.sendall(first)
    while True:
        conn.sendall(more)


def reset(conn):
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def verify(conn, head, body, secrets):
    """The scheme as its specification words it, written without a look at our C code."""
    fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:] if line)
    signed = f"{fields['webhook-id']}.{fields['webhook-timestamp']}.".encode() + body
    want = ["v1," + base64.b64encode(hmac.new(s, signed, hashlib.sha256).digest()).decode() for s in secrets]
    reply(conn, 200 if fields["webhook-signature"].split(" ") == want else 400)


def gather(conn, path, size, number):
    """No answer before `size` requests are here; so for each further `size`. `number`: of this one, for others may have come since."""
    need = -(-number // size) * size
    with crowd:
        crowd.notify_all()
        crowd.wait_for(lambda: requests[path] >= need)
    reply(conn, 200)


def later(seconds):
    return "Retry-After: " + email.utils.formatdate(time.time() + seconds, usegmt=True)


PATHS = {
    "/redirect": lambda c: reply(c, 302, b"", "Location: /target"),
    "/hang": client_leaves,
    "/drip-head": lambda c: drip(c, b"HTTP/1.1 200 X\r\nX-Slow: "),
    "/drip-body": lambda c: drip(c, b"HTTP/1.1 200 X\r\n\r\n"),
    "/close": lambda c: None,
    "/status-only": lambda c: c.sendall(b"HTTP/1.1 200 OK\r\n"),
    "/head-cut": lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "/continue-cut": lambda c: c.sendall(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX: y\r\n"),
    "/long-line": lambda c: c.sendall(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 120000 + b"\r\n\r\n"),
    "/reset": reset,
    "/endless": lambda c: endless(c, b"HTTP/1.1 200 X\r\n\r\n", b"z" * 65536),
    "/announced": lambda c: endless(c, b"HTTP/1.1 200 X\r\nContent-Length: 10737418240\r\n\r\n", b"z" * 65536),
    "/endless-headers": lambda c: endless(c, b"HTTP/1.1 200 X\r\n", b"X-More: " + b"y" * 1000 + b"\r\n"),
    "/endless-100": lambda c: endless(c, b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 40),
    "/short": lambda c: c.sendall(b"HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\nonly this"),
    "/continue": lambda c: c.sendall(b"HTTP/1.1 100 X\r\n\r\nHTTP/1.1 201 X\r\nContent-Length: 0\r\n\r\n"),
    "/forged": lambda c: c.sendall(b"HTTP/1.1 500 X\r\nHTTP/1.1 200: OK\r\nContent-Length: 0\r\n\r\n"),
    "/garbage": lambda c: c.sendall(b"SSH-2.0-OpenSSH_9.2p1 Debian\r\n"),
    "/dirty": lambda c: reply(c, 400, b"a\0b\x1b[31m\xc3\xa9\xff\xed\xa0\x80\xf0\x9d\x84\x9e\tc\nd\x7f\xc3"),
    "/seconds": lambda c: reply(c, 429, b"", "Retry-After: 120"),
    "/huge": lambda c: reply(c, 429, b"", "Retry-After: 99999999999"),
    "/beyond": lambda c: reply(c, 429, b"", "Retry-After: 99999999999999999999999 "),
    "/most": lambda c: reply(c, 429, b"", "Retry-After: 0086399"),
    "/twice": lambda c: reply(c, 429, b"", "Retry-After: 99999999999999999999999", "Retry-After: 60"),
    "/negative": lambda c: reply(c, 429, b"", "Retry-After: -5"),
    "/below": lambda c: reply(c, 429, b"", "Retry-After: -99999999999999999999999"),
    "/fraction": lambda c: reply(c, 429, b"", "Retry-After: 300.5"),
    "/nothing": lambda c: reply(c, 429, b"", "Retry-After:"),
    "/year-9999": lambda c: reply(c, 429, b"", "Retry-After: Fri, 31 Dec 9999 23:59:59 GMT"),
    "/never": lambda c: reply(c, 503, b"", "retry-after: soon"),
    "/date": lambda c: reply(c, 429, b"", later(300)),
    "/past": lambda c: reply(c, 503, b"", later(-300)),
    "/far": lambda c: reply(c, 503, b"", later(10**7)),
}


def read_request(conn):
    raw = b""
    while b"\r\n\r\n" not in raw:
        more = conn.recv(65536)
        if not more:
            raise ConnectionError("left early")
        raw += more
        if not raw[:1].isalpha():
            raise ConnectionError("not HTTP")
    head, body = raw.split(b"\r\n\r\n", 1)
    length = next((int(h.split(b":")[1]) for h in head.lower().split(b"\r\n") if h.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += conn.recv(65536)
    return head, body


def answer(conn, secrets):
    head, body = read_request(conn)
    path = head.split(b" ")[1].decode().partition("?")[0]
    with lock:
        requests[path] += 1
        number = requests[path]
    kind, _, rest = path[1:].partition("/")
    if path in PATHS:
        PATHS[path](conn)
    elif kind == "status":
        reply(conn, rest, b"as asked")
    elif kind == "gather":
        gather(conn, path, int(rest), number)
    elif kind == "seen":
        reply(conn, 200, str(requests["/" + rest]).encode())
    elif kind == "accepted":
        reply(conn, 200, str(accepted).encode())
    elif kind == "verify":
        verify(conn, head, body, secrets)
    else:
        reply(conn, 200, head + b"\r\n\r\n" + body)


def serve(conn, secrets, tls):
    try:
        conn.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            conn = tls.wrap_socket(conn, server_side=True)
        answer(conn, secrets)
    except OSError:
        pass
    finally:
        conn.close()


def listen(handle):
    server = socket.create_server(("127.0.0.1", 0), backlog=512)

    def accept():
        while True:
            conn, _ = server.accept()
            handle(conn)

    threading.Thread(target=accept, daemon=True).start()
    return server.getsockname()[1]


def trap(conn):
    global trapped
    trapped += 1
    try:
        read_request(conn)
        reply(conn, 200, str(trapped).encode())
    except OSError:
        pass
    conn.close()


def main():
    certificate, key, secret_file = sys.argv[1:]
    with open(secret_file, encoding="ascii") as lines:
        secrets = [base64.b64decode(line.strip().removeprefix("whsec_")) for line in lines]
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)

    def in_thread(wrap):
        def handle(conn):
            global accepted
            accepted += 1
            threading.Thread(target=serve, args=(conn, secrets, wrap), daemon=True).start()

        return handle

    print(listen(in_thread(None)), listen(in_thread(tls)), listen(trap), flush=True)
    sys.stdin.read()


main()
