#!/usr/bin/python3
"""Who may see what over HTTP: roles, teams, passwords, TLS, and nginx in front.

Runs in a network namespace of its own, where 192.0.2.7 is another machine's way to the daemon: no real network has it.
"""
import base64
import datetime
import csv
import concurrent.futures
import crypt  # pylint: disable=deprecated-module
import http.client
import io
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import zipfile

import _world as w
from _world import h

REMOTE, LOCAL = "192.0.2.7", "127.0.0.1"
LIMIT = "assess_decision_6w"
PASSWORD = "four little words 4 \u00e9"
# Of cases that team North may not see; each stands for something that could give one away.
CANARIES = {"ref": "CNRYREF", "locality": "Cnryham", "team": "Cnryteam", "officer": "cnryofficer", "subject": "cnrysubject", "reason": "cnryreason"}
t = h.Tap()


def in_namespace():
    """Starts this file again where the address can be had; root or not."""
    if os.environ.get("EHC_NETNS") != "1":
        user = [] if os.geteuid() == 0 else ["-U", "--map-current-user", "--keep-caps"]
        setup = f"ip link set lo up && ip addr add {REMOTE}/32 dev lo && exec \"$0\" \"$@\""
        os.environ["EHC_NETNS"] = "1"
        os.execvp("unshare", ["unshare", *user, "-n", "sh", "-c", setup, sys.executable, *sys.argv])


def run(*args, **more):
    return subprocess.run([str(a) for a in args], check=True, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)


def basic(name, password):
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


class Pki:
    """A CA, servers and clients of its own, P-256."""

    def __init__(self, folder):
        self.dir = folder
        self.make_ca("ca")
        self.make_ca("stranger")

    def make_ca(self, name):
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", self.dir / f"{name}.key",
            "-out", self.dir / f"{name}.crt", "-days", "30", "-subj", f"/CN={name}")

    def issue(self, name, use, ca="ca", subject="localhost"):
        run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", self.dir / f"{name}.key", "-out", self.dir / f"{name}.csr", "-subj", f"/CN={subject}")
        (self.dir / "ext").write_text(f"subjectAltName=DNS:localhost,IP:{REMOTE},IP:{LOCAL}\nextendedKeyUsage={use}\n")
        run("openssl", "x509", "-req", "-in", self.dir / f"{name}.csr", "-CA", self.dir / f"{ca}.crt", "-CAkey", self.dir / f"{ca}.key", "-CAcreateserial", "-days", "30",
            "-extfile", self.dir / "ext", "-out", self.dir / f"{name}.crt")
        (self.dir / f"{name}.key").chmod(0o600)
        return self.dir / f"{name}.crt"


class Council(w.Watch):
    tls = None  # an ssl.SSLContext once TLS is on

    def ask(self, path, headers=None, method="GET", body=None, host=REMOTE, timeout=h.PATIENCE):
        """(status, headers as a list, body)"""
        connection = http.client.HTTPSConnection(host, self.port, timeout=timeout, context=self.tls) if self.tls else http.client.HTTPConnection(host, self.port, timeout=timeout)
        return h.exchange(connection, path, headers, method, body)

    def http(self, path, headers=None, method="GET", body=None, timeout=h.PATIENCE):
        code, head, content = self.ask(path, headers, method, body, LOCAL, timeout)
        return code, {k.lower(): v for k, v in head}, content

    def code(self, path, headers=None, **more):
        return self.ask(path, headers, **more)[0]

    def tokens(self, **roles):
        """NAME=ROLE or NAME="ROLE teams=..."; the headers of each name."""
        for name, role in roles.items():
            done = run(self.program, "token", name, *role.split(" ", 1))
            self.lines[name], self.secret[name] = done.stdout, done.stderr.strip()
        return self

    def by(self, name):
        return {"Authorization": f"Bearer {self.secret[name]}"}

    def write_tokens(self):
        path = self.dir / "tokens"
        path.write_text("# who\n" + "".join(self.lines.values()))
        path.chmod(0o600)
        self.options["api_token_file"] = str(path)
        self.write_config()

    def write_web(self, text):
        path = self.dir / "web.yml"
        path.write_text(text)
        path.chmod(0o600)
        self.options["web_config_file"] = str(path)
        self.write_config()

    def reload(self, refused=None):
        """Says SIGHUP; returns when it was done, or refused with that."""
        word = f"reload_refused: .*{refused}" if refused else "reloaded: "
        before = len(re.findall(word, self.log()))
        self.send(signal.SIGHUP)
        self.wait_until(lambda: len(re.findall(word, self.log())) > before, what=word)


def caseload(db, ehc):
    """Two cases of North, one without a team, and one that nobody of North may see."""
    ehc.cases.case(1, ("request_received", "2026-01-08", "parent"), ref="EHC-0001", team="North", born="2015-01-01")
    ehc.cases.case(2, ("request_received", "2026-05-20", "parent"), ref="EHC-0002", team="North")
    ehc.cases.case(3, ("request_received", "2026-01-08", "parent"), ref="EHC-CNRYREF-3", team=None, locality=CANARIES["locality"])
    ehc.cases.case(4, ("request_received", "2026-01-08", "parent"), ("assess_agreed", "2026-02-10"), ("advice_requested", "2026-02-11", CANARIES["subject"]),
                   ("request_received", "2027-01-01"), ref="CNRYREF-4", team=CANARIES["team"], locality=CANARIES["locality"])
    ehc.cases.case(5, ("request_received", "2026-05-18", "parent"), ref="CNRYREF-5", team=CANARIES["team"], locality=CANARIES["locality"])
    ehc.cases.case(6, ("request_received", "2026-04-20", "parent"), ref="CNRYREF-6", team=CANARIES["team"], locality=CANARIES["locality"])
    ehc.cases.case(71, ("request_received", "2026-04-20", "parent"), ref="EHC-0002.html", team=CANARIES["team"], locality=CANARIES["locality"])
    db.sql("UPDATE casework.ehc_case SET officer = CASE WHEN team = 'North' THEN 'o1' ELSE %s END", (CANARIES["officer"],))


# --- the table: who gets what of each address -------------------------------------------------------------------------

ROLES = ("metrics", "reader", "meeting", "officer", "manager", "operator")
# (method, path, the least role, what somebody with teams gets: held, refused, free). Every address of routes.c has to be here.
ADDRESSES = [
    ("GET", "/", "reader", "free"),
    ("GET", "/metrics", "metrics", "refused"),
    ("GET", "/healthz", "everybody", "free"),
    ("GET", "/readyz", "metrics", "free"),
    ("GET", "/v1/breaches", "reader", "held"),
    ("GET", "/v1/due", "reader", "held"),
    ("GET", "/v1/cases", "reader", "held"),
    ("GET", "/v1/deadlines.ics", "reader", "held"),
    ("GET", "/v1/data-quality", "reader", "held"),
    ("GET", "/v1/overdue", "reader", "held"),
    ("GET", "/v1/trend", "reader", "held"),
    ("GET", "/v1/figures", "reader", "held"),
    ("GET", "/v1/stuck", "reader", "held"),
    ("GET", "/v1/flow", "reader", "held"),
    ("GET", "/v1/forecast", "reader", "held"),
    ("GET", "/v1/clearance", "reader", "held"),
    ("GET", "/v1/papers.xlsx", "reader", "held"),
    ("GET", "/v1/deliveries", "reader", "held"),
    ("GET", "/v1/deliveries/proof?case=EHC-0001", "reader", "held"),
    ("POST", "/v1/deliveries/replay", "operator", "refused"),
    ("GET", "/v1/acks", "reader", "held"),
    ("POST", "/v1/acks", "officer", "held"),
    ("POST", "/v1/acks/77/withdraw", "officer", "held"),
    ("GET", "/v1/history", "reader", "held"),
    ("GET", "/v1/changes", "reader", "held"),
    ("GET", "/v1/meetings", "reader", "free"),
    ("POST", "/v1/meetings", "meeting", "free"),
    ("GET", "/v1/summary", "reader", "refused"),
    ("GET", "/assets/none.css", "everybody", "free"),
    ("GET", "/v1/cases/EHC-0001", "reader", "held"),
    ("GET", "/v1/nowhere", "metrics", "free"),
]


def served():
    """The addresses of the table in routes.c, with the defines for what stands there by name."""
    source = (w.ROOT / "daemon/app/routes.c").read_text()
    text = source + (w.ROOT / "daemon/app/routes_int.h").read_text() + "".join(p.read_text() for p in (w.ROOT / "include").rglob("*.h"))
    defines = dict(re.findall(r'#define (\w+)\s+"(/[^"]*)"', text))
    rows = re.search(r"\} pages\[\] = \{\n(.*?)\n\};", source, re.S).group(1)
    return {defines.get(p, p).strip('"') for p in re.findall(r'^\s*\{("[^"]+"|[A-Z_]+),', rows, re.M)}


def table():
    """The rows of ADDRESSES: every address of the daemon, and no other."""
    have = served()
    known = {p.split("?")[0] for _, p, _, _ in ADDRESSES}
    missing = [p for p in have if p not in known and not any(k.startswith(p) for k in known if p.endswith("/"))]
    t.eq(missing, [], "every address of the daemon is in this table")
    strange = [k for k in known if k not in have and not any(k.startswith(p) for p in have if p.endswith("/") and p != "/")]
    t.eq(strange, ["/v1/nowhere"], "and none that it has not, but one")
    return ADDRESSES


def matrix(db, ehc):
    """Roles and addresses, from another machine and from this one."""
    wrong = []
    for method, path, least, _ in table():
        def code(headers, host=REMOTE):
            return ehc.code(path, {**headers, "Content-Type": "text/plain"} if method == "POST" else headers, method=method, host=host)
        open_to_all = least == "everybody"
        for who, headers in (("nobody", {}), ("forwarded", {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "::1"})):
            got = code(headers)
            if (got == 401) == open_to_all:
                wrong.append((method, path, who, got))
        for role in ROLES:
            allowed = open_to_all or ROLES.index(role) >= ROLES.index(least)
            got = code(ehc.by(role))
            if (got in (401, 403)) == allowed or got >= 500:
                wrong.append((method, path, role, got))
        got = code({}, host=LOCAL)
        if (got in (401, 403)) != (method == "POST") or got >= 500:
            wrong.append((method, path, "this machine", got))
    t.eq(wrong, [], "each role gets what it may, and no more")
    listed = {line.split()[0] for line in ehc.ask("/", {"Accept": "text/plain", **ehc.by("reader")})[2].decode().splitlines() if line.startswith("/")}
    t.eq(served() - listed, {"/", "/assets/"}, "text/plain at / lists every address but itself and the style sheet")
    code, head, body = ehc.ask("/v1/breaches")
    problem = json.loads(body)
    t.eq((code, problem["status"], [v for k, v in head if k.lower() == "www-authenticate"]),
         (401, 401, ['Basic realm="ehcwatchd", charset="UTF-8"', 'Bearer realm="ehcwatchd"']), "401 asks for a name and password, or a token")
    t.ok(any(k.lower() == "content-type" and v == "application/problem+json" for k, v in head), "as problem+json", head)
    challenges = [v for k, v in ehc.ask("/v1/breaches", {"Authorization": "Bearer x"})[1] if k.lower() == "www-authenticate"]
    t.ok('Bearer realm="ehcwatchd", error="invalid_token"' in challenges, "a wrong token is told so", challenges)
    code, _, body = ehc.ask("/v1/breaches", ehc.by("metrics"))
    t.eq((code, json.loads(body)["detail"]), (403, "metrics is metrics; this is for reader"), "403 says for whom it is")
    t.eq(ehc.code("/v1/breaches", {"Authorization": "Bearer x"}, host=LOCAL), 401, "who says something wrong is not let in for being here")


def by_name(db, ehc):
    """A token is the password of its name, for browsers and Excel."""
    t.eq(ehc.code("/v1/breaches.xlsx", basic("reader", ehc.secret["reader"])), 200, "name and token")
    for name, password in (("reader", "x"), ("officer", ehc.secret["reader"]), ("", ehc.secret["reader"]), ("reader", ""), ("reader", ehc.secret["reader"] + "x")):
        t.eq(ehc.code("/v1/breaches", basic(name, password)), 401, f"not {name!r} with {password[:6]!r}")
    own = {"Host": f"{REMOTE}:{ehc.port}", "Content-Type": "application/json", **basic("operator", ehc.secret["operator"])}
    for what, more, want in (("of no page", {}, 400), ("of our page", {"Sec-Fetch-Site": "same-origin"}, 400), ("of our page, an older browser", {"Origin": f"https://{REMOTE}:{ehc.port}"}, 400),
                             ("of another site", {"Sec-Fetch-Site": "cross-site"}, 403), ("of a neighbour", {"Sec-Fetch-Site": "same-site"}, 403),
                             ("of another site, an older browser", {"Origin": "https://evil.example"}, 403), ("of nowhere", {"Origin": "null"}, 403)):
        t.eq(ehc.code("/v1/deliveries/replay", {**own, **more}, method="POST", body="{}"), want, f"a change {what}: {want}")
    t.eq(ehc.code("/v1/deliveries/replay", {**ehc.by("operator"), "Origin": "https://evil.example", "Content-Type": "application/json"}, method="POST", body="{}"), 400, "a token is no browser's")


# --- teams ------------------------------------------------------------------------------------------------------------

def texts(head, body):
    """All that an answer holds, unpacked."""
    parts = [body, "\n".join(f"{k}: {v}" for k, v in head).encode()]
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as z:
            parts += [z.read(n) for n in z.namelist()]
    return b"\n".join(parts).lower()


def canary_in(answer):
    _, head, body = answer
    text = texts(head, body)
    return [name for name, word in CANARIES.items() if word.lower().encode() in text]


def forms(path):
    """The address in every form that it might have; those that it has not are 404."""
    base = path.split("?")[0]
    suffixes = [".json", ".csv", ".xlsx", ".html"] if base.count(".") == 0 and base.startswith("/v1/") and "?" not in path and not base.startswith("/v1/cases/") else []
    return [path] + [base + s for s in suffixes]


def narrow(db, ehc):
    """What is of another team is in no byte of any answer."""
    leaks, shown, failed = [], set(), []
    for method, path, _, kind in table():
        if method != "GET" or path == "/v1/nowhere":
            continue
        for form in forms(path):
            for accept in ({}, {"Accept": "text/html"}) if form == path else ({},):
                full = ehc.ask(form, {**ehc.by("operator"), **accept})
                if full[0] == 404 and form != path:
                    continue
                if canary_in(full):
                    shown.add(path.split("?")[0])
                got = ehc.ask(form, {**ehc.by("north"), **accept})
                if canary_in(got):
                    leaks.append((form, accept, canary_in(got)))
                if (got[0] == 403) != (kind == "refused") or got[0] >= 500 or full[0] >= 500:
                    failed.append((form, full[0], got[0], got[2][:200]))
            head = ehc.ask(form, ehc.by("north"), method="HEAD")
            if canary_in(head) or head[2]:
                leaks.append(("HEAD", form, canary_in(head)))
    t.eq(leaks, [], "no canary in any form of any address")
    t.eq(failed, [], "and what is about all teams is refused, nothing else")
    for path in ("/v1/breaches", "/v1/due", "/v1/cases", "/v1/deadlines.ics", "/v1/deliveries", "/v1/acks", "/v1/data-quality"):
        t.ok(path in shown, f"{path} would have shown one", shown)
    items = json.loads(ehc.ask("/v1/breaches", ehc.by("north"))[2])["items"]
    t.eq({i["case_ref"] for i in items}, {"EHC-0001"}, "its own cases are there")
    every = json.loads(ehc.ask("/v1/breaches", ehc.by("reader"))[2])["items"]
    t.ok(len(every) > len(items) > 0, "and fewer than there are", (len(every), len(items)))
    pages = {who: ehc.ask("/", {**ehc.by(who), "Accept": "text/html"})[2].decode() for who in ("reader", "north")}
    t.eq([("whole authority" in pages[who], "Team: <bdi>North</bdi>" in pages[who]) for who in ("reader", "north")], [(True, False), (False, True)],
         "what the papers are of is said as it is, all or some teams")


def past_weeks(db, ehc):
    """The weeks that are kept in memory are those of the caller's teams, too, and of no team that he was not given."""
    monday, places = datetime.date(2026, 6, 8), {CANARIES["team"]: 4242, "North": 17, "Gone": 999}
    past = w.Script()  # one transaction: a day that has been read is not read again for the sake of counts that came after it
    past.sql("INSERT INTO ehcwatch.history_day VALUES (%s, false, ehcwatch.clock(), 'x', %s, 0, 0, 0, 0, 0, 0)", (monday, [LIMIT, "advice_6w", "final_plan_20w"]))
    for team, n in places.items():
        past.sql("WITH s AS (INSERT INTO ehcwatch.history_series (limit_id, state, locality, team) VALUES ('final_plan_20w', 'breached', 'Past', %s) RETURNING series_id)"
                 " INSERT INTO ehcwatch.history_count SELECT series_id, %s, %s FROM s", (team, monday, n))
    past.run(db)

    def week(who, query=""):
        rows = csv.DictReader(io.StringIO(ehc.ask("/v1/trend.csv" + query, ehc.by(who))[2].decode()))
        return next(r["overdue_without_exceptions"] for r in rows if r["week"] == "2026-W24")
    t.ok(ehc.wait_until(lambda: week("reader") == "5258", 60, "the weeks before"), "who may see everything sees all of a week")
    t.eq([week("north"), week("north", "?team=North"), week("north", f"?team={CANARIES['team']}"), week("nmanager"), week("reader", "?team=North"), week("reader", "?officer=o1")],
         ["17", "17", "0", "17", "17", ""], "who is held to a team sees its part, whatever is asked for; of officers nothing is kept")
    shown = {who: ehc.ask("/", {**ehc.by(who), "Accept": "text/html"})[2].decode() for who in ("reader", "north")}
    t.eq([[n in shown[who] for n in ("5,258", "4,242", "999", ">17<")] for who in ("reader", "north")], [[True, False, False, False], [False, False, False, True]], "on the page")
    db.sql("DELETE FROM ehcwatch.history_day WHERE day = %s; DELETE FROM ehcwatch.history_count WHERE day = %s", (monday, monday))
    t.ok(ehc.wait_until(lambda: week("reader") == "", 60, "the weeks without it"), "a week that is gone is gone")


def filters(db, ehc):
    """Filters and errors tell nothing of other teams."""
    def detail(path, who="north"):
        code, _, body = ehc.ask(path, ehc.by(who))
        return code, re.sub(rb'("evaluated_at":)"[^"]*"', rb'\1""', body)
    for path in ("/v1/breaches", "/v1/cases", "/v1/due", "/v1/trend", "/v1/figures", "/v1/data-quality", "/v1/history"):
        for name in ("team", "locality") if path == "/v1/history" else ("team", "locality", "officer"):
            asked, other = detail(f"{path}?{name}={CANARIES[name]}"), detail(f"{path}?{name}=Nowhere")
            t.eq((asked[0], asked[1].replace(CANARIES[name].encode(), b"Nowhere")), (200, other[1]), f"{path}: another team's {name} is as good as none")
    t.eq(json.loads(detail(f"/v1/breaches?team={CANARIES['team']}")[1])["items"], [], "asked for another team: nothing")
    hidden, none = detail("/v1/cases/CNRYREF-4"), detail("/v1/cases/NONE-0404")
    t.eq((hidden[0], hidden[1].replace(b"CNRYREF-4", b"NONE-0404")), (404, none[1]), "another team's case is as good as none")
    t.eq(detail("/v1/cases/CNRYREF-4", "reader")[0], 200, "though it is there")
    own = ehc.ask("/v1/cases/EHC-0002.html", ehc.by("north"))
    t.eq((own[0], b"Case <bdi>EHC-0002</bdi>" in own[2], b"EHC-0002.html</bdi>" in ehc.ask("/v1/cases/EHC-0002.html", {**ehc.by("reader"), "Accept": "text/html"})[2]), (200, True, True),
         "one whose reference is that of an own case and its suffix hides it from nobody")
    t.eq(detail("/v1/deliveries/proof?case=CNRYREF-4")[1].replace(b"CNRYREF-4", b"X").split(b"Read at")[0][:400], detail("/v1/deliveries/proof?case=X")[1].split(b"Read at")[0][:400], "and so is its sheet")
    t.eq(json.loads(detail("/v1/deliveries?case=CNRYREF-6")[1])["items"], [], "and its messages")
    t.ok(len(json.loads(detail("/v1/deliveries?case=EHC-0001")[1])["items"]) > 0, "its own messages are there")
    for path in ("/v1/breaches?x=CNRYREF", "/v1/breaches?as_of=x", "/v1/deliveries?endpoint=none", "/v1/acks?case=CNRYREF-4", "/v1/nothing"):
        code, head, body = ehc.ask(path, ehc.by("north"))
        t.ok(b"cnryham" not in texts(head, body) and b"cnryreason" not in texts(head, body) and code < 500, f"{path}: nothing of it", body)


def moves(db, ehc):
    """A case that changes its team is the old one's no more, in the ledger either."""
    def seen(who):
        return [ehc.code("/v1/cases/EHC-0007", ehc.by(who)), *(len(json.loads(ehc.ask(p, ehc.by(who))[2])["items"]) for p in ("/v1/deliveries?case=EHC-0007", "/v1/acks?case=EHC-0007"))]
    ehc.cases.case(7, ("request_received", "2026-04-21", "parent"), ref="EHC-0007", team="North")
    ehc.read()
    body = json.dumps({"case": "EHC-0007", "limit": LIMIT, "kind": "ack", "reason": "seen", "until": "2026-06-19"})
    t.eq(ehc.code("/v1/acks", {**ehc.by("nofficer"), "Content-Type": "application/json"}, method="POST", body=body), 200, "acknowledged by its team")
    before = seen("north")
    t.ok(before[0] == 200 and before[1] > 0 and before[2] == 1, "seen by it", before)
    db.sql("UPDATE casework.ehc_case SET team = 'Elsewhere' WHERE case_id = 7")
    ehc.read()
    t.eq(seen("north"), [404, 0, 0], "and then no more")
    t.ok(b"EHC-0007" not in ehc.ask("/v1/deliveries", ehc.by("north"))[2] + ehc.ask("/v1/deliveries.csv", ehc.by("north"))[2] + ehc.ask("/v1/acks", ehc.by("north"))[2], "in no list either")
    t.eq(seen("reader")[:1] + [n > 0 for n in seen("reader")[1:]], [200, True, True], "though it is there")
    t.eq(ehc.code("/v1/acks", {**ehc.by("nofficer"), "Content-Type": "application/json"}, method="POST", body=body), 404, "nor acknowledged")


def changes(db, ehc):
    """An officer held to a team acknowledges its cases, and no others exist for him."""
    def ack(who, case, reason="seen"):
        body = json.dumps({"case": case, "limit": LIMIT, "kind": "ack", "reason": reason, "until": "2026-06-19"})
        code, _, answer = ehc.ask("/v1/acks", {**ehc.by(who), "Content-Type": "application/json"}, method="POST", body=body)
        return code, json.loads(answer)
    t.eq(ack("nofficer", "CNRYREF-6")[0], 404, "another team's case: none")
    t.eq(ack("nofficer", "CNRYREF-6")[1]["detail"].replace("CNRYREF-6", "X"), ack("nofficer", "NONE")[1]["detail"].replace("NONE", "X"), "in the same words")
    code, made = ack("officer", "CNRYREF-6", CANARIES["reason"])
    t.eq(code, 200, "who is not held may")
    number = made.get("ack_id")
    t.eq([ehc.code(f"/v1/acks/{number}/withdraw", ehc.by(who), method="POST") for who in ("nmanager",)], [404], "and nobody of another team takes it back")
    t.eq(ack("nofficer", "EHC-0001")[0], 200, "its own case")
    t.eq([a["case_ref"] for a in json.loads(ehc.ask("/v1/acks", ehc.by("north"))[2])["items"]], ["EHC-0001"], "is what it sees")


# --- the file of tokens, and passwords --------------------------------------------------------------------------------

def tokens_reloaded(db, ehc):
    """The file is read again; a broken one changes nothing."""
    old = ehc.by("reader")
    ehc.tokens(reader="reader")
    ehc.write_tokens()
    ehc.reload()
    t.eq((ehc.code("/v1/breaches", old), ehc.code("/v1/breaches", ehc.by("reader"))), (401, 200), "a new token in place of the old")
    (ehc.dir / "tokens").write_text("".join(ehc.lines.values()) + "x y z\n")
    ehc.reload(refused="tokens:[0-9]+: each line must be")
    t.eq(ehc.code("/v1/breaches", ehc.by("reader")), 200, "a broken file: the tokens before")
    ehc.write_tokens()


def web(ehc, users=(), tls="server", more=""):
    lines = [f"  {name}: {hashed}\n" for name, hashed in users]
    return (f"tls_server_config:\n  cert_file: {tls}.crt\n  key_file: {tls}.key\n{more}"
            "http_server_config:\n  headers:\n    Strict-Transport-Security: max-age=300\n"
            "basic_auth_users:\n" + "".join(lines))


def passwords(db, ehc):
    """Passwords of bcrypt: right, wrong, of a role, remembered, changed, and too many."""
    fast, slow = (crypt.crypt(PASSWORD, f"${kind}${cost}$abcdefghijklmnopqrstuu") for kind, cost in (("2b", "04"), ("2y", "10")))
    ehc.users = [("ann", fast), ("bea", slow), ("cy", fast)]
    ehc.lines["cy"] = "cy officer password teams=North\n"
    ehc.write_tokens()
    ehc.write_web(web(ehc, ehc.users))
    ehc.reload()
    t.eq([ehc.code("/v1/breaches", basic(name, PASSWORD)) for name in ("ann", "bea", "cy")], [200, 200, 200], "name and password")
    t.eq([ehc.code("/v1/breaches", basic(name, password)) for name, password in (("ann", PASSWORD + "x"), ("ann", ""), ("zoe", PASSWORD), ("ann", fast))], [401] * 4, "wrong ones")
    t.eq(ehc.code("/v1/breaches", {"Authorization": f"Bearer {PASSWORD}"}), 401, "a password is no token")
    t.eq((ehc.code("/v1/cases/CNRYREF-4", basic("ann", PASSWORD)), ehc.code("/v1/cases/CNRYREF-4", basic("cy", PASSWORD))), (200, 404), "held to the teams of the line with its name")
    t.eq([ehc.code("/v1/acks", {**basic(name, PASSWORD), "Content-Type": "application/json"}, method="POST", body="{}") for name in ("ann", "cy")], [403, 400], "and of its role")

    def ticks():
        fields = (ehc.proc.pid and open(f"/proc/{ehc.proc.pid}/stat", encoding="ascii").read()).rsplit(") ", 1)[1].split()
        return int(fields[11]) + int(fields[12])
    def spent(password, want, times=30):
        begin = ticks()
        for _ in range(times):
            assert ehc.code("/v1/breaches", basic("bea", password)) == want
        return ticks() - begin
    known, unknown = spent(PASSWORD, 200), spent("wrong", 401)
    t.ok(known < unknown / 2, "what was right is remembered: thirty of them take less than half of what thirty wrong ones take", (known, unknown))
    stop, codes = threading.Event(), []

    def flood(number):
        while not stop.is_set():
            codes.append(ehc.code("/v1/breaches", basic("bea", f"wrong {number}")))
    with concurrent.futures.ThreadPoolExecutor(30) as pool:
        clients = [pool.submit(flood, i) for i in range(30)]
        try:
            ehc.wait_until(lambda: 429 in codes and 401 in codes, what="429")
            t.eq((ehc.code("/v1/breaches", basic("bea", PASSWORD)), ehc.code("/v1/breaches", ehc.by("reader"))), (200, 200), "meanwhile who is known gets in")
        finally:
            stop.set()
        for client in clients:
            client.result()
    t.ok({401, 429} <= set(codes) <= {401, 429, 504}, "wrong ones in a flood are refused, or turned away, or not looked at in time", sorted(set(codes)))
    ehc.users[1] = ("bea", crypt.crypt("another", "$2b$04$abcdefghijklmnopqrstuu"))
    ehc.write_web(web(ehc, ehc.users))
    ehc.reload()
    t.eq((ehc.code("/v1/breaches", basic("bea", PASSWORD)), ehc.code("/v1/breaches", basic("bea", "another"))), (401, 200), "a changed password is another at once")


# --- TLS --------------------------------------------------------------------------------------------------------------

def tls_on(db, ehc):
    """TLS is switched on by a reload, and clients that stop in the middle of it hold up nobody."""
    for name in ("server", "second"):
        ehc.pki.issue(name, "serverAuth")
    ehc.write_web(web(ehc))
    ehc.reload()
    ehc.tls = ssl.create_default_context(cafile=ehc.pki.dir / "ca.crt")
    t.eq(ehc.code("/healthz"), 200, "served with a certificate of the CA")
    t.ok(("Strict-Transport-Security", "max-age=300") in ehc.ask("/v1/breaches")[1], "with the headers of the file")
    plain = socket.create_connection((REMOTE, ehc.port))
    plain.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    try:
        t.ok(b"HTTP" not in plain.recv(1000), "plain HTTP gets no answer")
    except ConnectionError:
        t.ok(True, "plain HTTP gets no answer")
    plain.close()
    inside, outside = ssl.MemoryBIO(), ssl.MemoryBIO()
    hello = ehc.tls.wrap_bio(inside, outside, server_hostname="localhost")
    try:
        hello.do_handshake()
    except ssl.SSLWantReadError:
        pass
    hello = outside.read()
    held = []
    for sent in (b"", hello[:60], hello, hello, hello[:1]):
        s = socket.create_connection((REMOTE, ehc.port))
        s.sendall(sent)
        held.append(s)
    t.eq([ehc.code("/v1/breaches", ehc.by("reader")) for _ in range(3)], [200] * 3, "with five that stand still, others are served")
    for s in held:  # test_httpd shows that they are cut off, and that the loop rests meanwhile
        s.close()


def curl(ehc, *args):
    done = subprocess.run(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "90", *map(str, args)], check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.stdout if done.returncode == 0 else f"curl {done.returncode}"


def tls(db, ehc):
    """curl, versions, certificates of clients, and new certificates by a reload."""
    url, ca, token = f"https://{REMOTE}:{ehc.port}/v1/breaches", ehc.pki.dir / "ca.crt", ("-H", f"Authorization: Bearer {ehc.secret['reader']}")
    t.eq(curl(ehc, "--cacert", ca, *token, url), "200", "curl with the CA")
    t.eq(curl(ehc, "--cacert", ehc.pki.dir / "stranger.crt", *token, url), "curl 60", "with another CA it does not trust it")
    t.eq(curl(ehc, "--cacert", ca, *token, "--tls-max", "1.1", "--ciphers", "DEFAULT:@SECLEVEL=0", url), "curl 35", "TLS 1.1 is refused")
    for version in ("1.2", "1.3"):
        t.eq(curl(ehc, "--cacert", ca, *token, f"--tlsv{version}", "--tls-max", version, url), "200", f"TLS {version}")
    t.eq(curl(ehc, "--cacert", ca, "--user", f"ann:{PASSWORD}", url), "200", "a password over TLS")

    def serial():
        with ehc.tls.wrap_socket(socket.create_connection((REMOTE, ehc.port)), server_hostname="localhost") as s:
            return s.getpeercert()["serialNumber"]
    before, slow = serial(), ehc.tls.wrap_socket(socket.create_connection((REMOTE, ehc.port)), server_hostname="localhost")
    slow.sendall(b"GET /v1/breaches HTTP/1.1\r\nHost: x\r\n")
    ehc.write_web(web(ehc, ehc.users, tls="second"))
    ehc.reload()
    t.ok(serial() != before, "a reload brings the new certificate")
    slow.sendall(f"Authorization: Bearer {ehc.secret['reader']}\r\n\r\n".encode())
    slow.settimeout(h.PATIENCE)
    t.ok(slow.recv(12).startswith(b"HTTP/1.1 200"), "and a request that had begun is answered")
    slow.close()
    now = serial()
    ehc.write_web(web(ehc, ehc.users, tls="none"))
    ehc.reload(refused="web.yml:2: tls_server_config.cert_file: .*none.crt: No such file")
    ehc.write_web(web(ehc, ehc.users, tls="server").replace("server.key", "second.key"))
    ehc.reload(refused="web.yml:2: tls_server_config.cert_file: not a certificate with its key_file")
    t.eq((serial(), ehc.metrics()["ehc_config_last_reload_successful"]), (now, 0), "a broken one changes nothing, and the metrics say so")

    ehc.pki.issue("client", "clientAuth", subject="prometheus")
    ehc.pki.issue("other", "clientAuth", ca="stranger")
    ehc.pki.issue("wronguse", "serverAuth")
    show = {name: ("--cert", ehc.pki.dir / f"{name}.crt", "--key", ehc.pki.dir / f"{name}.key") for name in ("client", "other", "wronguse")}
    for kind, want in (("RequireAndVerifyClientCert", {None: "403", "client": "200", "other": "403", "wronguse": "403"}),
                       ("VerifyClientCertIfGiven", {None: "200", "client": "200", "other": "403"})):
        ehc.write_web(web(ehc, ehc.users, more=f"  client_auth_type: {kind}\n  client_ca_file: ca.crt\n"))
        ehc.reload()
        t.eq({name: curl(ehc, "--cacert", ca, *token, *show.get(name, ()), url) for name in want}, want, kind)
    t.eq(curl(ehc, "--cacert", ca, *show["client"], url), "401", "a certificate does not say who it is")


# --- reading is logged ------------------------------------------------------------------------------------------------

def logged(db, ehc):
    """Every reading is in the log with who and which filter, and no secret is."""
    ehc.code("/v1/breaches?team=North&officer=o%0A1", ehc.by("north"))
    ehc.code("/v1/cases/EHC-0001", basic("reader", ehc.secret["reader"]))
    ehc.code("/v1/breaches", host=LOCAL)
    for want in (rf"list_read.*who=north peer={REMOTE} method=GET read=/v1/breaches filter=.?team=North&officer=o\\n1.? status=200", "list_read.*who=reader.*read=/v1/cases/EHC-0001",
                 r"list_read.*who=.\(this machine\). peer=127.0.0.1", "read_refused.*who=metrics", "token_refused.*peer="):
        t.ok(ehc.wait_log(want), f"the log has {want}")
    secrets = [*ehc.secret.values(), PASSWORD, "another", "$2b$", "$2y$", "ehct_", *(v["Authorization"] for v in (basic("ann", PASSWORD), basic("reader", ehc.secret["reader"])))]
    t.eq([s[:4] for s in secrets if s in ehc.log()], [], "no token, no password and no hash is in it")
    long = "o" * 2000
    ehc.code(f"/v1/breaches?officer={long}", ehc.by("north"))
    ehc.wait_log(long[:100])
    t.ok(long[:100] in ehc.log() and long[:600] not in ehc.log(), "a long filter is cut")


def always(db, ehc):
    """http_auth = always: on this machine, too."""
    ehc.options["http_auth"] = "always"
    ehc.write_config()
    ehc.reload()
    t.eq([ehc.code(p, host=LOCAL) for p in ("/v1/breaches", "/metrics", "/", "/healthz")], [401, 401, 401, 200], "nobody")
    t.eq(ehc.code("/v1/breaches", ehc.by("reader"), host=LOCAL), 200, "somebody")
    del ehc.options["http_auth"]
    ehc.write_config()
    ehc.reload()
    t.eq(ehc.code("/v1/breaches", host=LOCAL), 200, "and back")


def checked(db, ehc):
    """check-config says with file and line what would leave everybody locked out, or in."""
    base = f'source = "{db.conninfo}"\n'
    conf, nobody = ehc.dir / "other.conf", ehc.dir / "nobody.yml"
    nobody.write_text("basic_auth_users:\n")
    nobody.chmod(0o600)
    for text, want in ((base + 'listen = "192.0.2.7:9820"\n', f"{conf}:2: listen: other machines can reach this"),
                       (base + f'listen = "192.0.2.7:9820"\nweb_config_file = "{nobody}"\n', f"{conf}:2: listen: other machines can reach this"),
                       (base + f'http_auth = "always"\nweb_config_file = "{nobody}"\n', f"{conf}:2: http_auth: everybody has to say"),
                       (base + f'listen = "192.0.2.7:9820"\napi_token_file = "{ehc.dir}/tokens"\n', None),
                       (base + f'listen = "192.0.2.7:9820"\nweb_config_file = "{ehc.dir}/web.yml"\n', None)):
        conf.write_text(text)
        done = subprocess.run([ehc.program, "check-config", "-c", conf], check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        t.ok((done.returncode, done.stderr) == (0, "") if want is None else done.returncode == 78 and done.stderr.startswith(want), f"check-config: {want or 'good'}", done.stderr)


def promtool(db, ehc):
    """promtool takes our example of the web configuration, and so do we."""
    for name in ("server.crt", "server.key"):
        (ehc.dir / "example").mkdir(exist_ok=True)
        (ehc.dir / "example" / name).write_bytes((ehc.pki.dir / name).read_bytes())
    example = ehc.dir / "example/web.yml"
    example.write_text((w.ROOT / "systemd/web.yml").read_text().replace("basic_auth_users: {}", "basic_auth_users:\n  ann: " + ehc.users[0][1]))
    for f in ("web.yml", "server.key"):
        (ehc.dir / "example" / f).chmod(0o600)
    done = run("promtool", "check", "web-config", example)
    t.ok("SUCCESS" in done.stdout + done.stderr, "promtool check web-config", done)
    conf = ehc.dir / "example.conf"
    conf.write_text(f'source = "{db.conninfo}"\nlisten = "192.0.2.7:9820"\nweb_config_file = "{example}"\n')
    t.eq(run(ehc.program, "check-config", "-c", conf).stderr, "", "ehcwatchd check-config")


# --- nginx ------------------------------------------------------------------------------------------------------------

class Nginx:
    """nginx in front of a Unix socket, from systemd/nginx-ehcwatchd.conf with other paths and `edits`."""

    def __init__(self, ehc, upstream, edits=()):
        self.dir, self.port = ehc.dir / "nginx", h.free_port()
        self.dir.mkdir(exist_ok=True)
        text = (w.ROOT / "systemd/nginx-ehcwatchd.conf").read_text()
        for name in ("server.crt", "server.key", "ca.crt"):
            (self.dir / name.replace("ca.crt", "clients.crt")).write_bytes((ehc.pki.dir / name).read_bytes())
        (self.dir / "htpasswd").write_text("ann:" + crypt.crypt(PASSWORD, crypt.METHOD_SHA256) + "\n")
        for old, new in (("unix:/run/ehcwatchd/http", f"unix:{upstream}"), ("listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl"), ("/etc/nginx/ehcwatchd", str(self.dir)), *edits):
            assert old in text, old
            text = text.replace(old, new)
        (self.dir / "site.conf").write_text(text)
        paths = "".join(f"{kind}_temp_path {self.dir}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = "user root;\n" if os.geteuid() == 0 else ""
        (self.dir / "nginx.conf").write_text(f"{user}daemon off;\nmaster_process {'on' if user else 'off'};\npid {self.dir}/pid;\nerror_log {self.dir}/error.log;\nevents {{}}\n"
                                             f"http {{\naccess_log {self.dir}/access.log;\n{paths}include {self.dir}/site.conf;\n}}\n")

    def __enter__(self):
        self.proc = subprocess.Popen(["nginx", "-p", str(self.dir), "-c", str(self.dir / "nginx.conf"), "-e", str(self.dir / "error.log")])
        h.wait_until(self.listens, what="nginx", event=self.proc)
        return self

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
            return True
        except OSError:
            return False

    def __exit__(self, *_):
        self.proc.terminate()
        self.proc.wait()

    def ask(self, ehc, path, headers=None, method="GET", body=None):
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=h.PATIENCE, context=ehc.tls)
        code, head, content = h.exchange(connection, path, headers, method, body)
        return code, {k.lower(): v for k, v in head}, content


def nginx(db, ehc):
    """The example for nginx as it stands: TLS, passwords, the Unix socket; with tokens; with certificates."""
    path = ehc.dir / "http"
    with Council(db, options={"listen": f"unix:{path}", "limits": (LIMIT,), "api_token_file": str(ehc.dir / "tokens")}) as behind:
        behind.start()

        def evaluated():
            s = socket.socket(socket.AF_UNIX)
            try:
                s.connect(str(path))
                s.sendall(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                return s.recv(20).startswith(b"HTTP/1.1 200")
            except OSError:  # it is not there yet, or nobody listens on it yet
                return False
            finally:
                s.close()
        behind.wait_until(evaluated, what="/readyz")
        with Nginx(ehc, path) as front:
            t.eq([front.ask(ehc, "/v1/breaches", headers)[0] for headers in ({}, basic("ann", "x"), ehc.by("reader"))], [401] * 3, "nginx wants a password")
            code, head, body = front.ask(ehc, "/v1/breaches", basic("ann", PASSWORD))
            t.ok(code == 200 and json.loads(body)["items"], "and passes on who has one", (code, body[:200]))
            t.eq((head.get("cache-control"), head.get("strict-transport-security"), head.get("x-content-type-options")), ("no-store", "max-age=31536000", "nosniff"), "with the headers of both")
            t.eq(front.ask(ehc, "/v1/deliveries/replay", {**basic("ann", PASSWORD), "Content-Type": "application/json"}, "POST", "{}")[0], 401, "nothing is changed without a token")
        behind.options["http_auth"] = "always"
        behind.write_config()
        behind.reload()
        edits = (('    auth_basic "', '    #auth_basic "'), ("    auth_basic_user_file", "    #auth_basic_user_file"),
                 ('        proxy_set_header Authorization "";', '        #'), ("#proxy_set_header Authorization $http_authorization;", "proxy_set_header Authorization $http_authorization;"))
        with Nginx(ehc, path, edits) as front:
            t.eq([front.ask(ehc, "/v1/breaches", headers)[0] for headers in ({}, ehc.by("metrics"), ehc.by("reader"), basic("reader", ehc.secret["reader"]), {"X-Forwarded-For": "127.0.0.1"})],
                 [401, 403, 200, 200, 401], "tokens through nginx, with http_auth = always")
            own = {**basic("operator", ehc.secret["operator"]), "Content-Type": "application/json"}
            t.eq([front.ask(ehc, "/v1/deliveries/replay", {**own, "Origin": origin}, "POST", "{}")[0] for origin in (f"https://127.0.0.1:{front.port}", "https://evil.example")], [400, 403],
                 "a page of ours may change something through nginx, one of others may not")
        with Nginx(ehc, path, (*edits, ("#ssl_client_certificate", "ssl_client_certificate"), ("#ssl_verify_client", "ssl_verify_client"))) as front:
            url = f"https://127.0.0.1:{front.port}/v1/breaches"
            args = ("--cacert", ehc.pki.dir / "ca.crt", "-H", f"Authorization: Bearer {ehc.secret['reader']}")
            t.eq((curl(ehc, *args, url), curl(ehc, *args, "--cert", ehc.pki.dir / "client.crt", "--key", ehc.pki.dir / "client.key", url)), ("400", "200"), "certificates of clients at nginx")


def main():
    in_namespace()
    with h.Cluster() as db, Council(db, {"desk": {"url": "http://127.0.0.1:1/", "secret": h.new_secret()}}, {"limits": (LIMIT, "advice_6w", "final_plan_20w"), "bulk_share": 0}) as ehc:
        ehc.options["listen"] = f"0.0.0.0:{ehc.port}"
        ehc.lines, ehc.secret, ehc.users = {}, {}, []
        ehc.tokens(**{role: role for role in ROLES}, north="operator teams=North", nofficer="officer teams=North", nmanager="manager teams=South,North")
        ehc.write_tokens()
        ehc.pki = Pki(ehc.dir)
        ehc.migrate()
        db.set_clock(w.NOON)
        ehc.start().wait_ready()
        ehc.read()
        caseload(db, ehc)  # after the first evaluation, which tells nothing of single cases
        ehc.read()
        t.ok(ehc.log_lines("not_encrypted"), "without TLS it is said at the start that others can listen in")
        for part in (matrix, by_name, changes, tls_on, narrow, past_weeks, filters, moves, tokens_reloaded, passwords, tls, logged, always, checked, promtool, nginx):
            with t.case(part.__doc__):
                part(db, ehc)
    t.done()


if __name__ == "__main__":
    main()
