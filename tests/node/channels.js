'use strict';
// Reads JSON lines {name, format, body_base64} and prints one line for each: "ok", or "not ok NAME: what".
// cloudevents with the SDK of CloudEvents, teams with the library that draws adaptive cards.
const readline = require('node:readline');
const { HTTP } = require('cloudevents');
const cards = require('adaptivecards');

const given = new Set(['$schema', 'msteams', 'fallbackText', 'version']); // of the card itself: not its library's to draw

// Where the library dropped or changed something: what it does not know is no part of the schema.
function lost(want, got, path) {
  if (Array.isArray(want)) return want.map((v, i) => lost(v, got?.[i], `${path}[${i}]`)).find(Boolean);
  if (want !== null && typeof want === 'object') {
    return Object.entries(want).filter(([k]) => path !== 'card' || !given.has(k))
      .map(([k, v]) => lost(v, got?.[k], `${path}.${k}`)).find(Boolean);
  }
  const same = typeof want === 'string' ? String(got).toLowerCase() === want.toLowerCase() : want === got;
  return same ? undefined : `${path}: ${JSON.stringify(want)} became ${JSON.stringify(got)}`;
}

function teams(body) {
  const message = JSON.parse(body);
  if (message.type !== 'message' || message.attachments.length !== 1) return 'not one attachment of a message';
  const [attachment] = message.attachments;
  if (attachment.contentType !== 'application/vnd.microsoft.card.adaptive') return 'not an adaptive card';
  const context = new cards.SerializationContext(cards.Versions.v1_4);
  const card = new cards.AdaptiveCard();
  card.parse(attachment.content, context);
  if (context.eventCount > 0) return context.getEventAt(0).message;
  const events = card.validateProperties().validationEvents;
  if (events.length > 0) return events[0].message;
  return lost(attachment.content, card.toJSON(), 'card');
}

function cloudevents(body) {
  const headers = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
  const event = HTTP.toEvent({ headers, body });
  if (!event.validate()) return 'not valid';
  return lost(JSON.parse(body).data, event.data, 'data');
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { name, format, body_base64: base64 } = JSON.parse(line);
  let fault;
  try {
    fault = { teams, cloudevents }[format](new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(base64, 'base64')));
  } catch (error) {
    fault = error.message;
  }
  console.log(fault ? `not ok ${name}: ${fault}` : 'ok');
});
