#!/usr/bin/python3
"""Internal addresses are out of reach unless they are allowed, in whatever way they are written or named: every connection that the
daemon asks for is written down by a library that is preloaded into it, and none of these may be among them."""
import contextlib
import http.server
import pathlib
import signal
import ssl
import subprocess
import tempfile
import threading

import _world as w
from _world import ROOT, ago, h

SECRET = h.new_secret()
PUBLIC, DEAD = "8.8.8.8", "8.8.4.4"  # the first is led to a listener of ours, the second answers nobody; nothing leaves the machine
t = h.Tap()

LITERALS = {
    "v4": "127.0.0.1", "dot": "127.0.0.1.", "name": "localhost", "far": "127.255.0.9", "this": "0.0.0.0", "zero": "0", "short": "127.1",
    "decimal": "2130706433", "octal": "0177.0.0.1", "hex": "0x7f.1", "hexall": "0x7f000001", "wide": "１２７.0.0.1",
    "metadata": "169.254.169.254", "ten": "10.0.0.1", "private": "192.168.1.1", "private2": "172.31.255.254", "shared": "100.64.0.1",
    "bench": "198.18.0.1", "multicast": "224.0.0.1", "broadcast": "255.255.255.255", "doc": "192.0.2.1", "proto": "192.0.0.170",
    "v6": "[::1]", "any6": "[::]", "mapped": "[::ffff:127.0.0.1]", "mapped2": "[0:0:0:0:0:ffff:7f00:1]", "metamapped": "[::ffff:a9fe:a9fe]",
    "translated": "[::ffff:0:7f00:1]", "compatible": "[::7f00:1]", "nat64": "[64:ff9b::7f00:1]", "nat64own": "[64:ff9b:1::7f00:1]",
    "sixtofour": "[2002:7f00:1::]", "teredo": "[2001:0:7f00:1::]", "unique": "[fd00::1]", "link": "[fe80::1]", "zone": "[fe80::1%25lo]",
    "site": "[fec0::1]", "all": "[ff02::1]",
}
NAMES = {"inside.test": "127.0.0.1", "inside6.test": "::1", "meta.test": "169.254.169.254", "ten.test": "10.0.0.1",
         "mapped.test": "::ffff:127.0.0.1", "both.test": f"{DEAD},127.0.0.1", "rebind.test": PUBLIC,
         "public.test": PUBLIC, "mis.test": "127.0.0.1", "trap.test": "169.254.169.254", "proxy.test": "127.0.0.1"}


class Net:
    """The daemon's network: the rules of tests/harness/netshim.c, and what was asked of it."""

    def __init__(self, folder, port):
        self.rules, self.shim = folder / "net", folder / "netshim.so"
        subprocess.run(["gcc", "-shared", "-fPIC", "-D_GNU_SOURCE", "-o", self.shim, ROOT / "tests/harness/netshim.c"], check=True)
        self.port = port
        self.resolve()
        self.env = {"LD_PRELOAD": str(self.shim), "EHC_NETSHIM": str(self.rules), "ASAN_OPTIONS": "verify_asan_link_order=0",
                    "http_proxy": "http://127.0.0.1:1", "https_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"}

    def resolve(self, **other):
        """What names resolve to: NAMES, and what is given here in their place."""
        names = {**NAMES, **{f"{n}.test": a for n, a in other.items()}}
        draft = self.rules.with_suffix(".new")
        draft.write_text("".join(f"name {n} {a}\n" for n, a in names.items()) + f"route {PUBLIC} {self.port}\n")
        draft.rename(self.rules)

    def calls(self, kind):
        log = pathlib.Path(str(self.rules) + ".log")
        lines = [line.split() for line in log.read_text().splitlines()] if log.exists() else []
        return [tuple(line[1:]) for line in lines if line[0] == kind]

    def connected(self):
        return {address for address, _ in self.calls("connect")}

    def forget(self):
        pathlib.Path(str(self.rules) + ".log").unlink(missing_ok=True)


def hooks(urls, **more):
    return {n: {"url": u, "secret": SECRET, "timeout": 30, "allow_internal": False, **more} for n, u in urls.items()}


def attempts(db):
    """The reasons of each endpoint's attempts at the message of a case, in order."""
    found = {}
    for name, reason in db.sql("SELECT e.name, a.reason FROM ehcwatch.attempt a JOIN ehcwatch.outbox o USING (outbox_id)"
                               " JOIN ehcwatch.endpoint e ON e.endpoint_id = o.endpoint_id WHERE o.case_id > 0 ORDER BY a.outbox_id, a.n"):
        found.setdefault(name, []).append(reason)
    return found


@contextlib.contextmanager
def told(db, net, hook, webhooks, options=None, answers=None):
    """A daemon with these endpoints, each of which was told of one case and has tried once. `answers`: behaviours by path."""
    w.Casework(db).clear()
    db.set_now(w.NOON)
    hook.calm()
    with w.Watch(db, webhooks, {"limits": ["assess_decision_6w"], "drain_timeout": 0, **(options or {})}, env=net.env) as ehc:
        ehc.start().wait_ready()
        ehc.read()
        ehc.wait_until(lambda: db.value("SELECT count(DISTINCT endpoint_id) FROM ehcwatch.attempt") == len(webhooks), what="an attempt at every summary")
        db.set_clock(db.value("SELECT clock_timestamp()"))  # it stands still: no second attempt comes before `again`
        db.sql("DELETE FROM ehcwatch.attempt; DELETE FROM ehcwatch.outbox")
        for path, behaviour in (answers or {}).items():
            hook.behave(behaviour, path)
        net.forget()
        hook.clear()
        ehc.cases.case(1, ("request_received", ago(50)))
        ehc.read()
        ehc.wait_until(lambda: set(attempts(db)) == set(webhooks), what="an attempt at every endpoint")
        yield ehc


def again(ehc):
    """What is pending is due once more."""
    ehc.db.sql("UPDATE ehcwatch.outbox SET next_attempt_at = ehcwatch.clock() WHERE state = 'pending'")
    ehc.send(signal.SIGHUP)


def literals(db, net, hook):
    """Addresses that stand in the URL, in every way of writing."""
    with told(db, net, hook, hooks({n: f"http://{a}:{hook.port}/{n}" for n, a in LITERALS.items()})):
        got = attempts(db)
        t.eq({n: got[n][0] for n in LITERALS if got[n][0] != "blocked"}, {"dot": "dns", "wide": "other"},
             f"{len(LITERALS)} ways of writing an internal address: each is told from a public one")
        t.eq((net.calls("connect"), [str(r) for r in hook.requests]), ([], []), "0 connections to any of them")


def named(db, net, hook):
    """Names that resolve to them, at once, among public ones, or the second time."""
    inside = ["inside.test", "inside6.test", "meta.test", "ten.test", "mapped.test", "both.test", "rebind.test", "public.test"]
    webhooks = hooks({n.split(".")[0]: f"http://{n}:{hook.port}/" for n in inside})
    with told(db, net, hook, webhooks, answers={"/": h.status(500)}) as ehc:
        hook.wait_for(lambda seen: len({r.headers["host"] for r in seen}) == 2, what="the two that are public")
        first = attempts(db)
        t.eq({n: r[0] for n, r in first.items()},
             {"inside": "blocked", "inside6": "blocked", "meta": "blocked", "ten": "blocked", "mapped": "blocked", "both": "connect",
              "rebind": "server_error", "public": "server_error"}, "a name is no way in, and a public one works")
        net.resolve(rebind="127.0.0.1")
        again(ehc)
        ehc.wait_until(lambda: len(attempts(db)["rebind"]) > 1 and len(attempts(db)["public"]) > 1, what="second attempts")
        t.eq((attempts(db)["rebind"][1], attempts(db)["public"][1]), ("blocked", "server_error"),
             "a name that was public and then is not: the second attempt is stopped, on the address that it was to reach")
        t.ok(("rebind.test", "127.0.0.1") in net.calls("lookup"), "and it did resolve to this machine")
        t.eq(net.connected(), {PUBLIC, DEAD}, "0 connections but to public addresses")


def redirected(db, net, hook):
    """An answer that points inside is an answer like any other."""
    places = {302: "http://169.254.169.254/latest/meta-data/", 307: f"http://127.0.0.1:{hook.port}/inside", 308: "http://localhost/", 301: "//10.0.0.1/"}
    webhooks = hooks({f"s{code}": f"http://public.test/s{code}" for code in places})
    with told(db, net, hook, webhooks, answers={f"/s{code}": h.redirect(place, code) for code, place in places.items()}):
        t.eq(attempts(db), {n: ["redirect"] for n in webhooks}, "301, 302, 307 and 308 are failures with a reason of their own")
        t.eq((net.connected(), {r.path for r in hook.requests}), ({PUBLIC}, {f"/s{code}" for code in places}), "0 connections to where they point")


def allowed(db, net, hook):
    """What the list opens, and no more."""
    webhooks = {}
    for name, (host, allow) in {
            "net": ("127.0.0.1", ["127.0.0.0/8"]), "one": ("127.0.0.1", ["10.0.0.0/8", "127.0.0.1"]), "mapped": ("[::ffff:127.0.0.1]", ["127.0.0.0/8"]),
            "named": ("MIS.test", ["mis.test"]), "nameip": ("inside.test", ["127.0.0.0/30"]),
            "other": ("mis.test", ["mis.example", "is.test", "10.0.0.0/8"]), "trap": ("trap.test", ["trap.test"]), "beside": ("127.0.0.1", ["127.0.0.2/31"]),
    }.items():
        webhooks |= hooks({name: f"http://{host}:{hook.port}/{name}"}, allow=allow)
    with told(db, net, hook, webhooks):
        t.eq({n: r[0] for n, r in attempts(db).items()},
             {"net": "ok", "one": "ok", "mapped": "ok", "named": "ok", "nameip": "ok", "other": "blocked", "trap": "blocked", "beside": "blocked"},
             "networks, addresses and host names; a name never opens the metadata address")
        t.eq({r.path for r in hook.requests}, {"/net", "/one", "/mapped", "/named", "/nameip"}, "who was reached")
        t.eq([r.fault for r in hook.requests if r.fault], [], "with a good signature")


class Proxy(http.server.ThreadingHTTPServer):
    """A forward proxy that carries nothing on: it answers for the receiver, and refuses every CONNECT."""

    def __init__(self):
        self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # pylint: disable=invalid-name
                self.rfile.read(int(self.headers["Content-Length"]))
                self.server.asked.append(("POST", self.path))
                self.send_response(204)
                self.end_headers()

            def do_CONNECT(self):  # pylint: disable=invalid-name
                self.server.asked.append(("CONNECT", self.path))
                self.send_error(403)

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


def proxied(db, net, hook):
    """Through the configured proxy, and no other."""
    with Proxy() as proxy:
        urls = {"plain": "http://unknown.test/plain", "tls": "https://unknown.test/tls", "literal": "http://0x7f.1/literal", "meta": "https://169.254.169.254/"}
        webhooks = hooks(urls) | hooks({"open": "http://10.0.0.1/open"}, allow=["10.0.0.1"]) | hooks({"direct": "http://public.test/direct"}, proxy="direct")
        with told(db, net, hook, webhooks, {"proxy": f"http://proxy.test:{proxy.server_port}"}):
            t.eq({n: r[0] for n, r in attempts(db).items()},
                 {"plain": "ok", "tls": "connect", "literal": "blocked", "meta": "blocked", "open": "ok", "direct": "ok"},
                 "a name goes to the proxy, an internal address in the URL goes nowhere")
            t.eq(sorted(set(proxy.asked)), [("CONNECT", "unknown.test:443"), ("POST", "http://10.0.0.1/open"), ("POST", "http://unknown.test/plain")],
                 "what the proxy was asked for")
            t.eq((net.connected(), {r.path for r in hook.requests}), ({"127.0.0.1", PUBLIC}, {"/direct"}), "the rest is connected to directly")
            t.eq({p for a, p in net.calls("connect") if a == "127.0.0.1"}, {str(proxy.server_port)}, "the environment's proxy never is")


def own_authority(db, net, hook, folder):
    """A certificate that only this endpoint's ca_file vouches for."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=mis.test",
                    "-addext", "subjectAltName=DNS:mis.test", "-keyout", key, "-out", cert], check=True, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with h.Receiver(secret=SECRET, tls=context) as safe:
        url, more = f"https://mis.test:{safe.port}/", {"allow": ["mis.test", "127.0.0.1"], "allow_http": False}
        webhooks = hooks({"own": url + "own"}, ca_file=str(cert), **more) | hooks({"system": url + "system"}, **more)
        webhooks |= hooks({"wrong": f"https://127.0.0.1:{safe.port}/wrong"}, ca_file=str(cert), **more)
        with told(db, net, hook, webhooks):
            t.eq({n: r[0] for n, r in attempts(db).items()}, {"own": "ok", "system": "tls", "wrong": "tls"},
                 "the endpoint with the file trusts it; one without does not, and nobody takes another's name for it")
            t.eq({(r.path, r.fault) for r in safe.requests}, {("/own", None)}, "only the first was sent anything")


with h.Cluster() as cluster, tempfile.TemporaryDirectory(prefix="ehcw.net.") as name, h.Receiver(secret=SECRET) as receiver:
    network = Net(pathlib.Path(name), receiver.port)
    with w.Watch(cluster) as first_of_all:
        first_of_all.migrate()
    for part in (literals, named, redirected, allowed, proxied):
        with t.case(f"{part.__doc__.rstrip('.')}: it ran to its end"):
            part(cluster, network, receiver)
    with t.case("a certificate of the council's own: it ran to its end"):
        own_authority(cluster, network, receiver, pathlib.Path(name))
t.done()
