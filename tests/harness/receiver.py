"""A webhook receiver inside the test: records every request, verifies signatures, misbehaves on demand.

    with Receiver(secret="whsec_…") as hook:
        hook.behave(status(503, {"Retry-After": "2"}))            # from now on, for every path
        hook.behave(sequence(status(500), hang(), then=ok()), "/a")   # for this path only
        hook.wait_for(lambda seen: len(seen) >= 3)
"""
import dataclasses
import http.server
import json
import socket
import ssl
import struct
import threading
import time

from signatures import fault

PATIENCE = 90  # seconds until a wait is given up


@dataclasses.dataclass
class Request:
    """One request as it came off the wire."""

    method: str
    path: str
    headers: dict  # names in lower case
    body: bytes
    at: float  # Unix time at which the body was complete
    monotonic: float
    fault: str | None  # None when the signature is good; "not checked" without a secret
    number: int  # 0 for the first request of this receiver
    answered: int | None = None  # the status that it was given, once it was

    @property
    def id(self):
        return self.headers.get("webhook-id")

    @property
    def timestamp(self):
        return int(self.headers["webhook-timestamp"])

    def json(self):
        return json.loads(self.body)

    @property
    def type(self):
        return self.json().get("type")

    @property
    def data(self):
        return self.json().get("data", {})

    def __str__(self):
        return f"{self.number}: {self.method} {self.path} id={self.id} fault={self.fault} {self.body[:200]!r}"


# Behaviours: functions of (handler, request). They answer, or do not.


def status(code, headers=None, body=b"", then_close=True):
    def act(handler, _request):
        handler.answer(code, headers or {}, body, close=then_close)

    return act


def ok():
    return status(200, body=b"ok", then_close=False)


def redirect(location, code=302):
    return status(code, {"Location": location})


def hang():
    """Takes the request and never answers; lets go when the receiver stops or the client leaves."""

    def act(handler, _request):
        handler.close_connection = True
        handler.wait_until_left(None)

    return act


def slow(seconds, then=None):
    """Answers after `seconds`, unless the client has left by then."""
    then = then or ok()

    def act(handler, request):
        if not handler.wait_until_left(seconds):
            then(handler, request)

    return act


def drip(interval=0.2, body=b"x" * 10_000):
    """A good answer, one byte every `interval` seconds (slow loris)."""

    def act(handler, _request):
        handler.close_connection = True
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        for byte in head + body:
            if handler.wait_until_left(interval):
                return
            handler.wfile.write(bytes([byte]))
            handler.wfile.flush()

    return act


def close_early(reset=False):
    """Closes without an answer; with `reset` by RST."""

    def act(handler, _request):
        handler.close_connection = True
        if reset:
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return act


def huge(size=10 * 2**30):
    """A 200 whose body goes on until the client has had enough; `sent` counts the bytes that were taken."""

    def act(handler, _request):
        handler.close_connection = True
        handler.wfile.write(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode())
        block = b"y" * 65536
        while act.sent < size and not handler.server.stopping.is_set():
            handler.wfile.write(block)
            act.sent += len(block)

    act.sent = 0
    return act


def sequence(*behaviours, then=None):
    """Each in turn, one a request, then `then` (ok) for good."""
    left, guard, last = list(behaviours), threading.Lock(), then or ok()

    def act(handler, request):
        with guard:
            chosen = left.pop(0) if left else last
        chosen(handler, request)

    return act


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def setup(self):
        if self.server.tls:
            self.request.settimeout(self.timeout)
            self.request.do_handshake()
        super().setup()

    def _take(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = self.taken = self.server.receiver.record(self.command, self.path, self.headers, body)
        self.server.receiver.behaviour(self.path)(self, request)

    do_GET = do_POST = do_PUT = do_OPTIONS = do_HEAD = _take

    def answer(self, code, headers, body, close):
        self.taken.answered = code
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        if close:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def wait_until_left(self, seconds):
        """True when the client closed, or the receiver stops, before `seconds` are over (None: no limit)."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while not self.server.stopping.is_set():
            left = 0.1 if deadline is None else min(0.1, deadline - time.monotonic())
            if left <= 0:
                return False
            self.connection.settimeout(left)
            try:
                if not self.connection.recv(1):
                    return True
            except (TimeoutError, ssl.SSLWantReadError):
                pass
            finally:
                self.connection.settimeout(self.timeout)
        return True

    def log_message(self, *_args):
        pass


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, address, tls):
        super().__init__(address, _Handler)
        self.stopping = threading.Event()
        self.tls = tls
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def handle_error(self, request, client_address):
        """A client that hangs up, or will not have our certificate, is what several tests are about."""


class Receiver:
    """Listens on a free loopback port from construction until close(). All methods may be called from any thread."""

    def __init__(self, secret=None, tls=None, host="127.0.0.1", port=0, now=time.time):
        """`secret`: None, one string, or {path: secret}. `tls`: an ssl.SSLContext for https."""
        self._secret, self._now = secret, now
        self._changed = threading.Condition()
        self._requests, self._default, self._by_path = [], ok(), {}
        self._server = _Server((host, port), tls)
        self._server.receiver = self
        self.host, self.port = self._server.server_address[:2]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def url(self, path="/hook"):
        return f"{'https' if self._server.tls else 'http'}://{self.host}:{self.port}{path}"

    def behave(self, behaviour, path=None):
        with self._changed:
            if path is None:
                self._default = behaviour
            else:
                self._by_path[path] = behaviour

    def calm(self):
        """Every path answers 200 again."""
        with self._changed:
            self._default, self._by_path = ok(), {}

    def behaviour(self, path):
        with self._changed:
            return self._by_path.get(path, self._default)

    def trust(self, secret):
        """From now on this secret counts, as after a rotation at the receiver."""
        with self._changed:
            self._secret = secret

    def record(self, method, path, headers, body):
        now = self._now()
        headers = {name.lower(): value for name, value in headers.items()}
        with self._changed:
            secret = self._secret.get(path) if isinstance(self._secret, dict) else self._secret
            verdict = fault(secret, headers, body, now) if secret else "not checked"
            request = Request(method, path, headers, body, now, time.monotonic(), verdict, len(self._requests))
            self._requests.append(request)
            self._changed.notify_all()
        return request

    @property
    def requests(self):
        """A copy of what has come so far, in order of arrival."""
        with self._changed:
            return list(self._requests)

    def clear(self):
        with self._changed:
            self._requests.clear()

    def wait_for(self, predicate, timeout=PATIENCE, what="the expected requests"):
        """The first true value of predicate(requests), which is asked again at each arrival."""
        with self._changed:
            found = self._changed.wait_for(lambda: predicate(list(self._requests)), timeout)
            if not found:
                seen = "\n".join(str(r) for r in self._requests[-20:])
                raise TimeoutError(f"{what} did not come in {timeout} s; {len(self._requests)} requests:\n{seen}")
            return found

    def close(self):
        self._server.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
