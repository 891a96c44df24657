"""A relay for mail inside the test: Debian's aiosmtpd, with STARTTLS and a certificate of its own authority.

    with Relay() as relay:                      # STARTTLS is demanded; relay.ca is what a client has to trust
        relay.answer("RCPT", "550 5.1.1 no such user")
        relay.wait_for(lambda mails: len(mails) == 1)
"""
import asyncio
import dataclasses
import email
import email.policy
import logging
import pathlib
import shutil
import ssl
import subprocess
import tempfile
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from ehc_harness import PATIENCE, free_port, wait_until


@dataclasses.dataclass
class Mail:
    """One that was taken, with its envelope."""

    sender: str
    to: list
    body: bytes
    tls: bool
    user: str | None

    @property
    def message(self):
        return email.message_from_bytes(self.body, policy=email.policy.default)


def certificate(folder):
    """(CA file, certificate, key) for 127.0.0.1, signed by an authority that nobody else knows."""
    def openssl(*args):
        subprocess.run(["openssl", *args], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *key, "-days", "2", "-subj", "/CN=Council Test CA", "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", *key, "-subj", "/CN=relay", "-keyout", "relay.key", "-out", "relay.csr")
    pathlib.Path(folder, "ext").write_text("subjectAltName=IP:127.0.0.1\n", encoding="ascii")
    openssl("x509", "-req", "-in", "relay.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "ext",
            "-out", "relay.pem")
    return f"{folder}/ca.pem", f"{folder}/relay.pem", f"{folder}/relay.key"


class Relay:
    """`tls`: "starttls", "none" or "implicit". `users`: {name: password}, which are then asked for."""

    def __init__(self, tls="starttls", users=None):
        self.dir = tempfile.mkdtemp(prefix="ehcr.", dir="/tmp")
        self.ca, crt, key = certificate(self.dir)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(crt, key)
        self.tls, self.users = tls, users
        self.port, self.mails, self.answers, self.gate = free_port(), [], {}, None
        self.sessions = self.quits = 0

    @property
    def url(self):
        return f"{'smtps' if self.tls == 'implicit' else 'smtp'}://127.0.0.1:{self.port}"

    def answer(self, verb, reply):
        """From now on the reply to MAIL, RCPT, QUIT or the DATA that has come; None: as a good relay answers."""
        self.answers[verb] = reply

    def hold(self):
        """Mails are read to the end and not answered until the event that this returns is set."""
        self.gate = threading.Event()
        return self.gate

    def wait_for(self, condition, timeout=PATIENCE):
        return wait_until(lambda: condition(list(self.mails)), timeout, "the mails at the relay")

    # --- aiosmtpd's handler ---

    async def handle_MAIL(self, _server, _session, envelope, address, options):  # pylint: disable=invalid-name
        if self.answers.get("MAIL"):
            return self.answers["MAIL"]
        envelope.mail_from, envelope.mail_options = address, options
        return "250 OK"

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # pylint: disable=invalid-name
        if self.answers.get("RCPT"):
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, session, envelope):  # pylint: disable=invalid-name
        gate = self.gate
        while gate is not None and not gate.is_set():
            await asyncio.get_running_loop().run_in_executor(None, gate.wait, 0.1)
        if self.answers.get("DATA"):
            return self.answers["DATA"]
        user = session.auth_data.login.decode() if session.auth_data else None
        self.mails.append(Mail(envelope.mail_from, envelope.rcpt_tos, envelope.content, session.ssl is not None or self.tls == "implicit", user))
        return f"250 2.0.0 queued as {len(self.mails)}"

    async def handle_QUIT(self, _server, _session, _envelope):  # pylint: disable=invalid-name
        self.quits += 1
        return self.answers.get("QUIT") or "221 Bye"

    def _check(self, _server, _session, _envelope, _mechanism, data):
        good = self.users.get(data.login.decode()) == data.password.decode()
        return AuthResult(success=good, auth_data=data if good else None, handled=False)

    def __enter__(self):
        options = {"enable_SMTPUTF8": False}
        if self.tls == "starttls":
            options |= {"tls_context": self.context, "require_starttls": True}
        if self.users:
            options |= {"authenticator": self._check, "auth_required": True, "auth_require_tls": self.tls == "starttls"}
        relay = self

        class Door(Controller):
            def factory(self):
                relay.sessions += 1
                return SMTP(relay, **options)

        self.door = Door(self, hostname="127.0.0.1", port=self.port, ssl_context=self.context if self.tls == "implicit" else None,
                         ready_timeout=PATIENCE)
        logging.getLogger("mail.log").disabled = True  # what it says of clients that leave is no news
        self.door.start()
        self.sessions = self.quits = 0  # its own knock on the door does not count
        return self

    def __exit__(self, *_):
        if self.gate is not None:
            self.gate.set()
        self.door.stop()
        shutil.rmtree(self.dir, ignore_errors=True)
