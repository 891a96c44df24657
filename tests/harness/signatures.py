"""A verifier of Standard Webhooks 1.0.0, version v1, written from the specification and sharing no code with the daemon."""
import base64
import hashlib
import hmac
import re

TOLERANCE = 300  # seconds either way


def sign(secret, message_id, timestamp, body):
    """The header value `v1,<base64>` of one message. `body` is bytes, the secret `whsec_<base64>`."""
    key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    content = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()


def fault(secret, headers, body, now):
    """None when the message is genuine and fresh, else what is wrong with it. Header names are in lower case."""
    missing = [h for h in ("webhook-id", "webhook-timestamp", "webhook-signature") if not headers.get(h)]
    if missing:
        return "no " + ", ".join(missing)
    message_id, timestamp = headers["webhook-id"], headers["webhook-timestamp"]
    if "." in message_id:
        return "a dot in webhook-id"
    if not re.fullmatch(r"[1-9][0-9]*", timestamp):
        return f"webhook-timestamp {timestamp!r} is not canonical"
    if abs(now - int(timestamp)) > TOLERANCE:
        return f"webhook-timestamp is {now - int(timestamp):.0f} s from now"
    want = sign(secret, message_id, timestamp, body).encode()
    given = headers["webhook-signature"].split(" ")
    if not any(hmac.compare_digest(want, g.encode()) for g in given):
        return "no matching signature"
    return None
