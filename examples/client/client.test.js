/** `node --test examples/client`: the client against a scripted socket, with clock and chance in hand. */
import { mock, test } from 'node:test';
import assert from 'node:assert/strict';
import { Cursor, ServerClock, afterClose } from './adelante-client.js';
import { Socket, everyTest, flush, live, make, world } from './scripted-socket.js';

everyTest();


test('the token travels as a subprotocol, never in the address', async () => {
  const { client, socket } = await live();
  assert.deepEqual(socket().protocols, ['adelante.v1', `bearer.${world.token}`]);
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
  assert.deepEqual([states, Socket.all.length, world.refreshed], [['pending', 'confirmed', 'confirmed'], 3, 0]);
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
  assert.deepEqual(afterClose(1012, '2500', 0, half), { action: 'reconnect', delay: 2750, told: true });
  assert.equal(afterClose(1012, 'soon', 0, half).delay, 250);
  assert.equal(afterClose(1006, '', 20, half).delay, 15_000);
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
