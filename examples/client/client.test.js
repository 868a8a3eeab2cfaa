/** `node --test examples/client`: the client against a scripted socket, with clock and chance in hand. */
import { afterEach, beforeEach, mock, test } from 'node:test';
import assert from 'node:assert/strict';
import { AdelanteClient, Cursor, ServerClock, afterClose } from './adelante-client.js';

class Socket {
  static all = [];
  readyState = 0;
  sent = [];

  constructor(url, protocols) {
    Object.assign(this, { url, protocols });
    Socket.all.push(this);
  }

  send(text) { this.sent.push(JSON.parse(text)); }
  close() { this.readyState = 3; }
  open() { this.readyState = 1; this.onopen(); }
  say(frame) { this.onmessage?.({ data: JSON.stringify(frame) }); }
  end(code, reason = '') { this.readyState = 3; this.onclose?.({ code, reason }); }
  last(type) { return this.sent.filter((f) => f.type === type).at(-1); }
  acknowledge(seq, more = {}) { this.say({ type: 'subscribed', id: this.last('subscribe').id, topic: 'appointments', seq, epoch: 'e', recovered: true, ...more }); }
  event(seq) { this.say({ type: 'appointment:updated', topic: 'appointments', seq, at: new Date().toISOString(), data: { id: seq } }); }
}

const token = (exp, n = 0) => `h.${Buffer.from(JSON.stringify({ exp, n })).toString('base64url')}.s`;
const flush = async () => { for (let i = 0; i < 8; i += 1) await null; };
let current;
let refreshed;

function make(options = {}) {
  const client = new AdelanteClient({ url: 'ws://host/ws', token: () => current, refresh: async () => { refreshed += 1; current = token(99_999, refreshed); return current; }, WebSocket: Socket, random: () => 0.5, ...options });
  const seen = [];
  client.on('event', (e) => seen.push(e.seq));
  return { client, seen, socket: () => Socket.all.at(-1) };
}

async function live(options) {
  const all = make(options);
  all.client.subscribe('appointments', { seq: 4, epoch: 'e' });
  all.client.connect();
  await flush();
  all.socket().open();
  all.socket().acknowledge(4);
  return all;
}

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
  Socket.all = [];
  current = token(99_999);
  refreshed = 0;
});
afterEach(() => mock.timers.reset());

test('the token travels as a subprotocol, never in the address', async () => {
  const { client, socket } = await live();
  assert.deepEqual(socket().protocols, ['adelante.v1', `bearer.${current}`]);
  assert.equal(socket().url, 'ws://host/ws');
  assert.deepEqual({ ...socket().last('subscribe'), id: 0 }, { type: 'subscribe', id: 0, topic: 'appointments', since: 4, epoch: 'e' });
  assert.equal(client.state, 'live');
});

test('events come once and in order; duplicates are counted', async () => {
  const { client, seen, socket } = await live();
  for (const seq of [5, 6, 6, 5, 7]) socket().event(seq);
  assert.deepEqual(seen, [5, 6, 7]);
  assert.equal(client.counters.duplicates, 2);
});

test('a hole is asked for again and healed', async () => {
  const { client, seen, socket } = await live();
  for (const seq of [5, 8]) socket().event(seq);
  assert.deepEqual([socket().last('subscribe').since, client.counters.gapsFound], [5, 1]);
  socket().event(9);
  socket().acknowledge(9);
  for (const seq of [6, 7, 8, 9]) socket().event(seq);
  assert.deepEqual(seen, [5, 6, 7, 8, 9]);
  assert.deepEqual([client.counters.gapsFound, client.counters.gapsHealed], [1, 1]);
});

test('a lost last event is found by the heads of a pong', async () => {
  const { client, seen, socket } = await live();
  socket().say({ type: 'pong', at: new Date().toISOString(), heads: { appointments: 5 } });
  assert.equal(socket().last('subscribe').since, 4);
  socket().acknowledge(5);
  socket().event(5);
  assert.deepEqual([seen, client.counters.gapsHealed], [[5], 1]);
});

test('a gap that is not repaired in time costs the line, not the event', async () => {
  const { socket } = await live();
  socket().event(9);
  mock.timers.tick(5_000);
  mock.timers.tick(20_000);
  await flush();
  assert.equal(Socket.all.length, 2);
});

test('recovered:false asks for a new snapshot and goes on from the head', async () => {
  const { client, seen, socket } = await live();
  const reloads = [];
  client.on('reload', (r) => reloads.push(r.seq));
  socket().say({ type: 'subscribed', topic: 'appointments', seq: 50, epoch: 'f', recovered: false });
  socket().event(51);
  assert.deepEqual([reloads, seen], [[50], [51]]);
});

test('a lower position replays what came since, and says so', async () => {
  const { client, socket } = await live();
  const repeated = [];
  client.on('event', (e) => repeated.push([e.seq, e.repeated]));
  socket().event(5);
  client.subscribe('appointments', { seq: 4, epoch: 'e' });
  socket().event(6);
  socket().acknowledge(6);
  socket().event(5);
  socket().event(6);
  assert.deepEqual(repeated, [[5, false], [5, true], [6, false]]);
});

test('a new line resumes from where the old one ended', async () => {
  const { seen, socket } = await live();
  socket().event(5);
  socket().end(1006);
  mock.timers.tick(1_000);
  await flush();
  socket().open();
  assert.equal(socket().last('subscribe').since, 5);
  socket().acknowledge(6);
  socket().event(6);
  assert.deepEqual(seen, [5, 6]);
});

test('a line that does not answer a ping is replaced', async () => {
  const { client, socket } = await live();
  socket().say({ type: 'pong', at: new Date().toISOString(), heads: {} });
  mock.timers.tick(20_000);
  mock.timers.tick(10_000);
  assert.equal(client.state, 'waiting');
});

test('4401 refreshes the token, then connects with the new one', async () => {
  const { socket } = await live();
  socket().end(4401);
  await flush();
  mock.timers.tick(500);
  await flush();
  assert.equal(refreshed, 1);
  assert.equal(socket().protocols[1], `bearer.${current}`);
  assert.equal(Socket.all.length, 2);
});

test('the token is refreshed a minute before its end, on the live line', async () => {
  current = token(1_000 + 600);
  const { socket } = await live();
  socket().say({ type: 'pong', at: new Date().toISOString(), heads: {} });
  for (let s = 0; s < 545; s += 5) {
    mock.timers.tick(5_000);
    socket().say({ type: 'pong', at: new Date().toISOString(), heads: {} });
    await flush();
  }
  assert.equal(refreshed, 1);
  assert.equal(socket().last('auth').token, current);
  assert.equal(Socket.all.length, 1);
});

test('4500 and a refused refresh end at the login page', async () => {
  const one = await live();
  one.socket().end(4500);
  assert.deepEqual([one.client.state, one.client.why], ['stopped', 'login']);
  const two = await live({ refresh: async () => null });
  two.socket().end(4401);
  await flush();
  assert.deepEqual([two.client.state, two.client.why], ['stopped', 'login']);
});

test('a refused topic is reported and no longer asked for', async () => {
  const { client, socket } = await live();
  const denied = [];
  client.on('denied', (d) => denied.push(d.topic));
  client.subscribe('finances');
  socket().say({ type: 'error', id: socket().last('subscribe').id, code: 'forbidden', message: '' });
  assert.deepEqual([denied, client.position('finances')], [['finances'], null]);
});

test('without a token the socket is anonymous, and follows a topic without a log over lost lines', async () => {
  const { client, socket } = make({ token: undefined, refresh: undefined });
  const states = [];
  client.on('telegram:status', (e) => states.push(e.data.status));
  client.subscribe('telegram:c');
  client.connect();
  await flush();
  assert.deepEqual(socket().protocols, ['adelante.v1']);
  socket().open();
  const tell = (status) => {
    const { id, ...asked } = socket().last('subscribe');
    assert.deepEqual(asked, { type: 'subscribe', topic: 'telegram:c' });
    socket().say({ type: 'subscribed', id, topic: 'telegram:c' });
    socket().say({ type: 'telegram:status', topic: 'telegram:c', data: { status } });
  };
  tell('pending');
  assert.equal(client.state, 'live');
  for (const code of [1006, 4401]) {
    socket().end(code);
    mock.timers.tick(1_000);
    await flush();
    socket().open();
    tell('confirmed');
  }
  assert.deepEqual([states, Socket.all.length, refreshed], [['pending', 'confirmed', 'confirmed'], 3, 0]);
});

test('a subscription that is unavailable is made again after the time that the server says', async () => {
  const { client, socket } = make({ token: undefined });
  client.subscribe('telegram:c');
  client.connect();
  await flush();
  socket().open();
  const before = socket().last('subscribe').id;
  socket().say({ type: 'error', id: before, code: 'unavailable', message: '', retryAfter: 1_000 });
  mock.timers.tick(999);
  assert.equal(socket().last('subscribe').id, before);
  mock.timers.tick(1);
  assert.notEqual(socket().last('subscribe').id, before);
});

test('close codes: the delay told by 1012 is kept, the others are jittered or final', () => {
  const half = () => 0.5;
  assert.deepEqual(afterClose(1012, '2500', 0, half), { action: 'reconnect', delay: 2700 });
  assert.equal(afterClose(1006, '', 20, half).delay, 10_000);
  assert.equal(afterClose(1006, '', 20, () => 0).delay, 0);
  assert.ok(afterClose(4429, '', 0, () => 0).delay >= 5_000);
  assert.equal(afterClose(4503, '', 0).action, 'stop');
});

test('the clock believes the exchange with the shortest round trip', () => {
  const clock = new ServerClock(() => 0);
  clock.sample(0, 400, 5_350);
  clock.sample(0, 20, 5_010);
  assert.deepEqual([clock.offset, clock.uncertainty], [5_000, 10]);
});

test('a cursor without a position starts at the head it is told', () => {
  const cursor = new Cursor();
  assert.deepEqual(cursor.request(), {});
  assert.equal(cursor.subscribed({ seq: 7, epoch: 'e', recovered: true }), 'continue');
  assert.deepEqual([cursor.event(7), cursor.event(8)], ['duplicate', 'deliver']);
});
