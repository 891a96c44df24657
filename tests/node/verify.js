'use strict';
// Reads JSON lines {secret, id, timestamp, signature, body_base64[, now]} and prints one line for each:
//   ok                                        both verifiers accept
//   not ok <library's verdict> | <second verdict>
// `now` (Unix seconds) stands in for the clock, so that old test vectors can be checked.
const crypto = require('node:crypto');
const readline = require('node:readline');
const { Webhook } = require('standardwebhooks');

const clock = Date.now;

function library(message) {
  if (message.now !== undefined) Date.now = () => message.now * 1000;
  try {
    new Webhook(message.secret).verify(Buffer.from(message.body_base64, 'base64'), {
      'webhook-id': message.id,
      'webhook-timestamp': String(message.timestamp),
      'webhook-signature': message.signature,
    });
    return null;
  } catch (error) {
    return error.message;
  } finally {
    Date.now = clock;
  }
}

// From the specification alone, over the raw bytes; the library decodes the body first.
function second(message) {
  const now = message.now ?? clock() / 1000;
  if (!/^[1-9][0-9]*$/.test(String(message.timestamp))) return 'timestamp is not canonical';
  if (Math.abs(now - Number(message.timestamp)) > 300) return 'timestamp too far from now';
  const key = Buffer.from(message.secret.replace(/^whsec_/, ''), 'base64');
  const want = crypto.createHmac('sha256', key)
    .update(`${message.id}.${message.timestamp}.`)
    .update(Buffer.from(message.body_base64, 'base64'))
    .digest();
  const good = message.signature.split(' ').some((entry) => {
    const [version, value] = entry.split(',');
    if (version !== 'v1' || value === undefined) return false;
    const given = Buffer.from(value, 'base64');
    return given.length === want.length && crypto.timingSafeEqual(given, want);
  });
  return good ? null : 'no matching signature';
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const message = JSON.parse(line);
  const verdicts = [library(message), second(message)];
  console.log(verdicts.every((v) => v === null) ? 'ok' : `not ok ${verdicts.map((v) => v ?? 'accepted').join(' | ')}`);
});
