/** What the server says unasked, says too often, refuses, or says in no known way. */
import { mock, test } from 'node:test';
import assert from 'node:assert/strict';
import { Outbox } from './outbox.js';
import { Socket, everyTest, flush, live, make, pass } from './scripted-socket.js';

everyTest();

test('a topic that the role may no longer read is denied unasked, and its late events are nobody\'s', async () => {
  const { client, seen, socket } = await live();
  const denied = [];
  client.on('denied', (d) => denied.push(d));
  socket().say({ type: 'unsubscribed', topic: 'appointments', code: 'forbidden' });
  socket().event(5);
  assert.deepEqual([denied, seen, client.position('appointments')], [[{ topic: 'appointments', code: 'forbidden' }], [], null]);
  socket().end(1006);
  await pass(1);
  socket().open();
  assert.equal(socket().last('subscribe'), undefined);
  assert.equal(client.state, 'live');
});

test('events that were under way at an unsubscribe are not delivered', async () => {
  const { client, seen, socket } = await live();
  client.unsubscribe('appointments');
  socket().event(5);
  assert.deepEqual([seen, socket().last('unsubscribe').topic], [[], 'appointments']);
});

test('a command of the page has its own id, and what comes of it without a number is delivered', async () => {
  const { client, socket } = make();
  const heard = [];
  client.on('presence:joined', (e) => heard.push(e.data.name));
  client.on('error', (e) => heard.push(e.id));
  assert.equal(client.command({ type: 'presence:enter', room: 'day' }), null);
  client.connect();
  await flush();
  assert.equal(client.command({ type: 'presence:enter', room: 'day' }), null);
  socket().open();
  const id = client.command({ type: 'presence:enter', room: 'day' });
  assert.deepEqual(socket().last('presence:enter'), { type: 'presence:enter', room: 'day', id });
  socket().say({ type: 'presence:joined', topic: 'presence:day', data: { name: 'Оксана' } });
  socket().refuse('presence:enter', 'forbidden');
  assert.deepEqual([heard, client.state], [['Оксана', id], 'live']);
});

test('subscribing twice without a position asks once, and loses nothing', async () => {
  const { client, seen, socket } = make();
  client.connect();
  await flush();
  socket().open();
  client.subscribe('appointments');
  client.subscribe('appointments');
  assert.equal(socket().all('subscribe').length, 1);
  socket().acknowledge(7);
  client.subscribe('appointments');
  socket().event(8);
  assert.deepEqual([seen, socket().all('subscribe').length], [[8], 1]);
});

test('subscribe, unsubscribe and subscribe in one breath stand where the last one says', async () => {
  const { client, seen, socket } = make();
  client.connect();
  await flush();
  socket().open();
  client.subscribe('appointments', { seq: 4, epoch: 'e' });
  const { id } = socket().last('subscribe');
  client.unsubscribe('appointments');
  client.subscribe('appointments', { seq: 4, epoch: 'e' });
  socket().say({ type: 'subscribed', id, topic: 'appointments', seq: 5, epoch: 'e', recovered: true });
  socket().event(5);
  socket().say({ type: 'unsubscribed', id: id + 1, topic: 'appointments' });
  assert.deepEqual(seen, []);
  socket().acknowledge(5);
  socket().event(5);
  assert.deepEqual([seen, client.counters.gapsFound], [[5], 0]);
});

test('heads that are behind what was delivered are no gap', async () => {
  const { client, socket } = await live();
  socket().event(5);
  socket().pong({ appointments: 4 });
  assert.deepEqual([client.counters.gapsFound, socket().all('subscribe').length], [0, 1]);
});

test('a long repair that gets on is waited for', async () => {
  const { client, seen, socket } = await live();
  socket().event(14);
  socket().acknowledge(14);
  for (let seq = 5; seq <= 14; seq += 1) {
    mock.timers.tick(4_000);
    socket().pong();
    socket().event(seq);
  }
  assert.deepEqual([seen.at(-1), client.counters.gapsHealed, Socket.all.length], [14, 1, 1]);
});

test('a new snapshot during a repair takes its place', async () => {
  const { client, socket } = await live();
  socket().event(9);
  client.subscribe('appointments', { seq: 12, epoch: 'e' });
  socket().acknowledge(12);
  await pass(20, socket);
  assert.deepEqual([Socket.all.length, client.state], [1, 'live']);
});

test('a ping that is refused for the moment is sent again after the time that the server says, and costs nothing', async () => {
  const { client, socket } = await live();
  socket().pong();
  await pass(1, socket);
  await pass(20);
  const pings = socket().all('ping').length;
  socket().refuse('ping', 'rate_limited', { retryAfter: 12_000 });
  await pass(11);
  mock.timers.tick(999);
  assert.deepEqual([socket().all('ping').length, client.state], [pings, 'live']);
  mock.timers.tick(1);
  assert.equal(socket().all('ping').length, pings + 1);
  socket().pong();
  await pass(30, socket);
  assert.deepEqual([Socket.all.length, client.state], [1, 'live']);
});

test('what is not JSON, not an object, or of an unknown type hurts nothing', async () => {
  const { seen, socket } = await live();
  for (const data of ['', '{', 'null', '7', '[]', '{"type":null}', '{"type":7}']) socket().onmessage({ data });
  socket().say({ type: 'weather:changed', topic: 'weather', seq: 1, data: {} });
  socket().event(5);
  assert.deepEqual(seen, [5]);
});

test('a topic is denied for every refusal that is not for the moment', async () => {
  const { client, socket } = make();
  const denied = [];
  client.on('denied', (d) => denied.push(d.code));
  client.connect();
  await flush();
  socket().open();
  for (const code of ['forbidden', 'unknown_topic', 'too_many_topics', 'unauthorized', 'bad_request']) {
    client.subscribe(`topic of ${code}`);
    socket().refuse('subscribe', code);
  }
  assert.deepEqual(denied, ['forbidden', 'unknown_topic', 'too_many_topics', 'unauthorized', 'bad_request']);
  assert.equal(client.state, 'live');
});

test('many topics come back at a pace that the server takes', async () => {
  const { client, socket } = make();
  for (let n = 0; n < 100; n += 1) client.subscribe(`presence:${n}`);
  client.connect();
  await flush();
  socket().open();
  const sentAt = [];
  for (let ms = 0; ms < 10_000; ms += 100) {
    while (sentAt.length < socket().sent.length) sentAt.push(ms);
    if (ms % 1_000 === 0) socket().pong();
    mock.timers.tick(100);
  }
  assert.equal(socket().all('subscribe').length, 100);
  assert.deepEqual(socket().all('subscribe').map((f) => f.topic), Array.from({ length: 100 }, (_, n) => `presence:${n}`));
  // 40 at once, 20 a second: what a bucket of this size would have left.
  let left = 40;
  for (let i = 0; i < sentAt.length; i += 1) {
    left = Math.min(40, left + (i ? (sentAt[i] - sentAt[i - 1]) * 0.02 : 0)) - 1;
    assert.ok(left >= 0, `command ${i} at ${sentAt[i]} ms is one too many`);
  }
});

test('the outbox keeps order', () => {
  const outbox = new Outbox({ atOnce: 2, perSecond: 2 });
  for (let n = 1; n <= 5; n += 1) outbox.push(n);
  assert.deepEqual(outbox.take(0), { frames: [1, 2], wait: 1_000 });
  assert.deepEqual(outbox.take(999), { frames: [], wait: 1 });
  assert.deepEqual(outbox.take(1_000), { frames: [3, 4], wait: 1_000 });
  assert.deepEqual(outbox.take(2_000), { frames: [5], wait: null });
});
