#!/usr/bin/python3
"""The demo's webhook receiver: checks each signature and shows one line for each message.

    receiver.py --secret-file FILE [--port N] [--events-fd N]

With a descriptor it writes JSON lines to it instead, for the program that started it: {"listening": port} first, then
{"text", "type", "case_ref", "limit", "genuine", "at"} for each message, `at` being Unix seconds on arrival.
"""
import argparse
import http.server
import json
import os
import pathlib
import re
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "harness"))
from signatures import fault  # noqa: E402

DAYS = {"breached": "over", "excepted": "over, with an exception", "met_late": "late", "missed": "late", "met": "in hand",
        "at_risk": "left", "on_track": "left"}


def clean(value):
    """What came over the network, made fit for a terminal."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "?", str(value))


def obligation(data):
    days = data.get("days")
    parts = [data.get("case_ref"), data.get("limit"), data.get("due_on") and f"due {data['due_on']}"]
    if isinstance(days, int) and data.get("to") in DAYS:
        parts.append(f"{days:,} day{'' if days == 1 else 's'} {DAYS[data['to']]}")
    if data.get("team") or data.get("locality"):
        parts.append(f"({data.get('team') or data['locality']})")
    return parts


def summary(data):
    """Any other message: its numbers and short texts by name."""
    return [f"{name.replace('_', ' ')} {value:,}" if isinstance(value, int) else f"{name.replace('_', ' ')} {value}"
            for name, value in data.items() if isinstance(value, (int, str)) and len(str(value)) <= 40]


def describe(kind, data):
    parts = obligation(data) if "case_ref" in data else summary(data)
    return "  ".join(clean(p) for p in [f"{kind:<19}", *parts] if p)[:200]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        at = time.time()
        headers = {name.lower(): value for name, value in self.headers.items()}
        wrong = fault(self.server.secret, headers, body, at)
        kind, data, text = self.read(headers, body, wrong, at)
        self.server.tell({"text": text, "type": kind, "case_ref": data.get("case_ref"), "limit": data.get("limit"),
                          "genuine": wrong is None, "at": at})
        self.send_response(401 if wrong else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def read(self, headers, body, wrong, at):
        try:
            message = json.loads(body)
            kind, data = clean(message["type"]), dict(message.get("data") or {})
        except (ValueError, KeyError, TypeError):
            kind, data = "not a message", {}
        message_id = headers.get("webhook-id")
        again = "" if message_id not in self.server.seen else "  (again)"
        self.server.seen.add(message_id)
        mark = "✓" if wrong is None else "✗"
        text = f"{time.strftime('%H:%M:%S', time.localtime(at))} {mark} {describe(kind, data)}{again}"
        return kind, data, text if wrong is None else f"{text}  refused: {clean(wrong)}"

    def log_message(self, *_args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, port, secret, events):
        super().__init__(("127.0.0.1", port), Handler)
        self.secret, self.events, self.seen = secret, events, set()
        self.tell({"listening": self.server_address[1]})

    def tell(self, what):
        if self.events is not None:
            os.write(self.events, (json.dumps(what) + "\n").encode())
        else:
            print(what.get("text", f"listening on http://127.0.0.1:{self.server_address[1]}/"), flush=True)

    def handle_error(self, request, client_address):
        """A sender that hangs up is its own affair."""


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--secret-file", required=True)
    ask.add_argument("--port", type=int, default=0)
    ask.add_argument("--events-fd", type=int)
    given = ask.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    sys.stdout.reconfigure(errors="replace")
    server = Server(given.port, pathlib.Path(given.secret_file).read_text(encoding="ascii").strip(), given.events_fd)
    server.serve_forever()


if __name__ == "__main__":
    main()
